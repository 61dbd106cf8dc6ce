package main

import (
	"bytes"
	"io"
	"os"
	"strings"
	"text/tabwriter"
	"unicode/utf8"

	"golang.org/x/term"
)

// folded breaks long lines between words, as wide as the terminal is: a
// terminal by itself breaks them inside of words. What was written without the
// end of its line, a question, passes as it is.
type folded struct {
	w     io.Writer
	width func() int // columns; 0 for no limit
	begun bool       // the present line
}

// fold breaks lines for a terminal; files and pipes get them whole.
func fold(w io.Writer) io.Writer {
	f, ok := w.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return w
	}
	return &folded{w: w, width: func() int {
		columns, _, err := term.GetSize(int(f.Fd()))
		if err != nil {
			return 0
		}
		return columns
	}}
}

func (f *folded) Write(p []byte) (int, error) {
	var out bytes.Buffer
	width := f.width()
	for line := range bytes.Lines(p) {
		text, ended := bytes.CutSuffix(line, []byte("\n"))
		if whole := ended && !f.begun && width > 0; whole {
			out.WriteString(broken(string(text), width) + "\n")
		} else {
			out.Write(line)
		}
		f.begun = !ended
	}
	if _, err := f.w.Write(out.Bytes()); err != nil {
		return 0, err
	}
	return len(p), nil
}

// broken is a line on as many as it needs, the further ones two columns behind
// its beginning. What has no space to break at stays whole.
func broken(line string, width int) string {
	indent := strings.Repeat(" ", len(line)-len(strings.TrimLeft(line, " "))+2)
	var all []string
	for utf8.RuneCountInString(line) > width {
		at, column, seen := -1, 0, false
		for i, r := range line {
			if r != ' ' {
				seen = true
			} else if seen && (column <= width || at < 0) { // a space may stand behind the last column
				at = i
			}
			column++
		}
		if at < 0 {
			break
		}
		all = append(all, strings.TrimRight(line[:at], " "))
		line = indent + strings.TrimLeft(line[at:], " ")
		if strings.TrimSpace(line) == "" {
			return strings.Join(all, "\n")
		}
	}
	return strings.Join(append(all, line), "\n")
}

// table sets cells that a tab ends one below the other, and writes whole lines.
type table struct {
	*tabwriter.Writer
	lines *bytes.Buffer
	out   io.Writer
}

func newTable(out io.Writer) table {
	var lines bytes.Buffer
	return table{tabwriter.NewWriter(&lines, 2, 2, 2, ' ', 0), &lines, out}
}

// Flush ends the table.
func (t table) Flush() error {
	if err := t.Writer.Flush(); err != nil {
		return err
	}
	_, err := t.lines.WriteTo(t.out)
	return err
}
