package grid

import (
	"strings"
	"unicode"
)

// block is a pasted table without what people select along with the numbers:
// headings, the names of the rows, totals. Each of these would push the numbers
// into other cells than those they belong to.
type block struct {
	rows  [][]string
	names []string // of the rows; nil when the block has none
	years bool     // the headings name fewer columns than the grid has sexes for

	heads, labels, totals int // lines and columns taken off
}

// readBlock cuts a pasted text into cells and takes off what is no number of
// the grid. It is false when it cannot be told what the lines are.
func (m *Model) readBlock(lines []string) (block, bool) {
	b := block{}
	width := 0
	for _, line := range lines {
		fields := strings.Split(line, "\t")
		for i := range fields {
			fields[i] = strings.TrimFunc(fields[i], isSpace)
		}
		for len(fields) > 1 && fields[len(fields)-1] == "" {
			fields = fields[:len(fields)-1]
		}
		width = max(width, len(fields))
		b.rows = append(b.rows, fields)
	}
	for i, fields := range b.rows {
		b.rows[i] = append(fields, make([]string, width-len(fields))...)
	}
	if width*len(b.rows) < 2 || !b.hasNumbers() {
		return b, true
	}
	head, ok := m.takeHeads(&b)
	if !ok {
		return b, false
	}
	head = m.takeNames(&b, head)
	b.takeTotals(head, m)
	return b, true
}

func (b *block) hasNumbers() bool {
	for _, fields := range b.rows {
		if !wordsOnly(fields) {
			return true
		}
	}
	return false
}

// takeHeads takes off the first lines that hold words and no number, and gives
// the joined heading of each column. A line with a name and nothing beside it
// may be a title or a row not filled in: the names of the grid decide, and
// where they cannot, nothing is guessed.
func (m *Model) takeHeads(b *block) (head []string, ok bool) {
	head = make([]string, len(b.rows[0]))
	n, unclear := 0, false
	for n < len(b.rows)-1 && wordsOnly(b.rows[n]) {
		filled := 0
		for i, f := range b.rows[n] {
			head[i] = strings.TrimSpace(head[i] + " " + f)
			if f != "" {
				filled++
			}
		}
		if filled == 1 && b.rows[n][0] != "" && len(head) > 1 {
			if m.rowNamed(b.rows[n][0]) >= 0 {
				break
			}
			unclear = true
		}
		n++
	}
	b.rows, b.heads = b.rows[n:], n
	named := false
	for _, fields := range b.rows[1:] {
		named = named || m.rowNamed(fields[0]) >= 0
	}
	if counts(b.rows) && m.rowNamed(b.rows[0][0]) < 0 {
		if b.rows[0][0] != "" && !named {
			return head, false // 1 2 3 4 5 may be the years, or numbers of a row
		}
		for i, f := range b.rows[0] {
			head[i] = strings.TrimSpace(head[i] + " " + f)
		}
		b.rows = b.rows[1:]
		b.heads++
	}
	// A title over a heading is clear again.
	return head, !unclear || named || n > 1
}

// counts tells whether the first line numbers the columns of a block whose
// other lines begin with a name.
func counts(rows [][]string) bool {
	if len(rows) < 2 || isNumber(rows[0][0]) || !isWord(rows[1][0]) {
		return false
	}
	last := 0
	for _, f := range rows[0][1:] {
		n, ok := parseNumber(f)
		if f != "" && (!ok || n != last && n != last+1) {
			return false
		}
		last = max(last, n)
	}
	return last > 1
}

// takeNames takes off the columns with the names of the rows; before them may
// stand a column that numbers the lines.
func (m *Model) takeNames(b *block, head []string) []string {
	names := 0
	for c := 0; c < min(3, len(head)-1) && (c == 0 || c == names || numbersLines(b.rows)); c++ {
		words, numbers := 0, 0
		for _, fields := range b.rows {
			if isWord(fields[c]) {
				words++
			} else if isNumber(fields[c]) {
				numbers++
			}
		}
		if words > 0 && numbers == 0 {
			names = c + 1
		}
	}
	if names == 0 {
		return head
	}
	b.labels = names
	for i, fields := range b.rows {
		b.names = append(b.names, fields[names-1])
		b.rows[i] = fields[names:]
	}
	return head[names:]
}

// numbersLines tells whether the first column counts 1, 2, 3.
func numbersLines(rows [][]string) bool {
	for i, fields := range rows {
		if n, ok := parseNumber(fields[0]); !ok || n != i+1 {
			return false
		}
	}
	return len(rows) > 1
}

// takeTotals takes off the columns and rows of totals: those that say so, and,
// where the block is wider than the grid, those that add up.
func (b *block) takeTotals(head []string, m *Model) {
	keep := make([]bool, len(head))
	for c := range keep {
		keep[c] = !isTotal(head[c])
	}
	if width := count(keep); width > len(m.cols) {
		b.addsUp(keep, m)
	}
	for i, fields := range b.rows {
		kept := fields[:0:0]
		for c, f := range fields {
			if keep[c] {
				kept = append(kept, f)
			}
		}
		b.rows[i] = kept
	}
	b.totals = len(head) - count(keep)
	b.years = b.heads > 0 && m.groupSize() > 1 && count(keep) == len(m.cols)/m.groupSize()
	if b.names == nil {
		return
	}
	rows, names := b.rows[:0:0], b.names[:0:0]
	for i, name := range b.names {
		if isTotal(name) && m.rowNamed(name) < 0 {
			b.totals++
			continue
		}
		rows, names = append(rows, b.rows[i]), append(names, name)
	}
	b.rows, b.names = rows, names
}

// addsUp finds unnamed totals: one after each group, one at the end, or both.
func (b *block) addsUp(keep []bool, m *Model) {
	width, group := len(keep), m.groupSize()
	each := make([]bool, width)
	for c := range each {
		each[c] = c%(group+1) == group
	}
	last := make([]bool, width)
	last[width-1] = true
	both := append([]bool(nil), each...)
	both[width-1] = true
	for _, totals := range [][]bool{last, each, both} {
		if width-count(totals) <= len(m.cols) && b.sums(totals, group) {
			for c := range keep {
				keep[c] = keep[c] && !totals[c]
			}
			return
		}
	}
}

// sums tells whether in every row each marked column is the sum of the group
// before it, the last one perhaps of all.
func (b *block) sums(totals []bool, group int) bool {
	some := false
	for _, fields := range b.rows {
		all, part, n := 0, 0, 0
		for c, f := range fields {
			v, _ := parseNumber(f)
			switch {
			case !totals[c]:
				all, part, n = all+v, part+v, n+1
				continue
			case f != "" && v != all && (v != part || n != group):
				return false
			}
			some = some || v > 0
			part, n = 0, 0
		}
	}
	return some
}

func count(keep []bool) int {
	n := 0
	for _, k := range keep {
		if k {
			n++
		}
	}
	return n
}

// rowNamed finds the row that a name means: the same words, or the beginning of
// one row only. It is -1 when there is none.
func (m *Model) rowNamed(name string) int {
	name = plain(name)
	if name == "" {
		return -1
	}
	found := -1
	for i, row := range m.rows {
		label := plain(row.Label)
		switch {
		case label == name:
			return i
		case len(name) >= 8 && strings.HasPrefix(label, name), len(label) >= 8 && strings.HasPrefix(name, label):
			if found >= 0 {
				found = len(m.rows) // more than one
				continue
			}
			found = i
		}
	}
	if found == len(m.rows) {
		return -1
	}
	return found
}

// plain is a name as it is compared: its letters and digits.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}

func isTotal(s string) bool {
	for word := range strings.FieldsSeq(s) {
		if w := plain(word); strings.HasPrefix(w, "tot") || w == "mf" || w == "somma" || w == "sum" {
			return true
		}
	}
	return false
}

// isNumber knows what begins like a number, also one that cannot be taken.
func isNumber(s string) bool { return s != "" && !isWord(s) && !isDash(s) }

// isWord tells a name or heading from a number, "1° anno" among them. A lone
// "n.d." is an answer and "1e3" a number gone wrong, but neither moves a cell.
func isWord(s string) bool {
	letters := 0
	for _, r := range s {
		if unicode.IsLetter(r) || r == '°' {
			letters++
		}
	}
	return letters > 0 && plain(s) != "nd"
}

// isDash knows the signs that stand for "nothing here" in schools' sheets and in
// this program's own.
func isDash(s string) bool {
	switch s {
	case "-", "–", "—", "·", "_", "/":
		return true
	}
	return false
}

func wordsOnly(fields []string) bool {
	words := false
	for _, f := range fields {
		if isNumber(f) {
			return false
		}
		words = words || isWord(f)
	}
	return words
}
