package grid

import "strconv"

// edit is a number being typed into the active cell.
type edit struct {
	on    bool
	dirty bool // differs from just looking: F2 and Enter must change nothing
	blank bool // no digit stands
	halt  bool // a comma or a minus was typed: 73,5 must not become 735
	n     int
}

// Commit takes the number being typed into the cell. Call it before the focus
// goes elsewhere, before the page changes and before the program ends: else the
// last number typed would be lost.
func (m *Model) Commit() Result {
	res := m.commit()
	m.settle()
	return res
}

// Pending is the number being typed, for writing it to the disk before it is
// committed; nil is blank. ok is false when Commit would take nothing.
func (m *Model) Pending() (id string, value *int, ok bool) {
	e := m.edit
	if !e.on || !e.dirty || e.halt || e.n > m.max {
		return "", nil, false
	}
	if !e.blank {
		value = &e.n
	}
	return m.cells[m.active()].id, value, true
}

// commit leaves the focus alone, so that a following move starts from here even
// when the cell can no longer take the focus.
func (m *Model) commit() Result {
	e := m.edit
	m.edit = edit{}
	if e.halt {
		return Result{Consumed: true, Say: m.texts.NotWhole}
	}
	if !e.on || !e.dirty {
		return Result{}
	}
	if e.n > m.max {
		// Only by removing digits from a number that came in beyond the limit.
		return Result{Consumed: true, Say: m.texts.Limit(m.max)}
	}
	v := value{n: e.n, known: true}
	if e.blank {
		v = value{}
	}
	return m.apply(StepTyped, []delta{{at: m.active(), new: v}})
}

// typeText is a key with a text: nearly always one character.
func (m *Model) typeText(text string) Result {
	res := Result{Consumed: true}
	for _, r := range text {
		switch {
		case r >= '0' && r <= '9':
			res.Say = m.typeDigit(int(r - '0'))
		case (r == 'n' || r == 'N') && m.rows[m.row].Optional && !m.edit.on:
			return m.toggleUnavailable()
		case (r == ',' || r == '-') && m.edit.on:
			m.edit.halt = true
			res.Say = m.texts.NotWhole
		default:
			res.Say = m.texts.OnlyNumbers
		}
	}
	return res
}

// typeDigit adds a digit at the right, as on a pocket calculator; it returns
// what is to be said when the digit is refused.
func (m *Model) typeDigit(d int) string {
	e := m.edit
	if !e.on {
		e = edit{on: true, blank: true}
	}
	if e.halt {
		return m.texts.NotWhole
	}
	n := e.n*10 + d
	if n > m.max {
		return m.texts.Limit(m.max)
	}
	m.edit = edit{on: true, dirty: true, n: n}
	return ""
}

// beginEdit (F2) takes the value of the cell into an edit.
func (m *Model) beginEdit() {
	if m.edit.on {
		return
	}
	v := m.cells[m.active()].v
	if v.n < 0 {
		v = value{} // cannot be typed, so digits cannot be added to it either
	}
	m.edit = edit{on: true, blank: !v.known, n: v.n}
}

func (m *Model) backspace() {
	before := m.cells[m.active()].v
	if !m.edit.on && before == (value{}) {
		return // a blank cell has nothing to remove: do not open an edit
	}
	m.beginEdit()
	e := &m.edit
	e.dirty, e.halt = true, false
	e.blank = e.blank || abs(e.n) < 10
	e.n /= 10
}

// blank (Delete) empties the cell at once, or the edit, which Esc then undoes.
func (m *Model) blank() Result {
	if m.edit.on {
		m.edit = edit{on: true, dirty: true, blank: true}
		return Result{Consumed: true}
	}
	return m.apply(StepTyped, []delta{{at: m.active()}})
}

// fillZero (Ctrl+R, Ctrl+K) puts 0 in the blank cells of the active row (dc 1)
// or column (dr 1). An edit in progress is committed first, as a step of its
// own. Closed and unavailable cells are no blanks.
func (m *Model) fillZero(dr, dc int) Result {
	before := m.commit()
	var deltas []delta
	r, c := m.row*dc, m.col*dr
	for ; r < len(m.rows) && c < len(m.cols); r, c = r+dr, c+dc {
		cell := &m.cells[m.index(r, c)]
		if cell.v == (value{}) && !cell.closed && !cell.computed {
			deltas = append(deltas, delta{at: m.index(r, c), new: value{known: true}})
		}
	}
	res := m.apply(StepFilled, deltas)
	res.Changes = append(before.Changes, res.Changes...)
	res.Say = m.texts.Filled(len(deltas))
	return res
}

// toggleUnavailable (Ctrl+D, n) answers "not available", or takes it back. A
// number being typed is dropped: the person has just said there is none.
func (m *Model) toggleUnavailable() Result {
	c := &m.cells[m.active()]
	switch {
	case c.v.na:
		m.edit = edit{}
		return m.apply(StepTyped, []delta{{at: m.active()}})
	case !m.rows[m.row].Optional:
		return Result{Consumed: true, Say: m.texts.NotOptional}
	case c.closed:
		return Result{Consumed: true, Say: m.texts.ClosedCell}
	}
	m.edit = edit{}
	return m.apply(StepTyped, []delta{{at: m.active(), new: value{na: true}}})
}

// text is the edit as shown.
func (e edit) text() string {
	if e.blank {
		return ""
	}
	return strconv.Itoa(e.n)
}
