package bolt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"go.etcd.io/bbolt"
)

// schema is the version of the layout in doc.go. An earlier one is brought up
// to it when the store is opened, step by step, in one transaction; a later one
// is refused.
const schema = 2

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
func (s *Store) version(tx *bbolt.Tx) (int, error) {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return 0, ErrNotStore.at(s.path, nil)
	}
	version, err := strconv.Atoi(string(meta.Get(keySchema)))
	switch {
	case err != nil || version < 1:
		return 0, ErrNotStore.at(s.path, err)
	case version > schema: // before the buckets: a newer store may have others
		return 0, ErrNewer.at(s.path, nil)
	}
	need := bucketsSince1
	if version >= 2 {
		need = allBuckets
	}
	for _, name := range need {
		if tx.Bucket(name) == nil {
			return 0, ErrNotStore.at(s.path, fmt.Errorf("no bucket %s", name))
		}
	}
	return version, nil
}

// upgrade brings an earlier store up to this program's schema. Before that a
// copy of it is kept beside, which the earlier program can open.
func (s *Store) upgrade() error {
	version := 0
	err := s.db.View(func(tx *bbolt.Tx) (err error) {
		version, err = s.version(tx)
		return err
	})
	if err != nil || version == schema {
		return err
	}
	kept := fmt.Sprintf("%s.schema-%d-%s", s.path, version, s.now().UTC().Format("20060102T150405.000Z"))
	if err := s.keep(kept); err != nil {
		return ErrUnusable.at(kept, err)
	}
	// If we crash here the store is as it was, and the next start keeps another copy.
	if err := s.db.Update(func(tx *bbolt.Tx) error { return upgradeFrom(tx, version) }); err != nil {
		return ErrUnusable.at(s.path, err)
	}
	s.earlier = kept
	return nil
}

func upgradeFrom(tx *bbolt.Tx, version int) error {
	for ; version < schema; version++ {
		if err := upgrades[version](tx); err != nil {
			return err
		}
	}
	return tx.Bucket(bucketMeta).Put(keySchema, []byte(strconv.Itoa(schema)))
}

// keep copies the store as it is; the copy gets its name only when it is whole
// and on the disk.
func (s *Store) keep(name string) error {
	tmp, err := temporary(s.path)
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(tmp) }()
	err = s.db.View(func(tx *bbolt.Tx) error { return tx.CopyFile(tmp, 0o600) })
	if err = errors.Join(err, syncFile(tmp)); err != nil {
		return err
	}
	return errors.Join(publish(tmp, name), syncDir(filepath.Dir(name)))
}

// Kept is the copy that Open made of an earlier store before it changed it; ""
// when there was nothing to change.
func (s *Store) Kept() string { return s.earlier }
