package office

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// LogRow is one line of the log with its place. It writes both as one flat
// object: the entry's own marshaller, promoted, would leave the index out.
type LogRow struct {
	Index int64
	surveysync.Entry
}

// MarshalJSON puts the index before the keys of the leaf.
func (r LogRow) MarshalJSON() ([]byte, error) {
	leaf, err := r.Marshal()
	if err != nil {
		return nil, err
	}
	return append(fmt.Appendf(nil, `{"index":%d,`, r.Index), leaf[1:]...), nil
}

// UnmarshalJSON takes the index out again and reads the rest as strictly as a leaf.
func (r *LogRow) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields["index"], &r.Index); err != nil {
		return err
	}
	delete(fields, "index")
	leaf, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	r.Entry, err = surveysync.ParseEntry(leaf)
	return err
}

// LogRequest selects lines; zero fields select all.
type LogRequest struct {
	Institution string    `json:"institution,omitempty"` // any code of it, or its id
	Outcome     string    `json:"outcome,omitempty"`
	Action      string    `json:"action,omitempty"`
	Incident    string    `json:"incident,omitempty"`
	Since       time.Time `json:"since,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	After       *int64    `json:"after,omitempty"` // lines after this index
	Limit       int       `json:"limit,omitempty"` // the newest that many
}

// ListLog lists lines, newest last.
func (o *Office) ListLog(ctx context.Context, r LogRequest) ([]LogRow, error) {
	f := store.LogFilter{Institution: strings.TrimSpace(r.Institution), Outcome: r.Outcome, Action: r.Action,
		Since: r.Since, Until: r.Until, After: -1, Limit: r.Limit}
	if code, err := schoolCode(r.Institution); err == nil {
		// Lines written before the institution got another login code are its
		// lines too; the store finds them by the id behind the code.
		f.Institution = code
	}
	if r.Incident != "" {
		incident, ok := surveysync.ParseIncident(r.Incident)
		if !ok {
			return nil, fail("bad_incident", r.Incident)
		}
		f.Incident = incident
	}
	if r.After != nil {
		f.After = *r.After
	}
	lines, err := o.Store.Log(ctx, f)
	if err != nil {
		return nil, err
	}
	rows := make([]LogRow, len(lines))
	for i, l := range lines {
		rows[i] = LogRow{l.Index, l.Entry}
	}
	return rows, nil
}

// VerifyRequest asks for a verification, against an older tree head if one is given.
type VerifyRequest struct {
	Checkpoint string `json:"checkpoint,omitempty"` // a signed checkpoint kept from earlier
}

// The verdicts of a verification. Intact and Restored are good.
const (
	LogIntact   = "intact"
	LogRestored = "restored" // the older checkpoint is of the epoch before a restore, and the log says so
	LogDamaged  = "damaged"
)

// VerifyReply is what a verification found.
type VerifyReply struct {
	Verdict    string `json:"verdict"`
	Problem    Text   `json:"problem,omitzero"` // when damaged
	Epoch      string `json:"epoch"`
	Size       int64  `json:"size"` // leaves
	Root       string `json:"root,omitempty"`
	Checkpoint string `json:"checkpoint,omitempty"` // the latest, to be kept for the next time
	OlderSize  int64  `json:"older_size,omitempty"` // of the checkpoint given
}

// VerifyLog computes the whole tree anew from the leaves, without using any
// hash that the store keeps, and compares it with the latest signed head and
// with the older checkpoint.
func (o *Office) VerifyLog(ctx context.Context, r VerifyRequest) (VerifyReply, error) {
	meta, err := o.Store.Meta(ctx)
	if err != nil {
		return VerifyReply{}, err
	}
	v := &verifier{meta: meta, reply: VerifyReply{Verdict: LogIntact, Epoch: meta.Epoch}}
	if r.Checkpoint != "" {
		if v.older, err = note.Open([]byte(r.Checkpoint), note.VerifierList()); !isUnverified(err) {
			return VerifyReply{}, fail("not_checkpoint")
		}
		v.olderText = r.Checkpoint
	}
	// The head first: a live server may add lines between the two calls, and
	// those are covered by a later head.
	head, err := o.Store.Checkpoint(ctx)
	if err != nil && store.CodeOf(err) != surveysync.NotFound {
		return VerifyReply{}, err
	}
	lines, err := o.Store.Log(ctx, store.LogFilter{After: -1})
	switch {
	case ctx.Err() != nil:
		return VerifyReply{}, ctx.Err()
	case err != nil: // a leaf that cannot be read is damage, whatever the reason
		v.damaged("log_unreadable")
		return v.reply, nil
	}
	newest, err := o.Store.Checkpoint(ctx)
	if err != nil && store.CodeOf(err) != surveysync.NotFound {
		return VerifyReply{}, err
	}
	v.tree(lines)
	v.head(head, false)
	v.head(newest, newest == head)
	v.compareOlder(lines)
	return v.reply, nil
}

// isUnverified: the text is a signed note, of which no signature was checked.
func isUnverified(err error) bool {
	var unverified *note.UnverifiedNoteError
	return errors.As(err, &unverified)
}

// verifier collects the verdict; the first damage found is the one reported.
type verifier struct {
	meta      store.Meta
	reply     VerifyReply
	older     *note.Note
	olderText string
	hashes    []tlog.Hash // tlog.StoredHashIndex → hash
	size      int64
}

func (v *verifier) damaged(code string, args ...any) {
	if v.reply.Verdict != LogDamaged {
		v.reply.Verdict, v.reply.Problem = LogDamaged, fail(code, args...).Message
	}
}

// ReadHashes serves tlog from the hashes computed here.
func (v *verifier) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(v.hashes)) {
			return nil, errors.New("no such hash")
		}
		out[i] = v.hashes[x]
	}
	return out, nil
}

func (v *verifier) tree(lines []store.LogLine) {
	for i, l := range lines {
		leaf, err := l.Marshal()
		if l.Index != int64(i) || err != nil {
			v.damaged("log_gap", i)
			break
		}
		added, err := tlog.StoredHashes(v.size, leaf, v)
		if err != nil {
			v.damaged("log_gap", i)
			break
		}
		v.hashes = append(v.hashes, added...)
		v.size++
	}
	v.reply.Size = int64(len(lines))
}

// head compares one signed head with the tree. The newest must cover it all.
func (v *verifier) head(text string, newest bool) {
	if text == "" {
		if v.size > 0 {
			v.damaged("log_unsigned")
		}
		return
	}
	c, err := surveysync.OpenCheckpoint(text, v.meta.LogKey)
	switch {
	case err != nil || c.Origin != surveysync.Origin(v.meta.Epoch):
		v.damaged("log_signature")
	case !v.holds(c):
		v.damaged("log_rewritten", c.Size)
	case newest && c.Size != v.size:
		v.damaged("log_unsigned")
	default:
		v.reply.Root, v.reply.Checkpoint = c.Root.String(), text
	}
}

// holds: the first leaves are those that c commits to.
func (v *verifier) holds(c surveysync.Checkpoint) bool {
	if c.Size > v.size {
		return false
	}
	root, err := tlog.TreeHash(c.Size, v)
	return err == nil && root == c.Root
}

func (v *verifier) compareOlder(lines []store.LogLine) {
	if v.olderText == "" {
		return
	}
	origin, _, _ := strings.Cut(unverifiedText(v.olderText), "\n")
	key, err := keyFor(v.meta.LogKey, origin)
	if err != nil {
		v.damaged("checkpoint_signature")
		return
	}
	c, err := surveysync.OpenCheckpoint(v.olderText, key)
	if err != nil {
		v.damaged("checkpoint_signature")
		return
	}
	v.reply.OlderSize = c.Size
	switch {
	case c.Origin == surveysync.Origin(v.meta.Epoch):
		if c.Size > v.size {
			v.damaged("log_shrunk", c.Size, v.size)
		} else if !v.holds(c) {
			v.damaged("log_rewritten", c.Size)
		}
	case restoredFrom(lines, c.Origin):
		if v.reply.Verdict == LogIntact {
			v.reply.Verdict = LogRestored
		}
	default:
		v.damaged("other_log", c.Origin)
	}
}

// restoredFrom: a leaf says that the store was restored from that epoch.
func restoredFrom(lines []store.LogLine, origin string) bool {
	epoch := strings.TrimPrefix(origin, surveysync.Origin(""))
	for _, l := range lines {
		if l.Action == surveysync.ActionRestore && epoch != "" && strings.Contains(l.Note, epoch) {
			return true
		}
	}
	return false
}

// unverifiedText is the signed part of a note, before anything is trusted.
func unverifiedText(text string) string {
	before, _, _ := strings.Cut(text, "\n\n")
	return before
}

// keyFor gives the same public key under another origin: one seed signs the
// logs of all epochs.
func keyFor(verifierKey, origin string) (string, error) {
	fields := strings.SplitN(verifierKey, "+", 3)
	if len(fields) != 3 {
		return "", errors.New("not a verifier key")
	}
	raw, err := base64.StdEncoding.DecodeString(fields[2])
	if err != nil || len(raw) != 33 {
		return "", errors.New("not a verifier key")
	}
	return note.NewEd25519VerifierKey(origin, bytes.Clone(raw[1:]))
}

// Check reads the whole store and lists what breaks an invariant.
func (o *Office) Check(ctx context.Context, _ Nothing) ([]string, error) {
	problems, err := o.Store.Check(ctx)
	if problems == nil {
		problems = []string{}
	}
	return problems, err
}
