package grid

import (
	"strings"
	"testing"
)

// What people select along with the numbers must never push one of them into
// another cell. The grid is that of small: Iscritti, Arrivi, Somma (computed),
// Con DSA; two years, two sexes.
func TestPasteSheet(t *testing.T) {
	untouched := "10 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _"
	two := "9 2 3 4/5 6 7 8/_ _ _ _/5 _ _ _"
	tests := []struct {
		name, from, block string
		values            string
		report            PasteReport
	}{
		{name: "heading and names", block: "\tM1\tF1\tM2\tF2\nVoce uno\t9\t2\t3\t4\nVoce due\t5\t6\t7\t8\n", values: two, report: PasteReport{Pasted: 8, Heads: 1, Labels: 1}},
		{name: "two headings", block: "Voce\t1° anno\t\t2° anno\t\r\n\tM\tF\tM\tF\r\nx\t9\t2\t3\t4\r\ny\t5\t6\t7\t8\r\n", values: two, report: PasteReport{Pasted: 8, Heads: 2, Labels: 1}},
		{name: "headings only", block: "M\tF\tM\tF\n9\t2\t3\t4\n5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Heads: 1}},
		{name: "names only", block: "x\t9\t2\t3\t4\ny\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Labels: 1}},
		{name: "lines numbered and named", block: "1\tx\t9\t2\t3\t4\n2\ty\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Labels: 2}},
		{name: "a whole table begins at the first column", from: "tab", block: "x\t9\t2\t3\t4\ny\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Labels: 1}},
		{name: "rows by their names, in another order", block: "CON DSA\t9\t\t\t\nArrivi\t5\t6\t7\t8\n", values: "10 11 12 13/5 6 7 8/_ _ _ _/9 _ _ _", report: PasteReport{Pasted: 5, Blank: 3, Labels: 1}},
		{name: "a name that is not ours", block: "Iscritti\t9\t2\t3\t4\nGite\t9\t9\t9\t9\nArrivi\t5\t6\t7\t8\n", values: two, report: PasteReport{Pasted: 8, Labels: 1, Unknown: []string{"Gite"}}},
		{name: "total column by its heading", block: "\tM\tF\tM\tF\tTotale\nx\t9\t2\t3\t4\t18\ny\t5\t6\t7\t8\t26", values: two, report: PasteReport{Pasted: 8, Heads: 1, Labels: 1, Totals: 1}},
		{name: "a total for each year, by the heading", block: "M\tF\tTot.\tM\tF\tTot.\n9\t2\t11\t3\t4\t7\n5\t6\t11\t7\t8\t15", values: two, report: PasteReport{Pasted: 8, Heads: 1, Totals: 2}},
		{name: "total column that adds up", block: "9\t2\t3\t4\t18\n5\t6\t7\t8\t26", values: two, report: PasteReport{Pasted: 8, Totals: 1}},
		{name: "yearly totals that add up", block: "9\t2\t11\t3\t4\t7\n5\t6\t11\t7\t8\t15", values: two, report: PasteReport{Pasted: 8, Totals: 2}},
		{name: "yearly totals and the whole", block: "9\t2\t11\t3\t4\t7\t18\n5\t6\t11\t7\t8\t15\t26", values: two, report: PasteReport{Pasted: 8, Totals: 3}},
		{name: "total row", block: "x\t9\t2\t3\t4\ny\t5\t6\t7\t8\nTotale\t14\t8\t10\t12", values: two, report: PasteReport{Pasted: 8, Labels: 1, Totals: 1}},
		{name: "columns that are counted", block: "\t1\t2\t3\t4\nx\t9\t2\t3\t4\ny\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Heads: 1, Labels: 1}},
		{name: "columns that are counted, under a word", block: "Voce\t1\t2\t3\t4\nIscritti\t9\t2\t3\t4\nArrivi\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Heads: 1, Labels: 1}},
		{name: "counted columns or numbers", block: "Voce\t1\t2\t3\t4\nx\t9\t2\t3\t4", values: untouched, report: PasteReport{Refused: PasteUnclear}},
		{name: "too wide", block: "1\t2\t3\t4\t5\n5\t6\t7\t8\t9", values: untouched, report: PasteReport{Refused: PasteTooWide, Width: 5}},
		{name: "years without sexes", block: "1° anno\t2° anno\n1\t2\n3\t4", values: untouched, report: PasteReport{Refused: PasteYears, Width: 2, Heads: 1}},
		{name: "title or row", block: "Boh\t\t\nx\t1\t2\ny\t3\t4", values: untouched, report: PasteReport{Refused: PasteUnclear, Width: 3, Heads: 1}},
		{name: "title over rows with our names", block: "Tabella 1\t\t\t\t\nIscritti\t9\t2\t3\t4\nArrivi\t5\t6\t7\t8", values: two, report: PasteReport{Pasted: 8, Heads: 1, Labels: 1}},
		{name: "a first row that is not filled in", block: "Iscritti\t\t\nArrivi\t5\t6", values: "10 11 12 13/5 6 _ _/_ _ _ _/5 _ _ _", report: PasteReport{Pasted: 2, Blank: 2, Labels: 1}},
		{name: "signs for nothing", block: "1\t-\t·\t–", values: "1 11 12 13/_ _ _ _/_ _ _ _/5 _ _ _", report: PasteReport{Pasted: 1, Blank: 3}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			m := small(t)
			var report PasteReport
			m.texts.Pasted = func(p PasteReport) string { report = p; return "said" }
			if tt.from != "" {
				press(m, tt.from)
			}
			if res := m.HandlePaste(tt.block); res.Say == "" {
				t.Error("nothing is said")
			}
			if got := values(m); got != tt.values {
				t.Errorf("values %s, want %s", got, tt.values)
			}
			if tt.report.Width == 0 {
				report.Width = 0
			}
			report.Cols = 0
			if strings.Join(report.Unknown, ",") != strings.Join(tt.report.Unknown, ",") {
				t.Errorf("unknown %q, want %q", report.Unknown, tt.report.Unknown)
			}
			report.Unknown, tt.report.Unknown = nil, nil
			if got, want := report, tt.report; !equalReports(got, want) {
				t.Errorf("report %+v, want %+v", got, want)
			}
			if m.Undo(); values(m) != untouched {
				t.Errorf("one undo leaves %s", values(m))
			}
		})
	}
}

func equalReports(a, b PasteReport) bool {
	counts := func(p PasteReport) [11]int {
		return [...]int{p.Pasted, p.Blank, int(p.Refused), p.Width, p.Heads, p.Labels, p.Totals, p.Outside, p.Closed, p.Computed, p.NotNumber}
	}
	return counts(a) == counts(b)
}

// Where a terminal does not tell a paste from typing, the block comes as keys:
// digits, Tab, Enter. Enter after Tab goes to the column where the line began,
// as in a spreadsheet.
func TestEnterAfterTab(t *testing.T) {
	m := small(t)
	press(m, "9 tab 2 tab 3 tab 4 enter 5 tab 6 tab 7 tab 8 enter")
	if got, want := values(m), "9 2 3 4/5 6 7 8/_ _ _ _/5 _ _ _"; got != want {
		t.Errorf("values %s, want %s", got, want)
	}
	press(m, "tab right enter 4")
	if r, c := m.At(); r != 0 || c != 3 { // an arrow ends the line: down the column again
		t.Errorf("at %d,%d", r, c)
	}
}
