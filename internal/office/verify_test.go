package office

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// logs is a store of which only the log is asked.
type logs struct {
	store.Store
	meta   store.Meta
	leaves [][][]byte
	heads  []string
}

func (l *logs) Meta(context.Context) (store.Meta, error)   { return l.meta, nil }
func (l *logs) Heads(context.Context) ([]string, error)    { return l.heads, nil }
func (l *logs) Checkpoint(context.Context) (string, error) { return l.heads[len(l.heads)-1], nil }
func (l *logs) Leaves(_ context.Context, log int, from int64) ([][]byte, error) {
	return l.leaves[log][min(from, int64(len(l.leaves[log]))):], nil
}

// seeded signs with a key that is the same at each call.
func seeded(seed byte) []byte { return bytes.Repeat([]byte{seed}, 32) }

// headOf signs the tree of these leaves.
func headOf(t *testing.T, epoch string, seed byte, leaves [][]byte) (head, key string) {
	t.Helper()
	v := &tree{}
	for _, leaf := range leaves {
		added, err := tlog.StoredHashes(v.size, leaf, v)
		if err != nil {
			t.Fatal(err)
		}
		v.hashes = append(v.hashes, added...)
		v.size++
	}
	root, err := tlog.TreeHash(v.size, v)
	if err != nil {
		t.Fatal(err)
	}
	signer, key, err := surveysync.LogSigner(seeded(seed), surveysync.Origin(epoch))
	if err != nil {
		t.Fatal(err)
	}
	head, err = surveysync.SignCheckpoint(surveysync.Checkpoint{Origin: surveysync.Origin(epoch), Size: v.size, Root: root}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return head, key
}

// someLeaves are n different lines.
func someLeaves(t *testing.T, n int) [][]byte {
	t.Helper()
	var out [][]byte
	for i := range n {
		leaf, err := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: actionDates, Outcome: surveysync.OutcomeOK, Note: fmt.Sprint("riga ", i)}.Marshal()
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, leaf)
	}
	return out
}

func logOf(t *testing.T, epoch string, seed byte, leaves [][]byte) *logs {
	t.Helper()
	head, key := headOf(t, epoch, seed, leaves)
	return &logs{meta: store.Meta{Epoch: epoch, LogKey: key, Logs: []store.Log{{Epoch: epoch, Keys: []string{key}}}},
		leaves: [][][]byte{leaves}, heads: []string{head}}
}

func verify(t *testing.T, s store.Store, checkpoint string) VerifyReply {
	t.Helper()
	v, err := (&Office{Store: s}).VerifyLog(t.Context(), VerifyRequest{Checkpoint: checkpoint})
	if err != nil {
		t.Fatal(err)
	}
	if good := v.Verdict == LogIntact || v.Verdict == LogRestored; good != (v.Problem.It == "" && v.Problem.En == "") {
		t.Errorf("%s with the sentence %q", v.Verdict, v.Problem.It)
	}
	return v
}

// alterations are all ways to change one entry of a log: every byte of it, its
// removal, its repetition, its exchange with any other.
func alterations(leaves [][]byte, use func(name string, altered [][]byte)) {
	for i := range leaves {
		for at := range leaves[i] {
			changed := slices.Clone(leaves)
			changed[i] = bytes.Clone(leaves[i])
			changed[i][at] ^= 1 << (at % 8)
			use(fmt.Sprintf("byte %d of %d", at, i), changed)
		}
		use(fmt.Sprintf("%d removed", i), slices.Delete(slices.Clone(leaves), i, i+1))
		use(fmt.Sprintf("%d twice", i), slices.Insert(slices.Clone(leaves), i, leaves[i]))
		for j := range i {
			swapped := slices.Clone(leaves)
			swapped[i], swapped[j] = swapped[j], swapped[i]
			use(fmt.Sprintf("%d and %d exchanged", i, j), swapped)
		}
	}
}

// TestVerifyFindsEveryChange: without the key every change of one entry is
// found by the signed head; with the key, by a checkpoint kept elsewhere.
func TestVerifyFindsEveryChange(t *testing.T) {
	leaves := someLeaves(t, 7)
	whole := logOf(t, "e1", 1, leaves)
	if v := verify(t, whole, whole.heads[0]); v.Verdict != LogIntact || v.Size != 7 || v.OlderSize != 7 {
		t.Fatalf("%+v", v)
	}
	kept := whole.heads[0]
	tried := 0
	alterations(leaves, func(name string, altered [][]byte) {
		tried++
		outside := &logs{meta: whole.meta, leaves: [][][]byte{altered}, heads: whole.heads}
		if v := verify(t, outside, ""); v.Verdict != LogDamaged {
			t.Errorf("%s: %+v", name, v)
		}
		if len(altered) > len(leaves) && bytes.Equal(altered[len(leaves)], leaves[len(leaves)-1]) {
			return // one more line at the end is what a log is for
		}
		inside := logOf(t, "e1", 1, altered) // signed anew by the key itself
		if v := verify(t, inside, kept); v.Verdict != LogDamaged {
			t.Errorf("%s, signed anew: %+v", name, v)
		}
	})
	if tried < 700 {
		t.Errorf("only %d changes were tried", tried)
	}
	for name, head := range map[string]string{
		"no head": "", "of an earlier size": logOf(t, "e1", 1, leaves[:4]).heads[0], "of another key": logOf(t, "e1", 2, leaves).heads[0],
		"of another log": logOf(t, "e2", 1, leaves).heads[0], "changed": strings.Replace(kept, "\n7\n", "\n6\n", 1),
	} {
		if v := verify(t, &logs{meta: whole.meta, leaves: whole.leaves, heads: []string{head}}, ""); v.Verdict != LogDamaged {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestVerifyCheckpoints: what a kept checkpoint is to this log.
func TestVerifyCheckpoints(t *testing.T) {
	old := someLeaves(t, 5)
	before := logOf(t, "e1", 1, old)
	c, err := surveysync.OpenCheckpoint(before.heads[0], before.meta.LogKey)
	if err != nil {
		t.Fatal(err)
	}
	first, err := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: surveysync.ActionRestore,
		Outcome: surveysync.OutcomeOK, Note: surveysync.RestoreNote(c)}.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	now := logOf(t, "e2", 1, append([][]byte{first}, someLeaves(t, 2)...))
	now.meta.Logs = append(before.meta.Logs, now.meta.Logs...)
	now.leaves = append(before.leaves, now.leaves...)
	now.heads = append(before.heads, now.heads...)
	longer := logOf(t, "e1", 1, someLeaves(t, 9)) // as it was when it was lost
	rewritten := someLeaves(t, 4)
	rewritten[1] = old[2]
	for name, want := range map[string]struct{ checkpoint, verdict string }{
		"of before the restore":        {logOf(t, "e1", 1, old[:3]).heads[0], LogRestored},
		"of what was lost":             {longer.heads[0], LogRestored},
		"of a rewritten past":          {logOf(t, "e1", 1, rewritten).heads[0], LogDamaged},
		"of the present log":           {logOf(t, "e2", 1, now.leaves[1][:2]).heads[0], LogIntact},
		"of a longer present log":      {logOf(t, "e2", 1, append(slices.Clone(now.leaves[1]), old[0])).heads[0], LogDamaged},
		"of another store":             {logOf(t, "e9", 1, old).heads[0], LogForeign},
		"of another key, by this name": {logOf(t, "e2", 7, now.leaves[1]).heads[0], LogForeign},
		"changed after it was signed":  {strings.Replace(now.heads[1], "\n3\n", "\n2\n", 1), LogForeign},
	} {
		if v := verify(t, now, want.checkpoint); v.Verdict != want.verdict {
			t.Errorf("%s: %+v, want %s", name, v, want.verdict)
		}
	}
	if _, err := (&Office{Store: now}).VerifyLog(t.Context(), VerifyRequest{Checkpoint: "una lettera"}); err == nil {
		t.Error("a letter is a checkpoint")
	}
	other := logOf(t, "e2", 1, someLeaves(t, 3)) // does not name what was before it
	now.leaves[1], now.heads[1] = other.leaves[0], other.heads[0]
	if v := verify(t, now, ""); v.Verdict != LogDamaged {
		t.Errorf("without a first leaf: %+v", v)
	}
}
