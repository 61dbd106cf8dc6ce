// Package robot is a person and a terminal in one process: keys, pastes and
// resizes go into a tea.Model, the cells of the screen and the cursor come out.
// The tests of the form are written with it, the random walk over it and the
// pictures are made from it.
//
// Nothing here runs at the same time as anything else, and nothing waits for a
// clock: a command of the model is run when it is asked for, a timer fires when
// the robot says that its time has come. The same steps give the same screens.
// The real program with the renderer and the decoder of keys is tried by the
// pseudo-terminal of e2e.
//
// It may import Bubble Tea and the emulator, and no other room. Start reading
// at [Robot.Send].
package robot

import (
	"fmt"
	"image/color"
	"reflect"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
	uv "github.com/charmbracelet/ultraviolet"
	"github.com/charmbracelet/x/ansi"
	"github.com/charmbracelet/x/vt"
)

// Robot holds one model and its terminal.
type Robot struct {
	model tea.Model
	w, h  int
	vt    *vt.Emulator
	shown string // the content that the terminal holds
	text  string // and what that reads like, "" while nobody has asked
	fits  string // what was found to fit last
	view  tea.View
	drawn bool // nothing has come since the model was asked to draw

	held    bool // commands wait for Next or Step
	waiting []waiting
	timers  []timer
	elapsed time.Duration
	ended   bool
}

type timer struct {
	due time.Duration
	msg tea.Msg
}

// waiting is a command that has not run, or the message of one that has and
// that has not come yet; then is what follows in a sequence.
type waiting struct {
	cmd  tea.Cmd
	msg  tea.Msg
	then []tea.Cmd
}

// New makes a robot before a terminal of w by h cells. The model is given to
// Open, because it may want the robot's timers when it is made.
func New(w, h int) *Robot { return &Robot{w: w, h: h} }

// Open starts a model, as a program would: Init, then the size of the window.
func (r *Robot) Open(m tea.Model) {
	r.model, r.vt, r.shown = m, vt.NewEmulator(r.w, r.h), "\x00"
	r.waiting, r.timers, r.ended, r.drawn = nil, nil, false, false
	r.do(m.Init())
	r.Resize(r.w, r.h)
}

// After is a tea.Tick that fires when Advance has come to its time.
func (r *Robot) After(d time.Duration, msg tea.Msg) tea.Cmd {
	return func() tea.Msg { return timer{d, msg} }
}

// Advance lets time pass for the timers, those that they start included.
func (r *Robot) Advance(d time.Duration) {
	until := r.elapsed + d
	for {
		next := -1
		for i, t := range r.timers {
			if t.due <= until && (next < 0 || t.due < r.timers[next].due) {
				next = i
			}
		}
		if next < 0 {
			r.elapsed = until
			return
		}
		t := r.timers[next]
		r.timers = slices.Delete(r.timers, next, next+1)
		r.elapsed = max(r.elapsed, t.due)
		r.Send(t.msg)
	}
}

// Hold keeps the model's commands waiting until Next or Step runs them, as a
// slow network does; Hold(false) lets everything happen that waits.
func (r *Robot) Hold(on bool) {
	r.held = on
	for !on && r.Next() {
	}
}

// Next runs the oldest command that waits and brings its message, or brings the
// message of one that has run; false when nothing waits.
func (r *Robot) Next() bool {
	if len(r.waiting) == 0 {
		return false
	}
	ran := r.waiting[0].cmd == nil
	if r.Step(0); !ran {
		r.Step(0)
	}
	return true
}

// Waits counts the commands and the messages that wait.
func (r *Robot) Waits() int { return len(r.waiting) }

// Step takes one of what waits one step on, in whichever order the caller
// likes: a command runs and its message waits, a message comes.
func (r *Robot) Step(i int) {
	w := &r.waiting[i]
	if cmd := w.cmd; cmd != nil {
		w.cmd, w.msg = nil, cmd()
		return
	}
	msg, then := w.msg, w.then
	r.waiting = slices.Delete(r.waiting, i, i+1)
	r.take(msg)
	r.do(then...)
}

// Send gives the model a message, and runs what it asks for.
func (r *Robot) Send(msg tea.Msg) {
	m, cmd := r.model.Update(msg)
	r.model, r.drawn = m, false
	r.do(cmd)
}

// do runs commands one after the other.
func (r *Robot) do(cmds ...tea.Cmd) {
	for i, cmd := range cmds {
		switch {
		case cmd == nil || waits(cmd):
		case r.held:
			r.waiting = append(r.waiting, waiting{cmd: cmd, then: cmds[i+1:]})
			return
		default:
			r.take(cmd())
		}
	}
}

// take does with a command's message what the program does.
func (r *Robot) take(msg tea.Msg) {
	switch msg := msg.(type) {
	case nil:
	case timer:
		r.timers = append(r.timers, timer{r.elapsed + msg.due, msg.msg})
	case tea.BatchMsg:
		for _, c := range msg {
			r.do(c)
		}
	case tea.QuitMsg:
		r.ended = true
	default:
		if v := reflect.ValueOf(msg); v.Kind() == reflect.Slice && v.Type().Elem() == reflect.TypeFor[tea.Cmd]() {
			var cmds []tea.Cmd // tea.Sequence, whose type is private
			for i := range v.Len() {
				cmds = append(cmds, v.Index(i).Interface().(tea.Cmd))
			}
			r.do(cmds...)
			return
		}
		r.Send(msg)
	}
}

// waits finds the commands of the libraries that sleep: a blinking cursor must
// not make a test wait. The model's own timers come from After.
func waits(cmd tea.Cmd) bool {
	name := runtime.FuncForPC(reflect.ValueOf(cmd).Pointer()).Name()
	return strings.Contains(name, "bubbletea/v2.Tick") || strings.Contains(name, "bubbletea/v2.Every") || strings.Contains(name, "/cursor.")
}

// Ended tells whether the model has asked to end.
func (r *Robot) Ended() bool { return r.ended }

// Press presses keys by their names (Keys lists them; "ctrl+x" for any letter).
// A name that does not exist is a fault of the caller, and panics.
func (r *Robot) Press(names ...string) {
	for _, name := range names {
		r.Send(key(name))
	}
}

// Type presses a key for each letter.
func (r *Robot) Type(text string) {
	for _, c := range text {
		r.Send(tea.KeyPressMsg{Code: c, Text: string(c)})
	}
}

// Paste pastes text in one piece.
func (r *Robot) Paste(text string) { r.Send(tea.PasteMsg{Content: text}) }

// Resize changes the window.
func (r *Robot) Resize(w, h int) {
	r.w, r.h = w, h
	r.vt.Resize(max(w, 1), max(h, 1))
	r.shown, r.text, r.fits, r.drawn = "\x00", "", "\x00", false
	r.Send(tea.WindowSizeMsg{Width: w, Height: h})
}

// Size is the window's.
func (r *Robot) Size() (w, h int) { return r.w, r.h }

// draw lets the model draw.
func (r *Robot) draw() {
	if !r.drawn {
		r.drawn = true
		r.view = r.model.View()
	}
}

// show lets the terminal take what was drawn, when it is another than before.
func (r *Robot) show() {
	r.draw()
	if r.view.Content == r.shown {
		return
	}
	r.shown, r.text = r.view.Content, ""
	// There is no tty to turn a line feed into a new line. Without wrapping, a
	// line that is too long does not hide as two.
	_, _ = r.vt.WriteString("\x1b[?7l\x1b[m\x1b[H\x1b[J" + strings.ReplaceAll(r.shown, "\n", "\r\n"))
}

// Drawn is what the model draws, with its looks.
func (r *Robot) Drawn() string {
	r.draw()
	return r.view.Content
}

// Screen is the text of the terminal, without blanks at the ends of lines.
func (r *Robot) Screen() string {
	if r.show(); r.text != "" {
		return r.text
	}
	lines := strings.Split(r.vt.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	r.text = strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
	return r.text
}

// Cell is one cell of the terminal: its text and its looks. Nil colours are
// the terminal's own.
type Cell struct {
	Text                            string
	Width                           int // 2 for wide letters, 0 for their second half
	Fg, Bg                          color.Color
	Bold, Faint, Reverse, Underline bool
}

// Cell gives the cell at a place, from 0 on.
func (r *Robot) Cell(x, y int) Cell {
	r.show()
	c := r.vt.CellAt(x, y)
	if c == nil {
		return Cell{Text: " ", Width: 1}
	}
	attr := func(bit uint8) bool { return c.Style.Attrs&bit != 0 }
	return Cell{Text: c.Content, Width: c.Width, Fg: c.Style.Fg, Bg: c.Style.Bg, Bold: attr(uv.AttrBold), Faint: attr(uv.AttrFaint),
		Reverse: attr(uv.AttrReverse), Underline: c.Style.Underline != 0}
}

// Cursor is where the terminal's cursor stands; false when it is hidden.
func (r *Robot) Cursor() (x, y int, visible bool) {
	r.draw()
	if c := r.view.Cursor; c != nil {
		return c.X, c.Y, true
	}
	return 0, 0, false
}

// WaitFor runs what waits, one command after the other, until the screen is as
// asked; the error shows the screen that never was.
func (r *Robot) WaitFor(what string, until func(screen string) bool) error {
	for !until(r.Screen()) {
		if !r.Next() {
			return fmt.Errorf("the screen never showed %s:\n%s", what, r.Screen())
		}
	}
	return nil
}

// Sees is WaitFor a text.
func (r *Robot) Sees(text string) error {
	return r.WaitFor(fmt.Sprintf("%q", text), func(s string) bool { return strings.Contains(s, text) })
}

// Fits finds what does not stand inside the window: a line that is too long,
// too many lines, the cursor elsewhere, and what a terminal would act upon or
// hide besides the looks of letters.
func (r *Robot) Fits() error {
	r.draw()
	if r.view.Content != r.fits {
		if err := r.fit(); err != nil {
			return err
		}
		r.fits = r.view.Content
	}
	if x, y, ok := r.Cursor(); ok && (x < 0 || x >= r.w || y < 0 || y >= r.h) {
		return fmt.Errorf("the cursor is at %d,%d in a window of %dx%d", x, y, r.w, r.h)
	}
	return nil
}

func (r *Robot) fit() error {
	text := ansi.Strip(r.view.Content)
	lines := strings.Split(text, "\n")
	if len(lines) > r.h {
		return fmt.Errorf("%d lines in a window of %d:\n%s", len(lines), r.h, text)
	}
	if bad := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && !strconv.IsPrint(c) }); bad >= 0 {
		return fmt.Errorf("a character that a terminal acts upon or hides: %.20q", text[bad:])
	}
	for _, l := range lines {
		if w := ansi.StringWidth(l); w > r.w {
			return fmt.Errorf("a line of %d in a window of %d: %q", w, r.w, l)
		}
	}
	return nil
}
