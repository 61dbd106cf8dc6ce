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
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	surveysync "rileva/pkg/sync"
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
	desk   *desk.Desk
	texts  *texts
	styles styles
	now    func() time.Time
	after  func(time.Duration, tea.Msg) tea.Cmd
	w, h   int
	pages  []page

	toast   string // what was just said, until the next key
	saved   time.Time
	unsaved string // why the last answer could not be saved
	syncing bool
	net     string // what the last contact said, in words
}

// Options are what the program decides outside the form, and what a test
// replaces.
type Options struct {
	Lang  string
	ASCII bool
	Now   func() time.Time                     // nil: time.Now
	After func(time.Duration, tea.Msg) tea.Cmd // a message after a while; nil: tea.Tick
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
	a := &App{desk: d, texts: in(opt.Lang), styles: newStyles(opt.ASCII), now: opt.Now, after: opt.After, w: 80, h: 24}
	account, ok := d.Account()
	switch {
	case !ok:
		a.pages = []page{newSignIn(a)}
	case account.MustChange:
		a.pages = []page{newPassword(a, "")}
	default:
		a.pages = []page{newHome(a)}
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
	return tea.Batch(a.sync(false), a.tick())
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
		return a, a.key(msg)
	case tea.PasteMsg:
		if a.tooSmall() {
			return a, nil
		}
		a.toast = ""
		return a, a.top().paste(msg.Content)
	case syncMsg:
		a.synced(msg)
	case tickMsg:
		if a.desk.Waiting() {
			return a, tea.Batch(a.sync(false), a.tick())
		}
		return a, a.tick()
	case Quit:
		a.top().leave()
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

func (a *App) key(k tea.KeyPressMsg) tea.Cmd {
	a.toast = ""
	switch k.String() {
	case "ctrl+q", "f10":
		a.top().leave()
		return tea.Quit
	case "ctrl+c":
		a.hold(a.texts.CtrlC)
		return nil
	case "ctrl+s":
		a.hold(a.texts.CtrlS)
		return nil
	case "f5":
		return a.sync(true)
	}
	if a.tooSmall() {
		return nil // nobody changes answers that cannot be seen
	}
	return a.top().key(k)
}

// hold says that all is saved, and sees to it first.
func (a *App) hold(said string) {
	if a.top().leave() {
		a.say(said)
	}
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
	if skew := msg.report.Skew.Abs(); skew > 2*time.Minute {
		a.say(fmt.Sprintf(a.texts.ClockOff, skew.Round(time.Minute)))
	}
	for _, p := range a.pages {
		p.refresh()
	}
}

func (a *App) top() page { return a.pages[len(a.pages)-1] }

// push opens a page over the others, unless what was typed cannot be saved:
// then the person stays with it.
func (a *App) push(p page) {
	if !a.top().leave() {
		return
	}
	a.pages = append(a.pages, p)
	a.layout()
}

// pop goes back one page; the first one stays.
func (a *App) pop() {
	if !a.top().leave() {
		return
	}
	if len(a.pages) > 1 {
		a.pages = a.pages[:len(a.pages)-1]
	}
	a.top().refresh()
	a.layout()
}

// home drops everything and begins with the home page.
func (a *App) home() {
	a.pages = []page{newHome(a)}
	a.layout()
}

func (a *App) say(s string) { a.toast = s }

// failed says why something could not be shown; nothing is unsaved by that.
func (a *App) failed(err error) { a.say(desk.Sentence(err, a.texts.lang)) }

// stored notes the outcome of writing an answer.
func (a *App) stored(at time.Time, err error) bool {
	if err != nil {
		a.unsaved = desk.Sentence(err, a.texts.lang)
		return false
	}
	a.saved, a.unsaved = at, ""
	return true
}

func (a *App) layout() {
	for _, p := range a.pages {
		p.size(a.bodyWidth(), max(a.h-4, 1))
	}
}

func (a *App) tooSmall() bool { return a.w < minWidth || a.h < minHeight }

func (a *App) bodyWidth() int { return min(a.w, maxWidth) }

func (a *App) look() field.Look {
	return field.Look{Chosen: a.styles.Focus, ASCII: a.styles.ascii, Lang: a.texts.lang, Words: a.texts.Fields}
}

// View draws header, body, status line and help line.
func (a *App) View() tea.View {
	var v tea.View
	v.AltScreen = true
	v.WindowTitle = "Rileva"
	if a.tooSmall() {
		lines := wrap(fmt.Sprintf(a.texts.TooSmall, a.w, a.h), a.w, "")
		for i := range lines {
			lines[i] = ansi.Truncate(lines[i], a.w, "")
		}
		v.Content = strings.Join(lines[:min(len(lines), a.h)], "\n")
		return v
	}
	w := a.bodyWidth()
	body := strings.Split(a.top().view(), "\n")
	lines := []string{a.header(w), a.styles.rule(w)}
	for i := range a.h - 4 {
		if i < len(body) {
			lines = append(lines, ansi.Truncate(body[i], w, ""))
		} else {
			lines = append(lines, "")
		}
	}
	lines = append(lines, a.statusLine(w), a.styles.Key.Render(ansi.Truncate(a.top().help(), w, a.styles.dots())))
	v.Content = strings.Join(lines, "\n")
	if x, y, ok := a.top().cursor(); ok && y >= 0 && y < a.h-4 && x >= 0 && x < w {
		v.Cursor = tea.NewCursor(x, y+2)
		v.Cursor.Blink = false
	}
	return v
}

func (a *App) header(w int) string {
	left := " Rileva"
	if account, ok := a.desk.Account(); ok {
		left += "  " + account.Code + "  " + surveysync.Visible(account.Name)
	}
	right := a.top().title() + " "
	room := w - ansi.StringWidth(right) - 1
	left = ansi.Truncate(left, max(room, 0), a.styles.dots())
	gap := max(w-ansi.StringWidth(left)-ansi.StringWidth(right), 0)
	return a.styles.Title.Render(ansi.Truncate(left+strings.Repeat(" ", gap)+right, w, a.styles.dots()))
}

// statusLine says what was just done, or where the person is; at the right
// whether everything is saved and sent. A sentence that was just said goes
// before the network and, until the next key, before the hour of saving; never
// before what is not saved.
func (a *App) statusLine(w int) string {
	saved, net := a.safety()
	right, style := saved, lipgloss.NewStyle()
	if net != "" {
		right += " - " + net
	}
	left, dots := a.toast, a.styles.dots()
	switch wide := ansi.StringWidth(left); {
	case a.unsaved != "":
		style = a.styles.Error
	case left == "":
		left = a.top().status()
	case wide+2+ansi.StringWidth(saved) > w:
		right = ""
	case wide+2+ansi.StringWidth(right) > w:
		right = saved
	}
	right = ansi.Truncate(right, w, dots)
	left = ansi.Truncate(left, max(w-ansi.StringWidth(right)-min(2, ansi.StringWidth(right)), 0), dots)
	gap := w - ansi.StringWidth(left) - ansi.StringWidth(right)
	return left + strings.Repeat(" ", max(gap, 0)) + style.Render(right)
}

// safety says whether the answers are on the disk, and where the sending is.
func (a *App) safety() (saved, net string) {
	t := a.texts
	if a.unsaved != "" {
		return fmt.Sprintf(t.NotSaved, a.unsaved), ""
	}
	saved = t.NothingToSave
	if _, ok := a.desk.Account(); !ok {
		saved = "" // nothing is saved before signing in
	}
	if p, ok := a.top().(interface{ typing() bool }); ok && p.typing() {
		return t.Typing, ""
	}
	if !a.saved.IsZero() {
		saved = fmt.Sprintf(t.SavedAt, a.saved.Local().Format("15:04:05"))
	}
	switch n := a.desk.Unsent(); {
	case a.syncing && n > 0:
		net = t.Sending
	case a.syncing:
		net = t.Connecting
	case n > 0 && a.net != "":
		net = fmt.Sprintf(t.Unsent, n) + ", " + a.net
	case n > 0:
		net = fmt.Sprintf(t.Unsent, n)
	default:
		net = a.net
	}
	return saved, net
}
