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
	"runtime"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

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

// values derives what stands in it.
func (s sheet) values() *survey.Evaluation {
	return s.form.Derive(survey.Input{Answers: s.sent.Answers, Unavailable: s.sent.Unavailable, Explanations: s.sent.Explanations,
		Institution: store.Block(s.in), Submit: true})
}

// sheets hands every sheet that counts as in at a moment to yield, institution
// by institution; started is called once for each of these. While one page is
// handed on, the next is read.
func sheets(ctx context.Context, src Source, at time.Time, started func(store.Institution), yield func(sheet)) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	ready := make(chan [][]sheet)
	var reading errgroup.Group
	reading.Go(func() error {
		defer close(ready)
		return read(ctx, src, at, ready)
	})
	for page := range ready {
		for _, all := range page {
			started(all[0].in)
			for _, s := range all[1:] {
				yield(s)
			}
		}
	}
	return reading.Wait()
}

// read sends pages of returns: of each first the institution alone, then its
// sheets.
func read(ctx context.Context, src Source, at time.Time, ready chan<- [][]sheet) error {
	after, known := "", &forms{src: src, loaded: map[string]*survey.Questionnaire{}}
	for {
		snaps, err := src.Snapshots(ctx, at, after, pageSize)
		if err != nil || len(snaps) == 0 {
			return err
		}
		page := make([][]sheet, len(snaps))
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for i, snap := range snaps {
			g.Go(func() (err error) {
				page[i], err = sheetsOf(ctx, known, snap)
				return err
			})
		}
		if err := g.Wait(); err != nil {
			return err
		}
		ready <- page
		after = snaps[len(snaps)-1].Institution.ID
	}
}

func sheetsOf(ctx context.Context, known *forms, snap store.Snapshot) ([]sheet, error) {
	out := []sheet{{in: snap.Institution}}
	for _, p := range snap.Whole() {
		if p.State != survey.PartSubmitted && p.State != survey.PartApproved {
			continue
		}
		s := sheet{in: snap.Institution, part: p}
		var err error
		if s.sent, err = surveysync.ParseSubmission(p.Current.Body); err != nil {
			return nil, fmt.Errorf("read the part %s of %s: %w", p.Part, s.in.Code, err)
		}
		q, err := known.questionnaire(ctx, p.Current.Questionnaire)
		if err != nil {
			return nil, err
		}
		if s.form = q.Sheet(p.Part); s.form != nil {
			out = append(out, s)
		}
	}
	return out, nil
}

// forms are the questionnaires met so far.
type forms struct {
	src Source

	mu     sync.Mutex
	loaded map[string]*survey.Questionnaire
}

func (f *forms) questionnaire(ctx context.Context, digest string) (*survey.Questionnaire, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if q := f.loaded[digest]; q != nil {
		return q, nil
	}
	raw, err := f.src.Questionnaire(ctx, digest)
	if err != nil {
		return nil, err
	}
	q, err := survey.LoadOnce(raw)
	if err != nil {
		return nil, fmt.Errorf("load the questionnaire %s: %w", digest, err)
	}
	f.loaded[digest] = q
	return q, nil
}
