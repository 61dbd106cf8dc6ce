package desk

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// How a step of an examination ended.
const (
	ExamOK      = "ok"
	ExamFailed  = "failed"
	ExamSkipped = "skipped" // an earlier one failed, or there is nothing to look at
)

// ExamStep is one step of an attempt as the doctor found it.
type ExamStep struct {
	Step   string         `json:"step"`
	State  string         `json:"state"`
	Code   string         `json:"code,omitempty"`   // of a failure
	Detail string         `json:"detail,omitempty"` // what was found, in words
	Hint   string         `json:"hint,omitempty"`   // what to do now
	Job    surveysync.Job `json:"job,omitempty"`    // whose job it is
}

// Exam is an attempt gone through step by step, up to the first that fails.
// Nothing is sent and nothing on the device is changed but its history.
type Exam struct {
	Server   string     `json:"server"`
	At       time.Time  `json:"at"`
	Incident string     `json:"incident"`
	Steps    []ExamStep `json:"steps"`
	Failed   string     `json:"failed,omitempty"` // the first step that fails
	Alarm    *Alarm     `json:"alarm,omitempty"`  // what stands of the server's log
	Err      error      `json:"-"`
}

// Examine goes through the steps of an attempt one by one and names the first
// that fails, whose job it is and what to do. Its error is of this device.
func (d *Desk) Examine(ctx context.Context) (Exam, error) {
	e := &exam{desk: d, incident: surveysync.NewIncident(nil), found: map[string]string{}}
	e.ctx = surveysync.WithIncident(ctx, e.incident)
	step, err := e.walk()
	out := Exam{Server: e.server, At: d.now(), Incident: e.incident, Failed: step, Err: err}
	failed := false
	for _, name := range surveysync.Steps() {
		s := ExamStep{Step: name, State: ExamOK, Detail: e.found[name]}
		switch {
		case name == step:
			s = ExamStep{Step: name, State: ExamFailed, Code: CodeOf(err), Detail: Sentence(err, d.lang), Hint: Hint(err, d.lang), Job: jobOf(err)}
			failed = true
		case failed || e.nothing == name:
			s.State = ExamSkipped
		}
		out.Steps = append(out.Steps, s)
	}
	alarm, broken := d.Alarm()
	if broken != nil {
		return out, broken
	}
	out.Alarm = alarm
	r := surveysync.AttemptResult{At: out.At, Incident: e.incident, Code: surveysync.CodeAccepted}
	if err != nil {
		r.Code, r.Step, r.Detail = CodeOf(err), step, detail(err, d.lang)
	}
	return out, d.store.Record(drafts.Attempt{What: "doctor", AttemptResult: r})
}

// jobOf tells whose job an error is; what is of this device is the person's.
func jobOf(err error) surveysync.Job {
	var lost *surveysync.NetError
	var refused *surveysync.Problem
	switch {
	case errors.As(err, &lost):
		return lost.Job()
	case errors.As(err, &refused):
		return refused.Job()
	case CodeOf(err) == "server_lacks", CodeOf(err) == "receipt_fails":
		return surveysync.JobOffice
	}
	return surveysync.JobPerson
}

// exam is one examination under way.
type exam struct {
	desk     *Desk
	ctx      context.Context
	incident string
	server   string
	client   *surveysync.Client
	info     surveysync.ServerInfo
	ret      surveysync.Return
	owner    drafts.Owner
	found    map[string]string // by step, what a good one has to tell
	nothing  string            // a step that has nothing to look at
}

// walk gives the step that failed and why, or "".
func (e *exam) walk() (string, error) {
	if step, err := e.reach(); err != nil {
		return step, err
	}
	for _, s := range []struct {
		name string
		look func() error
	}{
		{surveysync.StepSignIn, e.signIn}, {surveysync.StepDates, e.dates},
		{surveysync.StepQuestionnaire, e.questionnaire}, {surveysync.StepPayload, e.payload},
		{surveysync.StepStored, e.stored}, {surveysync.StepReceipt, e.receipt},
	} {
		if err := s.look(); err != nil {
			var lost *surveysync.NetError
			if errors.As(err, &lost) { // the network went away meanwhile
				return surveysync.StepOf(err), err
			}
			return s.name, err
		}
	}
	return "", nil
}

// reach takes the steps that one open call goes through.
func (e *exam) reach() (string, error) {
	d := e.desk
	token := ""
	e.server = d.Server()
	if s, err := d.current(); err == nil {
		e.server, token = s.Server, s.Token
	}
	server, err := address(e.server)
	if err != nil {
		return surveysync.StepAddress, err
	}
	e.server = server
	if e.client, err = d.client(server, token); err != nil {
		return surveysync.StepAddress, err
	}
	if e.info, err = e.client.Server(e.ctx); err != nil {
		step := surveysync.StepOf(err)
		var refused *surveysync.Problem
		if errors.As(err, &refused) {
			step = surveysync.StepServer // it is one, and cannot even say who it is
		}
		return step, err
	}
	e.found[surveysync.StepAddress] = server
	e.found[surveysync.StepServer] = fmt.Sprintf("%s - %s", e.info.Name, e.info.Survey)
	e.found[surveysync.StepVersion] = fmt.Sprintf("rileva %s - server %s", d.version, e.info.Version)
	if skew := e.client.Last().Skew(); skew.Abs() > surveysync.MaxSkew {
		e.found[surveysync.StepTLS] = word(d.lang, "exam_clock", int(skew.Round(time.Minute)/time.Minute))
	}
	return "", nil
}

func (e *exam) signIn() (err error) {
	s, err := e.desk.current()
	switch {
	case err != nil:
		return err
	case s.MustChange:
		return newError("must_change")
	}
	if e.ret, _, err = e.client.Return(e.ctx); err != nil {
		return err
	}
	e.owner = drafts.Owner{Institution: s.Institution.ID, Survey: e.info.Survey}
	e.found[surveysync.StepSignIn] = fmt.Sprintf("%s - %s", e.ret.Institution.Code, e.ret.Institution.Name)
	return nil
}

// dates fails when nothing new would be accepted now.
func (e *exam) dates() error {
	s, now := e.ret.Survey, e.ret.ServerTime
	reopened := slices.ContainsFunc(e.ret.Parts, func(p surveysync.PartStatus) bool { return p.OpenUntil != nil && !now.After(*p.OpenUntil) })
	switch {
	case now.Before(s.Opens):
		return surveysync.NewProblem(surveysync.SurveyNotOpen, e.desk.lang, Moment(s.Opens, e.desk.lang))
	case now.After(s.Due) && now.After(s.LateUntil) && !reopened:
		return surveysync.NewProblem(surveysync.SurveyClosed, e.desk.lang, Moment(s.LateUntil, e.desk.lang))
	}
	e.found[surveysync.StepDates] = Deadline(s, now, e.desk.lang)
	return nil
}

// questionnaire fails when the version in force is neither here nor to be had.
func (e *exam) questionnaire() error {
	digest := e.ret.Survey.Questionnaire
	q, err := e.desk.questionnaire(digest)
	if CodeOf(err) == "no_questionnaire" {
		var raw []byte
		if raw, err = e.client.Questionnaire(e.ctx, digest); err == nil {
			q, err = survey.LoadOnce(raw)
		}
	}
	if err != nil {
		return err
	}
	e.found[surveysync.StepQuestionnaire] = q.ID + " " + q.Version
	return nil
}

// payload fails for what waits and will not be accepted as it is.
func (e *exam) payload() error {
	box, err := e.desk.store.Outbox(e.owner)
	if err != nil {
		return err
	}
	for _, entry := range box {
		switch entry.State {
		case surveysync.OpConflict:
			return surveysync.NewProblem(surveysync.RevisionConflict, e.desk.lang)
		case surveysync.OpRefused:
			return newError("exam_stuck", e.desk.PartTitle(entry.Part), entry.LastDetail)
		}
	}
	e.found[surveysync.StepPayload] = word(e.desk.lang, "exam_waiting", len(box))
	return nil
}

// stored fails when something waits to be sent, or when the server lacks what
// it has given a receipt for.
func (e *exam) stored() error {
	box, err := e.desk.store.Outbox(e.owner)
	if err != nil {
		return err
	}
	for _, entry := range box {
		return newError("exam_queued", e.desk.PartTitle(entry.Part), Moment(entry.Next, e.desk.lang))
	}
	held, err := e.desk.store.Receipts(e.owner)
	if err != nil {
		return err
	}
	for _, h := range held {
		if h.Receipt.Revision > partStatus(e.ret, h.Receipt.Part).Revision {
			return newError("server_lacks", e.desk.PartTitle(h.Receipt.Part), h.Receipt.Revision, h.Receipt.Number)
		}
	}
	e.found[surveysync.StepStored] = word(e.desk.lang, "exam_stored", len(held))
	return nil
}

// receipt verifies the last one, offline and then with the server.
func (e *exam) receipt() error {
	held, err := e.desk.store.Receipts(e.owner)
	if err != nil {
		return err
	}
	if len(held) == 0 {
		e.nothing = surveysync.StepReceipt
		return nil
	}
	keys, err := e.desk.LogKeys()
	if err != nil {
		return err
	}
	last := held[len(held)-1]
	if _, _, err := surveysync.VerifyReceipt(last.Raw, keys...); err != nil {
		return &Error{Code: "receipt_fails", args: []any{last.Receipt.Number}, Err: err}
	}
	e.client.Trust(keys...)
	if _, _, err := e.client.Receipt(e.ctx, last.Receipt.Number); err != nil {
		return err
	}
	e.found[surveysync.StepReceipt] = last.Receipt.Number
	return nil
}
