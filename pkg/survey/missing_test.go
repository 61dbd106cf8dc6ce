package survey_test

import (
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// pairSurvey has two of each thing that can be missing, and one rule about a and b.
func pairSurvey(t *testing.T, says string) *survey.Sheet {
	t.Helper()
	text := wrap(`          - {question: a, type: integer, tier: ext, label: "A"}
          - {question: b, type: integer, tier: ext, label: "B"}
          - {question: word_a, type: text, tier: ext, label: "A"}
          - {question: word_b, type: text, tier: ext, label: "B"}
          - {question: many_a, type: multi, tier: ext, label: "A", options: [{id: x, label: "X"}]}
          - {question: many_b, type: multi, tier: ext, label: "B", options: [{id: x, label: "X"}]}
          - grid: g
            title: "G"
            axes: [{id: sex, label: "S", items: [{id: m, label: "M"}, {id: f, label: "F"}]}]
            rows: [{id: row_a, label: "A", tier: ext}, {id: hours, label: "H", tier: ext, type: decimal}]
`, rule(`{id: R, severity: explain, message: "{left}", `+says+`}`))
	text = strings.Replace(text, "parts:", "unavailable: {other: \"Altro\"}\nparts:", 1)
	q, err := survey.LoadNew([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return q.Sheet("general")
}

// TestTruthTables: what a rule about a and b says where neither, only b, only a
// and both are answered (00, 01, 10, 11): 1 where it speaks. Every answer below
// breaks the rule once it is judged.
func TestTruthTables(t *testing.T) {
	whole := [2]string{"a", "b"}
	values := map[string]any{"a": 1, "b": 1, "word_a": "x", "word_b": "x", "many_a": []string{"x"}, "many_b": []string{"x"}, "row_a_m": 1, "row_a_f": 1, "hours_m": 1, "hours_f": 1}
	for _, c := range []struct {
		name string
		of   [2]string
		says string
		want string // at 00 01 10 11
	}{
		// The three policies, for each kind of name.
		{"skip if any is missing", whole, `assert: a + b > 9`, "0001"},
		{"skip if any is missing, said", whole, `missing: any, assert: a + b > 9`, "0001"},
		{"skip if all are missing", whole, `missing: all, assert: a + b > 9`, "0111"},
		{"never skip", whole, `missing: never, assert: a + b > 9`, "1111"},
		{"any, of texts", [2]string{"word_a", "word_b"}, `assert: word_a + word_b == "y"`, "0001"},
		{"all, of texts", [2]string{"word_a", "word_b"}, `missing: all, assert: word_a + word_b == "y"`, "0111"},
		{"never, of texts", [2]string{"word_a", "word_b"}, `missing: never, assert: word_a + word_b == "y"`, "1111"},
		{"any, of choices", [2]string{"many_a", "many_b"}, `assert: len(many_a) + len(many_b) > 9`, "0001"},
		{"all, of choices", [2]string{"many_a", "many_b"}, `missing: all, assert: len(many_a) + len(many_b) > 9`, "0111"},
		{"never, of choices", [2]string{"many_a", "many_b"}, `missing: never, assert: len(many_a) + len(many_b) > 9`, "1111"},
		{"any, of a sum", [2]string{"row_a_m", "row_a_f"}, `assert: row_a > 9`, "0001"},
		{"all, of a sum", [2]string{"row_a_m", "row_a_f"}, `missing: all, assert: row_a > 9`, "0111"},
		{"never, of a sum", [2]string{"row_a_m", "row_a_f"}, `missing: never, assert: row_a > 9`, "1111"},
		{"any, of decimals", [2]string{"hours_m", "hours_f"}, `assert: hours > 9`, "0001"},
		{"all, of decimals", [2]string{"hours_m", "hours_f"}, `missing: all, assert: hours > 9`, "0111"},
		{"never, of decimals", [2]string{"hours_m", "hours_f"}, `missing: never, assert: hours > 9`, "1111"},
		{"each cell by itself", [2]string{"row_a_m", "row_a_f"}, `each: [sex], assert: row_a > 9`, "0111"},
		// What stands in when counts as what stands in assert.
		{"any, the condition is missing", whole, `when: a >= 0, assert: b > 9`, "0001"},
		{"all, the condition is missing", whole, `missing: all, when: a >= 0, assert: b > 9`, "0111"},
		{"never, the condition is missing", whole, `missing: never, when: a >= 0, assert: b > 9`, "1111"},
		{"never, the condition is false", whole, `missing: never, when: a > 0, assert: b > 9`, "0011"},
		// Whether something is answered is known in any case.
		{"a compulsory pair", whole, `assert: answered(a) == answered(b)`, "0110"},
		{"an exclusive pair", whole, `assert: not (answered(a) and answered(b))`, "0001"},
		{"one of the two", whole, `assert: answered(a) or answered(b)`, "1000"},
		{"exactly one of the two", whole, `assert: answered(a) != answered(b)`, "1001"},
		{"b only with a", whole, `assert: answered(a) or not answered(b)`, "0100"},
		{"a compulsory pair of texts", [2]string{"word_a", "word_b"}, `assert: answered(word_a) == answered(word_b)`, "0110"},
		{"an exclusive pair of choices", [2]string{"many_a", "many_b"}, `assert: not (answered(many_a) and answered(many_b))`, "0001"},
		{"a compulsory pair of cells", [2]string{"row_a_m", "row_a_f"}, `assert: answered(row_a.m) == answered(row_a.f)`, "0110"},
		{"some cell of a row", [2]string{"row_a_m", "row_a_f"}, `assert: not answered(row_a)`, "0111"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := pairSurvey(t, c.says)
			for _, unavailable := range []bool{false, true} { // "dato non disponibile" is as missing as a blank
				got := ""
				for row := range 4 {
					in := survey.Input{Answers: survey.Answers{}, Unavailable: map[string]string{}}
					for i, id := range c.of {
						switch {
						case row>>(1-i)&1 == 1:
							in.Answers[id] = values[id]
						case unavailable:
							in.Unavailable[id] = "other"
						}
					}
					speaks := "0"
					if hasCheck(s.Evaluate(in).Findings, "R") {
						speaks = "1"
					}
					got += speaks
				}
				if got != c.want {
					t.Errorf("%s at 00 01 10 11 (not available: %v), want %s", got, unavailable, c.want)
				}
			}
		})
	}
}

// TestZeroIsAnAnswer: a blank text and an empty list are none.
func TestZeroIsAnAnswer(t *testing.T) {
	s := pairSurvey(t, `assert: not answered(a) and not answered(word_a) and not answered(many_a)`)
	for name, c := range map[string]struct {
		answers survey.Answers
		fires   bool
	}{
		"zero": {survey.Answers{"a": 0}, true}, "nothing": {survey.Answers{}, false},
		"a blank text": {survey.Answers{"word_a": " "}, false}, "an empty list": {survey.Answers{"many_a": []string{}}, false},
	} {
		if hasCheck(s.Evaluate(survey.Input{Answers: c.answers}).Findings, "R") != c.fires {
			t.Errorf("%s: fires %v", name, !c.fires)
		}
	}
}
