package desk

import (
	"context"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// A heartbeat tells the office how far the work on this device is, in counters
// only, so that it knows whom to call. Nothing depends on it: it follows a pass
// that has reached the server, nobody waits for it but the program's end, and
// what becomes of it is told to nobody.
const (
	beatEvery   = 5 * time.Minute
	beatTimeout = 2 * time.Second
)

// beat sends one after a contact, unless somebody has switched them off or one
// was sent minutes ago.
func (d *Desk) beat(c *surveysync.Client, o drafts.Owner) {
	due, err := d.store.BeatDue(beatEvery)
	if err != nil || !due {
		return
	}
	h, err := d.pulse(o)
	if err != nil {
		return
	}
	d.beats.Go(func() {
		ctx, cancel := context.WithTimeout(context.Background(), beatTimeout)
		defer cancel()
		_ = c.Heartbeat(ctx, h) // an older server does not know the call; a later one may refuse it
	})
}

// pulse counts.
func (d *Desk) pulse(o drafts.Owner) (surveysync.Heartbeat, error) {
	h := surveysync.Heartbeat{Parts: []surveysync.HeartbeatPart{}, Client: d.version}
	box, err := d.store.Outbox(o)
	if err != nil {
		return h, err
	}
	h.Unsent = len(box)
	for _, e := range box {
		if h.LastError == "" && e.LastCode != surveysync.CodeAccepted {
			h.LastError = e.LastCode
		}
	}
	all, err := d.Overview()
	if err != nil {
		return h, err
	}
	for _, p := range all.Parts {
		line := surveysync.HeartbeatPart{Part: p.Part, Percent: p.Percent, State: p.State}
		if p.State != StateBlank && !p.Locked {
			findings, err := d.Findings(p.Part)
			if err != nil {
				return h, err
			}
			for _, f := range survey.Blocking(findings) {
				if f.Severity == survey.Hard {
					line.Hard++
				} else {
					line.Explain++
				}
			}
		}
		h.Parts = append(h.Parts, line)
	}
	return h, nil
}
