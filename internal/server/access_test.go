package server

import (
	"context"
	"flag"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var update = flag.Bool("update", false, "write the table of docs/security.md anew")

// doors is a world in which one school has sent something, another has a
// password of its own, and a third still has the one of its letter.
type doors struct {
	*world
	fresh   store.Institution
	sent    request // the first school's submission, as it was sent
	receipt surveysync.Receipt
	epoch   string
	act     surveysync.Entry
}

// actor is who makes a call.
type actor struct {
	in       store.Institution
	password string
	token    string
}

const otherPassword = "cinque ombrelli gialli al vento"

func newDoors(t *testing.T) *doors {
	t.Helper()
	d := &doors{world: newWorld(t), act: surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "credentials_revoke", Outcome: surveysync.OutcomeOK}}
	d.must(d.store.EditInstitutions(t.Context(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var in store.Institution
		in.Code, in.Codes, in.Name, in.Kind, in.AddedAt = "MIPS00300A", []string{"MIPS00300A"}, "Liceo Gamma", survey.KindState, noon
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	var err error
	d.fresh, err = d.store.FindInstitution(t.Context(), "MIPS00300A")
	d.must(err)
	token := d.token(d.state)
	s := d.submission(survey.GeneralPart, func(s *surveysync.Submission) { s.Answers["notes"] = "parole di Alfa" })
	d.receipt = d.world.sent(token, s, 0, 201)
	d.sent = d.putRequest("", s, 0)
	meta, err := d.store.Meta(t.Context())
	d.must(err)
	d.epoch = meta.Epoch
	// The other school's own password, so that the first one's is wrong for it.
	token = d.token(d.private)
	d.done(d.do(request{method: "PUT", path: "/api/v1/password", token: token,
		body: asJSON(surveysync.PasswordChange{Current: goodPassword, New: otherPassword})}), 204)
	return d
}

func (d *doors) enter(a actor, device string) actor {
	d.t.Helper()
	var s surveysync.Session
	d.read(d.done(d.do(request{method: "POST", path: "/api/v1/sessions",
		body: asJSON(surveysync.SignIn{Code: a.in.Code, Password: a.password, Device: device})}), 201), &s)
	a.token = s.Token
	return a
}

func (d *doors) first() actor {
	return d.enter(actor{in: d.state, password: goodPassword}, "PC di Alfa")
}
func (d *doors) other() actor {
	return d.enter(actor{in: d.private, password: otherPassword}, "PC di Beta")
}

// lettered is a school that has signed in with its letter and done nothing more.
func (d *doors) lettered() actor {
	d.t.Helper()
	password := account.NewOneTimePassword(random{})
	hash, err := account.NewHasher(cheap, random{}).HashPassword(d.t.Context(), account.NormalizeOneTimePassword(password))
	d.must(err)
	_, err = d.store.IssueCredentials(d.t.Context(), map[string]string{d.fresh.ID: hash}, true, noon, d.act)
	d.must(err)
	return d.enter(actor{in: d.fresh, password: password}, "PC di Gamma")
}

// dead gives tokens that once were good, by what ended them.
func (d *doors) dead(how string) actor {
	d.t.Helper()
	ctx := d.t.Context()
	a := actor{in: d.state, password: goodPassword}
	switch how {
	case "signed out":
		a = d.first()
		d.done(d.do(request{method: "DELETE", path: "/api/v1/session", token: a.token}), 204)
	case "expired":
		token, hash := account.NewToken(random{})
		d.must(d.store.SignIn(ctx, store.Session{TokenHash: hash, InstitutionID: a.in.ID, Device: "PC", CreatedAt: noon.Add(-tokenLife), ExpiresAt: noon}, d.act))
		a.token = token
	case "device revoked":
		a = d.enter(a, "portatile rubato")
		n, err := d.store.RevokeSessions(ctx, a.in.ID, "portatile rubato", d.act)
		if err != nil || n != 1 {
			d.t.Fatalf("%d revoked, %v", n, err)
		}
	case "password reset":
		a = d.lettered()
		_, err := d.store.IssueCredentials(ctx, map[string]string{a.in.ID: "$"}, true, noon, d.act)
		d.must(err)
	case "school revoked":
		a = d.lettered()
		_, err := d.store.RevokeSessions(ctx, a.in.ID, "", d.act)
		d.must(err)
	}
	return a
}

// wellFormed makes of each call one that succeeds for a school that may make it.
var wellFormed = map[string]func(d *doors, a actor) request{
	"GET /healthz":                         plainGet,
	"GET /readyz":                          plainGet,
	"GET /api/v1/openapi.yaml":             plainGet,
	"GET /api/v1/server":                   plainGet,
	"GET /api/v1/log/checkpoint":           plainGet,
	"GET /api/v1/log/consistency":          func(*doors, actor) request { return request{path: "?old=1"} },
	"GET /api/v1/log/keys":                 plainGet,
	"DELETE /api/v1/session":               plainGet,
	"GET /api/v1/return":                   plainGet,
	"GET /api/v1/questionnaires/:digest":   plainGet,
	"GET /api/v1/parts/:part":              plainGet,
	"GET /api/v1/parts/:part/revisions":    plainGet,
	"GET /api/v1/parts/:part/revisions/:n": plainGet,
	"GET /api/v1/receipts/:number":         plainGet,
	"POST /api/v1/sessions": func(d *doors, _ actor) request {
		return request{body: asJSON(surveysync.SignIn{Code: d.state.Code, Password: goodPassword, Device: "PC"})}
	},
	"PUT /api/v1/password": func(_ *doors, a actor) request {
		return request{body: asJSON(surveysync.PasswordChange{Current: a.password, New: goodPassword})}
	},
	"PUT /api/v1/parts/:part": func(d *doors, _ actor) request { return d.sent },
	"POST /api/v1/reconcile": func(d *doors, _ actor) request {
		return request{body: asJSON(surveysync.Reconcile{Epoch: d.epoch, Held: []surveysync.Receipt{d.receipt}})}
	},
	"PUT /api/v1/heartbeat": func(*doors, actor) request {
		return request{body: `{"parts":[],"unsent":0,"last_error":"","client":"1.0"}`}
	},
}

func plainGet(*doors, actor) request { return request{} }

// request makes the call of a route, about the first school's things.
func (d *doors) request(r route, a actor) request {
	d.t.Helper()
	make, ok := wellFormed[r.method+" "+r.path]
	if !ok {
		d.t.Fatalf("%s %s is not tried in every role: say how it is made", r.method, r.path)
	}
	out := make(d, a)
	path := strings.NewReplacer(":part", survey.GeneralPart, ":number", d.receipt.Number, ":n", "1", ":digest", d.digest).Replace(r.path)
	if strings.HasPrefix(out.path, "?") {
		path += out.path
	}
	out.method, out.path, out.token = r.method, path, a.token
	return out
}

// answers is the rule in words, and the code that a refusal has; "" is none.
var answers = map[who][3]surveysync.Code{ // nobody or a dead token, the letter's password, a school
	anyone: {"", "", ""},
	letter: {surveysync.Unauthorized, "", ""},
	school: {surveysync.Unauthorized, surveysync.PasswordChangeRequired, ""},
}

// TestEveryCallInEveryRole is made from the router's own table.
func TestEveryCallInEveryRole(t *testing.T) {
	d := newDoors(t)
	if len(d.server.router.Routes()) != len(routes) {
		t.Fatal("the router has calls that the table has not")
	}
	dead := []string{"signed out", "expired", "device revoked", "password reset", "school revoked"}
	for _, r := range routes {
		name := r.method + " " + r.path
		try := func(role string, a actor, want surveysync.Code) {
			t.Helper()
			g := d.do(d.request(r, a))
			if want == "" && g.problem != nil || want != "" && (g.problem == nil || g.problem.Code != want) {
				t.Errorf("%s as %s: %d %.200s", name, role, g.Code, g.Body)
			}
		}
		codes, ok := answers[r.may]
		if !ok {
			t.Errorf("%s has no rule", name)
		}
		try("nobody", actor{in: d.state, password: goodPassword}, codes[0])
		try("a made-up token", actor{in: d.state, password: goodPassword, token: "rlv1_" + strings.Repeat("A", 43)}, codes[0])
		for _, how := range dead {
			try(how, d.dead(how), codes[0])
		}
		try("a school with its letter", d.lettered(), codes[1])
		try("the school", d.first(), codes[2])
	}
	d.consistent()
}

// TestNoRuleNoCall: what has no rule is not built.
func TestNoRuleNoCall(t *testing.T) {
	kept := routes
	defer func() {
		routes = kept
		if recover() == nil {
			t.Error("a call without a rule is served")
		}
	}()
	routes = append(routes[:len(routes):len(routes)], route{method: http.MethodGet, path: api + "/new", handle: (*Server).health})
	New(Config{Store: newWorld(t).store})
}

// belongings is all that the first school has on the server.
func (d *doors) belongings() string {
	d.t.Helper()
	ctx := context.Background()
	parts, err := d.store.Parts(ctx, d.state.ID)
	d.must(err)
	sessions, err := d.store.Sessions(ctx, d.state.ID)
	d.must(err)
	accounts, err := d.store.Accounts(ctx)
	d.must(err)
	beats, err := d.store.Heartbeats(ctx)
	d.must(err)
	history, err := d.store.Revisions(ctx, d.state.ID, survey.GeneralPart)
	d.must(err)
	return fmt.Sprint(asJSON(parts), asJSON(sessions), accounts[d.state.ID].Hash, accounts[d.state.ID].Revoked, asJSON(beats[d.state.ID]), asJSON(history))
}

// TestForeignIdentifiers: under another school's token the first one's
// identifiers stand in every place where one can: path, query, headers, body.
// Nothing of it comes out and nothing of it changes.
func TestForeignIdentifiers(t *testing.T) {
	d := newDoors(t)
	alfa := d.first()
	secrets := []string{"parole di Alfa", "PC di Alfa", "PC segreteria", d.receipt.Number, d.receipt.SubmissionID, d.receipt.ContentDigest, d.state.ID, d.state.Name, alfa.token}
	before := d.belongings()
	id := d.receipt.SubmissionID
	ownPart := func(s *surveysync.Submission) {
		s.Institution, s.Answers["school_code"] = d.private.Code, d.private.Code
	}
	stolen := d.submission(survey.GeneralPart, ownPart)
	stolen.SubmissionID = id
	forged := d.submission("tecnico", func(s *surveysync.Submission) { s.Institution = d.state.Codes[1] })
	bodies := []string{
		"", d.sent.body, asJSON(stolen), asJSON(forged), strings.Replace(d.sent.body, id, strings.Replace(id, "0193", "0194", 1), 1),
		asJSON(surveysync.SignIn{Code: d.state.Code, Password: otherPassword, Device: "PC di Alfa"}),
		asJSON(surveysync.SignIn{Code: d.state.Codes[1], Password: otherPassword, Device: "x"}),
		asJSON(surveysync.PasswordChange{Current: goodPassword, New: "sei comodini rossi in fila"}),
		asJSON(surveysync.Reconcile{Epoch: d.epoch, Held: []surveysync.Receipt{d.receipt}}),
		`{"parts":[{"part":"general","percent":1,"hard":0,"explain":0,"state":"draft"}],"unsent":0,"last_error":"","client":"` + d.state.Code + `"}`,
	}
	headers := [][]string{
		nil, {"If-Match: " + surveysync.ETag(d.receipt.Revision)}, {"If-None-Match: *"}, {"If-None-Match: " + surveysync.ETag(1)},
		{"If-None-Match: *", "Rileva-Receipt: " + asJSON(d.receipt)}, {"Rileva-Epoch: " + d.epoch},
		{"X-Institution: " + d.state.ID, "X-User: " + d.state.Code, "X-Original-URL: /api/v1/parts/general", "X-HTTP-Method-Override: DELETE"},
		{"Cookie: token=" + alfa.token, "Forwarded: for=" + d.state.Code, "X-Forwarded-User: " + d.state.Code},
		{"Authorization: Bearer " + alfa.token}, // a second one, after our own
	}
	queries := []string{"", "?institution=" + d.state.ID, "?code=" + d.state.Code + "&token=" + alfa.token, "?submission_id=" + id + "&old=1"}
	tried := 0
	for _, r := range routes {
		beta := d.other()
		for _, body := range bodies {
			for _, header := range headers {
				for _, query := range queries {
					if (body != "") != (r.method != http.MethodGet) || (body != "" || len(header) > 0) && query != "" {
						continue // no call reads both, and a GET no body
					}
					d.clock.move(time.Minute)
					if r.method == http.MethodDelete {
						beta = d.other() // the one before has ended
					}
					q := d.request(r, beta)
					if q.body, q.header = body, header; !strings.Contains(q.path, "?") {
						q.path += query
					}
					d.nothingOf(secrets, q)
					tried++
				}
			}
		}
		if after := d.belongings(); after != before {
			t.Fatalf("%s %s has changed what is the first school's:\nbefore %s\nafter  %s", r.method, r.path, before, after)
		}
	}
	beta := d.other()
	for _, path := range []string{"/" + d.state.ID, "/" + d.state.Code, "/institutions/" + d.state.Code + "/return", "/parts/" + id, "/receipts/" + d.receipt.Number, "/receipts/" + strings.ToLower(d.receipt.Number),
		"/parts/general/revisions/1", "/parts/general%2frevisions/1", "/parts/general/../general", "/receipts/" + id, "/questionnaires/" + d.receipt.ContentDigest} {
		d.nothingOf(secrets, request{method: "GET", path: api + path, token: beta.token})
		tried++
	}
	if tried < 500 {
		t.Errorf("only %d requests", tried)
	}
	d.consistent()
}

// nothingOf fails when an answer holds what the request did not bring itself.
func (d *doors) nothingOf(secrets []string, r request) {
	d.t.Helper()
	g := d.do(r)
	sent := fmt.Sprint(r.path, r.header, r.body)
	got := fmt.Sprint(g.Header(), g.Body)
	for _, s := range secrets {
		if strings.Contains(got, s) && !strings.Contains(sent, s) {
			d.t.Errorf("%s %s %v %.200s: the answer holds %q: %s", r.method, r.path, r.header, r.body, s, got)
		}
	}
	if g.Code >= 500 {
		d.t.Errorf("%s %s: %d", r.method, r.path, g.Code)
	}
}

// TestTableOfCalls: docs/security.md says of every call what the router does.
func TestTableOfCalls(t *testing.T) {
	say := func(code surveysync.Code) string {
		if code == "" {
			return "yes"
		}
		return "`" + string(code) + "`"
	}
	var b strings.Builder
	b.WriteString("| call | nobody, or a dead token | a school, by its letter's password | a school | another school's token |\n|---|---|---|---|---|\n")
	for _, r := range routes {
		codes, other := answers[r.may], "its own only"
		if r.may == anyone {
			other = "yes"
		}
		fmt.Fprintf(&b, "| `%s %s` | %s | %s | %s | %s |\n", r.method, r.path, say(codes[0]), say(codes[1]), say(codes[2]), other)
	}
	const path, begin, end = "../../docs/security.md", "<!-- calls -->\n", "<!-- /calls -->"
	raw, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	head, rest, _ := strings.Cut(string(raw), begin)
	table, tail, found := strings.Cut(rest, end)
	if !found {
		t.Fatal("the table is not in " + path)
	}
	if *update {
		if err := os.WriteFile(path, []byte(head+begin+b.String()+end+tail), 0o644); err != nil {
			t.Fatal(err)
		}
	} else if table != b.String() {
		t.Errorf("the table of calls is another one now (go test ./internal/server -run TableOfCalls -update):\n%s", b.String())
	}
}

// TestNamedTestsExist: docs/security.md leans on tests by their names.
func TestNamedTestsExist(t *testing.T) {
	there := map[string]bool{}
	err := filepath.WalkDir("../..", func(path string, _ fs.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		raw, err := os.ReadFile(path)
		for _, m := range regexp.MustCompile(`(?m)^func (Test\w+|Benchmark\w+)\(`).FindAllSubmatch(raw, -1) {
			there[string(m[1])] = true
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := os.ReadFile("../../docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("`((?:Test|Benchmark)[^`]*)`").FindAllSubmatch(raw, -1)
	if len(named) < 10 {
		t.Errorf("only %d tests are named", len(named))
	}
	for _, m := range named {
		if !there[string(m[1])] {
			t.Errorf("docs/security.md names %s, which is no test", m[1])
		}
	}
}
