//go:build unix

package postgres_test

import (
	"context"
	"errors"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"rileva/internal/store"
	"rileva/internal/store/postgres/pgtest"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// TestStandbyAway: while the synchronous standby is away nothing is
// acknowledged: neither when the sender's patience ends, nor when a technician
// ends the commit's wait, which PostgreSQL calls a success; nor when the same
// submission, visible by then, is sent again. When the standby is back the
// resend gets its receipt, and after a failover the submission is there. An act
// that is repeated, and finds itself done, waits likewise.
func TestStandbyAway(t *testing.T) { bothWays(t, standbyAway) }

func standbyAway(t *testing.T, at way) {
	a, ok := pgtest.Start(t)
	if !ok {
		return
	}
	b := pgtest.Standby(t, a, "b", a.Dir, 5432)
	set := func(c *pgtest.Cluster, names string) {
		t.Helper()
		if err := c.Set("synchronous_standby_names", names); err != nil {
			t.Fatal(err)
		}
	}
	set(a, "FIRST 1 (b)")
	address, ok := at(t, "postgres", a, b)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	w := storetest.NewWorld(t, s)
	put := w.Put(storetest.General(w.Schools[0], "liceale"))
	watch, err := pgx.Connect(t.Context(), a.Address("postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}

	type result struct {
		outcome surveysync.Outcome
		err     error
	}
	// asked gives what do came to once that is known; it returns when the commit waits.
	asked := func(do func() (surveysync.Outcome, error)) <-chan result {
		t.Helper()
		done := make(chan result, 1)
		go func() {
			outcome, err := do()
			done <- result{outcome, err}
		}()
		for waiting(t, watch) == 0 {
			select {
			case r := <-done:
				t.Fatalf("answered without the standby: %v, %v", r.outcome, r.err)
			case <-time.After(10 * time.Millisecond):
			}
		}
		return done
	}
	send := func(ctx context.Context) <-chan result {
		t.Helper()
		return asked(func() (surveysync.Outcome, error) {
			answered, err := s.Accept(ctx, put)
			return answered.Verdict.Outcome, err
		})
	}
	endWaits := func() {
		t.Helper()
		if _, err := watch.Exec(t.Context(), "SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'"); err != nil {
			t.Fatal(err)
		}
	}
	impatient, leave := context.WithCancel(t.Context())
	first := send(impatient)
	leave()
	if waiting(t, watch) != 1 {
		t.Error("the commit was given up with its sender")
	}
	endWaits()
	if r := <-first; store.CodeOf(r.err) != surveysync.Unavailable {
		t.Errorf("after its wait was ended by hand: %v, %v", r.outcome, r.err)
	}
	second := send(t.Context())
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	if r := <-second; r.err != nil || r.outcome != surveysync.Replay {
		t.Errorf("sent again: %v, %v", r.outcome, r.err)
	}
	parts, err := s.Parts(t.Context(), w.Schools[0].ID)
	if err != nil || len(parts) != 1 {
		t.Fatal(parts, err)
	}
	number := parts[0].Current.Number

	// An act that finds itself done has nothing to write, and waits all the same;
	// so does a receipt or a checkpoint that is fetched once more.
	if err := b.Kill(); err != nil {
		t.Fatal(err)
	}
	school, act := w.Schools[0], store.Act{At: fixedNow(), Action: "survey_dates", Outcome: surveysync.OutcomeOK}
	acts := map[string]func() error{
		"approve": func() error {
			review := store.Review{At: fixedNow(), Action: store.ReviewApprove, Part: "general"}
			_, err := s.ReviewParts(t.Context(), school.ID, []store.Review{review}, act)
			return err
		},
		"sign out": func() error { return s.SignOut(t.Context(), [32]byte{99}, act) },
		"password": func() error {
			return s.ChangePassword(t.Context(), school.ID, school.Hash, school.Hash, school.Token, act)
		},
		"issue": func() error { _, err := s.IssueCredentials(t.Context(), nil, false, fixedNow(), act); return err },
		"publish": func() error {
			_, err := s.Publish(t.Context(), storetest.Questionnaire(""), fixedNow(), act)
			return err
		},
		"receipt":    func() error { _, err := s.Receipt(t.Context(), school.ID, number); return err },
		"checkpoint": func() error { _, err := s.Checkpoint(t.Context()); return err },
		"proof":      func() error { _, err := s.Consistency(t.Context(), 1); return err },
		"dates": func() error {
			_, err := s.SetDates(t.Context(), store.DatesEdit{InstitutionID: school.ID, Clear: true}, act)
			return err
		},
	}
	for name, do := range acts {
		waits := asked(func() (surveysync.Outcome, error) { return 0, do() })
		endWaits()
		if r := <-waits; store.CodeOf(r.err) != surveysync.Unavailable {
			t.Errorf("%s, after its wait was ended by hand: %v", name, r.err)
		}
	}
	again := map[string]<-chan result{}
	for name, do := range acts {
		again[name] = asked(func() (surveysync.Outcome, error) { return 0, do() })
	}
	if err := b.Start(); err != nil {
		t.Fatal(err)
	}
	for name, r := range again {
		if r := <-r; r.err != nil {
			t.Errorf("%s again: %v", name, r.err)
		}
	}

	if err := watch.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if err := a.Kill(); err != nil {
		t.Fatal(err)
	}
	set(b, "")
	if err := b.Promote(); err != nil {
		t.Fatal(err)
	}
	third, err := insist(t, s, put)
	if err != nil || third.Verdict.Outcome != surveysync.Replay {
		t.Errorf("after the failover: %+v, %v", third.Verdict, err)
	}
	clean(t, s)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

// TestVouchedTogether: anybody may ask for a checkpoint. A thousand who do, while
// the writer has to wait, take two places in its queue and keep no school out.
func TestVouchedTogether(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	s := mustOpen(t, address, filepath.Join(t.TempDir(), "rileva.key"))
	w := storetest.NewWorld(t, s)
	other, err := pgx.Connect(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	lock := func(how string) {
		t.Helper()
		if _, err := other.Exec(t.Context(), "SELECT "+how+"(x'52696c657661'::bigint)"); err != nil {
			t.Fatal(err)
		}
	}
	lock("pg_advisory_lock")
	var all sync.WaitGroup
	var asked atomic.Int32
	for range 1000 {
		all.Go(func() {
			_, err := s.Survey(t.Context()) // has been shown what it then wants vouched for
			asked.Add(1)
			if _, again := s.Checkpoint(t.Context()); err != nil || again != nil {
				t.Error(err, again)
			}
		})
	}
	for asked.Load() < 1000 {
		time.Sleep(time.Millisecond)
	}
	put := w.Put(storetest.General(w.Schools[0], "liceale"))
	all.Go(func() {
		if a, err := s.Accept(t.Context(), put); err != nil || a.Verdict.Outcome != surveysync.Accept {
			t.Error(a.Verdict, err)
		}
	})
	most := 0
	for range 200 {
		most = max(most, s.Waiting())
		time.Sleep(time.Millisecond)
	}
	if most > 3 {
		t.Errorf("%d calls have waited in the queue", most)
	}
	lock("pg_advisory_unlock")
	all.Wait()
	if err := errors.Join(other.Close(t.Context()), s.Close()); err != nil {
		t.Error(err)
	}
}

// waiting is how many commits wait for the standby.
func waiting(t *testing.T, c *pgx.Conn) (n int) {
	t.Helper()
	if err := c.QueryRow(t.Context(), "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'").Scan(&n); err != nil {
		t.Fatal(err)
	}
	return n
}
