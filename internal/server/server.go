package server

import (
	"context"
	"crypto/rand"
	"io"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/gin-gonic/gin"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

// The time that one call may take. An upload of 1 MiB over a line of
// 128 kbit/s takes 70 seconds; what is slower than that holds a connection for
// nothing.
const (
	readHeaderTimeout = 10 * time.Second
	readTimeout       = 2 * time.Minute
	// writeTimeout runs from the end of the request's header, so it spans the
	// reading of the body too.
	writeTimeout = readTimeout + time.Minute
	idleTimeout  = 2 * time.Minute

	// maxHeader is generous for the dozen short headers that a call has.
	maxHeader = 16 << 10

	// hashTimeout bounds the wait for a place to hash a password when all the
	// schools sign in at once; then the answer is "try again".
	hashTimeout = 20 * time.Second
)

// Config is what a Server works with. Store and Hasher are required.
type Config struct {
	Store  store.Store
	Hasher *account.Hasher

	// Delays slow failed sign-ins down; nil: those of a server of its own.
	Delays *account.Delays

	// Submissions of one institution: so many at once, then so many a second.
	// Zero gives 100 and 10. The contract promises bursts of 50; the rest is
	// room for two devices of one school at the last hour.
	SubmitBurst     int
	SubmitPerSecond float64

	Now     func() time.Time // nil: time.Now
	Rand    io.Reader        // tokens, incident codes; nil: crypto/rand
	Version string           // of the program
	Name    string           // of the product; "" is Rileva
	Log     *slog.Logger     // nil: none

	// Ticks drives the summary leaves of Run; nil: once a minute.
	Ticks <-chan time.Time
}

// Server answers the calls of the contract. It keeps nothing that a restart
// would lose but counters of failures. Build it with New; it is safe for
// concurrent use.
type Server struct {
	store    store.Store
	hasher   *account.Hasher
	delays   *account.Delays
	submits  *limits
	refused  *limits // leaves of refusals under a valid token, by institution
	beats    *limits // heartbeats, by institution
	now      func() time.Time
	random   io.Reader
	version  string
	name     string
	log      *slog.Logger
	ticks    <-chan time.Time
	router   *gin.Engine
	rome     *time.Location
	outside  refusals
	used     uses
	metrics  *metrics
	compiled sync.Map // digest → *survey.Questionnaire; as many as were ever published
}

// New builds a Server.
func New(c Config) *Server {
	s := &Server{
		store: c.Store, hasher: c.Hasher, delays: c.Delays,
		now: c.Now, random: c.Rand, version: c.Version, name: c.Name, log: c.Log, ticks: c.Ticks,
		outside: refusals{byCode: map[string]int64{}}, used: uses{at: map[[32]byte]time.Time{}}, metrics: newMetrics(),
	}
	if s.delays == nil {
		s.delays = account.NewDelays(nil)
	}
	if s.now == nil {
		s.now = time.Now
	}
	if s.random == nil {
		s.random = rand.Reader
	}
	if s.name == "" {
		s.name = "Rileva"
	}
	if s.log == nil {
		s.log = slog.New(slog.DiscardHandler)
	}
	if c.SubmitBurst == 0 {
		c.SubmitBurst = 100
	}
	if c.SubmitPerSecond == 0 {
		c.SubmitPerSecond = 10
	}
	s.submits = newLimits(c.SubmitPerSecond, c.SubmitBurst)
	s.refused = newLimits(1, 100)
	s.beats = newLimits(1.0/30, 20)
	// Without the zone's data a moment is shown in the zone that it was given
	// in, with its offset; cmd/server embeds the data.
	s.rome, _ = time.LoadLocation("Europe/Rome")
	s.router = s.newRouter()
	return s
}

// Handler answers every call.
func (s *Server) Handler() http.Handler { return http.HandlerFunc(s.serve) }

// HTTPServer gives a server with limits on time and headers, ready for an
// address or a listener.
func (s *Server) HTTPServer() *http.Server {
	return &http.Server{
		Handler:           s.Handler(),
		ReadHeaderTimeout: readHeaderTimeout,
		ReadTimeout:       readTimeout,
		WriteTimeout:      writeTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		// net/http would answer "OPTIONS *" by itself, without our headers.
		DisableGeneralOptionsHandler: true,
		ErrorLog:                     slog.NewLogLogger(s.log.Handler(), slog.LevelWarn),
	}
}

// questionnaire gives a published version, compiled.
func (s *Server) questionnaire(ctx context.Context, digest string) (*survey.Questionnaire, error) {
	if q, ok := s.compiled.Load(digest); ok {
		return q.(*survey.Questionnaire), nil
	}
	raw, err := s.store.Questionnaire(ctx, digest)
	if err != nil {
		return nil, err
	}
	q, err := survey.LoadOnce(raw)
	if err != nil {
		return nil, err
	}
	s.compiled.Store(digest, q)
	return q, nil
}
