package grid

import (
	"strconv"
	"strings"
)

// PasteReport counts what became of the cells of a pasted block.
type PasteReport struct {
	Pasted int // numbers taken, also those that were there already
	Blank  int // empty cells of the block: they leave the grid's cell as it is

	// Discarded, by reason.
	Outside   int // beyond the last row or column
	Closed    int // a number other than 0 for a closed cell
	Computed  int // for a computed cell in a row that is otherwise typed
	NotNumber int // words, decimals, negative numbers
	TooBig    int // over Options.Max
}

// Rejected is the sum of the discarded values.
func (p PasteReport) Rejected() int {
	return p.Outside + p.Closed + p.Computed + p.NotNumber + p.TooBig
}

// HandlePaste takes a block of text copied from a spreadsheet: tabs between
// columns, line breaks between rows.
//
// The block begins at the active cell. Its rows go to consecutive typed rows:
// computed rows are stepped over, because the sheets that schools keep seldom
// have them. Its columns go to consecutive columns, closed ones included, so
// that a column of the sheet never slides into another year. All cells written
// are one undo step. A single value pasted during an edit is typed into the
// edit; a block commits the edit first.
func (m *Model) HandlePaste(s string) Result {
	if !m.hasFocus() {
		return Result{}
	}
	lines := splitBlock(s)
	if m.edit.on && len(lines) == 1 && !strings.Contains(lines[0], "\t") {
		return m.pasteIntoEdit(lines[0])
	}
	before := m.commit()
	var (
		report PasteReport
		deltas []delta
	)
	r := m.row
	for _, line := range lines {
		r = m.typedRow(r)
		c := m.col
		for field := range strings.SplitSeq(line, "\t") {
			deltas = m.pasteField(field, r, c, &report, deltas)
			c++
		}
		r++
	}
	res := m.apply(StepPasted, deltas)
	res.Changes = append(before.Changes, res.Changes...)
	res.Say = m.texts.Pasted(report)
	m.settle()
	return res
}

// splitBlock cuts a block into lines; the line break that spreadsheets put at
// the end makes no row.
func splitBlock(s string) []string {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	s = strings.ReplaceAll(s, "\r", "\n")
	return strings.Split(strings.TrimRight(s, "\n"), "\n")
}

// typedRow is the first row from r on that is not computed.
func (m *Model) typedRow(r int) int {
	for r < len(m.rows) && m.rows[r].Computed {
		r++
	}
	return r
}

// pasteField decides about one field of the block, meant for row r, column c.
func (m *Model) pasteField(field string, r, c int, report *PasteReport, deltas []delta) []delta {
	field = strings.TrimFunc(field, isSpace)
	if field == "" {
		report.Blank++
		return deltas
	}
	if r >= len(m.rows) || c >= len(m.cols) {
		report.Outside++
		return deltas
	}
	cell := &m.cells[m.index(r, c)]
	n, ok := parseNumber(field)
	v := value{n: n, known: true}
	if m.rows[r].Optional && !cell.closed && strings.EqualFold(field, m.texts.Unavailable) {
		v, ok = value{na: true}, true
	}
	switch {
	case cell.computed:
		report.Computed++
	case !ok:
		report.NotNumber++
	case v.n > m.max:
		report.TooBig++
	case cell.closed && v.n != 0:
		report.Closed++
	case cell.closed && !m.focusable(m.index(r, c)):
		report.Pasted++ // 0 for a closed cell: it counts as 0 already
	default:
		report.Pasted++
		deltas = append(deltas, delta{at: m.index(r, c), new: v})
	}
	return deltas
}

func (m *Model) pasteIntoEdit(s string) Result {
	s = strings.TrimFunc(s, isSpace)
	if s == "" {
		return Result{Consumed: true}
	}
	n, ok := parseNumber(s)
	if !ok {
		return Result{Consumed: true, Say: m.texts.OnlyNumbers}
	}
	// The digits are added one by one, and all or none of them.
	before := m.edit
	for _, digit := range strconv.Itoa(n) {
		if say := m.typeDigit(int(digit - '0')); say != "" {
			m.edit = before
			return Result{Consumed: true, Say: say}
		}
	}
	return Result{Consumed: true}
}

// tooBig stands for every number with more digits than we count.
const tooBig = 1_000_000_000

// parseNumber reads a whole number as spreadsheets write it: digits, or groups
// of three digits parted by one and the same sign (point, apostrophe, space).
// A comma is never taken: 1,000 is one thousand to some and one to others.
func parseNumber(s string) (int, bool) {
	var (
		n, digits int
		group     = -1 // digits since the last sign, -1 before the first one
		sep       rune
	)
	for _, r := range s {
		switch {
		case r >= '0' && r <= '9':
			n = min(n*10+int(r-'0'), tooBig)
			digits++
			if group >= 0 {
				group++
			}
		case isGroupSign(r):
			first := group < 0
			if first && (digits == 0 || digits > 3 || n == 0) || !first && (group != 3 || r != sep) {
				return 0, false
			}
			sep, group = r, 0
		default:
			return 0, false
		}
	}
	return n, digits > 0 && (group < 0 || group == 3)
}

func isGroupSign(r rune) bool {
	return r == '.' || r == '\'' || r == '\u2019' || isSpace(r)
}

// isSpace knows the spaces that spreadsheets put between thousands: no-break,
// narrow no-break, thin and figure space.
func isSpace(r rune) bool {
	switch r {
	case ' ', '\u00a0', '\u202f', '\u2009', '\u2007':
		return true
	}
	return false
}
