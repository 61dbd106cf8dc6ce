package survey_test

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"testing"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// FuzzLoad: a questionnaire is refused with a place, or it works.
func FuzzLoad(f *testing.F) {
	for _, file := range []string{surveyFile, "testdata/mini.yaml"} {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	for _, c := range brokenFiles {
		if len(c.file) < 10_000 {
			f.Add([]byte(c.file))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		q, err := survey.Load(raw)
		if err != nil {
			var faults survey.Faults
			ok := errors.As(err, &faults)
			if !ok || len(faults) == 0 || faults[0].Message == "" {
				t.Fatalf("%T %v", err, err)
			}
			return
		}
		evs := map[string]*survey.Evaluation{}
		for _, part := range q.AllParts() {
			s := q.Sheet(part)
			evs[part] = s.Evaluate(survey.Input{Answers: s.Begin(school), Institution: school})
		}
		q.Across(evs, nil, "it")
	})
}

// FuzzAnswers: whatever arrives is judged alike twice and brings nothing down.
func FuzzAnswers(f *testing.F) {
	for i, part := range append([]string{survey.GeneralPart}, samples.Tracks()...) {
		f.Add(uint8(i), samples.JSON(part))
	}
	for _, v := range oddValues {
		f.Add(uint8(0), []byte(`{"tracks_offered":`+v+`,"institution_code":`+v+`}`))
		f.Add(uint8(2), []byte(`{"enrolled_start_y1_m":`+v+`,"actions_taken":`+v+`}`))
	}
	sheets := slices.Concat(everySheet(f)[1:], everySheet(f)[:1]) // the corpus counts from part 1
	f.Add(uint8(len(sheets)-1), []byte(typedAnswers))
	f.Fuzz(func(t *testing.T, part uint8, raw []byte) {
		var a survey.Answers
		if json.Unmarshal(raw, &a) != nil {
			return
		}
		if _, err := json.Marshal(a); err != nil {
			t.Fatal(err)
		}
		s := sheets[int(part)%len(sheets)]
		explained := map[string]survey.Explanation{}
		for _, check := range []string{"S13", "S15", "G21"} {
			explained[check] = survey.Explanation{Reason: "other", Text: "Controllato.", Values: a}
		}
		draft := s.Evaluate(survey.Input{Answers: a, Institution: school, Explanations: explained})
		draft.Progress()
		sent := s.Evaluate(survey.Input{Answers: draft.Sendable(), Institution: school, Submit: true})
		for _, f := range sent.Findings {
			if f.Check == survey.CheckNotRelevant || f.Check == survey.CheckUnknown || f.Check == survey.CheckComputed {
				t.Fatalf("what is sent holds what never travels: %v", f.Variables)
			}
		}
	})
}
