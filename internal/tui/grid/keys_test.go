package grid

import (
	"testing"

	tea "charm.land/bubbletea/v2"
)

// keyTests are played on the grid of small.
var keyTests = []struct {
	name, keys   string
	row, col     int
	changes, say string
	leave        int
	notConsumed  bool
}{
	{name: "typing replaces, enter goes down", keys: "2 4 enter", row: 1, changes: "a_y1_m 10>24"},
	{name: "the same number is no change", keys: "1 0 enter", row: 1},
	{name: "enter skips the computed row", keys: "enter enter", row: 3},
	{name: "enter on the last row goes to the next column", keys: "enter enter 7 enter", row: 0, col: 1, changes: "d_y1_m 5>7"},
	{name: "enter at the end leaves and keeps the number", keys: "ctrl+end 4 enter", row: 3, col: 3, changes: "d_y2_f _>4", leave: 1},
	{name: "numpad enter", keys: "4 kpenter", row: 1, changes: "a_y1_m 10>4"},
	{name: "tab goes right", keys: "3 tab", col: 1, changes: "a_y1_m 10>3"},
	{name: "tab at the end of the row", keys: "end tab", row: 1},
	{name: "tab skips computed rows", keys: "down end tab", row: 3},
	{name: "tab at the end leaves", keys: "ctrl+end tab", row: 3, col: 3, leave: 1},
	{name: "shift+tab back to the row before", keys: "down shift+tab", row: 0, col: 3},
	{name: "shift+tab at the start leaves", keys: "8 shift+tab", changes: "a_y1_m 10>8", leave: -1},
	{name: "up at the first row stays and commits", keys: "9 up", changes: "a_y1_m 10>9"},
	{name: "down at the last row stays", keys: "ctrl+end down", row: 3, col: 3},
	{name: "left at the first column stays", keys: "left"},
	{name: "right at the last column stays", keys: "end right", col: 3},
	{name: "home", keys: "end home"},
	{name: "numpad arrows", keys: "kpdown", row: 1},
	{name: "page down and up", keys: "pgdown pgup"},
	{name: "page down", keys: "right pgdown", row: 3, col: 1},
	{name: "F2 keeps the digits", keys: "f2 5 enter", row: 1, changes: "a_y1_m 10>105"},
	{name: "F2 and enter change nothing", keys: "f2 enter", row: 1},
	{name: "backspace edits", keys: "backspace enter", row: 1, changes: "a_y1_m 10>1"},
	{name: "backspace to nothing is blank", keys: "backspace backspace enter", row: 1, changes: "a_y1_m 10>_"},
	{name: "backspace once too often", keys: "backspace backspace backspace 6 enter", row: 1, changes: "a_y1_m 10>6"},
	{name: "backspace on a blank opens no edit", keys: "down backspace esc", row: 1, notConsumed: true},
	{name: "delete blanks at once", keys: "delete", changes: "a_y1_m 10>_"},
	{name: "numpad delete", keys: "kpdelete", changes: "a_y1_m 10>_"},
	{name: "delete on a blank", keys: "down delete", row: 1},
	{name: "delete in an edit, then esc", keys: "f2 delete esc"},
	{name: "delete in an edit, then enter", keys: "f2 delete enter", row: 1, changes: "a_y1_m 10>_"},
	{name: "esc cancels the edit", keys: "7 7 esc enter", row: 1},
	{name: "esc without an edit is for others", keys: "esc", notConsumed: true},
	{name: "zero is an answer", keys: "down 0 enter", row: 3, changes: "b_y1_m _>0"},
	{name: "leading zeros", keys: "0 0 7 enter", row: 1, changes: "a_y1_m 10>7"},
	{name: "a fifth digit is refused", keys: "1 2 3 4 5", say: "Al massimo 9999."},
	{name: "and the four stay", keys: "1 2 3 4 5 enter", row: 1, changes: "a_y1_m 10>1234"},
	{name: "a letter is answered", keys: "x", say: "Qui si scrivono solo numeri."},
	{name: "a letter in an edit does not spoil it", keys: "4 o enter", row: 1, changes: "a_y1_m 10>4"},
	{name: "signs are letters too", keys: "-", say: "Qui si scrivono solo numeri."},
	{name: "space too", keys: "space", say: "Qui si scrivono solo numeri."},
	{name: "numpad plus without a text", keys: "kpplus", say: "Qui si scrivono solo numeri."},
	{name: "n on a row that needs a number", keys: "n", say: "Qui si scrivono solo numeri."},
	{name: "other keys are for others", keys: "f3", notConsumed: true},
	{name: "alt is for others", keys: "alt+5", notConsumed: true},
	{name: "ctrl+s is for others", keys: "ctrl+s", notConsumed: true},
	{name: "fill the row", keys: "down ctrl+r", row: 1, changes: "b_y1_m _>0, b_y1_f _>0, b_y2_m _>0, b_y2_f _>0", say: "4 caselle vuote portate a 0."},
	{name: "fill the row from its last cell", keys: "down end ctrl+r", row: 1, col: 3, changes: "b_y1_m _>0, b_y1_f _>0, b_y2_m _>0, b_y2_f _>0", say: "4 caselle vuote portate a 0."},
	{name: "fill the row keeps what is there", keys: "ctrl+r", say: "0 caselle vuote portate a 0."},
	{name: "fill the row commits first", keys: "down 6 ctrl+r", row: 1, changes: "b_y1_m _>6, b_y1_f _>0, b_y2_m _>0, b_y2_f _>0", say: "3 caselle vuote portate a 0."},
	{name: "fill the column", keys: "right ctrl+k", col: 1, changes: "b_y1_f _>0, d_y1_f _>0", say: "2 caselle vuote portate a 0."},
	{name: "fill the column from its last cell", keys: "ctrl+end ctrl+k", row: 3, col: 3, changes: "b_y2_f _>0, d_y2_f _>0", say: "2 caselle vuote portate a 0."},
	{name: "not available", keys: "ctrl+end ctrl+d", row: 3, col: 3, changes: "d_y2_f _>nd"},
	{name: "n is not available", keys: "ctrl+end home n", row: 3, changes: "d_y1_m 5>nd"},
	{name: "not available twice", keys: "ctrl+end ctrl+d ctrl+d", row: 3, col: 3, changes: "d_y2_f _>nd, d_y2_f nd>_"},
	{name: "a digit replaces not available", keys: "ctrl+end n 3 tab", row: 3, col: 3, leave: 1, changes: "d_y2_f _>nd, d_y2_f nd>3"},
	{name: "looking at not available keeps it", keys: "ctrl+end n f2 tab", row: 3, col: 3, leave: 1, changes: "d_y2_f _>nd"},
	{name: "not available drops the edit", keys: "ctrl+end 8 ctrl+d", row: 3, col: 3, changes: "d_y2_f _>nd"},
	{name: "not available is not for every row", keys: "ctrl+d", say: "In questa riga serve un numero, anche 0."},
	{name: "undo says what", keys: "2 4 enter ctrl+z", changes: "a_y1_m 10>24, a_y1_m 24>10", say: "Annullato: Iscritti, 1° anno maschi 24 -> 10"},
	{name: "undo goes there", keys: "2 4 enter tab tab ctrl+z", changes: "a_y1_m 10>24, a_y1_m 24>10", say: "Annullato: Iscritti, 1° anno maschi 24 -> 10"},
	{name: "redo", keys: "delete ctrl+z down ctrl+y", changes: "a_y1_m 10>_, a_y1_m _>10, a_y1_m 10>_", say: "Ripetuto: Iscritti, 1° anno maschi 10 -> vuoto"},
	{name: "undo in an edit cancels it", keys: "2 4 ctrl+z", say: "Modifica annullata."},
	{name: "redo in an edit does nothing", keys: "delete ctrl+z 2 ctrl+y tab", col: 1, changes: "a_y1_m 10>_, a_y1_m _>10, a_y1_m 10>2"},
	{name: "nothing to undo", keys: "ctrl+z", say: "Niente da annullare."},
	{name: "nothing to redo", keys: "ctrl+y", say: "Niente da ripetere."},
	{name: "a new number ends the redos", keys: "delete ctrl+z 3 tab ctrl+y", col: 1, changes: "a_y1_m 10>_, a_y1_m _>10, a_y1_m 10>3", say: "Niente da ripetere."},
	{name: "undo of a fill is one step", keys: "down ctrl+r ctrl+z", row: 1, say: "Annullato: 4 caselle",
		changes: "b_y1_m _>0, b_y1_f _>0, b_y2_m _>0, b_y2_f _>0, b_y1_m 0>_, b_y1_f 0>_, b_y2_m 0>_, b_y2_f 0>_"},
	{name: "caps lock does not matter", keys: "delete ctrl+z+caps", changes: "a_y1_m 10>_, a_y1_m _>10", say: "Annullato: Iscritti, 1° anno maschi vuoto -> 10"},
	{name: "ctrl+z on a Cyrillic keyboard", keys: "ctrl+я", say: "Niente da annullare."},
	{name: "ctrl+y on a German keyboard", keys: "ctrl+yDE", say: "Niente da ripetere."},
	{name: "ctrl+h is backspace", keys: "ctrl+h ctrl+m", row: 1, changes: "a_y1_m 10>1"},
	{name: "ctrl+i is tab", keys: "ctrl+i", col: 1},
	{name: "ctrl+j is enter", keys: "ctrl+j", row: 1},
	{name: "ctrl+[ is esc", keys: "5 ctrl+[ down", row: 1},
}

// TestNotWhole: 73,5 is neither 735 nor 5.
func TestNotWhole(t *testing.T) {
	for _, keys := range []string{"73,5", "7-5"} {
		m := New([]Row{{ID: "r", Label: "R"}}, []Col{{ID: "c", Head: "C", Full: "C"}}, nil, Options{Texts: Texts{NotWhole: "intero"}})
		said := ""
		for _, r := range keys {
			said = m.HandleKey(tea.KeyPressMsg{Code: r, Text: string(r)}).Say
		}
		if said != "intero" {
			t.Errorf("%s: says %q", keys, said)
		}
		if res := m.Commit(); len(res.Changes) != 0 || res.Say != "intero" {
			t.Errorf("%s: %+v", keys, res)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, tt := range keyTests {
		t.Run(tt.name, func(t *testing.T) {
			m := small(t)
			res := press(m, tt.keys)
			if got := changesText(res.Changes); got != tt.changes {
				t.Errorf("changes %q, want %q", got, tt.changes)
			}
			if r, c := m.At(); r != tt.row || c != tt.col {
				t.Errorf("at %d,%d, want %d,%d", r, c, tt.row, tt.col)
			}
			if res.Say != tt.say || res.Leave != tt.leave || res.Consumed == tt.notConsumed {
				t.Errorf("got %+v", res)
			}
		})
	}
}

func TestNumpadDigits(t *testing.T) {
	for _, name := range []string{"5", "5bare", "5shift", "kp5", "kp5text", "kp5numlock", "kp5windows", "kp5windowstext"} {
		m := small(t)
		res := press(m, name+" enter")
		if got := changesText(res.Changes); got != "a_y1_m 10>5" {
			t.Errorf("%s: changes %q", name, got)
		}
	}
	for code := tea.KeyKp0; code <= tea.KeyKp9; code++ {
		m := small(t)
		m.HandleKey(tea.KeyPressMsg{Code: code})
		if want := string('0' + code - tea.KeyKp0); m.edit.text() != want {
			t.Errorf("key %q typed %q", want, m.edit.text())
		}
	}
}

// Without NumLock the numeric block sends keys of its own.
func TestNumpadWithoutNumLock(t *testing.T) {
	twins := map[rune]rune{
		tea.KeyKpEnter: tea.KeyEnter, tea.KeyKpUp: tea.KeyUp, tea.KeyKpDown: tea.KeyDown,
		tea.KeyKpLeft: tea.KeyLeft, tea.KeyKpRight: tea.KeyRight, tea.KeyKpHome: tea.KeyHome,
		tea.KeyKpEnd: tea.KeyEnd, tea.KeyKpPgUp: tea.KeyPgUp, tea.KeyKpPgDown: tea.KeyPgDown,
		tea.KeyKpDelete: tea.KeyDelete,
	}
	for kp, plain := range twins {
		got, _ := decode(tea.KeyPressMsg{Code: kp, Mod: tea.ModNumLock})
		want, _ := decode(tea.KeyPressMsg{Code: plain})
		if got != want || got == actNone {
			t.Errorf("%v is %v, not %v", kp, got, want)
		}
	}
}

// Numbers that nobody could type may come from an import.
func TestNumbersBeyondTheLimit(t *testing.T) {
	cells := [][]Cell{{{Value: num(4911)}, {Value: num(-3)}}}
	tests := []struct{ name, keys, changes, say string }{
		{"still too big", "backspace tab", "", "Al massimo 40."},
		{"small enough", "backspace backspace backspace tab", "a_y1_m 4911>4", ""},
		{"no digit fits", "f2 1", "", "Al massimo 40."},
		{"replaced", "3 tab", "a_y1_m 4911>3", ""},
		{"looking changes nothing", "f2 tab", "", ""},
		{"F2 on a negative number", "right f2 5 left", "a_y1_f -3>5", ""},
		{"backspace on a negative number", "right backspace left", "a_y1_f -3>_", ""},
	}
	for _, tt := range tests {
		m := New([]Row{{ID: "a"}}, years(1), cells, Options{Max: 40, Texts: italian})
		res := press(m, tt.keys)
		if got := changesText(res.Changes); got != tt.changes || res.Say != tt.say {
			t.Errorf("%s: changes %q, said %q", tt.name, got, res.Say)
		}
	}
}

func TestLimitBelowNines(t *testing.T) {
	m := New([]Row{{ID: "a"}}, years(1), nil, Options{Max: 40, Texts: italian})
	if res := press(m, "4 1"); res.Say != "Al massimo 40." {
		t.Errorf("say %q", res.Say)
	}
	if res := press(m, "0 enter"); changesText(res.Changes) != "a_y1_m _>40" {
		t.Errorf("changes %q", changesText(res.Changes))
	}
}

// closedModel has a closed second column; only its first row holds a number.
func closedModel() *Model {
	rows := []Row{{ID: "a", Label: "A"}, {ID: "b", Label: "B", Optional: true}}
	return New(rows, years(2), [][]Cell{
		{{}, {Closed: true, Value: num(3)}, {}, {Closed: true, Value: num(0)}},
		{{}, {Closed: true}, {}, {Closed: true, Value: num(0)}},
	}, Options{Texts: italian, RowTotals: true})
}

func TestClosedCells(t *testing.T) {
	tests := []struct {
		name, keys string
		row, col   int
		changes    string
	}{
		{name: "skipped on the way right", keys: "down right", row: 1, col: 2},
		{name: "reached when it holds a number", keys: "right", row: 0, col: 1},
		{name: "end stops before closed cells", keys: "end", row: 0, col: 2},
		{name: "down stays when all below is closed", keys: "right down", row: 0, col: 1},
		{name: "enter goes on to the next column", keys: "right enter", row: 0, col: 2},
		{name: "emptied, the focus goes to the nearest cell", keys: "right delete", row: 0, col: 0, changes: "a_y1_f 3>_"},
		{name: "set to 0 and tab", keys: "right 0 tab", row: 0, col: 2, changes: "a_y1_f 3>0"},
		{name: "undo brings the number and the focus back", keys: "right delete down ctrl+z", row: 0, col: 1, changes: "a_y1_f 3>_, a_y1_f _>3"},
		{name: "fill leaves blank closed cells alone", keys: "down ctrl+r", row: 1, col: 0, changes: "b_y1_m _>0, b_y2_m _>0"},
		{name: "fill leaves closed cells alone", keys: "ctrl+r", row: 0, col: 0, changes: "a_y1_m _>0, a_y2_m _>0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := closedModel()
			res := press(m, tt.keys)
			if got := changesText(res.Changes); got != tt.changes {
				t.Errorf("changes %q, want %q", got, tt.changes)
			}
			if r, c := m.At(); r != tt.row || c != tt.col {
				t.Errorf("at %d,%d, want %d,%d", r, c, tt.row, tt.col)
			}
		})
	}
}

func TestClosedNotAvailable(t *testing.T) {
	m := New([]Row{{ID: "b", Optional: true}}, years(1),
		[][]Cell{{{Closed: true, Value: num(2)}, {Closed: true, Unavailable: true}}}, Options{Texts: italian})
	if res := press(m, "ctrl+d"); res.Say != "Casella chiusa." || len(res.Changes) > 0 {
		t.Errorf("got %+v", res)
	}
	if res := press(m, "right n"); changesText(res.Changes) != "b_y1_f nd>_" {
		t.Errorf("changes %q", changesText(res.Changes))
	}
}

func TestSetCellsKeepsFocusAndEdit(t *testing.T) {
	m := small(t)
	press(m, "down right 4 2")
	fresh := make([][]Cell, 4)
	for r := range fresh {
		fresh[r] = make([]Cell, 4)
	}
	fresh[1][1] = Cell{Value: num(7), Mark: '?'}
	m.SetCells(fresh)
	if r, c := m.At(); r != 1 || c != 1 || !m.Editing() {
		t.Fatalf("at %d,%d, editing %v", r, c, m.Editing())
	}
	if want := "Arrivi, 1° anno femmine: 42 (era 7); totale 42, vuote 3"; m.Status(0) != want {
		t.Errorf("status %q, want %q", m.Status(0), want)
	}
	// Even a cell closed meanwhile takes the number: it was typed, so it is kept.
	fresh[1][1] = Cell{Closed: true}
	m.SetCells(fresh)
	if got := changesText(m.Commit().Changes); got != "b_y1_f _>42" {
		t.Errorf("changes %q", got)
	}
	// Without an edit the focus leaves a cell that has been closed and is empty.
	fresh[1][1] = Cell{Closed: true, Value: num(0)}
	m.SetCells(fresh)
	if r, c := m.At(); r != 1 || c != 0 {
		t.Errorf("at %d,%d", r, c)
	}
	// A cell that becomes computed cannot keep an edit.
	press(m, "8")
	fresh[1][0] = Cell{Computed: true, Value: num(1)}
	m.SetCells(fresh)
	if res := m.Commit(); len(res.Changes) > 0 || m.Editing() {
		t.Errorf("got %+v", res)
	}
}

func TestUndoAfterChangesFromOutside(t *testing.T) {
	m := small(t)
	press(m, "1 enter 2 enter")
	m.SetCells([][]Cell{{{Value: num(10)}}, {{Value: num(9)}}})
	// The first step back finds 9 where 2 was typed; the one before is done already.
	if got := changesText(press(m, "ctrl+z ctrl+z").Changes); got != "b_y1_m 9>_" {
		t.Errorf("changes %q", got)
	}
	if got := changesText(press(m, "ctrl+y ctrl+y").Changes); got != "a_y1_m 10>1, b_y1_m _>2" {
		t.Errorf("changes %q", got)
	}
}

// What a caller computes is never overwritten, not even by an undo.
func TestCellBecomesComputed(t *testing.T) {
	m := small(t)
	press(m, "1 enter 2 tab")
	m.SetCells([][]Cell{{{Value: num(1)}}, {{Value: num(50), Computed: true}}})
	if got := changesText(press(m, "ctrl+z ctrl+z ctrl+y ctrl+y").Changes); got != "a_y1_m 1>10, a_y1_m 10>1" {
		t.Errorf("changes %q", got)
	}
}

func TestGoto(t *testing.T) {
	m := small(t)
	if !m.Goto("d_y2_f") {
		t.Fatal("not found")
	}
	if r, c := m.At(); r != 3 || c != 3 {
		t.Errorf("at %d,%d", r, c)
	}
	if m.Goto("c_y1_m") || m.Goto("nonsense") {
		t.Error("went to a computed or missing cell")
	}
	press(m, "4")
	if m.Goto("a_y1_m") || !m.Editing() {
		t.Error("an edit was left by Goto")
	}
	m.GoFirst()
	if r, _ := m.At(); r != 3 || !m.Goto("d_y2_f") {
		t.Error("an edit was left by GoFirst")
	}
	if got := changesText(m.Commit().Changes); got != "d_y2_f _>4" {
		t.Errorf("changes %q", got)
	}
	m.GoFirst()
	if r, c := m.At(); r != 0 || c != 0 {
		t.Errorf("at %d,%d", r, c)
	}
	m.GoLast()
	if r, c := m.At(); r != 3 || c != 3 {
		t.Errorf("at %d,%d", r, c)
	}
}

func TestNothingToType(t *testing.T) {
	for name, m := range map[string]*Model{
		"empty":    New(nil, nil, nil, Options{}),
		"no cols":  New([]Row{{ID: "a"}}, nil, nil, Options{}),
		"computed": New([]Row{{ID: "a", Computed: true}}, years(1), nil, Options{RowTotals: true}),
	} {
		if r, c := m.At(); r != -1 || c != -1 {
			t.Errorf("%s: at %d,%d", name, r, c)
		}
		if m.Cursor() != nil || m.Status(0) != "" || m.HandlePaste("1").Consumed || len(m.Commit().Changes) > 0 {
			t.Errorf("%s: something is active", name)
		}
		if press(m, "tab").Leave != 1 || press(m, "shift+tab").Leave != -1 || press(m, "7").Consumed {
			t.Errorf("%s: the focus is caught", name)
		}
		m.View()
		m.GoFirst()
	}
}

// The caller may reuse its numbers, and what goes out must not be ours either.
func TestNumbersAreCopied(t *testing.T) {
	n := 5
	m := New([]Row{{ID: "a"}}, years(1), [][]Cell{{{Value: &n}}}, Options{})
	n = 6
	res := press(m, "7 tab")
	if got := changesText(res.Changes); got != "a_y1_m 5>7" {
		t.Errorf("changes %q", got)
	}
	*res.Changes[0].New = 8
	if got := values(m); got != "7 _" {
		t.Errorf("values %q", got)
	}
}

func TestZeroTexts(t *testing.T) {
	m := New([]Row{{ID: "a", Optional: true}}, years(1), nil, Options{RowTotals: true})
	for _, keys := range []string{"x", "9 9 9 9 9", "ctrl+z", "ctrl+d", "ctrl+r", "ctrl+z", "ctrl+y", "paste:1\\tx"} {
		if res := press(m, keys); res.Say != "" {
			t.Errorf("%s: %q", keys, res.Say)
		}
		m.View()
	}
	if m.Status(0) != "" {
		t.Errorf("status %q", m.Status(0))
	}
}
