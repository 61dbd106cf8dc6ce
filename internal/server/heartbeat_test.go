package server

import (
	"strings"
	"testing"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// TestHeartbeat: a device says how far it is, in counters, and no more often
// than is of use.
func TestHeartbeat(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	before, err := w.store.Log(t.Context(), store.LogFilter{After: -1})
	w.must(err)
	send := func(body string) got {
		return w.do(request{method: "PUT", path: "/api/v1/heartbeat", token: token, body: body})
	}
	good := `{"parts":[{"part":"general","percent":40,"hard":2,"explain":1,"state":"draft"}],"unsent":1,"last_error":"timeout","client":"1.0"}`
	w.valid(request{method: "PUT", path: "/api/v1/heartbeat", token: token, body: good})
	w.done(send(good), 204)
	all, err := w.store.Heartbeats(t.Context())
	w.must(err)
	want := surveysync.HeartbeatPart{Part: "general", Percent: 40, Hard: 2, Explain: 1, State: "draft"}
	if h := all[w.state.ID]; len(h) != 1 || h[0].Parts[0] != want || h[0].LastError != "timeout" || !h[0].At.Equal(w.clock.now()) || h[0].Device == "" {
		t.Fatalf("kept %+v", h)
	}
	after, err := w.store.Log(t.Context(), store.LogFilter{After: -1})
	w.must(err)
	if len(after) != len(before) {
		t.Errorf("a heartbeat has left a line: %+v", after[len(after)-1])
	}
	for _, bad := range []string{
		`{"parts":[{"part":"general","percent":101,"hard":0,"explain":0,"state":"draft"}],"unsent":0,"last_error":"","client":""}`,
		`{"parts":[{"part":"general","percent":1,"hard":-1,"explain":0,"state":"draft"}]}`, `{"parts":[],"answers":{"x":1}}`,
		`{"parts":[{"part":"gen eral","percent":1,"state":"draft"}]}`, `{"unsent":-1}`, `{"last_error":"No such host!"}`, `[]`,
		`{"parts":[{"part":"general","part":"tecnico","percent":1,"state":"draft"}]}`, `{"client":"` + strings.Repeat("x", 65) + `"}`,
	} {
		w.wants(send(bad), surveysync.Invalid)
	}
	for range 20 {
		send(good)
	}
	refused := send(good)
	w.wants(refused, surveysync.RateLimited)
	if refused.Header().Get("Retry-After") == "" {
		t.Error("it does not say when to come back")
	}
	w.clock.move(31 * time.Second)
	w.done(send(good), 204)
	w.wants(w.do(request{method: "PUT", path: "/api/v1/heartbeat", body: good}), surveysync.Unauthorized)
}
