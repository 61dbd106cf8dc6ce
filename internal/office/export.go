package office

import (
	"context"
	"time"

	"rileva/internal/store"
)

// ExportBegin asks for an export of a moment; zero is now.
type ExportBegin struct {
	At time.Time `json:"at"`
}

// ExportBegun says of which moment it will be, by the server's clock.
type ExportBegun struct {
	At     time.Time    `json:"at"`
	Survey store.Survey `json:"survey"`
}

// BeginExport settles the moment. It must have passed, or the same export
// could differ a second time.
func (o *Office) BeginExport(ctx context.Context, r ExportBegin) (ExportBegun, error) {
	// The millisecond that runs may still bring a submission.
	last := o.Now().UTC().Truncate(time.Millisecond).Add(-time.Millisecond)
	switch {
	case r.At.IsZero():
		r.At = last
	case r.At.After(last):
		return ExportBegun{}, fail("export_future", inWords(r.At))
	}
	s, _, err := o.survey(ctx)
	return ExportBegun{At: r.At, Survey: s}, err
}

// PageRequest asks for returns as they stood at a moment.
type PageRequest struct {
	At    time.Time `json:"at"`
	After string    `json:"after"` // institution id
	Limit int       `json:"limit"`
}

// ExportPage gives them, see store.Store.Snapshots.
func (o *Office) ExportPage(ctx context.Context, r PageRequest) ([]store.Snapshot, error) {
	return o.Store.Snapshots(ctx, r.At, r.After, r.Limit)
}

// DigestRequest names a published questionnaire.
type DigestRequest struct {
	Digest string `json:"digest"`
}

// Questionnaire gives its bytes.
func (o *Office) Questionnaire(ctx context.Context, r DigestRequest) (File, error) {
	raw, err := o.Store.Questionnaire(ctx, r.Digest)
	return File{Name: r.Digest, Data: raw}, err
}
