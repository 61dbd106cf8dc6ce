package sync

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// memoryBox is the least that keeps the promises of Box, Shelf, Downloads and
// Witness.
type memoryBox struct {
	tb       testing.TB
	queue    map[string]*Queued
	sending  string
	history  []AttemptResult
	settled  []Receipt
	epoch    string
	returns  int
	quest    map[string][]byte
	heads    map[string]int
	adopted  []string
	lastHead string
	alarms   []LogAlarm
}

func newMemoryBox(tb testing.TB, parts ...string) *memoryBox {
	b := &memoryBox{tb: tb, queue: map[string]*Queued{}, quest: map[string][]byte{}, heads: map[string]int{}}
	for i, part := range parts {
		b.queue[part] = &Queued{Part: part, Body: frozenBody(tb, part, i+1), State: OpQueued}
	}
	return b
}

func (b *memoryBox) Queue() ([]Queued, error) {
	var out []Queued
	for _, q := range b.queue {
		out = append(out, *q)
	}
	slices.SortFunc(out, func(a, b Queued) int { return -strings.Compare(a.Part, b.Part) }) // "general" last
	return out, nil
}
func (b *memoryBox) Sending(part string) error { b.sending = part; return nil }
func (b *memoryBox) Attempted(part string, r AttemptResult) error {
	q := b.queue[part]
	q.Attempts++
	q.State, q.Next, q.Last = r.State, r.Next, r.Code
	b.history = append(b.history, r)
	return nil
}
func (b *memoryBox) Settled(part string, _ []byte, r Receipt, a AttemptResult) error {
	if b.sending != part {
		b.tb.Error("sent without noting it first")
	}
	delete(b.queue, part)
	b.settled, b.history = append(b.settled, r), append(b.history, a)
	b.heads[part] = r.Revision
	return nil
}
func (b *memoryBox) KeepServer(i ServerInfo, _ time.Time) (bool, error) {
	restored := b.epoch != "" && b.epoch != i.Epoch
	b.epoch = i.Epoch
	return restored, nil
}
func (b *memoryBox) KeepReturn([]byte, Return, time.Time) error { b.returns++; return nil }
func (b *memoryBox) HasQuestionnaire(d string) (bool, error)    { return b.quest[d] != nil, nil }
func (b *memoryBox) KeepQuestionnaire(d string, raw []byte) error {
	b.quest[d] = raw
	return nil
}
func (b *memoryBox) Behind(part string, n int, _ string) (bool, error) { return b.heads[part] < n, nil }
func (b *memoryBox) Adopt(part string, p PartBody) (bool, error) {
	b.heads[part] = p.Revision
	b.adopted = append(b.adopted, part)
	return true, nil
}
func (b *memoryBox) Checkpoint() (string, error) { return b.lastHead, nil }
func (b *memoryBox) KeepAlarm(a LogAlarm) error  { b.alarms = append(b.alarms, a); return nil }

func (b *memoryBox) KeepCheckpoint(t string) error { b.lastHead = t; return nil }

func testSyncer(tb testing.TB, b *memoryBox, rt http.RoundTripper) *Syncer {
	return &Syncer{Client: testClient(tb, "http://server", rt), Box: b, Shelf: b, Down: b, Log: b,
		Jitter: func(d time.Duration) time.Duration { return d }}
}

func run(tb testing.TB, s *Syncer) Report {
	tb.Helper()
	rep, err := s.Run(tb.Context())
	if err != nil {
		tb.Fatal(err)
	}
	return rep
}

func TestPassSendsGeneralFirstAndFetches(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "tecnico", "general", "iefp")
	rep := run(t, testSyncer(t, b, f))
	if !slices.Equal(f.puts, []string{"general", "tecnico", "iefp"}) || len(rep.Sent) != 3 || len(rep.Waiting) != 0 {
		t.Error(f.puts, rep)
	}
	if !rep.Contacted || rep.Return == nil || len(rep.Questionnaires) != 1 || b.returns != 1 || b.lastHead == "" || rep.Incident == "" {
		t.Errorf("%+v", rep)
	}
	for _, h := range b.history {
		if h.Code != CodeAccepted || h.Incident == "" || h.At.IsZero() || h.Fate != FateStored {
			t.Errorf("%+v", h)
		}
	}
	// Another device sends; this one fetches.
	body := frozenBody(t, "tecnico", 77)
	f.store(must(ParseSubmission(body))(t), body, 2)
	if rep := run(t, testSyncer(t, b, f)); len(rep.Fetched) != 1 || rep.Fetched[0].Revision != 2 || len(rep.Questionnaires) != 0 {
		t.Errorf("%+v", rep)
	}
}

// TestEveryRefusal: which state each code leads to, and what is known of the
// bytes then.
func TestEveryRefusal(t *testing.T) {
	want := map[Code]struct {
		state OpState
		fate  Fate
	}{
		Unauthorized: {OpNeedsLogin, FateUnsent}, PasswordChangeRequired: {OpNeedsLogin, FateUnsent},
		RevisionConflict: {OpConflict, FateNotStored}, RateLimited: {OpQueued, FateUnsent},
		Internal: {OpQueued, FateUnknown}, Unavailable: {OpQueued, FateUnknown},
		Invalid: {OpRefused, FateUnsent}, Forbidden: {OpRefused, FateUnsent}, WrongPassword: {OpRefused, FateUnsent},
		UseFirstCode: {OpRefused, FateUnsent}, WrongInstitution: {OpRefused, FateUnsent},
		TooLarge: {OpRefused, FateUnsent}, UnsupportedMediaType: {OpRefused, FateUnsent},
		NotFound: {OpRefused, FateNotStored}, GeneralPartRequired: {OpRefused, FateNotStored},
		TrackNotOffered: {OpRefused, FateNotStored}, TrackHasSubmission: {OpRefused, FateNotStored},
		PartApproved: {OpRefused, FateNotStored}, UnknownQuestionnaire: {OpRefused, FateNotStored},
		EpochChanged: {OpQueued, FateNotStored},
		IDReused:     {OpRefused, FateNotStored}, AnswersRejected: {OpRefused, FateNotStored},
		PreconditionRequired: {OpRefused, FateNotStored}, SurveyNotOpen: {OpRefused, FateNotStored},
		SurveyClosed: {OpRefused, FateNotStored},
	}
	for _, code := range append(Codes(), "of_a_later_version") {
		w, ok := want[code]
		if code == "of_a_later_version" {
			w.state, w.fate, ok = OpRefused, FateUnsent, true
		}
		if !ok {
			t.Errorf("%s: this table does not say what it leads to", code)
			continue
		}
		f, b := newFakeServer(t), newMemoryBox(t, "tecnico")
		f.before = func(rw http.ResponseWriter, _ *http.Request) bool {
			rw.Header().Set("Retry-After", "20")
			if code == "of_a_later_version" {
				writeJSON(rw, 409, map[string]any{"code": code, "status": 409, "detail": "x"})
			} else {
				f.problem(rw, code)
			}
			return true
		}
		rep := run(t, testSyncer(t, b, f))
		if len(rep.Waiting) != 1 || rep.Waiting[0].State != w.state || rep.Waiting[0].Code != string(code) || b.history[0].Fate != w.fate {
			t.Errorf("%s: %+v %+v", code, rep.Waiting, b.history)
			continue
		}
		if w.state == OpQueued && time.Until(rep.Next) < 19*time.Second {
			t.Errorf("%s: Retry-After is not kept: %v", code, rep.Next)
		}
		// Only what is queued is tried again by itself, and not before its time.
		again := &memoryBox{tb: t, queue: b.queue, quest: b.quest, heads: b.heads}
		s := testSyncer(t, again, f)
		if run(t, s); len(again.history) != 0 {
			t.Errorf("%s: tried again at once", code)
		}
		s.Now = func() time.Time { return time.Now().Add(50 * time.Minute) }
		tries := map[bool]int{w.state == OpQueued: 1}[true]
		if code == EpochChanged {
			tries = 2 // the pass is made again at once
		}
		if run(t, s); len(again.history) != tries {
			t.Errorf("%s: %d attempts later on", code, len(again.history))
		}
	}
}

func TestRefusedPartBlocksNoOther(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general", "iefp", "tecnico")
	b.queue["general"].Replaces = 1 // a general part was accepted before
	f.revs["general"] = 1
	calls := 0
	f.before = func(w http.ResponseWriter, r *http.Request) bool {
		calls++
		if strings.HasSuffix(r.URL.Path, "/tecnico") || strings.HasSuffix(r.URL.Path, "/general") {
			f.problem(w, AnswersRejected)
			return true
		}
		return false
	}
	rep := run(t, testSyncer(t, b, f))
	if len(rep.Sent) != 1 || rep.Sent[0].Part != "iefp" || calls != 3 {
		t.Errorf("%+v, %d calls", rep, calls)
	}
}

func TestTracksWaitForTheFirstGeneralPart(t *testing.T) {
	for _, tc := range []struct {
		code  Code
		tries int
	}{
		{AnswersRejected, 1}, {Internal, 1},
		{RevisionConflict, 2}, // another device has sent one
	} {
		f, b := newFakeServer(t), newMemoryBox(t, "general", "tecnico")
		calls := 0
		f.before = func(w http.ResponseWriter, r *http.Request) bool {
			calls++
			if strings.HasSuffix(r.URL.Path, "/general") {
				f.problem(w, tc.code)
				return true
			}
			return false
		}
		s := testSyncer(t, b, f)
		if rep := run(t, s); calls != tc.tries || tc.tries == 1 && rep.Waiting[1].Code != WaitGeneral {
			t.Errorf("%s: %d calls, %+v", tc.code, calls, rep)
		}
		if tc.code == AnswersRejected { // and so they do in the passes after it
			if run(t, s); calls != 1 {
				t.Error("a track was tried while the general part stands refused")
			}
		}
	}
}

// TestLostAnswers: stored, but the answer never comes back. The same bytes
// again bring the same receipt, and it is settled once.
func TestLostAnswers(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	lost := 0
	f.after = func(http.ResponseWriter, *http.Request) bool {
		if lost++; lost <= 3 {
			panic(http.ErrAbortHandler)
		}
		return false
	}
	srv := httptest.NewServer(f)
	defer srv.Close()
	s := testSyncer(t, b, nil)
	s.Client, s.Forced = testClient(t, srv.URL, nil), true
	for range 3 {
		if rep := run(t, s); len(rep.Sent) != 0 || rep.Waiting[0].Code != CauseCut || b.history[len(b.history)-1].Fate != FateUnknown {
			t.Fatalf("%+v", rep)
		}
	}
	rep := run(t, s)
	if len(rep.Sent) != 1 || rep.Sent[0].Receipt.Revision != 1 || len(b.settled) != 1 || len(f.byID) != 1 {
		t.Fatalf("%+v, settled %d, stored %d", rep, len(b.settled), len(f.byID))
	}
	if run(t, s); len(b.settled) != 1 || len(f.puts) != 4 {
		t.Error("sent again after the receipt")
	}
}

func TestForgedReceiptStaysInTheQueue(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	f.forge = func(r Receipt) Receipt { r.ContentDigest = Digest([]byte("other")); return r }
	rep := run(t, testSyncer(t, b, f))
	if len(rep.Sent) != 0 || len(b.settled) != 0 || rep.Waiting[0].Code != CauseProtocol || b.queue["general"] == nil {
		t.Errorf("%+v", rep)
	}
}

func TestPortalStopsThePassAndCounts(t *testing.T) {
	portal := transport(func(r *http.Request) (*http.Response, error) {
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", "text/html")
		_, _ = rec.WriteString("<html>")
		return rec.Result(), nil
	})
	b := newMemoryBox(t, "general", "tecnico")
	rep := run(t, testSyncer(t, b, portal))
	if rep.Contacted || len(b.history) != 2 || len(rep.Waiting) != 2 {
		t.Fatalf("%+v", rep)
	}
	for _, h := range b.history {
		if h.Code != CausePortal || h.Fate != FateUnsent || h.State != OpQueued || h.Detail == "" {
			t.Errorf("%+v", h)
		}
	}
	// One body that a filter kills does not keep the next from being tried;
	// two in a row are the network.
	f, b := newFakeServer(t), newMemoryBox(t, "iefp", "liceale", "tecnico")
	f.before = func(http.ResponseWriter, *http.Request) bool { panic(http.ErrAbortHandler) }
	rep = run(t, testSyncer(t, b, f))
	if len(b.history) != 2 || rep.Waiting[2].Code != WaitStopped {
		t.Errorf("%d attempts, %+v", len(b.history), rep.Waiting)
	}
}

func TestWithoutASession(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general", "tecnico")
	s := testSyncer(t, b, f)
	s.Client.SetToken("")
	rep := run(t, s)
	if len(f.puts) != 0 || len(b.history) != 0 || rep.Waiting[0].State != OpNeedsLogin || !rep.Contacted || rep.Return != nil {
		t.Errorf("%+v", rep)
	}
	// A dead token: one attempt tells it for all.
	s.Client.SetToken("dead")
	calls := 0
	f.before = func(w http.ResponseWriter, _ *http.Request) bool { calls++; f.problem(w, Unauthorized); return true }
	if rep = run(t, s); calls != 1 || rep.Waiting[0].State != OpNeedsLogin || rep.Waiting[1].Code != WaitStopped && rep.Waiting[1].Code != WaitGeneral {
		t.Errorf("%d calls, %+v", calls, rep.Waiting)
	}
}

func TestRestoredServerAndLogAlarm(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general", "tecnico")
	run(t, testSyncer(t, b, f))
	// The same origin with fewer entries: the log was cut.
	leaves, hashes := f.log.leaves, f.log.hashes
	f.log.leaves, f.log.hashes = leaves[:1], hashes[:1]
	if rep := run(t, testSyncer(t, b, f)); !errors.Is(rep.LogAlarm, ErrLogShrunk) {
		t.Error(rep.LogAlarm)
	}
	f.log.leaves, f.log.hashes = leaves, hashes
	if rep := run(t, testSyncer(t, b, f)); rep.LogAlarm != nil || rep.Restored {
		t.Errorf("%+v", rep)
	}
	f.epoch, f.log = "two", newMemoryLog(t, "two", 3)
	if rep := run(t, testSyncer(t, b, f)); !rep.Restored || rep.LogAlarm != nil {
		t.Errorf("%+v", rep)
	}
}

// TestSpoiltProof: an answer that cannot be read proves nothing against the
// server and counts as trouble of the network; a head that can be read and that
// no known key has signed is an alarm. The kept head stays either way.
func TestSpoiltProof(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	run(t, testSyncer(t, b, f))
	kept := b.lastHead
	page := "<!doctype html><html><body>Accesso bloccato dal filtro</body></html>\n"
	for _, text := range []string{page, "\n" + page, kept, "\n" + kept[:len(kept)-9], "\n" + kept[:strings.LastIndex(kept, "\n\n")+2], "{}", "\n\n\n"} {
		f.spoilt = text
		rep := run(t, testSyncer(t, b, f))
		var lost *NetError
		if rep.LogAlarm != nil || len(b.alarms) > 0 || !errors.As(rep.Err, &lost) || lost.Cause != CauseProtocol {
			t.Errorf("%q: %v, alarm %v", text, rep.Err, rep.LogAlarm)
		}
	}
	other := newMemoryLog(t, "one", 9)
	other.append(t, []byte("another history"))
	f.spoilt = "\n" + other.sign(t, other.head(t, 1))
	if rep := run(t, testSyncer(t, b, f)); !errors.Is(rep.LogAlarm, ErrLogRewritten) || rep.Err != nil || len(b.alarms) != 1 || b.alarms[0].At.IsZero() {
		t.Errorf("signed by a stranger: %+v", rep)
	}
	if b.lastHead != kept {
		t.Error("the kept head is gone")
	}
}

func TestAClockThatWasWrong(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	b.queue["general"].Next = time.Now().AddDate(1, 0, 0) // written while the device was a year ahead
	if rep := run(t, testSyncer(t, b, f)); len(rep.Sent) != 1 {
		t.Errorf("%+v", rep)
	}
}

func TestStoppedPass(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	srv := httptest.NewServer(f)
	defer srv.Close()
	s := testSyncer(t, b, nil)
	s.Client = testClient(t, srv.URL, nil)
	rep, err := s.Run(ctx)
	if err != nil || len(f.puts) != 0 || rep.Waiting[0].Code != CauseStopped {
		t.Errorf("%v %+v", err, rep)
	}
}

// TestThreeDaysWithoutANetwork counts the attempts of 72 hours and sends at
// their end, in no time.
func TestThreeDaysWithoutANetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, b := newFakeServer(t), newMemoryBox(t, "general")
		start := time.Now()
		s := testSyncer(t, b, transport(func(r *http.Request) (*http.Response, error) {
			if time.Since(start) < 72*time.Hour {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}
			}
			return f.RoundTrip(r)
		}))
		s.Jitter = nil // the real one
		passes := 0
		for len(b.settled) == 0 {
			rep := run(t, s)
			passes++
			if len(b.settled) > 0 {
				break
			}
			wait := time.Until(rep.Next)
			if rep.Next.IsZero() || wait > maxBackoff {
				t.Fatalf("pass %d: next in %v", passes, wait)
			}
			// A pass before the time tries nothing.
			if extra := run(t, s); wait > 0 && extra.Waiting[0].Code != WaitTime && extra.Waiting[0].Code != CauseDNS {
				t.Fatalf("%+v", extra.Waiting)
			}
			time.Sleep(max(time.Until(rep.Next), time.Millisecond))
		}
		if d := time.Since(start); d < 72*time.Hour || d > 73*time.Hour {
			t.Errorf("sent after %v", d)
		}
		if n := len(b.history); n < 200 || n > 600 {
			t.Errorf("%d attempts in 72 hours", n)
		}
		if len(f.puts) != 1 {
			t.Errorf("%d arrived", len(f.puts))
		}
	})
}

// TestWokenByTheNetwork: what was not sent because the server was not reached
// leaves with the first pass that reaches it, whatever its wait; what waits for
// a server that has too much to do keeps its wait.
func TestWokenByTheNetwork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f, b := newFakeServer(t), newMemoryBox(t, "general", "tecnico")
		down := true
		s := testSyncer(t, b, transport(func(r *http.Request) (*http.Response, error) {
			if down {
				return nil, &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host"}}
			}
			return f.RoundTrip(r)
		}))
		for range 12 {
			s.Forced = true
			run(t, s)
		}
		s.Forced = false
		if wait := time.Until(b.queue["general"].Next); wait < 20*time.Minute {
			t.Fatalf("after twelve attempts it waits %v only", wait)
		}
		down = false
		if rep := run(t, s); len(rep.Sent) != 2 {
			t.Fatalf("the network is back and this waits: %+v", rep.Waiting)
		}
		b.queue["iefp"] = &Queued{Part: "iefp", Body: frozenBody(t, "iefp", 9), State: OpQueued}
		f.before = func(w http.ResponseWriter, _ *http.Request) bool { f.problem(w, Unavailable); return true }
		run(t, s)
		f.before = nil
		if rep := run(t, s); len(rep.Sent) != 0 || rep.Waiting[0].Code != WaitTime {
			t.Errorf("a busy server was not left in peace: %+v", rep)
		}
	})
}

// TestAnotherSurvey: nothing is offered to a server that collects another one,
// and the person reads why.
func TestAnotherSurvey(t *testing.T) {
	f, b := newFakeServer(t), newMemoryBox(t, "general")
	s := testSyncer(t, b, f)
	s.Survey = "the year before"
	rep := run(t, s)
	var lost *NetError
	if !errors.As(rep.Err, &lost) || lost.Cause != CauseOtherSurvey || lost.Left || !rep.Contacted {
		t.Fatalf("%v", rep.Err)
	}
	checkWords(t, lost)
	if len(f.puts) != 0 || b.queue["general"].State != OpQueued || b.history[0].Code != CauseOtherSurvey || b.history[0].Fate != FateUnsent {
		t.Errorf("%v %+v", f.puts, b.history)
	}
	s.Survey, s.Forced = "s", true
	if rep := run(t, s); len(rep.Sent) != 1 {
		t.Errorf("%+v", rep)
	}
}

func TestBackoffGrows(t *testing.T) {
	p := &pass{Syncer: &Syncer{Now: func() time.Time { return time.Time{} }, Jitter: func(d time.Duration) time.Duration { return d }}}
	zero := time.Time{}
	for n, want := range map[int]time.Duration{0: 2 * time.Second, 1: 4 * time.Second, 9: 1024 * time.Second, 10: maxBackoff, 1 << 40: maxBackoff} {
		if got := p.next(n, 0).Sub(zero); got != want {
			t.Errorf("after %d: %v, want %v", n, got, want)
		}
	}
	if got := p.next(0, time.Minute).Sub(zero); got != time.Minute {
		t.Error(got)
	}
}
