package drafts

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	bolt "go.etcd.io/bbolt"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Owner says whose the data are. It is the institution's immutable id and not
// its code, which may change with the register.
type Owner struct {
	Institution string
	Survey      string
}

// The buckets of one owner.
var (
	bDrafts   = []byte("drafts")
	bBases    = []byte("bases")
	bTheirs   = []byte("theirs")
	bOutbox   = []byte("outbox")
	bFrozen   = []byte("frozen")
	bReceipts = []byte("receipts")
	bArchive  = []byte("archive")

	ownerBuckets = [][]byte{bDrafts, bBases, bTheirs, bOutbox, bFrozen, bReceipts, bArchive}
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
	kMerge         = []byte("merge")
	kBegun         = []byte("begun") // generation that the program itself filled in
	kSent          = []byte("sent")  // generation that the server has acknowledged
)

// Base is a revision on the server.
type Base struct {
	Revision   int       `json:"revision"`
	Digest     string    `json:"digest"`
	ReceivedAt time.Time `json:"received_at"`
	Device     string    `json:"device,omitempty"` // that sent it, where the server told
}

// Draft is one part as it stands on this device.
type Draft struct {
	Part          string
	Questionnaire string // digest of the version that it is filled in on
	Answers       survey.Answers
	Unavailable   map[string]string
	Explanations  map[string]survey.Explanation
	Withdraw      []string
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
	err := s.read(o, func(b *bolt.Bucket) (err error) {
		d, ok, err = loadDraft(b, part)
		return err
	})
	return d, ok, err
}

// Parts lists the parts that were begun.
func (s *Store) Parts(o Owner) ([]string, error) {
	var out []string
	err := s.read(o, func(b *bolt.Bucket) error {
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
	err := s.change(o, func(b *bolt.Bucket) error {
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
func (s *Store) writeDraft(b *bolt.Bucket, d Draft) (*bolt.Bucket, error) {
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
		if err := putChange(draft, Change{Variable: id, Value: v}); err != nil {
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

func (s *Store) touch(draft *bolt.Bucket) (time.Time, error) {
	now := s.now()
	return now, draft.Put(kUpdated, []byte(now.Format(time.RFC3339Nano)))
}

const maxVariable = 200 // bytes of a variable's id

// Change is one variable's new answer. A nil value is a blank; with a reason
// in Unavailable it is "dato non disponibile", which has no value.
type Change struct {
	Variable    string
	Value       any
	Unavailable string
}

// Set saves answers, all or none, and gives the time to show as "salvato".
func (s *Store) Set(o Owner, part string, changes []Change) (time.Time, error) {
	return s.edit(o, part, func(draft *bolt.Bucket) error {
		for _, c := range changes {
			if err := putChange(draft, c); err != nil {
				return err
			}
		}
		return nil
	})
}

func putChange(draft *bolt.Bucket, c Change) error {
	if c.Variable == "" || len(c.Variable) > maxVariable {
		return fail(CodeValue, fmt.Errorf("%.40q is no variable", c.Variable))
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

// Explain saves the explanation of one check; nil takes it away.
func (s *Store) Explain(o Owner, part, check string, e *survey.Explanation) (time.Time, error) {
	return s.edit(o, part, func(draft *bolt.Bucket) error {
		return putExplanation(draft, check, e)
	})
}

func putExplanation(draft *bolt.Bucket, check string, e *survey.Explanation) error {
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
	return s.edit(o, part, func(draft *bolt.Bucket) error {
		if len(tracks) == 0 {
			return draft.Delete(kWithdraw)
		}
		return putJSON(draft, kWithdraw, tracks)
	})
}

// UseQuestionnaire moves the draft to another version of the questionnaire.
// Answers to questions that it lacks stay until somebody blanks them.
func (s *Store) UseQuestionnaire(o Owner, part, digest string) (time.Time, error) {
	return s.edit(o, part, func(draft *bolt.Bucket) error { return draft.Put(kQuestionnaire, []byte(digest)) })
}

// edit changes a draft that was begun.
func (s *Store) edit(o Owner, part string, f func(*bolt.Bucket) error) (at time.Time, err error) {
	err = s.change(o, func(b *bolt.Bucket) error {
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
	return s.change(o, func(b *bolt.Bucket) error {
		if err := dropEntry(b, part); err != nil {
			return err
		}
		if b.Bucket(bDrafts).Bucket([]byte(part)) != nil {
			if err := b.Bucket(bDrafts).DeleteBucket([]byte(part)); err != nil {
				return err
			}
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
		return s.fill(b, part, base.Digest)
	})
}

// fill makes an archived body the content of the draft.
func (s *Store) fill(b *bolt.Bucket, part, digest string) error {
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

// Adopt takes a downloaded revision in. A draft with unsent changes, or with a
// submission under way, is left as it is and keeps its base: the revision is
// laid beside it as Theirs, and a person decides ([Store.Resolve]). Otherwise
// it becomes the base and the draft's content. filled says which. A revision
// that is not newer than the base changes nothing.
func (s *Store) Adopt(o Owner, part string, p surveysync.PartBody) (filled bool, err error) {
	body, digest := p.Body, p.Digest
	sub, err := surveysync.ParseSubmission(body)
	switch {
	case err != nil:
		return false, fail(CodeBody, err)
	case surveysync.Digest(body) != digest || p.Revision < 1 || sub.Part != part || sub.Survey != o.Survey:
		return false, fail(CodeBody, errors.New("the body is not that of its address"))
	}
	if _, err := bodyDraft(body); err != nil {
		return false, err
	}
	theirs := Base{Revision: p.Revision, Digest: digest, ReceivedAt: p.ReceivedAt, Device: p.Device}
	err = s.change(o, func(b *bolt.Bucket) error {
		filled = false
		base, err := loadBase(b, bBases, part)
		if err != nil {
			return err
		}
		e, queued, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		beside, err := loadBase(b, bTheirs, part)
		if err != nil {
			return err
		}
		known := base != nil && (p.Revision < base.Revision || p.Revision == base.Revision && digest == base.Digest) || beside != nil && p.Revision < beside.Revision
		if known || queued && e.Digest == digest {
			return nil // our own is settled by its receipt, which the next pass brings
		}
		d, begun, err := loadDraft(b, part)
		if err != nil {
			return err
		}
		if err := b.Bucket(bArchive).Put([]byte(digest), body); err != nil {
			return err
		}
		if queued || begun && d.Touched {
			return putJSON(b.Bucket(bTheirs), []byte(part), theirs)
		}
		filled = true
		if err := errors.Join(putJSON(b.Bucket(bBases), []byte(part), theirs), b.Bucket(bTheirs).Delete([]byte(part))); err != nil {
			return err
		}
		return s.fill(b, part, digest)
	})
	return filled && err == nil, err
}

// Behind says whether revision n is newer than what this device holds.
func (s *Store) Behind(o Owner, part string, n int, digest string) (bool, error) {
	behind := true
	err := s.read(o, func(b *bolt.Bucket) error {
		e, queued, err := loadEntry(b, part)
		if err != nil {
			return err
		}
		behind = !queued || e.Digest != digest
		for _, bucket := range [][]byte{bBases, bTheirs} {
			held, err := loadBase(b, bucket, part)
			if err != nil {
				return err
			}
			// Of one number there are two only after a restore: then the server's
			// is the one in force.
			if held != nil && (held.Revision > n || held.Revision == n && held.Digest == digest) {
				behind = false
			}
		}
		return nil
	})
	return behind, err
}

// Resolution is what a person has decided about a conflict.
type Resolution struct {
	Revision     int // the one laid beside the draft, from which the draft starts now
	Changes      []Change
	Explanations map[string]*survey.Explanation // by check; nil takes one away
	Merge        *surveysync.MergeRecord        // for the next submission to tell
}

// Resolve ends a conflict as a person has decided, and drops the submission
// that met it. One transaction: if we crash before it, the conflict stands as
// before. When the draft then holds what the server has, there is nothing to
// send and so nothing to tell.
func (s *Store) Resolve(o Owner, part string, r Resolution) error {
	return s.change(o, func(b *bolt.Bucket) error {
		theirs, err := loadBase(b, bTheirs, part)
		if err != nil {
			return err
		}
		draft := b.Bucket(bDrafts).Bucket([]byte(part))
		if theirs == nil || theirs.Revision != r.Revision || draft == nil {
			return fail(CodeBase, fmt.Errorf("revision %d is not the one that waits", r.Revision))
		}
		if err := dropEntry(b, part); err != nil {
			return err
		}
		for _, c := range r.Changes {
			if err := putChange(draft, c); err != nil {
				return err
			}
		}
		for check, e := range r.Explanations {
			if err := putExplanation(draft, check, e); err != nil {
				return err
			}
		}
		d, err := bodyDraft(b.Bucket(bArchive).Get([]byte(theirs.Digest)))
		if err != nil {
			return err
		}
		if _, err := s.touch(draft); err != nil {
			return err
		}
		if err := errors.Join(draft.Put(kSent, []byte(d.generation())), b.Bucket(bTheirs).Delete([]byte(part)),
			putJSON(b.Bucket(bBases), []byte(part), theirs), draft.Delete(kMerge)); err != nil {
			return err
		}
		if now, _, err := loadDraft(b, part); err != nil || now.Sent || r.Merge == nil {
			return err
		}
		return putJSON(draft, kMerge, r.Merge)
	})
}

// loadDraft copies a draft out.
func loadDraft(b *bolt.Bucket, part string) (Draft, bool, error) {
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

func loadBase(b *bolt.Bucket, bucket []byte, part string) (*Base, error) {
	var out Base
	ok, err := getJSON(b.Bucket(bucket), []byte(part), &out)
	if err != nil || !ok {
		return nil, err
	}
	return &out, nil
}

// read gives f the owner's bucket; when there is none yet, f is not called.
func (s *Store) read(o Owner, f func(*bolt.Bucket) error) error {
	key, err := o.key()
	if err != nil {
		return err
	}
	return s.view(func(tx *bolt.Tx) error {
		if b := tx.Bucket(bOwners).Bucket(key); b != nil {
			return f(b)
		}
		return nil
	})
}

// change gives f the owner's bucket, made when there is none.
func (s *Store) change(o Owner, f func(*bolt.Bucket) error) error {
	key, err := o.key()
	if err != nil {
		return err
	}
	return s.update(func(tx *bolt.Tx) error {
		b, err := tx.Bucket(bOwners).CreateBucketIfNotExists(key)
		if err != nil {
			return err
		}
		for _, name := range ownerBuckets {
			if _, err := b.CreateBucketIfNotExists(name); err != nil {
				return err
			}
		}
		return f(b)
	})
}

func (o Owner) key() ([]byte, error) {
	if o.Institution == "" || o.Survey == "" || strings.ContainsRune(o.Institution+o.Survey, 0) || len(o.Institution+o.Survey) > 1000 {
		return nil, fail(CodeOwner, fmt.Errorf("institution %.40q, survey %.40q", o.Institution, o.Survey))
	}
	return []byte(o.Institution + "\x00" + o.Survey), nil
}

// Owners lists whose data stand on this device.
func (s *Store) Owners() ([]Owner, error) {
	var out []Owner
	err := s.view(func(tx *bolt.Tx) error {
		return eachOwner(tx, func(o Owner, _ *bolt.Bucket) error {
			out = append(out, o)
			return nil
		})
	})
	return out, err
}

// eachOwner lists first and calls then, so that f may write.
func eachOwner(tx *bolt.Tx, f func(Owner, *bolt.Bucket) error) error {
	owners := tx.Bucket(bOwners)
	var keys [][]byte
	err := owners.ForEachBucket(func(k []byte) error {
		keys = append(keys, bytes.Clone(k))
		return nil
	})
	if err != nil {
		return err
	}
	for _, k := range keys {
		institution, id, _ := strings.Cut(string(k), "\x00")
		if err := f(Owner{Institution: institution, Survey: id}, owners.Bucket(k)); err != nil {
			return err
		}
	}
	return nil
}
