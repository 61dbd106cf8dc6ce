package drafts

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"slices"

	surveysync "rileva/pkg/sync"
)

// maxAttempts bounds the history of attempts; the oldest go first.
const maxAttempts = 1000

// Attempt is one line of the history: what was tried, when, and what came of
// it, under the code that the server's log has too.
type Attempt struct {
	Owner Owner  `json:"owner,omitzero"` // zero before signing in
	Part  string `json:"part,omitempty"`
	What  string `json:"what,omitempty"` // "" is the sending of Part; "login", "sync"…
	surveysync.AttemptResult
}

// Record notes an attempt that is not of an outbox entry, such as a sign-in.
func (s *Store) Record(a Attempt) error {
	return s.update(func(tx *txn) error { return record(tx, a) })
}

func record(tx *txn, a Attempt) error {
	b := tx.Bucket(bAttempts)
	n, err := b.NextSequence()
	if err != nil {
		return err
	}
	if err := putJSON(b, binary.BigEndian.AppendUint64(nil, n), a); err != nil {
		return err
	}
	for n > maxAttempts {
		c := b.Cursor()
		first, _ := c.First()
		if first == nil || binary.BigEndian.Uint64(first)+maxAttempts > n {
			break
		}
		if err := c.Delete(); err != nil {
			return err
		}
	}
	return nil
}

// Attempts gives the last attempts, newest first; limit 0 is all. A zero owner
// asks for everybody's; otherwise those before signing in are among them.
func (s *Store) Attempts(o Owner, limit int) ([]Attempt, error) {
	var out []Attempt
	err := s.view(func(tx *txn) error {
		b := tx.Bucket(bAttempts)
		c := b.Cursor()
		for k, v := c.Last(); k != nil && (limit == 0 || len(out) < limit); k, v = c.Prev() {
			var a Attempt
			if err := json.Unmarshal(b.open(k, v), &a); err != nil {
				return fail(CodeDamaged, err)
			}
			if o == (Owner{}) || a.Owner == (Owner{}) || a.Owner == o {
				out = append(out, a)
			}
		}
		return nil
	})
	return out, err
}

// Held is a receipt on this device, with the bytes that its proof is made for.
type Held struct {
	Receipt surveysync.Receipt // not embedded: its MarshalJSON would become Held's
	Raw     []byte
}

// Receipts lists the owner's receipts, oldest first.
func (s *Store) Receipts(o Owner) ([]Held, error) {
	var out []Held
	err := s.read(o, func(b *bucket) error {
		return b.Bucket(bReceipts).ForEach(func(_, v []byte) error {
			h, err := held(v)
			out = append(out, h)
			return err
		})
	})
	slices.SortFunc(out, func(a, b Held) int { return a.Receipt.ReceivedAt.Compare(b.Receipt.ReceivedAt) })
	return out, err
}

// Receipt finds one by its number in canonical form.
func (s *Store) Receipt(o Owner, number string) (Held, bool, error) {
	var out Held
	var ok bool
	err := s.read(o, func(b *bucket) (err error) {
		v := b.Bucket(bReceipts).Get([]byte(number))
		if v == nil {
			return nil
		}
		ok = true
		out, err = held(v)
		return err
	})
	return out, ok, err
}

func held(raw []byte) (Held, error) {
	r, err := surveysync.ParseReceipt(raw)
	if err != nil {
		return Held{}, fail(CodeDamaged, err)
	}
	return Held{Receipt: r, Raw: bytes.Clone(raw)}, nil
}

// Body gives an archived body: what the server has acknowledged, or what was
// downloaded. It stays until the survey is archived, so that a restored server
// can be given what it lacks.
func (s *Store) Body(o Owner, digest string) ([]byte, bool, error) {
	var out []byte
	err := s.read(o, func(b *bucket) error {
		out = bytes.Clone(b.Bucket(bArchive).Get([]byte(digest)))
		return nil
	})
	return out, out != nil, err
}
