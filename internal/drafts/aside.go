package drafts

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"rileva/pkg/survey"
)

// bAside holds, by part, what a new version of the questionnaire had no place
// for. It is made when there is something to put into it: most drafts never
// see a second version.
var bAside = []byte("aside")

// Aside is one answer, or one explanation, that a new version of the
// questionnaire has no place for. It is kept so that a person can see it, and
// it comes back when a later version asks for it again.
type Aside struct {
	Answer      *survey.DroppedAnswer     `json:"answer,omitempty"`
	Explanation *survey.LapsedExplanation `json:"explanation,omitempty"`
	From        string                    `json:"from"` // digest of the version that it was given on
	To          string                    `json:"to"`   // digest of the version that put it aside
	At          time.Time                 `json:"at"`
}

// Aside lists what was put aside of a part, oldest first.
func (s *Store) Aside(o Owner, part string) ([]Aside, error) {
	var out []Aside
	err := s.read(o, func(b *bucket) (err error) {
		out, err = loadAside(b, part)
		return err
	})
	return out, err
}

// SetAside replaces what is aside of a part; none takes it all away.
func (s *Store) SetAside(o Owner, part string, list []Aside) error {
	return s.change(o, func(b *bucket) error { return putAside(b, part, list) })
}

// Carry is what a new version of the questionnaire does to a draft.
type Carry struct {
	Questionnaire string // digest of the new version
	Changes       []Change
	Lapsed        []string // checks whose explanations leave the draft
	Aside         []Aside  // all that is aside of the part then
}

// CarryOver moves a draft to another version of the questionnaire. One
// transaction: if we crash before it, the draft stands on the old version with
// everything in it.
//
// was is the draft as the caller read it. If it has changed since, nothing is
// done and done is false: an answer typed meanwhile must not get lost. A draft
// that nobody has touched stays so, also when the program's own answers change;
// one that the server holds stays so only while nothing in it changes.
func (s *Store) CarryOver(o Owner, was Draft, c Carry) (done bool, err error) {
	err = s.change(o, func(b *bucket) error {
		done = false
		now, begun, err := loadDraft(b, was.Part)
		switch {
		case err != nil:
			return err
		case !begun:
			return fail(CodeNoDraft, errors.New(was.Part))
		case now.Generation != was.Generation || now.Questionnaire != was.Questionnaire:
			return nil
		}
		draft := b.Bucket(bDrafts).Bucket([]byte(was.Part))
		for _, change := range c.Changes {
			if err := putChange(draft, change); err != nil {
				return err
			}
		}
		for _, check := range c.Lapsed {
			if err := draft.Bucket(bExplanations).Delete([]byte(check)); err != nil {
				return err
			}
		}
		if err := errors.Join(draft.Put(kQuestionnaire, []byte(c.Questionnaire)), putAside(b, was.Part, c.Aside)); err != nil {
			return err
		}
		done = true
		after, _, err := loadDraft(b, was.Part)
		if err != nil || after.Generation == now.Generation {
			return err
		}
		if !now.Touched && !now.Sent {
			return draft.Put(kBegun, []byte(after.Generation))
		}
		_, err = s.touch(draft)
		return err
	})
	return done && err == nil, err
}

func loadAside(b *bucket, part string) ([]Aside, error) {
	all := b.Bucket(bAside)
	if all == nil || part == "" || all.Bucket([]byte(part)) == nil {
		return nil, nil
	}
	var out []Aside
	err := all.Bucket([]byte(part)).ForEach(func(_, v []byte) error {
		var a Aside
		if err := json.Unmarshal(v, &a); err != nil {
			return fail(CodeDamaged, fmt.Errorf("aside %s: %w", part, err))
		}
		out = append(out, a)
		return nil
	})
	return out, err
}

// putAside writes one key for each, so that a damaged one takes no other with it.
func putAside(b *bucket, part string, list []Aside) error {
	all, err := b.CreateBucketIfNotExists(bAside)
	if err != nil {
		return err
	}
	if all.Bucket([]byte(part)) != nil {
		if err := all.DeleteBucket([]byte(part)); err != nil {
			return err
		}
	}
	if len(list) == 0 {
		return nil
	}
	mine, err := all.CreateBucket([]byte(part))
	if err != nil {
		return fail(CodeValue, err)
	}
	for i, a := range list {
		if (a.Answer == nil) == (a.Explanation == nil) {
			return fail(CodeValue, errors.New("aside: neither an answer nor an explanation, or both"))
		}
		if err := putJSON(mine, binary.BigEndian.AppendUint64(nil, uint64(i)), a); err != nil {
			return err
		}
	}
	return nil
}

// checkAside: each is readable and says what it is, where it comes from and
// when.
func checkAside(_ Owner, b *bucket, report func(string, ...any)) error {
	all := b.Bucket(bAside)
	if all == nil {
		return nil
	}
	return all.ForEachBucket(func(part []byte) error {
		return all.Bucket(part).ForEach(func(k, v []byte) error {
			var a Aside
			switch err := json.Unmarshal(v, &a); {
			case err != nil:
				report("aside %s %x: %v", part, k, err)
			case (a.Answer == nil) == (a.Explanation == nil):
				report("aside %s %x: neither an answer nor an explanation, or both", part, k)
			case a.Answer != nil && (a.Answer.ID == "" || a.Answer.Value == nil && a.Answer.Unavailable == ""):
				report("aside %s %x: an answer without a variable or a value", part, k)
			case a.From == "" || a.At.IsZero():
				report("aside %s %x: no version or no time", part, k)
			}
			return nil
		})
	})
}
