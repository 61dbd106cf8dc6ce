package office

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/account"
	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// calling is an office in the middle of a season.
type calling struct {
	*Office
	t   *testing.T
	now time.Time
	ids int
}

func newCalling(t *testing.T, codes ...string) *calling {
	c := &calling{Office: newOffice(t), t: t, now: noon}
	c.Now = func() time.Time { return c.now }
	c.Delays = account.NewDelays(nil)
	_, err := c.Store.Publish(t.Context(), questionnaires.Dispersione202223, noon, c.act(actionPublish, nil, ""))
	c.must(err)
	c.must(c.Store.EditInstitutions(t.Context(), func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var edit store.RegisterEdit
		for _, code := range codes {
			edit.Put = append(edit.Put, store.Institution{Confirmed: true, Institution: register.Institution{Institution: survey.Institution{
				Code: code, Codes: []string{code}, Name: "Istituto " + code, Comune: "MILANO", Kind: survey.KindState, ExpectedTracks: []string{survey.TrackLiceale}}}})
		}
		return edit, nil
	}))
	return c
}

func (c *calling) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

func (c *calling) school(code string) store.Institution {
	c.t.Helper()
	in, err := c.find(c.t.Context(), code)
	c.must(err)
	return in
}

// issue gives a password, enter signs in with it.
func (c *calling) issue(code string) {
	c.t.Helper()
	_, err := c.Store.IssueCredentials(c.t.Context(), map[string]string{c.school(code).ID: "x"}, false, c.now, c.act(actionIssue, nil, ""))
	c.must(err)
}

func (c *calling) enter(code string) store.Access {
	c.t.Helper()
	c.issue(code)
	c.ids++
	session := store.Session{TokenHash: [32]byte{byte(c.ids)}, InstitutionID: c.school(code).ID, Device: "pc di " + code, CreatedAt: c.now, ExpiresAt: c.now.AddDate(1, 0, 0)}
	c.must(c.Store.SignIn(c.t.Context(), session, surveysync.Entry{At: c.now, Actor: surveysync.ActorSchool, Action: surveysync.ActionSignIn, Outcome: surveysync.OutcomeOK}))
	access, err := c.Store.Access(c.t.Context(), session.TokenHash, c.now)
	c.must(err)
	return access
}

// send submits a sample; change may spoil it.
func (c *calling) send(access store.Access, part string, change func(*surveysync.Submission)) surveysync.Verdict {
	c.t.Helper()
	c.ids++
	s, err := c.Store.Survey(c.t.Context())
	c.must(err)
	content := surveysync.Submission{SubmissionID: fmt.Sprintf("01930000-0000-7000-8000-%012x", c.ids), Institution: access.Institution.Code, Survey: s.ID,
		Part: part, Questionnaire: s.InForce, Answers: samples.For(access.Institution.Institution.Institution)[part], CompletedAt: c.now}
	if change != nil {
		change(&content)
	}
	body, err := json.Marshal(content)
	c.must(err)
	sub, err := surveysync.ParseSubmission(body)
	c.must(err)
	got, err := c.Store.Accept(c.t.Context(), store.Put{Access: access, Body: body,
		Incoming: surveysync.Incoming{Submission: sub, Digest: surveysync.Digest(body), Part: part, Now: c.now, Lang: "it"},
		Entry:    surveysync.Entry{Device: "pc", Incident: "7K3Q-9ZTA"}})
	c.must(err)
	return got.Verdict
}

func (c *calling) beat(code string, h surveysync.Heartbeat) {
	c.t.Helper()
	c.must(c.Store.SaveHeartbeat(c.t.Context(), c.school(code).ID, store.Heartbeat{At: c.now, Device: "pc di " + code, Heartbeat: h}))
}

// stateCodes makes codes of licei whose check character fits, in byte order.
func stateCodes(n int) (codes []string) {
	for i := 1; len(codes) < n; i++ {
		for _, last := range "ABCDEGLNPQRTVX123456789" {
			if code := fmt.Sprintf("MIPS%03d00%c", i, last); survey.CheckCharacterOK(code) {
				codes = append(codes, code)
				break
			}
		}
	}
	return codes
}

// onDevice is a heartbeat about part 1 alone.
func onDevice(percent, hard, unsent int, state, code string) surveysync.Heartbeat {
	return surveysync.Heartbeat{Unsent: unsent, LastError: code,
		Parts: []surveysync.HeartbeatPart{{Part: survey.GeneralPart, Percent: percent, Hard: hard, State: state}}}
}

// TestMissing: one school for each cause; what is said names what it is about.
func TestMissing(t *testing.T) {
	codes := stateCodes(11)
	c := newCalling(t, codes...)
	ctx := t.Context()
	// 0 has no password at all.
	c.issue(codes[1])
	for range 4 {
		c.Delays.ByCode.Failed(codes[1], c.now)
	}
	c.issue(codes[2])
	if v := c.send(c.enter(codes[3]), survey.GeneralPart, func(s *surveysync.Submission) { s.Answers = survey.Answers{} }); v.Code != surveysync.AnswersRejected {
		t.Fatalf("%+v", v)
	}
	c.enter(codes[4])
	c.beat(codes[4], onDevice(100, 0, 1, "queued", "tls"))
	c.enter(codes[5])
	c.beat(codes[5], onDevice(100, 0, 0, "ready", ""))
	returned := c.enter(codes[6])
	c.send(returned, survey.GeneralPart, nil)
	_, err := c.ReturnPart(ctx, ReviewRequest{Code: codes[6], Part: survey.GeneralPart, Remarks: []string{"manca la firma"}})
	c.must(err)
	c.enter(codes[7])
	c.beat(codes[7], onDevice(60, 3, 0, "draft", ""))
	c.enter(codes[8])
	_, err = c.ExcludeInstitution(ctx, ExcludeRequest{Code: codes[9], Reason: "chiusa"})
	c.must(err)
	// A refusal before something was accepted is over; part 1 is in.
	over := c.enter(codes[10])
	c.send(over, survey.GeneralPart, func(s *surveysync.Submission) { s.Answers = survey.Answers{} })
	c.beat(codes[10], onDevice(100, 0, 1, "queued", "timeout")) // before it was accepted after all
	c.now = c.now.Add(time.Minute)
	c.send(over, survey.GeneralPart, nil)
	_, err = c.AddNote(ctx, WordRequest{Codes: []string{codes[2]}, Text: "richiamare martedì"})
	c.must(err)

	rows, err := c.Missing(ctx, MissingRequest{})
	c.must(err)
	got := map[string]MissingRow{}
	for _, r := range rows {
		got[r.Code] = r
		if r.DaysLeft != 19 { // from 1 to 20 December 2023
			t.Errorf("%s: %d days left", r.Code, r.DaysLeft)
		}
		if strings.ContainsAny(r.Say.It+r.Say.En, "{}") || r.Say.It == r.Say.En {
			t.Errorf("%s: %+v", r.Code, r.Say)
		}
	}
	for code, want := range map[string]struct{ cause, detail, says string }{
		codes[0]: {CauseNoCredentials, "", "ve la mandiamo oggi"}, codes[1]: {CauseSlowed, "", codes[1]}, codes[2]: {CauseNeverIn, "", "mercoledì 20/12/2023"},
		codes[3]: {CauseRefused, "answers_rejected", "answers_rejected"}, codes[4]: {CauseSync, "tls", "pc di " + codes[4]}, codes[5]: {CauseUnsent, "", "«Invia»"},
		codes[6]: {CauseReturned, "", "«manca la firma»"}, codes[7]: {CauseInProgress, "", "60%"}, codes[8]: {CauseNotStarted, "", "Siete entrati"}, codes[10]: {CauseInProgress, "", "il percorso liceale"},
	} {
		if r := got[code]; r.Cause != want.cause || r.Detail != want.detail || !strings.Contains(r.Say.It, want.says) {
			t.Errorf("%s: %s %s %q, want %+v", code, r.Cause, r.Detail, r.Say.It, want)
		}
	}
	if len(rows) != 10 || got[codes[2]].LastNote == nil || got[codes[2]].LastNote.Text != "richiamare martedì" {
		t.Errorf("%d rows, note %+v", len(rows), got[codes[2]].LastNote)
	}
	only, err := c.Missing(ctx, MissingRequest{Cause: CauseUnsent})
	c.must(err)
	if len(only) != 1 || only[0].Code != codes[5] {
		t.Errorf("one cause: %+v", only)
	}
	st, err := c.Status(ctx, Nothing{})
	c.must(err)
	if st.Expected != 10 || st.NotDue != 1 || st.Working != 3 || st.Unsent != 2 || st.ByKind[0].Expected != 10 || st.ByKind[1].Expected != 0 {
		t.Errorf("status %+v", st.Counts)
	}
}

// TestMissingOrder: the fewest days first, then the largest, then the cause.
func TestMissingOrder(t *testing.T) {
	c := newCalling(t, "MIPS01000G", "MIPS02000B", "MIPS030007", "MIPS04000T")
	ctx := t.Context()
	c.issue("MIPS01000G")
	later := noon.AddDate(0, 2, 0)
	_, err := c.SetDates(ctx, DatesRequest{Institution: "MIPS02000B", Due: &later, LateUntil: &later})
	c.must(err)
	_, err = c.SetTracks(ctx, TracksRequest{Code: "MIPS030007", Tracks: []string{"liceale", "tecnico"}})
	c.must(err)
	order := func() (out []string) {
		t.Helper()
		rows, err := c.Missing(ctx, MissingRequest{})
		c.must(err)
		for _, r := range rows {
			out = append(out, r.Code)
		}
		return out
	}
	if got, want := order(), []string{"MIPS030007", "MIPS04000T", "MIPS01000G", "MIPS02000B"}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	c.now = time.Date(2023, 12, 25, 12, 0, 0, 0, time.UTC)
	rows, err := c.Missing(ctx, MissingRequest{Limit: 1})
	c.must(err)
	if len(rows) != 1 || rows[0].DaysLeft != -5 || !strings.Contains(rows[0].Say.It, "il termine è passato") {
		t.Errorf("after the last date: %+v", rows)
	}
	for _, bad := range []MissingRequest{{Kind: "x"}, {Cause: "x"}} {
		if _, err := c.Missing(ctx, bad); err == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}
