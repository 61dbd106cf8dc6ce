package server

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// TestSameAnswer: a wrong password, an unknown code, a code without a
// password, a revoked one and what is no code at all look alike.
func TestSameAnswer(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "credentials_revoke", Outcome: surveysync.OutcomeOK}
	w.must(w.store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var in store.Institution
		in.Code, in.Codes, in.Name, in.AddedAt = "MIPS00300A", []string{"MIPS00300A"}, "Senza lettera", noon
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	if _, err := w.store.RevokeSessions(ctx, w.private.ID, "", act); err != nil {
		t.Fatal(err)
	}
	var first string
	for _, try := range [][2]string{
		{"MIIS00100B", "no"}, {"MIIS99900X", "no"}, {"MIPS00300A", "no"}, {"MIPS00300A", ""}, {"??", "no"},
		{w.private.Code, w.letter[w.private.ID]}, {"MIIS00100B", strings.Repeat("x", 100_000)}, {strings.Repeat("Z", 5000), "no"},
	} {
		if try[1] == "" {
			try[1] = " "
		}
		before := w.server.hasher.Computed()
		g := w.do(request{method: "POST", path: "/api/v1/sessions", body: asJSON(surveysync.SignIn{Code: try[0], Password: try[1], Device: "PC"}),
			header: []string{"Rileva-Incident: 0000-0000"}})
		if n := w.server.hasher.Computed() - before; n != 1 { // which is nearly all of its time
			t.Errorf("%.40q costs %d hashes", try[0], n)
		}
		w.wants(g, surveysync.Unauthorized)
		if first == "" {
			first = g.Body.String()
		}
		if g.Body.String() != first || g.Header().Get("WWW-Authenticate") == "" {
			t.Errorf("%.40q is told apart: %s", try[0], g.Body)
		}
	}
}

// TestThrottle: failures of one code delay that code and never lock it out.
func TestThrottle(t *testing.T) {
	w := newWorld(t)
	for range 4 {
		w.wants(w.signIn("MIIS00100B", "no"), surveysync.Unauthorized)
	}
	g := w.signIn("MIIS00100B", w.letter[w.state.ID])
	p := w.wants(g, surveysync.RateLimited)
	if g.Header().Get("Retry-After") != "1" || !strings.Contains(p.Hint, " 1 ") {
		t.Errorf("Retry-After %q, %q", g.Header().Get("Retry-After"), p.Hint)
	}
	w.done(w.signIn(w.private.Code, w.letter[w.private.ID]), 201) // another school
	for range 5 {
		w.wants(w.signIn("MITF001012", "no"), surveysync.UseFirstCode) // no password was looked at
	}
	w.clock.move(time.Second)
	w.done(w.signIn("MIIS00100B", w.letter[w.state.ID]), 201)
	for range 4 { // and all are free again
		w.wants(w.signIn("MIIS00100B", "no"), surveysync.Unauthorized)
	}
}

// TestThrottleByAddress: one address that tries many codes is slowed down;
// another is not, and the machine itself, where a proxy stands, never is.
func TestThrottleByAddress(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.Delays = account.NewDelays(nil); c.Delays.ByNetwork = account.NewThrottle(5, 100) })
	try := func(i int, from string) got {
		return w.do(request{method: "POST", path: "/api/v1/sessions", from: from,
			body: asJSON(surveysync.SignIn{Code: fmt.Sprintf("MIIS%05dX", i), Password: "no", Device: "PC"})})
	}
	for i := range 6 {
		w.wants(try(i, "[2001:db8::1]:1"), surveysync.Unauthorized)
	}
	w.wants(try(7, "[2001:db8::2]:1"), surveysync.RateLimited) // the same network
	w.wants(try(8, "[2001:db8:1::1]:1"), surveysync.Unauthorized)
	for i := range 20 {
		w.wants(try(100+i, "127.0.0.1:1"), surveysync.Unauthorized)
	}
}

func TestParallelGuesses(t *testing.T) {
	w := newWorld(t)
	var group sync.WaitGroup
	results := make([]surveysync.Code, 50)
	for i := range results {
		group.Go(func() { results[i] = w.signIn("MIIS00100B", "no").problem.Code })
	}
	group.Wait()
	looked := 0
	for _, code := range results {
		if code == surveysync.Unauthorized {
			looked++
		}
	}
	if looked != 4 {
		t.Errorf("%d parallel guesses were looked at, not 4", looked)
	}
}

func TestExcludedMaySignIn(t *testing.T) {
	w := newWorld(t)
	w.must(w.store.EditInstitutions(context.Background(), func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		for i := range all {
			all[i].Excluded = "fuori dalla rilevazione"
		}
		return store.RegisterEdit{Put: all}, nil
	}))
	token := w.token(w.state)
	var ret surveysync.Return
	w.read(w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200), &ret)
	if ret.State != "not_due" {
		t.Errorf("state %s", ret.State)
	}
}

func TestTokenExpires(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	w.clock.move(tokenLife - time.Second)
	w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200)
	w.clock.move(2 * time.Second)
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: token}), surveysync.Unauthorized)
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	var first, second surveysync.Session
	w.read(w.done(w.signIn("MIIS00100B", w.letter[w.state.ID]), 201), &first)
	w.read(w.done(w.signIn("MIIS00100B", w.letter[w.state.ID]), 201), &second)
	change := func(token, current, new string) got {
		return w.do(request{method: "PUT", path: "/api/v1/password", token: token, body: asJSON(surveysync.PasswordChange{Current: current, New: new})})
	}
	letter := w.letter[w.state.ID]
	for _, bad := range []string{"corta", "password1234", "la mia MIIS00100B qui", "il codice mitf001012", "Istituto Alfa 2023", letter,
		strings.ReplaceAll(letter, "-", ""), strings.Repeat("lungo ", 30)} {
		p := w.wants(change(first.Token, letter, bad), surveysync.Invalid)
		if p.Title != "Password non accettata" || strings.Contains(p.Hint, "Aggiornare") {
			t.Errorf("%q: %+v", bad, p)
		}
	}
	english := w.do(request{method: "PUT", path: "/api/v1/password", token: first.Token, header: []string{"Accept-Language: en"},
		body: asJSON(surveysync.PasswordChange{Current: letter, New: "short"})})
	says(t, w.wants(english, surveysync.Invalid).Detail, "at least 10 characters")
	w.wants(change(first.Token, "no", goodPassword), surveysync.WrongPassword)
	w.done(change(first.Token, letter, goodPassword), 204)
	var third surveysync.Session
	w.read(w.done(w.signIn("MIIS00100B", goodPassword), 201), &third)
	w.done(change(first.Token, letter, goodPassword), 204)                                // the answer was lost
	w.done(change(first.Token, goodPassword, goodPassword), 204)                          // in force already
	w.done(w.do(request{method: "GET", path: "/api/v1/return", token: third.Token}), 200) // who knows the new one stays
	// What found itself done was written too, or its answer would not wait for a standby.
	repeated, err := w.store.Log(t.Context(), store.LogFilter{Action: surveysync.ActionChangePassword, Outcome: surveysync.OutcomeReplayed, After: -1})
	if w.must(err); len(repeated) != 2 {
		t.Errorf("%d repeated changes are in the log, want 2", len(repeated))
	}
	w.wants(change(first.Token, letter, "un'altra parola lunga"), surveysync.WrongPassword)
	w.done(w.do(request{method: "GET", path: "/api/v1/return", token: first.Token}), 200)
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: second.Token}), surveysync.Unauthorized)
	w.wants(w.signIn("MIIS00100B", letter), surveysync.Unauthorized)
	w.done(w.signIn("MIIS00100B", goodPassword), 201)
	// Guessing under a token is slowed down, the sign-in beside it is not.
	for range 3 {
		w.wants(change(first.Token, "no", "un'altra parola lunga"), surveysync.WrongPassword)
	}
	w.wants(change(first.Token, goodPassword, "un'altra parola lunga"), surveysync.RateLimited)
	w.done(w.signIn("MIIS00100B", goodPassword), 201)
}

// TestConcurrentChanges: of two different new passwords one wins, and the
// other is told that the current one is wrong; equal ones are all well.
func TestConcurrentChanges(t *testing.T) {
	for name, words := range map[string][2]string{"equal": {goodPassword, goodPassword}, "different": {goodPassword, "cinque ombrelli gialli"}} {
		w := newWorld(t)
		var s surveysync.Session
		w.read(w.done(w.signIn("MIIS00100B", w.letter[w.state.ID]), 201), &s)
		var group sync.WaitGroup
		codes := make([]int, 2)
		for i, new := range words {
			group.Go(func() {
				codes[i] = w.do(request{method: "PUT", path: "/api/v1/password", token: s.Token,
					body: asJSON(surveysync.PasswordChange{Current: w.letter[w.state.ID], New: new})}).Code
			})
		}
		group.Wait()
		if sum := codes[0] + codes[1]; name == "equal" && sum != 2*204 || name == "different" && sum != 204+403 {
			t.Errorf("%s: %v", name, codes)
		}
	}
}

// TestSecretsStayOut: neither the program's log nor the sync log holds a
// password, a token or an answer.
func TestSecretsStayOut(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	s := w.submission("general", func(s *surveysync.Submission) { s.Answers["notes"] = "parole riservate" })
	w.done(w.put(token, s, 0), 201)
	w.wants(w.do(request{method: "PUT", path: "/api/v1/password", token: token, body: asJSON(surveysync.PasswordChange{Current: "sbagliata-davvero", New: "corta"})}), surveysync.WrongPassword)
	all := w.log.String() + asJSON(w.lines(0))
	for _, secret := range []string{token, goodPassword, w.letter[w.state.ID], "parole riservate", "sbagliata-davvero", "192.0.2.1"} {
		if strings.Contains(all, secret) {
			t.Errorf("a log holds %q", secret)
		}
	}
	says(t, w.log.String(), "route=/api/v1/parts/:part")
}

// TestLines: what each attempt leaves in the sync log.
func TestLines(t *testing.T) {
	w := newWorld(t)
	before := len(w.lines(0))
	token := w.token(w.state)
	header := []string{"Rileva-Client: 1.2\x07 beta", "Rileva-Incident: ABCD-0101"}
	general := w.submission("general")
	r := w.putRequest(token, general, 0)
	r.header = append(r.header, header...)
	w.do(r)
	w.do(r)
	w.do(request{method: "PUT", path: "/api/v1/parts/general", token: token, body: "{", header: header})
	w.do(request{method: "PUT", path: "/api/v1/parts/free-text", token: token, body: "{}", header: header})
	w.do(request{method: "GET", path: "/api/v1/receipts/x", token: token})
	w.do(request{method: "PUT", path: "/api/v1/password", token: token, body: `{"current":"no","new":"no"}`})
	w.wants(w.put(token, w.submission("liceale"), 0), surveysync.TrackNotOffered)
	w.do(request{method: "GET", path: "/api/v1/return", token: token}) // well done: no line
	w.do(request{method: "GET", path: "/no"})
	w.signIn("MIIS00100B", "no")
	w.do(request{method: "DELETE", path: "/api/v1/session", token: token})
	w.do(request{method: "DELETE", path: "/api/v1/session", token: token})
	want := []string{"sign_in ok", "change_password ok", "submit accepted", "submit replayed", "submit invalid", "submit invalid",
		"read not_found", "change_password wrong_password", "submit track_not_offered", "sign_out ok"}
	lines := w.lines(before)
	for i, line := range lines {
		if i >= len(want) || line.Action+" "+line.Outcome != want[i] {
			t.Fatalf("line %d: %+v, want %v", i, line.Entry, want)
		}
		if line.Actor != surveysync.ActorSchool || line.Institution != "MIIS00100B" || line.InstitutionID != w.state.ID || line.Device != "PC segreteria" || line.Incident == "" {
			t.Errorf("line %d does not tell who: %+v", i, line.Entry)
		}
		if line.Action == surveysync.ActionSubmit && i < 6 && (line.Client != "1.2 beta" || line.Incident != "ABCD-0101" || line.Size == 0) {
			t.Errorf("line %d does not tell how: %+v", i, line.Entry)
		}
		if strings.Contains(line.Part, "free") {
			t.Error("the address's free text stands in the log")
		}
	}
	if len(lines) != len(want) {
		t.Errorf("%d lines, want %d", len(lines), len(want))
	}
}

// TestSummary: refusals without a token leave one line a minute.
func TestSummary(t *testing.T) {
	w := newWorld(t)
	before := len(w.lines(0))
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.server.Run(ctx) }()
	for range 3 {
		w.signIn("MIIS00100B", "no")
		w.do(request{method: "GET", path: "/api/v1/return"})
		w.do(request{method: "GET", path: "/no"}) // a passer-by, not an attempt
	}
	w.do(request{method: "POST", path: "/api/v1/sessions", body: "{"})
	for range 3 { // each is taken only after the one before was dealt with
		w.ticks <- noon
	}
	lines := w.lines(before)
	if len(lines) != 1 || lines[0].Action != surveysync.ActionRefusals || lines[0].Count != 7 || lines[0].Note != "invalid 1, unauthorized 6" ||
		lines[0].Actor != surveysync.ActorServer {
		t.Fatalf("lines %+v", lines)
	}
	w.do(request{method: "GET", path: "/api/v1/return"})
	cancel()
	w.must(<-done)
	if lines = w.lines(before); len(lines) != 2 || lines[1].Count != 1 {
		t.Errorf("at the end: %+v", lines)
	}
}

// TestFloodUnderToken: a program that repeats a refused call does not fill the
// log; beyond the limit it is counted.
func TestFloodUnderToken(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	before := len(w.lines(0))
	for range 150 {
		w.wants(w.do(request{method: "GET", path: "/api/v1/receipts/x", token: token}), surveysync.NotFound)
	}
	if n := len(w.lines(before)); n != 100 {
		t.Errorf("%d lines", n)
	}
	if counted := w.server.outside.take()["not_found"]; counted != 50 {
		t.Errorf("%d counted", counted)
	}
}

// TestUsesAreNoted: the store learns once a minute when a token was used.
func TestUsesAreNoted(t *testing.T) {
	w := newWorld(t)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- w.server.Run(ctx) }()
	token := w.token(w.state)
	w.clock.move(time.Hour)
	w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200)
	for range 2 {
		w.ticks <- noon
	}
	sessions, err := w.store.Sessions(ctx, w.state.ID)
	w.must(err)
	if len(sessions) != 1 || !sessions[0].LastUsed.Equal(noon.Add(time.Hour)) || sessions[0].Device != "PC segreteria" {
		t.Errorf("sessions %+v", sessions)
	}
	cancel()
	w.must(<-done)
}
