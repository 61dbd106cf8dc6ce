package office

import (
	"context"
	"slices"
	"strings"
	"time"

	"rileva/internal/store"
)

// DevicesRequest selects the devices of one institution; "" selects all.
type DevicesRequest struct {
	Code string `json:"code,omitempty"`
}

// DeviceRow is one device that holds a live token. Two that bear one name are
// two rows, and are revoked together.
type DeviceRow struct {
	Code      string    `json:"code"`
	Name      string    `json:"name"`
	Device    string    `json:"device"`
	SignedIn  time.Time `json:"signed_in"`
	LastUsed  time.Time `json:"last_used"` // to the minute; signed_in when not since
	ExpiresAt time.Time `json:"expires_at"`
}

// ListDevices gives the devices that are signed in, by login code and the time
// of their signing in.
func (o *Office) ListDevices(ctx context.Context, r DevicesRequest) ([]DeviceRow, error) {
	var id string
	if r.Code != "" {
		in, err := o.find(ctx, r.Code)
		if err != nil {
			return nil, err
		}
		id = in.ID
	}
	b, err := o.institutions(ctx)
	if err != nil {
		return nil, err
	}
	byID := map[string]store.Institution{}
	for _, in := range b.all {
		byID[in.ID] = in
	}
	sessions, err := o.Store.Sessions(ctx, id)
	if err != nil {
		return nil, err
	}
	rows := []DeviceRow{}
	for _, s := range sessions {
		in, known := byID[s.InstitutionID]
		if !known || !o.Now().Before(s.ExpiresAt) {
			continue
		}
		row := DeviceRow{Code: in.Code, Name: in.Name, Device: s.Device, SignedIn: s.CreatedAt, LastUsed: s.LastUsed, ExpiresAt: s.ExpiresAt}
		if row.LastUsed.Before(row.SignedIn) {
			row.LastUsed = row.SignedIn
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b DeviceRow) int { return strings.Compare(a.Code, b.Code) })
	return rows, nil
}
