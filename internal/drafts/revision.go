package drafts

import (
	"errors"
	"fmt"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Adopt takes a downloaded revision in. A draft with unsent changes, or with a
// submission under way, is left as it is and keeps its base: the revision is
// laid beside it as Theirs, and a person decides ([Store.Resolve]). Otherwise
// it becomes the base and the draft's content. filled says which. A revision
// that is not newer than the base changes nothing.
func (s *Store) Adopt(o Owner, part string, p surveysync.PartBody) (filled bool, err error) {
	body, digest := p.Body, p.Digest
	sub, err := surveysync.ParseSubmission(body)
	switch {
	case err != nil:
		return false, fail(CodeBody, err)
	case surveysync.Digest(body) != p.BodyDigest() || p.Revision < 1 || sub.Part != part || sub.Survey != o.Survey:
		return false, fail(CodeBody, errors.New("the body is not that of its address"))
	}
	if _, err := bodyDraft(body); err != nil {
		return false, err
	}
	theirs := Base{Revision: p.Revision, Digest: digest, Kept: p.Kept, ReceivedAt: p.ReceivedAt, Device: p.Device}
	err = s.change(o, func(b *bucket) error {
		filled = false
		base, err := loadBase(b, bBases, part)
		if err != nil {
			return err
		}
		e, queued, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		beside, err := loadBase(b, bTheirs, part)
		if err != nil {
			return err
		}
		known := base != nil && (p.Revision < base.Revision || p.Revision == base.Revision && digest == base.Digest) || beside != nil && p.Revision < beside.Revision
		if known || queued && e.Digest == digest {
			return nil // our own is settled by its receipt, which the next pass brings
		}
		d, begun, err := loadDraft(b, part)
		if err != nil {
			return err
		}
		if err := b.Bucket(bArchive).Put([]byte(theirs.BodyDigest()), body); err != nil {
			return err
		}
		if queued || begun && d.Touched {
			return putJSON(b.Bucket(bTheirs), []byte(part), theirs)
		}
		filled = true
		if err := errors.Join(putJSON(b.Bucket(bBases), []byte(part), theirs), b.Bucket(bTheirs).Delete([]byte(part))); err != nil {
			return err
		}
		return s.fill(b, part, theirs.BodyDigest())
	})
	return filled && err == nil, err
}

// Behind says whether revision n is newer than what this device holds.
func (s *Store) Behind(o Owner, part string, n int, digest string) (bool, error) {
	behind := true
	err := s.read(o, func(b *bucket) error {
		e, queued, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		behind = !queued || e.Digest != digest
		for _, bucket := range [][]byte{bBases, bTheirs} {
			held, err := loadBase(b, bucket, part)
			if err != nil {
				return err
			}
			// Of one number there are two only after a restore: then the server's
			// is the one in force.
			if held != nil && (held.Revision > n || held.Revision == n && held.Digest == digest) {
				behind = false
			}
		}
		return nil
	})
	return behind, err
}

// Resolution is what a person has decided about a conflict.
type Resolution struct {
	Revision     int // the one laid beside the draft, from which the draft starts now
	Changes      []Change
	Explanations map[string]*survey.Explanation // by check; nil takes one away
	Merge        *surveysync.MergeRecord        // for the next submission to tell
}

// Resolve ends a conflict as a person has decided, and drops the submission
// that met it. One transaction: if we crash before it, the conflict stands as
// before. When the draft then holds what the server has, there is nothing to
// send and so nothing to tell.
func (s *Store) Resolve(o Owner, part string, r Resolution) error {
	return s.change(o, func(b *bucket) error {
		theirs, err := loadBase(b, bTheirs, part)
		if err != nil {
			return err
		}
		draft := b.Bucket(bDrafts).Bucket([]byte(part))
		if theirs == nil || theirs.Revision != r.Revision || draft == nil {
			return fail(CodeBase, fmt.Errorf("revision %d is not the one that waits", r.Revision))
		}
		if err := dropEntry(b, part); err != nil {
			return err
		}
		for _, c := range r.Changes {
			if err := putChange(draft, c); err != nil {
				return err
			}
		}
		for check, e := range r.Explanations {
			if err := putExplanation(draft, check, e); err != nil {
				return err
			}
		}
		d, err := bodyDraft(b.Bucket(bArchive).Get([]byte(theirs.BodyDigest())))
		if err != nil {
			return err
		}
		if _, err := s.touch(draft); err != nil {
			return err
		}
		if err := errors.Join(draft.Put(kSent, []byte(d.generation())), b.Bucket(bTheirs).Delete([]byte(part)),
			putJSON(b.Bucket(bBases), []byte(part), theirs), draft.Delete(kMerge)); err != nil {
			return err
		}
		if now, _, err := loadDraft(b, part); err != nil || now.Sent || r.Merge == nil {
			return err
		}
		return putJSON(draft, kMerge, r.Merge)
	})
}
