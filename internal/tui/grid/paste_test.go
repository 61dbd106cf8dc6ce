package grid

import "testing"

func TestPaste(t *testing.T) {
	tests := []struct {
		name, keys string // \t \n \r and \_ for a space
		say        string
		values     string
	}{
		{name: "one value", keys: "paste:25", say: "1 valori incollati", values: "25 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "windows line ends and one at the end", keys: `paste:1\t2\r\n3\t4\r\n`, say: "4 valori incollati", values: "1 2 12 13/3 4 _ _/_ _ _ _/5 _ _ _"},
		{name: "old line ends", keys: `paste:1\r3`, say: "2 valori incollati", values: "1 11 12 13/3 _ _ _/_ _ _ _/5 _ _ _"},
		{name: "computed rows are stepped over", keys: `paste:1\n2\n3\n`, say: "3 valori incollati", values: "1 11 12 13/2 _ _ _/_ _ _ _/3 _ _ _"},
		{name: "thousands", keys: "paste:1.000\\t1'000\\t1\u2019000\\t1\u00a0000", say: "4 valori incollati", values: "1000 1000 1000 1000/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "spaces around and between", keys: `paste:\_7\_\t1\_234`, say: "2 valori incollati", values: "7 1234 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "decimals and words", keys: `paste:1,5\tdue\t1.5\t-3`, say: "0 valori incollati, 4 scartati: non numeri interi", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "too big", keys: `paste:10000\t99999999999999999999\t9999`, say: "1 valori incollati, 2 scartati: troppo grandi", values: "10 11 9999 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "blanks blank nothing", keys: `paste:\t1\t\t2`, say: "2 valori incollati", values: "10 1 12 2/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "bigger than the grid", keys: `end paste:1\t2\n3\t4\n5\n6\n`, say: "3 valori incollati, 3 scartati: fuori dalla griglia", values: "10 11 12 1/_ _ _ 3/_ _ _ _/5 _ _ 5"},
		{name: "blanks outside do not count", keys: `end paste:1\t\t\n\n\n\n\n\t\n`, say: "1 valori incollati", values: "10 11 12 1/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "nothing at all", keys: `paste:\n`, say: "0 valori incollati", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "one undo step", keys: `paste:1\t2\n3\t4 ctrl+z`, say: "Annullato: 4 caselle", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "and one redo", keys: `paste:1\t2\n3\t4 ctrl+z ctrl+y`, say: "Ripetuto: 4 caselle", values: "1 2 12 13/3 4 _ _/_ _ _ _/5 _ _ _"},
		{name: "not available", keys: `down down paste:N.D.\tn.d.`, say: "2 valori incollati", values: "10 11 12 13/_ _ _ _/_ _ _ _/nd nd _ _"},
		{name: "not available where it is not allowed", keys: `paste:n.d.`, say: "0 valori incollati, 1 scartati: non numeri interi", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "into an edit", keys: "7 paste:25 enter", values: "725 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "into an edit, with a line end", keys: `7 paste:25\r\n enter`, values: "725 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "into an edit, too long", keys: "1 2 3 paste:45", say: "Al massimo 9999.", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "too long leaves the edit as it was", keys: "1 2 3 paste:45 enter", values: "123 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "into an edit, words", keys: "1 2 paste:boh", say: "Qui si scrivono solo numeri.", values: "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "into an edit, nothing", keys: `1 paste:\n enter`, values: "1 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
		{name: "a block commits the edit", keys: `7 paste:\t8`, say: "1 valori incollati", values: "7 8 12 13/_ _ _ _/_ _ _ _/5 _ _ _"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := small(t)
			res := press(m, tt.keys)
			if !res.Consumed || res.Say != tt.say {
				t.Errorf("said %q, want %q", res.Say, tt.say)
			}
			if got := values(m); got != tt.values {
				t.Errorf("values\n%s, want\n%s", got, tt.values)
			}
		})
	}
}

func TestPasteOnClosedCells(t *testing.T) {
	m := closedModel()
	res := press(m, `paste:1\t0\t2\t0\n3\t4\t5\t6`)
	if want := "6 valori incollati, 2 scartati: caselle chiuse"; res.Say != want {
		t.Errorf("said %q, want %q", res.Say, want)
	}
	if got, want := changesText(res.Changes), "a_y1_m _>1, a_y1_f 3>0, a_y2_m _>2, b_y1_m _>3, b_y2_m _>5"; got != want {
		t.Errorf("changes %q, want %q", got, want)
	}
}

func TestPasteOnComputedCell(t *testing.T) {
	m := New([]Row{{ID: "a"}}, years(1), [][]Cell{{{}, {Computed: true}}}, Options{Texts: italian})
	res := press(m, `paste:1\t2`)
	if want := "1 valori incollati, 1 scartati: caselle calcolate"; res.Say != want {
		t.Errorf("said %q, want %q", res.Say, want)
	}
}

func TestParseNumber(t *testing.T) {
	good := map[string]int{"0": 0, "007": 7, "12": 12, "1.000": 1000, "12 345": 12345, "1\u202f234\u202f567": 1234567, "12345678901": tooBig}
	for s, want := range good {
		if n, ok := parseNumber(s); !ok || n != want {
			t.Errorf("%q: %d, %v", s, n, ok)
		}
	}
	for _, s := range []string{"", ".", "1.", ".100", "1.00", "1.0000", "1000.000", "0.500", "1.000 000", "1,000", "1,5", "+5", "-5", "5e3", "½", "٣", "1..000", "n.d."} {
		if n, ok := parseNumber(s); ok {
			t.Errorf("%q is no number, got %d", s, n)
		}
	}
}
