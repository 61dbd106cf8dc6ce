package drafts

import (
	"fmt"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Check reads everything and lists the invariants that do not hold; none is
// the only good answer. It changes nothing.
func (s *Store) Check() ([]string, error) {
	var broken []string
	report := func(format string, args ...any) { broken = append(broken, fmt.Sprintf(format, args...)) }
	err := s.view(func(tx *txn) error {
		err := tx.Bucket(bQuestionnaires).ForEach(func(k, v []byte) error {
			if survey.DigestOf(v) != string(k) {
				report("questionnaire %s: other bytes", k)
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n := tx.Bucket(bAttempts).Stats().KeyN; n > maxAttempts {
			report("attempts: %d", n)
		}
		return eachOwner(tx, func(o Owner, b *bucket) error {
			at := func(format string, args ...any) {
				report("%s %s: %s", o.Institution, o.Survey, fmt.Sprintf(format, args...))
			}
			for _, check := range []func(Owner, *bucket, func(string, ...any)) error{checkOutbox, checkReceipts, checkDrafts, checkAside} {
				if err := check(o, b, at); err != nil {
					return err
				}
			}
			return nil
		})
	})
	return broken, err
}

// checkOutbox: one entry a part with its frozen bytes, and no bytes without.
func checkOutbox(o Owner, b *bucket, report func(string, ...any)) error {
	n := 0
	err := eachEntry(b, func(e entry) error {
		n++
		body := b.Bucket(bFrozen).Get([]byte(e.Part))
		sub, err := surveysync.ParseSubmission(body)
		switch {
		case err != nil:
			report("outbox %s: %v", e.Part, err)
		case surveysync.Digest(body) != e.Digest:
			report("outbox %s: the bytes are not those of the digest", e.Part)
		case sub.SubmissionID != e.SubmissionID || sub.Part != e.Part || sub.Survey != o.Survey:
			report("outbox %s: the bytes are of something else", e.Part)
		case !e.maybeStored() && e.State == surveysync.OpQueued && replacesOther(b, e):
			report("outbox %s: replaces %d, which is not the base", e.Part, e.Replaces)
		}
		return nil
	})
	if frozen := b.Bucket(bFrozen).Stats().KeyN; frozen != n {
		report("outbox: %d entries, %d bodies", n, frozen)
	}
	return err
}

func replacesOther(b *bucket, e entry) bool {
	base, err := loadBase(b, bBases, e.Part)
	if err != nil || base == nil {
		return err != nil || e.Replaces != 0
	}
	return base.Revision != e.Replaces
}

// checkReceipts: each is readable, stands under its number and has its body;
// each body is that of its digest.
func checkReceipts(o Owner, b *bucket, report func(string, ...any)) error {
	err := b.Bucket(bReceipts).ForEach(func(k, v []byte) error {
		r, err := surveysync.ParseReceipt(v)
		switch {
		case err != nil:
			report("receipt %s: %v", k, err)
		case r.Number != string(k) || r.Survey != o.Survey:
			report("receipt %s: stands in another's place", k)
		case b.Bucket(bArchive).Get([]byte(r.ContentDigest)) == nil:
			report("receipt %s: its body is missing", k)
		}
		return nil
	})
	if err != nil {
		return err
	}
	return b.Bucket(bArchive).ForEach(func(k, v []byte) error {
		if surveysync.Digest(v) != string(k) {
			report("archive %s: other bytes", k)
		}
		return nil
	})
}

// checkDrafts: each is readable; each base is archived; what lies beside a
// draft is newer than its base.
func checkDrafts(_ Owner, b *bucket, report func(string, ...any)) error {
	err := b.Bucket(bDrafts).ForEachBucket(func(k []byte) error {
		d, _, err := loadDraft(b, string(k))
		switch {
		case err != nil:
			report("draft %s: %v", k, err)
			return nil
		case d.UpdatedAt.Equal(time.Time{}):
			report("draft %s: no time", k)
		case d.Theirs != nil && (d.Theirs.Revision < d.Base.Revision || d.Theirs.Digest == d.Base.Digest): // after a restore one number can have two contents
			report("draft %s: revision %d lies beside base %d", k, d.Theirs.Revision, d.Base.Revision)
		}
		for id := range d.Unavailable {
			if _, both := d.Answers[id]; both {
				report("draft %s: %s is answered and not available", k, id)
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, bucket := range [][]byte{bBases, bTheirs, bLost} {
		if b.Bucket(bucket) == nil {
			continue
		}
		err := b.Bucket(bucket).ForEach(func(k, _ []byte) error {
			base, err := loadBase(b, bucket, string(k))
			if err != nil {
				return err
			}
			if b.Bucket(bArchive).Get([]byte(base.BodyDigest())) == nil {
				report("%s %s: its body is missing", bucket, k)
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
