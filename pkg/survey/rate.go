package survey

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// Rate is a share that the checks of a sheet limit with pct(of, over), taken
// over the whole sheet: all course years, both sexes.
type Rate struct {
	ID       string // "dropouts_in_year/enrolled_start"
	Of, Over Amount
}

// Amount is a number of a sheet: one variable, or the sum of several.
type Amount struct {
	ID    string // of the question or row
	Label Text
	slots []int
}

// Rates lists the rates of the sheet, each once, in the order of its rules.
func (s *Sheet) Rates() []Rate {
	var out []Rate
	for _, r := range s.rules {
		var rows []*Row
		for i := range r.places {
			p := place{sheet: s, row: r.places[i].row, with: r.places[i].with}
			if slices.Contains(rows, p.row) {
				continue
			}
			rows = append(rows, p.row)
			for _, call := range percentages(r.assert.tree) {
				rate, ok := p.rate(call)
				known := slices.ContainsFunc(out, func(x Rate) bool { return x.ID == rate.ID })
				if ok && !known {
					out = append(out, rate)
				}
			}
		}
	}
	return out
}

// percentages finds the calls of pct in an expression.
func percentages(tree ast.Node) []*ast.CallNode {
	found := &callsOf{name: "pct"}
	ast.Walk(&tree, found)
	return found.calls
}

type callsOf struct {
	name  string
	calls []*ast.CallNode
}

// Visit notes one node; it is the visitor of ast.Walk.
func (c *callsOf) Visit(n *ast.Node) {
	if call, ok := (*n).(*ast.CallNode); ok {
		if callee, ok := call.Callee.(*ast.IdentifierNode); ok && callee.Value == c.name {
			c.calls = append(c.calls, call)
		}
	}
}

// rate is false where the arguments are no plain names of numbers at p.
func (p place) rate(call *ast.CallNode) (Rate, bool) {
	var amounts [2]Amount
	for i, arg := range call.Arguments {
		name, ok := arg.(*ast.IdentifierNode)
		if !ok || i > 1 {
			return Rate{}, false
		}
		t, err := p.resolve(name.Value)
		if err != nil || t.kind != termSum {
			return Rate{}, false
		}
		head, rest, _ := strings.Cut(name.Value, flat)
		id := dotted(name.Value)
		if head == "row" && p.row != nil {
			id = strings.TrimSuffix(p.row.ID+"."+rest, ".")
		}
		amounts[i] = Amount{ID: id, Label: p.label(head), slots: t.slots}
	}
	return Rate{ID: amounts[0].ID + "/" + amounts[1].ID, Of: amounts[0], Over: amounts[1]}, true
}

// Amount is what a comes to, and whether every number of it is known. a is one
// of the sheet that was evaluated.
func (ev *Evaluation) Amount(a Amount) (n int, known bool) { return ev.sum(a.slots) }

// ExplainChecks lists the checks of the sheet that ask for an explanation, in
// words, in the order of the questionnaire, each id once.
func (s *Sheet) ExplainChecks(lang string) []CheckText {
	var out []CheckText
	add := func(id string, message Text) {
		if id != "" && !slices.ContainsFunc(out, func(c CheckText) bool { return c.Check == id }) {
			out = append(out, CheckText{id, Explain, bracketed.ReplaceAllString(message.In(lang), "…")})
		}
	}
	for i := range s.steps {
		if c := s.steps[i].closer; c != nil {
			add(c.check, c.message)
		}
	}
	for _, r := range s.rules {
		if r.severity == Explain {
			add(r.id, r.message)
		}
	}
	if s.Part == GeneralPart { // where the explanations of checks across parts stand
		for _, r := range s.survey.across {
			if r.severity == Explain {
				add(r.id, r.message)
			}
		}
	}
	return out
}
