package review_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"rileva/internal/review"
	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	surveysync "rileva/pkg/sync"
)

var at = time.Date(2023, 12, 21, 8, 0, 0, 0, time.UTC)

// schools is a source in memory.
type schools []store.Snapshot

func (s schools) Questionnaire(context.Context, string) ([]byte, error) {
	return questionnaires.Dispersione202223, nil
}

func (s schools) Snapshots(_ context.Context, _ time.Time, after string, limit int) ([]store.Snapshot, error) {
	var page []store.Snapshot
	for _, snap := range s {
		if snap.Institution.ID > after && len(page) < limit {
			page = append(page, snap)
		}
	}
	return page, nil
}

// school is one with the parts given, each as it was submitted.
func school(t *testing.T, n int, kind string, state string, parts map[string]surveysync.Submission) store.Snapshot {
	t.Helper()
	var snap store.Snapshot
	snap.Institution.ID = fmt.Sprintf("%03d", n)
	snap.Institution.Code = fmt.Sprintf("MITF%06d", n)
	snap.Institution.Name, snap.Institution.Kind = fmt.Sprintf("Istituto %d", n), kind
	snap.Institution.Codes = []string{snap.Institution.Code, fmt.Sprintf("MIPS%06d", n)}
	snap.Bodies = map[string][]byte{}
	for part, sub := range parts {
		sub.SubmissionID, sub.Institution, sub.Survey = "00000000-0000-4000-8000-000000000000", snap.Institution.Code, "any"
		sub.Part, sub.Questionnaire, sub.CompletedAt = part, "any", at
		raw, err := json.Marshal(sub)
		if err != nil {
			t.Fatal(err)
		}
		snap.Bodies[part] = raw
		snap.Parts = append(snap.Parts, store.Part{Part: part, State: state, Current: store.Submission{Part: part, Revision: 1, Questionnaire: "any"}})
	}
	return snap
}

// judged are the answers of a sheet on which so many of 100 pupils were not
// admitted, two in each cell of ten short of it.
func judged(notAdmitted int) survey.Answers {
	a := survey.Answers{}
	for i := range 10 {
		year, sex := i/2+1, []string{"m", "f"}[i%2]
		cell := func(row string, n int) { a[fmt.Sprintf("%s_y%d_%s", row, year, sex)] = n }
		here := notAdmitted / 10
		if i < notAdmitted%10 {
			here++
		}
		cell("not_admitted_june", here)
		cell("suspended_judgement", 0)
		cell("admitted_june", 10-here)
	}
	return a
}

func tecnico(n int) map[string]surveysync.Submission {
	return map[string]surveysync.Submission{"tecnico": {Answers: judged(n)}}
}

// Of ten state schools one fails 40 of 100. The others lie at 8 to 12: median
// 10, median absolute deviation 1, so its score is (40 - 10) x 0.6745 / 1. The
// only paritaria has too few of its kind and is held beside all.
func TestPeers(t *testing.T) {
	src := schools{}
	for i, n := range []int{8, 9, 10, 10, 10, 11, 12, 9, 11, 40} {
		src = append(src, school(t, i+1, survey.KindState, survey.PartSubmitted, tecnico(n)))
	}
	src = append(src, school(t, 11, survey.KindParitaria, survey.PartApproved, tecnico(20)),
		school(t, 12, survey.KindState, survey.PartReturned, tecnico(90)), school(t, 13, survey.KindState, survey.PartWithdrawn, tecnico(90)))
	found, err := review.Find(t.Context(), src, review.Options{At: at})
	if err != nil {
		t.Fatal(err)
	}
	if found.Institutions != 11 || found.Sheets != 11 {
		t.Errorf("%d institutions, %d sheets: what was sent back or withdrawn does not count", found.Institutions, found.Sheets)
	}
	type row struct {
		Code, Rate, Among    string
		Number, Total, Peers int
		Value, Median, Score float64
	}
	var got []row
	for _, a := range found.Peers {
		got = append(got, row{a.Code, a.Rate, a.Among, a.Number, a.Total, a.Peers, a.Value, a.Median, math.Round(a.Score*1000) / 1000})
	}
	// Among all eleven the median is 10 too; deviations 0 0 0 1 1 1 1 2 2 10 30.
	want := []row{
		{"MITF000010", "not_admitted_june/scrutinised", survey.KindState, 40, 100, 10, 40, 10, 20.235},
		{"MITF000011", "not_admitted_june/scrutinised", "", 20, 100, 11, 20, 10, 6.745},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// Where all are alike the mean deviation stands in; a distance of two pupils is
// never told.
func TestPeersThatAreAlike(t *testing.T) {
	src := schools{}
	for i := range 20 {
		src = append(src, school(t, i+1, survey.KindState, survey.PartSubmitted, tecnico(10)))
	}
	for last, want := range map[int]int{10: 0, 12: 0, 13: 1} {
		src[19] = school(t, 20, survey.KindState, survey.PartSubmitted, tecnico(last))
		found, err := review.Find(t.Context(), src, review.Options{At: at})
		if err != nil {
			t.Fatal(err)
		}
		if len(found.Peers) != want {
			t.Errorf("%d of 100: %d told, want %d", last, len(found.Peers), want)
		}
	}
}

func TestTooFewPeers(t *testing.T) {
	src := schools{}
	for i, n := range []int{10, 10, 11, 9, 10, 11, 60} {
		src = append(src, school(t, i+1, survey.KindState, survey.PartSubmitted, tecnico(n)))
	}
	if found, err := review.Find(t.Context(), src, review.Options{At: at}); err != nil || len(found.Peers) != 0 {
		t.Errorf("seven sheets are no measure: %+v, %v", found.Peers, err)
	}
}

func general(pupils int) map[string]surveysync.Submission {
	return map[string]surveysync.Submission{"general": {Answers: survey.Answers{"students_total_start": pupils}}}
}

// The ministry hides up to three pupils of a code: what may be is no distance.
func TestEnrolment(t *testing.T) {
	file := "ANNOSCOLASTICO,CODICESCUOLA,STATALE_PARITARIA,ALUNNI\n" +
		"202223,MITF000001,STATALE,500\n202223,MIPS000001,STATALE,<=3\n202122,MITF000001,STATALE,9999\n" +
		"202223,MITF000002,STATALE,500\n202223,MITF000003,STATALE,50\n202223,MITF000005,STATALE,100\n202223,MITF000005,STATALE,20\n"
	e, err := review.ReadEnrolment([]byte(file), "202223")
	if err != nil {
		t.Fatal(err)
	}
	src := schools{
		school(t, 1, survey.KindState, survey.PartSubmitted, general(503)), // within the bounds
		school(t, 2, survey.KindState, survey.PartSubmitted, general(440)), // 60 of 500 too few
		school(t, 3, survey.KindState, survey.PartSubmitted, general(59)),  // 18 %, but nine pupils
		school(t, 4, survey.KindState, survey.PartSubmitted, general(100)), // not in the file
		school(t, 5, survey.KindState, survey.PartSubmitted, general(180)), // 60 of 120 too many
	}
	found, err := review.Find(t.Context(), src, review.Options{At: at, Enrolment: e, Total: "students_total_start"})
	if err != nil {
		t.Fatal(err)
	}
	want := &review.Counted{Year: "202223", Compared: 4, Declared: 503 + 440 + 59 + 180, Low: 500 + 500 + 50 + 120, Top: 503 + 500 + 50 + 120,
		Unknown: []string{"MITF000004"}, Apart: []review.CountRow{
			{Code: "MITF000005", Name: "Istituto 5", Declared: 180, Low: 120, Top: 120, Share: 50},
			{Code: "MITF000002", Name: "Istituto 2", Declared: 440, Low: 500, Top: 500, Share: -12},
		}}
	if diff := cmp.Diff(want, found.Enrolment); diff != "" {
		t.Error(diff)
	}
}

func TestEnrolmentRefused(t *testing.T) {
	head := "ANNOSCOLASTICO,CODICESCUOLA,ALUNNI\n"
	for _, c := range []struct {
		file, code string
		line       int
	}{
		{"", "enrolment_empty", 0},
		{"ANNOSCOLASTICO,ALUNNI\n", "enrolment_column", 1},
		{head + "202223,MITF000001,12\n202223,MITF000002\n", "enrolment_row", 3},
		{head + "202223,MITF000001,molti\n", "enrolment_number", 2},
		{head + "202223,MITF000001,-4\n", "enrolment_number", 2},
		{head + "202122,MITF000001,12\n", "enrolment_year", 0},
		{head + "202223,\"MITF000001,12\n", "enrolment_row", 2},
	} {
		_, err := review.ReadEnrolment([]byte(c.file), "202223")
		var refused *review.Refused
		if !errors.As(err, &refused) || refused.Code != c.code || refused.Line != c.line {
			t.Errorf("%q: %v, want %s in line %d", c.file, err, c.code, c.line)
		}
	}
}

// Everybody's rate has doubled from 5 to 10, with one or two more or less; one
// has gone from 5 to 5, another came out of two schools that were merged.
func TestBefore(t *testing.T) {
	src := schools{}
	for i, n := range []int{9, 10, 11, 10, 9, 10, 11, 10, 30, 10} {
		src = append(src, school(t, i+1, survey.KindState, survey.PartSubmitted, tecnico(n)))
	}
	dir := t.TempDir()
	write := func(name, text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("manifest.json", `{"format": 1, "school_year": "2021/22"}`)
	institutions, general, tracks := "institution_id,code,codes\n", "institution_id,code\n", "institution_id,code,track"
	cells := []string{}
	for id := range judged(5) {
		cells = append(cells, id)
		tracks += "," + id
	}
	tracks += "\n"
	for i := range 11 {
		code, codes := fmt.Sprintf("MITF%06d", i+1), fmt.Sprintf(`"[""MITF%06d""]"`, i+1)
		if i == 10 { // a school that has gone into the tenth
			code, codes = "MIXX000000", `"[""MIXX000000"",""MIPS000010""]"`
		}
		institutions += fmt.Sprintf("%d,%s,%s\n", i, code, codes)
		tracks += fmt.Sprintf("%d,%s,tecnico", i, code)
		answers := judged(5)
		if i == 9 {
			answers = judged(9)
		}
		for _, id := range cells {
			tracks += fmt.Sprintf(",%d", answers[id])
		}
		tracks += "\n"
	}
	write("institutions.csv", institutions)
	write("general.csv", general)
	write("tracks.csv", tracks)

	before, err := review.OpenBefore(dir)
	if err != nil {
		t.Fatal(err)
	}
	found, err := review.Find(t.Context(), src, review.Options{At: at, Before: before})
	if err != nil {
		t.Fatal(err)
	}
	// Changes: 4 5 6 5 4 5 6 5 25 and, for the tenth, 10 - (9+5)/200 = 3.
	// Median 5; deviations 0 0 0 0 1 1 1 1 2 20: median 1.
	if found.Before.SchoolYear != "2021/22" || found.Before.Compared != 10 || len(found.Before.Apart) != 1 {
		t.Fatalf("%+v", found.Before)
	}
	row := found.Before.Apart[0]
	if row.Code != "MITF000009" || row.Was != 5 || row.Is != 30 || row.Usual != 5 || math.Abs(row.Score-20*0.6745) > 1e-9 {
		t.Errorf("%+v", row)
	}
	if _, err := review.OpenBefore(t.TempDir()); err == nil {
		t.Error("an empty folder is no export")
	}
}

func TestExplanations(t *testing.T) {
	explained := func(checks ...string) map[string]surveysync.Submission {
		sub := surveysync.Submission{Answers: judged(10), Explanations: map[string]survey.Explanation{}}
		for _, c := range checks {
			sub.Explanations[c] = survey.Explanation{Reason: "small_numbers", Text: "Controllato sul registro.", Values: map[string]any{"classes_y1": 3}}
		}
		return map[string]surveysync.Submission{"tecnico": sub}
	}
	src := schools{
		school(t, 1, survey.KindState, survey.PartSubmitted, explained("S01", "S04")),
		school(t, 2, survey.KindState, survey.PartSubmitted, explained("S04")),
		school(t, 3, survey.KindState, survey.PartSubmitted, explained()),
		school(t, 4, survey.KindState, survey.PartSubmitted, general(10)), // is not asked S04
		school(t, 5, survey.KindState, survey.PartReturned, explained("S04")),
	}
	found, err := review.Explanations(t.Context(), src, at, "S01", "it")
	if err != nil {
		t.Fatal(err)
	}
	type row struct {
		Check             string
		Sheets, Explained int
		Share             float64
		Reason            string
		Count             int
	}
	var got []row
	for _, c := range found.Checks {
		got = append(got, row{c.Check, c.Sheets, c.Explained, math.Round(c.Share), c.Reasons[0].Code, c.Reasons[0].Count})
	}
	want := []row{{"S04", 3, 2, 67, "small_numbers", 2}, {"S01", 3, 1, 33, "small_numbers", 1}}
	if diff := cmp.Diff(want, got); diff != "" || found.Sheets != 4 {
		t.Errorf("%d sheets %s", found.Sheets, diff)
	}
	if len(found.Each) != 1 || found.Each[0].Code != "MITF000001" || found.Each[0].Text != "Controllato sul registro." || found.Each[0].Reason.Label.In("it") == "" {
		t.Errorf("%+v", found.Each)
	}
}
