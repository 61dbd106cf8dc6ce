package server

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TestFlow is a school's year: the letter, the password, the questionnaire,
// two parts, a correction, receipts that verify, the end of the session.
func TestFlow(t *testing.T) {
	w := newWorld(t)
	in := request{method: "POST", path: "/api/v1/sessions",
		body: asJSON(surveysync.SignIn{Code: " miis 00100b ", Password: strings.ToLower(w.letter[w.state.ID]), Device: "PC\x1b[31m 1"})}
	w.valid(in)
	var session surveysync.Session
	w.read(w.done(w.do(in), 201), &session)
	if !session.MustChangePassword || session.Institution.Code != "MIIS00100B" || !session.ExpiresAt.Equal(noon.Add(30*24*time.Hour)) {
		t.Errorf("session %+v", session)
	}
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: session.Token}), surveysync.PasswordChangeRequired)
	change := request{method: "PUT", path: "/api/v1/password", token: session.Token,
		body: asJSON(surveysync.PasswordChange{Current: w.letter[w.state.ID], New: goodPassword})}
	w.valid(change)
	w.done(w.do(change), 204)
	w.done(w.do(change), 204) // the answer was lost

	var ret surveysync.Return
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: session.Token}), 200), &ret)
	if ret.State != survey.ReturnNotStarted || len(ret.Parts) != 1 || ret.Parts[0].State != survey.PartMissing || ret.Survey.Questionnaire != w.digest {
		t.Errorf("return before anything was sent: %+v", ret)
	}
	w.fetchQuestionnaire(session.Token)

	general := w.submission(survey.GeneralPart)
	first := w.sent(session.Token, general, 0, 201)
	w.sent(session.Token, w.submission("tecnico"), 0, 201)
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: session.Token}), 200), &ret)
	if ret.State != survey.ReturnComplete || len(ret.Parts) != 2 || ret.Parts[1].Part != "tecnico" || ret.Parts[1].Revision != 1 {
		t.Errorf("return with everything in: %+v", ret)
	}
	general.SubmissionID = "0193ffff-0000-7000-8000-000000000001"
	general.Answers["students"] = 31
	w.sent(session.Token, general, 1, 200)
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: session.Token}), 200), &ret)
	if ret.State != survey.ReturnInconsistent || len(ret.Findings) != 1 || ret.Findings[0].Check != "S05" {
		t.Errorf("return of parts that do not agree: %+v", ret)
	}
	w.history(session.Token, first)
	w.done(w.do(request{method: "DELETE", path: "/api/v1/session", token: session.Token}), 204)
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: session.Token}), surveysync.Unauthorized)
	if faults, err := w.store.Check(context.Background()); err != nil || len(faults) > 0 {
		t.Errorf("the store: %v %v", err, faults)
	}
}

// sent puts a part, sends it again and verifies the receipt of both.
func (w *world) sent(token string, s surveysync.Submission, replaces, status int) surveysync.Receipt {
	w.t.Helper()
	r := w.putRequest(token, s, replaces)
	w.valid(r)
	g := w.done(w.do(r), status)
	meta, err := w.store.Meta(context.Background())
	w.must(err)
	receipt, leaf, err := surveysync.VerifyReceipt(g.Body.Bytes(), meta.LogKey)
	w.must(err)
	if leaf.Incident != g.Header().Get(surveysync.HeaderIncident) || leaf.Size != int64(len(r.body)) || !strings.HasPrefix(leaf.Device, "PC") {
		w.t.Errorf("the leaf does not tell of the attempt: %+v", leaf)
	}
	if tag := g.Header().Get("ETag"); tag != surveysync.ETag(receipt.Revision) || receipt.Revision != replaces+1 {
		w.t.Errorf("revision %d, ETag %s", receipt.Revision, tag)
	}
	again := w.done(w.do(r), 200)
	other, _, err := surveysync.VerifyReceipt(again.Body.Bytes(), meta.LogKey)
	w.must(err)
	if other.Number != receipt.Number || other.LeafIndex != receipt.LeafIndex {
		w.t.Errorf("the same submission got two receipts: %+v, %+v", receipt, other)
	}
	current := w.done(w.do(request{method: "GET", path: r.path, token: token}), 200)
	if current.Body.String() != r.body || current.Header().Get(surveysync.HeaderState) != survey.PartSubmitted ||
		current.Header().Get(surveysync.HeaderDigest) != receipt.ContentDigest {
		w.t.Errorf("the part is not given back as it was sent: %v %s", current.Header(), current.Body)
	}
	w.done(w.do(request{method: "GET", path: r.path, token: token, header: []string{"If-None-Match: " + surveysync.ETag(receipt.Revision)}}), 304)
	return receipt
}

func (w *world) fetchQuestionnaire(token string) {
	w.t.Helper()
	path := "/api/v1/questionnaires/" + w.digest
	g := w.done(w.do(request{method: "GET", path: path, token: token}), 200)
	if survey.DigestOf(g.Body.Bytes()) != w.digest || !strings.Contains(g.Header().Get("Cache-Control"), "immutable") {
		w.t.Errorf("questionnaire: %v", g.Header())
	}
	for _, tag := range []string{g.Header().Get("ETag"), "*", `"x", W/` + g.Header().Get("ETag")} {
		g = w.done(w.do(request{method: "GET", path: path, token: token, header: []string{"If-None-Match: " + tag}}), 304)
		if g.Body.Len() > 0 {
			w.t.Error("a 304 with a body")
		}
	}
	w.wants(w.do(request{method: "GET", path: "/api/v1/questionnaires/sha256:00", token: token}), surveysync.NotFound)
}

// history looks at the general part after two revisions.
func (w *world) history(token string, first surveysync.Receipt) {
	w.t.Helper()
	var list []surveysync.Revision
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/parts/general/revisions", token: token}), 200), &list)
	if len(list) != 2 || list[0].Number != first.Number || list[1].Revision != 2 || list[0].Device == "" {
		w.t.Errorf("history %+v", list)
	}
	old := w.done(w.do(request{method: "GET", path: "/api/v1/parts/general/revisions/1", token: token}), 200)
	if surveysync.Digest(old.Body.Bytes()) != first.ContentDigest {
		w.t.Error("revision 1 is not what was sent")
	}
	w.done(w.do(request{method: "GET", path: "/api/v1/parts/general/revisions/1", token: token, header: []string{`If-None-Match: "1"`}}), 304)
	if g := w.done(w.do(request{method: "GET", path: "/api/v1/parts/liceale/revisions", token: token}), 200); g.Body.String() != "[]" {
		w.t.Errorf("history of a part that was never sent: %s", g.Body)
	}
	for _, path := range []string{"parts/liceale", "parts/nessuna", "parts/nessuna/revisions", "parts/general/revisions/0",
		"parts/general/revisions/3", "parts/general/revisions/01", "parts/general/revisions/x", "receipts/0000-0000-0000", "receipts/x"} {
		w.wants(w.do(request{method: "GET", path: "/api/v1/" + path, token: token}), surveysync.NotFound)
	}
	g := w.done(w.do(request{method: "GET", path: "/api/v1/receipts/" + strings.ToLower(first.Number), token: token}), 200)
	meta, err := w.store.Meta(context.Background())
	w.must(err)
	if r, _, err := surveysync.VerifyReceipt(g.Body.Bytes(), meta.LogKey); err != nil || r.Number != first.Number {
		w.t.Errorf("receipt: %v %s", err, g.Body)
	}
	// Another school finds none of it.
	other := w.token(w.private)
	for _, path := range []string{"parts/general", "parts/general/revisions/1", "receipts/" + first.Number} {
		w.wants(w.do(request{method: "GET", path: "/api/v1/" + path, token: other}), surveysync.NotFound)
	}
}

func TestOpenCalls(t *testing.T) {
	w := newWorld(t)
	var info surveysync.ServerInfo
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/server"}), 200), &info)
	meta, err := w.store.Meta(context.Background())
	w.must(err)
	if info.Name != "Rileva" || info.Version != "0.1-test" || info.Survey != "prova-2023" || info.Epoch != meta.Epoch || info.LogKey != meta.LogKey || !info.Time.Equal(noon) {
		t.Errorf("server %+v", info)
	}
	head := w.done(w.do(request{method: "GET", path: "/api/v1/log/checkpoint"}), 200)
	if _, err := surveysync.OpenCheckpoint(head.Body.String(), meta.LogKey); err != nil {
		t.Error(err)
	}
	for _, path := range []string{"/healthz", "/readyz", "/api/v1/openapi.yaml"} {
		w.done(w.do(request{method: "GET", path: path}), 200)
		if g := w.do(request{method: "HEAD", path: path}); g.Code != 200 {
			t.Errorf("HEAD %s: %d", path, g.Code)
		}
	}
}

// TestNoCalls: what is no call gets a problem, never a page of the router's.
func TestNoCalls(t *testing.T) {
	w := newWorld(t)
	for _, r := range []request{
		{method: "GET", path: "/"}, {method: "GET", path: "/index.html"}, {method: "GET", path: "/api/v1"},
		{method: "GET", path: "/api/v1/server/"}, {method: "GET", path: "//api/v1/server"}, {method: "GET", path: "/api/v2/server"},
		{method: "POST", path: "/api/v1/server"}, {method: "DELETE", path: "/api/v1/parts/general"}, {method: "PATCH", path: "/api/v1/password"},
		{method: "OPTIONS", path: "/api/v1/server"}, {method: "TRACE", path: "/healthz"}, {method: "BREW", path: "/healthz"},
		{method: "GET", path: "/api/v1/parts/"}, {method: "GET", path: "/api/v1/parts/a%2Fb"}, {method: "GET", path: "/../etc/passwd"},
		{method: "GET", path: "/api/v1/reconcile"}, {method: "GET", path: "/metrics"},
	} {
		w.wants(w.do(r), surveysync.NotFound)
	}
}

func TestIncidentAndLanguage(t *testing.T) {
	w := newWorld(t)
	g := w.do(request{method: "GET", path: "/nothing", header: []string{"Rileva-Incident: abcd-01o1", "Accept-Language: en-GB;q=0.8, de"}})
	if p := w.wants(g, surveysync.NotFound); p.Incident != "ABCD-0101" || p.Title != "Not found" || g.Header().Get("Content-Language") != "en" {
		t.Errorf("%+v", p)
	}
	g = w.do(request{method: "GET", path: "/nothing", header: []string{"Rileva-Incident: <script>"}})
	if p := w.wants(g, surveysync.NotFound); p.Title != "Non trovato" || p.Incident == "" {
		t.Errorf("%+v", p)
	}
	for header, want := range map[string]string{"": "it", "fr": "it", "en": "en", "EN-us": "en", "it, en": "it", "en;q=0.5, it;q=0.6": "it",
		"en;q=0": "it", "en;q=x": "it", "*": "it", ",,;": "it", "en;q=9": "it"} {
		if lang := language([]string{header}); lang != want {
			t.Errorf("%q: %s", header, lang)
		}
	}
}

// TestStarPath: net/http must not answer this one by itself, without our
// headers.
func TestStarPath(t *testing.T) {
	w := newWorld(t)
	conn, err := net.Dial("tcp", strings.TrimPrefix(w.listen(t), "http://"))
	w.must(err)
	_, err = io.WriteString(conn, "OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
	w.must(err)
	raw, err := io.ReadAll(conn)
	w.must(errors.Join(err, conn.Close()))
	says(t, string(raw), "404 Not Found")
	says(t, string(raw), "Rileva-Protocol: 1")
}

// TestTooLarge: over a real connection the refusal of what is too large
// arrives, whatever else is still on its way.
func TestTooLarge(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	srv := w.listen(t)
	for name, size := range map[string]int{"1 MiB and 1 byte": surveysync.MaxBody + 1, "5 MiB": 5 << 20} {
		for _, chunked := range []bool{false, true} {
			before := len(w.lines(0))
			var body any = strings.NewReader(strings.Repeat(" ", size))
			req, err := http.NewRequest("PUT", srv+"/api/v1/parts/general", body.(*strings.Reader))
			w.must(err)
			if chunked {
				req.ContentLength = -1
			}
			req.Header.Set("Content-Type", "application/json")
			req.Header.Set("Authorization", "Bearer "+token)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				if size > surveysync.MaxDrain {
					continue // beyond 4 MiB the contract promises nothing
				}
				t.Fatal(name, err)
			}
			w.must(res.Body.Close())
			if res.StatusCode != 413 || res.Header.Get(surveysync.HeaderProtocol) != "1" {
				t.Errorf("%s: %d", name, res.StatusCode)
			}
			if lines := w.lines(before); len(lines) != 1 || lines[0].Outcome != "too_large" || lines[0].Size == 0 {
				t.Errorf("%s: log %+v", name, lines)
			}
		}
	}
	// Exactly 1 MiB is read, and judged.
	s := w.submission(survey.GeneralPart)
	s.Answers["notes"] = ""
	s.Answers["notes"] = strings.Repeat("a", surveysync.MaxBody-len(asJSON(s)))
	w.done(w.put(token, s, 0), 201)
	s.SubmissionID, s.Answers["notes"] = "0193ffff-0000-7000-8000-000000000001", s.Answers["notes"].(string)+"a"
	w.wants(w.put(token, s, 1), surveysync.TooLarge)
}
