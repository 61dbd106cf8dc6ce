package server

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// cheap hashes in microseconds.
var cheap = account.Params{Memory: 8, Time: 1, Threads: 1}

// clock stands still until it is moved.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) set(t time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = t
}

func (c *clock) move(d time.Duration) { c.set(c.now().Add(d)) }

// buffer is a log that many may write to.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// world is a server over a real store with two schools: a state school with
// two codes, and a group of paritarie with two.
type world struct {
	t       testing.TB
	store   *scripted
	server  *Server
	clock   *clock
	log     *buffer
	digest  string // of the questionnaire
	state   store.Institution
	private store.Institution
	letter  map[string]string // one-time password by institution id
	ticks   chan time.Time
	router  routers.Router
	seen    map[surveysync.Code]bool
	seenMu  sync.Mutex
	nextID  int
}

// scripted is the real store, except where a test says otherwise.
type scripted struct {
	store.Store
	accept func(store.Put) (store.Answered, error)
	parts  func() ([]store.Part, error)
	meta   func() (store.Meta, error)
}

func (s *scripted) Accept(ctx context.Context, p store.Put) (store.Answered, error) {
	if s.accept != nil {
		return s.accept(p)
	}
	return s.Store.Accept(ctx, p)
}

func (s *scripted) Parts(ctx context.Context, id string) ([]store.Part, error) {
	if s.parts != nil {
		return s.parts()
	}
	return s.Store.Parts(ctx, id)
}

func (s *scripted) Meta(ctx context.Context) (store.Meta, error) {
	if s.meta != nil {
		return s.meta()
	}
	return s.Store.Meta(ctx)
}

var noon = time.Date(2023, 12, 1, 12, 0, 0, 0, time.FixedZone("CET", 3600))

// opener makes an empty store, which it closes with the test.
type opener func(t testing.TB, now func() time.Time) store.Store

// engines are what calls that come at once are tried on.
var engines = map[string]opener{"a file": inFile}

// everywhere runs a test on each of the engines.
func everywhere(t *testing.T, run func(*testing.T, opener)) {
	for name, open := range engines {
		t.Run(name, func(t *testing.T) { run(t, open) })
	}
}

// inFile is the engine of most tests.
func inFile(t testing.TB, now func() time.Time) store.Store {
	t.Helper()
	s, err := bolt.Open(filepath.Join(t.TempDir(), "rileva.db"), bolt.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func newWorld(t testing.TB, with ...func(*Config)) *world {
	t.Helper()
	return newWorldOn(t, inFile, with...)
}

func newWorldOn(t testing.TB, open opener, with ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{at: noon}, log: &buffer{}, letter: map[string]string{},
		ticks: make(chan time.Time), seen: map[surveysync.Code]bool{}}
	w.store = &scripted{Store: open(t, w.clock.now)}
	hasher := account.NewHasher(cheap, random{})
	config := Config{Store: w.store, Hasher: hasher, Now: w.clock.now, Version: "0.1-test", Ticks: w.ticks,
		SubmitBurst: 1 << 20, Log: slog.New(slog.NewTextHandler(w.log, nil))}
	for _, change := range with {
		change(&config)
	}
	w.server = New(config)
	w.fill(hasher)
	doc, err := loadDescription()
	w.must(err)
	if w.router, err = gorillamux.NewRouter(doc); err != nil {
		t.Fatal(err)
	}
	return w
}

var loadDescription = sync.OnceValues(func() (*openapi3.T, error) {
	doc, err := openapi3.NewLoader().LoadFromData(openapi)
	if err != nil {
		return nil, err
	}
	return doc, doc.Validate(context.Background())
})

// random is crypto/rand by way of the hasher's and the tests' interface.
type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// fill publishes the questionnaire and gives the two schools a letter.
func (w *world) fill(hasher *account.Hasher) {
	w.t.Helper()
	ctx := context.Background()
	raw, err := os.ReadFile("testdata/tiny.yaml")
	w.must(err)
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	w.digest, err = w.store.Publish(ctx, raw, noon, act)
	w.must(err)
	put := func(code, name, kind string, codes ...string) store.Institution {
		var in store.Institution
		in.Code, in.Codes, in.Name, in.Comune, in.Kind, in.AddedAt = code, codes, name, "MILANO", kind, noon
		in.ExpectedTracks = []string{"tecnico"}
		return in
	}
	w.must(w.store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: []store.Institution{
			put("MIIS00100B", "Istituto Alfa", survey.KindState, "MIIS00100B", "MITF001012"),
			put("MIPL125004", "Gestore Beta", survey.KindParitaria, "MIPL125004", "MITD325009"),
		}}, nil
	}))
	w.state, err = w.store.FindInstitution(ctx, "MIIS00100B")
	w.must(err)
	w.private, err = w.store.FindInstitution(ctx, "MITD325009")
	w.must(err)
	hashes := map[string]string{}
	for _, in := range []store.Institution{w.state, w.private} {
		w.letter[in.ID] = account.NewOneTimePassword(random{})
		hashes[in.ID], err = hasher.HashPassword(ctx, account.NormalizeOneTimePassword(w.letter[in.ID]))
		w.must(err)
	}
	act.Action = "credentials_issue"
	_, err = w.store.IssueCredentials(ctx, hashes, false, noon, act)
	w.must(err)
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// request is one call; header lines come as "Name: value".
type request struct {
	method, path, token, body string
	header                    []string
	from                      string // address; "" is 192.0.2.1
}

// got is an answer that was found to be of the contract's form.
type got struct {
	*httptest.ResponseRecorder
	problem *surveysync.Problem // nil for a success
}

func (w *world) do(r request) got {
	w.t.Helper()
	req, err := http.NewRequest(r.method, "http://rileva.test/", strings.NewReader(r.body))
	w.must(err)
	req.RequestURI = r.path
	if u, err := req.URL.Parse(r.path); err == nil {
		req.URL = u
	} else {
		req.URL.Path = r.path
	}
	req.RemoteAddr = "192.0.2.1:4242"
	if r.from != "" {
		req.RemoteAddr = r.from
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.token != "" {
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	for _, line := range r.header {
		name, value, _ := strings.Cut(line, ": ")
		if name == "Content-Type" {
			req.Header.Del(name)
		}
		req.Header[http.CanonicalHeaderKey(name)] = append(req.Header[http.CanonicalHeaderKey(name)], value)
	}
	rec := httptest.NewRecorder()
	w.server.Handler().ServeHTTP(rec, req)
	g := got{ResponseRecorder: rec}
	if err := w.inspect(req, &g); err != nil {
		w.t.Errorf("%s %s: %.2000v\n%.500s", r.method, r.path, err, rec.Body.String())
	}
	return g
}

// inspect holds every answer to what the contract says of every answer, and to
// the description of its call.
func (w *world) inspect(req *http.Request, g *got) error {
	h := g.Header()
	if h.Get(surveysync.HeaderProtocol) != "1" {
		return fmt.Errorf("no %s", surveysync.HeaderProtocol)
	}
	if _, err := time.Parse(time.RFC3339, h.Get(surveysync.HeaderTime)); err != nil {
		return err
	}
	incident := h.Get(surveysync.HeaderIncident)
	if c, ok := surveysync.ParseIncident(incident); !ok || c != incident {
		return fmt.Errorf("incident %q", incident)
	}
	if !slices.Contains([]int{200, 201, 204, 304}, g.Code) {
		p, ok := surveysync.ParseProblem(g.Code, g.Body.Bytes())
		if !ok || h.Get("Content-Type") != "application/problem+json" {
			return fmt.Errorf("status %d is no problem of ours", g.Code)
		}
		if p.Incident != incident || p.Title == "" || p.Detail == "" || p.Hint == "" || strings.Contains(p.Detail+p.Hint, "%!") {
			return fmt.Errorf("the problem is incomplete: %w", p)
		}
		g.problem = p
		w.seenMu.Lock()
		w.seen[p.Code] = true
		w.seenMu.Unlock()
	}
	return w.described(req, g)
}

// described validates the answer against openapi.yaml.
func (w *world) described(req *http.Request, g *got) error {
	if req.Method == http.MethodHead { // is GET without the body
		req = req.Clone(req.Context())
		req.Method = http.MethodGet
	}
	route, params, err := w.router.FindRoute(req)
	if err != nil {
		if g.problem != nil && (g.problem.Code == surveysync.NotFound || g.problem.Code == surveysync.Internal) {
			return nil // no call
		}
		return fmt.Errorf("not in the description: %w", err)
	}
	input := &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}}
	answer := &openapi3filter.ResponseValidationInput{RequestValidationInput: input, Status: g.Code, Header: g.Header(),
		Options: &openapi3filter.Options{IncludeResponseStatus: true}}
	answer.SetBodyBytes(g.Body.Bytes())
	if err := openapi3filter.ValidateResponse(context.Background(), answer); err != nil {
		return err
	}
	if g.problem == nil {
		return nil
	}
	codes, _ := route.Operation.Extensions["x-rileva-codes"].([]any)
	if c := g.problem.Code; c != surveysync.Internal && c != surveysync.Unavailable && !slices.Contains(codes, any(string(c))) {
		return fmt.Errorf("%s is not among the codes of %s", c, route.Operation.OperationID)
	}
	return nil
}

// valid says whether a request is as the description asks.
func (w *world) valid(r request) {
	w.t.Helper()
	req := httptest.NewRequest(r.method, r.path, strings.NewReader(r.body))
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, line := range r.header {
		name, value, _ := strings.Cut(line, ": ")
		req.Header.Set(name, value)
	}
	route, params, err := w.router.FindRoute(req)
	w.must(err)
	err = openapi3filter.ValidateRequest(context.Background(), &openapi3filter.RequestValidationInput{Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{AuthenticationFunc: openapi3filter.NoopAuthenticationFunc}})
	if err != nil {
		w.t.Errorf("%s %s is not as described: %v", r.method, r.path, err)
	}
}

// wants fails unless the answer is a refusal with this code.
func (w *world) wants(g got, code surveysync.Code) surveysync.Problem {
	w.t.Helper()
	if g.problem == nil || g.problem.Code != code {
		w.t.Fatalf("answered %d %s, want %s", g.Code, g.Body, code)
	}
	return *g.problem
}

// done fails unless the answer is this success.
func (w *world) done(g got, status int) got {
	w.t.Helper()
	if g.Code != status {
		w.t.Fatalf("answered %d %s, want %d", g.Code, g.Body, status)
	}
	return g
}

func (w *world) read(g got, v any) {
	w.t.Helper()
	dec := json.NewDecoder(bytes.NewReader(g.Body.Bytes()))
	dec.DisallowUnknownFields()
	w.must(dec.Decode(v))
}

func asJSON(v any) string {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func (w *world) signIn(code, password string) got {
	w.t.Helper()
	return w.do(request{method: "POST", path: "/api/v1/sessions", body: asJSON(surveysync.SignIn{Code: code, Password: password, Device: "PC segreteria"})})
}

const goodPassword = "quattro lampade verdi sul tavolo"

// token signs a school in with its letter and changes the password.
func (w *world) token(in store.Institution) string {
	w.t.Helper()
	var s surveysync.Session
	w.read(w.done(w.signIn(in.Code, w.letter[in.ID]), 201), &s)
	w.done(w.do(request{method: "PUT", path: "/api/v1/password", token: s.Token,
		body: asJSON(surveysync.PasswordChange{Current: w.letter[in.ID], New: goodPassword})}), 204)
	return s.Token
}

// submission is a good part; change makes it another one.
func (w *world) submission(part string, change ...func(*surveysync.Submission)) surveysync.Submission {
	w.nextID++
	s := surveysync.Submission{
		SubmissionID: fmt.Sprintf("0193%04x-0000-7000-8000-%012x", w.nextID%65536, w.nextID),
		Institution:  w.state.Code, Survey: "prova-2023", Part: part, Questionnaire: w.digest, CompletedAt: noon,
	}
	if part == survey.GeneralPart {
		s.Answers = survey.Answers{"school_code": w.state.Code, "students": 30, "tracks_offered": []string{"tecnico"}}
	} else {
		s.Answers = survey.Answers{"enrolled_m": 10, "enrolled_f": 20, "failed_m": 1, "failed_f": 0}
	}
	for _, f := range change {
		f(&s)
	}
	return s
}

func (w *world) put(token string, s surveysync.Submission, replaces int) got {
	w.t.Helper()
	return w.do(w.putRequest(token, s, replaces))
}

func (w *world) putRequest(token string, s surveysync.Submission, replaces int) request {
	r := request{method: "PUT", path: "/api/v1/parts/" + s.Part, token: token, body: asJSON(s)}
	switch {
	case replaces == 0:
		r.header = []string{"If-None-Match: *"}
	case replaces > 0:
		r.header = []string{"If-Match: " + surveysync.ETag(replaces)}
	}
	return r
}

// lines gives the log's lines after the first n.
func (w *world) lines(n int) []store.LogLine {
	w.t.Helper()
	all, err := w.store.Log(context.Background(), store.LogFilter{After: -1})
	w.must(err)
	return all[n:]
}
