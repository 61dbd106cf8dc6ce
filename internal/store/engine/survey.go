package engine

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// surveyOf reads the survey. Error not_found before the first Publish.
func surveyOf(tx Tx) (store.Survey, error) {
	var v store.Survey
	found, err := ReadJSON(tx, BucketSurvey, KeySurvey, &v)
	if err == nil && !found {
		err = store.Errorf(surveysync.NotFound, "no survey has been published")
	}
	return v, err
}

// Survey implements store.Store.
func (s *Store) Survey(ctx context.Context) (store.Survey, error) {
	var v store.Survey
	err := s.view(ctx, func(tx Tx) (err error) {
		v, err = surveyOf(tx)
		return err
	})
	return v, err
}

// Questionnaire implements store.Store.
func (s *Store) Questionnaire(ctx context.Context, digest string) ([]byte, error) {
	var raw []byte
	err := s.view(ctx, func(tx Tx) error {
		if raw = bytes.Clone(tx.Bucket(BucketQuestionnaires).Get([]byte(digest))); raw == nil {
			return store.Errorf(surveysync.NotFound, "no questionnaire has the digest %q", digest)
		}
		return nil
	})
	return raw, err
}

// compile gives a published questionnaire ready to judge, nil when there is
// none.
func (s *Store) compile(tx Tx, digest string) (*survey.Questionnaire, error) {
	if q := s.kept(digest); q != nil {
		return q, nil
	}
	raw := bytes.Clone(tx.Bucket(BucketQuestionnaires).Get([]byte(digest)))
	if raw == nil {
		return nil, nil
	}
	return s.load(digest, raw)
}

// load compiles a questionnaire and keeps it: its digest says that it cannot
// change.
func (s *Store) load(digest string, raw []byte) (*survey.Questionnaire, error) {
	q, err := survey.LoadOnce(raw)
	if err != nil {
		return nil, fmt.Errorf("questionnaire %s: %w", digest, err)
	}
	if q.Digest() != digest {
		return nil, fmt.Errorf("questionnaire %s: its bytes have the digest %s", digest, q.Digest())
	}
	s.compiledMu.Lock()
	defer s.compiledMu.Unlock()
	s.compiled[digest] = q
	return q, nil
}

// kept gives a questionnaire that was compiled before, or nil.
func (s *Store) kept(digest string) *survey.Questionnaire {
	s.compiledMu.RLock()
	defer s.compiledMu.RUnlock()
	return s.compiled[digest]
}

// prepare compiles a questionnaire before the writer's turn, where it would
// hold up everybody, and gives it. One that is not there (nil) is for Decide to
// refuse.
func (s *Store) prepare(ctx context.Context, digest string) (*survey.Questionnaire, error) {
	if q := s.kept(digest); q != nil {
		return q, nil
	}
	raw, err := s.Questionnaire(ctx, digest)
	if err != nil {
		if refused(err, surveysync.NotFound) {
			err = nil
		}
		return nil, err
	}
	return s.load(digest, raw)
}

// Publish implements store.Store. An older version is put in force again by
// its bytes, unless it was declared void: error conflict. A file with faults,
// or whose names cannot stand in a receipt, is refused with invalid; another
// survey than the one that is collected with conflict.
func (s *Store) Publish(ctx context.Context, raw []byte, at time.Time, act store.Act) (string, error) {
	q, err := survey.LoadNew(raw)
	if err != nil {
		return "", store.Errorf(surveysync.Invalid, "the questionnaire has faults: %v", err)
	}
	for _, part := range q.AllParts() {
		if err := receiptable("code", q.ID, part); err != nil {
			return "", store.Errorf(surveysync.Invalid, "the questionnaire cannot be used: %v", err)
		}
	}
	raw, digest := bytes.Clone(raw), q.Digest()
	err = s.change(ctx, func(w *write) error {
		v, err := surveyOf(w.tx)
		switch {
		case refused(err, surveysync.NotFound):
			v = store.Survey{ID: q.ID, Dates: q.Dates}
		case err != nil:
			return err
		case v.ID != q.ID:
			return store.Errorf(store.Conflict, "the store collects %s, not %s", v.ID, q.ID)
		case v.InForce == digest:
			return nil
		}
		i := slices.IndexFunc(v.Versions, func(x store.SurveyVersion) bool { return x.Digest == digest })
		if i >= 0 && v.Versions[i].Void {
			return store.Errorf(store.Conflict, "%s was declared void", digest)
		}
		if i < 0 {
			v.Versions = append(v.Versions, store.SurveyVersion{Digest: digest, PublishedAt: at.UTC()})
		}
		v.InForce = digest
		if err := errors.Join(w.put(BucketQuestionnaires, []byte(digest), raw), w.putJSON(BucketSurvey, KeySurvey, v)); err != nil {
			return err
		}
		act.Survey, act.Questionnaire = v.ID, digest
		if act.At.IsZero() {
			act.At = at
		}
		_, err = w.append(act)
		return err
	})
	if err != nil {
		return "", err
	}
	return digest, nil
}

// Void implements store.Store.
func (s *Store) Void(ctx context.Context, digest string, act store.Act) error {
	return s.change(ctx, func(w *write) error {
		v, err := surveyOf(w.tx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(v.Versions, func(x store.SurveyVersion) bool { return x.Digest == digest })
		switch {
		case i < 0:
			return store.Errorf(surveysync.NotFound, "no questionnaire has the digest %q", digest)
		case v.InForce == digest:
			return store.Errorf(store.Conflict, "%s is in force: nobody could submit", digest)
		case v.Versions[i].Void:
			return nil
		}
		v.Versions[i].Void = true
		if err := w.putJSON(BucketSurvey, KeySurvey, v); err != nil {
			return err
		}
		act.Survey, act.Questionnaire = v.ID, digest
		_, err = w.append(act)
		return err
	})
}

// SetDates implements store.Store. Errors: not_found for an unknown
// institution or before the first Publish, invalid for dates out of order.
func (s *Store) SetDates(ctx context.Context, edit store.DatesEdit, act store.Act) (store.Survey, error) {
	var v store.Survey
	err := s.change(ctx, func(w *write) (err error) {
		if v, err = surveyOf(w.tx); err != nil {
			return err
		}
		d := moved(v.DatesFor(edit.InstitutionID), edit)
		if d.Due.Before(d.Opens) || d.LateUntil.Before(d.Due) {
			return store.Errorf(surveysync.Invalid, "the dates are out of order: %s, %s, %s",
				d.Opens.Format(time.RFC3339), d.Due.Format(time.RFC3339), d.LateUntil.Format(time.RFC3339))
		}
		act.Survey = v.ID
		if edit.InstitutionID == "" {
			v.Dates = d
		} else {
			in, err := institutionByID(w.tx, edit.InstitutionID)
			if err != nil {
				return err
			}
			if _, own := v.Extensions[in.ID]; edit.Clear && !own {
				return nil
			}
			act.Institution, act.InstitutionID = in.Code, in.ID
			extend(&v, edit, d)
		}
		if err := w.putJSON(BucketSurvey, KeySurvey, v); err != nil {
			return err
		}
		_, err = w.append(act)
		return err
	})
	if err != nil {
		return store.Survey{}, err
	}
	return v, nil
}

// extend gives one institution dates of its own, or takes them away.
func extend(v *store.Survey, edit store.DatesEdit, d survey.Dates) {
	if edit.Clear {
		delete(v.Extensions, edit.InstitutionID)
		delete(v.Reasons, edit.InstitutionID)
		return
	}
	if v.Extensions == nil {
		v.Extensions = map[string]survey.Dates{}
	}
	if v.Reasons == nil {
		v.Reasons = map[string]string{}
	}
	v.Extensions[edit.InstitutionID] = d
	if edit.Reason != "" {
		v.Reasons[edit.InstitutionID] = edit.Reason
	}
}

func moved(d survey.Dates, edit store.DatesEdit) survey.Dates {
	if edit.Opens != nil {
		d.Opens, d.OpensAssumed = *edit.Opens, false
	}
	if edit.Due != nil {
		d.Due = *edit.Due
	}
	if edit.LateUntil != nil {
		d.LateUntil = *edit.LateUntil
	}
	return d
}
