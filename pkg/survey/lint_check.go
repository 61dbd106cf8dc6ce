package survey

import (
	"bytes"
	"cmp"
	"errors"
	"maps"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"
)

// lintState is what the loader keeps for its faults alone.
type lintState struct {
	// linting asks for judgements and for the place of every fault; without it
	// the file is compiled and no more.
	linting bool
	lines   []string            // of the file
	keys    map[string]position // of the file's own keys
	texts   []textAt
	misfit  bool // the file's shape has faults: what is missing may have been taken out
	unsure  bool // a minimum, a maximum or a constant may be among what could not be read
	phantom bool // some template's sheets are not known
	checks  map[string]checkUse
	cells   int
	work    int
	folded  map[position]verdict // of each rule, by the place of its assert
	current *Sheet               // that is being compiled
	shut    map[int]bool         // its slots that are never asked for
	// neverAsked are the questions of all sheets that are never asked, part.id.
	neverAsked map[string]bool
}

// read takes a file as far as it goes and collects every fault on the way.
func read(raw []byte, linting bool) *loader {
	l := &loader{programs: newPrograms(), lintState: lintState{linting: linting, keys: map[string]position{}, checks: map[string]checkUse{}, folded: map[position]verdict{}, neverAsked: map[string]bool{}}}
	root, faults := parseYAML(raw)
	if l.faults = faults; len(faults) > 0 {
		return l
	}
	l.lines = strings.Split(string(raw), "\n")
	for _, v := range root.Values {
		l.keys[keyName(v.Key)] = nodePosition(v.Key)
	}
	f, s := &surveyFile{}, &shaper{}
	s.structure(reflect.ValueOf(f).Elem(), root, "a mapping")
	l.faults, l.texts, l.misfit = s.faults, s.texts, len(s.faults) > 0
	l.unsure = slices.ContainsFunc(s.faults, func(f Fault) bool {
		return strings.HasPrefix(f.Code, "wrong_value_") || slices.Contains([]string{"min", "max", "numbers"}, f.Nearest)
	})
	l.file, l.q = f, &Questionnaire{
		ID: f.ID.text, Version: f.Version, SchoolYear: f.SchoolYear, Languages: f.Languages,
		Title: f.Title, Office: f.Office, Dates: f.Dates,
		Reasons: f.Reasons, Unavailable: f.Missing,
		bytes: bytes.Clone(raw), digest: DigestOf(raw),
		lists: f.Lists, builtin: f.Checks, min: f.Numbers.Min, max: 9999,
		sheets: map[string]*Sheet{}, repeat: map[string]string{}, axisItems: map[string][]string{},
	}
	if f.Numbers.Max != nil {
		l.q.max = *f.Numbers.Max
	}
	l.load()
	return l
}

// key is the place of one of the file's own keys.
func (l *loader) key(name string) source { return source{text: name, pos: l.keys[name]} }

// checkHead judges what stands above the parts.
func (l *loader) checkHead() {
	f := l.file
	if f.ID.text == "" && !l.lost("id") {
		l.fault(l.key("id"), "no_id")
	}
	if len(f.Parts) == 0 && !l.lost("parts") {
		l.fault(cmpSource(l.key("parts"), f.ID), "no_parts")
	}
	if l.q.min > l.q.max {
		l.fault(l.key("numbers"), "empty_range", "numbers", l.q.min, l.q.max)
	}
	d := f.Dates
	if !d.Opens.IsZero() && !d.Due.IsZero() && !d.Opens.Before(d.Due) {
		l.fault(l.word(l.key("dates"), "due"), "due_before_opens")
	}
	if !d.LateUntil.IsZero() && d.LateUntil.Before(d.Due) {
		l.fault(l.word(l.key("dates"), "late_until"), "late_before_due")
	}
	if i := firstDouble(f.Languages); i >= 0 {
		l.fault(l.word(l.key("languages"), f.Languages[i]), "duplicate_language", f.Languages[i])
	}
	at := l.key("checks")
	for _, id := range []string{f.Checks.Integer, f.Checks.Required, f.Checks.Exclusive} {
		l.uses(l.word(at, id), id, Hard)
	}
}

// lost tells whether a key that seems to be missing was there, but not as it
// should be, which is told already.
func (l *loader) lost(key string) bool { return l.misfit && l.keys[key].line > 0 }

func cmpSource(a, b source) source {
	if a.pos.line > 0 {
		return a
	}
	return b
}

// badRepeat tells what a template cannot be repeated over, and compiles its one
// sheet all the same, so that its own mistakes come to light.
func (l *loader) badRepeat(p *partFile) {
	var multi []string
	for _, s := range l.q.sheets {
		for _, v := range s.vars {
			if s.Template == "" && v.Type == TypeMulti {
				multi = append(multi, v.ID)
			}
		}
	}
	l.suggest(p.Repeat, p.Repeat.text, multi, "bad_repeat", p.Repeat.text)
	l.phantom = true
	l.addSheet(p, &Option{ID: p.ID.text, Label: Text{"": p.ID.text}})
}

// freePart tells whether a sheet may have this name.
func (l *loader) freePart(p *partFile, name string) bool {
	switch {
	case l.q.sheets[name] != nil:
		l.fault(p.ID, "duplicate_part", name)
		return false
	case !idForm.MatchString(name) || reserved[name]:
		l.fault(p.ID, "improper_id", name)
		return false
	}
	return true
}

func (c *compiler) neither(section *sectionFile, item *itemFile) {
	at := section.ID
	if item.Type.pos.line > 0 {
		at = item.Type
	}
	if !c.misfit { // else the key `question` may be the one that was misspelt
		c.fault(cmpSource(at, section.ID), "neither", section.ID.text)
	}
}

// badType tells what is wrong with the type of an answer, and guesses the one
// that was meant, so that the expressions that name it can be judged.
func (c *compiler) badType(f *answerFile, of source, types []Type) Type {
	names := make([]string, len(types))
	for i, t := range types {
		names[i] = string(t)
	}
	guess := TypeInteger
	if len(f.Options) > 0 || f.List.text != "" {
		guess = TypeChoice
	}
	switch {
	case f.Type.text == "" && !c.misfit:
		c.fault(of, "no_type", of.text, strings.Join(names, ", "))
	case f.Type.text == "":
	case slices.Contains(questionTypes, Type(f.Type.text)):
		c.suggest(f.Type, f.Type.text, names, "cell_type", of.text, f.Type.text, strings.Join(names, ", "))
	default:
		c.suggest(f.Type, f.Type.text, names, "unknown_type", f.Type.text, strings.Join(names, ", "))
	}
	if f.Type.text == "" {
		return guess
	}
	return Type(cmp.Or(nearest(f.Type.text, names), string(guess)))
}

var institutionFields = []string{"institution.code", "institution.codes", "institution.name", "institution.comune", "institution.kind", "institution.expected_tracks"}

// newID refuses an id that the sheet has already, or that no expression could name.
func (c *compiler) newID(id string, at source) {
	if c.sheet.byID[id] != nil || c.sheet.rows[id] != nil {
		c.fault(at, "duplicate_id", id)
	}
	if reserved[id] || id == c.sheet.Template && id != "" {
		c.fault(at, "reserved_id", id)
	}
}

// itemsOf gives the positions of an axis, each id once.
func (c *compiler) itemsOf(f *itemFile, def *axisFile) []axisItemFile {
	at := cmpSource(def.ID, c.word(f.Grid, "axes"))
	c.properID(def.ID.text, at)
	if len(def.Items) == 0 {
		c.fault(at, "empty_axis", def.ID.text)
	}
	seen := map[string]bool{}
	var out []axisItemFile
	for _, item := range def.Items {
		c.properID(item.ID.text, item.ID)
		if reserved[item.ID.text] {
			c.fault(item.ID, "reserved_id", item.ID.text)
		}
		if seen[item.ID.text] {
			c.fault(item.ID, "duplicate_item", def.ID.text, item.ID.text)
			continue
		}
		seen[item.ID.text] = true
		out = append(out, item)
	}
	return out
}

// ruleBasics judges what every rule has, wherever it stands.
func (l *loader) ruleBasics(f *ruleFile) {
	at := cmpSource(f.ID, f.Assert)
	severity := Severity(f.Severity.text)
	if !slices.Contains([]Severity{Hard, Explain, Note}, severity) {
		l.suggest(cmpSource(f.Severity, at), f.Severity.text, []string{"hard", "explain", "note"}, "severity", f.ID.text, f.Severity.text)
	}
	if !slices.Contains([]string{"", "any", "all", "never"}, f.Missing.text) {
		l.suggest(f.Missing, f.Missing.text, []string{"any", "all", "never"}, "missing", f.ID.text, f.Missing.text)
	}
	if f.ID.text == "" {
		l.fault(at, "rule_without_id")
	}
	if (f.Assert.text == "" || len(f.Message) == 0) && !l.misfit {
		l.fault(at, "rule_needs", f.ID.text)
	}
	l.uses(f.ID, f.ID.text, severity)
}

// program compiles an expression; false when it makes no sense, which is told,
// or none at this place, which is not.
func (l *loader) program(f source, owner, kind string, env func(string) (any, error), scope func() []string) (*program, bool) {
	if utf8.RuneCountInString(f.text) > maxFormula {
		l.fault(f, "expression_too_long", owner, maxFormula)
		return nil, false
	}
	lacking := false
	prog, err := l.programs.compile(f.text, kind, func(name string) (any, error) {
		v, err := env(name)
		lacking = lacking || errors.Is(err, errNoPlace)
		return v, err
	})
	if err == nil {
		return prog, true
	}
	if !lacking {
		l.expression(f, owner, kind, err, env, scope())
	}
	return nil, false
}

// message resolves the names between the braces of a message.
func (l *loader) message(f *ruleFile, names []string, env func(string) (any, error), scope func() []string) bool {
	good := true
	for _, name := range names {
		if _, err := env(name); err != nil && !errors.Is(err, errNoPlace) {
			good = false
			head, _, _ := strings.Cut(dotted(name), ".")
			l.suggest(l.under(f.ID, "message", head), dotted(name), scope(), "unknown_in_message", f.ID.text, dotted(name))
		}
	}
	return good
}

func (l *loader) partNames() []string {
	out := slices.Clone(l.q.order)
	for _, s := range l.q.sheets {
		if s.Template != "" {
			out = append(out, s.Template)
		}
	}
	return out
}

// acrossNames is what a check across parts can name.
func (l *loader) acrossNames() []string {
	var out []string
	for _, s := range l.q.sheets {
		part := s.Part
		if s.Template != "" {
			part = s.Template
		}
		for id := range maps.Keys(s.rows) {
			out = append(out, part+"."+id)
		}
		for _, v := range s.vars {
			if v.Row == nil {
				out = append(out, part+"."+v.ID)
			}
		}
	}
	return out
}

func firstDouble(list []string) int {
	seen := map[string]bool{}
	for i, x := range list {
		if seen[x] {
			return i
		}
		seen[x] = true
	}
	return -1
}
