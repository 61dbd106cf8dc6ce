package drafts

import (
	"bytes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"

	surveysync "rileva/pkg/sync"
)

const (
	fileName    = "drafts.db"
	schema      = 1
	lockTimeout = time.Second      // bbolt waits for ever by default
	soundWithin = 10 * time.Second // a damaged file can make a reader run in circles
	isWindows   = runtime.GOOS == "windows"
)

// The buckets of the first level.
var (
	bMeta           = []byte("meta")
	bSettings       = []byte("settings")
	bServer         = []byte("server")
	bQuestionnaires = []byte("questionnaires")
	bOwners         = []byte("owners")
	bAttempts       = []byte("attempts")

	kSchema = []byte("schema")
)

// Options are what a test replaces.
type Options struct {
	Now  func() time.Time // nil: time.Now
	Rand io.Reader        // nil: crypto/rand
	// Saved is called after each durable transaction, before the next one can
	// begin; nil: by nobody. For tests that end a device there.
	Saved func()

	// Passphrase opens drafts that are locked; it is not asked of others.
	Passphrase string
	// LockWork is the price of trying a passphrase, as a power of two; 0 is
	// lockWork.
	LockWork int

	noSync bool // tests of the logic, not of the disk
}

// Store is the open file. It is safe for concurrent use. After a failed commit
// it refuses everything: what stands on the disk is then unknown until the
// file has been opened anew.
type Store struct {
	dir      string
	options  Options
	now      func() time.Time
	restored Restored

	mu     sync.RWMutex // held for reading while db is in use: Reopen replaces it
	db     *bolt.DB
	aead   cipher.AEAD // of the values; nil: not locked
	broken error

	passphrase string // for what is laid beside the drafts; "" when not locked
}

// Open opens the drafts in dir, or creates both. A file that is not ours or
// newer than this program is refused with a sentence and never changed. One
// that is not whole is set aside, and the newest automatic copy takes its
// place; [Store.Restored] tells. Once a day a copy is laid beside it. Its
// errors are *Error: locked and wrong_passphrase are told after all else was
// found in order.
func Open(dir string, o Options) (*Store, error) {
	o.Now = cmpOr(o.Now, time.Now)
	if err := ownFolder(dir); err != nil {
		if e := diskFailure(fmt.Errorf("drafts folder: %w", err)); e.Code != CodeDisk {
			return nil, e
		}
		return nil, fail(CodeNoFolder, err) // nothing was ever saved there
	}
	path := filepath.Join(dir, fileName)
	created := false
	if _, err := os.Stat(path); errors.Is(err, os.ErrNotExist) {
		if err := create(path, o); err != nil {
			return nil, diskFailure(fmt.Errorf("create the drafts: %w", err))
		}
		created = true
	} else if err != nil {
		return nil, diskFailure(fmt.Errorf("drafts: %w", err))
	}
	var restored Restored
	if fault := inspect(path); fault != nil {
		if fault.Code != CodeDamaged {
			return nil, fault
		}
		var err error
		if restored, err = rescue(dir, o, fault); err != nil {
			return nil, err
		}
	}
	db, err := openFile(path, o, false)
	if err != nil {
		return nil, diskFailure(fmt.Errorf("open the drafts: %w", err))
	}
	if err := os.Chmod(path, 0o600); err != nil { // it holds a token and a school's answers
		_ = db.Close()
		return nil, diskFailure(fmt.Errorf("protect the drafts: %w", err))
	}
	aead, err := openLock(db, o.Passphrase)
	if err != nil {
		_ = db.Close()
		return nil, diskFailure(err)
	}
	s := &Store{db: db, aead: aead, dir: dir, options: o, now: o.Now, restored: restored}
	if err := s.interrupted(); err != nil {
		_ = db.Close()
		return nil, err
	}
	if aead != nil {
		s.passphrase = o.Passphrase
		s.clearCopies()
	}
	if !created {
		s.dailyCopy()
	}
	return s, nil
}

func cmpOr(f, or func() time.Time) func() time.Time {
	if f != nil {
		return f
	}
	return or
}

func openFile(path string, o Options, readOnly bool) (*bolt.DB, error) {
	return bolt.Open(path, 0o600, &bolt.Options{Timeout: lockTimeout, ReadOnly: readOnly, NoSync: o.noSync,
		// With the list of free pages on the disk a torn write could hand out
		// a page twice, and a held reader would blow up the file.
		NoFreelistSync: true, FreelistType: bolt.FreelistMapType})
}

// create writes a whole file under another name and gives it its name last. If
// we crash before that, the next start finds no drafts and creates them again;
// a half-made file under the real name would be damaged for ever.
func create(path string, o Options) error {
	temp, err := os.CreateTemp(filepath.Dir(path), fileName+".new-*")
	if err != nil {
		return err
	}
	name := temp.Name()
	defer func() { _ = os.Remove(name) }() // gone already when all went well
	if err := temp.Close(); err != nil {
		return err
	}
	db, err := openFile(name, o, false)
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bolt.Tx) error {
		for _, b := range [][]byte{bMeta, bSettings, bServer, bQuestionnaires, bOwners, bAttempts} {
			if _, err := tx.CreateBucket(b); err != nil {
				return err
			}
		}
		device := "computer-" + surveysync.NewIncident(o.Rand)[:4] // a name to tell two devices apart on the telephone
		if err := tx.Bucket(bSettings).Put(kDevice, []byte(device)); err != nil {
			return err
		}
		return tx.Bucket(bMeta).Put(kSchema, []byte(strconv.Itoa(schema)))
	})
	if err = errors.Join(err, db.Sync(), db.Close()); err != nil {
		return err
	}
	// A link fails where a rename would replace the drafts that a second
	// window has created in the same instant.
	if err := os.Link(name, path); err != nil && !errors.Is(err, os.ErrExist) {
		if _, statErr := os.Stat(path); statErr == nil {
			return nil
		}
		if err := os.Rename(name, path); err != nil {
			return err
		}
	}
	syncDir(filepath.Dir(path))
	return nil
}

// syncDir makes a new name durable. Windows has no such call, and some network
// file systems refuse it; the file itself is safe either way.
func syncDir(dir string) {
	if d, err := os.Open(dir); err == nil {
		_ = d.Sync()
		_ = d.Close()
	}
}

// inspect reads the whole structure before anything may be written. A damaged
// file can panic, fault or run for ever inside the engine, so it is read in a
// goroutine of its own, without the engine's own goroutines.
func inspect(path string) *Error {
	if e := magic(path); e != nil {
		return e
	}
	done := make(chan *Error, 1)
	go func() {
		debug.SetPanicOnFault(true) // for this goroutine only
		defer func() {
			if r := recover(); r != nil {
				done <- fail(CodeDamaged, fmt.Errorf("reading the file: %v", r))
			}
		}()
		done <- readThrough(path)
	}()
	select {
	case e := <-done:
		return e
	case <-time.After(soundWithin):
		return fail(CodeDamaged, errors.New("the file cannot be read to its end"))
	}
}

// magic tells a file of another program from a damaged one of ours: bbolt's
// mark stands after the header of the first or of the second page.
func magic(path string) *Error {
	f, err := os.Open(path)
	if err != nil {
		return diskFailure(err)
	}
	defer func() { _ = f.Close() }()
	head := make([]byte, 64<<10+20)
	n, err := io.ReadFull(f, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) && !errors.Is(err, io.EOF) {
		return diskFailure(err)
	}
	for _, at := range []int{0, 4 << 10, 8 << 10, 16 << 10, 64 << 10} {
		if at+20 <= n && binary.NativeEndian.Uint32(head[at+16:]) == 0xED0CDAED {
			return nil
		}
	}
	return fail(CodeNotADatabase, errors.New("no mark of the engine"))
}

func readThrough(path string) *Error {
	db, err := openFile(path, Options{}, true)
	switch {
	case errors.Is(err, bolterrors.ErrTimeout):
		return fail(CodeOpenElsewhere, err)
	case err != nil && (errors.Is(err, os.ErrPermission) || errors.Is(err, os.ErrNotExist)):
		return diskFailure(err)
	case err != nil:
		return fail(CodeDamaged, err) // the engine found its mark and nothing sound after it
	}
	defer func() { _ = db.Close() }()
	err = db.View(func(tx *bolt.Tx) error {
		if info, err := os.Stat(path); err != nil {
			return err
		} else if info.Size() < tx.Size() {
			return fail(CodeDamaged, fmt.Errorf("%d bytes instead of %d", info.Size(), tx.Size()))
		}
		meta := tx.Bucket(bMeta)
		if meta == nil {
			return fail(CodeNotADatabase, errors.New("another program's buckets"))
		}
		version, err := strconv.Atoi(string(meta.Get(kSchema)))
		switch {
		case err != nil:
			return fail(CodeNotADatabase, err)
		case version > lockedSchema:
			return fail(CodeNewer, fmt.Errorf("schema %d, this program knows %d", version, lockedSchema))
		}
		return tx.ForEach(func(_ []byte, b *bolt.Bucket) error { return readBucket(b) })
	})
	if err != nil {
		return diskFailure(err)
	}
	return nil
}

func readBucket(b *bolt.Bucket) error {
	var last []byte
	return b.ForEach(func(k, v []byte) error {
		if last != nil && bytes.Compare(last, k) >= 0 {
			return fail(CodeDamaged, errors.New("keys out of order"))
		}
		last = append(last[:0], k...)
		if v == nil {
			if inner := b.Bucket(k); inner != nil {
				return readBucket(inner)
			}
			return fail(CodeDamaged, errors.New("a bucket that is none"))
		}
		return nil
	})
}

// Close releases the file. It is safe to call twice.
func (s *Store) Close() error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if err := s.db.Close(); err != nil {
		return diskFailure(err)
	}
	return nil
}

// view runs a short read. What it hands out must be copied: the engine's bytes
// end with the transaction.
func (s *Store) view(f func(*txn) error) error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.broken != nil {
		return s.broken
	}
	if err := s.db.View(func(tx *bolt.Tx) error { return s.sealed(tx).do(f) }); err != nil {
		return diskFailure(err)
	}
	return nil
}

// update runs one durable transaction.
func (s *Store) update(f func(*txn) error) error {
	broke, err := s.write(f)
	if broke {
		s.mu.Lock()
		s.broken = err
		s.mu.Unlock()
	}
	return err
}

// write is update; broke says that the commit itself failed.
func (s *Store) write(f func(*txn) error) (broke bool, _ error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.broken != nil {
		return false, s.broken
	}
	tx, err := s.db.Begin(true)
	if err != nil {
		return false, diskFailure(err)
	}
	defer func() { _ = tx.Rollback() }() // nothing to undo after a commit
	if err := s.sealed(tx).do(f); err != nil {
		return false, diskFailure(err)
	}
	if err := tx.Commit(); err != nil {
		// The change may be visible and yet not be on the disk (bbolt, when
		// the last flush fails): reading on could show as saved what is lost.
		return true, diskFailure(fmt.Errorf("commit: %w", err))
	}
	if s.options.Saved != nil {
		s.options.Saved()
	}
	return false, nil
}
