package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"slices"
	"time"

	"rileva/pkg/survey"
)

// OpState is where a frozen part in the outbox stands.
type OpState string

// The states of an outbox entry. Only a queued one is tried by itself.
const (
	OpQueued     OpState = "queued"      // to be sent, or its outcome is unknown
	OpRefused    OpState = "refused"     // the server said no; a person has to act
	OpConflict   OpState = "conflict"    // another revision stands there; a person decides
	OpNeedsLogin OpState = "needs_login" // waits for somebody to sign in
)

// Fate is what one attempt tells about the bytes.
type Fate string

// The fates of an attempt. The difference decides whether the bytes may be
// replaced by others under a new id: not while they may be stored.
const (
	FateUnsent    Fate = "unsent"     // not stored by this attempt; says nothing of earlier ones
	FateUnknown   Fate = "unknown"    // they may be stored: only the same bytes again will tell
	FateNotStored Fate = "not_stored" // the server has looked for the id and does not have it
	FateStored    Fate = "stored"     // a receipt came
)

// Queued is one frozen part that waits to be sent.
type Queued struct {
	Part     string
	Body     []byte // the very bytes, see Client.Put
	Replaces int
	Attempts int       // so far
	Next     time.Time // not before
	State    OpState
	Incident string // of the first attempt, when the person was told one
}

// AttemptResult is one line of the history of attempts.
type AttemptResult struct {
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"duration"`
	Incident string        `json:"incident"`
	Code     string        `json:"code"` // accepted, a Code, or the cause of a NetError
	Detail   string        `json:"detail,omitempty"`
	State    OpState       `json:"state,omitempty"` // of the entry afterwards
	Fate     Fate          `json:"fate,omitempty"`
	Next     time.Time     `json:"next,omitzero"`
}

// CodeAccepted is the code of an attempt that brought the receipt.
const CodeAccepted = "accepted"

// Box is one institution's outbox on the device. Every method is one durable
// transaction.
type Box interface {
	// Queue lists the entries; at most one for each part.
	Queue() ([]Queued, error)
	// Sending notes that the bytes are about to leave.
	Sending(part string) error
	// Attempted notes what came of it.
	Attempted(part string, r AttemptResult) error
	// Settled stores the receipt and clears the entry, or does neither.
	Settled(part string, raw []byte, r Receipt, a AttemptResult) error
}

// Shelf keeps what the server says, for the time without a network.
type Shelf interface {
	// KeepServer tells whether the epoch is another than the one known before.
	KeepServer(info ServerInfo, at time.Time) (restored bool, err error)
	KeepReturn(raw []byte, r Return, at time.Time) error
	HasQuestionnaire(digest string) (bool, error)
	KeepQuestionnaire(digest string, raw []byte) error
}

// Downloads takes in revisions that this device does not have.
type Downloads interface {
	// Behind says whether revision n with this digest is news here.
	Behind(part string, n int, digest string) (bool, error)
	// Adopt stores it; filled is false when unsent changes kept the draft.
	Adopt(part string, b PartBody) (filled bool, err error)
}

// Witness keeps the last checkpoint, so that a log that lost entries is found.
type Witness interface {
	Checkpoint() (string, error)
	KeepCheckpoint(text string) error
}

// Syncer makes one pass: what waits is sent, what is new is fetched. When the
// next pass is due stands in the outbox, so it survives the program's end; the
// Syncer itself keeps nothing. One pass at a time.
type Syncer struct {
	Client *Client
	Box    Box
	Shelf  Shelf     // nil: nothing is fetched
	Down   Downloads // nil: no revisions are fetched
	Log    Witness   // nil: no checkpoint is fetched
	Lang   string

	// Forced tries at once what waits for its time or for a sign-in: the
	// person has asked. What was refused stays refused until it is queued
	// anew.
	Forced bool

	Now    func() time.Time                        // nil: time.Now
	Jitter func(below time.Duration) time.Duration // nil: rand.N
	Rand   io.Reader                               // for incident codes; nil: crypto/rand
}

// Sent is a part whose receipt has come.
type Sent struct {
	Part    string
	Receipt Receipt
	Raw     []byte
}

// Waiting is a part that stays in the outbox, and why.
type Waiting struct {
	Part     string
	State    OpState
	Code     string // why: a Code, a cause, or one of the Wait words
	Incident string
	Next     time.Time
	Err      error // of this pass; nil when it was not tried
}

// Why a part was not tried in this pass.
const (
	WaitTime    = "not_yet"       // its next attempt is later
	WaitGeneral = "general_first" // the general part has to be in before
	WaitStopped = "pass_stopped"  // the pass ended before its turn
)

// Fetched is a revision that was downloaded.
type Fetched struct {
	Part     string
	Revision int
	Filled   bool // false: the draft has unsent changes and was left alone
}

// Report is what one pass has done.
type Report struct {
	Contacted      bool // a Rileva server has answered
	Server         ServerInfo
	Restored       bool // the server's epoch has changed: offer again what it lacks
	Sent           []Sent
	Waiting        []Waiting
	Fetched        []Fetched
	Questionnaires []string // digests of those that are new here
	Return         *Return
	// Err is why the server was not reached or why fetching ended: a *NetError
	// or a *Problem. What it means for a part stands in Waiting.
	Err error
	// LogAlarm: the server's log does not extend what it once was.
	LogAlarm error
	Skew     time.Duration // this device's clock ahead of the server's
	Incident string        // of the last call
	Next     time.Time     // when the next pass is due for the outbox; zero: nothing waits for time
}

// Run makes one pass. Its error is of the device alone (the disk); what the
// network and the server did stands in the report, which is as complete as the
// pass was.
func (s *Syncer) Run(ctx context.Context) (Report, error) {
	s.defaults()
	var rep Report
	queue, err := s.Box.Queue()
	if err != nil {
		return rep, fmt.Errorf("sync: read the outbox: %w", err)
	}
	slices.SortStableFunc(queue, func(a, b Queued) int { return cmp.Compare(rank(a.Part), rank(b.Part)) })
	p := &pass{Syncer: s, rep: &rep, ctx: ctx}
	err = p.run(queue)
	last := s.Client.Last()
	rep.Skew, rep.Incident = last.Skew(), last.Incident
	for _, w := range rep.Waiting {
		if w.State == OpQueued && !w.Next.IsZero() && (rep.Next.IsZero() || w.Next.Before(rep.Next)) {
			rep.Next = w.Next
		}
	}
	return rep, err
}

func (s *Syncer) defaults() {
	if s.Now == nil {
		s.Now = time.Now
	}
	if s.Jitter == nil {
		s.Jitter = rand.N[time.Duration]
	}
}

// rank: the general part first, because the server takes no track before it;
// the tracks in the order that the outbox gives.
func rank(part string) int {
	if part == survey.GeneralPart {
		return 0
	}
	return 1
}

// pass is one run's state.
type pass struct {
	*Syncer
	ctx   context.Context
	rep   *Report
	stop  bool // nothing more can be sent in this pass
	vague int  // attempts in a row that broke off on the way
	// hold: the general part was not accepted, neither now nor ever before.
	hold bool
}

func (p *pass) run(queue []Queued) error {
	reached, err := p.greet(queue)
	if err != nil || !reached {
		return err
	}
	for _, q := range queue {
		if err := p.offer(q); err != nil {
			return err
		}
	}
	if p.Shelf == nil || !p.Client.SignedIn() || p.stop || p.ctx.Err() != nil {
		return nil
	}
	return p.pull()
}

// greet asks for the server's log key before anything is sent, because without
// it a receipt could be believed by its fields only. It is also the one call
// that shows whether there is a server at all: when it fails, every part that
// was due counts as tried, so that the waits grow and the history shows why.
func (p *pass) greet(queue []Queued) (bool, error) {
	incident, start := NewIncident(p.Rand), p.Now()
	info, err := p.Client.Server(WithIncident(p.ctx, incident))
	if err == nil {
		p.rep.Contacted, p.rep.Server = true, info
		p.Client.Trust(info.LogKey)
		if p.Shelf == nil {
			return true, nil
		}
		if p.rep.Restored, err = p.Shelf.KeepServer(info, start); err != nil {
			return false, fmt.Errorf("sync: keep the server's description: %w", err)
		}
		return true, nil
	}
	p.rep.Err = err
	for _, q := range queue {
		if why := p.waits(q); why != "" {
			p.wait(q, why)
			continue
		}
		r := p.result(q, err, incident, start)
		r.State, r.Fate = OpQueued, FateUnsent // no part has left the device
		if r.Next.IsZero() {
			r.Next = p.next(q.Attempts, 0)
		}
		if err := p.note(q, r, err); err != nil {
			return false, err
		}
	}
	return false, nil
}

// waits says why an entry is not tried now, or "".
func (p *pass) waits(q Queued) string {
	now := p.Now()
	switch {
	case q.State == OpRefused || q.State == OpConflict:
		return string(q.State)
	case !p.Client.SignedIn():
		return string(OpNeedsLogin)
	case q.State == OpNeedsLogin && !p.Forced:
		return string(OpNeedsLogin)
	case p.Forced:
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
		if state == OpNeedsLogin || refused.Code == RateLimited || refused.Code == Unavailable {
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

// Classify says what an error of [Client.Put] means for the entry and for its
// bytes.
func Classify(err error) (OpState, Fate) {
	var lost *NetError
	var refused *Problem
	switch {
	case err == nil:
		return "", FateStored
	case errors.As(err, &lost):
		if lost.Left {
			return OpQueued, FateUnknown
		}
		return OpQueued, FateUnsent
	case !errors.As(err, &refused):
		return OpQueued, FateUnknown
	}
	switch refused.Code {
	case Unauthorized, PasswordChangeRequired:
		return OpNeedsLogin, FateUnsent
	case RateLimited:
		return OpQueued, FateUnsent
	case RevisionConflict:
		return OpConflict, FateNotStored
	case Invalid, Forbidden, WrongPassword, UseFirstCode, WrongInstitution, TooLarge, UnsupportedMediaType:
		// Decided before the server looks for the id (contract, order of
		// decision): an earlier attempt with the same bytes may be stored.
		return OpRefused, FateUnsent
	}
	switch status := refused.Status; {
	case status >= http.StatusInternalServerError:
		return OpQueued, FateUnknown
	case status == http.StatusUnauthorized:
		return OpNeedsLogin, FateUnsent
	case status == http.StatusTooManyRequests:
		return OpQueued, FateUnsent
	case problems[refused.Code].status == 0:
		return OpRefused, FateUnsent // a code of a later version: who knows when it is decided
	}
	return OpRefused, FateNotStored
}

// pull fetches what is new. An error of the network ends it quietly: the
// parts are sent, and the cache still says how old it is.
func (p *pass) pull() error {
	ret, raw, err := p.Client.Return(p.ctx)
	if err != nil {
		p.rep.Err = cmp.Or(p.rep.Err, err)
		return nil
	}
	// The questionnaire before the return that names it, so that a crash
	// between the two leaves no return without its questions. When only the
	// questionnaire does not come, the dates and messages still count.
	have, err := p.questionnaire(ret.Survey.Questionnaire)
	if err != nil {
		return err
	}
	if err := p.Shelf.KeepReturn(raw, ret, p.Now()); err != nil {
		return fmt.Errorf("sync: keep the return: %w", err)
	}
	p.rep.Return = &ret
	if !have {
		return nil
	}
	if err := p.revisions(ret); err != nil {
		return err
	}
	return p.witness()
}

// questionnaire fetches one that is not here; ok is false when the network
// would not give it.
func (p *pass) questionnaire(digest string) (ok bool, err error) {
	have, err := p.Shelf.HasQuestionnaire(digest)
	if err != nil || have {
		return have, err
	}
	raw, err := p.Client.Questionnaire(p.ctx, digest)
	if err != nil {
		p.rep.Err = cmp.Or(p.rep.Err, err)
		return false, nil
	}
	if err := p.Shelf.KeepQuestionnaire(digest, raw); err != nil {
		return false, fmt.Errorf("sync: keep the questionnaire: %w", err)
	}
	p.rep.Questionnaires = append(p.rep.Questionnaires, digest)
	return true, nil
}

// revisions fetches the parts that another device has sent.
func (p *pass) revisions(ret Return) error {
	if p.Down == nil {
		return nil
	}
	for _, part := range ret.Parts {
		if part.Revision == 0 {
			continue
		}
		behind, err := p.Down.Behind(part.Part, part.Revision, part.ContentDigest)
		if err != nil {
			return fmt.Errorf("sync: compare %s: %w", part.Part, err)
		}
		if !behind {
			continue
		}
		body, err := p.Client.Part(p.ctx, part.Part)
		if err != nil {
			p.rep.Err = cmp.Or(p.rep.Err, err)
			return nil
		}
		if s, err := ParseSubmission(body.Body); err != nil || s.Part != part.Part || s.Survey != ret.Survey.ID {
			continue // not readable here: an older program must not lose its draft over it
		} else if ok, err := p.questionnaire(s.Questionnaire); err != nil {
			return err
		} else if !ok {
			continue // answers without their questions would be of no use
		}
		filled, err := p.Down.Adopt(part.Part, body)
		if err != nil {
			return fmt.Errorf("sync: take in %s: %w", part.Part, err)
		}
		p.rep.Fetched = append(p.rep.Fetched, Fetched{Part: part.Part, Revision: body.Revision, Filled: filled})
	}
	return nil
}

// witness compares the log's head with the one last seen here. Without a proof
// of consistency it finds a log that shrank or whose head of the same size is
// another; receipts find the rest.
func (p *pass) witness() error {
	if p.Log == nil {
		return nil
	}
	head, text, err := p.Client.Checkpoint(p.ctx)
	if err != nil {
		return nil // not what the person came for
	}
	oldText, err := p.Log.Checkpoint()
	if err != nil {
		return fmt.Errorf("sync: read the last checkpoint: %w", err)
	}
	_, keys := p.Client.held()
	if old, err := OpenCheckpoint(oldText, keys...); oldText != "" && err == nil && old.Origin == head.Origin {
		switch {
		case head.Size < old.Size:
			p.rep.LogAlarm = ErrLogShrunk
		case head.Size == old.Size && head.Root != old.Root:
			p.rep.LogAlarm = ErrLogRewritten
		}
	}
	if p.rep.LogAlarm != nil {
		return nil // the older head is the evidence: keep it
	}
	if err := p.Log.KeepCheckpoint(text); err != nil {
		return fmt.Errorf("sync: keep the checkpoint: %w", err)
	}
	return nil
}
