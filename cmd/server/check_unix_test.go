//go:build unix

package main

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"
)

// TestCheckEnds: a file that the reading child never comes to an end with, or
// that ends the child, is told of as a fault; a person who gives up is not.
func TestCheckEnds(t *testing.T) {
	for limit, want := range map[time.Duration]string{50 * time.Millisecond: "non è finita", time.Minute: "fa fermare il programma"} {
		command := []string{"sleep"} // for an hour: the name of the file
		if limit == time.Minute {
			command = []string{"sh", "-c", "kill -9 $$", "sh"}
		}
		faults, _, err := checkBy(t.Context(), "3600", limit, command...)
		if err != nil || len(faults) != 1 || !strings.Contains(faults[0], want) {
			t.Errorf("%s: %q, %v, want %q", command, faults, err, want)
		}
	}
	ctx, leave := context.WithCancel(t.Context())
	leave()
	if faults, _, err := checkBy(ctx, "3600", time.Minute, "sleep"); faults != nil || !errors.Is(err, context.Canceled) {
		t.Errorf("given up: %q, %v", faults, err)
	}
}
