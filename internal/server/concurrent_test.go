package server

import (
	"sync"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TestResendForEver: the same bytes get the same receipt again, after an
// amendment, an approval, the closing and a year, and store nothing.
func TestResendForEver(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	first := w.submission(survey.GeneralPart)
	want := w.sent(token, first, 0, 201)
	stands := 1
	again := func(when string) {
		t.Helper()
		for _, replaces := range []int{0, 1, 7, -1} { // whatever it says to replace
			var got surveysync.Receipt
			w.read(w.done(w.put(token, first, replaces), 200), &got)
			got.Proof = want.Proof // it may stand on a later checkpoint
			if got != want {
				t.Errorf("%s: %+v, was %+v", when, got, want)
			}
		}
		list, err := w.store.Revisions(t.Context(), w.state.ID, survey.GeneralPart)
		if err != nil || len(list) != stands {
			t.Errorf("%s: %d revisions, %v", when, len(list), err)
		}
	}
	again("at once")
	w.sent(token, w.submission(survey.GeneralPart), 1, 200)
	stands = 2
	again("after an amendment")
	approve := store.Review{At: noon, Action: store.ReviewApprove, Part: survey.GeneralPart, Revision: 2}
	_, err := w.store.ReviewParts(t.Context(), w.state.ID, []store.Review{approve}, surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "approve", Outcome: surveysync.OutcomeOK})
	w.must(err)
	w.wants(w.put(token, w.submission(survey.GeneralPart), 2), surveysync.PartApproved)
	again("after the approval")
	w.clock.set(noon.AddDate(0, 0, 25))
	w.wants(w.put(token, w.submission(survey.GeneralPart), 2), surveysync.SurveyClosed)
	again("after the closing")
	w.clock.move(366 * 24 * time.Hour)
	token = w.again(w.state)
	again("after a year")
	changed := first
	changed.Answers = survey.Answers{}
	w.wants(w.put(token, changed, 0), surveysync.IDReused)
}

// TestEqualPuts: one submission sent many times at once is stored once, and
// every sender gets the same receipt (contract, invariant 2).
func TestEqualPuts(t *testing.T) { everywhere(t, equalPuts) }

func equalPuts(t *testing.T, open opener) {
	w := newWorldOn(t, open)
	r := w.putRequest(w.token(w.state), w.submission("general"), 0)
	var group sync.WaitGroup
	answers := make([]got, 40)
	for i := range answers {
		group.Go(func() { answers[i] = w.do(r) })
	}
	group.Wait()
	created, numbers := 0, map[string]bool{}
	for _, g := range answers {
		if g.Code == 201 {
			created++
		}
		var receipt surveysync.Receipt
		w.read(g, &receipt)
		numbers[receipt.Number] = true
	}
	if created != 1 || len(numbers) != 1 {
		t.Errorf("%d created, receipts %v", created, numbers)
	}
}

// TestRivalPuts: of different first submissions one wins; the others conflict
// and are told of it.
func TestRivalPuts(t *testing.T) { everywhere(t, rivalPuts) }

func rivalPuts(t *testing.T, open opener) {
	w := newWorldOn(t, open)
	token := w.token(w.state)
	requests := make([]request, 20)
	for i := range requests {
		requests[i] = w.putRequest(token, w.submission("general"), 0)
	}
	var group sync.WaitGroup
	answers := make([]got, len(requests))
	for i, r := range requests {
		group.Go(func() { answers[i] = w.do(r) })
	}
	group.Wait()
	created := 0
	for _, g := range answers {
		if g.Code == 201 {
			created++
		} else if g.problem == nil || g.problem.Code != surveysync.RevisionConflict || g.problem.Current == nil || g.problem.Current.Revision != 1 {
			t.Errorf("%d %s", g.Code, g.Body)
		}
	}
	if created != 1 {
		t.Errorf("%d created", created)
	}
}
