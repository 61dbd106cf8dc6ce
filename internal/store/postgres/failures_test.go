//go:build unix

package postgres_test

import (
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/store/postgres/pgtest"
)

// TestDelaysAreShared: who guesses has as many attempts at two servers as at
// one, both see whom they slow down, and who got in at one is free at both.
func TestDelaysAreShared(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	key := filepath.Join(t.TempDir(), "rileva.key")
	var servers [2]*account.Delays
	for i := range servers {
		s := mustOpen(t, address, key)
		defer func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}()
		servers[i] = account.NewDelays(s)
	}
	ctx, now := t.Context(), fixedNow()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	const code = "MIIS00100B"
	var admitted atomic.Int32
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			if wait, err := servers[i%2].Admit(ctx, code, now); err != nil {
				t.Error(err)
			} else if wait == 0 {
				admitted.Add(1)
			}
		})
	}
	all.Wait()
	if admitted.Load() != 4 { // three are free, the fourth makes the next one wait
		t.Errorf("%d of 40 guesses at two servers were looked at, want 4", admitted.Load())
	}
	for i, d := range servers {
		must(d.Refresh(ctx, now))
		if n, in := d.ByCode.Slowed(code, now), d.ByCode.AllSlowed(now); n != 4 || in != 1 || d.ByNetwork.AllSlowed(now) != 0 {
			t.Errorf("server %d sees %d failures, %d accounts", i, n, in)
		}
	}
	for range 51 {
		must(servers[0].Failed(ctx, "2001:db8::/64", now))
	}
	if wait, err := servers[1].Wait(ctx, "2001:db8::/64", now); wait != time.Second || err != nil {
		t.Errorf("the other server lets the network wait %s, %v", wait, err)
	}
	if wait, err := servers[1].Wait(ctx, "192.0.2.1", now); wait != 0 || err != nil {
		t.Errorf("another network waits %s, %v", wait, err)
	}
	must(servers[1].Succeeded(ctx, code))
	must(servers[0].Refresh(ctx, now))
	if n := servers[0].ByCode.Slowed(code, now); n != 0 {
		t.Errorf("still %d failures", n)
	}
	// What was typed as a code may be anything.
	if wait, err := servers[0].Admit(ctx, "\x00\xff", now); wait != 0 || err != nil {
		t.Errorf("%s, %v", wait, err)
	}
	must(servers[0].Refresh(ctx, now.Add(3*time.Hour)))
	if n := servers[0].ByNetwork.AllSlowed(now.Add(3 * time.Hour)); n != 0 {
		t.Errorf("after three hours %d networks wait", n)
	}
}
