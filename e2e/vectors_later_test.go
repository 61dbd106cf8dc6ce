package e2e_test

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strconv"

	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// merged records a revision that came of two, and how the log proves that it
// holds all that an older checkpoint commits to. Before it comes a copy of the
// store, which restored goes back to.
func (r *recorder) merged(base surveysync.Submission, kept surveysync.Checkpoint, key string) surveysync.Submission {
	r.t.Helper()
	_, err := r.engine.Backup(r.t.Context(), filepath.Join(r.dir, "copy.db"))
	r.must(err)
	s := base
	s.SubmissionID = "0193b3a0-0000-7000-8000-000000000004"
	s.Answers = survey.Answers{"school_code": "MIIS00100B", "students": 32, "tracks_offered": []string{"tecnico"}}
	s.Merge = &surveysync.MergeRecord{Base: 1, Theirs: 2, Kept: surveysync.Kept{Mine: []string{"students"}, Theirs: []string{}}, Taken: []string{}}
	receipt := r.verified(r.put("14-put-merged.txt", s, 2, 200).Body.Bytes(), key)
	_, leaf, err := surveysync.VerifyReceipt(asBody(receipt), key)
	r.must(err)
	if want := "merged base 1 theirs 2: kept mine 1, theirs 0; taken 0"; leaf.Note != want {
		r.t.Errorf("the leaf says %q, not %q", leaf.Note, want)
	}
	text := r.get("15-consistency.txt", "/api/v1/log/consistency?old="+strconv.FormatInt(kept.Size, 10)).Body.String()
	got, err := surveysync.ParseConsistency(text)
	r.must(err)
	head, err := surveysync.OpenCheckpoint(got.Checkpoint, key)
	r.must(err)
	r.must(surveysync.VerifyConsistency(kept, head, got.Proof))
	return s
}

// rotated records how the log's key names the next one.
func (r *recorder) rotated(key string) {
	r.t.Helper()
	next, err := r.engine.RotateLogKey(r.t.Context(), surveysync.Entry{At: r.now, Actor: surveysync.ActorOffice})
	r.must(err)
	var handovers []string
	r.must(json.Unmarshal(r.get("16-log-keys.txt", "/api/v1/log/keys").Body.Bytes(), &handovers))
	if trusted, err := surveysync.FollowKeys([]string{key}, next, handovers); err != nil || !slices.Contains(trusted, next) {
		r.t.Errorf("from %s to %s: %v, %v", key, next, trusted, err)
	}
	r.files["key-next.txt"] = next + "\n"
}

// restored records what a device says to a server that was restored from the
// copy: it asks what is missing and offers it with the old receipt.
func (r *recorder) restored(lost surveysync.Submission) {
	r.t.Helper()
	number := surveysync.ReceiptNumber(lost.SubmissionID, surveysync.Digest(asBody(lost)))
	receipt := r.get("17-receipt-before-restore.txt", "/api/v1/receipts/"+number).Body.Bytes()
	r.must(r.engine.Close())
	_, err := bolt.Restore(r.t.Context(), filepath.Join(r.dir, "copy.db"), filepath.Join(r.dir, "restored.db"), r.options(random(5)))
	r.must(err)
	r.open("restored.db", r.options(random(6)))
	var info surveysync.ServerInfo
	r.must(json.Unmarshal(r.get("18-server-restored.txt", "/api/v1/server").Body.Bytes(), &info))
	var old surveysync.Receipt
	r.must(json.Unmarshal(receipt, &old))
	var missing surveysync.Missing
	r.must(json.Unmarshal(r.do(exchange{file: "19-reconcile.txt", method: "POST", path: "/api/v1/reconcile",
		body: asBody(surveysync.Reconcile{Epoch: info.Epoch, Held: []surveysync.Receipt{old}})}, 200).Body.Bytes(), &missing))
	if !slices.Equal(missing.Missing, []string{lost.SubmissionID}) {
		r.t.Errorf("missing are %v", missing.Missing)
	}
	again := r.verified(r.do(exchange{file: "20-put-again-after-restore.txt", method: "PUT", path: "/api/v1/parts/general",
		header: [][2]string{{"If-Match", surveysync.ETag(old.Revision - 1)}, {surveysync.HeaderReceipt, string(asBody(old))}},
		body:   asBody(lost)}, 200).Body.Bytes(), info.LogKey)
	if again.Number != old.Number || again.Revision != old.Revision || !again.ReceivedAt.Equal(old.ReceivedAt) || again.Late != old.Late {
		r.t.Errorf("%+v came back as %+v", old, again)
	}
	r.files["key-restored.txt"] = info.LogKey + "\n"
}
