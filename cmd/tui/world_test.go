package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

const (
	school     = "MIIS999009"
	second     = "MIPL125004"
	passphrase = "quattro lampade verdi sul tavolo"
)

type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// world is the office's server, and a person at a computer.
type world struct {
	t      *testing.T
	store  store.Store
	url    string
	letter map[string]string // by login code
	dir    string
	office string // the server's folder
	env    map[string]string

	mu   sync.Mutex
	down bool
	skew time.Duration // of the server's clock
	edit func([]byte) []byte
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, letter: map[string]string{}, dir: t.TempDir(), office: t.TempDir()}
	engine, err := bolt.Open(filepath.Join(w.office, "rileva.db"), bolt.Options{Now: w.now})
	w.must(err)
	w.store = engine
	t.Cleanup(func() { w.must(engine.Close()) })
	ctx := context.Background()
	act := surveysync.Entry{At: w.now(), Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	_, err = engine.Publish(ctx, questionnaires.Dispersione202223, w.now(), act)
	w.must(err)
	w.must(engine.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		one, two := store.Institution{AddedAt: w.now(), Confirmed: true}, store.Institution{AddedAt: w.now(), Confirmed: true}
		one.Institution.Institution = samples.Institution()
		two.Institution.Institution = survey.Institution{Code: second, Codes: []string{second}, Name: "Gestore Beta", Comune: "MILANO", Kind: survey.KindParitaria}
		return store.RegisterEdit{Put: []store.Institution{one, two}}, nil
	}))
	w.dates(-24*time.Hour, 240*time.Hour, 480*time.Hour)
	hasher := account.NewHasher(account.Params{Memory: 8, Time: 1, Threads: 1}, random{})
	for _, code := range []string{school, second} {
		in, err := engine.FindInstitution(ctx, code)
		w.must(err)
		w.letter[code] = account.NewOneTimePassword(random{})
		hash, err := hasher.HashPassword(ctx, account.NormalizeOneTimePassword(w.letter[code]))
		w.must(err)
		act.Action = "credentials_issue"
		_, err = engine.IssueCredentials(ctx, map[string]string{in.ID: hash}, false, w.now(), act)
		w.must(err)
	}
	handler := server.New(server.Config{Store: engine, Hasher: hasher, Now: w.now, SubmitBurst: 1 << 20}).Handler()
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		w.mu.Lock()
		down, edit := w.down, w.edit
		w.mu.Unlock()
		if down {
			panic(http.ErrAbortHandler)
		}
		if edit != nil && r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/parts/") {
			body, err := io.ReadAll(r.Body)
			if err != nil {
				panic(http.ErrAbortHandler)
			}
			r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(edit(body))), -1
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(web.Close)
	w.url = web.URL
	w.env = map[string]string{"RILEVA_HOME": filepath.Join(w.dir, "home"), "RILEVA_SERVER": w.url}
	return w
}

// now is the server's clock.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return time.Now().Add(w.skew)
}

func (w *world) change(f func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	f()
}

func (w *world) dates(opens, due, late time.Duration) {
	w.t.Helper()
	a, b, c := w.now().Add(opens), w.now().Add(due), w.now().Add(late)
	act := surveysync.Entry{At: w.now(), Actor: surveysync.ActorOffice, Action: "survey_dates", Outcome: surveysync.OutcomeOK}
	_, err := w.store.SetDates(context.Background(), store.DatesEdit{Opens: &a, Due: &b, LateUntil: &c}, act)
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// said is what one call came to.
type said struct {
	code     int
	out, err string
	args     []string
}

// libraries are words that only a library says.
var libraries = regexp.MustCompile(`(?i)dial tcp|no such file|permission denied|connection (refused|reset)|\bEOF\b|strconv|json:|unmarshal|invalid character|unknown (flag|command|shorthand)|flag needs|panic|goroutine|<nil>|%!|zip:|is a directory|timeout\b.*exceeded`)

// call is rileva with these arguments; the first of lines is typed.
func (w *world) call(in string, args ...string) said {
	w.t.Helper()
	var out, errs bytes.Buffer
	code := run(context.Background(), args, streams{in: strings.NewReader(in), out: &out, err: &errs, lockWork: 1}, func(name string) string { return w.env[name] })
	s := said{code, out.String(), errs.String(), args}
	if found := libraries.FindString(s.out + s.err); found != "" {
		w.t.Errorf("%v shows %q: %s%s", args, found, s.out, s.err)
	}
	for _, line := range strings.Split(strings.TrimSpace(s.err), "\n") {
		if line != "" && !strings.HasPrefix(line, "rileva: ") && !strings.Contains(line, ":") {
			w.t.Errorf("%v: a line of its own: %q", args, line)
		}
	}
	return s
}

// gives wants an exit code and gives what was said.
func (w *world) gives(code int, args ...string) said {
	w.t.Helper()
	s := w.call("", args...)
	w.is(s, code)
	return s
}

func (w *world) is(s said, code int) {
	w.t.Helper()
	if s.code != code {
		w.t.Fatalf("%v: exit %d, want %d\n%s%s", s.args, s.code, code, s.out, s.err)
	}
	if code != exitDone && !strings.Contains(s.out+s.err, "{") && s.err == "" && s.out == "" {
		w.t.Errorf("%v: exit %d without a word", s.args, code)
	}
}

// says wants a text among what was said.
func (w *world) says(s said, texts ...string) {
	w.t.Helper()
	for _, text := range texts {
		if !strings.Contains(s.out+s.err, text) {
			w.t.Errorf("%v does not say %q:\n%s%s", s.args, text, s.out, s.err)
		}
	}
}

// json wants one JSON value on standard output and nothing else.
func (w *world) json(s said, v any) {
	w.t.Helper()
	dec := json.NewDecoder(strings.NewReader(s.out))
	if err := dec.Decode(v); err != nil {
		w.t.Fatalf("%v: %v\n%s", s.args, err, s.out)
	}
	if _, err := dec.Token(); err != io.EOF {
		w.t.Errorf("%v: something follows the JSON", s.args)
	}
}

// login signs a school in, with the letter's password the first time.
func (w *world) login(code string) said {
	w.t.Helper()
	s := w.call(passphrase+"\n", "login", "--code", code, "--password-stdin")
	if s.code != exitDone {
		s = w.call(w.letter[code]+"\n"+passphrase+"\n", "login", "--code", code, "--password-stdin")
	}
	w.is(s, exitDone)
	return s
}

// file writes one and gives its name.
func (w *world) file(name, content string) string {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	w.must(os.WriteFile(path, []byte(content), 0o600))
	return path
}

func (w *world) fill(parts ...string) {
	w.t.Helper()
	for _, part := range parts {
		w.gives(exitDone, "fill", part, "--from", w.file(part+".json", string(samples.JSON(part))))
	}
}

func (w *world) network(up bool) { w.change(func() { w.down = !up }) }
