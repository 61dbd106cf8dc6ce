package survey

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// A new version of a questionnaire is published while drafts of the old one
// are half filled in. This file takes what a part holds over to the new
// version. What has no place there is handed back by name, so that whoever
// calls can keep it and show it.

// Content is what one part holds.
type Content struct {
	Answers      Answers
	Unavailable  map[string]string // variable id → reason code
	Explanations map[string]Explanation
}

// DropReason says why an answer has no place in the new version.
type DropReason string

// The reasons, in the order in which they are looked for.
const (
	DropRemoved     DropReason = "removed"      // the new version does not ask it
	DropTypeChanged DropReason = "type_changed" // it asks for something of another kind
	DropOptionGone  DropReason = "option_gone"  // the option chosen is no longer offered
	DropNotAllowed  DropReason = "not_allowed"  // a value that may not stand there any more
)

// DroppedAnswer is one answer that the new version cannot hold.
type DroppedAnswer struct {
	ID    string `json:"id"`
	Value any    `json:"value,omitempty"` // of a multiple choice only the options that are gone
	// Unavailable is the reason code, where "dato non disponibile" stood
	// instead of a value.
	Unavailable string     `json:"unavailable,omitempty"`
	Label       Text       `json:"label"`           // in the old version's words: the new one has none
	Shown       Text       `json:"shown,omitempty"` // the options in words; empty where Value says it all
	Reason      DropReason `json:"reason"`
}

// UnmarshalJSON reads Value like an answer, so that a number comes back as int.
func (d *DroppedAnswer) UnmarshalJSON(raw []byte) error {
	type plain DroppedAnswer
	var v struct {
		plain
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return err
	}
	*d = DroppedAnswer(v.plain)
	if len(v.Value) == 0 {
		return nil
	}
	var one Answers
	if err := json.Unmarshal(fmt.Appendf(nil, `{"v":%s}`, v.Value), &one); err != nil {
		return err
	}
	d.Value = one["v"]
	return nil
}

// LapsedExplanation is an explanation whose check is another one now, or
// speaks of other values.
type LapsedExplanation struct {
	Check       string      `json:"check"`
	Explanation Explanation `json:"explanation"`
}

// Carried is a part in the new version.
type Carried struct {
	Content
	Kept    []string            // variables that hold what they held, in the new form's order
	Dropped []DroppedAnswer     // in the old form's order
	Lapsed  []LapsedExplanation // by check
	New     []string            // variables that were not asked before, in the new form's order
}

// Carry takes a part's content from one version of its sheet to another. It is
// a pure function. A nil sheet is a part that its version lacks: without the
// old one values are judged by the new one alone, without the new one
// everything is dropped.
//
// Whatever Carry keeps the new sheet accepts as a value; whether the checks
// hold is for Evaluate. Computed cells are never typed and take no part.
func Carry(old, new *Sheet, c Content) Carried {
	out := Carried{Content: Content{Answers: Answers{}, Unavailable: map[string]string{}, Explanations: map[string]Explanation{}}}
	for _, id := range formOrder(old, c.held()) {
		was, is := find(old, id), find(new, id)
		if was != nil && was.Computed {
			continue
		}
		if value, ok := c.Answers[id]; ok {
			out.answer(was, is, id, value)
		}
		if reason, ok := c.Unavailable[id]; ok {
			out.unavailable(new, was, is, id, reason)
		}
	}
	if new != nil {
		for _, v := range new.vars {
			if v.Computed {
				continue
			}
			_, answered := out.Answers[v.ID]
			if answered || out.Unavailable[v.ID] != "" {
				out.Kept = append(out.Kept, v.ID)
			}
			if was := find(old, v.ID); was == nil || was.Computed {
				out.New = append(out.New, v.ID)
			}
		}
	}
	out.explanations(old, new, c)
	return out
}

// Filled gives what a draft in the new version starts with at the variables
// that are new, or that lost their answer: what the register knows, and the
// defaults. A question that only the register answers could not be answered
// otherwise.
func (c Carried) Filled(s *Sheet, inst Institution) Answers {
	out := s.Begin(inst)
	for id := range out {
		_, answered := c.Answers[id]
		fresh := slices.Contains(c.New, id) || slices.ContainsFunc(c.Dropped, func(d DroppedAnswer) bool { return d.ID == id })
		if answered || c.Unavailable[id] != "" || !fresh {
			delete(out, id)
		}
	}
	return out
}

func find(s *Sheet, id string) *Variable {
	if s == nil {
		return nil
	}
	return s.byID[id]
}

// formOrder lists ids in the order of the form, then those that the form does
// not know; s may be nil.
func formOrder[V any](s *Sheet, ids map[string]V) []string {
	out := make([]string, 0, len(ids))
	if s != nil {
		for _, v := range s.vars {
			if _, listed := ids[v.ID]; listed {
				out = append(out, v.ID)
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		if find(s, id) == nil {
			out = append(out, id)
		}
	}
	return out
}

// held are the ids at which something stands.
func (c Content) held() map[string]bool {
	out := make(map[string]bool, len(c.Answers))
	for id := range c.Answers {
		out[id] = true
	}
	for id := range c.Unavailable {
		out[id] = true
	}
	return out
}

func (c *Carried) answer(was, is *Variable, id string, value any) {
	drop := func(reason DropReason, value any) {
		c.Dropped = append(c.Dropped, DroppedAnswer{ID: id, Value: value, Label: names(was, id), Shown: shownOptions(was, value), Reason: reason})
	}
	switch {
	case is == nil || is.Computed:
		drop(DropRemoved, value)
		return
	case was != nil && !sameKind(was.Type, is.Type):
		drop(DropTypeChanged, value)
		return
	case is.Type == TypeDeclaration && was != nil && !was.Label.same(is.Label):
		drop(DropNotAllowed, value) // other words were declared
		return
	}
	if list, ok := value.([]string); ok && is.Type == TypeMulti {
		gone := slices.DeleteFunc(slices.Clone(list), func(s string) bool { return hasOption(is.Options, s) })
		if len(gone) > 0 {
			drop(DropOptionGone, gone)
			list = slices.DeleteFunc(slices.Clone(list), func(s string) bool { return !hasOption(is.Options, s) })
			if len(list) == 0 {
				return
			}
			value = list
		}
	}
	if is.Accepts(value, "") == "" {
		c.Answers[id] = cloned(value)
		return
	}
	if s, ok := value.(string); ok && is.Type == TypeChoice && !is.offers(s) {
		drop(DropOptionGone, value)
		return
	}
	drop(DropNotAllowed, value)
}

func (c *Carried) unavailable(new *Sheet, was, is *Variable, id, reason string) {
	drop := func(why DropReason) {
		c.Dropped = append(c.Dropped, DroppedAnswer{ID: id, Unavailable: reason, Label: names(was, id), Reason: why})
	}
	switch {
	case is == nil || is.Computed:
		drop(DropRemoved)
	case is.Tier != TierExt:
		drop(DropNotAllowed)
	case !hasOption(new.survey.Unavailable, reason):
		drop(DropOptionGone)
	default:
		c.Unavailable[id] = reason
	}
}

// offers tells whether s can be chosen.
func (v *Variable) offers(s string) bool {
	if v.List != nil {
		return contains(v.List, s)
	}
	return hasOption(v.Options, s)
}

// sameKind tells whether an answer of type a can be one of type b: texts are
// texts and lists are lists, whatever form a check asks of them, and a whole
// number is a number.
func sameKind(a, b Type) bool {
	if a == TypeInteger && b == TypeDecimal {
		return true
	}
	kind := func(t Type) Type {
		switch t {
		case TypeText, TypeLongText, TypeEmail, TypePhone, TypeCode:
			return TypeText
		case TypeTextList, TypeCodeList:
			return TypeTextList
		}
		return t
	}
	return kind(a) == kind(b)
}

func (t Text) same(o Text) bool {
	if len(t) != len(o) {
		return false
	}
	for lang, s := range t {
		if o[lang] != s {
			return false
		}
	}
	return true
}

func cloned(value any) any {
	if list, ok := value.([]string); ok {
		return slices.Clone(list)
	}
	return value
}

// names is what people called the variable, in each language that has it.
func names(v *Variable, id string) Text {
	if v == nil {
		return Text{"": id}
	}
	out := Text{}
	for lang := range v.Label {
		out[lang] = v.Name(lang)
	}
	return out
}

// shownOptions writes chosen options by their labels.
func shownOptions(v *Variable, value any) Text {
	list, ok := value.([]string)
	if s, one := value.(string); one {
		list, ok = []string{s}, true
	}
	if v == nil || !ok || len(v.Options) == 0 {
		return nil
	}
	out := Text{}
	for lang := range v.Label {
		words := slices.Clone(list)
		for i, id := range words {
			if k := slices.IndexFunc(v.Options, func(o Option) bool { return o.ID == id }); k >= 0 {
				words[i] = v.Options[k].Label.In(lang)
			}
		}
		out[lang] = strings.Join(words, ", ")
	}
	return out
}

// explanations keeps those whose check asks the same thing of the same values.
func (c *Carried) explanations(old, new *Sheet, was Content) {
	for _, check := range slices.Sorted(maps.Keys(was.Explanations)) {
		e := was.Explanations[check]
		if old != nil && new != nil && hasOption(new.survey.Reasons, e.Reason) &&
			utf8.RuneCountInString(strings.TrimSpace(e.Text)) >= MinExplanation && c.stillExplains(old, new, check, was) {
			c.Explanations[check] = e
			continue
		}
		c.Lapsed = append(c.Lapsed, LapsedExplanation{check, e})
	}
}

func (c *Carried) stillExplains(old, new *Sheet, check string, was Content) bool {
	before, now := old.checkPlaces(check), new.checkPlaces(check)
	if len(now) == 0 {
		// A check across the parts reads other sheets. Its explanation bears
		// their values, and lapses by them.
		a, b := old.survey.acrossText(check), new.survey.acrossText(check)
		return b != "" && a == b
	}
	for place, reads := range now {
		if _, same := before[place]; !same {
			return false
		}
		for _, id := range reads {
			a, answered := was.Answers[id]
			b, still := c.Answers[id]
			if answered != still || !Equal(a, b) || was.Unavailable[id] != c.Unavailable[id] {
				return false
			}
		}
	}
	return true
}

// checkPlaces writes out every place at which an explain check is made: what
// it asserts there and of which variables. Two sheets with the same text ask
// the same thing; the message may be worded anew. The values are the typed
// variables that it reads.
func (s *Sheet) checkPlaces(check string) map[string][]string {
	out := map[string][]string{}
	for _, r := range s.rules {
		if r.id != check || r.severity != Explain {
			continue
		}
		text := r.missing + "|" + sourceOf(r.when) + "|" + sourceOf(r.assert)
		for i := range r.places {
			p := &r.places[i]
			where := ""
			for k, t := range p.terms[:r.asked] {
				where += "|" + r.names[k] + "=" + s.termText(t)
			}
			out[text+where] = s.idsOf(r.reads(p))
		}
	}
	for i := range s.steps {
		st := &s.steps[i]
		if st.kind == stepClosed && st.closer.check == check {
			out[s.stepText(st)+"|"+strings.Join(s.idsOf(st.writes), ",")] = s.idsOf(append(s.typed(stepSlots(st)), st.writes...))
		}
	}
	return out
}

func sourceOf(p *formula) string {
	if p == nil {
		return ""
	}
	return p.source
}

func (s *Sheet) idsOf(slots []int) []string {
	out := make([]string, len(slots))
	for i, slot := range slots {
		out[i] = s.vars[slot].ID
	}
	return out
}

func stepSlots(st *step) []int {
	var out []int
	for _, t := range st.terms {
		out = append(out, t.slots...)
	}
	return out
}

// termText writes what a name stands for: its constant, or its variables;
// computed ones with their formula, which may have changed.
func (s *Sheet) termText(t term) string {
	parts := []string{fmt.Sprint(t.kind)}
	if t.value != nil {
		parts = append(parts, fmt.Sprint(t.value))
	}
	for _, slot := range t.slots {
		text := s.vars[slot].ID
		for i := range s.steps {
			if st := &s.steps[i]; st.kind == stepComputed && st.writes[0] == slot {
				text += "(" + s.stepText(st) + ")"
			}
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func (s *Sheet) stepText(st *step) string {
	text := sourceOf(st.prog)
	for i, t := range st.terms {
		text += ";" + st.names[i] + "=" + s.termText(t)
	}
	return text
}

// acrossText is checkPlaces for a check over the parts; "" when there is none.
func (q *Questionnaire) acrossText(check string) string {
	text := ""
	for _, r := range q.across {
		if r.id == check && r.severity == Explain {
			text += sourceOf(r.when) + "|" + sourceOf(r.assert) + "\n"
		}
	}
	return text
}
