package survey_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// What happens to a typed cell after it is written: between versions, beside
// another computer's, on its way, and in sums.

func readAnswers(t testing.TB, text string) survey.Answers {
	t.Helper()
	var out survey.Answers
	if err := json.Unmarshal([]byte(text), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// TestTypedCellsAreCarried: each change of a row, and what it does to its cells.
func TestTypedCellsAreCarried(t *testing.T) {
	old := typedSheet(t)
	answers := readAnswers(t, typedAnswers)
	answers["labs_head_first"] = "Segreteria didattica" // 20 characters
	for name, c := range map[string]struct {
		from, to string
		dropped  map[string]survey.DropReason
	}{
		"nothing":         {"labs_head", "labs_head", nil},
		"a longer text":   {"max_length: 40", "max_length: 60", nil},
		"a shorter text":  {"max_length: 40", "max_length: 12", map[string]survey.DropReason{"labs_head_first": survey.DropNotAllowed}},
		"fewer decimals":  {"type: decimal, decimals: 1, max: 60", "type: integer, max: 60", map[string]survey.DropReason{"labs_hours_ground": survey.DropTypeChanged, "labs_hours_first": survey.DropTypeChanged}},
		"a smaller range": {"max: 60", "max: 20", map[string]survey.DropReason{"labs_hours_ground": survey.DropNotAllowed}},
		"a date now text": {"type: date", "type: text", map[string]survey.DropReason{"labs_checked_ground": survey.DropTypeChanged, "labs_checked_first": survey.DropTypeChanged}},
		"an option gone":  {"{id: it, label: \"Informatica\"}, ", "", map[string]survey.DropReason{"labs_kind_ground": survey.DropOptionGone}},
		"a position gone": {", {id: first, label: \"Primo piano\", short: \"1°\"}", "", map[string]survey.DropReason{
			"labs_count_first": survey.DropRemoved, "labs_head_first": survey.DropRemoved, "labs_hours_first": survey.DropRemoved,
			"labs_checked_first": survey.DropRemoved, "labs_open_first": survey.DropRemoved, "labs_kind_first": survey.DropRemoved}},
		"a count now a decimal": {"{id: labs_count, label: \"Laboratori\"}", "{id: labs_count, label: \"Laboratori\", type: decimal, decimals: 1}", nil},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(typedSurvey(t), c.from, c.to, 1)
			if !strings.Contains(typedSurvey(t), c.from) {
				t.Fatal("the example has no such text")
			}
			if c.to == "" && c.from[0] == '{' { // the rule that names the option
				text = strings.Replace(text, ` and labs_kind == "it"`, "", 1)
			}
			q, err := survey.Load([]byte(text))
			if err != nil {
				t.Fatal(err)
			}
			got := survey.Carry(old, q.Sheet("general"), survey.Content{Answers: answers, Unavailable: map[string]string{}})
			dropped := map[string]survey.DropReason{}
			for _, d := range got.Dropped {
				dropped[d.ID] = d.Reason
				if !survey.Equal(d.Value, answers[d.ID]) || !strings.Contains(d.Label.In("it"), ", ") {
					t.Errorf("%+v: not as it was, or not named by row and position", d)
				}
				if d.ID == "labs_kind_ground" && d.Shown.In("it") != "Informatica" {
					t.Errorf("the option is not shown in words: %+v", d)
				}
			}
			if !maps.Equal(dropped, c.dropped) {
				t.Errorf("dropped %v, want %v", dropped, c.dropped)
			}
			for id, v := range answers {
				if _, gone := dropped[id]; !gone && !survey.Equal(got.Answers[id], v) {
					t.Errorf("%s was %v and is %v", id, v, got.Answers[id])
				}
			}
		})
	}
	core := strings.Replace(typedSurvey(t), ", tier: ext", "", 1)
	q, err := survey.Load([]byte(core))
	if err != nil {
		t.Fatal(err)
	}
	in := survey.Content{Unavailable: map[string]string{"labs_head_ground": "other"}}
	if got := survey.Carry(old, old, in); got.Unavailable["labs_head_ground"] != "other" || len(got.Dropped) > 0 {
		t.Errorf("%+v", got)
	}
	if got := survey.Carry(old, q.Sheet("general"), in); len(got.Dropped) != 1 || got.Dropped[0].Reason != survey.DropNotAllowed || got.Dropped[0].Unavailable != "other" {
		t.Errorf("a row that is due now: %+v", got)
	}
}

// drawTyped is the example with some of its cells changed, to what may stand
// there and to what may not.
func drawTyped(t *rapid.T, base survey.Answers, label string) survey.Answers {
	out := base.Clone()
	values := map[string][]any{
		"labs_count": {0, 3}, "labs_head": {"", "Ufficio", "-"}, "labs_hours": {json.Number("7.5"), json.Number("7.50"), 8},
		"labs_checked": {"2023-09-02", "2023-02-30"}, "labs_open": {true, false}, "labs_kind": {"it", "science", "art"},
	}
	rows := slices.Sorted(maps.Keys(values))
	for range rapid.IntRange(0, 5).Draw(t, label) {
		row := rapid.SampledFrom(rows).Draw(t, "row")
		id := row + rapid.SampledFrom([]string{"_ground", "_first"}).Draw(t, "floor")
		if i := rapid.IntRange(-1, len(values[row])-1).Draw(t, "value"); i < 0 {
			delete(out, id)
		} else {
			out[id] = values[row][i]
		}
	}
	return out
}

// TestTypedCellsDiffPatchAndMerge: what leads from one set of cells to another
// leads there, and two computers' cells come together without a loss.
func TestTypedCellsDiffPatchAndMerge(t *testing.T) {
	sheet, start := typedSheet(t), readAnswers(t, typedAnswers)
	rapid.Check(t, func(t *rapid.T) {
		base := drawTyped(t, start, "base")
		mine, theirs := drawTyped(t, base, "mine"), drawTyped(t, base, "theirs")
		changes := survey.Diff(base, mine)
		if got, conflicts := survey.Patch(base, changes); len(conflicts) > 0 || !cmp.Equal(got, mine) {
			t.Fatalf("%v with %v is %v, want %v", base, changes, got, mine)
		}
		raw, err := json.Marshal(changes)
		var back []survey.Change
		if err != nil || json.Unmarshal(raw, &back) != nil || len(back) != len(changes) {
			t.Fatalf("%s: %v", raw, err)
		}
		m := sheet.Merge(survey.Content{Answers: base}, survey.Content{Answers: mine}, survey.Content{Answers: theirs})
		due := map[string]bool{}
		for _, g := range m.Groups {
			if len(g.Checks) > 0 {
				t.Fatalf("no identity binds these cells: %+v", g)
			}
			for _, id := range g.Variables {
				due[id] = true
			}
		}
		for _, v := range sheet.Variables() {
			b, a, o, got := base[v.ID], mine[v.ID], theirs[v.ID], m.Answers[v.ID]
			switch both := !survey.Equal(a, b) && !survey.Equal(o, b) && !survey.Equal(a, o); {
			case due[v.ID] != both:
				t.Fatalf("%s: %v %v %v, due %v", v.ID, b, a, o, due[v.ID])
			case both && !survey.Equal(got, a), !both && survey.Equal(a, b) && !survey.Equal(got, o), !both && !survey.Equal(a, b) && !survey.Equal(got, a):
				t.Fatalf("%s: %v %v %v became %v", v.ID, b, a, o, got)
			}
		}
	})
}

// TestTypedCellsProgress: 12 cells, of which the two of the row ext are not due;
// all ten of the others are answered in the example.
func TestTypedCellsProgress(t *testing.T) {
	s, answers := typedSheet(t), readAnswers(t, typedAnswers)
	progress := func() survey.Progress { return s.Evaluate(survey.Input{Answers: answers}).Progress() }
	if got := progress(); got != (survey.Progress{Answered: 10, Total: 10}) {
		t.Errorf("%+v", got)
	}
	delete(answers, "labs_checked_ground")
	answers["labs_open_ground"] = false // an answer, and L1 no longer asks for the hours
	delete(answers, "labs_head_ground")
	if got := progress(); got != (survey.Progress{Answered: 9, Total: 10, Hard: 1}) {
		t.Errorf("one date blank: %+v", got)
	}
	answers["labs_hours_ground"] = json.Number("70.5") // above 60
	if got := progress(); got != (survey.Progress{Answered: 9, Total: 10, Hard: 2}) {
		t.Errorf("and one decimal out of range: %+v", got)
	}
}

// TestTypedCellsTravel: what a submission holds of them is what was written, to
// the byte, and is read on the other side as it was meant.
func TestTypedCellsTravel(t *testing.T) {
	s, answers := typedSheet(t), readAnswers(t, typedAnswers)
	answers["labs_hours_first"] = json.Number("8.0")
	answers["labs_head_first"] = " "
	sent, err := json.Marshal(s.Evaluate(survey.Input{Answers: answers}).Sendable())
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"labs_checked_first":"2023-10-01","labs_checked_ground":"2023-09-01","labs_count_first":1,"labs_count_ground":2,` +
		`"labs_head_ground":"Rossi e C.","labs_hours_first":8.0,"labs_hours_ground":20.5,"labs_kind_first":"science","labs_kind_ground":"it",` +
		`"labs_open_first":false,"labs_open_ground":true}` // a blank text is no answer
	if string(sent) != want {
		t.Errorf("%s\nwant\n%s", sent, want)
	}
	there := s.Evaluate(survey.Input{Answers: readAnswers(t, string(sent)), Submit: true})
	if len(there.Findings) > 0 {
		t.Errorf("%+v", there.Findings)
	}
}

// sumOf is the example with a question and a rule about its decimals.
func sumOf(t *testing.T, rule string) (*survey.Sheet, survey.Faults) {
	t.Helper()
	text := strings.Replace(typedSurvey(t), "        items:\n", "        items:\n          - {question: hours, type: decimal, decimals: 2, tier: ext, label: \"Ore in tutto\"}\n", 1)
	text += "      - {id: SUM, severity: hard, message: \"{left} e {right}\", " + rule + "}\n"
	r := survey.Lint([]byte(text))
	if r.Questionnaire == nil {
		return nil, r.Faults
	}
	return r.Questionnaire.Sheet("general"), r.Faults
}

// TestDecimalTotals: a row of decimals stands for its sum, as one of counts
// does, and 0.1 and 0.2 are 0.3.
func TestDecimalTotals(t *testing.T) {
	for _, c := range []struct {
		name, rule    string
		ground, first any
		hours         any
		fires         bool
	}{
		{"0,1 + 0,2 = 0,3", "assert: labs_hours == hours", json.Number("0.1"), json.Number("0.2"), json.Number("0.3"), false},
		{"0,1 + 0,2 is not 0,31", "assert: labs_hours == hours", json.Number("0.1"), json.Number("0.2"), json.Number("0.31"), true},
		{"whole numbers among them", "assert: labs_hours == hours", 8, json.Number("0.5"), json.Number("8.5"), false},
		{"one position alone", "assert: labs_hours.ground == hours", json.Number("0.1"), json.Number("0.2"), json.Number("0.1"), false},
		{"each its own", "each: [floor], assert: labs_hours <= hours", json.Number("0.1"), json.Number("0.2"), json.Number("0.15"), true},
		{"the rule waits for a blank one", "assert: labs_hours == hours", json.Number("0.1"), nil, json.Number("0.3"), false},
		{"never: it counts as 0", "missing: never, assert: labs_hours == hours", json.Number("0.1"), nil, json.Number("0.1"), false},
		{"never: and the sum is judged", "missing: never, assert: labs_hours == hours", json.Number("0.1"), nil, json.Number("0.3"), true},
		{"all: one is there", "missing: all, assert: labs_hours == hours", nil, json.Number("0.2"), json.Number("0.3"), true},
		{"all: none is there", "missing: all, assert: labs_hours == 7", nil, nil, nil, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, faults := sumOf(t, c.rule)
			if s == nil || len(faults) > 0 {
				t.Fatal(faults)
			}
			before := readAnswers(t, typedAnswers)
			answers := apply(before, edit{"labs_hours_ground": c.ground, "labs_hours_first": c.first, "hours": c.hours})
			ev := s.Evaluate(survey.Input{Answers: answers, Lang: "it"})
			if hasCheck(ev.Findings, "SUM") != c.fires {
				t.Errorf("fires: %v; %+v", !c.fires, ev.Findings)
			}
			edited := s.Evaluate(survey.Input{Answers: before, Lang: "it"})
			edited.Update(answers, nil, "labs_hours_ground", "labs_hours_first", "hours")
			if diff := cmp.Diff(ev.Findings, edited.Findings); diff != "" {
				t.Errorf("after the edits (-full +update):\n%s", diff)
			}
		})
	}
	if s, faults := sumOf(t, "assert: labs_hours <= 120 or hours > 0"); s == nil || len(faults) != 1 || faults[0].Code != "never_fires" {
		t.Errorf("two cells of at most 60 are at most 120: %v", faults)
	}
}

// TestTotal: of a row of numbers, and none of any other.
func TestTotal(t *testing.T) {
	s, answers := typedSheet(t), readAnswers(t, typedAnswers)
	for id, want := range map[string]any{"labs_count": 3, "labs_hours": json.Number("28.5"), "labs_head": nil, "labs_checked": nil, "labs_open": nil, "labs_kind": nil} {
		if got, known := s.Evaluate(survey.Input{Answers: answers}).Total(s.Row(id).Cells); got != want || !known {
			t.Errorf("%s: %v, known %v, want %v", id, got, known, want)
		}
	}
	answers["labs_hours_first"] = json.Number("0.1")
	answers["labs_hours_ground"] = json.Number("0.2")
	if got, _ := s.Evaluate(survey.Input{Answers: answers}).Total(s.Row("labs_hours").Cells); got != json.Number("0.3") {
		t.Errorf("0.1 and 0.2 are %v", got)
	}
	delete(answers, "labs_hours_first")
	if got, known := s.Evaluate(survey.Input{Answers: answers}).Total(s.Row("labs_hours").Cells); got != json.Number("0.2") || known {
		t.Errorf("with a blank one %v, known %v", got, known)
	}
}
