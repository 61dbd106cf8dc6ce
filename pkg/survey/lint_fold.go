package survey

import (
	"cmp"
	"math"
	"slices"
	"strconv"

	"github.com/expr-lang/expr/ast"
)

// Some rules are certain before anybody answers: `classes >= 0` holds for every
// count, `days > 90` for none that may be at most 60. What an expression can
// give is reckoned here with ranges instead of numbers. A range is never
// smaller than what is possible, so what it says of a rule is certain; what it
// cannot tell (x == x, a product of questions that exclude each other) it
// leaves alone.

// possible is every value that an expression may have, or more.
type possible struct {
	kind     possibleKind
	low, top float64 // numbers
	yes, no  bool    // conditions
	word     string  // a constant text
	question *Variable
	sheet    bool // the sheet's own name
}

type possibleKind uint8

const (
	anything possibleKind = iota
	aNumber
	aCondition
	aWord
)

// exact is the largest number whose neighbours a float64 still tells apart.
const exact = 1 << 50

func between(low, top float64) possible {
	if math.IsNaN(low) || low < -exact {
		low = math.Inf(-1)
	}
	if math.IsNaN(top) || top > exact {
		top = math.Inf(1)
	}
	return possible{kind: aNumber, low: low, top: top}
}

func condition(yes, no bool) possible { return possible{kind: aCondition, yes: yes, no: no} }

// folder reckons one expression at one place.
type folder struct {
	sheet *Sheet
	names []string
	terms []term
	// every says that all answers are there: the rule waits for them.
	every bool
	shut  map[int]bool // slots of questions that are never asked
}

func (f *folder) fold(n ast.Node) possible {
	switch n := n.(type) {
	case *ast.IntegerNode:
		return between(float64(n.Value), float64(n.Value))
	case *ast.FloatNode:
		return between(n.Value, n.Value)
	case *ast.BoolNode:
		return condition(n.Value, !n.Value)
	case *ast.StringNode:
		return possible{kind: aWord, word: n.Value}
	case *ast.IdentifierNode:
		if i := slices.Index(f.names, n.Value); i >= 0 {
			return f.term(f.terms[i])
		}
	case *ast.UnaryNode:
		return f.unary(n.Operator, f.fold(n.Node))
	case *ast.BinaryNode:
		return f.binary(n.Operator, f.fold(n.Left), f.fold(n.Right))
	case *ast.ConditionalNode:
		return f.either(f.fold(n.Cond), f.fold(n.Exp1), f.fold(n.Exp2))
	case *ast.BuiltinNode:
		if n.Name == "len" || n.Name == "count" {
			return between(0, math.Inf(1))
		}
	case *ast.CallNode:
		if callee, ok := n.Callee.(*ast.IdentifierNode); ok && callee.Value == "pct" && len(n.Arguments) == 2 {
			if a, b := f.fold(n.Arguments[0]), f.fold(n.Arguments[1]); a.kind == aNumber && b.kind == aNumber && a.low >= 0 && b.low >= 0 {
				return between(0, math.Inf(1))
			}
		}
	}
	return possible{}
}

func (f *folder) term(t term) possible {
	switch t.kind {
	case termConst:
		switch v := t.value.(type) {
		case int:
			return between(float64(v), float64(v))
		case float64:
			return between(v, v)
		case string:
			return possible{kind: aWord, word: v, sheet: true}
		}
	case termSum, termAmount:
		low, top := 0.0, 0.0
		for _, slot := range t.slots {
			a, b := f.cell(slot)
			low, top = low+a, top+b
		}
		return between(low, top)
	case termAnswered, termMirrored:
		return condition(true, true)
	case termValue:
		v := f.sheet.vars[t.slots[0]]
		switch v.Type {
		case TypeYesNo, TypeDeclaration:
			return condition(!f.shut[v.slot], true)
		case TypeDecimal:
			low, top := float64(v.Min), float64(v.Max)
			return between(min(low, 0), max(top, 0))
		}
		return possible{question: v}
	}
	return possible{}
}

// cell is the range of one number. A computed one may come to anything.
func (f *folder) cell(slot int) (low, top float64) {
	v := f.sheet.vars[slot]
	switch {
	case v.Computed:
		return math.Inf(-1), math.Inf(1)
	case f.shut[slot]:
		return 0, 0
	}
	low, top = float64(v.Min), float64(v.Max)
	if !f.every || v.Row != nil {
		// What is blank, not asked or closed counts as 0.
		low, top = min(low, 0), max(top, 0)
	}
	return low, top
}

func (f *folder) unary(op string, p possible) possible {
	switch {
	case (op == "not" || op == "!") && p.kind == aCondition:
		return condition(p.no, p.yes)
	case op == "-" && p.kind == aNumber:
		return between(-p.top, -p.low)
	case op == "+":
		return p
	}
	return possible{}
}

func (f *folder) either(cond, a, b possible) possible {
	switch {
	case cond.kind == aCondition && !cond.no:
		return a
	case cond.kind == aCondition && !cond.yes:
		return b
	case a.kind == aNumber && b.kind == aNumber:
		return between(min(a.low, b.low), max(a.top, b.top))
	case a.kind == aCondition && b.kind == aCondition:
		return condition(a.yes || b.yes, a.no || b.no)
	}
	return possible{}
}

func (f *folder) binary(op string, a, b possible) possible {
	switch op {
	case "and", "&&", "or", "||":
		return f.logic(op, a, b)
	case "+", "-", "*":
		return f.sum(op, a, b)
	case "==", "!=", "<", "<=", ">", ">=":
		out := f.compare(op, a, b)
		if op == "!=" {
			return condition(out.no, out.yes)
		}
		return out
	case "in", "matches", "contains", "startsWith", "endsWith":
		return condition(true, true)
	}
	return possible{}
}

func (f *folder) logic(op string, a, b possible) possible {
	// What is not known may be either.
	if a.kind != aCondition {
		a = condition(true, true)
	}
	if b.kind != aCondition {
		b = condition(true, true)
	}
	if op == "and" || op == "&&" {
		return condition(a.yes && b.yes, a.no || b.no)
	}
	return condition(a.yes || b.yes, a.no && b.no)
}

func (f *folder) sum(op string, a, b possible) possible {
	if a.kind != aNumber || b.kind != aNumber {
		return possible{}
	}
	switch op {
	case "+":
		return between(a.low+b.low, a.top+b.top)
	case "-":
		return between(a.low-b.top, a.top-b.low)
	}
	products := []float64{a.low * b.low, a.low * b.top, a.top * b.low, a.top * b.top}
	if slices.ContainsFunc(products, math.IsNaN) { // 0 times without end
		return between(math.Inf(-1), math.Inf(1))
	}
	return between(slices.Min(products), slices.Max(products))
}

// compare tells what a comparison can come to; for != what == would.
func (f *folder) compare(op string, a, b possible) possible {
	if op == "==" || op == "!=" {
		return f.equal(a, b)
	}
	if a.kind != aNumber || b.kind != aNumber {
		return condition(true, true)
	}
	switch op {
	case ">":
		a, b, op = b, a, "<"
	case ">=":
		a, b, op = b, a, "<="
	}
	if op == "<" {
		return condition(a.low < b.top, a.top >= b.low)
	}
	return condition(a.low <= b.top, a.top > b.low)
}

func (f *folder) equal(a, b possible) possible {
	switch {
	case a.kind == aNumber && b.kind == aNumber:
		one := a.low == a.top && b.low == b.top && a.low == b.low
		return condition(a.low <= b.top && b.low <= a.top, !one)
	case a.kind == aCondition && b.kind == aCondition:
		return condition(a.yes && b.yes || a.no && b.no, a.yes && b.no || a.no && b.yes)
	case a.kind == aWord && b.kind == aWord:
		// A rule is bound to each sheet, so its name is known there.
		return condition(a.word == b.word, a.word != b.word)
	}
	return condition(true, true)
}

// verdict is what a rule can do over all places where it stands.
type verdict struct {
	rule       *ruleFile
	fires      bool // somewhere it may fire
	everywhere bool // at some place it fires whatever is answered
}

// fold notes what is certain of a rule in this sheet.
func (c *compiler) fold(r *rule, f *ruleFile) {
	c.choices(f.Assert, f.ID.text, r.assert, r.names, r.places[0].terms)
	if r.when != nil {
		c.choices(f.When, f.ID.text, r.when, r.names, r.places[0].terms)
	}
	v := c.folded[f.Assert.pos]
	v.rule = f
	for _, p := range r.places {
		in := folder{sheet: c.sheet, names: r.names, terms: p.terms, every: cmp.Or(r.missing, "any") == "any", shut: c.shut}
		assert, when := in.fold(r.assert.tree), condition(true, false)
		if r.when != nil {
			when = in.fold(r.when.tree)
		}
		may := (assert.kind != aCondition || assert.no) && (when.kind != aCondition || when.yes)
		v.fires = v.fires || may
		// A rule that waits for answers stays silent while there are none; as
		// soon as they are there it fires.
		must := assert.kind == aCondition && !assert.yes && when.kind == aCondition && !when.no
		v.everywhere = v.everywhere || must
	}
	c.folded[f.Assert.pos] = v
}

// gates finds what is never asked, and cells that are never open. Steps stand
// in order, so what one depends on is known.
func (c *compiler) gates() {
	c.current, c.shut = c.sheet, map[int]bool{}
	for i := range c.sheet.steps {
		s := &c.sheet.steps[i]
		c.choices(s.at, s.name, s.prog, s.names, s.terms)
		if s.kind == stepComputed {
			continue
		}
		in := folder{sheet: c.sheet, names: s.names, terms: s.terms, shut: c.shut}
		p := in.fold(s.prog.tree)
		switch {
		case p.kind != aCondition:
		case s.kind == stepRelevant && !p.yes:
			c.fault(s.at, "never_asked", s.name)
			for _, slot := range s.writes {
				c.shut[slot] = true
				c.neverAsked[c.sheet.Part+"."+c.sheet.vars[slot].ID] = true
			}
		case s.kind == stepClosed && !p.no:
			c.fault(s.at, "always_closed", s.name)
		}
	}
}

// choices finds comparisons of a choice with a text that is none of its options.
func (l *loader) choices(at source, owner string, p *formula, names []string, terms []term) {
	if p == nil {
		return
	}
	in := folder{sheet: l.current, names: names, terms: terms}
	var walk func(n ast.Node) ast.Node
	walk = func(n ast.Node) ast.Node {
		if b, ok := n.(*ast.BinaryNode); ok {
			switch b.Operator {
			case "==", "!=":
				l.pair(at, owner, &in, b.Left, b.Right)
				l.pair(at, owner, &in, b.Right, b.Left)
			case "in":
				l.pair(at, owner, &in, b.Right, b.Left)
				if list, ok := b.Right.(*ast.ArrayNode); ok {
					for _, word := range list.Nodes {
						l.pair(at, owner, &in, b.Left, word)
					}
				}
			}
		}
		rewriteChildren(n, walk)
		return n
	}
	walk(p.tree)
}

// pair judges one text that is compared with a choice, with the name of the
// sheet or with the kind of the institution.
func (l *loader) pair(at source, owner string, in *folder, choice, text ast.Node) {
	word, ok := text.(*ast.StringNode)
	name, named := choice.(*ast.IdentifierNode)
	i := -1
	if named {
		i = slices.Index(in.names, name.Value)
	}
	if !ok || word.Value == "" || i < 0 {
		return
	}
	var options []string
	switch t := in.terms[i]; {
	case t.kind == termInstitution && t.value == "institution.kind":
		options = []string{KindState, KindParitaria}
	case t.kind == termConst && name.Value == l.current.Template && !l.phantom:
		if text, ok := t.value.(string); ok && text == l.current.Part {
			options = l.siblings()
		}
	case t.kind == termValue:
		v := l.current.vars[t.slots[0]]
		options = v.List
		for _, o := range v.Options {
			options = append(options, o.ID)
		}
		if v.Type != TypeChoice && v.Type != TypeMulti {
			options = nil
		}
	}
	if len(options) > 0 && !slices.Contains(options, word.Value) {
		spot := at
		if k := indexRunes(at.text, strconv.Quote(word.Value), "'"+word.Value+"'"); k >= 0 {
			spot.pos = l.inside(at, k)
		}
		l.suggest(spot, word.Value, options, "no_such_option", owner, word.Value, dotted(name.Value))
	}
}

// siblings are all sheets of the current one's template, those still to be
// compiled among them.
func (l *loader) siblings() []string {
	general := l.q.repeat[l.current.Template]
	for _, s := range l.q.sheets {
		if v := s.byID[general]; v != nil && s.Template == "" {
			out := make([]string, 0, len(v.Options))
			for _, o := range v.Options {
				out = append(out, o.ID)
			}
			return out
		}
	}
	return nil
}

func indexRunes(text string, words ...string) int {
	for _, w := range words {
		if k := wordAt(text, w); k >= 0 {
			return k
		}
	}
	return -1
}
