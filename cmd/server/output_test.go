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
