package bolt

import (
	"context"
	"errors"
	"fmt"
	"os"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/files"
)

// Check implements store.Store. It reads a copy, made beside the store in one
// short transaction: reading everything takes seconds, and a transaction that
// is held so long can stop the writer.
func (s *Store) Check(ctx context.Context) (faults []string, err error) {
	name, err := files.Temporary(s.path)
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	defer func() { _ = os.Remove(name) }() // what stays is removed by the next Open
	err = s.read(ctx, func(tx *bbolt.Tx) error { return tx.CopyFile(name, 0o600) })
	if err != nil {
		return nil, fmt.Errorf("check: %w", err)
	}
	faults, _, err = s.check(ctx, name)
	return faults, err
}

// Checker reads the store in a file and lists what breaks an invariant.
type Checker func(ctx context.Context, path string) (faults []string, info store.BackupInfo, err error)

// CheckFile reads the whole store in a file, without changing it, and lists
// what breaks an invariant. It needs no key. Its errors are those of [Open]; a
// damaged file can also hang or end the process, so that it belongs into one
// of its own with a time limit.
func CheckFile(ctx context.Context, path string) (faults []string, info store.BackupInfo, err error) {
	if err := whole(path); err != nil {
		return nil, info, ErrNotStore.At(path, err)
	}
	db, err := openSafely(path, &bbolt.Options{ReadOnly: true, Timeout: lockTimeout, PreLoadFreelist: true})
	if err != nil {
		return nil, info, openFailure(path, err)
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	err = db.View(func(tx *bbolt.Tx) (err error) {
		if err := known(tx, path); err != nil {
			return err
		}
		faults, info, err = engine.CheckTx(ctx, view{tx}, pages(tx))
		info.Bytes = tx.Size()
		return err
	})
	return faults, info, err
}

// pages tells whether the file itself is damaged.
func pages(tx *bbolt.Tx) (faults []string) {
	for err := range tx.Check() { // to its end, or its goroutine would hang
		if faults == nil {
			faults = append(faults, fmt.Sprintf("Il file dell'archivio è danneggiato nelle sue pagine (%v).", err))
		}
	}
	return faults
}
