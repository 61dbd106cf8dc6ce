package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Backup implements store.Store. If we crash before its end, a file with
// ".tmp-" in its name is left and no copy.
func (s *Store) Backup(ctx context.Context, path string) (info store.BackupInfo, err error) {
	if there, err := exists(path); err != nil || there {
		return info, orExists(path, err)
	}
	size := int64(0)
	if err := s.view(ctx, func(tx *bbolt.Tx) error { size = tx.Size(); return nil }); err != nil {
		return info, err
	}
	if err := s.room(path, size); err != nil {
		return info, err
	}
	tmp, err := temporary(path)
	if err != nil {
		return info, ErrUnusable.at(path, err)
	}
	defer func() { _ = os.Remove(tmp) }()
	// One transaction, and to a local file: a second for a gigabyte. Over a
	// slow line it would hold the writer up and make the file grow.
	err = s.view(ctx, func(tx *bbolt.Tx) error { return tx.CopyFile(tmp, 0o600) })
	if err == nil {
		err = syncFile(tmp)
	}
	if err != nil {
		return info, backupFailure(path, err)
	}
	if info, err = s.check.whole(ctx, tmp); err != nil {
		return info, err
	}
	if err := publish(tmp, path); err != nil {
		if there, _ := exists(path); there {
			return info, ErrExists.at(path, err)
		}
		return info, ErrUnusable.at(path, err)
	}
	return info, nil
}

func orExists(path string, err error) error {
	if err != nil {
		return ErrUnusable.at(path, err)
	}
	return ErrExists.at(path, nil)
}

// backupFailure leaves what the store says of itself as it is.
func backupFailure(path string, err error) error {
	if refused(err, surveysync.Unavailable) || errors.Is(err, context.Canceled) {
		return err
	}
	return ErrUnusable.at(path, err)
}

// whole wants a copy without a fault.
func (check Checker) whole(ctx context.Context, path string) (store.BackupInfo, error) {
	faults, info, err := check(ctx, path)
	if err == nil && len(faults) > 0 {
		err = ErrDamaged.at(path, errors.New(strings.Join(faults, "\n")))
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
	if there, err := exists(path); err != nil || there {
		return r, ErrNotEmpty.at(path, err)
	}
	if err := opt.local(path); err != nil {
		return r, err
	}
	if of, err := os.Stat(from); err == nil { // and the beginning of a new log
		if err := opt.room(path, of.Size()+1<<20); err != nil {
			return r, err
		}
	}
	tmp, err := temporary(path)
	if err != nil {
		return r, ErrUnusable.at(path, err)
	}
	defer func() { _ = os.Remove(tmp) }()
	if err := copyFile(from, tmp); err != nil {
		return r, ErrUnusable.at(from, err)
	}
	if r.BackupInfo, err = opt.Check.whole(ctx, tmp); err != nil {
		return r, err
	}
	var seed []byte
	if opt.NewKey {
		seed, err = newSeed(opt)
	} else {
		seed, err = readSeed(opt.KeyFile)
	}
	if err != nil {
		return r, err
	}
	if err := r.reborn(tmp, seed, opt); err != nil {
		return r, err
	}
	if err := publish(tmp, path); err != nil {
		return r, ErrUnusable.at(path, err)
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
func (r *Restored) reborn(path string, seed []byte, opt Options) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true})
	if err != nil {
		return openFailure(path, err)
	}
	s := &Store{path: path, now: opt.Now}
	err = db.Update(func(tx *bbolt.Tx) error {
		version, err := s.version(tx)
		if err == nil {
			err = upgradeFrom(tx, version)
		}
		if err == nil {
			err = s.readIdentity(tx)
		}
		if err != nil {
			return err
		}
		was := s.identity
		if err := s.rename(seed, opt); err != nil {
			return err
		}
		r.OldEpoch, r.NewEpoch = was.Epoch, s.identity.Epoch
		_, keyErr := surveysync.FollowKeys([]string{was.LogKey}, s.identity.LogKey, nil)
		r.OtherKey = keyErr != nil
		return s.beginLog(tx, was)
	})
	if err = errors.Join(err, db.Close()); err != nil {
		return ErrUnusable.at(path, err)
	}
	return syncFile(path)
}

// rename gives the store a new epoch, signed for by the key of this seed.
func (s *Store) rename(seed []byte, opt Options) error {
	epoch := s.identity.Epoch
	for slices.ContainsFunc(s.identity.Logs, func(l store.Log) bool { return l.Epoch == epoch }) {
		var err error
		if epoch, err = newEpoch(opt.Rand); err != nil {
			return err
		}
	}
	s.origin = surveysync.Origin(epoch)
	signer, verifierKey, err := surveysync.LogSigner(seed, s.origin)
	if err != nil {
		return err
	}
	s.signer = signer
	s.identity.Epoch, s.identity.LogKey = epoch, verifierKey
	s.identity.CreatedAt = opt.Now().UTC().Truncate(time.Millisecond)
	s.identity.Logs = append(s.identity.Logs, store.Log{Epoch: epoch, Keys: []string{verifierKey}})
	return nil
}

// beginLog moves the old log aside and begins the new one with the leaf that
// names it.
func (s *Store) beginLog(tx *bbolt.Tx, was store.Meta) error {
	old := present(tx)
	note := "" // an empty log has no head to name
	if old.head != "" {
		head, err := surveysync.OpenCheckpoint(old.head, was.Logs[len(was.Logs)-1].Keys...)
		if err != nil {
			return fmt.Errorf("the copy's head: %w", err)
		}
		note = surveysync.RestoreNote(head)
	} else {
		note = surveysync.RestoreNote(surveysync.Checkpoint{Origin: surveysync.Origin(was.Epoch)})
	}
	past, err := tx.Bucket(bucketPast).CreateBucket([]byte(was.Epoch))
	if err != nil {
		return err
	}
	raw, err := json.Marshal(s.identity)
	if err != nil {
		return err
	}
	err = errors.Join(past.Put(keyCheckpoint, []byte(old.head)), tx.Bucket(bucketMeta).Put(keyIdentity, raw))
	for _, name := range [][]byte{bucketLeaves, bucketHashes} {
		if err == nil {
			err = tx.MoveBucket(name, nil, past)
		}
		if err == nil {
			_, err = tx.CreateBucket(name)
		}
	}
	if err != nil {
		return err
	}
	w := &write{Store: s, tx: tx}
	if _, err := w.append(surveysync.Entry{At: s.now(), Actor: surveysync.ActorOffice, Action: surveysync.ActionRestore,
		Outcome: surveysync.OutcomeOK, Note: note}); err != nil {
		return err
	}
	return w.signHead()
}
