package desk

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// copied takes a backup of the server.
func (w *world) copied() string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "copia.db")
	_, err := w.store.Backup(w.t.Context(), path)
	w.must(err)
	return path
}

// member is one more device of the school, which has fetched what there is.
func (w *world) member() *Desk {
	w.t.Helper()
	d := w.device("it")
	w.enter(d, samples.Institution().Code)
	w.sync(d)
	return d
}

// queue submits without a network.
func (w *world) queue(d *Desk, part, name string) {
	w.t.Helper()
	w.set(d, part, "compiler_name", name)
	w.must(d.Submit(part, SubmitOptions{Declared: true}))
}

// compilers gives the answer that the tests change, of each revision.
func (w *world) compilers() []string {
	w.t.Helper()
	in, err := w.store.FindInstitution(w.t.Context(), samples.Institution().Code)
	w.must(err)
	list, err := w.store.Revisions(w.t.Context(), in.ID, survey.GeneralPart)
	w.must(err)
	var out []string
	for _, r := range list {
		sub, err := w.store.Submission(w.t.Context(), in.ID, survey.GeneralPart, r.Revision)
		w.must(err)
		content, err := surveysync.ParseSubmission(sub.Body)
		w.must(err)
		name, _ := content.Answers["compiler_name"].(string)
		out = append(out, name)
	}
	return out
}

func (w *world) hasCompilers(want ...string) {
	w.t.Helper()
	if got := w.compilers(); !slices.Equal(got, want) {
		w.t.Errorf("the server has %q, want %q", got, want)
	}
}

// amended is a server with a copy of before the second revision, and the device
// that has sent it.
func amended(t *testing.T) (w *world, author *Desk, copyAt string) {
	w = newWorld(t)
	author = w.respondent()
	w.fill(author, survey.GeneralPart)
	w.set(author, survey.GeneralPart, "compiler_name", "uno")
	w.send(author, survey.GeneralPart)
	copyAt = w.copied()
	w.set(author, survey.GeneralPart, "compiler_name", "due")
	w.send(author, survey.GeneralPart)
	return w, author, copyAt
}

// TestNumbersAreNotTrusted: after a restore revision 2 can be another content.
// What waits to replace the one that is gone is asked about and not sent.
func TestNumbersAreNotTrusted(t *testing.T) {
	w, author, copyAt := amended(t)
	d := w.member()
	w.queue(d, survey.GeneralPart, "tre")
	w.restore(copyAt, false)
	third := w.member()
	w.set(third, survey.GeneralPart, "compiler_name", "altro")
	w.send(third, survey.GeneralPart)

	r := w.sync(d) // its session began after the copy
	if len(r.Sent) != 0 || len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpNeedsLogin) {
		t.Fatalf("%+v", r)
	}
	w.enter(d, samples.Institution().Code)
	r = w.sync(d)
	if len(r.Sent) != 0 || len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpConflict) ||
		!strings.Contains(r.Waiting[0].Detail, "copia precedente") || !strings.Contains(r.Waiting[0].Hint, "rileva conflicts") {
		t.Fatalf("%+v", r)
	}
	w.hasCompilers("uno", "altro")
	if line(w.overview(d), survey.GeneralPart).State != StateConflict {
		t.Error("the overview shows no conflict")
	}
	open, err := d.Resolve(survey.GeneralPart, func(string) string { return "" })
	w.must(err)
	if !slices.ContainsFunc(open, func(f FieldConflict) bool { return f.ID == "compiler_name" && f.Mine == "tre" && f.Other == "altro" }) {
		t.Errorf("asked about %+v", open)
	}
	w.sound(d)
	if _, err := d.Resolve(survey.GeneralPart, all(Mine)); err != nil {
		t.Fatal(err)
	}
	w.send(d, survey.GeneralPart)
	w.hasCompilers("uno", "altro", "tre")

	// Whoever was displaced hears of it, and its content is asked about too.
	if r := w.sync(author); r.Reoffered != 1 || len(r.Beside) != 1 {
		t.Errorf("%+v", r)
	}
	if line(w.overview(author), survey.GeneralPart).State != StateConflict {
		t.Error("what stands beside counts as sent")
	}
	w.hasCompilers("uno", "altro", "tre")
	w.sound(d, author, third)
}

// TestHandedOverAfterRestore: a draft that began from a revision which a restored
// server lacks goes to a device where another has its number. It is taken, and
// what the two have made of the part is asked before anything is sent.
func TestHandedOverAfterRestore(t *testing.T) {
	w, _, copyAt := amended(t)
	d := w.member()
	w.set(d, survey.GeneralPart, "compiler_name", "tre")
	raw, _, err := d.ExportDrafts()
	w.must(err)
	w.restore(copyAt, false)
	third := w.member()
	w.set(third, survey.GeneralPart, "compiler_name", "altro")
	w.send(third, survey.GeneralPart)
	in, err := third.ImportDrafts("bozza.json", raw, false)
	if w.must(err); !slices.Equal(in.Parts, []string{survey.GeneralPart}) {
		t.Errorf("%+v", in)
	}
	work, err := third.Work(survey.GeneralPart)
	if w.must(err); work.Draft.Answers["compiler_name"] != "tre" || work.Draft.Base.Revision != 2 {
		t.Errorf("%+v", work.Draft)
	}
	w.must(third.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(third); len(r.Sent) != 0 {
		t.Errorf("sent over a revision that its author had not seen: %+v", r)
	}
	w.hasCompilers("uno", "altro")
	open, err := third.Resolve(survey.GeneralPart, func(string) string { return "" })
	w.must(err)
	if !slices.ContainsFunc(open, func(f FieldConflict) bool { return f.ID == "compiler_name" && f.Mine == "tre" && f.Other == "altro" }) {
		t.Errorf("asked about %+v", open)
	}
	if _, err := third.Resolve(survey.GeneralPart, all(Mine)); err != nil {
		t.Fatal(err)
	}
	w.send(third, survey.GeneralPart)
	w.hasCompilers("uno", "altro", "tre")
	w.sound(d, third)
}

// TestBaseComesBack: once its author has brought the lost base back, what waited
// goes on without a question, and what was only downloaded is in order again.
func TestBaseComesBack(t *testing.T) {
	w, author, copyAt := amended(t)
	d, reader := w.member(), w.member()
	w.queue(d, survey.GeneralPart, "tre")
	w.restore(copyAt, false)
	w.enter(d, samples.Institution().Code)
	w.enter(reader, samples.Institution().Code)
	if r := w.sync(d); len(r.Sent) != 0 || r.Waiting[0].State != string(surveysync.OpConflict) {
		t.Fatalf("%+v", r)
	}
	w.sync(reader)
	if work, err := reader.Work(survey.GeneralPart); err != nil || work.Draft.Answers["compiler_name"] != "due" {
		t.Errorf("what the restored server lacks was taken from the reader: %v, %v", work.Draft.Answers["compiler_name"], err)
	}
	w.sync(author)
	w.sync(reader)
	if state := line(w.overview(reader), survey.GeneralPart).State; state != StateSent {
		t.Errorf("the reader's part is %s", state)
	}
	if r := w.sync(d); len(r.Sent) != 1 || len(r.Waiting) != 0 || r.Sent[0].Revision != 3 {
		t.Errorf("%+v", r)
	}
	w.hasCompilers("uno", "due", "tre")
	w.sound(d, author, reader)
}

// TestBaseComesBackReplaced: a base that is there again and was replaced is
// still what the draft began from: only what both sides changed is asked.
func TestBaseComesBackReplaced(t *testing.T) {
	w, author, copyAt := amended(t)
	d, reader := w.member(), w.member()
	w.set(d, survey.GeneralPart, "compiler_role", "DSGA")
	w.set(author, survey.GeneralPart, "compiler_name", "tre")
	w.send(author, survey.GeneralPart)
	w.restore(copyAt, false)
	w.enter(d, samples.Institution().Code)
	w.enter(reader, samples.Institution().Code)
	w.sync(d)
	w.sync(reader)
	w.sync(author)
	w.sync(d)
	w.sync(reader)
	if state := line(w.overview(reader), survey.GeneralPart).State; state != StateSent {
		t.Errorf("the reader's part is %s", state)
	}
	conflicts, err := d.Conflicts()
	if w.must(err); len(conflicts) != 1 || len(conflicts[0].Both) != 0 || conflicts[0].Base != 2 || conflicts[0].Revision != 3 {
		t.Errorf("%+v", conflicts)
	}
	w.sound(d, author, reader)
}

// TestReofferSurvivesACrash: what a restored server lacks is owed until all of it
// was offered, whatever happens to the device; nothing new goes before.
func TestReofferSurvivesACrash(t *testing.T) {
	w, author, copyAt := amended(t)
	home := author.home
	w.queue(author, survey.GeneralPart, "tre")
	w.restore(copyAt, false)
	w.tamper(func([]byte) []byte { w.network(lineDown); return nil }) // the re-offer is cut, and all after it
	if r := w.sync(author); r.Reoffered != 0 || len(r.Sent) != 0 || !r.Offline {
		t.Fatalf("%+v", r)
	}
	w.must(author.Close()) // and the device crashes
	w.tamper(nil)
	w.network(lineUp)
	author = w.open(home, "it")
	if r := w.sync(author); r.Reoffered != 1 || len(r.Sent) != 1 || r.Sent[0].Revision != 3 {
		t.Errorf("%+v", r)
	}
	w.hasCompilers("uno", "due", "tre")
	w.sound(author)
}

// TestTheirsIsVoid: a newer revision that lay beside a draft and is gone from
// the restored server is no conflict any more.
func TestTheirsIsVoid(t *testing.T) {
	w := newWorld(t)
	author := w.respondent()
	w.fill(author, survey.GeneralPart)
	w.set(author, survey.GeneralPart, "compiler_name", "uno")
	w.send(author, survey.GeneralPart)
	d := w.member()
	copyAt := w.copied()
	w.set(d, survey.GeneralPart, "compiler_name", "mio")
	w.set(author, survey.GeneralPart, "compiler_name", "due")
	w.send(author, survey.GeneralPart)
	w.sync(d)
	conflicts, err := d.Conflicts()
	if w.must(err); len(conflicts) != 1 {
		t.Fatalf("%+v", conflicts)
	}
	w.restore(copyAt, false)
	w.sync(d)
	if conflicts, err = d.Conflicts(); err != nil || len(conflicts) != 0 {
		t.Errorf("%v %+v", err, conflicts)
	}
	w.send(d, survey.GeneralPart)
	w.hasCompilers("uno", "mio")
	w.sound(d)
}

// TestEpochFence: a submission that left before the restore and arrives after
// it is not judged; the device compares, gives back and sends it in the same
// pass.
func TestEpochFence(t *testing.T) {
	w, author, copyAt := amended(t)
	w.queue(author, survey.GeneralPart, "tre")
	w.tamper(func(body []byte) []byte { // on its way
		w.tamper(nil)
		w.restore(copyAt, false)
		return body
	})
	r := w.sync(author)
	if len(r.Sent) != 1 || r.Sent[0].Revision != 3 || r.Reoffered != 1 || len(r.Waiting) != 0 || r.Err != nil {
		t.Errorf("%+v", r)
	}
	w.hasCompilers("uno", "due", "tre")
	refused, err := w.store.Log(context.Background(), logOf(""))
	w.must(err)
	n := 0
	for _, l := range refused {
		if l.Outcome == string(surveysync.EpochChanged) {
			n++
		}
	}
	if n != 1 {
		t.Errorf("%d refusals for the epoch", n)
	}
	w.sound(author)
}
