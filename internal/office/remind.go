package office

import (
	"context"
	"strings"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Why somebody on the call list is not reminded.
const (
	SkipToday     = "today"      // was reminded today
	SkipUncertain = "uncertain"  // a reminder was begun today and nobody knows whether it left
	SkipNoAddress = "no_address" // the register has none
	SkipOffice    = "office"     // it is the office that has to do something first
)

// RemindRequest selects whom to remind; zero fields select all that are
// concerned.
type RemindRequest struct {
	MissingRequest
	PEC  bool   `json:"pec,omitempty"` // to the certified address where there is one
	Lang string `json:"lang,omitempty"`
}

// RemindRow is one reminder, or why there is none.
type RemindRow struct {
	Code    string `json:"code"`
	Name    string `json:"name"`
	Comune  string `json:"comune"`
	Cause   string `json:"cause"`
	To      string `json:"to"`
	Subject string `json:"subject"`
	Text    string `json:"text"`
	Skip    string `json:"skip,omitempty"`
}

// PlanReminders tells whom a reminder would go to and what it would say.
func (o *Office) PlanReminders(ctx context.Context, r RemindRequest) ([]RemindRow, error) {
	_, q, err := o.survey(ctx)
	if err != nil {
		return nil, err
	}
	calls, err := o.Missing(ctx, r.MissingRequest)
	if err != nil {
		return nil, err
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	before, err := o.Store.Reminders(ctx)
	if err != nil {
		return nil, err
	}
	rows := []RemindRow{}
	for _, c := range calls {
		row := RemindRow{Code: c.Code, Name: c.Name, Comune: c.Comune, Cause: c.Cause, To: c.Email}
		if row.To == "" || r.PEC && c.PEC != "" {
			row.To = c.PEC
		}
		say := Text{"Gentile segreteria,", "To the office of the school,"}.In(r.Lang) + "\n\n" + c.Say.In(r.Lang)
		row.Subject = q.Title.In(r.Lang) + " (" + c.Code + ")"
		row.Text = strings.Join([]string{say, q.Office.Name.In(r.Lang) + "\n" + q.Office.Contact.In(r.Lang)}, "\n\n") + "\n"
		in, err := b.find(c.Code)
		if err != nil {
			return nil, err
		}
		switch last, ok := before[in.ID]; {
		case c.Cause == CauseNoCredentials:
			row.Skip = SkipOffice
		case row.To == "":
			row.Skip = SkipNoAddress
		case !ok || last.Day != o.today() || last.Outcome == store.ReminderFailed:
		case last.Outcome == store.ReminderSent:
			row.Skip = SkipToday
		default:
			row.Skip = SkipUncertain
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// today is the day in Italy: nobody is reminded twice on it.
func (o *Office) today() string { return o.Now().In(rome).Format("2006-01-02") }

// ClaimRequest asks for the right to remind one institution today.
type ClaimRequest struct {
	Code    string `json:"code"`
	Channel string `json:"channel"` // smtp or csv
	To      string `json:"to"`
}

// ClaimReply says whether it was given.
type ClaimReply struct {
	Claimed bool `json:"claimed"`
}

// ClaimReminder marks the institution as reminded before anything is sent. A
// crash between the mark and the sending costs a reminder, which tomorrow's
// makes good; the other order could send two.
func (o *Office) ClaimReminder(ctx context.Context, r ClaimRequest) (ClaimReply, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return ClaimReply{}, err
	}
	claimed, err := o.Store.ClaimReminder(ctx, in.ID, store.Reminder{At: o.Now().UTC(), Day: o.today(), Channel: r.Channel, To: r.To},
		o.act(actionRemind, &in, r.Channel))
	return ClaimReply{claimed}, err
}

// SettleRequest says how a reminder ended.
type SettleRequest struct {
	Code   string `json:"code"`
	Failed bool   `json:"failed"` // it is certain that it did not leave
}

// SettleReminder notes how a claimed reminder ended: one that did not leave
// may be sent again today.
func (o *Office) SettleReminder(ctx context.Context, r SettleRequest) (Nothing, error) {
	in, err := o.find(ctx, r.Code)
	if err != nil {
		return Nothing{}, err
	}
	outcome := store.ReminderSent
	if r.Failed {
		outcome = store.ReminderFailed
	}
	err = o.Store.SettleReminder(ctx, in.ID, outcome)
	if store.CodeOf(err) == surveysync.NotFound && err != nil {
		return Nothing{}, fail("not_found").because(err)
	}
	return Nothing{}, err
}
