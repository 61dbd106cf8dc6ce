package server

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// maxFindings bounds the findings of one refusal: a body of 1 MiB can hold a
// hundred thousand wrong variables, and a person reads the first few.
const maxFindings = 500

// problem makes a refusal in the language of the call.
func (c *call) problem(code surveysync.Code, args ...any) *surveysync.Problem {
	return surveysync.NewProblem(code, c.lang, args...)
}

// invalid refuses a request whose form is wrong and names the place.
func (c *call) invalid(place string) *surveysync.Problem {
	return c.problem(surveysync.Invalid, placeIn(place, c.lang))
}

// rateLimited says how long to wait, in whole seconds.
func (c *call) rateLimited(wait time.Duration) *surveysync.Problem {
	seconds := int((wait + time.Second - 1) / time.Second)
	p := c.problem(surveysync.RateLimited, seconds)
	p.RetryAfter = time.Duration(seconds) * time.Second
	return p
}

// problemOf turns whatever a call returned into a refusal. Only the code of an
// error reaches the person; its words go to the program's log.
func (s *Server) problemOf(c *call, err error) *surveysync.Problem {
	var p *surveysync.Problem
	if errors.As(err, &p) {
		return p
	}
	c.cause = err
	code := store.CodeOf(err)
	switch {
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		code = surveysync.Unavailable
	case code != surveysync.Unauthorized && code != surveysync.NotFound && code != surveysync.Unavailable:
		// Any other the call should have met: its sentence has a place for
		// what only the call knows.
		code = surveysync.Internal
	}
	p = c.problem(code)
	if code == surveysync.Unavailable {
		p.RetryAfter = s.later()
	}
	return p
}

// later is when to come back after a 503: spread over some time, or all the
// schools would come back in the same second.
func (s *Server) later() time.Duration {
	b := []byte{50}
	_, _ = io.ReadFull(s.random, b)
	return time.Duration(20+int(b[0])%100) * time.Second
}

// refuse answers with a refusal. Every refusal of a call leaves its trace in
// the sync log before the answer does: a person who reads the incident code to
// the office must find it there (contract, invariant 10).
func (s *Server) refuse(c *call, err error) {
	p := s.problemOf(c, err)
	p.Incident = c.incident
	c.code = p.Code
	c.drain()
	s.trace(c)
	if len(p.Findings) > maxFindings {
		p.Findings = p.Findings[:maxFindings]
	}
	raw, err := plainJSON(p)
	if err != nil { // of what a Current holds; the code alone will do
		s.log.Error("write a refusal", "incident", c.incident, "cause", err.Error())
		p.Current = nil
		raw, _ = plainJSON(p)
	}
	h := c.w.Header()
	if p.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(p.RetryAfter/time.Second)))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="rileva"`) // RFC 9110, section 15.5.2
	}
	h.Set("Content-Language", c.lang)
	h.Del("ETag")
	h.Set("Cache-Control", "no-store")
	c.send(p.Status, "application/problem+json", raw)
}

// drain reads what is left of the body, up to the contract's 4 MiB: a sender
// whose connection is closed while it still sends never sees the answer.
func (c *call) drain() {
	n, err := io.CopyN(io.Discard, c.r.Body, surveysync.MaxDrain-c.taken+1)
	if c.taken += n; err == nil {
		c.w.Header().Set("Connection", "close") // there is still more
	}
}

// trace leaves the line of a refusal: its own under a valid token, one in a
// counter without (contract, section 4, leaves of the log).
func (s *Server) trace(c *call) {
	switch {
	case c.logged || c.route.action == "" || surveysync.StatusOf(c.code) >= 500:
		// The store has left the line; or it is no attempt at anything; or
		// nothing can be stored now.
	case c.access == nil || c.code == surveysync.RateLimited || s.refused.wait(c.access.Institution.ID, c.start) > 0:
		// A program that repeats a refused call without end must not fill the
		// log for ever: beyond the limit it is counted, too.
		s.outside.add(string(c.code))
	default:
		// A sender that has gone away has made its attempt all the same.
		ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx()), 5*time.Second)
		defer cancel()
		e := s.entry(c, string(c.code))
		// A leaf is for ever and open to all: no free text from an address.
		if part := c.params.ByName("part"); part != "" {
			if known, err := s.hasPart(ctx, part); err == nil && known {
				e.Part = part
			}
		}
		if err := s.store.Record(ctx, e); err != nil {
			s.log.Error("leave the line of a refusal", "incident", c.incident, "cause", err.Error())
		}
	}
}

// dated adds the dates to a refusal that speaks of them.
func dated(p *surveysync.Problem, got store.Answered) *surveysync.Problem {
	p.Opens, p.Due, p.LateUntil = new(got.Dates.Opens), new(got.Dates.Due), new(got.Dates.LateUntil)
	return p
}
