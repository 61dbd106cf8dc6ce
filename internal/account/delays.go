package account

import (
	"context"
	"strings"
	"time"
)

// Delays slow failed sign-ins down, by the account and by the network that
// they come from, see [Throttle]; the same whichever of several servers is
// asked. Safe for concurrent use.
type Delays struct {
	// ByCode has the accounts by login code, and the changes of a password.
	ByCode *Throttle
	// ByNetwork has what the sign-ins come from.
	ByNetwork *Throttle
	// Ledger is where several servers keep them together; nil for one alone.
	Ledger Ledger
}

// Ledger keeps the failures of several servers.
type Ledger interface {
	// Exchange gives what is kept under the key, and keeps what do makes of it,
	// for one caller at a time. Nothing is kept with a count of 0.
	Exchange(ctx context.Context, key string, do func(Failures) Failures) error
	// Since gives what failed later than that, by key.
	Since(ctx context.Context, then time.Time) (map[string]Failures, error)
}

// An account has three failures free; a network more, because a whole office or
// town may share it. Both forget the oldest of ten thousand.
const (
	freeOfCode    = 3
	freeOfNetwork = 50
	keysKept      = 10_000
)

// NewDelays builds the Delays of a server.
func NewDelays(ledger Ledger) *Delays {
	return &Delays{NewThrottle(freeOfCode, keysKept), NewThrottle(freeOfNetwork, keysKept), ledger}
}

// Wait tells how long a network has to wait.
func (d *Delays) Wait(ctx context.Context, network string, now time.Time) (wait time.Duration, err error) {
	err = d.exchange(ctx, d.ByNetwork, network, func() { wait = d.ByNetwork.RetryAfter(network, now) })
	return wait, err
}

// Failed counts a failure of a network.
func (d *Delays) Failed(ctx context.Context, network string, now time.Time) error {
	return d.exchange(ctx, d.ByNetwork, network, func() { d.ByNetwork.Failed(network, now) })
}

// Admit tells how long an account has to wait, or counts a failure beforehand,
// see [Throttle.Admit].
func (d *Delays) Admit(ctx context.Context, code string, now time.Time) (wait time.Duration, err error) {
	err = d.exchange(ctx, d.ByCode, code, func() { wait = d.ByCode.Admit(code, now) })
	return wait, err
}

// Succeeded forgets the failures of an account.
func (d *Delays) Succeeded(ctx context.Context, code string) error {
	return d.exchange(ctx, d.ByCode, code, func() { d.ByCode.Succeeded(code) })
}

// Refresh brings what the other servers know, for whoever looks at all of them.
func (d *Delays) Refresh(ctx context.Context, now time.Time) error {
	if d.Ledger == nil {
		return nil
	}
	all, err := d.Ledger.Since(ctx, now.Add(-forgetAfter))
	if err != nil {
		return err
	}
	for _, t := range []*Throttle{d.ByCode, d.ByNetwork} {
		t.clear()
	}
	for key, f := range all {
		if code, ok := strings.CutPrefix(key, d.prefix(d.ByCode)); ok {
			d.ByCode.Put(code, f)
		} else if network, ok := strings.CutPrefix(key, d.prefix(d.ByNetwork)); ok {
			d.ByNetwork.Put(network, f)
		}
	}
	return nil
}

func (d *Delays) prefix(t *Throttle) string {
	if t == d.ByCode {
		return "code "
	}
	return "network "
}

// exchange does something to a key of a Throttle that begins with what is known
// of it everywhere, and tells everybody what has become of it.
func (d *Delays) exchange(ctx context.Context, t *Throttle, key string, do func()) error {
	if d.Ledger == nil {
		do()
		return nil
	}
	return d.Ledger.Exchange(ctx, d.prefix(t)+key, func(f Failures) Failures {
		t.Put(key, f)
		do()
		return t.Of(key)
	})
}
