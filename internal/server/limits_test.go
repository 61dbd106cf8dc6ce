package server

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	surveysync "rileva/pkg/sync"
)

// TestLimitsAreTold: docs/operations.md says of each limit what the program has.
func TestLimitsAreTold(t *testing.T) {
	raw, err := os.ReadFile("../../docs/operations.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, found := strings.Cut(string(raw), "\n## Limits\n")
	section, _, _ = strings.Cut(section, "\n## ")
	if !found {
		t.Fatal("docs/operations.md tells no limits")
	}
	kib := func(n int) string { return fmt.Sprintf("%d KiB", n>>10) }
	mib := func(n int) string { return fmt.Sprintf("%d MiB", n>>20) }
	minutes := func(d time.Duration) string { return fmt.Sprintf("%d min", d/time.Minute) }
	w := newWorld(t)
	s := New(Config{Store: w.store, Hasher: w.server.hasher}) // the world lifts the limits
	for _, row := range []string{
		fmt.Sprintf("| connections in all | %d |", MaxConnections),
		fmt.Sprintf("| connections from one network (an IPv4 address, an IPv6 /64) | %d, ", MaxConnectionsFromOne),
		fmt.Sprintf("| header of a request | %s in %d s |", kib(maxHeader), readHeaderTimeout/time.Second),
		fmt.Sprintf("| body of a request | %s, before a token %s | 413 `too_large`, after up to %s ", mib(surveysync.MaxBody), kib(maxOpenBody), mib(surveysync.MaxDrain)),
		fmt.Sprintf("| a whole request | %s |", minutes(readTimeout)),
		fmt.Sprintf("| an answer | %s from", minutes(writeTimeout)),
		fmt.Sprintf("| an idle connection | %s |", minutes(idleTimeout)),
		fmt.Sprintf("| submissions of one school | %d at once, then %g a second |", s.submits.burst, float64(s.submits.perSecond)),
	} {
		if !strings.Contains(section, row) {
			t.Errorf("docs/operations.md does not say %q", row)
		}
	}
}
