package tui

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"image/color"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/account"
	"rileva/internal/desk"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/tui/robot"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

const newPassphrase = "quattro lampade verdi sul tavolo"

var (
	noon  = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)
	cheap = account.Params{Memory: 8, Time: 1, Threads: 1}
)

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

// world is the form over a real desk, and the office's server behind it.
type world struct {
	t      testing.TB
	app    *App
	desk   *desk.Desk
	store  store.Store
	inst   store.Institution
	home   string
	lang   string
	url    string
	letter string
	clock  *clock
	down   atomic.Bool // the server cannot be reached
	robot  *robot.Robot
	looks  desk.Looks
	ground color.Color // of the terminal, nil when it does not tell

	hostile string // what the persons at the school are called
}

// folder is in memory where there is such a place: here nothing loses its
// power, and a whole survey waits a thousand times for a disk.
func folder(t testing.TB) string {
	dir, err := os.MkdirTemp("/dev/shm", "rileva-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// newWorld sets up the made-up school of the samples with a letter. Nobody is
// signed in yet.
func newWorld(t testing.TB, lang string) *world {
	t.Helper()
	w := &world{t: t, lang: lang, clock: &clock{at: noon}, home: folder(t)}
	engine, err := bolt.Open(filepath.Join(folder(t), "rileva.db"), bolt.Options{Now: w.clock.now})
	w.must(err)
	w.store = engine
	t.Cleanup(func() { w.must(engine.Close()) })
	hasher := account.NewHasher(cheap, random{})
	w.fill(hasher)
	s := server.New(server.Config{Store: engine, Hasher: hasher, Now: w.clock.now, Version: "0.1-test", SubmitBurst: 1 << 20})
	handler := s.Handler()
	web := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if w.down.Load() {
			panic(http.ErrAbortHandler) // the line is cut
		}
		handler.ServeHTTP(rw, r)
	}))
	t.Cleanup(web.Close)
	w.url = web.URL
	w.open()
	return w
}

func (w *world) fill(hasher *account.Hasher) {
	w.t.Helper()
	ctx := context.Background()
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	_, err := w.store.Publish(ctx, questionnaires.Dispersione202223, noon, act)
	w.must(err)
	var in store.Institution
	raw, err := json.Marshal(samples.Institution())
	w.must(err)
	w.must(json.Unmarshal(raw, &in.Institution))
	in.AddedAt = noon
	w.must(w.store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	w.inst, err = w.store.FindInstitution(ctx, samples.Institution().Code)
	w.must(err)
	w.letter = account.NewOneTimePassword(random{})
	hash, err := hasher.HashPassword(ctx, account.NormalizeOneTimePassword(w.letter))
	w.must(err)
	act.Action = "credentials_issue"
	_, err = w.store.IssueCredentials(ctx, map[string]string{w.inst.ID: hash}, false, noon, act)
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// open starts the program, as after a restart.
func (w *world) open() {
	w.t.Helper()
	d, err := desk.Open(w.home, desk.Options{Version: "0.1-test", Lang: w.lang, Server: w.url, Now: w.clock.now})
	w.must(err)
	w.t.Cleanup(func() { _ = d.Close() })
	w.desk, w.robot = d, robot.New(80, 24)
	w.app = New(d, Options{Lang: w.lang, Looks: w.looks, Now: w.clock.now, After: w.robot.After, Documents: w.home})
	w.robot.Open(w.app)
	if w.ground != nil {
		w.robot.Send(tea.BackgroundColorMsg{Color: w.ground})
	}
}

// reopen ends the program and starts it again.
func (w *world) reopen() {
	w.t.Helper()
	w.must(w.desk.Close())
	w.open()
}

// signed signs in with the letter and changes the password, past the screens.
func (w *world) signed() *world {
	w.t.Helper()
	ctx := context.Background()
	_, err := w.desk.SignIn(ctx, w.url, w.inst.Code, w.letter)
	w.must(err)
	w.must(w.desk.ChangePassword(ctx, w.letter, newPassphrase))
	w.must(w.desk.NotePrepared())
	w.reopen()
	return w
}

// filled puts the samples into the drafts of some parts.
func (w *world) filled(parts ...string) *world {
	w.t.Helper()
	for _, part := range parts {
		w.refill(part)
	}
	w.reopen()
	return w
}

func (w *world) refill(part string) {
	w.t.Helper()
	answers := samples.For(samples.Institution())[part]
	if w.hostile != "" && part == general {
		answers["head_name"], answers["compiler_name"] = w.hostile, w.hostile
	}
	raw, err := json.Marshal(answers)
	w.must(err)
	report, err := w.desk.Fill(part, part+".json", raw, false)
	w.must(err)
	if len(report.Faults) > 0 {
		w.t.Fatalf("%s: %v", part, report.Faults)
	}
}

// send gives the form a message and runs what it asks for, at once.
func (w *world) send(msg tea.Msg) {
	w.t.Helper()
	w.robot.Send(msg)
	w.fits()
}

// press presses named keys; types types a text.
func (w *world) press(names ...string) {
	w.t.Helper()
	for _, name := range names {
		w.robot.Press(name)
		w.fits()
	}
}

// downTo goes down a list until a line that holds text is the chosen one.
func (w *world) downTo(text string) {
	w.t.Helper()
	for range 200 {
		for line := range strings.Lines(w.screen()) {
			if strings.HasPrefix(strings.TrimLeft(line, " "), "> ") && strings.Contains(line, text) {
				return
			}
		}
		w.press("down")
	}
	w.t.Fatalf("no line %q to choose:\n%s", text, w.screen())
}

func (w *world) types(s string) {
	w.t.Helper()
	for _, r := range s {
		w.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

// pass lets time go by, for the clock and for the form's timers.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.clock.move(d)
	w.robot.Advance(d)
	w.fits()
}

func (w *world) size(width, height int) {
	w.t.Helper()
	w.robot.Resize(width, height)
	w.fits()
}

// fits looks that what is drawn fits into the terminal.
func (w *world) fits() {
	w.t.Helper()
	w.must(w.robot.Fits())
}

// screen is what stands in the terminal, found to fit into it.
func (w *world) screen() string {
	w.t.Helper()
	w.fits()
	return w.robot.Screen()
}

// sees fails unless the screen holds every text.
func (w *world) sees(texts ...string) {
	w.t.Helper()
	screen := w.screen()
	for _, s := range texts {
		if !strings.Contains(screen, s) {
			w.t.Fatalf("no %q on the screen:\n%s", s, screen)
		}
	}
}

func (w *world) lacks(text string) {
	w.t.Helper()
	if screen := w.screen(); strings.Contains(screen, text) {
		w.t.Fatalf("%q is on the screen:\n%s", text, screen)
	}
}

// value is an answer as it stands on the disk.
func (w *world) value(part, id string) any {
	w.t.Helper()
	work, err := w.desk.Work(part)
	w.must(err)
	return work.Value(id)
}

// at opens the place of one answer from the home page.
func (w *world) at(part, id string) {
	w.t.Helper()
	w.app.home()
	work, err := w.desk.Work(part)
	w.must(err)
	w.app.push(newPart(w.app, work))
	openVariable(w.app, work, id)
	w.screen()
}
