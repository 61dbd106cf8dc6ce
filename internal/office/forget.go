package office

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// personal are the answers that name a person at a school, or lead to one. The
// school's own address and telephone are public and stay.
var personal = []string{"head_name", "compiler_name", "compiler_email", "compiler_phone"}

// forgotten is what stands in the place of such an answer: it has the form that
// the checks ask for, so that a return's state does not change with it.
func forgotten(t survey.Type) string {
	switch t {
	case survey.TypeEmail:
		return "cancellato@example.invalid"
	case survey.TypePhone:
		return "000000"
	}
	return "cancellato"
}

// ForgetRequest names which answers go, besides those that are known to name a
// person, and how many months after the last date they are kept.
type ForgetRequest struct {
	Months    int      `json:"months"`
	Variables []string `json:"variables"`
	DryRun    bool     `json:"dry_run"`
}

// ForgetReply says how much was taken out, or would be.
type ForgetReply struct {
	From         time.Time `json:"from"` // the day from which it is allowed
	DryRun       bool      `json:"dry_run"`
	Institutions int       `json:"institutions"` // that something was taken out of
	store.Erased
}

// Forget takes contact data out of everything that was submitted, and what the
// office noted for itself, once the time for which they are kept is over. The
// receipts, the log and the numbers stay as they are.
func (o *Office) Forget(ctx context.Context, r ForgetRequest) (ForgetReply, error) {
	reply := ForgetReply{DryRun: r.DryRun}
	eraser, ok := o.Store.(store.Eraser)
	if !ok {
		return reply, fail("forget_unable")
	}
	if r.Months < 0 {
		return reply, fail("forget_months")
	}
	s, err := o.Store.Survey(ctx)
	if err != nil {
		return reply, plain(err)
	}
	last := s.Dates.LateUntil
	for id := range s.Extensions {
		if own := s.DatesFor(id).LateUntil; own.After(last) {
			last = own
		}
	}
	reply.From = last.AddDate(0, r.Months, 0)
	if o.Now().Before(reply.From) && !r.DryRun {
		return reply, fail("forget_early", reply.From.In(rome).Format("02/01/2006"))
	}
	scrub := scrubber{o: o, variables: slices.Concat(personal, r.Variables), forms: map[string]*survey.Questionnaire{}}
	all, err := o.Store.Institutions(ctx)
	for _, in := range all {
		if err != nil {
			break
		}
		var one store.Erased
		if r.DryRun {
			one, err = o.wouldErase(ctx, in.ID, &scrub)
		} else {
			one, err = eraser.Erase(ctx, in.ID, func(sub store.Submission) ([]byte, error) { return scrub.body(ctx, sub) },
				o.act(store.ActionForget, &in, ""))
		}
		if one != (store.Erased{}) {
			reply.Institutions++
			reply.Submissions += one.Submissions
			reply.Notes += one.Notes
		}
	}
	return reply, plain(err)
}

// wouldErase counts what Erase would change of one institution, apart from what
// stands beside after a restore.
func (o *Office) wouldErase(ctx context.Context, institutionID string, scrub *scrubber) (store.Erased, error) {
	var done store.Erased
	notes, err := o.Store.Words(ctx, store.Notes, institutionID)
	if err != nil {
		return done, err
	}
	done.Notes = len(notes[institutionID])
	parts, err := o.Store.Parts(ctx, institutionID)
	if err != nil {
		return done, err
	}
	for _, p := range parts {
		for n := 1; n <= p.Current.Revision; n++ {
			sub, err := o.Store.Submission(ctx, institutionID, p.Part, n)
			if err != nil {
				return done, err
			}
			body, err := scrub.body(ctx, sub)
			if err != nil {
				return done, err
			}
			if body != nil {
				done.Submissions++
			}
		}
	}
	return done, nil
}

// scrubber takes personal answers out of bodies.
type scrubber struct {
	o         *Office
	variables []string
	forms     map[string]*survey.Questionnaire // read so far, by digest
}

// body gives a submission's bytes without the personal answers, or nil when it
// has none. The answers' other values stay; the spelling of the JSON does not.
func (s *scrubber) body(ctx context.Context, sub store.Submission) ([]byte, error) {
	content, err := surveysync.ParseSubmission(sub.Body)
	if err != nil {
		return nil, fmt.Errorf("forget %s: %w", sub.SubmissionID, err)
	}
	sheet, err := s.sheet(ctx, sub)
	if err != nil {
		return nil, err
	}
	changed := false
	for _, v := range sheet.Variables() {
		if !slices.Contains(s.variables, v.ID) || v.Type != survey.TypeText && v.Type != survey.TypeLongText && v.Type != survey.TypeEmail && v.Type != survey.TypePhone {
			continue
		}
		gone := forgotten(v.Type)
		for _, answers := range answersOf(content) {
			if old, there := answers[v.ID]; there && old != gone {
				answers[v.ID], changed = gone, true
			}
		}
	}
	if !changed {
		return nil, nil
	}
	return json.Marshal(content)
}

// answersOf are the places of a submission where an answer stands: the answers,
// and what an explanation remembers of them.
func answersOf(content surveysync.Submission) []map[string]any {
	places := []map[string]any{content.Answers}
	for _, e := range content.Explanations {
		places = append(places, e.Values)
	}
	return places
}

func (s *scrubber) sheet(ctx context.Context, sub store.Submission) (*survey.Sheet, error) {
	q := s.forms[sub.Questionnaire]
	if q == nil {
		raw, err := s.o.Store.Questionnaire(ctx, sub.Questionnaire)
		if err != nil {
			return nil, err
		}
		if q, err = survey.Load(raw); err != nil {
			return nil, fmt.Errorf("forget: questionnaire %s: %w", sub.Questionnaire, err)
		}
		s.forms[sub.Questionnaire] = q
	}
	return q.Sheet(sub.Part), nil
}
