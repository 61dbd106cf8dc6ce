package simulation_test

import (
	"bytes"
	"context"
	"encoding/json"
	"os"

	"pgregory.net/rapid"

	"rileva/internal/desk"
)

// seldom does what happens once in a while.
func (h *history) seldom(t *rapid.T) {
	switch rapid.SampledFrom([]string{"copy", "restore", "third computer", "sign in again", "hand over", "discard"}).Draw(t, "seldom") {
	case "copy":
		h.office.backup()
	case "restore":
		h.restored = true
		h.office.restore()
	case "third computer":
		if len(h.devices) == len(beginning.homes) {
			c := h.office.computer(len(h.devices))
			c.start()
			h.devices = append(h.devices, c)
			h.enter(t, c)
		}
	case "sign in again":
		c := h.device(t)
		h.must(c.desk.SignOut(context.Background()))
		h.enter(t, c)
	case "hand over":
		h.handOver(t)
	case "discard":
		c := h.device(t)
		_, err := c.desk.DiscardDraft(drawPart(t))
		h.allowed(err, "nothing_to_discard", "queue_pending", "pending_unknown", "no_questionnaire")
	}
}

// enter signs in over a bad network, and then over a good one.
func (h *history) enter(t *rapid.T, c *computer) {
	c.meets(t, 9)
	_, _ = c.desk.SignIn(context.Background(), "", schoolCode, passphrase)
	c.desk.Rest()
	c.fateAt = 0
	c.afterlife()
	h.signIn(c)
}

func (h *history) signIn(c *computer) {
	h.Helper()
	_, err := c.desk.SignIn(context.Background(), "", schoolCode, passphrase)
	h.must(err)
	c.desk.Rest()
}

// handOver carries what nobody has sent from one computer to another: it is
// there as it was here, what it replaces is kept in a file, and another
// school's file changes nothing.
func (h *history) handOver(t *rapid.T) {
	from, to := h.device(t), h.device(t)
	raw, file, err := from.desk.ExportDrafts()
	if err != nil || from == to {
		h.allowed(err, "nothing_unsent", "no_questionnaire")
		return
	}
	other := bytes.Replace(raw, []byte(schoolCode), []byte("MIIS99900B"), 1)
	if _, err := to.desk.ImportDrafts("altra.json", other, true); desk.CodeOf(err) != "file_other_school" {
		h.Fatalf("another school's draft: %v", err)
	}
	before := map[string][]byte{}
	for _, p := range file.Parts {
		if w, err := to.desk.Work(p.Part); err == nil && w.Draft.Touched {
			before[p.Part] = asJSON(w.Draft.Answers)
		}
	}
	replace := rapid.Bool().Draw(t, "replace")
	in, err := to.desk.ImportDrafts("bozza.json", raw, replace)
	if err != nil {
		h.allowed(err, "draft_in_the_way", "draft_older", "no_questionnaire", "queue_pending", "pending_unknown")
		for part, answers := range before {
			h.holds(to, part, answers)
		}
		return
	}
	for _, p := range file.Parts {
		h.holds(to, p.Part, asJSON(p.Answers))
	}
	h.keptAside(in, before)
}

// holds: the draft of this part is that.
func (h *history) holds(c *computer, part string, answers []byte) {
	h.Helper()
	w, err := c.desk.Work(part)
	if desk.CodeOf(err) == "part_locked" || desk.CodeOf(err) == "not_offered" {
		return // it came without a part 1 that opens it
	}
	h.must(err)
	if now := asJSON(w.Draft.Answers); !bytes.Equal(now, answers) {
		h.Fatalf("the draft of %s on %s is %s and should be %s", part, c.name, now, answers)
	}
}

// keptAside: what was unsent before an import stands in the file that it names.
func (h *history) keptAside(in desk.Imported, before map[string][]byte) {
	h.Helper()
	if len(before) == 0 {
		return
	}
	raw, err := os.ReadFile(in.Aside)
	h.must(err)
	var aside desk.DraftFile
	h.must(json.Unmarshal(raw, &aside))
	for _, p := range aside.Parts {
		if answers, was := before[p.Part]; was && bytes.Equal(asJSON(p.Answers), answers) {
			delete(before, p.Part)
		}
	}
	if len(before) > 0 {
		h.Fatalf("%s does not hold what it should keep: %s", in.Aside, before)
	}
}
