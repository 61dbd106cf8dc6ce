package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// ReviewParts implements store.Store.
func (s *Store) ReviewParts(ctx context.Context, institutionID string, reviews []store.Review, act store.Act) ([]store.Part, error) {
	var out []store.Part
	err := s.change(ctx, func(w *write) error {
		out = []store.Part{}
		in, err := institutionByID(w.tx, institutionID)
		if err != nil {
			return err
		}
		v, err := surveyOf(w.tx)
		if err != nil {
			return err
		}
		records, err := partsOf(w.tx, institutionID)
		if err != nil {
			return err
		}
		begun := act
		begun.Institution, begun.InstitutionID, begun.Survey = in.Code, in.ID, v.ID
		var moved []store.Part
		for _, r := range reviews {
			record, sent := records[r.Part]
			if !sent {
				return store.Errorf(surveysync.NotFound, "%s has not submitted the part %q", in.Code, r.Part)
			}
			current, err := currentOf(w.tx, institutionID, r.Part, record.Revision)
			if err != nil {
				return err
			}
			after, changed, err := r.Apply(record.part(r.Part, current), v.DatesFor(institutionID))
			if err != nil {
				return err
			}
			out = append(out, after)
			if changed {
				moved = append(moved, after)
			}
		}
		for _, p := range moved { // all of them can be done: from here on it writes
			if err := w.putReviewed(institutionID, records[p.Part], p, begun); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

func (w *write) putReviewed(institutionID string, record PartRecord, p store.Part, act store.Act) error {
	record.State, record.Remarks, record.OpenUntil, record.Reviews = p.State, p.Remarks, p.OpenUntil, p.Reviews
	act.Action = p.Reviews[len(p.Reviews)-1].Action
	act.Part, act.Revision, act.ContentDigest = p.Part, p.Current.Revision, p.Current.ContentDigest
	if err := w.putJSON(BucketParts, PartKey(institutionID, p.Part), record); err != nil {
		return err
	}
	_, err := w.append(act)
	return err
}

// MarkShown implements store.Store.
func (s *Store) MarkShown(ctx context.Context, institutionID string, revisions map[string]int) error {
	return s.change(ctx, func(w *write) error {
		records, err := partsOf(w.tx, institutionID)
		if err != nil {
			return err
		}
		for part, revision := range revisions {
			record, sent := records[part]
			if !sent || record.Shown == revision {
				continue
			}
			record.Shown = revision
			if err := w.putJSON(BucketParts, PartKey(institutionID, part), record); err != nil {
				return err
			}
		}
		return nil
	})
}

// wordBucket is where the words of a kind are.
func wordBucket(kind store.WordKind) ([]byte, error) {
	switch kind {
	case store.Messages:
		return BucketMessages, nil
	case store.Notes:
		return BucketNotes, nil
	}
	return nil, store.Errorf(surveysync.Invalid, "no words are called %q", kind)
}

// wordKey is where the n-th word to or about an institution stands, from 1.
func wordKey(institutionID string, n int) []byte { return fmt.Appendf(under(institutionID), "%08d", n) }

// AddWord implements store.Store.
func (s *Store) AddWord(ctx context.Context, kind store.WordKind, institutionIDs []string, word store.Word, act store.Act) error {
	bucket, err := wordBucket(kind)
	if err != nil {
		return err
	}
	return s.change(ctx, func(w *write) error {
		codes := map[string]string{}
		for _, id := range institutionIDs {
			in, err := institutionByID(w.tx, id)
			if err != nil {
				return err
			}
			codes[id] = in.Code
		}
		for _, id := range institutionIDs {
			line := act
			line.Institution, line.InstitutionID = codes[id], id
			key := wordKey(id, len(copyOut(w.tx, bucket, under(id)))+1)
			_, err := w.append(line)
			if err := errors.Join(err, w.putJSON(bucket, key, word)); err != nil {
				return err
			}
		}
		return nil
	})
}

// Words implements store.Store.
func (s *Store) Words(ctx context.Context, kind store.WordKind, institutionID string) (map[string][]store.Word, error) {
	bucket, err := wordBucket(kind)
	if err != nil {
		return nil, err
	}
	var prefix []byte
	if institutionID != "" {
		prefix = under(institutionID)
	}
	var raw []pair
	err = s.view(ctx, func(tx Tx) error {
		raw = copyOut(tx, bucket, prefix)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]store.Word{}
	for _, p := range raw {
		id, _, _ := strings.Cut(string(p.key), "/")
		var word store.Word
		if err := json.Unmarshal(p.value, &word); err != nil {
			return nil, fmt.Errorf("%s %s: %w", kind, p.key, err)
		}
		out[id] = append(out[id], word)
	}
	return out, nil
}
