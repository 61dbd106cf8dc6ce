package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/term"

	"rileva/internal/office"
	surveysync "rileva/pkg/sync"
)

// terminalWidth is how wide the terminal is that the output goes to; 0 for a
// file or a pipe, where nothing needs to be cut.
func terminalWidth() int {
	width, _, err := term.GetSize(int(os.Stdout.Fd()))
	if err != nil {
		return 0
	}
	return width
}

// known reads the value of a filter: the code, or the word that the list shows
// for it. Another is a mistake and not an empty list.
func (p *program) known(table, typed, unknown string) (string, error) {
	if typed == "" {
		return "", nil
	}
	codes := []string{}
	for _, key := range slices.Sorted(maps.Keys(p.words.word)) {
		code, ok := strings.CutPrefix(key, table+".")
		if !ok {
			continue
		}
		if code == typed || strings.EqualFold(p.words.word[key], typed) {
			return code, nil
		}
		codes = append(codes, code)
	}
	return "", p.fail(exitUsage, unknown, typed, strings.Join(codes, ", "))
}

// logTable writes lines of the log in columns of a fixed width, so that those
// that --follow adds stand under the others.
type logTable struct {
	p       *program
	columns []logColumn
}

type logColumn struct {
	key   string // of the heading, under "col_"
	width int
	show  func(office.LogRow) string
}

// logTable chooses the columns: what a person looks for first fits into 80;
// a wider terminal gets the rest.
func (p *program) logTable() logTable {
	who := func(r office.LogRow) string {
		if r.Institution != "" {
			return r.Institution
		}
		return p.word("actor", r.Actor)
	}
	t := logTable{p, []logColumn{
		{"when", 19, func(r office.LogRow) string { return short(r.At) }},
		{"who", 10, who},
		{"act", 20, p.act},
		{"outcome", 16, func(r office.LogRow) string { return p.word("outcome", r.Outcome) }},
		{"incident", 9, func(r office.LogRow) string { return r.Incident }},
	}}
	width := 0
	if p.width != nil {
		width = p.width()
	}
	if width > 0 && width < 110 {
		return t
	}
	t.columns = append(t.columns, logColumn{"device", 18, func(r office.LogRow) string { return r.Device }},
		logColumn{"receipt", 14, func(r office.LogRow) string { return r.Number }},
		logColumn{"remark", max(width-148, 0), func(r office.LogRow) string { return p.aside(r) }})
	return t
}

func (p *program) heading(column string) string { return p.words.say["col_"+column] }

// act says what was done, with the part and the revision.
func (p *program) act(r office.LogRow) string {
	s := p.word("action", r.Action)
	if r.Part != "" {
		s += " " + p.word("part.short", r.Part)
	}
	if r.Revision > 0 {
		s += " " + strconv.Itoa(r.Revision)
	}
	return s
}

// aside is what else the line says.
func (p *program) aside(r office.LogRow) string {
	var notes []string
	if r.Late != nil && *r.Late {
		notes = append(notes, p.word("return", "late"))
	}
	if r.Count > 0 {
		notes = append(notes, strconv.FormatInt(r.Count, 10)+"×")
	}
	if r.Note != "" {
		notes = append(notes, r.Note)
	}
	return strings.Join(notes, ", ")
}

func (t logTable) header(w io.Writer) {
	t.write(w, func(c logColumn) string { return t.p.heading(c.key) })
}

func (t logTable) row(w io.Writer, r office.LogRow) {
	t.write(w, func(c logColumn) string { return c.show(r) })
}

// write fills the columns; a width of 0 leaves the last one as long as it is.
func (t logTable) write(w io.Writer, cell func(logColumn) string) {
	var b strings.Builder
	for i, c := range t.columns {
		s := surveysync.Visible(cell(c))
		if c.width > 0 {
			s = cut(s, c.width)
		}
		b.WriteString(s)
		if i < len(t.columns)-1 {
			b.WriteString(strings.Repeat(" ", max(c.width-utf8.RuneCountInString(s), 0)+1))
		}
	}
	fmt.Fprintln(w, strings.TrimRight(b.String(), " "))
}

// showLog lists lines; whole shows everything of each, one field a line: who
// asks for one incident wants to know all of it.
func (p *program) showLog(w io.Writer, rows []office.LogRow, whole bool) {
	if whole {
		for _, r := range rows {
			p.wholeRow(w, r)
		}
	} else {
		t := p.logTable()
		t.header(w)
		for _, r := range rows {
			t.row(w, r)
		}
	}
	if len(rows) == 0 {
		p.line(w, "log_nothing")
	}
}

func (p *program) wholeRow(w io.Writer, r office.LogRow) {
	number := func(n int64) string {
		if n == 0 {
			return ""
		}
		return strconv.FormatInt(n, 10)
	}
	for _, f := range [][2]string{
		{"when", short(r.At)}, {"line", strconv.FormatInt(r.Index, 10)}, {"actor", p.word("actor", r.Actor)}, {"code", r.Institution},
		{"act", p.act(r)}, {"outcome", p.word("outcome", r.Outcome)}, {"incident", r.Incident}, {"receipt", r.Number}, {"device", r.Device},
		{"client", r.Client}, {"bytes", number(r.Size)}, {"milliseconds", number(r.DurationMS)}, {"submission", r.SubmissionID},
		{"content", r.ContentDigest}, {"form", r.Questionnaire}, {"remark", p.aside(r)},
	} {
		if f[1] != "" {
			fmt.Fprintf(w, "%-16s %s\n", p.heading(f[0]), surveysync.Visible(f[1]))
		}
	}
	fmt.Fprintln(w)
}
