package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rileva/internal/office"
	surveysync "rileva/pkg/sync"
)

// width is how wide what is printed may be: a terminal that nobody has widened.
const width = 80

// narrowest is how far a column is cut at most; what is shorter (codes,
// passwords, numbers of receipts) is never cut.
const narrowest = 12

// fit makes the widest columns narrower until a row fits the width, as far as
// it goes: --json has everything.
func fit(columns []int) {
	total := 2 * (len(columns) - 1)
	for _, n := range columns {
		total += n
	}
	for ; total > width; total-- {
		i := slices.Index(columns, slices.Max(columns))
		if columns[i] <= narrowest {
			return
		}
		columns[i]--
	}
}

// table writes rows in columns. Everything passes Visible: names come from
// files, devices from the schools.
func table(w io.Writer, header []string, rows [][]string) {
	columns := make([]int, len(header))
	safe := make([][]string, 0, len(rows)+1)
	for _, row := range append([][]string{header}, rows...) {
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = surveysync.Visible(c)
			columns[i] = max(columns[i], utf8.RuneCountInString(line[i]))
		}
		safe = append(safe, line)
	}
	fit(columns)
	for _, line := range safe {
		var b strings.Builder
		for i, c := range line {
			c = cut(c, columns[i])
			b.WriteString(c)
			if i < len(line)-1 {
				b.WriteString(strings.Repeat(" ", columns[i]-utf8.RuneCountInString(c)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// line writes one sentence of the words, in as many lines as it takes.
func (p *program) line(w io.Writer, key string, args ...any) {
	for _, one := range strings.Split(p.say(key, args...), "\n") {
		wrapped(w, one[:len(one)-len(strings.TrimLeft(one, " "))], one)
	}
}

// wrapped prints a text in lines no wider than a terminal, all but the first
// indented a little more than indent. What fits stays as it is.
func wrapped(w io.Writer, indent, text string) {
	text = surveysync.Visible(strings.TrimSpace(text))
	if line := indent + text; utf8.RuneCountInString(line) <= width {
		fmt.Fprintln(w, strings.TrimRight(line, " "))
		return
	}
	flow(w, indent, indent+"  ", text)
}

// flow fills lines with the words of a text.
func flow(w io.Writer, first, next, text string) {
	line, begun := first, false
	for _, word := range strings.Fields(text) {
		switch {
		case !begun:
			line, begun = line+word, true
		case utf8.RuneCountInString(line)+1+utf8.RuneCountInString(word) > width:
			fmt.Fprintln(w, line)
			line = next + word
		default:
			line += " " + word
		}
	}
	fmt.Fprintln(w, line)
}

var monthNames = map[string][]string{
	"it": {"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// moment shows a date in words, with the zone it is in.
func (p *program) moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	t = t.In(office.Rome())
	month := monthNames[p.words.lang][t.Month()-1]
	return p.say("moment", t.Day(), month, t.Year(), t.Hour(), t.Minute())
}

// short shows a moment in a column, to the second.
func short(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.In(office.Rome()).Format("02/01/2006 15:04:05")
}

// cut keeps a column narrow.
func cut(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// yes is a word for a boolean.
func (p *program) yes(b bool) string {
	if b {
		return p.say("yes")
	}
	return p.say("no")
}

// digest shows as much of a digest as tells it from others.
func digest(d string) string { return cut(d, 7+12+1) }

// progress draws how far long work is, on a terminal only.
func (p *program) progress(key string, done, all int) {
	if !p.terminal {
		return
	}
	fmt.Fprintf(p.bare, "\r%s", p.say(key, done, all))
	if done >= all {
		fmt.Fprintln(p.err)
	}
}

// progressOpen draws work whose end is not known; progressEnd leaves the line.
func (p *program) progressOpen(key string, done int) {
	if p.terminal {
		fmt.Fprintf(p.bare, "\r%s", p.say(key, done))
	}
}

func (p *program) progressEnd() {
	if p.terminal {
		fmt.Fprintln(p.err)
	}
}
