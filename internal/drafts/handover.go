package drafts

import (
	"errors"

	surveysync "rileva/pkg/sync"
)

// TakeOver puts a draft from another device in the place of what stands here,
// with the revision that it began from (base, nil for none). A newer revision
// that this device holds is laid beside it, so that nothing of it is lost
// unseen. A submission of the part that waits is dropped, unless it may have
// arrived. One transaction.
func (s *Store) TakeOver(o Owner, d Draft, base []byte) error {
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
	return s.change(o, func(b *bucket) error {
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
	})
}
