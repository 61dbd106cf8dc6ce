package sync

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"rileva/pkg/survey"

	"golang.org/x/mod/sumdb/tlog"
)

const testQuestionnaire = "version: 1\n"

// fakeServer keeps the promises of a server for one institution, in memory,
// and misbehaves on demand.
type fakeServer struct {
	handovers []string
	tb        testing.TB
	mu        sync.Mutex
	log       *memoryLog
	epoch     string
	byID      map[string]int64  // submission id → leaf
	heads     map[string]string // part → body of the current revision
	revs      map[string]int
	puts      []string // parts in the order of arrival
	seen      []http.Header
	spoilt    string // stands in for the proof of the log, when not empty

	// before and after a PUT was stored: they may answer instead (true).
	before, after func(w http.ResponseWriter, r *http.Request) bool
	// forge changes a receipt before it leaves.
	forge func(Receipt) Receipt
}

func newFakeServer(tb testing.TB) *fakeServer {
	return &fakeServer{tb: tb, log: newMemoryLog(tb, "one", 3), epoch: "one", byID: map[string]int64{},
		heads: map[string]string{}, revs: map[string]int{}}
}

func (f *fakeServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.seen = append(f.seen, r.Header.Clone())
	w.Header().Set(HeaderProtocol, Version)
	w.Header().Set(HeaderTime, time.Now().UTC().Format(time.RFC3339Nano))
	path := strings.TrimPrefix(r.URL.Path, BasePath)
	part, isPart := strings.CutPrefix(path, "/parts/")
	switch {
	case path == "/server":
		writeJSON(w, 200, ServerInfo{Name: "prova", Epoch: f.epoch, Survey: "s", LogKey: f.log.verifier, Time: time.Now()})
	case path == "/sessions":
		writeJSON(w, 201, Session{Token: "token", Institution: survey.Institution{ID: "i1", Code: "MIIS00100B"}})
	case path == "/session", path == "/password":
		w.WriteHeader(204)
	case path == "/return":
		ret := Return{Institution: survey.Institution{ID: "i1", Code: "MIIS00100B"}, Epoch: f.epoch,
			Survey: SurveyInfo{ID: "s", Questionnaire: Digest([]byte(testQuestionnaire))}}
		for part, n := range f.revs {
			ret.Parts = append(ret.Parts, PartStatus{Part: part, State: "submitted", Revision: n, ContentDigest: Digest([]byte(f.heads[part]))})
		}
		writeJSON(w, 200, ret)
	case strings.HasPrefix(path, "/questionnaires/"):
		fmt.Fprint(w, testQuestionnaire)
	case path == "/log/keys":
		writeJSON(w, 200, f.handovers)
	case path == "/log/consistency" && f.spoilt != "":
		fmt.Fprint(w, f.spoilt)
	case path == "/log/consistency":
		size := int64(len(f.log.leaves))
		answer := Consistency{Checkpoint: f.log.sign(f.tb, f.log.head(f.tb, size))}
		if old, err := strconv.ParseInt(r.URL.Query().Get("old"), 10, 64); err == nil && old > 0 && old <= size {
			answer.Proof, _ = tlog.ProveTree(size, old, f.log)
		}
		fmt.Fprint(w, answer)
	case path == "/log/checkpoint":
		fmt.Fprint(w, f.log.sign(f.tb, f.log.head(f.tb, int64(len(f.log.leaves)))))
	case isPart && r.Method == http.MethodGet && strings.HasSuffix(part, "/revisions"):
		writeJSON(w, 200, []Revision{})
	case isPart && r.Method == http.MethodGet:
		w.Header().Set("ETag", ETag(f.revs[part]))
		w.Header().Set(HeaderState, "submitted")
		w.Header().Set(HeaderDigest, Digest([]byte(f.heads[part])))
		w.Header().Set(HeaderReceivedAt, "2023-12-18T10:00:00Z")
		fmt.Fprint(w, f.heads[part])
	case isPart:
		f.put(w, r, part)
	default:
		f.problem(w, NotFound)
	}
}

func (f *fakeServer) put(w http.ResponseWriter, r *http.Request, part string) {
	if f.before != nil && f.before(w, r) {
		return
	}
	f.puts = append(f.puts, part)
	body, _ := io.ReadAll(r.Body)
	s, err := ParseSubmission(body)
	if err != nil {
		f.problem(w, Invalid)
		return
	}
	leaf, known := f.byID[s.SubmissionID]
	if !known {
		replaces, _ := ParseETag(r.Header.Get("If-Match"))
		if replaces != f.revs[part] {
			f.problem(w, RevisionConflict)
			return
		}
		leaf = f.store(s, body, replaces+1)
	}
	if f.after != nil && f.after(w, r) {
		return
	}
	rec := f.log.receipt(f.tb, int64(len(f.log.leaves)), leaf)
	if f.forge != nil {
		rec = f.forge(rec)
	}
	writeJSON(w, 201, rec)
}

func (f *fakeServer) store(s Submission, body []byte, revision int) int64 {
	e := leafEntry()
	e.Institution, e.Survey, e.Part, e.Revision = "MIIS00100B", s.Survey, s.Part, revision
	e.SubmissionID, e.ContentDigest, e.Questionnaire = s.SubmissionID, Digest(body), s.Questionnaire
	e.Number = ReceiptNumber(s.SubmissionID, Digest(body))
	leaf := f.log.append(f.tb, mustMarshalEntry(f.tb, e))
	f.byID[s.SubmissionID], f.heads[s.Part], f.revs[s.Part] = leaf, string(body), revision
	return leaf
}

func (f *fakeServer) problem(w http.ResponseWriter, code Code) {
	p := NewProblem(code, "it")
	p.Incident = "SERV-0000"
	w.Header().Set("Content-Type", "application/problem+json")
	writeJSON(w, p.Status, p)
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	w.WriteHeader(status)
	_, _ = w.Write(raw)
}

// RoundTrip serves without a socket, for tests in a bubble of time. An answer
// that panics with http.ErrAbortHandler is lost.
func (f *fakeServer) RoundTrip(r *http.Request) (resp *http.Response, err error) {
	defer func() {
		if p := recover(); p != nil {
			resp, err = nil, io.ErrUnexpectedEOF
		}
	}()
	rec := httptest.NewRecorder()
	if r.Body == nil {
		r.Body = http.NoBody
	}
	f.ServeHTTP(rec, r)
	return rec.Result(), nil
}

// transport is a RoundTripper made of a function.
type transport func(*http.Request) (*http.Response, error)

func (f transport) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func testClient(tb testing.TB, server string, rt http.RoundTripper) *Client {
	tb.Helper()
	c, err := NewClient(Options{Server: server, Token: "token", Version: "test", HTTP: rt})
	if err != nil {
		tb.Fatal(err)
	}
	return c
}

// frozenBody makes the body of one submission; id tells submissions apart.
func frozenBody(tb testing.TB, part string, id int) []byte {
	tb.Helper()
	raw, err := json.Marshal(Submission{SubmissionID: fmt.Sprintf("0193b3a0-0000-7000-8000-%012d", id), Institution: "MIIS00100B",
		Survey: "s", Part: part, Questionnaire: Digest([]byte(testQuestionnaire)), Answers: survey.Answers{"n": id},
		CompletedAt: time.Date(2023, 12, 18, 10, 0, 0, 0, time.UTC)})
	if err != nil {
		tb.Fatal(err)
	}
	return raw
}

func TestClientCalls(t *testing.T) {
	f := newFakeServer(t)
	srv := httptest.NewServer(f)
	defer srv.Close()
	c := testClient(t, srv.URL+"/", nil)
	ctx := WithIncident(t.Context(), "ABCD-1234")
	body := frozenBody(t, "general", 1)

	info, err := c.Server(ctx)
	if err != nil || info.Epoch != "one" {
		t.Fatal(info, err)
	}
	c.Trust(info.LogKey)
	if s, err := c.SignIn(ctx, SignIn{Code: "MIIS00100B"}); err != nil || s.Token != "token" {
		t.Fatal(s, err)
	}
	if err := c.ChangePassword(ctx, PasswordChange{}); err != nil {
		t.Fatal(err)
	}
	r, raw, err := c.Put(ctx, "general", body, 0, "PUTT-0001")
	if err != nil || r.Revision != 1 || len(raw) == 0 {
		t.Fatal(r, err)
	}
	if got := f.seen[len(f.seen)-1]; got.Get(HeaderIncident) != "PUTT-0001" || got.Get("If-None-Match") != "*" ||
		got.Get(HeaderClient) != "test" || got.Get("Accept-Language") != "it" || got.Get("Authorization") != "Bearer token" {
		t.Error(got)
	}
	if p, err := c.Part(ctx, "general"); err != nil || !bytes.Equal(p.Body, body) || p.Revision != 1 {
		t.Error(p, err)
	}
	if ret, _, err := c.Return(ctx); err != nil || len(ret.Parts) != 1 {
		t.Error(ret, err)
	}
	if q, err := c.Questionnaire(ctx, Digest([]byte(testQuestionnaire))); err != nil || string(q) != testQuestionnaire {
		t.Error(q, err)
	}
	var lost *NetError
	if _, err := c.Questionnaire(ctx, Digest(nil)); !errors.As(err, &lost) || lost.Cause != CauseProtocol {
		t.Error("other bytes were taken for the questionnaire", err)
	}
	if list, err := c.Revisions(ctx, "general"); err != nil || list == nil {
		t.Error(list, err)
	}
	if head, _, err := c.Checkpoint(ctx); err != nil || head.Size != 1 {
		t.Error(head, err)
	}
	if last := c.Last(); last.Incident != "ABCD-1234" || last.Skew().Abs() > time.Minute {
		t.Error(last)
	}
	if err := c.SignOut(ctx); err != nil || c.SignedIn() {
		t.Error(err)
	}
}

func TestConflictTellsWhatStandsThere(t *testing.T) {
	f := newFakeServer(t)
	leaf := f.store(must(ParseSubmission(frozenBody(t, "general", 1)))(t), frozenBody(t, "general", 1), 1)
	rec := f.log.receipt(t, 1, leaf)
	f.before = func(w http.ResponseWriter, _ *http.Request) bool {
		fields := map[string]any{}
		_ = json.Unmarshal(mustMarshalReceipt(t, rec), &fields)
		fields["device"] = "segreteria-2"
		writeJSON(w, 412, map[string]any{"code": "revision_conflict", "status": 412, "title": "x", "current": fields})
		return true
	}
	c := testClient(t, "http://server", f)
	_, _, err := c.Put(t.Context(), "general", frozenBody(t, "general", 2), 0, "ABCD-1234")
	var p *Problem
	if !errors.As(err, &p) || p.Code != RevisionConflict || p.Incident != "ABCD-1234" {
		t.Fatal(err)
	}
	if p.Current == nil || p.Current.Device != "segreteria-2" || p.Current.Revision != 1 || p.Current.ContentDigest != rec.ContentDigest {
		t.Errorf("current is lost: %+v", p.Current)
	}
}

// TestRefusalOutlivesItsAttachments: what cannot be read of a refusal must not
// turn it into an answer of a stranger, which would be sent again for ever.
func TestRefusalOutlivesItsAttachments(t *testing.T) {
	for name, body := range map[string]string{
		"another form of current":   `{"code":"revision_conflict","status":412,"current":["later"]}`,
		"another form of a date":    `{"code":"revision_conflict","status":412,"due":"tomorrow","findings":7}`,
		"a code of a later version": `{"code":"office_on_holiday","status":412,"until":"2030-01-01"}`,
	} {
		p, ok := ParseProblem(412, []byte(body))
		if !ok || p.Code == "" || p.Current != nil || p.Due != nil || p.Findings != nil {
			t.Errorf("%s: %v %+v", name, ok, p)
		}
	}
	for _, body := range []string{`{"status":412}`, `{"code":"invalid","status":400}`, `<html>`, `[]`} {
		if p, ok := ParseProblem(412, []byte(body)); ok {
			t.Errorf("%s is taken for a refusal: %+v", body, p)
		}
	}
	if p, ok := ParseProblem(412, []byte(`{"code":"revision_conflict","status":412,"current":{"device":"B","received_at":"?"}}`)); !ok || p.Current == nil || p.Current.Device != "B" {
		t.Errorf("the device of the other revision is lost: %+v", p)
	}
}

func must[T any](v T, err error) func(testing.TB) T {
	return func(tb testing.TB) T {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
		return v
	}
}

// TestNothingButTheServerIsBelieved has every kind of answer that is not one.
func TestNothingButTheServerIsBelieved(t *testing.T) {
	page := func(status int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html; charset=utf-8")
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(status)
			fmt.Fprint(w, "<html>Benvenuti</html>")
		}
	}
	ours := []string{HeaderProtocol, "1", HeaderTime, "2023-12-18T10:00:00Z"}
	for _, tc := range []struct {
		name    string
		handler http.HandlerFunc
		cause   string
	}{
		{"captive portal", page(200), CausePortal},
		{"portal by the book", page(511), CausePortal},
		{"redirect to another host", page(302, "Location", "http://login.wifi.example/hotspot?x=1"), CauseRedirect},
		{"redirect by a Rileva server", page(301, append(ours, "Location", "https://server/")...), CauseRedirect},
		{"proxy wants a password", page(407), CauseProxyAuth},
		{"proxy forbids", page(403, "Via", "1.1 squid"), CauseProxy},
		{"gateway without a server", page(502), CauseProxy},
		{"another program", page(404), CauseProtocol},
		{"a later protocol", page(200, HeaderProtocol, "2"), CauseVersion},
		{"our headers, their page", page(200, ours...), CauseProtocol},
		{"no time", page(200, HeaderProtocol, "1"), CauseProtocol},
		{"an error without a problem", page(500, ours...), CauseProtocol},
		{"cut off in the middle", page(200, append(ours, "Content-Length", "9999")...), CauseCut},
		{"no answer at all", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, CauseCut},
	} {
		t.Run(tc.name, func(t *testing.T) {
			srv := httptest.NewServer(tc.handler)
			defer srv.Close()
			_, _, err := testClient(t, srv.URL, nil).Put(t.Context(), "general", frozenBody(t, "general", 1), 0, "")
			var lost *NetError
			if !errors.As(err, &lost) || lost.Cause != tc.cause {
				t.Fatalf("%v, want cause %s", err, tc.cause)
			}
			if !lost.Left || lost.Incident == "" {
				t.Errorf("the bytes have left: %+v", lost)
			}
			if state, fate := Classify(err); state != OpQueued || fate != FateUnknown {
				t.Error(state, fate)
			}
			checkWords(t, lost)
		})
	}
	var lost *NetError
	srv := httptest.NewServer(page(302, "Location", "http://login.wifi.example/hotspot"))
	defer srv.Close()
	if _, err := testClient(t, srv.URL, nil).Server(t.Context()); !errors.As(err, &lost) ||
		!strings.Contains(lost.Sentence("it"), "login.wifi.example") {
		t.Error("the other host is not named", err)
	}
}

func checkWords(t *testing.T, e *NetError) {
	t.Helper()
	for _, lang := range []string{"it", "en"} {
		for _, s := range []string{e.Sentence(lang), e.Hint(lang)} {
			if len(s) < 20 || strings.Contains(s, "%") {
				t.Errorf("%s %s: %q", e.Cause, lang, s)
			}
		}
	}
}

func TestNetworkCauses(t *testing.T) {
	dial := func(err error) error { return &net.OpError{Op: "dial", Net: "tcp", Err: err} }
	for _, tc := range []struct {
		err   error
		cause string
	}{
		{dial(&net.DNSError{Err: "no such host", IsNotFound: true}), CauseDNS},
		{dial(&net.DNSError{Err: "i/o timeout", IsTimeout: true}), CauseDNS},
		{dial(syscall.ECONNREFUSED), CauseRefused},
		{dial(wsaECONNREFUSED), CauseRefused},
		{dial(syscall.ENETUNREACH), CauseOffline},
		{dial(wsaEHOSTUNREACH), CauseOffline},
		{dial(context.DeadlineExceeded), CauseTimeout},
		{context.DeadlineExceeded, CauseTimeout},
		{context.Canceled, CauseStopped},
		{&net.OpError{Op: "proxyconnect", Err: syscall.ECONNREFUSED}, CauseProxy},
		{&proxyRefusal{407}, CauseProxyAuth},
		{&proxyRefusal{502}, CauseProxy},
		{x509.UnknownAuthorityError{}, CauseAuthority},
		{x509.HostnameError{Certificate: &x509.Certificate{}, Host: "x"}, CauseName},
		{x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{}}, CauseExpired},
		{x509.CertificateInvalidError{Reason: x509.Expired, Cert: &x509.Certificate{NotBefore: time.Now().Add(time.Hour)}}, CauseClock},
		{x509.CertificateInvalidError{Reason: x509.NotAuthorizedToSign, Cert: &x509.Certificate{}}, CauseAuthority},
		{syscall.ECONNRESET, CauseCut},
		{io.ErrUnexpectedEOF, CauseCut},
		{errors.New("something new"), CauseCut},
	} {
		c := testClient(t, "https://server.example", transport(func(*http.Request) (*http.Response, error) { return nil, tc.err }))
		_, err := c.Server(t.Context())
		var lost *NetError
		if !errors.As(err, &lost) || lost.Cause != tc.cause {
			t.Errorf("%v: %v, want %s", tc.err, err, tc.cause)
			continue
		}
		checkWords(t, lost)
		if !errors.Is(err, tc.err) {
			t.Errorf("%v is not wrapped", tc.err)
		}
	}
}

// TestStepsOfARealNetwork: what never left must not count as sent.
func TestStepsOfARealNetwork(t *testing.T) {
	closed := httptest.NewServer(http.NotFoundHandler())
	closed.Close()
	foreign := httptest.NewTLSServer(newFakeServer(t))
	foreign.Config.ErrorLog = nil
	defer foreign.Close()
	plain := httptest.NewServer(newFakeServer(t))
	defer plain.Close()
	for _, tc := range []struct{ name, server, cause, step string }{
		{"nothing listens", closed.URL, CauseRefused, StepConnect},
		{"unknown authority", foreign.URL, CauseAuthority, StepTLS},
		{"http behind https", strings.Replace(plain.URL, "http:", "https:", 1), CauseTLS, StepTLS},
	} {
		t.Run(tc.name, func(t *testing.T) {
			_, _, err := testClient(t, tc.server, nil).Put(t.Context(), "general", frozenBody(t, "general", 1), 0, "")
			var lost *NetError
			if !errors.As(err, &lost) || lost.Cause != tc.cause || lost.Step != tc.step || lost.Left {
				t.Fatalf("%+v", err)
			}
			if state, fate := Classify(err); state != OpQueued || fate != FateUnsent {
				t.Error(state, fate)
			}
		})
	}
}

func TestNewClientRefuses(t *testing.T) {
	for _, server := range []string{"", "server.example", "ftp://x", "https://", "https://user:pw@x", "http://[::1", "javascript:alert(1)"} {
		var lost *NetError
		if _, err := NewClient(Options{Server: server}); !errors.As(err, &lost) || lost.Cause != CauseAddress {
			t.Errorf("%q: %v", server, err)
		} else {
			checkWords(t, lost)
		}
	}
	for _, server := range []string{"https://x", "https://x/", "https://x/api/v1", "https://x/api/v1/", " https://x "} {
		c, err := NewClient(Options{Server: server})
		if err != nil || c.base.String() != "https://x" {
			t.Errorf("%q: %v %v", server, c, err)
		}
	}
}

// TestForgedReceipts: each differs in one field from the one that is due.
func TestForgedReceipts(t *testing.T) {
	other := Digest([]byte("other"))
	for name, forge := range map[string]func(Receipt) Receipt{
		"content_digest": func(r Receipt) Receipt { r.ContentDigest = other; return r },
		"submission_id":  func(r Receipt) Receipt { r.SubmissionID = "0193b3a0-0000-7000-8000-999999999999"; return r },
		"part":           func(r Receipt) Receipt { r.Part = "tecnico"; return r },
		"survey":         func(r Receipt) Receipt { r.Survey = "t"; return r },
		"questionnaire":  func(r Receipt) Receipt { r.Questionnaire = other; return r },
		"number":         func(r Receipt) Receipt { r.Number = "0000-0000-0000"; return r },
		"revision":       func(r Receipt) Receipt { r.Revision = 7; return r },
	} {
		for _, withKey := range []bool{false, true} {
			f := newFakeServer(t)
			f.forge = forge
			c := testClient(t, "http://server", f)
			if withKey {
				c.Trust(f.log.verifier)
			}
			_, _, err := c.Put(t.Context(), "general", frozenBody(t, "general", 1), 0, "")
			if _, fate := Classify(err); err == nil || fate != FateUnknown {
				t.Errorf("%s, key %v: %v", name, withKey, err)
			}
		}
	}
	// A field that only the proof can betray.
	f := newFakeServer(t)
	f.forge = func(r Receipt) Receipt { r.Late = !r.Late; return r }
	c := testClient(t, "http://server", f)
	c.Trust(f.log.verifier)
	if _, _, err := c.Put(t.Context(), "general", frozenBody(t, "general", 1), 0, ""); err == nil {
		t.Error("a receipt with a changed field was believed although the key is known")
	}
}

func TestWhatNeedNotLeave(t *testing.T) {
	c := testClient(t, "http://server", transport(func(*http.Request) (*http.Response, error) {
		t.Error("it was sent")
		return nil, io.EOF
	}))
	big := append(frozenBody(t, "general", 1), bytes.Repeat([]byte(" "), MaxBody)...)
	for _, tc := range []struct {
		part string
		body []byte
		code Code
	}{{"general", big, TooLarge}, {"tecnico", frozenBody(t, "general", 1), Invalid}, {"general", []byte("{"), Invalid}} {
		var p *Problem
		if _, _, err := c.Put(t.Context(), tc.part, tc.body, 0, "ABCD-1234"); !errors.As(err, &p) || p.Code != tc.code || p.Incident != "ABCD-1234" {
			t.Error(err)
		}
	}
}

func TestRetryAfterForms(t *testing.T) {
	for value, want := range map[string]time.Duration{
		"": 0, "20": 20 * time.Second, "-3": 0, "99999999999": 0, "31536000": maxRetryAfter, "soon": 0,
		"Mon, 18 Dec 2023 10:01:00 GMT": time.Minute, "Mon, 18 Dec 2023 09:00:00 GMT": 0,
	} {
		h := http.Header{"Retry-After": {value}, "Date": {"Mon, 18 Dec 2023 10:00:00 GMT"}}
		if value == "99999999999" {
			want = maxRetryAfter
		}
		if got := retryAfter(&http.Response{Header: h}); got != want {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func TestErrorsHideTheAddress(t *testing.T) {
	err := withoutURL(&url.Error{Op: "Put", URL: "https://x/secret", Err: io.EOF})
	if strings.Contains(err.Error(), "secret") {
		t.Error(err)
	}
}

// TestKeptBody: bytes out of which the office has taken personal data are
// believed by their own digest and keep the one of what was sent; any other
// bytes are not believed, with or without it.
func TestKeptBody(t *testing.T) {
	sent, kept := Digest([]byte("what was sent")), []byte("what was kept")
	for _, c := range []struct {
		name, digest, kept string
		believed           bool
	}{
		{"kept", sent, Digest(kept), true},
		{"kept, of other bytes", sent, sent, false},
		{"damaged", sent, "", false},
		{"kept of nothing that was sent", "", Digest(kept), false},
	} {
		srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			for k, v := range map[string]string{HeaderProtocol: Version, HeaderTime: "2023-12-18T10:00:00Z", "ETag": ETag(2),
				HeaderReceivedAt: "2023-12-18T10:00:00Z", HeaderDigest: c.digest, HeaderKept: c.kept} {
				w.Header().Set(k, v)
			}
			_, _ = w.Write(kept)
		}))
		got, err := testClient(t, srv.URL, nil).Part(t.Context(), "general")
		srv.Close()
		if (err == nil) != c.believed || c.believed && (got.Digest != sent || got.BodyDigest() != Digest(got.Body)) {
			t.Errorf("%s: %+v %v", c.name, got, err)
		}
	}
}
