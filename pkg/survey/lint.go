package survey

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"
)

// Report is everything that can be told of a questionnaire file.
type Report struct {
	// Questionnaire is nil when there are faults: exactly then LoadNew refuses it.
	Questionnaire *Questionnaire
	Faults        Faults // warnings and notes among them

	loader *loader
}

// Lint reads a questionnaire file and tells all that is wrong with it, and what
// is very likely not meant.
func Lint(raw []byte) *Report {
	l := read(raw, true)
	if l.file != nil && l.file.Format == 1 {
		l.remarks()
	}
	r := &Report{Faults: l.faults.sorted(), loader: l}
	if faults, _ := l.faults.Split(); len(faults) == 0 {
		r.Questionnaire = l.q
	}
	return r
}

// remarks looks for what leaves the file usable.
func (l *loader) remarks() {
	l.remarkTexts()
	l.remarkUnused()
	l.remarkParts()
	for i := range l.file.Parts {
		for k := range l.file.Parts[i].Rules {
			l.remarkRule(&l.file.Parts[i].Rules[k])
		}
	}
}

// remarkRule finds rules that no sheet has taken. Where there are faults, what
// a rule speaks of may only be misspelt.
func (l *loader) remarkRule(f *ruleFile) {
	for i := range f.Rules {
		sub := f.Rules[i]
		sub.ID = f.ID
		l.remarkRule(&sub)
	}
	faults, _ := l.faults.Split()
	if _, placed := l.folded[f.Assert.pos]; len(f.Rules) > 0 || placed || len(faults) > 0 {
		return
	}
	l.fault(f.Assert, "rule_nowhere", f.ID.text)
}

// remarkUnused finds lists and axes that nothing uses.
func (l *loader) remarkUnused() {
	used := map[string]bool{}
	var expressions strings.Builder
	for i := range l.file.Parts {
		p := &l.file.Parts[i]
		for k := range p.Sections {
			for _, item := range p.Sections[k].Items {
				used["list "+item.List.text] = true
				for _, row := range item.Rows {
					used["list "+row.List.text] = true
				}
				for _, a := range item.Axes {
					used["axis "+a.ref] = true
				}
				fmt.Fprintln(&expressions, item.Relevant.text)
			}
		}
		for _, r := range p.Rules {
			for _, sub := range append([]ruleFile{r}, r.Rules...) {
				fmt.Fprintln(&expressions, sub.When.text, sub.Assert.text)
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.file.Lists)) {
		if !used["list "+name] && wordIn([]rune(expressions.String()), []rune(name), 0) == 0 {
			l.fault(l.ownKey(l.key("lists"), name), "unused_list", name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(l.file.Axes)) {
		if !used["axis "+name] {
			l.fault(l.ownKey(l.key("axes"), name), "unused_axis", name)
		}
	}
}

// ownKey finds a key below one of the file's own, however far below.
func (l *loader) ownKey(at source, name string) source {
	form := regexp.MustCompile(`^\s+['"]?` + regexp.QuoteMeta(name) + `['"]?\s*:`)
	for n := at.pos.line + 1; n <= len(l.lines); n++ {
		line := l.lines[n-1]
		if form.MatchString(line) {
			return source{text: name, pos: position{n, strings.Index(line, name) + 1}}
		}
		if line != "" && line[0] != ' ' && line[0] != '#' && line[0] != '\r' {
			break
		}
	}
	return at
}

// remarkParts looks at the questions and rows one by one.
func (l *loader) remarkParts() {
	general, numbers := false, map[int]string{}
	for i := range l.file.Parts {
		p := &l.file.Parts[i]
		general = general || p.ID.text == GeneralPart
		for k := range p.Sections {
			s := &p.Sections[k]
			if len(s.Items) == 0 {
				l.fault(s.ID, "empty_section", s.ID.text)
			}
			for j := range s.Items {
				l.remarkItem(&s.Items[j])
				if f := &s.Items[j]; f.Number != 0 && p.Repeat.text == "" {
					if other, known := numbers[f.Number]; known {
						l.fault(l.word(f.Question, "number"), "number_twice", f.Number, other)
					}
					numbers[f.Number] = f.Question.text
				}
			}
		}
	}
	if !general && len(l.file.Parts) > 0 {
		l.fault(l.key("parts"), "no_general")
	}
}

func (l *loader) remarkItem(f *itemFile) {
	blank := func(at source, label Text) {
		if len(label) == 0 && at.pos.line > 0 {
			l.fault(at, "no_label", at.text)
		}
	}
	if f.Question.text != "" {
		blank(f.Question, f.Label)
	}
	options := slices.Clone(f.Options)
	for _, r := range f.Rows {
		blank(r.ID, r.Label)
		options = append(options, r.Options...)
	}
	for _, o := range options {
		blank(o.ID, o.Label)
	}
}

// room is the place of each text on a screen of 80 columns.
var room = map[string]struct{ lines, width int }{
	"itemFile.label":         {3, 74},
	"itemFile.title":         {1, 60},
	"sectionFile.title":      {1, 60},
	"partFile.title":         {1, 60},
	"rowFile.label":          {1, 60},
	"rowFile.short":          {1, 60},
	"optionFile.label":       {1, 68},
	"optionFile.short":       {1, 68},
	"surveyFile.reasons":     {1, 68},
	"surveyFile.unavailable": {1, 68},
	"axisItemFile.short":     {1, 4},
	"axisFile.label":         {1, 20},
	"axisItemFile.label":     {1, 20},
	"ruleFile.message":       {4, 76},
	"closedFile.message":     {4, 76},
	"itemFile.example":       {1, 60},
	"itemFile.who":           {1, 60},
}

// remarkTexts judges the length and the languages of every text of the file.
func (l *loader) remarkTexts() {
	languages := l.file.Languages
	for _, t := range l.texts {
		at := source{pos: t.at}
		if place, ok := room[t.what]; ok && !t.shortened {
			for _, lang := range slices.Sorted(maps.Keys(t.text)) {
				text := t.text[lang]
				if n := wrapped(text, place.width); n > place.lines || place.lines == 1 && utf8.RuneCountInString(text) > place.width {
					l.fault(l.word(at, firstWord(text)), "long_text", utf8.RuneCountInString(text), n, place.width, place.lines)
				}
			}
		}
		if _, plain := t.text[""]; plain || len(languages) == 0 {
			continue
		}
		var missing []string
		for _, lang := range languages {
			if strings.TrimSpace(t.text[lang]) == "" {
				missing = append(missing, lang)
			}
		}
		if len(missing) > 0 {
			l.fault(at, "missing_translation", strings.Join(missing, ", "))
		}
		for _, lang := range slices.Sorted(maps.Keys(t.text)) {
			if !slices.Contains(languages, lang) {
				l.suggest(l.word(at, lang), lang, languages, "unknown_language", lang)
			}
		}
	}
}

// wrapped counts the lines of text when it is broken between words.
func wrapped(text string, width int) int {
	lines, used := 1, 0
	for word := range strings.FieldsSeq(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case used == 0:
			used = n
		case used+1+n <= width:
			used += 1 + n
		default:
			lines, used = lines+1, n
		}
	}
	return lines
}

func firstWord(text string) string {
	for word := range strings.FieldsSeq(text) {
		return strings.Trim(word, `.,;:!?"'«»()`)
	}
	return ""
}
