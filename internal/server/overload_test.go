package server

import (
	"context"
	"strconv"
	"testing"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// TestOverload: while the writer is busy a bounded number of calls waits. Who
// finds no place is told at once to come back, each at another time; who waits
// is served, and nothing is stored twice.
func TestOverload(t *testing.T) {
	const places, tooMany = 1024, 40
	w := newWorld(t)
	r := w.putRequest(w.token(w.state), w.submission("general"), 0)
	busy, free, released := make(chan struct{}), make(chan struct{}), make(chan error, 1)
	go func() {
		released <- w.store.EditInstitutions(context.Background(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
			close(busy)
			<-free
			return store.RegisterEdit{}, nil
		})
	}()
	<-busy
	answers := make(chan got)
	for range places + tooMany {
		go func() { answers <- w.do(r) }()
	}
	seconds := map[int]bool{}
	for range tooMany {
		g := <-answers
		w.wants(g, surveysync.Unavailable)
		wait, err := strconv.Atoi(g.Header().Get("Retry-After"))
		if err != nil || wait < 20 || wait >= 120 {
			t.Errorf("Retry-After %q", g.Header().Get("Retry-After"))
		}
		seconds[wait] = true
	}
	if len(seconds) < tooMany/4 {
		t.Errorf("%d are sent back to %d moments", tooMany, len(seconds))
	}
	close(free)
	w.must(<-released)
	created := 0
	for range places {
		switch g := <-answers; g.Code {
		case 201:
			created++
		case 200:
		default:
			t.Errorf("who waited is told %d %s", g.Code, g.Body)
		}
	}
	if created != 1 {
		t.Errorf("stored %d times", created)
	}
	list, err := w.store.Revisions(context.Background(), w.state.ID, "general")
	if err != nil || len(list) != 1 {
		t.Errorf("%d revisions, %v", len(list), err)
	}
}
