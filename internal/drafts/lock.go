package drafts

import (
	"bytes"
	"cmp"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"unicode/utf8"

	"filippo.io/age"
	bolt "go.etcd.io/bbolt"
	"golang.org/x/crypto/chacha20poly1305"
)

// MinPassphrase is the least length of a passphrase, in characters: a found
// computer can be tried without anybody slowing it down but scrypt.
const MinPassphrase = 12

// lockedSchema keeps programs that know nothing of locks from a locked file.
const lockedSchema = 2

// kLock holds the key of the values, encrypted to the passphrase in the format
// of age (scrypt recipient): any age program opens it.
var kLock = []byte("lock")

// lockWork makes a guess cost a second on the computers of today.
const lockWork = 18

func (o Options) work() int { return cmp.Or(o.LockWork, lockWork) }

// newLock makes a key and what is kept of it.
func newLock(passphrase string, work int) (cipher.AEAD, []byte, error) {
	key := make([]byte, chacha20poly1305.KeySize)
	_, _ = rand.Read(key) // never fails
	kept, err := encrypt(key, passphrase, work)
	if err != nil {
		return nil, nil, err
	}
	aead, err := chacha20poly1305.NewX(key)
	return aead, kept, err
}

// encrypt writes a file of age.
func encrypt(plain []byte, passphrase string, work int) ([]byte, error) {
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(work)
	var file bytes.Buffer
	w, err := age.Encrypt(&file, to)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(plain)
	if err = errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	return file.Bytes(), nil
}

// decrypt reads one. Errors wrong_passphrase and damaged.
func decrypt(file []byte, passphrase string) ([]byte, error) {
	with, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fail(CodePassphrase, err)
	}
	r, err := age.Decrypt(bytes.NewReader(file), with)
	var wrong *age.NoIdentityMatchError
	if errors.As(err, &wrong) {
		return nil, fail(CodePassphrase, err)
	}
	if err != nil {
		return nil, fail(CodeDamaged, err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		return nil, fail(CodeDamaged, err)
	}
	return plain, nil
}

// openLock gives the key of a locked file, nil for one that is not. Errors
// locked, wrong_passphrase and damaged.
func openLock(db *bolt.DB, passphrase string) (cipher.AEAD, error) {
	var kept []byte
	err := db.View(func(tx *bolt.Tx) error {
		kept = bytes.Clone(tx.Bucket(bMeta).Get(kLock))
		return nil
	})
	switch {
	case err != nil || kept == nil:
		return nil, err
	case passphrase == "":
		return nil, fail(CodeLocked, nil)
	}
	key, err := decrypt(kept, passphrase)
	if err != nil {
		return nil, err
	}
	aead, err := chacha20poly1305.NewX(key)
	if err != nil {
		return nil, fail(CodeDamaged, err)
	}
	return aead, nil
}

// Locked tells whether a passphrase guards the drafts.
func (s *Store) Locked() bool {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.aead != nil
}

// SetPassphrase locks the drafts with a new passphrase, or takes the lock away
// when it is "". Everything is written anew into another file, with a new key,
// which takes the place of the old one last: a crash leaves the one or the
// other, whole. The copies of the last days hold what was not locked, or locked
// otherwise, and go. Without the passphrase nothing opens the drafts again.
func (s *Store) SetPassphrase(passphrase string) error {
	if n := utf8.RuneCountInString(passphrase); n > 0 && n < MinPassphrase {
		return fail(CodeShortPassphrase, nil)
	}
	if err := s.rewrite(passphrase); err != nil {
		return err
	}
	for _, name := range s.Copies() {
		_ = os.Remove(filepath.Join(s.dir, name)) // what stays, clearCopies finds at the next start
	}
	return s.Copy()
}

// rewrite is SetPassphrase but for the copies.
func (s *Store) rewrite(passphrase string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return s.broken
	}
	var aead cipher.AEAD
	var kept []byte
	version := schema
	if passphrase != "" {
		var err error
		if aead, kept, err = newLock(passphrase, s.options.work()); err != nil {
			return diskFailure(fmt.Errorf("lock the drafts: %w", err))
		}
		version = lockedSchema
	}
	temp, err := s.copySealed(aead, kept, version)
	if err != nil {
		return diskFailure(fmt.Errorf("write the drafts anew: %w", err))
	}
	path := filepath.Join(s.dir, fileName)
	if isWindows { // no name can be taken from an open file there
		err = s.db.Close()
	}
	if err = errors.Join(err, os.Rename(temp, path)); err != nil {
		_ = os.Remove(temp)
	} else {
		s.aead, s.passphrase = aead, passphrase
	}
	syncDir(s.dir)
	_ = s.db.Close() // safe twice; nothing is written through it any more
	db, reopened := openFile(path, s.options, false)
	if reopened != nil {
		s.broken = diskFailure(fmt.Errorf("open the drafts again: %w", reopened))
		return s.broken
	}
	s.db = db
	if err != nil {
		return diskFailure(fmt.Errorf("put the drafts in place: %w", err))
	}
	return nil
}

// copySealed writes all that there is into a new file, sealed with another key.
func (s *Store) copySealed(aead cipher.AEAD, kept []byte, version int) (string, error) {
	file, err := os.CreateTemp(s.dir, fileName+".new-*") // mode 0600
	if err != nil {
		return "", err
	}
	name := file.Name()
	if err := file.Close(); err != nil {
		return "", err
	}
	db, err := openFile(name, s.options, false)
	if err == nil {
		err = db.Update(func(raw *bolt.Tx) error {
			to := &txn{raw: raw, aead: aead}
			return s.db.View(func(from *bolt.Tx) error {
				return s.sealed(from).do(func(t *txn) error { return copyAll(to, t, kept, version) })
			})
		})
		err = errors.Join(err, db.Sync(), db.Close())
	}
	if err != nil {
		_ = os.Remove(name)
	}
	return name, err
}

func copyAll(to, from *txn, kept []byte, version int) error {
	err := from.raw.ForEach(func(name []byte, _ *bolt.Bucket) error {
		raw, err := to.raw.CreateBucket(name)
		if err != nil {
			return err
		}
		return copyBucket(to.wrap(raw, string(name)), from.Bucket(name))
	})
	meta := to.raw.Bucket(bMeta)
	if err == nil {
		err = errors.Join(meta.Delete(kLock), meta.Put(kSchema, []byte(strconv.Itoa(version))))
	}
	if err == nil && kept != nil {
		err = meta.Put(kLock, kept)
	}
	return err
}

func copyBucket(to, from *bucket) error {
	if err := to.raw.SetSequence(from.raw.Sequence()); err != nil {
		return err
	}
	return from.ForEach(func(k, v []byte) error {
		if v != nil {
			return to.Put(k, v)
		}
		inner, err := to.CreateBucket(k)
		if err != nil {
			return err
		}
		return copyBucket(inner, from.Bucket(k))
	})
}

// clearCopies removes the copies of a time before the lock, which a crash
// between the two may have left.
func (s *Store) clearCopies() {
	for _, name := range s.Copies() {
		path := filepath.Join(s.dir, name)
		db, err := openFile(path, s.options, true)
		if err != nil {
			continue // damaged: nothing can be read from it by a bystander's program either
		}
		locked := false
		_ = db.View(func(tx *bolt.Tx) error {
			meta := tx.Bucket(bMeta)
			locked = meta != nil && meta.Get(kLock) != nil
			return nil
		})
		if _ = db.Close(); !locked {
			_ = os.Remove(path)
		}
	}
}

// ageHead begins every file of age.
const ageHead = "age-encryption.org/v1\n"

// Protect makes a file that is laid beside the drafts as closed as they are.
func (s *Store) Protect(plain []byte) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.aead == nil {
		return plain, nil
	}
	file, err := encrypt(plain, s.passphrase, s.options.work())
	if err != nil {
		return nil, diskFailure(fmt.Errorf("encrypt a copy: %w", err))
	}
	return file, nil
}

// Reveal reads what Protect made; anything else is given back as it is. Errors
// locked and wrong_passphrase: it was made under another passphrase.
func (s *Store) Reveal(file []byte) ([]byte, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	switch {
	case !bytes.HasPrefix(file, []byte(ageHead)):
		return file, nil
	case s.aead == nil:
		return nil, fail(CodeLocked, nil)
	}
	return decrypt(file, s.passphrase)
}
