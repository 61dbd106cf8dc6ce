// Package storetest checks that an engine keeps the contract of package store.
// An engine's test calls [Run]; its other tests and its benchmark may begin
// with a [World]. It is imported by tests only.
//
// It uses a survey of its own (testdata/tiny.yaml), gives every time itself
// and never sleeps. Start reading at [Run].
package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

//go:embed testdata/tiny.yaml
var tiny []byte

// Questionnaire gives the tiny questionnaire; another note makes another
// version of it.
func Questionnaire(note string) []byte {
	if note == "" {
		return bytes.Clone(tiny)
	}
	return append(bytes.Clone(tiny), "# "+note+"\n"...)
}

// The moments of the tiny survey.
var (
	beforeOpening = time.Date(2023, 11, 1, 12, 0, 0, 0, time.UTC)
	inTime        = time.Date(2023, 12, 1, 12, 0, 0, 0, time.UTC)
	tooLate       = time.Date(2023, 12, 28, 12, 0, 0, 0, time.UTC) // but accepted
	afterClosing  = time.Date(2024, 2, 1, 12, 0, 0, 0, time.UTC)
)

// World is a store with a published survey and three schools that are signed
// in. The store may be exchanged for the same one opened again.
type World struct {
	testing.TB
	Store   store.Store
	Digest  string // of the questionnaire in force
	Schools []School
	ids     atomic.Int64
}

// School is a school that is signed in on one device.
type School struct {
	store.Institution
	Token [32]byte
	Hash  string // of its password
}

// codes of the schools; the first of each is the login code.
var codes = [][]string{{"MIIS00100B", "MIPS001012"}, {"MIPL05500X"}, {"MITF00700C"}}

// NewWorld fills an empty store.
func NewWorld(tb testing.TB, s store.Store) *World {
	tb.Helper()
	w := &World{TB: tb, Store: s}
	digest, err := s.Publish(context.Background(), Questionnaire(""), beforeOpening, act("survey_publish"))
	w.must(err)
	w.Digest = digest
	for i := range codes {
		w.AddSchool(codes[i]...)
	}
	return w
}

// AddSchool adds a school, gives it a password and signs it in.
func (w *World) AddSchool(codes ...string) School {
	w.Helper()
	ctx := context.Background()
	w.must(w.Store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: []store.Institution{institution(codes...)}, Acts: []store.Act{act("institutions_add")}}, nil
	}))
	in, err := w.Store.FindInstitution(ctx, codes[0])
	w.must(err)
	hash := "$argon2id$one-time of " + in.Code
	written, err := w.Store.IssueCredentials(ctx, map[string]string{in.ID: hash}, false, beforeOpening, act("credentials_issue"))
	w.must(err)
	if len(written) != 1 {
		w.Fatalf("no password was written for %s", in.Code)
	}
	school := School{Institution: in, Token: sha256.Sum256([]byte("token of " + in.Code)), Hash: hash}
	w.signIn(school, school.Token, "segreteria")
	w.Schools = append(w.Schools, school)
	return school
}

// SchoolOf is a school that a world made before its store was opened again.
func SchoolOf(in store.Institution) School {
	return School{Institution: in, Token: sha256.Sum256([]byte("token of " + in.Code))}
}

// institution is a new one, as an import gives it.
func institution(codes ...string) store.Institution {
	return store.Institution{Institution: register.Institution{Institution: survey.Institution{
		Code: codes[0], Codes: codes, Name: "Istituto " + codes[0], Comune: "MILANO", Kind: survey.KindState,
		ExpectedTracks: []string{survey.TrackLiceale},
	}, Province: "MILANO"}, AddedAt: beforeOpening}
}

func (w *World) signIn(s School, token [32]byte, device string) {
	w.Helper()
	w.must(w.Store.SignIn(context.Background(), store.Session{TokenHash: token, InstitutionID: s.ID, Device: device,
		CreatedAt: beforeOpening, ExpiresAt: afterClosing.AddDate(1, 0, 0)}, schoolAct(surveysync.ActionSignIn, device)))
}

func act(action string) store.Act {
	return store.Act{At: beforeOpening, Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK}
}

func schoolAct(action, device string) store.Act {
	return store.Act{At: inTime, Actor: surveysync.ActorSchool, Action: action, Outcome: surveysync.OutcomeOK, Device: device}
}

func (w *World) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Sending is what a device sends. Zero fields are what an honest device in
// time would send for the first time.
type Sending struct {
	School        School
	Part          string
	Answers       survey.Answers // nil: answers without a fault
	Replaces      int
	ID            string
	Institution   string
	Survey        string
	Questionnaire string
	Withdraw      []string
	Address       string // the part of the address; "": Part
	Now           time.Time
	Device        string
}

// General is a general part that offers these tracks.
func General(s School, offer ...string) Sending {
	return Sending{School: s, Part: survey.GeneralPart, Answers: survey.Answers{"institution_code": s.Code, "offer": offer}}
}

// Track is a sheet with n pupils in every cell.
func Track(s School, track string, n int) Sending {
	answers := survey.Answers{}
	for _, cell := range []string{"y1_m", "y1_f", "y2_m", "y2_f"} {
		answers["scrutinised_"+cell], answers["passed_"+cell], answers["failed_"+cell] = n, n, 0
	}
	return Sending{School: s, Part: track, Answers: answers}
}

// NewID gives a submission id that this world has not used.
func (w *World) NewID() string { return fmt.Sprintf("00000000-0000-7000-8000-%012x", w.ids.Add(1)) }

// Put is what the server makes of a sending.
func (w *World) Put(x Sending) store.Put {
	w.Helper()
	or := func(value, otherwise string) string {
		if value == "" {
			return otherwise
		}
		return value
	}
	body, err := json.Marshal(surveysync.Submission{
		SubmissionID: or(x.ID, w.NewID()), Institution: or(x.Institution, x.School.Code), Survey: or(x.Survey, "tiny"), Part: x.Part,
		Questionnaire: or(x.Questionnaire, w.Digest), Answers: maps.Clone(x.Answers), Withdraw: x.Withdraw, CompletedAt: inTime,
	})
	w.must(err)
	content, err := surveysync.ParseSubmission(body)
	w.must(err)
	now := x.Now
	if now.IsZero() {
		now = inTime
	}
	return store.Put{
		Access: store.Access{Session: store.Session{TokenHash: x.School.Token, InstitutionID: x.School.ID}, Institution: x.School.Institution},
		Incoming: surveysync.Incoming{Submission: content, Digest: surveysync.Digest(body), Part: or(x.Address, x.Part),
			Replaces: x.Replaces, Now: now, Lang: "it"},
		Body:  body,
		Entry: surveysync.Entry{Device: or(x.Device, "segreteria"), Incident: "7K3Q-9ZTA", Client: "1.0.0", Size: int64(len(body))},
	}
}

// Accepted sends what must be accepted and gives the answer with what was sent.
func (w *World) Accepted(x Sending) (store.Answered, store.Put) {
	w.Helper()
	put := w.Put(x)
	a, err := w.Store.Accept(context.Background(), put)
	w.must(err)
	if a.Verdict.Outcome != surveysync.Accept {
		w.Fatalf("%s of %s is not accepted: %+v", x.Part, x.School.Code, a.Verdict)
	}
	return a, put
}

// refused sends what must be refused with this code.
func (w *World) refused(code surveysync.Code, x Sending) store.Answered {
	w.Helper()
	return w.putRefused(code, w.Put(x))
}

func (w *World) putRefused(code surveysync.Code, put store.Put) store.Answered {
	w.Helper()
	a, err := w.Store.Accept(context.Background(), put)
	w.must(err)
	if a.Verdict.Outcome != surveysync.Refuse || a.Verdict.Code != code {
		w.Errorf("want a refusal with %s, got %+v", code, a.Verdict)
	}
	if a.Receipt.Number != "" {
		w.Errorf("the refusal comes with the receipt %s", a.Receipt.Number)
	}
	return a
}
