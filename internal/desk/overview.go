package desk

import (
	"slices"
	"strings"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Where a part stands for the person at this device.
const (
	StateBlank     = "blank"     // not begun
	StateDraft     = "draft"     // begun, something is missing or to be corrected
	StateReady     = "ready"     // in order, not sent
	StateQueued    = "queued"    // waits to be sent
	StateSent      = "sent"      // the server holds exactly this
	StateChanged   = "changed"   // changed after it was sent
	StateRefused   = "refused"   // the server has refused it
	StateConflict  = "conflict"  // another revision stands on the server
	StateReturned  = "returned"  // the office sent it back
	StateApproved  = "approved"  //
	StateWithdrawn = "withdrawn" //
)

// PartLine is one part of the overview.
type PartLine struct {
	Part    string `json:"part"`
	Title   string `json:"title"`
	State   string `json:"state"`
	Detail  string `json:"detail,omitempty"`  // the code of a refusal
	Refusal string `json:"refusal,omitempty"` // the same in words
	Locked  bool   `json:"locked"`            // part 1 has to be completed first
	// NotOffered says of a part that waits to be sent, or was refused, that part
	// 1 does not list it any more, and what to do.
	NotOffered string              `json:"not_offered,omitempty"`
	Progress   survey.Progress     `json:"progress"`
	Percent    int                 `json:"percent"`
	Revision   int                 `json:"revision"`
	Late       bool                `json:"late"`
	Remarks    []surveysync.Remark `json:"remarks"`
	// OpenUntil is until when the office has reopened the part after the last date.
	OpenUntil *time.Time `json:"open_until,omitempty"`
	Outdated  bool       `json:"outdated"` // on an older version of the questionnaire, until somebody edits it
	Aside     int        `json:"aside"`    // answers that a new version has put aside
	// Removed says that the office has taken personal data out of what it holds
	// of the part, after the time for which they are kept.
	Removed bool `json:"personal_data_removed"`
}

// Waits tells whether something of the part stands in the outbox.
func (l PartLine) Waits() bool {
	return l.State == StateQueued || l.State == StateRefused || l.State == StateConflict
}

// Overview is the whole return as this device sees it.
type Overview struct {
	Institution survey.Institution    `json:"institution"`
	Survey      surveysync.SurveyInfo `json:"survey"`
	Parts       []PartLine            `json:"parts"`
	Across      []survey.Finding      `json:"across"`
	Messages    []surveysync.Message  `json:"messages"`
	State       string                `json:"state"` // as the server said last
	Unsent      int                   `json:"unsent"`
	Receipts    int                   `json:"receipts"`
	Started     bool                  `json:"started"`
	LastContact time.Time             `json:"last_contact"`
	Now         time.Time             `json:"now"` // the server's clock, as far as it is known
	Aside       []AsideLine           `json:"aside"`
	LogAlarm    string                `json:"log_alarm,omitempty"` // what is wrong with the server's log, and whom to call
}

// Overview gathers what the home page and `status` show.
func (d *Desk) Overview() (Overview, error) {
	o, seen, err := d.seen()
	if err != nil {
		return Overview{}, err
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return Overview{}, err
	}
	box, err := d.store.Outbox(o)
	if err != nil {
		return Overview{}, err
	}
	receipts, err := d.store.Receipts(o)
	if err != nil {
		return Overview{}, err
	}
	works, err := d.works(o, seen)
	if err != nil {
		return Overview{}, err
	}
	general := works[survey.GeneralPart]
	if general == nil {
		if general, err = d.Work(survey.GeneralPart); err != nil {
			return Overview{}, err
		}
		works[survey.GeneralPart] = general
	}
	out := Overview{Institution: seen.Return.Institution, Survey: seen.Return.Survey, Messages: seen.Return.Messages, State: seen.Return.State,
		Unsent: len(box), Receipts: len(receipts), LastContact: seen.At, Now: d.serverNow(seen), Parts: []PartLine{}}
	locked := slices.ContainsFunc(general.Eval.Findings, func(f survey.Finding) bool { return f.Severity == survey.Hard })
	offered := q.Parts(general.Draft.Answers)
	for _, part := range q.AllParts() {
		waits := slices.ContainsFunc(box, func(e drafts.Entry) bool { return e.Part == part })
		if !waits && !slices.Contains(offered, part) {
			continue
		}
		line := d.partLine(q, part, works[part], seen, box, locked && part != survey.GeneralPart)
		if !slices.Contains(offered, part) {
			why := newError("not_offered", part)
			line.Locked, line.NotOffered = true, Sentence(why, d.lang)+" "+Hint(why, d.lang)
		}
		out.Started = out.Started || line.State != StateBlank
		out.Parts = append(out.Parts, line)
	}
	out.Across = d.judge(works)
	if out.Aside, err = d.asideOf(q.AllParts()); err != nil {
		return Overview{}, err
	}
	alarm, err := d.Alarm()
	if err != nil {
		return Overview{}, err
	}
	out.LogAlarm = alarm.String()
	for i := range out.Parts {
		for _, a := range out.Aside {
			if a.Part == out.Parts[i].Part {
				out.Parts[i].Aside++
			}
		}
	}
	return out, nil
}

// serverNow carries the server's clock on from the last contact: dates are the
// server's, and a device's clock may be wrong.
func (d *Desk) serverNow(seen drafts.SeenReturn) time.Time {
	now := d.now()
	if seen.At.IsZero() || now.Before(seen.At) {
		return seen.Return.ServerTime
	}
	return seen.Return.ServerTime.Add(now.Sub(seen.At))
}

// works lays every part that was begun on the desk.
func (d *Desk) works(o drafts.Owner, seen drafts.SeenReturn) (map[string]*Work, error) {
	parts, err := d.store.Parts(o)
	if err != nil {
		return nil, err
	}
	out := map[string]*Work{}
	for _, part := range parts {
		draft, ok, err := d.draft(o, seen, part)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue // discarded this very moment
		}
		if out[part], err = d.lay(o, seen.Return.Institution, draft); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// partLine tells of one part; w is nil while it was not begun.
func (d *Desk) partLine(q *survey.Questionnaire, part string, w *Work, seen drafts.SeenReturn, box []drafts.Entry, locked bool) PartLine {
	line := PartLine{Part: part, Title: q.Sheet(part).Title.In(d.lang), State: StateBlank, Locked: locked, Remarks: []surveysync.Remark{}}
	status := partStatus(seen.Return, part)
	line.Revision, line.Late, line.OpenUntil, line.Removed = status.Revision, status.Late, status.OpenUntil, status.KeptDigest != ""
	if status.Remarks != nil {
		line.Remarks = status.Remarks
	}
	if w != nil {
		line.Outdated = w.Draft.Questionnaire != q.Digest()
		line.Progress = w.Eval.Progress()
		line.Percent = line.Progress.Percent()
		line.State = localState(w)
	}
	for _, e := range box {
		if e.Part == part {
			line.State, line.Detail, line.Refusal = queueState(e), e.LastCode, e.LastDetail
			return line
		}
	}
	if line.State == StateChanged || line.State == StateSent {
		switch status.State {
		case survey.PartReturned:
			if line.State == StateSent {
				line.State = StateReturned
			}
		case survey.PartApproved:
			line.State = StateApproved
		case survey.PartWithdrawn:
			line.State = StateWithdrawn
		}
	}
	return line
}

func partStatus(r surveysync.Return, part string) surveysync.PartStatus {
	for _, p := range r.Parts {
		if p.Part == part {
			return p
		}
	}
	return surveysync.PartStatus{Part: part, State: survey.PartMissing}
}

// localState says where the draft stands, the outbox aside.
func localState(w *Work) string {
	switch {
	case w.Draft.Theirs != nil:
		return StateConflict // before anything is sent: whoever goes on here should know
	case w.Draft.Base.Revision > 0 && w.Draft.Sent:
		return StateSent
	case w.Draft.Base.Revision > 0:
		return StateChanged
	case !w.begun():
		return StateBlank
	case len(survey.Blocking(w.Eval.Findings)) == 0:
		return StateReady
	}
	return StateDraft
}

// begun tells whether the person has answered anything beyond what the draft
// began with.
func (w *Work) begun() bool {
	start := w.Sheet.Begin(w.inst)
	for id, v := range w.Draft.Answers {
		if !survey.Equal(start[id], v) {
			return true
		}
	}
	return false
}

func queueState(e drafts.Entry) string {
	switch e.State {
	case surveysync.OpRefused:
		return StateRefused
	case surveysync.OpConflict:
		return StateConflict
	}
	return StateQueued
}

// across judges the drafts of all parts together.
func (d *Desk) across() ([]survey.Finding, error) {
	o, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	works, err := d.works(o, seen)
	if err != nil {
		return nil, err
	}
	return d.judge(works), nil
}

// judge is across, by the version of the questionnaire that the general part is
// filled in on.
func (d *Desk) judge(works map[string]*Work) []survey.Finding {
	general := works[survey.GeneralPart]
	if general == nil {
		return []survey.Finding{}
	}
	q := general.Sheet.Questionnaire()
	evals := map[string]*survey.Evaluation{}
	for part, w := range works {
		switch {
		case q.Sheet(part) == nil || !w.begun():
		case w.Sheet.Questionnaire() != q:
			// Sent on another version. The server, too, reads it by the
			// general part's.
			other := *w
			other.Sheet = q.Sheet(part)
			evals[part] = other.evaluate(false)
		default:
			evals[part] = w.Eval
		}
	}
	findings := q.Across(evals, general.Draft.Explanations, d.lang)
	if findings == nil {
		findings = []survey.Finding{}
	}
	return findings
}

// Deadline says in words where now stands among the survey's dates.
func Deadline(s surveysync.SurveyInfo, now time.Time, lang string) string {
	late := s.LateUntil.After(s.Due)
	code := "until"
	switch {
	case now.Before(s.Opens):
		code = "opens"
	case now.After(s.Due) && now.After(s.LateUntil):
		code = "closed"
	case now.After(s.Due):
		code = "late"
	case late:
		code = "until_late"
	}
	return strings.NewReplacer("{opens}", Moment(s.Opens, lang), "{due}", Moment(s.Due, lang),
		"{late}", Moment(s.LateUntil, lang)).Replace(wording(lang, "deadline_"+code)[0])
}

// Rome is the zone of every time that a person reads: the dates are those of an
// Italian office, whatever the computer's zone.
var Rome = func() *time.Location {
	if l, err := time.LoadLocation("Europe/Rome"); err == nil {
		return l
	}
	return time.Local
}()

// Moment writes a moment as people do, in Rome's time; "-" for none.
func Moment(t time.Time, lang string) string {
	switch {
	case t.IsZero():
		return "-"
	case lang == "en":
		return t.In(Rome).Format("2 January 2006, 15:04")
	}
	return t.In(Rome).Format("02/01/2006 15:04")
}
