package desk

import (
	"fmt"
	"slices"
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
	Base       int             `json:"base"`     // the revision that this computer's draft began from
	Revision   int             `json:"revision"` // the newer one, on the server
	ReceivedAt time.Time       `json:"received_at"`
	Device     string          `json:"device"` // that sent it
	MineDevice string          `json:"mine_device"`
	MineAt     time.Time       `json:"mine_at"`          // when this computer's draft was last changed
	BaseAt     time.Time       `json:"base_at,omitzero"` // when the server had received the base
	Both       []FieldConflict `json:"both"`             // changed on both sides: a person decides
	Theirs     []FieldConflict `json:"theirs"`           // changed on the other computer only: taken over
}

// FieldConflict is one answer, or one explanation, in its versions; nil is
// blank. A reason of "dato non disponibile" stands as {"unavailable": reason},
// an explanation as its text.
type FieldConflict struct {
	ID     string `json:"id"` // a variable, or the check that is explained
	Label  string `json:"label"`
	Before any    `json:"before"`
	Mine   any    `json:"mine"`
	Other  any    `json:"other"`
	// Group numbers the decisions: fields with the same one are bound by an
	// identity (Checks) and are decided together, because half of each side
	// would be a sum that nobody has counted.
	Group       int      `json:"group"`
	Checks      []string `json:"checks,omitempty"`
	Explanation bool     `json:"explanation,omitempty"`
}

// versions are the three contents that a merge is made of.
type versions struct {
	base, mine, theirs survey.Content
	merged             survey.Merged
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
	settings, err := d.store.Settings()
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
			v, err := d.versions(o, q.Sheet(part), draft)
			if err != nil {
				return nil, err
			}
			c := d.conflict(q.Sheet(part), draft, v)
			c.MineDevice = settings.Device
			out = append(out, c)
		}
	}
	return out, nil
}

// versions reads both sides and the revision that the draft began from.
func (d *Desk) versions(o drafts.Owner, sheet *survey.Sheet, draft drafts.Draft) (v versions, err error) {
	if v.base, err = d.acknowledged(o, draft.Base.BodyDigest()); err != nil {
		return v, err
	}
	if v.theirs, err = d.acknowledged(o, draft.Theirs.BodyDigest()); err != nil {
		return v, err
	}
	v.mine = survey.Content{Answers: draft.Answers, Unavailable: draft.Unavailable, Explanations: draft.Explanations}
	v.merged = sheet.Merge(v.base, v.mine, v.theirs)
	return v, nil
}

// acknowledged reads a revision that the server has; none is an empty one.
func (d *Desk) acknowledged(o drafts.Owner, digest string) (survey.Content, error) {
	body, ok, err := d.store.Body(o, digest)
	if err != nil || !ok {
		return survey.Content{}, err
	}
	s, err := surveysync.ParseSubmission(body)
	if err != nil {
		return survey.Content{}, &Error{Code: "internal", Err: fmt.Errorf("read %s: %w", digest, err)}
	}
	return survey.Content{Answers: s.Answers, Unavailable: s.Unavailable, Explanations: s.Explanations}, nil
}

// conflict puts a merge into words.
func (d *Desk) conflict(sheet *survey.Sheet, draft drafts.Draft, v versions) PartConflict {
	c := PartConflict{Part: draft.Part, Base: draft.Base.Revision, Revision: draft.Theirs.Revision, ReceivedAt: draft.Theirs.ReceivedAt,
		Device: draft.Theirs.Device, MineAt: draft.UpdatedAt, BaseAt: draft.Base.ReceivedAt, Both: []FieldConflict{}, Theirs: []FieldConflict{}}
	field := func(id string) FieldConflict {
		f := FieldConflict{ID: id, Label: id, Before: shown(v.base, id), Mine: shown(v.mine, id), Other: shown(v.theirs, id)}
		if x := sheet.Variable(id); x != nil {
			f.Label = x.Name(d.lang)
		}
		return f
	}
	for i, g := range v.merged.Groups {
		for _, id := range g.Variables {
			f := field(id)
			f.Group, f.Checks = i+1, g.Checks
			c.Both = append(c.Both, f)
		}
		if g.Explanation != "" {
			said := func(from survey.Content) any {
				if e, ok := from.Explanations[g.Explanation]; ok {
					return e.Text
				}
				return nil
			}
			c.Both = append(c.Both, FieldConflict{ID: g.Explanation, Label: word(d.lang, "explanation_of", g.Explanation), Group: i + 1,
				Explanation: true, Before: said(v.base), Mine: said(v.mine), Other: said(v.theirs)})
		}
	}
	for _, id := range v.merged.Taken {
		c.Theirs = append(c.Theirs, field(id))
	}
	return c
}

// shown is what stands at a variable.
func shown(c survey.Content, id string) any {
	if reason := c.Unavailable[id]; reason != "" {
		return map[string]string{"unavailable": reason}
	}
	return c.Answers[id]
}

// The sides of a decision.
const (
	Mine   = "mine"
	Theirs = "theirs"
)

// Resolve ends the conflict of a part. choice says for an answer changed on
// both sides which one stays, Mine or Theirs; "" leaves it undecided. What is
// bound together is decided by whatever was said of one of it, and is undecided
// when two things were said. While anything is undecided nothing is changed,
// and the undecided ones are returned. What only the other computer changed is
// taken over. The decision travels with the part's next submission.
func (d *Desk) Resolve(part string, choice func(id string) string) (undecided []FieldConflict, err error) {
	o, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	draft, ok, err := d.store.Draft(o, part)
	if err != nil {
		return nil, err
	}
	if !ok || draft.Theirs == nil {
		return nil, newError("no_conflict", part)
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil, err
	}
	v, err := d.versions(o, q.Sheet(part), draft)
	if err != nil {
		return nil, err
	}
	record, open := v.decide(choice)
	if len(open) > 0 {
		all := d.conflict(q.Sheet(part), draft, v).Both
		return slices.DeleteFunc(all, func(f FieldConflict) bool { return !open[f.Group] }), nil
	}
	record.Base, record.Theirs = draft.Base.Revision, draft.Theirs.Revision
	return nil, d.store.Resolve(o, part, v.resolution(draft, record))
}

// decide takes theirs into the merged content where that is the choice, and
// gives the groups that are still open, by their number.
func (v *versions) decide(choice func(id string) string) (surveysync.MergeRecord, map[int]bool) {
	record := surveysync.MergeRecord{Kept: surveysync.Kept{Mine: []string{}, Theirs: []string{}}, Taken: append([]string{}, v.merged.Taken...)}
	open := map[int]bool{}
	for i, g := range v.merged.Groups {
		ids := g.Variables
		if g.Explanation != "" {
			ids = []string{g.Explanation}
		}
		switch side(ids, choice) {
		case Mine:
			record.Kept.Mine = append(record.Kept.Mine, ids...)
		case Theirs:
			record.Kept.Theirs = append(record.Kept.Theirs, ids...)
			v.merged.Take(g, v.theirs)
		default:
			open[i+1] = true
		}
	}
	return record, open
}

// resolution is what the decision does to the draft.
func (v *versions) resolution(draft drafts.Draft, record surveysync.MergeRecord) drafts.Resolution {
	merge := draft.Merge.Then(record)
	decided := drafts.Resolution{Revision: draft.Theirs.Revision, Merge: &merge, Explanations: map[string]*survey.Explanation{}}
	for _, id := range slices.Concat(v.merged.Taken, record.Kept.Theirs) {
		if !isExplanation(v.merged, id) {
			decided.Changes = append(decided.Changes, Change{Variable: id, Value: v.theirs.Answers[id], Unavailable: v.theirs.Unavailable[id]})
		}
	}
	for check, e := range v.merged.Explanations {
		if mine, ok := draft.Explanations[check]; !ok || mine.Reason != e.Reason || mine.Text != e.Text {
			decided.Explanations[check] = &e
		}
	}
	for check := range draft.Explanations {
		if _, stays := v.merged.Explanations[check]; !stays {
			decided.Explanations[check] = nil
		}
	}
	return decided
}

func isExplanation(m survey.Merged, id string) bool {
	return slices.ContainsFunc(m.Groups, func(g survey.Group) bool { return g.Explanation == id })
}

// side is the one that was said of these ids; "" for none or both.
func side(ids []string, choice func(string) string) string {
	said := ""
	for _, id := range ids {
		switch c := choice(id); {
		case c != Mine && c != Theirs:
		case said != "" && said != c:
			return ""
		default:
			said = c
		}
	}
	return said
}
