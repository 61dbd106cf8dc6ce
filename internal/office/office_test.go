package office

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/storetest"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	surveysync "rileva/pkg/sync"
)

var noon = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)

func newOffice(t testing.TB) *Office {
	t.Helper()
	now := func() time.Time { return noon }
	s, err := bolt.Open(filepath.Join(t.TempDir(), "store.db"), bolt.Options{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return &Office{Store: s, Now: now, Rand: rand.Reader,
		Hasher: account.NewHasher(account.Params{Memory: 64, Time: 1, Threads: 1}, rand.Reader)}
}

var failed = regexp.MustCompile(`\b(?:fail|(?:damaged|foreign))\("([a-z_]+)"`)

// TestSentences: every refusal in the source has its words, in both languages.
func TestSentences(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	used := map[string]bool{}
	for _, f := range files {
		raw, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range failed.FindAllStringSubmatch(string(raw), -1) {
			used[m[1]] = true
			if _, ok := sentences[m[1]]; !ok {
				t.Errorf("%s: no sentence for %s", f, m[1])
			}
		}
	}
	verbs := regexp.MustCompile(`%\[\d\][a-z]`)
	set := func(s string) map[string]bool {
		out := map[string]bool{}
		for _, v := range verbs.FindAllString(s, -1) {
			out[v] = true
		}
		return out
	}
	for code, w := range sentences {
		if !used[code] {
			t.Errorf("%s is never said", code)
		}
		if w.it == "" || w.en == "" || (w.itHint == "") != (w.enHint == "") || w.kind == "" {
			t.Errorf("%s: something is missing: %+v", code, w)
		}
		if !reflect.DeepEqual(set(w.it+w.itHint), set(w.en+w.enHint)) {
			t.Errorf("%s speaks of different things in the two languages", code)
		}
	}
}

// TestEmptyRequests sends each call an empty request: it answers or
// refuses in its own words, and never with a panic.
func TestEmptyRequests(t *testing.T) {
	o := newOffice(t)
	for name := range Calls {
		for _, request := range []string{"{}", "", "null", "[]", `{"unknown":1}`, "{", `{"code":1}`} {
			reply, err := o.run(t.Context(), name, []byte(request))
			var ours *Error
			if err != nil && !errors.As(err, &ours) {
				t.Errorf("%s %s: %v", name, request, err)
			}
			if ours != nil && ours.Code == "internal" {
				t.Errorf("%s %s: internal: %v", name, request, ours.cause)
			}
			if err == nil && reply == nil {
				t.Errorf("%s %s: neither reply nor error", name, request)
			}
		}
	}
	if _, err := o.run(t.Context(), "no.such", []byte("{}")); err == nil {
		t.Error("an unknown call was run")
	}
}

func TestParseTime(t *testing.T) {
	for in, want := range map[string]string{
		"2023-12-20":                "2023-12-20T00:00:00+01:00",
		"2023-07-01 18:00":          "2023-07-01T18:00:00+02:00",
		" 2023-12-20 18:00:05 ":     "2023-12-20T18:00:05+01:00",
		"2023-12-20T18:00":          "2023-12-20T18:00:00+01:00",
		"2023-12-20T18:00:00Z":      "2023-12-20T18:00:00Z",
		"2023-12-20T18:00:00-05:00": "2023-12-20T18:00:00-05:00",
	} {
		if got, err := ParseTime(in, false); err != nil || got.Format(time.RFC3339) != want {
			t.Errorf("%q: %v, %v", in, got, err)
		}
	}
	if got, err := ParseTime("2023-03-26", true); err != nil || got.Format(time.RFC3339) != "2023-03-26T23:59:59+02:00" {
		t.Errorf("the day that the clocks change: %v, %v", got, err)
	}
	for _, bad := range []string{"", "domani", "31/02/2023", "2023-13-01", "2023-12-20 25:00"} {
		if _, err := ParseTime(bad, true); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestForeignServer: something else answers behind the socket's path.
func TestForeignServer(t *testing.T) {
	dir := t.TempDir()
	path, err := SocketPath(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	answer := "<html>"
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(answer)) }))
	s.Listener = l
	s.Start()
	defer s.Close()
	c, err := Dial(t.Context(), dir, "", func() (*Office, error) { t.Error("opened the store"); return nil, ErrLocked })
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	var reply StatusReply
	var ours *Error
	if err := c.Call(t.Context(), "status", Nothing{}, &reply); !errors.As(err, &ours) || ours.Code != "other_version" {
		t.Errorf("%v", err)
	}
}

// TestOtherStore: a command that was told to work on another database than the
// server of the folder does nothing: neither there nor here.
func TestOtherStore(t *testing.T) {
	const ours, another = "postgres://rileva@db1:5432/rileva", "postgres://rileva@db1:5432/yesterday"
	for _, c := range []struct{ server, command, code string }{
		{"", "", ""}, {ours, "", ""}, {ours, ours, ""}, {ours, another, "other_store"}, {"", another, "other_store"},
	} {
		o := newOffice(t)
		o.Place = c.server
		dir := t.TempDir()
		l, err := Listen(dir)
		if err != nil {
			t.Fatal(err)
		}
		s := o.Server(slog.New(slog.DiscardHandler))
		go func() { _ = s.Serve(l) }()
		caller, err := Dial(t.Context(), dir, c.command, nil)
		if err != nil {
			t.Fatal(err)
		}
		code := ""
		if refused := (*Error)(nil); errors.As(caller.Call(t.Context(), "institutions.list", Nothing{}, &[]store.Institution{}), &refused) {
			code = refused.Code
		}
		if code != c.code {
			t.Errorf("%+v: %q", c, code)
		}
		_, _ = caller.Close(), s.Close()
	}
}

// TestErrorCrosses: code, sentences and hint are the same on the other side,
// and the cause stays behind.
func TestErrorCrosses(t *testing.T) {
	o := newOffice(t)
	dir := t.TempDir()
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	s := o.Server(slog.New(slog.DiscardHandler))
	go func() { _ = s.Serve(l) }()
	defer func() { _ = s.Close() }()
	c, err := Dial(t.Context(), dir, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.Close() }()
	for range 3 { // also over the kept connection
		var in InstitutionReply
		var ours *Error
		err = c.Call(t.Context(), "institutions.show", One{Code: "MIIS00100B"}, &in)
		if want := fail("unknown_institution", "MIIS00100B"); !errors.As(err, &ours) || !reflect.DeepEqual(ours, want) {
			t.Errorf("%+v", err)
		}
	}
}

func TestStages(t *testing.T) {
	d := survey.Dates{Opens: noon, Due: noon.Add(time.Hour), LateUntil: noon.Add(2 * time.Hour)}
	for at, want := range map[time.Duration]string{
		-1: StageNotOpen, 0: StageOpen, time.Hour: StageOpen, time.Hour + 1: StageLate, 2 * time.Hour: StageLate, 2*time.Hour + 1: StageClosed,
	} {
		if got := stage(d, noon.Add(at)); got != want {
			t.Errorf("%v: %s", at, got)
		}
	}
}

// TestDoneAlready: an act that was done before still goes to the store's writer.
// What says that it was done may be on one machine only, and the answer has to
// wait for the other (package postgres).
func TestDoneAlready(t *testing.T) {
	codes := stateCodes(1)
	c := newCalling(t, codes...)
	ctx, failing := t.Context(), &storetest.Failing{Store: c.Store}
	c.Store = failing
	newer := append(slices.Clone(questionnaires.Dispersione202223), "# newer\n"...)
	publish := func(raw []byte) error {
		_, err := c.PublishSurvey(ctx, PublishRequest{File: File{Name: "x.yaml", Data: raw}})
		return err
	}
	c.must(publish(newer))
	old := surveysync.Digest(questionnaires.Dispersione202223)
	for method, act := range map[string]func() error{
		"Publish":          func() error { return publish(newer) },
		"Void":             func() error { _, err := c.VoidSurvey(ctx, VoidRequest{Digest: old}); return err },
		"SetDates":         func() error { _, err := c.SetDates(ctx, DatesRequest{Institution: codes[0], Clear: true}); return err },
		"IssueCredentials": func() error { _, err := c.Office.IssueCredentials(ctx, IssueRequest{}); return err },
	} {
		c.must(act())
		lines, err := c.Store.Log(ctx, store.LogFilter{After: -1})
		c.must(err)
		c.must(act())
		if again, err := c.Store.Log(ctx, store.LogFilter{After: -1}); err != nil || len(again) != len(lines) {
			t.Errorf("%s, done again, leaves %d lines: %v", method, len(again)-len(lines), err)
		}
		failing.FailWhen(func(called string, _ int) string {
			return map[bool]string{true: storetest.FailBefore}[called == method]
		})
		if err := act(); !errors.Is(err, storetest.ErrInjected) {
			t.Errorf("%s, done already, did not come to the store: %v", method, err)
		}
		failing.FailWhen(nil)
	}
}
