package survey

import (
	"maps"
	"slices"
	"strings"
)

// Against compares the questionnaire with an earlier version of it. An id is a
// series over the years, so an id that now asks something else is a fault, and
// one that is gone is noted. older must have loaded.
func (r *Report) Against(older *Questionnaire) Faults {
	c := &comparison{loader: &loader{lintState: lintState{lines: r.loader.lines, keys: r.loader.keys}}, places: map[string]source{}}
	if r.loader.q == nil || r.loader.file == nil {
		return nil
	}
	newer := r.loader.q
	c.find(r.loader.file)
	if older.ID != newer.ID {
		c.fault(r.loader.file.ID, "other_survey", older.ID, newer.ID)
	}
	for _, part := range older.order {
		s := newer.sheets[part]
		if s == nil {
			c.fault(r.loader.key("parts"), "gone_part", part)
			continue
		}
		c.sheet(older.sheets[part], s)
	}
	c.rules(older, newer)
	return c.faults.sorted()
}

// comparison collects the differences of two versions.
type comparison struct {
	*loader
	places map[string]source // of the newer file: part or template, a point, id
}

// find notes where everything stands in the newer file.
func (c *comparison) find(f *surveyFile) {
	for i := range f.Parts {
		p := &f.Parts[i]
		c.places[p.ID.text] = p.ID
		for k := range p.Sections {
			for _, item := range p.Sections[k].Items {
				c.places[p.ID.text+"."+item.Question.text] = item.Question
				for _, row := range item.Rows {
					c.places[p.ID.text+"."+row.ID.text] = row.ID
				}
			}
		}
		for _, rule := range p.Rules {
			c.places["check "+rule.ID.text] = rule.ID
		}
	}
	for _, rule := range f.Across {
		c.places["check "+rule.ID.text] = rule.ID
	}
}

func (s *Sheet) partID() string {
	if s.Template != "" {
		return s.Template
	}
	return s.Part
}

func (c *comparison) sheet(older, newer *Sheet) {
	part := newer.partID()
	seen := map[*Row]bool{}
	for _, v := range older.vars {
		switch {
		case v.Row == nil:
			c.question(v, newer, part)
		case !seen[v.Row]:
			seen[v.Row] = true
			c.row(v.Row, newer, part)
		}
	}
}

func (c *comparison) question(v *Variable, newer *Sheet, part string) {
	at := c.places[part+"."+v.ID]
	now := newer.byID[v.ID]
	switch {
	case now == nil && newer.rows[v.ID] != nil:
		c.fault(at, "changed_type", v.ID, v.Type, "grid")
		return
	case now == nil:
		c.fault(c.places[part], "gone", v.ID, part)
		return
	case now.Type != v.Type:
		c.fault(at, "changed_type", v.ID, v.Type, now.Type)
		return
	}
	if now.Tier != v.Tier {
		c.fault(at, "changed_tier", v.ID, v.Tier, now.Tier)
	}
	c.label(at, v.ID, v.Label, now.Label)
	c.options(at, v.ID, v, now)
}

// options compares what can be chosen in two variables.
func (c *comparison) options(at source, id string, v, now *Variable) {
	labels := map[string]Text{}
	for _, o := range now.Options {
		labels[o.ID] = o.Label
	}
	var gone []string
	for _, o := range v.Options {
		label, ok := labels[o.ID]
		if !ok && !slices.Contains(now.List, o.ID) {
			gone = append(gone, o.ID)
		} else if before, after, differ := otherText(o.Label, label); ok && differ {
			c.fault(c.word(at, o.ID), "changed_option", id, o.ID, before, after)
		}
	}
	for _, entry := range v.List {
		if !slices.Contains(now.List, entry) && labels[entry] == nil {
			gone = append(gone, entry)
		}
	}
	if len(gone) > 0 {
		c.fault(at, "removed_options", id, strings.Join(gone, ", "))
	}
}

func (c *comparison) row(row *Row, newer *Sheet, part string) {
	at := c.places[part+"."+row.ID]
	now := newer.rows[row.ID]
	switch {
	case now == nil && newer.byID[row.ID] != nil:
		c.fault(at, "changed_type", row.ID, "grid", newer.byID[row.ID].Type)
		return
	case now == nil:
		c.fault(c.places[part], "gone", row.ID, part)
		return
	case now.Type != row.Type:
		c.fault(at, "changed_type", row.ID, row.Type, now.Type)
		return
	}
	if before, after := axesOf(row), axesOf(now); before != after {
		c.fault(at, "changed_axes", row.ID, before, after)
	}
	if now.Tier != row.Tier {
		c.fault(at, "changed_tier", row.ID, row.Tier, now.Tier)
	}
	if now.Computed != row.Computed {
		words := map[bool]string{true: "computed", false: "typed"}
		c.fault(at, "changed_computed", row.ID, words[row.Computed], words[now.Computed])
	}
	c.label(at, row.ID, row.Label, now.Label)
	if len(row.Cells) > 0 && len(now.Cells) > 0 { // all cells of a row are alike
		c.options(at, row.ID, row.Cells[0], now.Cells[0])
	}
}

// axesOf writes a row's axes with their items: year(y1,y2) × sex(m,f).
func axesOf(row *Row) string {
	out := make([]string, len(row.Grid.Axes))
	for i, a := range row.Grid.Axes {
		ids := make([]string, len(a.Items))
		for k, item := range a.Items {
			ids[k] = item.ID
		}
		out[i] = a.ID + "(" + strings.Join(ids, ",") + ")"
	}
	if len(out) == 0 {
		return "-"
	}
	return strings.Join(out, " × ")
}

func (c *comparison) label(at source, id string, before, after Text) {
	if a, b, differ := otherText(before, after); differ {
		c.fault(at, "changed_label", id, a, b)
	}
}

// otherText compares two texts in the languages that both have, and gives the
// first that says something else.
func otherText(before, after Text) (a, b string, differ bool) {
	for _, lang := range slices.Sorted(maps.Keys(before)) {
		b, ok := after[lang]
		if a := before[lang]; ok && unlike(a, b) {
			return a, b, true
		}
	}
	return "", "", false
}

// unlike tells whether an edit is more than a correction: a fifth of the
// letters, or any number, for "entro il 15 marzo" is not "entro il 15 maggio".
func unlike(a, b string) bool {
	a, b = plainWords(a), plainWords(b)
	if a == b {
		return false
	}
	if digitsOf(a) != digitsOf(b) {
		return true
	}
	limit := max(len([]rune(a)), len([]rune(b)))/5 + 1
	return edits(shorten(a, 500), shorten(b, 500), limit) >= limit
}

func plainWords(s string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(s), func(r rune) bool {
		return strings.ContainsRune(" \t\n.,;:!?\"'«»’“”()-", r)
	}), " ")
}

func digitsOf(s string) string {
	return strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return r
		}
		return -1
	}, s)
}

// rules compares the severities of the checks.
func (c *comparison) rules(older, newer *Questionnaire) {
	before, after := older.severities(), newer.severities()
	for _, id := range slices.Sorted(maps.Keys(before)) {
		severity, ok := after[id]
		at := cmpSource(c.places["check "+id], c.key("parts"))
		if !ok {
			c.fault(at, "gone_check", id)
		} else if severity != before[id] {
			c.fault(at, "changed_severity", id, before[id], severity)
		}
	}
}

func (q *Questionnaire) severities() map[string]Severity {
	out := map[string]Severity{}
	for _, s := range q.sheets {
		for _, r := range s.rules {
			out[r.id] = r.severity
		}
		for _, c := range s.closers {
			if c.check != "" {
				out[c.check] = Explain
			}
		}
	}
	for _, r := range q.across {
		out[r.id] = r.severity
	}
	return out
}
