package survey

import (
	"slices"
	"strings"
	"unicode/utf8"
)

func empty(value any) bool {
	switch x := value.(type) {
	case string:
		return strings.TrimSpace(x) == ""
	case []string:
		return len(x) == 0
	}
	return false
}

func (ev *Evaluation) exclusive(v *Variable, value any) {
	chosen, _ := value.([]string)
	for _, o := range v.Options {
		if o.Exclusive && len(chosen) > 1 && contains(chosen, o.ID) {
			ev.find(Finding{Check: ev.Sheet.survey.builtin.Exclusive, Severity: Hard,
				Message: say(ev.in.Lang, "exclusive", ev.name(v), o.Label.In(ev.in.Lang))}, v.slot)
		}
	}
}

// Accepts says what is wrong with value as an answer to v, in words, or "".
func (v *Variable) Accepts(value any, lang string) string {
	switch v.Type {
	case TypeInteger:
		n, ok := value.(int)
		if !ok || n < v.Min || n > v.Max {
			return say(lang, "integer", FormatInt(v.Min, lang), FormatInt(v.Max, lang))
		}
		return ""
	case TypeDecimal:
		return v.acceptsDecimal(value, lang)
	case TypeYesNo, TypeDeclaration:
		if _, ok := value.(bool); !ok {
			return say(lang, "yesno")
		}
		return ""
	case TypeMulti, TypeTextList, TypeCodeList:
		list, ok := value.([]string)
		if empty, isEmpty := value.([]any); isEmpty && len(empty) == 0 {
			ok = true
		}
		if !ok {
			return say(lang, "list")
		}
		return v.acceptsList(list, lang)
	}
	s, ok := value.(string)
	if !ok {
		return say(lang, "text")
	}
	return v.acceptsText(s, lang)
}

// maxEntries is how long a list may be: a rule may go through it for each of its
// own entries.
const maxEntries = 1000

func (v *Variable) acceptsList(list []string, lang string) string {
	if len(list) > maxEntries {
		return say(lang, "entries", FormatInt(maxEntries, lang))
	}
	for i, s := range list {
		if v.Type == TypeMulti && (!hasOption(v.Options, s) || contains(list[:i], s)) {
			return say(lang, "option", s)
		}
		if problem := v.acceptsText(s, lang); problem != "" {
			return problem
		}
		if strings.TrimSpace(s) == "" {
			return say(lang, "blankline")
		}
	}
	return ""
}

func (v *Variable) acceptsText(s, lang string) string {
	switch {
	case v.Type == TypeDate && s != "" && !isDate(s):
		return say(lang, "date")
	case v.Type == TypeChoice && v.List != nil && !contains(v.List, s):
		return say(lang, "option", s)
	case v.Type == TypeChoice && v.List == nil && !hasOption(v.Options, s):
		return say(lang, "option", s)
	case v.MaxLength > 0 && utf8.RuneCountInString(s) > v.MaxLength:
		return say(lang, "long", FormatInt(v.MaxLength, lang))
	}
	for _, r := range s {
		newline := r == '\n' && v.Type == TypeLongText
		if r < ' ' && !newline && r != '\t' || r == 0x7f || r == utf8.RuneError {
			return say(lang, "control")
		}
	}
	return ""
}

func hasOption(options []Option, id string) bool {
	return slices.ContainsFunc(options, func(o Option) bool { return o.ID == id })
}
