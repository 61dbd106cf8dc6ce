package bolt

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.etcd.io/bbolt"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func line(action string) surveysync.Entry {
	return surveysync.Entry{At: fixedNow(), Action: action, Outcome: surveysync.OutcomeOK}
}

func lines(tb testing.TB, s *Store, action string) int {
	tb.Helper()
	found, err := s.Log(tb.Context(), store.LogFilter{After: -1, Action: action})
	if err != nil {
		tb.Fatal(err)
	}
	return len(found)
}

// hold keeps the writer busy until release is called.
func hold(tb testing.TB, s *Store) (release func()) {
	tb.Helper()
	busy, free := make(chan struct{}), make(chan struct{})
	var done sync.WaitGroup
	done.Go(func() {
		err := s.EditInstitutions(tb.Context(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
			close(busy)
			<-free
			return store.RegisterEdit{}, nil
		})
		if err != nil {
			tb.Error(err)
		}
	})
	<-busy
	return func() { close(free); done.Wait() }
}

func TestQueueFull(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "rileva.db"))
	release := hold(t, s)
	var waiting sync.WaitGroup
	for range engine.QueueLimit {
		waiting.Go(func() {
			if err := s.Record(t.Context(), line("waits")); err != nil {
				t.Error(err)
			}
		})
	}
	for s.Waiting() < engine.QueueLimit {
		runtime.Gosched()
	}
	if err := s.Record(t.Context(), line("x")); store.CodeOf(err) != surveysync.Unavailable {
		t.Errorf("a full queue answers %v", err)
	}
	release()
	waiting.Wait()
	if err := s.Record(t.Context(), line("x")); err != nil {
		t.Error(err)
	}
	mustClose(t, s)
}

func TestCallerThatGivesUpHasWrittenNothing(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "rileva.db"))
	release := hold(t, s)
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error)
	go func() { done <- s.Record(ctx, line("given up")) }()
	for s.Waiting() == 0 {
		runtime.Gosched()
	}
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	release()
	if n := lines(t, s, "given up"); n != 0 {
		t.Errorf("%d lines were written", n)
	}
	mustClose(t, s)
}

func TestCloseWritesWhatWaits(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	release := hold(t, s)
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			if err := s.Record(t.Context(), line("waiting")); err != nil {
				t.Error(err)
			}
		})
	}
	for s.Waiting() < 10 {
		runtime.Gosched()
	}
	for range 3 {
		all.Go(func() {
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	release()
	all.Wait()
	if err := s.Record(t.Context(), line("after")); store.CodeOf(err) != surveysync.Unavailable {
		t.Errorf("a closed store answers %v", err)
	}
	s = mustOpen(t, path)
	if n := lines(t, s, "waiting"); n != 10 {
		t.Errorf("%d lines were written", n)
	}
	mustClose(t, s)
}

func TestOneGroupHasOneHead(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "rileva.db"))
	commit := func() int {
		s.disk.mu.Lock()
		defer s.disk.mu.Unlock()
		return s.disk.durable
	}
	release := hold(t, s)
	before := commit()
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if err := s.Record(t.Context(), line("x")); err != nil {
				t.Error(err)
			}
		})
	}
	for s.Waiting() < 50 {
		runtime.Gosched()
	}
	release()
	all.Wait()
	if n := commit() - before; n > 2 { // what waited, and who came while the first group was gathered
		t.Errorf("50 waiting calls took %d commits", n)
	}
	if n := lines(t, s, "x"); n != 50 {
		t.Errorf("%d lines", n)
	}
	mustClose(t, s)
}

func TestPanicIsTheCallsOwnError(t *testing.T) {
	s := mustOpen(t, filepath.Join(t.TempDir(), "rileva.db"))
	err := s.EditInstitutions(t.Context(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) { panic("edit") })
	if store.CodeOf(err) != surveysync.Internal {
		t.Errorf("got %v", err)
	}
	if err := s.Record(t.Context(), line("x")); err != nil {
		t.Error(err)
	}
	mustClose(t, s)
}

// TestReadersWaitForTheDisk: bbolt shows a commit before it is flushed.
func TestReadersWaitForTheDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	synctest.Test(t, func(t *testing.T) {
		s := mustOpen(t, path)
		unflushed := func(change int) {
			s.disk.mu.Lock()
			s.disk.durable += change
			s.disk.mu.Unlock()
			s.disk.settled.Broadcast()
		}
		unflushed(-1)
		answered := false
		go func() {
			if _, err := s.Institutions(t.Context()); err != nil {
				t.Error(err)
			}
			answered = true
		}()
		synctest.Wait()
		if answered {
			t.Error("a reader was told what is not on the disk")
		}
		unflushed(+1)
		synctest.Wait()
		if !answered {
			t.Error("a reader still waits")
		}
		mustClose(t, s)
	})
}

// TestDiskFailure: after an error of the disk nothing is answered any more,
// and the store that is opened again is whole.
func TestDiskFailure(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	var file *os.File
	s, err := Open(path, Options{Now: fixedNow, openFile: func(name string, flag int, mode os.FileMode) (f *os.File, err error) {
		file, err = os.OpenFile(name, flag, mode)
		return file, err
	}})
	if err != nil {
		t.Fatal(err)
	}
	w := storetest.NewWorld(t, s)
	w.Accepted(storetest.General(w.Schools[0], "liceale"))
	if s.Err() != nil {
		t.Fatal(s.Err())
	}
	waits := make(chan error)
	go func() { <-s.Failed(); waits <- s.Err() }()
	if err := file.Close(); err != nil { // every write and flush fails from now on
		t.Fatal(err)
	}
	put := w.Put(storetest.Sending{School: w.Schools[0], Part: "general", Replaces: 1,
		Answers: storetest.General(w.Schools[0], "tecnico").Answers})
	if _, err := s.Accept(t.Context(), put); err == nil || store.CodeOf(err) != surveysync.Internal {
		t.Errorf("the call whose commit failed is told %v", err)
	}
	if err := <-waits; err == nil {
		t.Error("Failed is closed without a reason")
	}
	_, readErr := s.Institutions(t.Context())
	_, metaErr := s.Meta(t.Context())
	_, acceptErr := s.Accept(t.Context(), put)
	for name, err := range map[string]error{"reading": readErr, "meta": metaErr, "accepting": acceptErr, "writing": s.Record(t.Context(), line("x"))} {
		if store.CodeOf(err) != surveysync.Unavailable {
			t.Errorf("%s after the failure: %v", name, err)
		}
	}
	_ = s.Close() // the file is closed already

	s = mustOpen(t, path)
	faults, err := s.Check(t.Context())
	if err != nil || len(faults) > 0 {
		t.Errorf("after opening again: %v, %v", faults, err)
	}
	sub, err := s.Submission(t.Context(), w.Schools[0].ID, "general", 0)
	if err != nil || sub.Revision != 1 {
		t.Errorf("revision %d, %v", sub.Revision, err)
	}
	mustClose(t, s)
}

// TestRepeatedRandomness: an id is drawn again when it is taken.
func TestRepeatedRandomness(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s, err := Open(path, Options{Now: fixedNow, Rand: zeros{}})
	if err != nil {
		t.Fatal(err)
	}
	add := func(code string) error {
		return s.EditInstitutions(t.Context(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
			in := store.Institution{}
			in.Code, in.Codes = code, []string{code}
			return store.RegisterEdit{Put: []store.Institution{in}}, nil
		})
	}
	if err := add("MIIS00100B"); err != nil {
		t.Fatal(err)
	}
	if err := add("MIIS00200B"); err == nil {
		t.Error("two schools have one id")
	}
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	mustClose(t, s)
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// TestActsOfTheOffice: returning and approving are not part of the contract
// yet; what they will leave behind is judged already.
func TestActsOfTheOffice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "rileva.db")
	s := mustOpen(t, path)
	w := storetest.NewWorld(t, s)
	a := w.Schools[0]
	w.Accepted(storetest.General(a, "liceale"))
	closed := fixedNow().AddDate(1, 0, 0)
	send := func(now time.Time) store.Put {
		x := storetest.General(a, "liceale")
		x.Replaces, x.Now = 1, now
		return w.Put(x)
	}
	stand := func(r engine.PartRecord) {
		t.Helper()
		mustClose(t, s)
		edit(t, path, func(tx *bbolt.Tx) error {
			r.Revision, r.Offers = 1, []string{"general", "liceale"}
			raw, err := json.Marshal(r)
			if err != nil {
				return err
			}
			return tx.Bucket(engine.BucketParts).Put(engine.PartKey(a.ID, "general"), raw)
		})
		s = mustOpen(t, path)
		w.Store = s
	}
	stand(engine.PartRecord{State: survey.PartApproved})
	answer, err := s.Accept(t.Context(), send(fixedNow()))
	if err != nil || answer.Verdict.Code != surveysync.PartApproved {
		t.Errorf("approved: %+v, %v", answer.Verdict, err)
	}
	until := closed.Add(time.Hour)
	stand(engine.PartRecord{State: survey.PartReturned, Remarks: []surveysync.Remark{{Text: "Ricontrollare"}}, OpenUntil: &until})
	answer, err = s.Accept(t.Context(), send(until.Add(time.Second)))
	if err != nil || answer.Verdict.Code != surveysync.SurveyClosed {
		t.Errorf("after it was open: %+v, %v", answer.Verdict, err)
	}
	answer, err = s.Accept(t.Context(), send(closed))
	if err != nil || answer.Verdict.Outcome != surveysync.Accept || !answer.Receipt.Late {
		t.Errorf("returned and open: %+v, %v", answer.Verdict, err)
	}
	parts, err := s.Parts(t.Context(), a.ID)
	if err != nil || len(parts) != 1 || parts[0].State != survey.PartSubmitted || parts[0].Remarks != nil || parts[0].OpenUntil == nil {
		t.Errorf("the part is %+v, %v", parts, err)
	}
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
	mustClose(t, s)
}
