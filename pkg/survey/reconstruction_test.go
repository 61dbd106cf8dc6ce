package survey_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// withoutRule are the checks of the reconstruction that have no rule of their
// own, and where they are shown.
var withoutRule = map[string]string{
	"H03": "that the identities hold: I1 to I12",
	"H12": "TestSumsNameBothNumbers",
	"I1":  "TestComputedIdentities", "I2": "TestComputedIdentities", "I3": "TestComputedIdentities", "I5": "TestComputedIdentities", "I6": "TestComputedIdentities",
}

// TestEveryCheckOfTheReconstruction: H01 to H14, S01 to S14, I1 to I12, counted
// here and not in the questionnaire, which might have lost one.
func TestEveryCheckOfTheReconstruction(t *testing.T) {
	tried := triedChecks()
	for form, last := range map[string]int{"H%02d": 14, "S%02d": 14, "I%d": 12} {
		for n := 1; n <= last; n++ {
			id := fmt.Sprintf(form, n)
			if withoutRule[id] == "" && (!tried[fires][id] || !tried[quiet][id]) {
				t.Errorf("%s: fires %v, near case %v", id, tried[fires][id], tried[quiet][id])
			}
		}
	}
}

// TestSumsNameBothNumbers (H12): where a sum misses its base, the message has
// the sum and the base. The base sheet has 15 dropouts, 15 transfers, 5 exits.
func TestSumsNameBothNumbers(t *testing.T) {
	q := questionnaire(t)
	for check, c := range map[string]struct {
		edit      edit
		sum, base int
	}{
		"I8":  {edit{"reason_work": 2}, 16, 15},
		"I9":  {edit{"dest_same_track": 10}, 16, 15},
		"I10": {edit{"dest_cpia": 2}, 6, 5},
	} {
		for _, lang := range []string{"it", "en"} {
			ev := q.Sheet("tecnico").Evaluate(survey.Input{Answers: apply(baseSheet("tecnico"), c.edit), Institution: school, Lang: lang})
			i := slices.IndexFunc(ev.Findings, func(f survey.Finding) bool { return f.Check == check })
			if i < 0 {
				t.Errorf("%s is silent", check)
				continue
			}
			f := ev.Findings[i]
			if f.Left != c.sum || f.Right != c.base || !strings.Contains(f.Message, fmt.Sprint(" ", c.sum)) || !strings.Contains(f.Message, fmt.Sprint(" ", c.base)) {
				t.Errorf("%s: %v and %v: %s", check, f.Left, f.Right, f.Message)
			}
		}
	}
}

// TestComputedIdentities: I1, I2, I3, I5 and I6 are computed, so they cannot be
// broken by hand; that each is what the reconstruction says is seen by moving
// one cell at a time: a term moves the sum by its sign, any other cell does not.
func TestComputedIdentities(t *testing.T) {
	sheet := questionnaire(t).Sheet("tecnico")
	terms := map[string]map[string]int{
		"enrolled_end":       {"enrolled_start": 1, "arrivals": 1, "transfers_out": -1, "other_valid_exits": -1, "formal_withdrawals": -1}, // I1
		"not_scrutinised":    {"never_attended": 1, "informal_interruption": 1, "absence_limit_exceeded": 1},                               // I2
		"scrutinised":        {"admitted_june": 1, "suspended_judgement": 1, "not_admitted_june": 1},                                       // I3
		"admitted_final":     {"admitted_june": 1, "suspended_judgement": 1, "suspended_not_admitted": -1},                                 // I5
		"not_admitted_final": {"not_admitted_june": 1, "suspended_not_admitted": 1},                                                        // I5
		"dropouts_in_year":   {"formal_withdrawals": 1, "never_attended": 1, "informal_interruption": 1},                                   // I6
	}
	value := func(answers survey.Answers, id string) int {
		n, known := sheet.Evaluate(survey.Input{Answers: answers, Institution: school}).Int(id)
		if !known {
			t.Fatalf("%s is not known", id)
		}
		return n
	}
	start := baseSheet("tecnico")
	for computed, signs := range terms {
		for _, row := range gridRows {
			for _, place := range []struct {
				year int
				sex  string
			}{{2, "f"}, {2, "m"}, {3, "f"}} {
				moved := cell(row.id, place.year, place.sex)
				want := value(start, cell(computed, 2, "f"))
				if place.year == 2 && place.sex == "f" {
					want += signs[row.id]
				}
				if got := value(apply(start, edit{moved: start[moved].(int) + 1}), cell(computed, 2, "f")); got != want {
					t.Errorf("%s with one more at %s is %d, want %d", cell(computed, 2, "f"), moved, got, want)
				}
			}
		}
	}
}
