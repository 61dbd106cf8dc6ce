package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// removedInstitution is an institution that was merged into another. It stays,
// because the submissions under its id stay.
type removedInstitution struct {
	store.Institution
	RemovedAt time.Time `json:"removed_at"`
}

func decodeInstitutions(all []pair) ([]store.Institution, error) {
	out := make([]store.Institution, len(all))
	for i, p := range all {
		if err := json.Unmarshal(p.value, &out[i]); err != nil {
			return nil, fmt.Errorf("institution %s: %w", p.key, err)
		}
	}
	slices.SortFunc(out, func(a, b store.Institution) int { return strings.Compare(a.Code, b.Code) })
	return out, nil
}

// institutionByID finds one. Error not_found.
func institutionByID(tx Tx, id string) (store.Institution, error) {
	var in store.Institution
	found, err := ReadJSON(tx, BucketInstitutions, []byte(id), &in)
	if err == nil && !found {
		err = store.Errorf(surveysync.NotFound, "no institution has the id %q", id)
	}
	return in, err
}

// Institutions implements store.Store.
func (s *Store) Institutions(ctx context.Context) ([]store.Institution, error) {
	var all []pair
	err := s.view(ctx, func(tx Tx) error {
		all = copyOut(tx, BucketInstitutions, nil)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return decodeInstitutions(all)
}

// FindInstitution implements store.Store.
func (s *Store) FindInstitution(ctx context.Context, code string) (store.Institution, error) {
	var in store.Institution
	err := s.view(ctx, func(tx Tx) (err error) {
		id := tx.Bucket(BucketCodes).Get([]byte(code))
		if id == nil {
			return store.Errorf(surveysync.NotFound, "no institution has the code %q", code)
		}
		in, err = institutionByID(tx, string(id))
		return err
	})
	return in, err
}

// EditInstitutions implements store.Store. edit runs in the writer goroutine,
// so it must not call the store at all.
func (s *Store) EditInstitutions(ctx context.Context,
	edit func(all []store.Institution, sent map[string]int) (store.RegisterEdit, error)) error {
	return s.change(ctx, func(w *write) error {
		raw := copyOut(w.tx, BucketInstitutions, nil)
		all, err := decodeInstitutions(raw)
		if err != nil {
			return err
		}
		wanted, err := edit(all, sentParts(w.tx))
		if err != nil {
			return err
		}
		before, err := decodeInstitutions(raw) // anew: edit may have changed its copy
		if err != nil {
			return err
		}
		plan, err := w.planRegister(before, wanted)
		if err != nil {
			return err
		}
		return w.applyRegister(plan, wanted)
	})
}

// sentParts counts the parts of each institution that have a submission.
func sentParts(tx Tx) map[string]int {
	sent := map[string]int{}
	_ = scan(tx, BucketParts, nil, func(k, _ []byte) error { // fn never fails
		id, _, _ := bytes.Cut(k, []byte("/"))
		sent[string(id)]++
		return nil
	})
	return sent
}

// registerPlan is an edit of the register that was found possible.
type registerPlan struct {
	before, after map[string]store.Institution
	put           []string // ids, new ones among them
	codes         map[string]string
}

// planRegister checks the edit as a whole and writes nothing.
func (w *write) planRegister(before []store.Institution, wanted store.RegisterEdit) (registerPlan, error) {
	p := registerPlan{before: map[string]store.Institution{}, after: map[string]store.Institution{}, codes: map[string]string{}}
	for _, in := range before {
		p.before[in.ID], p.after[in.ID] = in, in
	}
	for _, id := range wanted.Remove {
		if _, there := p.after[id]; !there {
			return p, store.Errorf(surveysync.NotFound, "no institution has the id %q", id)
		}
		delete(p.after, id)
	}
	for _, in := range wanted.Put {
		if err := w.planOne(&p, in); err != nil {
			return p, err
		}
	}
	for id, in := range p.after {
		for _, code := range in.Codes {
			if other, taken := p.codes[code]; taken {
				return p, store.Errorf(store.Conflict, "the code %s would belong to %s and to %s", code, p.after[other].Code, in.Code)
			}
			p.codes[code] = id
		}
	}
	for _, id := range wanted.EndSessions {
		if _, there := p.before[id]; !there && p.after[id].ID == "" {
			return p, store.Errorf(surveysync.NotFound, "no institution has the id %q", id)
		}
	}
	return p, nil
}

func (w *write) planOne(p *registerPlan, in store.Institution) error {
	if in.ID == "" {
		id, err := w.newInstitutionID(p.after)
		if err != nil {
			return err
		}
		in.ID = id
		if in.AddedAt.IsZero() {
			in.AddedAt = w.Now().UTC().Truncate(time.Millisecond)
		}
	} else if _, there := p.after[in.ID]; !there {
		return store.Errorf(surveysync.NotFound, "no institution has the id %q", in.ID)
	}
	if slices.Contains(p.put, in.ID) {
		return store.Errorf(surveysync.Invalid, "the institution %s is put twice", in.ID)
	}
	if !slices.Contains(in.Codes, in.Code) {
		return store.Errorf(surveysync.Invalid, "the login code %q is not among the codes", in.Code)
	}
	for i, code := range in.Codes {
		if slices.Contains(in.Codes[:i], code) {
			return store.Errorf(surveysync.Invalid, "the code %s stands twice", code)
		}
		if err := receiptable(code, "survey", "part"); err != nil {
			return store.Errorf(surveysync.Invalid, "the code %q cannot stand in a receipt", code)
		}
	}
	p.put = append(p.put, in.ID)
	p.after[in.ID] = in
	return nil
}

// newInstitutionID draws an id that no institution has or has had.
func (w *write) newInstitutionID(taken map[string]store.Institution) (string, error) {
	for range 100 {
		random, err := readFull(w.Rand, 7)
		if err != nil {
			return "", err
		}
		id := "ist-" + lowerCrockford.EncodeToString(random)[:10]
		_, now := taken[id]
		if !now && w.tx.Bucket(BucketInstitutions).Get([]byte(id)) == nil && w.tx.Bucket(BucketRemoved).Get([]byte(id)) == nil {
			return id, nil
		}
	}
	return "", errors.New("institution id: the random source repeats itself")
}

func (w *write) applyRegister(p registerPlan, wanted store.RegisterEdit) error {
	for _, id := range wanted.Remove {
		if heir := wanted.Heirs[id]; heir != "" {
			if err := w.inherit(id, heir); err != nil {
				return err
			}
		}
		if err := w.removeInstitution(p.before[id], w.editedAt(wanted)); err != nil {
			return err
		}
	}
	for _, id := range p.put {
		after := p.after[id]
		if err := errors.Join(w.putJSON(BucketInstitutions, []byte(id), after), w.putVersion(id, &after, w.editedAt(wanted))); err != nil {
			return err
		}
	}
	for _, in := range p.before {
		for _, code := range in.Codes {
			if p.codes[code] == "" {
				if err := w.delete(BucketCodes, []byte(code)); err != nil {
					return err
				}
			}
		}
	}
	for _, id := range p.put {
		for _, code := range p.after[id].Codes {
			if err := w.put(BucketCodes, []byte(code), []byte(id)); err != nil {
				return err
			}
		}
	}
	for _, id := range wanted.EndSessions {
		if _, err := w.endSessions(id, func([]byte, store.Session) bool { return true }); err != nil {
			return err
		}
	}
	return w.appendAll(wanted.Acts)
}

// inherit moves what was written to and about an institution, and what its
// devices said last, to the one that it goes into.
func (w *write) inherit(from, to string) error {
	for _, bucket := range [][]byte{BucketMessages, BucketNotes} {
		if err := w.inheritWords(bucket, from, to); err != nil {
			return err
		}
	}
	var own, others []store.Heartbeat
	_, ownErr := ReadJSON(w.tx, BucketHeartbeats, []byte(to), &own)
	found, err := ReadJSON(w.tx, BucketHeartbeats, []byte(from), &others)
	if err = errors.Join(ownErr, err); err != nil || !found {
		return err
	}
	for _, h := range others {
		if !slices.ContainsFunc(own, func(x store.Heartbeat) bool { return x.Device == h.Device && !x.At.Before(h.At) }) {
			own = withHeartbeat(own, h)
		}
	}
	return errors.Join(w.putJSON(BucketHeartbeats, []byte(to), own), w.delete(BucketHeartbeats, []byte(from)))
}

// inheritWords numbers the words of both anew, oldest first.
func (w *write) inheritWords(bucket []byte, from, to string) error {
	all := copyOut(w.tx, bucket, under(to))
	words := make([]store.Word, 0, len(all))
	moved := copyOut(w.tx, bucket, under(from))
	for _, p := range append(all, moved...) {
		var word store.Word
		if err := json.Unmarshal(p.value, &word); err != nil {
			return fmt.Errorf("%s %s: %w", bucket, p.key, err)
		}
		words = append(words, word)
	}
	slices.SortStableFunc(words, func(a, b store.Word) int { return a.At.Compare(b.At) })
	for i, word := range words {
		if err := w.putJSON(bucket, wordKey(to, i+1), word); err != nil {
			return err
		}
	}
	for _, p := range moved {
		if err := w.delete(bucket, p.key); err != nil {
			return err
		}
	}
	return nil
}

// removeInstitution takes an institution out of the register, with all that
// lets somebody in. Its submissions stay as they are (invariant 3).
func (w *write) removeInstitution(in store.Institution, at time.Time) error {
	if _, err := w.endSessions(in.ID, func([]byte, store.Session) bool { return true }); err != nil {
		return err
	}
	survey, err := surveyOf(w.tx)
	if err != nil && !refused(err, surveysync.NotFound) {
		return err
	}
	if _, extended := survey.Extensions[in.ID]; extended {
		delete(survey.Extensions, in.ID)
		delete(survey.Reasons, in.ID)
		if err := w.putJSON(BucketSurvey, KeySurvey, survey); err != nil {
			return err
		}
	}
	gone := removedInstitution{in, at.UTC().Truncate(time.Millisecond)}
	return errors.Join(
		w.putJSON(BucketRemoved, []byte(in.ID), gone),
		w.putVersion(in.ID, nil, at),
		w.delete(BucketInstitutions, []byte(in.ID)),
		w.delete(BucketAccounts, []byte(in.ID)),
	)
}
