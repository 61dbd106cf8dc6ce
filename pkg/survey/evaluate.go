package survey

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// Status says what stands at a variable.
type Status uint8

// The states of a variable. Missing is the zero value: blank is never taken
// for an answer.
const (
	Missing     Status = iota // nothing typed yet; a computed cell whose parts are missing
	Answered                  // a value of the right type
	Unavailable               // "dato non disponibile"
	Irrelevant                // not asked
	Closed                    // counts as 0
	Wrong                     // a value that cannot stand here
)

// Input is what a sheet is judged on.
type Input struct {
	Answers      Answers
	Unavailable  map[string]string // variable id → reason code
	Explanations map[string]Explanation
	Institution  Institution
	Lang         string // of the messages
	// Submit asks for the declaration too and refuses what the client must
	// keep aside (answers to questions that are not asked): the form in which
	// a part travels.
	Submit bool
}

// Evaluation is what the answers of one sheet amount to.
type Evaluation struct {
	Sheet    *Sheet
	Findings []Finding

	in      Input
	status  []Status
	num     []int             // integers and computed cells
	val     []any             // other answers
	given   int               // how many answers and reasons Derive has found
	found   map[int][]Finding // by source; most have none. Findings is all of them in order
	source  int               // where find puts what it finds, see from
	machine machine
	frame   frame // of the rule or step at hand
	partial bool  // computed cells count as far as their parts are known, see Targets
}

// Evaluate derives relevance, closed and computed cells and runs every check.
// It is a pure function of the sheet and in.
func (s *Sheet) Evaluate(in Input) *Evaluation {
	ev := s.Derive(in)
	for i := range s.groups {
		ev.required(i)
	}
	for i := range s.places {
		ev.apply(i)
	}
	if ev.given < len(in.Answers)+len(in.Unavailable) {
		ev.strangers()
	}
	ev.collect()
	return ev
}

// Derive is Evaluate without the checks: for what stands in a sheet, not for
// what is wrong with it. The evaluation has no findings and is not to be
// updated.
func (s *Sheet) Derive(in Input) *Evaluation {
	ev := &Evaluation{Sheet: s, in: in,
		status: make([]Status, len(s.vars)), num: make([]int, len(s.vars)), val: make([]any, len(s.vars)),
		found: map[int][]Finding{}}
	for slot := range s.vars {
		ev.read(slot)
	}
	for i := range s.steps {
		ev.derive(i)
	}
	return ev
}

// from makes the findings that follow those of one source, in place of what
// was found there before. Sources are numbered in the order of a full
// evaluation, see impact.go.
func (ev *Evaluation) from(source int) {
	ev.source = source
	delete(ev.found, source)
}

// collect puts the findings of all sources together, in the order in which a
// full evaluation comes to them.
func (ev *Evaluation) collect() {
	ev.explanationForms()
	ev.Findings = nil
	for _, source := range slices.Sorted(maps.Keys(ev.found)) {
		ev.Findings = append(ev.Findings, ev.found[source]...)
	}
}

func (ev *Evaluation) find(f Finding, slots ...int) {
	f.Part = ev.Sheet.Part
	if f.Variables == nil {
		f.Variables = make([]string, 0, len(slots))
	}
	f.Values = make(map[string]any, len(slots))
	for _, slot := range slots {
		v := ev.Sheet.vars[slot]
		f.Variables = append(f.Variables, v.ID)
		if value, ok := ev.in.Answers[v.ID]; ok {
			f.Values[v.ID] = value
		}
	}
	if e, ok := ev.in.Explanations[f.Check]; ok && f.Severity == Explain {
		f.Explained = e.holds(f.Variables, f.Values)
	}
	ev.found[ev.source] = append(ev.found[ev.source], f)
}

// holds tells whether the explanation was given for these very values: a
// variable that was answered then and is blank now has changed too.
func (e Explanation) holds(variables []string, values map[string]any) bool {
	if utf8.RuneCountInString(strings.TrimSpace(e.Text)) < MinExplanation {
		return false
	}
	if e.Values == nil {
		return true
	}
	for _, id := range variables {
		was, answered := e.Values[id]
		is, still := values[id]
		if answered != still || !Equal(was, is) {
			return false
		}
	}
	return true
}

// strangers reports what names no variable of this sheet.
func (ev *Evaluation) strangers() {
	var unknown []string
	for id := range ev.in.Answers {
		if ev.Sheet.byID[id] == nil {
			unknown = append(unknown, id)
		}
	}
	for id := range ev.in.Unavailable {
		if ev.Sheet.byID[id] == nil {
			unknown = append(unknown, id)
		}
	}
	slices.Sort(unknown)
	ev.from(strangers)
	for _, id := range slices.Compact(unknown) {
		ev.find(Finding{Check: CheckUnknown, Severity: Hard, Variables: []string{id}, Message: say(ev.in.Lang, "unknown", id)})
	}
}

// read takes one answer in and reports what cannot stand there.
func (ev *Evaluation) read(slot int) {
	v := ev.Sheet.vars[slot]
	ev.from(slot)
	ev.status[slot], ev.num[slot], ev.val[slot] = Missing, 0, nil
	if value, ok := ev.in.Answers[v.ID]; ok {
		ev.given++
		if v.Computed {
			ev.find(Finding{Check: CheckComputed, Severity: Hard, Message: say(ev.in.Lang, "computed", ev.name(v))}, slot)
		} else {
			ev.readOne(v, value)
		}
	}
	reason, ok := ev.in.Unavailable[v.ID]
	if ok {
		ev.given++
	}
	switch {
	case !ok:
	case v.Tier != TierExt || v.Computed || ev.status[slot] != Missing || !hasOption(ev.Sheet.survey.Unavailable, reason):
		ev.find(Finding{Check: CheckUnavailable, Severity: Hard, Message: say(ev.in.Lang, "unavailable", ev.name(v))}, slot)
	default:
		ev.status[slot] = Unavailable
	}
}

func (ev *Evaluation) readOne(v *Variable, value any) {
	if problem := v.Accepts(value, ev.in.Lang); problem != "" {
		ev.status[v.slot] = Wrong
		ev.find(Finding{Check: v.Check, Severity: Hard, Message: ev.name(v) + ": " + problem}, v.slot)
		return
	}
	if empty(value) || v.Type == TypeDeclaration && !ev.in.Submit {
		return // an empty text is no answer, and nobody has been asked to declare yet
	}
	ev.status[v.slot] = Answered
	switch v.Type {
	case TypeInteger:
		ev.num[v.slot] = value.(int) // Accepts has seen to it
	case TypeDecimal:
		ev.val[v.slot], _ = decimal(value)
	default:
		ev.val[v.slot] = value
	}
	ev.exclusive(v, value)
}

// derive runs one step. Steps are in order, so what it reads is final.
func (ev *Evaluation) derive(i int) {
	s := &ev.Sheet.steps[i]
	ev.from(len(ev.Sheet.vars) + i)
	known := ev.bind(s.terms)
	switch s.kind {
	case stepRelevant:
		// A question that depends on a blank one is not asked yet, so blank
		// counts as the zero value here.
		if !ev.holds(s.prog) {
			for _, slot := range s.writes {
				ev.irrelevant(slot)
			}
		}
	case stepClosed:
		if !known {
			return
		}
		if ev.holds(s.prog) {
			ev.shut(s)
		}
	case stepComputed:
		slot := s.writes[0]
		if ev.status[slot] != Missing || !known && !ev.partial {
			return
		}
		ev.num[slot], _ = ev.run(s.prog).(int)
		if known {
			ev.status[slot] = Answered
		}
	}
}

func (ev *Evaluation) irrelevant(slot int) {
	v := ev.Sheet.vars[slot]
	switch {
	case v.Computed:
	case !ev.in.Submit:
		// In a draft the value is kept aside, and whatever is wrong with it
		// stands where nobody can see or correct it.
		delete(ev.found, slot)
	case ev.status[slot] != Missing:
		ev.find(Finding{Check: CheckNotRelevant, Severity: Hard, Message: say(ev.in.Lang, "irrelevant", ev.name(v))}, slot)
	}
	ev.status[slot], ev.num[slot], ev.val[slot] = Irrelevant, 0, nil
}

// shut closes the cells of a step. Cells that hold pupils all the same are a
// finding whose explanation opens the position (domain document, 2.0).
func (ev *Evaluation) shut(s *step) {
	var full []int
	for _, slot := range s.writes {
		if ev.status[slot] == Answered && !ev.naught(slot) {
			full = append(full, slot)
		}
	}
	if len(full) > 0 && s.closer.check != "" {
		ev.find(Finding{Check: s.closer.check, Severity: Explain,
			Message: strings.ReplaceAll(s.closer.message.In(ev.in.Lang), "{"+s.closer.axis+"}", s.closer.label.In(ev.in.Lang))}, full...)
		if last := ev.found[ev.source]; last[len(last)-1].Explained {
			return
		}
	}
	for _, slot := range s.writes {
		if ev.status[slot] == Missing || ev.status[slot] == Answered && ev.naught(slot) || ev.status[slot] == Unavailable {
			ev.status[slot], ev.num[slot], ev.val[slot] = Closed, 0, nil
		}
	}
}

// naught tells whether the answer at slot is what a closed cell counts as: 0, or no.
func (ev *Evaluation) naught(slot int) bool {
	v := ev.val[slot]
	return ev.num[slot] == 0 && (v == nil || v == 0.0 || v == false)
}

// bind puts the terms' values into the frame and tells whether all of them
// are known.
func (ev *Evaluation) bind(terms []term) bool {
	for len(ev.frame.values) < len(terms) {
		ev.frame.values = append(ev.frame.values, value{})
	}
	known := true
	for i := range terms {
		if !ev.value(&terms[i], &ev.frame.values[i]) {
			known = false
		}
	}
	return known
}

// value sets v to what t stands for and tells whether every slot of it is known.
func (ev *Evaluation) value(t *term, v *value) (known bool) {
	switch t.kind {
	case termSum:
		v.kind = aWhole
		v.whole, known = ev.sum(t.slots)
		return known
	case termAmount:
		v.kind = anOther
		v.other, known = ev.amount(t.slots)
		return known
	case termAnswered:
		v.kind, v.holds = aTruth, slices.ContainsFunc(t.slots, ev.known)
		return true
	case termCells:
		v.kind, v.cells = aList, ev.cells(v.cells[:0], t.slots)
		return true
	case termMirrored:
		v.kind, v.holds = aTruth, ev.mirrored(t.slots)
		return true
	case termConst:
		v.set(t.value)
		return true
	case termInstitution:
		v.set(institutionField(ev.in.Institution, t.value.(string)))
		return true
	}
	slot := t.slots[0]
	if answer := ev.val[slot]; answer != nil && ev.status[slot] == Answered {
		v.set(answer)
		return true
	}
	v.set(ev.Sheet.vars[slot].zero())
	return ev.status[slot] == Closed
}

func (ev *Evaluation) run(f *formula) any    { return ev.machine.run(f, &ev.frame) }
func (ev *Evaluation) holds(f *formula) bool { return ev.machine.holds(f, &ev.frame) }

func (ev *Evaluation) known(slot int) bool {
	return ev.status[slot] == Answered || ev.status[slot] == Closed
}

func (ev *Evaluation) sum(slots []int) (int, bool) {
	sum, known := 0, true
	for _, slot := range slots {
		switch {
		case ev.known(slot):
			sum += ev.num[slot]
		case ev.partial && ev.status[slot] == Missing:
			sum += ev.num[slot]
			known = false
		default:
			known = false
		}
	}
	return sum, known
}

func (ev *Evaluation) cells(out, slots []int) []int {
	for _, slot := range slots {
		if ev.status[slot] == Answered {
			out = append(out, ev.num[slot])
		}
	}
	return out
}

// mirrored tells whether both positions of the last axis hold the same numbers
// throughout, which is what a column pasted twice looks like.
func (ev *Evaluation) mirrored(slots []int) bool {
	filled := false
	for i := 0; i+1 < len(slots); i += 2 {
		a, b := slots[i], slots[i+1]
		if ev.status[a] == Closed && ev.status[b] == Closed || !ev.known(a) && !ev.known(b) {
			continue
		}
		if !ev.known(a) || !ev.known(b) || ev.num[a] != ev.num[b] {
			return false
		}
		filled = filled || ev.num[a] != 0
	}
	return filled
}

// required reports the core answers that are missing in one question or row.
func (ev *Evaluation) required(group int) {
	ev.from(len(ev.Sheet.vars) + len(ev.Sheet.steps) + group)
	vars := ev.Sheet.groups[group]
	var blank []int
	for _, v := range vars {
		if v.Tier == TierCore && !v.Computed && ev.status[v.slot] == Missing && (v.Type != TypeDeclaration || ev.in.Submit) {
			blank = append(blank, v.slot)
		}
	}
	switch check := ev.Sheet.survey.builtin.Required; len(blank) {
	case 0:
	case 1:
		name, key := ev.name(ev.Sheet.vars[blank[0]]), "required"
		if strings.HasSuffix(name, "?") {
			key = "unanswered"
		}
		ev.find(Finding{Check: check, Severity: Hard, Message: say(ev.in.Lang, key, name)}, blank...)
	default:
		ev.find(Finding{Check: check, Severity: Hard,
			Message: say(ev.in.Lang, "requiredmany", vars[0].Row.Label.In(ev.in.Lang), FormatInt(len(blank), ev.in.Lang))}, blank...)
	}
}

// apply runs one rule at one place.
func (ev *Evaluation) apply(i int) {
	ev.from(len(ev.Sheet.vars) + len(ev.Sheet.steps) + len(ev.Sheet.groups) + i)
	r, p := ev.Sheet.places[i].rule, ev.Sheet.places[i].at
	if !ev.bind(p.terms[:r.asked]) && ev.skips(r, p) {
		return
	}
	if r.when != nil && !ev.holds(r.when) || ev.holds(r.assert) {
		return
	}
	ev.bind(p.terms) // for the message
	f := Finding{Check: r.id, Severity: r.severity}
	if r.sides[0] != nil {
		f.Left, f.Right = ev.run(r.sides[0]), ev.run(r.sides[1])
	}
	f.Message = ev.render(r, p, f)
	ev.find(f, r.reads(p)...)
}

// skips tells whether the rule waits for more answers.
func (ev *Evaluation) skips(r *rule, p *rulePlace) bool {
	switch r.missing {
	case "never":
		return false
	case "all":
		for _, t := range p.terms[:r.asked] {
			if t.needs() && slices.ContainsFunc(t.slots, ev.known) {
				return false
			}
		}
		return true
	}
	return true
}
