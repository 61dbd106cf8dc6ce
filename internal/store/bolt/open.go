package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"time"

	"go.etcd.io/bbolt"
	berrors "go.etcd.io/bbolt/errors"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/files"
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
	c := o.config().Filled()
	o.Now, o.Rand = c.Now, c.Rand
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
	*engine.Store
	disk    *disk
	path    string
	earlier string // see Kept
	check   Checker
	room    func(path string, bytes int64) error
}

var _ store.Store = (*Store)(nil)

// Open opens the store at path, or makes a new one where there is none. Its
// errors are an *OpenError or come from the system.
func Open(path string, opt Options) (*Store, error) {
	opt = opt.filled(path)
	if err := opt.local(path); err != nil {
		return nil, err
	}
	there, err := files.Exists(path)
	if err != nil {
		return nil, ErrUnusable.At(path, err)
	}
	if !there {
		if err := create(path, opt); err != nil {
			return nil, err
		}
	}
	return open(path, opt)
}

func (o Options) config() engine.Config {
	return engine.Config{KeyFile: o.KeyFile, Now: o.Now, Rand: o.Rand}
}

// local refuses a folder on another computer's disk, unless it is insisted on.
// There a lock may lock nobody out and a flush may reach no disk, and the engine
// rests on both.
func (o Options) local(path string) error {
	if !o.Network && o.remote(filepath.Dir(path)) {
		return ErrNetwork.At(path, nil)
	}
	return nil
}

// room wants place for so many bytes in the folder of a file, before anything
// of it is written.
func (o Options) room(path string, bytes int64) error {
	if free, ok := o.free(filepath.Dir(path)); ok && free < uint64(max(bytes, 0)) {
		return ErrFull.At(path, nil)
	}
	return nil
}

// create makes an empty store. A crash in the middle of making one leaves a
// file that bbolt cannot open, so the file gets its name only when it is whole.
func create(path string, opt Options) error {
	identity, err := engine.NewIdentity(opt.config())
	if err != nil {
		return err
	}
	tmp, err := files.Temporary(path)
	if err != nil {
		return ErrUnusable.At(path, err)
	}
	// If we crash from here on, tmp is left over and the next Open removes it.
	if err = initialise(tmp, identity); err == nil {
		err = files.Publish(tmp, path)
	}
	if err == nil {
		return nil
	}
	// Another program may have made the store at the same moment and removed
	// our file as a leftover: then open will see who has it.
	if there, _ := files.Exists(path); there {
		return nil
	}
	_ = os.Remove(tmp)
	return ErrUnusable.At(path, err)
}

// initialise writes the buckets and the identity and waits for the disk.
func initialise(path string, identity store.Meta) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{Timeout: lockTimeout, NoFreelistSync: true})
	if err != nil {
		return err
	}
	err = db.Update(func(tx *bbolt.Tx) error {
		return errors.Join(makeBuckets(tx), engine.PutIdentity(&change{view: view{tx}}, identity))
	})
	return errors.Join(err, db.Close(), files.Sync(path))
}

// open opens a store that exists.
func open(path string, opt Options) (*Store, error) {
	if info, err := os.Stat(path); err == nil && (info.IsDir() || info.Size() == 0) {
		return nil, ErrNotStore.At(path, nil) // bbolt would make an empty file its own
	}
	if err := whole(path); err != nil {
		return nil, ErrNotStore.At(path, err)
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
	s := &Store{disk: newDisk(db), path: path, check: opt.Check, room: opt.room}
	if err := s.begin(opt.config()); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	files.ClearTemporaries(path) // ours alone: we hold the lock
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
		return ErrLocked.At(path, err)
	case errors.Is(err, berrors.ErrInvalid), errors.Is(err, berrors.ErrChecksum), errors.Is(err, berrors.ErrVersionMismatch):
		return ErrNotStore.At(path, err)
	}
	return ErrUnusable.At(path, err)
}

// initialMap lets the map of the file grow rarely: each growth waits for all
// readers. On Windows the file itself would be made that long.
func initialMap() int {
	if runtime.GOOS == "windows" {
		return 0
	}
	return 64 << 20
}

// begin brings the file up to date and hands it to the engine.
func (s *Store) begin(c engine.Config) error {
	db := s.disk.db
	// A program that was killed may have left its last commit in the system's
	// cache. We show it to readers, so it has to be on the disk first.
	if err := db.Sync(); err != nil {
		return ErrUnusable.At(s.path, err)
	}
	earlier, err := upgrade(db, s.path, c.Now())
	if err != nil {
		return err
	}
	s.earlier = earlier
	err = db.View(func(tx *bbolt.Tx) error {
		s.disk.durable = tx.ID()
		return known(tx, s.path)
	})
	if err != nil {
		return err
	}
	s.Store, err = engine.New(context.Background(), s.disk, c)
	return err
}

// known wants a file that this program can read.
func known(tx *bbolt.Tx, path string) error {
	if _, err := version(tx, path); err != nil {
		return err
	}
	if _, err := engine.Identity(view{tx}); err != nil {
		return ErrNotStore.At(path, err)
	}
	return nil
}
