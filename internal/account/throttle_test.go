package account

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var noon = time.Date(2023, 12, 18, 12, 0, 0, 0, time.UTC)

func TestThrottleDelays(t *testing.T) {
	th := NewThrottle(3, 10)
	for i, want := range []time.Duration{0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60, 60} {
		th.Failed("MIIS00100B", noon)
		if got := th.Slowed("MIIS00100B", noon); (got == i+1) != (want > 0) {
			t.Errorf("failure %d: slowed down after %d", i+1, got)
		}
		if got := th.RetryAfter("MIIS00100B", noon); got != want*time.Second {
			t.Errorf("failure %d: %v, want %v", i+1, got, want*time.Second)
		}
	}
	if got := th.RetryAfter("MIIS00100B", noon.Add(45*time.Second)); got != 15*time.Second {
		t.Errorf("after 45 s: %v", got)
	}
	if got := th.RetryAfter("MIIS00100B", noon.Add(time.Minute)); got != 0 {
		t.Errorf("after a minute: %v", got)
	}
	if got := th.RetryAfter("MIIS00200C", noon); got != 0 {
		t.Errorf("another account: %v", got)
	}
	if th.Slowed("MIIS00100B", noon.Add(59*time.Minute)) != 12 || th.Slowed("MIIS00100B", noon.Add(time.Hour)) != 0 || th.Slowed("MIIS00200C", noon) != 0 {
		t.Error("slowed down for too long, too short, or another")
	}
	th.Succeeded("MIIS00100B")
	th.Succeeded("never seen")
	if got := th.RetryAfter("MIIS00100B", noon); got != 0 {
		t.Errorf("after success: %v", got)
	}
}

func TestThrottleForgets(t *testing.T) {
	th := NewThrottle(0, 10)
	for range 20 {
		th.Failed("k", noon)
	}
	later := noon.Add(forgetAfter)
	th.Failed("k", later)
	if got := th.RetryAfter("k", later); got != firstDelay {
		t.Errorf("an hour later: %v, want %v", got, firstDelay)
	}
}

func TestThrottleClockSetBack(t *testing.T) {
	th := NewThrottle(0, 10)
	th.Failed("k", noon)
	th.Failed("k", noon)
	before := noon.Add(-24 * time.Hour)
	if got := th.RetryAfter("k", before); got > maxDelay {
		t.Errorf("a day back: %v", got)
	}
	th.Failed("k", before)
	if got := th.RetryAfter("k", before.Add(4*time.Second)); got != 0 {
		t.Errorf("the old day still holds: %v", got)
	}
}

func TestThrottleEvictsTheOldest(t *testing.T) {
	th := NewThrottle(0, 3)
	for i, key := range []string{"a", "b", "c", "a", "d"} { // a fails again, so b is the oldest
		th.Failed(key, noon.Add(time.Duration(i)*time.Millisecond))
	}
	for key, kept := range map[string]bool{"a": true, "b": false, "c": true, "d": true} {
		if got := th.RetryAfter(key, noon) > 0; got != kept {
			t.Errorf("%s kept: %v, want %v", key, got, kept)
		}
	}
}

// Guesses that come at the same moment do not slip through together.
func TestAdmitIsOneStep(t *testing.T) {
	th := NewThrottle(3, 10)
	var admitted int
	var mu sync.Mutex
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			if th.Admit("k", noon) == 0 {
				mu.Lock()
				admitted++
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	if admitted != 4 { // the free ones, and the one that is followed by a pause
		t.Errorf("%d admitted at once", admitted)
	}
	if wait := th.Admit("k", noon.Add(time.Second)); wait != 0 {
		t.Errorf("after the pause: %v", wait)
	}
	if wait := th.Admit("k", noon.Add(time.Second)); wait != 2*time.Second {
		t.Errorf("right after: %v", wait)
	}
}

// Within the memory of the throttle a further failure never shortens a wait,
// waiting only shortens it, and no wait is longer than a minute: nobody is
// ever locked out.
func TestThrottleMonotonic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		th := NewThrottle(rapid.IntRange(0, 5).Draw(t, "free"), 4)
		now := noon
		var after time.Duration
		steps := rapid.SliceOfN(rapid.Int64Range(0, int64(2*maxDelay)), 1, 40).Draw(t, "pauses")
		for _, pause := range steps {
			now = now.Add(time.Duration(pause))
			before := th.RetryAfter("k", now)
			if before > max(after-time.Duration(pause), 0) {
				t.Fatalf("waiting %v made %v of %v", time.Duration(pause), before, after)
			}
			th.Failed("k", now)
			next := th.RetryAfter("k", now)
			if next < before || next < after && next != maxDelay || next > maxDelay {
				t.Fatalf("the wait went from %v (%v after the last failure) to %v", before, after, next)
			}
			after = next
		}
		if th.RetryAfter("k", now.Add(maxDelay)) != 0 {
			t.Fatal("still closed after a minute")
		}
	})
}

// Whatever comes, in whatever order of time: bounded in keys and in waits, and
// its two indexes agree.
func TestThrottleBounded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := rapid.IntRange(1, 5).Draw(t, "limit")
		th := NewThrottle(rapid.IntRange(0, 3).Draw(t, "free"), limit)
		key := func(t *rapid.T) string { return fmt.Sprint(rapid.IntRange(0, 12).Draw(t, "key")) }
		moment := func(t *rapid.T) time.Time {
			return noon.Add(time.Duration(rapid.Int64Range(-int64(48*time.Hour), int64(48*time.Hour)).Draw(t, "time")))
		}
		t.Repeat(map[string]func(*rapid.T){
			"failed":    func(t *rapid.T) { th.Failed(key(t), moment(t)) },
			"admit":     func(t *rapid.T) { th.Admit(key(t), moment(t)) },
			"succeeded": func(t *rapid.T) { th.Succeeded(key(t)) },
			"retry": func(t *rapid.T) {
				if d := th.RetryAfter(key(t), moment(t)); d < 0 || d > maxDelay {
					t.Fatalf("wait %v", d)
				}
			},
			"": func(t *rapid.T) {
				if len(th.byKey) > limit || len(th.byKey) != th.oldest.Len() {
					t.Fatalf("%d keys, %d in the list, %d allowed", len(th.byKey), th.oldest.Len(), limit)
				}
			},
		})
	})
}

func TestThrottleConcurrent(t *testing.T) {
	th := NewThrottle(3, 8)
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			for j := range 200 {
				key := fmt.Sprint((i + j) % 20)
				th.Failed(key, noon)
				th.RetryAfter(key, noon)
				if j%7 == 0 {
					th.Succeeded(key)
				}
			}
		})
	}
	wg.Wait()
	if len(th.byKey) > 8 {
		t.Errorf("%d keys", len(th.byKey))
	}
}
