package desk

import (
	"bytes"
	"encoding/json"
	"slices"
	"time"

	"github.com/google/uuid"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// SubmitOptions are what a person says at the moment of sending.
type SubmitOptions struct {
	Declared bool     // the declaration was made just now
	Withdraw []string // tracks whose sheets are taken back
}

// Blocked is why a part cannot be sent: its findings.
type Blocked struct {
	Part     string
	Findings []survey.Finding
}

func (b *Blocked) Error() string { return "blocked: " + b.Part }

func (b *Blocked) Unwrap() error { return newError("blocked", b.Part, len(b.Findings)) }

// Submit freezes a part and puts it into the outbox; the next pass of the sync
// sends it. What is sent later are these very bytes: edits go to the draft.
func (d *Desk) Submit(part string, opt SubmitOptions) error {
	w, err := d.Work(part)
	if err != nil {
		return err
	}
	if opt.Declared {
		if err := w.declare(); err != nil {
			return err
		}
	}
	if done, err := w.queued(opt.Withdraw); err != nil || done {
		return err
	}
	if !opt.Declared {
		w.undeclare()
	}
	ev := w.evaluate(true)
	if blocking := survey.Blocking(append(w.ownFindings(ev), w.unconfirmed()...)); len(blocking) > 0 {
		return &Blocked{part, blocking}
	}
	body, id, err := w.freeze(ev, opt.Withdraw)
	if err != nil {
		return err
	}
	err = d.store.Enqueue(w.owner, part, drafts.Frozen{SubmissionID: id, Body: body, Digest: surveysync.Digest(body),
		Replaces: w.Draft.Base.Revision, Incident: surveysync.NewIncident(nil), Generation: w.Draft.Generation})
	if drafts.CodeOf(err) == drafts.CodePendingUnknown {
		return &Error{Code: "queue_pending", args: []any{part}, Err: err}
	}
	return err
}

// queued settles what an earlier submission that still waits means for this
// one; done says that nothing is to be frozen.
func (w *Work) queued(withdraw []string) (done bool, err error) {
	e, ok, err := w.entry()
	if err != nil || !ok {
		return false, err
	}
	sent, err := surveysync.ParseSubmission(e.Body)
	same := err == nil && e.Generation == w.Draft.Generation && slices.Equal(sent.Withdraw, withdraw)
	switch {
	case e.State == surveysync.OpRefused && e.Unknown:
		// An earlier attempt may have stored these bytes and a later one was
		// refused before the server looked for them: only they can tell.
		if err := w.desk.store.Requeue(w.owner, w.Part); err != nil || same {
			return true, err
		}
		return false, newError("queue_pending", w.Part)
	case same && (e.State == surveysync.OpQueued || e.State == surveysync.OpNeedsLogin):
		return true, nil // freezing the same answers again would give them a second id
	case w.Draft.Sent && !e.Unknown && !w.dueAgain():
		// The changes that wait were taken back: the server has what stands here.
		return true, w.desk.store.Withdraw(w.owner, w.Part)
	}
	return false, nil
}

// entry is what waits of this part.
func (w *Work) entry() (drafts.Entry, bool, error) {
	box, err := w.desk.store.Outbox(w.owner)
	if err != nil {
		return drafts.Entry{}, false, err
	}
	i := slices.IndexFunc(box, func(e drafts.Entry) bool { return e.Part == w.Part })
	if i < 0 {
		return drafts.Entry{}, false, nil
	}
	return box[i], true, nil
}

// dueAgain tells whether the server wants a next revision although it holds
// one: the office sent the part back, or the track was withdrawn and is
// offered again. What was heard before the last submission counts no more.
func (w *Work) dueAgain() bool {
	_, seen, err := w.desk.seen()
	if err != nil {
		return false
	}
	status := partStatus(seen.Return, w.Part)
	return status.Revision == w.Draft.Base.Revision && (status.State == survey.PartReturned || status.State == survey.PartWithdrawn)
}

// ownFindings leaves out what the device keeps aside and does not send.
func (w *Work) ownFindings(ev *survey.Evaluation) []survey.Finding {
	return slices.DeleteFunc(slices.Clone(ev.Findings), func(f survey.Finding) bool { return f.Check == survey.CheckNotRelevant })
}

func (w *Work) declare() error {
	for _, v := range w.Sheet.Variables() {
		if v.Type == survey.TypeDeclaration && w.Value(v.ID) != true {
			if _, err := w.Set(Change{Variable: v.ID, Value: true}); err != nil {
				return err
			}
		}
	}
	return nil
}

// undeclare leaves out what was declared before: each submission is declared
// anew, because the declaration is of what is sent and not of the part. The
// draft itself stays as it is.
func (w *Work) undeclare() {
	for _, v := range w.Sheet.Variables() {
		if v.Type == survey.TypeDeclaration {
			delete(w.Draft.Answers, v.ID)
		}
	}
}

// freeze writes the body as it will travel.
func (w *Work) freeze(ev *survey.Evaluation, withdraw []string) ([]byte, string, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, "", err
	}
	server, _, err := w.desk.store.Server()
	if err != nil {
		return nil, "", err
	}
	explanations, err := w.explanations(ev)
	if err != nil {
		return nil, "", err
	}
	s := surveysync.Submission{
		SubmissionID: id.String(), Institution: w.inst.Code, Survey: server.Info.Survey, Part: w.Part,
		Questionnaire: w.Draft.Questionnaire, Answers: ev.Sendable(), Unavailable: ev.SendableUnavailable(),
		Explanations: explanations, Withdraw: withdraw, Merge: w.Draft.Merge, CompletedAt: w.desk.now().Truncate(time.Second),
	}
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(s); err != nil {
		return nil, "", err
	}
	return bytes.TrimRight(b.Bytes(), "\n"), s.SubmissionID, nil
}

// explanations are those that hold for the values as they are. The values
// travel only with checks across parts: for all others they are the answers
// beside them.
func (w *Work) explanations(ev *survey.Evaluation) (map[string]survey.Explanation, error) {
	out := map[string]survey.Explanation{}
	for _, f := range ev.Findings {
		if f.Explained {
			e := w.Draft.Explanations[f.Check]
			out[f.Check] = survey.Explanation{Reason: e.Reason, Text: e.Text}
		}
	}
	if w.Part != survey.GeneralPart {
		return out, nil
	}
	across, err := w.desk.across()
	if err != nil {
		return nil, err
	}
	for _, f := range across {
		if f.Explained {
			out[f.Check] = w.Draft.Explanations[f.Check]
		}
	}
	return out, nil
}

// Dropped lists the tracks that part 1 no longer offers although their sheets
// were sent: sending part 1 takes them back, and says so.
func (d *Desk) Dropped(w *Work) []string {
	if w.Part != survey.GeneralPart {
		return nil
	}
	_, seen, err := d.seen()
	if err != nil {
		return nil
	}
	offered := w.Sheet.Questionnaire().Parts(w.Draft.Answers)
	var out []string
	for _, p := range seen.Return.Parts {
		sent := p.Revision > 0 && p.State != survey.PartWithdrawn && p.State != survey.PartMissing
		if sent && !slices.Contains(offered, p.Part) {
			out = append(out, p.Part)
		}
	}
	return out
}

// Ready lists the parts that `submit --all` speaks of: all that were begun, in
// the order of the form. Those that the server holds unchanged are among them,
// so that a second call names the same receipts again; those that the office
// sent back and nobody has touched since are not, because sending them again
// is no answer to its remarks unless a person says so.
func (d *Desk) Ready() ([]string, error) {
	o, err := d.Overview()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, p := range o.Parts {
		if !p.Locked && p.State != StateBlank && p.State != StateApproved && p.State != StateReturned {
			out = append(out, p.Part)
		}
	}
	return out, nil
}

// Unchanged tells whether the server holds exactly what stands in the draft
// and wants no more, and by which receipt: sending it again would only add an
// equal revision. The receipt is empty when another device has it.
func (d *Desk) Unchanged(part string) (surveysync.Receipt, bool, error) {
	w, err := d.Work(part)
	if err != nil || !w.Draft.Sent || w.Draft.Base.Revision == 0 || w.dueAgain() {
		return surveysync.Receipt{}, false, err
	}
	if _, waits, err := w.entry(); err != nil || waits {
		return surveysync.Receipt{}, false, err
	}
	list, err := d.Receipts()
	if err != nil {
		return surveysync.Receipt{}, false, err
	}
	for _, r := range slices.Backward(list) {
		if r.Part == part && r.Revision == w.Draft.Base.Revision {
			return r, true, nil
		}
	}
	return surveysync.Receipt{}, true, nil
}
