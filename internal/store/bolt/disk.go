package bolt

import (
	"bytes"
	"context"
	"errors"
	"sync"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

// disk is the file as the engine sees it.
type disk struct {
	db      *bbolt.DB
	mu      sync.Mutex
	settled sync.Cond // on mu: durable or failed has changed
	durable int       // under mu: the last transaction that is on the disk
	failed  bool      // under mu: nothing becomes durable any more
}

func newDisk(db *bbolt.DB) *disk {
	d := &disk{db: db}
	d.settled.L = &d.mu
	return d
}

// View waits for the disk. bbolt shows a commit to readers between writing its
// meta page and flushing it; without the wait, a power cut could take back what
// somebody was already told.
func (d *disk) View(ctx context.Context, fn func(engine.Tx) error) error {
	seen := 0
	err := d.glance(func(tx *bbolt.Tx) error {
		seen = tx.ID()
		return fn(view{tx})
	})
	d.mu.Lock()
	for d.durable < seen && !d.failed {
		d.settled.Wait()
	}
	d.mu.Unlock()
	return err
}

// Glance implements engine.Disk.
func (d *disk) Glance(_ context.Context, fn func(engine.Tx) error) error {
	return d.glance(func(tx *bbolt.Tx) error { return fn(view{tx}) })
}

func (d *disk) glance(fn func(*bbolt.Tx) error) error {
	err := d.db.View(fn)
	if errors.Is(err, berrors.ErrDatabaseNotOpen) {
		return store.Errorf(surveysync.Unavailable, "the store is closed")
	}
	return err
}

// Begin implements engine.Disk: bbolt has one writer.
func (d *disk) Begin(context.Context) (engine.WriteTx, error) {
	tx, err := d.db.Begin(true)
	if err != nil {
		d.fail()
		return nil, err
	}
	return &change{view{tx}, d}, nil
}

// Close waits for those who read.
func (d *disk) Close() error { return d.db.Close() }

func (d *disk) fail() {
	d.mu.Lock()
	d.failed = true
	d.mu.Unlock()
	d.settled.Broadcast()
}

// view is a transaction as the engine sees it.
type view struct{ *bbolt.Tx }

// Bucket implements engine.Tx.
func (v view) Bucket(name []byte) engine.Bucket {
	b := v.Tx.Bucket(name)
	if b == nil {
		return nil
	}
	if bytes.Equal(name, engine.BucketLeaves) || bytes.Equal(name, engine.BucketHashes) {
		b.FillPercent = 0.95 // they grow only at their end: full pages instead of half ones
	}
	return bucket{b}
}

// Past implements engine.Tx.
func (v view) Past(epoch string) (leaves, hashes engine.Bucket, head []byte) {
	if past := v.Tx.Bucket(bucketPast); past != nil {
		if one := past.Bucket([]byte(epoch)); one != nil && one.Bucket(engine.BucketLeaves) != nil && one.Bucket(engine.BucketHashes) != nil {
			return bucket{one.Bucket(engine.BucketLeaves)}, bucket{one.Bucket(engine.BucketHashes)}, one.Get(engine.KeyCheckpoint)
		}
	}
	return nil, nil, nil
}

// Fetch implements engine.Tx: what is read is in memory.
func (v view) Fetch(...engine.Wanted) {}

// change is a transaction that writes.
type change struct {
	view
	disk *disk
}

// Err implements engine.WriteTx: reading a mapped file gives no error.
func (c *change) Err() error { return nil }

// SetAside implements engine.WriteTx.
func (c *change) SetAside(epoch string, head []byte) error {
	tx := c.Tx
	past, err := tx.Bucket(bucketPast).CreateBucket([]byte(epoch))
	if err != nil {
		return err
	}
	err = past.Put(engine.KeyCheckpoint, head)
	for _, name := range [][]byte{engine.BucketLeaves, engine.BucketHashes} {
		if err == nil {
			err = tx.MoveBucket(name, nil, past)
		}
		if err == nil {
			_, err = tx.CreateBucket(name)
		}
	}
	return err
}

// Commit implements engine.WriteTx.
func (c *change) Commit() error {
	id := c.ID()
	if err := c.Tx.Commit(); err != nil {
		c.disk.fail()
		return err
	}
	c.disk.mu.Lock()
	c.disk.durable = id
	c.disk.mu.Unlock()
	c.disk.settled.Broadcast()
	return nil
}

// Rollback implements engine.WriteTx.
func (c *change) Rollback() error {
	err := c.Tx.Rollback()
	if err != nil {
		c.disk.fail()
	}
	return err
}

// bucket is a table as the engine sees it.
type bucket struct{ *bbolt.Bucket }

// First implements engine.Bucket.
func (b bucket) First(from []byte) (key, value []byte) { return b.Cursor().Seek(from) }

// Last implements engine.Bucket.
func (b bucket) Last() (key, value []byte) { return b.Cursor().Last() }

// Range implements engine.Bucket.
func (b bucket) Range(from, to []byte, fn func(key, value []byte) error) error {
	c := b.Cursor()
	for k, v := c.Seek(from); k != nil && (to == nil || bytes.Compare(k, to) < 0); k, v = c.Next() {
		if err := fn(k, v); err != nil {
			return err
		}
	}
	return nil
}
