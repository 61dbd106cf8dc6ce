package survey_test

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

var someID = rapid.SampledFrom([]string{"a", "b", "c", "d", "e"})

var someAnswer = rapid.SampledFrom([]any{0, 1, "", "1", true, false, []string{}, []string{"x"}, []string{"x", "y"}, nil})

func drawSide(t *rapid.T, label string) survey.Answers {
	out := survey.Answers{}
	for range rapid.IntRange(0, 6).Draw(t, label) {
		out[someID.Draw(t, "id")] = someAnswer.Draw(t, "value")
	}
	return out
}

// sameAnswers compares what is answered; nil is a blank.
func sameAnswers(a, b survey.Answers) bool { return len(survey.Diff(a, b)) == 0 }

func TestDiffAndPatch(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawSide(t, "a"), drawSide(t, "b")
		before := a.Clone()
		changes := survey.Diff(a, b)
		got, conflicts := survey.Patch(a, changes)
		if len(conflicts) > 0 || !sameAnswers(got, b) {
			t.Fatalf("%v with %v is %v, want %v; %v", a, changes, got, b, conflicts)
		}
		if !reflect.DeepEqual(a, before) {
			t.Fatal("Patch has changed what it was given")
		}
		if again, conflicts := survey.Patch(got, changes); len(conflicts) > 0 || !sameAnswers(again, b) {
			t.Fatal("what is done already is no conflict")
		}
		back, conflicts := survey.Patch(b, reverse(changes))
		if len(conflicts) > 0 || !sameAnswers(back, a) {
			t.Fatalf("backwards: %v, want %v", back, a)
		}
		for i, c := range changes {
			if survey.Equal(c.Old, c.New) || i > 0 && changes[i-1].ID >= c.ID {
				t.Fatalf("changes %v", changes)
			}
		}
	})
}

func reverse(changes []survey.Change) []survey.Change {
	var out []survey.Change
	for _, c := range changes {
		out = append(out, survey.Change{ID: c.ID, Old: c.New, New: c.Old})
	}
	return out
}

func TestPatchOnOther(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b, other := drawSide(t, "a"), drawSide(t, "b"), drawSide(t, "other")
		changes := survey.Diff(a, b)
		got, conflicts := survey.Patch(other, changes)
		inConflict := map[string]bool{}
		for _, c := range conflicts {
			inConflict[c.ID] = true
			if !survey.Equal(got[c.ID], other[c.ID]) || !survey.Equal(c.Mine, other[c.ID]) || survey.Equal(c.Mine, c.Base) || survey.Equal(c.Mine, c.Theirs) {
				t.Fatalf("%+v: holds %v", c, got[c.ID])
			}
		}
		for _, c := range changes {
			now := other[c.ID]
			if overwritten := !survey.Equal(now, c.Old) && !survey.Equal(now, c.New); overwritten != inConflict[c.ID] {
				t.Fatalf("%+v: where %v stood, told %v", c, now, inConflict[c.ID])
			}
			if !inConflict[c.ID] && !survey.Equal(got[c.ID], c.New) {
				t.Fatalf("%+v was neither made nor told", c)
			}
		}
	})
}
