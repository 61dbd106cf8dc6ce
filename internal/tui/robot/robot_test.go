package robot_test

import (
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/tui/robot"
)

// echo shows what it was given, and what it was told later.
type echo struct {
	after func(time.Duration, tea.Msg) tea.Cmd
	text  string
	w, h  int
}

type said string

func (e *echo) Init() tea.Cmd { return nil }

func (e *echo) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	switch msg := msg.(type) {
	case tea.WindowSizeMsg:
		e.w, e.h = msg.Width, msg.Height
	case tea.PasteMsg:
		e.text += "<" + msg.Content + ">"
	case said:
		e.text += string(msg)
	case tea.KeyPressMsg:
		switch msg.String() {
		case "enter":
			return e, tea.Sequence(func() tea.Msg { return said("1") }, func() tea.Msg { return said("2") })
		case "f5":
			return e, tea.Batch(e.after(time.Second, said("later ")), e.after(2*time.Second, said("much later ")))
		case "ctrl+q":
			return e, tea.Quit
		}
		e.text += msg.Text
	}
	return e, nil
}

func (e *echo) View() tea.View {
	v := tea.NewView("\x1b[1;31m" + e.text + "\x1b[m\nèsecond")
	v.Cursor = tea.NewCursor(len(e.text), 0)
	return v
}

func open(t *testing.T) (*robot.Robot, *echo) {
	r := robot.New(20, 3)
	e := &echo{after: r.After}
	r.Open(e)
	return r, e
}

func TestScreen(t *testing.T) {
	r, e := open(t)
	r.Type("ab")
	r.Paste("x y")
	r.Press("enter", "f1")
	if got, want := r.Screen(), "ab<x y>12\nèsecond\n"; got != want {
		t.Errorf("the screen is %q, want %q", got, want)
	}
	if x, y, ok := r.Cursor(); x != 9 || y != 0 || !ok {
		t.Errorf("the cursor is at %d,%d", x, y)
	}
	if c := r.Cell(0, 0); c.Text != "a" || !c.Bold || c.Fg == nil {
		t.Errorf("the first cell is %+v", c)
	}
	if c := r.Cell(0, 1); c.Text != "è" || c.Bold || c.Fg != nil {
		t.Errorf("the cell below is %+v", c)
	}
	r.Resize(15, 2)
	if e.w != 15 || e.h != 2 {
		t.Errorf("the model has heard of %dx%d", e.w, e.h)
	}
	if err := r.Fits(); err != nil {
		t.Error(err)
	}
	r.Type("0123456789")
	if err := r.Fits(); err == nil || !strings.Contains(err.Error(), "a line of 19") {
		t.Errorf("too long a line is %v", err)
	}
	r.Press("ctrl+q")
	if !r.Ended() {
		t.Error("goes on")
	}
}

func TestTime(t *testing.T) {
	r, e := open(t)
	r.Press("f5")
	r.Advance(999 * time.Millisecond)
	if e.text != "" {
		t.Fatalf("too early: %q", e.text)
	}
	r.Advance(time.Millisecond)
	if e.text != "later " {
		t.Fatalf("after a second: %q", e.text)
	}
	r.Advance(time.Minute)
	if e.text != "later much later " {
		t.Fatalf("after a minute: %q", e.text)
	}
}

func TestHeld(t *testing.T) {
	r, e := open(t)
	r.Hold(true)
	r.Press("enter")
	if e.text != "" {
		t.Fatalf("the commands have run: %q", e.text)
	}
	if err := r.Sees("1"); err != nil {
		t.Fatal(err)
	}
	if err := r.Sees("3"); err == nil {
		t.Fatal("sees what is not there")
	}
	r.Press("enter")
	r.Hold(false)
	if e.text != "1212" {
		t.Fatalf("released: %q", e.text)
	}
}
