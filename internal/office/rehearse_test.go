package office

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// newCode gives the n-th code of a state school.
func newCode(n int) string {
	code := fmt.Sprintf("MIIS%05d", n)
	for _, c := range "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ" {
		if survey.CheckCharacterOK(code + string(c)) {
			return code + string(c)
		}
	}
	panic("no check character fits " + code)
}

// furnished is an office with n schools, the first of which have sent parts.
func furnished(t testing.TB, n, sent int, parts ...string) *Office {
	t.Helper()
	o := newOffice(t)
	ctx := t.Context()
	_, err := o.Store.Publish(ctx, questionnaires.Dispersione202223, noon, o.act(actionPublish, nil, ""))
	if err != nil {
		t.Fatal(err)
	}
	var put []store.Institution
	for i := range n {
		block := samples.Institution()
		block.ID, block.Code = "", newCode(i)
		block.Codes, block.Name = []string{block.Code}, fmt.Sprintf("Scuola %d", i)
		in := store.Institution{AddedAt: noon, Confirmed: true}
		in.Institution.Institution = block
		put = append(put, in)
	}
	err = o.Store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: put}, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for i := range sent {
		send(t, o, put[i].Code, parts...)
	}
	return o
}

var sends int

// enter signs a school in.
func enter(t testing.TB, o *Office, in store.Institution) store.Access {
	t.Helper()
	sends++
	session := store.Session{InstitutionID: in.ID, Device: "pc", CreatedAt: noon, ExpiresAt: noon.AddDate(0, 0, 30)}
	copy(session.TokenHash[:], fmt.Sprint(sends))
	_, err := o.Store.IssueCredentials(t.Context(), map[string]string{in.ID: "x"}, false, noon, o.act(actionIssue, nil, ""))
	if err != nil {
		t.Fatal(err)
	}
	if err := o.Store.SignIn(t.Context(), session, o.act(surveysync.ActionSignIn, &in, "")); err != nil {
		t.Fatal(err)
	}
	access, err := o.Store.Access(t.Context(), session.TokenHash, noon)
	if err != nil {
		t.Fatal(err)
	}
	return access
}

// send stores sample parts as the API would.
func send(t testing.TB, o *Office, code string, parts ...string) {
	t.Helper()
	ctx := t.Context()
	in, err := o.Store.FindInstitution(ctx, code)
	if err != nil {
		t.Fatal(err)
	}
	s, err := o.Store.Survey(ctx)
	if err != nil {
		t.Fatal(err)
	}
	access := enter(t, o, in)
	for _, part := range parts {
		sends++
		body, err := json.Marshal(surveysync.Submission{SubmissionID: fmt.Sprintf("01930000-0000-7000-8000-%012x", sends), Institution: code,
			Survey: s.ID, Part: part, Questionnaire: s.InForce, Answers: samples.For(in.Institution.Institution)[part], CompletedAt: noon})
		if err != nil {
			t.Fatal(err)
		}
		sub, err := surveysync.ParseSubmission(body)
		if err != nil {
			t.Fatal(err)
		}
		answered, err := o.Store.Accept(ctx, store.Put{Access: access, Body: body,
			Incoming: surveysync.Incoming{Submission: sub, Digest: surveysync.Digest(body), Part: part, Now: noon, Lang: "it"},
			Entry:    surveysync.Entry{At: noon, Actor: surveysync.ActorSchool, Action: surveysync.ActionSubmit}})
		if err != nil || answered.Verdict.Outcome != surveysync.Accept {
			t.Fatalf("%s %s: %v, %+v", code, part, err, answered.Verdict)
		}
	}
}

// version gives the embedded survey with pieces of its text replaced.
func version(t testing.TB, pairs ...string) File {
	t.Helper()
	text := string(questionnaires.Dispersione202223)
	for i := 0; i < len(pairs); i += 2 {
		if !strings.Contains(text, pairs[i]) {
			t.Fatalf("%q does not stand there", pairs[i])
		}
		text = strings.Replace(text, pairs[i], pairs[i+1], 1)
	}
	return File{Name: "v2.yaml", Data: []byte(text)}
}

func rehearse(t testing.TB, o *Office, f File) RehearseReply {
	t.Helper()
	reply, err := o.RehearseSurvey(t.Context(), RehearseRequest{File: f, Lang: "it"})
	if err != nil || len(reply.Faults) > 0 {
		t.Fatalf("%v %v", err, reply.Faults)
	}
	return reply
}

func TestRehearseChangesNothing(t *testing.T) {
	o := furnished(t, 3, 2, "general", "liceale", "tecnico")
	send(t, o, newCode(2), "general")
	lines, err := o.Store.Log(t.Context(), store.LogFilter{After: -1})
	if err != nil {
		t.Fatal(err)
	}
	r := rehearse(t, o, version(t, `version: "1"`, `version: "2"`))
	if r.Institutions != 3 || r.Submissions != 7 || len(r.Stopped)+len(r.Checks)+len(r.PartsGone)+len(r.Lost)+len(r.New) > 0 {
		t.Errorf("the same questions: %+v", r)
	}
	after, err := o.Store.Log(t.Context(), store.LogFilter{After: -1})
	if err != nil || len(after) != len(lines) {
		t.Error("a rehearsal has left a line", err)
	}
	if s, err := o.Store.Survey(t.Context()); err != nil || len(s.Versions) != 1 || s.InForce != r.InForce || r.Digest == r.InForce {
		t.Errorf("%+v %v", s, err)
	}
}

func TestRehearseNobody(t *testing.T) {
	o := furnished(t, 2, 0)
	if r := rehearse(t, o, version(t)); r.Institutions != 0 || r.Submissions != 0 || r.Stopped == nil || r.Checks == nil {
		t.Errorf("%+v", r)
	}
}

// TestRehearse: one question renamed, one of another type, one threshold
// tightened, one option gone.
func TestRehearse(t *testing.T) {
	o := furnished(t, 3, 2, "general", "liceale", "tecnico")
	send(t, o, newCode(2), "general")
	r := rehearse(t, o, version(t, "question: counselling_service\n", "question: guidance_service\n",
		"limit: {liceale: 15, tecnico: 25,", "limit: {liceale: 15, tecnico: 0,"))
	if len(r.Stopped) != 3 || r.Stopped[0].Code != newCode(0) || !slices.Equal(r.Stopped[0].Parts, []string{"general", "tecnico"}) ||
		!slices.Equal(r.Stopped[0].Checks, []string{"H02", "S01"}) || !slices.Equal(r.Stopped[2].Parts, []string{"general"}) {
		t.Errorf("stopped %+v", r.Stopped)
	}
	if len(r.Checks) != 2 {
		t.Fatalf("%+v", r.Checks)
	}
	h, s := r.Checks[0], r.Checks[1]
	if h.Check != "H02" || h.Severity != survey.Hard || h.Institutions != 3 || h.Findings != 3 || h.Across ||
		h.Example.Code == "" || h.Example.Part != "general" || !slices.Equal(h.Example.Variables, []string{"guidance_service"}) || h.Example.Message == "" {
		t.Errorf("%+v", h)
	}
	if s.Check != "S01" || s.Severity != survey.Explain || s.Institutions != 2 || s.Findings < 2 || s.Example.Part != "tecnico" {
		t.Errorf("%+v", s)
	}
	if len(r.Lost) != 1 || r.Lost[0].ID != "counselling_service" || r.Lost[0].Submissions != 3 || r.Lost[0].Reason != "removed" || r.Lost[0].Label.In("it") == "" {
		t.Errorf("lost %+v", r.Lost)
	}
	if len(r.New) != 1 || r.New[0].ID != "guidance_service" || !slices.Equal(r.New[0].Parts, []string{"general"}) {
		t.Errorf("new %+v", r.New)
	}
}

func TestRehearseLoss(t *testing.T) {
	o := furnished(t, 1, 1, "general", "liceale", "tecnico", "iefp")
	for name, tc := range map[string]struct {
		change []string
		want   LostVariable
	}{
		"another type": {[]string{"question: year_validity_derogations\n            number: 29\n            type: yes_no", "question: year_validity_derogations\n            number: 29\n            type: integer"},
			LostVariable{ID: "year_validity_derogations", Reason: "type_changed", From: "yes_no", To: "integer", Parts: []string{"general"}, Submissions: 1}},
		"not asked of it": {[]string{"question: sites_count\n", "question: sites_count\n            relevant: four_year_courses\n"},
			LostVariable{ID: "sites_count", Reason: "not_asked", Parts: []string{"general"}, Submissions: 1}},
	} {
		f := version(t, tc.change...)
		r := rehearse(t, o, f)
		i := slices.IndexFunc(r.Lost, func(l LostVariable) bool { return l.ID == tc.want.ID })
		if i < 0 {
			t.Errorf("%s: %+v", name, r.Lost)
			continue
		}
		got := r.Lost[i]
		got.Label = nil
		if !reflect.DeepEqual(got, tc.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

// TestRehearseAcross: a check over the parts stops nobody; it is told apart.
func TestRehearseAcross(t *testing.T) {
	o := furnished(t, 1, 1, "general", "liceale", "tecnico", "professionale", "iefp")
	r := rehearse(t, o, version(t, "'track.classes == general.classes_total'", "'track.classes == general.classes_total + 1'"))
	if len(r.Stopped) != 0 || len(r.Checks) != 1 || r.Checks[0].Check != "I12" || !r.Checks[0].Across || r.Checks[0].Institutions != 1 {
		t.Errorf("%+v %+v", r.Stopped, r.Checks)
	}
}

func TestRehearseRefusals(t *testing.T) {
	o := furnished(t, 1, 1, "general")
	r, err := o.RehearseSurvey(t.Context(), RehearseRequest{File: File{Data: []byte("format: 1\nid: x\n")}})
	if err != nil || len(r.Faults) == 0 {
		t.Errorf("%+v %v", r, err)
	}
	var ours *Error
	_, err = o.RehearseSurvey(t.Context(), RehearseRequest{File: version(t, "id: dispersione-2022-23\n", "id: other\n")})
	if !errors.As(err, &ours) || ours.Code != "other_survey" {
		t.Error(err)
	}
	_, err = newOffice(t).RehearseSurvey(t.Context(), RehearseRequest{File: version(t)})
	if !errors.As(err, &ours) || ours.Code != "no_survey" {
		t.Error(err)
	}
}

// TestPublishRefusesFaults: the office is told what the command and the store
// say of a file, and nothing is published.
func TestPublishRefusesFaults(t *testing.T) {
	o := furnished(t, 1, 1, "general")
	was, err := o.Store.Survey(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	file := version(t, "severity: hard", "severity: hrad", "type: integer", "type: integre")
	_, want := survey.LoadNew(file.Data)
	reply, err := o.PublishSurvey(t.Context(), PublishRequest{File: file})
	if err != nil || want == nil || survey.Faults(reply.Faults).Error() != want.Error() || len(reply.Faults) < 2 || reply.Changed {
		t.Errorf("%+v, %v; want %v", reply, err, want)
	}
	if is, err := o.Store.Survey(t.Context()); err != nil || is.InForce != was.InForce || len(is.Versions) != len(was.Versions) {
		t.Errorf("%+v, %v", is, err)
	}
}

// TestRehearseMilano: as many schools as Milano has.
func TestRehearseMilano(t *testing.T) {
	o := furnished(t, 152, 152, "general", "liceale", "tecnico", "professionale", "iefp")
	start := time.Now()
	r := rehearse(t, o, version(t, "question: counselling_service\n", "question: guidance_service\n"))
	took := time.Since(start)
	t.Logf("152 returns in %v", took)
	if len(r.Stopped) != 152 || r.Submissions != 760 {
		t.Errorf("%d stopped, %d submissions", len(r.Stopped), r.Submissions)
	}
	if took > 30*time.Second {
		t.Errorf("it took %v", took)
	}
}
