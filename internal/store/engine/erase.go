package engine

import (
	"bytes"
	"context"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Erase implements store.Eraser. What a disk frees keeps its old bytes until it
// is written again: docs/privacy.md says so.
func (s *Store) Erase(ctx context.Context, institutionID string, edit func(store.Submission) ([]byte, error), act store.Act) (store.Erased, error) {
	var done store.Erased
	err := s.change(ctx, func(w *write) error {
		done = store.Erased{} // it may run more than once
		in, err := institutionByID(w.tx, institutionID)
		if err != nil {
			return err
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		for _, bucket := range [][]byte{BucketSubmissions, BucketBeside} {
			n, err := w.erase(bucket, institutionID, edit, act)
			if err != nil {
				return err
			}
			done.Submissions += n
		}
		done.Notes, err = w.dropNotes(institutionID)
		return err
	})
	return done, err
}

// erase rewrites what edit changes under one institution of a bucket, and logs
// each.
func (w *write) erase(bucket []byte, institutionID string, edit func(store.Submission) ([]byte, error), act store.Act) (int, error) {
	done := 0
	for _, p := range copyOut(w.tx, bucket, under(institutionID)) {
		sub, err := ReadSubmission(p.value, true)
		if err != nil {
			return 0, err
		}
		body, err := edit(sub)
		if err != nil {
			return 0, err
		}
		if body == nil || bytes.Equal(body, sub.Body) {
			continue
		}
		sub.Kept = surveysync.Digest(body)
		value, err := JoinSubmission(sub, Pack(body))
		if err != nil {
			return 0, err
		}
		if err := w.put(bucket, p.key, value); err != nil {
			return 0, err
		}
		act.Action, act.Part, act.Revision = store.ActionForget, sub.Part, sub.Revision
		act.SubmissionID, act.ContentDigest, act.Note = sub.SubmissionID, sub.ContentDigest, sub.Kept
		if _, err := w.append(act); err != nil {
			return 0, err
		}
		done++
	}
	return done, nil
}

// dropNotes removes what the office noted for itself: words about persons,
// with names in them.
func (w *write) dropNotes(institutionID string) (int, error) {
	notes := copyOut(w.tx, BucketNotes, under(institutionID))
	for _, p := range notes {
		if err := w.delete(BucketNotes, p.key); err != nil {
			return 0, err
		}
	}
	return len(notes), nil
}
