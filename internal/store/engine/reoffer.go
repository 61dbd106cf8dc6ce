package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"reflect"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// adoptWaiting gives those that stood beside because a revision before them
// was still missing their place, one after the other.
func (w *write) adoptWaiting(j *judgement, current store.Submission) error {
	for {
		next, key, err := w.follower(current)
		if err != nil || key == nil {
			return err
		}
		value := bytes.Clone(w.tx.Bucket(BucketBeside).Get(key))
		if next, err = ReadSubmission(value, true); err != nil {
			return err
		}
		if next.Settled != nil {
			next.Settled = nil // it has found its place
			if value, err = joinAgain(next, value); err != nil {
				return err
			}
		}
		content, err := surveysync.ParseSubmission(next.Body)
		if err != nil {
			return fmt.Errorf("adopt %s: %w", key, err)
		}
		var quest *survey.Questionnaire
		if next.Part == survey.GeneralPart {
			if quest, err = w.compile(w.tx, next.Questionnaire); err != nil || quest == nil {
				return errors.Join(fmt.Errorf("adopt %s: no questionnaire", key), err)
			}
		}
		err = errors.Join(w.delete(BucketBeside, key),
			w.index(next, BucketSubmissions, SubmissionKey(next.InstitutionID, next.Part, next.Revision), value),
			w.moveParts(j, content, next.Revision, quest))
		if err != nil {
			return err
		}
		current = next
	}
}

// follower finds what stands beside and was made from the current revision;
// key is nil when there is none.
func (w *write) follower(current store.Submission) (sub store.Submission, key []byte, err error) {
	prefix := under(string(SubmissionKey(current.InstitutionID, current.Part, current.Revision+1)))
	logs := w.meta().Logs
	err = scan(w.tx, BucketBeside, prefix, func(k, value []byte) error {
		one, err := ReadSubmission(value, false)
		if err != nil || key != nil {
			return err
		}
		t, err := trailOf(w.tx, logs, one.Log)
		if err != nil {
			return err
		}
		leaf, err := surveysync.ParseEntry(t.leaves.Get(IndexKey(one.LeafIndex)))
		if err == nil && leaf.PrevDigest == current.ContentDigest {
			sub, key = one, bytes.Clone(k)
		}
		return err
	})
	return sub, key, err
}

// SettleBeside implements store.Store.
func (s *Store) SettleBeside(ctx context.Context, number string, how *store.Settlement, act store.Act) (store.Submission, error) {
	var sub store.Submission
	err := s.change(ctx, func(w *write) error {
		key := bytes.Clone(w.tx.Bucket(BucketReceipts).Get([]byte(number)))
		value := bytes.Clone(w.tx.Bucket(BucketBeside).Get(key))
		if key == nil || value == nil {
			return store.Errorf(surveysync.NotFound, "nothing stands beside under the number %q", number)
		}
		var err error
		if sub, err = ReadSubmission(value, false); err != nil || reflect.DeepEqual(sub.Settled, how) {
			return err
		}
		v, err := surveyOf(w.tx)
		if err != nil {
			return err
		}
		line := act
		line.InstitutionID, line.Survey, line.Part, line.Revision = sub.InstitutionID, v.ID, sub.Part, sub.Revision
		line.Number, line.SubmissionID, line.ContentDigest = sub.Number, sub.SubmissionID, sub.ContentDigest
		sub.Settled = how
		if value, err = joinAgain(sub, value); err != nil {
			return err
		}
		_, err = w.append(line)
		return errors.Join(err, w.put(BucketBeside, key, value))
	})
	return sub, err
}

// joinAgain is the value of a submission with what is now known of it, and with
// the body that it had.
func joinAgain(sub store.Submission, value []byte) ([]byte, error) {
	_, packed, err := SplitSubmission(value)
	if err != nil {
		return nil, err
	}
	return JoinSubmission(sub, packed)
}
