package engine

import (
	"context"
	"encoding/json"
	"fmt"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// ClaimReminder implements store.Store.
func (s *Store) ClaimReminder(ctx context.Context, institutionID string, r store.Reminder, act store.Act) (bool, error) {
	claimed := false
	err := s.change(ctx, func(w *write) error {
		in, err := institutionByID(w.tx, institutionID)
		if err != nil {
			return err
		}
		var last store.Reminder
		found, err := ReadJSON(w.tx, BucketReminders, []byte(institutionID), &last)
		if err != nil {
			return err
		}
		if claimed = !found || last.Day != r.Day || last.Outcome == store.ReminderFailed; !claimed {
			return nil
		}
		r.Outcome = ""
		if err := w.putJSON(BucketReminders, []byte(institutionID), r); err != nil {
			return err
		}
		act.Institution, act.InstitutionID = in.Code, in.ID
		_, err = w.append(act)
		return err
	})
	return claimed && err == nil, err
}

// SettleReminder implements store.Store.
func (s *Store) SettleReminder(ctx context.Context, institutionID, outcome string) error {
	return s.change(ctx, func(w *write) error {
		var last store.Reminder
		found, err := ReadJSON(w.tx, BucketReminders, []byte(institutionID), &last)
		if err != nil {
			return err
		}
		if !found {
			return store.Errorf(surveysync.NotFound, "no reminder of %s was begun", institutionID)
		}
		last.Outcome = outcome
		return w.putJSON(BucketReminders, []byte(institutionID), last)
	})
}

// Reminders implements store.Store.
func (s *Store) Reminders(ctx context.Context) (map[string]store.Reminder, error) {
	var raw []pair
	err := s.view(ctx, func(tx Tx) error {
		raw = copyOut(tx, BucketReminders, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out := map[string]store.Reminder{}
	for _, p := range raw {
		var r store.Reminder
		if err := json.Unmarshal(p.value, &r); err != nil {
			return nil, fmt.Errorf("reminder of %s: %w", p.key, err)
		}
		out[string(p.key)] = r
	}
	return out, nil
}
