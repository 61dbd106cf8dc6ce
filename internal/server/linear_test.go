package server

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/anishathalye/porcupine"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// query and told are one call about a part and its answer.
type query struct {
	put      string // submission id; "" for a question
	digest   string
	replaces int
}

// told is an answer; nil when its caller had given up. A put is told the
// receipt that it got or, with conflict, the current revision; a question is
// told the current revision, 0 for none.
type told struct {
	conflict bool
	id       string // "" where the answer does not say
	digest   string
	revision int
}

// onePart is what the contract says of one part, one call after the other: its
// state is the list of its revisions.
var onePart = porcupine.Model{
	Init:  func() any { return []query(nil) },
	Equal: func(a, b any) bool { return slices.Equal(a.([]query), b.([]query)) },
	Step: func(state, input, output any) (bool, any) {
		revisions, in := state.([]query), input.(query)
		out, heard := output.(told)
		if in.put == "" {
			return out.is(revisions, len(revisions)), revisions
		}
		known := 1 + slices.IndexFunc(revisions, func(r query) bool { return r.put == in.put })
		switch {
		case known > 0: // the same receipt for ever
			return !heard || !out.conflict && out.is(revisions, known), revisions
		case in.replaces == len(revisions):
			after := append(slices.Clone(revisions), in)
			return !heard || !out.conflict && out.is(after, len(after)), after
		}
		return !heard || out.conflict && out.is(revisions, len(revisions)), revisions
	},
}

// is: the answer tells of revision n.
func (t told) is(revisions []query, n int) bool {
	if t.revision != n || n == 0 {
		return t.revision == n
	}
	r := revisions[n-1]
	return t.digest == r.digest && (t.id == "" || t.id == r.put)
}

// TestLinear: whatever calls about one part come at once, their answers are
// those of some order in which they came one after the other.
func TestLinear(t *testing.T) {
	everywhere(t, func(t *testing.T, open opener) {
		if at, ok := linear(t, open, nil); !ok {
			t.Errorf("no order explains the answers:\n%s", at)
		}
	})
}

// TestLinearFindsABrokenStore: and it is noticed where they are not.
func TestLinearFindsABrokenStore(t *testing.T) {
	for name, broken := range map[string]func(store.Store) store.Store{
		"the base is compared before the transaction": func(s store.Store) store.Store { return checkThenAct{Store: s} },
		"a resend is not known again":                 func(s store.Store) store.Store { return noKey{Store: s} },
		"a reader is shown what was":                  func(s store.Store) store.Store { return &lagging{Store: s} },
	} {
		t.Run(name, func(t *testing.T) {
			for range 20 {
				if _, ok := linear(t, inFile, broken); !ok {
					return
				}
			}
			t.Error("20 runs have not noticed it")
		})
	}
}

// linear lets six devices of a school ask and send at once, and says whether
// the answers can be explained.
func linear(t *testing.T, open opener, broken func(store.Store) store.Store) (history string, ok bool) {
	t.Helper()
	w := newWorldOn(t, open, func(c *Config) {
		if broken != nil {
			c.Store = broken(c.Store)
		}
	})
	token := w.token(w.state)
	var (
		clock   atomic.Int64
		newest  atomic.Int64 // revision that anybody was told of
		offered = make(chan surveysync.Submission, 1000)
		made    [6][]porcupine.Operation
		group   sync.WaitGroup
	)
	for i := range 300 {
		s := w.submission(survey.GeneralPart)
		s.Answers["students"] = i
		offered <- s
	}
	for i := range made {
		group.Go(func() {
			r := rand.New(rand.NewPCG(rand.Uint64(), 0))
			var mine surveysync.Submission
			replaces := 0
			for range 50 {
				var in query
				var do func() told
				switch lot := r.IntN(10); lot {
				case 0:
					do = func() told { return w.currentPart(t, token) }
				case 1:
					do = func() told { return w.statusOfPart(t, token) }
				default:
					if lot > 3 || mine.SubmissionID == "" { // otherwise the same once more
						mine, replaces = <-offered, int(newest.Load())
					}
					in = query{mine.SubmissionID, surveysync.Digest([]byte(asJSON(mine))), replaces}
					do = func() told { return w.sendPart(t, token, mine, replaces) }
				}
				op := porcupine.Operation{ClientId: i, Input: in, Call: clock.Add(1)}
				out := do()
				op.Output, op.Return = out, clock.Add(1)
				newest.Store(max(newest.Load(), int64(out.revision)))
				if in.put != "" && r.IntN(10) == 0 { // it was not waited for
					op.Output, op.Return = nil, math.MaxInt64
				}
				made[i] = append(made[i], op)
			}
		})
	}
	group.Wait()
	all := slices.Concat(made[:]...)
	return describe(all), porcupine.CheckOperations(onePart, all)
}

func describe(all []porcupine.Operation) string {
	slices.SortFunc(all, func(a, b porcupine.Operation) int { return int(a.Call - b.Call) })
	var text strings.Builder
	for _, op := range all {
		fmt.Fprintf(&text, "%d-%d %d %+v %+v\n", op.Call, op.Return, op.ClientId, op.Input, op.Output)
	}
	return text.String()
}

func (w *world) sendPart(t *testing.T, token string, s surveysync.Submission, replaces int) told {
	g := w.put(token, s, replaces)
	if g.problem != nil {
		if g.problem.Code != surveysync.RevisionConflict || g.problem.Current == nil {
			t.Errorf("%d %s", g.Code, g.Body)
			return told{}
		}
		c := g.problem.Current
		return told{true, c.SubmissionID, c.ContentDigest, c.Revision}
	}
	var r surveysync.Receipt
	w.read(g, &r)
	return told{false, r.SubmissionID, r.ContentDigest, r.Revision}
}

func (w *world) currentPart(t *testing.T, token string) told {
	g := w.do(request{method: "GET", path: "/api/v1/parts/general", token: token})
	if g.problem != nil && g.problem.Code == surveysync.NotFound {
		return told{}
	}
	n, err := strconv.Atoi(strings.Trim(g.Header().Get("ETag"), `"`))
	if err != nil {
		t.Error(err)
	}
	return told{digest: surveysync.Digest(g.Body.Bytes()), revision: n}
}

func (w *world) statusOfPart(t *testing.T, token string) told {
	var r surveysync.Return
	w.read(w.do(request{method: "GET", path: "/api/v1/return", token: token}), &r)
	for _, p := range r.Parts {
		if p.Part == survey.GeneralPart {
			return told{digest: p.ContentDigest, revision: p.Revision}
		}
	}
	return told{}
}

// checkThenAct compares the base first and stores afterwards, as if the two
// belonged together.
type checkThenAct struct{ store.Store }

func (s checkThenAct) Accept(ctx context.Context, p store.Put) (store.Answered, error) {
	current := func() int {
		sub, err := s.Submission(ctx, p.Access.Institution.ID, p.Incoming.Part, 0)
		if err != nil {
			return 0
		}
		return sub.Revision
	}
	if p.Incoming.Replaces != current() {
		return s.Store.Accept(ctx, p)
	}
	for { // it was found right, so it is stored, whatever has come meanwhile
		a, err := s.Store.Accept(ctx, p)
		if err != nil || a.Verdict.Code != surveysync.RevisionConflict {
			return a, err
		}
		p.Incoming.Replaces = current()
	}
}

// noKey takes what it has stored already for another device's.
type noKey struct{ store.Store }

func (s noKey) Accept(ctx context.Context, p store.Put) (store.Answered, error) {
	a, err := s.Store.Accept(ctx, p)
	if err == nil && a.Verdict.Outcome == surveysync.Replay {
		r := a.Receipt
		a.Verdict.Outcome, a.Verdict.Code = surveysync.Refuse, surveysync.RevisionConflict
		a.Current = &surveysync.Current{Receipt: r}
	}
	return a, err
}

// lagging shows readers what was there a while ago, most of the time.
type lagging struct {
	store.Store

	mu    sync.Mutex
	asked int
	seen  []store.Part
}

func (s *lagging) Parts(ctx context.Context, institution string) ([]store.Part, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.asked++; s.asked%4 != 1 {
		return s.seen, nil
	}
	var err error
	s.seen, err = s.Store.Parts(ctx, institution)
	return s.seen, err
}
