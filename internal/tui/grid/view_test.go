package grid

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
)

var update = flag.Bool("update", false, "write the screens of testdata anew")

// screen is the view as plain text, with the cursor and the status line below.
func screen(m *Model) string {
	var b strings.Builder
	for line := range strings.SplitSeq(ansi.Strip(m.View()), "\n") {
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	if c := m.Cursor(); c != nil {
		fmt.Fprintf(&b, "-- cursor %d,%d\n", c.X, c.Y)
	}
	b.WriteString("-- " + m.Status(0) + "\n")
	return b.String()
}

func TestScreens(t *testing.T) {
	tests := []struct {
		name, keys string
		w, h       int
		ascii      bool
		noTotals   bool
	}{
		{name: "80-first", w: 80, h: 24},
		{name: "80-whole", w: 80, h: 26},
		{name: "80-ascii", w: 80, h: 26, ascii: true},
		{name: "80-last", w: 80, h: 20, keys: "ctrl+end"},
		{name: "80-edit", w: 80, h: 12, keys: "down right 9 9"},
		{name: "80-no-totals", w: 80, h: 10, keys: "end", noTotals: true},
		{name: "60-first", w: 60, h: 20},
		{name: "60-last", w: 60, h: 20, keys: "pgdown end"},
		{name: "60-back", w: 60, h: 12, keys: "ctrl+end home right right right"},
		{name: "60-ascii", w: 60, h: 20, ascii: true, keys: "end down"},
		{name: "40", w: 40, h: 12, keys: "end"},
		{name: "100", w: 100, h: 12},
		{name: "200", w: 200, h: 12},
		{name: "60-three-lines", w: 60, h: 3, keys: "down"},
		{name: "60-two-lines", w: 60, h: 2, keys: "down"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			rows, cols, cells := school()
			m := New(rows, cols, cells, Options{Texts: italian, RowTotals: !tt.noTotals, ASCII: tt.ascii})
			m.SetSize(tt.w, tt.h)
			if tt.keys != "" {
				press(m, tt.keys)
			}
			got := screen(m)
			for line := range strings.SplitSeq(m.View(), "\n") {
				if ansi.StringWidth(line) > tt.w {
					t.Errorf("too wide: %q", line)
				}
			}
			file := filepath.Join("testdata", tt.name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("screen differs from %s (go test -update writes it anew):\n%s", file, got)
			}
		})
	}
}

// At 80 columns all ten columns and the totals are in sight.
func TestAllColumnsAt80(t *testing.T) {
	rows, cols, cells := school()
	m := New(rows, cols, cells, Options{Texts: italian, RowTotals: true})
	m.SetSize(80, 24)
	if m.lay.cols != 10 || m.lay.total != 6 || m.lay.label < labelTight || m.lay.width > 80 {
		t.Errorf("layout %+v", m.lay)
	}
}

// Scrolled sideways, both sexes of a year stay together.
func TestWholeYears(t *testing.T) {
	rows, cols, cells := school()
	m := New(rows, cols, cells, Options{Texts: italian, RowTotals: true})
	for w := 30; w < 80; w++ {
		m.SetSize(w, 20)
		for _, keys := range []string{"home", "right right right", "end", "left left left", "tab"} {
			press(m, keys)
			checkModel(t, m)
			if m.lay.cols < 2 || m.lay.cols%2 != 0 || m.left%2 != 0 {
				t.Fatalf("width %d: %d columns from %d", w, m.lay.cols, m.left)
			}
		}
	}
}

// Found by TestProperties: the closed column beside the active one drew its
// whole group into sight, and the active group out of it.
func TestClosedNeighbourColumn(t *testing.T) {
	m := New([]Row{{ID: "a"}}, years(2), [][]Cell{{{}, {Closed: true}, {}, {}}}, Options{Texts: italian})
	m.SetSize(13, 4)
	m.GoLast()
	if !m.Goto("a_y2_m") {
		t.Fatal("not reached")
	}
	checkModel(t, m)
}

// The cursor must stand on the last digit of the active cell wherever it is.
func TestCursorOnLastDigit(t *testing.T) {
	m := small(t)
	for _, size := range [][2]int{{80, 24}, {34, 5}, {20, 3}, {12, 2}} {
		m.SetSize(size[0], size[1])
		for _, id := range []string{"a_y1_m", "a_y2_f", "d_y1_m"} {
			if !m.Goto(id) {
				t.Fatal(id)
			}
			c := m.Cursor()
			line := []rune(strings.Split(ansi.Strip(m.View()), "\n")[c.Y])
			want := map[string]rune{"a_y1_m": '0', "a_y2_f": '3', "d_y1_m": '5'}[id]
			if line[c.X] != want {
				t.Errorf("%v %s: cursor on %q of %q", size, id, line[c.X], string(line))
			}
			if c.Blink {
				t.Error("the cursor blinks")
			}
		}
	}
}

// Totals: a blank is not 0, closed cells are.
func TestTotals(t *testing.T) {
	tests := []struct {
		name  string
		cells []Cell
		want  string
	}{
		{"all known", []Cell{{Value: num(2)}, {Value: num(3)}}, "5"},
		{"one blank", []Cell{{Value: num(12)}, {}}, "~12"},
		{"blank and 0", []Cell{{Value: num(0)}, {}}, "~0"},
		{"all blank", []Cell{{}, {}}, ""},
		{"closed counts as 0", []Cell{{Value: num(4)}, {Closed: true}}, "4"},
		{"closed with a number", []Cell{{Value: num(4)}, {Closed: true, Value: num(1)}}, "5"},
		{"blank and closed", []Cell{{}, {Closed: true}}, ""},
		{"not available beside a number", []Cell{{Value: num(4)}, {Unavailable: true}}, "4"},
		{"not available beside a blank", []Cell{{}, {Unavailable: true}}, ""},
		{"all not available", []Cell{{Unavailable: true, Value: num(9)}, {Unavailable: true}}, "n.d."},
		{"all closed", []Cell{{Closed: true}, {Closed: true, Value: num(0)}}, "·"},
	}
	for _, tt := range tests {
		m := New([]Row{{ID: "a", Optional: true}}, years(1), [][]Cell{tt.cells}, Options{Texts: italian, RowTotals: true})
		if got := m.total(0); got != tt.want {
			t.Errorf("%s: %q, want %q", tt.name, got, tt.want)
		}
	}
}

func TestCellTexts(t *testing.T) {
	tests := []struct {
		cell Cell
		want string
	}{
		{Cell{}, "_"},
		{Cell{Value: num(0)}, "0"},
		{Cell{Value: num(9999), Mark: '!'}, "!9999"},
		{Cell{Value: num(12), Mark: '?'}, "?12"},
		{Cell{Mark: '!'}, "!_"},
		{Cell{Mark: '★', Value: num(1)}, "!1"},
		{Cell{Value: num(12345)}, "12345"},
		{Cell{Value: num(12345), Mark: '!'}, "!12345"},
		{Cell{Value: num(1234567)}, "1234567"},
		{Cell{Value: num(-12), Computed: true}, "-12"},
		{Cell{Computed: true}, ""},
		{Cell{Closed: true}, "·"},
		{Cell{Closed: true, Value: num(0)}, "·"},
		{Cell{Closed: true, Value: num(3)}, "3"},
		{Cell{Unavailable: true, Value: num(3)}, "n.d."},
		{Cell{Unavailable: true, Mark: '?'}, "?n.d."},
	}
	for _, tt := range tests {
		m := New([]Row{{ID: "a"}}, years(1), [][]Cell{{{Value: num(1)}, tt.cell}}, Options{Texts: italian})
		text, width, _ := m.cellText(nil, 0, 1)
		if string(text) != tt.want || width != ansi.StringWidth(tt.want) {
			t.Errorf("%+v: %q of width %d, want %q", tt.cell, text, width, tt.want)
		}
	}
}

// Without the focus nothing looks active, so that only one place ever does.
func TestSetFocus(t *testing.T) {
	m := small(t)
	m.SetFocus(false)
	if s := ansi.Strip(m.View()); m.Cursor() != nil || strings.ContainsAny(s, ">[]") {
		t.Errorf("looks active:\n%s", s)
	}
	m.SetFocus(true)
	if s := ansi.Strip(m.View()); m.Cursor() == nil || !strings.Contains(s, "[  10]") {
		t.Errorf("does not look active:\n%s", s)
	}
}

func TestStyles(t *testing.T) {
	m := small(t)
	if !strings.Contains(m.View(), "\x1b[7m[  10") {
		t.Errorf("no reverse video without styles: %q", m.View())
	}
	rows, cols, cells := school()
	red := lipgloss.NewStyle().Foreground(lipgloss.Color("1")).Padding(3).Width(9)
	m = New(rows, cols, cells, Options{Texts: italian, Styles: Styles{
		Error: red, Active: lipgloss.NewStyle().Underline(true)}})
	if s := m.View(); !strings.Contains(s, "!") || strings.Contains(s, "\x1b[7m") {
		t.Errorf("own styles not used: %q", s)
	}
	if got, want := ansi.Strip(m.View()), ansi.Strip(New(rows, cols, cells, Options{Texts: italian}).View()); got != want {
		t.Errorf("styles moved the text:\n%s", got)
	}
}

// Labels come from files that people write: no control character may pass.
func TestHostileLabels(t *testing.T) {
	m := New([]Row{{ID: "a", Label: "uno\ndue\t\x1b[31mtre 学校学校学校学校学校学校"}},
		[]Col{{ID: "y", Head: "M\nF", Group: "1\r2", Full: "x"}}, nil, Options{Texts: italian, RowTotals: true})
	for w := range 60 {
		m.SetSize(w, 3)
		lines := strings.Split(m.View(), "\n")
		if w > 0 && len(lines) != 3 {
			t.Fatalf("width %d: %d lines", w, len(lines))
		}
		for _, line := range lines {
			if ansi.StringWidth(line) > w {
				t.Errorf("width %d: %q", w, line)
			}
		}
	}
}

func TestOneColumn(t *testing.T) {
	m := New([]Row{{ID: "a", Label: "Insuccesso scolastico"}, {ID: "b", Label: "Altro"}},
		[]Col{{ID: "n", Head: "Studenti", Full: "studenti"}}, [][]Cell{{{Value: num(3)}}}, Options{Texts: italian})
	want := "                      │Studenti│\n" +
		">Insuccesso scolastico[       3]\n" +
		" Altro                │       _│\n"
	if got := screen(m); !strings.HasPrefix(got, want) {
		t.Errorf("got\n%s", got)
	}
}
