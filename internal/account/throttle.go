package account

import (
	"container/list"
	"sync"
	"time"
)

const (
	firstDelay = time.Second
	maxDelay   = time.Minute

	// forgetAfter: failures older than this no longer count. It is longer than
	// maxDelay by far, so that waiting does not pay: one guess a minute either
	// way.
	forgetAfter = time.Hour
)

// Throttle slows sign-ins down after failures, by account or by address. After
// some free failures each further one must be followed by a pause of 1, 2, 4…
// up to 60 seconds. It never locks out: else anyone could keep a school from
// its last hour before the deadline by typing wrong passwords under its code.
//
// It keeps a bounded number of keys and forgets the one that failed longest ago
// first. It reads no clock: the caller passes the time. A Throttle is safe for
// concurrent use.
type Throttle struct {
	free  int
	limit int

	mu     sync.Mutex
	byKey  map[string]*list.Element // of *failures
	oldest *list.List               // front: failed longest ago
}

// Failures are those of one key, of late.
type Failures struct {
	Count int
	Last  time.Time
	Until time.Time // no attempt before this moment
}

type failures struct {
	key string
	Failures
}

// NewThrottle builds a Throttle with so many free failures a key and so many
// keys at most. An account has few free failures (3); an address has more,
// because a whole office may share it.
func NewThrottle(free, keys int) *Throttle {
	return &Throttle{free: free, limit: max(keys, 1), byKey: map[string]*list.Element{}, oldest: list.New()}
}

// RetryAfter tells how long to wait before the next attempt: 0, or at most 60
// seconds. An attempt that comes earlier is refused without looking at the
// password and is not counted, or a client that retries would never get in.
func (t *Throttle) RetryAfter(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.retryAfter(key, now)
}

// Failed counts one failure.
func (t *Throttle) Failed(key string, now time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.failed(key, now)
}

// Admit asks and counts in one step: it returns how long to wait, or counts a
// failure beforehand and returns 0. Succeeded takes it back. Between RetryAfter
// and Failed a hundred parallel guesses would all find the door open; here only
// the first does. Not for addresses, which have successes by many people and
// must not be cleared by one of them: those use RetryAfter and Failed.
func (t *Throttle) Admit(key string, now time.Time) time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	if wait := t.retryAfter(key, now); wait > 0 {
		return wait
	}
	t.failed(key, now)
	return 0
}

// Slowed tells after how many failures the key is slowed down; 0 when it is
// not.
func (t *Throttle) Slowed(key string, now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	e, ok := t.byKey[key]
	if !ok {
		return 0
	}
	if f := e.Value.(*failures); f.Count > t.free && now.Sub(f.Last) < forgetAfter {
		return f.Count
	}
	return 0
}

// clear forgets everything.
func (t *Throttle) clear() {
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.byKey)
	t.oldest.Init()
}

// AllSlowed tells how many keys are slowed down.
func (t *Throttle) AllSlowed(now time.Time) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := 0
	for e := t.oldest.Back(); e != nil; e = e.Prev() {
		f := e.Value.(*failures)
		if now.Sub(f.Last) >= forgetAfter {
			break // those before it failed longer ago
		}
		if f.Count > t.free {
			n++
		}
	}
	return n
}

// Of gives the failures of a key.
func (t *Throttle) Of(key string) Failures {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.byKey[key]; ok {
		return e.Value.(*failures).Failures
	}
	return Failures{}
}

// Put replaces the failures of a key by those that are known elsewhere.
func (t *Throttle) Put(key string, f Failures) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.byKey[key]; ok {
		t.remove(e)
	}
	if f.Count > 0 {
		t.keep(key).Failures = f
	}
}

// Succeeded forgets the failures of the key.
func (t *Throttle) Succeeded(key string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if e, ok := t.byKey[key]; ok {
		t.remove(e)
	}
}

func (t *Throttle) retryAfter(key string, now time.Time) time.Duration {
	e, ok := t.byKey[key]
	if !ok {
		return 0
	}
	// The upper bound matters only when the clock was set back: without it the
	// key would wait for as long as the clock went back.
	return min(max(e.Value.(*failures).Until.Sub(now), 0), maxDelay)
}

func (t *Throttle) failed(key string, now time.Time) {
	var f *failures
	if e, ok := t.byKey[key]; ok {
		f = e.Value.(*failures)
		t.oldest.MoveToBack(e)
		if now.Sub(f.Last) >= forgetAfter {
			*f = failures{key: key}
		}
	} else {
		f = t.keep(key)
	}
	f.Count++
	f.Last = now
	if until := now.Add(t.delay(f.Count)); until.After(f.Until) || f.Until.Sub(now) > maxDelay {
		f.Until = until
	}
}

// keep makes room for a key that failed just now.
func (t *Throttle) keep(key string) *failures {
	if len(t.byKey) >= t.limit {
		t.remove(t.oldest.Front())
	}
	f := &failures{key: key}
	t.byKey[key] = t.oldest.PushBack(f)
	return f
}

func (t *Throttle) remove(e *list.Element) {
	delete(t.byKey, t.oldest.Remove(e).(*failures).key)
}

// delay after the nth failure: 0 while they are free, then 1 s doubled each
// time up to a minute.
func (t *Throttle) delay(n int) time.Duration {
	d := firstDelay
	switch n -= t.free; {
	case n <= 0:
		return 0
	case n > 6: // 2^6 seconds are more than a minute; a longer shift would overflow
		return maxDelay
	}
	return min(d<<(n-1), maxDelay)
}
