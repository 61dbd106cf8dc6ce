package grid

import (
	"strings"

	"charm.land/lipgloss/v2"
)

// Texts holds every word that the grid shows or says, in the language of the
// person. A field left empty says nothing; none is ever replaced by a word of
// another language.
type Texts struct {
	Total       string // head of the column of row totals, at most 5 wide: "Tot."
	Unavailable string // a cell answered "not available", at most 4 wide: "n.d."
	Blank       string // a blank value inside a sentence: "vuoto"

	NotWhole      string // a comma or a minus in a number: it is not taken, "Solo numeri interi…"
	OnlyNumbers   string // a letter or a sign was typed: "Qui si scrivono solo numeri."
	NotOptional   string // "not available" was asked on a row that does not allow it
	ClosedCell    string // "not available" was asked on a closed cell
	EditCancelled string // Ctrl+Z during an edit
	NothingToUndo string
	NothingToRedo string

	// Limit is said when a digit is refused because the number would exceed max.
	Limit func(max int) string
	// RowsShown stands over the labels when not all rows fit: "Righe 3-14 di 24".
	// Both ends count from 1.
	RowsShown func(first, last, total int) string
	// Filled is said after Ctrl+R and Ctrl+K; n is how many blank cells became 0
	// and may be 0.
	Filled func(n int) string
	// Pasted is said after a paste.
	Pasted func(PasteReport) string
	// Undone and Redone are said after Ctrl+Z and Ctrl+Y.
	Undone func(StepText) string
	Redone func(StepText) string
	// Status is the line about the active cell, see [Model.Status].
	Status func(StatusText) string
}

// StepText describes an undone or redone step. From and To are values as words:
// a number, Texts.Blank or Texts.Unavailable.
type StepText struct {
	Kind  StepKind
	Count int // cells changed
	// The first cell changed, where the focus goes.
	Row, Col string // Row.Label and Col.Full
	From, To string // the value before and after this undo or redo
}

// StatusText describes the active cell.
type StatusText struct {
	Row, Col string // Row.Label and Col.Full, uncut
	Value    string // the value as a word, or the digits typed so far in an edit
	Old      string // in an edit: the value that Esc would bring back; else empty
	Editing  bool
	Closed   bool
	Optional bool // the row allows "not available"
	Mark     rune // 0, '!' or '?', as given by the caller
	Total    int  // sum of the known cells of the row
	Missing  int  // blank cells of the row that are not closed
}

// withFallbacks makes every function callable, so that the rest of the package
// never asks whether one is there.
func (t Texts) withFallbacks() Texts {
	if t.Limit == nil {
		t.Limit = func(int) string { return "" }
	}
	if t.RowsShown == nil {
		t.RowsShown = func(int, int, int) string { return "" }
	}
	if t.Filled == nil {
		t.Filled = func(int) string { return "" }
	}
	if t.Pasted == nil {
		t.Pasted = func(PasteReport) string { return "" }
	}
	if t.Undone == nil {
		t.Undone = func(StepText) string { return "" }
	}
	if t.Redone == nil {
		t.Redone = func(StepText) string { return "" }
	}
	if t.Status == nil {
		t.Status = func(StatusText) string { return "" }
	}
	if t.Unavailable == "" {
		// A sign, not a word: the cell must not look blank.
		t.Unavailable = "x"
	}
	return t
}

// Styles are the looks of the parts. Only colours and attributes (bold,
// reverse, underline) count: padding, borders and widths are ignored, since
// they would move the columns. The zero value means black and white: reverse
// for the active cell, bold for heads, totals and marks.
type Styles struct {
	Label       lipgloss.Style
	ActiveLabel lipgloss.Style
	Head        lipgloss.Style
	ActiveHead  lipgloss.Style // head of the active column
	Number      lipgloss.Style // a typed number
	Active      lipgloss.Style // the active cell
	Edit        lipgloss.Style // the active cell during an edit
	Blank       lipgloss.Style
	Closed      lipgloss.Style
	Unavailable lipgloss.Style
	Computed    lipgloss.Style
	Error       lipgloss.Style // a cell marked '!'
	Warning     lipgloss.Style // a cell with any other mark
	Total       lipgloss.Style
	Rule        lipgloss.Style // the lines between the groups
	Scroll      lipgloss.Style // "<" ">" "^" "v" and Texts.RowsShown
}

// paint is a style reduced to what it writes before and after a text. Rendering
// some 250 cells one by one through lipgloss would take most of a frame.
type paint struct{ on, off string }

func newPaint(s lipgloss.Style) paint {
	const probe = "x"
	on, off, found := strings.Cut(s.Inline(true).Render(probe), probe)
	if !found || strings.TrimSpace(on) != on || strings.TrimSpace(off) != off {
		return paint{} // a style that changes the text or pads it
	}
	return paint{on, off}
}

// paints are the prepared styles, in the order of the fields of Styles.
type paints struct {
	label, activeLabel, head, activeHead              paint
	number, active, edit, blank, closed, na, computed paint
	err, warning, total, rule, scroll                 paint
}

func newPaints(s Styles) paints {
	p := paints{
		label: newPaint(s.Label), activeLabel: newPaint(s.ActiveLabel),
		head: newPaint(s.Head), activeHead: newPaint(s.ActiveHead),
		number: newPaint(s.Number), active: newPaint(s.Active), edit: newPaint(s.Edit),
		blank: newPaint(s.Blank), closed: newPaint(s.Closed), na: newPaint(s.Unavailable),
		computed: newPaint(s.Computed), err: newPaint(s.Error), warning: newPaint(s.Warning),
		total: newPaint(s.Total), rule: newPaint(s.Rule), scroll: newPaint(s.Scroll),
	}
	if p != (paints{}) {
		return p
	}
	bold := newPaint(lipgloss.NewStyle().Bold(true))
	p.active = newPaint(lipgloss.NewStyle().Reverse(true))
	p.edit = newPaint(lipgloss.NewStyle().Reverse(true).Bold(true))
	p.activeLabel, p.head, p.err, p.warning, p.total, p.scroll = bold, bold, bold, bold, bold, bold
	p.activeHead = newPaint(lipgloss.NewStyle().Bold(true).Underline(true))
	return p
}
