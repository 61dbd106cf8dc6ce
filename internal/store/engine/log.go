package engine

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// StoredHashes reads the hashes of the log's tree for package tlog.
type StoredHashes struct {
	Tx     Tx // nil where each hash is read by itself
	Bucket Bucket
}

func (h StoredHashes) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	h.fetch(indexes)
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		raw := h.Bucket.Get(IndexKey(x))
		if len(raw) != tlog.HashSize {
			return nil, fmt.Errorf("log: hash %d has %d bytes", x, len(raw))
		}
		hashes[i] = tlog.Hash(raw)
	}
	return hashes, nil
}

func (h StoredHashes) fetch(indexes []int64) {
	if h.Tx == nil {
		return
	}
	keys := make([]Wanted, len(indexes))
	for i, x := range indexes {
		keys[i] = Wanted{In: h.Bucket, From: IndexKey(x)}
	}
	h.Tx.Fetch(keys...)
}

// trail is one life of the sync log inside the file.
type trail struct {
	tx             Tx
	leaves, hashes Bucket
	head           string // the newest signed tree head, or ""
}

// present is the log that grows.
func present(tx Tx) trail {
	return trail{tx, tx.Bucket(BucketLeaves), tx.Bucket(BucketHashes), string(tx.Bucket(BucketMeta).Get(KeyCheckpoint))}
}

func (w *write) present() trail { return present(w.tx) }

// trailOf finds the n-th of the logs: the last stands at the top,
// those before it where a restore has moved them.
func trailOf(tx Tx, logs []store.Log, n int) (trail, error) {
	if n == len(logs)-1 {
		return present(tx), nil
	}
	if n < 0 || n >= len(logs) {
		return trail{}, fmt.Errorf("log %d of %d is missing", n, len(logs))
	}
	leaves, hashes, head := tx.Past(logs[n].Epoch)
	if leaves == nil || hashes == nil {
		return trail{}, fmt.Errorf("log %d of %d is missing", n, len(logs))
	}
	return trail{tx, leaves, hashes, string(head)}, nil
}

// size is the number of leaves. There is no counter that could disagree.
func (t trail) size() int64 {
	last, _ := t.leaves.Last()
	if n, ok := KeyIndex(last); ok {
		return n + 1
	}
	return 0
}

func logSize(tx Tx) int64 { return present(tx).size() }

// append adds one leaf with its hashes and gives its index. What the caller
// left out of the entry and the store knows is filled in.
func (w *write) append(e surveysync.Entry) (int64, error) {
	if e.At.IsZero() {
		e.At = w.Now()
	}
	w.identify(&e)
	leaf, err := e.Marshal()
	if err != nil {
		return 0, err
	}
	n := logSize(w.tx)
	if !w.grown {
		w.fetchEdge(n)
	}
	added, err := tlog.StoredHashes(n, leaf, StoredHashes{w.tx, w.tx.Bucket(BucketHashes)})
	if err != nil {
		return 0, err
	}
	w.grown = true
	at := tlog.StoredHashIndex(0, n)
	for i, h := range added {
		if err := w.put(BucketHashes, IndexKey(at+int64(i)), h[:]); err != nil {
			return 0, err
		}
	}
	return n, w.put(BucketLeaves, IndexKey(n), leaf)
}

// fetchEdge brings what a tree of so many leaves grows from, and what all that
// is added to it is proved with: the roots of its whole subtrees.
func (w *write) fetchEdge(size int64) {
	var at []int64
	_, _ = tlog.TreeHash(size, tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		at = indexes
		return make([]tlog.Hash, len(indexes)), nil
	}))
	StoredHashes{w.tx, w.tx.Bucket(BucketHashes)}.fetch(at)
}

// identify completes login code and id of the institution from each other.
func (w *write) identify(e *surveysync.Entry) {
	switch {
	case e.InstitutionID == "" && e.Institution != "":
		e.InstitutionID = string(w.tx.Bucket(BucketCodes).Get([]byte(e.Institution)))
	case e.InstitutionID != "" && e.Institution == "":
		if in, err := institutionByID(w.tx, e.InstitutionID); err == nil {
			e.Institution = in.Code
		}
	}
}

func (w *write) appendAll(entries []surveysync.Entry) error {
	for _, e := range entries {
		if _, err := w.append(e); err != nil {
			return err
		}
	}
	return nil
}

// signHead signs the tree as it is after this group, in the group's own
// transaction: at every commit the newest head covers every leaf.
func (w *write) signHead() error {
	size := logSize(w.tx)
	root, err := tlog.TreeHash(size, StoredHashes{w.tx, w.tx.Bucket(BucketHashes)})
	if err != nil {
		return err
	}
	signer := w.signer
	if w.next != nil {
		signer = w.next.signer
	}
	head, err := surveysync.SignCheckpoint(surveysync.Checkpoint{Origin: w.origin, Size: size, Root: root}, signer)
	if err != nil {
		return err
	}
	return w.put(BucketMeta, KeyCheckpoint, []byte(head))
}

// receiptAt makes the receipt of the leaf that a submission rests on, with a
// proof on the latest head of its log.
func (s *Store) receiptAt(tx Tx, log int, index int64) (surveysync.Receipt, error) {
	t, err := trailOf(tx, s.meta().Logs, log)
	if err != nil {
		return surveysync.Receipt{}, err
	}
	entry, err := surveysync.ParseEntry(t.leaves.Get(IndexKey(index)))
	if err != nil {
		return surveysync.Receipt{}, fmt.Errorf("leaf %d: %w", index, err)
	}
	proof, err := t.prove(index)
	if err != nil {
		return surveysync.Receipt{}, err
	}
	return surveysync.ReceiptFromEntry(entry, index, surveysync.FormatProof(proof))
}

// prove reads what shows that a leaf is in the tree of the latest head. What
// it gives outlives the transaction.
func (t trail) prove(index int64) (surveysync.Proof, error) {
	hashes, err := tlog.ProveRecord(t.size(), index, StoredHashes{t.tx, t.hashes})
	if err != nil {
		return surveysync.Proof{}, fmt.Errorf("leaf %d: %w", index, err)
	}
	return surveysync.Proof{Extra: bytes.Clone(t.leaves.Get(IndexKey(index))), Index: index, Hashes: hashes, Checkpoint: t.head}, nil
}

// thisLog is the place of the present log among all.
func (s *Store) thisLog() int { return len(s.meta().Logs) - 1 }

// Record implements store.Store. That a submission was accepted is refused
// with invalid: such a leaf without its submission would be a receipt for
// nothing.
func (s *Store) Record(ctx context.Context, entries ...surveysync.Entry) error {
	if len(entries) == 0 {
		return ctx.Err()
	}
	for _, e := range entries {
		if e.Action == surveysync.ActionSubmit && e.Outcome == surveysync.OutcomeAccepted {
			return store.Errorf(surveysync.Invalid, "an accepted submission is recorded by Accept only")
		}
	}
	return s.change(ctx, func(w *write) error { return w.appendAll(entries) })
}

// Checkpoint implements store.Store.
func (s *Store) Checkpoint(ctx context.Context) (string, error) {
	head := ""
	err := s.vouch(ctx, func(tx Tx) error {
		if head = string(tx.Bucket(BucketMeta).Get(KeyCheckpoint)); head == "" {
			return store.Errorf(surveysync.NotFound, "the log is empty")
		}
		return nil
	})
	return head, err
}

// logPage is how many leaves one read transaction walks over: a few
// milliseconds, whatever the filter.
const logPage = 4096

// Log implements store.Store. It walks back from the newest line, so that a
// limit makes it short; leaves never change, so that its pages fit together.
func (s *Store) Log(ctx context.Context, f store.LogFilter) ([]store.LogLine, error) {
	var m logMatcher
	err := s.view(ctx, func(tx Tx) error {
		m = newLogMatcher(f, string(tx.Bucket(BucketCodes).Get([]byte(f.Institution))))
		return nil
	})
	lines := []store.LogLine{} // newest first
	for log := s.thisLog(); err == nil && log >= 0; log-- {
		if lines, err = s.logOf(ctx, m, log, lines); f.After >= 0 {
			break // an index belongs to the present log
		}
	}
	slices.Reverse(lines)
	return lines, err
}

// logOf adds the matching lines of one log, newest first.
func (s *Store) logOf(ctx context.Context, f logMatcher, log int, lines []store.LogLine) ([]store.LogLine, error) {
	var end int64
	logs := s.meta().Logs
	err := s.view(ctx, func(tx Tx) error {
		t, err := trailOf(tx, logs, log)
		if err == nil {
			end = t.size()
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	begin := max(f.After+1, 0)
	for end > begin && (f.Limit <= 0 || len(lines) < f.Limit) {
		from := max(begin, end-logPage)
		var page []pair
		err := s.view(ctx, func(tx Tx) error {
			t, err := trailOf(tx, logs, log)
			if err == nil {
				page = f.candidates(t, from, end)
			}
			return err
		})
		if err != nil {
			return nil, err
		}
		for _, leaf := range slices.Backward(page) {
			index, _ := KeyIndex(leaf.key)
			entry, err := surveysync.ParseEntry(leaf.value)
			if err != nil {
				return nil, fmt.Errorf("leaf %d: %w", index, err)
			}
			if f.matches(entry) && (f.Limit <= 0 || len(lines) < f.Limit) {
				lines = append(lines, store.LogLine{Log: log, Index: index, Entry: entry})
			}
		}
		end = from
	}
	return lines, nil
}

// logMatcher is a filter with what finds its lines without parsing them.
type logMatcher struct {
	store.LogFilter
	id string // of the institution that holds the filter's code
	// needles: a leaf has at least one text of each list. Leaves are written in
	// one spelling only, so a value can be searched for as bytes.
	needles [][][]byte
}

func newLogMatcher(f store.LogFilter, id string) logMatcher {
	m := logMatcher{LogFilter: f, id: id}
	for _, one := range []struct{ key, value string }{
		{"outcome", f.Outcome}, {"action", f.Action}, {"incident", f.Incident},
	} {
		if one.value != "" {
			m.needles = append(m.needles, [][]byte{needle(one.key, one.value)})
		}
	}
	if f.Institution != "" {
		either := [][]byte{needle("institution", f.Institution), needle("institution_id", f.Institution)}
		if id != "" {
			either = append(either, needle("institution_id", id))
		}
		m.needles = append(m.needles, either)
	}
	return m
}

// needle is how a leaf spells one value.
func needle(key, value string) []byte {
	var b bytes.Buffer
	b.WriteString(`"` + key + `":`)
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if enc.Encode(value) != nil {
		return nil // a string can always be encoded
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n"))
}

// candidates copies out the leaves from from up to end that may match.
func (m logMatcher) candidates(t trail, from, end int64) []pair {
	var out []pair
	_ = t.leaves.Range(IndexKey(from), IndexKey(end), func(k, v []byte) error { // fn never fails
		if m.mayMatch(v) {
			out = append(out, pair{bytes.Clone(k), bytes.Clone(v)})
		}
		return nil
	})
	return out
}

func (m logMatcher) mayMatch(leaf []byte) bool {
	if m.Refused && slices.ContainsFunc(notRefused, func(n []byte) bool { return bytes.Contains(leaf, n) }) {
		return false
	}
	for _, either := range m.needles {
		if !slices.ContainsFunc(either, func(n []byte) bool { return bytes.Contains(leaf, n) }) {
			return false
		}
	}
	return true
}

// notRefused are the outcomes of what was done, as a leaf spells them. No text
// of a leaf can hold them: its quotes would be escaped.
var notRefused = [][]byte{needle("outcome", surveysync.OutcomeAccepted), needle("outcome", surveysync.OutcomeReplayed), needle("outcome", surveysync.OutcomeOK)}

// matches decides: a needle could also stand inside the text of a note.
func (m logMatcher) matches(e surveysync.Entry) bool {
	is := func(want, got string) bool { return want == "" || want == got }
	mine := m.Institution == "" || m.Institution == e.Institution || m.Institution == e.InstitutionID ||
		m.id != "" && m.id == e.InstitutionID
	return mine && is(m.Outcome, e.Outcome) && is(m.Action, e.Action) && is(m.Incident, e.Incident) &&
		(m.Since.IsZero() || !e.At.Before(m.Since.Truncate(time.Millisecond))) && (m.Until.IsZero() || !e.At.After(m.Until))
}
