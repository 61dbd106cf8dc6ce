package office

import (
	"context"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Contact is what is known of the way between one institution and the server.
type Contact struct {
	LastSignIn *time.Time `json:"last_sign_in,omitempty"`
	LastDevice string     `json:"last_device,omitempty"`
	// Failures are failed sign-ins that slow the account down right now; the
	// running server knows them, and nobody signs in while none runs.
	Failures    int               `json:"failures,omitempty"`
	LastRefusal *Refusal          `json:"last_refusal,omitempty"` // when nothing was accepted since
	Devices     []store.Heartbeat `json:"devices"`                // what each said last
}

// Refusal is an attempt under a valid token that was refused.
type Refusal struct {
	At       time.Time `json:"at"`
	Action   string    `json:"action"`
	Part     string    `json:"part,omitempty"`
	Code     string    `json:"code"`
	Incident string    `json:"incident"`
}

// contacts gathers the contacts of all institutions, by id. With code set it
// reads the log of that one only.
func (o *Office) contacts(ctx context.Context, accounts map[string]store.Account, code string) (map[string]Contact, error) {
	if err := o.refreshDelays(ctx); err != nil {
		return nil, err
	}
	beats, err := o.Store.Heartbeats(ctx)
	if err != nil {
		return nil, err
	}
	refused, err := o.Store.Log(ctx, store.LogFilter{After: -1, Institution: code, Refused: true})
	if err != nil {
		return nil, err
	}
	accepted, err := o.Store.Log(ctx, store.LogFilter{After: -1, Institution: code, Action: surveysync.ActionSubmit, Outcome: surveysync.OutcomeAccepted})
	if err != nil {
		return nil, err
	}
	stored := map[string]int64{} // by institution, the last line that accepts
	for _, line := range accepted {
		stored[line.InstitutionID] = line.Index
	}
	all := map[string]Contact{}
	for id, a := range accounts {
		all[id] = Contact{LastSignIn: a.LastUsed, LastDevice: a.LastDevice}
	}
	for _, line := range refused {
		c, ok := all[line.InstitutionID]
		if at, sent := stored[line.InstitutionID]; !ok || line.Actor != surveysync.ActorSchool || sent && at > line.Index {
			continue
		}
		c.LastRefusal = &Refusal{At: line.At, Action: line.Action, Part: line.Part, Code: line.Outcome, Incident: line.Incident}
		all[line.InstitutionID] = c
	}
	for id, list := range beats {
		c := all[id]
		c.Devices = list
		all[id] = c
	}
	return all, nil
}

// refreshDelays comes before looking at who is slowed down.
func (o *Office) refreshDelays(ctx context.Context) error {
	if o.Delays == nil {
		return nil
	}
	return o.Delays.Refresh(ctx, o.Now())
}

// contact completes what was gathered of one institution.
func (o *Office) contact(all map[string]Contact, in store.Institution) Contact {
	c := all[in.ID]
	if o.Delays != nil {
		c.Failures = o.Delays.ByCode.Slowed(in.Code, o.Now())
	}
	if c.Devices == nil {
		c.Devices = []store.Heartbeat{}
	}
	return c
}
