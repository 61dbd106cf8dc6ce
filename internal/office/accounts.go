package office

import (
	"context"
	"time"
)

// AccountRow is how far one institution is with its credentials.
type AccountRow struct {
	Code      string     `json:"code"`
	Name      string     `json:"name"`
	State     string     `json:"state"` // one of the Credentials constants
	IssuedAt  *time.Time `json:"issued_at,omitempty"`
	FirstUsed *time.Time `json:"first_used,omitempty"`
	LastUsed  *time.Time `json:"last_used,omitempty"`
	Failures  int        `json:"failures"` // failed sign-ins that slow it down right now
}

// AccountsRequest selects rows; "" selects all.
type AccountsRequest struct {
	State string `json:"state,omitempty"`
}

// ListAccounts gives the state of the credentials of every institution that
// owes a return, by login code.
func (o *Office) ListAccounts(ctx context.Context, r AccountsRequest) ([]AccountRow, error) {
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	accounts, err := o.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	if err := o.refreshDelays(ctx); err != nil {
		return nil, err
	}
	rows := []AccountRow{}
	for _, in := range b.all {
		a, has := accounts[in.ID]
		row := AccountRow{Code: in.Code, Name: in.Name, State: credentialsState(a, has), FirstUsed: a.FirstUsed, LastUsed: a.LastUsed,
			Failures: o.contact(nil, in).Failures}
		if has && !a.IssuedAt.IsZero() {
			row.IssuedAt = &a.IssuedAt
		}
		if in.Excluded == "" && (r.State == "" || r.State == row.State) {
			rows = append(rows, row)
		}
	}
	return rows, nil
}
