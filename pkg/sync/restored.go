package sync

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
)

// Archive is what the device keeps of everything that was acknowledged, so
// that a server which was restored from a backup can be given what it lacks
// (PROTOCOL 17).
type Archive interface {
	// Reconciled gives the epoch with which nothing is open any more.
	Reconciled() (epoch string, err error)
	// Held lists the receipts as they came.
	Held() ([][]byte, error)
	// Acknowledged gives the bytes of a body by their digest, nil when they
	// are not here.
	Acknowledged(digest string) ([]byte, error)
	// Rest lists the parts that rest on revisions of the server.
	Rest() (parts []string, err error)
	// Compare holds what rests on the server's revisions of a part against
	// line, the revisions that it has now, oldest first. What rests on one that
	// is gone counts as unsent, and what waits to replace it is a conflict, until
	// it is there again. freed says that a conflict has ended so.
	Compare(part string, line []Revision) (freed bool, err error)
	// Unsettled says whether a part waits for that.
	Unsettled(part string) (bool, error)
	// KeepReconciled notes that the server of this epoch has everything.
	KeepReconciled(epoch string) error
}

// Missing asks a restored server which of these receipts' submissions it does
// not have.
func (c *Client) Missing(ctx context.Context, epoch string, held []Receipt) ([]string, error) {
	body, err := json.Marshal(Reconcile{Epoch: epoch, Held: held})
	if err != nil {
		return nil, fmt.Errorf("reconcile: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPost, path: "/reconcile", body: body})
	if err != nil {
		return nil, err
	}
	var m Missing
	if err := a.json(&m); err != nil {
		return nil, err
	}
	if m.Missing == nil {
		return nil, a.unfit(errors.New("null is not a list"))
	}
	return m.Missing, nil
}

// Reoffer sends acknowledged bytes again with the receipt that they had. beside
// says that other content has taken their place.
func (c *Client) Reoffer(ctx context.Context, body, receipt []byte, old Receipt) (beside bool, err error) {
	header := c.replacing(old.Revision - 1)
	header[HeaderReceipt] = []string{string(receipt)}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/parts/" + url.PathEscape(old.Part), body: body, header: header})
	if err != nil {
		return false, err
	}
	again, err := c.readReceipt(a.body)
	if err == nil {
		want := old
		want.LeafIndex, want.Proof = again.LeafIndex, again.Proof
		if key := again.firstDifference(want); key != "" {
			err = fmt.Errorf("%s is not what it was", key)
		}
	}
	if err != nil {
		return false, a.unfit(fmt.Errorf("receipt not believed: %w", err))
	}
	return a.header.Get(HeaderState) == StateBeside, nil
}

// reconcile gives a restored server what it lacks, before anything new is
// sent, because a new revision names the one before it, and then looks whether
// what stands here rests on revisions that are still there: after a restore a
// number can be another content's. That it is due is durable until all is done:
// the epoch is noted last, and of each institution by itself. What the server
// refuses stays open and is offered again in the next pass.
func (p *pass) reconcile() (looked bool, err error) {
	epoch := p.rep.Server.Epoch
	if p.Archive == nil || !p.Client.SignedIn() || epoch == "" {
		return false, nil
	}
	done, err := p.Archive.Reconciled()
	if err != nil || done == epoch {
		return false, err
	}
	open, err := p.giveBack(epoch)
	if err != nil || p.stop {
		return true, err
	}
	if err := p.compare(); err != nil || p.stop || open {
		return true, err
	}
	// If we crash before this, all is asked again and found there.
	if err := p.Archive.KeepReconciled(epoch); err != nil {
		return true, fmt.Errorf("sync: note that the restored server has everything: %w", err)
	}
	return true, nil
}

// compare holds every base against the server's line of its part.
func (p *pass) compare() error {
	parts, err := p.Archive.Rest()
	if err != nil {
		return fmt.Errorf("sync: read what rests on the server: %w", err)
	}
	for _, part := range parts {
		if err := p.comparePart(part); err != nil || p.stop {
			return err
		}
	}
	return nil
}

func (p *pass) comparePart(part string) error {
	line, err := p.Client.Revisions(p.ctx, part)
	var refused *Problem
	if errors.As(err, &refused) && refused.Code == NotFound {
		line, err = nil, nil // its questionnaire is not there: neither are its revisions
	}
	if err != nil {
		return p.interrupted(err)
	}
	freed, err := p.Archive.Compare(part, line)
	if err != nil {
		return fmt.Errorf("sync: compare %s with the server: %w", part, err)
	}
	p.again = p.again || freed
	return nil
}

// settle looks whether a part that waits for its base has it again.
func (p *pass) settle(part string) error {
	if p.Archive == nil {
		return nil
	}
	open, err := p.Archive.Unsettled(part)
	if err != nil {
		return fmt.Errorf("sync: look at %s: %w", part, err)
	}
	if !open {
		return nil
	}
	return p.comparePart(part)
}

// giveBack offers the restored server what it lacks of what it has acknowledged.
// open says that it has refused something.
func (p *pass) giveBack(epoch string) (open bool, err error) {
	held, raws, err := p.lostReceipts(epoch)
	if err != nil {
		return false, err
	}
	for chunk := range slices.Chunk(held, MaxHeld) {
		missing, err := p.Client.Missing(p.ctx, epoch, chunk)
		if err != nil {
			return false, p.interrupted(err)
		}
		for _, r := range chunk {
			if !slices.Contains(missing, r.SubmissionID) {
				continue
			}
			body, err := p.Archive.Acknowledged(r.ContentDigest)
			if err != nil {
				return false, fmt.Errorf("sync: read what was acknowledged: %w", err)
			}
			if body == nil {
				continue // only another device of the school has the bytes
			}
			beside, err := p.Client.Reoffer(p.ctx, body, raws[r.Number], r)
			var refused *Problem
			switch {
			case errors.As(err, &refused) && ownFault(refused.Code):
				open = true // another part may still be taken
				p.rep.Owed = append(p.rep.Owed, Owed{Receipt: r, Err: refused})
			case err != nil:
				return false, p.interrupted(err)
			default:
				p.rep.Reoffered = append(p.rep.Reoffered, Reoffered{Receipt: r, Beside: beside})
			}
		}
	}
	return open, nil
}

// ownFault says whether a refusal is about the submission and not about the
// session, the server as a whole or its epoch, which ends the pass.
func ownFault(code Code) bool {
	switch code {
	case RateLimited, Unauthorized, PasswordChangeRequired, EpochChanged, Internal, Unavailable:
		return false
	}
	return true
}

// interrupted ends the pass: what is new must not overtake what is owed.
func (p *pass) interrupted(err error) error {
	if p.stop = true; !p.overtaken(err) {
		p.rep.Err = cmp.Or(p.rep.Err, err)
	}
	state, _ := Classify(err)
	p.shut = state == OpNeedsLogin // sessions of after the copy are gone too
	return nil
}

// overtaken says that the server was restored since this pass began: the pass
// is made again, from its greeting.
func (p *pass) overtaken(err error) bool {
	var refused *Problem
	if !errors.As(err, &refused) || refused.Code != EpochChanged {
		return false
	}
	p.again = true
	return true
}

// lostReceipts are those of other epochs than the server's, in the order in
// which they have to be offered: the general part first, revisions as they
// followed each other.
func (p *pass) lostReceipts(epoch string) (held []Receipt, raws map[string][]byte, err error) {
	all, err := p.Archive.Held()
	if err != nil {
		return nil, nil, fmt.Errorf("sync: read the receipts: %w", err)
	}
	raws = map[string][]byte{}
	for _, raw := range all {
		r, err := ParseReceipt(raw)
		if err != nil {
			continue // damage of this device; its own check tells of it
		}
		if strings.Contains(r.Proof, "\n\n"+Origin(epoch)+"\n") {
			continue
		}
		held = append(held, r)
		raws[r.Number] = raw
	}
	slices.SortStableFunc(held, func(a, b Receipt) int {
		return cmp.Or(cmp.Compare(rank(a.Part), rank(b.Part)), cmp.Compare(a.Part, b.Part), cmp.Compare(a.Revision, b.Revision))
	})
	return held, raws, nil
}

// Reoffered is a submission that a restored server has taken back.
type Reoffered struct {
	Receipt Receipt
	Beside  bool // other content has taken its place: people decide
}

// Owed is a submission that a restored server does not take back yet.
type Owed struct {
	Receipt Receipt
	Err     *Problem // unknown_questionnaire: that version has to be published again
}

// LogAlarm is what a device found of the server's log that may not be. The
// first one stays, with what it was found by.
type LogAlarm struct {
	Kind     string    `json:"kind"` // one of the Alarm words
	At       time.Time `json:"at"`
	Incident string    `json:"incident"`
	Epoch    string    `json:"epoch"`
	Kept     string    `json:"kept"`  // the checkpoint, or the keys, that this device trusts
	Found    string    `json:"found"` // what the server shows instead
}

// The kinds of alarm.
const (
	AlarmKeyChanged   = "log_key_changed"
	AlarmLogShrunk    = "log_shrunk"
	AlarmLogRewritten = "log_rewritten"
)

// Handovers gives the chain from each key of the log to the next.
func (c *Client) Handovers(ctx context.Context) ([]string, error) {
	list, _, err := getJSON[[]string](ctx, c, "/log/keys", func([]string) error { return nil })
	return list, err
}

// Consistency asks for the newest checkpoint and a proof that it holds all of
// an older one of this size. The checkpoint is verified, the proof is not. One
// that is readable and that no trusted key has signed is ErrLogRewritten; what
// cannot be read is a *NetError, because anything between here and the server
// can spoil an answer.
func (c *Client) Consistency(ctx context.Context, older int64) (Checkpoint, Consistency, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/log/consistency?old=" + strconv.FormatInt(older, 10)})
	if err != nil {
		return Checkpoint{}, Consistency{}, err
	}
	got, err := ParseConsistency(string(a.body))
	if err != nil {
		return Checkpoint{}, got, a.unfit(err)
	}
	_, keys := c.held()
	head, err := OpenCheckpoint(got.Checkpoint, keys...)
	var unknown *note.UnverifiedNoteError
	var forged *note.InvalidSignatureError
	switch {
	case errors.As(err, &unknown), errors.As(err, &forged):
		return head, got, fmt.Errorf("%w: %w", ErrLogRewritten, err)
	case err != nil:
		return head, got, a.unfit(err)
	}
	return head, got, nil
}

// newKey judges a key of the log that this device has not met. Whoever held the
// old key has signed for it, or it is the same key under the name of a new
// epoch; otherwise it is an alarm, and the person hears of it. Sending goes on:
// a school at its last hour must not be stopped by the office's trouble.
func (p *pass) newKey(info ServerInfo) error {
	_, known := p.Client.held()
	if p.Log == nil || len(known) == 0 || slices.Contains(known, info.LogKey) {
		return nil
	}
	handovers := []string{}
	if _, err := FollowKeys(known, info.LogKey, nil); err != nil {
		if handovers, err = p.Client.Handovers(p.ctx); err != nil {
			var refused *Problem
			if !errors.As(err, &refused) {
				return err // the next pass asks again, before it believes the key
			}
		}
	}
	keys, err := FollowKeys(known, info.LogKey, handovers)
	if err != nil {
		return p.alarm(AlarmKeyChanged, ErrKeyChanged, strings.Join(known, "\n"), info.LogKey)
	}
	p.Client.Trust(keys...)
	return nil
}

// alarm keeps the finding on the device.
func (p *pass) alarm(kind string, finding error, kept, found string) error {
	p.rep.LogAlarm = finding
	err := p.Log.KeepAlarm(LogAlarm{Kind: kind, At: p.Now(), Incident: p.Client.Last().Incident, Epoch: p.rep.Server.Epoch, Kept: kept, Found: found})
	if err != nil {
		return fmt.Errorf("sync: keep the alarm: %w", err)
	}
	return nil
}

// witness asks the log to prove that it still holds what it held at the last
// contact, and keeps its newest head for the next one.
func (p *pass) witness() error {
	if p.Log == nil {
		return nil
	}
	oldText, err := p.Log.Checkpoint()
	if err != nil {
		return fmt.Errorf("sync: read the last checkpoint: %w", err)
	}
	_, keys := p.Client.held()
	old, oldErr := OpenCheckpoint(oldText, keys...)
	same := oldErr == nil && old.Origin == Origin(p.rep.Server.Epoch)
	if !same {
		old = Checkpoint{} // none yet, or of before a restore
	}
	head, proof, err := p.Client.Consistency(p.ctx, old.Size)
	var lost *NetError
	switch {
	case errors.Is(err, ErrLogRewritten) && same:
		return p.alarm(AlarmLogRewritten, ErrLogRewritten, oldText, proof.Checkpoint)
	case errors.As(err, &lost): // also an answer that cannot be read: that proves nothing against the server
		p.rep.Err = cmp.Or(p.rep.Err, err)
		return nil
	case err != nil:
		return nil // not what the person came for
	}
	if same {
		switch err := VerifyConsistency(old, head, proof.Proof); {
		case errors.Is(err, ErrLogShrunk):
			return p.alarm(AlarmLogShrunk, ErrLogShrunk, oldText, proof.Checkpoint)
		case err != nil: // the older head is the evidence: it stays
			return p.alarm(AlarmLogRewritten, ErrLogRewritten, oldText, proof.Checkpoint)
		}
	}
	if err := p.Log.KeepCheckpoint(proof.Checkpoint); err != nil {
		return fmt.Errorf("sync: keep the checkpoint: %w", err)
	}
	return nil
}
