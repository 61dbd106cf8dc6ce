package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// versionKey is where the register keeps how an institution was from a moment
// on; an empty value means that it was gone.
func versionKey(institutionID string, at time.Time) []byte {
	return binary.BigEndian.AppendUint64(under(institutionID), uint64(at.UnixMilli()))
}

// editedAt is when an edit of the register was made: by whoever acted.
func (w *write) editedAt(edit store.RegisterEdit) time.Time {
	for _, act := range edit.Acts {
		if !act.At.IsZero() {
			return act.At
		}
	}
	return w.Now()
}

// putVersion keeps what the register says of an institution from then on, or
// that it is gone when in is nil.
func (w *write) putVersion(institutionID string, in *store.Institution, at time.Time) error {
	var value []byte
	if in != nil {
		var err error
		if value, err = json.Marshal(in); err != nil {
			return err
		}
	}
	return w.put(BucketVersions, versionKey(institutionID, at), value)
}

// Snapshots implements store.Store. What it reads never changes again: the
// versions of institutions, the revisions of parts, the acts of the office on
// them. So the same moment gives the same, whatever has happened since.
func (s *Store) Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]store.Snapshot, error) {
	out := []store.Snapshot{}
	for len(out) < limit {
		var raw rawSnapshot
		err := s.view(ctx, func(tx Tx) (err error) {
			raw, err = copySnapshot(tx, at, after)
			return err
		})
		if err != nil || raw.id == "" {
			return out, err
		}
		after = raw.id
		if len(raw.institution) == 0 {
			continue // not there yet at that moment, or gone
		}
		snap, err := raw.decode(at)
		if err != nil {
			return nil, err
		}
		out = append(out, snap)
	}
	return out, nil
}

// rawSnapshot is one return, copied out of a transaction.
type rawSnapshot struct {
	id          string
	institution []byte
	parts       map[string]PartRecord
	revisions   []pair // those that were there at the moment
}

// copySnapshot copies the first institution after the given id.
func copySnapshot(tx Tx, at time.Time, after string) (raw rawSnapshot, err error) {
	from := after
	if after != "" {
		from += string(rune('/' + 1)) // past all keys of that institution
	}
	k, _ := tx.Bucket(BucketVersions).First([]byte(from))
	if k == nil {
		return raw, nil
	}
	id, _, _ := strings.Cut(string(k), "/")
	raw.id = id
	err = scan(tx, BucketVersions, under(id), func(k, v []byte) error {
		if bytes.Compare(k, versionKey(id, at)) <= 0 {
			raw.institution = bytes.Clone(v)
		}
		return nil
	})
	if err != nil || len(raw.institution) == 0 {
		return raw, err
	}
	if raw.parts, err = partsOf(tx, id); err != nil {
		return raw, err
	}
	return raw, scan(tx, BucketSubmissions, under(id), func(k, v []byte) error {
		raw.revisions = append(raw.revisions, pair{bytes.Clone(k), bytes.Clone(v)})
		return nil
	})
}

func (raw rawSnapshot) decode(at time.Time) (store.Snapshot, error) {
	snap := store.Snapshot{Parts: []store.Part{}, Bodies: map[string][]byte{}}
	if err := json.Unmarshal(raw.institution, &snap.Institution); err != nil {
		return snap, fmt.Errorf("institution %s: %w", raw.id, err)
	}
	current := map[string]pair{}
	gone := map[string]time.Time{} // when each track was last taken out of the offer
	for _, r := range raw.revisions {
		sub, err := ReadSubmission(r.value, false)
		if err != nil {
			return snap, err
		}
		if sub.ReceivedAt.After(at) {
			continue
		}
		current[sub.Part] = r
		if sub.Part == survey.GeneralPart {
			if err := withdrawals(r.value, gone); err != nil {
				return snap, err
			}
		}
	}
	for part, r := range current {
		sub, err := ReadSubmission(r.value, true)
		if err != nil {
			return snap, err
		}
		snap.Bodies[part], sub.Body = sub.Body, nil
		snap.Parts = append(snap.Parts, store.Part{Part: part, State: stateAt(at, sub, raw.parts[part], gone[part]), Current: sub})
	}
	slices.SortFunc(snap.Parts, func(a, b store.Part) int { return strings.Compare(a.Part, b.Part) })
	return snap, nil
}

// withdrawals adds the tracks that a revision of the general part took out of
// the offer.
func withdrawals(value []byte, gone map[string]time.Time) error {
	general, err := ReadSubmission(value, true)
	if err != nil {
		return err
	}
	var body struct {
		Withdraw []string `json:"withdraw"`
	}
	if err := json.Unmarshal(general.Body, &body); err != nil {
		return fmt.Errorf("stored submission %s: %w", general.SubmissionID, err)
	}
	for _, track := range body.Withdraw {
		gone[track] = general.ReceivedAt
	}
	return nil
}

// stateAt gives the state of a part from the last thing that happened to it: it
// was sent, taken out of the offer, or the office sent it back or approved it.
func stateAt(at time.Time, sub store.Submission, record PartRecord, withdrawn time.Time) string {
	state, since := survey.PartSubmitted, sub.ReceivedAt
	if !withdrawn.Before(since) { // sending it again would have brought it back
		state, since = survey.PartWithdrawn, withdrawn
	}
	for _, r := range record.Reviews {
		if r.Revision == sub.Revision && !r.At.Before(since) && !r.At.After(at) {
			state, since = r.State(), r.At
		}
	}
	return state
}
