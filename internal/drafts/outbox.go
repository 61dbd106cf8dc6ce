package drafts

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	surveysync "rileva/pkg/sync"
)

// Frozen is a part as it will be sent: these bytes and no others.
type Frozen struct {
	SubmissionID string
	Body         []byte
	Digest       string
	Replaces     int
	Incident     string // what the person was told; the first attempt bears it
	// Generation is that of the draft which the body was made from. What was
	// typed after that is then still unsent when the receipt comes. Empty: the
	// draft as it is now.
	Generation string
}

// Entry is one part that waits in the outbox.
type Entry struct {
	Part         string
	SubmissionID string
	Digest       string
	Replaces     int
	Incident     string
	Generation   string
	Queued       time.Time
	Attempts     int
	Next         time.Time
	State        surveysync.OpState
	// Unknown: the bytes may be on the server. They stay until it has told.
	Unknown      bool
	LastAt       time.Time
	LastCode     string
	LastIncident string
	LastDetail   string
	Body         []byte
}

// entry is an Entry as stored; its body stands apart, so that noting an
// attempt does not write it anew.
type entry struct {
	Part         string             `json:"part"`
	SubmissionID string             `json:"submission_id"`
	Digest       string             `json:"digest"`
	Replaces     int                `json:"replaces"`
	Incident     string             `json:"incident"`
	Generation   string             `json:"generation"`
	Queued       time.Time          `json:"queued"`
	Attempts     int                `json:"attempts"`
	Next         time.Time          `json:"next"`
	State        surveysync.OpState `json:"state"`
	Unknown      bool               `json:"unknown"`
	Sending      bool               `json:"sending"` // under way when we crashed, or now
	LastAt       time.Time          `json:"last_at"`
	LastCode     string             `json:"last_code"`
	LastIncident string             `json:"last_incident"`
	LastDetail   string             `json:"last_detail"`
}

func (e entry) maybeStored() bool { return e.Unknown || e.Sending }

// Enqueue freezes a part for sending, durably, before anything leaves. At most
// one submission of a part waits: one that is known not to be on the server is
// replaced; one whose outcome is unknown has to be settled first
// (pending_unknown), because the same changes under a new id would meet
// themselves as a conflict. Enqueuing the same bytes again changes nothing.
func (s *Store) Enqueue(o Owner, part string, f Frozen) error {
	sub, err := surveysync.ParseSubmission(f.Body)
	switch {
	case err != nil:
		return fail(CodeBody, err)
	case len(f.Body) > surveysync.MaxBody:
		return fail(CodeBody, fmt.Errorf("%d bytes", len(f.Body)))
	case sub.Part != part || sub.Survey != o.Survey || sub.SubmissionID != f.SubmissionID || surveysync.Digest(f.Body) != f.Digest:
		return fail(CodeBody, errors.New("the body is not what it is said to be"))
	}
	if _, err := bodyDraft(f.Body); err != nil {
		return err
	}
	return s.change(o, func(b *bucket) error {
		if err := ours(b, sub.Institution); err != nil {
			return err
		}
		old, exists, err := loadEntry(b, part)
		switch {
		case err != nil:
			return err
		case exists && old.SubmissionID == f.SubmissionID && old.Digest == f.Digest:
			return nil
		case exists && old.maybeStored():
			return fail(CodePendingUnknown, errors.New(part))
		}
		d, begun, err := loadDraft(b, part)
		switch {
		case err != nil:
			return err
		case !begun:
			return fail(CodeNoDraft, errors.New(part))
		case d.Base.Revision != f.Replaces:
			return fail(CodeBase, fmt.Errorf("replaces %d, the draft starts from %d", f.Replaces, d.Base.Revision))
		}
		e := entry{Part: part, SubmissionID: f.SubmissionID, Digest: f.Digest, Replaces: f.Replaces, Incident: f.Incident,
			Generation: f.Generation, Queued: s.now(), State: surveysync.OpQueued}
		if e.Generation == "" {
			e.Generation = d.Generation
		}
		// If we crash before the commit, nothing was promised; after it, the
		// part leaves whatever happens to the draft meanwhile.
		return errors.Join(putJSON(b.Bucket(bOutbox), []byte(part), e), b.Bucket(bFrozen).Put([]byte(part), f.Body))
	})
}

// ours refuses a body that bears another school's code. What the codes are is
// known once the institution block is.
func ours(b *bucket, code string) error {
	var in struct {
		Codes []string `json:"codes"`
	}
	if ok, err := getJSON(b, kInstitution, &in); err != nil || !ok || slices.Contains(in.Codes, code) {
		return err
	}
	return fail(CodeOtherInstitution, fmt.Errorf("the body is of %.20q", code))
}

// Requeue puts a refused part back into the queue with the same bytes, when
// what stood in their way may be gone (the dates were moved, part 1 is in).
func (s *Store) Requeue(o Owner, part string) error {
	return s.changeEntry(o, part, func(_ *bucket, e *entry) error {
		if e.State != surveysync.OpConflict { // the same bytes would meet the same revision
			e.State, e.Next = surveysync.OpQueued, time.Time{}
		}
		return nil
	})
}

// Withdraw takes a part out of the outbox; not when it may have arrived.
func (s *Store) Withdraw(o Owner, part string) error {
	return s.change(o, func(b *bucket) error { return dropEntry(b, part) })
}

// Outbox lists what waits.
func (s *Store) Outbox(o Owner) ([]Entry, error) {
	var out []Entry
	err := s.read(o, func(b *bucket) error {
		return eachEntry(b, func(e entry) error {
			out = append(out, Entry{Part: e.Part, SubmissionID: e.SubmissionID, Digest: e.Digest, Replaces: e.Replaces,
				Incident: e.Incident, Generation: e.Generation, Queued: e.Queued, Attempts: e.Attempts, Next: e.Next,
				State: e.State, Unknown: e.maybeStored(), LastAt: e.LastAt, LastCode: e.LastCode,
				LastIncident: e.LastIncident, LastDetail: e.LastDetail, Body: bytes.Clone(b.Bucket(bFrozen).Get([]byte(e.Part)))})
			return nil
		})
	})
	return out, err
}

// Sending notes that the bytes are about to leave. If we crash after it, their
// outcome is unknown, and the same bytes go again.
func (s *Store) Sending(o Owner, part string) error {
	return s.changeEntry(o, part, func(_ *bucket, e *entry) error {
		e.Sending = true
		return nil
	})
}

// interrupted turns what was under way when the program last ended into an
// unknown outcome. The mark of being under way belongs to one run: a later
// attempt that does not even reach the server must not wipe out that these
// bytes may be stored.
func (s *Store) interrupted() error {
	var cut []entry
	var owners []Owner
	err := s.view(func(tx *txn) error {
		return eachOwner(tx, func(o Owner, b *bucket) error {
			return eachEntry(b, func(e entry) error {
				if e.Sending {
					cut, owners = append(cut, e), append(owners, o)
				}
				return nil
			})
		})
	})
	if err != nil {
		return err
	}
	for i, e := range cut {
		err := s.changeEntry(owners[i], e.Part, func(_ *bucket, e *entry) error {
			e.Sending, e.Unknown = false, true
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Attempted notes an attempt that brought no receipt.
func (s *Store) Attempted(o Owner, part string, r surveysync.AttemptResult) error {
	return s.changeEntry(o, part, func(b *bucket, e *entry) error {
		e.Sending = false
		switch r.Fate {
		case surveysync.FateNotStored:
			e.Unknown = false
		case surveysync.FateUnsent: // what is known of earlier attempts stays
		default:
			e.Unknown = true
		}
		e.Attempts++
		e.State, e.Next = r.State, r.Next
		if e.State == "" {
			e.State = surveysync.OpQueued
		}
		e.LastAt, e.LastCode, e.LastIncident, e.LastDetail = r.At, r.Code, r.Incident, r.Detail
		return record(b.txn, Attempt{Owner: o, Part: part, AttemptResult: r})
	})
}

// Settle ends a submission with its receipt: receipt, archived body, base and
// the cleared entry in one transaction. If we crash before it, the entry still
// stands and the same bytes bring the same receipt; after it, nothing of it is
// left to do. A receipt of other bytes changes nothing. Settling what is
// settled already is no error.
func (s *Store) Settle(o Owner, part string, raw []byte, r surveysync.Receipt, a surveysync.AttemptResult) error {
	parsed, err := surveysync.ParseReceipt(raw)
	if err != nil || parsed.Number != r.Number || parsed.ContentDigest != r.ContentDigest || parsed.Revision != r.Revision {
		return fail(CodeReceipt, errors.Join(errors.New("the bytes are not those of the receipt"), err))
	}
	return s.change(o, func(b *bucket) error {
		e, exists, err := loadEntry(b, part)
		switch {
		case err != nil:
			return err
		case !exists && b.Bucket(bReceipts).Get([]byte(r.Number)) != nil:
			return nil
		case !exists:
			return fail(CodeNoEntry, errors.New(part))
		case r.ContentDigest != e.Digest || r.SubmissionID != e.SubmissionID || r.Part != part || r.Survey != o.Survey ||
			r.Revision != e.Replaces+1:
			return fail(CodeReceipt, errors.New("the receipt is of something else"))
		}
		body := bytes.Clone(b.Bucket(bFrozen).Get([]byte(part)))
		err = errors.Join(
			b.Bucket(bReceipts).Put([]byte(r.Number), raw),
			b.Bucket(bArchive).Put([]byte(e.Digest), body),
			putJSON(b.Bucket(bBases), []byte(part), Base{Revision: r.Revision, Digest: r.ContentDigest, ReceivedAt: r.ReceivedAt}),
			b.Bucket(bOutbox).Delete([]byte(part)), b.Bucket(bFrozen).Delete([]byte(part)),
			record(b.txn, Attempt{Owner: o, Part: part, AttemptResult: a}),
			forgetTheirs(b, part, r.Revision))
		if err != nil {
			return err
		}
		return acknowledge(b, part, e.Generation, body)
	})
}

// forgetTheirs drops a downloaded revision that is not newer than the base.
func forgetTheirs(b *bucket, part string, revision int) error {
	theirs, err := loadBase(b, bTheirs, part)
	if err != nil || theirs == nil || theirs.Revision > revision {
		return err
	}
	return b.Bucket(bTheirs).Delete([]byte(part))
}

// acknowledge notes which content the server has. What was typed while the
// body was on its way is of another generation and stays unsent.
func acknowledge(b *bucket, part, generation string, body []byte) error {
	draft := b.Bucket(bDrafts).Bucket([]byte(part))
	if draft == nil {
		return nil
	}
	sub, err := surveysync.ParseSubmission(body)
	if err != nil {
		return fail(CodeBody, err)
	}
	var withdraw []string
	if _, err := getJSON(draft, kWithdraw, &withdraw); err != nil {
		return err
	}
	if slices.Equal(withdraw, sub.Withdraw) { // done; a second time it would be refused
		if err := draft.Delete(kWithdraw); err != nil {
			return err
		}
	}
	if sub.Merge != nil { // told
		if err := draft.Delete(kMerge); err != nil {
			return err
		}
	}
	return draft.Put(kSent, []byte(generation))
}

func (s *Store) changeEntry(o Owner, part string, f func(*bucket, *entry) error) error {
	return s.change(o, func(b *bucket) error {
		e, ok, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		if !ok {
			return fail(CodeNoEntry, errors.New(part))
		}
		if err := f(b, &e); err != nil {
			return err
		}
		return putJSON(b.Bucket(bOutbox), []byte(part), e)
	})
}

func loadEntry(b *bucket, part string) (entry, bool, error) {
	var e entry
	ok, err := getJSON(b.Bucket(bOutbox), []byte(part), &e)
	return e, ok, err
}

// dropEntry removes an entry that is known not to be on the server.
func dropEntry(b *bucket, part string) error {
	e, ok, err := loadEntry(b, part)
	switch {
	case err != nil || !ok:
		return err
	case e.maybeStored():
		return fail(CodePendingUnknown, errors.New(part))
	}
	return errors.Join(b.Bucket(bOutbox).Delete([]byte(part)), b.Bucket(bFrozen).Delete([]byte(part)))
}

// eachEntry lists first and calls then, so that f may write.
func eachEntry(b *bucket, f func(entry) error) error {
	var all []entry
	box := b.Bucket(bOutbox)
	if box == nil { // a damaged file: it must be told, not taken along
		return fail(CodeDamaged, errors.New("no outbox"))
	}
	err := box.ForEach(func(k, _ []byte) error {
		e, _, err := loadEntry(b, string(k))
		all = append(all, e)
		return err
	})
	if err != nil {
		return err
	}
	for _, e := range all {
		if err := f(e); err != nil {
			return err
		}
	}
	return nil
}
