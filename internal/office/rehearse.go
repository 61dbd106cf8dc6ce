package office

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// RehearseRequest brings a questionnaire to be tried on what has been sent.
type RehearseRequest struct {
	File File   `json:"file"`
	Lang string `json:"lang,omitempty"` // of messages
}

// RehearsedCheck is a check that would stand where it does not stand now.
type RehearsedCheck struct {
	Check        string          `json:"check"`
	Severity     survey.Severity `json:"severity"`
	Across       bool            `json:"across"`       // over the parts: it stops nobody from sending
	Institutions int             `json:"institutions"` // how many it speaks of
	Findings     int             `json:"findings"`
	Example      RehearseExample `json:"example"`
}

// RehearseExample is one place where it would stand.
type RehearseExample struct {
	Code      string   `json:"code"`
	Name      string   `json:"name"`
	Part      string   `json:"part,omitempty"`
	Variables []string `json:"variables"`
	Message   string   `json:"message"`
}

// StoppedInstitution could not send again what it has sent: it would have to
// correct, answer or explain something first.
type StoppedInstitution struct {
	Code   string   `json:"code"`
	Name   string   `json:"name"`
	Parts  []string `json:"parts"`
	Checks []string `json:"checks"`
}

// GonePart is a part that the new version lacks, with the submissions of it.
type GonePart struct {
	Part        string `json:"part"`
	Submissions int    `json:"submissions"`
}

// LostVariable is a variable whose values have no place in the new version.
type LostVariable struct {
	ID    string      `json:"id"`
	Label survey.Text `json:"label"`
	Parts []string    `json:"parts"`
	// Reason is one of survey.DropReason, or not_asked: it is still there, and
	// is not asked of those that have answered it.
	Reason      string `json:"reason"`
	From        string `json:"from,omitempty"` // types, of type_changed
	To          string `json:"to,omitempty"`
	Submissions int    `json:"submissions"` // that hold a value of it
}

// reasonNotAsked is a LostVariable's reason beside those of survey.Carry.
const reasonNotAsked = "not_asked"

// NewVariable is one that would be asked for the first time, and is due.
type NewVariable struct {
	ID    string      `json:"id"`
	Label survey.Text `json:"label"`
	Parts []string    `json:"parts"`
}

// RehearseReply says what a new version would do to what has been sent.
type RehearseReply struct {
	ID      string         `json:"id"`
	Version string         `json:"version"`
	Digest  string         `json:"digest"`
	InForce string         `json:"in_force"`
	Faults  []survey.Fault `json:"faults"` // of a file that cannot be tried

	Institutions int                  `json:"institutions"` // that have sent something
	Submissions  int                  `json:"submissions"`  // current ones that were tried
	Stopped      []StoppedInstitution `json:"stopped"`
	Checks       []RehearsedCheck     `json:"checks"`
	PartsGone    []GonePart           `json:"parts_gone"`
	Lost         []LostVariable       `json:"lost"`
	New          []NewVariable        `json:"new"`
}

// RehearseSurvey tries a questionnaire on the current submissions: whom it
// would stop and by which check, and whose answers would have no place. It
// stores nothing.
func (o *Office) RehearseSurvey(ctx context.Context, r RehearseRequest) (RehearseReply, error) {
	reply := RehearseReply{Faults: []survey.Fault{}, Stopped: []StoppedInstitution{}, Checks: []RehearsedCheck{},
		PartsGone: []GonePart{}, Lost: []LostVariable{}, New: []NewVariable{}}
	q, err := survey.LoadNew(r.File.Data)
	var faults survey.Faults
	switch {
	case errors.As(err, &faults):
		reply.Faults = faults
		return reply, nil
	case err != nil:
		return reply, err
	}
	reply.ID, reply.Version, reply.Digest = q.ID, q.Version, q.Digest()
	now, inForce, err := o.survey(ctx)
	if err != nil {
		return reply, err
	}
	if now.ID != q.ID {
		return reply, fail("other_survey", now.ID, q.ID)
	}
	reply.InForce = now.InForce
	b, err := o.institutions(ctx)
	if err != nil {
		return reply, err
	}
	h := &rehearsal{judge: o.judge(), q: q, lang: r.Lang, reply: &reply, checks: map[string]*RehearsedCheck{},
		lost: map[string]*LostVariable{}, gone: map[string]int{}}
	for _, in := range b.all {
		parts, err := o.Store.Parts(ctx, in.ID)
		if err != nil {
			return reply, err
		}
		if err := h.institution(ctx, in, parts); err != nil {
			return reply, err
		}
	}
	h.finish(inForce)
	return reply, nil
}

// rehearsal gathers what is found, institution by institution, so that no more
// than one return is in memory.
type rehearsal struct {
	*judge
	q      *survey.Questionnaire
	lang   string
	reply  *RehearseReply
	checks map[string]*RehearsedCheck // by check and severity
	lost   map[string]*LostVariable   // by id and reason
	gone   map[string]int             // parts
	// counted says which checks the institution at hand has been counted under.
	counted map[string]bool
}

func (h *rehearsal) institution(ctx context.Context, in store.Institution, parts []store.Part) error {
	sent, before, after := map[string]survey.Input{}, map[string]*survey.Evaluation{}, map[string]*survey.Evaluation{}
	var carriedOver map[string]survey.Explanation
	stopped := StoppedInstitution{Code: in.Code, Name: in.Name}
	h.counted = map[string]bool{}
	read := 0
	for _, p := range parts {
		if p.State == survey.PartWithdrawn {
			continue
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		sub, err := surveysync.ParseSubmission(p.Current.Body)
		if err != nil {
			return fmt.Errorf("read the part %s of %s: %w", p.Part, in.Code, err)
		}
		old, err := h.questionnaire(ctx, p.Current.Questionnaire)
		if err != nil {
			return err
		}
		read++
		input := survey.Input{Answers: sub.Answers, Unavailable: sub.Unavailable, Explanations: sub.Explanations,
			Institution: store.Block(in), Lang: h.lang, Submit: true}
		sent[p.Part] = input
		from, to := old.Sheet(p.Part), h.q.Sheet(p.Part)
		if to == nil {
			h.gone[p.Part]++
			continue
		}
		if from != nil {
			before[p.Part] = from.Evaluate(input)
		}
		carried := h.carry(from, to, &input)
		after[p.Part] = to.Evaluate(input)
		if p.Part == survey.GeneralPart {
			carriedOver = carried.Explanations
		}
		h.part(in, p.Part, before[p.Part], after[p.Part], &stopped)
	}
	if read == 0 {
		return nil
	}
	h.reply.Institutions++
	h.reply.Submissions += read
	if ev := before[survey.GeneralPart]; ev != nil {
		h.across(in, ev.Sheet.Questionnaire(), sent, before, after, carriedOver)
	}
	if len(stopped.Parts) > 0 {
		slices.Sort(stopped.Checks)
		stopped.Checks = slices.Compact(stopped.Checks)
		h.reply.Stopped = append(h.reply.Stopped, stopped)
	}
	return nil
}

// carry takes a submission over to the new sheet as the school's program
// would, and counts what has no place there.
func (h *rehearsal) carry(from, to *survey.Sheet, in *survey.Input) survey.Carried {
	c := survey.Carry(from, to, survey.Content{Answers: in.Answers, Unavailable: in.Unavailable, Explanations: in.Explanations})
	for _, d := range c.Dropped {
		if from != nil && from.Variable(d.ID) != nil && from.Variable(d.ID).Type == survey.TypeDeclaration {
			continue
		}
		l := h.lose(to.Part, d.ID, string(d.Reason), d.Label)
		if from != nil && d.Reason == survey.DropTypeChanged {
			l.From, l.To = string(from.Variable(d.ID).Type), string(to.Variable(d.ID).Type)
		}
	}
	for id, v := range c.Filled(to, in.Institution) {
		c.Answers[id] = v
	}
	for _, v := range to.Variables() {
		if v.Type == survey.TypeDeclaration {
			c.Answers[v.ID] = true // made anew with every submission
		}
	}
	in.Answers, in.Unavailable, in.Explanations = c.Answers, c.Unavailable, c.Explanations
	return c
}

func (h *rehearsal) lose(part, id, reason string, label survey.Text) *LostVariable {
	key := id + " " + reason
	if h.lost[key] == nil {
		h.lost[key] = &LostVariable{ID: id, Label: label, Reason: reason, Parts: []string{}}
	}
	l := h.lost[key]
	l.Submissions++
	if !slices.Contains(l.Parts, part) {
		l.Parts = append(l.Parts, part)
	}
	return l
}

// part compares what blocks one part then and now.
func (h *rehearsal) part(in store.Institution, part string, before, after *survey.Evaluation, stopped *StoppedInstitution) {
	stood := map[string]bool{}
	if before != nil {
		for _, f := range survey.Blocking(before.Findings) {
			stood[place(f)] = true
		}
	}
	for _, f := range survey.Blocking(after.Findings) {
		switch {
		case stood[place(f)]: // it stops them already
		case f.Check == survey.CheckNotRelevant:
			// The school's program keeps it aside and sends the rest.
			for _, id := range f.Variables {
				h.lose(part, id, reasonNotAsked, label(after.Sheet.Variable(id)))
			}
		default:
			h.stands(in, f, false)
			stopped.Checks = append(stopped.Checks, f.Check)
			if !slices.Contains(stopped.Parts, part) {
				stopped.Parts = append(stopped.Parts, part)
			}
		}
	}
}

// place names a finding whatever its message says.
func place(f survey.Finding) string {
	return f.Check + " " + string(f.Severity) + " " + strings.Join(f.Variables, ",")
}

// label is a variable's name in each language that it has one in.
func label(v *survey.Variable) survey.Text {
	out := survey.Text{}
	for lang := range v.Label {
		out[lang] = v.Name(lang)
	}
	return out
}

func (h *rehearsal) stands(in store.Institution, f survey.Finding, across bool) {
	key := f.Check + " " + string(f.Severity)
	c := h.checks[key]
	if c == nil {
		c = &RehearsedCheck{Check: f.Check, Severity: f.Severity, Across: across,
			Example: RehearseExample{Code: in.Code, Name: in.Name, Part: f.Part, Variables: f.Variables, Message: f.Message}}
		h.checks[key] = c
	}
	c.Findings++
	if !h.counted[key] {
		h.counted[key] = true
		c.Institutions++
	}
}

// across compares the checks over the parts of one return. As the server does,
// it judges all parts by the version of the general part; afterwards that is
// the new one.
func (h *rehearsal) across(in store.Institution, old *survey.Questionnaire, sent map[string]survey.Input,
	before, after map[string]*survey.Evaluation, carried map[string]survey.Explanation) {
	then := map[string]*survey.Evaluation{}
	for part, input := range sent {
		switch sheet := old.Sheet(part); {
		case before[part] != nil && before[part].Sheet == sheet:
			then[part] = before[part]
		case sheet != nil:
			then[part] = sheet.Evaluate(input)
		}
	}
	stood := map[string]bool{}
	for _, f := range survey.Blocking(old.Across(then, sent[survey.GeneralPart].Explanations, h.lang)) {
		stood[place(f)] = true
	}
	for _, f := range survey.Blocking(h.q.Across(after, carried, h.lang)) {
		if !stood[place(f)] {
			h.stands(in, f, true)
		}
	}
}

// finish puts the findings in the order in which a person wants them: what
// stops most institutions first.
func (h *rehearsal) finish(inForce *survey.Questionnaire) {
	for _, c := range h.checks {
		h.reply.Checks = append(h.reply.Checks, *c)
	}
	slices.SortFunc(h.reply.Checks, func(a, b RehearsedCheck) int {
		return cmp.Or(cmp.Compare(b.Institutions, a.Institutions), strings.Compare(a.Check, b.Check), strings.Compare(string(a.Severity), string(b.Severity)))
	})
	for _, l := range h.lost {
		h.reply.Lost = append(h.reply.Lost, *l)
	}
	slices.SortFunc(h.reply.Lost, func(a, b LostVariable) int {
		return cmp.Or(cmp.Compare(b.Submissions, a.Submissions), strings.Compare(a.ID, b.ID), strings.Compare(a.Reason, b.Reason))
	})
	for _, part := range slices.Sorted(maps.Keys(h.gone)) {
		h.reply.PartsGone = append(h.reply.PartsGone, GonePart{part, h.gone[part]})
	}
	h.reply.New = newVariables(inForce, h.q)
}

// newVariables lists what the new version asks for that the one in force does
// not, in the order of the form: what is due, also where nobody has answered
// it yet because it is relevant to few.
func newVariables(old, new *survey.Questionnaire) []NewVariable {
	out := []NewVariable{}
	for _, part := range new.AllParts() {
		to := new.Sheet(part)
		for _, id := range survey.Carry(old.Sheet(part), to, survey.Content{}).New {
			v := to.Variable(id)
			if v.Tier != survey.TierCore || v.Type == survey.TypeDeclaration {
				continue
			}
			i := slices.IndexFunc(out, func(n NewVariable) bool { return n.ID == id })
			if i < 0 {
				out = append(out, NewVariable{ID: id, Label: label(v)})
				i = len(out) - 1
			}
			out[i].Parts = append(out[i].Parts, part)
		}
	}
	return out
}
