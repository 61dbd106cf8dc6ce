package drafts

import (
	"fmt"
	"time"

	surveysync "rileva/pkg/sync"
)

// Box is one owner's side of a pass of sync: its outbox, its cache and its
// downloads. It gives nothing out under another institution's session.
type Box struct {
	store *Store
	owner Owner
}

var (
	_ surveysync.Box       = (*Box)(nil)
	_ surveysync.Shelf     = (*Box)(nil)
	_ surveysync.Downloads = (*Box)(nil)
	_ surveysync.Witness   = (*Box)(nil)
	_ surveysync.Archive   = (*Box)(nil)
)

// Box gives the owner's; the owner must be the institution that is signed in.
func (s *Store) Box(o Owner) (*Box, error) {
	if _, err := o.key(); err != nil {
		return nil, err
	}
	b := &Box{store: s, owner: o}
	return b, b.signedIn()
}

// signedIn holds "a device sends a draft only under the token of the
// institution that it belongs to", also when somebody else has signed in
// since the Box was made.
func (b *Box) signedIn() error {
	session, ok, err := b.store.Session()
	switch {
	case err != nil:
		return err
	case !ok:
		return fail(CodeNotSignedIn, nil)
	case session.Institution.ID != b.owner.Institution:
		return fail(CodeOtherInstitution, fmt.Errorf("%s is signed in", session.Institution.Code))
	}
	return nil
}

// Queue lists the entries.
func (b *Box) Queue() ([]surveysync.Queued, error) {
	if err := b.signedIn(); err != nil {
		return nil, err
	}
	entries, err := b.store.Outbox(b.owner)
	out := make([]surveysync.Queued, 0, len(entries))
	for _, e := range entries {
		out = append(out, surveysync.Queued{Part: e.Part, Body: e.Body, Replaces: e.Replaces, Attempts: e.Attempts,
			Next: e.Next, State: e.State, Incident: e.Incident, Last: e.LastCode})
	}
	return out, err
}

// Sending notes that the bytes are about to leave.
func (b *Box) Sending(part string) error {
	if err := b.signedIn(); err != nil {
		return err
	}
	return b.store.Sending(b.owner, part)
}

// Attempted notes an attempt without a receipt.
func (b *Box) Attempted(part string, r surveysync.AttemptResult) error {
	return b.store.Attempted(b.owner, part, r)
}

// Settled stores the receipt and clears the entry.
func (b *Box) Settled(part string, raw []byte, r surveysync.Receipt, a surveysync.AttemptResult) error {
	return b.store.Settle(b.owner, part, raw, r, a)
}

// KeepServer stores the server's description.
func (b *Box) KeepServer(info surveysync.ServerInfo, at time.Time) (bool, error) {
	return b.store.keepServer(info, at, info.Survey == b.owner.Survey)
}

// KeepReturn stores the return.
func (b *Box) KeepReturn(raw []byte, r surveysync.Return, at time.Time) error {
	return b.store.KeepReturn(b.owner, raw, r, at)
}

// HasQuestionnaire says whether one is here.
func (b *Box) HasQuestionnaire(digest string) (bool, error) {
	_, ok, err := b.store.Questionnaire(digest)
	return ok, err
}

// KeepQuestionnaire stores one.
func (b *Box) KeepQuestionnaire(digest string, raw []byte) error {
	return b.store.KeepQuestionnaire(digest, raw)
}

// Behind says whether a revision is news.
func (b *Box) Behind(part string, n int, digest string) (bool, error) {
	return b.store.Behind(b.owner, part, n, digest)
}

// Unsettled says whether a part waits for the server to have again what it
// rested on.
func (b *Box) Unsettled(part string) (bool, error) { return b.store.Unsettled(b.owner, part) }

// Rest lists the parts that rest on revisions of the server.
func (b *Box) Rest() ([]string, error) { return b.store.Rest(b.owner) }

// Compare holds what rests on the server against what it has.
func (b *Box) Compare(part string, line []surveysync.Revision) (bool, error) {
	return b.store.Compare(b.owner, part, line)
}

// Adopt takes a downloaded revision in.
func (b *Box) Adopt(part string, p surveysync.PartBody) (bool, error) {
	return b.store.Adopt(b.owner, part, p)
}

// Checkpoint gives the last head of the log.
func (b *Box) Checkpoint() (string, error) { return b.store.Checkpoint() }

// KeepCheckpoint stores it.
func (b *Box) KeepCheckpoint(text string) error { return b.store.KeepCheckpoint(text) }

// KeepAlarm notes a finding of the log.
func (b *Box) KeepAlarm(a surveysync.LogAlarm) error { return b.store.KeepAlarm(a) }

// Reconciled gives the epoch of the server that has everything.
func (b *Box) Reconciled() (string, error) { return b.store.Reconciled(b.owner) }

// KeepReconciled stores it.
func (b *Box) KeepReconciled(epoch string) error { return b.store.KeepReconciled(b.owner, epoch) }

// Held lists the receipts as they came.
func (b *Box) Held() ([][]byte, error) {
	if err := b.signedIn(); err != nil {
		return nil, err
	}
	all, err := b.store.Receipts(b.owner)
	out := make([][]byte, 0, len(all))
	for _, h := range all {
		out = append(out, h.Raw)
	}
	return out, err
}

// Acknowledged gives the archived bytes of a digest.
func (b *Box) Acknowledged(digest string) ([]byte, error) {
	if err := b.signedIn(); err != nil {
		return nil, err
	}
	body, _, err := b.store.Body(b.owner, digest)
	return body, err
}
