package drafts

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// officeServer stores submissions and gives receipts that verify.
type officeServer struct {
	tb       testing.TB
	signer   note.Signer
	verifier string
	hashes   []tlog.Hash
	leaves   [][]byte
	leafOf   map[string]int64
	bodies   map[string][]byte // part → current body
	revs     map[string]int
	lose     int // so many answers are lost after storing
	puts     int
}

func newOfficeServer(tb testing.TB) *officeServer {
	signer, verifier, err := surveysync.LogSigner(bytes.Repeat([]byte{7}, 32), surveysync.Origin("one"))
	must(tb, err)
	return &officeServer{tb: tb, signer: signer, verifier: verifier, leafOf: map[string]int64{}, bodies: map[string][]byte{}, revs: map[string]int{}}
}

func (f *officeServer) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		out[i] = f.hashes[x]
	}
	return out, nil
}

func (f *officeServer) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	w.Header().Set(surveysync.HeaderProtocol, surveysync.Version)
	w.Header().Set(surveysync.HeaderTime, testTime.Format(time.RFC3339))
	path := strings.TrimPrefix(r.URL.Path, surveysync.BasePath)
	part, isPart := strings.CutPrefix(path, "/parts/")
	switch {
	case path == "/server":
		f.json(w, surveysync.ServerInfo{Epoch: "one", LogKey: f.verifier})
	case path == "/return":
		ret := surveysync.Return{Epoch: "one", Institution: survey.Institution{ID: "i1", Code: "MIIS00100B", Codes: []string{"MIIS00100B"}},
			Survey: surveysync.SurveyInfo{ID: "s", Questionnaire: surveysync.Digest(nil)}}
		for part, n := range f.revs {
			ret.Parts = append(ret.Parts, surveysync.PartStatus{Part: part, Revision: n, ContentDigest: surveysync.Digest(f.bodies[part])})
		}
		f.json(w, ret)
	case strings.HasPrefix(path, "/questionnaires/"):
	case path == "/log/checkpoint":
		_, _ = w.WriteString(f.head())
	case isPart && strings.HasSuffix(part, "/revisions"):
		f.json(w, []surveysync.Revision{})
	case isPart && r.Method == http.MethodGet:
		w.Header().Set("ETag", surveysync.ETag(f.revs[part]))
		w.Header().Set(surveysync.HeaderDigest, surveysync.Digest(f.bodies[part]))
		w.Header().Set(surveysync.HeaderReceivedAt, testTime.Format(time.RFC3339))
		_, _ = w.Write(f.bodies[part])
	case isPart:
		f.puts++
		body, err := io.ReadAll(r.Body)
		must(f.tb, err)
		replaces, _ := surveysync.ParseETag(r.Header.Get("If-Match"))
		if rec, ok := f.put(body, replaces); !ok {
			w.WriteHeader(http.StatusPreconditionFailed)
			f.json(w, surveysync.NewProblem(surveysync.RevisionConflict, "it"))
		} else if f.lose--; f.lose >= 0 {
			return nil, io.ErrUnexpectedEOF
		} else {
			f.json(w, rec)
		}
	}
	return w.Result(), nil
}

func (f *officeServer) json(w io.Writer, v any) { must(f.tb, json.NewEncoder(w).Encode(v)) }

func (f *officeServer) head() string {
	root, err := tlog.TreeHash(int64(len(f.leaves)), f)
	must(f.tb, err)
	text, err := surveysync.SignCheckpoint(surveysync.Checkpoint{Origin: surveysync.Origin("one"), Size: int64(len(f.leaves)), Root: root}, f.signer)
	must(f.tb, err)
	return text
}

func (f *officeServer) put(body []byte, replaces int) (surveysync.Receipt, bool) {
	s, err := surveysync.ParseSubmission(body)
	must(f.tb, err)
	n, known := f.leafOf[s.SubmissionID]
	if !known {
		if replaces != f.revs[s.Part] {
			return surveysync.Receipt{}, false
		}
		r, _ := testReceipt(s, body, replaces+1)
		leaf, err := surveysync.EntryForReceipt(r).Marshal()
		must(f.tb, err)
		n = int64(len(f.leaves))
		hashes, err := tlog.StoredHashes(n, leaf, f)
		must(f.tb, err)
		f.hashes, f.leaves = append(f.hashes, hashes...), append(f.leaves, leaf)
		f.leafOf[s.SubmissionID], f.bodies[s.Part], f.revs[s.Part] = n, body, replaces+1
	}
	e, err := surveysync.ParseEntry(f.leaves[n])
	must(f.tb, err)
	proof, err := tlog.ProveRecord(int64(len(f.leaves)), n, f)
	must(f.tb, err)
	r, err := surveysync.ReceiptFromEntry(e, n, surveysync.FormatProof(surveysync.Proof{Extra: f.leaves[n], Index: n, Hashes: proof, Checkpoint: f.head()}))
	must(f.tb, err)
	return r, true
}

// device is a computer of the school: a folder and the program on it.
type device struct {
	tb    testing.TB
	dir   string
	store *Store
	net   http.RoundTripper
	ids   *machine
}

func newDevice(tb testing.TB, rt http.RoundTripper, ids *machine) *device {
	d := &device{tb: tb, dir: tb.TempDir(), net: rt, ids: ids}
	d.store = open(tb, d.dir)
	must(tb, d.store.SaveSession(Session{Token: "t", Institution: survey.Institution{ID: "i1", Code: "MIIS00100B", Codes: []string{"MIIS00100B"}}}))
	return d
}

// restart is what a crash between two transactions amounts to.
func (d *device) restart() {
	must(d.tb, d.store.Close())
	d.store = open(d.tb, d.dir)
}

func (d *device) answer(part string, n int) {
	_, err := d.store.Begin(owner, part, surveysync.Digest(nil), survey.Answers{})
	must(d.tb, err)
	_, err = d.store.Set(owner, part, []Change{{Variable: "n", Value: n}})
	must(d.tb, err)
}

func (d *device) submit(part string) error {
	draft, _, err := d.store.Draft(owner, part)
	must(d.tb, err)
	id, body := d.ids.body(content{Answers: draft.Answers}, part, draft.Withdraw)
	return d.store.Enqueue(owner, part, Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body),
		Replaces: draft.Base.Revision, Generation: draft.Generation})
}

func (d *device) sync() surveysync.Report {
	d.tb.Helper()
	box, err := d.store.Box(owner)
	must(d.tb, err)
	client, err := surveysync.NewClient(surveysync.Options{Server: "http://server", Token: "t", HTTP: d.net})
	must(d.tb, err)
	s := &surveysync.Syncer{Client: client, Box: box, Shelf: box, Down: box, Log: box, Forced: true}
	rep, err := s.Run(d.tb.Context())
	must(d.tb, err)
	return rep
}

func (d *device) draft(part string) Draft {
	out, _, err := d.store.Draft(owner, part)
	must(d.tb, err)
	return out
}

// TestLostAnswerAndCrash: the answer is lost, the program dies, the resend
// brings the same receipt and it is settled once.
func TestLostAnswerAndCrash(t *testing.T) {
	f := newOfficeServer(t)
	d := newDevice(t, f, &machine{})
	d.answer("general", 1)
	must(t, d.submit("general"))
	f.lose = 1
	if rep := d.sync(); len(rep.Sent) != 0 || rep.Waiting[0].Code != surveysync.CauseCut {
		t.Fatalf("%+v", rep)
	}
	d.restart()
	d.answer("general", 2) // typed meanwhile
	wantCode(t, d.submit("general"), CodePendingUnknown)
	if rep := d.sync(); len(rep.Sent) != 1 || len(rep.Fetched) != 0 {
		t.Fatalf("%+v", rep)
	}
	d.restart()
	if got := d.draft("general"); got.Base.Revision != 1 || got.Sent || got.Answers["n"] != 2 {
		t.Errorf("%+v", got)
	}
	must(t, d.submit("general"))
	if rep := d.sync(); len(rep.Sent) != 1 || rep.Sent[0].Receipt.Revision != 2 || f.puts != 3 || len(f.leafOf) != 2 {
		t.Errorf("%+v", rep)
	}
	if got := d.draft("general"); !got.Sent || got.Touched {
		t.Errorf("%+v", got)
	}
	if receipts, _ := d.store.Receipts(owner); len(receipts) != 2 {
		t.Error(receipts)
	} else if _, _, err := surveysync.VerifyReceipt(receipts[0].Raw, f.verifier); err != nil {
		t.Error("a kept receipt does not verify", err)
	}
	if attempts, _ := d.store.Attempts(owner, 0); len(attempts) != 3 || attempts[0].Code != surveysync.CodeAccepted {
		t.Error(attempts)
	}
}

// TestCrashWhileSending: the program dies after the bytes have left and before
// anything is noted. They count as sent.
func TestCrashWhileSending(t *testing.T) {
	f := newOfficeServer(t)
	d := newDevice(t, f, &machine{})
	d.answer("general", 1)
	must(t, d.submit("general"))
	must(t, d.store.Sending(owner, "general"))
	entries, err := d.store.Outbox(owner)
	must(t, err)
	if _, ok := f.put(entries[0].Body, 0); !ok { // they arrive
		t.Fatal("not stored")
	}
	d.restart()
	wantCode(t, d.submit("general"), CodePendingUnknown)
	if rep := d.sync(); len(rep.Sent) != 1 || rep.Sent[0].Receipt.Revision != 1 || len(f.leafOf) != 1 {
		t.Fatalf("%+v", rep)
	}
}

// TestCrashWhileSendingThenOffline: after such a crash a pass that does not
// reach the server must not make the bytes count as never sent: a new
// submission would meet its own stored revision as a conflict.
func TestCrashWhileSendingThenOffline(t *testing.T) {
	f := newOfficeServer(t)
	d := newDevice(t, f, &machine{})
	d.answer("general", 1)
	must(t, d.submit("general"))
	must(t, d.store.Sending(owner, "general"))
	entries, err := d.store.Outbox(owner)
	must(t, err)
	if _, ok := f.put(entries[0].Body, 0); !ok { // they arrive
		t.Fatal("not stored")
	}
	d.restart()
	d.net = roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network") })
	d.sync()
	d.answer("general", 2)
	wantCode(t, d.submit("general"), CodePendingUnknown)
	d.net = f
	if rep := d.sync(); len(rep.Sent) != 1 || rep.Sent[0].Receipt.Revision != 1 || len(f.leafOf) != 1 {
		t.Fatalf("%+v", rep)
	}
}

// TestOfflineSubmissionCanBeReplaced: what never left may be frozen anew.
func TestOfflineSubmissionCanBeReplaced(t *testing.T) {
	offline := roundTrip(func(*http.Request) (*http.Response, error) { return nil, errors.New("no network") })
	d := newDevice(t, offline, &machine{})
	d.answer("general", 1)
	must(t, d.submit("general"))
	d.sync()
	d.answer("general", 2)
	must(t, d.submit("general"))
	f := newOfficeServer(t)
	d.net = f
	if rep := d.sync(); len(rep.Sent) != 1 || len(f.leafOf) != 1 || d.draft("general").Answers["n"] != 2 || !d.draft("general").Sent {
		t.Errorf("%+v", rep)
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// TestTwoDevices: the second meets a conflict, sees both versions, decides,
// and nothing is lost or doubled.
func TestTwoDevices(t *testing.T) {
	f, ids := newOfficeServer(t), &machine{}
	a, b := newDevice(t, f, ids), newDevice(t, f, ids)
	a.answer("general", 1)
	b.answer("general", 5)
	must(t, a.submit("general"))
	must(t, b.submit("general"))
	a.sync()
	rep := b.sync()
	if len(rep.Waiting) != 1 || rep.Waiting[0].State != surveysync.OpConflict || len(rep.Fetched) != 1 || rep.Fetched[0].Filled {
		t.Fatalf("%+v", rep)
	}
	got := b.draft("general")
	if got.Answers["n"] != 5 || got.Theirs == nil || got.Theirs.Revision != 1 || got.Base.Revision != 0 {
		t.Fatalf("%+v", got)
	}
	if body, ok, err := b.store.Body(owner, got.Theirs.Digest); err != nil || !ok || !bytes.Equal(body, f.bodies["general"]) {
		t.Error("the other version cannot be shown", err)
	}
	must(t, b.store.Resolve(owner, "general", Resolution{Revision: 1, Changes: []Change{{Variable: "n", Value: 6}}}))
	must(t, b.submit("general"))
	if rep := b.sync(); len(rep.Sent) != 1 || f.revs["general"] != 2 {
		t.Fatalf("%+v", rep)
	}
	// The first device has nothing unsent: it takes the new revision in.
	if rep := a.sync(); len(rep.Fetched) != 1 || !rep.Fetched[0].Filled || a.draft("general").Answers["n"] != 6 {
		t.Errorf("%+v", rep)
	}
	// A new device finds everything.
	c := newDevice(t, f, ids)
	if rep := c.sync(); len(rep.Fetched) != 1 || c.draft("general").Answers["n"] != 6 || !c.draft("general").Sent {
		t.Errorf("%+v", rep)
	}
}

// TestSigningInAgain: what waited for it goes on by itself.
func TestSigningInAgain(t *testing.T) {
	d := newDevice(t, newOfficeServer(t), &machine{})
	d.answer("general", 1)
	must(t, d.submit("general"))
	must(t, d.store.Attempted(owner, "general", surveysync.AttemptResult{State: surveysync.OpNeedsLogin, Fate: surveysync.FateUnsent, Code: "unauthorized"}))
	must(t, d.store.SaveSession(Session{Token: "u", Institution: survey.Institution{ID: "i2"}})) // another school
	if q, _ := d.store.Outbox(owner); q[0].State != surveysync.OpNeedsLogin {
		t.Error(q)
	}
	must(t, d.store.SaveSession(Session{Token: "u", Institution: survey.Institution{ID: "i1"}}))
	if q, _ := d.store.Outbox(owner); q[0].State != surveysync.OpQueued {
		t.Error(q)
	}
	must(t, d.store.Attempted(owner, "general", surveysync.AttemptResult{State: surveysync.OpRefused, Fate: surveysync.FateNotStored, Code: "survey_closed"}))
	must(t, d.store.Requeue(owner, "general"))
	if rep := d.sync(); len(rep.Sent) != 1 {
		t.Errorf("%+v", rep)
	}
	must(t, d.store.Withdraw(owner, "general"))
}

// downloaded is a revision as it comes from the server.
func downloaded(body []byte, revision int) surveysync.PartBody {
	return surveysync.PartBody{Body: body, Revision: revision, Digest: surveysync.Digest(body), ReceivedAt: testTime, Device: "computer-B"}
}
