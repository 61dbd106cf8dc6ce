package survey

// What one answer touches is known when the questionnaire is loaded: the steps
// that read it, the cells that those write, and the places of the rules that
// read any of them. So after one edit only these are evaluated again.

// impact is what has to be done again when a slot has changed.
type impact struct {
	slots, steps, groups, places []int // ascending
}

// sources counts what findings can come from: variables, steps, groups and
// places, in this order. Before them come the strangers, after them what the
// explanations are found to be.
func (s *Sheet) sources() int {
	return len(s.vars) + len(s.steps) + len(s.groups) + len(s.places)
}

// strangers is the source of what is found of ids that a sheet does not know.
const strangers = -1

// index prepares the look-ups of an evaluation, once the sheet is compiled.
func (s *Sheet) index() {
	for i, v := range s.vars {
		if i > 0 && v.Row != nil && s.vars[i-1].Row == v.Row {
			last := len(s.groups) - 1
			s.groups[last] = append(s.groups[last], v)
			continue
		}
		s.groups = append(s.groups, []*Variable{v})
	}
	s.readers = make([][]int, len(s.vars))
	for _, r := range s.rules {
		for k := range r.places {
			at := len(s.places)
			s.places = append(s.places, sheetPlace{r, &r.places[k]})
			for _, t := range r.places[k].terms {
				for _, slot := range t.slots {
					if list := s.readers[slot]; len(list) == 0 || list[len(list)-1] != at {
						s.readers[slot] = append(list, at)
					}
				}
			}
		}
	}
}

// impactOf finds what a change of slot touches; the answer is kept.
func (s *Sheet) impactOf(slot int) *impact {
	if known, ok := s.impacts.Load(slot); ok {
		return known.(*impact)
	}
	dirty := make([]bool, len(s.vars))
	dirty[slot] = true
	ran := make([]bool, len(s.steps))
	// A step that writes a dirty slot runs again too, since the slot is read
	// anew; so the order of the steps alone does not reach the end at once.
	for again := true; again; {
		again = false
		for i := range s.steps {
			if !ran[i] && s.steps[i].touches(dirty) {
				ran[i], again = true, true
				for _, w := range s.steps[i].writes {
					dirty[w] = true
				}
			}
		}
	}
	m := &impact{steps: indices(ran), slots: indices(dirty)}
	places := make([]bool, len(s.places))
	for _, d := range m.slots {
		for _, p := range s.readers[d] {
			places[p] = true
		}
	}
	m.places = indices(places)
	for i, group := range s.groups {
		for _, v := range group {
			if dirty[v.slot] {
				m.groups = append(m.groups, i)
				break
			}
		}
	}
	s.impacts.Store(slot, m)
	return m
}

func (st *step) touches(dirty []bool) bool {
	for _, w := range st.writes {
		if dirty[w] {
			return true
		}
	}
	for _, t := range st.terms {
		for _, slot := range t.slots {
			if dirty[slot] {
				return true
			}
		}
	}
	return false
}

func indices(set []bool) []int {
	var out []int
	for i, in := range set {
		if in {
			out = append(out, i)
		}
	}
	return out
}

// Update judges the sheet again after a change of the answers of ids, or of
// their "dato non disponibile", and of nothing else in the input: not of the
// explanations, the institution or the language. The evaluation itself
// changes; findings that were taken from it before stay as they were.
func (ev *Evaluation) Update(answers Answers, unavailable map[string]string, ids ...string) {
	ev.in.Answers, ev.in.Unavailable = answers, unavailable
	s := ev.Sheet
	if len(ids) == 1 && s.byID[ids[0]] != nil { // as after each keystroke
		ev.again(s.impactOf(s.byID[ids[0]].slot))
		return
	}
	slots, steps := make([]bool, len(s.vars)), make([]bool, len(s.steps))
	groups, places := make([]bool, len(s.groups)), make([]bool, len(s.places))
	for _, id := range ids {
		v := s.byID[id]
		if v == nil {
			ev.strangers()
			continue
		}
		m := s.impactOf(v.slot)
		mark(slots, m.slots)
		mark(steps, m.steps)
		mark(groups, m.groups)
		mark(places, m.places)
	}
	ev.again(&impact{indices(slots), indices(steps), indices(groups), indices(places)})
}

func mark(set []bool, list []int) {
	for _, i := range list {
		set[i] = true
	}
}

func (ev *Evaluation) again(m *impact) {
	for _, slot := range m.slots {
		ev.read(slot)
	}
	for _, i := range m.steps {
		ev.derive(i)
	}
	for _, i := range m.groups {
		ev.required(i)
	}
	for _, i := range m.places {
		ev.apply(i)
	}
	ev.collect()
}
