package store_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"testing"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// form has one number in part 1 that the tracks' numbers must add up to. The
// version decides what the finding is called.
const form = `
format: 1
id: prova
version: "1"
school_year: "2022/23"
languages: [it]
title: Prova
office: {name: Ufficio, legal_basis: Nessuna, contact: Interno 1}
dates: {opens: 2023-11-20T00:00:00+01:00, due: 2023-12-20T23:59:59+01:00, late_until: 2023-12-20T23:59:59+01:00}
reasons: {other: Altro}
parts:
  - id: general
    title: Generale
    sections:
      - id: all
        title: Tutto
        items:
          - {question: students, type: integer, label: Alunni}
          - question: offer
            type: multi
            label: Percorsi
            options: [{id: liceale, label: Liceale}, {id: tecnico, label: Tecnico}, {id: iefp, label: IeFP}]
  - id: track
    repeat: offer
    title: Scheda
    sections:
      - {id: all, title: Tutto, items: [{question: enrolled, type: integer, label: Iscritti}]}
across:
  - id: %s
    severity: explain
    assert: general.students == track.enrolled
    message: "{left} e {right}"
`

// board is one institution's parts, and the versions of the form.
type board struct {
	t     *testing.T
	in    store.ReturnInput
	forms map[string]*survey.Questionnaire
}

func newBoard(t *testing.T) (b *board, inForce, older string) {
	b = &board{t: t, forms: map[string]*survey.Questionnaire{}}
	for i, check := range []string{"S05", "S04"} {
		q, err := survey.Load(fmt.Appendf(nil, form, check))
		if err != nil {
			t.Fatal(err)
		}
		b.forms[q.Digest()] = q
		if i == 0 {
			inForce = q.Digest()
		} else {
			older = q.Digest()
		}
	}
	b.in.Institution.ID, b.in.Institution.Code = "i1", "MIIS00100B"
	b.in.Survey = store.Survey{ID: "prova", InForce: inForce, Dates: b.forms[inForce].Dates}
	b.in.Load = func(digest string) (*survey.Questionnaire, error) {
		if q := b.forms[digest]; q != nil {
			return q, nil
		}
		return nil, store.Errorf(surveysync.NotFound, "no questionnaire %s", digest)
	}
	return b, inForce, older
}

// sent sets a part to a state, judged by one version.
func (b *board) sent(part, state, form string, answers survey.Answers, explain map[string]survey.Explanation) {
	body, err := json.Marshal(surveysync.Submission{SubmissionID: "01930000-0000-7000-8000-000000000001", Institution: "MIIS00100B",
		Survey: "prova", Part: part, Questionnaire: form, Answers: answers, Explanations: explain, CompletedAt: time.Unix(1, 0)})
	if err != nil {
		b.t.Fatal(err)
	}
	b.in.Parts = slices.DeleteFunc(b.in.Parts, func(p store.Part) bool { return p.Part == part })
	b.in.Parts = append(b.in.Parts, store.Part{Part: part, State: state, Remarks: []surveysync.Remark{{Text: "x"}},
		Current: store.Submission{Part: part, Revision: 3, Questionnaire: form, ContentDigest: surveysync.Digest(body),
			ReceivedAt: time.Unix(2, 0), Late: true, Body: body}})
}

// wants fails unless the return has this state and these parts with states.
func (b *board) wants(state string, parts ...string) surveysync.Return {
	b.t.Helper()
	got, err := store.BuildReturn(b.in)
	if err != nil {
		b.t.Fatal(err)
	}
	lines := []string{}
	for _, p := range got.Parts {
		lines = append(lines, p.Part+" "+p.State)
		if p.Remarks == nil || (p.State == survey.PartMissing) != (p.Revision == 0 && p.ReceivedAt == nil && p.ContentDigest == "") {
			b.t.Errorf("the line of %s: %+v", p.Part, p)
		}
	}
	if got.State != state || !slices.Equal(lines, parts) {
		b.t.Errorf("%s %v, want %s %v", got.State, lines, state, parts)
	}
	if got.Findings == nil || got.Messages == nil || got.Institution.Codes == nil || got.Institution.ExpectedTracks == nil {
		b.t.Errorf("a list is null: %+v", got)
	}
	return got
}

func TestBuildReturn(t *testing.T) {
	b, form, older := newBoard(t)
	got := b.wants(survey.ReturnNotStarted, "general missing")
	if got.Survey.Questionnaire != form || got.Survey.Office.In("it") != "Ufficio" || got.Survey.Due.IsZero() {
		t.Errorf("survey %+v", got.Survey)
	}
	general := survey.Answers{"students": 30, "offer": []string{"tecnico", "liceale"}}
	b.sent("general", survey.PartSubmitted, form, general, nil)
	b.wants(survey.ReturnInProgress, "general submitted", "liceale missing", "tecnico missing")
	b.sent("tecnico", survey.PartSubmitted, form, survey.Answers{"enrolled": 10}, nil)
	b.sent("liceale", survey.PartReturned, form, survey.Answers{"enrolled": 21}, nil)
	got = b.wants(survey.ReturnInProgress, "general submitted", "liceale returned", "tecnico submitted")
	if len(got.Findings) != 1 { // it is shown while the part is corrected
		t.Errorf("findings %+v", got.Findings)
	}
	b.sent("liceale", survey.PartSubmitted, form, survey.Answers{"enrolled": 21}, nil)
	got = b.wants(survey.ReturnInconsistent, "general submitted", "liceale submitted", "tecnico submitted")
	if len(got.Findings) != 1 || got.Findings[0].Check != "S05" || got.Findings[0].Explained {
		t.Fatalf("findings %+v", got.Findings)
	}
	why := map[string]survey.Explanation{"S05": {Reason: "other", Text: "un alunno in mobilità", Values: got.Findings[0].Values}}
	b.sent("general", survey.PartSubmitted, form, general, why)
	b.wants(survey.ReturnComplete, "general submitted", "liceale submitted", "tecnico submitted")
	b.sent("tecnico", survey.PartSubmitted, form, survey.Answers{"enrolled": 11}, nil)
	b.wants(survey.ReturnInconsistent, "general submitted", "liceale submitted", "tecnico submitted") // the explanation has lapsed
	b.sent("tecnico", survey.PartSubmitted, form, survey.Answers{"enrolled": 9}, nil)
	b.wants(survey.ReturnComplete, "general submitted", "liceale submitted", "tecnico submitted")
	for _, p := range []string{"general", "liceale", "tecnico"} {
		i := slices.IndexFunc(b.in.Parts, func(x store.Part) bool { return x.Part == p })
		b.in.Parts[i].State = survey.PartApproved
	}
	b.wants(survey.ReturnApproved, "general approved", "liceale approved", "tecnico approved")

	// A track that left the offer stays in sight and out of the sums.
	b.sent("general", survey.PartSubmitted, form, survey.Answers{"students": 9, "offer": []string{"tecnico"}}, nil)
	b.sent("liceale", survey.PartWithdrawn, form, survey.Answers{"enrolled": 21}, nil)
	b.wants(survey.ReturnComplete, "general submitted", "liceale withdrawn", "tecnico approved")

	// The version of the general part judges, whatever is in force.
	b.sent("general", survey.PartSubmitted, older, survey.Answers{"students": 8, "offer": []string{"tecnico"}}, nil)
	got = b.wants(survey.ReturnInconsistent, "general submitted", "liceale withdrawn", "tecnico approved")
	if got.Findings[0].Check != "S04" {
		t.Errorf("judged by %s", got.Findings[0].Check)
	}
	b.in.Institution.Excluded = "chiusa"
	b.wants(survey.ReturnNotDue, "general submitted", "liceale withdrawn", "tecnico approved")
}

// TestBuildReturnOffersAgain: a withdrawn track that part 1 lists again is due
// and not in until it is sent.
func TestBuildReturnOffersAgain(t *testing.T) {
	b, form, _ := newBoard(t)
	b.sent("general", survey.PartSubmitted, form, survey.Answers{"students": 5, "offer": []string{"iefp"}}, nil)
	b.sent("iefp", survey.PartWithdrawn, form, survey.Answers{"enrolled": 1}, nil)
	if got := b.wants(survey.ReturnInProgress, "general submitted", "iefp withdrawn"); len(got.Findings) != 0 {
		t.Errorf("findings of a sheet that does not count: %+v", got.Findings)
	}
}

func TestBuildReturnDates(t *testing.T) {
	b, _, _ := newBoard(t)
	moved := b.in.Survey.Dates
	moved.Due = moved.Due.AddDate(0, 0, 7)
	b.in.Survey.Extensions = map[string]survey.Dates{"i1": moved}
	if got := b.wants(survey.ReturnNotStarted, "general missing"); !got.Survey.Due.Equal(moved.Due) {
		t.Errorf("due %s", got.Survey.Due)
	}
	b.in.Survey.InForce = "sha256:none"
	if _, err := store.BuildReturn(b.in); store.CodeOf(err) != surveysync.NotFound {
		t.Errorf("without a questionnaire: %v", err)
	}
}
