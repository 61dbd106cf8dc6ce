package tui

import (
	"fmt"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// edit is one change of a part that can be taken back: an answer to a question,
// a section that was emptied, answers taken over. The tables keep their own.
type edit struct {
	says          string // what was done, in words; "" for a single answer
	before, after []desk.Change
}

// edits is the history of one part while the form is open.
type edits struct {
	undo, redo []edit
	resting    bool // the last one was written while the answer was being typed
}

// history of a part, and of the school: another's is never undone.
func (a *App) history(w *desk.Work) *edits {
	account, _ := a.desk.Account()
	key := account.Code + "/" + w.Part
	if a.edits[key] == nil {
		a.edits[key] = &edits{}
	}
	return a.edits[key]
}

// change writes answers like set, and remembers what stood there. What a rest
// of the fingers has written and the end of the same typing are one edit.
func (a *App) change(w *desk.Work, says string, resting bool, changes ...desk.Change) bool {
	e := edit{says: says, before: standing(w, changes)}
	if !a.set(w, changes...) {
		return false
	}
	e.after = standing(w, changes)
	h := a.history(w)
	if last := len(h.undo) - 1; h.resting && last >= 0 && len(changes) == 1 && h.undo[last].before[0].Variable == changes[0].Variable {
		e.before = h.undo[last].before
		h.undo = h.undo[:last]
	}
	h.resting = resting
	if !unchanged(e.before, e.after) {
		h.undo, h.redo = append(h.undo, e), nil
	}
	return true
}

// standing is what the draft holds where the changes go.
func standing(w *desk.Work, changes []desk.Change) []desk.Change {
	out := make([]desk.Change, len(changes))
	for i, c := range changes {
		id := c.Variable
		out[i] = desk.Change{Variable: id, Value: w.Value(id), Unavailable: w.Draft.Unavailable[id], From: w.Draft.Unconfirmed[id]}
	}
	return out
}

func unchanged(a, b []desk.Change) bool {
	for i := range a {
		if !same(a[i], b[i]) {
			return false
		}
	}
	return true
}

func same(a, b desk.Change) bool {
	return a.Unavailable == b.Unavailable && a.From == b.From && survey.Equal(a.Value, b.Value)
}

// undo takes back the last edit of the part and gives its first variable, where
// to go; redo does again what undo took back.
func (a *App) undo(w *desk.Work) string {
	h := a.history(w)
	return a.turn(w, &h.undo, &h.redo, a.texts.Grid.NothingToUndo, a.texts.More.Undone)
}

func (a *App) redo(w *desk.Work) string {
	h := a.history(w)
	return a.turn(w, &h.redo, &h.undo, a.texts.Grid.NothingToRedo, a.texts.More.Redone)
}

// turn takes back the last edit of a list and lays its reverse on the other.
// Only what still stands as the edit has left it goes back: what came later, by
// other hands or from the table, is not overwritten.
func (a *App) turn(w *desk.Work, from, to *[]edit, nothing, said string) string {
	if len(*from) == 0 {
		a.say(nothing)
		return ""
	}
	if err := w.Reload(); err != nil {
		a.failed(err)
		return ""
	}
	e := (*from)[len(*from)-1]
	back := edit{says: e.says}
	left := 0
	for i, now := range standing(w, e.after) {
		switch {
		case w.Sheet.Variable(now.Variable) == nil:
		case !same(now, e.after[i]):
			left++
		default:
			back.before, back.after = append(back.before, now), append(back.after, e.before[i])
		}
	}
	if len(back.after) > 0 && !a.set(w, back.after...) {
		return "" // it can be tried again
	}
	*from = (*from)[:len(*from)-1]
	if len(back.after) == 0 {
		a.say(a.texts.More.UndoneNot)
		return ""
	}
	*to = append(*to, back)
	said = fmt.Sprintf(said, a.words(w, back))
	if left > 0 {
		said += " " + a.texts.count(left, a.texts.More.UndoneLeft1, a.texts.More.UndoneLeftN)
	}
	a.say(said)
	return back.after[0].Variable
}

// words say what an edit did: "Telefono: 02 1 -> vuoto".
func (a *App) words(w *desk.Work, e edit) string {
	if e.says != "" {
		return e.says
	}
	v, lang := w.Sheet.Variable(e.after[0].Variable), a.texts.lang
	shown := func(c desk.Change) string {
		switch s := v.Show(c.Value, lang); {
		case c.Unavailable != "":
			return a.texts.Grid.Unavailable
		case s != "":
			return brief(s)
		}
		return a.texts.Grid.Blank
	}
	return fmt.Sprintf("%s: %s -> %s", brief(v.Name(lang)), shown(e.before[0]), shown(e.after[0]))
}

// brief keeps a long text from pushing the rest off the status line.
func brief(s string) string {
	const most = 40
	if r := []rune(s); len(r) > most {
		return string(r[:most-3]) + "..."
	}
	return s
}
