package server

import (
	"bytes"
	"context"
	"testing"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// TestForgottenPart: after personal data were taken out of a revision each
// answer says which digest its bytes have now and which they were sent with; a
// copy from before is never called the same, and the same bytes sent again are
// what they were.
func TestForgottenPart(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	s := w.submission("general")
	first := w.sent(token, s, 0, 201)
	_, err := w.store.Store.(store.Eraser).Erase(context.Background(), w.state.ID, func(sub store.Submission) ([]byte, error) {
		return bytes.Replace(sub.Body, []byte(`"completed_at"`), []byte(` "completed_at"`), 1), nil
	}, store.Act{Actor: "office", Outcome: "done"})
	w.must(err)

	kept := ""
	for _, path := range []string{"/api/v1/parts/general", "/api/v1/parts/general/revisions/1"} {
		g := w.done(w.do(request{method: "GET", path: path, token: token, header: []string{`If-None-Match: "1"`}}), 200)
		kept = g.Header().Get(surveysync.HeaderKept)
		if kept != surveysync.Digest(g.Body.Bytes()) || kept == first.ContentDigest {
			t.Errorf("%s: the bytes have %s, the header says %s", path, surveysync.Digest(g.Body.Bytes()), kept)
		}
		if g.Header().Get(surveysync.HeaderDigest) != first.ContentDigest || g.Header().Get("ETag") != `"1"` {
			t.Errorf("%s: what was sent is told otherwise now: %v", path, g.Header())
		}
	}
	var ret surveysync.Return
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200), &ret)
	if p := ret.Parts[0]; p.ContentDigest != first.ContentDigest || p.KeptDigest != kept || p.State != "submitted" {
		t.Errorf("the return says %+v", p)
	}
	var list []surveysync.Revision
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/parts/general/revisions", token: token}), 200), &list)
	if len(list) != 1 || list[0].ContentDigest != first.ContentDigest || list[0].KeptDigest != kept {
		t.Errorf("the history says %+v", list)
	}
	var again surveysync.Receipt
	w.read(w.done(w.put(token, s, 0), 200), &again)
	if again.Number != first.Number || again.ContentDigest != first.ContentDigest {
		t.Errorf("the same bytes again give %+v", again)
	}
}
