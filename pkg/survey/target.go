package survey

import "maps"

// Target is a total that an identity asks a number to fit: the side of the
// equality that the number stands on, and the other one.
type Target struct {
	Check string
	Have  int // its own side, blanks counted as 0, also those below a computed cell
	Want  int // the other side, every number of it known
}

// Targets lists what the hard equalities ask of the whole number id if it were
// n, in the order of the rules. One whose other side is not known yet is left
// out. The evaluation is the same afterwards.
func (ev *Evaluation) Targets(id string, n int) []Target {
	v := ev.Sheet.byID[id]
	if v == nil || v.Type != TypeInteger || v.Computed {
		return nil
	}
	before := ev.in.Answers
	ev.partial = true
	defer func() {
		ev.partial = false
		ev.Update(before, ev.in.Unavailable, id)
	}()
	more := maps.Clone(before)
	if more == nil {
		more = Answers{}
	}
	more[id] = n + 1
	ev.Update(more, ev.in.Unavailable, id)
	places := ev.Sheet.impactOf(v.slot).places
	moved := make([][2]int, len(places))
	for k, i := range places {
		left, right, _ := ev.sides(i)
		moved[k] = [2]int{left, right}
	}
	more = maps.Clone(more)
	more[id] = n
	ev.Update(more, ev.in.Unavailable, id)
	var out []Target
	for k, i := range places {
		left, right, ok := ev.sides(i)
		if !ok {
			continue
		}
		// Which side the number stands on is found by moving it.
		t, other := Target{ev.Sheet.places[i].rule.id, left, right}, 1
		switch {
		case moved[k] == [2]int{left, right + 1}:
			t, other = Target{t.Check, right, left}, 0
		case moved[k] != [2]int{left + 1, right}:
			continue
		}
		if ev.certain(i, other, t.Want) {
			out = append(out, t)
		}
	}
	return out
}

// sides computes both sides of the identity at a place, as far as known.
func (ev *Evaluation) sides(i int) (left, right int, ok bool) {
	r, p := ev.Sheet.places[i].rule, ev.Sheet.places[i].at
	if !r.identity() {
		return 0, 0, false
	}
	ev.bind(p.terms[:r.asked])
	if r.when != nil && !ev.holds(r.when) {
		return 0, 0, false
	}
	left, isLeft := ev.run(r.sides[0]).(int)
	right, isRight := ev.run(r.sides[1]).(int)
	return left, right, isLeft && isRight
}

// certain tells whether no number that is still missing would move one side.
func (ev *Evaluation) certain(i, side, now int) bool {
	r, p := ev.Sheet.places[i].rule, ev.Sheet.places[i].at
	ev.bind(p.terms[:r.asked])
	for k := range p.terms[:r.asked] {
		v := &ev.frame.values[k]
		if known := ev.value(&p.terms[k], v); v.kind == aWhole && !known {
			v.whole++
			moved, _ := ev.run(r.sides[side]).(int)
			v.whole--
			if moved != now {
				return false
			}
		}
	}
	return true
}
