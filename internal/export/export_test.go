package export_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"rileva/internal/export"
	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

var day = time.Date(2023, 12, 18, 9, 30, 0, 0, time.UTC)

// shelf is a source with made-up returns, in the order of their ids.
type shelf struct {
	snapshots []store.Snapshot
	pages     int
}

func (s *shelf) Survey(context.Context) (store.Survey, error) {
	return store.Survey{ID: "dispersione-2022-23", InForce: digest(),
		Versions: []store.SurveyVersion{{Digest: digest(), PublishedAt: day.AddDate(0, -1, 0)}}}, nil
}

func (s *shelf) Questionnaire(context.Context, string) ([]byte, error) {
	return questionnaires.Dispersione202223, nil
}

func (s *shelf) Snapshots(_ context.Context, _ time.Time, after string, limit int) ([]store.Snapshot, error) {
	s.pages++
	i := slices.IndexFunc(s.snapshots, func(x store.Snapshot) bool { return x.Institution.ID > after })
	if i < 0 {
		return nil, nil
	}
	return s.snapshots[i:min(i+limit, len(s.snapshots))], nil
}

func digest() string { return survey.DigestOf(questionnaires.Dispersione202223) }

// school puts a return of an invented school on the shelf.
func (s *shelf) school(n int) *store.Snapshot {
	in := samples.Institution()
	in.Name = fmt.Sprintf("Istituto inventato %d", n)
	in.Code = fmt.Sprintf("MIIS%05dX", n)
	in.Codes = []string{in.Code}
	in.ID = fmt.Sprintf("ist-%06d", n)
	snap := store.Snapshot{Institution: store.Institution{Institution: register.Institution{Institution: in}},
		Bodies: map[string][]byte{}}
	for part, answers := range samples.For(in) {
		snap.Bodies[part] = body(in.Code, part, answers, nil)
		snap.Parts = append(snap.Parts, store.Part{Part: part, State: survey.PartSubmitted, Current: store.Submission{
			InstitutionID: in.ID, Part: part, Revision: 1, SubmissionID: fmt.Sprint(n, part), Questionnaire: digest(),
			ReceivedAt: day, Number: fmt.Sprintf("R-%d-%s", n, part), ContentDigest: surveysync.Digest(snap.Bodies[part])}})
	}
	slices.SortFunc(snap.Parts, func(a, b store.Part) int { return strings.Compare(a.Part, b.Part) })
	s.snapshots = append(s.snapshots, snap)
	return &s.snapshots[len(s.snapshots)-1]
}

func body(code, part string, answers survey.Answers, unavailable map[string]string) []byte {
	raw, err := json.Marshal(surveysync.Submission{SubmissionID: "00000000-0000-7000-8000-000000000000", Institution: code,
		Survey: "dispersione-2022-23", Part: part, Questionnaire: digest(), Answers: answers, Unavailable: unavailable, CompletedAt: day,
		Explanations: map[string]survey.Explanation{"S04": {Reason: "other", Text: "Controllato nel registro elettronico."}}})
	if err != nil {
		panic(err)
	}
	return raw
}

func (s *shelf) write(t *testing.T, formats ...string) (string, export.Manifest) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "out")
	m, err := export.Write(context.Background(), s, export.Options{Dir: dir, Formats: formats, AsOf: day.AddDate(0, 0, 5), Lang: "it"})
	if err != nil {
		t.Fatal(err)
	}
	return dir, m
}

// read gives a CSV table as maps.
func read(t *testing.T, dir, table string) []map[string]string {
	t.Helper()
	f, err := os.Open(filepath.Join(dir, table+".csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	all, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var out []map[string]string
	for _, row := range all[1:] {
		m := map[string]string{}
		for i, name := range all[0] {
			m[name] = row[i]
		}
		out = append(out, m)
	}
	return out
}

// The sums of every table are those of what was sent, and all the tables tell
// the same: the numbers are added up here from the answers themselves.
func TestSums(t *testing.T) {
	s := &shelf{}
	for n := range 66 { // more than a page
		s.school(n)
	}
	want := 66 * enrolled(t)
	dir, m := s.write(t, export.CSV, export.JSON)
	long, wide, lines := 0, 0, 0
	for _, row := range read(t, dir, "cells") {
		if row["row"] == "enrolled_start" {
			long += number(t, row["value"])
		}
	}
	for _, row := range read(t, dir, "tracks") {
		for name, value := range row {
			if strings.HasPrefix(name, "enrolled_start_y") && value != "" {
				wide += number(t, value)
			}
		}
	}
	raw, err := os.ReadFile(filepath.Join(dir, "tracks.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var row map[string]any
		if err := json.Unmarshal([]byte(line), &row); err != nil {
			t.Fatal(err)
		}
		for name, value := range row {
			if strings.HasPrefix(name, "enrolled_start_y") {
				lines += int(value.(float64))
			}
		}
	}
	if long != want || wide != want || lines != want {
		t.Errorf("long %d, wide %d, JSON %d; sent were %d", long, wide, lines, want)
	}
	if m.Counts != (export.Counts{Institutions: 66, Submissions: 66 * 5}) {
		t.Errorf("the manifest counts %+v", m.Counts)
	}
}

// enrolled is the sum of one row over the tracks of one made-up return.
func enrolled(t *testing.T) (sum int) {
	t.Helper()
	for _, part := range samples.Tracks() {
		for id, v := range samples.Answers(part) {
			if number, ok := v.(int); ok && strings.HasPrefix(id, "enrolled_start_y") {
				sum += number
			}
		}
	}
	if sum == 0 {
		t.Fatal("the samples hold no such number")
	}
	return sum
}

// The workbook opens in another program, with numbers as numbers.
func TestWorkbook(t *testing.T) {
	s := &shelf{}
	for n := range 3 {
		s.school(n)
	}
	dir, _ := s.write(t, export.XLSX)
	if got := sheetSum(t, dir); got != 3*enrolled(t) {
		t.Errorf("the workbook's sum is %d, sent were %d", got, 3*enrolled(t))
	}
}

func number(t *testing.T, s string) int {
	t.Helper()
	n, err := strconv.Atoi(s)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// sheetSum reads the workbook as another program would.
func sheetSum(t *testing.T, dir string) int {
	t.Helper()
	book, err := excelize.OpenFile(filepath.Join(dir, "export.xlsx"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = book.Close() }()
	if got := book.GetSheetList(); !slices.Equal(got, []string{"Istituzioni", "Parte generale", "Percorsi", "Celle", "Motivazioni"}) {
		t.Errorf("the sheets are %q", got)
	}
	rows, err := book.GetRows("Percorsi")
	if err != nil {
		t.Fatal(err)
	}
	sum := 0
	for c, name := range rows[0] {
		if !strings.HasPrefix(name, "enrolled_start_y") {
			continue
		}
		for r := range rows[1:] {
			cell, _ := excelize.CoordinatesToCellName(c+1, r+2)
			kind, err := book.GetCellType("Percorsi", cell)
			if err != nil || kind != excelize.CellTypeUnset && kind != excelize.CellTypeNumber {
				t.Fatalf("%s is no number but %v (%v)", cell, kind, err)
			}
			if c < len(rows[r+1]) && rows[r+1][c] != "" {
				sum += number(t, rows[r+1][c])
			}
		}
	}
	return sum
}

// The same moment gives the same bytes: files, codebook, manifest.
func TestSameBytes(t *testing.T) {
	s := &shelf{}
	for n := range 3 {
		s.school(n)
	}
	a, _ := s.write(t, export.Formats...)
	b, _ := s.write(t, export.Formats...)
	entries, err := os.ReadDir(a)
	if err != nil {
		t.Fatal(err)
	}
	if len(entries) != 13 {
		t.Errorf("%d files", len(entries))
	}
	for _, e := range entries {
		one, err1 := os.ReadFile(filepath.Join(a, e.Name()))
		two, err2 := os.ReadFile(filepath.Join(b, e.Name()))
		if errors.Join(err1, err2) != nil || !bytes.Equal(one, two) {
			t.Errorf("%s differs (%v)", e.Name(), errors.Join(err1, err2))
		}
	}
}

// What was sent back or taken out of the offer is counted and left out.
func TestLeftOut(t *testing.T) {
	s := &shelf{}
	snap := s.school(1)
	for i := range snap.Parts {
		switch snap.Parts[i].Part {
		case "liceale":
			snap.Parts[i].State = survey.PartReturned
		case "iefp":
			snap.Parts[i].State = survey.PartWithdrawn
		case "tecnico":
			snap.Parts[i].State = survey.PartApproved
		}
	}
	dir, m := s.write(t, export.CSV)
	if m.Counts != (export.Counts{Institutions: 1, Submissions: 3, Returned: 1, Withdrawn: 1}) {
		t.Errorf("the manifest counts %+v", m.Counts)
	}
	var tracks []string
	for _, row := range read(t, dir, "tracks") {
		tracks = append(tracks, row["track"]+" "+row["state"])
	}
	if diff := cmp.Diff([]string{"professionale submitted", "tecnico approved"}, tracks); diff != "" {
		t.Error(diff)
	}
}

// Whatever a school wrote does no harm in a spreadsheet or on a terminal, and
// "not available" is no number.
func TestHarmless(t *testing.T) {
	s := &shelf{}
	snap := s.school(1)
	answers := samples.For(snap.Institution.Institution.Institution)[survey.GeneralPart]
	var free string
	for id, v := range answers {
		if _, isText := v.(string); isText && strings.Contains(id, "name") {
			free = id
		}
	}
	for text, want := range map[string]string{
		"=HYPERLINK(\"http://x\")": "'=HYPERLINK(\"http://x\")",
		"+39 02 123":               "'+39 02 123",
		"-1+1":                     "'-1+1",
		"@SUM(A1)":                 "'@SUM(A1)",
		"a\x1b[2Jb":                "a�[2Jb",
		"uno\r\ndue, \"tre\"":      "uno\ndue, \"tre\"",
		"\u202eabc":                "�abc",
	} {
		answers[free] = text
		snap.Bodies[survey.GeneralPart] = body(snap.Institution.Code, survey.GeneralPart, answers, nil)
		dir, _ := s.write(t, export.CSV)
		if got := read(t, dir, "general")[0][free]; got != want {
			t.Errorf("%q became %q, not %q", text, got, want)
		}
	}
	track := samples.For(snap.Institution.Institution.Institution)["tecnico"]
	delete(track, "overage_y1_m")
	snap.Bodies["tecnico"] = body(snap.Institution.Code, "tecnico", track, map[string]string{"overage_y1_m": "not_recorded"})
	dir, _ := s.write(t, export.CSV)
	for _, row := range read(t, dir, "cells") {
		if row["part"] == "tecnico" && row["variable"] == "overage_y1_m" && (row["value"] != "" || row["unavailable"] != "not_recorded") {
			t.Errorf("the cell is %v", row)
		}
	}
	for _, row := range read(t, dir, "tracks") {
		if row["track"] == "tecnico" && row["overage_y1_m"] != "not_recorded" {
			t.Errorf("overage_y1_m is %q", row["overage_y1_m"])
		}
	}
}

// The codebook names every column of every table, in order.
func TestCodebook(t *testing.T) {
	s := &shelf{}
	s.school(1)
	dir, _ := s.write(t, export.CSV)
	raw, err := os.ReadFile(filepath.Join(dir, "datapackage.json"))
	if err != nil {
		t.Fatal(err)
	}
	var book struct {
		Resources []struct {
			Path   string
			Schema struct {
				Fields        []struct{ Name, Type, Title string }
				MissingValues []string
			}
		}
	}
	if err := json.Unmarshal(raw, &book); err != nil {
		t.Fatal(err)
	}
	if len(book.Resources) != 5 {
		t.Errorf("%d resources", len(book.Resources))
	}
	for _, r := range book.Resources {
		raw, err := os.ReadFile(filepath.Join(dir, r.Path))
		if err != nil {
			t.Fatal(err)
		}
		header, _, _ := strings.Cut(string(raw), "\n")
		var names []string
		for _, f := range r.Schema.Fields {
			names = append(names, f.Name)
			if f.Title == "" || f.Type == "" {
				t.Errorf("%s: %s has no title or type", r.Path, f.Name)
			}
		}
		if header != strings.Join(names, ",") {
			t.Errorf("%s has the columns %s", r.Path, header)
		}
		if !slices.Contains(r.Schema.MissingValues, "not_recorded") {
			t.Errorf("%s: missing values are %q", r.Path, r.Schema.MissingValues)
		}
	}
}

func TestCompare(t *testing.T) {
	s := &shelf{}
	for n := range 4 {
		s.school(n)
	}
	before, _ := s.write(t, export.CSV)

	amended := &s.snapshots[1]
	answers := samples.For(amended.Institution.Institution.Institution)["tecnico"]
	old := answers["enrolled_start_y1_m"].(int)
	answers["enrolled_start_y1_m"] = old + 3
	amended.Bodies["tecnico"] = body(amended.Institution.Code, "tecnico", answers, nil)
	for i := range amended.Parts {
		if amended.Parts[i].Part == "tecnico" {
			amended.Parts[i].Current.Revision = 2
			amended.Parts[i].Current.ReceivedAt = day.Add(time.Hour)
		}
	}
	s.snapshots[2].Institution.Name = "Istituto con un altro nome"
	s.school(9)
	after, _ := s.write(t, export.CSV)

	var changed []string
	sent := 0
	err := export.Compare(before, after, func(d export.Difference) error {
		if d.Institution == "ist-000009" {
			if d.Why == export.WhySent {
				sent++
			}
			return nil
		}
		changed = append(changed, fmt.Sprintf("%s %s %s %s: %s → %s, %s %s→%s %s", d.Institution, d.Code, d.Part, d.Variable, d.Old, d.New, d.Why,
			d.OldRevision, d.NewRevision, d.ReceivedAt))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	want := []string{ // the tracks no longer add up to part 1
		"ist-000001 MIIS00001X  state: complete → inconsistent, register → ",
		"ist-000002 MIIS00002X  name: Istituto inventato 2 → Istituto con un altro nome, register → ",
		fmt.Sprintf("ist-000001 MIIS00001X tecnico enrolled_start_y1_m: %d → %d, amended 1→2 2023-12-18T10:30:00.000Z", old, old+3),
	}
	if diff := cmp.Diff(want, changed); diff != "" {
		t.Error(diff)
	}
	if sent == 0 {
		t.Error("the new school's cells are no differences")
	}
	if err := export.Compare(before, t.TempDir(), nil); !errors.Is(err, export.ErrNotExport) {
		t.Errorf("an empty folder gives %v", err)
	}
}

// A folder that holds something is not written into, and nothing is left
// behind.
func TestFullFolder(t *testing.T) {
	s := &shelf{}
	s.school(1)
	parent := t.TempDir()
	dir := filepath.Join(parent, "out")
	if err := os.MkdirAll(filepath.Join(dir, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := export.Write(context.Background(), s, export.Options{Dir: dir, Formats: []string{export.CSV}, AsOf: day, Lang: "it"}); err == nil {
		t.Error("it was written into")
	}
	entries, err := os.ReadDir(parent)
	if err != nil || len(entries) != 1 {
		t.Errorf("left behind: %v (%v)", entries, err)
	}
}
