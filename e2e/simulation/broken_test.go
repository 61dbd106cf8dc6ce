package simulation_test

import (
	"context"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Promises that a server does not keep.
const (
	noBaseCheck     = "accepts whatever revision was named"
	answeredTooSoon = "answers before it is on the disk"
)

// TestHistoriesFindABrokenServer: a hunter that finds nothing in a broken world
// is not hunting. The seeds differ from run to run; the bound is far beyond
// what the worst of them needs (some tens of histories), and who finds nothing
// pays for it, nobody else.
func TestHistoriesFindABrokenServer(t *testing.T) {
	const bound = 4000
	set(t, "rapid.checks", strconv.Itoa(bound))
	set(t, "rapid.steps", "12")
	set(t, "rapid.nofailfile", "true")
	set(t, "rapid.shrinktime", "1ms")
	for _, broken := range []string{noBaseCheck, answeredTooSoon} {
		t.Run(broken, func(t *testing.T) {
			v := &verdict{TB: t}
			made := 0
			done := make(chan struct{})
			go func() {
				defer close(done)
				rapid.Check(v, func(rt *rapid.T) { made++; live(rt, file{}, broken) })
			}()
			<-done
			if !v.failed {
				t.Errorf("%d histories have not noticed it", bound)
			}
			t.Logf("noticed within %d histories", made)
		})
	}
}

// verdict hears what rapid finds and does not fail.
type verdict struct {
	rapid.TB
	failed bool
}

func (v *verdict) Errorf(string, ...any) { v.failed = true }
func (v *verdict) Fatalf(string, ...any) { v.FailNow() }
func (v *verdict) Fail()                 { v.failed = true }
func (v *verdict) Failed() bool          { return v.failed }
func (v *verdict) Logf(string, ...any)   {}

func (v *verdict) FailNow() {
	v.failed = true
	runtime.Goexit()
}

// spoil breaks the promise on a call that is about to be served.
func (o *office) spoil(r *http.Request) {
	if r.Method != http.MethodPut || !strings.Contains(r.URL.Path, "/parts/") {
		return
	}
	switch o.broken {
	case noBaseCheck:
		current := 0
		part := r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:]
		if sub, err := o.engine.Submission(context.Background(), o.school.ID, part, 0); err == nil {
			current = sub.Revision
		}
		r.Header.Del("If-None-Match")
		r.Header.Set("If-Match", strconv.Quote(strconv.Itoa(current)))
		if current == 0 {
			r.Header.Del("If-Match")
			r.Header.Set("If-None-Match", "*")
		}
	case answeredTooSoon:
		o.before = o.read(o.path())
	}
}
