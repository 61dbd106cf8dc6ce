package office

import (
	"context"
	"errors"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// VerifyRequest asks for a verification, against an older tree head if one is given.
type VerifyRequest struct {
	Checkpoint string `json:"checkpoint,omitempty"` // a signed checkpoint kept from earlier
}

// The verdicts of a verification. Intact and Restored are good.
const (
	LogIntact   = "intact"
	LogRestored = "restored" // the older checkpoint is of the epoch before a restore, and the log says so
	LogDamaged  = "damaged"
	LogForeign  = "foreign" // the log is intact, but the checkpoint is not one of it
)

// VerifyReply is what a verification found.
type VerifyReply struct {
	Verdict    string `json:"verdict"`
	Problem    Text   `json:"problem,omitzero"` // when damaged or foreign
	Epoch      string `json:"epoch"`
	Size       int64  `json:"size"` // leaves
	Root       string `json:"root,omitempty"`
	Checkpoint string `json:"checkpoint,omitempty"` // the latest, to be kept for the next time
	OlderSize  int64  `json:"older_size,omitempty"` // of the checkpoint given
	OldLogs    int    `json:"old_logs,omitempty"`   // logs that a restore has ended, verified too
}

// VerifyLog computes the trees of all logs anew from the leaves, without using
// any hash that the store keeps, and compares them with the signed heads, with
// each other where a restore joins two, and with the older checkpoint.
func (o *Office) VerifyLog(ctx context.Context, r VerifyRequest) (VerifyReply, error) {
	if r.Checkpoint != "" {
		if _, err := note.Open([]byte(r.Checkpoint), note.VerifierList()); !isUnverified(err) {
			return VerifyReply{}, fail("not_checkpoint")
		}
	}
	meta, err := o.Store.Meta(ctx)
	if err != nil {
		return VerifyReply{}, err
	}
	v := &verifier{store: o.Store, meta: meta, trees: make([]tree, len(meta.Logs)),
		reply: VerifyReply{Verdict: LogIntact, Epoch: meta.Epoch, OldLogs: len(meta.Logs) - 1}}
	for i := range meta.Logs {
		if err := v.log(ctx, i); err != nil {
			return VerifyReply{}, err
		}
		v.joins(i)
	}
	v.reply.Size = v.trees[len(v.trees)-1].size
	if r.Checkpoint != "" {
		v.compareOlder(r.Checkpoint)
	}
	return v.reply, nil
}

// isUnverified: the text is a signed note, of which no signature was checked.
func isUnverified(err error) bool {
	var unverified *note.UnverifiedNoteError
	return errors.As(err, &unverified)
}

// verifier collects the verdict; the first damage found is the one reported.
type verifier struct {
	store store.Store
	meta  store.Meta
	trees []tree
	reply VerifyReply
}

// tree is one log as its leaves give it.
type tree struct {
	hashes []tlog.Hash // tlog.StoredHashIndex → hash
	size   int64
	first  surveysync.Entry
}

// ReadHashes serves tlog from the hashes computed here.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		if x < 0 || x >= int64(len(t.hashes)) {
			return nil, errors.New("no such hash")
		}
		out[i] = t.hashes[x]
	}
	return out, nil
}

// holds: the first leaves are those that c commits to.
func (t *tree) holds(c surveysync.Checkpoint) bool {
	if c.Size > t.size {
		return false
	}
	root, err := tlog.TreeHash(c.Size, t)
	return err == nil && root == c.Root
}

func (v *verifier) damaged(code string, args ...any) {
	if v.reply.Verdict != LogDamaged {
		v.reply.Verdict, v.reply.Problem = LogDamaged, fail(code, args...).Message
	}
}

// log verifies one log: its leaves, and the signed head over all of them.
func (v *verifier) log(ctx context.Context, i int) error {
	t := &v.trees[i]
	if err := v.read(ctx, i); err != nil {
		return err
	}
	// The head after the leaves: a live server may have added lines, and then
	// the rest of what the head covers is there to be read.
	heads, err := v.store.Heads(ctx)
	if err != nil {
		return err
	}
	if heads[i] == "" {
		if t.size > 0 {
			v.damaged("log_unsigned")
		}
		return nil
	}
	c, err := surveysync.OpenCheckpoint(heads[i], v.meta.Logs[i].Keys...)
	if err != nil || c.Origin != surveysync.Origin(v.meta.Logs[i].Epoch) {
		v.damaged("log_signature")
		return nil
	}
	if c.Size > t.size {
		if err := v.read(ctx, i); err != nil {
			return err
		}
	}
	switch {
	case c.Size > t.size:
		v.damaged("log_gap", t.size)
	case !t.holds(c):
		v.damaged("log_rewritten", c.Size)
	case i < len(v.trees)-1 && c.Size != t.size:
		v.damaged("log_unsigned")
	case i == len(v.trees)-1:
		if c.Size < t.size { // more came between the two readings; else nothing signs for the rest
			if newer, err := v.store.Heads(ctx); err == nil && newer[i] == heads[i] {
				v.damaged("log_unsigned")
			}
		}
		v.reply.Root, v.reply.Checkpoint = c.Root.String(), heads[i]
	}
	return nil
}

// read takes in the leaves of a log from where its tree ends.
func (v *verifier) read(ctx context.Context, i int) error {
	t := &v.trees[i]
	for {
		page, err := v.store.Leaves(ctx, i, t.size)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, leaf := range page {
			e, err := surveysync.ParseEntry(leaf)
			if err != nil {
				v.damaged("log_unreadable", t.size)
			} else if t.size == 0 {
				t.first = e
			}
			added, err := tlog.StoredHashes(t.size, leaf, t)
			if err != nil {
				return err
			}
			t.hashes = append(t.hashes, added...)
			t.size++
		}
	}
}

// joins: the first leaf of a log after a restore names the log before it, as
// that log is.
func (v *verifier) joins(i int) {
	if i == 0 {
		return
	}
	first := v.trees[i].first
	c, err := surveysync.ParseRestoreNote(first.Note)
	if err != nil || first.Action != surveysync.ActionRestore || c.Origin != surveysync.Origin(v.meta.Logs[i-1].Epoch) || !v.trees[i-1].holds(c) {
		v.damaged("log_joint")
	}
}

// compareOlder judges a checkpoint that was kept somewhere else.
func (v *verifier) compareOlder(text string) {
	origin, _, _ := strings.Cut(text, "\n")
	for i, log := range v.meta.Logs {
		if surveysync.Origin(log.Epoch) != origin {
			continue
		}
		c, err := surveysync.OpenCheckpoint(text, log.Keys...)
		switch {
		case isUnverified(err):
			v.foreign("checkpoint_key")
		case err != nil:
			v.foreign("checkpoint_changed")
		default:
			v.reply.OlderSize = c.Size
			v.extends(i, c)
		}
		return
	}
	v.foreign("other_log", origin)
}

// foreign says that a checkpoint tells nothing of this log. Damage that was
// found before weighs more.
func (v *verifier) foreign(code string, args ...any) {
	if v.reply.Verdict == LogIntact {
		v.reply.Verdict, v.reply.Problem = LogForeign, fail(code, args...).Message
	}
}

// extends compares the i-th log with a head that it once had.
func (v *verifier) extends(i int, c surveysync.Checkpoint) {
	t, present := &v.trees[i], i == len(v.trees)-1
	switch {
	case c.Size > t.size && present:
		v.damaged("log_shrunk", c.Size, t.size)
	case c.Size <= t.size && !t.holds(c):
		v.damaged("log_rewritten", c.Size)
	case !present && v.reply.Verdict == LogIntact:
		v.reply.Verdict = LogRestored // what came after the copy is in no log any more
	}
}
