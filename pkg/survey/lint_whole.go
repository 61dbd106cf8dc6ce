package survey

import (
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

func wordAt(text, word string) int {
	i := strings.Index(text, word)
	if i < 0 {
		return -1
	}
	return utf8.RuneCountInString(text[:i])
}

// checkWhole judges what can be told when every sheet is there.
func (l *loader) checkWhole() {
	for _, at := range slices.SortedFunc(maps.Keys(l.folded), func(a, b position) int { return a.line - b.line }) {
		v := l.folded[at]
		place := v.rule.Assert
		switch {
		case l.unsure:
		case v.everywhere && Severity(v.rule.Severity.text) == Note:
			l.fault(place, "always_fires_note", v.rule.ID.text)
		case v.everywhere:
			l.fault(place, "always_fires", v.rule.ID.text)
		case !v.fires:
			l.fault(place, "never_fires", v.rule.ID.text)
		}
	}
	for i := range l.file.Parts {
		l.opens(&l.file.Parts[i])
	}
}

// opens finds templates whose sheets nobody can ever get.
func (l *loader) opens(p *partFile) {
	over := l.q.repeat[p.ID.text]
	if p.Repeat.text == "" || over == "" {
		return
	}
	for _, s := range l.q.sheets {
		v := s.byID[over]
		if s.Template != "" || v == nil {
			continue
		}
		some := slices.ContainsFunc(v.Options, func(o Option) bool { return !o.Exclusive })
		if !some || l.neverAsked[s.Part+"."+over] {
			l.fault(p.Repeat, "never_opens", p.ID.text, over)
		}
	}
}
