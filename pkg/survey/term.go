package survey

import (
	"cmp"
	"errors"
	"slices"
	"strings"
)

// A term is what a flattened name stands for at one place of one sheet.
// The names of grid rows stand for sums, so one expression serves a cell, a
// column and a total: only the slots that are summed differ.
type term struct {
	kind  termKind
	slots []int // the cells summed, or the question's one slot
	value any   // constant; or the name of an institution's field
}

type termKind uint8

const (
	termConst       termKind = iota
	termSum                  // int: the sum of slots
	termValue                // the value of a question that is not a number
	termAnswered             // bool: some slot holds an answer
	termCells                // []int: the values of the open cells
	termMirrored             // bool: the last axis holds the same numbers twice
	termInstitution          // a field of the institution
	termAmount               // float64: the sum of slots that hold decimals
)

// needs tells whether a rule waits for the term's slots to be answered.
func (t term) needs() bool {
	return t.kind == termSum || t.kind == termValue || t.kind == termAmount
}

// place is where a rule is applied: which position of which axes, which row.
type place struct {
	sheet *Sheet
	each  []string       // axis ids, in the rule's order
	at    map[string]int // axis id → item index
	only  map[string][]string
	row   *Row
	with  map[string]float64
}

// errNoPlace means that the name has no meaning at this position (row.prev at
// the first one): the rule is left out there.
var errNoPlace = errors.New("no such position")

// resolve finds what name stands for at p. Numbers are summed; of any other type
// there must be one cell.
func (p place) resolve(name string) (term, error) {
	t, err := p.find(name)
	if err != nil || t.kind != termSum {
		return t, err
	}
	switch v := p.sheet.vars[t.slots[0]]; {
	case v.Type == TypeInteger:
	case v.Type == TypeDecimal && v.Row != nil:
		t.kind = termAmount
	default:
		if t.kind = termValue; len(t.slots) > 1 {
			r := refuse("no_sum", v.Row.ID, v.Type)
			r.nearest = v.Row.ID + p.missingItems(v)
			return t, r
		}
	}
	return t, nil
}

// missingItems names the first position of each axis that p leaves open.
func (p place) missingItems(v *Variable) string {
	out := ""
	for _, axis := range v.Row.Grid.Axes {
		if _, fixed := p.at[axis.ID]; !fixed {
			out += "." + axis.Items[0].ID
		}
	}
	return out
}

// find is resolve for names whose type does not matter.
func (p place) find(name string) (term, error) {
	parts := strings.Split(name, flat)
	head, rest := parts[0], parts[1:]
	switch head {
	case "answered":
		t, err := p.find(strings.Join(rest, flat))
		t.kind = termAnswered
		return t, err
	case "cells", "mirrored":
		return p.wholeGrid(head, rest)
	case "institution":
		return institutionTerm(name, rest)
	}
	if v, ok := p.with[head]; ok && len(rest) == 0 {
		if v == float64(int(v)) {
			return term{kind: termConst, value: int(v)}, nil
		}
		return term{kind: termConst, value: v}, nil
	}
	if p.sheet.Template == head && head != "" && len(rest) == 0 {
		return term{kind: termConst, value: p.sheet.Part}, nil
	}
	row := p.sheet.rows[head]
	if head == "row" && p.row != nil {
		row = p.row
	}
	if row != nil {
		return p.sum(row, rest)
	}
	if v := p.sheet.byID[head]; v != nil && len(rest) == 0 {
		return term{kind: termSum, slots: []int{v.slot}}, nil
	}
	if list, ok := p.sheet.survey.lists[head]; ok && len(rest) == 0 {
		return term{kind: termConst, value: list}, nil
	}
	return term{}, refuse("unknown_name", dotted(name))
}

func institutionTerm(name string, rest []string) (term, error) {
	if len(rest) == 1 {
		field := "institution." + rest[0]
		if v := institutionField(Institution{}, field); v != nil {
			return term{kind: termInstitution, value: field}, nil
		}
	}
	return term{}, refuse("unknown_name", dotted(name))
}

// sum gathers the cells of row that the name means at p: those at the rule's
// own position on the axes it is repeated over, all others on the rest.
func (p place) sum(row *Row, rest []string) (term, error) {
	fixed := map[string]int{} // axis id → item index
	for _, axis := range row.Grid.Axes {
		if k, ok := p.at[axis.ID]; ok {
			fixed[axis.ID] = k
		}
	}
	named := map[string]bool{}
	for _, word := range rest {
		if word == "prev" {
			if len(p.each) == 0 {
				return term{}, refuse("prev_without_each")
			}
			if p.at[p.each[0]] == 0 {
				return term{}, errNoPlace
			}
			fixed[p.each[0]] = p.at[p.each[0]] - 1
			named[p.each[0]] = true
			continue
		}
		axis, k := findItem(row.Grid.Axes, word)
		if axis == nil {
			if p.sheet.hasItemElsewhere(row, word) {
				return term{}, errNoPlace
			}
			r := refuse("unknown_position", row.ID, word)
			for _, a := range row.Grid.Axes {
				r.nearest = cmp.Or(r.nearest, nearest(word, p.sheet.survey.axisItems[a.ID]))
			}
			return term{}, r
		}
		fixed[axis.ID] = k
		named[axis.ID] = true
	}
	t := term{kind: termSum}
	for _, cell := range row.Cells {
		if p.inside(row.Grid.Axes, cell.At, fixed, named) {
			t.slots = append(t.slots, cell.slot)
		}
	}
	if len(t.slots) == 0 {
		return term{}, errNoPlace
	}
	return t, nil
}

func (p place) inside(axes []*Axis, at []int, fixed map[string]int, named map[string]bool) bool {
	for i, axis := range axes {
		if k, ok := fixed[axis.ID]; ok && k != at[i] {
			return false
		}
		if only, ok := p.only[axis.ID]; ok && !named[axis.ID] && !slices.Contains(only, axis.Items[at[i]].ID) {
			return false
		}
	}
	return true
}

func findItem(axes []*Axis, id string) (*Axis, int) {
	for _, axis := range axes {
		for k, item := range axis.Items {
			if item.ID == id {
				return axis, k
			}
		}
	}
	return nil, 0
}

// hasItemElsewhere tells whether another sheet of the same template has the
// position that this one lacks (y5 in IeFP): a rule that names it is left out
// here instead of being a mistake.
func (s *Sheet) hasItemElsewhere(row *Row, id string) bool {
	for _, axis := range row.Grid.Axes {
		if slices.Contains(s.survey.axisItems[axis.ID], id) {
			return true
		}
	}
	return false
}

// wholeGrid gathers the cells of a grid in which counts are typed, in pairs for
// mirrored.
func (p place) wholeGrid(head string, rest []string) (term, error) {
	if len(rest) != 1 || p.sheet.grids[rest[0]] == nil {
		return term{}, refuse("not_a_grid", head)
	}
	g := p.sheet.grids[rest[0]]
	t := term{kind: termCells}
	if head == "mirrored" {
		t.kind = termMirrored
		if len(g.Axes) == 0 || len(g.Axes[len(g.Axes)-1].Items) != 2 {
			return term{}, refuse("mirrored_needs_two")
		}
	}
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			if !row.Computed && row.Type == TypeInteger {
				t.slots = append(t.slots, cell.slot)
			}
		}
	}
	return t, nil
}

// sample gives a value of the term's type, for the typing of expressions.
func (p place) sample(t term) any {
	switch t.kind {
	case termConst:
		return t.value
	case termSum:
		return 0
	case termAmount:
		return 0.0
	case termAnswered, termMirrored:
		return false
	case termCells:
		return []int{}
	case termInstitution:
		return institutionField(Institution{}, t.value.(string))
	}
	return p.sheet.vars[t.slots[0]].zero()
}

// zero is the value that stands for "not answered" where an expression must
// go on all the same.
func (v *Variable) zero() any {
	switch v.Type {
	case TypeInteger:
		return 0
	case TypeDecimal:
		return 0.0
	case TypeYesNo, TypeDeclaration:
		return false
	case TypeMulti, TypeTextList, TypeCodeList:
		return []string{}
	}
	return ""
}
