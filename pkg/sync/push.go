package sync

import (
	"cmp"
	"errors"
	"fmt"

	"rileva/pkg/survey"

	"time"
)

// waits says why an entry is not tried now, or "".
func (p *pass) waits(q Queued) string {
	now := p.Now()
	switch {
	case q.State == OpRefused || q.State == OpConflict:
		return string(q.State)
	case p.shut || !p.Client.SignedIn():
		return string(OpNeedsLogin)
	case q.State == OpNeedsLogin && !p.Forced:
		return string(OpNeedsLogin)
	case p.Forced, p.rep.Contacted && Unreached(q.Last):
		// The person has asked, or the network is back: the server, which the
		// last attempt did not reach, has just answered.
	case q.Next.After(now) && q.Next.Sub(now) <= max(maxBackoff, maxRetryAfter):
		// A longer wait was never given out: this device's clock was wrong
		// when it was written, and nobody should wait for it.
		return WaitTime
	}
	return ""
}

func (p *pass) wait(q Queued, why string) {
	w := Waiting{Part: q.Part, State: q.State, Code: why, Next: q.Next}
	if w.State == "" {
		w.State = OpQueued
	}
	if why == string(OpNeedsLogin) {
		w.State = OpNeedsLogin
	}
	p.rep.Waiting = append(p.rep.Waiting, w)
}

// offer tries one entry when its turn has come.
func (p *pass) offer(q Queued) error {
	why := p.waits(q)
	switch {
	case q.Part != survey.GeneralPart && p.hold && why == "":
		why = WaitGeneral
	case why == "" && (p.stop || p.ctx.Err() != nil):
		why = WaitStopped
	}
	if why != "" {
		p.wait(q, why)
		p.holdFor(q, q.State)
		return nil
	}
	// If we crash after this line, the bytes count as sent: after the restart
	// the same bytes go again and the server tells what became of them.
	if err := p.Box.Sending(q.Part); err != nil {
		return fmt.Errorf("sync: before sending %s: %w", q.Part, err)
	}
	incident, start := NewIncident(p.Rand), p.Now()
	if q.Attempts == 0 && q.Incident != "" {
		incident = q.Incident
	}
	receipt, raw, err := p.Client.Put(p.ctx, q.Part, q.Body, q.Replaces, incident)
	r := p.result(q, err, incident, start)
	if err != nil {
		p.steer(err)
		p.holdFor(q, r.State)
		return p.note(q, r, err)
	}
	p.vague = 0
	// If we crash here, the receipt is lost on the way but not on the server:
	// the entry still stands and the resend brings the same receipt.
	if err := p.Box.Settled(q.Part, raw, receipt, r); err != nil {
		return fmt.Errorf("sync: store the receipt of %s: %w", q.Part, err)
	}
	p.rep.Sent = append(p.rep.Sent, Sent{Part: q.Part, Receipt: receipt, Raw: raw})
	return nil
}

// holdFor keeps the tracks back while no general part was ever accepted. One
// that replaces a revision was; so was one that found another in its way.
func (p *pass) holdFor(q Queued, state OpState) {
	if q.Part == survey.GeneralPart && q.Replaces == 0 && state != OpConflict {
		p.hold = true
	}
}

// steer decides whether what stopped this part would stop the next one too. A
// part must not be blocked by another, so only what concerns the network, the
// session or the server as a whole ends the pass.
func (p *pass) steer(err error) {
	var lost *NetError
	var refused *Problem
	switch {
	case errors.As(err, &lost):
		// A connection that breaks on the way may be due to this one body (a
		// filter in the network); twice in a row it is the network.
		p.vague++
		onTheWay := lost.Cause == CauseTimeout || lost.Cause == CauseCut || lost.Cause == CauseProtocol
		p.stop = p.stop || !lost.Left || !onTheWay || p.vague > 1
		p.rep.Err = err
	case errors.As(err, &refused):
		p.vague = 0
		state, _ := Classify(err)
		if p.overtaken(err) {
			p.stop = true
		} else if state == OpNeedsLogin || refused.Code == RateLimited || refused.Code == Unavailable {
			p.stop, p.rep.Err = true, err
		}
	}
}

// note records an attempt without a receipt.
func (p *pass) note(q Queued, r AttemptResult, cause error) error {
	if err := p.Box.Attempted(q.Part, r); err != nil {
		return fmt.Errorf("sync: record the attempt for %s: %w", q.Part, err)
	}
	p.rep.Waiting = append(p.rep.Waiting, Waiting{Part: q.Part, State: r.State, Code: r.Code,
		Incident: r.Incident, Next: r.Next, Err: cause})
	return nil
}

// result puts an attempt's outcome into a line of the history.
func (p *pass) result(q Queued, err error, incident string, start time.Time) AttemptResult {
	r := AttemptResult{At: start, Duration: max(p.Now().Sub(start), 0), Incident: incident,
		Code: CodeAccepted, Fate: FateStored}
	if err == nil {
		return r
	}
	r.State, r.Fate = Classify(err)
	r.Step = StepOf(err)
	var lost *NetError
	var refused *Problem
	var floor time.Duration
	switch {
	case errors.As(err, &lost):
		r.Code, r.Detail, floor = lost.Cause, lost.Sentence(p.Lang), lost.RetryAfter
	case errors.As(err, &refused):
		r.Code, r.Detail, floor = string(refused.Code), refused.Detail, refused.RetryAfter
		r.Incident = cmp.Or(refused.Incident, incident) // the server made its own when ours did not reach it
	default:
		r.Code = string(Internal)
	}
	if r.State == OpQueued {
		r.Next = p.next(q.Attempts, floor)
	}
	if r.Code == string(EpochChanged) && !p.last {
		r.Next = p.Now() // as soon as the pass that comes at once has compared
	}
	return r
}

// The waits between attempts: full jitter, so that schools that were cut off
// together do not come back together.
const (
	firstBackoff = 2 * time.Second
	maxBackoff   = 30 * time.Minute
)

// next is when to try again after n attempts and this one.
func (p *pass) next(n int, floor time.Duration) time.Time {
	wait := maxBackoff
	if n < 10 { // 2s<<10 is over half an hour already
		wait = min(maxBackoff, firstBackoff<<max(n, 0))
	}
	return p.Now().Add(max(p.Jitter(wait), floor))
}
