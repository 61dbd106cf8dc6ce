package bolt

import (
	"context"
	"errors"
	"io"
	"os"
	"strings"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/files"
	surveysync "rileva/pkg/sync"
)

// Backup implements store.Store. If we crash before its end, a file with
// ".tmp-" in its name is left and no copy.
func (s *Store) Backup(ctx context.Context, path string) (info store.BackupInfo, err error) {
	if there, err := files.Exists(path); err != nil || there {
		return info, orExists(path, err)
	}
	size := int64(0)
	if err := s.read(ctx, func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		return info, err
	}
	if err := s.room(path, size); err != nil {
		return info, err
	}
	tmp, err := files.Temporary(path)
	if err != nil {
		return info, ErrUnusable.At(path, err)
	}
	defer func() { _ = os.Remove(tmp) }()
	// One transaction, and to a local file: a second for a gigabyte. Over a
	// slow line it would hold the writer up and make the file grow.
	err = s.read(ctx, func(tx *bbolt.Tx) error { return tx.CopyFile(tmp, 0o600) })
	if err == nil {
		err = files.Sync(tmp)
	}
	if err != nil {
		return info, backupFailure(path, err)
	}
	if info, err = s.check.whole(ctx, tmp); err != nil {
		return info, err
	}
	if err := files.Publish(tmp, path); err != nil {
		if there, _ := files.Exists(path); there {
			return info, ErrExists.At(path, err)
		}
		return info, ErrUnusable.At(path, err)
	}
	return info, nil
}

func orExists(path string, err error) error {
	if err != nil {
		return ErrUnusable.At(path, err)
	}
	return ErrExists.At(path, nil)
}

// backupFailure leaves what the store says of itself as it is.
func backupFailure(path string, err error) error {
	if store.CodeOf(err) == surveysync.Unavailable || errors.Is(err, context.Canceled) {
		return err
	}
	return ErrUnusable.At(path, err)
}

// whole wants a copy without a fault.
func (check Checker) whole(ctx context.Context, path string) (store.BackupInfo, error) {
	faults, info, err := check(ctx, path)
	if err == nil && len(faults) > 0 {
		err = ErrDamaged.At(path, errors.New(strings.Join(faults, "\n")))
	}
	return info, err
}

// Restored is what a restore has made.
type Restored struct {
	store.BackupInfo
	OldEpoch string `json:"old_epoch"`
	NewEpoch string `json:"new_epoch"`
	// OtherKey: the log is signed by another key than that of the copy, so
	// that devices which have not met it raise an alarm.
	OtherKey bool `json:"other_key"`
}

// Restore makes the store at path from a copy. The store gets a new epoch and
// a new log, whose first leaf names the old one and its last head; the old log
// stays readable. The file gets its name only when it is whole, so that a
// crash leaves nothing but a temporary file. Its errors are *OpenError.
func Restore(ctx context.Context, from, path string, opt Options) (r Restored, err error) {
	opt = opt.filled(path)
	if there, err := files.Exists(path); err != nil || there {
		return r, ErrNotEmpty.At(path, err)
	}
	if err := opt.local(path); err != nil {
		return r, err
	}
	if of, err := os.Stat(from); err == nil { // and the beginning of a new log
		if err := opt.room(path, of.Size()+1<<20); err != nil {
			return r, err
		}
	}
	tmp, err := files.Temporary(path)
	if err != nil {
		return r, ErrUnusable.At(path, err)
	}
	defer func() { _ = os.Remove(tmp) }()
	if err := copyFile(from, tmp); err != nil {
		return r, ErrUnusable.At(from, err)
	}
	if r.BackupInfo, err = opt.Check.whole(ctx, tmp); err != nil {
		return r, err
	}
	if err := r.reborn(tmp, opt); err != nil {
		return r, err
	}
	if err := files.Publish(tmp, path); err != nil {
		return r, ErrUnusable.At(path, err)
	}
	return r, nil
}

func copyFile(from, to string) error {
	in, err := os.Open(from)
	if err != nil {
		return err
	}
	defer func() { _ = in.Close() }()
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	return errors.Join(err, out.Sync(), out.Close())
}

// reborn gives the copy its new epoch and the beginning of its new log.
func (r *Restored) reborn(path string, opt Options) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true})
	if err != nil {
		return openFailure(path, err)
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		version, err := version(tx, path)
		if err == nil {
			err = upgradeFrom(tx, version)
		}
		if err != nil {
			return err
		}
		was, is, err := engine.Reborn(&change{view: view{tx}}, opt.config(), opt.NewKey)
		if err != nil {
			return err
		}
		r.OldEpoch, r.NewEpoch = was.Epoch, is.Epoch
		_, keyErr := surveysync.FollowKeys([]string{was.LogKey}, is.LogKey, nil)
		r.OtherKey = keyErr != nil
		return nil
	})
	err = errors.Join(err, db.Close())
	var known *OpenError
	switch {
	case errors.As(err, &known):
		return err
	case err != nil:
		return ErrUnusable.At(path, err)
	}
	return files.Sync(path)
}

// read runs fn on the file itself, as engine.Store.View does.
func (s *Store) read(ctx context.Context, fn func(*bbolt.Tx) error) error {
	return s.View(ctx, func(tx engine.Tx) error { return fn(tx.(view).Tx) })
}
