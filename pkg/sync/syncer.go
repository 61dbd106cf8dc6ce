package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"slices"
	"time"

	"rileva/pkg/survey"
)

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
	// KeepAlarm notes a finding; the first one stays.
	KeepAlarm(a LogAlarm) error
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
	// Archive gives a restored server back what it lacks; nil: nothing is.
	Archive Archive
	Survey  string // that the outbox is of; "" takes the server's
	Lang    string

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
	// Reoffered is what a restored server has taken back.
	Reoffered []Reoffered
	// Owed is what it has refused to take back, and is offered again.
	Owed []Owed
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
	p := &pass{Syncer: s, rep: &rep, ctx: ctx}
	queue, err := p.queue()
	if err != nil {
		return rep, err
	}
	if err = p.run(queue); err == nil && p.again {
		// Once: a server that is restored twice in a minute can wait.
		rep.Waiting, rep.Owed = nil, nil
		p = &pass{Syncer: s, rep: &rep, ctx: ctx, last: true}
		if queue, err = p.queue(); err == nil {
			err = p.run(queue)
		}
	}
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
	again bool // what it has learned calls for another pass at once
	last  bool // this is that other pass
	shut  bool // the session has ended
	vague int  // attempts in a row that broke off on the way
	// hold: the general part was not accepted, neither now nor ever before.
	hold bool
}

// queue reads the outbox, in the order in which it is sent.
func (p *pass) queue() ([]Queued, error) {
	queue, err := p.Box.Queue()
	if err != nil {
		return nil, fmt.Errorf("sync: read the outbox: %w", err)
	}
	slices.SortStableFunc(queue, func(a, b Queued) int { return cmp.Compare(rank(a.Part), rank(b.Part)) })
	return queue, nil
}

func (p *pass) run(queue []Queued) error {
	reached, err := p.greet(queue)
	if err != nil || !reached {
		return err
	}
	switch looked, err := p.reconcile(); {
	case err != nil:
		return err
	case looked: // some of it may be in conflict now
		if queue, err = p.queue(); err != nil {
			return err
		}
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
	if err != nil {
		return false, p.missed(queue, err, incident, start)
	}
	p.rep.Contacted, p.rep.Server = true, info
	p.Client.Expect(info.Epoch)
	stray := p.Survey != "" && info.Survey != p.Survey
	if !stray { // another survey's log has another key
		if err := p.newKey(info); err != nil {
			var lost *NetError
			if errors.As(err, &lost) {
				return false, p.missed(queue, err, incident, start)
			}
			return false, err
		}
		p.Client.Trust(info.LogKey)
	}
	if p.Shelf != nil {
		restored, err := p.Shelf.KeepServer(info, start)
		if err != nil {
			return false, fmt.Errorf("sync: keep the server's description: %w", err)
		}
		p.rep.Restored = p.rep.Restored || restored
	}
	if stray {
		// It would refuse every part, and a person would be told that the data
		// are wrong.
		return false, p.missed(queue, p.Client.stray(CauseOtherSurvey, incident,
			fmt.Errorf("the server collects %q, the outbox is of %q", info.Survey, p.Survey)), incident, start)
	}
	return true, nil
}

// missed counts an attempt for each part that was due: none has left the
// device.
func (p *pass) missed(queue []Queued, cause error, incident string, start time.Time) error {
	p.rep.Err = cause
	for _, q := range queue {
		if why := p.waits(q); why != "" {
			p.wait(q, why)
			continue
		}
		r := p.result(q, cause, incident, start)
		r.State, r.Fate = OpQueued, FateUnsent
		if r.Next.IsZero() {
			r.Next = p.next(q.Attempts, 0)
		}
		if err := p.note(q, r, cause); err != nil {
			return err
		}
	}
	return nil
}
