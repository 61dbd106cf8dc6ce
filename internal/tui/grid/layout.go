package grid

import (
	"strconv"
	"strings"

	"github.com/charmbracelet/x/ansi"
)

// labelWish is the label column at 80 columns, where ten columns of numbers and
// the totals leave just that much.
const labelWish = 22

// labelTight is what wide numbers may press it to before columns go out of
// sight; the status line has the whole name.
const labelTight = 12

// labelLeast is the least label that still tells one row from another.
const labelLeast = 8

// layout is the division of the screen; it follows from the size alone.
//
//	label | column | column | … | total | margin
//
// The first character of a column is its lead: a space, a line between groups or
// a bracket of the active cell. No number ever takes it, so that two numbers
// never touch: a column is as wide as the widest text in the grid. The margin
// holds the marks for more rows and, where there are no totals, the closing
// bracket of the last column.
type layout struct {
	heads  int // lines above the rows
	rows   int // visible rows
	cols   int // visible columns
	label  int
	total  int // 0 = no room, or not wanted
	margin int
	width  int // of a line; may be more than the screen, View then cuts
}

// measure finds the widths that follow from the texts and the limit.
func (m *Model) measure() {
	m.colLeast = max(len(strconv.Itoa(m.max)), 4)
	for _, c := range m.cols {
		m.colLeast = max(m.colLeast, min(ansi.StringWidth(c.Head), 11))
	}
	m.colLeast++ // the lead
	m.texts.Unavailable = m.cut(m.texts.Unavailable, m.colLeast-1)
	for _, r := range m.rows {
		m.labelMax = max(m.labelMax, ansi.StringWidth(r.Label)+1)
	}
}

// widen makes room for every number whole: a mark before four digits, and
// computed numbers beyond the limit. All columns are of one width, and the label
// column pays.
func (m *Model) widen() {
	colW, totalW := m.colW, m.totalW
	defer func() {
		if m.colW != colW || m.totalW != totalW {
			m.SetSize(m.w, m.h)
		}
	}()
	m.colW, m.totalW = m.colLeast, 0
	var scratch [32]byte
	for r := range m.rows {
		for c := range m.cols {
			_, w, _ := m.cellText(scratch[:0], r, c)
			m.colW = max(m.colW, w+1)
		}
	}
	if !m.totals {
		return
	}
	m.totalW = max(ansi.StringWidth(m.texts.Total)+1, 6)
	for r := range m.rows {
		m.totalW = max(m.totalW, len("~")+len(strconv.Itoa(m.sum(r).n))+1)
	}
}

// SetSize gives the grid its place, in columns and lines. Any size is allowed.
func (m *Model) SetSize(w, h int) {
	m.w, m.h = max(w, 0), max(h, 0)
	l := layout{total: m.totalW, margin: 1}
	if l.total == 0 {
		l.margin = 2
	}
	if l.total > 0 && m.w-l.total-l.margin-m.labelWidth(0) < 2*m.colW {
		// Numbers are worth more than their sum when two columns do not fit.
		l.total, l.margin = 0, 2
	}
	free := m.w - l.total - l.margin
	left := free - len(m.cols)*m.colW
	l.label = m.labelWidth(left)
	if left >= labelTight {
		l.label = min(l.label, left)
	}
	least := m.colW
	if g := m.groupSize(); free-g*m.colW >= labelLeast {
		least = g * m.colW // a whole year beside the label
	}
	l.label = max(min(l.label, free-least), 0)
	l.cols = max(min((free-l.label)/m.colW, len(m.cols)), 1)
	if g := m.groupSize(); l.cols < len(m.cols) && l.cols > g {
		l.cols -= l.cols % g // half a year is easy to misread
	}
	l.label = max(min(free-l.cols*m.colW, m.labelMax), l.label, 0)
	l.width = l.label + l.cols*m.colW + l.total + l.margin

	l.heads = 1
	if m.hasGroups() {
		l.heads = 2
	}
	l.heads = max(min(l.heads, m.h-1), 0)
	l.rows = max(min(m.h-l.heads, len(m.rows)), 0)
	m.lay = l
	m.labels = make([]string, len(m.rows))
	for i, r := range m.rows {
		m.labels[i] = m.fill(r.Label, l.label-1)
	}
	m.reveal()
}

// labelWidth is the label column when left columns are to spare for it.
func (m *Model) labelWidth(left int) int { return min(m.labelMax, max(labelWish, left)) }

func (m *Model) hasGroups() bool {
	for _, c := range m.cols {
		if c.Group != "" {
			return true
		}
	}
	return false
}

// groupSize is the number of columns in each group, 1 when they differ.
func (m *Model) groupSize() int {
	size, run := 0, 0
	for c := range m.cols {
		if m.groupStart(c) && c > 0 {
			if size != 0 && run != size {
				return 1
			}
			size, run = run, 0
		}
		run++
	}
	if size == 0 || run != size {
		return 1
	}
	return size
}

func (m *Model) groupStart(c int) bool { return c == 0 || m.cols[c].Group != m.cols[c-1].Group }

// reveal scrolls as little as needed to show the active cell. Rows and columns
// beside it that cannot take the focus are shown along with it: no other way
// would ever bring a computed last row into sight.
func (m *Model) reveal() {
	if m.lay.cols == 0 {
		return // New has not come to SetSize yet
	}
	row, col := max(m.row, 0), max(m.col, 0)
	top, bottom := row, row
	for top > 0 && m.deadRow(top-1) {
		top--
	}
	for bottom < len(m.rows)-1 && m.deadRow(bottom+1) {
		bottom++
	}
	m.top = slide(m.top, top, bottom, row, m.lay.rows, len(m.rows))

	first, last := col, col
	for first > 0 && m.deadCol(first-1) {
		first--
	}
	for last < len(m.cols)-1 && m.deadCol(last+1) {
		last++
	}
	before := m.left
	m.left = slide(m.left, first, last, col, m.lay.cols, len(m.cols))
	if g := m.groupSize(); m.left%g != 0 && m.lay.cols%g == 0 {
		if m.left > before {
			m.left += g
		}
		// Whole groups, and the active one among them above all.
		own := col - col%g
		m.left = max(min(m.left-m.left%g, own), own+g-m.lay.cols)
	}
}

func (m *Model) deadRow(r int) bool {
	for c := range m.cols {
		if m.focusable(m.index(r, c)) {
			return false
		}
	}
	return true
}

func (m *Model) deadCol(c int) bool {
	for r := range m.rows {
		if m.focusable(m.index(r, c)) {
			return false
		}
	}
	return true
}

// slide moves a window of n lines that begins at off as little as needed to
// show lo to hi, or, when those are too many, at least at.
func slide(off, lo, hi, at, n, total int) int {
	if hi-lo+1 > n {
		lo = max(lo, at-n+1)
		hi = min(hi, lo+n-1)
	}
	off = min(off, lo)
	off = max(off, hi-n+1)
	return max(min(off, total-n), 0)
}

func (m *Model) ellipsis() string {
	if m.ascii {
		return "..."
	}
	return "…"
}

// cut shortens a text to w columns of the screen.
func (m *Model) cut(s string, w int) string {
	if ansi.StringWidth(s) <= w {
		return s
	}
	if tail := m.ellipsis(); ansi.StringWidth(tail) < w {
		return ansi.Truncate(s, w, tail)
	}
	return ansi.Truncate(s, max(w, 0), "")
}

// fill cuts a text and fills it with spaces to exactly w columns.
func (m *Model) fill(s string, w int) string {
	s = m.cut(s, w)
	return s + strings.Repeat(" ", max(w-ansi.StringWidth(s), 0))
}

// right is fill with the text at the right end.
func (m *Model) right(s string, w int) string {
	s = m.cut(s, w)
	return strings.Repeat(" ", max(w-ansi.StringWidth(s), 0)) + s
}

// center is fill with the text in the middle.
func (m *Model) center(s string, w int) string {
	s = m.cut(s, w)
	return m.fill(strings.Repeat(" ", max(w-ansi.StringWidth(s), 0)/2)+s, w)
}
