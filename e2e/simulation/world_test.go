package simulation_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/desk"
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
	schools    = 20 // of one world: signing in reads all accounts
)

var (
	opens = time.Date(2023, 11, 20, 0, 0, 0, 0, time.UTC)
	noon  = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)
	ends  = time.Date(2024, 1, 10, 0, 0, 0, 0, time.UTC)
)

type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// failer is what a test and a rapid run have in common.
type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// office is the server and its store. Histories share it: each takes the next
// school.
type office struct {
	t       failer
	dir     string
	now     time.Time
	engine  *bolt.Store
	store   *storetest.Failing
	handler http.Handler
	used    int
	broken  string // a promise that the server does not keep, see broken_test.go
	before  []byte // the file as it was before the last PUT, for one of these
}

// tempDir is in memory where that is possible: what a flush does is the
// business of other tests.
func tempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "rileva-simulation-*")
	if err != nil {
		return tb.TempDir()
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

func newOffice(tb testing.TB) *office {
	tb.Helper()
	o := &office{t: tb, dir: tempDir(tb), now: noon}
	o.open()
	tb.Cleanup(func() { _ = o.engine.Close() })
	o.fill()
	return o
}

func (o *office) path() string { return filepath.Join(o.dir, "rileva.db") }

// open starts the server; a second time it is a restart.
func (o *office) open() {
	o.t.Helper()
	engine, err := bolt.Open(o.path(), bolt.Options{Now: func() time.Time { return o.now }})
	o.must(err)
	o.engine, o.store = engine, &storetest.Failing{Store: engine}
	hasher := account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random{})
	o.handler = server.New(server.Config{Store: o.store, Hasher: hasher, Now: func() time.Time { return o.now }, Version: "0.1-test",
		SubmitBurst: 1 << 20}).Handler()
}

func (o *office) restart() {
	o.t.Helper()
	o.must(o.engine.Close())
	if o.broken == answeredTooSoon && o.before != nil {
		o.must(os.WriteFile(o.path(), o.before, 0o600))
	}
	o.open()
}

func (o *office) must(err error) {
	o.t.Helper()
	if err != nil {
		o.t.Fatalf("%v", err)
	}
}

func (o *office) act(action string) store.Act {
	return store.Act{At: o.now, Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK}
}

func code(i int) string { return fmt.Sprintf("MIIS%05dB", i) }

// fill publishes the survey and gives every school the same letter.
func (o *office) fill() {
	o.t.Helper()
	ctx := context.Background()
	_, err := o.engine.Publish(ctx, storetest.Questionnaire(""), noon, o.act("survey_publish"))
	o.must(err)
	o.must(o.engine.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var edit store.RegisterEdit
		for i := range schools {
			in := store.Institution{AddedAt: noon, Confirmed: true}
			in.Code, in.Codes, in.Name, in.Comune, in.Kind = code(i), []string{code(i)}, "Istituto "+code(i), "MILANO", survey.KindState
			in.ExpectedTracks = []string{survey.TrackLiceale}
			edit.Put = append(edit.Put, in)
		}
		return edit, nil
	}))
	hash, err := account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random{}).HashPassword(ctx, account.NormalizeOneTimePassword(letter))
	o.must(err)
	all, err := o.engine.Institutions(ctx)
	o.must(err)
	hashes := map[string]string{}
	for _, in := range all {
		hashes[in.ID] = hash
	}
	_, err = o.engine.IssueCredentials(ctx, hashes, true, noon, o.act("credentials_issue"))
	o.must(err)
	o.dates(ends)
}

func (o *office) dates(until time.Time) {
	o.t.Helper()
	from := opens
	_, err := o.engine.SetDates(context.Background(), store.DatesEdit{Opens: &from, Due: &until, LateUntil: &until}, o.act("survey_dates"))
	o.must(err)
}

// What happens to one call of a pass.
const (
	fateFine          = iota
	fateRequestLost   // it never arrives
	fateAnswerLost    // it arrives; the answer does not
	fateAnswerCut     // half of the answer comes
	fateTwice         // a proxy sends it twice
	fateLater         // it is lost, and arrives after all when nobody waits any more
	fateProxyPage     // a page of the network instead of an answer
	fateCrashBefore   // the device dies before the call leaves
	fateCrashAfter    // the device dies when the server has answered
	fateServerRestart // the server dies after it has done it, before it answers
	fateStoreBefore   // the store fails and has done nothing
	fateStoreAfter    // the store fails and has done everything
	fates
)

// computer is one device of a school, with the network between.
type computer struct {
	office *office
	name   string
	school string
	home   string
	desk   *desk.Desk
	ahead  time.Duration // of its clock
	call   int           // of this pass
	fateAt int           // which call of this pass meets its fate
	fate   int
	crash  string            // a copy of the home, as it was when the device died
	sent   map[string]string // If-Match or If-None-Match by submission id, as it left
	late   *[]*http.Request  // what arrives later, of all devices
	held   int               // receipts that a person has seen
	opened int
}

func (c *computer) now() time.Time { return c.office.now.Add(c.ahead) }

func (c *computer) start() {
	c.office.t.Helper()
	d, err := desk.Open(c.home, desk.Options{Version: "0.1-test", Lang: "it", Server: "http://rileva.test", Now: c.now, HTTP: c})
	c.office.must(err)
	// A heartbeat goes its own way and in its own time: a history that is to be
	// the same for the same seed cannot hold one. It changes nothing else.
	c.office.must(d.Prefer("it", desk.Looks{NoHeartbeat: true}))
	c.desk = d
}

// RoundTrip implements http.RoundTripper: the network.
func (c *computer) RoundTrip(r *http.Request) (*http.Response, error) {
	c.call++
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/parts/") {
		if s, err := surveysync.ParseSubmission(body); err == nil {
			c.sent[s.SubmissionID] = r.Header.Get("If-Match")
		}
	}
	again := func() *http.Request {
		x := r.Clone(context.Background())
		x.Body, x.RequestURI, x.RemoteAddr = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI(), "192.0.2.1:4242"
		x.ContentLength = int64(len(body))
		return x
	}
	fate := fateFine
	if c.call == c.fateAt {
		fate = c.fate
	}
	return c.meet(fate, again)
}

var errNetwork = errors.New("the network is gone")

func (c *computer) meet(fate int, again func() *http.Request) (*http.Response, error) {
	switch fate {
	case fateRequestLost:
		return nil, errNetwork
	case fateLater:
		*c.late = append(*c.late, again())
		return nil, errNetwork
	case fateCrashBefore:
		c.die()
		return nil, errNetwork
	case fateProxyPage:
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", "text/html")
		_, _ = rec.WriteString("<html>Accesso alla rete della scuola</html>")
		return rec.Result(), nil
	case fateTwice:
		c.office.serve(again())
	case fateStoreBefore, fateStoreAfter:
		mode := map[int]string{fateStoreBefore: storetest.FailBefore, fateStoreAfter: storetest.FailAfter}[fate]
		c.office.store.FailWhen(func(method string, _ int) string {
			if method == "Access" { // the token is looked up first, at every call
				return ""
			}
			return mode
		})
		defer c.office.store.FailWhen(nil)
	}
	rec := c.office.serve(again())
	switch fate {
	case fateAnswerLost:
		return nil, errNetwork
	case fateAnswerCut:
		res := rec.Result()
		res.Body = io.NopCloser(io.MultiReader(io.LimitReader(res.Body, int64(rec.Body.Len()/2)), cutOff{}))
		return res, nil
	case fateCrashAfter:
		c.die()
		return nil, errNetwork
	case fateServerRestart:
		c.office.restart()
		return nil, errNetwork
	}
	return rec.Result(), nil
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func (o *office) serve(r *http.Request) *httptest.ResponseRecorder {
	rec := httptest.NewRecorder()
	if o.broken != "" {
		o.spoil(r)
	}
	o.handler.ServeHTTP(rec, r)
	return rec
}

// die keeps what is on the disk at this instant; what the program does from
// here on happens to nobody.
func (c *computer) die() {
	if c.crash == "" {
		c.crash = c.copyHome()
	}
}

func (c *computer) copyHome() string {
	c.office.t.Helper()
	c.opened++
	to := fmt.Sprintf("%s-%s.%d", filepath.Join(c.office.dir, c.school), c.name, c.opened)
	c.office.must(os.MkdirAll(to, 0o700))
	raw, err := os.ReadFile(filepath.Join(c.home, "drafts.db"))
	c.office.must(err)
	c.office.must(os.WriteFile(filepath.Join(to, "drafts.db"), raw, 0o600))
	return to
}

// afterlife starts the device again if it has died.
func (c *computer) afterlife() {
	if c.crash == "" {
		return
	}
	c.office.must(c.desk.Close())
	c.home, c.crash = c.crash, ""
	c.start()
}
