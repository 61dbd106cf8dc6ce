package simulation_test

import (
	"bytes"
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"rileva/internal/desk"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// check holds after every act: what a person was shown as received is there.
func (h *history) check() {
	for _, c := range h.devices {
		held, err := c.desk.Receipts()
		h.must(err)
		if len(held) < c.held {
			h.Fatalf("%s held %d receipts and now %d", c.name, c.held, len(held))
		}
		c.held = len(held)
	}
	if !h.restored {
		h.shown()
	}
}

// shown: whatever a person was shown as received is stored, in its place or,
// after a restore, beside it.
func (h *history) shown() {
	ctx := context.Background()
	beside, err := h.office.engine.Beside(ctx, h.office.school.ID)
	h.must(err)
	if len(beside) > 0 && !h.restored {
		h.Fatalf("%d submissions stand beside their place, and there was no restore", len(beside))
	}
	for _, r := range h.receipts {
		is := func(s store.Submission) bool {
			return s.ContentDigest == r.ContentDigest && s.SubmissionID == r.SubmissionID && s.Revision == r.Revision
		}
		sub, err := h.office.engine.Submission(ctx, h.office.school.ID, r.Part, r.Revision)
		if (err != nil || !is(sub)) && !slices.ContainsFunc(beside, is) {
			h.Fatalf("the receipt %s was shown, and revision %d of %s is not that: %v", r.Number, r.Revision, r.Part, err)
		}
	}
}

// heal lets everything calm down: the network works, the survey is open,
// people decide and send. It has to come to rest.
func (h *history) heal() {
	ctx := context.Background()
	h.office.dates(ends.AddDate(10, 0, 0))
	h.arrive(nil)
	for _, part := range partNames {
		h.review(ctx, store.ReviewApproveCancel, part)
	}
	if h.restored { // the last versions may be lost with the rest
		for _, note := range h.office.versions {
			h.office.publish(note)
		}
	}
	for range 12 {
		for _, c := range h.devices {
			c.ahead = 0
			report := h.pass(c)
			if report.Cause == string(surveysync.Unauthorized) {
				h.signIn(c)
			}
			if slices.ContainsFunc(report.Waiting, func(w desk.WaitingPart) bool { return w.Code == string(surveysync.GeneralPartRequired) }) {
				h.write(c, survey.GeneralPart, false) // it may have been thrown away
			}
			h.settle(c, desk.Mine)
			for _, part := range partNames {
				w, err := c.desk.Work(part)
				switch {
				case desk.CodeOf(err) == "not_offered" && h.refused(c, part):
					h.write(c, survey.GeneralPart, false) // as the home page says
				case err == nil && (w.Draft.Touched || h.refused(c, part)):
					h.send(c, part)
				}
			}
			if c.desk.Unsent() > 0 {
				h.pass(c)
			}
		}
		if !slices.ContainsFunc(h.devices, func(c *computer) bool { return !h.quiet(c) }) {
			return
		}
	}
	for _, c := range h.devices {
		h.Logf("%s: %s", c.name, c.describe())
	}
	h.Fatalf("it does not come to rest")
}

func (c *computer) describe() string {
	text := ""
	for _, part := range partNames {
		if w, err := c.desk.Work(part); err == nil {
			text += fmt.Sprintf("%s: base %d, theirs %v, sent %v, touched %v; ", part, w.Draft.Base.Revision, w.Draft.Theirs, w.Draft.Sent, w.Draft.Touched)
		}
	}
	o, err := c.desk.Overview()
	return text + string(asJSON(o.Parts)) + fmt.Sprint(err)
}

// refused: the home page says so of the part, and the person presses the key
// again. It may be what the server has already, sent a second time while the
// survey was closed.
func (h *history) refused(c *computer, part string) bool {
	o, err := c.desk.Overview()
	h.allowed(err, "no_questionnaire")
	return slices.ContainsFunc(o.Parts, func(l desk.PartLine) bool { return l.Part == part && l.State == desk.StateRefused })
}

// quiet: nothing waits here, and the device has what the server has.
func (h *history) quiet(c *computer) bool {
	if c.desk.Unsent() > 0 {
		return false
	}
	for _, part := range partNames {
		list, err := h.office.engine.Revisions(context.Background(), h.office.school.ID, part)
		w, errWork := c.desk.Work(part)
		if err == nil && len(list) == 0 && (errWork != nil || !w.Draft.Touched) {
			continue
		}
		if err != nil || errWork != nil || len(list) == 0 || w.Draft.Theirs != nil || w.Draft.Touched || w.Draft.Base.Digest != list[len(list)-1].ContentDigest {
			return false
		}
	}
	return true
}

// judge looks at what is left when all is over.
func (h *history) judge() {
	h.check()
	h.shown()
	matched, stored := map[string]string{}, map[string]bool{}
	for _, c := range h.devices {
		maps.Copy(matched, c.sent)
	}
	beside, err := h.office.engine.Beside(context.Background(), h.office.school.ID)
	h.must(err)
	for _, sub := range beside {
		stored[sub.SubmissionID] = true
	}
	for _, part := range partNames {
		h.chain(part, matched, stored)
	}
	h.verify(stored)
	if !h.restored && !h.overtaken {
		h.answered()
	}
}

// answered: whoever sent what is stored holds the receipt, whatever became of
// the first answer. Without it a device would take its own work for another's.
func (h *history) answered() {
	for _, c := range h.devices {
		held, err := c.desk.Receipts()
		h.must(err)
		for _, part := range partNames {
			list, err := h.office.engine.Revisions(context.Background(), h.office.school.ID, part)
			h.must(err)
			for _, sub := range list {
				_, sent := c.sent[sub.SubmissionID]
				if sent && !slices.ContainsFunc(held, func(r surveysync.Receipt) bool { return r.SubmissionID == sub.SubmissionID }) {
					h.Fatalf("%s has sent revision %d of %s and holds no receipt for it", c.name, sub.Revision, part)
				}
			}
		}
	}
}

// chain: each revision replaces the one before it, none is stored twice, and
// all devices show the last.
func (h *history) chain(part string, matched map[string]string, stored map[string]bool) {
	list, err := h.office.engine.Revisions(context.Background(), h.office.school.ID, part)
	h.must(err)
	if len(list) == 0 {
		return
	}
	for i, sub := range list {
		want := ""
		if i > 0 {
			want = strconv.Quote(strconv.Itoa(i))
		}
		switch {
		case sub.Revision != i+1:
			h.Fatalf("%s: revision %d stands in place %d", part, sub.Revision, i+1)
		case stored[sub.SubmissionID]:
			h.Fatalf("%s: %s is stored twice", part, sub.SubmissionID)
		case matched[sub.SubmissionID] != want:
			h.Fatalf("%s: revision %d was sent to replace %q", part, i+1, matched[sub.SubmissionID])
		}
		stored[sub.SubmissionID] = true
	}
	var first []byte
	for _, c := range h.devices {
		w, err := c.desk.Work(part)
		h.must(err)
		answers := asJSON(w.Draft.Answers)
		if first == nil {
			first = answers
		}
		if !bytes.Equal(answers, first) {
			h.Fatalf("%s: %s shows %s, and A %s\n%s\n%s", part, c.name, answers, first, c.describe(), h.devices[0].describe())
		}
	}
}

// verify: every receipt on a device holds under a key that the device knows,
// and what it is for is stored.
func (h *history) verify(stored map[string]bool) {
	for _, c := range h.devices {
		keys, err := c.desk.LogKeys()
		h.must(err)
		held, err := c.desk.Receipts()
		h.must(err)
		for _, r := range held {
			_, raw, err := c.desk.Receipt(r.Number)
			h.must(err)
			if _, _, err := surveysync.VerifyReceipt(raw, keys...); err != nil || !stored[r.SubmissionID] {
				h.Fatalf("%s holds the receipt %s: stored %v, %v", c.name, r.Number, stored[r.SubmissionID], err)
			}
		}
	}
}
