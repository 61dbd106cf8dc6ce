package office

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// LogRow is one line of the log with its place. It writes both as one flat
// object: the entry's own marshaller, promoted, would leave the index out.
type LogRow struct {
	Index int64
	surveysync.Entry
}

// MarshalJSON puts the index before the keys of the leaf.
func (r LogRow) MarshalJSON() ([]byte, error) {
	leaf, err := r.Marshal()
	if err != nil {
		return nil, err
	}
	return append(fmt.Appendf(nil, `{"index":%d,`, r.Index), leaf[1:]...), nil
}

// UnmarshalJSON takes the index out again and reads the rest as strictly as a leaf.
func (r *LogRow) UnmarshalJSON(raw []byte) error {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(raw, &fields); err != nil {
		return err
	}
	if err := json.Unmarshal(fields["index"], &r.Index); err != nil {
		return err
	}
	delete(fields, "index")
	leaf, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	r.Entry, err = surveysync.ParseEntry(leaf)
	return err
}

// LogRequest selects lines; zero fields select all.
type LogRequest struct {
	Institution string    `json:"institution,omitempty"` // any code of it, or its id
	Outcome     string    `json:"outcome,omitempty"`
	Action      string    `json:"action,omitempty"`
	Incident    string    `json:"incident,omitempty"`
	Since       time.Time `json:"since,omitzero"`
	Until       time.Time `json:"until,omitzero"`
	After       *int64    `json:"after,omitempty"` // lines after this index
	Limit       int       `json:"limit,omitempty"` // the newest that many
}

// ListLog lists lines, newest last.
func (o *Office) ListLog(ctx context.Context, r LogRequest) ([]LogRow, error) {
	f := store.LogFilter{Institution: strings.TrimSpace(r.Institution), Outcome: r.Outcome, Action: r.Action,
		Since: r.Since, Until: r.Until, After: -1, Limit: r.Limit}
	if code, err := schoolCode(r.Institution); err == nil {
		// Lines written before the institution got another login code are its
		// lines too; the store finds them by the id behind the code.
		f.Institution = code
	}
	if r.Incident != "" {
		incident, ok := surveysync.ParseIncident(r.Incident)
		if !ok {
			return nil, fail("bad_incident", r.Incident)
		}
		f.Incident = incident
	}
	if r.After != nil {
		f.After = *r.After
	}
	lines, err := o.Store.Log(ctx, f)
	if err != nil {
		return nil, err
	}
	rows := make([]LogRow, len(lines))
	for i, l := range lines {
		rows[i] = LogRow{l.Index, l.Entry}
	}
	return rows, nil
}

// Check reads the whole store and lists what breaks an invariant.
func (o *Office) Check(ctx context.Context, _ Nothing) ([]string, error) {
	problems, err := o.Store.Check(ctx)
	if problems == nil {
		problems = []string{}
	}
	return problems, err
}
