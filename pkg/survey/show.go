package survey

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// name is how a variable is called in a message: the question, or the row and
// the cell's place.
func (ev *Evaluation) name(v *Variable) string { return v.Name(ev.in.Lang) }

// Name is the question's label, or the row's with the cell's position.
func (v *Variable) Name(lang string) string {
	if v.Row == nil {
		return v.Label.In(lang)
	}
	parts := []string{v.Row.Label.In(lang)}
	for i, k := range v.At {
		parts = append(parts, v.Row.Grid.Axes[i].Items[k].Label.In(lang))
	}
	return strings.Join(parts, ", ")
}

func (ev *Evaluation) render(r *rule, p *rulePlace, f Finding) string {
	lang := ev.in.Lang
	return expand(r.message.In(lang), func(ref string) string {
		switch ref {
		case "left":
			return show(f.Left, lang)
		case "right":
			return show(f.Right, lang)
		case ev.Sheet.Template:
			return ev.Sheet.option.Label.In(lang)
		}
		if k, ok := p.at[ref]; ok {
			return ev.Sheet.axes[ref].Items[k].Label.In(lang)
		}
		name, isLabel := strings.CutSuffix(ref, ".label")
		name = strings.ReplaceAll(name, ".", flat)
		if isLabel {
			head, _, _ := strings.Cut(name, flat)
			return p.label(head).In(lang)
		}
		return ev.Sheet.show(ref, ev.frame.of(r.names, name), lang)
	})
}

// show writes the value of a name of an expression: options and tracks by their
// labels, their ids say nothing to a person.
func (s *Sheet) show(ref string, value any, lang string) string {
	if v := s.byID[ref]; v != nil {
		return v.Show(value, lang)
	}
	if ids, ok := value.([]string); ok && ref == "institution.expected_tracks" {
		names := slices.Clone(ids)
		for i, id := range ids {
			if part := s.survey.Sheet(id); part != nil && part.Template != "" {
				names[i] = part.option.Label.In(lang)
			}
		}
		return show(names, lang)
	}
	return show(value, lang)
}

// Show writes an answer to the question as a person reads it: the labels of the
// options, where it has some; "" for none.
func (v *Variable) Show(value any, lang string) string {
	label := func(id string) string {
		for _, o := range v.Options {
			if o.ID == id {
				return o.Label.In(lang)
			}
		}
		return id
	}
	switch value := value.(type) {
	case string:
		return label(value)
	case []string:
		names := make([]string, len(value))
		for i, id := range value {
			names[i] = label(id)
		}
		return strings.Join(names, ", ")
	}
	return show(value, lang)
}

// expand replaces {…} by what the function says.
func expand(s string, f func(ref string) string) string {
	var b strings.Builder
	for {
		before, after, ok := strings.Cut(s, "{")
		b.WriteString(before)
		if !ok {
			return b.String()
		}
		ref, rest, _ := strings.Cut(after, "}")
		b.WriteString(f(ref))
		s = rest
	}
}

// show writes a value as a person reads it.
func show(v any, lang string) string {
	switch v := v.(type) {
	case int:
		return FormatInt(v, lang)
	case float64:
		return FormatNumber(v, lang)
	case json.Number:
		if lang == "en" {
			return v.String()
		}
		return strings.Replace(v.String(), ".", ",", 1)
	case bool:
		if v {
			return say(lang, "yes")
		}
		return say(lang, "no")
	case []string:
		return strings.Join(v, ", ")
	case string:
		return v
	}
	return ""
}

// explanationForms refuses explanations that say nothing or name no check.
func (ev *Evaluation) explanationForms() {
	ev.from(ev.Sheet.sources())
	for _, check := range slices.Sorted(maps.Keys(ev.in.Explanations)) {
		e := ev.in.Explanations[check]
		if !hasOption(ev.Sheet.survey.Reasons, e.Reason) || utf8.RuneCountInString(strings.TrimSpace(e.Text)) < MinExplanation {
			ev.find(Finding{Check: CheckExplanation, Severity: Hard, Message: say(ev.in.Lang, "explanation", check, FormatInt(MinExplanation, ev.in.Lang))})
		}
	}
}

// Show writes an answer as a person reads it; "" for none.
func Show(v any, lang string) string { return show(v, lang) }
