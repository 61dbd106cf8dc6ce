package desk

import (
	"context"
	"testing"
	"time"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// TestHeartbeat: after a contact the office knows how far the work is, at most
// every few minutes, and nothing when it was switched off.
func TestHeartbeat(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	in, err := w.store.FindInstitution(context.Background(), samples.Institution().Code)
	w.must(err)
	told := func() (time.Time, int, int) {
		t.Helper()
		d.beats.Wait()
		all, err := w.store.Heartbeats(context.Background())
		w.must(err)
		for _, h := range all[in.ID] {
			for _, p := range h.Parts {
				if p.Part == survey.GeneralPart {
					return h.At, p.Percent, h.Unsent
				}
			}
		}
		return time.Time{}, -1, 0
	}
	if at, percent, _ := told(); at.IsZero() || percent >= 50 {
		t.Errorf("at the sign-in the office was told %v, %d%%", at, percent)
	}
	w.fill(d, survey.GeneralPart)
	w.sync(d)
	if _, percent, _ := told(); percent >= 50 {
		t.Error("two within minutes")
	}
	w.clock.move(beatEvery)
	w.sync(d)
	if _, percent, _ := told(); percent != 100 {
		t.Errorf("the office was told %d%%", percent)
	}
	w.must(d.Prefer("it", Looks{NoHeartbeat: true}))
	before, _, _ := told()
	w.clock.move(time.Hour)
	w.sync(d)
	if after, _, _ := told(); !after.Equal(before) {
		t.Error("it was switched off and sent")
	}
	w.must(d.Prefer("it", Looks{}))
	w.sync(d)
	if after, _, _ := told(); after.Equal(before) {
		t.Error("it was switched on and not sent")
	}
}
