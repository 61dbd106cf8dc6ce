package simulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"rileva/internal/desk"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

var histories = flag.Int("histories", 150, "how many histories to make")

var partNames = []string{survey.GeneralPart, survey.TrackLiceale}

// history is one school's story.
type history struct {
	*rapid.T
	office   *office
	school   store.Institution
	devices  [2]*computer
	late     []*http.Request
	typed    int
	receipts map[string]surveysync.Receipt // whatever a person was shown
}

// TestHistories: whatever happens, in whatever order, the invariants hold when
// it is over. Clocks are injected and nothing here waits, so that no bubble of
// synctest is needed: in one, rapid's shrinking would never end.
func TestHistories(t *testing.T) {
	set(t, "rapid.checks", strconv.Itoa(*histories))
	set(t, "rapid.steps", "12")
	set(t, "rapid.nofailfile", "true") // the seed is printed
	o := newOffice(t)
	rapid.Check(t, func(rt *rapid.T) { o.history(t, rt) })
	o.t = t
	o.sound()
}

// history makes one history, in a new world when this one is used up.
func (o *office) history(tb testing.TB, rt *rapid.T) {
	if o.used == schools {
		broken := o.broken
		if broken == "" {
			o.sound()
		}
		_ = o.engine.Close()
		_ = os.RemoveAll(o.dir)
		*o = *newOffice(tb)
		o.broken = broken
	}
	o.t, o.before = rt, nil
	h := begin(rt, o)
	defer h.end()
	rt.Repeat(map[string]func(*rapid.T){
		"type": h.type_, "submit": h.submit, "sync": h.sync, "resolve": h.resolve, "restart": h.restart,
		"office": h.officeActs, "late": h.arrive, "clock": h.clock, "": func(*rapid.T) { h.check() },
	})
	h.heal()
	h.judge()
}

func set(t *testing.T, name, value string) {
	t.Helper()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
}

// begin takes the next school and signs it in on two computers.
func begin(rt *rapid.T, o *office) *history {
	rt.Helper()
	i := o.used
	o.used++
	o.now = noon
	h := &history{T: rt, office: o, receipts: map[string]surveysync.Receipt{}}
	in, err := o.engine.FindInstitution(context.Background(), code(i))
	o.must(err)
	h.school = in
	for n := range h.devices {
		c := &computer{office: o, name: string(rune('A' + n)), school: in.Code, home: filepath.Join(o.dir, fmt.Sprintf("%s-%d", in.Code, n)), sent: map[string]string{}, late: &h.late}
		c.start()
		h.devices[n] = c
		password := passphrase
		if n == 0 {
			password = letter
		}
		account, err := c.desk.SignIn(context.Background(), "", in.Code, password)
		o.must(err)
		if account.MustChange {
			o.must(c.desk.ChangePassword(context.Background(), letter, passphrase))
		}
	}
	return h
}

func (h *history) end() {
	for _, c := range h.devices {
		_ = c.desk.Close()
	}
	gone, err := filepath.Glob(filepath.Join(h.office.dir, h.school.Code+"-*"))
	h.must(err)
	for _, dir := range gone {
		h.must(os.RemoveAll(dir))
	}
}

func (h *history) device(t *rapid.T) *computer {
	return h.devices[rapid.IntRange(0, 1).Draw(t, "device")]
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
	c.fateAt, c.fate = rapid.IntRange(1, 7).Draw(t, "call"), rapid.IntRange(0, fates-1).Draw(t, "fate")
	h.pass(c)
	c.fateAt = 0
}

// pass syncs, and holds what a pass may never do: change unsent answers.
func (h *history) pass(c *computer) {
	before := map[string][]byte{}
	for _, part := range partNames {
		if w, err := c.desk.Work(part); err == nil && w.Draft.Touched {
			before[part] = asJSON(w.Draft.Answers)
		}
	}
	c.call = 0
	report, err := c.desk.Sync(context.Background(), true)
	h.must(err)
	died := c.crash != ""
	c.afterlife()
	for part, answers := range before {
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
	action := rapid.SampledFrom([]string{"close", "reopen", store.ReviewReturn, store.ReviewReturnCancel, store.ReviewApprove, store.ReviewApproveCancel}).Draw(t, "act")
	switch action {
	case "close":
		h.office.dates(h.office.now.Add(-time.Second))
	case "reopen":
		h.office.dates(ends.AddDate(10, 0, 0))
	default:
		h.review(ctx, action, drawPart(t))
	}
}

func (h *history) review(ctx context.Context, action, part string) {
	sub, err := h.office.engine.Submission(ctx, h.school.ID, part, 0)
	if err != nil {
		return
	}
	until := h.office.now.AddDate(0, 1, 0)
	r := store.Review{At: h.office.now, Action: action, Part: part, Revision: sub.Revision}
	if action == store.ReviewReturn {
		r.OpenUntil, r.Remarks = &until, []surveysync.Remark{{Text: "Ricontrollare"}}
	}
	_, _ = h.office.engine.ReviewParts(ctx, h.school.ID, []store.Review{r}, h.office.act(action)) // refused where the state forbids it
}

// arrive lets what was delayed arrive: its sender has long given up.
func (h *history) arrive(*rapid.T) {
	for _, r := range h.late {
		h.office.serve(r)
	}
	h.late = nil
}

func (h *history) clock(t *rapid.T) {
	h.device(t).ahead = time.Duration(rapid.IntRange(-400, 400).Draw(t, "days")) * 24 * time.Hour
	h.office.now = h.office.now.Add(time.Duration(rapid.IntRange(0, 72).Draw(t, "hours")) * time.Hour)
}

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
	ctx := context.Background()
	for _, r := range h.receipts {
		sub, err := h.office.engine.Submission(ctx, h.school.ID, r.Part, r.Revision)
		if err != nil || sub.ContentDigest != r.ContentDigest || sub.SubmissionID != r.SubmissionID {
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
	for _, c := range h.devices { // the old session may have ended with the time that passed
		c.ahead = 0
		if !h.office.now.After(noon.AddDate(0, 0, 20)) {
			continue
		}
		_, err := c.desk.SignIn(ctx, "", h.school.Code, passphrase)
		h.must(err)
	}
	for range 12 {
		for _, c := range h.devices {
			h.pass(c)
			h.settle(c, desk.Mine)
			for _, part := range partNames {
				if w, err := c.desk.Work(part); err == nil && w.Draft.Touched {
					h.send(c, part)
				}
			}
			if c.desk.Unsent() > 0 {
				h.pass(c)
			}
		}
		if h.quiet(h.devices[0]) && h.quiet(h.devices[1]) {
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

// quiet: nothing waits here, and the device has what the server has.
func (h *history) quiet(c *computer) bool {
	if c.desk.Unsent() > 0 {
		return false
	}
	for _, part := range partNames {
		list, err := h.office.engine.Revisions(context.Background(), h.school.ID, part)
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
	ctx := context.Background()
	meta, err := h.office.engine.Meta(ctx)
	h.must(err)
	matched := map[string]string{}
	for _, c := range h.devices {
		maps.Copy(matched, c.sent)
	}
	seen := map[string]bool{}
	for _, part := range partNames {
		list, err := h.office.engine.Revisions(ctx, h.school.ID, part)
		h.must(err)
		if len(list) == 0 {
			continue
		}
		for i, sub := range list {
			want := ""
			if i > 0 {
				want = strconv.Quote(strconv.Itoa(i))
			}
			switch {
			case sub.Revision != i+1:
				h.Fatalf("%s: revision %d stands in place %d", part, sub.Revision, i+1)
			case seen[sub.SubmissionID]:
				h.Fatalf("%s: %s is stored twice", part, sub.SubmissionID)
			case matched[sub.SubmissionID] != want:
				h.Fatalf("%s: revision %d was sent to replace %q", part, i+1, matched[sub.SubmissionID])
			}
			seen[sub.SubmissionID] = true
		}
		a, errA := h.devices[0].desk.Work(part)
		b, errB := h.devices[1].desk.Work(part)
		h.must(errA)
		h.must(errB)
		if x, y := asJSON(a.Draft.Answers), asJSON(b.Draft.Answers); !bytes.Equal(x, y) {
			h.Fatalf("%s: the two devices differ: %s and %s\nA: %s\nB: %s", part, x, y, h.devices[0].describe(), h.devices[1].describe())
		}
	}
	for _, c := range h.devices {
		held, err := c.desk.Receipts()
		h.must(err)
		for _, r := range held {
			_, raw, err := c.desk.Receipt(r.Number)
			h.must(err)
			if _, _, err := surveysync.VerifyReceipt(raw, meta.LogKey); err != nil || !seen[r.SubmissionID] {
				h.Fatalf("%s holds the receipt %s: stored %v, %v", c.name, r.Number, seen[r.SubmissionID], err)
			}
		}
	}
}

// sound: the whole store breaks no invariant.
func (o *office) sound() {
	o.t.Helper()
	faults, err := o.engine.Check(context.Background())
	if err != nil || len(faults) > 0 {
		o.t.Fatalf("check: %v %v", faults, err)
	}
}
