package grid

import (
	"strconv"
	"strings"
)

// PasteReport counts what became of the cells of a pasted block.
type PasteReport struct {
	Pasted int // numbers taken, also those that were there already
	Blank  int // empty cells of the block: they leave the grid's cell as it is

	// Refused says why nothing was taken and nothing changed.
	Refused PasteRefusal
	Width   int // columns of numbers in a refused block
	Cols    int // columns of the grid

	// Taken off, for they belong to the sheet and not to the grid.
	Heads, Labels, Totals int      // lines of headings, columns of names, lines and columns of totals
	Unknown               []string // names of rows that the grid has not

	// Discarded, by reason.
	Outside   int // beyond the last row or column
	Closed    int // a number other than 0 for a closed cell
	Computed  int // for a computed cell
	NotNumber int // words, decimals, negative numbers
	TooBig    int // over Options.Max
}

// PasteRefusal is why a whole block is refused.
type PasteRefusal int

// The refusals: where the columns of the block cannot be told, every number
// would be a guess.
const (
	PasteTaken   PasteRefusal = iota
	PasteTooWide              // more columns of numbers than the grid has
	PasteYears                // one column for each year, the grid has several
	PasteUnclear              // the first line may be a title or a row
)

// Rejected is the sum of the discarded values.
func (p PasteReport) Rejected() int {
	return p.Outside + p.Closed + p.Computed + p.NotNumber + p.TooBig
}

// HandlePaste takes a block of text copied from a spreadsheet: tabs between
// columns, line breaks between rows.
//
// Headings, names of rows and totals are taken off, see [block]. Rows whose
// names are those of the grid go where they belong. Else the block begins at
// the active cell, and its rows go to consecutive typed rows: computed rows are
// stepped over, because the sheets that schools keep seldom have them. A table
// with names or headings and all the columns begins at the first one. Columns
// go to consecutive columns, closed ones included, so that a column of the
// sheet never slides into another year. All cells written are one undo step. A
// single value pasted during an edit is typed into the edit; a block commits
// the edit first.
func (m *Model) HandlePaste(s string) Result {
	if !m.hasFocus() {
		return Result{}
	}
	lines := splitBlock(s)
	if m.edit.on && len(lines) == 1 && !strings.Contains(lines[0], "\t") {
		return m.pasteIntoEdit(lines[0])
	}
	before := m.commit()
	report, deltas := m.place(lines)
	res := m.apply(StepPasted, deltas)
	res.Changes = append(before.Changes, res.Changes...)
	res.Say = m.texts.Pasted(report)
	m.settle()
	return res
}

// place decides where each field of the block goes.
func (m *Model) place(lines []string) (PasteReport, []delta) {
	b, clear := m.readBlock(lines)
	report := PasteReport{Heads: b.heads, Labels: b.labels, Totals: b.totals, Cols: len(m.cols)}
	for _, fields := range b.rows {
		report.Width = max(report.Width, len(fields))
	}
	switch {
	case !clear:
		report.Refused = PasteUnclear
	case b.years:
		report.Refused = PasteYears
	case report.Width > len(m.cols):
		report.Refused = PasteTooWide
	}
	if report.Refused != PasteTaken {
		return report, nil
	}
	first := m.col
	if b.heads+b.labels > 0 && report.Width == len(m.cols) {
		first = 0
	}
	at := m.rowsOf(b, &report)
	var deltas []delta
	for i, fields := range b.rows {
		for c, field := range fields {
			if at[i] >= 0 {
				deltas = m.pasteField(field, at[i], first+c, &report, deltas)
			}
		}
	}
	return report, deltas
}

// rowsOf gives each line of the block its row: by name when at least one name
// is a row's, else in order from the active one. -1 leaves a line out.
func (m *Model) rowsOf(b block, report *PasteReport) []int {
	at := make([]int, len(b.rows))
	named := false
	for i := range b.names {
		at[i] = m.rowNamed(b.names[i])
		named = named || at[i] >= 0
	}
	if named {
		taken := map[int]bool{}
		for i, r := range at {
			if r < 0 || taken[r] {
				at[i] = -1
				report.Unknown = append(report.Unknown, oneLine(b.names[i]))
			}
			taken[r] = true
		}
		return at
	}
	r := m.row
	for i := range at {
		r = m.typedRow(r)
		at[i] = r
		r++
	}
	return at
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
	if field == "" || isDash(field) {
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
	case cell.computed && ok && cell.v == v:
		report.Pasted++ // the sheet adds up as we do
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
