package sync

import (
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// What one call may take, phase by phase: a total alone would let a network
// that swallows packets hold the person for a minute before the first word.
const (
	dialTimeout   = 5 * time.Second
	tlsTimeout    = 10 * time.Second
	headerTimeout = 30 * time.Second
	totalTimeout  = 60 * time.Second
)

// maxAnswer bounds what is read of an answer; the largest is a questionnaire.
const maxAnswer = 8 << 20

// maxRetryAfter bounds the wait that an answer can ask for: a proxy that says
// a year must not keep a part on the device until the survey is over.
const maxRetryAfter = time.Hour

// Options says whom a Client speaks to and as whom.
type Options struct {
	Server  string // "https://rilevazioni.example.it"; a path before /api/v1 is kept
	Token   string // empty before signing in
	Version string // of the program, for the sync log
	Lang    string // "it" (default) or "en": the language of refusals
	// LogKey is the verifier key of the server's log. While it is empty a
	// receipt is believed by its fields alone: a device that meets its server
	// for the first time has nothing else, and refusing the receipt would
	// leave a stored part unsettled for ever. [Syncer] asks for the key first.
	LogKey string
	HTTP   http.RoundTripper // nil: the network, through the system's proxies
	Rand   io.Reader         // for incident codes; nil: crypto/rand
	Now    func() time.Time  // nil: time.Now
}

// Client makes the calls of the protocol over HTTP. It believes nothing that
// could come from another program: see [Client.Put]. Its errors are *NetError
// when no answer of a Rileva server came, *Problem when the server refused.
// It keeps no cookies and follows no redirect. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	version string
	lang    string
	http    *http.Client
	rand    io.Reader
	now     func() time.Time

	mu    sync.Mutex
	token string
	keys  []string
	last  Contact
}

// Contact is what the last answer of a Rileva server told besides its body.
type Contact struct {
	Incident   string    // of the last call, answered or not
	ServerTime time.Time // the server's clock; zero while it never answered
	LocalTime  time.Time // this device's clock at that moment
}

// Skew is how far this device's clock is ahead of the server's.
func (c Contact) Skew() time.Duration {
	if c.ServerTime.IsZero() {
		return 0
	}
	return c.LocalTime.Sub(c.ServerTime)
}

// MaxSkew is the difference of clocks from which on the person is told.
const MaxSkew = 2 * time.Minute

// NewClient builds a client. It touches no network. An address that cannot be
// one is a *NetError of the cause address.
func NewClient(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(o.Server))
	if err == nil && (base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "" || base.User != nil) {
		err = errors.New("not an http or https address")
	}
	if err != nil {
		return nil, &NetError{Step: StepAddress, Cause: CauseAddress, Err: fmt.Errorf("server address: %w", err)}
	}
	base.RawQuery, base.Fragment = "", ""
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), BasePath)
	transport := o.HTTP
	if transport == nil {
		transport = newTransport()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{base: base, version: o.Version, lang: cmp.Or(o.Lang, "it"), rand: o.Rand, now: o.Now, token: o.Token,
		http: &http.Client{Transport: transport, Timeout: totalTimeout,
			// The token must not follow to another address, and an answer
			// from elsewhere is not the server's.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	c.Trust(o.LogKey)
	return c, nil
}

// newTransport is the network as schools have it: often behind a proxy that
// the system's environment names.
func newTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   2,
		ForceAttemptHTTP2:     true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyRefusal{r.StatusCode}
			}
			return nil
		},
	}
}

// Trust adds verifier keys of the server's log. Older keys stay: after a
// restore the receipts of before are signed under the old origin.
func (c *Client) Trust(keys ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		if k != "" {
			c.keys = append(c.keys, k)
		}
	}
}

// SetToken changes whom the client speaks as.
func (c *Client) SetToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// SignedIn says whether the client holds a token; whether it is alive only
// the server knows.
func (c *Client) SignedIn() bool { token, _ := c.held(); return token != "" }

func (c *Client) held() (token string, keys []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token, c.keys
}

// Last tells the incident of the last call and both clocks at the last answer.
func (c *Client) Last() Contact {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

type incidentKey struct{}

// WithIncident gives the calls under ctx this incident code. A call without
// one makes its own; Last and every error tell which.
func WithIncident(ctx context.Context, incident string) context.Context {
	return context.WithValue(ctx, incidentKey{}, incident)
}

// Server asks who the server is; it needs no token.
func (c *Client) Server(ctx context.Context) (ServerInfo, error) {
	info, _, err := getJSON[ServerInfo](ctx, c, "/server", func(s ServerInfo) error {
		if s.Epoch == "" || s.LogKey == "" {
			return errors.New("epoch or log_key is missing")
		}
		return nil
	})
	return info, err
}

// SignIn exchanges code and password for a session; the client uses its token
// from then on. It is the only call that carries the password besides
// ChangePassword.
func (c *Client) SignIn(ctx context.Context, in SignIn) (Session, error) {
	body, err := json.Marshal(in)
	if err != nil {
		return Session{}, fmt.Errorf("sign in: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPost, path: "/sessions", body: body})
	if err != nil {
		return Session{}, err
	}
	var s Session
	if err := a.json(&s); err != nil {
		return Session{}, err
	}
	if s.Token == "" || s.Institution.Code == "" {
		return Session{}, a.unfit(errors.New("token or institution is missing"))
	}
	c.SetToken(s.Token)
	return s, nil
}

// SignOut ends the session on the server. After an error the token may still
// be alive there, so the client keeps it and the call can be repeated.
func (c *Client) SignOut(ctx context.Context) error {
	a, err := c.do(ctx, call{method: http.MethodDelete, path: "/session"})
	if err == nil {
		err = a.empty()
	}
	if err == nil {
		c.SetToken("")
	}
	return err
}

// ChangePassword sets a new password. Repeating it with the same words is
// safe: when the first answer was lost the server says yes again.
func (c *Client) ChangePassword(ctx context.Context, change PasswordChange) error {
	body, err := json.Marshal(change)
	if err != nil {
		return fmt.Errorf("change password: %w", err)
	}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/password", body: body})
	if err != nil {
		return err
	}
	return a.empty()
}

// Return gives all the parts of the institution, and the bytes for the cache.
func (c *Client) Return(ctx context.Context) (Return, []byte, error) {
	return getJSON[Return](ctx, c, "/return", func(r Return) error {
		switch {
		case r.Institution.Code == "" || r.Survey.ID == "":
			return errors.New("institution or survey is missing")
		case !isDigest(r.Survey.Questionnaire):
			return errors.New("survey.questionnaire is no digest")
		}
		return nil
	})
}

// Questionnaire gives the bytes of a questionnaire. They are what the digest
// names, or an error.
func (c *Client) Questionnaire(ctx context.Context, digest string) ([]byte, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/questionnaires/" + url.PathEscape(digest)})
	if err != nil {
		return nil, err
	}
	if Digest(a.body) != digest {
		return nil, a.unfit(errors.New("the questionnaire is not the one that was asked for"))
	}
	return a.body, nil
}

// PartBody is one stored revision of a part, byte for byte as it was sent.
type PartBody struct {
	Body       []byte
	Revision   int
	State      string
	ReceivedAt time.Time
	Digest     string // of Body; verified
}

// Part gives the current revision of a part.
func (c *Client) Part(ctx context.Context, part string) (PartBody, error) {
	return c.partBody(ctx, "/parts/"+url.PathEscape(part))
}

// Revision gives one revision of a part.
func (c *Client) Revision(ctx context.Context, part string, n int) (PartBody, error) {
	return c.partBody(ctx, "/parts/"+url.PathEscape(part)+"/revisions/"+strconv.Itoa(n))
}

func (c *Client) partBody(ctx context.Context, path string) (PartBody, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return PartBody{}, err
	}
	revision, ok := ParseETag(a.header.Get("ETag"))
	if !ok {
		return PartBody{}, a.unfit(errors.New("no revision in ETag"))
	}
	p := PartBody{Body: a.body, Revision: revision, State: a.header.Get(HeaderState), Digest: Digest(a.body)}
	if p.Digest != a.header.Get(HeaderDigest) {
		return PartBody{}, a.unfit(errors.New("the body is not that of its digest"))
	}
	if p.ReceivedAt, err = time.Parse(time.RFC3339, a.header.Get(HeaderReceivedAt)); err != nil {
		return PartBody{}, a.unfit(errors.New("no time in " + HeaderReceivedAt))
	}
	return p, nil
}

// Revisions gives the history of a part.
func (c *Client) Revisions(ctx context.Context, part string) ([]Revision, error) {
	list, _, err := getJSON[[]Revision](ctx, c, "/parts/"+url.PathEscape(part)+"/revisions", func(l []Revision) error {
		if l == nil {
			return errors.New("null is not a list")
		}
		return nil
	})
	return list, err
}

// Put offers the frozen body of a part as the revision after replaces (0: the
// first one) and gives the receipt with its bytes.
//
// Effect: at most one revision, named by the submission_id in the body.
// Durability: a receipt means that the server has stored the body.
// Repetition: the same bytes again give the same receipt, whatever happened in
// between. Errors: *Problem is a refusal; after a *NetError with Left the body
// may be stored, and only the same bytes again will tell.
//
// The receipt is believed only when it speaks of these very bytes and, once
// the log's key is known, when its proof holds.
func (c *Client) Put(ctx context.Context, part string, body []byte, replaces int, incident string) (Receipt, []byte, error) {
	if incident == "" {
		incident = NewIncident(c.rand)
	}
	ctx = WithIncident(ctx, incident)
	s, err := ParseSubmission(body)
	switch {
	case len(body) > MaxBody:
		return Receipt{}, nil, c.refuse(incident, TooLarge)
	case err != nil:
		return Receipt{}, nil, c.refuse(incident, Invalid, err.Error())
	case s.Part != part || replaces < 0:
		return Receipt{}, nil, c.refuse(incident, Invalid, "part")
	}
	header := http.Header{"If-None-Match": {"*"}}
	if replaces > 0 {
		header = http.Header{"If-Match": {ETag(replaces)}}
	}
	a, err := c.do(ctx, call{method: http.MethodPut, path: "/parts/" + url.PathEscape(part), body: body, header: header})
	if err != nil {
		return Receipt{}, nil, err
	}
	r, err := c.readReceipt(a.body)
	if err == nil {
		err = fits(r, s, Digest(body), replaces)
	}
	if err != nil {
		return Receipt{}, nil, a.unfit(fmt.Errorf("receipt not believed: %w", err))
	}
	return r, a.body, nil
}

// refuse is a refusal of this device, in the words of the server's table: the
// bytes cannot be what a server accepts, so it is not troubled with them.
func (c *Client) refuse(incident string, code Code, args ...any) *Problem {
	p := NewProblem(code, c.lang, args...)
	p.Incident = incident
	return p
}

// readReceipt verifies as much as the known keys allow; see Options.LogKey.
func (c *Client) readReceipt(raw []byte) (Receipt, error) {
	_, keys := c.held()
	if len(keys) == 0 {
		return ParseReceipt(raw)
	}
	r, _, err := VerifyReceipt(raw, keys...)
	return r, err
}

// fits names the field in which a receipt is not that of the submission.
func fits(r Receipt, s Submission, digest string, replaces int) error {
	for _, f := range []struct {
		name string
		same bool
	}{
		{"content_digest", r.ContentDigest == digest},
		{"submission_id", r.SubmissionID == s.SubmissionID},
		{"part", r.Part == s.Part},
		{"survey", r.Survey == s.Survey},
		{"questionnaire", r.Questionnaire == s.Questionnaire},
		{"number", r.Number == ReceiptNumber(s.SubmissionID, digest)},
		{"revision", r.Revision == replaces+1},
	} {
		if !f.same {
			return fmt.Errorf("%s is not that of what was sent", f.name)
		}
	}
	return nil
}

// Receipt gives a receipt again, with a proof on a recent checkpoint.
func (c *Client) Receipt(ctx context.Context, number string) (Receipt, []byte, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/receipts/" + url.PathEscape(number)})
	if err != nil {
		return Receipt{}, nil, err
	}
	r, err := c.readReceipt(a.body)
	if err == nil && r.Number != number {
		err = errors.New("another number")
	}
	if err != nil {
		return Receipt{}, nil, a.unfit(fmt.Errorf("receipt not believed: %w", err))
	}
	return r, a.body, nil
}

// Checkpoint gives the signed head of the server's log, as text and read. With
// a known key its signature is verified; without one only its form is.
func (c *Client) Checkpoint(ctx context.Context) (Checkpoint, string, error) {
	a, err := c.do(ctx, call{method: http.MethodGet, path: "/log/checkpoint"})
	if err != nil {
		return Checkpoint{}, "", err
	}
	var head Checkpoint
	text := string(a.body)
	if _, keys := c.held(); len(keys) > 0 {
		head, err = OpenCheckpoint(text, keys...)
	} else {
		signed, _, found := strings.Cut(text, "\n\n")
		if head, err = parseCheckpoint(signed + "\n"); !found {
			err = errors.New("checkpoint: no signature")
		}
	}
	if err != nil {
		return Checkpoint{}, "", a.unfit(err)
	}
	return head, text, nil
}

// getJSON makes a GET whose answer is JSON that passes check.
func getJSON[T any](ctx context.Context, c *Client, path string, check func(T) error) (T, []byte, error) {
	var v T
	a, err := c.do(ctx, call{method: http.MethodGet, path: path})
	if err != nil {
		return v, nil, err
	}
	if err := a.json(&v); err != nil {
		return v, nil, err
	}
	if err := check(v); err != nil {
		return v, nil, a.unfit(err)
	}
	return v, a.body, nil
}

// call is one request; answer what a Rileva server said to it with success.
type (
	call struct {
		method, path string
		body         []byte
		header       http.Header
	}
	answer struct {
		status int
		header http.Header
		body   []byte
		// unfit says that the body does not belong here, however good the
		// status is: the outcome is unknown.
		unfit func(error) *NetError
	}
)

func (a *answer) json(v any) error {
	if err := json.Unmarshal(a.body, v); err != nil {
		return a.unfit(plainJSON(err))
	}
	return nil
}

func (a *answer) empty() error {
	if a.status != http.StatusNoContent || len(a.body) > 0 {
		return a.unfit(fmt.Errorf("status %d with %d bytes, not an empty 204", a.status, len(a.body)))
	}
	return nil
}

// do makes one attempt: it repeats nothing by itself, because the outbox keeps
// when and how often (a wait in memory would be forgotten at the next start).
func (c *Client) do(ctx context.Context, k call) (*answer, error) {
	incident, _ := ctx.Value(incidentKey{}).(string)
	if incident == "" {
		incident = NewIncident(c.rand)
	}
	c.mu.Lock()
	c.last.Incident = incident
	c.mu.Unlock()
	var phase atomic.Int32
	fail := func(cause string, err error) *NetError {
		step := stage(phase.Load())
		return &NetError{Step: step.String(), Cause: cause, Err: err, Host: c.base.Hostname(), Incident: incident,
			At: c.now(), Left: step >= stepSend}
	}
	req, err := c.request(httptrace.WithClientTrace(ctx, trace(&phase)), k, incident)
	if err != nil {
		return nil, fail(CauseAddress, err)
	}
	resp, err := c.http.Do(req)
	if err != nil {
		// A transport that reports no steps may have sent anything: better a
		// resend of the same bytes too many than a part taken for unsent.
		phase.CompareAndSwap(int32(stepAddress), int32(stepSend))
		return nil, fail(causeOf(err), fmt.Errorf("%s %s: %w", k.method, k.path, withoutURL(err)))
	}
	defer func() { _ = resp.Body.Close() }() // it was read as far as it counts
	phase.Store(int32(stepBody))
	if resp.Header.Get(HeaderProtocol) == Version {
		c.tick(resp.Header.Get(HeaderTime))
	}
	body, readErr := io.ReadAll(io.LimitReader(resp.Body, maxAnswer+1))
	if e := stranger(resp, fail); e != nil {
		return nil, e
	}
	switch {
	case readErr != nil:
		return nil, fail(causeOf(readErr), fmt.Errorf("%s %s: read the answer: %w", k.method, k.path, readErr))
	case len(body) > maxAnswer:
		return nil, fail(CauseProtocol, errors.New("the answer is too long"))
	}
	return judge(resp, body, incident, fail)
}

// judge tells success, refusal and nonsense of a Rileva server apart.
func judge(resp *http.Response, body []byte, incident string, fail func(string, error) *NetError) (*answer, error) {
	unfit := func(err error) *NetError { return fail(CauseProtocol, err) }
	switch resp.StatusCode {
	case http.StatusOK, http.StatusCreated, http.StatusNoContent, http.StatusNotModified:
		if _, err := time.Parse(time.RFC3339, resp.Header.Get(HeaderTime)); err != nil {
			return nil, unfit(errors.New("no time in " + HeaderTime))
		}
		return &answer{status: resp.StatusCode, header: resp.Header, body: body, unfit: unfit}, nil
	}
	p, ok := readProblem(resp.StatusCode, body)
	if !ok {
		e := unfit(fmt.Errorf("status %d without a known problem", resp.StatusCode))
		e.RetryAfter = retryAfter(resp)
		return nil, e
	}
	p.Incident, p.RetryAfter = cmp.Or(p.Incident, incident), retryAfter(resp)
	return nil, p
}

// request builds one; the token goes only where the person has said the
// server is.
func (c *Client) request(ctx context.Context, k call, incident string) (*http.Request, error) {
	var body io.Reader
	if k.body != nil {
		body = bytes.NewReader(k.body)
	}
	req, err := http.NewRequestWithContext(ctx, k.method, c.base.String()+BasePath+k.path, body)
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	for name, values := range k.header {
		req.Header[name] = values
	}
	if token, _ := c.held(); token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if k.body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	req.Header.Set("Accept-Language", c.lang)
	req.Header.Set("User-Agent", "rileva")
	req.Header.Set(HeaderIncident, incident)
	req.Header.Set(HeaderClient, c.version)
	req.Header.Set(HeaderProtocol, Version)
	return req, nil
}

// tick keeps both clocks of one answer side by side.
func (c *Client) tick(serverTime string) {
	t, err := time.Parse(time.RFC3339, serverTime)
	if err != nil {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.last.ServerTime, c.last.LocalTime = t, c.now()
}

// readProblem is ParseProblem, but it does not lose a refusal over what is
// attached to it: `current` of a conflict is a receipt with a device, and a
// code that a later server adds is still a refusal.
func readProblem(status int, body []byte) (*Problem, bool) {
	if p, ok := ParseProblem(status, body); ok {
		return p, true
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil {
		return nil, false
	}
	raw := fields["current"]
	delete(fields, "current")
	rest, err := json.Marshal(fields)
	if err != nil {
		return nil, false
	}
	var p Problem
	if json.Unmarshal(rest, &p) != nil || p.Code == "" || p.Status != status {
		return nil, false
	}
	var current struct {
		receiptJSON
		Device string `json:"device"`
	}
	if raw != nil && json.Unmarshal(raw, &current) == nil {
		at, _ := time.Parse(time.RFC3339, current.ReceivedAt) // only shown
		p.Current = &Current{Device: current.Device, Receipt: Receipt{
			Number: current.Number, Institution: current.Institution, Survey: current.Survey, Part: current.Part,
			Revision: current.Revision, SubmissionID: current.SubmissionID, ContentDigest: current.ContentDigest,
			Questionnaire: current.Questionnaire, ReceivedAt: at, Late: current.Late,
			LeafIndex: current.LeafIndex, Proof: current.Proof}}
	}
	return &p, status >= 400
}

// retryAfter reads the header in both its forms.
func retryAfter(resp *http.Response) time.Duration {
	value := resp.Header.Get("Retry-After")
	var wait time.Duration
	if n, err := strconv.Atoi(value); err == nil {
		wait = time.Duration(min(max(n, 0), int(maxRetryAfter/time.Second))) * time.Second
	} else if at, err := http.ParseTime(value); err == nil {
		// Against the server's own clock: this device's may be wrong.
		if now, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
			wait = at.Sub(now)
		}
	}
	return min(max(wait, 0), maxRetryAfter)
}

// stage is how far an attempt came.
type stage int32

// The steps of an attempt, in their order; `doctor` takes them one by one.
const (
	stepAddress stage = iota
	stepName
	stepConnect
	stepTLS
	stepSend
	stepAnswer
	stepBody
)

// The names of the steps in a NetError.
const (
	StepAddress = "address" // reading the server's address
	StepName    = "name"    // finding the server's (or the proxy's) name
	StepConnect = "connect" // reaching it
	StepTLS     = "tls"     // making sure that it is the server
	StepSend    = "send"    // sending the request
	StepAnswer  = "answer"  // waiting for the answer
	StepBody    = "body"    // reading the answer
)

func (s stage) String() string {
	return [...]string{StepAddress, StepName, StepConnect, StepTLS, StepSend, StepAnswer, StepBody}[s]
}

// trace follows an attempt. Its callbacks may come from several goroutines at
// once (two addresses are tried side by side), hence only ever forward.
func trace(phase *atomic.Int32) *httptrace.ClientTrace {
	reached := func(s stage) {
		for {
			old := phase.Load()
			if old >= int32(s) || phase.CompareAndSwap(old, int32(s)) {
				return
			}
		}
	}
	return &httptrace.ClientTrace{
		GetConn:           func(string) { reached(stepName) },
		DNSStart:          func(httptrace.DNSStartInfo) { reached(stepName) },
		ConnectStart:      func(string, string) { reached(stepConnect) },
		TLSHandshakeStart: func() { reached(stepTLS) },
		// From a connection on the request may be on its way, whole or not.
		GotConn:              func(httptrace.GotConnInfo) { reached(stepSend) },
		WroteRequest:         func(httptrace.WroteRequestInfo) { reached(stepAnswer) },
		GotFirstResponseByte: func() { reached(stepBody) },
	}
}

// The causes of a NetError: stable words, for tables, tests and --json.
const (
	CauseAddress  = "address"  // what was given is no server address
	CauseOffline  = "offline"  // there is no way to the network
	CauseDNS      = "dns"      // the server's name is not found
	CauseRefused  = "refused"  // nothing listens there
	CauseTimeout  = "timeout"  // no answer in time
	CauseTLS      = "tls"      // the connection is not, or not surely, with the server
	CauseClock    = "clock"    // the certificate is not valid at this device's date
	CausePortal   = "portal"   // a page answers in the server's place
	CauseRedirect = "redirect" // the answer points to another address
	CauseProxy    = "proxy"    // the proxy refuses or does not reach the server
	CauseProtocol = "protocol" // what answers is no Rileva server, or not of our version
	CauseCut      = "cut"      // the connection broke off
	CauseStopped  = "stopped"  // the person, or the program's end, stopped it
)

// NetError is an attempt that brought no answer of a Rileva server. Err is for
// a log; a person reads Sentence and Hint.
type NetError struct {
	Step     string
	Cause    string
	Err      error
	Host     string // the server's, or where a redirect points
	Incident string
	At       time.Time // this device's clock
	// Left says that the request may have reached a server: what it asked for
	// may have been done.
	Left       bool
	RetryAfter time.Duration
}

func (e *NetError) Error() string { return fmt.Sprintf("%s at step %s: %v", e.Cause, e.Step, e.Err) }

func (e *NetError) Unwrap() error { return e.Err }

// causes is the one table of what a person reads; %[1]s is the host, %[2]s the
// date of this device.
var causes = map[string]struct{ it, en [2]string }{
	CauseAddress: {
		[2]string{"L'indirizzo del server non è scritto bene.", "Scriverlo come nella lettera dell'Ufficio, per esempio https://rilevazioni.esempio.it."},
		[2]string{"The server's address is not well formed.", "Write it as in the office's letter, for example https://surveys.example.it."}},
	CauseOffline: {
		[2]string{"Questo computer non è collegato alla rete.", "Controllare il cavo o il Wi-Fi; i dati restano sul computer e partono al prossimo tentativo."},
		[2]string{"This computer is not connected to the network.", "Check the cable or the Wi-Fi; the data stay on this computer and leave at the next attempt."}},
	CauseDNS: {
		[2]string{"Il nome del server (%[1]s) non si trova.", "Controllare che Internet funzioni e che l'indirizzo del server sia quello della lettera."},
		[2]string{"The server's name (%[1]s) cannot be found.", "Check that the Internet works and that the server's address is the one of the letter."}},
	CauseRefused: {
		[2]string{"Il server (%[1]s) non accetta collegamenti.", "Riprovare tra qualche minuto; se dura, controllare l'indirizzo o chiamare l'Ufficio."},
		[2]string{"The server (%[1]s) accepts no connections.", "Try again in some minutes; if it lasts, check the address or call the office."}},
	CauseTimeout: {
		[2]string{"Il server (%[1]s) non ha risposto in tempo.", "Riprovare più tardi: un doppio invio non è possibile."},
		[2]string{"The server (%[1]s) did not answer in time.", "Try again later: nothing can be stored twice."}},
	CauseTLS: {
		[2]string{"Non è sicuro che a rispondere sia il server %[1]s: il suo certificato non è riconosciuto.", "Non inserire la password; provare da un'altra rete o chiedere a chi cura la rete della scuola."},
		[2]string{"It is not certain that the server %[1]s is the one that answers: its certificate is not recognised.", "Do not type the password; try another network or ask whoever runs the school's network."}},
	CauseClock: {
		[2]string{"Il certificato del server non vale alla data di questo computer (%[2]s).", "Controllare data e ora del computer; se sono giuste, avvisare l'Ufficio."},
		[2]string{"The server's certificate is not valid on this computer's date (%[2]s).", "Check the computer's date and time; if they are right, tell the office."}},
	CausePortal: {
		[2]string{"Al posto del server risponde una pagina della rete, per esempio l'accesso al Wi-Fi.", "Aprire il browser, accedere alla rete e riprovare."},
		[2]string{"A page of the network answers in the server's place, such as a Wi-Fi sign-in.", "Open the browser, sign in to the network and try again."}},
	CauseRedirect: {
		[2]string{"La risposta rimanda a un altro indirizzo (%[1]s), che il programma non segue.", "Se la rete chiede un accesso, farlo con il browser; altrimenti controllare l'indirizzo del server, anche https:// all'inizio."},
		[2]string{"The answer points to another address (%[1]s), which the program does not follow.", "If the network asks for a sign-in, do it in the browser; otherwise check the server's address, https:// included."}},
	CauseProxy: {
		[2]string{"Il proxy della rete non lascia raggiungere il server.", "Chiedere a chi cura la rete della scuola di permettere %[1]s; i dati restano sul computer."},
		[2]string{"The network's proxy does not let the server be reached.", "Ask whoever runs the school's network to allow %[1]s; the data stay on this computer."}},
	CauseProtocol: {
		[2]string{"La risposta ricevuta da %[1]s non è quella attesa.", "Controllare l'indirizzo del server e aggiornare il programma; i dati restano sul computer."},
		[2]string{"The answer from %[1]s is not the expected one.", "Check the server's address and update the program; the data stay on this computer."}},
	CauseCut: {
		[2]string{"Il collegamento con il server si è interrotto.", "Riprovare: se l'invio era arrivato, il server darà la stessa ricevuta."},
		[2]string{"The connection to the server broke off.", "Try again: if the submission had arrived, the server will give the same receipt."}},
	CauseStopped: {
		[2]string{"Il tentativo è stato interrotto.", "Riprovare quando si vuole: un doppio invio non è possibile."},
		[2]string{"The attempt was stopped.", "Try again at any time: nothing can be stored twice."}},
}

// Sentence tells a person what happened.
func (e *NetError) Sentence(lang string) string { return e.words(lang, 0) }

// Hint tells a person what to do now.
func (e *NetError) Hint(lang string) string { return e.words(lang, 1) }

func (e *NetError) words(lang string, i int) string {
	w, ok := causes[e.Cause]
	if !ok {
		w = causes[CauseProtocol]
	}
	text, date := w.it[i], "02/01/2006 15:04"
	if lang == "en" {
		text, date = w.en[i], "2 January 2006 15:04"
	}
	// Host may come from a Location header, so from anyone.
	r := strings.NewReplacer("%[1]s", Visible(e.Host), "%[2]s", e.At.Format(date))
	return r.Replace(text)
}

// proxyRefusal is a proxy's answer to CONNECT.
type proxyRefusal struct{ status int }

func (e *proxyRefusal) Error() string { return fmt.Sprintf("the proxy answered %d", e.status) }

// withoutURL drops the address that net/http puts before its errors: it says
// nothing here and may be long.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// stranger recognises an answer that no Rileva server gave; nil when the
// header of the protocol stands there. Its status counts for nothing: a
// captive portal's 200 is not a receipt.
func stranger(resp *http.Response, fail func(string, error) *NetError) *NetError {
	version := resp.Header.Get(HeaderProtocol)
	redirects := resp.StatusCode >= 300 && resp.StatusCode < 400 && resp.StatusCode != http.StatusNotModified
	if version == Version && !redirects {
		return nil
	}
	err := fmt.Errorf("status %d, %s %q, content type %.60q", resp.StatusCode, HeaderProtocol, version, resp.Header.Get("Content-Type"))
	if redirects {
		e := fail(CauseRedirect, err)
		if to, err := resp.Location(); err == nil {
			e.Host = to.Scheme + "://" + to.Host // the sign-in page's query would only confuse
		}
		return e
	}
	cause := CauseProtocol
	html := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	switch status := resp.StatusCode; {
	case version != "":
	case status == http.StatusProxyAuthRequired, status == http.StatusBadGateway,
		status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout,
		status == http.StatusForbidden && (html || resp.Header.Get("Via") != ""):
		cause = CauseProxy
	case status == http.StatusNetworkAuthenticationRequired, html && status < 300:
		cause = CausePortal
	}
	e := fail(cause, err)
	e.RetryAfter = retryAfter(resp)
	return e
}

// The Windows numbers of errors that syscall names differently there; no other
// system has numbers this high, so they need no file of their own.
const (
	wsaENETDOWN     = syscall.Errno(10050)
	wsaENETUNREACH  = syscall.Errno(10051)
	wsaECONNREFUSED = syscall.Errno(10061)
	wsaEHOSTUNREACH = syscall.Errno(10065)
)

// causeOf finds the stable word for an error of the network.
func causeOf(err error) string {
	var (
		dns     *net.DNSError
		op      *net.OpError
		refused *proxyRefusal
		errno   syscall.Errno
		timeout net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return CauseStopped
	case errors.As(err, &refused), errors.As(err, &op) && op.Op == "proxyconnect":
		return CauseProxy
	case errors.As(err, &dns):
		return CauseDNS
	case untrusted(err) != "":
		return untrusted(err)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return CauseTimeout
	case errors.As(err, &errno):
		switch errno {
		case syscall.ECONNREFUSED, wsaECONNREFUSED:
			return CauseRefused
		case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, wsaENETUNREACH, wsaEHOSTUNREACH, wsaENETDOWN:
			return CauseOffline
		}
	}
	return CauseCut
}

// untrusted tells a wrong date from every other doubt about the server. Which
// of the two, the certificate or the clock, is out of date cannot be told from
// here, so the sentence shows the date and lets the person see.
func untrusted(err error) string {
	var (
		invalid  x509.CertificateInvalidError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		chain    *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return CauseClock
	case errors.As(err, &invalid), errors.As(err, &unknown), errors.As(err, &hostname),
		errors.As(err, &chain), errors.As(err, &record), errors.As(err, &alert):
		return CauseTLS
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return CauseTLS // net/http has no type for it
	}
	return ""
}
