package desk

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

const school = "MIIS999009"

func everyPart() []string { return append([]string{survey.GeneralPart}, samples.Tracks()...) }

// TestGate: part 2 opens with part 1, for the tracks that it lists.
func TestGate(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	_, err := d.Work("tecnico")
	wants(t, err, "not_offered")
	w.set(d, survey.GeneralPart, "tracks_offered", []string{"tecnico"})
	_, err = d.Work("tecnico")
	wants(t, err, "part_locked")
	wants(t, d.Submit("tecnico", SubmitOptions{}), "part_locked")
	if o := w.overview(d); len(o.Parts) != 2 || !o.Parts[1].Locked || o.Parts[0].State != StateDraft || !o.Started {
		t.Errorf("%+v", o.Parts)
	}
	w.fill(d, survey.GeneralPart)
	work, err := d.Work("tecnico")
	w.must(err)
	if _, err := d.Work("nessuna"); CodeOf(err) != "unknown_part" {
		t.Error(err)
	}
	// Another page changes the draft: this one sees it when it reloads.
	w.set(d, "tecnico", y1m, 12)
	w.must(work.Reload())
	if work.Value(y1m) != 12 || len(work.Naming(y1m)) != 0 {
		t.Error(work.Value(y1m), work.Naming(y1m))
	}
	if at, err := work.Set(Change{Variable: y1m, Value: -1}); err != nil || !at.Equal(w.clock.now()) || len(work.Naming(y1m)) == 0 {
		t.Error(at, err)
	}
	if _, err := work.Set(Change{Variable: "", Value: 1}); CodeOf(err) != drafts.CodeValue {
		t.Error(err)
	}
	w.set(d, survey.GeneralPart, "tracks_offered", []string{"liceale"})
	_, err = d.Work("tecnico")
	wants(t, err, "not_offered")
}

// TestWholeReturn: five parts in one go, twice the same receipts, an
// amendment, and a second computer that finds it all.
func TestWholeReturn(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, everyPart()...)
	var blocked *Blocked
	if err := d.Submit(survey.GeneralPart, SubmitOptions{}); !asBlocked(err, &blocked) || len(blocked.Findings) != 1 {
		t.Fatalf("sent without the declaration: %v", err)
	}
	wants(t, blocked, "blocked")
	if o := w.overview(d); line(o, "general").State != StateReady || o.Unsent != 0 {
		t.Errorf("%+v", line(o, "general"))
	}
	first := w.send(d, everyPart()...)
	o := w.overview(d)
	if o.State != survey.ReturnComplete || o.Receipts != 5 || o.Unsent != 0 || line(o, "iefp").State != StateSent {
		t.Errorf("%+v", o)
	}
	ready, err := d.Ready()
	w.must(err)
	if !slices.Equal(ready, everyPart()) {
		t.Errorf("ready %v", ready)
	}
	for _, part := range ready {
		i := slices.IndexFunc(first, func(r surveysync.Receipt) bool { return r.Part == part })
		if r, same, err := d.Unchanged(part); err != nil || !same || r.Number != first[i].Number {
			t.Errorf("%s: %v %v %v", part, same, r.Number, err)
		}
	}
	// What is declared is this submission: the next one asks again.
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	if err := d.Submit(survey.GeneralPart, SubmitOptions{}); !asBlocked(err, &blocked) {
		t.Errorf("amended without the declaration: %v", err)
	}
	if r := w.send(d, survey.GeneralPart); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
	n, sub := w.stored(school, survey.GeneralPart)
	if n != 2 || sub.Answers["head_name"] != "Ada Bianchi" || sub.Answers["declaration"] != true {
		t.Error(n, sub.Answers)
	}
	raw := w.receiptVerifies(d, first[0].Number)
	if !strings.Contains(string(raw), first[0].Number) {
		t.Error("another receipt")
	}
	_, _, err = d.Receipt("0000-0000-0000")
	wants(t, err, "receipt_not_found")
	_, _, err = d.Receipt("x")
	wants(t, err, "receipt_not_found")

	second := w.respondent()
	o = w.overview(second)
	if o.State != survey.ReturnComplete || line(o, "liceale").State != StateSent || line(o, "general").Revision != 2 {
		t.Errorf("the second computer sees %+v", o.Parts)
	}
	for _, part := range everyPart() {
		if r, same, err := second.Unchanged(part); err != nil || !same || r.Number != "" {
			t.Errorf("%s on the second computer: %v %v %v", part, same, r.Number, err)
		}
	}
	w.sound(d, second)
}

func asBlocked(err error, to **Blocked) bool {
	var b *Blocked
	ok := errors.As(err, &b)
	*to = b
	return ok
}

func (w *world) receiptVerifies(d *Desk, number string) []byte {
	w.t.Helper()
	_, raw, err := d.Receipt(strings.ToLower(number))
	w.must(err)
	keys, err := d.LogKeys()
	w.must(err)
	_, _, err = surveysync.VerifyReceipt(raw, keys...)
	w.must(err)
	return raw
}

// TestOfflineQueue: offline, what is submitted waits; it leaves once, as it
// was frozen last.
func TestOfflineQueue(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.network(lineDown)
	submit := func() { w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true})) }
	submit()
	r := w.sync(d)
	if !r.Offline || r.Cause == "" || r.Hint == "" || len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpQueued) {
		t.Fatalf("%+v", r)
	}
	if o := w.overview(d); o.Unsent != 1 || d.Unsent() != 1 || line(o, "general").State != StateQueued {
		t.Errorf("%+v", o.Parts)
	}
	if d.Waiting() {
		t.Error("due at once, without a wait")
	}
	w.clock.move(time.Hour)
	if !d.Waiting() {
		t.Error("never due again")
	}
	box, err := d.store.Outbox(ownerOf(t, d))
	w.must(err)
	submit() // again the same: the same id
	again, err := d.store.Outbox(ownerOf(t, d))
	w.must(err)
	if again[0].SubmissionID != box[0].SubmissionID {
		t.Error("the same answers were frozen twice")
	}
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	submit() // changed: what has not left is replaced
	w.network(lineUp)
	if r := w.sync(d); len(r.Sent) != 1 || r.Sent[0].Revision != 1 {
		t.Fatalf("%+v", r)
	}
	if n, sub := w.stored(school, survey.GeneralPart); n != 1 || sub.Answers["head_name"] != "Ada Bianchi" {
		t.Error(n, sub.Answers["head_name"])
	}
	// Changes that were queued and then taken back are not sent.
	w.network(lineDown)
	w.set(d, survey.GeneralPart, "head_name", "Un errore")
	submit()
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	if _, same, err := d.Unchanged(survey.GeneralPart); err != nil || same {
		t.Error("called unchanged while something else waits to be sent", err)
	}
	submit()
	w.network(lineUp)
	w.sync(d)
	if n, _ := w.stored(school, survey.GeneralPart); n != 1 || d.Unsent() != 0 {
		t.Errorf("%d revisions, %d wait", n, d.Unsent())
	}
	w.sound(d)
}

// TestLostAnswer: the server has stored the part and its answer was lost. The
// same bytes bring the same receipt, and changes made meanwhile follow it.
func TestLostAnswer(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.network(lineLost)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Waiting) != 1 || !r.Offline {
		t.Fatalf("%+v", r)
	}
	if n, _ := w.stored(school, survey.GeneralPart); n != 1 {
		t.Fatal("not stored")
	}
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	wants(t, d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}), "queue_pending")
	w.network(lineUp)
	r := w.sync(d)
	if len(r.Sent) != 1 || r.Sent[0].Revision != 1 {
		t.Fatalf("%+v", r)
	}
	if o := w.overview(d); line(o, "general").State != StateChanged {
		t.Errorf("%+v", line(o, "general"))
	}
	if r := w.send(d, survey.GeneralPart); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
	w.sound(d)
}

// TestConflict: two computers of one school start from the same revision.
func TestConflict(t *testing.T) {
	w := newWorld(t)
	a, b := w.respondent(), w.device("it")
	w.fill(a, survey.GeneralPart)
	w.send(a, survey.GeneralPart)
	w.enter(b, school)
	w.set(b, survey.GeneralPart, "head_name", "Dal secondo")
	w.set(a, survey.GeneralPart, "head_name", "Dal primo")
	w.send(a, survey.GeneralPart)
	w.must(b.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	r := w.sync(b)
	if len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpConflict) || r.Waiting[0].Code != string(surveysync.RevisionConflict) || r.Waiting[0].Detail == "" {
		t.Fatalf("%+v", r)
	}
	r = w.sync(b) // not tried again: what the server said is still told
	if len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.RevisionConflict) || r.Waiting[0].Detail == "" || r.Waiting[0].Hint == "" || r.Waiting[0].Incident == "" {
		t.Errorf("%+v", r.Waiting)
	}
	if o := w.overview(b); line(o, "general").State != StateConflict {
		t.Errorf("%+v", line(o, "general"))
	}
	if n, sub := w.stored(school, survey.GeneralPart); n != 2 || sub.Answers["head_name"] != "Dal primo" {
		t.Error("something was lost silently")
	}
	work, err := b.Work(survey.GeneralPart)
	w.must(err)
	if work.Value("head_name") != "Dal secondo" || work.Draft.Theirs == nil {
		t.Error("the draft was overwritten")
	}
	// Once the person has decided, it is the next revision.
	w.must(b.store.Resolve(ownerOf(t, b), survey.GeneralPart, drafts.Resolution{Revision: 2, Changes: []Change{{Variable: "head_name", Value: "Di tutti e due"}}}))
	if r := w.send(b, survey.GeneralPart); r[0].Revision != 3 {
		t.Errorf("%+v", r)
	}
	// Unsent changes with a newer revision beside them are a conflict before
	// anything is sent.
	w.set(a, survey.GeneralPart, "head_name", "Ancora dal primo")
	w.sync(a)
	if o := w.overview(a); line(o, "general").State != StateConflict {
		t.Errorf("%+v", line(o, "general"))
	}
	w.sound(a, b)
}

// TestRefused: what reaches the server with a fault is refused there with the
// findings; corrected it is sent under a new id.
func TestRefused(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.tamper(func(body []byte) []byte {
		return []byte(strings.Replace(string(body), `"students_total_start":1585`, `"students_total_start":-1`, 1))
	})
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	r := w.sync(d)
	if len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpRefused) || r.Waiting[0].Code != string(surveysync.AnswersRejected) || r.Waiting[0].Incident == "" {
		t.Fatalf("%+v", r)
	}
	if o := w.overview(d); line(o, "general").State != StateRefused || line(o, "general").Detail != string(surveysync.AnswersRejected) {
		t.Errorf("%+v", line(o, "general"))
	}
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.AnswersRejected) || r.Waiting[0].Hint == "" {
		t.Errorf("why it was refused is forgotten: %+v", r.Waiting)
	}
	w.tamper(nil)
	if r := w.send(d, survey.GeneralPart); r[0].Revision != 1 {
		t.Errorf("%+v", r)
	}
	w.sound(d)
}

// TestRefusedAfterALostAnswer: a refusal that was decided before the server
// looked for the id says nothing of the first attempt. The person sends again
// and gets the receipt of what was stored.
func TestRefusedAfterALostAnswer(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	w.network(lineLost)
	w.sync(d)
	w.network(lineUp)
	w.tamper(func([]byte) []byte { return []byte("{") })
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpRefused) {
		t.Fatalf("%+v", r)
	}
	w.tamper(nil)
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	wants(t, d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}), "queue_pending")
	if r := w.sync(d); len(r.Sent) != 1 || r.Sent[0].Revision != 1 {
		t.Fatalf("%+v", r)
	}
	if r := w.send(d, survey.GeneralPart); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
}

// TestDates: only the server's clock opens and closes; what was refused for
// the date leaves when the office moves it.
func TestDates(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.dates(noon.AddDate(0, 0, 1), noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 3))
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.SurveyNotOpen) {
		t.Fatalf("%+v", r)
	}
	w.clock.move(4 * 24 * time.Hour)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	r := w.sync(d)
	if len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.SurveyClosed) {
		t.Fatalf("%+v", r)
	}
	if got := d.DueSentence("it"); !strings.Contains(got, "si è chiusa") {
		t.Error(got)
	}
	w.dates(noon, noon.AddDate(0, 0, 2), noon.AddDate(0, 0, 30))
	if r := w.send(d, survey.GeneralPart); !r[0].Late {
		t.Errorf("%+v", r)
	}
	if o := w.overview(d); !line(o, "general").Late {
		t.Error("late is not told")
	}
}

// TestWithdraw: a track leaves the offer, and comes back as its next revision.
func TestWithdraw(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, everyPart()...)
	w.send(d, everyPart()...)
	fewer := samples.ForTracks(samples.Institution(), "liceale", "tecnico", "professionale")[survey.GeneralPart]
	all := samples.Answers(survey.GeneralPart)
	take := func(answers survey.Answers) {
		work, err := d.Work(survey.GeneralPart)
		w.must(err)
		var changes []Change
		for _, v := range work.Sheet.Variables() {
			if v.Type != survey.TypeDeclaration && !v.Computed && !v.ReadOnly {
				changes = append(changes, Change{Variable: v.ID, Value: answers[v.ID]})
			}
		}
		_, err = work.Set(changes...)
		w.must(err)
	}
	take(fewer)
	work, err := d.Work(survey.GeneralPart)
	w.must(err)
	if got := d.Dropped(work); !slices.Equal(got, []string{"iefp"}) {
		t.Fatalf("dropped %v", got)
	}
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Waiting) != 1 || r.Waiting[0].Code != string(surveysync.TrackHasSubmission) {
		t.Fatalf("%+v", r)
	}
	// Offline the person confirms: the queued answers are the same, the
	// withdrawal is not.
	w.network(lineDown)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true, Withdraw: []string{"iefp"}}))
	w.network(lineUp)
	if r := w.sync(d); len(r.Sent) != 1 || r.Sent[0].Revision != 2 {
		t.Fatalf("%+v", r)
	}
	if o := w.overview(d); o.State != survey.ReturnComplete || line(o, "iefp").Part != "" || len(o.Across) != 0 {
		t.Errorf("%+v", o)
	}
	work, err = d.Work(survey.GeneralPart)
	w.must(err)
	if got := d.Dropped(work); len(got) > 0 {
		t.Errorf("dropped again: %v", got)
	}
	take(all)
	w.send(d, survey.GeneralPart)
	o := w.overview(d)
	if line(o, "iefp").State != StateWithdrawn || o.State != survey.ReturnInProgress {
		t.Errorf("%+v %s", line(o, "iefp"), o.State)
	}
	if _, same, err := d.Unchanged("iefp"); err != nil || same {
		t.Error("a sheet that was withdrawn and is offered again is called sent", err)
	}
	if ready, err := d.Ready(); err != nil || !slices.Contains(ready, "iefp") {
		t.Error(ready, err)
	}
	if r := w.send(d, "iefp"); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
	if o := w.overview(d); o.State != survey.ReturnComplete {
		t.Error(o.State)
	}
	w.sound(d)
}

// TestReturnedPart: what the office sent back is not in, however equal the
// draft is to it; sending it again by name is a new revision.
func TestReturnedPart(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.send(d, survey.GeneralPart)
	o, seen, err := d.seen()
	w.must(err)
	for i := range seen.Return.Parts {
		if p := &seen.Return.Parts[i]; p.Part == survey.GeneralPart {
			p.State, p.Remarks = survey.PartReturned, []surveysync.Remark{{Variable: "head_name", Text: "Controllare."}}
		}
	}
	w.must(d.store.KeepReturn(o, asJSON(seen.Return), seen.Return, w.clock.now()))
	over := w.overview(d)
	if l := line(over, "general"); l.State != StateReturned || len(l.Remarks) != 1 {
		t.Errorf("%+v", l)
	}
	if ready, err := d.Ready(); err != nil || slices.Contains(ready, survey.GeneralPart) {
		t.Error("sent again unasked", ready, err)
	}
	if _, same, err := d.Unchanged(survey.GeneralPart); err != nil || same {
		t.Error(same, err)
	}
	if r := w.send(d, survey.GeneralPart); r[0].Revision != 2 {
		t.Errorf("%+v", r)
	}
	if _, same, err := d.Unchanged(survey.GeneralPart); err != nil || !same {
		t.Error(same, err)
	}
}

// TestAttempts: oldest first, each with its incident; what the history holds
// agrees with the server's log.
func TestAttempts(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.network(lineDown)
	if r := w.sync(d); !r.Offline {
		t.Fatalf("%+v", r)
	}
	w.network(lineUp)
	w.fill(d, survey.GeneralPart)
	w.send(d, survey.GeneralPart)
	list, err := d.Attempts()
	w.must(err)
	var got []string
	for _, a := range list {
		got = append(got, a.What+a.Part+" "+a.Code)
	}
	want := []string{"login unauthorized", "login accepted", "password accepted", "sync cut", "general accepted"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	lines, err := w.store.Log(context.Background(), logOf(list[len(list)-1].Incident))
	w.must(err)
	if len(lines) != 1 || lines[0].Part != survey.GeneralPart {
		t.Errorf("the server's log: %+v", lines)
	}
}

// TestWaitsNotOffered: what waits to be sent, or was refused, stands on the home
// page although part 1 has been thrown away or does not list the track any more,
// with what to do; and it can be sent when it does.
func TestWaitsNotOffered(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart, "liceale")
	w.must(d.Submit("liceale", SubmitOptions{Declared: true}))
	w.set(d, survey.GeneralPart, "tracks_offered", []string{"tecnico"})
	for range 2 {
		o := w.overview(d)
		if l := line(o, "liceale"); !l.Waits() || !l.Locked || !strings.Contains(l.NotOffered, "«liceale»") || o.Unsent != 1 {
			t.Errorf("%+v", l)
		}
		if line(o, survey.GeneralPart).NotOffered != "" {
			t.Error("part 1 is always offered")
		}
		ready, err := d.Ready()
		if w.must(err); slices.Contains(ready, "liceale") {
			t.Error("what cannot be sent is called ready")
		}
		_, err = d.DiscardDraft(survey.GeneralPart)
		w.must(err)
		w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	}
	w.fill(d, survey.GeneralPart)
	if l := line(w.overview(d), "liceale"); l.NotOffered != "" || l.Locked || l.State != StateQueued {
		t.Errorf("%+v", l)
	}
	w.send(d, survey.GeneralPart, "liceale")
}
