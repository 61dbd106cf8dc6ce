package drafts

import (
	"errors"

	surveysync "rileva/pkg/sync"
)

// Handed is a draft from another device, with the bytes of the revision that it
// began from, nil for none.
type Handed struct {
	Draft
	BaseBody []byte
}

// TakeOver puts drafts from another device in the place of what stands here,
// with the revisions that they began from. A newer revision that this device
// holds is laid beside it, so that nothing of it is lost unseen. A submission of
// a part that waits is dropped, unless it may have arrived. All of them or, with
// an error, none: one transaction.
func (s *Store) TakeOver(o Owner, handed ...Handed) error {
	return s.change(o, func(b *bucket) error {
		for _, h := range handed {
			if err := s.takeOver(b, h.Draft, h.BaseBody); err != nil {
				return err
			}
		}
		return nil
	})
}

func (s *Store) takeOver(b *bucket, d Draft, base []byte) error {
	var sent string
	if d.Base.Revision > 0 {
		before, err := bodyDraft(base)
		if err != nil {
			return err
		}
		if surveysync.Digest(base) != d.Base.BodyDigest() {
			return fail(CodeBody, errors.New("the base is not that of its digest"))
		}
		sent = before.generation()
	}
	if err := dropEntry(b, d.Part); err != nil {
		return err
	}
	held, err := loadBase(b, bBases, d.Part)
	if err != nil {
		return err
	}
	draft, err := s.writeDraft(b, d)
	if err != nil {
		return err
	}
	key := []byte(d.Part)
	if held != nil && held.Revision > d.Base.Revision {
		beside, err := loadBase(b, bTheirs, d.Part)
		if err != nil {
			return err
		}
		if beside == nil || beside.Revision < held.Revision {
			if err := putJSON(b.Bucket(bTheirs), key, held); err != nil {
				return err
			}
		}
	}
	// The draft comes from elsewhere, perhaps from before a restore, and then
	// the revision of its number may be another one here: the next pass has to
	// compare its base before anything is sent.
	if err := errors.Join(forgetLost(b, d.Part), b.Delete(kReconciled)); err != nil {
		return err
	}
	if d.Base.Revision == 0 {
		return b.Bucket(bBases).Delete(key)
	}
	return errors.Join(b.Bucket(bArchive).Put([]byte(d.Base.BodyDigest()), base), putJSON(b.Bucket(bBases), key, d.Base),
		draft.Put(kSent, []byte(sent)))
}
