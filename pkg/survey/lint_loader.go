package survey

import (
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Bounds on what one file may unfold into: three axes of a thousand items are
// three lines of text and a milliard of cells.
const (
	maxRowCells = 1000
	maxCells    = 20_000    // in one file
	maxPlaces   = 2_000     // of one rule in one sheet
	maxWork     = 5_000_000 // cells looked at while the names of rules are bound
	maxFormula  = 5_000     // characters of one expression
)

func (l *loader) fault(at source, code string, args ...any) {
	if !l.linting && judgements[code] {
		return
	}
	l.faults = append(l.faults, newFault(at.pos, code, args...))
}

// suggest is fault with what was probably meant.
func (l *loader) suggest(at source, wrong string, meant []string, code string, args ...any) {
	near := ""
	if len(l.faults) < 300 { // a file of nothing but mistakes is not worth the search
		near = nearest(wrong, meant)
	}
	l.faults = append(l.faults, newFault(at.pos, code, args...).near(near))
}

// word finds where name stands at or after a place, for names that the decoded
// file keeps without their position: the entries of each, rows, at and sheets.
func (l *loader) word(at source, name string) source {
	if name == "" || at.pos.line < 1 || !l.linting {
		return at
	}
	last := min(at.pos.line+40, len(l.lines))
	for n := at.pos.line; n <= last; n++ {
		from := 0
		if n == at.pos.line {
			from = max(at.pos.column-1, 0)
		}
		if column := wordIn([]rune(l.lines[n-1]), []rune(name), from); column > 0 {
			return source{text: name, pos: position{n, column}}
		}
	}
	return at
}

// under is word below one of the keys of a rule or grid: the same name may well
// stand in its expression first.
func (l *loader) under(at source, key, name string) source {
	return l.word(l.word(at, key), name)
}

func wordIn(line, name []rune, from int) int {
	part := func(r rune) bool { return r == '_' || unicode.IsLetter(r) || unicode.IsDigit(r) }
	for i := from; i+len(name) <= len(line); i++ {
		if !slices.Equal(line[i:i+len(name)], name) || i > 0 && part(line[i-1]) {
			continue
		}
		if end := i + len(name); end == len(line) || !part(line[end]) {
			return i + 1
		}
	}
	return 0
}

// reserved are the words that mean something of their own in an expression, so
// that nothing of this name could ever be reached there.
var reserved = map[string]bool{
	"row": true, "institution": true, "answered": true, "cells": true, "mirrored": true, "prev": true,
	"and": true, "or": true, "not": true, "in": true, "matches": true, "contains": true, "true": true, "false": true, "nil": true, "let": true, "if": true, "else": true,
}

// ownChecks are the ids under which the engine itself reports.
var ownChecks = []string{CheckUnknown, CheckType, CheckNotRelevant, CheckComputed, CheckUnavailable, CheckExplanation}

// uses notes under which severity a check id is reported. An explanation is
// given for an id, so an id must not block here and ask for a reason there.
func (l *loader) uses(at source, id string, severity Severity) {
	switch {
	case id == "" || !l.linting:
		return
	case slices.Contains(ownChecks, id):
		l.fault(at, "reserved_check", id)
		return
	case !slices.Contains([]Severity{Hard, Explain, Note}, severity):
		return
	}
	before, known := l.checks[id]
	if !known {
		l.checks[id] = checkUse{severity, at.pos.line}
		return
	}
	if before.severity != severity {
		l.fault(at, "two_severities", id, severity, before.severity, before.line)
	}
}

type checkUse struct {
	severity Severity
	line     int
}

// names is all that an expression in this sheet can begin with.
func (s *Sheet) names() []string {
	out := slices.Concat(slices.Collect(maps.Keys(s.byID)), slices.Collect(maps.Keys(s.rows)), slices.Collect(maps.Keys(s.survey.lists)))
	if s.Template != "" {
		out = append(out, s.Template)
	}
	return out
}

func (s *Sheet) axisNames() []string { return slices.Collect(maps.Keys(s.axes)) }

// checkQuestion finds what cannot be meant in one question.
func (c *compiler) checkQuestion(f *itemFile, v *Variable) {
	if value := institutionField(Institution{}, v.Prefill); value != nil && !fillsIn(value, v.zero()) {
		c.fault(f.Prefill, "wrong_prefill", v.ID, v.Prefill, v.Type)
	}
	c.uses(c.word(f.Question, f.Check), f.Check, Hard)
	c.ignored(f.Question, v, map[string]bool{"rows": len(f.Rows) > 0, "axes": len(f.Axes) > 0, "closed": f.Closed != nil})
}

// checkGrid finds the keys of a question that say nothing of a grid.
func (c *compiler) checkGrid(f *itemFile) {
	c.ignored(f.Grid, &Variable{ID: f.Grid.text, Type: "grid"}, map[string]bool{
		"label": len(f.Label) > 0, "example": len(f.Example) > 0, "number": f.Number != 0, "check": f.Check != "",
		"prefill": f.Prefill.text != "", "read_only": f.ReadOnly, "tier": f.Tier.text != "", "default": f.Default != nil,
		"min": f.Min != nil, "max": f.Max != nil, "decimals": f.Decimals != 0, "max_length": f.MaxLength != 0,
	})
}

// checkAnswer finds what cannot be meant in the answer to a question, or in the
// cells of a row.
func (c *compiler) checkAnswer(f *answerFile, v *Variable, of source) {
	number := v.Type == TypeInteger || v.Type == TypeDecimal
	choice := v.Type == TypeChoice || v.Type == TypeMulti
	if number && v.Min > v.Max {
		c.fault(of, "empty_range", v.ID, v.Min, v.Max)
	} else if v.Default != nil && (!number || *v.Default < v.Min || *v.Default > v.Max) {
		c.fault(c.word(of, "default"), "bad_default", v.ID, *v.Default)
	}
	seen := map[string]bool{}
	for _, o := range f.Options {
		if seen[o.ID.text] {
			c.fault(o.ID, "duplicate_option", v.ID, o.ID.text)
		}
		if o.ID.text == "" {
			c.fault(of, "option_without_id", v.ID)
		}
		seen[o.ID.text] = true
	}
	c.ignored(of, v, map[string]bool{
		"options":    len(f.Options) > 0 && !choice,
		"list":       f.List.text != "" && (v.Type != TypeChoice || len(f.Options) > 0),
		"min":        f.Min != nil && !number,
		"max":        f.Max != nil && !number,
		"decimals":   f.Decimals != 0 && v.Type != TypeDecimal,
		"max_length": f.MaxLength != 0 && (number || choice || v.Type == TypeYesNo || v.Type == TypeDeclaration || v.Type == TypeDate),
	})
}

func (c *compiler) ignored(of source, v *Variable, keys map[string]bool) {
	for key, ignored := range keys {
		if ignored {
			c.fault(c.word(of, key), "ignored_key", v.ID, key, v.Type)
		}
	}
}

func fillsIn(a, b any) bool {
	_, aList := a.([]string)
	_, bList := b.([]string)
	_, text := b.(string)
	return aList && bList || !aList && text
}

// free tells whether the grid's cells are within bounds, before they are made.
func (c *compiler) free(f *itemFile, g *Grid) bool {
	seen := map[string]bool{}
	cells := 1
	for _, a := range g.Axes {
		if seen[a.ID] {
			c.fault(c.word(f.Grid, a.ID), "axis_twice_in_grid", g.ID, a.ID)
			return false
		}
		seen[a.ID] = true
		if cells *= max(len(a.Items), 1); cells > maxRowCells {
			c.fault(f.Grid, "too_many_cells", g.ID, maxRowCells, maxCells)
			return false
		}
	}
	if c.cells += cells * max(len(f.Rows), 1); c.cells > maxCells {
		c.fault(f.Grid, "too_many_cells", g.ID, maxRowCells, maxCells)
		return false
	}
	return true
}

// within tells whether a rule stands at no more places than it may.
func (c *compiler) within(f *ruleFile) bool {
	places := max(len(f.Rows), 1)
	for _, id := range f.Each {
		if places *= max(len(c.sheet.axes[id].Items), 1); places > maxPlaces {
			break
		}
	}
	if places > maxPlaces {
		c.fault(f.ID, "too_many_places", f.ID.text, maxPlaces)
		return false
	}
	return true
}

// spend counts the cells that binding a rule looks at, and tells once when
// there is no end to it.
func (c *compiler) spend(f *ruleFile, names int) bool {
	if c.work > maxWork {
		return false
	}
	widest := 1
	for _, r := range c.sheet.rows {
		widest = max(widest, len(r.Cells))
	}
	if c.work += names * (widest + 1); c.work > maxWork {
		c.fault(f.ID, "too_much_work", f.ID.text)
		return false
	}
	return true
}

// dotted shows a flattened name as it is written.
func dotted(name string) string { return strings.ReplaceAll(name, flat, ".") }
