package desk

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// sheetOf opens the template of the movements in the tecnico with three numbers
// in the draft, lets a person edit it, and gives what they saved.
func sheetOf(t *testing.T, w *Work, edit func(f *excelize.File, cell func(id string) string)) []byte {
	t.Helper()
	raw, err := w.Template("movements", "modello.xlsx")
	if err != nil {
		t.Fatal(err)
	}
	f, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	lines, err := f.GetRows("Sheet1")
	if err != nil {
		t.Fatal(err)
	}
	edit(f, func(id string) string {
		for i, line := range lines {
			for k, head := range lines[5] {
				if len(line) > 0 && k >= 2 && line[0]+"_"+head == id {
					at, _ := excelize.CoordinatesToCellName(k+1, i+1)
					return at
				}
			}
		}
		t.Fatalf("no cell %s in %v", id, lines)
		return ""
	})
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// TestTemplate: what a person types into the template comes back as a preview,
// and nothing is written by looking.
func TestTemplate(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work("tecnico")
	w.must(err)
	_, err = work.Set(Change{Variable: y1m, Value: 7}, Change{Variable: y1f, Value: 8})
	w.must(err)
	raw := sheetOf(t, work, func(f *excelize.File, cell func(string) string) {
		w.must(f.SetCellValue("Sheet1", cell(y1f), 9))
		w.must(f.SetCellValue("Sheet1", cell(y2m), "10")) // a number kept as a text
	})
	found, err := work.ReadTable("movements", "m.xlsx", raw)
	w.must(err)
	var said []string
	for _, c := range found.Changes {
		said = append(said, fmt.Sprintf("%d %s %q->%d", c.Line, c.Variable, c.From, c.To))
	}
	if want := []string{`8 enrolled_start_y1_f "8"->9`, `8 enrolled_start_y2_m ""->10`}; !slices.Equal(said, want) || found.Same != 1 || len(found.Faults) > 0 {
		t.Errorf("%v, want %v; same %d, faults %v", said, want, found.Same, found.Faults)
	}
	if got := w.values(d); got != "7 8 <nil>" {
		t.Errorf("looking has written: %s", got)
	}
	if report, err := d.Fill("tecnico", "m.xlsx", raw, false); err != nil || report.Taken != 3 {
		t.Errorf("the command takes %+v, %v", report, err)
	}
	if got := w.values(d); got != "7 9 10" {
		t.Errorf("the draft has %s", got)
	}
	for _, table := range []string{"", "none"} {
		_, err = work.Template(table, "x.csv")
		wants(t, err, map[string]string{"": "which_table", "none": "no_table"}[table])
	}
}

// TestTemplateCSV: Excel saves the CSV with its own separator and blank ends.
func TestTemplateCSV(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work("tecnico")
	w.must(err)
	for _, table := range work.Tables() {
		raw, err := work.Template(table.ID, "m.csv")
		w.must(err)
		found, err := work.ReadTable(table.ID, "m.csv", raw)
		w.must(err)
		if len(found.Changes)+len(found.Faults) > 0 || found.Blank == 0 {
			t.Errorf("%s: the empty template brings %+v", table.ID, found)
		}
	}
	raw, err := work.Template("movements", "m.csv")
	w.must(err)
	text := strings.Replace(string(raw), ";;;;", ";1.204;0;;", 1)
	text = strings.Replace(text, "enrolled_start;Iscritti all'avvio delle lezioni;;;", "enrolled_start;Iscritti all'avvio delle lezioni;1.204;0;", 1)
	for name, text := range map[string]string{"semicolons": text, "commas": strings.ReplaceAll(text, ";", ","), "tabs": strings.ReplaceAll(text, ";", "\t")} {
		found, err := work.ReadTable("movements", "m.csv", []byte(text))
		w.must(err)
		if len(found.Changes) != 2 || found.Changes[0].To != 1204 || found.Changes[1].To != 0 || len(found.Faults) > 0 {
			t.Errorf("%s: %+v", name, found)
		}
	}
}

// TestTemplateOfAnother: the rows of two tracks bear the same names, so a file
// is refused by what it says that it is.
func TestTemplateOfAnother(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work("tecnico")
	w.must(err)
	raw, err := work.Template("movements", "m.csv")
	w.must(err)
	for code, edit := range map[string][2]string{
		"file_other_part":   {"part;tecnico;", "part;liceale;"},
		"file_other_school": {"institution;" + work.inst.Code, "institution;XXIS00100X"},
		"file_other_table":  {"table;movements;", "table;outcomes;"},
		"file_no_table":     {"table;movements;", ";;"},
	} {
		text := strings.Replace(string(raw), edit[0], edit[1], 1)
		if text == string(raw) {
			t.Fatalf("no %q in the template:\n%s", edit[0], raw)
		}
		_, err := work.ReadTable("movements", "m.csv", []byte(text))
		wants(t, err, code)
		if code == "file_other_part" {
			if s := Sentence(err, "it"); !strings.Contains(s, "Liceale") {
				t.Errorf("the sentence does not name the sheet: %s", s)
			}
			_, err = d.Fill("tecnico", "m.csv", []byte(text), true)
			wants(t, err, code)
		}
	}
	_, err = work.ReadTable("movements", "m.csv", []byte("variable;value\n"+y1m+";7\n"))
	wants(t, err, "file_no_table")
}

// TestTemplateFaults: each kind of cell that holds no number typed by a person
// is named with its line, and nothing of the file would be taken by the form.
func TestTemplateFaults(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work("tecnico")
	w.must(err)
	for name, c := range map[string]struct {
		edit func(f *excelize.File, at string)
		says string
	}{
		"formula": {func(f *excelize.File, at string) { w.must(f.SetCellFormula("Sheet1", at, "3+4")) }, "formula"},
		"date": {func(f *excelize.File, at string) {
			w.must(f.SetCellValue("Sheet1", at, time.Date(2023, 3, 12, 0, 0, 0, 0, time.UTC)))
		}, "data"},
		"own date": {func(f *excelize.File, at string) {
			format := "dd/mm/yyyy"
			style, err := f.NewStyle(&excelize.Style{CustomNumFmt: &format})
			w.must(err)
			w.must(f.SetCellValue("Sheet1", at, 45000))
			w.must(f.SetCellStyle("Sheet1", at, at, style))
		}, "data"},
		"text":    {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", at, "dodici")) }, "dodici"},
		"truth":   {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", at, true)) }, "numero"},
		"half":    {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", at, 1.5)) }, "1.5"},
		"minus":   {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", at, -3)) }, "0"},
		"no code": {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", "A9", "")) }, "codice della riga"},
		"twice": {func(f *excelize.File, at string) {
			w.must(f.SetCellValue("Sheet1", "A9", "enrolled_start"))
			w.must(f.SetCellValue("Sheet1", "C9", 4))
		}, "riga 8"},
		"renamed":  {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", "A9", "nonsense")) }, "non esiste"},
		"too wide": {func(f *excelize.File, at string) { w.must(f.SetCellValue("Sheet1", "Z9", 4)) }, "oltre le colonne"},
		"an error": {func(f *excelize.File, at string) { w.must(f.SetCellFormula("Sheet1", at, "1/0")) }, "formula"},
	} {
		raw := sheetOf(t, work, func(f *excelize.File, cell func(string) string) {
			w.must(f.SetCellValue("Sheet1", cell(y1m), 5))
			c.edit(f, cell(y1f))
		})
		found, err := work.ReadTable("movements", "m.xlsx", raw)
		w.must(err)
		if len(found.Faults) == 0 || found.Faults[0].Line < 8 || !strings.Contains(found.Faults[0].Message, c.says) {
			t.Errorf("%s: %+v", name, found.Faults)
		}
		if report, err := d.Fill("tecnico", "m.xlsx", raw, false); err != nil || report.Taken != 0 {
			t.Errorf("%s: the command takes %+v, %v", name, report, err)
		}
	}
	// A column that part 1 closes takes no number.
	w.set(d, "tecnico", "classes_y1", 0)
	w.must(work.Reload())
	raw := sheetOf(t, work, func(f *excelize.File, cell func(string) string) { w.must(f.SetCellValue("Sheet1", cell(y1m), 5)) })
	found, err := work.ReadTable("movements", "m.xlsx", raw)
	w.must(err)
	if len(found.Faults) != 1 || !strings.Contains(found.Faults[0].Message, "chiusa") {
		t.Errorf("closed: %+v", found)
	}
}
