package drafts

import (
	"errors"
)

// bKept holds small things of one owner that are no answers: an explanation
// that is half written, what of the office's news has been seen. It is made
// when there is something to put into it.
var bKept = []byte("kept")

// Keep stores v under a name, as JSON; nil takes it away.
func (s *Store) Keep(o Owner, name string, v any) error {
	return s.change(o, func(b *bucket) error {
		kept, err := b.CreateBucketIfNotExists(bKept)
		switch {
		case err != nil:
			return err
		case name == "":
			return fail(CodeValue, errors.New("kept without a name"))
		case v == nil:
			return kept.Delete([]byte(name))
		}
		return putJSON(kept, []byte(name), v)
	})
}

// Kept reads it into v; false when there is none.
func (s *Store) Kept(o Owner, name string, v any) (bool, error) {
	found := false
	err := s.read(o, func(b *bucket) (err error) {
		kept := b.Bucket(bKept)
		if kept == nil || kept.Get([]byte(name)) == nil {
			return nil
		}
		found, err = getJSON(kept, []byte(name), v)
		return err
	})
	return found, err
}
