package desk

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rileva/internal/drafts"
	surveysync "rileva/pkg/sync"
)

// SyncReport says what one pass did.
type SyncReport struct {
	Sent    []surveysync.Receipt `json:"sent"`
	Waiting []WaitingPart        `json:"waiting"`
	Fetched []string             `json:"fetched"` // parts whose revision was downloaded
	Offline bool                 `json:"offline"` // the server was not reached
	Cause   string               `json:"cause,omitempty"`
	Detail  string               `json:"detail,omitempty"` // Cause in words
	Hint    string               `json:"hint,omitempty"`
	// ClockSkew is how many seconds this device's clock is ahead of the
	// server's; 0 when it is too little to matter.
	ClockSkew int    `json:"clock_skew_seconds"`
	LogAlarm  string `json:"log_alarm,omitempty"` // the server's log is not what it was
	// Reoffered counts what a server that was restored from a backup has taken
	// back, GivenBack says so in words; Beside says which of it found other
	// content in its place.
	Reoffered int      `json:"reoffered,omitempty"`
	GivenBack string   `json:"given_back,omitempty"`
	Beside    []string `json:"beside,omitempty"`
	// Owed counts what it does not take back yet; Err says why.
	Owed int           `json:"owed,omitempty"`
	Skew time.Duration `json:"-"`
	Err  error         `json:"-"`
}

// WaitingPart is a part that stays in the outbox.
type WaitingPart struct {
	Part     string    `json:"part"`
	State    string    `json:"state"`
	Code     string    `json:"code"`
	Incident string    `json:"incident,omitempty"`
	Next     time.Time `json:"next,omitzero"`
	Detail   string    `json:"detail,omitempty"`
	Hint     string    `json:"hint,omitempty"`
}

// Sync sends what waits and fetches what is new. Without a network it says so
// in the report; its error is of this device, or that nobody is signed in.
func (d *Desk) Sync(ctx context.Context, force bool) (SyncReport, error) {
	report := SyncReport{Sent: []surveysync.Receipt{}, Waiting: []WaitingPart{}, Fetched: []string{}}
	s, err := d.current()
	if err != nil {
		return report, err
	}
	d.pass.Lock()
	defer d.pass.Unlock()
	c, err := d.client(s.Server, s.Token)
	if err != nil {
		return report, err
	}
	server, _, err := d.store.Server()
	if err != nil {
		return report, err
	}
	if server.Info.Survey == "" {
		// The first contact tells which survey the drafts will belong to.
		info, err := c.Server(ctx)
		if err != nil {
			report.fail(err, d.lang)
			return report, d.missed(drafts.Owner{}, report.Err, c.Last().Incident)
		}
		if _, err := d.store.KeepServer(info, d.now()); err != nil {
			return report, err
		}
		server.Info = info
	}
	owner := drafts.Owner{Institution: s.Institution.ID, Survey: server.Info.Survey}
	rep, err := d.run(ctx, c, owner, force)
	if CodeOf(rep.Err) == surveysync.CauseOtherSurvey && len(rep.Waiting) == 0 && err == nil {
		// The office has begun another survey, and nothing of the old one waits.
		owner.Survey = rep.Server.Survey
		rep, err = d.run(ctx, c, owner, force)
	}
	if err != nil {
		return report, err
	}
	if err := d.tell(&report, owner, rep); err != nil {
		return report, err
	}
	if rep.Return != nil {
		d.beat(c, owner)
	}
	if report.Err != nil && force && len(rep.Sent)+len(rep.Waiting) == 0 {
		// No part was tried, so no line of the history tells of this pass yet.
		return report, d.missed(owner, report.Err, rep.Incident)
	}
	return report, nil
}

func (d *Desk) run(ctx context.Context, c *surveysync.Client, o drafts.Owner, force bool) (surveysync.Report, error) {
	box, err := d.store.Box(o)
	if err != nil {
		return surveysync.Report{}, err
	}
	keys, err := d.store.SurveyKeys(o.Survey)
	if err != nil {
		return surveysync.Report{}, err
	}
	c.Hold(keys...) // a key of the log that is none of these needs somebody to speak for it
	pass := surveysync.Syncer{Client: c, Box: box, Shelf: box, Down: box, Log: box, Archive: box, Survey: o.Survey, Lang: d.lang, Forced: force, Now: d.now}
	return pass.Run(ctx)
}

// missed notes a pass that was stopped before any part's turn.
func (d *Desk) missed(o drafts.Owner, err error, incident string) error {
	return d.store.Record(drafts.Attempt{Owner: o, What: "sync", AttemptResult: surveysync.AttemptResult{
		At: d.now(), Incident: incident, Code: CodeOf(err), Step: surveysync.StepOf(err), Detail: detail(err, d.lang)}})
}

// tell turns the pass's report into words.
func (d *Desk) tell(out *SyncReport, owner drafts.Owner, rep surveysync.Report) error {
	for _, s := range rep.Sent {
		out.Sent = append(out.Sent, s.Receipt)
	}
	for _, f := range rep.Fetched {
		if f.Filled {
			out.Fetched = append(out.Fetched, f.Part)
		}
	}
	box, err := d.store.Outbox(owner)
	if err != nil {
		return err
	}
	for _, w := range rep.Waiting {
		line := WaitingPart{Part: w.Part, State: string(w.State), Code: w.Code, Incident: w.Incident, Next: w.Next}
		if w.Err != nil {
			line.Detail, line.Hint = Sentence(w.Err, d.lang), Hint(w.Err, d.lang)
		} else if w.State == surveysync.OpRefused || w.State == surveysync.OpConflict {
			line.remember(box, d.lang)
		}
		if err := d.renew(owner, line); err != nil {
			return err
		}
		out.Waiting = append(out.Waiting, line)
	}
	if rep.Skew.Abs() > surveysync.MaxSkew {
		out.Skew, out.ClockSkew = rep.Skew, int(rep.Skew/time.Second)
	}
	d.mu.Lock()
	d.skew = out.Skew
	d.mu.Unlock()
	for _, r := range rep.Reoffered {
		if r.Beside {
			out.Beside = append(out.Beside, word(d.lang, "beside", r.Receipt.Part, r.Receipt.Revision, r.Receipt.Number))
		}
	}
	out.Reoffered, out.Owed = len(rep.Reoffered), len(rep.Owed)
	if out.Reoffered > 0 {
		out.GivenBack = word(d.lang, "given_back", out.Reoffered)
	}
	if rep.LogAlarm != nil {
		alarm, err := d.Alarm()
		if err != nil {
			return err
		}
		out.LogAlarm = alarm.String()
	}
	if rep.Err = cmp.Or(rep.Err, d.owed(rep.Owed)); rep.Err != nil {
		out.fail(rep.Err, d.lang)
	}
	return nil
}

// owed says what a restored server does not take back, and what the office has
// to do: most of all to publish a questionnaire again that came after its copy.
func (d *Desk) owed(list []surveysync.Owed) error {
	var parts, digests []string
	var other *surveysync.Problem
	for _, o := range list {
		parts = append(parts, fmt.Sprintf("%s %d (%s)", o.Receipt.Part, o.Receipt.Revision, o.Receipt.Number))
		if o.Err.Code != surveysync.UnknownQuestionnaire {
			other = o.Err
		} else if !slices.Contains(digests, o.Receipt.Questionnaire) {
			digests = append(digests, o.Receipt.Questionnaire)
		}
	}
	switch {
	case len(digests) > 0:
		return newError("owed_questionnaire", strings.Join(parts, ", "), strings.Join(digests, ", "))
	case other != nil:
		return newError("owed", strings.Join(parts, ", "), other.Detail)
	}
	return nil
}

// remember says why a part that was not tried now is still here: what the
// server said when it was.
func (l *WaitingPart) remember(box []drafts.Entry, lang string) {
	for _, e := range box {
		if e.Part != l.Part || e.LastCode == "" {
			continue
		}
		l.Code, l.Incident, l.Detail = e.LastCode, e.LastIncident, e.LastDetail
		if e.LastCode == drafts.CodeBaseLost {
			l.Detail, l.Hint = wording(lang, e.LastCode)[0], wording(lang, e.LastCode)[1]
			continue
		}
		if hint := surveysync.NewProblem(surveysync.Code(e.LastCode), lang).Hint; !strings.Contains(hint, "%") {
			l.Hint = hint
		}
	}
}

// renew moves a draft whose version of the questionnaire counts no more to the
// one in force, so that the person can check it and send it again.
func (d *Desk) renew(o drafts.Owner, line WaitingPart) error {
	if line.Code != string(surveysync.UnknownQuestionnaire) {
		return nil
	}
	seen, ok, err := d.store.Return(o)
	if err != nil || !ok {
		return err
	}
	draft, ok, err := d.store.Draft(o, line.Part)
	if err != nil || !ok {
		return err
	}
	_, err = d.upToDate(o, seen, draft, true)
	return err
}

func (r *SyncReport) fail(err error, lang string) {
	var net *surveysync.NetError
	r.Err, r.Offline = err, errors.As(err, &net)
	r.Cause, r.Detail, r.Hint = CodeOf(err), Sentence(err, lang), Hint(err, lang)
}

// Receipts lists what this device holds, oldest first.
func (d *Desk) Receipts() ([]surveysync.Receipt, error) {
	o, err := d.owner()
	if err != nil {
		return nil, err
	}
	held, err := d.store.Receipts(o)
	if err != nil {
		return nil, err
	}
	out := make([]surveysync.Receipt, 0, len(held))
	for _, h := range held {
		out = append(out, h.Receipt)
	}
	return out, nil
}

// Receipt gives the bytes of one, as the server sent them.
func (d *Desk) Receipt(number string) (surveysync.Receipt, []byte, error) {
	o, err := d.owner()
	if err != nil {
		return surveysync.Receipt{}, nil, err
	}
	canonical, ok := surveysync.ParseReceiptNumber(number)
	if !ok {
		return surveysync.Receipt{}, nil, newError("receipt_not_found", number)
	}
	held, err := d.store.Receipts(o)
	if err != nil {
		return surveysync.Receipt{}, nil, err
	}
	for _, h := range held {
		if h.Receipt.Number == canonical {
			return h.Receipt, h.Raw, nil
		}
	}
	return surveysync.Receipt{}, nil, newError("receipt_not_found", number)
}

// LogKeys are the keys that receipts verify under, the newest last.
func (d *Desk) LogKeys() ([]string, error) {
	s, _, err := d.store.Server()
	return s.LogKeys, err
}

// Attempts is the history of attempts, oldest first; while nobody is signed
// in, that of signing in.
func (d *Desk) Attempts() ([]drafts.Attempt, error) {
	o, err := d.owner()
	if code := CodeOf(err); err != nil && code != "not_signed_in" && code != "must_change" && code != "no_questionnaire" {
		return nil, err
	}
	all, err := d.store.Attempts(o, 0)
	if err != nil {
		return nil, err
	}
	out := make([]drafts.Attempt, 0, len(all))
	for _, a := range slices.Backward(all) {
		if a.Owner == (drafts.Owner{}) || a.Owner == o {
			out = append(out, a) // a zero o asks the store for everybody's
		}
	}
	return out, nil
}
