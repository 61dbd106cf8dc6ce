package sync

import (
	"errors"
	"slices"
	"strconv"
	"strings"
)

// After a restore from a backup the server lacks what it accepted since. The
// devices hold the bytes and the receipts and offer both again (contract,
// "After a restore"; PROTOCOL 17).

// MaxHeld is how many receipts one POST /reconcile may hold: with two to three
// KiB each they stay under MaxBody.
const MaxHeld = 200

// Reconcile is POST /api/v1/reconcile.
type Reconcile struct {
	Epoch string    `json:"epoch"` // that the client has just met
	Held  []Receipt `json:"held"`
}

// Missing is its answer.
type Missing struct {
	Missing []string `json:"missing"` // submission ids, in the order of Held
}

// Reoffer is a submission's old receipt that was found genuine.
type Reoffer struct {
	Receipt Receipt
	Leaf    Entry  // what the lost log said: device, previous digest, institution id
	Origin  string // of the lost log
}

// OpenReoffer verifies an old receipt under the keys of a store, in the life
// whose epoch is present: of any earlier life, whatever its epoch, because a
// store that is restored twice from one copy knows nothing of the life between.
func OpenReoffer(raw []byte, present string, keys []string) (*Reoffer, error) {
	r, err := ParseReceipt(raw)
	if err != nil {
		return nil, err
	}
	p, err := ParseProof(r.Proof)
	if err != nil {
		return nil, err
	}
	origin, _, _ := strings.Cut(p.Checkpoint, "\n")
	if origin == Origin(present) {
		return nil, errors.New("reoffer: the receipt is of the present log")
	}
	named, err := renamed(keys, origin)
	if err != nil {
		return nil, err
	}
	r, leaf, err := VerifyReceipt(raw, named...)
	if err != nil {
		return nil, err
	}
	return &Reoffer{Receipt: r, Leaf: leaf, Origin: origin}, nil
}

// Note is what the leaf of a reoffered submission says of its first one.
func (o *Reoffer) Note() string {
	return noteReoffered + o.Origin + " " + strconv.FormatInt(o.Receipt.LeafIndex, 10)
}

const noteReoffered = "reoffered "

// IsReoffered says whether an accepted leaf stands for a submission that was
// accepted before a restore.
func IsReoffered(e Entry) bool { return strings.HasPrefix(e.Note, noteReoffered) }

// Of says whether the lost leaf is of this institution: the id stays through a
// change of codes, the code through a register that was imported anew.
func (o *Reoffer) Of(institutionID string, codes []string) bool {
	return o.Leaf.InstitutionID == institutionID || slices.Contains(codes, o.Leaf.Institution)
}

// reoffer judges bytes that were accepted before the restore: dates, gate and
// checks were passed then, and number, revision, received_at and late stay as
// they were. A revision that does not follow the one that stands there is kept
// beside it: until the ones between have come, or until people decide.
func reoffer(st Stored, in Incoming) Verdict {
	old := in.Old.Receipt
	switch {
	case old.SubmissionID != in.SubmissionID || old.ContentDigest != in.Digest || old.Part != in.Part ||
		old.Survey != in.Survey || !in.Old.Of(st.Institution.ID, st.Institution.Codes):
		return Verdict{Code: Invalid, Place: HeaderReceipt}
	case st.Questionnaire == nil:
		return refuse(UnknownQuestionnaire)
	case st.Questionnaire.Sheet(in.Part) == nil:
		return refuse(NotFound)
	}
	current := st.Parts[in.Part]
	follows := old.Revision == current.Revision+1 && in.Old.Leaf.PrevDigest == current.Digest
	return Verdict{Outcome: Accept, Revision: old.Revision, Late: old.Late, Beside: !follows, Withdraw: in.Withdraw}
}

// Handover from one life of a store to the next: what the first leaf of a
// restored log says of the log before it.

// RestoreNote is the note of that leaf: origin, size and root of the last head.
func RestoreNote(c Checkpoint) string {
	return strings.ReplaceAll(strings.TrimSuffix(c.Text(), "\n"), "\n", " ")
}

// ParseRestoreNote reads it.
func ParseRestoreNote(note string) (Checkpoint, error) {
	return parseCheckpoint(strings.ReplaceAll(note, " ", "\n") + "\n")
}
