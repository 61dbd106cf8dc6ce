package protocol

import (
	"flag"
	"fmt"
	"testing"
	"time"
)

var full = flag.Bool("full", false, "explore all of the larger worlds (make model)")

// sizes are the worlds that are explored. The small ones are part of every
// test; the large ones of `make model`.
var sizes = []struct {
	name  string
	large bool
	Size
}{
	{"one edit each, dates", false, Size{Edits: 1, Dates: true}},
	{"one edit each, restore", false, Size{Edits: 1, Restore: true}},
	{"two edits each", false, Size{Edits: 2, States: 50_000}},
	{"one edit each, dates, restore", true, Size{Edits: 1, Dates: true, Restore: true}},
	{"two edits each", true, Size{Edits: 2}},
	{"two edits each, part 1, restore", true, Size{Edits: 2, Restore: true, Alone: true}},
	{"two edits each, dates", true, Size{Edits: 2, Dates: true}},
	{"two edits each, restore", true, Size{Edits: 2, Restore: true, States: 2_500_000}},
}

// TestProtocolHolds: no invariant is broken in any state, and from each of them
// there is a way to rest.
func TestProtocolHolds(t *testing.T) {
	for _, c := range sizes {
		if c.large != *full {
			continue
		}
		t.Run(c.name, func(t *testing.T) {
			start := time.Now()
			r, err := Explore(c.Size, 0)
			if err != nil {
				t.Fatal(err)
			}
			whole := "all of it"
			if !r.Whole {
				whole = "cut off there"
			}
			fmt.Printf("%-32s %8d states %9d steps %6.1f s, %s\n", c.name, r.States, r.Steps, time.Since(start).Seconds(), whole)
			if r.Broken != "" || r.Stuck > 0 {
				t.Errorf("%s; %d states are stuck\nafter %s", r.Broken, r.Stuck, r.Trace)
			}
		})
	}
}

// TestEveryRuleIsNeeded: with any rule left out an invariant breaks. A rule
// that nothing needs, and a model that sees nothing, both fail here.
func TestEveryRuleIsNeeded(t *testing.T) {
	for _, f := range Faults() {
		var r Result
		var err error
		for _, size := range []Size{{Edits: 1, Dates: true}, {Edits: 2, States: 3_000}, {Edits: 1, Restore: true}, {Edits: 2, Restore: true, Alone: true, States: 250_000}} {
			if r, err = Explore(size, f); err != nil {
				t.Fatal(err)
			}
			if r.Broken != "" {
				break
			}
		}
		if r.Broken == "" {
			t.Errorf("%s: nothing breaks in %d states", f, r.States)
			continue
		}
		if *full || testing.Verbose() {
			fmt.Printf("%-36s %s\n%36s after %s\n", f, r.Broken, "", r.Trace)
		}
	}
}
