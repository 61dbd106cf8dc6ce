package desk

import (
	"slices"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// AsideLine is one answer, or one explanation, that a new version of the
// questionnaire has no place for.
type AsideLine struct {
	Part        string    `json:"part"`
	Variable    string    `json:"variable,omitempty"`
	Check       string    `json:"check,omitempty"` // of an explanation
	Label       string    `json:"label"`
	Value       any       `json:"value,omitempty"`
	Unavailable string    `json:"unavailable,omitempty"`
	Shown       string    `json:"shown"`
	Reason      string    `json:"reason"`
	Why         string    `json:"why"` // the reason in words
	From        string    `json:"from"`
	To          string    `json:"to"`
	At          time.Time `json:"at"`
}

// reasonLapsed is the reason of an explanation that was put aside.
const reasonLapsed = "lapsed"

var asideReasons = map[string]map[string]string{
	"it": {
		string(survey.DropRemoved):     "la domanda non c'è più",
		string(survey.DropTypeChanged): "la domanda chiede ora un altro tipo di risposta",
		string(survey.DropOptionGone):  "la voce scelta non è più prevista",
		string(survey.DropNotAllowed):  "il valore non è più ammesso",
		reasonLapsed:                   "il controllo è cambiato: se serve, spiegare di nuovo",
	},
	"en": {
		string(survey.DropRemoved):     "the question is no longer asked",
		string(survey.DropTypeChanged): "the question now asks for another kind of answer",
		string(survey.DropOptionGone):  "the option chosen is no longer offered",
		string(survey.DropNotAllowed):  "the value is no longer allowed",
		reasonLapsed:                   "the check has changed: explain again if needed",
	},
}

// Aside lists what new versions of the questionnaire have put aside of a part,
// oldest first.
func (d *Desk) Aside(part string) ([]AsideLine, error) {
	o, err := d.owner()
	if err != nil {
		return nil, err
	}
	list, err := d.store.Aside(o, part)
	if err != nil {
		return nil, err
	}
	out := make([]AsideLine, 0, len(list))
	for _, a := range list {
		out = append(out, asideLine(part, a, d.lang))
	}
	return out, nil
}

func asideLine(part string, a drafts.Aside, lang string) AsideLine {
	line := AsideLine{Part: part, From: a.From, To: a.To, At: a.At}
	if e := a.Explanation; e != nil {
		line.Check, line.Label, line.Shown, line.Reason = e.Check, e.Check, e.Explanation.Text, reasonLapsed
	} else {
		line.Variable, line.Value, line.Unavailable = a.Answer.ID, a.Answer.Value, a.Answer.Unavailable
		line.Label, line.Reason = a.Answer.Label.In(lang), string(a.Answer.Reason)
		line.Shown = a.Answer.Shown.In(lang)
		if line.Shown == "" {
			line.Shown = survey.Show(a.Answer.Value, lang)
		}
		if line.Shown == "" {
			line.Shown = a.Answer.Unavailable
		}
	}
	reasons, ok := asideReasons[lang]
	if !ok {
		reasons = asideReasons["it"]
	}
	line.Why = reasons[line.Reason]
	return line
}

// DismissAside throws away what was put aside of a part; only a person asks
// for that.
func (d *Desk) DismissAside(part string) error {
	o, err := d.owner()
	if err != nil {
		return err
	}
	return d.store.SetAside(o, part, nil)
}

// Edit is Work for somebody who is about to change answers: a part that was
// sent and not touched since moves to the version in force too.
func (d *Desk) Edit(part string) (*Work, error) {
	w, err := d.Work(part)
	if err != nil {
		return nil, err
	}
	o, seen, err := d.seen()
	if err != nil || w.Draft.Questionnaire == seen.Return.Survey.Questionnaire {
		return w, err
	}
	draft, err := d.upToDate(o, seen, w.Draft, true)
	if err != nil {
		return nil, err
	}
	return d.lay(o, seen.Return.Institution, draft)
}

// draft reads a part's draft, on the version of the questionnaire that counts.
func (d *Desk) draft(o drafts.Owner, seen drafts.SeenReturn, part string) (drafts.Draft, bool, error) {
	draft, ok, err := d.store.Draft(o, part)
	if err != nil || !ok {
		return draft, ok, err
	}
	draft, err = d.upToDate(o, seen, draft, false)
	return draft, err == nil, err
}

// upToDate carries a draft over to the version in force. It stays on its own
// while these very answers wait to be sent, since they leave as they were
// frozen and an older version is accepted, and when they were sent and nobody
// has touched them; editing moves those too.
func (d *Desk) upToDate(o drafts.Owner, seen drafts.SeenReturn, draft drafts.Draft, editing bool) (drafts.Draft, error) {
	inForce := seen.Return.Survey.Questionnaire
	if draft.Questionnaire == inForce || draft.Sent && !editing {
		return draft, nil
	}
	frozen, err := d.frozen(o, draft.Part)
	if err != nil || frozen {
		return draft, err
	}
	for range 3 { // an answer typed meanwhile is carried over with the rest
		q, err := d.questionnaire(inForce)
		if err != nil || q.Sheet(draft.Part) == nil {
			// Without the new version, or in a part that it lacks, there is
			// nothing to move to; the answers stay where they are.
			return draft, ignore(err, "no_questionnaire")
		}
		carry, err := d.carry(o, seen.Return.Institution, draft, q.Sheet(draft.Part))
		if err != nil {
			return draft, err
		}
		done, err := d.store.CarryOver(o, draft, carry)
		if err != nil {
			return draft, err
		}
		if draft, _, err = d.store.Draft(o, draft.Part); err != nil || done {
			return draft, err
		}
	}
	return draft, nil // next time
}

func ignore(err error, code string) error {
	if err != nil && CodeOf(err) == code {
		return nil
	}
	return err
}

// frozen tells whether a submission of the part is under way. One that the
// server is known to have refused is not: the person has to do something, and
// does it on the version in force.
func (d *Desk) frozen(o drafts.Owner, part string) (bool, error) {
	box, err := d.store.Outbox(o)
	return slices.ContainsFunc(box, func(e drafts.Entry) bool {
		return e.Part == part && (e.State != surveysync.OpRefused || e.Unknown)
	}), err
}

// carry works out what moving a draft to another sheet changes in it.
func (d *Desk) carry(o drafts.Owner, inst survey.Institution, draft drafts.Draft, to *survey.Sheet) (drafts.Carry, error) {
	out := drafts.Carry{Questionnaire: to.Questionnaire().Digest()}
	var from *survey.Sheet
	old, err := d.questionnaire(draft.Questionnaire)
	if err = ignore(err, "no_questionnaire"); err != nil {
		return out, err
	}
	if old != nil {
		from = old.Sheet(draft.Part)
	}
	aside, err := d.store.Aside(o, draft.Part)
	if err != nil {
		return out, err
	}
	carried := survey.Carry(from, to, survey.Content{Answers: draft.Answers, Unavailable: draft.Unavailable, Explanations: draft.Explanations})
	for id, v := range carried.Filled(to, inst) {
		out.Changes = append(out.Changes, Change{Variable: id, Value: v})
	}
	out.Aside = restore(&out, aside, carried, to)
	at := d.now()
	for _, a := range carried.Dropped {
		out.Aside = append(out.Aside, drafts.Aside{Answer: &a, From: draft.Questionnaire, To: out.Questionnaire, At: at})
		if !slices.ContainsFunc(out.Changes, func(c Change) bool { return c.Variable == a.ID }) {
			out.Changes = append(out.Changes, Change{Variable: a.ID, Value: carried.Answers[a.ID], Unavailable: carried.Unavailable[a.ID]})
		}
	}
	for _, e := range carried.Lapsed {
		out.Lapsed = append(out.Lapsed, e.Check)
		out.Aside = append(out.Aside, drafts.Aside{Explanation: &e, From: draft.Questionnaire, To: out.Questionnaire, At: at})
	}
	return out, nil
}

// restore takes back what an earlier version has put aside and this one asks
// again, the newest first, and gives what stays aside.
func restore(c *drafts.Carry, aside []drafts.Aside, carried survey.Carried, to *survey.Sheet) []drafts.Aside {
	var stay []drafts.Aside
	taken := map[string]bool{}
	for _, a := range slices.Backward(aside) {
		id, again := "", false
		if a.Answer != nil && a.Answer.Value != nil {
			id = a.Answer.ID
			v := to.Variable(id)
			again = v != nil && !v.ReadOnly && v.Type != survey.TypeDeclaration && !taken[id] &&
				slices.Contains(carried.New, id) && v.Accepts(a.Answer.Value, "") == ""
		}
		if !again {
			stay = append(stay, a)
			continue
		}
		taken[id] = true
		c.Changes = slices.DeleteFunc(c.Changes, func(x Change) bool { return x.Variable == id }) // a default
		c.Changes = append(c.Changes, Change{Variable: id, Value: a.Answer.Value})
	}
	slices.Reverse(stay)
	return stay
}

// asideOf lists what is aside of all parts.
func (d *Desk) asideOf(parts []string) ([]AsideLine, error) {
	out := []AsideLine{}
	for _, part := range parts {
		list, err := d.Aside(part)
		if err != nil {
			return nil, err
		}
		out = append(out, list...)
	}
	return out, nil
}

// sameVersion refuses to write into a draft that has moved to another version
// since this Work was laid on the desk: its questions may be gone. The Work
// shows the new version from then on.
func (w *Work) sameVersion() error {
	draft, ok, err := w.desk.store.Draft(w.owner, w.Part)
	if err != nil || !ok || draft.Questionnaire == w.Sheet.Questionnaire().Digest() {
		return err
	}
	if err := w.lay(draft); err != nil {
		return err
	}
	return newError("version_changed")
}

// lay puts another state of the draft on the desk, with its sheet.
func (w *Work) lay(draft drafts.Draft) error {
	if draft.Questionnaire == w.Sheet.Questionnaire().Digest() {
		return w.take(draft)
	}
	fresh, err := w.desk.lay(w.owner, w.inst, draft)
	if err == nil {
		*w = *fresh
	}
	return err
}
