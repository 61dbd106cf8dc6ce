package server

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"rileva/internal/account"
	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// call is one request on its way through the edge.
type call struct {
	route    route
	w        *answer
	out      http.ResponseWriter // w, or what the router has put before it
	r        *http.Request
	params   gin.Params
	start    time.Time
	incident string
	lang     string // it or en
	access   *store.Access
	token    [32]byte // its hash

	taken  int64  // bytes of the body read so far
	digest string // of the body, once it was read whole
	code   surveysync.Code
	cause  error
	logged bool // the store has left the line of this attempt
}

type callKey struct{}

// callOf gives the call that serve began. Answers go through Gin's writer
// from here on, or it would add one of its own.
func callOf(g *gin.Context) *call {
	c := g.Request.Context().Value(callKey{}).(*call)
	c.out = g.Writer
	return c
}

func (c *call) ctx() context.Context { return c.r.Context() }

// answer adds what stands on every answer and remembers what was sent.
type answer struct {
	http.ResponseWriter
	now    func() time.Time
	status int
}

// WriteHeader sets the server's clock as late as it can: a client compares it
// with its own, and the upload before it may have taken a minute.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 {
		a.status = status
		a.Header().Set(surveysync.HeaderTime, a.now().Format(time.RFC3339Nano))
	}
	a.ResponseWriter.WriteHeader(status)
}

func (a *answer) Write(b []byte) (int, error) {
	if a.status == 0 {
		a.WriteHeader(http.StatusOK)
	}
	return a.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (a *answer) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// serve stands around everything, the router too, so that no answer can leave
// without the protocol's headers: by them a client tells this server from a
// captive portal.
func (s *Server) serve(w http.ResponseWriter, r *http.Request) {
	c := &call{w: &answer{ResponseWriter: w, now: s.now}, start: s.now(), lang: language(r.Header.Values("Accept-Language"))}
	var ok bool
	if c.incident, ok = surveysync.ParseIncident(r.Header.Get(surveysync.HeaderIncident)); !ok {
		c.incident = surveysync.NewIncident(s.random)
	}
	h := w.Header()
	h.Set(surveysync.HeaderProtocol, surveysync.Version)
	h.Set(surveysync.HeaderIncident, c.incident)
	h.Set("Cache-Control", "no-store") // calls that may be kept say so
	h.Set("X-Content-Type-Options", "nosniff")
	method := r.Method
	if r.Body == nil {
		r.Body = http.NoBody
	}
	c.r = r.WithContext(context.WithValue(r.Context(), callKey{}, c))
	if method == http.MethodHead {
		c.r.Method = http.MethodGet // net/http leaves the body out by itself
	}
	defer s.finish(c, method)
	s.router.ServeHTTP(c.w, c.r)
}

// finish turns a panic into an answer and writes the line of the program's
// own log: no body, no token, no password, no address.
func (s *Server) finish(c *call, method string) {
	p := recover()
	cut, _ := p.(error)
	if p != nil && !errors.Is(cut, http.ErrAbortHandler) {
		s.log.Error("panic", "incident", c.incident, "panic", fmt.Sprintf("%.200v", p), "stack", string(debug.Stack()))
		if c.w.status == 0 {
			c.out = c.w
			s.refuse(c, fmt.Errorf("panic: %.200v", p))
			p = nil
		}
	}
	took := s.now().Sub(c.start)
	s.metrics.saw(c, method, took)
	level := slog.LevelInfo
	if c.w.status >= 500 {
		level = slog.LevelError
	}
	attrs := []slog.Attr{slog.String("method", method), slog.String("route", c.route.path), slog.Int("status", c.w.status),
		slog.String("incident", c.incident), slog.Duration("duration", took)}
	if c.code != "" {
		attrs = append(attrs, slog.String("code", string(c.code)))
	}
	if c.cause != nil {
		attrs = append(attrs, slog.String("cause", c.cause.Error()))
	}
	s.log.LogAttrs(context.Background(), level, "call", attrs...)
	if p != nil {
		// Half an answer is out: cutting the connection is the only way to
		// keep it from being taken for a whole one.
		panic(http.ErrAbortHandler)
	}
}

// perform is one call: the token, then what the call does, then the refusal.
func (s *Server) perform(r route, g *gin.Context) {
	c := callOf(g)
	c.route, c.params = r, g.Params
	err := s.admit(c)
	if err == nil {
		err = r.handle(s, c)
	}
	if err != nil {
		s.refuse(c, err)
	}
}

// admit asks for the token where the call needs one (contract, section 4).
func (s *Server) admit(c *call) error {
	if c.route.may == anyone {
		return nil
	}
	scheme, token, _ := strings.Cut(c.r.Header.Get("Authorization"), " ")
	hash, ok := account.HashToken(strings.TrimSpace(token))
	if !ok || !strings.EqualFold(scheme, "Bearer") {
		return c.problem(surveysync.Unauthorized)
	}
	access, err := s.store.Access(c.ctx(), hash, c.start)
	if err != nil {
		return err
	}
	c.access, c.token = &access, hash
	s.used.note(hash, c.start)
	if access.Account.OneTime && c.route.may != letter {
		return c.problem(surveysync.PasswordChangeRequired)
	}
	return nil
}

// entry begins the line of this attempt in the sync log.
func (s *Server) entry(c *call, outcome string) surveysync.Entry {
	now := s.now()
	e := surveysync.Entry{
		At: now, Actor: surveysync.ActorSchool, Action: c.route.action, Outcome: outcome,
		ContentDigest: c.digest, Incident: c.incident, Size: c.taken, DurationMS: now.Sub(c.start).Milliseconds(),
		Client: tidy(c.r.Header.Get(surveysync.HeaderClient), 64),
	}
	if c.route.action != surveysync.ActionSubmit {
		e.ContentDigest = "" // a digest of a password's body could be searched for the password
	}
	if c.access != nil {
		e.Institution, e.InstitutionID = c.access.Institution.Code, c.access.Institution.ID
		e.Device = c.access.Session.Device
	}
	return e
}

// sendJSON writes one JSON answer.
func (c *call) sendJSON(status int, v any) error {
	raw, err := plainJSON(v)
	if err != nil {
		return fmt.Errorf("write the answer: %w", err)
	}
	c.send(status, "application/json", raw)
	return nil
}

func (c *call) send(status int, mediaType string, body []byte) {
	h := c.w.Header()
	h.Set("Content-Type", mediaType)
	h.Set("Content-Length", strconv.Itoa(len(body)))
	c.out.WriteHeader(status)
	// A client that has gone away asks again; there is nobody left to tell.
	_, _ = c.out.Write(body)
}

// sendStatus is an answer without a body.
func (c *call) sendStatus(status int) error {
	c.out.WriteHeader(status)
	_, _ = c.out.Write(nil) // Gin holds the status back until then
	return nil
}

// plainJSON is json.Marshal without the HTML escapes: a receipt has one
// spelling, and these would be another.
func plainJSON(v any) ([]byte, error) {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(b.Bytes(), []byte("\n")), nil
}
