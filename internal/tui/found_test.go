package tui

import (
	"strings"
	"testing"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// What the robot has found at random, each as a few steps that anybody can read.

// TestFocusStaysInLists: what the network brings puts no other line under the
// fingers.
func TestFocusStaysInLists(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.press("f5")
	w.app.push(newAttempts(w.app))
	w.press("down")
	before := w.app.top().(*attemptsPage).current().text
	w.down.Store(true)
	w.press("f5")
	page := w.app.top().(*attemptsPage)
	if at := page.current(); page.at == 1 || at.text != before {
		t.Errorf("the focus went from %q to %q:\n%s", before, at.text, w.screen())
	}
}

// TestCursorWithoutChoices: a list in which nothing can be chosen, and a table
// whose cells are all closed, have a cursor too: a screen reader begins there.
func TestCursorWithoutChoices(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	w.press("f8")
	w.sees("Nessuna ricevuta")
	if _, _, ok := w.robot.Cursor(); !ok {
		t.Error("no cursor in the empty list")
	}
	work, err := w.desk.Work(survey.TrackLiceale)
	w.must(err)
	for _, cell := range work.Sheet.Row("classes").Cells {
		_, err = work.Set(desk.Change{Variable: cell.ID, Value: 0})
		w.must(err)
	}
	w.at(survey.TrackLiceale, "disability_y1_f")
	if _, cell := w.app.top().(*gridPage).focus(); cell != nil {
		t.Fatalf("%s is not closed", cell.ID)
	}
	if _, _, ok := w.robot.Cursor(); !ok {
		t.Error("no cursor in the closed table")
	}
}

// TestInvisible: what nobody can see does not get into an answer; what people
// paste from sheets does.
func TestInvisible(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "head_name")
	w.robot.Paste("Ada\u202e \x1b[2JLove\u200blace\u00a0è\xff")
	w.types("\u202e!")
	w.press("tab")
	if got := w.value(general, "head_name"); got != "Ada [2JLovelace è!" {
		t.Errorf("the answer is %q", got)
	}
	for in, want := range map[string]string{"a\tb\r\nc": "a\tb\r\nc", "1\u202f204": "1 204", "\x00\x07\u2066": "", "e\u0301": "e\u0301", "شكرا 漢": "شكرا 漢"} {
		if got := legible(in); got != want {
			t.Errorf("%q is read as %q", in, got)
		}
	}
	w.press("ctrl+f")
	w.robot.Paste(strings.Repeat("\u202e\x1b[1m", 1000))
	w.fits()
}

// TestHelpWhileSigningIn: the answer finds its page under the help that was
// opened meanwhile; else the page would wait for ever and take no key.
func TestHelpWhileSigningIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.types(w.inst.Code)
	w.press("enter")
	w.types("sbagliata")
	w.robot.Hold(true)
	w.press("enter")
	w.sees("Accesso in corso")
	w.press("f1")
	w.sees("Aiuto")
	w.robot.Hold(false)
	w.press("esc")
	w.lacks("Accesso in corso")
	w.sees("> Password", "! ")
}
