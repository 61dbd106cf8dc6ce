package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/export"
	"rileva/internal/office"
	"rileva/internal/review"
	"rileva/pkg/survey"
)

// maxEnrolmentFile is room for the whole country's pupils by code and year.
const maxEnrolmentFile = 64 << 20

// outlierFlags are what the command line says of the comparison.
type outlierFlags struct {
	part, enrolment, year, total, before, asOf string
	score                                      float64
	limit                                      int
}

// outliersCommand compares in this process, from pages that it asks for, as
// the export does.
func (p *program) outliersCommand() *cobra.Command {
	var f outlierFlags
	cmd := p.command("outliers", 0, 0, func(cmd *cobra.Command, _ []string) error {
		if f.limit < 0 || f.score < 0 {
			return p.fail(exitUsage, "negative")
		}
		return p.readSent(cmd.Context(), f.asOf, func(src *pages, at time.Time) error {
			opt, err := p.outlierOptions(cmd.Context(), f, src)
			if err != nil {
				return err
			}
			opt.At = at
			found, err := review.Find(cmd.Context(), src, opt)
			if err != nil {
				return err
			}
			return p.print(found, func(w io.Writer) { p.showOutliers(w, found, f.limit) })
		})
	})
	cmd.Flags().StringVar(&f.part, "part", "", p.flag("only-part"))
	cmd.Flags().StringVar(&f.enrolment, "enrolment", "", p.flag("enrolment"))
	cmd.Flags().StringVar(&f.year, "year", "", p.flag("enrolment-year"))
	cmd.Flags().StringVar(&f.total, "total", "students_total_start", p.flag("enrolment-total"))
	cmd.Flags().StringVar(&f.before, "before", "", p.flag("before"))
	cmd.Flags().StringVar(&f.asOf, "as-of", "", p.flag("as-of"))
	cmd.Flags().Float64Var(&f.score, "score", review.DefaultScore, p.flag("score"))
	cmd.Flags().IntVar(&f.limit, "limit", 20, p.flag("limit-rows"))
	return cmd
}

// readSent runs do on what had been sent at a moment; "" is now.
func (p *program) readSent(ctx context.Context, asOf string, do func(src *pages, at time.Time) error) error {
	at := time.Time{}
	var err error
	if asOf != "" {
		if at, err = office.ParseTime(asOf, true); err != nil {
			return err
		}
	}
	c, err := p.dial(ctx, mustExist)
	if err != nil {
		return err
	}
	src := &pages{caller: c}
	var begun office.ExportBegun
	if err = c.Call(ctx, "export.begin", office.ExportBegin{At: at}, &begun); err == nil {
		src.survey = begun.Survey
		err = do(src, begun.At)
	}
	return errors.Join(err, c.Close())
}

func (p *program) outlierOptions(ctx context.Context, f outlierFlags, src *pages) (review.Options, error) {
	opt := review.Options{Part: strings.ToLower(f.part), Score: f.score}
	raw, err := src.Questionnaire(ctx, src.survey.InForce)
	if err != nil {
		return opt, err
	}
	q, err := survey.Load(raw)
	if err != nil {
		return opt, err
	}
	if opt.Part != "" && q.Sheet(opt.Part) == nil {
		return opt, p.fail(exitUsage, "no_such_part", f.part, strings.Join(q.AllParts(), ", "))
	}
	if f.enrolment != "" {
		if v := q.Sheet(survey.GeneralPart).Variable(f.total); v == nil || v.Type != survey.TypeInteger {
			return opt, p.fail(exitUsage, "no_such_total", f.total)
		}
		opt.Total = f.total
		if opt.Enrolment, err = p.readEnrolment(f, q.SchoolYear); err != nil {
			return opt, err
		}
	}
	if f.before != "" {
		if opt.Before, err = review.OpenBefore(filepath.Clean(f.before)); errors.Is(err, export.ErrNotExport) {
			return opt, p.fail(exitUsage, "before_not_one", f.before).because(err)
		}
	}
	return opt, err
}

// readEnrolment reads the ministry's file; its years are written 202223, the
// questionnaire's 2022/23.
func (p *program) readEnrolment(f outlierFlags, schoolYear string) (*review.Enrolment, error) {
	data, err := p.readFile(f.enrolment, maxEnrolmentFile)
	if err != nil {
		return nil, err
	}
	year := f.year
	if year == "" {
		year = schoolYear
	}
	e, err := review.ReadEnrolment(data, strings.ReplaceAll(year, "/", ""))
	var refused *review.Refused
	if errors.As(err, &refused) {
		where := f.enrolment
		if refused.Line > 0 {
			where = fmt.Sprintf("%s:%d", f.enrolment, refused.Line)
		}
		return nil, p.fail(exitFindings, refused.Code, append([]any{where}, refused.Args...)...)
	}
	return e, err
}

func (p *program) showOutliers(w io.Writer, o *review.Outliers, limit int) {
	lang := p.words.lang
	p.line(w, "outliers_head", o.Sheets, o.Institutions)
	if len(o.Peers) == 0 {
		p.line(w, "outliers_none")
	}
	for i, a := range o.Peers {
		if p.cutOff(w, i, limit, len(o.Peers)) {
			break
		}
		among := p.say("among_all", a.Peers)
		if a.Among != "" {
			among = p.say("among_kind", a.Peers, p.word("peers", a.Among))
		}
		p.line(w, "outlier", a.Code, a.Name, p.word("part", a.Part), a.Of.In(lang), a.Over.In(lang),
			percent(a.Value, lang), a.Number, a.Total, percent(a.Median, lang), among)
	}
	if e := o.Enrolment; e != nil {
		fmt.Fprintln(w)
		p.line(w, "enrolment_head", e.Year, e.Compared, e.Declared, between(e.Low, e.Top))
		for i, row := range e.Apart {
			if p.cutOff(w, i, limit, len(e.Apart)) {
				break
			}
			p.line(w, "enrolled_row", row.Code, row.Name, row.Declared, between(row.Low, row.Top), signed(row.Share, lang))
		}
		if len(e.Unknown) > 0 {
			p.line(w, "enrolment_unknown", len(e.Unknown), strings.Join(e.Unknown, ", "))
		}
	}
	if b := o.Before; b != nil {
		fmt.Fprintln(w)
		p.line(w, "before_head", b.SchoolYear, b.Compared)
		if len(b.Apart) == 0 {
			p.line(w, "before_none")
		}
		for i, row := range b.Apart {
			if p.cutOff(w, i, limit, len(b.Apart)) {
				break
			}
			p.line(w, "before_row", row.Code, row.Name, p.word("part", row.Part), row.Of.In(lang), row.Over.In(lang),
				percent(row.Was, lang), percent(row.Is, lang), signed(row.Usual, lang))
		}
	}
}

// cutOff ends a list that is long for a screen, and says so.
func (p *program) cutOff(w io.Writer, shown, limit, all int) bool {
	if limit == 0 || shown < limit {
		return false
	}
	p.line(w, "rows_left", all-shown)
	return true
}

// percent writes a share with one decimal place.
func percent(x float64, lang string) string {
	s := fmt.Sprintf("%.1f%%", x)
	if lang == "it" {
		s = strings.Replace(s, ".", ",", 1)
	}
	return s
}

func signed(x float64, lang string) string {
	if x < 0 {
		return percent(x, lang)
	}
	return "+" + percent(x, lang)
}

// between writes a count that may be known only within bounds.
func between(low, top int) string {
	if low == top {
		return fmt.Sprint(low)
	}
	return fmt.Sprintf("%d-%d", low, top)
}

func (p *program) explanationsCommand() *cobra.Command {
	asOf := ""
	cmd := p.command("explanations", 0, 1, func(cmd *cobra.Command, args []string) error {
		check := ""
		if len(args) == 1 {
			check = args[0]
		}
		return p.readSent(cmd.Context(), asOf, func(src *pages, at time.Time) error {
			found, err := review.Explanations(cmd.Context(), src, at, check, p.words.lang)
			if err != nil {
				return err
			}
			return p.print(found, func(w io.Writer) { p.showExplanations(w, found, check) })
		})
	})
	cmd.Flags().StringVar(&asOf, "as-of", "", p.flag("as-of"))
	return cmd
}

func (p *program) showExplanations(w io.Writer, x *review.Explained, check string) {
	if check != "" {
		for _, e := range x.Each {
			p.line(w, "explanation", e.Code, e.Name, p.word("part", e.Part), e.Revision, e.Reason.Label.In(p.words.lang), e.Text)
			ids := slices.Sorted(maps.Keys(e.Values))
			for i, id := range ids {
				ids[i] = id + " " + survey.Show(e.Values[id], p.words.lang)
			}
			if len(ids) > 0 {
				wrapped(w, "    ", strings.Join(ids, ", "))
			}
		}
		if len(x.Each) == 0 {
			p.line(w, "explanation_none", check)
		}
		return
	}
	p.line(w, "explanations_head", x.Sheets)
	if len(x.Checks) == 0 {
		p.line(w, "explanations_none")
		return
	}
	for _, c := range x.Checks {
		reasons := make([]string, 0, len(c.Reasons))
		for _, r := range c.Reasons {
			reasons = append(reasons, fmt.Sprintf("%s %d", r.Label.In(p.words.lang), r.Count))
		}
		p.line(w, "explained_check", c.Check, percent(c.Share, p.words.lang), c.Explained, c.Sheets, strings.Join(reasons, ", "))
		wrapped(w, "    ", c.Message)
	}
	p.line(w, "explanations_next")
}
