package survey_test

import (
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

var typedBlocks = regexp.MustCompile("(?s)<!-- typed cells -->\n```yaml\n(.*?)```\n```yaml\n(.*?)```")

// typedSurvey is the example of docs/questionnaire.md as a whole survey.
func typedSurvey(t testing.TB) string {
	t.Helper()
	blocks := typedBlocks.FindStringSubmatch(readDocument(t))
	if blocks == nil {
		t.Fatal("the document has no example of typed cells")
	}
	indent := func(text, by string) string {
		return by + strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n"+by) + "\n"
	}
	return `format: 1
id: typed
languages: [it]
title: "T"
checks: {integer: N1, required: R1, exclusive: X1}
reasons: {other: "Altro"}
unavailable: {other: "Altro"}
parts:
  - id: general
    title: "G"
    sections:
      - id: s
        title: "S"
        items:
` + indent(blocks[1], "          ") + "    rules:\n" + indent(blocks[2], "      ")
}

const typedAnswers = `{"labs_count_ground": 2, "labs_count_first": 1, "labs_head_ground": "Rossi e C.", "labs_hours_ground": 20.5, "labs_hours_first": 8,
	"labs_checked_ground": "2023-09-01", "labs_checked_first": "2023-10-01", "labs_open_ground": true, "labs_open_first": false,
	"labs_kind_ground": "it", "labs_kind_first": "science"}`

func typedSheet(t testing.TB) *survey.Sheet {
	t.Helper()
	r := survey.Lint([]byte(typedSurvey(t)))
	if r.Questionnaire == nil || len(r.Faults) > 0 {
		t.Fatal(r.Faults)
	}
	return r.Questionnaire.Sheet("general")
}

// TestTypedCells: each cell takes what its row says, is asked for when it is
// blank, and is read by rules with its own type.
func TestTypedCells(t *testing.T) {
	s := typedSheet(t)
	for _, c := range []struct {
		name, id string
		value    any // nil: blank
		want     []string
	}{
		{"all is well", "labs_count_ground", 2, nil},
		{"a text of the tier ext may be blank", "labs_head_ground", nil, nil},
		{"a text too long", "labs_head_ground", strings.Repeat("x", 41), []string{"wrong_type labs_head_ground"}},
		{"a number for a text", "labs_head_first", 7, []string{"wrong_type labs_head_first"}},
		{"two decimals", "labs_hours_ground", json.Number("20.25"), []string{"wrong_type labs_hours_ground"}},
		{"no date", "labs_checked_first", "2023-02-30", []string{"wrong_type labs_checked_first"}},
		{"a text for yes or no", "labs_open_first", "no", []string{"wrong_type labs_open_first"}},
		{"no such option", "labs_kind_first", "art", []string{"wrong_type labs_kind_first"}},
		{"a blank date", "labs_checked_ground", nil, []string{"R1 labs_checked_ground"}},
		{"the rule's number fires", "labs_count_ground", 0, []string{"L1 labs_count_ground"}},
		{"at the limit the decimal passes", "labs_hours_ground", 50, nil},
		{"the rule's decimal fires", "labs_hours_ground", json.Number("50.1"), []string{"L1 labs_count_ground"}},
		{"the rule's choice fires", "labs_kind_ground", "science", []string{"L1 labs_count_ground"}},
		{"opened, the other floor is judged", "labs_open_first", true, []string{"L1 labs_count_first"}},
		{"the rule waits for a blank one", "labs_hours_ground", nil, []string{"R1 labs_hours_ground"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			var answers survey.Answers
			if err := json.Unmarshal([]byte(typedAnswers), &answers); err != nil {
				t.Fatal(err)
			}
			before := s.Evaluate(survey.Input{Answers: answers.Clone(), Lang: "it"})
			if c.value == nil {
				delete(answers, c.id)
			} else {
				answers[c.id] = c.value
			}
			full := s.Evaluate(survey.Input{Answers: answers, Lang: "it"})
			var got []string
			for _, f := range full.Findings {
				got = append(got, f.Check+" "+f.Variables[0])
			}
			if !reflect.DeepEqual(got, c.want) {
				t.Errorf("%v, want %v", got, c.want)
			}
			before.Update(answers, nil, c.id)
			if !reflect.DeepEqual(before.Findings, full.Findings) {
				t.Errorf("after one edit %v, in full %v", before.Findings, full.Findings)
			}
		})
	}
}

// TestTypedCellsClose: closed cells count as 0, no or blank; one that holds
// anything else asks for an explanation.
func TestTypedCellsClose(t *testing.T) {
	text := strings.Replace(typedSurvey(t), "            rows:\n              - {id: labs_count, label: \"Laboratori\"}\n",
		"            closed: {each: [floor], when: rooms == 0, check: S1, message: \"{floor}\"}\n            rows:\n              - {id: labs_count, label: \"Laboratori\"}\n", 1)
	text = strings.Replace(text, "        items:\n", "        items:\n          - {question: rooms, type: integer, label: \"Stanze\"}\n", 1)
	q, err := survey.LoadNew([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	for value, fires := range map[string]bool{`{"rooms": 0}`: false, `{"rooms": 0, "labs_open_first": false, "labs_hours_first": 0}`: false,
		`{"rooms": 0, "labs_head_first": "Verdi"}`: true, `{"rooms": 0, "labs_open_first": true}`: true, `{"rooms": 0, "labs_hours_first": 0.5}`: true} {
		var answers survey.Answers
		if err := json.Unmarshal([]byte(value), &answers); err != nil {
			t.Fatal(err)
		}
		got := q.Sheet("general").Evaluate(survey.Input{Answers: answers, Lang: "it"}).Findings
		if s1 := len(got) > 0 && got[0].Check == "S1"; s1 != fires {
			t.Errorf("%s: %v", value, got)
		}
	}
}

// TestTypedCellsOfAnotherVersion: a row is a series; another type under the
// same id is told.
func TestTypedCellsOfAnotherVersion(t *testing.T) {
	old := typedSurvey(t)
	changed := strings.Replace(old, "type: text, max_length: 40, ", "type: date, ", 1)
	older, err := survey.Load([]byte(old))
	if err != nil {
		t.Fatal(err)
	}
	faults := survey.Lint([]byte(changed)).Against(older)
	found := false
	for _, f := range faults {
		found = found || f.Code == "changed_type"
	}
	if !found {
		t.Error(faults)
	}
}

// TestShortLabels: with a short form for the screen a long label is no longer
// remarked upon; a short form that is too long is.
func TestShortLabels(t *testing.T) {
	const short = "              short: \"Tipo prevalente\"\n"
	text := typedSurvey(t)
	if !strings.Contains(text, short) {
		t.Fatal("the example has no short label")
	}
	for change, want := range map[string]int{short: 0, "": 1, "              short: \"" + strings.Repeat("x", 61) + "\"\n": 1} {
		r := survey.Lint([]byte(strings.Replace(text, short, change, 1)))
		if len(r.Faults) != want {
			t.Errorf("%q: %v", change, r.Faults)
		}
	}
}
