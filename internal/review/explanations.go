package review

import (
	"cmp"
	"context"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// ExplainedCheck is how often a check is explained instead of met. One that
// most explain says more of the check than of the schools.
type ExplainedCheck struct {
	Check     string   `json:"check"`
	Message   string   `json:"message"`
	Sheets    int      `json:"sheets"`    // that count as in and are asked it
	Explained int      `json:"explained"` // of these
	Share     float64  `json:"share"`     // percent
	Reasons   []Reason `json:"reasons"`   // the most frequent first
}

// Reason is one of the questionnaire's reasons, and how often it was given.
type Reason struct {
	Code  string      `json:"code"`
	Label survey.Text `json:"label"`
	Count int         `json:"count"`
}

// Explanation is what one school wrote.
type Explanation struct {
	Code     string         `json:"code"`
	Name     string         `json:"name"`
	Part     string         `json:"part"`
	Revision int            `json:"revision"`
	Check    string         `json:"check"`
	Reason   Reason         `json:"reason"`
	Text     string         `json:"text"`
	Values   map[string]any `json:"values,omitempty"` // of which it speaks
}

// Explained is what Explanations finds.
type Explained struct {
	At     time.Time        `json:"at"`
	Sheets int              `json:"sheets"`
	Checks []ExplainedCheck `json:"checks"` // that somebody explained, the largest share first
	Each   []Explanation    `json:"each"`   // of the check that was asked for
}

// Explanations counts the explanations of what counts as in, check by check;
// with a check it lists each of them. Errors are those of the source.
func Explanations(ctx context.Context, src Source, at time.Time, check, lang string) (*Explained, error) {
	out := &Explained{At: at, Checks: []ExplainedCheck{}, Each: []Explanation{}}
	checks := map[string]*ExplainedCheck{}
	asked := map[*survey.Sheet][]survey.CheckText{}
	err := sheets(ctx, src, at, func(store.Institution) {}, func(s sheet) {
		out.Sheets++
		if _, known := asked[s.form]; !known {
			asked[s.form] = s.form.ExplainChecks(lang)
		}
		for _, c := range asked[s.form] {
			if checks[c.Check] == nil {
				checks[c.Check] = &ExplainedCheck{Check: c.Check, Message: c.Message}
			}
			counted := checks[c.Check]
			counted.Sheets++
			e, ok := s.sent.Explanations[c.Check]
			if !ok {
				continue
			}
			counted.Explained++
			reason := counted.give(e.Reason, s.form.Questionnaire())
			if c.Check == check {
				out.Each = append(out.Each, Explanation{s.in.Code, s.in.Name, s.part.Part, s.part.Current.Revision, check, reason, e.Text, e.Values})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	for _, c := range checks {
		if c.Explained > 0 {
			c.Share = 100 * float64(c.Explained) / float64(c.Sheets)
			slices.SortStableFunc(c.Reasons, func(a, b Reason) int { return cmp.Or(b.Count-a.Count, strings.Compare(a.Code, b.Code)) })
			out.Checks = append(out.Checks, *c)
		}
	}
	slices.SortFunc(out.Checks, func(a, b ExplainedCheck) int {
		return cmp.Or(cmp.Compare(b.Share, a.Share), strings.Compare(a.Check, b.Check))
	})
	slices.SortStableFunc(out.Each, func(a, b Explanation) int {
		return cmp.Or(strings.Compare(a.Code, b.Code), strings.Compare(a.Part, b.Part))
	})
	return out, nil
}

// give counts one reason, and gives it back alone.
func (c *ExplainedCheck) give(code string, q *survey.Questionnaire) Reason {
	i := slices.IndexFunc(c.Reasons, func(r Reason) bool { return r.Code == code })
	if i < 0 {
		r := Reason{Code: code}
		for _, o := range q.Reasons {
			if o.ID == code {
				r.Label = o.Label
			}
		}
		i, c.Reasons = len(c.Reasons), append(c.Reasons, r)
	}
	c.Reasons[i].Count++
	return Reason{code, c.Reasons[i].Label, 1}
}
