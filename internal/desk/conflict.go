package desk

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// PartConflict is a part that was sent from another computer while this one
// had unsent changes. Nothing is decided by itself where both changed the same
// answer.
type PartConflict struct {
	Part       string          `json:"part"`
	Revision   int             `json:"revision"` // the newer one, on the server
	ReceivedAt time.Time       `json:"received_at"`
	Both       []FieldConflict `json:"both"`   // changed on both sides: a person decides
	Theirs     []FieldConflict `json:"theirs"` // changed on the other computer only: taken over
}

// FieldConflict is one answer in its versions; nil is blank. A reason of
// "dato non disponibile" stands as {"unavailable": reason}.
type FieldConflict struct {
	ID     string `json:"id"`
	Label  string `json:"label"`
	Before any    `json:"before"`
	Mine   any    `json:"mine"`
	Other  any    `json:"other"`
}

// Conflicts lists the parts that wait for a decision.
func (d *Desk) Conflicts() ([]PartConflict, error) {
	o, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil, err
	}
	out := []PartConflict{}
	for _, part := range q.AllParts() {
		draft, ok, err := d.store.Draft(o, part)
		if err != nil {
			return nil, err
		}
		if ok && draft.Theirs != nil {
			c, err := d.compare(o, q.Sheet(part), draft)
			if err != nil {
				return nil, err
			}
			out = append(out, c)
		}
	}
	return out, nil
}

// notAvailable marks "dato non disponibile" among the answers, so that both
// are compared as what stands at one variable.
const notAvailable = "\x00n.d. "

func (d *Desk) compare(o drafts.Owner, sheet *survey.Sheet, draft drafts.Draft) (PartConflict, error) {
	c := PartConflict{Part: draft.Part, Revision: draft.Theirs.Revision, ReceivedAt: draft.Theirs.ReceivedAt, Both: []FieldConflict{}, Theirs: []FieldConflict{}}
	before, err := d.acknowledged(o, draft.Base.Digest)
	if err != nil {
		return c, err
	}
	theirs, err := d.acknowledged(o, draft.Theirs.Digest)
	if err != nil {
		return c, err
	}
	mine := together(draft.Answers, draft.Unavailable)
	_, both := survey.Merge(before, mine, theirs)
	field := func(id string) FieldConflict {
		f := FieldConflict{ID: id, Label: id, Before: apart(before[id]), Mine: apart(mine[id]), Other: apart(theirs[id])}
		if v := sheet.Variable(id); v != nil {
			f.Label = v.Name(d.lang)
		}
		return f
	}
	for _, x := range both {
		c.Both = append(c.Both, field(x.ID))
	}
	for _, x := range survey.Diff(before, theirs) {
		if !slices.ContainsFunc(both, func(b survey.Conflict) bool { return b.ID == x.ID }) && !survey.Equal(mine[x.ID], theirs[x.ID]) {
			c.Theirs = append(c.Theirs, field(x.ID))
		}
	}
	return c, nil
}

// acknowledged reads a revision that the server has; none is an empty one.
func (d *Desk) acknowledged(o drafts.Owner, digest string) (survey.Answers, error) {
	body, ok, err := d.store.Body(o, digest)
	if err != nil || !ok {
		return survey.Answers{}, err
	}
	s, err := surveysync.ParseSubmission(body)
	if err != nil {
		return nil, &Error{Code: "internal", Err: fmt.Errorf("read %s: %w", digest, err)}
	}
	return together(s.Answers, s.Unavailable), nil
}

func together(answers survey.Answers, unavailable map[string]string) survey.Answers {
	out := answers.Clone()
	if out == nil {
		out = survey.Answers{}
	}
	for id, reason := range unavailable {
		out[id] = notAvailable + reason
	}
	return out
}

func apart(v any) any {
	if s, ok := v.(string); ok && strings.HasPrefix(s, notAvailable) {
		return map[string]string{"unavailable": strings.TrimPrefix(s, notAvailable)}
	}
	return v
}

// The sides of a decision.
const (
	Mine   = "mine"
	Theirs = "theirs"
)

// Resolve ends the conflict of a part. choice says for an answer changed on
// both sides which one stays, Mine or Theirs; "" leaves it undecided, and then
// nothing is changed and the undecided ones are returned. What only the other
// computer changed is taken over.
func (d *Desk) Resolve(part string, choice func(id string) string) (undecided []FieldConflict, err error) {
	all, err := d.Conflicts()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(all, func(c PartConflict) bool { return c.Part == part })
	if i < 0 {
		return nil, newError("no_conflict", part)
	}
	c := all[i]
	var changes []Change
	for _, f := range c.Theirs {
		changes = append(changes, f.change())
	}
	for _, f := range c.Both {
		switch choice(f.ID) {
		case Mine:
		case Theirs:
			changes = append(changes, f.change())
		default:
			undecided = append(undecided, f)
		}
	}
	if len(undecided) > 0 {
		return undecided, nil
	}
	o, err := d.owner()
	if err != nil {
		return nil, err
	}
	return nil, d.store.Resolve(o, part, c.Revision, changes)
}

func (f FieldConflict) change() Change {
	if m, ok := f.Other.(map[string]string); ok {
		return Change{Variable: f.ID, Unavailable: m["unavailable"]}
	}
	return Change{Variable: f.ID, Value: f.Other}
}
