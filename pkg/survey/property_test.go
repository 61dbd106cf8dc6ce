package survey_test

import (
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// Whatever is consistent is accepted.
func TestConsistentSheetsHaveNoHardFindings(t *testing.T) {
	q := questionnaire(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawSheet(t)
		for _, f := range q.Sheet(c.track).Evaluate(survey.Input{Answers: c.a, Institution: school, Lang: "it", Submit: true}).Findings {
			if f.Severity == survey.Hard {
				t.Fatalf("%s %s %v %s", c.track, f.Check, f.Variables, f.Message)
			}
		}
	})
}

// identityRows are the rows whose cells I4 adds up: the books of a year and
// sex cannot balance when one of them alone changes.
var identityRows = []string{"enrolled_start", "arrivals", "transfers_out", "other_valid_exits", "formal_withdrawals",
	"never_attended", "informal_interruption", "absence_limit_exceeded", "year_abroad", "admitted_june", "suspended_judgement", "not_admitted_june"}

// identityTotals are the cells that I7 to I10 add up over the whole sheet.
var identityTotals = []string{"dropouts_under16_m", "dropouts_16_17_f", "dropouts_18plus_m", "reason_school_failure", "reason_family", "reason_unknown",
	"dest_same_track", "dest_other_track", "dest_non_paritaria", "dest_abroad", "dest_other"}

// One wrong cell is always noticed, and the finding points to it.
func TestOneWrongCellIsNoticed(t *testing.T) {
	q := questionnaire(t)
	rapid.Check(t, func(t *rapid.T) {
		c := drawSheet(t)
		id := cell(rapid.SampledFrom(identityRows).Draw(t, "row"), rapid.SampledFrom(c.open).Draw(t, "year"), rapid.SampledFrom([]string{"m", "f"}).Draw(t, "sex"))
		if rapid.Bool().Draw(t, "a total") {
			id = rapid.SampledFrom(identityTotals).Draw(t, "of the sheet")
		}
		was, _ := c.a[id].(int) // reasons may be blank where nobody has dropped out
		k := rapid.IntRange(1, 50).Draw(t, "by")
		if was >= k && rapid.Bool().Draw(t, "less") {
			k = -k
		}
		c.a[id] = was + k
		for _, f := range q.Sheet(c.track).Evaluate(survey.Input{Answers: c.a, Institution: school, Submit: true}).Findings {
			if f.Severity == survey.Hard && slices.Contains(f.Variables, id) {
				return
			}
		}
		t.Fatalf("%s: %s from %d to %d goes unnoticed", c.track, id, was, was+k)
	})
}

// oddValues are what a file or another program may bring.
var oddValues = []string{`0`, `1`, `-1`, `9999`, `10000`, `1.5`, `1e3`, `1e999`, `12345678901234567890`, `true`, `false`, `null`, `""`, `" "`, `"x"`, `"no\nline"`,
	`"MIIS08900V"`, `"paritaria"`, `"liceale"`, `[]`, `["liceale"]`, `["nessuna"]`, `["nessuna","mentoring"]`, `["iefp","iefp"]`, `[1]`, `[[]]`, `{}`, `{"a":[1.0]}`, `20.25`, `0.1`, `"2023-09-02"`, `"2023-02-30"`, `"it"`, `"Ufficio"`}

// everySheet is each part of the survey, and one whose cells are typed.
func everySheet(t testing.TB) []*survey.Sheet {
	out := []*survey.Sheet{typedSheet(t)}
	q := questionnaire(t)
	for _, part := range q.AllParts() {
		out = append(out, q.Sheet(part))
	}
	return out
}

// drawAnswers draws a sheet and takes its base with a few answers replaced or
// removed.
func drawAnswers(t *rapid.T, sheets []*survey.Sheet) (*survey.Sheet, survey.Answers) {
	s := rapid.SampledFrom(sheets).Draw(t, "sheet")
	var answers survey.Answers
	if s.Questionnaire().ID == "typed" {
		if err := json.Unmarshal([]byte(typedAnswers), &answers); err != nil {
			t.Fatal(err)
		}
	} else {
		answers = base(s.Part)
	}
	ids := make([]string, 0, 300)
	for _, v := range s.Variables() {
		ids = append(ids, v.ID)
	}
	for range rapid.IntRange(0, 12).Draw(t, "changes") {
		id := rapid.SampledFrom(ids).Draw(t, "id")
		if rapid.IntRange(0, 3).Draw(t, "remove") == 0 {
			delete(answers, id)
			continue
		}
		raw := `{"x":` + rapid.SampledFrom(oddValues).Draw(t, "value") + `}`
		var one survey.Answers
		if err := json.Unmarshal([]byte(raw), &one); err != nil {
			t.Fatal(err)
		}
		answers[id] = one["x"]
	}
	return s, answers
}

func TestEvaluationIsDeterministic(t *testing.T) {
	sheets := everySheet(t)
	rapid.Check(t, func(t *rapid.T) {
		s, answers := drawAnswers(t, sheets)
		in := survey.Input{Answers: answers, Institution: school, Lang: "it", Submit: rapid.Bool().Draw(t, "submit")}
		before := answers.Clone()
		first := s.Evaluate(in).Findings
		for range 3 {
			if again := s.Evaluate(in).Findings; !reflect.DeepEqual(first, again) {
				t.Fatalf("%v\nthen %v", first, again)
			}
		}
		if !reflect.DeepEqual(before, answers) {
			t.Fatal("the answers have changed")
		}
	})
}

// Answers read, written and read again are the same, and so are their bytes.
func TestAnswersJSONIsStable(t *testing.T) {
	sheets := everySheet(t)
	rapid.Check(t, func(t *rapid.T) {
		_, answers := drawAnswers(t, sheets)
		first, err := json.Marshal(answers)
		if err != nil {
			t.Fatal(err)
		}
		var again survey.Answers
		if err := json.Unmarshal(first, &again); err != nil {
			t.Fatal(err)
		}
		second, err := json.Marshal(again)
		if err != nil || string(first) != string(second) {
			t.Fatalf("%v\n%s\n%s", err, first, second)
		}
		for id, v := range answers {
			if !survey.Equal(v, again[id]) {
				t.Fatalf("%s was %#v and is %#v", id, v, again[id])
			}
		}
	})
}

// What the device shows as hard is what the server says of what is sent. Left
// out is what never travels (unknown ids, computed cells) and the declaration,
// which is asked at submission only.
func TestSendableIsJudgedAlike(t *testing.T) {
	sheets := everySheet(t)
	hard := func(ev *survey.Evaluation) []string {
		var out []string
		for _, f := range ev.Findings {
			if f.Severity == survey.Hard && f.Check != survey.CheckComputed && !slices.Contains(f.Variables, "declaration") {
				out = append(out, f.Check+" "+strings.Join(f.Variables, " "))
			}
		}
		slices.Sort(out)
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		s, answers := drawAnswers(t, sheets)
		unavailable := map[string]string{}
		for _, v := range s.Variables() {
			if answers[v.ID] == nil && v.Tier == survey.TierExt && !v.Computed {
				delete(answers, v.ID)
				unavailable[v.ID] = "other"
			}
		}
		draft := s.Evaluate(survey.Input{Answers: answers, Unavailable: unavailable, Institution: school, Lang: "it"})
		sent := s.Evaluate(survey.Input{Answers: draft.Sendable(), Unavailable: draft.SendableUnavailable(), Institution: school, Lang: "it", Submit: true})
		if here, there := hard(draft), hard(sent); !slices.Equal(here, there) {
			t.Fatalf("%s\ndraft: %q\nsent:  %q", s.Part, here, there)
		}
	})
}
