package office

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// The stages of a survey by the server's clock.
const (
	StageNotOpen = "not_open"
	StageOpen    = "open"
	StageLate    = "late" // after due, still taken
	StageClosed  = "closed"
)

func stage(d survey.Dates, now time.Time) string {
	switch {
	case now.Before(d.Opens):
		return StageNotOpen
	case !now.After(d.Due):
		return StageOpen
	case !now.After(d.LateUntil):
		return StageLate
	}
	return StageClosed
}

// Extension is one institution with dates of its own.
type Extension struct {
	Code   string       `json:"code"`
	Name   string       `json:"name"`
	Dates  survey.Dates `json:"dates"`
	Reason string       `json:"reason,omitempty"`
}

// SurveyReply is the survey that the server collects.
type SurveyReply struct {
	ID         string                `json:"id"`
	Title      survey.Text           `json:"title"`
	SchoolYear string                `json:"school_year"`
	Version    string                `json:"version"`
	Stage      string                `json:"stage"`
	Dates      survey.Dates          `json:"dates"`
	InForce    string                `json:"in_force"`
	Versions   []store.SurveyVersion `json:"versions"`
	Extensions []Extension           `json:"extensions"`
	Office     survey.Text           `json:"office"`
	LegalBasis survey.Text           `json:"legal_basis"`
	Contact    survey.Text           `json:"contact"`
}

// survey reads what is collected; fails when nothing was published.
func (o *Office) survey(ctx context.Context) (store.Survey, *survey.Questionnaire, error) {
	s, err := o.Store.Survey(ctx)
	if err != nil {
		if store.CodeOf(err) == surveysync.NotFound {
			err = fail("no_survey")
		}
		return s, nil, err
	}
	raw, err := o.Store.Questionnaire(ctx, s.InForce)
	if err != nil {
		return s, nil, err
	}
	q, err := survey.LoadOnce(raw)
	return s, q, err
}

// ShowSurvey gives the survey, its dates and its versions.
func (o *Office) ShowSurvey(ctx context.Context, _ Nothing) (SurveyReply, error) {
	s, q, err := o.survey(ctx)
	if err != nil {
		return SurveyReply{}, err
	}
	return o.describe(ctx, s, q)
}

func (o *Office) describe(ctx context.Context, s store.Survey, q *survey.Questionnaire) (SurveyReply, error) {
	reply := SurveyReply{ID: s.ID, Title: q.Title, SchoolYear: q.SchoolYear, Version: q.Version,
		Stage: stage(s.Dates, o.Now()), Dates: s.Dates, InForce: s.InForce, Versions: s.Versions,
		Extensions: []Extension{}, Office: q.Office.Name, LegalBasis: q.Office.LegalBasis, Contact: q.Office.Contact}
	if len(s.Extensions) == 0 {
		return reply, nil
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return reply, err
	}
	for _, in := range b.all {
		if d, ok := s.Extensions[in.ID]; ok {
			reply.Extensions = append(reply.Extensions, Extension{in.Code, in.Name, d, s.Reasons[in.ID]})
		}
	}
	return reply, nil
}

// DatesRequest moves dates; nil leaves one as it is.
type DatesRequest struct {
	Opens       *time.Time `json:"opens,omitempty"`
	Due         *time.Time `json:"due,omitempty"`
	LateUntil   *time.Time `json:"late_until,omitempty"`
	Institution string     `json:"institution,omitempty"` // "": everybody's
	Reason      string     `json:"reason,omitempty"`      // of an extension
	Clear       bool       `json:"clear,omitempty"`       // takes the institution's own dates away
}

// SetDates moves dates for all or for one institution, and shows the survey as
// it is then. Without any date it only shows it.
func (o *Office) SetDates(ctx context.Context, r DatesRequest) (SurveyReply, error) {
	s, q, err := o.survey(ctx)
	if err != nil {
		return SurveyReply{}, err
	}
	var in *store.Institution
	edit := store.DatesEdit{Opens: r.Opens, Due: r.Due, LateUntil: r.LateUntil, Reason: oneLine(r.Reason), Clear: r.Clear}
	switch {
	case r.Clear && (r.Institution == "" || r.Opens != nil || r.Due != nil || r.LateUntil != nil):
		return SurveyReply{}, fail("clear_alone")
	case edit.Reason != "" && r.Institution == "":
		return SurveyReply{}, fail("reason_for_one")
	}
	wanted := s.Dates
	if r.Institution != "" {
		found, err := o.find(ctx, r.Institution)
		if err != nil {
			return SurveyReply{}, err
		}
		in, edit.InstitutionID, wanted = &found, found.ID, s.DatesFor(found.ID)
	}
	var moved []string
	for _, d := range []struct {
		name string
		to   *time.Time
		at   *time.Time
	}{{"opens", r.Opens, &wanted.Opens}, {"due", r.Due, &wanted.Due}, {"late_until", r.LateUntil, &wanted.LateUntil}} {
		if d.to != nil {
			*d.at = *d.to
			moved = append(moved, d.name+" "+d.to.Format(time.RFC3339))
		}
	}
	if in != nil && r.Clear {
		moved, wanted = []string{"cleared"}, s.Dates
	}
	switch {
	case len(moved) == 0:
		return o.describe(ctx, s, q)
	case !wanted.Opens.Before(wanted.Due):
		return SurveyReply{}, fail("opens_after_due", inWords(wanted.Opens), inWords(wanted.Due))
	case wanted.LateUntil.Before(wanted.Due):
		return SurveyReply{}, fail("late_before_due", inWords(wanted.LateUntil), inWords(wanted.Due))
	}
	if edit.Reason != "" {
		moved = append(moved, "reason: "+edit.Reason)
	}
	s, err = o.Store.SetDates(ctx, edit, o.act(actionDates, in, strings.Join(moved, "; ")))
	if err != nil {
		return SurveyReply{}, err
	}
	return o.describe(ctx, s, q)
}

// PublishRequest puts a questionnaire in force.
type PublishRequest struct {
	File File `json:"file"`
}

// PublishReply says what is in force now.
type PublishReply struct {
	ID       string `json:"id"`
	Version  string `json:"version"`
	Digest   string `json:"digest"`
	Previous string `json:"previous,omitempty"` // digest of what was in force
	Changed  bool   `json:"changed"`
	// Faults are the mistakes of a file that was refused.
	Faults []survey.Fault `json:"faults"`
}

// PublishSurvey puts a questionnaire in force. Versions that were in force
// before are still accepted until they are declared void. A file with mistakes
// is refused with all of them.
func (o *Office) PublishSurvey(ctx context.Context, r PublishRequest) (PublishReply, error) {
	reply := PublishReply{Faults: []survey.Fault{}}
	q, err := survey.LoadNew(r.File.Data)
	var faults survey.Faults
	switch {
	case errors.As(err, &faults):
		reply.Faults = faults
		return reply, nil
	case err != nil:
		return reply, err
	}
	reply.ID, reply.Version, reply.Digest = q.ID, q.Version, q.Digest()
	now, err := o.Store.Survey(ctx)
	switch {
	case err == nil:
		reply.Previous = now.InForce
		if err := publishable(now, q); err != nil {
			return reply, err
		}
	case store.CodeOf(err) != surveysync.NotFound:
		return reply, err
	}
	act := o.act(actionPublish, nil, "")
	act.Survey, act.Questionnaire = q.ID, q.Digest()
	_, err = o.Store.Publish(ctx, r.File.Data, o.Now(), act)
	reply.Changed = err == nil && reply.Previous != reply.Digest
	return reply, err
}

// publishable refuses what the store could not take: one folder collects one survey.
func publishable(now store.Survey, q *survey.Questionnaire) error {
	for _, v := range now.Versions {
		if v.Digest == q.Digest() && v.Void {
			return fail("is_void", v.Digest)
		}
	}
	if now.ID != q.ID {
		return fail("other_survey", now.ID, q.ID)
	}
	return nil
}

// VoidRequest names a published questionnaire, by its digest or the beginning
// of it.
type VoidRequest struct {
	Digest string `json:"digest"`
}

// VoidSurvey declares a version void: what was filled in on it is refused from
// then on. The version in force cannot be, because nobody could submit.
func (o *Office) VoidSurvey(ctx context.Context, r VoidRequest) (store.SurveyVersion, error) {
	var none store.SurveyVersion
	s, _, err := o.survey(ctx)
	if err != nil {
		return none, err
	}
	wanted := strings.TrimPrefix(strings.TrimSpace(r.Digest), "sha256:")
	match := slices.DeleteFunc(slices.Clone(s.Versions), func(v store.SurveyVersion) bool {
		return len(wanted) < 8 || !strings.HasPrefix(strings.TrimPrefix(v.Digest, "sha256:"), wanted)
	})
	if len(match) != 1 {
		return none, fail("unknown_version", r.Digest)
	}
	version := match[0]
	if version.Digest == s.InForce {
		return none, fail("void_in_force", version.Digest)
	}
	act := o.act(actionVoid, nil, "")
	act.Survey, act.Questionnaire = s.ID, version.Digest
	if err := o.Store.Void(ctx, version.Digest, act); err != nil {
		return none, err
	}
	version.Void = true
	return version, nil
}
