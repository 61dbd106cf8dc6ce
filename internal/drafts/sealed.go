package drafts

import (
	"crypto/cipher"
	"crypto/rand"
	"errors"

	bolt "go.etcd.io/bbolt"
)

// What lies behind a passphrase: every value of every bucket but the first
// page's own (meta) is sealed by itself, so that saving an answer stays one
// small transaction that is on the disk when it returns, and a kill loses what
// it lost before: nothing. A value is bound to its place; keys stay in the
// clear, so that who finds the computer learns which questions have an answer
// and not which one. See lock.go for the key.

// txn is a transaction that seals what it writes and opens what it reads.
type txn struct {
	raw   *bolt.Tx
	aead  cipher.AEAD // nil: the drafts are not locked
	fault error       // the first value that could not be opened
}

func (s *Store) sealed(tx *bolt.Tx) *txn { return &txn{raw: tx, aead: s.aead} }

// do runs f. A value that cannot be opened is damaged, whatever f made of it.
func (t *txn) do(f func(*txn) error) error {
	err := f(t)
	if t.fault != nil {
		return t.fault
	}
	return err
}

// Bucket finds one of the first level, or nil.
func (t *txn) Bucket(name []byte) *bucket {
	return t.wrap(t.raw.Bucket(name), string(name))
}

func (t *txn) wrap(raw *bolt.Bucket, path string) *bucket {
	if raw == nil {
		return nil
	}
	return &bucket{raw: raw, txn: t, path: path}
}

// bucket is bbolt's with sealed values.
type bucket struct {
	raw  *bolt.Bucket
	txn  *txn
	path string
}

func (b *bucket) clear() bool { return b.txn.aead == nil || b.path == string(bMeta) }

// place is what a value is bound to.
func (b *bucket) place(key []byte) []byte { return append([]byte(b.path+"\x00\x00"), key...) }

func (b *bucket) open(key, sealed []byte) []byte {
	if sealed == nil || b.clear() {
		return sealed
	}
	n := b.txn.aead.NonceSize()
	if len(sealed) >= n {
		if v, err := b.txn.aead.Open(make([]byte, 0, len(sealed)), sealed[:n], sealed[n:], b.place(key)); err == nil {
			return v
		}
	}
	if b.txn.fault == nil {
		b.txn.fault = fail(CodeDamaged, errors.New("a sealed value does not open"))
	}
	return nil
}

// Get gives a value, nil for none.
func (b *bucket) Get(key []byte) []byte { return b.open(key, b.raw.Get(key)) }

// Put writes a value.
func (b *bucket) Put(key, value []byte) error {
	if b.clear() {
		return b.raw.Put(key, value)
	}
	nonce := make([]byte, b.txn.aead.NonceSize(), b.txn.aead.NonceSize()+len(value)+b.txn.aead.Overhead())
	_, _ = rand.Read(nonce) // never fails; 24 random bytes do not meet again
	return b.raw.Put(key, b.txn.aead.Seal(nonce, nonce, value, b.place(key)))
}

// Delete removes a value; none is no error.
func (b *bucket) Delete(key []byte) error { return b.raw.Delete(key) }

// ForEach gives every key with its value; a bucket has the value nil.
func (b *bucket) ForEach(f func(key, value []byte) error) error {
	return b.raw.ForEach(func(k, v []byte) error {
		value := b.open(k, v)
		if b.txn.fault != nil {
			return b.txn.fault
		}
		return f(k, value)
	})
}

// ForEachBucket gives the names of the buckets inside.
func (b *bucket) ForEachBucket(f func(name []byte) error) error { return b.raw.ForEachBucket(f) }

func (b *bucket) below(name []byte) string { return b.path + "\x00" + string(name) }

// Bucket finds one inside, or nil.
func (b *bucket) Bucket(name []byte) *bucket {
	return b.txn.wrap(b.raw.Bucket(name), b.below(name))
}

// CreateBucket makes one inside.
func (b *bucket) CreateBucket(name []byte) (*bucket, error) {
	raw, err := b.raw.CreateBucket(name)
	return b.txn.wrap(raw, b.below(name)), err
}

// CreateBucketIfNotExists finds or makes one inside.
func (b *bucket) CreateBucketIfNotExists(name []byte) (*bucket, error) {
	raw, err := b.raw.CreateBucketIfNotExists(name)
	return b.txn.wrap(raw, b.below(name)), err
}

// DeleteBucket removes one with all that is in it.
func (b *bucket) DeleteBucket(name []byte) error { return b.raw.DeleteBucket(name) }

// NextSequence counts.
func (b *bucket) NextSequence() (uint64, error) { return b.raw.NextSequence() }

// Stats tells how much is inside.
func (b *bucket) Stats() bolt.BucketStats { return b.raw.Stats() }

// Cursor walks over the keys; its values are as they lie on the disk.
func (b *bucket) Cursor() *bolt.Cursor { return b.raw.Cursor() }
