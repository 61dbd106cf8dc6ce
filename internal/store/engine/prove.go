package engine

import (
	"bytes"
	"context"

	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Consistency implements store.Store.
func (s *Store) Consistency(ctx context.Context, older int64) (surveysync.Consistency, error) {
	var c surveysync.Consistency
	err := s.vouch(ctx, func(tx Tx) (err error) {
		t := present(tx)
		if c.Checkpoint = t.head; c.Checkpoint == "" {
			return store.Errorf(surveysync.NotFound, "the log is empty")
		}
		if size := t.size(); older > 0 && older <= size {
			c.Proof, err = tlog.ProveTree(size, older, StoredHashes{t.tx, t.hashes})
		}
		return err
	})
	return c, err
}

// Heads implements store.Store.
func (s *Store) Heads(ctx context.Context) ([]string, error) {
	var heads []string
	err := s.view(ctx, func(tx Tx) error {
		logs := s.meta().Logs
		heads = make([]string, len(logs))
		for i := range logs {
			t, err := trailOf(tx, logs, i)
			if err != nil {
				return err
			}
			heads[i] = t.head
		}
		return nil
	})
	return heads, err
}

// Leaves implements store.Store.
func (s *Store) Leaves(ctx context.Context, log int, from int64) ([][]byte, error) {
	var page [][]byte
	err := s.view(ctx, func(tx Tx) error {
		t, err := trailOf(tx, s.meta().Logs, log)
		if err != nil {
			return err
		}
		next, gap := from, false
		return t.leaves.Range(IndexKey(from), IndexKey(from+logPage), func(k, v []byte) error {
			n, ok := KeyIndex(k)
			if gap = gap || !ok || n != next; !gap { // whoever counts the leaves finds it
				page = append(page, bytes.Clone(v))
				next++
			}
			return nil
		})
	})
	return page, err
}

// Unknown implements store.Store.
func (s *Store) Unknown(ctx context.Context, submissionIDs []string) ([]string, error) {
	unknown := []string{}
	err := s.view(ctx, func(tx Tx) error {
		for _, id := range submissionIDs {
			if tx.Bucket(BucketSubmissionIDs).Get([]byte(id)) == nil {
				unknown = append(unknown, id)
			}
		}
		return nil
	})
	return unknown, err
}

// Beside implements store.Store.
func (s *Store) Beside(ctx context.Context, institutionID string) ([]store.Submission, error) {
	var prefix []byte
	if institutionID != "" {
		prefix = under(institutionID)
	}
	var raw []pair
	err := s.view(ctx, func(tx Tx) error {
		raw = copyOut(tx, BucketBeside, prefix)
		return nil
	})
	list := make([]store.Submission, 0, len(raw))
	for _, r := range raw {
		sub, readErr := ReadSubmission(r.value, true)
		if readErr != nil {
			return nil, readErr
		}
		list = append(list, sub)
	}
	return list, err
}
