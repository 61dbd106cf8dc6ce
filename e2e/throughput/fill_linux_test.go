package throughput_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"time"

	"github.com/google/uuid"
	"golang.org/x/sync/errgroup"

	"rileva/internal/account"
	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

var cheap = account.Params{Memory: 8, Time: 1, Threads: 1}

type random struct{}

func (random) Read(p []byte) (int, error) { return io.ReadFull(rand.Reader, p) }

// filling puts schools and submissions into a store, by the store's own calls.
type filling struct {
	s      store.Store
	digest string
	now    time.Time
	number int // of the last code

	sheets map[string]sheet // by part
}

// newFilling publishes the real survey of 2022/23 and opens it.
func newFilling(s store.Store) (*filling, error) {
	ctx := context.Background()
	f := &filling{s: s, now: time.Now()}
	var err error
	if f.digest, err = s.Publish(ctx, questionnaires.Dispersione202223, f.now, f.act("survey_publish")); err != nil {
		return nil, err
	}
	opens, due := f.now.Add(-time.Hour), f.now.Add(24*time.Hour)
	if _, err = s.SetDates(ctx, store.DatesEdit{Opens: &opens, Due: &due, LateUntil: &due}, f.act("survey_dates")); err != nil {
		return nil, err
	}
	inst := samples.Institution()
	f.sheets, err = f.write(inst.Code, samples.For(inst))
	return f, err
}

func (f *filling) act(action string) store.Act {
	return store.Act{At: f.now, Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK}
}

// school is one that is signed in.
type school struct {
	store.Institution
	token string
	hash  [32]byte

	sheets map[string]sheet // nil for the filling's own
}

// schools adds n schools with a password of their own, signed in.
func (f *filling) schools(n int) ([]school, error) {
	ctx := context.Background()
	codes := make([]string, n)
	for i := range codes {
		codes[i] = f.nextCode()
	}
	err := f.s.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		var edit store.RegisterEdit
		for _, code := range codes {
			in := store.Institution{AddedAt: f.now}
			in.Institution.Institution = samples.Institution()
			in.Code, in.Codes = code, []string{code}
			edit.Put = append(edit.Put, in)
		}
		return edit, nil
	})
	if err != nil {
		return nil, err
	}
	all := make([]school, n)
	hashes := map[string]string{}
	for i, code := range codes {
		if all[i].Institution, err = f.s.FindInstitution(ctx, code); err != nil {
			return nil, err
		}
		hashes[all[i].ID] = "one-time"
	}
	if _, err = f.s.IssueCredentials(ctx, hashes, false, f.now, f.act("credentials_issue")); err != nil {
		return nil, err
	}
	var g errgroup.Group
	g.SetLimit(abreast)
	for i := range all {
		g.Go(func() error { return f.enter(ctx, &all[i]) })
	}
	return all, g.Wait()
}

// nextCode is the next of the codes that state institutes of Milano could
// have: 500 is for paritarie, and some numbers have no check character.
func (f *filling) nextCode() string {
	for {
		if f.number++; f.number%1000 == 500 {
			continue
		}
		for last := 'A'; last <= 'Z'; last++ {
			if c := fmt.Sprintf("MIIS%05d%c", f.number, last); survey.CheckCharacterOK(c) {
				return c
			}
		}
	}
}

// abreast is how many calls of the filling are under way together.
const abreast = 128

func (f *filling) enter(ctx context.Context, one *school) error {
	one.token, one.hash = account.NewToken(random{})
	err := f.s.ChangePassword(ctx, one.ID, "one-time", "its own", [32]byte{}, f.act("change_password"))
	if err != nil {
		return err
	}
	return f.s.SignIn(ctx, store.Session{TokenHash: one.hash, InstitutionID: one.ID, Device: "PC segreteria",
		CreatedAt: f.now, ExpiresAt: f.now.Add(24 * time.Hour)}, f.act("sign_in"))
}

// store spreads n submissions over new schools: all parts of each return, then
// amendments of its tracks.
func (f *filling) store(schools, n int) error {
	if n == 0 {
		return nil
	}
	all, err := f.schools(schools)
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(abreast)
	for i := range all {
		mine := n / schools
		if i < n%schools {
			mine++
		}
		g.Go(func() error { return f.send(&all[i], mine) })
	}
	return g.Wait()
}

// send sends so many submissions of one school: all parts of its return, then
// amendments of its tracks.
func (f *filling) send(one *school, n int) error {
	parts := samples.Tracks()
	for k := range n {
		part, replaces := survey.GeneralPart, 0
		if k > 0 {
			part, replaces = parts[(k-1)%len(parts)], (k-1)/len(parts)
		}
		if err := f.accept(one, part, replaces); err != nil {
			return err
		}
	}
	return nil
}

// sheet is a part of the made-up return as a device sends it.
type sheet struct {
	body    []byte
	content surveysync.Submission
}

const noID = "00000000-0000-7000-8000-000000000000"

// write writes a whole return.
func (f *filling) write(code string, parts map[string]survey.Answers) (map[string]sheet, error) {
	out := map[string]sheet{}
	for part, answers := range parts {
		body, err := json.Marshal(surveysync.Submission{SubmissionID: noID, Institution: code, Survey: "dispersione-2022-23", Part: part,
			Questionnaire: f.digest, Answers: answers, CompletedAt: f.now.Truncate(time.Second)})
		if err != nil {
			return nil, err
		}
		content, err := surveysync.ParseSubmission(body)
		if err != nil {
			return nil, err
		}
		out[part] = sheet{body, content}
	}
	return out, nil
}

// submission is a sheet as one school sends it now. Writing and reading the
// JSON anew each time would make the filling twice as long.
func (f *filling) submission(one *school, part string) ([]byte, surveysync.Submission) {
	sheet, id := f.sheets[part], newID()
	if one.sheets != nil {
		sheet = one.sheets[part]
	}
	body := bytes.Replace(sheet.body, []byte(noID), []byte(id), 1)
	body = bytes.ReplaceAll(body, []byte(sheet.content.Institution), []byte(one.Code))
	content := sheet.content
	content.SubmissionID, content.Institution = id, one.Code
	if part == survey.GeneralPart && one.sheets == nil {
		content.Answers = content.Answers.Clone()
		content.Answers["institution_code"] = one.Code
	}
	return body, content
}

func newID() string { return uuid.Must(uuid.NewV7()).String() }

func (f *filling) accept(one *school, part string, replaces int) error {
	body, content := f.submission(one, part)
	a, err := f.s.Accept(context.Background(), store.Put{
		Access: store.Access{Session: store.Session{TokenHash: one.hash, InstitutionID: one.ID}, Institution: one.Institution},
		Incoming: surveysync.Incoming{Submission: content, Digest: surveysync.Digest(body), Part: part, Replaces: replaces,
			Now: f.now, Lang: "it"},
		Body:  body,
		Entry: surveysync.Entry{Device: "PC segreteria", Incident: "7K3Q-9ZTA", Client: "rileva/bench", Size: int64(len(body))},
	})
	if err == nil && a.Verdict.Outcome != surveysync.Accept {
		err = fmt.Errorf("%s: %s %s %+v", part, a.Verdict.Code, a.Verdict.Place, a.Verdict.Findings)
	}
	return err
}

// senders adds n schools whose part 1 is in, ready to send a track.
func (f *filling) senders(n int) ([]sender, error) {
	all, err := f.schools(n)
	if err != nil {
		return nil, err
	}
	out := make([]sender, n)
	for i := range all {
		if err := f.accept(&all[i], survey.GeneralPart, 0); err != nil {
			return nil, err
		}
		body, _ := f.submission(&all[i], survey.TrackTecnico)
		at := bytes.Index(body, []byte(`"submission_id":"`)) + len(`"submission_id":"`)
		out[i] = sender{Token: all[i].token, Body: body, ID: at}
	}
	return out, nil
}
