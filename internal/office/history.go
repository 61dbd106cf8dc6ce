package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// actionWithdraw is how history calls the giving up of a track by part 1.
const actionWithdraw = "withdraw"

// HistoryChange is one answer that a revision holds otherwise than the one
// before it.
type HistoryChange struct {
	survey.Change
	Label string `json:"label"`
}

// HistoryExplanation is why a school's numbers are as they are, in its words.
type HistoryExplanation struct {
	Check  string `json:"check"`
	Reason string `json:"reason"`
	Text   string `json:"text"`
}

// HistoryRow is one thing that happened to a part: who, when, from where to
// where, what changed, why.
type HistoryRow struct {
	At       time.Time `json:"at"`
	Who      string    `json:"who"`    // school or office
	Action   string    `json:"action"` // submit, withdraw, or one of the store's reviews
	Revision int       `json:"revision"`
	Old      string    `json:"old"` // states of the part
	New      string    `json:"new"`
	// Of a submission, with what it changed and newly explained.
	*store.Submission
	Changes      []HistoryChange      `json:"changes,omitempty"`
	Explanations []HistoryExplanation `json:"explanations,omitempty"`
	// Merge tells how it came of two versions of the part.
	Merge *surveysync.MergeRecord `json:"merge,omitempty"`
	// Of a return.
	Remarks   []surveysync.Remark `json:"remarks,omitempty"`
	OpenUntil *time.Time          `json:"open_until,omitempty"`
}

// History tells all that happened to a part, oldest first.
func (o *Office) History(ctx context.Context, r ShowRequest) ([]HistoryRow, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return nil, err
	}
	if err := o.knownPart(ctx, in.ID, r.Part); err != nil {
		return nil, err
	}
	list, err := o.Store.Revisions(ctx, in.ID, r.Part)
	if err == nil && len(list) == 0 || err != nil && store.CodeOf(err) == surveysync.NotFound {
		return nil, fail("not_sent", in.Code, r.Part)
	}
	if err != nil {
		return nil, err
	}
	rows, err := o.submitted(ctx, list, r.Lang)
	if err != nil {
		return nil, err
	}
	reviewed, err := o.reviewed(ctx, in.ID, r.Part)
	if err != nil {
		return nil, err
	}
	withdrawn, err := o.withdrawn(ctx, in.ID, r.Part)
	if err != nil {
		return nil, err
	}
	rows = slices.Concat(rows, reviewed, withdrawn)
	slices.SortStableFunc(rows, func(a, b HistoryRow) int { return a.At.Compare(b.At) })
	state, revision := survey.PartMissing, 0
	for i := range rows {
		rows[i].Old, rows[i].New = state, stateAfter[rows[i].Action]
		if state, revision = rows[i].New, max(revision, rows[i].Revision); rows[i].Revision == 0 {
			rows[i].Revision = revision
		}
	}
	return rows, nil
}

// stateAfter says where an act brings a part.
var stateAfter = map[string]string{
	surveysync.ActionSubmit:   survey.PartSubmitted,
	actionWithdraw:            survey.PartWithdrawn,
	store.ReviewReturn:        survey.PartReturned,
	store.ReviewReturnCancel:  survey.PartSubmitted,
	store.ReviewApprove:       survey.PartApproved,
	store.ReviewApproveCancel: survey.PartSubmitted,
}

// submitted gives the revisions with what each changed.
func (o *Office) submitted(ctx context.Context, list []store.Submission, lang string) ([]HistoryRow, error) {
	var before surveysync.Submission
	j := o.judge()
	rows := []HistoryRow{}
	for i, sub := range list {
		now, err := o.content(ctx, sub)
		if err != nil {
			return nil, err
		}
		row := HistoryRow{At: sub.ReceivedAt, Who: surveysync.ActorSchool, Action: surveysync.ActionSubmit,
			Revision: sub.Revision, Submission: &list[i], Merge: now.Merge}
		if i > 0 {
			q, err := j.questionnaire(ctx, sub.Questionnaire)
			if err != nil {
				return nil, err
			}
			row.Changes = changesBetween(q.Sheet(sub.Part), before.Answers, now.Answers, lang)
		}
		for check, e := range now.Explanations {
			if old, ok := before.Explanations[check]; !ok || old.Text != e.Text || old.Reason != e.Reason {
				row.Explanations = append(row.Explanations, HistoryExplanation{check, e.Reason, e.Text})
			}
		}
		slices.SortFunc(row.Explanations, func(a, b HistoryExplanation) int { return strings.Compare(a.Check, b.Check) })
		rows, before = append(rows, row), now
	}
	return rows, nil
}

// content reads what a submission holds.
func (o *Office) content(ctx context.Context, sub store.Submission) (surveysync.Submission, error) {
	whole, err := o.Store.Submission(ctx, sub.InstitutionID, sub.Part, sub.Revision)
	if err != nil {
		return surveysync.Submission{}, err
	}
	return surveysync.ParseSubmission(whole.Body)
}

func changesBetween(sheet *survey.Sheet, a, b survey.Answers, lang string) []HistoryChange {
	var out []HistoryChange
	for _, c := range survey.Diff(a, b) {
		label := c.ID
		if sheet != nil && sheet.Variable(c.ID) != nil {
			label = sheet.Variable(c.ID).Name(lang)
		}
		out = append(out, HistoryChange{c, label})
	}
	return out
}

// reviewed gives what the office did with the part.
func (o *Office) reviewed(ctx context.Context, institutionID, part string) ([]HistoryRow, error) {
	parts, err := o.Store.Parts(ctx, institutionID)
	if err != nil {
		return nil, err
	}
	var rows []HistoryRow
	for _, p := range parts {
		if p.Part != part {
			continue
		}
		for _, r := range p.Reviews {
			rows = append(rows, HistoryRow{At: r.At, Who: surveysync.ActorOffice, Action: r.Action, Revision: r.Revision,
				Remarks: r.Remarks, OpenUntil: r.OpenUntil})
		}
	}
	return rows, nil
}

// withdrawn gives the revisions of part 1 that gave the track up.
func (o *Office) withdrawn(ctx context.Context, institutionID, part string) ([]HistoryRow, error) {
	if part == survey.GeneralPart {
		return nil, nil
	}
	list, err := o.Store.Revisions(ctx, institutionID, survey.GeneralPart)
	if err != nil {
		return nil, err
	}
	var rows []HistoryRow
	for _, sub := range list {
		general, err := o.content(ctx, sub)
		if err != nil {
			return nil, err
		}
		if slices.Contains(general.Withdraw, part) {
			rows = append(rows, HistoryRow{At: sub.ReceivedAt, Who: surveysync.ActorSchool, Action: actionWithdraw})
		}
	}
	return rows, nil
}
