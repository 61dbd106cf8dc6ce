package simulation_test

import (
	"flag"
	"testing"

	"pgregory.net/rapid"

	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
)

var stride = flag.Int("stride", 6, "of the store's calls, every so many fails; 1 is each of them (make soak)")

// TestEveryStoreCallFails: a school fills in, sends, amends and is read on a
// second computer, and each call of the store on the way fails in turn, before
// and after it has done its work. Whoever is told of a failure tries again, and
// it ends as if nothing had happened.
func TestEveryStoreCallFails(t *testing.T) {
	set(t, "rapid.checks", "1")
	rapid.Check(t, func(rt *rapid.T) {
		calls := story(rt, 0, "")
		if calls < 30 {
			rt.Fatalf("the story has %d calls of the store only", calls)
		}
		for n := 1; n <= calls; n++ {
			for m, mode := range []string{storetest.FailBefore, storetest.FailAfter} {
				if (n+3*m)%*stride != 0 {
					continue
				}
				if story(rt, n, mode) < n {
					rt.Fatalf("call %d was not reached", n)
				}
			}
		}
		t.Logf("%d calls of the store, every %d. fails, before and after", calls, *stride)
	})
}

// story is the same every time. It fails the n-th call of the store; 0 none.
func story(rt *rapid.T, n int, mode string) (calls int) {
	h := begin(rt, "")
	defer h.end()
	o := h.office
	o.store.FailWhen(func(_ string, call int) string {
		if call == n {
			return mode
		}
		return ""
	})
	a, b := h.devices[0], h.devices[1]
	again := func(c *computer) { // a person who is told that it failed
		h.pass(c)
		h.pass(c)
	}
	h.write(a, survey.GeneralPart, false)
	h.send(a, survey.GeneralPart)
	again(a)
	h.write(a, survey.TrackLiceale, true)
	h.send(a, survey.TrackLiceale)
	again(a)
	again(b)
	h.write(b, survey.TrackLiceale, true)
	h.send(b, survey.TrackLiceale)
	again(b)
	again(a)
	calls = o.store.Calls()
	o.store.FailWhen(nil)
	h.heal()
	h.judge()
	o.sound()
	h.revisions(survey.GeneralPart, 1)
	h.revisions(survey.TrackLiceale, 2)
	for _, c := range h.devices {
		w, err := c.desk.Work(survey.TrackLiceale)
		h.must(err)
		if w.Value("scrutinised_y1_m") != h.typed {
			h.Fatalf("%s shows %v, and %d was typed last", c.name, w.Value("scrutinised_y1_m"), h.typed)
		}
	}
	return calls
}

func (h *history) revisions(part string, want int) {
	h.Helper()
	list, err := h.office.engine.Revisions(h.Context(), h.office.school.ID, part)
	h.must(err)
	if len(list) != want {
		h.Fatalf("%s has %d revisions, want %d", part, len(list), want)
	}
}
