package desk

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// divided is one part in two versions: the other computer has sent its
// changes, this one has its own unsent.
func (w *world) divided(part string, theirs, mine map[string]any) (sender, d *Desk) {
	w.t.Helper()
	sender, d = w.respondent(), w.device("it")
	parts := slices.Compact([]string{survey.GeneralPart, part})
	w.fill(sender, parts...)
	w.send(sender, parts...)
	w.enter(d, samples.Institution().Code)
	change := func(d *Desk, values map[string]any) {
		work, err := d.Work(part)
		w.must(err)
		var changes []Change
		for id, v := range values {
			changes = append(changes, Change{Variable: id, Value: v})
		}
		_, err = work.Set(changes...)
		w.must(err)
	}
	change(d, mine)
	change(sender, theirs)
	w.send(sender, part)
	w.sync(d)
	return sender, d
}

func all(side string) func(string) string { return func(string) string { return side } }

// TestResolve: what is bound by an identity is decided together; the decision
// is in the submission, in the log and in what the office reads; what the
// other computer alone has changed is taken.
func TestResolve(t *testing.T) {
	w := newWorld(t)
	_, d := w.divided("tecnico",
		map[string]any{"arrivals_y1_m": 4, "year_abroad_y1_m": 1, "foreign_citizenship_y1_m": 15},
		map[string]any{"not_admitted_june_y1_m": 9, "admitted_june_y1_m": 34})
	conflicts, err := d.Conflicts()
	w.must(err)
	if len(conflicts) != 1 {
		t.Fatalf("%+v", conflicts)
	}
	c := conflicts[0]
	var ids []string
	for _, f := range c.Both {
		ids = append(ids, f.ID)
		if f.Group != 1 || !slices.Contains(f.Checks, "I4") || f.Label == "" {
			t.Errorf("%+v", f)
		}
	}
	slices.Sort(ids)
	if diff := cmp.Diff([]string{"admitted_june_y1_m", "arrivals_y1_m", "not_admitted_june_y1_m", "year_abroad_y1_m"}, ids); diff != "" {
		t.Errorf("what is decided together (-want +got):\n%s", diff)
	}
	if len(c.Theirs) != 1 || c.Theirs[0].ID != "foreign_citizenship_y1_m" || c.Theirs[0].Other != 15 {
		t.Errorf("taken %+v", c.Theirs)
	}
	if c.Base != 1 || c.Revision != 2 || !strings.HasPrefix(c.Device, "computer-") || c.ReceivedAt.IsZero() {
		t.Errorf("who, when, from where: %+v", c)
	}
	// Nothing is decided by default, nor when two things were said of one group.
	for name, choice := range map[string]func(string) string{
		"nothing": all(""), "nonsense": all("both"),
		"both": func(id string) string {
			if id == "arrivals_y1_m" {
				return Theirs
			}
			return Mine
		},
	} {
		if undecided, err := d.Resolve("tecnico", choice); err != nil || len(undecided) != 4 {
			t.Errorf("%s: %v %v", name, undecided, err)
		}
	}
	// One word decides the group.
	undecided, err := d.Resolve("tecnico", func(id string) string {
		if id == "not_admitted_june_y1_m" {
			return Mine
		}
		return ""
	})
	if err != nil || len(undecided) > 0 {
		t.Fatal(undecided, err)
	}
	work, err := d.Work("tecnico")
	w.must(err)
	for id, want := range map[string]any{"arrivals_y1_m": 3, "not_admitted_june_y1_m": 9, "year_abroad_y1_m": 0, "admitted_june_y1_m": 34, "foreign_citizenship_y1_m": 15} {
		if got := work.Value(id); got != want {
			t.Errorf("%s is %v, want %v", id, got, want)
		}
	}
	if left, err := d.Conflicts(); err != nil || len(left) > 0 {
		t.Errorf("%+v %v", left, err)
	}
	w.send(d, "tecnico")
	n, sent := w.stored(samples.Institution().Code, "tecnico")
	want := &surveysync.MergeRecord{Base: 1, Theirs: 2, Taken: []string{"foreign_citizenship_y1_m"}, Kept: surveysync.Kept{Theirs: []string{},
		Mine: []string{"arrivals_y1_m", "not_admitted_june_y1_m", "admitted_june_y1_m", "year_abroad_y1_m"}}}
	sorted := func(ids []string) []string { slices.Sort(ids); return ids }
	if sent.Merge != nil {
		sorted(sent.Merge.Kept.Mine)
	}
	sorted(want.Kept.Mine)
	if diff := cmp.Diff(want, sent.Merge); n != 3 || diff != "" {
		t.Errorf("revision %d, the record (-want +got):\n%s", n, diff)
	}
	receipts, err := d.Receipts()
	w.must(err)
	last := receipts[len(receipts)-1]
	proof, err := surveysync.ParseProof(last.Proof)
	w.must(err)
	leaf, err := surveysync.ParseEntry(proof.Extra)
	w.must(err)
	if leaf.Note != "merged base 1 theirs 2: kept mine 4, theirs 0; taken 1" {
		t.Errorf("the log says %q", leaf.Note)
	}
	// Told once: the next submission came of one version.
	w.set(d, "tecnico", "foreign_citizenship_y1_m", 14)
	w.send(d, "tecnico")
	if _, sent := w.stored(samples.Institution().Code, "tecnico"); sent.Merge != nil {
		t.Errorf("told again: %+v", sent.Merge)
	}
	w.sound(d)
}

// TestResolveTheirs: whoever takes everything from the other computer has
// nothing left to send.
func TestResolveTheirs(t *testing.T) {
	w := newWorld(t)
	_, d := w.divided(survey.GeneralPart, map[string]any{"head_name": "Di là", "compiler_email": "la@example.it"}, map[string]any{"head_name": "Di qua"})
	if undecided, err := d.Resolve(survey.GeneralPart, all(Theirs)); err != nil || len(undecided) > 0 {
		t.Fatal(undecided, err)
	}
	work, err := d.Work(survey.GeneralPart)
	w.must(err)
	if !work.Draft.Sent || work.Draft.Merge != nil || work.Value("head_name") != "Di là" {
		t.Errorf("%+v", work.Draft)
	}
	_, err = d.Resolve(survey.GeneralPart, all(Mine))
	wants(t, err, "no_conflict")
	w.sound(d)
}

// TestTwoMergesBeforeSending: the record begins where the draft began, and says
// of each id what was decided last.
func TestTwoMergesBeforeSending(t *testing.T) {
	w := newWorld(t)
	sender, d := w.divided(survey.GeneralPart, map[string]any{"head_name": "Di là", "compiler_email": "la@example.it"},
		map[string]any{"head_name": "Di qua", "institution_phone": "02 1111111"})
	_, err := d.Resolve(survey.GeneralPart, all(Mine))
	w.must(err)
	w.set(sender, survey.GeneralPart, "head_name", "Ancora di là")
	w.send(sender, survey.GeneralPart)
	w.sync(d)
	_, err = d.Resolve(survey.GeneralPart, all(Theirs))
	w.must(err)
	w.send(d, survey.GeneralPart)
	_, sent := w.stored(samples.Institution().Code, survey.GeneralPart)
	want := &surveysync.MergeRecord{Base: 1, Theirs: 3, Kept: surveysync.Kept{Mine: []string{}, Theirs: []string{"head_name"}}, Taken: []string{"compiler_email"}}
	if diff := cmp.Diff(want, sent.Merge); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestMergeRecordIsHeldToTheRevision: a record that speaks of another revision
// than the one that is replaced is refused.
func TestMergeRecordIsHeldToTheRevision(t *testing.T) {
	w := newWorld(t)
	_, d := w.divided(survey.GeneralPart, map[string]any{"head_name": "Di là"}, map[string]any{"head_name": "Di qua"})
	_, err := d.Resolve(survey.GeneralPart, all(Mine))
	w.must(err)
	w.tamper(func(b []byte) []byte { return []byte(strings.Replace(string(b), `"theirs":2`, `"theirs":7`, 1)) })
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.Invalid) {
		t.Errorf("%+v", r)
	}
	w.tamper(nil)
	w.send(d, survey.GeneralPart)
}
