package engine

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rileva/internal/store"
)

// SaveHeartbeat implements store.Store.
func (s *Store) SaveHeartbeat(ctx context.Context, institutionID string, h store.Heartbeat) error {
	return s.change(ctx, func(w *write) error {
		if _, err := institutionByID(w.tx, institutionID); err != nil {
			return err
		}
		var list []store.Heartbeat
		if _, err := ReadJSON(w.tx, BucketHeartbeats, []byte(institutionID), &list); err != nil {
			return err
		}
		return w.putJSON(BucketHeartbeats, []byte(institutionID), withHeartbeat(list, h))
	})
}

// withHeartbeat puts what a device said in the place of what it said before,
// by device; of too many devices those that spoke last stay.
func withHeartbeat(list []store.Heartbeat, h store.Heartbeat) []store.Heartbeat {
	list = slices.DeleteFunc(list, func(x store.Heartbeat) bool { return x.Device == h.Device })
	list = append(list, h)
	slices.SortFunc(list, func(a, b store.Heartbeat) int { return b.At.Compare(a.At) })
	list = list[:min(len(list), store.MaxHeartbeats)]
	slices.SortFunc(list, func(a, b store.Heartbeat) int { return strings.Compare(a.Device, b.Device) })
	return list
}

// Heartbeats implements store.Store.
func (s *Store) Heartbeats(ctx context.Context) (map[string][]store.Heartbeat, error) {
	var raw []pair
	err := s.view(ctx, func(tx Tx) error {
		raw = copyOut(tx, BucketHeartbeats, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]store.Heartbeat{}
	for _, p := range raw {
		var list []store.Heartbeat
		if err := json.Unmarshal(p.value, &list); err != nil {
			return nil, fmt.Errorf("heartbeats of %s: %w", p.key, err)
		}
		out[string(p.key)] = list
	}
	return out, nil
}
