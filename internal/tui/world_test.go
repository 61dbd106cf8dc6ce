package tui

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"reflect"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/account"
	"rileva/internal/desk"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
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
	ended  bool        // the form asked to end
}

// newWorld sets up the made-up school of the samples with a letter. Nobody is
// signed in yet.
func newWorld(t testing.TB, lang string) *world {
	t.Helper()
	w := &world{t: t, lang: lang, clock: &clock{at: noon}, home: t.TempDir()}
	engine, err := bolt.Open(filepath.Join(t.TempDir(), "rileva.db"), bolt.Options{Now: w.clock.now})
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
	w.desk, w.ended = d, false
	w.app = New(d, Options{Lang: w.lang, Now: w.clock.now})
	w.run(w.app.Init())
	w.size(80, 24)
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
	raw, err := json.Marshal(samples.For(samples.Institution())[part])
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
	_, cmd := w.app.Update(msg)
	w.run(cmd)
	w.screen()
}

// run runs a command as the program would, without what waits for a clock: the
// ticks of the form, and huh's blinking cursor.
func (w *world) run(cmd tea.Cmd) {
	w.t.Helper()
	if cmd == nil || waits(cmd) {
		return
	}
	switch msg := cmd().(type) {
	case nil:
	case tea.BatchMsg:
		for _, c := range msg {
			w.run(c)
		}
	case tea.QuitMsg:
		w.ended = true
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			for i := range v.Len() { // tea.Sequence
				w.run(v.Index(i).Interface().(tea.Cmd))
			}
			return
		}
		_, next := w.app.Update(msg)
		w.run(next)
	}
}

func waits(cmd tea.Cmd) bool {
	name := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name()
	return strings.Contains(name, ".Tick") || strings.Contains(name, "/cursor.") || strings.Contains(name, "RequestWindowSize")
}

// Keys by name; what is not named is typed letter by letter.
var keyNames = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "tab": {Code: tea.KeyTab}, "backtab": {Code: tea.KeyTab, Mod: tea.ModShift},
	"esc": {Code: tea.KeyEscape}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft},
	"right": {Code: tea.KeyRight}, "pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "home": {Code: tea.KeyHome},
	"end": {Code: tea.KeyEnd}, "delete": {Code: tea.KeyDelete}, "backspace": {Code: tea.KeyBackspace},
	"space": {Code: tea.KeySpace, Text: " "}, "kpenter": {Code: tea.KeyKpEnter}, "kp1": {Code: tea.KeyKp1}, "kp2": {Code: tea.KeyKp2},
	"f1": {Code: tea.KeyF1}, "f2": {Code: tea.KeyF2}, "f4": {Code: tea.KeyF4}, "f5": {Code: tea.KeyF5}, "f6": {Code: tea.KeyF6},
	"f8": {Code: tea.KeyF8}, "f9": {Code: tea.KeyF9}, "f10": {Code: tea.KeyF10},
	"ctrl+c": {Code: 'c', Mod: tea.ModCtrl}, "ctrl+d": {Code: 'd', Mod: tea.ModCtrl}, "ctrl+g": {Code: 'g', Mod: tea.ModCtrl},
	"ctrl+k": {Code: 'k', Mod: tea.ModCtrl}, "ctrl+n": {Code: 'n', Mod: tea.ModCtrl}, "ctrl+o": {Code: 'o', Mod: tea.ModCtrl},
	"ctrl+q": {Code: 'q', Mod: tea.ModCtrl}, "ctrl+r": {Code: 'r', Mod: tea.ModCtrl}, "ctrl+s": {Code: 's', Mod: tea.ModCtrl},
	"ctrl+t": {Code: 't', Mod: tea.ModCtrl}, "ctrl+y": {Code: 'y', Mod: tea.ModCtrl}, "ctrl+z": {Code: 'z', Mod: tea.ModCtrl},
}

// press presses named keys; types types a text.
func (w *world) press(names ...string) {
	w.t.Helper()
	for _, name := range names {
		k, ok := keyNames[name]
		if !ok {
			w.t.Fatalf("no key %q", name)
		}
		w.send(k)
	}
}

func (w *world) types(s string) {
	w.t.Helper()
	for _, r := range s {
		w.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	}
}

func (w *world) size(width, height int) {
	w.t.Helper()
	w.send(tea.WindowSizeMsg{Width: width, Height: height})
}

// screen is what stands in the terminal, found to fit into it.
func (w *world) screen() string {
	w.t.Helper()
	v := w.app.View()
	text := ansi.Strip(v.Content)
	lines := strings.Split(text, "\n")
	if len(lines) > w.app.h {
		w.t.Fatalf("%d lines in a window of %d:\n%s", len(lines), w.app.h, text)
	}
	for _, l := range lines {
		if ansi.StringWidth(l) > w.app.w {
			w.t.Fatalf("a line of %d in a window of %d:\n%s", ansi.StringWidth(l), w.app.w, text)
		}
	}
	if c := v.Cursor; c != nil && (c.X < 0 || c.X >= w.app.w || c.Y < 0 || c.Y >= len(lines)) {
		w.t.Fatalf("the cursor is at %d,%d:\n%s", c.X, c.Y, text)
	}
	return text
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
