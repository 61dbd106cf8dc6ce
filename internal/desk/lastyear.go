package desk

import (
	"slices"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
)

// CheckUnconfirmed is found at each answer that was taken over from last year
// and that nobody has confirmed yet. It is of this device alone: the server
// never sees such an answer, because it keeps its part from being sent.
const CheckUnconfirmed = "unconfirmed"

// LastYear are the answers that this device holds of the same part, of the same
// school, in the latest survey before this one.
type LastYear struct {
	SchoolYear string // "" when there is no such survey here
	answers    survey.Answers
}

// LastYear looks for them. Only the questions can be taken over and not the
// numbers of the tables: those are counted anew each year.
func (w *Work) LastYear() (LastYear, error) {
	_, seen, err := w.desk.seen()
	if err != nil {
		return LastYear{}, err
	}
	was, before, err := w.desk.yearBefore(seen)
	if err != nil || before.Return.Survey.ID == "" {
		return LastYear{}, err
	}
	old, ok, err := w.desk.store.Draft(was, w.Part)
	if err != nil || !ok {
		return LastYear{}, err
	}
	q, err := w.desk.questionnaire(old.Questionnaire)
	if err != nil {
		return LastYear{}, ignore(err, "no_questionnaire")
	}
	carried := survey.Carry(q.Sheet(w.Part), w.Sheet, survey.Content{Answers: old.Answers})
	return LastYear{before.Return.Survey.SchoolYear, carried.Answers}, nil
}

// yearBefore finds the same school's latest survey of an earlier school year.
// School years are written alike ("2022/23"), so that they sort as they follow.
func (d *Desk) yearBefore(now drafts.SeenReturn) (owner drafts.Owner, latest drafts.SeenReturn, err error) {
	owners, err := d.store.Owners()
	if err != nil {
		return owner, latest, err
	}
	for _, o := range owners {
		r, ok, err := d.store.Return(o)
		if err != nil {
			return owner, latest, err
		}
		year := r.Return.Survey.SchoolYear
		if ok && r.Return.Institution.Code == now.Return.Institution.Code && year < now.Return.Survey.SchoolYear && year > latest.Return.Survey.SchoolYear {
			owner, latest = o, r
		}
	}
	return owner, latest, nil
}

// Of gives last year's answer to a question that can be taken over, or nil.
func (l LastYear) Of(v *survey.Variable) any {
	if v.Row != nil || v.ReadOnly || v.Computed || v.Type == survey.TypeDeclaration {
		return nil
	}
	return l.answers[v.ID]
}

// TakeOver is the change that puts last year's answer to a question into the
// draft, to be confirmed there.
func (l LastYear) TakeOver(v *survey.Variable) Change {
	return Change{Variable: v.ID, Value: l.Of(v), From: l.SchoolYear}
}

// unconfirmed lists a finding for each answer that waits to be confirmed.
func (w *Work) unconfirmed() []survey.Finding {
	var out []survey.Finding
	for _, v := range w.Sheet.Variables() {
		year := w.Draft.Unconfirmed[v.ID]
		if year == "" || w.Eval.Status(v.ID) == survey.Irrelevant {
			continue
		}
		out = append(out, survey.Finding{Check: CheckUnconfirmed, Severity: survey.Hard, Variables: []string{v.ID}, Part: w.Part,
			Message: word(w.desk.lang, "unconfirmed", v.Name(w.desk.lang), year)})
	}
	return out
}

// judged leaves out what unconfirmed has added.
func judged(all []survey.Finding) []survey.Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f survey.Finding) bool { return f.Check == CheckUnconfirmed })
}
