package desk

import (
	"context"
	"errors"
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
	Skew    time.Duration        `json:"-"`
	Err     error                `json:"-"`
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
		return report, newError("bad_server", s.Server)
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
			return report, nil
		}
		if _, err := d.store.KeepServer(info, d.now()); err != nil {
			return report, err
		}
		server.Info = info
	}
	owner := drafts.Owner{Institution: s.Institution.ID, Survey: server.Info.Survey}
	box, err := d.store.Box(owner)
	if err != nil {
		return report, err
	}
	pass := surveysync.Syncer{Client: c, Box: box, Shelf: box, Down: box, Log: box, Lang: d.lang, Forced: force, Now: d.now}
	rep, err := pass.Run(ctx)
	d.tell(&report, rep)
	if err != nil {
		return report, err
	}
	for _, part := range report.Fetched {
		if err := d.pin(part); err != nil {
			return report, err
		}
	}
	return report, nil
}

// pin notes beside each explanation of a downloaded part the values that it
// was given for: they do not travel, and without them an explanation would
// outlive a correction.
func (d *Desk) pin(part string) error {
	w, err := d.Work(part)
	if err != nil {
		return err
	}
	for _, f := range w.Eval.Findings {
		if f.Explained {
			e := w.Draft.Explanations[f.Check]
			if err := d.Explain(part, f, e.Reason, e.Text); err != nil {
				return err
			}
		}
	}
	return nil
}

// tell turns the pass's report into words.
func (d *Desk) tell(out *SyncReport, rep surveysync.Report) {
	for _, s := range rep.Sent {
		out.Sent = append(out.Sent, s.Receipt)
	}
	for _, f := range rep.Fetched {
		if f.Filled {
			out.Fetched = append(out.Fetched, f.Part)
		}
	}
	for _, w := range rep.Waiting {
		line := WaitingPart{Part: w.Part, State: string(w.State), Code: w.Code, Incident: w.Incident, Next: w.Next}
		if w.Err != nil {
			line.Detail, line.Hint = Sentence(w.Err, d.lang), Hint(w.Err, d.lang)
		}
		out.Waiting = append(out.Waiting, line)
	}
	out.Skew = rep.Skew
	if rep.Err != nil {
		out.fail(rep.Err, d.lang)
	}
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

// Attempts is the history of attempts, oldest first.
func (d *Desk) Attempts() ([]drafts.Attempt, error) {
	o, err := d.owner()
	if err != nil {
		return nil, err
	}
	return d.store.Attempts(o, 0)
}
