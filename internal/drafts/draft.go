package drafts

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// The buckets and keys of one draft: one key for each variable, so that saving
// a cell writes a cell and a damaged value takes no other with it.
var (
	bAnswers      = []byte("answers")
	bUnavailable  = []byte("unavailable")
	bExplanations = []byte("explanations")

	kQuestionnaire = []byte("questionnaire")
	kUpdated       = []byte("updated")
	kWithdraw      = []byte("withdraw")
	kUnconfirmed   = []byte("unconfirmed")
	kMerge         = []byte("merge")
	kBegun         = []byte("begun") // generation that the program itself filled in
	kSent          = []byte("sent")  // generation that the server has acknowledged
)

// Base is a revision on the server.
type Base struct {
	Revision   int       `json:"revision"`
	Digest     string    `json:"digest"`
	Kept       string    `json:"kept,omitempty"` // as in surveysync.PartBody
	ReceivedAt time.Time `json:"received_at"`
	Device     string    `json:"device,omitempty"` // that sent it, where the server told
}

// BodyDigest is the digest of the bytes that stand in the archive.
func (b Base) BodyDigest() string { return cmp.Or(b.Kept, b.Digest) }

// Draft is one part as it stands on this device.
type Draft struct {
	Part          string
	Questionnaire string // digest of the version that it is filled in on
	Answers       survey.Answers
	Unavailable   map[string]string
	Explanations  map[string]survey.Explanation
	Withdraw      []string
	Unconfirmed   map[string]string       // by variable: the school year whose answer stands here until somebody confirms it
	Merge         *surveysync.MergeRecord // a decision that the next submission tells of
	Base          Base                    // revision 0: the server has none that this device knows
	Theirs        *Base                   // a newer revision that unsent changes kept out of the draft
	UpdatedAt     time.Time
	// Generation names the content; Frozen carries it along.
	Generation string
	// Sent: what stands here is what the server has acknowledged as Base.
	Sent bool
	// Touched: a person's changes stand here that the server does not have.
	Touched bool
}

// generation names a content: equal content, equal name, whatever was typed
// and taken back in between.
func (d Draft) generation() string {
	h := sha256.New()
	part := func(kind byte, key string, value []byte) {
		// Hash writes never fail.
		_, _ = fmt.Fprintf(h, "%c%d:%s%d:", kind, len(key), key, len(value))
		_, _ = h.Write(value)
	}
	for _, k := range slices.Sorted(maps.Keys(d.Answers)) {
		if d.Answers[k] == nil {
			continue // a blank, as Set takes it
		}
		raw, _ := encode(d.Answers[k]) // it came from there
		part('a', k, raw)
	}
	for _, k := range slices.Sorted(maps.Keys(d.Unavailable)) {
		if d.Unavailable[k] == "" {
			continue
		}
		part('u', k, []byte(d.Unavailable[k]))
	}
	for _, k := range slices.Sorted(maps.Keys(d.Explanations)) {
		raw, _ := json.Marshal(d.Explanations[k])
		part('e', k, raw)
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

// encode writes an answer with its type in front, so that "1" and 1 stay two.
func encode(v any) ([]byte, error) {
	switch v := v.(type) {
	case int:
		return strconv.AppendInt([]byte("i"), int64(v), 10), nil
	case string:
		return append([]byte("s"), v...), nil
	case bool:
		return strconv.AppendBool([]byte("b"), v), nil
	case json.Number: // a decimal, as it was written
		return append([]byte("n"), v...), nil
	case []string:
		raw, err := json.Marshal(append([]string{}, v...))
		return append([]byte("l"), raw...), err
	}
	return nil, fail(CodeValue, fmt.Errorf("a %T is no answer", v))
}

func decode(raw []byte) (any, error) {
	if len(raw) == 0 {
		return nil, fail(CodeDamaged, errors.New("an empty value"))
	}
	var (
		out any
		err error
	)
	switch text := string(raw[1:]); raw[0] {
	case 'i':
		out, err = strconv.Atoi(text)
	case 's':
		out = text
	case 'b':
		out, err = strconv.ParseBool(text)
	case 'n':
		_, err = strconv.ParseFloat(text, 64)
		out = json.Number(text)
	case 'l':
		var list []string
		err = json.Unmarshal(raw[1:], &list)
		out = list
	default:
		err = errors.New("a value of no known type")
	}
	if err != nil {
		return nil, fail(CodeDamaged, err)
	}
	return out, nil
}

// Draft gives the part, and whether it was begun.
func (s *Store) Draft(o Owner, part string) (Draft, bool, error) {
	var d Draft
	var ok bool
	err := s.read(o, func(b *bucket) (err error) {
		d, ok, err = loadDraft(b, part)
		return err
	})
	return d, ok, err
}

// Parts lists the parts that were begun.
func (s *Store) Parts(o Owner) ([]string, error) {
	var out []string
	err := s.read(o, func(b *bucket) error {
		return b.Bucket(bDrafts).ForEachBucket(func(k []byte) error {
			out = append(out, string(k))
			return nil
		})
	})
	return out, err
}

// Begin starts a part with what the program knows already, and says whether it
// did: a draft that exists is left alone.
func (s *Store) Begin(o Owner, part, questionnaire string, answers survey.Answers) (bool, error) {
	var begun bool
	err := s.change(o, func(b *bucket) error {
		begun = false
		if b.Bucket(bDrafts).Bucket([]byte(part)) != nil {
			return nil
		}
		d := Draft{Part: part, Questionnaire: questionnaire, Answers: answers}
		draft, err := s.writeDraft(b, d)
		if err != nil {
			return err
		}
		begun = true
		return draft.Put(kBegun, []byte(d.generation()))
	})
	return begun, err
}

// writeDraft puts a whole content in the place of what there is.
func (s *Store) writeDraft(b *bucket, d Draft) (*bucket, error) {
	drafts := b.Bucket(bDrafts)
	if drafts.Bucket([]byte(d.Part)) != nil {
		if err := drafts.DeleteBucket([]byte(d.Part)); err != nil {
			return nil, err
		}
	}
	draft, err := drafts.CreateBucket([]byte(d.Part))
	if err != nil {
		return nil, fail(CodeValue, err)
	}
	for _, name := range [][]byte{bAnswers, bUnavailable, bExplanations} {
		if _, err := draft.CreateBucket(name); err != nil {
			return nil, err
		}
	}
	for id, v := range d.Answers {
		if err := putChange(draft, Change{Variable: id, Value: v, From: d.Unconfirmed[id]}); err != nil {
			return nil, err
		}
	}
	for id, reason := range d.Unavailable {
		if err := putChange(draft, Change{Variable: id, Unavailable: reason}); err != nil {
			return nil, err
		}
	}
	for check, e := range d.Explanations {
		if err := putJSON(draft.Bucket(bExplanations), []byte(check), e); err != nil {
			return nil, err
		}
	}
	if err := draft.Put(kQuestionnaire, []byte(d.Questionnaire)); err != nil {
		return nil, err
	}
	_, err = s.touch(draft)
	return draft, err
}

func (s *Store) touch(draft *bucket) (time.Time, error) {
	now := s.now()
	return now, draft.Put(kUpdated, []byte(now.Format(time.RFC3339Nano)))
}

const maxVariable = 200 // bytes of a variable's id

// Change is one variable's new answer. A nil value is a blank; with a reason
// in Unavailable it is "dato non disponibile", which has no value. With a school
// year in From the value is taken over from that year's return and stays marked
// until the variable is set again.
type Change struct {
	Variable    string
	Value       any
	Unavailable string
	From        string
}

// Set saves answers, all or none, and gives the time to show as "salvato".
func (s *Store) Set(o Owner, part string, changes []Change) (time.Time, error) {
	return s.edit(o, part, func(draft *bucket) error {
		for _, c := range changes {
			if err := putChange(draft, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func putChange(draft *bucket, c Change) error {
	if c.Variable == "" || len(c.Variable) > maxVariable {
		return fail(CodeValue, fmt.Errorf("%.40q is no variable", c.Variable))
	}
	if err := putUnconfirmed(draft, c); err != nil {
		return err
	}
	key := []byte(c.Variable)
	answers, unavailable := draft.Bucket(bAnswers), draft.Bucket(bUnavailable)
	if c.Unavailable != "" {
		return errors.Join(answers.Delete(key), unavailable.Put(key, []byte(c.Unavailable)))
	}
	if err := unavailable.Delete(key); err != nil || c.Value == nil {
		return errors.Join(err, answers.Delete(key))
	}
	raw, err := encode(c.Value)
	if err != nil {
		return err
	}
	return answers.Put(key, raw)
}

// putUnconfirmed notes whose answer a change brings. It is no content: what is
// sent says nothing of it.
func putUnconfirmed(draft *bucket, c Change) error {
	marks := map[string]string{}
	if _, err := getJSON(draft, kUnconfirmed, &marks); err != nil {
		return err
	}
	if marks[c.Variable] == c.From {
		return nil
	}
	if c.From == "" {
		delete(marks, c.Variable)
	} else {
		marks[c.Variable] = c.From
	}
	if len(marks) == 0 {
		return draft.Delete(kUnconfirmed)
	}
	return putJSON(draft, kUnconfirmed, marks)
}

// Explain saves the explanation of one check; nil takes it away.
func (s *Store) Explain(o Owner, part, check string, e *survey.Explanation) (time.Time, error) {
	return s.edit(o, part, func(draft *bucket) error {
		return putExplanation(draft, check, e)
	})
}

func putExplanation(draft *bucket, check string, e *survey.Explanation) error {
	switch {
	case check == "":
		return fail(CodeValue, errors.New("no check"))
	case e == nil:
		return draft.Bucket(bExplanations).Delete([]byte(check))
	}
	return putJSON(draft.Bucket(bExplanations), []byte(check), e)
}

// SetWithdraw notes the tracks whose sheets the next submission withdraws. It
// holds for one submission only.
func (s *Store) SetWithdraw(o Owner, part string, tracks []string) (time.Time, error) {
	return s.edit(o, part, func(draft *bucket) error {
		if len(tracks) == 0 {
			return draft.Delete(kWithdraw)
		}
		return putJSON(draft, kWithdraw, tracks)
	})
}

// UseQuestionnaire moves the draft to another version of the questionnaire.
// Answers to questions that it lacks stay until somebody blanks them.
func (s *Store) UseQuestionnaire(o Owner, part, digest string) (time.Time, error) {
	return s.edit(o, part, func(draft *bucket) error { return draft.Put(kQuestionnaire, []byte(digest)) })
}

// edit changes a draft that was begun.
func (s *Store) edit(o Owner, part string, f func(*bucket) error) (at time.Time, err error) {
	err = s.change(o, func(b *bucket) error {
		draft := b.Bucket(bDrafts).Bucket([]byte(part))
		if draft == nil {
			return fail(CodeNoDraft, errors.New(part))
		}
		if err := f(draft); err != nil {
			return err
		}
		at, err = s.touch(draft)
		return err
	})
	return at, err
}

// Discard throws the unsent changes of a part away. What remains is the newest
// revision of the server that this device holds, and nothing otherwise. A submission that waits goes too, unless it may have arrived.
func (s *Store) Discard(o Owner, part string) error {
	return s.change(o, func(b *bucket) error {
		if err := dropEntry(b, part); err != nil {
			return err
		}
		if b.Bucket(bDrafts).Bucket([]byte(part)) != nil {
			if err := b.Bucket(bDrafts).DeleteBucket([]byte(part)); err != nil {
				return err
			}
		}
		if err := forgetLost(b, part); err != nil {
			return err
		}
		// What lay beside the draft had nothing but the draft in its way.
		base, err := loadBase(b, bTheirs, part)
		if err != nil {
			return err
		}
		if base != nil {
			if err := errors.Join(putJSON(b.Bucket(bBases), []byte(part), base), b.Bucket(bTheirs).Delete([]byte(part))); err != nil {
				return err
			}
		} else if base, err = loadBase(b, bBases, part); err != nil || base == nil {
			return err
		}
		return s.fill(b, part, base.BodyDigest())
	})
}

// fill makes an archived body the content of the draft.
func (s *Store) fill(b *bucket, part, digest string) error {
	body := b.Bucket(bArchive).Get([]byte(digest))
	if body == nil {
		return nil
	}
	d, err := bodyDraft(body)
	if err != nil {
		return err
	}
	d.Part = part
	draft, err := s.writeDraft(b, d)
	if err != nil {
		return err
	}
	return draft.Put(kSent, []byte(d.generation()))
}

// bodyDraft reads a body as a draft's content. Withdrawing is an act of that
// one submission and is not taken over: repeated it would be refused.
func bodyDraft(body []byte) (Draft, error) {
	sub, err := surveysync.ParseSubmission(body)
	if err != nil {
		return Draft{}, fail(CodeBody, err)
	}
	for id, v := range sub.Answers {
		if _, err := encode(v); err != nil || id == "" || len(id) > maxVariable {
			return Draft{}, fail(CodeBody, fmt.Errorf("%.40q: no answer", id))
		}
		if sub.Unavailable[id] != "" {
			return Draft{}, fail(CodeBody, fmt.Errorf("%s is answered and not available", id))
		}
	}
	return Draft{Questionnaire: sub.Questionnaire, Answers: sub.Answers, Unavailable: sub.Unavailable,
		Explanations: sub.Explanations}, nil
}

// loadDraft copies a draft out.
func loadDraft(b *bucket, part string) (Draft, bool, error) {
	d := Draft{Part: part, Answers: survey.Answers{}, Unavailable: map[string]string{}, Explanations: map[string]survey.Explanation{}}
	if part == "" {
		return d, false, fail(CodeNoDraft, errors.New("no part is named"))
	}
	base, err := loadBase(b, bBases, part)
	if err != nil {
		return d, false, err
	}
	if base != nil {
		d.Base = *base
	}
	if d.Theirs, err = loadBase(b, bTheirs, part); err != nil {
		return d, false, err
	}
	draft := b.Bucket(bDrafts).Bucket([]byte(part))
	if draft == nil {
		return d, false, nil
	}
	d.Questionnaire = string(draft.Get(kQuestionnaire))
	if d.UpdatedAt, err = time.Parse(time.RFC3339Nano, string(draft.Get(kUpdated))); err != nil {
		return d, false, fail(CodeDamaged, err)
	}
	err = errors.Join(
		draft.Bucket(bAnswers).ForEach(func(k, v []byte) (err error) {
			d.Answers[string(k)], err = decode(v)
			return err
		}),
		draft.Bucket(bUnavailable).ForEach(func(k, v []byte) error {
			d.Unavailable[string(k)] = string(v)
			return nil
		}),
		draft.Bucket(bExplanations).ForEach(func(k, _ []byte) error {
			var e survey.Explanation
			_, err := getJSON(draft.Bucket(bExplanations), k, &e)
			d.Explanations[string(k)] = e
			return err
		}))
	if err != nil {
		return d, false, err
	}
	if _, err := getJSON(draft, kWithdraw, &d.Withdraw); err != nil {
		return d, false, err
	}
	if _, err := getJSON(draft, kUnconfirmed, &d.Unconfirmed); err != nil {
		return d, false, err
	}
	if _, err := getJSON(draft, kMerge, &d.Merge); err != nil {
		return d, false, err
	}
	d.Generation = d.generation()
	is := func(key []byte) bool {
		return bytes.Equal(draft.Get(key), []byte(d.Generation)) && len(d.Withdraw) == 0
	}
	d.Sent = is(kSent) && d.Base.Revision > 0
	d.Touched = !d.Sent && !is(kBegun)
	return d, true, nil
}

func loadBase(b *bucket, bucket []byte, part string) (*Base, error) {
	var out Base
	ok, err := getJSON(b.Bucket(bucket), []byte(part), &out)
	if err != nil || !ok {
		return nil, err
	}
	return &out, nil
}
