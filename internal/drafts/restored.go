package drafts

import (
	"errors"
	"slices"
	"time"

	surveysync "rileva/pkg/sync"
)

// bLost holds, by part, the base that a restored server did not have: another
// device may still bring it back. It is made when there is something to put
// into it.
var bLost = []byte("lost")

// CodeBaseLost is the LastCode of an entry whose base a restored server does
// not have.
const CodeBaseLost = "base_lost"

// Rest lists the parts of which this device holds a revision of the server, as
// a draft's base or beside a draft.
func (s *Store) Rest(o Owner) ([]string, error) {
	var out []string
	err := s.read(o, func(b *bucket) error {
		for _, bucket := range [][]byte{bBases, bTheirs} {
			err := b.Bucket(bucket).ForEach(func(k, _ []byte) error {
				out = append(out, string(k))
				return nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	slices.Sort(out)
	return slices.Compact(out), err
}

// Unsettled says whether a part waits for the server to have again what it
// rested on: its base was laid aside, or its bytes are in conflict.
func (s *Store) Unsettled(o Owner, part string) (open bool, err error) {
	err = s.read(o, func(b *bucket) error {
		e, queued, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		lost, err := lostBase(b, part)
		open = lost != nil || queued && e.State == surveysync.OpConflict
		return err
	})
	return open, err
}

// Compare holds what rests here on the server's revisions of a part against
// line, those that it has now, oldest first; after a restore a number can be
// another content's. One transaction: if we crash before it, nothing was
// compared; after it, comparing again changes nothing.
//
// A base that is gone is laid aside: its draft is unsent again, or the next
// download would take it away from its author, and the bytes that were to
// replace it are a conflict, because sent with that number they would replace a
// revision that nobody here has seen. Once it is there again, the draft rests
// on it as before. What lay beside a draft and is not the newest any more comes
// again with the next download. freed says that bytes in conflict are queued
// again: they are stored themselves, or what they replace is the newest.
func (s *Store) Compare(o Owner, part string, line []surveysync.Revision) (freed bool, err error) {
	err = s.change(o, func(b *bucket) (err error) {
		freed, err = compare(b, part, line)
		return err
	})
	return freed && err == nil, err
}

func compare(b *bucket, part string, line []surveysync.Revision) (freed bool, err error) {
	at := func(held *Base) int {
		return slices.IndexFunc(line, func(r surveysync.Revision) bool {
			return held != nil && r.Revision == held.Revision && r.ContentDigest == held.Digest
		})
	}
	theirs, err := loadBase(b, bTheirs, part)
	if err == nil && theirs != nil && (len(line) == 0 || at(theirs) != len(line)-1) {
		err = b.Bucket(bTheirs).Delete([]byte(part))
	}
	if err != nil {
		return false, err
	}
	base, err := loadBase(b, bBases, part)
	if err != nil {
		return false, err
	}
	lost, err := lostBase(b, part)
	switch {
	case err != nil:
		return false, err
	case base != nil && at(base) < 0:
		err, base = layAside(b, part, base), nil
	case at(lost) >= 0:
		err, base = errors.Join(putJSON(b.Bucket(bBases), []byte(part), lost), forgetLost(b, part)), lost
	}
	e, queued, loadErr := loadEntry(b, part)
	if err = errors.Join(err, loadErr); err != nil || !queued {
		return false, err
	}
	stored := slices.ContainsFunc(line, func(r surveysync.Revision) bool { return r.ContentDigest == e.Digest })
	switch {
	case e.State == surveysync.OpConflict && (stored || base != nil && at(base) == len(line)-1 && e.Replaces == base.Revision):
		e.State, e.Next, freed = surveysync.OpQueued, time.Time{}, true
	case e.State != surveysync.OpConflict && !stored && base == nil && e.Replaces > 0:
		e.State, e.Unknown, e.Next, e.LastCode, e.LastDetail = surveysync.OpConflict, false, time.Time{}, CodeBaseLost, ""
	default:
		return false, nil
	}
	return freed, putJSON(b.Bucket(bOutbox), []byte(part), e)
}

// layAside takes a base away from its draft and keeps it.
func layAside(b *bucket, part string, base *Base) error {
	if err := b.Bucket(bBases).Delete([]byte(part)); err != nil {
		return err
	}
	draft := b.Bucket(bDrafts).Bucket([]byte(part))
	if draft == nil {
		return nil
	}
	lost, err := b.CreateBucketIfNotExists(bLost)
	if err != nil {
		return err
	}
	// A merge tells of revisions that may be others now.
	return errors.Join(putJSON(lost, []byte(part), base), draft.Delete(kMerge))
}

// lostBase gives the base that was laid aside, while the draft has no other.
func lostBase(b *bucket, part string) (*Base, error) {
	if b.Bucket(bLost) == nil || b.Bucket(bBases).Get([]byte(part)) != nil || b.Bucket(bDrafts).Bucket([]byte(part)) == nil {
		return nil, nil
	}
	return loadBase(b, bLost, part)
}

// forgetLost: what the draft holds now did not begin from there.
func forgetLost(b *bucket, part string) error {
	if b.Bucket(bLost) == nil {
		return nil
	}
	return b.Bucket(bLost).Delete([]byte(part))
}
