package survey_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// numbers are the typed whole numbers of a sheet, without the counts of classes,
// which close columns.
func numbers(s *survey.Sheet) []string {
	var out []string
	for _, v := range s.Variables() {
		if v.Type == survey.TypeInteger && !v.Computed && v.Row != nil && v.Row.ID != "classes" {
			out = append(out, v.ID)
		}
	}
	return out
}

// drawContent is base with some cells, reasons and explanations changed.
func drawContent(t *rapid.T, ids []string, base survey.Content, label string) survey.Content {
	out := survey.Content{Answers: base.Answers.Clone(), Unavailable: maps.Clone(base.Unavailable), Explanations: maps.Clone(base.Explanations)}
	for range rapid.IntRange(0, 5).Draw(t, label) {
		id := rapid.SampledFrom(ids).Draw(t, "cell")
		delete(out.Unavailable, id)
		switch rapid.IntRange(0, 4).Draw(t, "what") {
		case 0:
			delete(out.Answers, id)
		case 1:
			delete(out.Answers, id)
			out.Unavailable[id] = rapid.SampledFrom([]string{"not_recorded", "other"}).Draw(t, "reason")
		default:
			out.Answers[id] = rapid.IntRange(0, 3).Draw(t, "number")
		}
	}
	for range rapid.IntRange(0, 2).Draw(t, "explanations") {
		check := rapid.SampledFrom([]string{"S01", "S04"}).Draw(t, "check")
		if text := rapid.SampledFrom([]string{"", "Controllato nel registro.", "Una classe articolata."}).Draw(t, "text"); text != "" {
			out.Explanations[check] = survey.Explanation{Reason: "other", Text: text}
		} else {
			delete(out.Explanations, check)
		}
	}
	return out
}

func drawMerge(t *rapid.T, sheet *survey.Sheet) (base, mine, theirs survey.Content) {
	// The cells of one position and the totals that read them, so that the two
	// sides meet often.
	ids := slices.DeleteFunc(numbers(sheet), func(id string) bool {
		v := sheet.Variable(id)
		return len(v.At) > 1 && v.At[0] > 1
	})
	base = drawContent(t, ids, survey.Content{Answers: baseSheet("tecnico"), Unavailable: map[string]string{}, Explanations: map[string]survey.Explanation{}}, "base")
	return base, drawContent(t, ids, base, "mine"), drawContent(t, ids, base, "theirs")
}

func sameContent(t *rapid.T, what string, got, want survey.Content) {
	t.Helper()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s (-want +got):\n%s", what, diff)
	}
}

func at(c survey.Content, id string) [2]any {
	if reason, ok := c.Unavailable[id]; ok {
		return [2]any{c.Answers[id], reason}
	}
	return [2]any{c.Answers[id], nil}
}

// TestMergeContents: nobody's change is lost, nothing is decided for a person,
// and it does not matter whose side is whose.
func TestMergeContents(t *testing.T) {
	sheet := questionnaire(t).Sheet("tecnico")
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs := drawMerge(t, sheet)
		m, other := sheet.Merge(base, mine, theirs), sheet.Merge(base, theirs, mine)
		if diff := cmp.Diff(m.Groups, other.Groups); diff != "" {
			t.Fatalf("it depends on whose side is whose:\n%s", diff)
		}
		due := map[string]bool{}
		explained := map[string]bool{}
		for _, g := range m.Groups {
			for _, id := range g.Variables {
				if due[id] {
					t.Fatalf("%s stands in two groups", id)
				}
				due[id] = true
			}
			explained[g.Explanation] = true
		}
		for _, id := range numbers(sheet) {
			b, a, o, got := at(base, id), at(mine, id), at(theirs, id), at(m.Content, id)
			switch {
			case due[id]:
				if mineKept := b == a; got != a || mineKept && b == o {
					t.Fatalf("%s is to be decided: %v %v %v is %v", id, b, a, o, got)
				}
			case b == o && got != a, b == a && got != o, a != b && b != o && a != o, got != at(other.Content, id):
				t.Fatalf("%s: %v %v %v is %v", id, b, a, o, got)
			}
			if slices.Contains(m.Taken, id) != (!due[id] && b == a && o != b) {
				t.Fatalf("%s: taken %v", id, m.Taken)
			}
		}
		for _, check := range []string{"S01", "S04"} {
			b, a, o := base.Explanations[check].Text, mine.Explanations[check].Text, theirs.Explanations[check].Text
			if explained[check] != (a != o && a != b && o != b) {
				t.Fatalf("%s: %q %q %q: %v", check, b, a, o, m.Groups)
			}
			if !explained[check] && m.Explanations[check].Text != oneOf(b == a, o, a) {
				t.Fatalf("%s: %q %q %q is %v", check, b, a, o, m.Explanations[check])
			}
		}
		m, other = sheet.Merge(base, base, theirs), sheet.Merge(base, mine, base)
		sameContent(t, "nothing of mine", m.Content, theirs)
		sameContent(t, "nothing of theirs", other.Content, mine)
		if len(m.Groups)+len(other.Groups) > 0 {
			t.Fatalf("nobody disagrees: %v, %v", m.Groups, other.Groups)
		}
	})
}

// TestMergeKeepsIdentities: whatever a person decides on each group, an identity
// that is broken afterwards was broken on one side already.
func TestMergeKeepsIdentities(t *testing.T) {
	sheet := questionnaire(t).Sheet("tecnico")
	broken := func(c survey.Content) map[string]bool {
		out := map[string]bool{}
		for _, f := range sheet.Evaluate(survey.Input{Answers: c.Answers, Unavailable: c.Unavailable}).Findings {
			if f.Check == "I4" || f.Check == "I7" || f.Check == "I8" || f.Check == "I9" || f.Check == "I10" {
				out[f.Check+" "+f.Message] = true
			}
		}
		return out
	}
	rapid.Check(t, func(t *rapid.T) {
		base, mine, theirs := drawMerge(t, sheet)
		m := sheet.Merge(base, mine, theirs)
		for i, g := range m.Groups {
			if rapid.Bool().Draw(t, "theirs") {
				m.Take(g, theirs)
			} else {
				m.Take(m.Groups[i], mine)
			}
		}
		before := broken(mine)
		maps.Copy(before, broken(theirs))
		for f := range broken(m.Content) {
			if !before[f] {
				t.Fatalf("the merge has broken %s; groups %v", f, m.Groups)
			}
		}
	})
}

// TestMergeGroups: two columns merge, one column in two halves is one decision.
func TestMergeGroups(t *testing.T) {
	sheet := questionnaire(t).Sheet("tecnico")
	with := func(edits map[string]int) survey.Content {
		c := survey.Content{Answers: baseSheet("tecnico")}
		for id, n := range edits {
			c.Answers[id] = n
		}
		return c
	}
	base := with(nil)
	m := sheet.Merge(base, with(map[string]int{"arrivals_y1_m": 90, "transfers_out_y1_m": 91}), with(map[string]int{"arrivals_y2_f": 92, "foreign_citizenship_y1_m": 3}))
	if len(m.Groups) > 0 || !slices.Equal(m.Taken, []string{"arrivals_y2_f", "foreign_citizenship_y1_m"}) {
		t.Errorf("two columns and another row: %v, %v", m.Groups, m.Taken)
	}
	m = sheet.Merge(base, with(map[string]int{"arrivals_y1_m": 90}), with(map[string]int{"year_abroad_y1_m": 91, "foreign_citizenship_y1_m": 3}))
	want := []survey.Group{{Variables: []string{"arrivals_y1_m", "year_abroad_y1_m"}, Checks: []string{"I4"}}}
	if diff := cmp.Diff(want, m.Groups); diff != "" {
		t.Errorf("two halves of I4 (-want +got):\n%s", diff)
	}
	if !slices.Equal(m.Taken, []string{"foreign_citizenship_y1_m"}) {
		t.Errorf("what I4 does not read was not taken: %v", m.Taken)
	}
}

func oneOf(first bool, a, b string) string {
	if first {
		return a
	}
	return b
}
