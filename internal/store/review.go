package store

import (
	"slices"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// What the office does with a part that was submitted; the names of these acts
// in the sync log too.
const (
	ReviewReturn        = "return"         // sends it back with remarks
	ReviewReturnCancel  = "return_cancel"  // takes that back
	ReviewApprove       = "approve"        // closes it
	ReviewApproveCancel = "approve_cancel" // opens it again
)

// NotInState is the code of a review that the part's state does not allow.
const NotInState surveysync.Code = "not_in_state"

// Review is one act of the office on one part.
type Review struct {
	At     time.Time `json:"at"`
	Action string    `json:"action"` // one of the Review constants
	Part   string    `json:"part"`
	// Revision is the one that was looked at. Zero stands for the one last
	// shown, or the current one when none was shown; a stored review names it.
	Revision int                 `json:"revision"`
	Remarks  []surveysync.Remark `json:"remarks,omitempty"`
	// OpenUntil reopens the part after the last date; nil leaves the dates.
	OpenUntil *time.Time `json:"open_until,omitempty"`
}

// State is the part's after the review.
func (r Review) State() string {
	switch r.Action {
	case ReviewReturn:
		return survey.PartReturned
	case ReviewApprove:
		return survey.PartApproved
	}
	return survey.PartSubmitted
}

// Apply says where the part stands after the review. It is pure, so that every
// store judges alike inside its transaction; dates are those in force for the
// institution. changed is false when the review asks for what is so already.
//
// Errors: revision_conflict when a newer revision has come than the one looked
// at, not_found when the revision is not there yet, not_in_state, and of a
// return survey_closed when the last date is over and no other is named,
// invalid when the one named opens nothing.
func (r Review) Apply(p Part, dates survey.Dates) (after Part, changed bool, err error) {
	current := p.Current.Revision
	looked := r.Revision
	if looked == 0 {
		looked = p.Shown
	}
	switch {
	case looked > current:
		return p, false, Errorf(surveysync.NotFound, "the part %s has no revision %d yet", p.Part, looked)
	case looked != 0 && looked < current:
		return p, false, Errorf(surveysync.RevisionConflict, "the part %s has revision %d by now", p.Part, current)
	}
	r.Revision = current
	wrong := Errorf(NotInState, "%s: the part %s is %s", r.Action, p.Part, p.State)
	after = p
	switch r.Action {
	case ReviewReturn:
		if !slices.Contains([]string{survey.PartSubmitted, survey.PartApproved, survey.PartReturned}, p.State) {
			return p, false, wrong
		}
		if r.OpenUntil == nil && p.OpenUntil != nil && p.OpenUntil.After(r.At) {
			r.OpenUntil = p.OpenUntil // sent back again while it is open
		}
		if err := r.reopens(dates); err != nil {
			return p, false, err
		}
		after.State, after.Remarks, after.OpenUntil = r.State(), r.Remarks, r.OpenUntil
		changed = p.State != after.State || !slices.Equal(p.Remarks, r.Remarks) || !sameMoment(p.OpenUntil, r.OpenUntil)
	case ReviewReturnCancel:
		if p.State != survey.PartReturned {
			return p, false, wrong
		}
		after.State, after.Remarks, after.OpenUntil, changed = r.State(), nil, nil, true
	case ReviewApprove:
		if p.State != survey.PartSubmitted && p.State != survey.PartApproved {
			return p, false, wrong
		}
		after.State, after.OpenUntil, changed = r.State(), nil, p.State != survey.PartApproved
	case ReviewApproveCancel:
		if p.State != survey.PartApproved {
			return p, false, wrong
		}
		after.State, changed = r.State(), true
	default:
		return p, false, Errorf(surveysync.Invalid, "no review is called %q", r.Action)
	}
	if changed {
		after.Reviews = append(slices.Clone(p.Reviews), r)
	}
	return after, changed, nil
}

// reopens judges until when a part that is sent back may come again: a school
// that is asked to correct what it can no longer send is helpless.
func (r Review) reopens(dates survey.Dates) error {
	switch {
	case r.OpenUntil == nil && r.At.After(dates.LateUntil):
		return Errorf(surveysync.SurveyClosed, "the last date is over: a return names until when the part is open again")
	case r.OpenUntil != nil && (!r.OpenUntil.After(r.At) || !r.OpenUntil.After(dates.LateUntil)):
		return Errorf(surveysync.Invalid, "%s opens nothing: the last date is %s", r.OpenUntil.Format(time.RFC3339), dates.LateUntil.Format(time.RFC3339))
	}
	return nil
}

func sameMoment(a, b *time.Time) bool {
	return a == nil && b == nil || a != nil && b != nil && a.Equal(*b)
}
