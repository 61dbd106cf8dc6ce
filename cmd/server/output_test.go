package main

import (
	"errors"
	"strings"
	"testing"
)

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// TestOutputThatCannotBeWritten: a new password that nobody has seen must not
// end as a success.
func TestOutputThatCannotBeWritten(t *testing.T) {
	d := newDesk(t).furnish()
	d.env.out = fullDisk{}
	for _, args := range [][]string{{"status"}, {"status", "--json"}, {"credentials", "reset", "MIIS00100B"}} {
		exit, _, said := d.run(args...)
		if exit != exitInternal || !strings.Contains(said, "credentials reset") || strings.Contains(said, "no space left") {
			t.Errorf("%v: exit %d, %s", args, exit, said)
		}
	}
}

// TestBars: on a terminal a share is drawn too, of thirty cells; in a file it is
// the number alone. One school of three has begun.
func TestBars(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general")
	if out := d.ok("status"); strings.ContainsAny(out, "█░") {
		t.Errorf("drawn into a file:\n%s", out)
	}
	d.env.screen = true
	out := d.ok("status")
	for _, row := range []struct {
		name string
		full int
	}{{"attese", 30}, {"non iniziata", 20}, {"in corso", 10}, {"completa", 0}} {
		want := strings.Repeat("█", row.full) + strings.Repeat("░", 30-row.full)
		found := false
		for line := range strings.Lines(out) {
			found = found || strings.HasPrefix(line, row.name) && strings.HasSuffix(strings.TrimSpace(line), " "+want)
		}
		if !found {
			t.Errorf("%s is not drawn with %d cells:\n%s", row.name, row.full, out)
		}
	}
}
