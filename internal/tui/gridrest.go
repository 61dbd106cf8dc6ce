package tui

import (
	"slices"

	"rileva/internal/desk"
	"rileva/internal/tui/grid"
	"rileva/pkg/survey"
)

// held is the cell being typed once a rest of the fingers has written it: the
// disk then has the number that is typed, the table still the one before, to
// which Esc goes back.
type held struct {
	id      string
	written any
	before  desk.Change
}

// typing tells whether a number is being typed that is not on the disk.
func (p *gridPage) typing() bool {
	id, value, ok := p.m.Pending()
	return ok && (p.held.id != id || !survey.Equal(p.held.written, number(value)))
}

// rest writes the number being typed; the table goes on as if it had not.
func (p *gridPage) rest() bool {
	id, value, ok := p.m.Pending()
	if !ok {
		return true
	}
	before := p.held.before
	if p.held.id != id {
		before = desk.Change{Variable: id, Value: p.work.Value(id), Unavailable: p.work.Draft.Unavailable[id]}
	}
	if !p.app.set(p.work, desk.Change{Variable: id, Value: number(value)}) {
		return false
	}
	p.held = held{id: id, written: number(value), before: before}
	return true
}

// release ends that: what the table has not taken is put back.
func (p *gridPage) release(res grid.Result) bool {
	if p.held.id == "" || p.m.Editing() {
		return true
	}
	before := p.held.before
	taken := slices.ContainsFunc(res.Changes, func(c grid.Change) bool { return c.ID == before.Variable })
	if !taken && !p.app.set(p.work, before) {
		return false
	}
	p.held = held{}
	return true
}

// value is what the table shows of a cell: of the one that is typed, what it
// was before.
func (p *gridPage) value(id string) any {
	if p.held.id == id {
		return p.held.before.Value
	}
	return p.work.Value(id)
}

// unsaved names what is being typed.
func (p *gridPage) unsaved() string { return p.m.Status(0) }

func number(n *int) any {
	if n == nil {
		return nil
	}
	return *n
}
