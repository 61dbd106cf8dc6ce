// Package tui holds the screens of the form. There is one tea.Model, [App];
// pages are plain structs with methods, kept on a stack. Every answer is
// written to the device's store when it is left, before the next key is read;
// the network is only ever touched inside commands.
//
// It may import internal/desk, internal/drafts, pkg/sync and pkg/survey. Start
// reading at [App.Update].
package tui

import (
	"context"
	"fmt"
	"image/color"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
)

// The smallest window that the form is shown in, in cells; 80x24 is what it is
// made for, and lines are not stretched beyond maxWidth.
const (
	minWidth, minHeight = 60, 15
	maxWidth            = 100
)

// syncEvery is how often the form looks whether something waits to be sent.
const syncEvery = 15 * time.Second

// page is one screen. It draws into the body's rectangle and knows nothing of
// the frame around it.
type page interface {
	title() string
	size(w, h int)
	key(k tea.KeyPressMsg) tea.Cmd
	paste(s string) tea.Cmd
	view() string // at most h lines of at most w cells
	cursor() (x, y int, ok bool)
	status() string // what the status line says of the place
	help() string   // the keys, at most one line
	refresh()       // what it shows may have changed
	leave() bool    // commits what is being typed; false when it could not be saved
}

// App is the form.
type App struct {
	desk      *desk.Desk
	texts     *texts
	styles    styles
	looks     desk.Looks
	ground    color.Color // of the terminal, nil while it has not told
	documents string
	now       func() time.Time
	after     func(time.Duration, tea.Msg) tea.Cmd
	w, h      int
	pages     []page

	toast   string // what was just said, until the next key
	saved   time.Time
	unsaved string // why the last answer could not be saved
	advice  string // what to do about it
	keys    int    // counts what was typed, so that a rest is of the last key
	changed bool   // since the last automatic copy, which was made at copied
	copied  time.Time
	syncing bool
	net     string // what the last contact said, in words
	alarm   bool   // the server's log was found changed
	year    string // the school year that is asked about

	edits map[string]*edits // that can be taken back, see history
}

// Options are what the program decides outside the form, and what a test
// replaces.
type Options struct {
	Lang      string
	Looks     desk.Looks
	Documents string                               // folder that receipts are saved into
	Now       func() time.Time                     // nil: time.Now
	After     func(time.Duration, tea.Msg) tea.Cmd // a message after a while; nil: tea.Tick
}

// New makes the form over an opened desk.
func New(d *desk.Desk, opt Options) *App {
	if opt.Now == nil {
		opt.Now = time.Now
	}
	if opt.After == nil {
		opt.After = func(d time.Duration, msg tea.Msg) tea.Cmd {
			return tea.Tick(d, func(time.Time) tea.Msg { return msg })
		}
	}
	a := &App{desk: d, texts: in(opt.Lang), looks: opt.Looks, documents: opt.Documents, styles: newStyles(opt.Looks, nil),
		now: opt.Now, after: opt.After, w: 80, h: 24, edits: map[string]*edits{}}
	a.copied = a.now()
	a.watch()
	account, ok := d.Account()
	switch {
	case !ok:
		a.pages = []page{newSignIn(a)}
	case account.MustChange:
		a.pages = []page{newPassword(a, "")}
	default:
		a.home()
	}
	if said := d.Restored(a.texts.lang); said != "" {
		a.pages = append(a.pages, newAbout(a, said))
	}
	return a
}

type (
	syncMsg struct {
		report desk.SyncReport
		err    error
	}
	tickMsg struct{}
	// Quit asks the form to save what is being typed and end: a signal, a
	// closed window.
	Quit struct{}
)

// Init starts the first contact with the server.
func (a *App) Init() tea.Cmd {
	a.layout()
	return tea.Batch(tea.RequestBackgroundColor, a.sync(false), a.tick())
}

func (a *App) tick() tea.Cmd {
	return a.after(syncEvery, tickMsg{})
}

// sync sends what waits and fetches what is new. force tries again at once
// what would otherwise wait for its time.
func (a *App) sync(force bool) tea.Cmd {
	// With the password of the letter the server lets nobody do anything else.
	if account, ok := a.desk.Account(); !ok || account.MustChange || a.syncing {
		return nil
	}
	a.syncing = true
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Minute)
		defer cancel()
		report, err := a.desk.Sync(ctx, force)
		return syncMsg{report, err}
	}
}

// Update takes one message. Keys go to the page on top; what is left over is
// the program's own.
func (a *App) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		if msg.Width > 0 && msg.Height > 0 { // some terminals report 0x0
			a.w, a.h = msg.Width, msg.Height
			a.layout()
		}
	case tea.KeyPressMsg:
		if msg.Text != "" && legible(msg.Text) == "" {
			return a, nil
		}
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.tooSmall() {
			return a, nil
		}
		a.toast = ""
		return a, tea.Batch(a.top().paste(legible(msg.Content)), a.typed())
	case syncMsg:
		a.synced(msg)
	case examMsg:
		a.examined(msg)
	case tickMsg:
		if a.desk.Waiting() {
			return a, tea.Batch(a.sync(false), a.copies(), a.tick())
		}
		return a, tea.Batch(a.copies(), a.tick())
	case tea.BackgroundColorMsg:
		a.ground = msg.Color
		a.styles = newStyles(a.looks, a.ground)
	case entryDone:
		return a, msg.page.done(msg)
	case restMsg:
		a.rest(msg)
	case armedMsg, copyMsg: // what they change is drawn anew
	case Quit:
		a.commit()
		return a, tea.Quit
	case tea.InterruptMsg:
		a.hold(a.texts.CtrlC)
	default:
		if p, ok := a.top().(interface{ message(tea.Msg) tea.Cmd }); ok {
			return a, p.message(msg)
		}
	}
	return a, nil
}

// legible leaves out what nobody can see in a text and a terminal may act upon:
// control characters, marks that turn its direction, characters of no width.
// Lines, tabs and spaces of all kinds stay.
func legible(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == utf8.RuneError:
			return -1 // bytes that are no text
		case r == '\n' || r == '\r' || r == '\t' || strconv.IsPrint(r):
			return r
		case unicode.IsSpace(r) && r > ' ' && r != '\u0085':
			return ' ' // as between thousands
		}
		return -1
	}, s)
}

func (a *App) key(k tea.KeyPressMsg) tea.Cmd {
	a.toast = ""
	switch k.String() {
	case "ctrl+q", "f10":
		return a.quit()
	case "ctrl+c":
		a.hold(a.texts.CtrlC)
		return nil
	case "ctrl+s":
		a.hold(a.texts.CtrlS)
		return nil
	case "f5":
		return a.sync(true)
	case "ctrl+f":
		return openSearch(a)
	}
	if _, asked := a.top().(*lossPage); k.String() == "f3" && !asked && !a.tooSmall() {
		if _, ok := a.desk.Account(); ok {
			return openDoctor(a)
		}
	}
	if a.tooSmall() {
		return nil // nobody changes answers that cannot be seen
	}
	if p, ok := a.top().(interface{ about() string }); ok && a.asksHelp(k) {
		a.push(newAbout(a, p.about()))
		return nil
	}
	cmd := a.top().key(k)
	return tea.Batch(cmd, a.typed())
}

// asksHelp: F1, and Ctrl+G where a terminal keeps F1 for itself. In the
// explanation Ctrl+G saves.
func (a *App) asksHelp(k tea.KeyPressMsg) bool {
	_, explains := a.top().(*explainPage)
	return k.String() == "f1" || k.String() == "ctrl+g" && !explains
}

func (a *App) synced(msg syncMsg) {
	a.syncing = false
	a.net = ""
	switch {
	case msg.err != nil:
		a.net = desk.Sentence(msg.err, a.texts.lang)
	case msg.report.Offline:
		a.net = a.texts.Offline
	case desk.CodeOf(msg.report.Err) == "unauthorized":
		a.net = a.texts.SessionEnded
	case msg.report.Err != nil: // reached, and it refuses
		a.net = desk.Sentence(msg.report.Err, a.texts.lang)
	}
	for _, s := range msg.report.Sent {
		a.say(fmt.Sprintf(a.texts.Submitted, s.Number))
	}
	if msg.report.GivenBack != "" {
		a.say(msg.report.GivenBack)
	}
	if skew := msg.report.Skew.Abs(); skew > 2*time.Minute {
		a.say(fmt.Sprintf(a.texts.ClockOff, a.texts.number(int(skew.Round(time.Minute).Minutes()))))
	}
	a.watch()
	for _, p := range a.pages {
		refresh(p)
	}
}

func (a *App) top() page { return a.pages[len(a.pages)-1] }

// push opens a page over the others, unless what was typed cannot be saved:
// then the person stays with it.
func (a *App) push(p page) {
	if !a.commit() {
		return
	}
	a.pages = append(a.pages, p)
	a.layout()
}

// pop goes back one page; the first one stays.
func (a *App) pop() {
	if a.top().leave() {
		a.back()
	}
}

// back is pop without writing anything.
func (a *App) back() {
	if len(a.pages) > 1 {
		a.pages = a.pages[:len(a.pages)-1]
	}
	refresh(a.top())
	a.layout()
}

// home drops everything and begins with the home page; the first time, with
// what is needed on it.
func (a *App) home() {
	a.pages = []page{newHome(a)}
	if !a.desk.Prepared() {
		a.pages = append(a.pages, newPrepare(a))
	}
	a.layout()
}

func (a *App) say(s string) { a.toast = s }

// failed says why something could not be shown; nothing is unsaved by that.
func (a *App) failed(err error) { a.say(desk.Sentence(err, a.texts.lang)) }
