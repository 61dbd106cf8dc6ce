package main

import (
	"fmt"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"rileva/internal/office"
	surveysync "rileva/pkg/sync"
)

// table writes rows in columns. Everything passes Visible: names come from
// files, devices from the schools.
func table(w io.Writer, header []string, rows [][]string) {
	width := make([]int, len(header))
	safe := make([][]string, 0, len(rows)+1)
	for _, row := range append([][]string{header}, rows...) {
		line := make([]string, len(row))
		for i, c := range row {
			line[i] = surveysync.Visible(c)
			width[i] = max(width[i], utf8.RuneCountInString(line[i]))
		}
		safe = append(safe, line)
	}
	for _, line := range safe {
		var b strings.Builder
		for i, c := range line {
			b.WriteString(c)
			if i < len(line)-1 {
				b.WriteString(strings.Repeat(" ", width[i]-utf8.RuneCountInString(c)+2))
			}
		}
		fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
	}
}

// line writes one sentence of the words.
func (p *program) line(w io.Writer, key string, args ...any) {
	fmt.Fprintln(w, p.say(key, args...))
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
	fmt.Fprintf(p.err, "\r%s", p.say(key, done, all))
	if done >= all {
		fmt.Fprintln(p.err)
	}
}

// progressOpen draws work whose end is not known; progressEnd leaves the line.
func (p *program) progressOpen(key string, done int) {
	if p.terminal {
		fmt.Fprintf(p.err, "\r%s", p.say(key, done))
	}
}

func (p *program) progressEnd() {
	if p.terminal {
		fmt.Fprintln(p.err)
	}
}
