package simulation_test

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var histories = flag.Int("histories", 300, "how many histories to make (the second half of make test: 10,000)")

var partNames = []string{survey.GeneralPart, survey.TrackLiceale}

// history is one school's story.
type history struct {
	*rapid.T
	office    *office
	devices   []*computer
	typed     int
	restored  bool                          // the server has been taken back: what it lacks comes at the end
	overtaken bool                          // a request has arrived that its sender had given up
	receipts  map[string]surveysync.Receipt // whatever a person was shown
}

// TestHistories: whatever happens, in whatever order, the invariants hold when
// it is over. Clocks are injected and nothing here waits, so that no bubble of
// synctest is needed: in one, rapid's shrinking would never end. There is one
// hunter for each processor; a failure names the hunter and the seed.
func TestHistories(t *testing.T) {
	hunters := runtime.GOMAXPROCS(0)
	set(t, "rapid.checks", strconv.Itoa((*histories+hunters-1)/hunters))
	set(t, "rapid.steps", "12")
	set(t, "rapid.nofailfile", "true") // the seed is printed
	for i := range hunters {
		t.Run(strconv.Itoa(i+1), func(t *testing.T) {
			t.Parallel()
			rapid.Check(t, func(rt *rapid.T) { live(rt, file{}, "") })
		})
	}
}

func set(t *testing.T, name, value string) {
	t.Helper()
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, was) })
}

// live makes one history, of a server that breaks this promise, "" for none.
func live(rt *rapid.T, on place, broken string) {
	h := begin(rt, on, broken)
	defer h.end()
	rt.Repeat(map[string]func(*rapid.T){
		"type": h.type_, "submit": h.submit, "sync": h.sync, "resolve": h.resolve, "restart": h.restart,
		"office": h.officeActs, "late": h.arrive, "clock": h.clock, "seldom": h.seldom, "": func(*rapid.T) { h.check() },
	})
	h.heal()
	h.office.restart() // what was acknowledged is on the disk
	h.judge()
	if broken == "" && rapid.IntRange(0, 7).Draw(rt, "look through") == 0 {
		h.office.sound()
	}
}

// begin starts the server and two computers on which the school has signed in.
func begin(rt *rapid.T, on place, broken string) *history {
	rt.Helper()
	h := &history{T: rt, office: newOffice(rt, on, broken), receipts: map[string]surveysync.Receipt{}}
	for n, home := range beginning.homes {
		c := h.office.computer(n)
		h.must(os.Mkdir(c.home, 0o700))
		h.office.write(filepath.Join(c.home, "drafts.db"), home)
		c.start()
		h.devices = append(h.devices, c)
	}
	return h
}

func (h *history) end() {
	for _, c := range h.devices {
		_ = c.desk.Close()
	}
	h.office.close()
}
