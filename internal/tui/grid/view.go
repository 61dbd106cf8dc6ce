package grid

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// View draws the grid: never wider than the width nor higher than the height
// given to SetSize, without a line break at the end.
func (m *Model) View() string {
	if m.w == 0 || m.h == 0 || len(m.cells) == 0 {
		return ""
	}
	m.buf = m.buf[:0]
	if m.lay.heads == 2 {
		m.drawGroups()
		m.buf = append(m.buf, '\n')
	}
	if m.lay.heads >= 1 {
		m.drawHeads()
		m.buf = append(m.buf, '\n')
	}
	for r := m.top; r < m.top+m.lay.rows; r++ {
		if r > m.top {
			m.buf = append(m.buf, '\n')
		}
		m.drawRow(r)
	}
	if m.lay.width <= m.w {
		return string(m.buf)
	}
	lines := strings.Split(string(m.buf), "\n")
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], m.w, "")
	}
	return strings.Join(lines, "\n")
}

// Cursor is where the cursor of the terminal belongs, counted from the top left
// of View: on the last digit of the active cell. Screen readers and braille
// lines follow it. It is nil when no cell is active. It never blinks.
func (m *Model) Cursor() *tea.Cursor {
	if !m.hasFocus() || m.blur || m.w == 0 || m.h == 0 {
		return nil
	}
	x := m.lay.label + (m.col-m.left+1)*m.colW - 1
	c := tea.NewCursor(min(x, m.w-1), m.lay.heads+m.row-m.top)
	c.Blink = false
	return c
}

// Status is the sentence about the active cell with the full names of its row
// and column, "" when no cell is active. Where it would be wider than w the
// value before the edit and the word for a blank give way, then the row's name,
// never the column's nor the value; 0 is no limit.
func (m *Model) Status(w int) string {
	if !m.hasFocus() {
		return ""
	}
	c := &m.cells[m.active()]
	sum := m.sum(m.row)
	st := StatusText{
		Row: m.rows[m.row].Label, Col: m.cols[m.col].Full, Value: m.word(c.v),
		Closed: c.closed, Optional: m.rows[m.row].Optional, Mark: c.mark,
		Total: sum.n, Missing: sum.missing,
	}
	if c.text != "" {
		st.Value = c.text
	}
	if m.edit.on {
		st.Editing, st.Old, st.Value = true, st.Value, m.edit.text()
	}
	said := m.texts.Status(st)
	if w == 0 || ansi.StringWidth(said) <= w {
		return said
	}
	st.Old = ""
	if st.Value == m.texts.Blank {
		st.Value = "_" // as in the table
	}
	said = m.texts.Status(st)
	if over := ansi.StringWidth(said) - w; over > 0 {
		st.Row = m.cut(st.Row, max(ansi.StringWidth(st.Row)-over, 1))
		said = m.cut(m.texts.Status(st), w)
	}
	return said
}

// put appends a text in a style.
func (m *Model) put(p paint, s string) {
	m.buf = append(m.buf, p.on...)
	m.buf = append(m.buf, s...)
	m.buf = append(m.buf, p.off...)
}

func (m *Model) pad(n int) {
	for ; n > 0; n-- {
		m.buf = append(m.buf, ' ')
	}
}

// rule is the line between groups.
func (m *Model) rule() string {
	if m.ascii {
		return "|"
	}
	return "│"
}

// drawCorner is the space over the labels: which rows are shown, and whether
// columns are hidden at the left.
func (m *Model) drawCorner(rowsShown, mark bool) {
	w := m.lay.label
	if w == 0 {
		return
	}
	text := ""
	if rowsShown && m.lay.rows < len(m.rows) {
		text = m.texts.RowsShown(m.top+1, m.top+m.lay.rows, len(m.rows))
	}
	m.put(m.paint.scroll, m.fill(oneLine(text), w-1))
	if mark && m.left > 0 {
		m.put(m.paint.scroll, "<")
	} else {
		m.pad(1)
	}
}

func (m *Model) drawGroups() {
	m.drawCorner(true, false)
	end := m.left + m.lay.cols
	for c := m.left; c < end; {
		next := c + 1
		for next < end && !m.groupStart(next) {
			next++
		}
		m.put(m.paint.rule, m.rule())
		m.put(m.paint.head, m.center(m.cols[c].Group, (next-c)*m.colW-1))
		c = next
	}
	m.put(m.paint.rule, m.rule())
	m.pad(m.lay.width - m.lay.label - m.lay.cols*m.colW - 1)
}

func (m *Model) drawHeads() {
	m.drawCorner(m.lay.heads == 1, true)
	end := m.left + m.lay.cols
	for c := m.left; c < end; c++ {
		if m.groupStart(c) || c == m.left {
			m.put(m.paint.rule, m.rule())
		} else {
			m.pad(1)
		}
		p := m.paint.head
		if c == m.col && !m.blur {
			p = m.paint.activeHead
		}
		m.put(p, m.right(m.cols[c].Head, m.colW-1))
	}
	if end < len(m.cols) {
		m.put(m.paint.scroll, ">")
	} else {
		m.put(m.paint.rule, m.rule())
	}
	if m.lay.total > 0 {
		m.put(m.paint.head, m.right(m.texts.Total, m.lay.total-1))
	}
	m.pad(1)
}

func (m *Model) drawRow(r int) {
	active := r == m.row && !m.blur
	if m.lay.label > 0 {
		sign, p := " ", m.paint.label
		switch {
		case active:
			sign, p = ">", m.paint.activeLabel
		case m.rows[r].Computed:
			sign, p = "=", m.paint.computed
		}
		m.buf = append(m.buf, p.on...)
		m.buf = append(m.buf, sign...)
		m.buf = append(m.buf, m.labels[r]...)
		m.buf = append(m.buf, p.off...)
	}
	end := m.left + m.lay.cols
	for c := m.left; c < end; c++ {
		m.drawCell(r, c, active)
	}
	m.drawLead(end, active) // closes the last column
	if m.lay.total > 0 {
		total := m.total(r)
		m.pad(m.lay.total - 1 - ansi.StringWidth(total))
		m.put(m.paint.total, total)
	}
	switch {
	case r == m.top && m.top > 0:
		m.put(m.paint.scroll, "^")
	case r == m.top+m.lay.rows-1 && r < len(m.rows)-1:
		m.put(m.paint.scroll, "v")
	default:
		m.pad(1)
	}
}

// drawLead is the first character of column c, which may be the one after the
// last: the bracket that closes the active cell, or a line between groups.
func (m *Model) drawLead(c int, active bool) {
	switch {
	case active && c == m.col+1 && c > m.left:
		m.put(m.activePaint(), "]")
	case c == m.left || c == m.left+m.lay.cols || m.groupStart(c):
		m.put(m.paint.rule, m.rule())
	default:
		m.pad(1)
	}
}

func (m *Model) activePaint() paint {
	if m.edit.on {
		return m.paint.edit
	}
	return m.paint.active
}

func (m *Model) drawCell(r, c int, activeRow bool) {
	var scratch [32]byte
	text, width, p := m.cellText(scratch[:0], r, c)
	active := activeRow && c == m.col
	if active {
		p = m.activePaint()
	}
	if !active {
		m.drawLead(c, activeRow)
	}
	m.buf = append(m.buf, p.on...)
	if active {
		m.buf = append(m.buf, '[')
	}
	m.pad(m.colW - 1 - width)
	m.buf = append(m.buf, text...)
	m.buf = append(m.buf, p.off...)
}

// cellText is the text of a cell, its width (less than colW) and its style when
// the cell is not the active one.
func (m *Model) cellText(b []byte, r, c int) ([]byte, int, paint) {
	cell := &m.cells[m.index(r, c)]
	if m.edit.on && r == m.row && c == m.col {
		// The mark speaks of the old number: leave it out.
		b = append(b, m.edit.text()...)
		return b, len(b), m.paint.edit
	}
	if cell.mark != 0 {
		b = append(b, byte(cell.mark))
	}
	width, p := 0, m.paint.number
	switch {
	case cell.v.na:
		b, p = append(b, m.texts.Unavailable...), m.paint.na
		width = ansi.StringWidth(m.texts.Unavailable)
	case cell.closed && cell.v.n == 0:
		sign := "·"
		if m.ascii {
			sign = "-"
		}
		b, width, p = append(b, sign...), 1, m.paint.closed
	case cell.text != "":
		text := ansi.Truncate(cell.text, m.colW-2, "")
		b, width = append(b, text...), ansi.StringWidth(text)
	case cell.v.known:
		before := len(b)
		b = strconv.AppendInt(b, int64(cell.v.n), 10)
		width = len(b) - before
	case !cell.computed:
		b, width, p = append(b, '_'), 1, m.paint.blank
	}
	if cell.computed {
		p = m.paint.computed
	}
	switch cell.mark {
	case 0:
		return b, width, p
	case '!':
		return b, width + 1, m.paint.err
	}
	return b, width + 1, m.paint.warning
}

type rowSum struct {
	n       int
	numbers int // known values, not counting the 0 of closed cells
	missing int
	na      int
}

// now is the value of a cell, with the number that is being typed.
func (m *Model) now(r, c int) value {
	if e := m.edit; e.on && r == m.row && c == m.col {
		return value{n: e.n, known: !e.blank}
	}
	return m.cells[m.index(r, c)].v
}

func (m *Model) sum(r int) rowSum {
	var s rowSum
	for c := range m.cols {
		cell, v := &m.cells[m.index(r, c)], m.now(r, c)
		switch {
		case v.na:
			s.na++
		case cell.text != "":
		case cell.closed && v.n == 0:
		case v.known:
			s.n += v.n
			s.numbers++
		default:
			s.missing++
		}
	}
	return s
}

// total is the sum of a row as shown. "~" says that cells are still blank: a
// blank is not 0, so the sum is not known yet. Without any number there is
// nothing to add up.
func (m *Model) total(r int) string {
	if m.lay.total == 0 || m.rows[r].Texts {
		return ""
	}
	switch s := m.sum(r); {
	case s.numbers > 0 && s.missing > 0:
		return "~" + strconv.Itoa(s.n)
	case s.numbers > 0:
		return strconv.Itoa(s.n)
	case s.missing > 0:
		return ""
	case s.na > 0:
		return m.texts.Unavailable
	case m.ascii:
		return "-"
	default:
		return "·"
	}
}
