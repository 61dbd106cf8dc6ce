package desk

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"encoding/binary"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// filler is a device on which the sheet of the tecnico is open.
func filler(t *testing.T) (*world, *Desk) {
	t.Helper()
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	return w, d
}

const (
	y1m = "enrolled_start_y1_m"
	y1f = "enrolled_start_y1_f"
	y2m = "enrolled_start_y2_m"
)

// values gives what the draft of the tecnico holds at the first three cells.
func (w *world) values(d *Desk) string {
	w.t.Helper()
	work, err := d.Work("tecnico")
	w.must(err)
	return fmt.Sprint(work.Value(y1m), work.Value(y1f), work.Value(y2m))
}

// TestFillForms: what people call a table is read alike.
func TestFillForms(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work("tecnico")
	w.must(err)
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("variable\tvalue\r\n" + y1m + "\t7\r\n" + y1f + "\t8\r\n")
	w.must(err)
	ansi, err := charmap.Windows1252.NewEncoder().String(y1m + ";7\r\ntrack_notes;però così è\r\n" + y1f + ";8\r\n")
	w.must(err)
	for name, text := range map[string]string{
		"comma":          "variable,value\n" + y1m + ",7\n" + y1f + ",8\n",
		"no head":        y1m + ",7\n" + y1f + ",8",
		"semicolon":      "variabile;valore\r\n" + y1m + ";7\r\n" + y1f + ";8\r\n",
		"tab":            "VARIABLE\tVALUE\n" + y1m + "\t7\n" + y1f + "\t8\n" + y2m + "\t\n",
		"BOM":            "\ufeffvariable;value\n" + y1m + ";7\n" + y1f + ";8\n",
		"quotes":         "\"variable\",\"value\"\n\"" + y1m + "\", \"7\"\n\"" + y1f + "\",\"8\"\n",
		"blank lines":    "\n\nvariable,value\n\n" + y1m + ",7\n,\n" + y1f + ",8\n\n",
		"more columns":   "variable,value,note\n" + y1m + ",7,dal registro\n" + y1f + ",8,\n",
		"spaces":         " variable , value \n " + y1m + " , 7 \n" + y1f + ", 8\n",
		"value with ;":   y1m + ",7\nactions_taken,\"recupero_competenze;italiano_l2\"\n" + y1f + ",8\n",
		"Windows-1252":   ansi,
		"UTF-16":         utf16,
		"map":            `{"` + y1m + `": 7, "` + y1f + `": 8}`,
		"map with BOM":   "\ufeff \n{\"" + y1m + "\": 7, \"" + y1f + "\": 8, \"" + y2m + "\": null}",
		"whole body":     `{"submission_id":"x","institution":"MITD99901G","part":"tecnico","answers":{"` + y1m + `":7,"` + y1f + `":8},"unavailable":{"overage_y1_m":"not_recorded"}}`,
		"old Mac breaks": "",
	} {
		if text == "" {
			continue
		}
		_, err = work.Set(Change{Variable: y1m}, Change{Variable: y1f}, Change{Variable: "track_notes"}, Change{Variable: "overage_y1_m"})
		w.must(err)
		report, err := d.Fill("tecnico", "dati.csv", []byte(text), false)
		if err != nil || len(report.Faults) > 0 || w.values(d) != "7 8 <nil>" {
			t.Errorf("%s: %v %+v, holds %s", name, err, report, w.values(d))
		}
		w.must(work.Reload())
		if name == "Windows-1252" && work.Value("track_notes") != "però così è" {
			t.Errorf("%s: %v", name, work.Value("track_notes"))
		}
		if name == "whole body" && work.Draft.Unavailable["overage_y1_m"] != "not_recorded" {
			t.Errorf("%s: %v", name, work.Draft.Unavailable)
		}
	}
}

// TestFillNumbers: 1.5 is never 15, and no digit is lost.
func TestFillNumbers(t *testing.T) {
	w, d := filler(t)
	for text, want := range map[string]int{"7": 7, " 7 ": 7, "007": 7, "1.234": 1234, "1'234": 1234, "1 234": 1234, "1\u00a0234": 1234, "1\u202f234": 1234,
		"0": 0, "1.5": -1, "1,5": -1, "1.23": -1, "1.2345": -1, "12 3": -1, "1 2": -1, "1.234 567": -1, "1,234": -1, "-3": -1, "1e3": -1, "sette": -1,
		".5": -1, "1.": -1, "0x10": -1, "7.0": -1, "99999999999999999999": -1, "1.234,5": -1} {
		w.set(d, "tecnico", y1m, nil)
		report, err := d.Fill("tecnico", "a.csv", []byte(y1m+";"+text+"\n"), false)
		w.must(err)
		work, err := d.Work("tecnico")
		w.must(err)
		switch got := work.Value(y1m); {
		case want < 0 && (len(report.Faults) != 1 || got != nil):
			t.Errorf("%q: %+v, taken as %v", text, report, got)
		case want >= 0 && got != want:
			t.Errorf("%q: %+v, taken as %v", text, report, got)
		}
	}
	// Between commas 1,5 is two fields: it must not become 1.
	report, err := d.Fill("tecnico", "a.csv", []byte("variable,value\n"+y1m+",1,5\n"), false)
	w.must(err)
	if len(report.Faults) != 1 || report.Faults[0].Line != 2 {
		t.Errorf("%+v", report)
	}
}

// TestFillFaults: every fault with its line; all or nothing unless partial.
func TestFillFaults(t *testing.T) {
	w, d := filler(t)
	csv := strings.Join([]string{"", "variable,value", y1m + ",7", "no_such,1", y1f + ",tanti", y1m + ",9", "enrolled_end_y1_m,5", "solo", y2m + ",",
		"evening_excluded,forse", "actions_taken,volare", y1m + ",10"}, "\n")
	json := "{\n\"" + y1m + "\": 7,\n\"no_such\": 1,\n\"" + y1f + "\": \"" + y2m + "\",\n\"" + y1m + "\": 9,\n\"enrolled_end_y1_m\": 5,\n\n\"" + y2m + "\": 1.5,\n" +
		"\"evening_excluded\": {\"a\": [1]}, \"actions_taken\": [\"volare\"]}"
	body := "{\"part\": \"tecnico\",\n\"answers\":\n {\"" + y1m + "\": 7,\n\"no_such\": 1},\n\"unavailable\": {\n\"" + y1f + "\": \"not_recorded\",\n\"overage_y1_m\": \"perso\"}}"
	for name, c := range map[string]struct {
		text  string
		lines []string
	}{
		"csv":  {csv, []string{"4 no_such", "5 " + y1f, "6 " + y1m, "7 enrolled_end_y1_m", "8 solo", "10 evening_excluded", "11 actions_taken", "12 " + y1m}},
		"json": {json, []string{"3 no_such", "4 " + y1f, "5 " + y1m, "6 enrolled_end_y1_m", "8 " + y2m, "9 evening_excluded", "9 actions_taken"}},
		"body": {body, []string{"4 no_such", "6 " + y1f, "7 overage_y1_m"}},
	} {
		w.set(d, "tecnico", y1m, nil)
		report, err := d.Fill("tecnico", name, []byte(c.text), false)
		w.must(err)
		var got []string
		for _, f := range report.Faults {
			got = append(got, fmt.Sprintf("%d %s", f.Line, f.Variable))
			if f.Message == "" || strings.Contains(f.Message, "%") {
				t.Errorf("%s: %+v", name, f)
			}
		}
		if !slices.Equal(got, c.lines) || report.Taken != 0 || w.values(d) != "<nil> <nil> <nil>" {
			t.Errorf("%s: %v, taken %d, holds %s", name, got, report.Taken, w.values(d))
		}
		report, err = d.Fill("tecnico", name, []byte(c.text), true)
		w.must(err)
		if report.Taken != 1 || w.values(d) != "7 <nil> <nil>" { // the first one of two
			t.Errorf("%s, partial: %+v, holds %s", name, report, w.values(d))
		}
	}
}

// TestFillGeneral: what the register gives may stand in a file when it agrees;
// a declaration is never taken from one.
func TestFillGeneral(t *testing.T) {
	w, d := filler(t)
	work, err := d.Work(survey.GeneralPart)
	w.must(err)
	if work.Value("declaration") != nil {
		t.Error("a file has declared")
	}
	report, err := d.Fill(survey.GeneralPart, "a.csv", []byte("institution_code;miis999009\ninstitution_status;statale\nhead_name;Ada\n"), false)
	w.must(err)
	if report.Taken != 2 || report.Blank != 1 || len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
	report, err = d.Fill(survey.GeneralPart, "a.csv", []byte("institution_code;MIPS99901Q\ncompiler_role;ASSISTENTE amministrativo\ndropout_team;Sì\n"), true)
	w.must(err)
	if len(report.Faults) != 1 || report.Faults[0].Variable != "institution_code" || report.Taken != 2 {
		t.Errorf("%+v", report)
	}
	_, err = d.Fill(survey.GeneralPart, "a.csv", []byte("head_name;Eva\ninstitution_code;MIPL125004\n"), true)
	wants(t, err, "file_other_school")
	_, err = d.Fill("tecnico", "a.json", []byte(`{"institution":"MIPL125004","part":"tecnico","answers":{"`+y1m+`":1}}`), true)
	wants(t, err, "file_other_school")
	_, err = d.Fill("tecnico", "a.json", []byte(`{"institution":"MIIS999009","part":"liceale","answers":{"`+y1m+`":1}}`), true)
	wants(t, err, "file_other_part")
	if w.values(d) != "<nil> <nil> <nil>" {
		t.Error("something was taken")
	}
	_, err = d.Fill("nessuna", "a.json", nil, true)
	wants(t, err, "unknown_part")
}

// workbook writes rows of cells as Excel would.
func workbook(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	for i, row := range rows {
		if row == nil {
			continue
		}
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestFillXLSX(t *testing.T) {
	w, d := filler(t)
	raw := workbook(t, []any{"Variabile", "Valore", "Note"}, []any{y1m, 7, "dal registro"}, nil, []any{}, []any{y1f, "1.234"}, []any{y2m}, []any{"evening_excluded", true},
		[]any{"study_programmes", "Informatica e telecomunicazioni"}, []any{"track_notes", "due parole"})
	report, err := d.Fill("tecnico", "dati.xlsx", raw, false)
	w.must(err)
	if len(report.Faults) > 0 || report.Taken != 5 || report.Blank != 1 || w.values(d) != "7 1234 <nil>" {
		t.Errorf("%+v, holds %s", report, w.values(d))
	}
	raw = workbook(t, nil, []any{y1m, 1.234}, []any{"no_such", 3}, []any{y1f, 1.5}, []any{y2m, 5, nil, 1, 2, 3})
	report, err = d.Fill("tecnico", "dati.xlsx", raw, false)
	w.must(err)
	var lines []int
	for _, f := range report.Faults {
		lines = append(lines, f.Line)
	}
	if !slices.Equal(lines, []int{2, 3, 4}) {
		t.Errorf("%+v", report)
	}
	// The whole sample, by way of a sheet, is the sample.
	answers := samples.Answers("tecnico")
	var rows [][]any
	for _, id := range slices.Sorted(maps.Keys(answers)) {
		v := answers[id]
		if list, ok := v.([]string); ok {
			v = strings.Join(list, "; ")
		}
		rows = append(rows, []any{id, v})
	}
	report, err = d.Fill("tecnico", "dati.xlsx", workbook(t, rows...), false)
	w.must(err)
	work, err := d.Work("tecnico")
	w.must(err)
	for id, want := range answers {
		if !survey.Equal(work.Value(id), want) {
			t.Errorf("%s: %v, want %v", id, work.Value(id), want)
		}
	}
	if len(report.Faults) > 0 {
		t.Errorf("%+v", report)
	}
}

// zipped is an archive with the members that make an XLSX, and a sheet of ours.
func zipped(t *testing.T, sheet []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	z.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	old, err := zip.NewReader(bytes.NewReader(workbook(t, []any{y1m, 1})), int64(len(workbook(t, []any{y1m, 1}))))
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range old.File {
		if f.Name != "xl/worksheets/sheet1.xml" {
			if err := z.Copy(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	to, err := z.Create("xl/worksheets/sheet1.xml")
	if err == nil {
		_, err = to.Write(sheet)
	}
	if err == nil {
		err = z.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// TestFillHostile: what is no sheet is told apart from a sheet with faults, in
// words, and within bounds.
func TestFillHostile(t *testing.T) {
	w, d := filler(t)
	good := workbook(t, []any{y1m, 1})
	const head = `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>`
	var numbered strings.Builder
	for i := range maxRows + 1 {
		fmt.Fprintf(&numbered, `<row r="%d"><c r="A%[1]d"><v>1</v></c></row>`, i+1)
	}
	const unfolded = maxUnzipped + 1
	bomb := zipped(t, bytes.Repeat([]byte(" "), unfolded))
	lying := bytes.Clone(bomb) // says that it unfolds to 1000 bytes
	for at := 0; ; {
		i := bytes.Index(lying[at:], []byte("PK\x01\x02"))
		if i < 0 {
			break
		}
		at += i + 4
		if size := lying[at+20 : at+24]; binary.LittleEndian.Uint32(size) == unfolded {
			binary.LittleEndian.PutUint32(size, 1000)
		}
	}
	for name, c := range map[string]struct {
		raw  []byte
		code string
	}{
		"empty.csv":     {nil, "file_empty"},
		"blank.csv":     {[]byte(" \r\n\t\n"), "file_empty"},
		"head.csv":      {[]byte("variable,value\n"), "file_empty"},
		"bom.csv":       {[]byte("\xef\xbb\xbf"), "file_empty"},
		"letter.txt":    {[]byte("Gentile Dirigente\nle invio i dati\n"), "file_csv"},
		"quote.csv":     {[]byte("variable,value\n" + y1m + ",\"7\n"), "file_csv"},
		"binary.csv":    {[]byte{0x7f, 'E', 'L', 'F', 0, 0, 0xff}, "file_binary"},
		"old.xls":       {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "file_binary"},
		"cut.json":      {[]byte(`{"a": 1,`), "file_json"},
		"list.json":     {[]byte(`[1]`), "file_json"},
		"after.json":    {[]byte(`{"a": 1} {"b": 2}`), "file_json"},
		"deep.json":     {[]byte(`{"a":` + strings.Repeat("[", 200_000)), "file_json"},
		"part.json":     {[]byte(`{"part": 7, "answers": {}}`), "file_json"},
		"unav.json":     {[]byte(`{"answers": {}, "unavailable": {"a": 7}}`), "file_json"},
		"enormous.csv":  {bytes.Repeat([]byte("a,1\n"), MaxFill/4+1), "file_too_large"},
		"rows.csv":      {bytes.Repeat([]byte("a,1\n"), maxRows+1), "file_too_large"},
		"cut.xlsx":      {good[:len(good)/2], "file_xlsx"},
		"other.zip":     {[]byte("PK\x03\x04 not really"), "file_xlsx"},
		"empty.xlsx":    {workbook(t), "file_empty"},
		"bomb.xlsx":     {bomb, "file_xlsx"},
		"lying.xlsx":    {lying, ""},
		"wide.xlsx":     {zipped(t, []byte(head+strings.Repeat(`<row><c r="XFD1"><v>1</v></c></row>`, 200)+`</sheetData></worksheet>`)), ""},
		"rows.xlsx":     {zipped(t, []byte(head+numbered.String()+`</sheetData></worksheet>`)), "file_too_large"},
		"plain.xlsx":    {zipped(t, []byte(head+strings.Repeat(`<row><c><v>1</v></c></row>`, 2000)+`</sheetData></worksheet>`)), ""},
		"nonsense.xlsx": {zipped(t, []byte(head+`<row r="-5"><c r="!!"><v>1</v>`)), ""},
	} {
		_, err := d.Fill("tecnico", name, c.raw, true)
		if c.code == "" {
			if code := CodeOf(err); err != nil && !strings.HasPrefix(code, "file_") {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		if CodeOf(err) != c.code {
			t.Errorf("%s: %v, want %s", name, err, c.code)
			continue
		}
		wants(t, err, c.code)
		if !strings.Contains(Sentence(err, "it"), name) {
			t.Errorf("%s is not named: %s", name, Sentence(err, "it"))
		}
	}
	if w.values(d) != "<nil> <nil> <nil>" {
		t.Error("something was taken")
	}
}

// FuzzReadContents: no file, whatever it is, makes the program fall.
func FuzzReadContents(f *testing.F) {
	f.Add("a.csv", []byte("variable,value\na,1\n"))
	f.Add("a.json", []byte(`{"part":"tecnico","answers":{"a":1,"b":["x"]},"unavailable":{"c":"other"}}`))
	f.Add("a.xlsx", []byte("PK\x03\x04"))
	f.Fuzz(func(t *testing.T, name string, raw []byte) {
		if _, err := readContents(name, raw); err != nil && !strings.HasPrefix(CodeOf(err), "file_") {
			t.Error(err)
		}
	})
}
