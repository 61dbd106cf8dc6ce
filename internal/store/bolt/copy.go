package bolt

import (
	"context"
	"errors"
	"os"
	"strconv"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/files"
)

// Read runs fn on the store in a file, without changing it and without its key.
// Its errors are those of [Open] and of fn.
func Read(ctx context.Context, path string, fn func(engine.Tx) error) (err error) {
	if err := whole(path); err != nil {
		return ErrNotStore.At(path, err)
	}
	db, err := openSafely(path, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout})
	if err != nil {
		return openFailure(path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	return db.View(func(tx *bbolt.Tx) error {
		if err := known(tx, path); err != nil {
			return err
		}
		return fn(view{tx})
	})
}

// Write makes the store at path from another one, see [engine.Copy]. The file
// gets its name only when it is whole, flushed and checked.
func Write(ctx context.Context, from engine.Tx, path string, check Checker) (info store.BackupInfo, err error) {
	if there, err := files.Exists(path); err != nil || there {
		return info, orExists(path, err)
	}
	tmp, err := files.Temporary(path)
	if err != nil {
		return info, ErrUnusable.At(path, err)
	}
	defer func() { _ = os.Remove(tmp) }()
	if err := fill(ctx, from, tmp); err != nil {
		return info, backupFailure(path, err)
	}
	if check == nil {
		check = CheckFile
	}
	if info, err = check.whole(ctx, tmp); err != nil {
		return info, err
	}
	if err := files.Publish(tmp, path); err != nil {
		return info, ErrUnusable.At(path, err)
	}
	return info, nil
}

func fill(ctx context.Context, from engine.Tx, path string) (err error) {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true, NoSync: true})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close(), files.Sync(path)) }()
	if err := db.Update(func(tx *bbolt.Tx) error { return makeBuckets(tx) }); err != nil {
		return err
	}
	_, err = engine.Copy(ctx, from, func(_ context.Context, fn func(engine.WriteTx) error) error {
		return db.Update(func(tx *bbolt.Tx) error { return fn(&change{view: view{tx}}) })
	})
	return err
}

// makeBuckets makes the tables of an empty store, without an identity.
func makeBuckets(tx *bbolt.Tx) error {
	for _, name := range allBuckets {
		if _, err := tx.CreateBucket(name); err != nil {
			return err
		}
	}
	return tx.Bucket(engine.BucketMeta).Put(engine.KeySchema, []byte(strconv.Itoa(schema)))
}
