package desk

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Change sets one answer: a value, nil for blank, or a reason of "dato non
// disponibile".
type Change = drafts.Change

// Work is one part on the desk: its sheet, the draft and what the checks say.
type Work struct {
	Part  string
	Sheet *survey.Sheet
	Draft drafts.Draft
	Eval  *survey.Evaluation

	desk   *Desk
	owner  drafts.Owner
	inst   survey.Institution
	naming map[string][]survey.Finding
	counts map[*survey.Section]survey.Progress

	remarks []surveysync.Remark // of the office, once told
	told    bool
	base    surveysync.Submission // of base.digest, when an explanation asked for it
	digest  string
}

// Work puts a part on the desk; a part that was never begun starts with what
// the register knows.
func (d *Desk) Work(part string) (*Work, error) {
	o, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil, err
	}
	if q.Sheet(part) == nil {
		return nil, newError("unknown_part", part, strings.Join(q.AllParts(), ", "))
	}
	if part != survey.GeneralPart {
		if err := d.open(q, part); err != nil {
			return nil, err
		}
	}
	draft, ok, err := d.draft(o, seen, part)
	if err != nil {
		return nil, err
	}
	if !ok {
		sheet := q.Sheet(part)
		if _, err := d.store.Begin(o, part, q.Digest(), sheet.Begin(seen.Return.Institution)); err != nil {
			return nil, err
		}
		if draft, _, err = d.store.Draft(o, part); err != nil {
			return nil, err
		}
	}
	return d.lay(o, seen.Return.Institution, draft)
}

// lay makes a Work of a draft, on the version that it is filled in on.
func (d *Desk) lay(o drafts.Owner, inst survey.Institution, draft drafts.Draft) (*Work, error) {
	q, err := d.questionnaire(draft.Questionnaire)
	if err != nil {
		return nil, err
	}
	w := &Work{Part: draft.Part, Sheet: q.Sheet(draft.Part), desk: d, owner: o, inst: inst}
	if w.Sheet == nil {
		return nil, newError("unknown_part", draft.Part, strings.Join(q.AllParts(), ", "))
	}
	return w, w.take(draft)
}

// open tells whether the sheet of a track may be filled in: part 1 is free of
// hard findings, the declaration aside, and lists the track.
func (d *Desk) open(q *survey.Questionnaire, part string) error {
	general, err := d.Work(survey.GeneralPart)
	if err != nil {
		return err
	}
	if !slices.Contains(q.Parts(general.Draft.Answers), part) {
		return newError("not_offered", part)
	}
	if slices.ContainsFunc(general.Eval.Findings, func(f survey.Finding) bool { return f.Severity == survey.Hard }) {
		return newError("part_locked", part)
	}
	return nil
}

func (w *Work) take(draft drafts.Draft) error {
	if err := w.pin(draft); err != nil {
		return err
	}
	same := w.Eval != nil && w.Eval.Sheet == w.Sheet && draft.Questionnaire == w.Draft.Questionnaire &&
		reflect.DeepEqual(draft.Explanations, w.Draft.Explanations)
	changed := changedIDs(w.Draft, draft)
	w.Draft = draft
	if same {
		// After an answer only what depends on it is judged again.
		w.Eval.Update(draft.Answers, draft.Unavailable, changed...)
	} else {
		w.Eval = w.evaluate(false)
	}
	w.Eval.Findings = append(judged(w.Eval.Findings), w.unconfirmed()...)
	w.naming, w.counts = map[string][]survey.Finding{}, map[*survey.Section]survey.Progress{}
	for _, f := range w.Eval.Findings {
		for _, id := range f.Variables {
			w.naming[id] = append(w.naming[id], f)
		}
	}
	return nil
}

// pin ties each explanation that came by download to the answers that it was
// sent with. On the wire they stand beside it and not in it; without them the
// explanation would outlive a correction. Nothing is written: the draft is
// still what the server has.
func (w *Work) pin(draft drafts.Draft) error {
	for check, e := range draft.Explanations {
		if e.Values != nil {
			continue
		}
		if w.digest != draft.Base.BodyDigest() {
			body, ok, err := w.desk.store.Body(w.owner, draft.Base.BodyDigest())
			if err != nil {
				return err
			}
			w.base, w.digest = surveysync.Submission{}, draft.Base.BodyDigest()
			if ok {
				if w.base, err = surveysync.ParseSubmission(body); err != nil {
					return &Error{Code: "internal", Err: fmt.Errorf("the base of %s: %w", draft.Part, err)}
				}
			}
		}
		e.Values = map[string]any{} // what the base does not say holds for nothing
		if sent := w.base.Explanations[check]; sent.Reason == e.Reason && sent.Text == e.Text {
			maps.Copy(e.Values, w.base.Answers)
		}
		draft.Explanations[check] = e
	}
	return nil
}

func (w *Work) evaluate(submit bool) *survey.Evaluation {
	return w.Sheet.Evaluate(survey.Input{Answers: w.Draft.Answers, Unavailable: w.Draft.Unavailable,
		Explanations: w.Draft.Explanations, Institution: w.inst, Lang: w.desk.lang, Submit: submit})
}

// Reload reads the draft again, and the office's remarks: another page, or the
// sync, may have changed them.
func (w *Work) Reload() error {
	w.told = false
	return w.reload()
}

func (w *Work) reload() error {
	draft, ok, err := w.desk.store.Draft(w.owner, w.Part)
	if err != nil || !ok {
		return err
	}
	return w.lay(draft)
}

// Set writes answers in one transaction that has reached the disk when it
// returns, and judges the sheet again.
func (w *Work) Set(changes ...Change) (time.Time, error) {
	if err := w.sameVersion(); err != nil {
		return time.Time{}, err
	}
	at, err := w.desk.store.Set(w.owner, w.Part, changes)
	if err != nil {
		return at, err
	}
	return at, w.reload()
}

// Value is the answer in the draft, nil when there is none.
func (w *Work) Value(id string) any { return w.Draft.Answers[id] }

// Naming lists the findings that name a variable.
func (w *Work) Naming(id string) []survey.Finding { return w.naming[id] }

// Progress counts one section's answers.
func (w *Work) Progress(s *survey.Section) survey.Progress {
	p, ok := w.counts[s]
	if !ok { // every frame asks
		p = w.Eval.SectionProgress(s)
		w.counts[s] = p
	}
	return p
}

// Held gives the changes that would empty a section: of each variable that a
// person can answer and that holds something.
func (w *Work) Held(s *survey.Section) []Change {
	var out []Change
	for _, v := range w.Sheet.Variables() {
		at := v.Section
		if v.Row != nil {
			at = v.Row.Grid.Section
		}
		if at == s && !v.ReadOnly && !v.Computed && (w.Value(v.ID) != nil || w.Draft.Unavailable[v.ID] != "") {
			out = append(out, Change{Variable: v.ID})
		}
	}
	return out
}

// Findings judges the part as it would be sent, the declaration aside.
func (d *Desk) Findings(part string) ([]survey.Finding, error) {
	w, err := d.Work(part)
	if err != nil {
		return nil, err
	}
	return w.Eval.Findings, nil
}

// Explanation gives what was said of a check.
func (d *Desk) Explanation(part, check string) (survey.Explanation, bool) {
	w, err := d.Work(part)
	if err != nil {
		return survey.Explanation{}, false
	}
	e, ok := w.Draft.Explanations[check]
	return e, ok
}

// Explain stores an explanation with the values that it speaks of, so that it
// lapses when they change. A finding across parts is explained in the general
// part.
func (d *Desk) Explain(part string, f survey.Finding, reason, text string) error {
	if f.Part == "" {
		part = survey.GeneralPart
	}
	w, err := d.Work(part)
	if err != nil {
		return err
	}
	if utf8.RuneCountInString(strings.TrimSpace(text)) < survey.MinExplanation {
		return newError("explain_short")
	}
	var ids []string
	known := false
	for _, r := range w.Sheet.Questionnaire().Reasons {
		ids = append(ids, r.ID)
		known = known || r.ID == reason
	}
	if !known {
		return newError("explain_reason", reason, strings.Join(ids, ", "))
	}
	values := map[string]any{}
	for _, other := range append(w.Eval.Findings, f) {
		if other.Check == f.Check {
			for id, v := range other.Values {
				values[id] = v
			}
		}
	}
	_, err = d.store.Explain(w.owner, part, f.Check, &survey.Explanation{Reason: reason, Text: strings.TrimSpace(text), Values: values})
	return err
}

// ExplainCheck explains a check by its id, in any case, and gives the id as it
// is written.
func (d *Desk) ExplainCheck(part, check, reason, text string) (string, error) {
	w, err := d.Work(part)
	if err != nil {
		return "", err
	}
	across, err := d.across()
	if err != nil {
		return "", err
	}
	for _, f := range slices.Concat(w.Eval.Findings, across) {
		if strings.EqualFold(f.Check, check) && f.Severity == survey.Explain {
			return f.Check, d.Explain(part, f, reason, text)
		}
	}
	return "", newError("explain_none", check)
}

// changedIDs lists the variables that stand differently in two drafts.
func changedIDs(was, is drafts.Draft) []string {
	seen := map[string]bool{}
	for _, c := range survey.Diff(was.Answers, is.Answers) {
		seen[c.ID] = true
	}
	for id, reason := range is.Unavailable {
		seen[id] = seen[id] || was.Unavailable[id] != reason
	}
	for id := range was.Unavailable {
		seen[id] = seen[id] || is.Unavailable[id] == ""
	}
	var out []string
	for id, changed := range seen {
		if changed {
			out = append(out, id)
		}
	}
	return out
}
