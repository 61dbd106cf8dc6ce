// Package engine keeps the contract of internal/store on anything that has
// ordered tables and transactions: a [Disk]. What a store promises stands here
// once, and an engine (store/bolt, store/postgres) is a Disk and what only its
// own technicians know of. It may import internal/store and what that may.
//
// # The tables
//
//	meta                     schema → number · identity → store.Meta · checkpoint → the signed tree head
//	institutions             id → store.Institution
//	institutions_removed     id → the institution as it was when it was merged into another
//	institution_versions     institution id / time → store.Institution from then on; empty when it was gone
//	codes                    school code → institution id
//	accounts                 institution id → accountRecord
//	sessions                 hash of the token → store.Session
//	sessions_by_institution  institution id / hash of the token → nothing
//	survey                   survey → store.Survey
//	questionnaires           digest → the bytes that were published
//	parts                    institution id / part → PartRecord
//	submissions              institution id / part / revision → store.Submission and the exact bytes, packed with S2
//	submission_ids           submission id → key of the submission
//	receipts                 receipt number → key of the submission
//	log_leaves               index → leaf, as surveysync.Entry.Marshal wrote it
//	log_hashes               tlog.StoredHashIndex → 32 bytes
//	messages, notes          institution id / number → store.Word
//	heartbeats               institution id → []store.Heartbeat, one a device
//	reminders                institution id → store.Reminder, the last one
//	beside                   institution id / part / revision / receipt number → as in submissions: what was
//	                         accepted before a restore and found other content in its place
//
// and, for each log that a restore has ended, its leaves, hashes and last head.
// Keys that hold an institution's things begin with its id, so that a scan
// cannot leave the institution by a slip.
//
// # How it writes
//
// One goroutine writes (writer.go). It puts what waits into one transaction,
// signs one tree head for the group and commits; only then do the callers get
// their answers. Everything that belongs to one call stands in one
// transaction, so a crash leaves all of it or nothing.
//
// # How it reads
//
// In short transactions that copy out raw bytes and decode them afterwards. A
// Disk's View ends only when all that was seen is durable, so that nobody is
// told of what a power cut could take back.
//
// Start reading at [Disk], then writer.go, then accept.go.
package engine

import (
	"context"
	"crypto/rand"
	"encoding/base32"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/mod/sumdb/note"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Disk is where a store lies.
type Disk interface {
	// View runs fn on one moment of the store, and returns when all that fn
	// could see is durable.
	View(ctx context.Context, fn func(Tx) error) error
	// Glance is View without the wait, for what is told to nobody.
	Glance(ctx context.Context, fn func(Tx) error) error
	// Begin starts a transaction that writes; there is one at a time among all
	// programs that use the store. An error that is ErrAgain, here or in the
	// transaction, says that nothing was written and that it can be tried anew.
	Begin(ctx context.Context) (WriteTx, error)
	Close() error
}

// ErrAgain is what a Disk's error is when the same may work now: a connection
// that had been lost, two transactions that waited for each other.
var ErrAgain = errors.New("the transaction has to be run again")

// ErrRefused is what a Disk's error is when it understood and would not: a rule
// of its own forbids the write, now and the next time.
var ErrRefused = errors.New("the store refuses the write")

// Tx is one transaction. What its tables give lives only as long as it does
// and must not be changed.
type Tx interface {
	// Bucket gives a table by its name; nil for one that an older copy lacks.
	Bucket(name []byte) Bucket
	// Past gives a log that a restore has ended, by its epoch; leaves is nil
	// when there is none.
	Past(epoch string) (leaves, hashes Bucket, head []byte)
	// Fetch brings at once what is going to be read, where each reading would be
	// a journey of its own. It changes nothing of what is read.
	Fetch(wanted ...Wanted)
}

// Wanted is one key of a table; with a To all keys from From up to, not with,
// To; with neither its last key.
type Wanted struct {
	In       Bucket
	From, To []byte
}

// WriteTx is a transaction that writes. One of the two ends it.
type WriteTx interface {
	Tx
	// Err is what has failed so far: nothing that was read counts then.
	Err() error
	// SetAside keeps the log that stands in the tables under its epoch, with its
	// last head, and leaves them empty for another.
	SetAside(epoch string, head []byte) error
	// Commit returns when all that was written, here and before, is durable.
	Commit() error
	Rollback() error
}

// Bucket is a table: keys in byte order with their values. A Disk that fails
// in the middle of a transaction gives nothing from then on, and its View or
// Commit gives the error.
type Bucket interface {
	Get(key []byte) []byte // nil when there is none
	Put(key, value []byte) error
	Delete(key []byte) error
	// First is the first pair whose key is not before from, Last the last of
	// all; a nil key says that there is none.
	First(from []byte) (key, value []byte)
	Last() (key, value []byte)
	// Range calls fn for the keys from from up to, not with, to, in order, until
	// it fails; a nil to is the end. fn may read, and writes nothing here.
	Range(from, to []byte, fn func(key, value []byte) error) error
}

// Config is what a store needs besides its disk.
type Config struct {
	KeyFile string           // of the key that signs the log
	Now     func() time.Time // nil: time.Now. Only for acts that come without a time
	Rand    io.Reader        // nil: crypto/rand. Read by one goroutine at a time
	// Shared: other programs write the store too, and a write that fails is
	// taken back whole; so it is only that write's error. Otherwise an error of
	// the disk ends all service, because nobody knows what is on it.
	Shared bool
}

// Filled puts in what was left out.
func (c Config) Filled() Config {
	if c.Now == nil {
		c.Now = time.Now
	}
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	return c
}

// Store is a store.Store on a disk, without Check and Backup, which are the
// matter of each engine. Make one with New.
type Store struct {
	disk Disk
	Config
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
	failure error         // under mu: why nothing is written any more
	failed  chan struct{} // closed when failure is set
	round   *round        // under mu: the one that has not begun, or nil
	rounds  bool          // under mu: somebody runs them

	owners       owners
	sessions     memo[store.Session]
	institutions memo[store.Institution]
	accounts     memo[accountRecord]
	surveys      memo[store.Survey]

	compiledMu sync.RWMutex
	compiled   map[string]*survey.Questionnaire // by digest; a questionnaire never changes
}

// New opens what lies on a disk and starts the writer. Its errors are an
// *OpenError where the key is not the store's.
func New(ctx context.Context, disk Disk, c Config) (*Store, error) {
	s := &Store{disk: disk, Config: c.Filled(), queue: make(chan *op, QueueLimit), stopped: make(chan struct{}),
		failed: make(chan struct{}), compiled: map[string]*survey.Questionnaire{}}
	err := disk.View(ctx, func(tx Tx) (err error) { s.identity, err = Identity(tx); return err })
	if err != nil {
		return nil, err
	}
	s.origin = surveysync.Origin(s.identity.Epoch)
	if s.signer, err = signerFor(s.KeyFile, s.identity); err != nil {
		return nil, err
	}
	go s.writer()
	return s, nil
}

// Identity reads who a store is.
func Identity(tx Tx) (store.Meta, error) {
	var m store.Meta
	if found, err := ReadJSON(tx, BucketMeta, KeyIdentity, &m); err != nil || !found {
		return m, errors.Join(errors.New("the store has no identity"), err)
	}
	if len(m.Logs) == 0 { // written before a store could have more than one
		m.Logs = []store.Log{{Epoch: m.Epoch, Keys: []string{m.LogKey}}}
	}
	return m, nil
}

// NewIdentity is that of a store that begins now; its key is made where there
// is none.
func NewIdentity(c Config) (store.Meta, error) {
	seed, err := newSeed(c)
	if err != nil {
		return store.Meta{}, err
	}
	// If we crash here there is a key without a store: the next start uses it.
	epoch, err := newEpoch(c.Rand)
	if err != nil {
		return store.Meta{}, err
	}
	_, verifierKey, err := surveysync.LogSigner(seed, surveysync.Origin(epoch))
	return store.Meta{Epoch: epoch, CreatedAt: c.Now().UTC().Truncate(time.Millisecond), LogKey: verifierKey,
		Logs: []store.Log{{Epoch: epoch, Keys: []string{verifierKey}}}}, err
}

// lowerCrockford spells random ids: no letter that is taken for a digit.
var lowerCrockford = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

func newEpoch(random io.Reader) (string, error) {
	b, err := readFull(random, 10)
	return lowerCrockford.EncodeToString(b), err
}

// readFull reads n bytes of random.
func readFull(random io.Reader, n int) ([]byte, error) {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		return nil, fmt.Errorf("random bytes: %w", err)
	}
	return b, nil
}

// Meta implements store.Store.
func (s *Store) Meta(ctx context.Context) (store.Meta, error) {
	if err := ctx.Err(); err != nil {
		return store.Meta{}, err
	}
	if !s.Shared {
		return s.meta(), s.usable()
	}
	var m store.Meta
	err := s.view(ctx, func(tx Tx) (err error) { m, err = Identity(tx); return err })
	if err == nil {
		err = s.canSign(m)
	}
	return m, err
}

// canSign is unavailable on a machine that has no key for the log as it is.
func (s *Store) canSign(now store.Meta) error {
	if was := s.meta(); now.Epoch == was.Epoch && now.LogKey == was.LogKey {
		return nil
	}
	_, err := s.signerOf(now)
	return err
}

func (s *Store) signerOf(now store.Meta) (note.Signer, error) {
	signer, err := signerFor(s.KeyFile, now)
	if err != nil {
		err = store.Errorf(surveysync.Unavailable, "the log's key has been exchanged: %v", err)
	}
	return signer, err
}

// meta is the identity as it is now: rotating the log's key changes it.
func (s *Store) meta() store.Meta {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.identity
}

// follow takes over what another program has made of the identity, and the key
// that it names.
func (s *Store) follow(tx Tx) error {
	now, err := Identity(tx)
	if err != nil {
		return err
	}
	was := s.meta()
	if now.Epoch == was.Epoch && now.LogKey == was.LogKey {
		return nil
	}
	signer, err := s.signerOf(now)
	if err != nil {
		return err
	}
	s.mu.Lock()
	s.identity, s.signer, s.origin = now, signer, surveysync.Origin(now.Epoch)
	s.mu.Unlock()
	return nil
}

// Reborn gives a store that was restored a new epoch and a new log, whose first
// leaf names the old one and its last head.
func Reborn(tx WriteTx, c Config, newKey bool) (was, is store.Meta, err error) {
	if was, err = Identity(tx); err != nil {
		return was, is, err
	}
	var seed []byte
	if newKey {
		seed, err = newSeed(c)
	} else {
		seed, err = readSeed(c.KeyFile)
	}
	if err != nil {
		return was, is, err
	}
	s := &Store{Config: c, identity: was}
	s.identity.Logs = slices.Clone(was.Logs)
	if err := s.rename(seed); err != nil {
		return was, is, err
	}
	return was, s.identity, s.beginLog(tx, was)
}

// PutIdentity writes who a new store is.
func PutIdentity(tx WriteTx, m store.Meta) error {
	raw, err := json.Marshal(m)
	if err != nil {
		return err
	}
	return tx.Bucket(BucketMeta).Put(KeyIdentity, raw)
}
