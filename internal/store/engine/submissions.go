package engine

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/klauspost/compress/s2"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// PartRecord is where a part stands.
type PartRecord struct {
	State     string              `json:"state"`
	Revision  int                 `json:"revision"`
	Remarks   []surveysync.Remark `json:"remarks,omitempty"`
	OpenUntil *time.Time          `json:"open_until,omitempty"`
	// Offers lists, for the general part, the parts that its current revision
	// opens as its own questionnaire reads it: so that judging a track need not
	// read the general part's body. Check reads it again.
	Offers  []string       `json:"offers,omitempty"`
	Shown   int            `json:"shown,omitempty"`
	Reviews []store.Review `json:"reviews,omitempty"`
}

// part joins what stands in a record with the current submission.
func (r PartRecord) part(name string, current store.Submission) store.Part {
	return store.Part{Part: name, State: r.State, Remarks: r.Remarks, OpenUntil: r.OpenUntil,
		Shown: r.Shown, Reviews: r.Reviews, Current: current}
}

// The value of a submission: the length of the record in four bytes, the
// record, the body. One value and not two, so that with an ordinary body it is
// one page that has to be written.

// pack compresses a body; it never fails. It takes its time before the writer's
// turn. S2 and not gzip: an eighth of the time for a third more bytes, which
// with an ordinary body go into the same page.
func Pack(body []byte) []byte { return s2.Encode(nil, body) }

// unpack gives back what was packed, also by a program of before S2.
func unpack(packed []byte) ([]byte, error) {
	if bytes.HasPrefix(packed, gzipped) {
		return gunzip(packed)
	}
	if n, err := s2.DecodedLen(packed); err != nil || n > surveysync.MaxDrain {
		return nil, fmt.Errorf("a body of impossible size: %w", errors.Join(err, s2.ErrTooLarge))
	}
	return s2.Decode(nil, packed)
}

// gzipped is how gzip begins. S2 would begin so with a body of 31 bytes, which
// no envelope is.
var gzipped = []byte{0x1f, 0x8b}

func gunzip(packed []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	body, err := io.ReadAll(io.LimitReader(r, surveysync.MaxDrain+1))
	if len(body) > surveysync.MaxDrain {
		return nil, s2.ErrTooLarge
	}
	return body, err
}

func JoinSubmission(sub store.Submission, packed []byte) ([]byte, error) {
	record, err := json.Marshal(sub)
	if err != nil {
		return nil, err
	}
	value := binary.BigEndian.AppendUint32(make([]byte, 0, 4+len(record)+len(packed)), uint32(len(record)))
	return append(append(value, record...), packed...), nil
}

// SplitSubmission gives the two halves of a value, not copied.
func SplitSubmission(value []byte) (record, packed []byte, err error) {
	if len(value) < 4 || uint64(binary.BigEndian.Uint32(value)) > uint64(len(value)-4) {
		return nil, nil, errors.New("submission: the value is cut off")
	}
	end := 4 + binary.BigEndian.Uint32(value)
	return value[4:end], value[end:], nil
}

// errChanged comes with the submission as it is now.
var errChanged = errors.New("its bytes have another digest")

// ReadSubmission decodes a value, the body only if it is asked for.
func ReadSubmission(value []byte, withBody bool) (store.Submission, error) {
	var sub store.Submission
	record, packed, err := SplitSubmission(value)
	if err != nil {
		return sub, err
	}
	if err := json.Unmarshal(record, &sub); err != nil {
		return sub, fmt.Errorf("submission: %w", err)
	}
	if withBody {
		if sub.Body, err = unpack(packed); err != nil {
			return sub, fmt.Errorf("submission %s: %w", sub.SubmissionID, err)
		}
		if surveysync.Digest(sub.Body) != cmp.Or(sub.Kept, sub.ContentDigest) { // the packing has no sum of its own
			return sub, fmt.Errorf("submission %s: %w", sub.SubmissionID, errChanged)
		}
	}
	return sub, nil
}

// currentOf reads the current revision of a part, without the body.
func currentOf(tx Tx, institutionID, part string, revision int) (store.Submission, error) {
	value := tx.Bucket(BucketSubmissions).Get(SubmissionKey(institutionID, part, revision))
	if value == nil {
		return store.Submission{}, fmt.Errorf("the submission %s/%s/%d is missing", institutionID, part, revision)
	}
	return ReadSubmission(value, false)
}

// partsOf reads the state of the parts of one institution, by part.
func partsOf(tx Tx, institutionID string) (map[string]PartRecord, error) {
	parts := map[string]PartRecord{}
	prefix := under(institutionID)
	err := scan(tx, BucketParts, prefix, func(k, v []byte) error {
		var r PartRecord
		if err := json.Unmarshal(v, &r); err != nil {
			return fmt.Errorf("part %s: %w", k, err)
		}
		parts[string(k[len(prefix):])] = r
		return nil
	})
	return parts, err
}

// rawPart is a part with its current submission, copied out of a transaction.
type rawPart struct{ key, state, submission []byte }

// copyParts copies the parts under prefix with their current submissions; the
// bodies only of those that withBody picks.
func copyParts(tx Tx, prefix []byte, withBody func(part string) bool) ([]rawPart, error) {
	var out []rawPart
	err := scan(tx, BucketParts, prefix, func(k, v []byte) error {
		var r PartRecord
		if err := json.Unmarshal(v, &r); err != nil {
			return fmt.Errorf("part %s: %w", k, err)
		}
		id, part, _ := strings.Cut(string(k), "/")
		value := tx.Bucket(BucketSubmissions).Get(SubmissionKey(id, part, r.Revision))
		record, _, err := SplitSubmission(value)
		if err != nil {
			return fmt.Errorf("part %s: %w", k, err)
		}
		if !withBody(part) {
			value = value[:4+len(record)]
		}
		out = append(out, rawPart{bytes.Clone(k), bytes.Clone(v), bytes.Clone(value)})
		return nil
	})
	return out, err
}

func (r rawPart) decode(withBody func(part string) bool) (institutionID string, p store.Part, err error) {
	var state PartRecord
	if err := json.Unmarshal(r.state, &state); err != nil {
		return "", p, fmt.Errorf("part %s: %w", r.key, err)
	}
	institutionID, part, _ := strings.Cut(string(r.key), "/")
	current, err := ReadSubmission(r.submission, withBody(part))
	return institutionID, state.part(part, current), err
}

// parts reads parts in one short transaction and decodes them after it.
func (s *Store) parts(ctx context.Context, prefix []byte, withBody func(part string) bool) (map[string][]store.Part, error) {
	var raw []rawPart
	err := s.view(ctx, func(tx Tx) (err error) {
		raw, err = copyParts(tx, prefix, withBody)
		return err
	})
	if err != nil {
		return nil, err
	}
	out := map[string][]store.Part{}
	for _, r := range raw {
		id, p, err := r.decode(withBody)
		if err != nil {
			return nil, err
		}
		out[id] = append(out[id], p)
	}
	return out, nil
}

// Parts implements store.Store.
func (s *Store) Parts(ctx context.Context, institutionID string) ([]store.Part, error) {
	all, err := s.parts(ctx, under(institutionID), func(string) bool { return true })
	if err != nil {
		return nil, err
	}
	if all[institutionID] == nil {
		return []store.Part{}, nil
	}
	return all[institutionID], nil
}

// AllParts implements store.Store.
func (s *Store) AllParts(ctx context.Context) (map[string][]store.Part, error) {
	return s.parts(ctx, nil, func(part string) bool { return part == survey.GeneralPart })
}

// Submission implements store.Store.
func (s *Store) Submission(ctx context.Context, institutionID, part string, revision int) (store.Submission, error) {
	var value []byte
	err := s.view(ctx, func(tx Tx) error {
		wanted := revision
		if wanted == 0 {
			var r PartRecord
			if _, err := ReadJSON(tx, BucketParts, PartKey(institutionID, part), &r); err != nil {
				return err
			}
			wanted = r.Revision
		}
		value = bytes.Clone(tx.Bucket(BucketSubmissions).Get(SubmissionKey(institutionID, part, wanted)))
		if value == nil {
			return store.Errorf(surveysync.NotFound, "%s has no revision %d of the part %q", institutionID, revision, part)
		}
		return nil
	})
	if err != nil {
		return store.Submission{}, err
	}
	return ReadSubmission(value, true)
}

// Revisions implements store.Store.
func (s *Store) Revisions(ctx context.Context, institutionID, part string) ([]store.Submission, error) {
	out := []store.Submission{}
	err := s.view(ctx, func(tx Tx) error {
		return scan(tx, BucketSubmissions, under(institutionID, part), func(_, value []byte) error {
			sub, err := ReadSubmission(value, false)
			out = append(out, sub)
			return err
		})
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// Receipt implements store.Store.
func (s *Store) Receipt(ctx context.Context, institutionID, number string) (surveysync.Receipt, error) {
	var receipt surveysync.Receipt
	canonical, ok := surveysync.ParseReceiptNumber(number)
	err := s.vouch(ctx, func(tx Tx) error {
		key := tx.Bucket(BucketReceipts).Get([]byte(canonical))
		if !ok || key == nil || !bytes.HasPrefix(key, under(institutionID)) {
			return store.Errorf(surveysync.NotFound, "%s has no receipt %q", institutionID, number)
		}
		sub, err := ReadSubmission(submissionAt(tx, key), false)
		if err != nil {
			return err
		}
		receipt, err = s.receiptAt(tx, sub.Log, sub.LeafIndex)
		return err
	})
	return receipt, err
}

// receiptable says whether a receipt can hold these names. It is asked before
// they are stored, because once a submission has come it is too late.
func receiptable(code, surveyID, part string) error {
	digest := surveysync.Digest(nil)
	id := "00000000-0000-7000-8000-000000000000"
	_, err := surveysync.ReceiptFromEntry(surveysync.EntryForReceipt(surveysync.Receipt{
		Number: surveysync.ReceiptNumber(id, digest), Institution: code, Survey: surveyID, Part: part, Revision: 1,
		SubmissionID: id, ContentDigest: digest, Questionnaire: digest,
	}), 0, "proof")
	return err
}
