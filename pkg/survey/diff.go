package survey

import (
	"maps"
	"slices"
)

// Change is one variable that two sets of answers hold differently; nil is
// blank.
type Change struct {
	ID  string `json:"id"`
	Old any    `json:"old"`
	New any    `json:"new"`
}

// Conflict is one variable that was changed on both sides, each in its own
// way; nil is blank. A person decides.
type Conflict struct {
	ID     string `json:"id"`
	Base   any    `json:"base"`
	Mine   any    `json:"mine"`
	Theirs any    `json:"theirs"`
}

// Diff lists what leads from a to b, by id. A nil value is a blank, like one
// that is absent.
func Diff(a, b Answers) []Change {
	var out []Change
	for _, id := range allIDs(a, b) {
		if !Equal(a[id], b[id]) {
			out = append(out, Change{id, cloned(a[id]), cloned(b[id])})
		}
	}
	return out
}

// Patch makes the changes in a copy of a. Where a holds neither what the
// change started from nor what it leads to, it is left as it is and told.
func Patch(a Answers, changes []Change) (Answers, []Conflict) {
	out := withoutBlanks(a)
	var conflicts []Conflict
	for _, c := range changes {
		switch now := out[c.ID]; {
		case Equal(now, c.New):
		case Equal(now, c.Old):
			out.put(c.ID, c.New)
		default:
			conflicts = append(conflicts, Conflict{ID: c.ID, Base: c.Old, Mine: now, Theirs: c.New})
		}
	}
	return out, conflicts
}

func allIDs(list ...Answers) []string {
	seen := map[string]bool{}
	for _, a := range list {
		for id := range a {
			seen[id] = true
		}
	}
	return slices.Sorted(maps.Keys(seen))
}

func withoutBlanks(a Answers) Answers {
	out := Answers{}
	for id, v := range a {
		out.put(id, v)
	}
	return out
}

func (a Answers) put(id string, v any) {
	if v == nil {
		delete(a, id)
		return
	}
	a[id] = cloned(v)
}
