package server

import (
	"fmt"
	"net/http"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// restore takes the server back to a copy, in a new place and with a new key,
// or with the one of this file, and says where its key is.
func (w *world) restore(from, key string) string {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "rileva.db")
	options := bolt.Options{Now: w.clock.now, KeyFile: key, NewKey: key == ""}
	_, err := bolt.Restore(w.t.Context(), from, path, options)
	w.must(err)
	engine, err := bolt.Open(path, options)
	w.must(err)
	w.t.Cleanup(func() { w.must(engine.Close()) })
	w.store.Store = engine
	return path + ".key"
}

// TestRestoredTwice: a copy that is restored a second time knows nothing of the
// life between, and what was acknowledged then is given back all the same.
func TestRestoredTwice(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	_, err := w.store.Backup(t.Context(), copyAt)
	w.must(err)
	key := w.restore(copyAt, "")
	s := w.submission(survey.GeneralPart)
	receipt := w.sent(token, s, 0, 201)
	held := func() request {
		meta, err := w.store.Meta(t.Context())
		w.must(err)
		return request{method: "POST", path: "/api/v1/reconcile", token: token,
			body: asJSON(surveysync.Reconcile{Epoch: meta.Epoch, Held: []surveysync.Receipt{receipt}})}
	}
	var answer surveysync.Missing
	w.read(w.done(w.do(held()), 200), &answer)
	if len(answer.Missing) != 0 {
		t.Errorf("a receipt of the present life is missing: %v", answer)
	}
	w.restore(copyAt, key)
	w.read(w.done(w.do(held()), 200), &answer)
	if !slices.Equal(answer.Missing, []string{s.SubmissionID}) {
		t.Fatalf("missing %v", answer.Missing)
	}
	again := w.putRequest(token, s, 0)
	again.header = append(again.header, "Rileva-Receipt: "+asJSON(receipt))
	var got surveysync.Receipt
	w.read(w.done(w.do(again), 201), &got)
	if got.Number != receipt.Number || got.Revision != 1 || !got.ReceivedAt.Equal(receipt.ReceivedAt) {
		t.Errorf("%+v, was %+v", got, receipt)
	}
	w.restore(copyAt, "") // with another key nobody can tell
	w.read(w.done(w.do(held()), 200), &answer)
	if len(answer.Missing) != 0 {
		t.Errorf("a receipt of a foreign key is believed: %v", answer)
	}
	if faults, err := w.store.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
}

// TestReconcile: after a restore a device learns what is missing, offers it
// again with the old receipts, and gets the same receipts.
func TestReconcile(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	first := w.submission(survey.GeneralPart)
	inCopy := w.sent(token, first, 0, 201)
	copyAt := filepath.Join(t.TempDir(), "copia.db")
	_, err := w.store.Backup(t.Context(), copyAt)
	w.must(err)
	second, track := w.submission(survey.GeneralPart), w.submission("tecnico")
	receipts := []surveysync.Receipt{w.sent(token, second, 1, 200), w.sent(token, track, 0, 201)}

	w.restore(copyAt, "")
	var info surveysync.ServerInfo
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/server"}), 200), &info)
	ask := func(epoch string, held ...surveysync.Receipt) got {
		r := request{method: "POST", path: "/api/v1/reconcile", token: token, body: asJSON(surveysync.Reconcile{Epoch: epoch, Held: held})}
		w.valid(r)
		return w.do(r)
	}
	w.wants(ask("another", inCopy), surveysync.EpochChanged)
	forged := receipts[0]
	forged.Revision = 9
	var answer surveysync.Missing
	w.read(w.done(ask(info.Epoch, inCopy, forged), 200), &answer)
	if len(answer.Missing) != 0 {
		t.Errorf("missing %v of what is there or forged", answer.Missing)
	}
	w.read(w.done(ask(info.Epoch, inCopy, receipts[0], receipts[1]), 200), &answer)
	if !slices.Equal(answer.Missing, []string{second.SubmissionID, track.SubmissionID}) {
		t.Errorf("missing %v", answer.Missing)
	}

	w.clock.set(noon.AddDate(1, 0, 0)) // long closed
	token = w.again(w.state)
	for i, s := range []surveysync.Submission{second, track} {
		r := w.putRequest(token, s, receipts[i].Revision-1)
		w.wants(w.do(r), surveysync.SurveyClosed)
		r.header = append(r.header, "Rileva-Receipt: "+asJSON(receipts[i]))
		w.valid(r)
		var again surveysync.Receipt
		w.read(w.done(w.do(r), map[int]int{1: 201, 2: 200}[receipts[i].Revision]), &again)
		want := receipts[i]
		want.LeafIndex, want.Proof = again.LeafIndex, again.Proof
		if again != want {
			t.Errorf("%+v, was %+v", again, receipts[i])
		}
		w.done(w.do(r), 200) // and again
		r.header = append(r.header, "Rileva-Receipt: {}")
		w.wants(w.do(r), surveysync.Invalid)
	}
	third := w.putRequest(token, w.submission(survey.GeneralPart), 2)
	third.header = append(third.header, "Rileva-Receipt: "+asJSON(receipts[0]))
	w.wants(w.do(third), surveysync.Invalid) // another submission's receipt opens nothing
	w.read(w.done(ask(info.Epoch, receipts...), 200), &answer)
	if len(answer.Missing) != 0 {
		t.Errorf("still missing %v", answer.Missing)
	}
	if faults, err := w.store.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("%v, %v", faults, err)
	}
}

// TestConsistencyCall: a kept checkpoint is proved to be a beginning of the
// log, and what was never a size is refused.
func TestConsistencyCall(t *testing.T) {
	w := newWorld(t)
	head := func() surveysync.Checkpoint {
		text := w.done(w.do(request{method: "GET", path: "/api/v1/log/checkpoint"}), 200).Body.String()
		meta, err := w.store.Meta(t.Context())
		w.must(err)
		c, err := surveysync.OpenCheckpoint(text, meta.LogKey)
		w.must(err)
		return c
	}
	before := head()
	token := w.token(w.state)
	w.sent(token, w.submission(survey.GeneralPart), 0, 201)
	now := head()
	proof := func(old int64) surveysync.Consistency {
		r := request{method: "GET", path: fmt.Sprintf("/api/v1/log/consistency?old=%d", old)}
		w.valid(r)
		c, err := surveysync.ParseConsistency(w.done(w.do(r), 200).Body.String())
		w.must(err)
		return c
	}
	if err := surveysync.VerifyConsistency(before, now, proof(before.Size).Proof); err != nil || now.Size <= before.Size {
		t.Errorf("%d to %d: %v", before.Size, now.Size, err)
	}
	if err := surveysync.VerifyConsistency(before, now, proof(before.Size+1).Proof); err == nil {
		t.Error("the proof of another size holds too")
	}
	if c := proof(now.Size + 100); len(c.Proof) != 0 || c.Checkpoint == "" {
		t.Errorf("beyond the end: %+v", c)
	}
	for _, old := range []string{"", "-1", "x", "01", "9999999999999999999999"} {
		w.wants(w.do(request{method: "GET", path: "/api/v1/log/consistency?old=" + old}), surveysync.Invalid)
	}
	_, err := w.store.RotateLogKey(t.Context(), surveysync.Entry{At: time.Now(), Actor: surveysync.ActorOffice})
	w.must(err)
	var handovers []string
	w.read(w.done(w.do(request{method: http.MethodGet, path: "/api/v1/log/keys"}), 200), &handovers)
	if len(handovers) != 1 {
		t.Errorf("handovers %v", handovers)
	}
}
