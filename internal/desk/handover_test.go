package desk

import (
	"bytes"
	"os"
	"testing"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// TestHandOver: an unsent draft goes to another computer in a file, and cannot
// end up where it does not belong.
func TestHandOver(t *testing.T) {
	w := newWorld(t)
	a, b := w.respondent(), w.device("it")
	_, _, err := a.ExportDrafts()
	wants(t, err, "nothing_unsent")
	w.fill(a, survey.GeneralPart)
	w.set(a, survey.GeneralPart, "head_name", "Dal primo")
	raw, file, err := a.ExportDrafts()
	w.must(err)
	if file.Institution != samples.Institution().Code || file.Survey == "" || file.Device == "" || file.At.IsZero() || len(file.Parts) != 1 {
		t.Errorf("the file does not say whose it is: %+v", file)
	}
	w.enter(b, samples.Institution().Code)
	in, err := b.ImportDrafts("f.json", raw, false)
	w.must(err)
	work, err := b.Work(survey.GeneralPart)
	w.must(err)
	if len(in.Parts) != 1 || in.Aside != "" || work.Value("head_name") != "Dal primo" || !work.Draft.Touched {
		t.Errorf("%+v %v", in, work.Value("head_name"))
	}
	w.send(b, survey.GeneralPart)

	// Unsent work is not overwritten; with --replace it is kept and comes back.
	w.set(b, survey.GeneralPart, "head_name", "Scritto qui")
	_, err = b.ImportDrafts("f.json", raw, false)
	wants(t, err, "draft_in_the_way")
	in, err = b.ImportDrafts("f.json", raw, true)
	w.must(err)
	// It began before anything was sent: what was sent meanwhile stands beside it.
	if conflicts, err := b.Conflicts(); err != nil || len(conflicts) != 1 || conflicts[0].Revision != 1 {
		t.Errorf("%+v %v", conflicts, err)
	}
	kept, err := os.ReadFile(in.Aside)
	w.must(err)
	_, err = b.ImportDrafts("kept.json", kept, true)
	w.must(err)
	if work, err = b.Work(survey.GeneralPart); err != nil || work.Value("head_name") != "Scritto qui" || work.Draft.Base.Revision != 1 {
		t.Errorf("what was set aside did not come back: %v %+v", err, work.Draft.Base)
	}
	// Thrown away, it can be taken back too.
	copied, err := b.DiscardDraft(survey.GeneralPart)
	w.must(err)
	if work, err = b.Work(survey.GeneralPart); err != nil || work.Value("head_name") != "Dal primo" || work.Draft.Touched {
		t.Errorf("%v %v", err, work.Value("head_name"))
	}
	_, err = b.DiscardDraft(survey.GeneralPart)
	wants(t, err, "nothing_to_discard")
	_, err = b.ImportDrafts("f.json", raw, false) // older than what is here
	wants(t, err, "draft_older")
	kept, err = os.ReadFile(copied)
	w.must(err)
	_, err = b.ImportDrafts("copy.json", kept, false)
	w.must(err)
	if info, err := os.Stat(copied); err != nil || info.Mode().Perm()&0o077 != 0 {
		t.Errorf("others may read the copy: %v %v", info.Mode(), err)
	}

	// Another school, another survey, another file.
	_, err = b.ImportDrafts("x.json", bytes.ReplaceAll(raw, []byte(`"institution": "`+samples.Institution().Code), []byte(`"institution": "`+other.Code)), true)
	wants(t, err, "file_other_school")
	_, err = b.ImportDrafts("x.json", bytes.Replace(raw, []byte(`"survey": "`), []byte(`"survey": "altra-`), 1), true)
	wants(t, err, "draft_other_survey")
	for _, bad := range []string{"", "{}", `{"kind":"rileva draft","version":2}`, "PK", `[1]`} {
		_, err = b.ImportDrafts("x.json", []byte(bad), true)
		wants(t, err, "not_a_draft")
	}
	w.sound(a, b)
}

// TestHandOverIsWhole: of a file with a part that cannot be taken now, because
// what waits of it here may have arrived, nothing is taken.
func TestHandOverIsWhole(t *testing.T) {
	w := newWorld(t)
	a, b := w.respondent(), w.respondent()
	w.fill(a, survey.GeneralPart, "tecnico")
	w.set(a, survey.GeneralPart, "head_name", "Dal primo")
	raw, _, err := a.ExportDrafts()
	w.must(err)
	w.fill(b, survey.GeneralPart, "tecnico")
	w.send(b, survey.GeneralPart)
	w.set(b, survey.GeneralPart, "head_name", "Scritto qui")
	w.network(lineLost)
	w.must(b.Submit("tecnico", SubmitOptions{Declared: true}))
	w.sync(b)
	_, err = b.ImportDrafts("f.json", raw, true)
	wants(t, err, "pending_unknown")
	work, err := b.Work(survey.GeneralPart)
	if w.must(err); work.Value("head_name") != "Scritto qui" {
		t.Errorf("a part was taken although the import was refused: %v", work.Value("head_name"))
	}
	w.network(lineUp)
	w.sync(b)
	_, err = b.ImportDrafts("f.json", raw, true)
	w.must(err)
}

// TestSecondComputer: signing in there brings what was submitted, ready to go
// on with and not in anybody's way.
func TestSecondComputer(t *testing.T) {
	w := newWorld(t)
	a, b := w.respondent(), w.device("it")
	w.fill(a, survey.GeneralPart, "tecnico")
	w.send(a, survey.GeneralPart, "tecnico")
	w.enter(b, samples.Institution().Code)
	for _, part := range []string{survey.GeneralPart, "tecnico"} {
		work, err := b.Work(part)
		w.must(err)
		want := samples.Answers(part)
		for id, v := range want {
			if work.Sheet.Variable(id) != nil && work.Sheet.Variable(id).Type != survey.TypeDeclaration && !survey.Equal(work.Value(id), v) {
				t.Errorf("%s %s is %v, want %v", part, id, work.Value(id), v)
			}
		}
		if !work.Draft.Sent || work.Draft.Touched || work.Draft.Base.Revision != 1 {
			t.Errorf("%s: %+v", part, work.Draft.Base)
		}
		if l := line(w.overview(b), part); l.State != StateSent {
			t.Errorf("%s is %s", part, l.State)
		}
	}
	w.set(b, "tecnico", "foreign_citizenship_y1_m", 15)
	if r := w.send(b, "tecnico"); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
	w.sound(a, b)
}
