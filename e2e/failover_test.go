//go:build unix

package e2e_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"
)

var failovers = flag.Int("failovers", 0, "rounds of failover (make failover); 0: two")

// TestFailover: three servers behind HAProxy on a primary with a synchronous
// standby, while sixty-four schools send. In each round a server is stopped in
// order and goes on as another version of the program, one is killed, the
// primary is cut off, the standby is cut off, the standby is killed, and the
// primary is killed and the standby promoted. Whatever was acknowledged is
// stored once, in its place, and check and log verify find nothing.
func TestFailover(t *testing.T) {
	s := newSite(t)
	if s == nil {
		return
	}
	all := make([]*sender, len(s.letters))
	networks := make([]*http.Transport, len(all))
	var entering sync.WaitGroup
	for half := range 2 { // as many at once as the servers' queue for passwords takes
		for i := half; i < len(all); i += 2 {
			networks[i] = &http.Transport{}
			entering.Go(func() { all[i] = s.enter(i, networks[i]) })
		}
		entering.Wait()
	}
	if t.Failed() {
		return
	}
	// Every second one loses patience and sends again while the first is still
	// being stored. Not earlier: a password takes the server longer than that.
	for i := 1; i < len(networks); i += 2 {
		networks[i].CloseIdleConnections()
		networks[i].ResponseHeaderTimeout = 700 * time.Millisecond
	}
	acts := []struct {
		name string
		do   func(n int)
	}{
		{"server replaced", s.replaceServer},
		{"server killed", s.killServer},
		{"servers cut from primary", func(n int) { s.cut(s.door[0], n) }},
		{"standby cut from primary", func(n int) { s.cut(s.between, n) }},
		{"standby killed", func(int) { s.killStandby() }},
		{"primary killed", func(int) { s.killPrimary() }},
	}
	worst := make([]time.Duration, len(acts))
	rounds := cmp.Or(*failovers, 2)
	for n := range rounds {
		ctx, stop := context.WithCancel(t.Context())
		var busy sync.WaitGroup
		for _, one := range all {
			busy.Go(func() { one.send(ctx) })
		}
		s.more(len(all))
		line := ""
		for i, act := range acts {
			s.silence()
			act.do(n)
			s.more(2 * len(all))
			gap := s.silence()
			worst[i] = max(worst[i], gap)
			line += fmt.Sprintf(", %s %.1f s", act.name, gap.Seconds())
		}
		stop()
		busy.Wait()
		for _, one := range all {
			one.judge()
		}
		s.clean()
		t.Logf("round %d: %d acknowledged%s", n+1, s.count(), line)
		if t.Failed() {
			return
		}
	}
	line := fmt.Sprintf("%d rounds, %d acknowledged, each stored once; the longest time without a receipt:", rounds, s.count())
	for i, act := range acts {
		line += fmt.Sprintf(" %s %.1f s,", act.name, worst[i].Seconds())
	}
	t.Log(line[:len(line)-1])
}
