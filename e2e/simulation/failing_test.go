package simulation_test

import (
	"context"
	"flag"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var stride = flag.Int("stride", 6, "of the store's calls, every so many fails; 1 is each of them (make soak)")

// stories go the same way every time, and between them they come by every
// point of the store.
var stories = map[string]func(h *history){"a school's": schoolStory, "the office's": officeStory, "what stands beside": besideStory}

// TestEveryStoreCallFails: a school fills in, sends, amends and is read on a
// second computer, before and after a restore, the office does all that it does
// in a year, and settles what a restore has set aside. Each call of the store on
// the way fails in turn, before and after it has done its work. Whoever is told
// of a failure tries again, and it ends as if nothing had happened.
func TestEveryStoreCallFails(t *testing.T) {
	everyCallFails(t, file{}, *stride)
}

func everyCallFails(t *testing.T, on place, stride int) {
	set(t, "rapid.checks", "1")
	reached := map[string]int{}
	for name, story := range stories {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(rt *rapid.T) {
				calls := tell(rt, on, story, func(method string, _ int) string { reached[method]++; return "" })
				for n := 1; n <= calls; n++ {
					for m, mode := range []string{storetest.FailBefore, storetest.FailAfter} {
						if (n+3*m)%stride == 0 {
							failAt(rt, on, story, n, mode)
						}
					}
				}
				t.Logf("%d calls of the store, every %d. fails, before and after", calls, stride)
			})
		})
	}
	for _, method := range storetest.Points() {
		if reached[method] == 0 {
			t.Errorf("no story comes by %s", method)
		}
		t.Logf("%-20s %3d calls", method, reached[method])
	}
}

func failAt(rt *rapid.T, on place, story func(h *history), n int, mode string) {
	failed := ""
	tell(rt, on, story, func(method string, call int) string {
		if call != n {
			return ""
		}
		failed = method
		return mode
	})
	if failed == "" {
		rt.Fatalf("call %d was not reached", n)
	}
}

// tell lets a story happen on a store that fails like that.
func tell(rt *rapid.T, on place, story func(h *history), fail func(method string, call int) string) (calls int) {
	h := begin(rt, on, "")
	defer h.end()
	h.office.store.FailWhen(fail)
	story(h)
	calls = h.office.store.Calls()
	h.office.store.FailWhen(nil)
	h.heal()
	h.judge()
	h.office.sound()
	return calls
}

// TestDeviceDiesAnywhere: in the school's story a device dies behind each
// durable transaction of its passes in turn, starts again, and it ends as if
// nothing had happened.
func TestDeviceDiesAnywhere(t *testing.T) {
	set(t, "rapid.checks", "1")
	set(t, "rapid.nofailfile", "true")
	rapid.Check(t, func(rt *rapid.T) {
		made := 0
		for n := 0; n <= made; n++ {
			tell(rt, file{}, func(h *history) {
				h.office.last = n
				schoolStory(h)
				made = max(made, h.office.made)
				h.office.last = 0
			}, nil)
		}
		t.Logf("%d transactions", made)
	})
}

// schoolStory is a school's year on two computers, with a restore in it.
func schoolStory(h *history) {
	twoComputers(h)
	h.restored = true
	h.office.restore()
	h.again(h.devices[1])
	h.again(h.devices[0])
	h.revisions(survey.GeneralPart, 1)
	h.revisions(survey.TrackLiceale, 2)
	for _, c := range h.devices {
		w, err := c.desk.Work(survey.TrackLiceale)
		h.must(err)
		if w.Value("scrutinised_y1_m") != h.typed {
			h.Fatalf("%s shows %v, and %d was typed last", c.name, w.Value("scrutinised_y1_m"), h.typed)
		}
	}
}

// again is a person who is told that it failed.
func (h *history) again(c *computer) {
	h.Helper()
	h.pass(c)
	h.pass(c)
}

// twoComputers is that year up to the restore.
func twoComputers(h *history) {
	a, b := h.devices[0], h.devices[1]
	const other = "un ponte di legno sul fiume"
	ctx := context.Background()
	h.insist(func() error { return a.desk.ChangePassword(ctx, passphrase, other) })
	h.insist(func() error { return a.desk.ChangePassword(ctx, other, passphrase) })
	enter := func() error { _, err := b.desk.SignIn(ctx, "", schoolCode, passphrase); return err }
	h.insist(enter) // the password was changed on the other computer
	h.must(b.desk.SignOut(ctx))
	h.insist(enter)
	h.write(a, survey.GeneralPart, false)
	h.send(a, survey.GeneralPart)
	h.again(a)
	h.office.backup()
	h.office.now = h.office.now.Add(time.Hour) // a heartbeat is due
	h.write(a, survey.TrackLiceale, true)
	h.send(a, survey.TrackLiceale)
	h.again(a)
	h.again(b)
	h.write(b, survey.TrackLiceale, true)
	h.send(b, survey.TrackLiceale)
	h.again(b)
	h.again(a)
	h.answered()
	h.reads()
}

// insist does it until it is done.
func (h *history) insist(do func() error) {
	h.Helper()
	if do() != nil {
		h.must(do())
	}
	for _, c := range h.devices {
		c.desk.Rest()
	}
}

// reads asks for whatever a school can read, beside what its devices ask.
func (h *history) reads() {
	ctx := context.Background()
	client, err := surveysync.NewClient(surveysync.Options{Server: "http://rileva.test", Version: "0.1-test", Now: h.devices[0].now, HTTP: h.devices[0]})
	h.must(err)
	ask := func(do func() error) {
		if do() != nil {
			h.must(do())
		}
	}
	ask(func() error {
		s, err := client.SignIn(ctx, surveysync.SignIn{Code: schoolCode, Password: passphrase, Device: "lettore"})
		client.SetToken(s.Token)
		return err
	})
	ask(func() error {
		info, err := client.Server(ctx)
		client.Trust(info.LogKey)
		return err
	})
	ask(func() error { _, err := client.Revisions(ctx, survey.TrackLiceale); return err })
	ask(func() error { _, err := client.Revision(ctx, survey.TrackLiceale, 1); return err })
	ask(func() error { _, _, err := client.Checkpoint(ctx); return err })
	ask(func() error { _, err := client.Handovers(ctx); return err })
	held, err := h.devices[0].desk.Receipts()
	h.must(err)
	ask(func() error { _, _, err := client.Receipt(ctx, held[0].Number); return err })
}

func (h *history) revisions(part string, want int) {
	h.Helper()
	list, err := h.office.engine.Revisions(h.Context(), h.office.school.ID, part)
	h.must(err)
	if len(list) != want {
		h.Fatalf("%s has %d revisions, want %d", part, len(list), want)
	}
}
