package grid

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Cell is one number as the caller knows it.
type Cell struct {
	// ID names the cell in [Change] and [Model.Goto]. Empty means the row's id,
	// "_" and the column's id.
	ID    string
	Value *int // nil = blank; 0 is an answer
	// Text is what a cell shows that holds no whole number. It is typed
	// elsewhere: the caller keeps the keys for it from the grid.
	Text string
	// Closed cells count as 0 and are skipped, unless they hold something.
	Closed bool
	// Computed cells are shown and never typed.
	Computed bool
	// Unavailable is the answer "not available"; Value is then ignored.
	Unavailable bool
	// Mark is 0, '!' (hard error) or '?' (asks for an explanation).
	Mark rune
}

// Row is a line of the grid.
type Row struct {
	ID, Label string
	Computed  bool // all its cells are computed
	Optional  bool // "not available" is allowed
	Texts     bool // its cells hold texts, so there is no total
}

// Col is a column of the grid.
type Col struct {
	ID    string
	Head  string // short: "M"
	Group string // stands over neighbours with the same group: "1° anno"
	Full  string // for sentences: "1° anno, maschi"
}

// Change is one committed change of one cell, for autosave. Old and New always
// differ; nil is blank, or "not available" when the flag beside it is set.
type Change struct {
	ID                             string
	Row, Col                       int
	Old, New                       *int
	OldUnavailable, NewUnavailable bool
}

// Result is what a key, a paste or a commit brought about.
type Result struct {
	// Changes are to be applied in order: a cell may occur twice, when a paste
	// follows the commit of an edit.
	Changes  []Change
	Consumed bool
	Leave    int    // -1 or +1: focus wants to go out, backwards or forwards
	Say      string // sentence for the status line, "" = nothing to say
}

// Options of [New].
type Options struct {
	Max       int // greatest number that can be typed; 0 = 9999
	Texts     Texts
	Styles    Styles
	ASCII     bool // no characters beyond ASCII, besides the caller's own texts
	RowTotals bool // a column with the sum of each row
}

// Model is the grid. Use it from one goroutine only, as Bubble Tea does.
type Model struct {
	rows  []Row
	cols  []Col
	cells []cell // row by row
	byID  map[string]int

	max   int
	texts Texts
	paint paints
	ascii bool
	blur  bool // the focus of the screen is elsewhere

	// The active cell; -1, -1 when no cell can take the focus.
	row, col int
	line     int // column where Tab began to go along the row, or nowhere
	edit     edit
	undo     []step
	redo     []step

	w, h         int
	totals       bool
	colLeast     int // width of a column for the heads and the limit alone
	colW, totalW int // widths that hold every number whole
	labelMax     int // width of the longest label and its sign
	lay          layout
	top, left    int      // first visible row and column
	labels       []string // cut and filled to the label column
	buf          []byte   // of View, kept to spare the allocation
}

// value is what a cell holds; comparable, unlike a *int.
type value struct {
	n         int
	known, na bool
}

type cell struct {
	id               string
	v                value
	text             string
	closed, computed bool
	mark             rune
}

// New makes a grid. cells has one slice for each row and one cell for each
// column; what is missing is an open blank cell, what is too much is ignored.
// The focus is on the first cell that can be typed, the size is 80x24.
func New(rows []Row, cols []Col, cells [][]Cell, opt Options) *Model {
	m := &Model{
		rows: append([]Row(nil), rows...), cols: append([]Col(nil), cols...),
		max: opt.Max, texts: opt.Texts.withFallbacks(), paint: newPaints(opt.Styles), ascii: opt.ASCII,
		w: 80, h: 24, row: -1, col: -1, line: nowhere,
	}
	if m.max <= 0 {
		m.max = 9999
	}
	m.max = min(m.max, 999_999_999)
	for i := range m.rows {
		m.rows[i].Label = oneLine(m.rows[i].Label)
	}
	for i := range m.cols {
		c := &m.cols[i]
		c.Head, c.Group, c.Full = oneLine(c.Head), oneLine(c.Group), oneLine(c.Full)
	}
	m.cells = make([]cell, len(m.rows)*len(m.cols))
	m.totals = opt.RowTotals
	m.measure()
	m.SetCells(cells)
	return m
}

// Clone gives a grid to go back to when a change of this one cannot be kept.
// Only one of the two may be used on; call [Model.SetSize] on the other first.
func (m *Model) Clone() *Model {
	twin := *m
	twin.cells = slices.Clone(m.cells)
	return &twin
}

// SetCells takes over values, marks and states after a new evaluation. The
// focus and an edit in progress stay. Undo steps stay too: they bring back the
// value of their cell, whatever has happened to it in between.
func (m *Model) SetCells(cells [][]Cell) {
	m.byID = make(map[string]int, len(m.cells))
	for r := range m.rows {
		for c := range m.cols {
			var in Cell
			if r < len(cells) && c < len(cells[r]) {
				in = cells[r][c]
			}
			m.cells[m.index(r, c)] = m.newCell(r, c, in)
		}
	}
	for i, c := range m.cells {
		m.byID[c.id] = i
	}
	if m.edit.on && m.cells[m.active()].computed {
		m.edit = edit{}
	}
	m.settle()
}

func (m *Model) newCell(r, c int, in Cell) cell {
	out := cell{
		id: in.ID, closed: in.Closed, computed: in.Computed || m.rows[r].Computed, mark: in.Mark,
		text: oneLine(in.Text),
	}
	if out.id == "" {
		out.id = m.rows[r].ID + "_" + m.cols[c].ID
	}
	switch {
	case in.Unavailable:
		out.v = value{na: true}
	case in.Value != nil:
		out.v = value{n: *in.Value, known: true}
	}
	if out.mark != 0 && (out.mark <= ' ' || out.mark > '~') {
		out.mark = '!' // one column wide, whatever the caller sent
	}
	return out
}

// At is the row and column of the active cell, -1, -1 when there is none.
func (m *Model) At() (row, col int) { return m.row, m.col }

// Editing tells whether digits have been typed that are not committed yet.
func (m *Model) Editing() bool { return m.edit.on }

// Typing is the number typed so far into the active cell; blank when all its
// digits have been taken away.
func (m *Model) Typing() (n int, blank, on bool) { return m.edit.n, m.edit.blank, m.edit.on }

// SetFocus tells the grid whether the focus of the screen is on it; at first it
// is. Without it no cell is shown as active and there is no cursor. Call
// [Model.Commit] before taking the focus away.
func (m *Model) SetFocus(on bool) { m.blur = !on }

// Goto moves to the cell with that id. It is false, and nothing moves, when
// there is no such cell, when the cell cannot take the focus (computed, or
// closed and empty), and during an edit of another cell: call [Model.Commit]
// first, or the typed number would get lost.
func (m *Model) Goto(id string) bool {
	i, ok := m.byID[id]
	if !ok || !m.focusable(i) {
		return false
	}
	if m.edit.on && i != m.active() {
		return false
	}
	m.moveTo(i)
	return true
}

// GoFirst moves to the first cell, GoLast to the last: for a focus that comes
// in forwards or backwards. During an edit they do nothing.
func (m *Model) GoFirst() { m.goEnd(+1) }

// GoLast moves to the last cell, see [Model.GoFirst].
func (m *Model) GoLast() { m.goEnd(-1) }

func (m *Model) index(r, c int) int { return r*len(m.cols) + c }

// active is the index of the active cell; only valid when there is one.
func (m *Model) active() int { return m.index(m.row, m.col) }

func (m *Model) hasFocus() bool { return m.row >= 0 }

// focusable tells whether a cell can be reached. A closed cell that holds
// something can: else its number could never be removed.
func (m *Model) focusable(i int) bool {
	c := &m.cells[i]
	return !c.computed && (!c.closed || c.v.na || c.v.n != 0)
}

// word is a value inside a sentence.
func (m *Model) word(v value) string {
	switch {
	case v.na:
		return m.texts.Unavailable
	case v.known:
		return strconv.Itoa(v.n)
	}
	return m.texts.Blank
}

func (v value) pointer() *int {
	if !v.known {
		return nil
	}
	n := v.n
	return &n
}

// oneLine keeps line breaks, tabs and escape sequences of a label from
// breaking the screen.
func oneLine(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, s)
}
