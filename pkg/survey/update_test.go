package survey_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// TestUpdateAgreesWithEvaluate: after any sequence of edits, evaluating only
// what depends on them says what evaluating everything says.
func TestUpdateAgreesWithEvaluate(t *testing.T) {
	sheets := everySheet(t)
	rapid.Check(t, func(t *rapid.T) {
		sheet, answers := drawAnswers(t, sheets)
		vars := sheet.Variables()
		in := survey.Input{Answers: answers, Unavailable: map[string]string{}, Institution: school, Lang: "it",
			Submit: rapid.Bool().Draw(t, "submit"),
			Explanations: map[string]survey.Explanation{
				"S15": {Reason: "other", Text: "Classe articolata con un altro percorso."},
				"S04": {Reason: "other", Text: "Controllato nel registro.", Values: map[string]any{"enrolled_start_y1_m": 1}},
			}}
		ev := sheet.Evaluate(in)
		for range rapid.IntRange(1, 8).Draw(t, "edits") {
			var ids []string
			for range rapid.IntRange(1, 4).Draw(t, "at once") {
				v := vars[rapid.IntRange(0, len(vars)-1).Draw(t, "variable")]
				ids = append(ids, v.ID)
				delete(in.Unavailable, v.ID)
				switch rapid.IntRange(0, 5).Draw(t, "what") {
				case 0:
					delete(in.Answers, v.ID)
				case 1:
					in.Answers[v.ID] = "x"
				case 2:
					in.Answers[v.ID] = 0
				case 3:
					delete(in.Answers, v.ID)
					in.Unavailable[v.ID] = "other"
				case 4:
					in.Answers[v.ID] = rapid.SampledFrom([]any{true, false, json.Number("7.5"), "2023-09-02", "it"}).Draw(t, "typed")
				default:
					in.Answers[v.ID] = rapid.IntRange(0, 60).Draw(t, "number")
				}
			}
			ev.Update(in.Answers, in.Unavailable, ids...)
			whole := sheet.Evaluate(in)
			if diff := cmp.Diff(whole.Findings, ev.Findings); diff != "" {
				t.Fatalf("after %v (-whole +update):\n%s", ids, diff)
			}
			for _, v := range vars {
				a, known := whole.Int(v.ID)
				b, knownToo := ev.Int(v.ID)
				if whole.Status(v.ID) != ev.Status(v.ID) || a != b || known != knownToo {
					t.Fatalf("%s: %v %d, updated %v %d", v.ID, whole.Status(v.ID), a, ev.Status(v.ID), b)
				}
			}
		}
	})
}

// BenchmarkUpdate is one edit of the cell of the largest sheet that most depends on.
func BenchmarkUpdate(b *testing.B) {
	s := questionnaire(b).Sheet("tecnico")
	in := survey.Input{Answers: baseSheet("tecnico"), Institution: school, Lang: "it"}
	ev := s.Evaluate(in)
	cell := s.Busiest()
	was := in.Answers[cell].(int)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		in.Answers[cell] = was + i%2
		ev.Update(in.Answers, nil, cell)
	}
}

const measured = `
format: 1
id: measured
school_year: "2023/24"
languages: [it]
title: Misure
checks: {integer: N, required: R, exclusive: X}
numbers: {min: 0, max: 100}
reasons: {other: Altro}
unavailable: {other: Altro}
parts:
  - id: general
    title: Tutto
    sections:
      - id: one
        title: Una
        items:
          - {question: share, type: decimal, decimals: 2, label: Quota, example: "12,5", who: Segreteria}
          - {question: day, type: date, label: Giorno}
          - {question: late, type: date, label: Fine, relevant: share > 50.5}
    rules:
      - {id: D1, severity: hard, assert: day <= late, message: "Il giorno {left} viene dopo {right}."}
      - {id: D2, severity: note, assert: share <= 99.5, message: "Quota {left}."}
`

func TestDecimalsAndDates(t *testing.T) {
	q, err := survey.Load([]byte(measured))
	if err != nil {
		t.Fatal(err)
	}
	s := q.Sheet("general")
	if v := s.Variable("share"); v.Example.In("it") != "12,5" || v.Who.In("it") != "Segreteria" {
		t.Errorf("example %q, who %q", v.Example.In("it"), v.Who.In("it"))
	}
	for _, c := range []struct {
		answers string
		want    []string
	}{
		{`{"share": 12.5, "day": "2023-12-20"}`, nil},
		{`{"share": 12, "day": "2023-12-20"}`, nil},
		{`{"share": 12.505, "day": "2023-12-20"}`, []string{"wrong_type"}}, // three places
		{`{"share": 100.01, "day": "2023-12-20"}`, []string{"wrong_type"}}, // over 100
		{`{"share": 1e1, "day": "2023-12-20"}`, []string{"wrong_type"}},
		{`{"share": "12.5", "day": "2023-12-20"}`, []string{"wrong_type"}},
		{`{"share": 12.5, "day": "20/12/2023"}`, []string{"wrong_type"}},
		{`{"share": 12.5, "day": "2023-02-29"}`, []string{"wrong_type"}},
		{`{"share": 50.6, "day": "2023-12-20"}`, []string{"R"}}, // late is asked
		{`{"share": 50.5, "day": "2023-12-20"}`, nil},           // not yet
		{`{"share": 60, "day": "2023-12-20", "late": "2023-12-21"}`, nil},
		{`{"share": 60, "day": "2023-12-20", "late": "2023-12-19"}`, []string{"D1"}},
		{`{"share": 99.51, "day": "2023-12-20", "late": "2023-12-21"}`, []string{"D2"}},
	} {
		var a survey.Answers
		if err := json.Unmarshal([]byte(c.answers), &a); err != nil {
			t.Fatal(err)
		}
		if got := checksOf(s.Evaluate(survey.Input{Answers: a, Lang: "it", Submit: true}).Findings); !cmp.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.answers, got, c.want)
		}
		again, err := json.Marshal(a)
		var b survey.Answers
		if err != nil || json.Unmarshal(again, &b) != nil || !cmp.Equal(a, b) {
			t.Errorf("%s comes back as %s", c.answers, again)
		}
	}
	for text, want := range map[string]any{"12,5": json.Number("12.5"), "12.50": json.Number("12.50"), "007,5": json.Number("7.5"), "-0,5": json.Number("-0.5"), "12": 12,
		"": nil, ",5": nil, "1,2,3": nil, "1e3": nil, "dodici": nil, "5,": nil} {
		if got, _ := survey.ParseDecimal(text); got != want {
			t.Errorf("%q is %v, want %v", text, got, want)
		}
	}
}
