package bolt

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
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

// schema is the version of the layout in doc.go.
const schema = 1

// lockTimeout bounds the wait for the file's lock; bbolt alone waits for ever.
const lockTimeout = time.Second

// Options are what Open cannot know by itself.
type Options struct {
	// KeyFile holds the seed of the key that signs the log; "" is the store's
	// path with ".key". It stands outside the store, because whoever has both
	// can write another history: keep it in another place of the backup too.
	// It is made (0600) together with a new store and never afterwards.
	KeyFile string

	Now  func() time.Time // nil: time.Now. Only for acts that come without a time
	Rand io.Reader        // nil: crypto/rand. Read by one goroutine at a time

	// openFile lets a test hold the file that bbolt writes to.
	openFile func(string, int, os.FileMode) (*os.File, error)
}

// Store is a store.Store in one file. Make one with Open.
type Store struct {
	db       *bbolt.DB
	path     string
	now      func() time.Time
	rand     io.Reader // of the writer goroutine
	identity store.Meta
	origin   string
	signer   note.Signer

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

	compiledMu sync.RWMutex
	compiled   map[string]*survey.Questionnaire // by digest; a questionnaire never changes
}

var _ store.Store = (*Store)(nil)

// Open opens the store at path, or makes a new one where there is none. Its
// errors are an *OpenError or come from the system.
func Open(path string, opt Options) (*Store, error) {
	if opt.KeyFile == "" {
		opt.KeyFile = path + ".key"
	}
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.Rand == nil {
		opt.Rand = rand.Reader
	}
	if opt.openFile == nil {
		opt.openFile = os.OpenFile
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

// create makes an empty store. A crash in the middle of making one leaves a
// file that bbolt cannot open, so the file gets its name only when it is whole.
func create(path string, opt Options) error {
	seed, err := newSeed(opt)
	if err != nil {
		return err
	}
	// If we crash here there is a key without a store: the next start uses it.
	random, err := readFull(opt.Rand, 10)
	if err != nil {
		return err
	}
	epoch := lowerCrockford.EncodeToString(random)
	_, verifierKey, err := surveysync.LogSigner(seed, surveysync.Origin(epoch))
	if err != nil {
		return err
	}
	tmp, err := temporary(path)
	if err != nil {
		return ErrUnusable.at(path, err)
	}
	// If we crash from here on, tmp is left over and the next Open removes it.
	identity := store.Meta{Epoch: epoch, CreatedAt: opt.Now().UTC().Truncate(time.Millisecond), LogKey: verifierKey}
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

// initialise writes the buckets and the identity and waits for the disk.
func initialise(path string, identity store.Meta) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		for _, name := range slices.Concat(allBuckets, laterBuckets) {
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
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
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
	switch {
	case errors.Is(err, berrors.ErrTimeout):
		return nil, ErrLocked.at(path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return nil, ErrNotStore.at(path, err)
	case err != nil:
		return nil, ErrUnusable.at(path, err)
	}
	s := &Store{db: db, path: path, now: opt.Now, rand: opt.Rand, queue: make(chan *op, queueLimit),
		stopped: make(chan struct{}), failed: make(chan struct{}), compiled: map[string]*survey.Questionnaire{}}
	s.settled.L = &s.mu
	if err := s.begin(opt.KeyFile); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if err := addLaterBuckets(db); err != nil {
		return nil, ErrUnusable.at(path, errors.Join(err, db.Close()))
	}
	clearTemporaries(path) // ours alone: we hold the lock
	go s.writer()
	return s, nil
}

// addLaterBuckets brings a store of an earlier program up to this one.
func addLaterBuckets(db *bbolt.DB) error {
	missing := false
	err := db.View(func(tx *bbolt.Tx) error {
		for _, name := range laterBuckets {
			missing = missing || tx.Bucket(name) == nil
		}
		return nil
	})
	if err != nil || !missing {
		return err
	}
	return db.Update(func(tx *bbolt.Tx) error {
		for _, name := range laterBuckets {
			if _, err := tx.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return nil
	})
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
func (s *Store) begin(keyFile string) error {
	// A program that was killed may have left its last commit in the system's
	// cache. We show it to readers, so it has to be on the disk first.
	if err := s.db.Sync(); err != nil {
		return ErrUnusable.at(s.path, err)
	}
	err := s.db.View(func(tx *bbolt.Tx) error {
		s.durable = tx.ID()
		return s.readIdentity(tx)
	})
	if err != nil {
		return err
	}
	seed, err := readSeed(keyFile)
	if err != nil {
		return err
	}
	s.origin = surveysync.Origin(s.identity.Epoch)
	signer, verifierKey, err := surveysync.LogSigner(seed, s.origin)
	if err != nil || verifierKey != s.identity.LogKey {
		return ErrKeyWrong.at(keyFile, err)
	}
	s.signer = signer
	return nil
}

func (s *Store) readIdentity(tx *bbolt.Tx) error {
	meta := tx.Bucket(bucketMeta)
	if meta == nil {
		return ErrNotStore.at(s.path, nil)
	}
	version, err := strconv.Atoi(string(meta.Get(keySchema)))
	switch {
	case err != nil || version < 1:
		return ErrNotStore.at(s.path, err)
	case version > schema: // before the buckets: a newer store may have others
		return ErrNewer.at(s.path, nil)
	}
	for _, name := range allBuckets {
		if tx.Bucket(name) == nil {
			return ErrNotStore.at(s.path, fmt.Errorf("no bucket %s", name))
		}
	}
	if found, err := readJSON(tx, bucketMeta, keyIdentity, &s.identity); err != nil || !found {
		return ErrNotStore.at(s.path, err)
	}
	return nil
}

// newSeed reads the key file, or makes one.
func newSeed(opt Options) ([]byte, error) {
	seed, err := readSeed(opt.KeyFile)
	if !errors.Is(err, ErrKeyMissing) {
		return seed, err
	}
	if seed, err = surveysync.NewLogKey(opt.Rand); err != nil {
		return nil, err
	}
	err = createWith(opt.KeyFile, []byte(base64.StdEncoding.EncodeToString(seed)+"\n"))
	if errors.Is(err, fs.ErrExist) {
		return readSeed(opt.KeyFile) // another program was faster
	}
	if err != nil {
		return nil, ErrUnusable.at(opt.KeyFile, err)
	}
	return seed, nil
}

func readSeed(path string) ([]byte, error) {
	raw, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrKeyMissing.at(path, err)
	}
	if err != nil {
		return nil, ErrUnusable.at(path, err)
	}
	seed, err := base64.StdEncoding.DecodeString(strings.TrimSpace(string(raw)))
	if err != nil || len(seed) != 32 {
		return nil, ErrKeyWrong.at(path, err)
	}
	return seed, nil
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context) (store.Meta, error) {
	if err := ctx.Err(); err != nil {
		return store.Meta{}, err
	}
	return s.identity, s.usable()
}
