package engine

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
)

// Sessions implements store.Store.
func (s *Store) Sessions(ctx context.Context, institutionID string) ([]store.Session, error) {
	var all []pair
	err := s.view(ctx, func(tx Tx) error {
		all = copyOut(tx, BucketSessions, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	list := []store.Session{}
	for _, p := range all {
		var one store.Session
		if err := json.Unmarshal(p.value, &one); err != nil {
			return nil, fmt.Errorf("session: %w", err)
		}
		copy(one.TokenHash[:], p.key)
		if institutionID == "" || one.InstitutionID == institutionID {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b store.Session) int {
		return cmp.Or(a.CreatedAt.Compare(b.CreatedAt), bytes.Compare(a.TokenHash[:], b.TokenHash[:]))
	})
	return list, nil
}

// NoteUses implements store.Store.
func (s *Store) NoteUses(ctx context.Context, uses map[[32]byte]time.Time) error {
	return s.change(ctx, func(w *write) error {
		for hash, at := range uses {
			var one store.Session
			found, err := ReadJSON(w.tx, BucketSessions, hash[:], &one)
			if err != nil {
				return err
			}
			if !found || !at.After(one.LastUsed) {
				continue
			}
			one.LastUsed = at.UTC()
			if err := w.putJSON(BucketSessions, hash[:], one); err != nil {
				return err
			}
		}
		return nil
	})
}
