package office

import (
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// Why a submission that a restored server took back stands beside.
const (
	BesideTaken = "taken" // other content has its number
	BesideGap   = "gap"   // the one that it replaced is not there yet, or is another one
)

// BesideRow is a submission that was accepted before a restore, is stored with
// its receipt, and is no revision of its part (PROTOCOL 17.5).
type BesideRow struct {
	Institution  Brief     `json:"institution"`
	Part         string    `json:"part"`
	Revision     int       `json:"revision"` // that its receipt names
	Number       string    `json:"number"`
	SubmissionID string    `json:"submission_id"`
	Digest       string    `json:"content_digest"`
	ReceivedAt   time.Time `json:"received_at"`
	Device       string    `json:"device"`
	Why          string    `json:"why"`
	// Settled is how the office has closed the matter, nil while it is open.
	Settled *store.Settlement `json:"settled,omitempty"`
	// InForce is the part's current revision, nil while it has none.
	InForce *store.Submission `json:"in_force,omitempty"`
}

// LostQuestionnaire is a version that devices name in what they offer again and
// that this store does not have: it was published after the copy.
type LostQuestionnaire struct {
	Digest string    `json:"questionnaire"`
	Count  int       `json:"count"`   // offers that were refused for it
	Last   time.Time `json:"last"`    // of them
	Codes  []string  `json:"schools"` // that offer them
}

// ConflictsReply is what a restore has left to decide or to do.
type ConflictsReply struct {
	Beside         []BesideRow         `json:"beside"`
	Open           int                 `json:"open"` // of Beside, not settled
	Questionnaires []LostQuestionnaire `json:"questionnaires"`
}

// ConflictsRequest names an institution, or none for all.
type ConflictsRequest struct {
	Code string `json:"code,omitempty"`
}

// ListConflicts lists what stands beside since a restore, and which
// questionnaires have to be published again.
func (o *Office) ListConflicts(ctx context.Context, r ConflictsRequest) (ConflictsReply, error) {
	reply := ConflictsReply{Questionnaires: []LostQuestionnaire{}}
	id := ""
	if r.Code != "" {
		in, err := o.find(ctx, r.Code)
		if err != nil {
			return reply, err
		}
		id = in.ID
	}
	var err error
	if reply.Beside, err = o.beside(ctx, id); err != nil {
		return reply, err
	}
	reply.Open = open(reply.Beside)
	s, err := o.Store.Survey(ctx)
	if err != nil {
		return reply, err
	}
	refused, err := o.Store.Log(ctx, store.LogFilter{Outcome: string(surveysync.UnknownQuestionnaire), After: -1})
	if err != nil {
		return reply, err
	}
	for _, l := range refused {
		// A leaf names a version that was never published only where a genuine
		// receipt of before the restore does.
		known := slices.ContainsFunc(s.Versions, func(v store.SurveyVersion) bool { return v.Digest == l.Questionnaire })
		if l.Questionnaire == "" || known || id != "" && l.InstitutionID != id {
			continue
		}
		i := slices.IndexFunc(reply.Questionnaires, func(q LostQuestionnaire) bool { return q.Digest == l.Questionnaire })
		if i < 0 {
			i = len(reply.Questionnaires)
			reply.Questionnaires = append(reply.Questionnaires, LostQuestionnaire{Digest: l.Questionnaire, Codes: []string{}})
		}
		q := &reply.Questionnaires[i]
		q.Count, q.Last = q.Count+1, l.At
		if !slices.Contains(q.Codes, l.Institution) {
			q.Codes = append(q.Codes, l.Institution)
		}
	}
	return reply, nil
}

// The acts on what stands beside, as the log calls them.
const (
	actionSettle       = "conflicts_settle"
	actionSettleCancel = "conflicts_settle_cancel"
)

// SettlementRequest says how the matter of a submission that stands beside is
// closed, or takes that back.
type SettlementRequest struct {
	Number string `json:"number"` // of its receipt
	Reason string `json:"reason,omitempty"`
	Cancel bool   `json:"cancel,omitempty"`
}

// SettleConflict closes the matter of what stands beside: nothing of it moves
// or goes, it only asks nobody to decide any more.
func (o *Office) SettleConflict(ctx context.Context, r SettlementRequest) (BesideRow, error) {
	number, ok := surveysync.ParseReceiptNumber(r.Number)
	if !ok {
		return BesideRow{}, fail("not_beside", r.Number)
	}
	list, err := o.beside(ctx, "")
	if err != nil {
		return BesideRow{}, err
	}
	i := slices.IndexFunc(list, func(row BesideRow) bool { return row.Number == number })
	if i < 0 {
		return BesideRow{}, fail("not_beside", number)
	}
	row, act, note := list[i], actionSettleCancel, ""
	var how *store.Settlement
	if !r.Cancel {
		reason := oneLine(r.Reason)
		if reason == "" {
			return BesideRow{}, fail("settle_reason_missing")
		}
		if how = row.Settled; how == nil || how.Reason != reason {
			how = &store.Settlement{At: o.Now().UTC().Truncate(time.Millisecond), Reason: reason}
		}
		// What is said of the two may quote an answer, and a leaf holds none.
		act, note = actionSettle, fmt.Sprintf("reason sha256:%x", sha256.Sum256([]byte(reason)))
	}
	sub, err := o.Store.SettleBeside(ctx, number, how, o.act(act, nil, note))
	if store.CodeOf(err) == surveysync.NotFound {
		return BesideRow{}, fail("not_beside", number) // it has found its place meanwhile
	}
	row.Settled = sub.Settled
	return row, err
}

// open counts those that nobody has settled.
func open(rows []BesideRow) (n int) {
	for _, row := range rows {
		if row.Settled == nil {
			n++
		}
	}
	return n
}

// beside lists what stands beside, of one institution by its id or of all.
func (o *Office) beside(ctx context.Context, id string) ([]BesideRow, error) {
	rows := []BesideRow{}
	list, err := o.Store.Beside(ctx, id)
	if err != nil || len(list) == 0 {
		return rows, err
	}
	all, err := o.Store.Institutions(ctx)
	if err != nil {
		return nil, err
	}
	for _, sub := range list {
		row := BesideRow{Part: sub.Part, Revision: sub.Revision, Number: sub.Number, SubmissionID: sub.SubmissionID,
			Digest: sub.ContentDigest, ReceivedAt: sub.ReceivedAt, Device: sub.Device, Why: BesideGap, Settled: sub.Settled}
		if i := slices.IndexFunc(all, func(in store.Institution) bool { return in.ID == sub.InstitutionID }); i >= 0 {
			row.Institution = brief(all[i].Institution)
		}
		now, err := o.Store.Submission(ctx, sub.InstitutionID, sub.Part, 0)
		switch {
		case err == nil:
			row.InForce = &now
			if now.Revision >= sub.Revision {
				row.Why = BesideTaken
			}
		case store.CodeOf(err) != surveysync.NotFound:
			return nil, err
		}
		rows = append(rows, row)
	}
	return rows, nil
}
