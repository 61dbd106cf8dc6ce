package desk

import (
	"fmt"
	"slices"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Looks are how the form is drawn, and what it tells of itself.
type Looks = drafts.Looks

// Preferences gives the language, "" while nobody has chosen, and the looks
// that were chosen on this device.
func (d *Desk) Preferences() (lang string, looks Looks, err error) {
	s, err := d.store.Settings()
	return s.Lang, s.Looks, err
}

// Prefer remembers them, and speaks that language from now on. Evaluations made
// before keep their words. While a pass of the sync runs it is refused: that
// pass speaks the language that it began with.
func (d *Desk) Prefer(lang string, looks Looks) error {
	if !d.pass.TryLock() {
		return newError("busy")
	}
	defer d.pass.Unlock()
	s, err := d.store.Settings()
	if err != nil {
		return err
	}
	s.Lang, s.Looks = lang, looks
	if err := d.store.SaveSettings(s); err != nil {
		return err
	}
	d.lang = lang
	return nil
}

// Restored tells that the drafts were damaged when the desk was opened and that
// the automatic copy of a day took their place; "" when they were sound.
func (d *Desk) Restored(lang string) string {
	r, was := d.store.Restored()
	if !was {
		return ""
	}
	day := r.Copy[len("drafts-"):]
	return word(lang, "restored", fmt.Sprintf("%s/%s/%s", day[6:8], day[4:6], day[:4]), r.Damaged)
}

// Copy lays an automatic copy of the drafts beside them.
func (d *Desk) Copy() error { return d.store.Copy() }

// Reopen tries again after the disk has failed.
func (d *Desk) Reopen() error { return d.store.Reopen() }

// HalfExplained gives what was written of an explanation that is not finished.
func (d *Desk) HalfExplained(part, check string) (survey.Explanation, bool) {
	var e survey.Explanation
	o, err := d.owner()
	if err != nil {
		return e, false
	}
	ok, err := d.store.Kept(o, halfKey(part, check), &e)
	return e, ok && err == nil
}

// KeepHalf keeps it; one that is finished, or nothing, takes it away.
func (d *Desk) KeepHalf(part, check string, e *survey.Explanation) error {
	o, err := d.owner()
	if err != nil {
		return err
	}
	if e == nil {
		return d.store.Keep(o, halfKey(part, check), nil)
	}
	return d.store.Keep(o, halfKey(part, check), e)
}

func halfKey(part, check string) string { return "half " + part + " " + check }

// seenMark is what of the office's news a person has looked at.
type seenMark struct {
	Parts         map[string]string `json:"parts"` // state and revision
	Messages      int               `json:"messages"`
	Questionnaire string            `json:"questionnaire"`
	Due           string            `json:"due"`
}

const newsKey = "news"

func markOf(r surveysync.Return) seenMark {
	m := seenMark{Parts: map[string]string{}, Messages: len(r.Messages), Questionnaire: r.Survey.Questionnaire,
		Due: r.Survey.Due.UTC().String() + r.Survey.LateUntil.UTC().String()}
	for _, p := range r.Parts {
		if slices.Contains([]string{survey.PartReturned, survey.PartApproved, survey.PartWithdrawn}, p.State) {
			m.Parts[p.Part] = fmt.Sprintf("%s %d", p.State, p.Revision)
		}
	}
	return m
}

// The kinds of news.
const (
	NewsPart          = "part"          // Part is now State
	NewsMessage       = "message"       // Count new messages
	NewsQuestionnaire = "questionnaire" // another version is in force
	NewsDates         = "dates"         // the dates have moved
)

// News is one thing that the office has done since a person last looked.
type News struct {
	Kind  string
	Part  string
	State string
	Count int
}

// News lists them. Before anybody has looked there is none but messages and
// what the office has done to parts.
func (d *Desk) News() ([]News, error) {
	o, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	var was seenMark
	looked, err := d.store.Kept(o, newsKey, &was)
	if err != nil {
		return nil, err
	}
	is := markOf(seen.Return)
	var out []News
	for _, p := range seen.Return.Parts {
		if is.Parts[p.Part] != "" && is.Parts[p.Part] != was.Parts[p.Part] {
			out = append(out, News{Kind: NewsPart, Part: p.Part, State: p.State})
		}
	}
	if n := is.Messages - was.Messages; n > 0 {
		out = append(out, News{Kind: NewsMessage, Count: n})
	}
	if looked && is.Questionnaire != was.Questionnaire {
		out = append(out, News{Kind: NewsQuestionnaire})
	}
	if looked && is.Due != was.Due {
		out = append(out, News{Kind: NewsDates})
	}
	return out, nil
}

// LookedAt notes that a person has seen what there is now.
func (d *Desk) LookedAt() error {
	o, seen, err := d.seen()
	if err != nil {
		return err
	}
	return d.store.Keep(o, newsKey, markOf(seen.Return))
}

// Sheet gives a part's sheet in the version in force, nil when it is not known.
func (d *Desk) Sheet(part string) *survey.Sheet {
	_, seen, err := d.seen()
	if err != nil {
		return nil
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil
	}
	return q.Sheet(part)
}

// Remarks are the office's on this part, as far as they had come when the Work
// was laid on the desk or last reloaded.
func (w *Work) Remarks() []surveysync.Remark {
	if w.told {
		return w.remarks // every question on the screen asks
	}
	_, seen, err := w.desk.seen()
	if err != nil {
		return nil
	}
	w.remarks, w.told = partStatus(seen.Return, w.Part).Remarks, true
	return w.remarks
}

// Outdated tells whether the part stands on an older version of the
// questionnaire than the one in force: it was sent on that one, and moves when
// somebody edits it.
func (w *Work) Outdated() bool {
	_, seen, err := w.desk.seen()
	return err == nil && w.Draft.Questionnaire != seen.Return.Survey.Questionnaire
}

const preparedKey = "prepared"

// Prepared tells whether a person has read on this device what is needed.
func (d *Desk) Prepared() bool {
	o, err := d.owner()
	if err != nil {
		return true // nothing is known yet that could be read
	}
	var was bool
	_, err = d.store.Kept(o, preparedKey, &was)
	return was || err != nil
}

// NotePrepared notes that they have.
func (d *Desk) NotePrepared() error {
	o, err := d.owner()
	if err != nil {
		return err
	}
	return d.store.Keep(o, preparedKey, true)
}

// KnownSurvey is what the server has told last of the survey, to whichever
// school of this device, and the server's clock as far as it is known: it can
// be shown before anybody signs in.
func (d *Desk) KnownSurvey() (info surveysync.SurveyInfo, now time.Time, ok bool) {
	owners, err := d.store.Owners()
	if err != nil {
		return info, now, false
	}
	var last time.Time
	for _, o := range owners {
		if seen, told, err := d.store.Return(o); err == nil && told && seen.At.After(last) {
			info, now, ok, last = seen.Return.Survey, d.serverNow(seen), true, seen.At
		}
	}
	return info, now, ok
}

// Speak sets the language of what the desk says. It is called once, before the
// desk is used.
func (d *Desk) Speak(lang string) { d.lang = lang }
