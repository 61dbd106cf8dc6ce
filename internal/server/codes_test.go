package server

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// TestCodes has an example of every code of the contract that this edge gives,
// with what that code carries.
func TestCodes(t *testing.T) {
	w := newWorld(t, func(c *Config) { c.SubmitBurst = 40 })
	token := w.token(w.state)
	general := w.submission(survey.GeneralPart)

	p := w.wants(w.do(request{method: "PUT", path: "/api/v1/parts/general", token: token, body: `{"survey":"a","survey":"b"}`}), surveysync.Invalid)
	says(t, p.Detail, `"survey": è ripetuto`)
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: "rlv1_no"}), surveysync.Unauthorized)
	if p = w.wants(w.signIn("MITF001012", "anything"), surveysync.UseFirstCode); p.LoginCode != "MIIS00100B" {
		t.Errorf("login_code %q", p.LoginCode)
	}
	if p = w.wants(w.signIn("mitd 325009", "anything"), surveysync.UseFirstCode); p.LoginCode != "MIPL125004" {
		t.Errorf("login_code %q", p.LoginCode)
	}
	w.wants(w.do(request{method: "PUT", path: "/api/v1/password", token: token, body: `{"current":"no","new":"sei sedie rosse"}`}), surveysync.WrongPassword)
	w.wants(w.do(request{method: "GET", path: "/no"}), surveysync.NotFound)
	w.wants(w.put(token, w.submission("tecnico"), 0), surveysync.GeneralPartRequired)
	p = w.wants(w.put(token, w.submission("general", func(s *surveysync.Submission) { s.Institution = "MITD325009" }), 0), surveysync.WrongInstitution)
	says(t, p.Detail, "MITD325009")
	p = w.wants(w.put(token, w.submission("general", func(s *surveysync.Submission) { s.Questionnaire = "sha256:" + strings.Repeat("0", 64) }), 0), surveysync.UnknownQuestionnaire)
	if p.Questionnaire != w.digest {
		t.Errorf("in force: %q", p.Questionnaire)
	}
	w.wants(w.put(token, general, surveysync.NoPrecondition), surveysync.PreconditionRequired)
	w.wants(w.do(request{method: "PUT", path: "/api/v1/parts/general", token: token, body: strings.Repeat(" ", surveysync.MaxBody+1)}), surveysync.TooLarge)
	w.wants(w.do(request{method: "PUT", path: "/api/v1/parts/general", token: token, body: "x", header: []string{"Content-Type: text/plain"}}), surveysync.UnsupportedMediaType)

	late := w.putRequest(token, general, 0)
	late.header = append(late.header, "Rileva-Epoch: before-the-restore")
	w.wants(w.do(late), surveysync.EpochChanged)
	receipt := w.sent(token, general, 0, 201)
	reused := general
	reused.Answers = survey.Answers{}
	w.wants(w.put(token, reused, 0), surveysync.IDReused)
	p = w.wants(w.put(token, w.submission("general"), 7), surveysync.RevisionConflict)
	if p.Current == nil || p.Current.Number != receipt.Number || p.Current.Device != "PC segreteria" {
		t.Errorf("current %+v", p.Current)
	}
	p = w.wants(w.put(token, w.submission("liceale"), 0), surveysync.TrackNotOffered)
	says(t, p.Detail, "liceale")
	w.sent(token, w.submission("tecnico"), 0, 201)
	drops := w.submission("general", func(s *surveysync.Submission) { s.Answers["tracks_offered"] = []string{"liceale"} })
	if p = w.wants(w.put(token, drops, 1), surveysync.TrackHasSubmission); !slices.Equal(p.Tracks, []string{"tecnico"}) {
		t.Errorf("tracks %v", p.Tracks)
	}
	p = w.wants(w.put(token, w.submission("tecnico", func(s *surveysync.Submission) { s.Answers["failed_m"] = 11 }), 1), surveysync.AnswersRejected)
	if len(p.Findings) != 1 || p.Findings[0].Check != "H20" || !slices.Contains(p.Findings[0].Variables, "failed_m") {
		t.Errorf("findings %+v", p.Findings)
	}
	w.whenClosed(token, drops)
	w.whenStoreFails(token)
	w.store.accept = func(store.Put) (store.Answered, error) { // the office's approval is not in the store's contract yet
		return store.Answered{Verdict: surveysync.Verdict{Code: surveysync.PartApproved}}, nil
	}
	w.wants(w.put(token, general, 0), surveysync.PartApproved)
	w.store.accept = nil
	var last got
	for range 60 {
		last = w.put(token, general, 0)
	}
	if p = w.wants(last, surveysync.RateLimited); last.Header().Get("Retry-After") != "1" {
		t.Errorf("Retry-After %q: %s", last.Header().Get("Retry-After"), p.Hint)
	}
	w.clock.move(time.Minute)
	w.done(w.put(token, general, 0), 200)
	w.wants(w.signIn("MIIS00100B", "no"), surveysync.Unauthorized)
	w.all(t)
}

// whenClosed looks at the dates, in words, and at what goes on working.
func (w *world) whenClosed(token string, drops surveysync.Submission) {
	w.t.Helper()
	w.clock.set(time.Date(2023, 11, 1, 12, 0, 0, 0, time.UTC))
	p := w.wants(w.put(token, w.submission("general"), 1), surveysync.SurveyNotOpen)
	says(w.t, p.Detail, "20 novembre 2023, ore 00:00")
	w.clock.set(time.Date(2023, 12, 22, 23, 0, 0, 0, time.UTC)) // 0 o'clock of the 23rd in Rome
	p = w.wants(w.put(token, drops, 1), surveysync.SurveyClosed)
	says(w.t, p.Detail, "22 dicembre 2023, ore 23:59")
	if p.Due == nil || p.LateUntil == nil || p.Opens == nil {
		w.t.Error("without the dates")
	}
	w.done(w.do(request{method: "GET", path: "/api/v1/return", token: token}), 200)
	w.clock.set(noon)
	for range 10 { // what came while it was closed has emptied the bucket
		w.clock.move(time.Second)
	}
}

func (w *world) whenStoreFails(token string) {
	w.t.Helper()
	for _, broken := range []struct {
		err  error
		code surveysync.Code
	}{
		{errors.New("disk on fire"), surveysync.Internal},
		{store.Errorf(surveysync.Unavailable, "the writer stopped"), surveysync.Unavailable},
		{store.Errorf(store.Conflict, "changed"), surveysync.Internal},
		{context.DeadlineExceeded, surveysync.Unavailable},
	} {
		w.store.accept = func(store.Put) (store.Answered, error) { return store.Answered{}, broken.err }
		g := w.put(token, w.submission("general"), 1)
		w.wants(g, broken.code)
		if retry := g.Header().Get("Retry-After"); (retry != "") != (broken.code == surveysync.Unavailable) {
			w.t.Errorf("Retry-After %q", retry)
		}
		if strings.Contains(g.Body.String(), "fire") {
			w.t.Error("the error's words reach the person")
		}
	}
	w.store.accept = nil
	w.store.meta = func() (store.Meta, error) { return store.Meta{}, errors.New("gone") }
	w.wants(w.do(request{method: "GET", path: "/readyz"}), surveysync.Unavailable)
	w.store.meta = nil
	w.store.parts = func() ([]store.Part, error) { panic("a bug") }
	w.wants(w.do(request{method: "GET", path: "/api/v1/return", token: token}), surveysync.Internal)
	w.store.parts = nil
}

// all: every code but those that belong to later calls was given.
func (w *world) all(t *testing.T) {
	for _, code := range surveysync.Codes() {
		if !w.seen[code] && code != surveysync.Forbidden && code != surveysync.PasswordChangeRequired {
			t.Errorf("no example of %s", code)
		}
	}
}

func says(t testing.TB, sentence, what string) {
	t.Helper()
	if !strings.Contains(sentence, what) {
		t.Errorf("%q does not say %q", sentence, what)
	}
}

// TestOrder: of two things that are wrong, the one that stands first in the
// contract's order of decision is told.
func TestOrder(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	general := w.submission("general")
	sent := w.putRequest(token, general, 0)
	big := strings.Repeat(" ", surveysync.MaxBody+1)
	put := func(token, body string, header ...string) request {
		return request{method: "PUT", path: "/api/v1/parts/general", token: token, body: body, header: header}
	}
	other := func(change func(*surveysync.Submission)) string { return asJSON(w.submission("general", change)) }
	elsewhere := func(s *surveysync.Submission) { s.Institution, s.Part = "XXIS00100X", "tecnico" }

	w.wants(w.do(put("", big, "Content-Type: text/plain")), surveysync.Unauthorized)                            // token before form
	w.wants(w.do(put(token, big, "Content-Type: text/plain")), surveysync.UnsupportedMediaType)                 // within the form
	w.wants(w.do(put(token, other(elsewhere), "If-Match: W/\"1\"")), surveysync.Invalid)                        // form before institution
	w.wants(w.do(put(token, other(elsewhere))), surveysync.WrongInstitution)                                    // institution before all that follows
	w.wants(w.do(put(token, other(func(s *surveysync.Submission) { s.Part = "tecnico" }))), surveysync.Invalid) // the address's part
	w.done(w.do(sent), 201)                                                                                     //
	w.clock.set(time.Date(2024, 3, 1, 0, 0, 0, 0, time.UTC))                                                    // long closed
	token = w.again(w.state)                                                                                    // signing in works always
	sent.token = token                                                                                          //
	w.done(w.do(sent), 200)                                                                                     // known before the dates
	w.wants(w.do(put(token, asJSON(w.submission("general", func(s *surveysync.Submission) { s.SubmissionID, s.Answers = general.SubmissionID, survey.Answers{} })))), surveysync.IDReused)
	w.wants(w.put(token, w.submission("liceale"), 5), surveysync.SurveyClosed) // dates before the gate
	w.clock.set(noon)
	w.wants(w.put(token, w.submission("liceale"), surveysync.NoPrecondition), surveysync.TrackNotOffered) // gate before precondition
	void := func(s *surveysync.Submission) { s.Questionnaire = "sha256:none" }
	w.wants(w.put(token, w.submission("tecnico", void), surveysync.NoPrecondition), surveysync.PreconditionRequired)
	w.wants(w.put(token, w.submission("tecnico", void), 3), surveysync.RevisionConflict) // precondition before questionnaire
	w.wants(w.put(token, w.submission("tecnico", void, func(s *surveysync.Submission) { s.Answers["x"] = 1 }), 0), surveysync.UnknownQuestionnaire)
}

// again signs in with the password that token has set.
func (w *world) again(in store.Institution) string {
	w.t.Helper()
	var s surveysync.Session
	w.read(w.done(w.signIn(in.Code, goodPassword), 201), &s)
	return s.Token
}

func TestPreconditions(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	for _, header := range [][]string{
		{"If-Match: *"}, {"If-Match: 1"}, {`If-Match: "0"`}, {`If-Match: "01"`}, {`If-Match: "-1"`}, {`If-Match: W/"1"`}, {`If-Match: "1", "2"`},
		{`If-Match: "1"`, `If-Match: "2"`}, {`If-Match: "99999999999999999999"`}, {"If-Match: "}, {"If-None-Match: "}, {`If-None-Match: "1"`},
		{"If-None-Match: *, *"}, {"If-None-Match: *", "If-None-Match: *"}, {"If-None-Match: *", `If-Match: "1"`},
	} {
		p := w.wants(w.do(request{method: "PUT", path: "/api/v1/parts/general", token: token, body: asJSON(w.submission("general")), header: header}), surveysync.Invalid)
		says(t, p.Detail, "If-")
	}
	// A revision that does not exist conflicts, with nothing to show.
	if p := w.wants(w.put(token, w.submission("general"), 1), surveysync.RevisionConflict); p.Current != nil {
		t.Errorf("current %+v", p.Current)
	}
}

// TestManyFindings: a refusal stays readable however much is wrong.
func TestManyFindings(t *testing.T) {
	w := newWorld(t)
	token := w.token(w.state)
	s := w.submission("general")
	for i := range 20_000 {
		s.Answers["x"+strings.Repeat("y", i%7)+string(rune('a'+i%26))+asJSON(i)] = i
	}
	g := w.put(token, s, 0)
	p := w.wants(g, surveysync.AnswersRejected)
	if len(p.Findings) != maxFindings {
		t.Errorf("%d findings", len(p.Findings))
	}
	says(t, p.Detail, "20000")
}
