package survey

import (
	"errors"
	"maps"
	"slices"
	"strings"

	"github.com/expr-lang/expr/ast"
)

// rule is one check, compiled, with every place where it applies.
type rule struct {
	id       string
	severity Severity
	message  Text
	missing  string
	when     *formula // nil: always
	assert   *formula
	sides    [2]*formula // of the assertion, if it is a comparison
	names    []string    // all names that the rule or its message reads
	asked    int         // so many of them, in front, are read by when or assert
	at       []string    // rows and questions that a finding points to first
	places   []rulePlace
}

// rulePlace is a rule at one position: its names bound to slots.
type rulePlace struct {
	terms []term // parallel to rule.names
	place
}

// identity tells whether the rule is a hard equality: its sides must agree.
func (r *rule) identity() bool {
	b, ok := r.assert.tree.(*ast.BinaryNode)
	return ok && b.Operator == "==" && r.severity == Hard
}

// rules compiles one entry of the file, which may hold several rules.
func (c *compiler) rules(f *ruleFile) []*rule {
	if len(f.Rules) > 0 {
		var out []*rule
		for i := range f.Rules {
			sub := f.Rules[i]
			sub.ID, sub.Severity = f.ID, f.Severity
			out = append(out, c.rules(&sub)...)
		}
		return out
	}
	if len(f.Sheets) > 0 && !slices.Contains(f.Sheets, c.sheet.Part) {
		return nil
	}
	with, ok := constants(f.With, c.sheet.Part)
	if !ok {
		return nil
	}
	if !c.wellFormed(f) || !c.within(f) {
		return nil
	}
	r := &rule{id: f.ID.text, severity: Severity(f.Severity.text), message: f.Message, missing: f.Missing.text, at: f.At}
	for _, at := range c.placesOf(f, with) {
		c.bind(r, f, at)
	}
	if r.assert == nil || len(r.places) == 0 {
		return nil // this sheet lacks what the rule speaks of
	}
	if c.linting {
		c.fold(r, f)
	}
	return []*rule{r}
}

func (c *compiler) wellFormed(f *ruleFile) bool {
	c.ruleBasics(f)
	before := len(c.faults)
	if i := firstDouble(f.Each); i >= 0 {
		c.fault(c.under(f.ID, "each", f.Each[i]), "axis_twice_in_each", f.ID.text, f.Each[i])
	}
	for _, axis := range f.Each {
		if c.sheet.axes[axis] == nil {
			c.suggest(c.under(f.ID, "each", axis), axis, c.sheet.axisNames(), "unknown_axis", f.ID.text, axis)
		}
	}
	for _, axis := range slices.Sorted(maps.Keys(f.Only)) {
		if c.sheet.axes[axis] == nil {
			c.suggest(c.under(f.ID, "only", axis), axis, c.sheet.axisNames(), "unknown_axis", f.ID.text, axis)
			continue
		}
		for _, item := range f.Only[axis] {
			if !slices.Contains(c.q.axisItems[axis], item) {
				c.suggest(c.under(f.ID, "only", item), item, c.q.axisItems[axis], "unknown_position", f.ID.text, axis, item)
			}
		}
	}
	for _, id := range f.Rows {
		if c.sheet.rows[id] == nil {
			c.suggest(c.under(f.ID, "rows", id), id, slices.Collect(maps.Keys(c.sheet.rows)), "unknown_row", f.ID.text, id)
		}
	}
	ok := len(c.faults) == before && f.Assert.text != ""
	for _, id := range f.At {
		if c.sheet.rows[id] == nil && c.sheet.byID[id] == nil && id != "row" {
			c.suggest(c.under(f.ID, "at", id), id, c.sheet.names(), "unknown_at", f.ID.text, id)
		}
	}
	return ok
}

// constants picks the values of `with` for one sheet; ok is false where a
// constant is given by sheet and this one has none.
func constants(with map[string]constFile, part string) (map[string]float64, bool) {
	out := map[string]float64{}
	for name, k := range with {
		if k.bySheet == nil {
			out[name] = k.value
			continue
		}
		v, ok := k.bySheet[part]
		if !ok {
			return nil, false
		}
		out[name] = v
	}
	return out, true
}

// placesOf lists the positions of the axes × rows that the rule is repeated over.
func (c *compiler) placesOf(f *ruleFile, with map[string]float64) []place {
	var axes []*Axis
	for _, id := range f.Each {
		axes = append(axes, c.sheet.axes[id])
	}
	rows := []*Row{nil}
	if len(f.Rows) > 0 {
		rows = nil
		for _, id := range f.Rows {
			rows = append(rows, c.sheet.rows[id])
		}
	}
	var out []place
	for _, row := range rows {
		for _, at := range positions(axes) {
			p := place{sheet: c.sheet, each: f.Each, at: map[string]int{}, only: f.Only, row: row, with: with}
			inside := true
			for i, axis := range axes {
				p.at[axis.ID] = at[i]
				if only, ok := f.Only[axis.ID]; ok && !slices.Contains(only, axis.Items[at[i]].ID) {
					inside = false
				}
			}
			if inside {
				out = append(out, p)
			}
		}
	}
	return out
}

// bind compiles the rule at its first place and binds its names at each.
func (c *compiler) bind(r *rule, f *ruleFile, p place) {
	if r.assert == nil && !c.compileRule(r, f, p) {
		return
	}
	if !c.spend(f, len(r.names)) {
		return
	}
	rp := rulePlace{place: p}
	for _, name := range r.names {
		t, err := p.resolve(name)
		if err != nil {
			var why *refusal
			if errors.As(err, &why) {
				c.fault(f.Assert, why.code, append([]any{f.ID.text}, why.args...)...)
			}
			return
		}
		rp.terms = append(rp.terms, t)
	}
	r.places = append(r.places, rp)
}

// reads are the typed slots that the rule reads at p: in the order of the form,
// those that a finding points to first in front.
func (r *rule) reads(p *rulePlace) []int {
	var first, then []int
	for i, name := range r.names {
		head, _, _ := strings.Cut(name, flat)
		pointed := slices.Contains(r.at, head) || head == "row" && p.row != nil && slices.Contains(r.at, p.row.ID)
		for _, slot := range p.sheet.typed(p.terms[i].slots) {
			if pointed {
				first = append(first, slot)
			} else {
				then = append(then, slot)
			}
		}
	}
	slices.Sort(first)
	slices.Sort(then)
	return unique(append(first, then...))
}

func (p place) label(head string) Text {
	if head == "row" && p.row != nil {
		return p.row.Label
	}
	if row := p.sheet.rows[head]; row != nil {
		return row.Label
	}
	if v := p.sheet.byID[head]; v != nil {
		return v.Label
	}
	return nil
}

// compileRule types the rule's expressions at p; false when they make no sense
// there (a position that this sheet lacks).
func (c *compiler) compileRule(r *rule, f *ruleFile, p place) bool {
	lacking := false
	env := func(name string) (any, error) {
		t, err := p.resolve(name)
		if errors.Is(err, errNoPlace) {
			lacking = true
			return 0, nil
		}
		return p.sample(t), err
	}
	assert, ok := c.program(f.Assert, f.ID.text, "bool", env, c.sheet.names)
	var when *program
	if f.When.text != "" {
		var good bool
		when, good = c.program(f.When, f.ID.text, "bool", env, c.sheet.names)
		ok = ok && good
	}
	shown := messageNames(f.Message, p)
	if !c.message(f, shown, env, c.sheet.names) || !ok || lacking {
		return false
	}
	r.names = slices.Clone(assert.names)
	if when != nil {
		r.names = append(r.names, when.names...)
	}
	slices.Sort(r.names)
	r.names = slices.Compact(r.names)
	r.asked = len(r.names)
	for _, name := range shown {
		if !slices.Contains(r.names, name) {
			r.names = append(r.names, name)
		}
	}
	r.assert, r.when = assert.among(r.names), when.among(r.names)
	for i, side := range assert.sides {
		r.sides[i] = side.among(r.names)
	}
	return true
}

// typed replaces computed slots by the typed ones that they are made of.
func (s *Sheet) typed(slots []int) []int {
	// Each once: rows computed of rows computed would otherwise be unfolded as
	// often as they are reached, which doubles with every row.
	return s.typedOnce(slots, map[int]bool{})
}

func (s *Sheet) typedOnce(slots []int, seen map[int]bool) []int {
	var out []int
	for _, slot := range slots {
		if seen[slot] {
			continue
		}
		seen[slot] = true
		if !s.vars[slot].Computed {
			out = append(out, slot)
			continue
		}
		if st := s.makers[slot]; st != nil {
			for _, t := range st.terms {
				out = append(out, s.typedOnce(t.slots, seen)...)
			}
		}
	}
	return out
}

func unique(slots []int) []int {
	seen := map[int]bool{}
	out := slots[:0:0]
	for _, s := range slots {
		if !seen[s] {
			seen[s] = true
			out = append(out, s)
		}
	}
	return out
}

// messageNames lists the flattened names between braces of a message that are
// not positions, sides or the sheet's own name.
func messageNames(message Text, p place) []string {
	seen := map[string]bool{}
	for _, text := range message {
		for _, ref := range braces(text) {
			name := strings.TrimSuffix(ref, ".label")
			_, isAxis := p.at[name]
			if name == "left" || name == "right" || isAxis || name == p.sheet.Template {
				continue
			}
			seen[strings.ReplaceAll(name, ".", flat)] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

// braces lists what stands between { and } in s.
func braces(s string) []string {
	var out []string
	for {
		_, after, ok := strings.Cut(s, "{")
		if !ok {
			return out
		}
		name, rest, ok := strings.Cut(after, "}")
		if !ok {
			return out
		}
		out = append(out, name)
		s = rest
	}
}
