package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"rileva/internal/store/engine"
	"rileva/internal/store/files"
	"slices"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
)

// schema is the version of the layout in doc.go. An earlier one is brought up
// to it when the store is opened, step by step, in one transaction; a later one
// is refused.
const schema = 2

// The buckets of each schema: those of the engine, and past_logs: epoch →
// {log_leaves, log_hashes, checkpoint} of a log that a restore has ended.
var (
	bucketPast = []byte("past_logs")

	bucketsSince2 = [][]byte{engine.BucketMessages, engine.BucketNotes, engine.BucketHeartbeats, engine.BucketReminders, engine.BucketBeside, bucketPast}
	bucketsSince1 = slices.DeleteFunc(slices.Clone(engine.Buckets), func(name []byte) bool {
		return slices.ContainsFunc(bucketsSince2, func(later []byte) bool { return bytes.Equal(name, later) })
	})
	allBuckets = slices.Concat(bucketsSince1, bucketsSince2)
)

// upgrades say what each version needs to become the next.
var upgrades = map[int]func(*bbolt.Tx) error{
	1: func(tx *bbolt.Tx) error { // what the office keeps beside the returns
		for _, name := range bucketsSince2 {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	},
}

// version reads a store's schema and tells whether the buckets of that are
// there. Its errors are an *OpenError.
func version(tx *bbolt.Tx, path string) (int, error) {
	meta := tx.Bucket(engine.BucketMeta)
	if meta == nil {
		return 0, ErrNotStore.At(path, nil)
	}
	n, err := strconv.Atoi(string(meta.Get(engine.KeySchema)))
	switch {
	case err != nil || n < 1:
		return 0, ErrNotStore.At(path, err)
	case n > schema: // before the buckets: a newer store may have others
		return 0, ErrNewer.At(path, nil)
	}
	need := bucketsSince1
	if n >= 2 {
		need = allBuckets
	}
	for _, name := range need {
		if tx.Bucket(name) == nil {
			return 0, ErrNotStore.At(path, fmt.Errorf("no bucket %s", name))
		}
	}
	return n, nil
}

// upgrade brings an earlier store up to this program's schema. Before that a
// copy of it is kept beside, which the earlier program can open; its name is
// given, "" when there was nothing to change.
func upgrade(db *bbolt.DB, path string, now time.Time) (kept string, err error) {
	was := 0
	err = db.View(func(tx *bbolt.Tx) (err error) {
		was, err = version(tx, path)
		return err
	})
	if err != nil || was == schema {
		return "", err
	}
	kept = fmt.Sprintf("%s.schema-%d-%s", path, was, now.UTC().Format("20060102T150405.000Z"))
	if err := keep(db, path, kept); err != nil {
		return "", ErrUnusable.At(kept, err)
	}
	// If we crash here the store is as it was, and the next start keeps another copy.
	if err := db.Update(func(tx *bbolt.Tx) error { return upgradeFrom(tx, was) }); err != nil {
		return "", ErrUnusable.At(path, err)
	}
	return kept, nil
}

func upgradeFrom(tx *bbolt.Tx, version int) error {
	for ; version < schema; version++ {
		if err := upgrades[version](tx); err != nil {
			return err
		}
	}
	return tx.Bucket(engine.BucketMeta).Put(engine.KeySchema, []byte(strconv.Itoa(schema)))
}

// keep copies the store as it is; the copy gets its name only when it is whole
// and on the disk.
func keep(db *bbolt.DB, path, name string) error {
	tmp, err := files.Temporary(path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp) }()
	err = db.View(func(tx *bbolt.Tx) error { return tx.CopyFile(tmp, 0o600) })
	if err = errors.Join(err, files.Sync(tmp)); err != nil {
		return err
	}
	return errors.Join(files.Publish(tmp, name), files.SyncDir(filepath.Dir(name)))
}

// Kept is the copy that Open made of an earlier store before it changed it; ""
// when there was nothing to change.
func (s *Store) Kept() string { return s.earlier }
