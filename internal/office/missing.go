package office

import (
	"cmp"
	"context"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// Why a return is not in, most telling first: of several the first is the one
// to speak about.
const (
	CauseNoCredentials = "no_credentials"  // the office has issued none
	CauseSlowed        = "slowed_down"     // failed sign-ins slow the account down
	CauseNeverIn       = "never_signed_in" // nobody has used the password
	CauseRefused       = "refused"         // the last submission was refused
	CauseSync          = "sync_failing"    // a device cannot send; Detail is the code
	CauseUnsent        = "unsent"          // finished on a device and not sent
	CauseReturned      = "returned"        // sent back by the office and untouched
	CauseInconsistent  = "inconsistent"    // all in, the parts do not agree
	CauseInProgress    = "in_progress"     // begun
	CauseNotStarted    = "not_started"     // signed in, and nothing more
)

// Causes lists them in that order.
var Causes = []string{CauseNoCredentials, CauseSlowed, CauseNeverIn, CauseRefused, CauseSync, CauseUnsent,
	CauseReturned, CauseInconsistent, CauseInProgress, CauseNotStarted}

// MissingRequest selects the calls to make; zero fields select all.
type MissingRequest struct {
	Comune string `json:"comune,omitempty"`
	Kind   string `json:"kind,omitempty"`
	Cause  string `json:"cause,omitempty"`
	Limit  int    `json:"limit,omitempty"` // the first that many; 0 for all
}

// MissingRow is one call to make.
type MissingRow struct {
	Code     string      `json:"code"`
	Name     string      `json:"name"`
	Comune   string      `json:"comune"`
	Kind     string      `json:"kind"`
	Email    string      `json:"email,omitempty"`
	PEC      string      `json:"pec,omitempty"`
	State    string      `json:"state"`
	Cause    string      `json:"cause"`
	Detail   string      `json:"detail,omitempty"` // the code of a failure
	Parts    []string    `json:"parts"`            // still to come, by part 1 or else by the register
	Percent  int         `json:"percent"`          // done on the device, as it said last
	Until    time.Time   `json:"until"`            // the next date that counts for it
	DaysLeft int         `json:"days_left"`        // negative when it is over
	Say      Text        `json:"say"`
	Contact  Contact     `json:"contact"`
	LastNote *store.Word `json:"last_note,omitempty"`
}

// Missing is the call list: whose return is not in and due, those with the
// fewest days left first, then the largest, then by cause.
func (o *Office) Missing(ctx context.Context, r MissingRequest) ([]MissingRow, error) {
	if r.Kind != "" && r.Kind != survey.KindState && r.Kind != survey.KindParitaria {
		return nil, fail("bad_kind", r.Kind)
	}
	if r.Cause != "" && !slices.Contains(Causes, r.Cause) {
		return nil, fail("bad_cause", r.Cause, strings.Join(Causes, ", "))
	}
	s, _, err := o.survey(ctx)
	if err != nil {
		return nil, err
	}
	found, err := o.follow(ctx, s)
	if err != nil {
		return nil, err
	}
	rows := []MissingRow{}
	for _, f := range found {
		if f.done() || r.Kind != "" && f.in.Kind != r.Kind || r.Comune != "" && !strings.EqualFold(f.in.Comune, r.Comune) {
			continue
		}
		row := f.row(s, o.Now())
		if r.Cause != "" && row.Cause != r.Cause {
			continue
		}
		row.Say = sentence(row, f)
		rows = append(rows, row)
	}
	slices.SortFunc(rows, func(a, b MissingRow) int {
		return cmp.Or(cmp.Compare(a.DaysLeft, b.DaysLeft), cmp.Compare(len(b.Parts), len(a.Parts)),
			cmp.Compare(slices.Index(Causes, a.Cause), slices.Index(Causes, b.Cause)), strings.Compare(a.Code, b.Code))
	})
	if r.Limit > 0 && len(rows) > r.Limit {
		rows = rows[:r.Limit]
	}
	return rows, nil
}

// followed is one institution with all that the call list needs of it.
type followed struct {
	in      store.Institution
	stand   standing
	parts   []store.Part
	account store.Account
	known   bool // it has an account
	contact Contact
	note    *store.Word
}

// follow gathers them, by login code.
func (o *Office) follow(ctx context.Context, s store.Survey) ([]followed, error) {
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	parts, err := o.Store.AllParts(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	contacts, err := o.contacts(ctx, accounts, "")
	if err != nil {
		return nil, err
	}
	notes, err := o.Store.Words(ctx, store.Notes, "")
	if err != nil {
		return nil, err
	}
	j := o.judge()
	out := make([]followed, len(b.all))
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for i, in := range b.all {
		g.Go(func() (err error) {
			f := followed{in: in, parts: parts[in.ID], contact: o.contact(contacts, in)}
			f.stand, err = j.of(ctx, in, s, f.parts, false, "it")
			f.account, f.known = accounts[in.ID]
			if n := len(notes[in.ID]); n > 0 {
				f.note = &notes[in.ID][n-1]
			}
			out[i] = f
			return err
		})
	}
	return out, g.Wait()
}

// done tells whether there is nothing to call about.
func (f followed) done() bool {
	return slices.Contains([]string{survey.ReturnComplete, survey.ReturnApproved, survey.ReturnNotDue}, f.stand.state)
}

// row is the call to make, but for the sentence.
func (f followed) row(s store.Survey, now time.Time) MissingRow {
	row := MissingRow{Code: f.in.Code, Name: f.in.Name, Comune: f.in.Comune, Kind: f.in.Kind, Email: f.in.Email, PEC: f.in.PEC,
		State: f.stand.state, Parts: []string{}, Percent: f.percent(), Contact: f.contact, LastNote: f.note}
	for _, part := range f.stand.due {
		if st := f.stand.part(part); st != survey.PartSubmitted && st != survey.PartApproved {
			row.Parts = append(row.Parts, part)
		}
	}
	row.Cause, row.Detail = f.cause()
	row.Until = f.until(s.DatesFor(f.in.ID), now)
	row.DaysLeft = days(now, row.Until)
	return row
}

// until is the next date that counts: of a part that was reopened, else due,
// else the last one.
func (f followed) until(d survey.Dates, now time.Time) time.Time {
	for _, p := range f.parts {
		if p.State == survey.PartReturned && p.OpenUntil != nil && now.After(d.LateUntil) {
			return *p.OpenUntil
		}
	}
	if now.After(d.Due) {
		return d.LateUntil
	}
	return d.Due
}

// days counts midnights in Italy.
func days(from, to time.Time) int {
	day := func(t time.Time) time.Time {
		y, m, d := t.In(rome).Date()
		return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
	}
	return int(day(to).Sub(day(from)) / (24 * time.Hour))
}

// percent is how far the device that is furthest says it is.
func (f followed) percent() int {
	most := 0
	for _, h := range f.contact.Devices {
		sum := 0
		for _, p := range h.Parts {
			sum += p.Percent
		}
		if len(h.Parts) > 0 {
			most = max(most, sum/len(h.Parts))
		}
	}
	return most
}

// cause finds the first of Causes that fits, with the code of a failure.
func (f followed) cause() (cause, detail string) {
	switch state := credentialsState(f.account, f.known); {
	case state == CredentialsNone, state == CredentialsRevoked:
		return CauseNoCredentials, ""
	case f.contact.Failures > 0:
		return CauseSlowed, ""
	case state == CredentialsIssued:
		return CauseNeverIn, ""
	}
	if r := f.contact.LastRefusal; r != nil && r.Action == "submit" {
		return CauseRefused, r.Code
	}
	for _, h := range f.contact.Devices {
		if h.Unsent > 0 && h.LastError != "" && h.At.After(f.received()) {
			return CauseSync, h.LastError
		}
	}
	switch {
	case f.finished():
		return CauseUnsent, ""
	case slices.ContainsFunc(f.parts, func(p store.Part) bool { return p.State == survey.PartReturned }):
		return CauseReturned, ""
	case f.stand.state == survey.ReturnInconsistent:
		return CauseInconsistent, ""
	case f.stand.state == survey.ReturnInProgress, f.percent() > 0:
		return CauseInProgress, ""
	}
	return CauseNotStarted, ""
}

// received is when something was accepted last: what a device complained of
// before that is over.
func (f followed) received() time.Time {
	var last time.Time
	for _, p := range f.parts {
		if p.Current.ReceivedAt.After(last) {
			last = p.Current.ReceivedAt
		}
	}
	return last
}

// finished tells whether a part lies ready on a device and is not on the
// server: the school may believe that it has sent it.
func (f followed) finished() bool {
	for _, h := range f.contact.Devices {
		for _, p := range h.Parts {
			in := f.stand.part(p.Part) == survey.PartSubmitted || f.stand.part(p.Part) == survey.PartApproved
			if !in && p.Percent == 100 && p.Hard == 0 && p.Explain == 0 && (p.State == "ready" || p.State == "queued") {
				return true
			}
		}
	}
	return false
}
