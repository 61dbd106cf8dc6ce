// Package review is what the office looks at before it believes: numbers that
// stand apart from those of other schools, from the ministry's count of pupils
// or from last year's, and the checks that schools explain away.
//
// It reads what counts as in (submitted or approved), page by page, and keeps
// a few numbers of each sheet. Nothing of a survey is wired in: the rates are
// those that the questionnaire's own checks limit.
//
// It may import internal/store, internal/export and what those may import.
// Start reading at [Outliers] and [Explanations].
package review

import (
	"context"
	"fmt"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Source is where the returns come from; export.Source is one.
type Source interface {
	Questionnaire(ctx context.Context, digest string) ([]byte, error)
	Snapshots(ctx context.Context, at time.Time, after string, limit int) ([]store.Snapshot, error)
}

// pageSize bounds what is held in memory: so many returns at a time.
const pageSize = 64

// sheet is one part that counts as in.
type sheet struct {
	in   store.Institution
	part store.Part
	sent surveysync.Submission
	form *survey.Sheet
}

// evaluate judges it as the server did.
func (s sheet) evaluate(lang string) *survey.Evaluation {
	return s.form.Evaluate(survey.Input{Answers: s.sent.Answers, Unavailable: s.sent.Unavailable, Explanations: s.sent.Explanations,
		Institution: store.Block(s.in), Lang: lang, Submit: true})
}

// sheets hands every sheet that counts as in at a moment to yield, institution
// by institution; started is called once for each of these.
func sheets(ctx context.Context, src Source, at time.Time, started func(store.Institution), yield func(sheet)) error {
	forms := map[string]*survey.Questionnaire{}
	after := ""
	for {
		page, err := src.Snapshots(ctx, at, after, pageSize)
		if err != nil || len(page) == 0 {
			return err
		}
		for _, snap := range page {
			started(snap.Institution)
			for _, p := range snap.Whole() {
				if p.State != survey.PartSubmitted && p.State != survey.PartApproved {
					continue
				}
				s := sheet{in: snap.Institution, part: p}
				if s.sent, err = surveysync.ParseSubmission(p.Current.Body); err != nil {
					return fmt.Errorf("read the part %s of %s: %w", p.Part, s.in.Code, err)
				}
				q, err := form(ctx, src, forms, p.Current.Questionnaire)
				if err != nil {
					return err
				}
				if s.form = q.Sheet(p.Part); s.form != nil {
					yield(s)
				}
			}
		}
		after = page[len(page)-1].Institution.ID
	}
}

func form(ctx context.Context, src Source, forms map[string]*survey.Questionnaire, digest string) (*survey.Questionnaire, error) {
	if q := forms[digest]; q != nil {
		return q, nil
	}
	raw, err := src.Questionnaire(ctx, digest)
	if err != nil {
		return nil, err
	}
	q, err := survey.Load(raw)
	if err != nil {
		return nil, fmt.Errorf("load the questionnaire %s: %w", digest, err)
	}
	forms[digest] = q
	return q, nil
}
