package grid

import (
	"fmt"
	"maps"
	"strconv"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"
)

var anyKey = rapid.SampledFrom([]string{
	"0", "1", "5", "9", "0", "7", "x", "n", "-", "space", "kp5", "enter", "kpenter", "tab", "shift+tab",
	"up", "down", "left", "right", "home", "end", "ctrl+home", "ctrl+end", "pgup", "pgdown", "f2",
	"backspace", "delete", "esc", "ctrl+z", "ctrl+y", "ctrl+z", "ctrl+r", "ctrl+k", "ctrl+d", "alt+5", "f3",
})

var anyPaste = rapid.Custom(func(t *rapid.T) string {
	field := rapid.SampledFrom([]string{"", "0", "1", "25", "1.000", "1,5", "10000", "due", "n.d.", " 7 ", "1'234"})
	rows := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(field, 1, 5), func(f []string) string {
		return strings.Join(f, "\t")
	}), 1, 5).Draw(t, "rows")
	return strings.Join(rows, rapid.SampledFrom([]string{"\n", "\r\n", "\r"}).Draw(t, "end")) +
		rapid.SampledFrom([]string{"", "\n", "\r\n"}).Draw(t, "last")
})

// anyGrid draws a grid in every state that a caller can give it.
func anyGrid(t *rapid.T) *Model {
	var rows []Row
	for i := range rapid.IntRange(0, 12).Draw(t, "rows") {
		rows = append(rows, Row{ID: "r" + strconv.Itoa(i), Label: rapid.SampledFrom([]string{
			"", "corta", "con disabilità (L. 104/1992)", "学校の人数をここに書いてください"}).Draw(t, "label"),
			Computed: rapid.IntRange(0, 4).Draw(t, "computed") == 0, Optional: rapid.Bool().Draw(t, "optional")})
	}
	cols := years(rapid.IntRange(0, 4).Draw(t, "years"))
	if rapid.Bool().Draw(t, "odd") {
		cols = append(cols, Col{ID: "x", Head: "Totale generale"})
	}
	return New(rows, cols, anyCells(t, len(rows), len(cols)), Options{
		Texts: italian, RowTotals: rapid.Bool().Draw(t, "totals"), ASCII: rapid.Bool().Draw(t, "ascii"),
		Max: rapid.SampledFrom([]int{0, 40, 99999}).Draw(t, "max")})
}

func anyCells(t *rapid.T, rows, cols int) [][]Cell {
	// One drawn number for each cell: more would make failures slow to shrink.
	draws := rapid.SliceOfN(rapid.IntRange(0, 1<<20), rows*cols, rows*cols).Draw(t, "cells")
	cells := make([][]Cell, rows)
	for r := range cells {
		for c := range cols {
			d := draws[r*cols+c]
			cell := Cell{Closed: d%4 == 1, Computed: d/4%10 == 9, Mark: []rune{0, 0, '!', '?'}[d/40%4]}
			switch n := d / 160; {
			case n%3 == 1:
				cell.Value = num(n%12000 - 3)
			case n%17 == 2:
				cell.Unavailable = true
			case n%5 == 3:
				cell.Value = num(0)
			}
			cells[r] = append(cells[r], cell)
		}
	}
	return cells
}

// given is the cells as a caller would know them, with other states: what a new
// evaluation hands to SetCells.
func given(t *rapid.T, m *Model) [][]Cell {
	cells := anyCells(t, len(m.rows), len(m.cols))
	for r := range cells {
		for c := range cells[r] {
			have := m.cells[m.index(r, c)]
			cells[r][c].Value, cells[r][c].Unavailable = have.v.pointer(), have.v.na
			cells[r][c].Computed = have.computed // see TestCellBecomesComputed
		}
	}
	return cells
}

type failer interface {
	Helper()
	Fatalf(format string, args ...any)
}

// checkModel holds what must be true after everything that can happen.
func checkModel(t failer, m *Model) {
	t.Helper()
	row, col := m.At()
	switch {
	case row < 0:
		if m.Editing() || m.Cursor() != nil {
			t.Fatalf("an edit or a cursor without an active cell")
		}
		for i := range m.cells {
			if m.focusable(i) {
				t.Fatalf("no focus, though cell %d can have it", i)
			}
		}
	case m.cells[m.index(row, col)].computed:
		t.Fatalf("focus on computed cell %d,%d", row, col)
	case !m.focusable(m.index(row, col)) && !m.Editing():
		t.Fatalf("focus on closed cell %d,%d", row, col)
	}
	view := m.View()
	if m.w == 0 || m.h == 0 {
		if view != "" {
			t.Fatalf("%dx%d shows %q", m.w, m.h, view)
		}
		return
	}
	lines := strings.Split(view, "\n")
	if len(lines) > m.h {
		t.Fatalf("%d lines in %dx%d", len(lines), m.w, m.h)
	}
	for _, line := range lines {
		if ansi.StringWidth(line) > m.w {
			t.Fatalf("too wide for %dx%d: %q", m.w, m.h, line)
		}
	}
	if c := m.Cursor(); c != nil && (c.X < 0 || c.X >= m.w || c.Y < 0 || c.Y >= len(lines)) {
		t.Fatalf("cursor %d,%d outside %dx%d", c.X, c.Y, m.w, m.h)
	}
	m.Status(0)
	visible := row < 0 || row >= m.top && row < m.top+m.lay.rows && col >= m.left && col < m.left+m.lay.cols
	if !visible || m.left < 0 || m.left+m.lay.cols > max(len(m.cols), 1) || m.top+m.lay.rows > len(m.rows) {
		t.Fatalf("active cell %d,%d out of sight: top %d left %d %+v", row, col, m.top, m.left, m.lay)
	}
}

// caller is a second copy of the values, kept only from the changes: exactly
// what autosave would have on disk.
type caller struct{ start, now map[string]value }

func newCaller(m *Model) caller {
	c := caller{start: map[string]value{}, now: map[string]value{}}
	for _, cell := range m.cells {
		c.start[cell.id], c.now[cell.id] = cell.v, cell.v
	}
	return c
}

func (have caller) take(t failer, m *Model, res Result) {
	t.Helper()
	toValue := func(p *int, na bool) value {
		if p == nil {
			return value{na: na}
		}
		return value{n: *p, known: true, na: na}
	}
	for _, c := range res.Changes {
		from, to := toValue(c.Old, c.OldUnavailable), toValue(c.New, c.NewUnavailable)
		if from == to {
			t.Fatalf("a change that changes nothing: %+v", c)
		}
		if have.now[c.ID] != from {
			t.Fatalf("%s: old value %v, the caller has %v", c.ID, from, have.now[c.ID])
		}
		i := m.index(c.Row, c.Col)
		if m.cells[i].id != c.ID || m.cells[i].computed {
			t.Fatalf("a change of the wrong cell: %+v", c)
		}
		if (to.n < 0 || to.n > m.max) && to != have.start[c.ID] {
			t.Fatalf("%s: %d is beyond the limit", c.ID, to.n)
		}
		have.now[c.ID] = to
	}
	for _, cell := range m.cells {
		if have.now[cell.id] != cell.v {
			t.Fatalf("%s: the grid has %v, the caller %v", cell.id, cell.v, have.now[cell.id])
		}
	}
}

func TestProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := anyGrid(t)
		have := newCaller(m)
		checkModel(t, m)
		steps := map[string]func(*rapid.T){
			"key": func(t *rapid.T) { have.take(t, m, press(m, anyKey.Draw(t, "key"))) },
			"keys": func(t *rapid.T) {
				have.take(t, m, press(m, strings.Join(rapid.SliceOfN(anyKey, 1, 8).Draw(t, "keys"), " ")))
			},
			"paste": func(t *rapid.T) { have.take(t, m, m.HandlePaste(anyPaste.Draw(t, "block"))) },
			"size": func(t *rapid.T) {
				m.SetSize(rapid.IntRange(-1, 100).Draw(t, "w"), rapid.IntRange(-1, 20).Draw(t, "h"))
			},
			"cells":  func(t *rapid.T) { m.SetCells(given(t, m)) },
			"commit": func(t *rapid.T) { have.take(t, m, m.Commit()) },
			"goto": func(t *rapid.T) {
				m.Goto(fmt.Sprintf("r%d_y%d_m", rapid.IntRange(0, 12).Draw(t, "r"), rapid.IntRange(1, 5).Draw(t, "y")))
			},
			"focus": func(t *rapid.T) { m.SetFocus(rapid.Bool().Draw(t, "on")) },
			"":      func(t *rapid.T) { checkModel(t, m) },
		}
		t.Repeat(steps)

		have.take(t, m, m.Commit())
		for len(m.redo) > 0 { // what had been taken back by keys: go to the real end
			have.take(t, m, m.Redo())
		}
		end := values(m)
		for len(m.undo) > 0 {
			have.take(t, m, m.Undo())
			checkModel(t, m)
		}
		if !maps.Equal(have.now, have.start) {
			t.Fatalf("after undoing all the cells are %v, they were %v", have.now, have.start)
		}
		for len(m.redo) > 0 {
			have.take(t, m, m.Redo())
			checkModel(t, m)
		}
		if got := values(m); got != end {
			t.Fatalf("after redoing all\n%s, want\n%s", got, end)
		}
	})
}

// FuzzPaste feeds what a clipboard may hold.
func FuzzPaste(f *testing.F) {
	for _, s := range []string{"1\t2\r\n3", "1.000", "\t\t\n", "\x00\xff", "’ ’", "99999999999999999999999"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		rows, cols, cells := school()
		m := New(rows, cols, cells, Options{Texts: italian, RowTotals: true})
		have := newCaller(m)
		have.take(t, m, m.HandlePaste(s))
		checkModel(t, m)
	})
}
