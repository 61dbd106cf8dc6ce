package server

import (
	"sync"
	"testing"

	surveysync "rileva/pkg/sync"
)

// TestEqualPuts: one submission sent many times at once is stored once, and
// every sender gets the same receipt (contract, invariant 2).
func TestEqualPuts(t *testing.T) {
	w := newWorld(t)
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
func TestRivalPuts(t *testing.T) {
	w := newWorld(t)
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
