package review

import (
	"cmp"
	"context"
	"math"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// Options say what is compared.
type Options struct {
	At        time.Time  // a moment that has passed
	Part      string     // one part only; "" for all
	Enrolment *Enrolment // the ministry's count; nil for none
	Total     string     // the question of the general part that is compared with it
	Before    *Before    // an earlier export; nil for none
	// Score is how far apart a number must stand to be told: a modified
	// z-score; 0 is DefaultScore.
	Score float64
}

// What is too little to speak of: rates of fewer than 20 pupils (domain
// document, soft checks), a distance of fewer than 3 pupils, peers fewer than 8.
const (
	DefaultScore = 3.5 // Iglewicz and Hoaglin, 1993
	leastOver    = 20
	leastAway    = 3
	leastPeers   = 8
)

// Outliers is what was found, what stands furthest apart first.
type Outliers struct {
	At           time.Time `json:"at"`
	Institutions int       `json:"institutions"` // with something that counts as in
	Sheets       int       `json:"sheets"`
	Peers        []Apart   `json:"peers"`
	Enrolment    *Counted  `json:"enrolment,omitempty"`
	Before       *Changed  `json:"before,omitempty"`
}

// Apart is a rate far from that of the same part of other institutions.
type Apart struct {
	Code   string      `json:"code"`
	Name   string      `json:"name"`
	Part   string      `json:"part"`
	Rate   string      `json:"rate"` // survey.Rate.ID
	Of     survey.Text `json:"of"`
	Over   survey.Text `json:"over"`
	Number int         `json:"number"`
	Total  int         `json:"total"`
	Value  float64     `json:"value"` // percent
	// Among are the peers: institutions of that kind, or "" where these are too
	// few and all count.
	Among  string  `json:"among,omitempty"`
	Peers  int     `json:"peers"`
	Median float64 `json:"median"` // percent, of the peers
	Score  float64 `json:"score"`
}

// rated is one rate of one sheet.
type rated struct {
	who          *institution
	part         string
	rate         *survey.Rate
	number, over int
}

type institution struct{ code, name, kind string }

func (r rated) percent() float64 { return 100 * float64(r.number) / float64(r.over) }

// gathering is what is kept of the sheets.
type gathering struct {
	opt     Options
	out     *Outliers
	rates   map[*survey.Sheet][]survey.Rate
	rated   []rated
	current *institution
	owner   map[string]*institution // by code
	totals  map[*institution]int    // Options.Total of the general part
	codes   map[*institution][]string
}

// Find compares what counts as in with the peers' and, if asked, with the
// ministry's count and with an earlier export. Errors are those of the
// source and of the export's files.
func Find(ctx context.Context, src Source, opt Options) (*Outliers, error) {
	if opt.Score == 0 {
		opt.Score = DefaultScore
	}
	g := &gathering{opt: opt, out: &Outliers{At: opt.At, Peers: []Apart{}}, rates: map[*survey.Sheet][]survey.Rate{},
		owner: map[string]*institution{}, totals: map[*institution]int{}, codes: map[*institution][]string{}}
	if err := sheets(ctx, src, opt.At, g.begin, g.add); err != nil {
		return nil, err
	}
	g.peers()
	if opt.Enrolment != nil {
		g.enrolment()
	}
	if opt.Before != nil {
		if err := g.before(); err != nil {
			return nil, err
		}
	}
	return g.out, nil
}

func (g *gathering) begin(in store.Institution) {
	g.current = &institution{in.Code, in.Name, in.Kind}
	g.codes[g.current] = in.Codes
	for _, code := range in.Codes {
		g.owner[code] = g.current
	}
}

func (g *gathering) add(s sheet) {
	if n := len(g.rated); g.out.Sheets == 0 || n == 0 || g.rated[n-1].who != g.current {
		g.out.Institutions++
	}
	g.out.Sheets++
	if s.part.Part == survey.GeneralPart && g.opt.Total != "" {
		if n, ok := s.sent.Answers[g.opt.Total].(int); ok {
			g.totals[g.current] = n
		}
	}
	if g.opt.Part != "" && g.opt.Part != s.part.Part {
		return
	}
	g.rated = append(g.rated, g.ratesOf(g.current, s.form, s.values())...)
}

// ratesOf gives the rates of one evaluation that are known.
func (g *gathering) ratesOf(who *institution, form *survey.Sheet, ev *survey.Evaluation) []rated {
	rates, ok := g.rates[form]
	if !ok {
		rates = form.Rates()
		g.rates[form] = rates
	}
	var out []rated
	for i := range rates {
		number, known := ev.Amount(rates[i].Of)
		over, knownToo := ev.Amount(rates[i].Over)
		if known && knownToo && over >= leastOver {
			out = append(out, rated{who, form.Part, &rates[i], number, over})
		}
	}
	return out
}

// group is a set of peers: the same rate of the same part, of one kind or all.
type group struct{ part, rate, kind string }

func (g *gathering) peers() {
	numbers := map[group][]float64{}
	for _, r := range g.rated {
		for _, kind := range []string{r.who.kind, ""} {
			at := group{r.part, r.rate.ID, kind}
			numbers[at] = append(numbers[at], r.percent())
		}
	}
	spreads := map[group]spread{}
	for at, list := range numbers {
		spreads[at] = spreadOf(list)
	}
	for _, r := range g.rated {
		among := group{r.part, r.rate.ID, r.who.kind}
		if len(numbers[among]) < leastPeers {
			among.kind = ""
		}
		if len(numbers[among]) < leastPeers {
			continue
		}
		s := spreads[among]
		score := s.score(r.percent())
		if math.Abs(score) <= g.opt.Score || math.Abs(float64(r.number)-s.median*float64(r.over)/100) < leastAway {
			continue
		}
		g.out.Peers = append(g.out.Peers, Apart{Code: r.who.code, Name: r.who.name, Part: r.part, Rate: r.rate.ID,
			Of: r.rate.Of.Label, Over: r.rate.Over.Label, Number: r.number, Total: r.over, Value: r.percent(),
			Among: among.kind, Peers: len(numbers[among]), Median: s.median, Score: score})
	}
	slices.SortStableFunc(g.out.Peers, func(a, b Apart) int {
		return cmp.Or(cmp.Compare(math.Abs(b.Score), math.Abs(a.Score)), strings.Compare(a.Code, b.Code), strings.Compare(a.Rate, b.Rate))
	})
}
