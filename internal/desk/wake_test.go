package desk

import (
	"testing"
	"time"

	"rileva/pkg/survey"
)

// TestWaiting: while a part waits for the network, the form asks for it once a
// minute and at once when this computer's addresses change; otherwise not
// before the part's own time.
func TestWaiting(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	here := "192.0.2.7"
	d.addresses = func() string { return here }
	w.fill(d, survey.GeneralPart)
	if d.Waiting() {
		t.Error("nothing waits")
	}
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if !d.Waiting() {
		t.Error("a new submission is due")
	}
	w.network(linePage)
	// Each try makes the wait longer, up to a chance: until it is surely longer
	// than what this test lasts.
	for report := w.sync(d); len(report.Waiting) == 0 || report.Waiting[0].Next.Before(w.clock.now().Add(4*time.Minute)); {
		report = w.sync(d)
	}
	ask := func() int {
		n := 0
		for range 8 { // every 15 seconds for two minutes, as the form does
			if d.Waiting() {
				n++
			}
			w.clock.move(15 * time.Second)
		}
		return n
	}
	if n := ask(); n != 2 {
		t.Errorf("asked %d times in two minutes, want 2", n)
	}
	d.Waiting()
	if d.Waiting() {
		t.Error("asked twice within a minute")
	}
	here = "198.51.100.4"
	if !d.Waiting() {
		t.Error("another network is not noticed")
	}
}
