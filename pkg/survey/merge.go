package survey

import (
	"maps"
	"slices"
)

// Group is what one decision is about, because both sides have changed it: the
// cells that one identity binds, a single variable, or one explanation.
type Group struct {
	Variables   []string // in the order of the form
	Checks      []string // the identities that bind them; none for a single variable
	Explanation string   // the id of the check; then there are no variables
}

// Merged is what two sides made of one base, brought together.
type Merged struct {
	Content          // as mine has it wherever a decision is due
	Taken   []string // variables that came from theirs
	Groups  []Group  // the decisions that are due
}

// Merge brings together what two sides made of base. What one side alone has
// changed, or both alike, is taken over. A variable, "dato non disponibile" or
// explanation that both have changed otherwise is a Group, and so are the
// changed cells of an identity (a hard check whose condition is an equality)
// where each side has changed some: half of each would be a sum that nobody
// has counted. A computed cell binds nothing by itself; the identities that
// read it bind the typed cells behind it.
//
// A person decides on each group; Take follows the decision. The result is to
// be evaluated again: other checks may find that the two sides do not fit.
func (s *Sheet) Merge(base, mine, theirs Content) Merged {
	m := Merged{Content: mine.clone()}
	byMine, byTheirs := changes(base, mine, theirs)
	g := grouping{}
	for id := range byMine {
		if byTheirs[id] {
			g.join(id, id)
		}
	}
	checks := s.contested(g, byMine, byTheirs)
	for _, id := range formOrder(s, byTheirs) {
		if _, due := g[id]; !due {
			m.put(id, theirs)
			m.Taken = append(m.Taken, id)
		}
	}
	groups := map[string]int{} // root → index
	for _, id := range formOrder(s, g) {
		root := g.root(id)
		at, begun := groups[root]
		if !begun {
			at = len(m.Groups)
			groups[root] = at
			m.Groups = append(m.Groups, Group{Checks: slices.Sorted(maps.Keys(checks[root]))})
		}
		m.Groups[at].Variables = append(m.Groups[at].Variables, id)
	}
	m.explanations(base, mine, theirs)
	return m
}

// Take puts what from holds into the places of g.
func (c *Content) Take(g Group, from Content) {
	for _, id := range g.Variables {
		c.put(id, from)
	}
	if g.Explanation != "" {
		c.explain(g.Explanation, from)
	}
}

func (c Content) clone() Content {
	out := Content{c.Answers.Clone(), maps.Clone(c.Unavailable), maps.Clone(c.Explanations)}
	if out.Answers == nil {
		out.Answers = Answers{}
	}
	if out.Unavailable == nil {
		out.Unavailable = map[string]string{}
	}
	if out.Explanations == nil {
		out.Explanations = map[string]Explanation{}
	}
	return out
}

func (c *Content) put(id string, from Content) {
	c.Answers.put(id, from.Answers[id])
	delete(c.Unavailable, id)
	if reason, ok := from.Unavailable[id]; ok {
		c.Unavailable[id] = reason
	}
}

func (c *Content) explain(check string, from Content) {
	delete(c.Explanations, check)
	if e, ok := from.Explanations[check]; ok {
		c.Explanations[check] = e
	}
}

// alike tells whether the same stands at id; a blank is like an absent one.
func (c Content) alike(id string, other Content) bool {
	return Equal(c.Answers[id], other.Answers[id]) && c.Unavailable[id] == other.Unavailable[id]
}

// changes lists what each side has changed in its own way.
func changes(base, mine, theirs Content) (byMine, byTheirs map[string]bool) {
	byMine, byTheirs = map[string]bool{}, map[string]bool{}
	for _, side := range []Content{base, mine, theirs} {
		for id := range side.held() {
			if mine.alike(id, theirs) {
				continue
			}
			if !mine.alike(id, base) {
				byMine[id] = true
			}
			if !theirs.alike(id, base) {
				byTheirs[id] = true
			}
		}
	}
	return byMine, byTheirs
}

// grouping keeps what belongs together: each id leads to another of its group,
// and in the end to the root, which leads to itself.
type grouping map[string]string

func (g grouping) root(id string) string {
	next, known := g[id]
	if !known {
		g[id] = id
		return id
	}
	if next != id {
		g[id] = g.root(next)
	}
	return g[id]
}

func (g grouping) join(a, b string) { g[g.root(b)] = g.root(a) }

// contested joins the changed cells of each identity that both sides touch,
// and tells which checks bind each group.
func (s *Sheet) contested(g grouping, byMine, byTheirs map[string]bool) map[string]map[string]bool {
	bonds := map[int]string{} // place → one of the cells that it joins
	for again := true; again; {
		again = false
		for i, p := range s.places {
			if _, done := bonds[i]; done || !p.rule.identity() {
				continue
			}
			var changed []string
			mine, theirs := false, false
			for _, slot := range p.rule.reads(p.at) {
				id := s.vars[slot].ID
				// What waits for a decision may come from either side.
				_, due := g[id]
				if due || byMine[id] || byTheirs[id] {
					changed = append(changed, id)
				}
				mine, theirs = mine || due || byMine[id], theirs || due || byTheirs[id]
			}
			if !mine || !theirs || len(changed) < 2 {
				continue
			}
			for _, id := range changed {
				g.join(changed[0], id)
			}
			bonds[i], again = changed[0], true
		}
	}
	checks := map[string]map[string]bool{}
	for i, id := range bonds {
		root := g.root(id)
		if checks[root] == nil {
			checks[root] = map[string]bool{}
		}
		checks[root][s.places[i].rule.id] = true
	}
	return checks
}

// explanations merges what was said of each check. The values that an
// explanation speaks of follow from the answers, so they do not count.
func (m *Merged) explanations(base, mine, theirs Content) {
	same := func(a, b Explanation) bool { return a.Reason == b.Reason && a.Text == b.Text }
	all := maps.Clone(theirs.Explanations)
	if all == nil {
		all = map[string]Explanation{}
	}
	maps.Copy(all, base.Explanations)
	for _, check := range slices.Sorted(maps.Keys(all)) {
		b, a, o := base.Explanations[check], mine.Explanations[check], theirs.Explanations[check]
		switch {
		case same(a, o), same(b, o):
		case same(b, a):
			m.explain(check, theirs)
		default:
			m.Groups = append(m.Groups, Group{Explanation: check})
		}
	}
}
