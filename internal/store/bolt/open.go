package bolt

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"
	"golang.org/x/mod/sumdb/note"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// lockTimeout bounds the wait for the file's lock; bbolt alone waits for ever.
const lockTimeout = time.Second

// Options are what Open cannot know by itself.
type Options struct {
	// KeyFile holds the seed of the key that signs the log; "" is the store's
	// path with ".key". It stands outside the store, because whoever has both
	// can write another history: keep it in another place of the backup too.
	// It is made (0600) together with a new store and never afterwards.
	KeyFile string

	// NewKey lets Restore make a key where there is none: the old one is lost.
	NewKey bool

	// Network lets the store lie on another computer's disk: whoever asks for it
	// knows that such a disk keeps locks and flushes as it likes.
	Network bool

	// Check reads a copy of the store; nil: CheckFile. A damaged file can hang
	// or end the process, so that a program gives a function that runs it in
	// another one.
	Check Checker

	Now  func() time.Time // nil: time.Now. Only for acts that come without a time
	Rand io.Reader        // nil: crypto/rand. Read by one goroutine at a time

	// remote and free let a test say where the folder is and what fits in it.
	remote func(dir string) bool
	free   func(dir string) (bytes uint64, ok bool)

	// openFile lets a test hold the file that bbolt writes to.
	openFile func(string, int, os.FileMode) (*os.File, error)
}

// filled puts in what was left out.
func (o Options) filled(path string) Options {
	if o.KeyFile == "" {
		o.KeyFile = path + ".key"
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Check == nil {
		o.Check = CheckFile
	}
	if o.remote == nil {
		o.remote = remote
	}
	if o.free == nil {
		o.free = Free
	}
	if o.openFile == nil {
		o.openFile = os.OpenFile
	}
	return o
}

// Store is a store.Store in one file. Make one with Open.
type Store struct {
	db       *bbolt.DB
	path     string
	earlier  string // see Kept
	now      func() time.Time
	rand     io.Reader // of the writer goroutine
	keyFile  string
	check    Checker
	room     func(path string, bytes int64) error
	identity store.Meta // under mu once the writer runs
	origin   string
	signer   note.Signer // of the writer goroutine

	queue    chan *op     // to the writer goroutine
	inflight atomic.Int64 // callers between asking for a write and having its answer
	stopped  chan struct{}

	closing   sync.RWMutex // held to read while an op is put into queue
	closed    bool         // under closing: queue is closed
	closeOnce sync.Once
	closeErr  error

	mu      sync.Mutex
	settled sync.Cond     // on mu: durable or failure has changed
	durable int           // under mu: the last transaction that is on the disk
	failure error         // under mu: why nothing is written any more
	failed  chan struct{} // closed when failure is set

	sessions     memo[store.Session]
	institutions memo[store.Institution]
	accounts     memo[accountRecord]
	surveys      memo[store.Survey]

	compiledMu sync.RWMutex
	compiled   map[string]*survey.Questionnaire // by digest; a questionnaire never changes
}

var _ store.Store = (*Store)(nil)

// Open opens the store at path, or makes a new one where there is none. Its
// errors are an *OpenError or come from the system.
func Open(path string, opt Options) (*Store, error) {
	opt = opt.filled(path)
	if err := opt.local(path); err != nil {
		return nil, err
	}
	there, err := exists(path)
	if err != nil {
		return nil, ErrUnusable.at(path, err)
	}
	if !there {
		if err := create(path, opt); err != nil {
			return nil, err
		}
	}
	return open(path, opt)
}

// local refuses a folder on another computer's disk, unless it is insisted on.
// There a lock may lock nobody out and a flush may reach no disk, and the engine
// rests on both.
func (o Options) local(path string) error {
	if !o.Network && o.remote(filepath.Dir(path)) {
		return ErrNetwork.at(path, nil)
	}
	return nil
}

// room wants place for so many bytes in the folder of a file, before anything
// of it is written.
func (o Options) room(path string, bytes int64) error {
	if free, ok := o.free(filepath.Dir(path)); ok && free < uint64(max(bytes, 0)) {
		return ErrFull.at(path, nil)
	}
	return nil
}

// create makes an empty store. A crash in the middle of making one leaves a
// file that bbolt cannot open, so the file gets its name only when it is whole.
func create(path string, opt Options) error {
	seed, err := newSeed(opt)
	if err != nil {
		return err
	}
	// If we crash here there is a key without a store: the next start uses it.
	epoch, err := newEpoch(opt.Rand)
	if err != nil {
		return err
	}
	_, verifierKey, err := surveysync.LogSigner(seed, surveysync.Origin(epoch))
	if err != nil {
		return err
	}
	tmp, err := temporary(path)
	if err != nil {
		return ErrUnusable.at(path, err)
	}
	// If we crash from here on, tmp is left over and the next Open removes it.
	identity := store.Meta{Epoch: epoch, CreatedAt: opt.Now().UTC().Truncate(time.Millisecond), LogKey: verifierKey,
		Logs: []store.Log{{Epoch: epoch, Keys: []string{verifierKey}}}}
	if err = initialise(tmp, identity); err == nil {
		err = publish(tmp, path)
	}
	if err == nil {
		return nil
	}
	// Another program may have made the store at the same moment and removed
	// our file as a leftover: then open will see who has it.
	if there, _ := exists(path); there {
		return nil
	}
	_ = os.Remove(tmp)
	return ErrUnusable.at(path, err)
}

func newEpoch(random io.Reader) (string, error) {
	b, err := readFull(random, 10)
	return lowerCrockford.EncodeToString(b), err
}

// initialise writes the buckets and the identity and waits for the disk.
func initialise(path string, identity store.Meta) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range allBuckets {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		raw, err := json.Marshal(identity)
		if err != nil {
			return err
		}
		meta := tx.Bucket(bucketMeta)
		return errors.Join(meta.Put(keySchema, []byte(strconv.Itoa(schema))), meta.Put(keyIdentity, raw))
	})
	return errors.Join(err, db.Close(), syncFile(path))
}

// open opens a store that exists.
func open(path string, opt Options) (*Store, error) {
	if info, err := os.Stat(path); err == nil && (info.IsDir() || info.Size() == 0) {
		return nil, ErrNotStore.at(path, nil) // bbolt would make an empty file its own
	}
	if err := whole(path); err != nil {
		return nil, ErrNotStore.at(path, err)
	}
	db, err := openSafely(path, &bbolt.Options{
		Timeout: lockTimeout,
		// Without it a held read makes the file grow with the square of the
		// writes, and the written freelist is suspected in reports of damage.
		NoFreelistSync:  true,
		FreelistType:    bbolt.FreelistMapType,
		InitialMmapSize: initialMap(),
		NoStatistics:    true,
		// Never make a file here: create does, under another name.
		OpenFile: func(name string, flag int, mode os.FileMode) (*os.File, error) {
			return opt.openFile(name, flag&^os.O_CREATE, mode)
		},
	})
	if err != nil {
		return nil, openFailure(path, err)
	}
	s := &Store{db: db, path: path, now: opt.Now, rand: opt.Rand, queue: make(chan *op, queueLimit),
		stopped: make(chan struct{}), failed: make(chan struct{}), compiled: map[string]*survey.Questionnaire{}}
	s.settled.L = &s.mu
	s.keyFile, s.check, s.room = opt.KeyFile, opt.Check, opt.room
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	clearTemporaries(path) // ours alone: we hold the lock
	go s.writer()
	return s, nil
}

// openSafely is bbolt.Open where a damaged page is an error: reading the free
// pages follows every pointer of the file.
func openSafely(path string, options *bbolt.Options) (db *bbolt.DB, err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%w: %v", berrors.ErrInvalid, p)
		}
	}()
	return bbolt.Open(path, 0o600, options)
}

// openFailure says in our words why bbolt cannot open a file.
func openFailure(path string, err error) error {
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return ErrLocked.at(path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return ErrNotStore.at(path, err)
	}
	return ErrUnusable.at(path, err)
}

// initialMap lets the map of the file grow rarely: each growth waits for all
// readers. On Windows the file itself would be made that long.
func initialMap() int {
	if runtime.GOOS == "windows" {
		return 0
	}
	return 64 << 20
}

// begin reads who the store is and gets the signer.
func (s *Store) begin() error {
	// A program that was killed may have left its last commit in the system's
	// cache. We show it to readers, so it has to be on the disk first.
	if err := s.db.Sync(); err != nil {
		return ErrUnusable.at(s.path, err)
	}
	if err := s.upgrade(); err != nil {
		return err
	}
	if err := s.db.View(s.readIdentity); err != nil {
		return err
	}
	err := s.db.View(func(tx *bbolt.Tx) error { s.durable = tx.ID(); return nil })
	if err != nil {
		return ErrUnusable.at(s.path, err)
	}
	s.origin = surveysync.Origin(s.identity.Epoch)
	if s.signer, err = signerFor(s.keyFile, s.identity); err != nil {
		return err
	}
	return nil
}

func (s *Store) readIdentity(tx *bbolt.Tx) error {
	if _, err := s.version(tx); err != nil {
		return err
	}
	if found, err := readJSON(tx, bucketMeta, keyIdentity, &s.identity); err != nil || !found {
		return ErrNotStore.at(s.path, err)
	}
	if len(s.identity.Logs) == 0 { // written before a store could have more than one
		s.identity.Logs = []store.Log{{Epoch: s.identity.Epoch, Keys: []string{s.identity.LogKey}}}
	}
	return nil
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context) (store.Meta, error) {
	if err := ctx.Err(); err != nil {
		return store.Meta{}, err
	}
	return s.meta(), s.usable()
}

// meta is the identity as it is now: rotating the log's key changes it.
func (s *Store) meta() store.Meta {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity
}
