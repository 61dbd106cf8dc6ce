package tui

import (
	"slices"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
)

// restAfter is how long the fingers rest before what is being typed is written
// too; it is written anyway when the field is left.
const restAfter = 500 * time.Millisecond

// copyEvery is how often an automatic copy of the drafts is made while answers
// change.
const copyEvery = 10 * time.Minute

// resting is a page on which something is typed that can be written without
// disturbing the person.
type resting interface {
	typing() bool
	rest() bool // writes it; false when it could not
}

// restMsg comes restAfter a key. Only the one of the latest key counts: gen is
// the number of keys at that time.
type restMsg struct{ gen int }

// typed is called after each key: when something stands there that is not on
// the disk, it starts the wait for the fingers to rest.
func (a *App) typed() tea.Cmd {
	p, ok := a.top().(resting)
	if !ok || !p.typing() {
		return nil
	}
	a.keys++
	return a.after(restAfter, restMsg{a.keys})
}

func (a *App) rest(msg restMsg) {
	if msg.gen != a.keys {
		return // another key came after it
	}
	if p, ok := a.top().(resting); ok && p.typing() {
		p.rest()
	}
}

// commit writes what is being typed. After a disk that failed it tries the disk
// again first: the store refuses everything until it has been opened anew.
func (a *App) commit() bool {
	a.reopen()
	return a.top().leave()
}

func (a *App) reopen() {
	if a.unsaved == "" {
		return
	}
	if err := a.desk.Reopen(); err == nil && !a.pending() {
		a.unsaved = ""
	}
}

// pending tells whether something is typed on the page on top that is not on
// the disk.
func (a *App) pending() bool {
	p, ok := a.top().(resting)
	return ok && p.typing()
}

// hold says that all is saved, and sees to it first.
func (a *App) hold(said string) {
	if a.commit() {
		a.say(said)
	}
}

// set writes answers, on a disk that may have room again. When a new version of the questionnaire has come
// meanwhile, they are written on that one where it still asks them, and the
// home page says what has happened: the pages were made for the old one.
func (a *App) set(w *desk.Work, changes ...desk.Change) bool {
	a.reopen()
	at, err := w.Set(changes...)
	if desk.CodeOf(err) != "version_changed" {
		return a.stored(at, err)
	}
	said := desk.Sentence(err, a.texts.lang)
	known := !slices.ContainsFunc(changes, func(c desk.Change) bool { return w.Sheet.Variable(c.Variable) == nil })
	if known {
		if at, err = w.Set(changes...); err != nil {
			return a.stored(at, err)
		}
		said = a.texts.More.Moved
	}
	a.home()
	a.say(said)
	return a.stored(a.now(), nil)
}

// stored notes the outcome of writing an answer.
func (a *App) stored(at time.Time, err error) bool {
	if err != nil {
		a.unsaved = desk.Sentence(err, a.texts.lang)
		a.advice = desk.Hint(err, a.texts.lang)
		return false
	}
	a.saved, a.unsaved, a.changed = at, "", true
	return true
}

// quit ends the form, unless what is being typed cannot be written: then it
// says so and lets the person choose.
func (a *App) quit() tea.Cmd {
	if _, asked := a.top().(*lossPage); asked {
		return nil // its own keys answer
	}
	if a.commit() {
		return tea.Quit
	}
	a.pages = append(a.pages, newLoss(a))
	a.layout()
	return nil
}

// End is called when the screen is gone. It writes what is still being typed:
// with its window the program may have lost its keys before it was asked to
// end. Then it lays a copy of today's work beside the drafts. It gives why the
// last answer is not on the disk, "" when everything is.
func (a *App) End() (unsaved string) {
	a.commit()
	if a.changed {
		a.changed = false
		_ = a.desk.Copy() // one that cannot be made loses nothing
	}
	return a.unsaved
}

// copyMsg is the outcome of an automatic copy. One that cannot be made keeps
// nobody from working: the next one may be.
type copyMsg struct{ err error }

// copies makes one when answers have changed since the last and it is time.
func (a *App) copies() tea.Cmd {
	if !a.changed || a.now().Sub(a.copied) < copyEvery {
		return nil
	}
	a.changed, a.copied = false, a.now()
	return func() tea.Msg { return copyMsg{a.desk.Copy()} }
}
