package simulation_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

const (
	letter     = "ABCD-EFGH-JKMN-PQRS"
	passphrase = "quattro lampade verdi sul tavolo"
	schoolCode = "MIIS00100B"
)

var (
	opens = time.Date(2023, 11, 20, 0, 0, 0, 0, time.UTC)
	noon  = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)
	ends  = time.Date(2024, 1, 10, 0, 0, 0, 0, time.UTC)
)

type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// failer is what a test, a rapid run and the preparation have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// office is the server and its store. Each history has one of its own.
type office struct {
	t        failer
	dir      string // of the history
	data     string // of the store; another one after a restore
	now      time.Time
	on       place
	engine   store.Store
	store    *storetest.Failing
	server   *server.Server
	school   store.Institution
	versions []string // notes of the questionnaires that were published, in order
	broken   string   // a promise that the server does not keep, see broken_test.go
	made     int      // transactions of devices in their passes
	last     int      // of these: behind it its device dies; 0 is none
	before   []byte   // the file as it was before the last PUT, for one of these
}

// prepared is the beginning of every history, made once: a store with a
// survey and a school, and two devices on which that school has signed in.
type prepared struct {
	db, key []byte
	homes   [2][]byte
}

var beginning prepared

func TestMain(m *testing.M) {
	debug.SetGCPercent(400) // a history leaves little behind
	beginning = prepare()
	os.Exit(m.Run())
}

type preparing struct{}

func (preparing) Helper()                           {}
func (preparing) Fatalf(format string, args ...any) { panic(fmt.Sprintf(format, args...)) }

func prepare() (p prepared) {
	o := &office{t: preparing{}, dir: newFolder(), now: noon, on: file{}}
	defer func() { o.must(os.RemoveAll(o.dir)) }()
	o.data = filepath.Join(o.dir, "server")
	o.must(os.Mkdir(o.data, 0o700))
	o.open()
	o.fill()
	for n := range p.homes {
		c := o.computer(n)
		c.start()
		password := passphrase
		if n == 0 {
			password = letter
		}
		account, err := c.desk.SignIn(context.Background(), "", schoolCode, password)
		o.must(err)
		if account.MustChange {
			o.must(c.desk.ChangePassword(context.Background(), letter, passphrase))
		}
		o.must(c.desk.Close())
		p.homes[n] = o.read(filepath.Join(c.home, "drafts.db"))
	}
	o.backup() // which is shorter than the file itself
	o.must(o.engine.Close())
	p.db, p.key = o.read(o.copyAt()), o.read(o.path()+".key")
	return p
}

// newFolder is in memory where that is possible: what a flush does is the
// business of other tests.
func newFolder() string {
	dir, err := os.MkdirTemp("/dev/shm", "rileva-simulation-*")
	if err != nil {
		dir, err = os.MkdirTemp("", "rileva-simulation-*")
	}
	if err != nil {
		panic(err)
	}
	return dir
}

// newOffice starts a server that stands where every history begins.
func newOffice(t failer, on place, broken string) *office {
	t.Helper()
	o := &office{t: t, dir: newFolder(), now: noon, on: on, broken: broken, versions: []string{""}}
	o.data = filepath.Join(o.dir, "server")
	o.must(os.Mkdir(o.data, 0o700))
	o.write(o.path()+".key", beginning.key)
	o.must(on.begin(o))
	o.open()
	in, err := o.engine.FindInstitution(context.Background(), schoolCode)
	o.must(err)
	o.school = in
	return o
}

func (o *office) path() string { return filepath.Join(o.data, "rileva.db") }

func (o *office) options() bolt.Options {
	return bolt.Options{Now: func() time.Time { return o.now }, KeyFile: filepath.Join(o.dir, "server", "rileva.db.key")}
}

// open starts the server; a second time it is a restart.
func (o *office) open() {
	o.t.Helper()
	engine, err := o.on.open(o)
	o.must(err)
	o.engine = engine
	if o.store == nil {
		o.store = &storetest.Failing{}
	}
	o.store.Store = engine // what fails, fails on
	o.server = server.New(server.Config{Store: o.store, Hasher: hasher(), Now: func() time.Time { return o.now }, Version: "0.1-test",
		SubmitBurst: 1 << 20})
}

func hasher() *account.Hasher {
	return account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random{})
}

func (o *office) restart() {
	o.t.Helper()
	o.must(o.engine.Close())
	if o.broken == answeredTooSoon && o.before != nil {
		o.must(os.WriteFile(o.path(), o.before, 0o600))
	}
	o.open()
}

// drain lets the server note what it keeps for its end. When a call of the
// store fails, the next minute does it; here the second time.
func (o *office) drain() {
	o.t.Helper()
	over, cancel := context.WithCancel(context.Background())
	cancel()
	for range 2 {
		o.must(o.server.Run(over))
	}
}

// backup makes the copy that a later restore goes back to.
func (o *office) backup() {
	o.t.Helper()
	o.must(os.RemoveAll(o.copyAt()))
	_, err := o.engine.Backup(context.Background(), o.copyAt())
	o.must(err)
}

func (o *office) copyAt() string { return filepath.Join(o.dir, "copy.db") }

// restore goes back to the last copy, or to the very beginning.
func (o *office) restore() {
	o.t.Helper()
	o.must(o.engine.Close())
	o.before = nil
	from := o.copyAt()
	if _, err := os.Stat(from); err != nil {
		o.write(from, beginning.db)
	}
	data, err := os.MkdirTemp(o.dir, "restored-*")
	o.must(err)
	o.data = data
	o.must(o.on.restore(o, from))
	o.open()
}

func (o *office) close() {
	o.must(o.engine.Close())
	o.must(os.RemoveAll(o.dir))
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%v", err)
	}
}

func (o *office) read(path string) []byte {
	o.t.Helper()
	raw, err := os.ReadFile(path)
	o.must(err)
	return raw
}

func (o *office) write(path string, raw []byte) {
	o.t.Helper()
	o.must(os.WriteFile(path, raw, 0o600))
}

func (o *office) act(action string) store.Act {
	return store.Act{At: o.now, Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK}
}

// fill publishes the survey, adds the school and writes it a letter.
func (o *office) fill() {
	o.t.Helper()
	ctx := context.Background()
	o.publish("")
	o.must(o.engine.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		in := store.Institution{AddedAt: noon, Confirmed: true}
		in.Code, in.Codes, in.Name, in.Comune, in.Kind = schoolCode, []string{schoolCode}, "Istituto", "MILANO", survey.KindState
		in.ExpectedTracks = []string{survey.TrackLiceale}
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	hash, err := hasher().HashPassword(ctx, account.NormalizeOneTimePassword(letter))
	o.must(err)
	in, err := o.engine.FindInstitution(ctx, schoolCode)
	o.must(err)
	_, err = o.engine.IssueCredentials(ctx, map[string]string{in.ID: hash}, true, noon, o.act("credentials_issue"))
	o.must(err)
	o.dates(ends)
}

// publish puts a version in force that differs from the others by its note.
func (o *office) publish(note string) {
	o.t.Helper()
	_, err := o.engine.Publish(context.Background(), storetest.Questionnaire(note), o.now, o.act("survey_publish"))
	o.must(err)
}

func (o *office) dates(until time.Time) {
	o.t.Helper()
	from := opens
	_, err := o.engine.SetDates(context.Background(), store.DatesEdit{Opens: &from, Due: &until, LateUntil: &until}, o.act("survey_dates"))
	o.must(err)
}

func (o *office) serve(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	if o.broken != "" {
		o.spoil(r)
	}
	o.server.Handler().ServeHTTP(rec, r)
	return rec
}

// sound: the whole store breaks no invariant.
func (o *office) sound() {
	o.t.Helper()
	faults, err := o.engine.Check(context.Background())
	if err != nil || len(faults) > 0 {
		o.t.Fatalf("check: %v %v", faults, err)
	}
}
