package sync

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptrace"
	"strconv"
	"sync/atomic"
	"time"
)

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
		return nil, fail(causeOf(err, c.now()), fmt.Errorf("%s %s: %w", k.method, k.path, withoutURL(err)))
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
		return nil, fail(causeOf(readErr, c.now()), fmt.Errorf("%s %s: read the answer: %w", k.method, k.path, readErr))
	case len(body) > maxAnswer:
		return nil, fail(CauseProtocol, errors.New("the answer is too long"))
	}
	return judge(resp, body, incident, fail)
}

// stray is the error of an answer that came whole, from a server that is not
// the one that was meant.
func (c *Client) stray(cause, incident string, err error) *NetError {
	return &NetError{Step: StepBody, Cause: cause, Err: err, Host: c.base.Hostname(), Incident: incident, At: c.now()}
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
	p, ok := ParseProblem(resp.StatusCode, body)
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
