package grid

import (
	"fmt"
	"strconv"
	"strings"
	"testing"

	tea "charm.land/bubbletea/v2"
)

// italian is what the program of the schools passes, shortened here and there.
var italian = Texts{
	Total: "Tot.", Unavailable: "n.d.", Blank: "vuoto",
	OnlyNumbers:   "Qui si scrivono solo numeri.",
	NotOptional:   "In questa riga serve un numero, anche 0.",
	ClosedCell:    "Casella chiusa.",
	EditCancelled: "Modifica annullata.",
	NothingToUndo: "Niente da annullare.",
	NothingToRedo: "Niente da ripetere.",
	Limit:         func(n int) string { return fmt.Sprintf("Al massimo %d.", n) },
	RowsShown:     func(a, b, n int) string { return fmt.Sprintf("Righe %d-%d di %d", a, b, n) },
	Filled:        func(n int) string { return fmt.Sprintf("%d caselle vuote portate a 0.", n) },
	Pasted:        pastedText,
	Undone:        func(s StepText) string { return "Annullato: " + stepText(s) },
	Redone:        func(s StepText) string { return "Ripetuto: " + stepText(s) },
	Status: func(s StatusText) string {
		out := s.Row + ", " + s.Col + ": " + s.Value
		if s.Editing {
			out += " (era " + s.Old + ")"
		}
		if s.Missing > 0 {
			out += fmt.Sprintf("; totale %d, vuote %d", s.Total, s.Missing)
		}
		return out
	},
}

func stepText(s StepText) string {
	if s.Count > 1 {
		return fmt.Sprintf("%d caselle", s.Count)
	}
	return s.Row + ", " + s.Col + " " + s.From + " -> " + s.To
}

func pastedText(p PasteReport) string {
	if p.Rejected() == 0 {
		return fmt.Sprintf("%d valori incollati", p.Pasted)
	}
	var why []string
	for _, r := range []struct {
		n    int
		text string
	}{
		{p.Outside, "fuori dalla griglia"},
		{p.Closed, "caselle chiuse"},
		{p.Computed, "caselle calcolate"},
		{p.NotNumber, "non numeri interi"},
		{p.TooBig, "troppo grandi"},
	} {
		if r.n > 0 {
			why = append(why, r.text)
		}
	}
	return fmt.Sprintf("%d valori incollati, %d scartati: %s", p.Pasted, p.Rejected(), strings.Join(why, ", "))
}

// years makes n years with two columns each.
func years(n int) []Col {
	var cols []Col
	for y := 1; y <= n; y++ {
		group := strconv.Itoa(y) + "° anno"
		cols = append(cols,
			Col{ID: fmt.Sprintf("y%d_m", y), Head: "M", Group: group, Full: group + " maschi"},
			Col{ID: fmt.Sprintf("y%d_f", y), Head: "F", Group: group, Full: group + " femmine"})
	}
	return cols
}

// school is the grid of the survey: 24 rows, some computed, some optional.
func school() ([]Row, []Col, [][]Cell) {
	rows := []Row{
		{ID: "enrolled_start", Label: "Iscritti all'avvio delle lezioni"},
		{ID: "arrivals", Label: "Ingressi in corso d'anno"},
		{ID: "transfers_out", Label: "Trasferiti ad altra scuola (statale o paritaria)"},
		{ID: "other_valid_exits", Label: "Altre uscite motivate"},
		{ID: "formal_withdrawals", Label: "Ritirati formalmente entro il 15 marzo"},
		{ID: "enrolled_end", Label: "Iscritti al termine delle lezioni", Computed: true},
		{ID: "never_attended", Label: "Non scrutinati: mai frequentanti"},
		{ID: "informal_interruption", Label: "Non scrutinati: frequenza interrotta senza comunicazione"},
		{ID: "absence_limit_exceeded", Label: "Non scrutinati: superato il limite di assenze (altri casi)"},
		{ID: "year_abroad", Label: "Anno di studio all'estero"},
		{ID: "admitted_june", Label: "Ammessi a giugno"},
		{ID: "suspended_judgement", Label: "Giudizio sospeso a giugno"},
		{ID: "not_admitted_june", Label: "Non ammessi a giugno"},
		{ID: "scrutinised", Label: "Scrutinati", Computed: true},
		{ID: "suspended_not_admitted", Label: "di cui non ammessi dopo la sospensione"},
		{ID: "admitted_with_derogation", Label: "di cui scrutinati in deroga", Optional: true},
		{ID: "not_reenrolled", Label: "Non reiscritti nel 2023/24 e senza altra iscrizione nota"},
		{ID: "foreign_citizenship", Label: "con cittadinanza non italiana"},
		{ID: "disability", Label: "con disabilità (L. 104/1992)", Optional: true},
		{ID: "dsa", Label: "con DSA (L. 170/2010)", Optional: true},
		{ID: "other_bes", Label: "altri BES con PDP", Optional: true},
		{ID: "repeaters", Label: "ripetenti"},
		{ID: "overage", Label: "in ritardo", Optional: true},
		{ID: "dropouts", Label: "Abbandoni in corso d'anno", Computed: true},
	}
	cols := years(5)
	cells := make([][]Cell, len(rows))
	for r := range rows {
		cells[r] = make([]Cell, len(cols))
		for c := range cols {
			cells[r][c].Closed = c == 4 || c == 5
			switch {
			case rows[r].Computed, r == 0, r < 5 && c < 4:
				cells[r][c].Value = num((r*7+c*13)%130 + 1)
			}
			if cells[r][c].Closed {
				cells[r][c].Value = nil
			}
		}
	}
	cells[0][0].Value, cells[0][1].Value = num(1234), num(112)
	cells[1][1].Mark, cells[2][2].Mark, cells[3][8].Mark = '!', '?', '!'
	cells[2][1].Value, cells[2][1].Mark = num(1021), '!'
	cells[3][4].Value = num(3) // closed, yet holds a number
	cells[11][8].Closed, cells[11][9].Closed = true, true
	for c := range cols {
		cells[15][c].Unavailable = !cells[15][c].Closed
	}
	return rows, cols, cells
}

func num(n int) *int { return &n }

// small is 4 rows (the third computed, the fourth optional) by 4 columns.
//
//	r0  10 11 12 13
//	r1   _  _  _  _
//	r2   =
//	r3   5  _  _  _
func small(t *testing.T) *Model {
	t.Helper()
	rows := []Row{{ID: "a", Label: "Iscritti"}, {ID: "b", Label: "Arrivi"},
		{ID: "c", Label: "Somma", Computed: true}, {ID: "d", Label: "Con DSA", Optional: true}}
	cells := [][]Cell{
		{{Value: num(10)}, {Value: num(11)}, {Value: num(12)}, {Value: num(13)}},
		make([]Cell, 4),
		make([]Cell, 4),
		{{Value: num(5)}, {}, {}, {}},
	}
	return New(rows, years(2), cells, Options{Texts: italian, RowTotals: true})
}

// keyNames are the keys of the tests by name, as terminals send them.
var keyNames = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "kpenter": {Code: tea.KeyKpEnter}, "tab": {Code: tea.KeyTab},
	"shift+tab": {Code: tea.KeyTab, Mod: tea.ModShift}, "up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown},
	"left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"ctrl+home": {Code: tea.KeyHome, Mod: tea.ModCtrl}, "ctrl+end": {Code: tea.KeyEnd, Mod: tea.ModCtrl},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "f2": {Code: tea.KeyF2}, "f3": {Code: tea.KeyF3},
	"backspace": {Code: tea.KeyBackspace}, "delete": {Code: tea.KeyDelete}, "esc": {Code: tea.KeyEscape},
	"space": {Code: tea.KeySpace, Text: " "}, "alt+5": {Code: '5', Mod: tea.ModAlt},
	"kp5": {Code: tea.KeyKp5}, "kp5text": {Code: tea.KeyKp5, Text: "5"}, "kp5numlock": {Code: tea.KeyKp5, Mod: tea.ModNumLock},
	"kp5windows": {Code: 0, BaseCode: tea.KeyKp5}, "kp5windowstext": {Code: '5', BaseCode: tea.KeyKp5, Text: "5"},
	"5bare": {Code: '5'}, "5shift": {Code: '(', Text: "5", Mod: tea.ModShift}, "kpdown": {Code: tea.KeyKpDown}, "kpplus": {Code: tea.KeyKpPlus},
	"kpdelete": {Code: tea.KeyKpDelete}, "ctrl+z+caps": {Code: 'z', Mod: tea.ModCtrl | tea.ModCapsLock},
	"ctrl+я": {Code: 'я', BaseCode: 'z', Mod: tea.ModCtrl}, "ctrl+yDE": {Code: 'y', BaseCode: 'z', Mod: tea.ModCtrl},
}

func key(name string) tea.KeyPressMsg {
	if k, ok := keyNames[name]; ok {
		return k
	}
	if rest, ok := strings.CutPrefix(name, "ctrl+"); ok && len(rest) == 1 {
		return tea.KeyPressMsg{Code: rune(rest[0]), Mod: tea.ModCtrl}
	}
	r := []rune(name)
	if len(r) != 1 {
		panic("no such key: " + name)
	}
	return tea.KeyPressMsg{Code: r[0], Text: name}
}

// press presses the keys, named and parted by spaces, and returns the last
// result with the changes of all. "paste:" pastes what follows, with \t and \n.
func press(m *Model, keys string) Result {
	var last Result
	var all []Change
	for name := range strings.SplitSeq(keys, " ") {
		if text, ok := strings.CutPrefix(name, "paste:"); ok {
			last = m.HandlePaste(strings.NewReplacer(`\t`, "\t", `\n`, "\n", `\r`, "\r", `\_`, " ").Replace(text))
		} else {
			last = m.HandleKey(key(name))
		}
		all = append(all, last.Changes...)
	}
	last.Changes = all
	return last
}

// values writes the cells down, rows parted by "/".
func values(m *Model) string {
	var rows []string
	for r := range m.rows {
		var row []string
		for c := range m.cols {
			switch v := m.cells[m.index(r, c)].v; {
			case v.na:
				row = append(row, "nd")
			case v.known:
				row = append(row, strconv.Itoa(v.n))
			default:
				row = append(row, "_")
			}
		}
		rows = append(rows, strings.Join(row, " "))
	}
	return strings.Join(rows, "/")
}

func changesText(cs []Change) string {
	word := func(p *int, na bool) string {
		switch {
		case na:
			return "nd"
		case p == nil:
			return "_"
		}
		return strconv.Itoa(*p)
	}
	var out []string
	for _, c := range cs {
		out = append(out, c.ID+" "+word(c.Old, c.OldUnavailable)+">"+word(c.New, c.NewUnavailable))
	}
	return strings.Join(out, ", ")
}
