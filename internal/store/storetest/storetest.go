package storetest

import (
	"bytes"
	"context"
	"encoding/json"
	"testing"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Open gives an empty store, and a function that closes it and opens what it
// has stored again.
type Open func(t *testing.T) (s store.Store, reopen func() store.Store)

// Run checks everything that the contract promises. After each test the store
// must be clean.
func Run(t *testing.T, open Open) {
	for _, group := range []struct {
		name  string
		cases map[string]func(*tester)
	}{
		{"Institutions", institutionCases},
		{"Accounts", accountCases},
		{"Survey", surveyCases},
		{"Accept", acceptCases},
		{"Submissions", submissionCases},
		{"Reviews", reviewCases},
		{"Erase", eraseCases},
		{"Words", wordCases},
		{"Heartbeats", heartbeatCases},
		{"Reminders", reminderCases},
		{"Snapshots", snapshotCases},
		{"Log", logCases},
		{"Concurrent", concurrentCases},
		{"Reopen", reopenCases},
	} {
		t.Run(group.name, func(t *testing.T) {
			for name, run := range group.cases {
				t.Run(name, func(t *testing.T) { run(begin(t, open)) })
			}
		})
	}
	t.Run("Empty", func(t *testing.T) { empty(t, open) })
}

// tester is a world with the way to open its store again.
type tester struct {
	*World
	ctx    context.Context
	reopen func()
}

func begin(t *testing.T, open Open) *tester {
	t.Helper()
	s, reopen := open(t)
	w := &tester{World: NewWorld(t, s), ctx: t.Context()}
	w.reopen = func() { w.Store = reopen() }
	t.Cleanup(func() { finish(t, w.Store) })
	return w
}

// finish wants a clean store that can be closed twice.
func finish(t *testing.T, s store.Store) {
	faults, err := s.Check(context.Background())
	if err != nil {
		t.Errorf("check: %v", err)
	}
	for _, f := range faults {
		t.Errorf("check: %s", f)
	}
	for range 2 {
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// want wants an error with this code.
func (w *tester) want(code surveysync.Code, err error) {
	w.Helper()
	if err == nil || store.CodeOf(err) != code {
		w.Errorf("want the error %s, got %v", code, err)
	}
}

func (w *tester) equal(what string, got, want any) {
	w.Helper()
	if g, e := asJSON(got), asJSON(want); !bytes.Equal(g, e) {
		w.Errorf("%s: got %s, want %s", what, g, e)
	}
}

// asJSON compares what an engine keeps: times by moment, nil as empty is not.
func asJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		return []byte(err.Error())
	}
	return raw
}

// log gives all lines with this action.
func (w *tester) log(f store.LogFilter) []store.LogLine {
	w.Helper()
	f.After = -1
	lines, err := w.Store.Log(w.ctx, f)
	w.must(err)
	return lines
}

// verify wants a receipt that verifies offline.
func (w *tester) verify(r surveysync.Receipt) surveysync.Entry {
	w.Helper()
	meta, err := w.Store.Meta(w.ctx)
	w.must(err)
	raw, err := json.Marshal(r)
	w.must(err)
	_, leaf, err := surveysync.VerifyReceipt(raw, meta.LogKey)
	if err != nil {
		w.Errorf("the receipt %s does not verify: %v", r.Number, err)
	}
	return leaf
}

// same wants two receipts of one submission: only the proof may differ.
func (w *tester) same(a, b surveysync.Receipt) {
	w.Helper()
	w.verify(a)
	w.verify(b)
	a.Proof, b.Proof = "", ""
	if a != b {
		w.Errorf("two receipts of one submission:\n%+v\n%+v", a, b)
	}
}

// empty is the only test of a store in which nothing was ever written.
func empty(t *testing.T, open Open) {
	s, reopen := open(t)
	w := &tester{World: &World{TB: t}, ctx: t.Context()}
	meta, err := s.Meta(w.ctx)
	w.must(err)
	if meta.Epoch == "" || meta.LogKey == "" || meta.CreatedAt.IsZero() {
		t.Errorf("the identity is not complete: %+v", meta)
	}
	all, err := s.Institutions(w.ctx)
	w.must(err)
	w.equal("institutions", all, []store.Institution{})
	_, err = s.Survey(w.ctx)
	w.want(surveysync.NotFound, err)
	_, err = s.SetDates(w.ctx, store.DatesEdit{}, act("survey_dates"))
	w.want(surveysync.NotFound, err)
	_, err = s.Checkpoint(w.ctx)
	w.want(surveysync.NotFound, err)
	lines, err := s.Log(w.ctx, store.LogFilter{After: -1})
	w.must(err)
	w.equal("log", lines, []store.LogLine{})
	w.must(s.Record(w.ctx))
	parts, err := s.AllParts(w.ctx)
	w.must(err)
	w.equal("parts", parts, map[string][]store.Part{})

	ended, cancel := context.WithCancel(w.ctx)
	cancel()
	if err := s.Record(ended, act("x")); err == nil {
		t.Error("a call whose context has ended writes")
	}
	s = reopen()
	again, err := s.Meta(w.ctx)
	w.must(err)
	w.equal("identity after opening again", again, meta)
	finish(t, s)
	_, err = s.Institutions(w.ctx)
	w.want(surveysync.Unavailable, err)
	w.want(surveysync.Unavailable, s.Record(w.ctx, act("x")))
}
