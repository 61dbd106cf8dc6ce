package server

import (
	"context"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TestReviewOnTheWire: what the office decides and says reaches the school as
// the description of the calls has it, and an approved part is closed.
func TestReviewOnTheWire(t *testing.T) {
	w := newWorld(t)
	ctx, token := context.Background(), w.token(w.state)
	w.done(w.put(token, w.submission(survey.GeneralPart), 0), 201)
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "office", Outcome: surveysync.OutcomeOK}
	until := noon.AddDate(1, 0, 0)
	review := func(r store.Review) {
		t.Helper()
		r.At, r.Part = noon, survey.GeneralPart
		_, err := w.store.ReviewParts(ctx, w.state.ID, []store.Review{r}, act)
		w.must(err)
	}
	read := func() (ret surveysync.Return) {
		t.Helper()
		w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200), &ret)
		return ret
	}
	review(store.Review{Action: store.ReviewReturn, OpenUntil: &until,
		Remarks: []surveysync.Remark{{Variable: "students", Text: "troppi"}, {Text: "rivedere"}}})
	w.must(w.store.AddWord(ctx, store.Messages, []string{w.state.ID}, store.Word{At: noon.Add(-time.Hour), Text: "grazie"}, act))
	ret := read()
	part := ret.Parts[0]
	if part.State != survey.PartReturned || len(part.Remarks) != 2 || part.Remarks[0].Variable != "students" ||
		part.OpenUntil == nil || !part.OpenUntil.Equal(until) || ret.State != survey.ReturnInProgress {
		t.Errorf("sent back: %+v", ret)
	}
	if len(ret.Messages) != 1 || ret.Messages[0].Text != "grazie" {
		t.Errorf("messages: %+v", ret.Messages)
	}
	w.done(w.put(token, w.submission(survey.GeneralPart), 1), 200)
	review(store.Review{Action: store.ReviewApprove, Revision: 2})
	w.wants(w.put(token, w.submission(survey.GeneralPart), 2), surveysync.PartApproved)
	if part = read().Parts[0]; part.State != survey.PartApproved || len(part.Remarks) != 0 || part.OpenUntil != nil {
		t.Errorf("approved: %+v", part)
	}
	// Another school reads nothing of it.
	other := w.token(w.private)
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: other}), 200), &ret)
	if len(ret.Messages) != 0 {
		t.Errorf("another school reads %+v", ret.Messages)
	}
}
