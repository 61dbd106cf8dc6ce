package desk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/drafts"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

const passphrase = "quattro lampade verdi sul tavolo"

var noon = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)

// other is a second school on the same server: a group of paritarie.
var other = survey.Institution{Code: "MIPL125004", Codes: []string{"MIPL125004", "MITD325009"}, Name: "Gestore Beta",
	Comune: "MILANO", Kind: survey.KindParitaria, ExpectedTracks: []string{survey.TrackLiceale}}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// What the network does to a call.
const (
	lineUp   = iota
	lineDown // every call breaks off before it arrives
	lineLost // a PUT arrives and is answered; the answer is lost
	linePage // a page of the network answers in the server's place
)

// world is the office's server on a real store, and the devices around it.
type world struct {
	t       testing.TB
	store   store.Store
	url     string
	clock   *clock // the server's
	hasher  *account.Hasher
	keyFile string
	letter  map[string]string // one-time password by login code

	mu   sync.Mutex
	now  http.Handler // of the server that answers now
	line int
	edit func(body []byte) []byte // what somebody does to a PUT on its way
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{at: noon}, letter: map[string]string{}, hasher: account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random{})}
	w.keyFile = filepath.Join(t.TempDir(), "rileva.key")
	engine, err := bolt.Open(filepath.Join(t.TempDir(), "rileva.db"), bolt.Options{Now: w.clock.now, KeyFile: w.keyFile})
	w.must(err)
	w.store = engine
	t.Cleanup(func() { w.must(engine.Close()) })
	ctx := context.Background()
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	_, err = engine.Publish(ctx, questionnaires.Dispersione202223, noon, act)
	w.must(err)
	w.must(engine.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var edit store.RegisterEdit
		for _, block := range []survey.Institution{samples.Institution(), other} {
			in := store.Institution{AddedAt: noon, Confirmed: true}
			in.Institution.Institution = block
			edit.Put = append(edit.Put, in)
		}
		return edit, nil
	}))
	w.dates(noon.AddDate(0, 0, -1), noon.AddDate(0, 0, 19), noon.AddDate(0, 0, 30))
	for _, code := range []string{samples.Institution().Code, other.Code} {
		w.issue(code)
	}
	s := server.New(server.Config{Store: engine, Hasher: w.hasher, Now: w.clock.now, Version: "0.1-test", SubmitBurst: 1 << 20})
	w.now = s.Handler()
	web := httptest.NewServer(w.through(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		now := w.now
		w.mu.Unlock()
		now.ServeHTTP(rw, r)
	})))
	t.Cleanup(web.Close)
	w.url = web.URL
	return w
}

// through is the network before the server.
func (w *world) through(handler http.Handler) http.HandlerFunc {
	return func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		line, edit := w.line, w.edit
		w.mu.Unlock()
		switch {
		case line == lineDown:
			panic(http.ErrAbortHandler)
		case line == linePage:
			rw.Header().Set("Content-Type", "text/html")
			_, _ = io.WriteString(rw, "<html>Benvenuti</html>")
			return
		case r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/parts/"):
			if edit != nil {
				body, err := io.ReadAll(r.Body)
				if err != nil {
					panic(http.ErrAbortHandler)
				}
				r.Body = io.NopCloser(strings.NewReader(string(edit(body))))
				r.ContentLength = -1
			}
			if line == lineLost {
				handler.ServeHTTP(httptest.NewRecorder(), r)
				panic(http.ErrAbortHandler)
			}
		}
		handler.ServeHTTP(rw, r)
	}
}

func (w *world) network(line int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.line = line
}

func (w *world) tamper(edit func([]byte) []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.edit = edit
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) dates(opens, due, late time.Time) {
	w.t.Helper()
	act := surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "survey_dates", Outcome: surveysync.OutcomeOK}
	_, err := w.store.SetDates(context.Background(), store.DatesEdit{Opens: &opens, Due: &due, LateUntil: &late}, act)
	w.must(err)
}

// issue writes a letter with a new one-time password.
func (w *world) issue(code string) {
	w.t.Helper()
	ctx := context.Background()
	in, err := w.store.FindInstitution(ctx, code)
	w.must(err)
	w.letter[code] = account.NewOneTimePassword(random{})
	hash, err := w.hasher.HashPassword(ctx, account.NormalizeOneTimePassword(w.letter[code]))
	w.must(err)
	act := surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "credentials_issue", Outcome: surveysync.OutcomeOK}
	_, err = w.store.IssueCredentials(ctx, map[string]string{in.ID: hash}, true, w.clock.now(), act)
	w.must(err)
}

// device opens a desk in a folder of its own; its clock is the server's.
func (w *world) device(lang string) *Desk {
	w.t.Helper()
	return w.open(w.t.TempDir(), lang)
}

func (w *world) open(home, lang string) *Desk {
	w.t.Helper()
	d, err := Open(home, Options{Version: "0.1-test", Lang: lang, Server: w.url, Now: w.clock.now})
	w.must(err)
	q, err := compiled()
	w.must(err)
	d.cache[q.Digest()] = q // under the race detector compiling takes longer than a test
	w.t.Cleanup(func() { _ = d.Close() })
	return d
}

var compiled = sync.OnceValues(func() (*survey.Questionnaire, error) { return survey.Load(questionnaires.Dispersione202223) })

// enter signs in, with the letter's password the first time.
func (w *world) enter(d *Desk, code string) {
	w.t.Helper()
	a, err := d.SignIn(context.Background(), "", code, passphrase)
	if CodeOf(err) == string(surveysync.Unauthorized) {
		a, err = d.SignIn(context.Background(), "", code, w.letter[code])
	}
	w.must(err)
	if a.MustChange {
		w.must(d.ChangePassword(context.Background(), w.letter[code], passphrase))
	}
}

// respondent is a device with the school of the samples signed in.
func (w *world) respondent() *Desk {
	w.t.Helper()
	d := w.device("it")
	w.enter(d, samples.Institution().Code)
	return d
}

// fill takes the samples into the drafts.
func (w *world) fill(d *Desk, parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		report, err := d.Fill(part, part+".json", samples.JSON(part), false)
		w.must(err)
		if len(report.Faults) > 0 || report.Taken == 0 {
			w.t.Fatalf("%s: %+v", part, report)
		}
	}
}

func (w *world) set(d *Desk, part, id string, value any) {
	w.t.Helper()
	work, err := d.Work(part)
	w.must(err)
	_, err = work.Set(Change{Variable: id, Value: value})
	w.must(err)
}

func (w *world) sync(d *Desk) SyncReport {
	w.t.Helper()
	report, err := d.Sync(context.Background(), true)
	w.must(err)
	return report
}

// send submits and wants a receipt of each part.
func (w *world) send(d *Desk, parts ...string) []surveysync.Receipt {
	w.t.Helper()
	for _, part := range parts {
		err := d.Submit(part, SubmitOptions{Declared: true})
		var blocked *Blocked
		if errors.As(err, &blocked) {
			w.t.Fatalf("%s: %+v", part, blocked.Findings)
		}
		w.must(err)
	}
	report := w.sync(d)
	if len(report.Sent) != len(parts) || len(report.Waiting) > 0 || report.Err != nil {
		w.t.Fatalf("sending %v: %+v", parts, report)
	}
	return report.Sent
}

// stored gives what the server holds of a part: its revisions and the answers
// of the last one.
func (w *world) stored(code, part string) (int, surveysync.Submission) {
	w.t.Helper()
	ctx := context.Background()
	in, err := w.store.FindInstitution(ctx, code)
	w.must(err)
	list, err := w.store.Revisions(ctx, in.ID, part)
	if store.CodeOf(err) == surveysync.NotFound || len(list) == 0 {
		return 0, surveysync.Submission{}
	}
	w.must(err)
	current, err := w.store.Submission(ctx, in.ID, part, 0)
	w.must(err)
	sub, err := surveysync.ParseSubmission(current.Body)
	w.must(err)
	return len(list), sub
}

// sound fails when the server's store or a device's breaks an invariant.
func (w *world) sound(desks ...*Desk) {
	w.t.Helper()
	if faults, err := w.store.Check(context.Background()); err != nil || len(faults) > 0 {
		w.t.Errorf("the server's store: %v %v", err, faults)
	}
	for _, d := range desks {
		if faults, err := d.store.Check(); err != nil || len(faults) > 0 {
			w.t.Errorf("the device's store: %v %v", err, faults)
		}
	}
}

// wants fails unless the error is this one, with a sentence and a hint in both
// languages that show nothing of a library or of the table.
func wants(t testing.TB, err error, code string) {
	t.Helper()
	if CodeOf(err) != code {
		t.Fatalf("%v, want %s", err, code)
	}
	for _, lang := range []string{"it", "en"} {
		for _, s := range []string{Sentence(err, lang), Hint(err, lang)} {
			if s == "" || strings.Contains(s, "%") || strings.Contains(s, "dial tcp") || strings.Contains(s, "json:") {
				t.Errorf("%s in %s: %q", code, lang, s)
			}
		}
	}
}

func line(o Overview, part string) PartLine {
	for _, p := range o.Parts {
		if p.Part == part {
			return p
		}
	}
	return PartLine{}
}

func (w *world) overview(d *Desk) Overview {
	w.t.Helper()
	o, err := d.Overview()
	w.must(err)
	return o
}

func asJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func ownerOf(t testing.TB, d *Desk) drafts.Owner {
	t.Helper()
	o, err := d.owner()
	if err != nil {
		t.Fatal(err)
	}
	return o
}

func logOf(incident string) store.LogFilter { return store.LogFilter{Incident: incident, After: -1} }
