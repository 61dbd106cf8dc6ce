package review

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"rileva/internal/export"
	"rileva/pkg/survey"
)

// Before is an export of an earlier survey.
type Before struct {
	export.Manifest
	dir string
}

// OpenBefore finds an export in a folder. Error export.ErrNotExport.
func OpenBefore(dir string) (*Before, error) {
	m, err := export.ReadManifest(dir)
	return &Before{m, dir}, err
}

// Changed compares rates with those of the earlier export.
type Changed struct {
	SchoolYear string      `json:"school_year"` // of the earlier export
	Compared   int         `json:"compared"`    // sheets that stand in both
	Apart      []ChangeRow `json:"apart"`
}

// ChangeRow is a rate that has moved otherwise than that of most others.
type ChangeRow struct {
	Code   string      `json:"code"`
	Name   string      `json:"name"`
	Part   string      `json:"part"`
	Rate   string      `json:"rate"`
	Of     survey.Text `json:"of"`
	Over   survey.Text `json:"over"`
	Was    float64     `json:"was"` // percent
	Is     float64     `json:"is"`
	Usual  float64     `json:"usual"` // the median change of all, in points
	Number int         `json:"number"`
	Total  int         `json:"total"`
	Score  float64     `json:"score"`
}

// before finds the rates whose change stands apart: what all have in common, a
// new rule or a bad winter, is no reason to call one of them.
func (g *gathering) before() error {
	out := &Changed{SchoolYear: g.opt.Before.SchoolYear, Apart: []ChangeRow{}}
	was, err := g.earlier()
	if err != nil {
		return err
	}
	changes := map[group][]float64{}
	seen := map[string]bool{}
	for _, r := range g.rated {
		if old, ok := was[key(r)]; ok {
			at := group{part: r.part, rate: r.rate.ID}
			changes[at] = append(changes[at], r.percent()-old.percent())
			seen[r.who.code+"/"+r.part] = true
		}
	}
	out.Compared = len(seen)
	spreads := map[group]spread{}
	for at, list := range changes {
		spreads[at] = spreadOf(list)
	}
	for _, r := range g.rated {
		old, ok := was[key(r)]
		at := group{part: r.part, rate: r.rate.ID}
		if !ok || len(changes[at]) < leastPeers {
			continue
		}
		s, change := spreads[at], r.percent()-old.percent()
		if score := s.score(change); math.Abs(score) > g.opt.Score && math.Abs(change-s.median)*float64(r.over)/100 >= leastAway {
			out.Apart = append(out.Apart, ChangeRow{Code: r.who.code, Name: r.who.name, Part: r.part, Rate: r.rate.ID, Of: r.rate.Of.Label,
				Over: r.rate.Over.Label, Was: old.percent(), Is: r.percent(), Usual: s.median, Number: r.number, Total: r.over, Score: score})
		}
	}
	slices.SortStableFunc(out.Apart, func(a, b ChangeRow) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Score), math.Abs(a.Score)), strings.Compare(a.Code, b.Code), strings.Compare(a.Rate, b.Rate))
	})
	g.out.Before = out
	return nil
}

func key(r rated) string { return r.who.code + "/" + r.part + "/" + r.rate.ID }

// earlier computes the rates of the earlier export with the forms of today,
// where a variable of the same id means the same. What two institutions sent
// that are one now counts together.
func (g *gathering) earlier() (map[string]rated, error) {
	forms := map[string]*survey.Sheet{}
	for form := range g.rates {
		forms[form.Part] = form
	}
	out := map[string]rated{}
	return out, export.ReadSheets(g.opt.Before.dir, func(s export.SentSheet) error {
		who, form := g.heir(s), forms[s.Part]
		if who == nil || form == nil {
			return nil
		}
		answers := survey.Answers{}
		for _, v := range form.Variables() {
			if n, err := strconv.Atoi(s.Values[v.ID]); err == nil && v.Type == survey.TypeInteger && !v.Computed {
				answers[v.ID] = n
			}
		}
		for _, r := range g.ratesOf(who, form, form.Derive(survey.Input{Answers: answers})) {
			sum := out[key(r)]
			r.number, r.over = r.number+sum.number, r.over+sum.over
			out[key(r)] = r
		}
		return nil
	})
}

// heir is the institution that has a code of the earlier one now: that with
// which it signed in, or else the first of the others.
func (g *gathering) heir(s export.SentSheet) *institution {
	for _, code := range append([]string{s.Code}, s.Codes...) {
		if who := g.owner[code]; who != nil {
			return who
		}
	}
	return nil
}
