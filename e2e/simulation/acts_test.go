package simulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"time"

	"pgregory.net/rapid"

	"rileva/internal/desk"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (h *history) device(t *rapid.T) *computer {
	return h.devices[rapid.IntRange(0, len(h.devices)-1).Draw(t, "device")]
}

func drawPart(t *rapid.T) string { return rapid.SampledFrom(partNames).Draw(t, "part") }

// type_ writes something new into a draft.
func (h *history) type_(t *rapid.T) {
	c, part := h.device(t), drawPart(t)
	h.write(c, part, rapid.Bool().Draw(t, "numbers"))
}

func (h *history) write(c *computer, part string, numbers bool) {
	w, err := c.desk.Edit(part)
	if err != nil {
		h.allowed(err, "locked", "part_locked", "track_locked", "no_questionnaire", "not_offered")
		return
	}
	h.typed++
	var changes []desk.Change
	switch {
	case part == survey.GeneralPart:
		changes = append(changes, desk.Change{Variable: "offer", Value: []string{survey.TrackLiceale}},
			desk.Change{Variable: "notes", Value: fmt.Sprintf("%s %d", c.name, h.typed)})
	case numbers || w.Value("scrutinised_y1_m") == nil:
		for _, cell := range []string{"y1_m", "y1_f", "y2_m", "y2_f"} {
			changes = append(changes, desk.Change{Variable: "scrutinised_" + cell, Value: h.typed},
				desk.Change{Variable: "passed_" + cell, Value: h.typed}, desk.Change{Variable: "failed_" + cell, Value: 0})
		}
	default:
		changes = append(changes, desk.Change{Variable: "remarks", Value: fmt.Sprintf("%s %d", c.name, h.typed)})
	}
	_, err = w.Set(changes...)
	h.must(err)
}

func (h *history) must(err error) {
	h.Helper()
	if err != nil {
		h.Fatalf("%v", err)
	}
}

// allowed fails on an error that has none of these codes.
func (h *history) allowed(err error, codes ...string) {
	h.Helper()
	if err == nil {
		return
	}
	for _, code := range codes {
		if desk.CodeOf(err) == code {
			return
		}
	}
	h.Fatalf("unexpected: %s: %v", desk.CodeOf(err), err)
}

func (h *history) submit(t *rapid.T) { h.send(h.device(t), drawPart(t)) }

func (h *history) send(c *computer, part string) {
	h.allowed(c.desk.Submit(part, desk.SubmitOptions{Declared: true}), "blocked", "locked", "part_locked", "track_locked", "not_offered",
		"queue_pending", "no_draft", "pending_unknown", "conflict", "conflict_open", "theirs")
}

// sync makes one pass, in which one call meets its fate.
func (h *history) sync(t *rapid.T) {
	c := h.device(t)
	c.meets(t, 7)
	h.pass(c)
	c.fateAt = 0
}

// meets draws which of the next calls meets which fate. There are about two
// transactions to a call.
func (c *computer) meets(t *rapid.T, calls int) {
	c.fate = rapid.IntRange(0, fates-1).Draw(t, "fate")
	if c.fate == fateCrashBetween {
		calls *= 2
	}
	c.call, c.saved, c.fateAt = 0, 0, rapid.IntRange(1, calls).Draw(t, "call")
}

// pass syncs, and holds what a pass may never do: change answers that were not
// acknowledged.
func (h *history) pass(c *computer) desk.SyncReport {
	h.Helper()
	before, receipts := map[string][]byte{}, h.receiptsOf(c)
	for _, part := range partNames {
		if w, err := c.desk.Work(part); err == nil && w.Draft.Touched {
			before[part] = asJSON(w.Draft.Answers)
		}
	}
	c.call, c.saved, c.passes = 0, 0, true
	report, err := c.desk.Sync(context.Background(), true)
	h.must(err)
	c.desk.Rest()
	c.passes = false
	died := c.crash != ""
	c.afterlife()
	for part, answers := range before {
		if h.receiptsOf(c)[part] > receipts[part] {
			continue // they have arrived, and what another device made of them may be here already
		}
		w, err := c.desk.Work(part)
		h.must(err)
		if now := asJSON(w.Draft.Answers); !bytes.Equal(now, answers) {
			h.Fatalf("a pass of %s has changed unsent answers of %s: %s, now %s", c.name, part, answers, now)
		}
	}
	if !died {
		for _, r := range report.Sent {
			h.receipts[r.Number] = r
		}
	}
	return report
}

// receiptsOf counts the receipts on a device, by part.
func (h *history) receiptsOf(c *computer) map[string]int {
	h.Helper()
	held, err := c.desk.Receipts()
	if desk.CodeOf(err) != "no_questionnaire" { // a new computer that has not met the server yet
		h.must(err)
	}
	count := map[string]int{}
	for _, r := range held {
		count[r.Part]++
	}
	return count
}

func asJSON(v any) []byte {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return raw
}

func (h *history) resolve(t *rapid.T) {
	h.settle(h.device(t), rapid.SampledFrom([]string{desk.Mine, desk.Theirs}).Draw(t, "side"))
}

// settle decides every open conflict of a device.
func (h *history) settle(c *computer, side string) {
	open, err := c.desk.Conflicts()
	h.must(err)
	for _, x := range open {
		_, err := c.desk.Resolve(x.Part, func(string) string { return side })
		h.allowed(err, "queue_pending", "pending_unknown", "no_conflict")
	}
}

// restart ends a program: a device between two transactions, or the server.
func (h *history) restart(t *rapid.T) {
	if rapid.Bool().Draw(t, "server") {
		h.office.restart()
		return
	}
	c := h.device(t)
	c.die()
	c.afterlife()
}

// officeActs closes and opens the survey, returns and approves.
func (h *history) officeActs(t *rapid.T) {
	ctx := context.Background()
	action := rapid.SampledFrom([]string{"close", "reopen", store.ReviewReturn, store.ReviewReturnCancel, store.ReviewApprove, store.ReviewApproveCancel, "extend", "publish"}).Draw(t, "act")
	switch action {
	case "close":
		h.office.dates(h.office.now.Add(-time.Second))
	case "reopen":
		h.office.dates(ends.AddDate(10, 0, 0))
	case "extend":
		until := h.office.now.AddDate(0, 1, 0)
		_, err := h.office.engine.SetDates(ctx, store.DatesEdit{InstitutionID: h.office.school.ID, Due: &until, LateUntil: &until}, h.office.act("survey_dates"))
		h.must(err)
	case "publish":
		note := fmt.Sprint("versione ", len(h.office.versions))
		h.office.publish(note)
		h.office.versions = append(h.office.versions, note)
	default:
		h.review(ctx, action, drawPart(t))
	}
}

func (h *history) review(ctx context.Context, action, part string) {
	sub, err := h.office.engine.Submission(ctx, h.office.school.ID, part, 0)
	if err != nil {
		return
	}
	until := h.office.now.AddDate(0, 1, 0)
	r := store.Review{At: h.office.now, Action: action, Part: part, Revision: sub.Revision}
	if action == store.ReviewReturn {
		r.OpenUntil, r.Remarks = &until, []surveysync.Remark{{Text: "Ricontrollare"}}
	}
	_, _ = h.office.engine.ReviewParts(ctx, h.office.school.ID, []store.Review{r}, h.office.act(action)) // refused where the state forbids it
}

// arrive lets what was delayed arrive: its sender has long given up.
func (h *history) arrive(*rapid.T) {
	for _, c := range h.devices {
		for _, r := range c.late {
			h.overtaken = true
			h.office.serve(r)
		}
		c.late = nil
	}
}

func (h *history) clock(t *rapid.T) {
	h.device(t).ahead = time.Duration(rapid.IntRange(-400, 400).Draw(t, "days")) * 24 * time.Hour
	hours := rapid.IntRange(-24, 72).Draw(t, "hours")
	if rapid.IntRange(0, 9).Draw(t, "a year") == 0 {
		hours += 366 * 24
	}
	h.office.now = h.office.now.Add(time.Duration(hours) * time.Hour)
}
