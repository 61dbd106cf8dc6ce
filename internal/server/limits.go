package server

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	surveysync "rileva/pkg/sync"
)

// limits is one bucket for each institution. Their number is that of the
// institutions with a token, so nothing needs to be forgotten.
type limits struct {
	perSecond rate.Limit
	burst     int

	mu sync.Mutex
	by map[string]*rate.Limiter
}

func newLimits(perSecond float64, burst int) *limits {
	return &limits{perSecond: rate.Limit(perSecond), burst: burst, by: map[string]*rate.Limiter{}}
}

// wait takes one from the bucket, or tells how long until there is one.
func (l *limits) wait(institutionID string, now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	one, ok := l.by[institutionID]
	if !ok {
		one = rate.NewLimiter(l.perSecond, l.burst)
		l.by[institutionID] = one
	}
	r := one.ReserveN(now, 1)
	delay := r.DelayFrom(now)
	if delay > 0 {
		r.CancelAt(now)
	}
	return delay
}

// refusals counts what was refused without a valid token. Anyone can send
// such calls, so they may not each make the log grow: they leave one line a
// minute (contract, section 4).
type refusals struct {
	mu     sync.Mutex
	byCode map[string]int64
}

func (r *refusals) add(code string) { r.addAll(map[string]int64{code: 1}) }

func (r *refusals) addAll(counts map[string]int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for code, n := range counts {
		r.byCode[code] += n
	}
}

func (r *refusals) take() map[string]int64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	counts := r.byCode
	r.byCode = map[string]int64{}
	return counts
}

// uses gathers when tokens were used, to be noted in one go: a reading must
// not wait for a disk. Only live tokens come here, so their number is bounded.
type uses struct {
	mu sync.Mutex
	at map[[32]byte]time.Time
}

func (u *uses) note(token [32]byte, at time.Time) { u.noteAll(map[[32]byte]time.Time{token: at}) }

func (u *uses) noteAll(at map[[32]byte]time.Time) {
	u.mu.Lock()
	defer u.mu.Unlock()
	for token, one := range at {
		if one.After(u.at[token]) {
			u.at[token] = one
		}
	}
}

func (u *uses) take() map[[32]byte]time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	taken := u.at
	u.at = map[[32]byte]time.Time{}
	return taken
}

// noteUses writes down when each token was used last.
func (s *Server) noteUses(ctx context.Context) {
	taken := s.used.take()
	if len(taken) == 0 {
		return
	}
	if err := s.store.NoteUses(ctx, taken); err != nil {
		s.used.noteAll(taken) // for the next minute
		s.log.Error("note the last use of tokens", "cause", err.Error())
	}
}

// Run leaves the summary lines and notes the uses of tokens until ctx ends, and the last ones then. What was
// counted when the program is killed is lost; it is a count of nobody's calls.
func (s *Server) Run(ctx context.Context) error {
	ticks := s.ticks
	if ticks == nil {
		ticker := time.NewTicker(time.Minute)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-ticks:
			s.summarise(ctx)
			s.noteUses(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			s.summarise(last)
			s.noteUses(last)
			return nil
		}
	}
}

// summarise leaves one line for all that was counted since the last one.
func (s *Server) summarise(ctx context.Context) {
	counts := s.outside.take()
	if len(counts) == 0 {
		return
	}
	total, words := int64(0), []string{}
	for _, code := range slices.Sorted(maps.Keys(counts)) {
		total += counts[code]
		words = append(words, fmt.Sprintf("%s %d", code, counts[code]))
	}
	err := s.store.Record(ctx, surveysync.Entry{At: s.now(), Actor: surveysync.ActorServer, Action: surveysync.ActionRefusals,
		Outcome: surveysync.OutcomeOK, Count: total, Note: strings.Join(words, ", ")})
	if err != nil {
		s.outside.addAll(counts) // for the next minute
		s.log.Error("leave the summary of refusals", "cause", err.Error())
	}
}
