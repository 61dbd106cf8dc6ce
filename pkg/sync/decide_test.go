package sync_test

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

const decideSurvey = `
format: 1
id: tiny
school_year: "2022/23"
languages: [it]
title: Prova
numbers: {min: 0, max: 99}
checks: {integer: N, required: R, exclusive: X}
reasons: {other: Altro}
unavailable: {other: Altro}
parts:
  - id: general
    title: Generale
    sections:
      - {id: s, title: S, items: [{question: offer, type: multi, label: Percorsi, options: [{id: a, label: A}, {id: b, label: B}]}]}
  - id: track
    repeat: offer
    title: Scheda
    sections:
      - {id: s, title: S, items: [{question: n, type: integer, label: N}]}
    rules:
      - {id: T1, severity: hard, assert: n <= 10, message: troppi}
`

var (
	opens = time.Date(2023, 11, 20, 0, 0, 0, 0, time.UTC)
	due   = time.Date(2023, 12, 20, 23, 0, 0, 0, time.UTC)
	late  = time.Date(2024, 1, 10, 23, 0, 0, 0, time.UTC)
)

func tiny(t testing.TB) *survey.Questionnaire {
	t.Helper()
	q, err := survey.Load([]byte(decideSurvey))
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// stored is a school whose part 1 lists both tracks, with a sheet of a in.
func stored(q *survey.Questionnaire) surveysync.Stored {
	return surveysync.Stored{
		Institution: survey.Institution{Code: "MIIS00100B", Codes: []string{"MIIS00100B", "MIPC00101P"}},
		SurveyID:    "tiny", Dates: survey.Dates{Opens: opens, Due: due, LateUntil: late},
		Questionnaire: q, Due: []string{"general", "a", "b"},
		Parts: map[string]surveysync.PartState{"general": {State: survey.PartSubmitted, Revision: 1}, "a": {State: survey.PartSubmitted, Revision: 2}},
	}
}

func sheetB() surveysync.Incoming {
	return surveysync.Incoming{Part: "b", Digest: "sha256:x", Replaces: 0, Now: opens.Add(time.Hour), Lang: "it",
		Submission: surveysync.Submission{Institution: "MIPC00101P", Survey: "tiny", Part: "b", Answers: survey.Answers{"n": 1}}}
}

func generalPart(offer ...string) surveysync.Incoming {
	in := sheetB()
	in.Part, in.Submission.Part, in.Replaces, in.Answers = "general", "general", 1, survey.Answers{"offer": offer}
	return in
}

// TestDecide is the order of decision of the contract, section 4, line by
// line: each case breaks one thing more than the next, so that the earlier
// refusal is the one that must come.
func TestDecide(t *testing.T) {
	q := tiny(t)
	type st = surveysync.Stored
	type in = surveysync.Incoming
	for _, c := range []struct {
		name string
		set  func(*st, *in)
		want surveysync.Code
	}{
		{"another school's code", func(_ *st, i *in) { i.Institution = "MIIS99999X" }, surveysync.WrongInstitution},
		{"the body names another part", func(_ *st, i *in) { i.Submission.Part = "a" }, surveysync.Invalid},
		{"the id with other content", func(s *st, _ *in) { s.Same = &surveysync.SameID{Mine: true, Digest: "sha256:y"} }, surveysync.IDReused},
		{"another school's id, same bytes", func(s *st, _ *in) { s.Same = &surveysync.SameID{Digest: "sha256:x"} }, surveysync.IDReused},
		{"made before a restore", func(s *st, i *in) { s.Epoch, i.Epoch = "two", "one" }, surveysync.EpochChanged},
		{"another survey", func(_ *st, i *in) { i.Survey = "other" }, surveysync.Invalid},
		{"an instant before it opens", func(_ *st, i *in) { i.Now = opens.Add(-1) }, surveysync.SurveyNotOpen},
		{"an instant after the last date", func(_ *st, i *in) { i.Now = late.Add(1) }, surveysync.SurveyClosed},
		{"after the reopened date too", func(s *st, i *in) { i.Now = late.AddDate(0, 0, 2); s.OpenUntil = late.AddDate(0, 0, 1) }, surveysync.SurveyClosed},
		{"no part 1 yet", func(s *st, _ *in) { s.Due = nil }, surveysync.GeneralPartRequired},
		{"a track that part 1 does not list", func(s *st, _ *in) { s.Due = []string{"general", "a"} }, surveysync.TrackNotOffered},
		{"approved", func(s *st, _ *in) { s.Parts["b"] = surveysync.PartState{State: survey.PartApproved, Revision: 1} }, surveysync.PartApproved},
		{"no precondition", func(_ *st, i *in) { i.Replaces = surveysync.NoPrecondition }, surveysync.PreconditionRequired},
		{"a revision stands there", func(s *st, _ *in) { s.Parts["b"] = surveysync.PartState{State: survey.PartSubmitted, Revision: 1} }, surveysync.RevisionConflict},
		{"it replaces what is not there", func(_ *st, i *in) { i.Replaces = 3 }, surveysync.RevisionConflict},
		{"unknown questionnaire", func(s *st, _ *in) { s.Questionnaire = nil }, surveysync.UnknownQuestionnaire},
		{"a check", func(_ *st, i *in) { i.Answers = survey.Answers{"n": 11} }, surveysync.AnswersRejected},
		{"an unknown variable", func(_ *st, i *in) { i.Answers = survey.Answers{"n": 1, "m": 1} }, surveysync.AnswersRejected},
		{"the sender knows the epoch", func(s *st, i *in) { s.Epoch, i.Epoch = "two", "two" }, ""},
		{"the sender says no epoch", func(s *st, _ *in) { s.Epoch = "two" }, ""},
		{"nothing is wrong", func(*st, *in) {}, ""},
	} {
		s, i := stored(q), sheetB()
		c.set(&s, &i)
		v := surveysync.Decide(s, i)
		if v.Code != c.want || (v.Outcome == surveysync.Accept) != (c.want == "") {
			t.Errorf("%s: %v %q, want %q", c.name, v.Outcome, v.Code, c.want)
		}
	}
}

// TestDecideAcceptance: what an accepted part becomes.
func TestDecideAcceptance(t *testing.T) {
	q := tiny(t)
	for _, c := range []struct {
		name string
		set  func(*surveysync.Stored, *surveysync.Incoming)
		rev  int
		late bool
	}{
		{"the last instant in time", func(_ *surveysync.Stored, i *surveysync.Incoming) { i.Now = due }, 1, false},
		{"the first instant late", func(_ *surveysync.Stored, i *surveysync.Incoming) { i.Now = due.Add(1) }, 1, true},
		{"the last instant of all", func(_ *surveysync.Stored, i *surveysync.Incoming) { i.Now = late }, 1, true},
		{"reopened by the office", func(s *surveysync.Stored, i *surveysync.Incoming) {
			i.Now, s.OpenUntil = late.AddDate(0, 0, 1), late.AddDate(0, 0, 2)
		}, 1, true},
		{"a returned part", func(s *surveysync.Stored, i *surveysync.Incoming) {
			s.Parts["b"], i.Replaces = surveysync.PartState{State: survey.PartReturned, Revision: 4}, 4
		}, 5, false},
		{"a withdrawn track that comes back", func(s *surveysync.Stored, i *surveysync.Incoming) {
			s.Parts["b"], i.Replaces = surveysync.PartState{State: survey.PartWithdrawn, Revision: 2}, 2
		}, 3, false},
	} {
		s, i := stored(q), sheetB()
		c.set(&s, &i)
		if v := surveysync.Decide(s, i); v.Outcome != surveysync.Accept || v.Revision != c.rev || v.Late != c.late {
			t.Errorf("%s: %+v", c.name, v)
		}
	}
}

// TestDecideWithdrawal: part 1 drops a track that was sent only if it says so.
func TestDecideWithdrawal(t *testing.T) {
	q := tiny(t)
	for _, c := range []struct {
		name     string
		offer    []string
		withdraw []string
		want     surveysync.Code
	}{
		{"keeps the track", []string{"a"}, nil, ""},
		{"drops it silently", []string{"b"}, nil, surveysync.TrackHasSubmission},
		{"drops it and says so", []string{"b"}, []string{"a"}, ""},
		{"takes back what it lists", []string{"a", "b"}, []string{"a"}, surveysync.Invalid},
		{"takes back what was never sent", []string{"a"}, []string{"b"}, surveysync.Invalid},
		{"takes it back twice", []string{"b"}, []string{"a", "a"}, surveysync.Invalid},
	} {
		i := generalPart(c.offer...)
		i.Withdraw = c.withdraw
		v := surveysync.Decide(stored(q), i)
		if v.Code != c.want {
			t.Errorf("%s: %q, want %q", c.name, v.Code, c.want)
		}
		if c.want == surveysync.TrackHasSubmission && (len(v.Tracks) != 1 || v.Tracks[0] != "a") {
			t.Errorf("%s: names %v", c.name, v.Tracks)
		}
	}
}

// TestReplayIsForEver: whatever has happened since, the same id with the same
// bytes is a replay.
func TestReplayIsForEver(t *testing.T) {
	q := tiny(t)
	rapid.Check(t, func(t *rapid.T) {
		s, i := stored(q), sheetB()
		s.Same = &surveysync.SameID{Mine: true, Digest: i.Digest}
		i.Now = rapid.SampledFrom([]time.Time{opens.AddDate(-1, 0, 0), due, late.AddDate(5, 0, 0)}).Draw(t, "now")
		if rapid.Bool().Draw(t, "void") {
			s.Questionnaire = nil
		}
		if rapid.Bool().Draw(t, "no general") {
			s.Due = nil
		}
		s.Parts["b"] = surveysync.PartState{
			State:    rapid.SampledFrom([]string{survey.PartSubmitted, survey.PartApproved, survey.PartWithdrawn, survey.PartReturned}).Draw(t, "state"),
			Revision: rapid.IntRange(1, 9).Draw(t, "revision")}
		i.Replaces = rapid.IntRange(-1, 9).Draw(t, "replaces")
		i.Answers = survey.Answers{"n": rapid.IntRange(-5, 200).Draw(t, "n")}
		if v := surveysync.Decide(s, i); v.Outcome != surveysync.Replay {
			t.Fatalf("%+v", v)
		}
	})
}

const goodBody = `{"submission_id":"0193f000-0000-7000-8000-000000000001","institution":"MIIS00100B","survey":"tiny","part":"general",` +
	`"questionnaire":"sha256:q","answers":{"offer":["a"]},"explanations":{"S1":{"reason":"other","text":"Controllato."}},"completed_at":"2023-12-18T10:42:07+01:00"}`

// brokenBodies are bodies whose envelope is not as asked, and the place that
// the refusal names.
var brokenBodies = map[string]string{
	``:                      "too early",
	`[]`:                    "object was expected",
	`{`:                     "too early",
	goodBody + `{}`:         "follows",
	`{"submission_id":"x"}`: "institution",
	replaced(`"answers":{"offer":["a"]},`, ``):                              "answers",
	replaced(`"part":"general"`, `"part":7`):                                "part",
	replaced(`"part":"general"`, `"part":"general","part":"a"`):             "part",
	replaced(`"part":"general"`, `"Part":"general"`):                        "Part",
	replaced(`"part":"general"`, `"part":"general","extra":1`):              "extra",
	replaced(`{"offer":["a"]}`, `{"offer":["a"],"offer":["b"]}`):            "offer",
	replaced(`"S1":{`, `"S1":{"reason":"other","text":"x"},"s1":{`):         "s1",
	replaced(`"reason":"other",`, `"reason":"other","Reason":"x",`):         "Reason",
	replaced(`0193f000`, `0193F000`):                                        "submission_id",
	replaced(`-7000-`, `7000-`):                                             "submission_id",
	replaced(`2023-12-18T10:42:07+01:00`, `18/12/2023`):                     "RFC 3339",
	replaced(`"part":"general"`, `"part":"a","withdraw":["b"]`):             "withdraw",
	replaced(`"institution":"MIIS00100B"`, `"institution":"`+long(300)+`"`): "institution",
}

func TestParseSubmissionRefuses(t *testing.T) {
	for body, place := range brokenBodies {
		_, err := surveysync.ParseSubmission([]byte(body))
		if err == nil || !contains(err.Error(), place) {
			t.Errorf("%.120s: %v, want a word of %q", body, err, place)
		}
	}
	if _, err := surveysync.ParseSubmission([]byte(goodBody)); err != nil {
		t.Error(err)
	}
}

func FuzzParseSubmission(f *testing.F) {
	f.Add([]byte(goodBody))
	for body := range brokenBodies {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		s, err := surveysync.ParseSubmission(body)
		if err == nil && (s.Answers == nil || s.Part == "" || s.CompletedAt.IsZero()) {
			t.Fatalf("taken without its envelope: %q", body)
		}
	})
}

func TestETag(t *testing.T) {
	for text, want := range map[string]int{`"1"`: 1, ` "27" `: 27, `"0"`: 0, `1`: 0, `W/"1"`: 0, `"1", "2"`: 0, `"+1"`: 0, `""`: 0, `"01"`: 0, `*`: 0} {
		n, ok := surveysync.ParseETag(text)
		if ok != (want > 0) || ok && n != want {
			t.Errorf("%s: %d %v", text, n, ok)
		}
	}
	if surveysync.ETag(27) != `"27"` {
		t.Error(surveysync.ETag(27))
	}
}

func replaced(old, with string) string { return strings.Replace(goodBody, old, with, 1) }
func long(n int) string                { return strings.Repeat("x", n) }
func contains(s, part string) bool     { return strings.Contains(s, part) }

// TestJudgedBefore: checks that were run before the transaction count only for
// the questionnaire and the institution that they were run with.
func TestJudgedBefore(t *testing.T) {
	q := tiny(t)
	load := func(assert string) *survey.Questionnaire {
		q, err := survey.Load([]byte(strings.Replace(decideSurvey, "n <= 10", assert, 1)))
		if err != nil {
			t.Fatal(err)
		}
		return q
	}
	stricter, ofKind := load("n <= 0"), load("institution.kind == 'statale'")
	school := stored(q).Institution
	state := school
	state.Kind = survey.KindState
	for _, c := range []struct {
		name                string
		judged, decided     *survey.Questionnaire
		judgedOf, decidedOf survey.Institution
		want                surveysync.Code
	}{
		{"the same", q, q, school, school, ""},
		{"the same, refused", stricter, stricter, school, school, surveysync.AnswersRejected},
		{"another questionnaire", q, stricter, school, school, surveysync.AnswersRejected},
		{"another questionnaire, milder", stricter, q, school, school, ""},
		{"the institution has changed", ofKind, ofKind, state, school, surveysync.AnswersRejected},
		{"the institution has changed back", ofKind, ofKind, school, state, ""},
		{"none was known", nil, stricter, school, school, surveysync.AnswersRejected},
	} {
		i := sheetB()
		i.Judge(c.judged, c.judgedOf)
		s := stored(c.decided)
		s.Institution = c.decidedOf
		if v := surveysync.Decide(s, i); v.Code != c.want {
			t.Errorf("%s: %q, want %q", c.name, v.Code, c.want)
		}
	}
}
