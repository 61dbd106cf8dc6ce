package survey

import (
	"slices"
	"strings"
)

// A step derives something from the answers before any check looks at them:
// whether a question is asked, whether cells are closed, what a computed cell
// holds. Steps may depend on each other, so they are put in order once, when
// the questionnaire is loaded.
type step struct {
	kind   stepKind
	writes []int // slots
	names  []string
	terms  []term // parallel to names
	prog   *formula
	closer *closer
	name   string // for messages about cycles
	at     source
}

type stepKind uint8

const (
	stepRelevant stepKind = iota
	stepClosed
	stepComputed
)

// closer closes the cells of one position of a grid, or the whole grid.
type closer struct {
	check   string // "": numbers in closed cells are judged by the other checks alone
	message Text
	label   Text // of the position
	axis    string
}

// derivations compiles relevance, closing and computed rows and orders them.
func (c *compiler) derivations() {
	files := map[string]*itemFile{}
	for i := range c.part.Sections {
		for k := range c.part.Sections[i].Items {
			f := &c.part.Sections[i].Items[k]
			files[f.Question.text+f.Grid.text] = f
		}
	}
	for _, section := range c.sheet.Sections {
		for _, item := range section.Items {
			if v := item.Question; v != nil {
				c.relevance(files[v.ID].Relevant, v.ID, []int{v.slot})
				continue
			}
			f := files[item.Grid.ID]
			c.relevance(f.Relevant, item.Grid.ID, gridSlots(item.Grid))
			c.closing(f, item.Grid)
			for i := range f.Rows {
				if f.Rows[i].Computed.text != "" {
					c.computed(&f.Rows[i], item.Grid)
				}
			}
		}
	}
	c.order()
}

func gridSlots(g *Grid) []int {
	var out []int
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			out = append(out, cell.slot)
		}
	}
	return out
}

func (c *compiler) relevance(f source, name string, slots []int) {
	if f.text == "" {
		return
	}
	c.step(step{kind: stepRelevant, writes: slots, name: name, at: f}, "bool", place{sheet: c.sheet})
}

// closing makes a step for each position that may be closed.
func (c *compiler) closing(f *itemFile, g *Grid) {
	if f.Closed == nil {
		return
	}
	if f.Closed.When.text == "" {
		c.fault(c.word(f.Grid, "closed"), "closed_without_when", g.ID)
		return
	}
	c.uses(c.word(f.Grid, f.Closed.Check), f.Closed.Check, Explain)
	var axes []*Axis
	for _, id := range f.Closed.Each {
		axis := c.sheet.axes[id]
		if axis == nil {
			c.suggest(c.word(f.Grid, id), id, c.sheet.axisNames(), "unknown_axis", g.ID, id)
			return
		}
		axes = append(axes, axis)
	}
	for _, at := range positions(axes) {
		p := place{sheet: c.sheet, each: f.Closed.Each, at: map[string]int{}}
		cl := &closer{check: f.Closed.Check, message: f.Closed.Message}
		for i, axis := range axes {
			p.at[axis.ID] = at[i]
			cl.label, cl.axis = axis.Items[at[i]].Label, axis.ID
		}
		var slots []int
		for _, row := range g.Rows {
			for _, cell := range row.Cells {
				if p.inside(g.Axes, cell.At, p.at, nil) && !row.Computed {
					slots = append(slots, cell.slot)
					c.sheet.closers[cell.slot] = cl
				}
			}
		}
		c.step(step{kind: stepClosed, writes: slots, closer: cl, name: g.ID, at: f.Closed.When}, "bool", p)
	}
}

func (c *compiler) computed(f *rowFile, g *Grid) {
	row := c.sheet.rows[f.ID.text]
	if row == nil || row.Grid != g {
		return // its id stands twice, which is told already
	}
	for _, cell := range row.Cells {
		p := place{sheet: c.sheet, at: map[string]int{}}
		for i, axis := range g.Axes {
			p.at[axis.ID] = cell.At[i]
			p.each = append(p.each, axis.ID)
		}
		c.step(step{kind: stepComputed, writes: []int{cell.slot}, name: cell.ID, at: f.Computed}, "int", p)
	}
}

// step compiles text at p; a step that names what this sheet lacks is left out.
func (c *compiler) step(s step, kind string, p place) {
	prog, ok := c.program(s.at, s.name, kind, func(name string) (any, error) {
		t, err := p.resolve(name)
		if err != nil {
			return 0, err
		}
		return p.sample(t), nil
	}, c.sheet.names)
	if !ok {
		return
	}
	s.prog, s.names = prog.among(prog.names), prog.names
	for _, name := range s.names {
		t, _ := p.resolve(name) // it resolved when the expression was typed
		s.terms = append(s.terms, t)
	}
	c.sheet.steps = append(c.sheet.steps, s)
}

// order sorts the steps so that each comes after those it depends on, and
// reports cycles.
func (c *compiler) order() {
	writers := map[int][]int{}
	for i, s := range c.sheet.steps {
		for _, slot := range s.writes {
			writers[slot] = append(writers[slot], i)
		}
	}
	const (
		unseen = iota
		open
		done
	)
	state := make([]int, len(c.sheet.steps))
	var sorted []step
	var path []string
	var visit func(i int) bool
	visit = func(i int) bool {
		s := c.sheet.steps[i]
		switch state[i] {
		case done:
			return true
		case open:
			from := slices.Index(path, s.name)
			c.fault(s.at, "cycle", s.name, strings.Join(append(path[max(from, 0):], s.name), " → "))
			return false
		}
		state[i] = open
		path = append(path, s.name)
		for _, t := range s.terms {
			for _, slot := range t.slots {
				for _, w := range writers[slot] {
					if w != i && !visit(w) {
						return false
					}
					if w == i {
						c.fault(s.at, "cycle", s.name, s.name+" → "+s.name)
						return false
					}
				}
			}
		}
		path = path[:len(path)-1]
		state[i] = done
		sorted = append(sorted, s)
		return true
	}
	whole := true
	for i := range c.sheet.steps {
		if !visit(i) {
			// What was open on the way depends on this cycle; another one may
			// stand elsewhere.
			whole, path = false, nil
			for k := range state {
				if state[k] == open {
					state[k] = done
				}
			}
		}
	}
	if !whole {
		return
	}
	c.sheet.steps = sorted
	c.sheet.makers = map[int]*step{}
	for i := range sorted {
		if st := &sorted[i]; st.kind == stepComputed {
			c.sheet.makers[st.writes[0]] = st
		}
	}
}
