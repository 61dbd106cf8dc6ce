package drafts

import (
	"bytes"
	"fmt"
	"strings"
)

// Owner says whose the data are. It is the institution's immutable id and not
// its code, which may change with the register.
type Owner struct {
	Institution string
	Survey      string
}

// The buckets of one owner.
var (
	bDrafts   = []byte("drafts")
	bBases    = []byte("bases")
	bTheirs   = []byte("theirs")
	bOutbox   = []byte("outbox")
	bFrozen   = []byte("frozen")
	bReceipts = []byte("receipts")
	bArchive  = []byte("archive")

	ownerBuckets = [][]byte{bDrafts, bBases, bTheirs, bOutbox, bFrozen, bReceipts, bArchive}
)

// read gives f the owner's bucket; when there is none yet, f is not called.
func (s *Store) read(o Owner, f func(*bucket) error) error {
	key, err := o.key()
	if err != nil {
		return err
	}
	return s.view(func(tx *txn) error {
		if b := tx.Bucket(bOwners).Bucket(key); b != nil {
			return f(b)
		}
		return nil
	})
}

// change gives f the owner's bucket, made when there is none.
func (s *Store) change(o Owner, f func(*bucket) error) error {
	key, err := o.key()
	if err != nil {
		return err
	}
	return s.update(func(tx *txn) error {
		b, err := tx.Bucket(bOwners).CreateBucketIfNotExists(key)
		if err != nil {
			return err
		}
		for _, name := range ownerBuckets {
			if _, err := b.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return f(b)
	})
}

func (o Owner) key() ([]byte, error) {
	if o.Institution == "" || o.Survey == "" || strings.ContainsRune(o.Institution+o.Survey, 0) || len(o.Institution+o.Survey) > 1000 {
		return nil, fail(CodeOwner, fmt.Errorf("institution %.40q, survey %.40q", o.Institution, o.Survey))
	}
	return []byte(o.Institution + "\x00" + o.Survey), nil
}

// Owners lists whose data stand on this device.
func (s *Store) Owners() ([]Owner, error) {
	var out []Owner
	err := s.view(func(tx *txn) error {
		return eachOwner(tx, func(o Owner, _ *bucket) error {
			out = append(out, o)
			return nil
		})
	})
	return out, err
}

// eachOwner lists first and calls then, so that f may write.
func eachOwner(tx *txn, f func(Owner, *bucket) error) error {
	owners := tx.Bucket(bOwners)
	var keys [][]byte
	err := owners.ForEachBucket(func(k []byte) error {
		keys = append(keys, bytes.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		institution, id, _ := strings.Cut(string(k), "\x00")
		if err := f(Owner{Institution: institution, Survey: id}, owners.Bucket(k)); err != nil {
			return err
		}
	}
	return nil
}
