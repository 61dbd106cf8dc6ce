package survey

import (
	"maps"
	"slices"
	"strings"
)

// acrossRule is a check over the parts of one return. It never blocks a part;
// unexplained it keeps the return from being complete (contract, section 2).
type acrossRule struct {
	id       string
	severity Severity
	message  Text
	assert   *formula
	when     *formula
	sides    [2]*formula
	names    []string
	terms    map[string]map[string]term // name → part → what it sums there
}

func (l *loader) addAcross() {
	for i := range l.file.Across {
		f := &l.file.Across[i]
		list := f.Rules
		if len(list) == 0 {
			list = []ruleFile{*f}
		}
		for k := range list {
			sub := list[k]
			sub.ID, sub.Severity = f.ID, f.Severity
			l.acrossRule(&sub)
		}
	}
}

func (l *loader) acrossRule(f *ruleFile) {
	r := &acrossRule{id: f.ID.text, severity: Severity(f.Severity.text), message: f.Message,
		terms: map[string]map[string]term{}}
	if r.severity == Hard {
		l.fault(f.ID, "across_hard", f.ID.text)
	}
	l.ruleBasics(f)
	env := func(name string) (any, error) { return 0, l.acrossTerm(r, name) }
	var assert, when *program
	if f.Assert.text != "" {
		assert, _ = l.program(f.Assert, f.ID.text, "bool", env, l.acrossNames)
	}
	if f.When.text != "" {
		when, _ = l.program(f.When, f.ID.text, "bool", env, l.acrossNames)
	}
	l.message(f, messageNames(f.Message, place{sheet: &Sheet{}}), env, l.acrossNames)
	if assert == nil {
		return // which is told
	}
	r.names = slices.Sorted(maps.Keys(r.terms))
	r.assert, r.when = assert.among(r.names), when.among(r.names)
	for i, side := range assert.sides {
		r.sides[i] = side.among(r.names)
	}
	l.q.across = append(l.q.across, r)
}

// acrossTerm binds part.name in every sheet of that part or template.
func (l *loader) acrossTerm(r *acrossRule, name string) error {
	part, rest, ok := strings.Cut(name, flat)
	if !ok {
		return refuse("across_name", name)
	}
	found := map[string]term{}
	for _, id := range l.q.order {
		s := l.q.sheets[id]
		if s.Part != part && s.Template != part || s.Template == "" && s.Part != part {
			continue
		}
		t, err := place{sheet: s}.resolve(rest)
		if err != nil || t.kind != termSum {
			r := refuse("across_no_number", part, dotted(rest))
			r.nearest = nearest(rest, s.names())
			return r
		}
		found[id] = t
	}
	if len(found) == 0 {
		r := refuse("across_no_part", part)
		r.nearest = nearest(part, l.partNames())
		return r
	}
	r.terms[name] = found
	return nil
}

// Across judges the parts of one return together. parts holds the evaluation
// of each part that is in; explanations are those of the general part. Each
// part is to be evaluated by q's own sheet, whatever version it was sent under:
// one that was not counts as still to come, because its cells stand elsewhere.
func (q *Questionnaire) Across(parts map[string]*Evaluation, explanations map[string]Explanation, lang string) []Finding {
	parts = maps.Clone(parts)
	maps.DeleteFunc(parts, func(_ string, ev *Evaluation) bool { return ev == nil || ev.Sheet.survey.digest != q.digest })
	general := parts[GeneralPart]
	if general == nil {
		return nil
	}
	due := q.Parts(general.in.Answers)
	var out []Finding
	for _, r := range q.across {
		if f, stands := r.judge(q, due, parts, lang); stands {
			if e, ok := explanations[r.id]; ok && f.Severity == Explain {
				// Without the values that it speaks of, an explanation cannot
				// tell whether it still fits: it was written beside other parts.
				f.Explained = e.Values != nil && e.holds(f.Variables, f.Values)
			}
			out = append(out, f)
		}
	}
	return out
}

func (r *acrossRule) judge(q *Questionnaire, due []string, parts map[string]*Evaluation, lang string) (Finding, bool) {
	f := Finding{Check: r.id, Severity: r.severity, Variables: []string{}, Values: map[string]any{}}
	in := &frame{values: make([]value, len(r.names))}
	for i, name := range r.names {
		total, sheets := 0, 0
		for _, part := range due {
			t, ok := r.terms[name][part]
			if !ok {
				continue
			}
			sheets++
			ev := parts[part]
			if ev == nil {
				return f, false // a sheet is still to come
			}
			sum, known := ev.sum(t.slots)
			if !known {
				return f, false
			}
			total += sum
			f.cite(part, name, sum, ev, t)
		}
		if sheets == 0 {
			return f, false // no sheet has been chosen yet
		}
		in.values[i].whole = total
	}
	var m machine
	if r.when != nil && !m.holds(r.when, in) || m.holds(r.assert, in) {
		return f, false
	}
	if r.sides[0] != nil {
		f.Left, f.Right = m.run(r.sides[0], in), m.run(r.sides[1], in)
	}
	f.Message = expand(r.message.In(lang), func(ref string) string {
		switch ref {
		case "left":
			return show(f.Left, lang)
		case "right":
			return show(f.Right, lang)
		}
		return show(in.of(r.names, strings.ReplaceAll(ref, ".", flat)), lang)
	})
	return f, true
}

// cite notes one number that the finding speaks of: the variable itself, or
// the row's total in that part.
func (f *Finding) cite(part, name string, sum int, ev *Evaluation, t term) {
	_, rest, _ := strings.Cut(name, flat)
	id := part + "." + rest
	if len(t.slots) == 1 {
		id = part + "." + ev.Sheet.vars[t.slots[0]].ID
	}
	f.Variables = append(f.Variables, id)
	f.Values[id] = sum
}

// The states of a part and of a return (contract, section 2).
const (
	PartMissing   = "missing"
	PartSubmitted = "submitted"
	PartReturned  = "returned"
	PartApproved  = "approved"
	PartWithdrawn = "withdrawn"

	ReturnNotStarted   = "not_started"
	ReturnInProgress   = "in_progress"
	ReturnInconsistent = "inconsistent"
	ReturnComplete     = "complete"
	ReturnApproved     = "approved"
	ReturnNotDue       = "not_due"
)

// ReturnState sums the states of the parts that are due up; across are the
// findings of Across.
func ReturnState(due []string, state map[string]string, across []Finding, excluded bool) string {
	if excluded {
		return ReturnNotDue
	}
	in, approved, started := 0, 0, false
	for _, part := range due {
		switch state[part] {
		case PartSubmitted:
			in++
		case PartApproved:
			in++
			approved++
		}
		started = started || state[part] != "" && state[part] != PartMissing
	}
	switch {
	case !started:
		return ReturnNotStarted
	case in < len(due):
		return ReturnInProgress
	case len(Blocking(across)) > 0:
		return ReturnInconsistent
	case approved == len(due):
		return ReturnApproved
	}
	return ReturnComplete
}
