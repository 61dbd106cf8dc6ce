package main

import (
	"bytes"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestBroken(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"breve", "breve"},
		{"", ""},
		{"dodici carat", "dodici carat"},
		{"dodici caratteri sono", "dodici\n  caratteri\n  sono"},
		{"  a capo più in là", "  a capo più\n    in là"},
		{"senzaspazidasola", "senzaspazidasola"},
		{"a senzaspazidasola b", "a\n  senzaspazidasola\n  b"},
		{"otto car     .", "otto car\n  ."},
		{"otto caratte   ", "otto caratte"},
	} {
		if got := broken(c.line, 12); got != c.want {
			t.Errorf("%q: %q, want %q", c.line, got, c.want)
		}
	}
}

// TestFolded: no word is cut or lost, however the text comes, and no line is
// wider than the terminal unless a single word is.
func TestFolded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.StringMatching(`( {0,3}([a-zàè]{1,14} {1,2}){0,9}\n?){0,5}`).Draw(t, "text")
		width := rapid.IntRange(8, 40).Draw(t, "width")
		var out bytes.Buffer
		f := &folded{w: &out, width: func() int { return width }}
		for line := range strings.Lines(text) {
			if n, err := f.Write([]byte(line)); n != len(line) || err != nil {
				t.Fatal(n, err)
			}
		}
		if got, want := strings.Fields(out.String()), strings.Fields(text); strings.Join(got, " ") != strings.Join(want, " ") {
			t.Fatalf("%q became %q", text, out.String())
		}
		for line := range strings.Lines(out.String()) {
			if n := utf8.RuneCountInString(strings.TrimRight(line, " \n")); n > width && strings.HasSuffix(line, "\n") && len(strings.Fields(line)) > 1 {
				t.Fatalf("%d columns: %q", n, line)
			}
		}
	})
}

// TestFoldedLeavesQuestions: what waits for an answer passes as it is, and so
// does the rest of its line; the lines of a table are broken like others.
func TestFoldedLeavesQuestions(t *testing.T) {
	var out bytes.Buffer
	f := &folded{w: &out, width: func() int { return 10 }}
	for _, s := range []string{"Codice della scuola: ", "cella  ", "un'altra cella\n", "e poi una riga lunga\n"} {
		if _, err := f.Write([]byte(s)); err != nil {
			t.Fatal(err)
		}
	}
	w := newTable(f)
	for _, row := range []string{"uno\tdue tre\n", "quattro\tcinque\n"} {
		if _, err := w.Write([]byte(row)); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Flush(); err != nil {
		t.Fatal(err)
	}
	if want := "Codice della scuola: cella  un'altra cella\ne poi una\n  riga\n  lunga\nuno\n  due tre\nquattro\n  cinque\n"; out.String() != want {
		t.Errorf("%q", out.String())
	}
}
