package desk

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// TestSession: the letter, the change, the end of the session; what was typed
// is there again after the next sign-in.
func TestSession(t *testing.T) {
	w := newWorld(t)
	ctx, code := context.Background(), samples.Institution().Code
	home := t.TempDir()
	d := w.open(home, "it")
	_, err := d.Overview()
	wants(t, err, "not_signed_in")
	_, err = d.SignIn(ctx, "", code, "sbagliata")
	wants(t, err, string(surveysync.Unauthorized))
	_, err = d.SignIn(ctx, "", "MITD325009", "x")
	wants(t, err, string(surveysync.UseFirstCode))
	a, err := d.SignIn(ctx, "", "  miis 999009 ", strings.ToLower(w.letter[code]))
	w.must(err)
	if !a.MustChange || a.Code != code || a.Server != w.url || d.LastCode() != code {
		t.Errorf("account %+v", a)
	}
	_, err = d.Work(survey.GeneralPart)
	wants(t, err, "must_change")
	if d.DueSentence("it") != "" || d.Reasons() != nil || d.PartTitle("general") != "general" || d.Unsent() != 0 || d.Waiting() {
		t.Error("something is known before the first contact")
	}
	wants(t, d.ChangePassword(ctx, "sbagliata", passphrase), string(surveysync.WrongPassword))
	wants(t, d.ChangePassword(ctx, w.letter[code], "corta"), string(surveysync.Invalid))
	w.must(d.ChangePassword(ctx, w.letter[code], passphrase))
	w.set(d, survey.GeneralPart, "head_name", "Ada Bianchi")
	if len(d.Reasons()) == 0 || d.PartTitle("tecnico") == "tecnico" || !strings.HasPrefix(d.DueSentence("it"), "Scadenza: ") {
		t.Error("the questionnaire is not here")
	}
	w.must(d.SignOut(ctx))
	wants(t, d.SignOut(ctx), "not_signed_in")
	_, err = d.Sync(ctx, true)
	wants(t, err, "not_signed_in")
	w.must(d.Close())
	w.must(d.Close())

	d = w.open(home, "en") // the program was closed meanwhile
	w.enter(d, code)
	if work, err := d.Work(survey.GeneralPart); err != nil || work.Value("head_name") != "Ada Bianchi" {
		t.Errorf("the draft is gone: %v", err)
	}
	// Without a network the person leaves all the same.
	w.network(lineDown)
	w.must(d.SignOut(ctx))
	if _, ok := d.Account(); ok {
		t.Error("somebody is still signed in")
	}
}

// TestAttemptsOfSigningIn: each stands in the history with the incident code
// that the server has too, also before anybody is signed in.
func TestAttemptsOfSigningIn(t *testing.T) {
	w := newWorld(t)
	d := w.device("it")
	_, err := d.SignIn(context.Background(), "", samples.Institution().Code, "sbagliata")
	wants(t, err, string(surveysync.Unauthorized))
	w.enter(d, samples.Institution().Code)
	list, err := d.Attempts()
	w.must(err)
	var got []string
	for i, a := range list {
		got = append(got, a.What+" "+a.Code)
		if _, ok := surveysync.ParseIncident(a.Incident); !ok || i > 0 && a.At.Before(list[i-1].At) {
			t.Errorf("attempt %d: %+v", i, a)
		}
	}
	want := []string{"login unauthorized", "login unauthorized", "login accepted", "password accepted"}
	if !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if list[0].Detail == "" || strings.Contains(list[0].Detail, list[0].Incident) {
		t.Errorf("detail %q", list[0].Detail)
	}
}

// TestAddresses: what is no server gets a sentence.
func TestAddresses(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	d, err := Open(t.TempDir(), Options{Lang: "it"})
	w.must(err)
	defer func() { w.must(d.Close()) }()
	_, err = d.SignIn(ctx, "", "MIIS999009", "x")
	wants(t, err, "no_server")
	for _, bad := range []string{"ftp://x", "https://", "http://a b", "https://user:pw@host", "://"} {
		_, err = d.SignIn(ctx, bad, "MIIS999009", "x")
		wants(t, err, "bad_server")
	}
	for _, clear := range []string{"http://rilevazioni.example.it", "HTTP://192.0.2.1:8080", "http://[2001:db8::1]", "http://localhost.example.it", "http://127.0.0.1.example.it"} {
		_, err = d.SignIn(ctx, clear, "MIIS999009", "x")
		wants(t, err, "plain_http")
	}
	for server, clear := range map[string]bool{"http://localhost:1": false, "http://127.0.0.9": false, "http://[::1]:1": false, "https://x": false, "http://x": true} {
		if inTheClear(server) != clear {
			t.Errorf("%s in the clear: %v", server, !clear)
		}
	}
	portal := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
		rw.Header().Set("Content-Type", "text/html")
		_, _ = rw.Write([]byte("<html>Benvenuti"))
	}))
	defer portal.Close()
	_, err = d.SignIn(ctx, portal.URL, "MIIS999009", "x")
	wants(t, err, surveysync.CausePortal)
	portal.Close()
	_, err = d.SignIn(ctx, portal.URL+"/", "MIIS999009", "x")
	wants(t, err, surveysync.CauseRefused)
	if got := d.Server(); got != "" {
		t.Errorf("%q is remembered although nobody signed in", got)
	}
	if s, err := address(" rileva.example.it/ "); err != nil || s != "https://rileva.example.it" {
		t.Error(s, err)
	}
}

// TestTwoSchools: two institutions on one device see nothing of each other,
// and what waits of the one leaves only under its own token.
func TestTwoSchools(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.network(lineDown)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); !r.Offline || len(r.Waiting) != 1 {
		t.Fatalf("%+v", r)
	}
	w.network(lineUp)
	w.enter(d, other.Code)
	if o := w.overview(d); o.Institution.Code != other.Code || o.Unsent != 0 || o.Started || o.Receipts != 0 {
		t.Errorf("the second school sees %+v", o)
	}
	work, err := d.Work(survey.GeneralPart)
	w.must(err)
	if work.Value("head_name") != nil || work.Value("institution_code") != other.Code {
		t.Error("the second school sees the first one's answers")
	}
	if list, err := d.Receipts(); err != nil || len(list) > 0 {
		t.Error(list, err)
	}
	elsewhere, err := d.Elsewhere()
	w.must(err)
	if len(elsewhere) != 1 || elsewhere[0].Code != "MIIS999009" || elsewhere[0].Name == "" || !slices.Equal(elsewhere[0].Parts, []string{"general"}) {
		t.Errorf("whose work waits: %+v", elsewhere)
	}
	w.sync(d)
	if n, _ := w.stored("MIIS999009", survey.GeneralPart); n != 0 {
		t.Fatal("sent under another school's token")
	}
	_, err = d.Fill(survey.GeneralPart, "general.json", samples.JSON(survey.GeneralPart), true)
	wants(t, err, "file_other_school")
	if !strings.Contains(Sentence(err, "it"), "MIIS999009") {
		t.Error(Sentence(err, "it"))
	}
	list, err := d.Attempts()
	w.must(err)
	for _, a := range list {
		if a.Part != "" {
			t.Errorf("another school's attempt: %+v", a)
		}
	}
	w.must(d.SignOut(ctx))
	w.enter(d, "MIIS999009")
	if r := w.sync(d); len(r.Sent)+len(r.Waiting) > 1 {
		t.Errorf("%+v", r)
	}
	if n, _ := w.stored("MIIS999009", survey.GeneralPart); n != 1 {
		t.Error("what waited did not leave")
	}
	w.sound(d)
}

// TestDeadTokenKeepsTheWork: when the password was replaced elsewhere, drafts
// stay open and the queue waits for the next sign-in.
func TestDeadTokenKeepsTheWork(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart)
	w.issue("MIIS999009")
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	r := w.sync(d)
	if len(r.Waiting) != 1 || r.Waiting[0].State != string(surveysync.OpNeedsLogin) || r.Cause != string(surveysync.Unauthorized) || r.Offline {
		t.Fatalf("%+v", r)
	}
	w.set(d, survey.GeneralPart, "head_name", "Un altro")
	w.enter(d, "MIIS999009") // signing in sends what waited
	if n, sub := w.stored("MIIS999009", survey.GeneralPart); n != 1 || sub.Answers["head_name"] == "Un altro" {
		t.Error(n, sub.Answers["head_name"])
	}
	if o := w.overview(d); line(o, "general").State != StateChanged {
		t.Errorf("%+v", line(o, "general"))
	}
}

// TestDeadlineWords: what is said of the dates is said of the server's clock.
func TestDeadlineWords(t *testing.T) {
	s := surveysync.SurveyInfo{Opens: noon, Due: noon.AddDate(0, 0, 10), LateUntil: noon.AddDate(0, 0, 20)}
	flat := s
	flat.LateUntil = s.Due
	for _, c := range []struct {
		s      surveysync.SurveyInfo
		days   int
		it, en string
	}{
		{s, -1, "apre il 01/12/2023", "opens on 1 December 2023"},
		{s, 5, "in ritardo si può inviare fino al 21/12/2023", "late submissions are taken until 21 December"},
		{flat, 5, "Scadenza: 11/12/2023", "Due by 11 December 2023"},
		{s, 15, "si può ancora inviare, in ritardo, fino al 21/12/2023", "still taken until 21 December"},
		{s, 25, "si è chiusa il 21/12/2023", "closed on 21 December"},
		{flat, 15, "si è chiusa il 11/12/2023", "closed on 11 December"},
	} {
		now := noon.AddDate(0, 0, c.days)
		if got := Deadline(c.s, now, "it"); !strings.Contains(got, c.it) || strings.Contains(got, "{") {
			t.Errorf("day %d: %s", c.days, got)
		}
		if got := Deadline(c.s, now, "en"); !strings.Contains(got, c.en) || strings.Contains(got, "{") {
			t.Errorf("day %d: %s", c.days, got)
		}
	}
	if strings.Contains(Deadline(flat, noon, "it"), "ritardo") || Moment(time.Time{}, "it") != "-" {
		t.Error("words for a date that there is not")
	}
}

// TestClockSkew is told and changes nothing.
func TestClockSkew(t *testing.T) {
	w := newWorld(t)
	mine := &clock{at: noon.Add(-30 * 24 * time.Hour)}
	d, err := Open(t.TempDir(), Options{Lang: "it", Server: w.url, Now: mine.now})
	w.must(err)
	defer func() { w.must(d.Close()) }()
	w.enter(d, "MIIS999009")
	if got := d.Skew(); got != -30*24*time.Hour {
		t.Errorf("skew %v", got)
	}
	w.fill(d, survey.GeneralPart)
	w.must(d.Submit(survey.GeneralPart, SubmitOptions{Declared: true}))
	if r := w.sync(d); len(r.Sent) != 1 || r.ClockSkew != -30*24*3600 || !r.Sent[0].ReceivedAt.Equal(noon) {
		t.Errorf("%+v", r)
	}
	if o := w.overview(d); !o.Now.Equal(noon) {
		t.Errorf("the dates are judged at %v", o.Now)
	}
	mine.move(30*24*time.Hour + time.Minute)
	if r := w.sync(d); r.ClockSkew != 0 || d.Skew() != 0 {
		t.Errorf("a minute is told: %+v", r)
	}
}
