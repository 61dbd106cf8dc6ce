package survey

import (
	"regexp"
	"slices"
)

// CheckText is a check in words, as the help of a question tells it before
// anything is wrong.
type CheckText struct {
	Check    string
	Severity Severity
	Message  string // with "…" where a finding has the numbers
}

var bracketed = regexp.MustCompile(`\{[^{}]*\}`)

// ChecksOf lists the checks that a variable is judged by, in the order of the
// questionnaire, each once; it is nil when the sheet has no such variable.
func (s *Sheet) ChecksOf(id, lang string) []CheckText {
	v := s.byID[id]
	if v == nil {
		return nil
	}
	var out []CheckText
	for _, r := range s.rules {
		text := CheckText{r.id, r.severity, bracketed.ReplaceAllString(r.message.In(lang), "…")}
		named := slices.ContainsFunc(r.places, func(p rulePlace) bool { return slices.Contains(r.reads(&p), v.slot) })
		if named && !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}
