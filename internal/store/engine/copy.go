package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"rileva/internal/store"
)

// KeyCopying marks a store that is being filled, in the table meta: the head of
// the log that it is a copy of.
var KeyCopying = []byte("copying")

// Copying tells whether a store is a copy that was not finished.
func Copying(tx Tx) bool { return tx.Bucket(BucketMeta).Get(KeyCopying) != nil }

// copyChunk is how many pairs one transaction of a copy writes.
const copyChunk = 2000

// Copy brings everything of a store to another, log and proofs included: the
// same keys, the same bytes. from is one moment of the source. into runs one
// transaction of the target; what was cut off goes on where it stood. Error
// conflict when the target holds something else.
func Copy(ctx context.Context, from Tx, into func(ctx context.Context, fn func(WriteTx) error) error) (store.BackupInfo, error) {
	var info store.BackupInfo
	identity, err := Identity(from)
	if err != nil {
		return info, err
	}
	mark := fmt.Appendf(nil, "%s\n%s", identity.Epoch, from.Bucket(BucketMeta).Get(KeyCheckpoint))
	c := copying{ctx, from, into}
	if err := into(ctx, func(to WriteTx) error { return beginCopy(to, mark) }); err != nil {
		return info, err
	}
	if err := c.logs(identity.Logs); err != nil {
		return info, fmt.Errorf("copy the log: %w", err)
	}
	for _, name := range Buckets {
		if !slices.ContainsFunc([][]byte{BucketMeta, BucketLeaves, BucketHashes}, func(n []byte) bool { return bytes.Equal(n, name) }) {
			if err := c.bucket(name, from.Bucket(name)); err != nil {
				return info, fmt.Errorf("copy %s: %w", name, err)
			}
		}
	}
	info = store.BackupInfo{Epoch: identity.Epoch, Leaves: logSize(from)}
	_ = scan(from, BucketSubmissions, nil, func(_, _ []byte) error { info.Submissions++; return nil }) // fn never fails
	return info, into(ctx, func(to WriteTx) error {
		meta := to.Bucket(BucketMeta)
		err := errors.Join(PutIdentity(to, identity), meta.Delete(KeyCopying))
		if head := from.Bucket(BucketMeta).Get(KeyCheckpoint); head != nil {
			err = errors.Join(err, meta.Put(KeyCheckpoint, bytes.Clone(head)))
		}
		return err
	})
}

// copying is one run of Copy.
type copying struct {
	ctx  context.Context
	from Tx
	into func(context.Context, func(WriteTx) error) error
}

// logs copies each log through the tables of the present one: those that a
// restore has ended are set aside there as they were here.
func (c copying) logs(logs []store.Log) error {
	for i, log := range logs {
		t, err := trailOf(c.from, logs, i)
		if err != nil {
			return err
		}
		ended, there := i < len(logs)-1, false
		if ended {
			err = c.into(c.ctx, func(to WriteTx) error {
				leaves, _, _ := to.Past(log.Epoch)
				there = leaves != nil
				return nil
			})
		}
		if err != nil || there {
			if err != nil {
				return err
			}
			continue
		}
		if err := errors.Join(c.bucket(BucketLeaves, t.leaves), c.bucket(BucketHashes, t.hashes)); err != nil {
			return err
		}
		if ended {
			if err := c.into(c.ctx, func(to WriteTx) error { return to.SetAside(log.Epoch, []byte(t.head)) }); err != nil {
				return err
			}
		}
	}
	return nil
}

// beginCopy marks the target, or finds the mark of this very copy.
func beginCopy(to WriteTx, mark []byte) error {
	meta := to.Bucket(BucketMeta)
	switch begun := meta.Get(KeyCopying); {
	case bytes.Equal(begun, mark):
		return nil
	case begun != nil:
		return store.Errorf(store.Conflict, "another copy has been begun there")
	case meta.Get(KeyCheckpoint) != nil:
		return store.Errorf(store.Conflict, "the target is not empty")
	}
	for _, name := range Buckets {
		if bytes.Equal(name, BucketMeta) {
			continue
		}
		if key, _ := to.Bucket(name).First(nil); key != nil {
			return store.Errorf(store.Conflict, "the target is not empty")
		}
	}
	if err := meta.Delete(KeyIdentity); err != nil {
		return err
	}
	return meta.Put(KeyCopying, mark)
}

// bucket copies a table. It goes on after the last key that the target has:
// keys are copied in their order.
func (c copying) bucket(name []byte, source Bucket) error {
	for more := source != nil; more; { // an earlier program may have had no such table
		err := c.into(c.ctx, func(to WriteTx) error {
			target := to.Bucket(name)
			var next []byte
			if last, _ := target.Last(); last != nil {
				next = append(bytes.Clone(last), 0)
			}
			n := 0
			err := source.Range(next, nil, func(k, v []byte) error {
				if n == copyChunk {
					return errEnough
				}
				n++
				return errors.Join(c.ctx.Err(), target.Put(bytes.Clone(k), bytes.Clone(v)))
			})
			if more = errors.Is(err, errEnough); more {
				err = nil
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var errEnough = errors.New("the chunk is full")
