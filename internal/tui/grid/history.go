package grid

// StepKind says how an undo step came about.
type StepKind int

// The kinds of steps.
const (
	StepTyped  StepKind = iota // one cell: typed, blanked, or "not available"
	StepPasted                 // a paste
	StepFilled                 // blanks filled with 0
	StepTaken                  // numbers that came from elsewhere, or all blanked
)

// step is what one Ctrl+Z takes back. The list of steps has no limit: a day of
// typing is some thousand of them, each smaller than a line of text.
type step struct {
	kind   StepKind
	deltas []delta // each cell at most once
}

type delta struct {
	at       int // index of the cell
	old, new value
}

// apply writes new values as one step. Cells that hold the value already are
// left out, so a Change always changes something.
func (m *Model) apply(kind StepKind, deltas []delta) Result {
	res := Result{Consumed: true}
	kept := deltas[:0]
	for _, d := range deltas {
		if d.old = m.cells[d.at].v; d.old != d.new {
			kept = append(kept, d)
			res.Changes = append(res.Changes, m.set(d.at, d.new))
		}
	}
	if len(kept) > 0 {
		m.undo = append(m.undo, step{kind, kept})
		m.redo = nil
	}
	return res
}

// Take gives cells new numbers, nil for blank, as one step: what a file brings,
// or a table that is emptied. Computed cells and ids that are not here are left
// out. A number being typed is committed first, as a step of its own.
func (m *Model) Take(numbers map[string]*int) Result {
	before := m.commit()
	var deltas []delta
	for i, c := range m.cells { // in the order of the table, so that undo goes to the first
		n, ok := numbers[c.id]
		switch {
		case !ok || c.computed || m.rows[i/len(m.cols)].Texts:
		case n == nil:
			deltas = append(deltas, delta{at: i})
		default:
			deltas = append(deltas, delta{at: i, new: value{n: *n, known: true}})
		}
	}
	res := m.apply(StepTaken, deltas)
	res.Changes = append(before.Changes, res.Changes...)
	m.settle()
	return res
}

func (m *Model) set(i int, v value) Change {
	c := &m.cells[i]
	old := c.v
	c.v = v
	return Change{
		ID: c.id, Row: i / len(m.cols), Col: i % len(m.cols),
		Old: old.pointer(), New: v.pointer(), OldUnavailable: old.na, NewUnavailable: v.na,
	}
}

// Undo takes back the last step, or the edit in progress, moves there and says
// what it did.
func (m *Model) Undo() Result {
	if m.edit.on {
		m.edit = edit{}
		m.settle()
		return Result{Consumed: true, Say: m.texts.EditCancelled}
	}
	for len(m.undo) > 0 {
		s := m.undo[len(m.undo)-1]
		m.undo = m.undo[:len(m.undo)-1]
		m.redo = append(m.redo, s)
		// A step whose cells have been given the same values from outside
		// since then changes nothing: take the one before.
		if res, text := m.replay(s, func(d delta) value { return d.old }); len(res.Changes) > 0 {
			res.Say = m.texts.Undone(text)
			return res
		}
	}
	return Result{Consumed: true, Say: m.texts.NothingToUndo}
}

// Redo does again what Undo took back. During an edit it does nothing: the
// number being typed will begin a new line of steps.
func (m *Model) Redo() Result {
	for len(m.redo) > 0 && !m.edit.on {
		s := m.redo[len(m.redo)-1]
		m.redo = m.redo[:len(m.redo)-1]
		m.undo = append(m.undo, s)
		if res, text := m.replay(s, func(d delta) value { return d.new }); len(res.Changes) > 0 {
			res.Say = m.texts.Redone(text)
			return res
		}
	}
	return Result{Consumed: true, Say: m.texts.NothingToRedo}
}

// replay gives each cell of a step the chosen value and moves to the first cell
// that changed.
func (m *Model) replay(s step, pick func(delta) value) (Result, StepText) {
	res, text := Result{Consumed: true}, StepText{Kind: s.kind}
	first := -1
	for _, d := range s.deltas {
		before, after := m.cells[d.at].v, pick(d)
		if before == after || m.cells[d.at].computed {
			continue // a cell computed since then belongs to the caller
		}
		res.Changes = append(res.Changes, m.set(d.at, after))
		if first < 0 {
			first = d.at
			text.Row, text.Col = m.rows[d.at/len(m.cols)].Label, m.cols[d.at%len(m.cols)].Full
			text.From, text.To = m.word(before), m.word(after)
		}
	}
	text.Count = len(res.Changes)
	if first >= 0 {
		m.line = nowhere
		m.row, m.col = first/len(m.cols), first%len(m.cols)
		m.settle()
	}
	return res, text
}
