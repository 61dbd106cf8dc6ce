package sync

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// maxReceipt bounds a receipt that is read from a file; a real one has two to
// three KiB.
const maxReceipt = 4 * maxProof

// The steps of verifying a receipt, in the order in which they are taken.
// They are stable: the words for a person hang on them.
const (
	StepFormat        = "format"         // it is not the JSON that a server writes
	StepReceiptFields = "receipt_fields" // a field cannot hold what it holds
	StepProofFormat   = "proof_format"   // the proof is not a tlog-proof with a leaf
	StepSignature     = "signature"      // the checkpoint is not signed by a given key
	StepInclusion     = "inclusion"      // the leaf is not in the tree of the checkpoint
	StepLeafMismatch  = "leaf_mismatch"  // the leaf says something else than the receipt
)

// VerifyError says at which step a receipt failed. Reason is for a log; what
// the person reads hangs on Step.
type VerifyError struct {
	Step   string
	Reason string
}

func (e *VerifyError) Error() string { return "receipt: " + e.Step + ": " + e.Reason }

func failed(step, format string, args ...any) error {
	return &VerifyError{Step: step, Reason: fmt.Sprintf(format, args...)}
}

// Receipt is the server's proof that it has stored a submission (contract,
// sections 1 and 4). Its JSON has one spelling: exactly these keys in this
// order, no escapes but those of line breaks, and white space as one likes.
//
// Do not embed a Receipt in a struct that goes through encoding/json: its
// MarshalJSON would become that of the whole and the other fields would be
// left out.
type Receipt struct {
	Number        string    `json:"number"`
	Institution   string    `json:"institution"` // the login code, as in the leaf
	Survey        string    `json:"survey"`
	Part          string    `json:"part"`
	Revision      int       `json:"revision"`
	SubmissionID  string    `json:"submission_id"`
	ContentDigest string    `json:"content_digest"`
	Questionnaire string    `json:"questionnaire"`
	ReceivedAt    time.Time `json:"received_at"` // the leaf's At
	Late          bool      `json:"late"`
	LeafIndex     int64     `json:"leaf_index"`
	Proof         string    `json:"proof"` // FormatProof, with the leaf as Extra
}

var receiptKeys = jsonKeys(reflect.TypeFor[Receipt]())

// receiptJSON is a Receipt with its time as text.
type receiptJSON struct {
	Number        string `json:"number"`
	Institution   string `json:"institution"`
	Survey        string `json:"survey"`
	Part          string `json:"part"`
	Revision      int    `json:"revision"`
	SubmissionID  string `json:"submission_id"`
	ContentDigest string `json:"content_digest"`
	Questionnaire string `json:"questionnaire"`
	ReceivedAt    string `json:"received_at"`
	Late          bool   `json:"late"`
	LeafIndex     int64  `json:"leaf_index"`
	Proof         string `json:"proof"`
}

// wire is r with its time in the form of the log.
func (r Receipt) wire() (receiptJSON, error) {
	at, err := formatLogTime(r.ReceivedAt)
	return receiptJSON{
		Number: r.Number, Institution: r.Institution, Survey: r.Survey, Part: r.Part,
		Revision: r.Revision, SubmissionID: r.SubmissionID, ContentDigest: r.ContentDigest,
		Questionnaire: r.Questionnaire, ReceivedAt: at, Late: r.Late,
		LeafIndex: r.LeafIndex, Proof: r.Proof,
	}, err
}

// receipt is w with its time read by the caller, who knows how strict to be.
func (w receiptJSON) receipt(at time.Time) Receipt {
	return Receipt{
		Number: w.Number, Institution: w.Institution, Survey: w.Survey, Part: w.Part,
		Revision: w.Revision, SubmissionID: w.SubmissionID, ContentDigest: w.ContentDigest,
		Questionnaire: w.Questionnaire, ReceivedAt: at, Late: w.Late,
		LeafIndex: w.LeafIndex, Proof: w.Proof,
	}
}

// MarshalJSON writes the one spelling of r, without white space.
func (r Receipt) MarshalJSON() ([]byte, error) {
	w, err := r.wire()
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	return marshalPlain(w)
}

// UnmarshalJSON is ParseReceipt.
func (r *Receipt) UnmarshalJSON(raw []byte) error {
	parsed, err := ParseReceipt(raw)
	if err != nil {
		return err
	}
	*r = parsed
	return nil
}

// ParseReceipt reads a receipt strictly and verifies nothing; see
// [VerifyReceipt]. Its errors are a *VerifyError of the step format or
// receipt_fields.
func ParseReceipt(raw []byte) (Receipt, error) {
	if len(raw) > maxReceipt {
		return Receipt{}, failed(StepFormat, "%d bytes are too many", len(raw))
	}
	present, err := readFlatObject(raw, receiptKeys)
	if err != nil {
		return Receipt{}, failed(StepFormat, "%v", err)
	}
	for _, key := range receiptKeys {
		if !present[key] {
			return Receipt{}, failed(StepFormat, "key %q is missing", key)
		}
	}
	var w receiptJSON
	if err := json.Unmarshal(raw, &w); err != nil {
		return Receipt{}, failed(StepFormat, "%v", err)
	}
	at, err := parseLogTime(w.ReceivedAt)
	if err != nil {
		return Receipt{}, failed(StepReceiptFields, "received_at: %v", err)
	}
	r := w.receipt(at)
	if err := r.check(); err != nil {
		return Receipt{}, failed(StepReceiptFields, "%v", err)
	}
	// Only JSON white space is free (contract, section 4): without it, the
	// text must be what MarshalJSON writes. This finds other orders of keys
	// and other spellings of a value, such as \u0041 for A.
	var compact bytes.Buffer
	canonical, err := r.MarshalJSON()
	if err != nil {
		return Receipt{}, failed(StepFormat, "%v", err)
	}
	if err := json.Compact(&compact, raw); err != nil || !bytes.Equal(compact.Bytes(), canonical) {
		return Receipt{}, failed(StepFormat, "not in the spelling of a receipt")
	}
	return r, nil
}

// check says which field cannot be that of a receipt.
func (r Receipt) check() error {
	if number, ok := ParseReceiptNumber(r.Number); !ok || number != r.Number {
		return errors.New("number is not of the form XXXX-XXXX-XXXX")
	}
	for _, f := range []struct{ key, value string }{
		{"institution", r.Institution}, {"survey", r.Survey},
		{"part", r.Part}, {"submission_id", r.SubmissionID},
	} {
		if !isWord(f.value) {
			return fmt.Errorf("%s %.40q cannot be one", f.key, f.value)
		}
	}
	for _, f := range []struct{ key, value string }{
		{"content_digest", r.ContentDigest}, {"questionnaire", r.Questionnaire},
	} {
		if !isDigest(f.value) {
			return fmt.Errorf("%s is not a SHA-256 digest", f.key)
		}
	}
	switch {
	case r.Revision < 1:
		return fmt.Errorf("revision %d cannot be one", r.Revision)
	case r.LeafIndex < 0 || r.LeafIndex >= MaxLogSize:
		return fmt.Errorf("leaf_index %d cannot be one", r.LeafIndex)
	case r.Proof == "" || len(r.Proof) > maxProof:
		return fmt.Errorf("a proof of %d bytes cannot be one", len(r.Proof))
	}
	return nil
}

// VerifyReceipt verifies a receipt with nothing but the verifier keys of the
// log, so also offline: the checkpoint is signed by one of them, the leaf is
// in its tree, and every field of the receipt stands in the leaf. It gives the
// receipt and the leaf. Its errors are a *VerifyError; a receipt that comes
// with an error is not verified.
//
// What it proves is the server's word, given to everyone at once, that it has
// accepted these bytes at this time. That the server shows everyone the same
// log is for [VerifyConsistency] to find.
func VerifyReceipt(raw []byte, verifierKeys ...string) (Receipt, Entry, error) {
	r, err := ParseReceipt(raw)
	if err != nil {
		return Receipt{}, Entry{}, err
	}
	leaf, err := r.verify(verifierKeys)
	return r, leaf, err
}

func (r Receipt) verify(verifierKeys []string) (Entry, error) {
	p, err := ParseProof(r.Proof)
	if err != nil {
		return Entry{}, failed(StepProofFormat, "%v", err)
	}
	if len(p.Extra) == 0 {
		return Entry{}, failed(StepProofFormat, "no leaf in the extra line")
	}
	c, signatures, err := openCheckpoint(p.Checkpoint, verifierKeys)
	if err != nil {
		return Entry{}, failed(StepSignature, "%v", err)
	}
	// OpenCheckpoint passes over signatures that it cannot check. In a receipt
	// nothing is free but white space (contract, section 4), and what cannot
	// be checked could be changed.
	if signatures != 1 {
		return Entry{}, failed(StepSignature, "%d signatures, not one", signatures)
	}
	if err := tlog.CheckRecord(p.Hashes, c.Size, c.Root, p.Index, tlog.RecordHash(p.Extra)); err != nil {
		return Entry{}, failed(StepInclusion, "%v", err)
	}
	leaf, err := ParseEntry(p.Extra)
	if err != nil {
		return Entry{}, failed(StepLeafMismatch, "%v", err)
	}
	// Built from the leaf and from the index that the inclusion holds for, so
	// that leaf_index is compared like every other field.
	want, err := ReceiptFromEntry(leaf, p.Index, r.Proof)
	if err != nil {
		return Entry{}, failed(StepLeafMismatch, "%v", err)
	}
	if key := r.firstDifference(want); key != "" {
		return Entry{}, failed(StepLeafMismatch, "%s is not what the leaf says", key)
	}
	return leaf, nil
}

// firstDifference names the first key in which r is not want.
func (r Receipt) firstDifference(want Receipt) string {
	for i, same := range []bool{
		r.Number == want.Number,
		r.Institution == want.Institution,
		r.Survey == want.Survey,
		r.Part == want.Part,
		r.Revision == want.Revision,
		r.SubmissionID == want.SubmissionID,
		r.ContentDigest == want.ContentDigest,
		r.Questionnaire == want.Questionnaire,
		r.ReceivedAt.Equal(want.ReceivedAt),
		r.Late == want.Late,
		r.LeafIndex == want.LeafIndex,
		r.Proof == want.Proof,
	} {
		if !same {
			return receiptKeys[i]
		}
	}
	return ""
}

// CheckCode is what people compare when they have only paper: 80 bits of the
// hash of the receipt's leaf, XXXX-XXXX-XXXX-XXXX in Crockford's base 32. Every
// field but the proof is in the leaf, so that the code stands for them all and
// stays the same when the proof moves to a later checkpoint. Its error is that
// the proof holds no leaf; the receipt is not verified here.
func (r Receipt) CheckCode() (string, error) {
	p, err := ParseProof(r.Proof)
	if err == nil && len(p.Extra) == 0 {
		err = errors.New("no leaf in the extra line")
	}
	if err != nil {
		return "", failed(StepProofFormat, "%v", err)
	}
	hash := tlog.RecordHash(p.Extra)
	return dashed(crockfordEncoding.EncodeToString(hash[:10])), nil
}

// EntryForReceipt gives the leaf that a receipt rests on, as far as the
// receipt says it. The server adds what it knows besides: InstitutionID,
// Device, PrevDigest, Incident, Size, DurationMS, Client.
func EntryForReceipt(r Receipt) Entry {
	return Entry{
		V: EntryVersion, At: logTime(r.ReceivedAt),
		Actor: ActorSchool, Action: ActionSubmit, Outcome: OutcomeAccepted,
		Institution: r.Institution, Survey: r.Survey, Part: r.Part, Revision: r.Revision,
		Number: r.Number, SubmissionID: r.SubmissionID, ContentDigest: r.ContentDigest,
		Questionnaire: r.Questionnaire, Late: new(r.Late),
	}
}

// ReceiptFromEntry gives the receipt that the leaf e at leafIndex stands for,
// or an error when e is not an accepted submission with all that a receipt
// says. It does not verify the proof.
func ReceiptFromEntry(e Entry, leafIndex int64, proof string) (Receipt, error) {
	if e.Action != ActionSubmit || e.Outcome != OutcomeAccepted || e.Late == nil {
		return Receipt{}, errors.New("the log entry is not an accepted submission")
	}
	r := Receipt{
		Number: e.Number, Institution: e.Institution, Survey: e.Survey, Part: e.Part,
		Revision: e.Revision, SubmissionID: e.SubmissionID, ContentDigest: e.ContentDigest,
		Questionnaire: e.Questionnaire, ReceivedAt: logTime(e.At), Late: *e.Late,
		LeafIndex: leafIndex, Proof: proof,
	}
	if err := r.check(); err != nil {
		return Receipt{}, fmt.Errorf("receipt of log entry: %w", err)
	}
	return r, nil
}

// ReceiptNumber gives the number of the receipt of a submission, XXXX-XXXX-XXXX
// in Crockford's base 32: 60 bits of a SHA-256 of its id and its content. It
// follows from the submission alone, so that a resend, a replay and a restored
// server cannot give it two numbers.
func ReceiptNumber(submissionID, contentDigest string) string {
	sum := sha256.Sum256([]byte("rileva receipt number\n" + submissionID + "\n" + contentDigest))
	return dashed(crockfordEncoding.EncodeToString(sum[:8])[:12])
}

// ParseReceiptNumber gives the canonical form of a receipt number as a person
// may write it; see [ParseIncident].
func ParseReceiptNumber(s string) (string, bool) { return readCrockford(s, 3) }

const digestPrefix = "sha256:"

// Digest is the content digest of the bytes of a submission as they were sent
// (contract, section 3), and the digest of a questionnaire.
func Digest(body []byte) string {
	sum := sha256.Sum256(body)
	return digestPrefix + hex.EncodeToString(sum[:])
}

// isDigest says whether s is of the form that Digest gives.
func isDigest(s string) bool {
	digits, ok := strings.CutPrefix(s, digestPrefix)
	return ok && len(digits) == 2*sha256.Size && strings.Trim(digits, "0123456789abcdef") == ""
}
