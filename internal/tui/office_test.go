package tui

import (
	"bytes"
	"strings"
	"testing"

	"rileva/internal/desk"
	"rileva/internal/store"
	"rileva/internal/tui/plain"
	"rileva/pkg/survey/questionnaires"
	surveysync "rileva/pkg/sync"
)

// act is an act of the office, for the log.
func (w *world) act(action string) store.Act {
	return store.Act{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: action, Outcome: surveysync.OutcomeOK}
}

// sent sends part 1 from a device that is filled in.
func (w *world) sent() *world {
	w.t.Helper()
	w.signed().filled(general)
	w.submit(w.desk)
	w.reopen()
	return w
}

func (w *world) submit(d *desk.Desk) {
	w.t.Helper()
	w.must(d.Submit(general, desk.SubmitOptions{Declared: true}))
	report, err := d.Sync(w.t.Context(), true)
	w.must(err)
	w.must(report.Err)
}

// news lets the office return part 1 with a remark and write a message.
func (w *world) news() {
	w.t.Helper()
	w.submit(w.desk)
	_, err := w.store.ReviewParts(w.t.Context(), w.inst.ID, []store.Review{{At: w.clock.now(), Action: store.ReviewReturn, Part: general,
		Revision: 1, Remarks: []surveysync.Remark{{Variable: "head_name", Text: "Il nome non è completo."}, {Text: "Il resto va bene."}}}}, w.act("return"))
	w.must(err)
	w.must(w.store.AddWord(w.t.Context(), store.Messages, []string{w.inst.ID}, store.Word{At: w.clock.now(), Text: "Lunedì l'Ufficio risponde al telefono."}, w.act("message")))
	w.press("f5")
}

// conflict lets another computer of the school send part 1 while this one has
// unsent changes, and opens the decision.
func (w *world) conflict() {
	w.t.Helper()
	w.sent()
	other, err := desk.Open(folder(w.t), desk.Options{Version: "0.1-test", Lang: w.lang, Server: w.url, Now: w.clock.now})
	w.must(err)
	w.t.Cleanup(func() { _ = other.Close() })
	_, err = other.SignIn(w.t.Context(), w.url, w.inst.Code, newPassphrase)
	w.must(err)
	change := func(d *desk.Desk, changes ...desk.Change) {
		work, err := d.Work(general)
		w.must(err)
		_, err = work.Set(changes...)
		w.must(err)
	}
	change(other, desk.Change{Variable: "head_name", Value: "Dall'altro"}, desk.Change{Variable: "compiler_name", Value: "Solo dall'altro"})
	w.submit(other)
	change(w.desk, desk.Change{Variable: "head_name", Value: "Da questo"})
	w.press("f5", "home", "enter")
}

// aside publishes a version that lacks a question that was answered.
func (w *world) aside() {
	w.t.Helper()
	w.signed().filled(general)
	w.publish()
	w.press("f5")
}

func (w *world) publish() {
	w.t.Helper()
	text := strings.Replace(string(questionnaires.Dispersione202223), `version: "1"`, `version: "2"`, 1)
	text = strings.ReplaceAll(text, "question: counselling_service\n", "question: guidance_service\n")
	w.clock.move(1)
	_, err := w.store.Publish(w.t.Context(), []byte(text), w.clock.now(), w.act("survey_publish"))
	w.must(err)
}

// TestForgotten: when the office has removed the contact data the home page
// says so, and nothing there looks like a fault.
func TestForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").sent()
	w.lacks("ha cancellato")
	_, err := w.store.(store.Eraser).Erase(t.Context(), w.inst.ID, func(sub store.Submission) ([]byte, error) {
		return bytes.Replace(sub.Body, []byte(`"completed_at"`), []byte(` "completed_at"`), 1), nil
	}, w.act(store.ActionForget))
	w.must(err)
	w.press("f5")
	w.sees("ha cancellato", "La ricevuta resta", "inviata")
	w.lacks("conflitto")
	var said bytes.Buffer
	w.must(plain.Run(t.Context(), w.desk, plain.Options{In: strings.NewReader(""), Out: &said, Lang: "it"}))
	if !strings.Contains(said.String(), "ha cancellato dal server i dati") {
		t.Errorf("--plain does not say it:\n%s", &said)
	}
}
