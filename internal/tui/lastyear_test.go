package tui

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"rileva/internal/desk"
	"rileva/internal/drafts"
	"rileva/internal/tui/plain"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// before lays the same school's return of the year before on the device, as if
// it had been filled in here.
func (w *world) before(year string, answers survey.Answers) {
	w.t.Helper()
	work, err := w.desk.Work(general)
	w.must(err)
	w.must(w.desk.Close())
	store, err := drafts.Open(w.home, drafts.Options{Now: w.clock.now})
	w.must(err)
	owners, err := store.Owners()
	w.must(err)
	var r surveysync.Return
	now, _, err := store.Return(owners[0])
	w.must(err)
	w.must(json.Unmarshal(now.Raw, &r))
	r.Survey.ID, r.Survey.SchoolYear = "dispersione-"+strings.ReplaceAll(year, "/", "-"), year
	raw, err := json.Marshal(r)
	w.must(err)
	was := drafts.Owner{Institution: owners[0].Institution, Survey: r.Survey.ID}
	w.must(store.KeepReturn(was, raw, r, w.clock.now().AddDate(-1, 0, 0)))
	_, err = store.Begin(was, general, work.Sheet.Questionnaire().Digest(), answers)
	w.must(err)
	w.must(store.Close())
	w.open()
}

var answersBefore = survey.Answers{"institution_email": "vecchia@example.org", "institution_phone": "02 1234", "compiler_role": "dirigente", "notes": "altro"}

// TestLastYear: last year's answers are seen, taken over, marked until they are
// confirmed, kept over a restart, and never sent before.
func TestLastYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.before("2020/21", survey.Answers{"institution_email": "piu.vecchia@example.org"})
	w.before("2021/22", answersBefore)
	w.before("2030/31", survey.Answers{"institution_email": "futura@example.org"})
	w.at(general, "institution_email")
	w.sees("Nel 2021/22: vecchia@example.org", "F8")
	w.press("f8")
	w.sees("vecchia@example.org", "02 1234", "Riprendi tutte le 3 risposte che qui mancano")
	w.lacks("futura")
	w.press("enter")
	w.sees("3 risposte dell'anno scorso riprese", "viene dalla rilevazione 2021/22, da confermare")
	if got := w.value(general, "institution_email"); got != "vecchia@example.org" {
		t.Fatalf("the disk has %v", got)
	}

	// Walking by does not confirm; nor does a restart.
	w.press("tab", "up")
	w.reopen()
	unconfirmed := func() int {
		work, err := w.desk.Work(general)
		w.must(err)
		n := 0
		for _, f := range survey.Blocking(work.Eval.Findings) {
			if strings.Contains(f.Message, "da confermare") {
				n++
			}
		}
		if n != len(work.Draft.Unconfirmed) {
			t.Fatalf("%d findings, marked are %v", n, work.Draft.Unconfirmed)
		}
		return n
	}
	if n := unconfirmed(); n != 3 {
		t.Fatalf("%d wait to be confirmed", n)
	}
	// Enter does, and typing another answer.
	w.at(general, "institution_email")
	w.press("enter")
	w.lacks("E-mail istituzionale: viene")
	if n := unconfirmed(); n != 2 {
		t.Fatalf("after Enter %d wait", n)
	}
	w.types("5")
	w.press("tab")
	if n := unconfirmed(); n != 1 || w.value(general, "institution_phone") != "02 12345" {
		t.Fatalf("after typing %d wait, %v", n, w.value(general, "institution_phone"))
	}
	// Taking that back brings the mark back, and doing it again takes it away.
	w.press("ctrl+z")
	w.sees("Annullato: Telefono della segreteria: 02 12345 -> 02 1234")
	if n := unconfirmed(); n != 2 {
		t.Fatalf("after undo %d wait", n)
	}
	w.press("ctrl+y")
	if n := unconfirmed(); n != 1 {
		t.Fatalf("after redo %d wait", n)
	}
}

// TestLastYearIsNotSent: a return that is complete but for the confirming stays
// here.
func TestLastYearIsNotSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	w.before("2021/22", survey.Answers{"institution_phone": "02 1234"})
	w.at(general, "institution_phone")
	w.press("f8", "enter")
	w.reopen()
	w.press("f9")
	w.sees("viene dalla rilevazione 2021/22", "Non si può ancora inviare: ! 1 errore.")
	if err := w.desk.Submit(general, desk.SubmitOptions{Declared: true}); desk.CodeOf(err) != "blocked" {
		t.Fatalf("sending it says %v", err)
	}
	if n := w.desk.Unsent(); n != 0 {
		t.Fatalf("%d parts wait to be sent", n)
	}
	w.press("enter", "enter") // there, and confirmed
	w.app.home()
	w.press("f9")
	w.pass(grace)
	w.sees("La parte è in ordine")
	w.types("s")
	w.press("f9")
	w.sees("Ricevuta")
}

// TestLastYearNone: without such a return nothing is shown, and F8 says so.
func TestLastYearNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	w.lacks("F8")
	w.press("f8")
	w.sees("Su questo computer non ci sono risposte dell'anno scorso a questa sezione.")
}

// TestYear: the header names the school year on every page, the longest name of
// a school and of a page notwithstanding.
func TestYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.sees("2022/23")
	w.at(general, "institution_email")
	w.sees("2022/23")
	w.size(60, 15)
	if head, _, _ := strings.Cut(w.screen(), "\n"); !strings.Contains(head, "  2022/23  ") {
		t.Fatalf("the header is %q", head)
	}
}

// TestClear: emptying a section asks, says what it did, and is taken back.
func TestClear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	held := func(part string) string {
		work, err := w.desk.Work(part)
		w.must(err)
		raw, err := json.Marshal(work.Draft.Answers)
		w.must(err)
		return string(raw)
	}
	full := held(general)
	w.press("enter")
	w.press("down", "delete")
	w.sees("Svuotare «Contatti»", "Premere di nuovo Canc")
	if held(general) != full {
		t.Fatal("asking has emptied it")
	}
	w.press("up", "down", "delete") // any other key: asked anew
	w.sees("Premere di nuovo Canc")
	w.press("delete")
	w.sees("«Contatti» svuotata", "Ctrl+Z le riporta")
	if w.value(general, "institution_email") != nil || w.value(general, "notes") == nil && strings.Contains(full, "notes") {
		t.Fatal("it was not emptied, or more than it was")
	}
	w.press("ctrl+z")
	w.sees("Annullato: «Contatti» svuotata")
	if got := held(general); got != full {
		t.Fatalf("after undo the disk has\n%s, it had\n%s", got, full)
	}
	w.press("ctrl+y")
	w.sees("Ripetuto")
	w.press("ctrl+z", "ctrl+z")
	w.sees("Niente da annullare")
	if got := held(general); got != full {
		t.Fatal("undo, redo and undo have left something else")
	}

	// What came later is not overwritten.
	w.press("delete", "delete")
	w.at(general, "institution_email")
	work, err := w.desk.Work(general)
	w.must(err)
	_, err = work.Set(desk.Change{Variable: "institution_email", Value: "nuova@example.org"})
	w.must(err)
	w.press("ctrl+z")
	w.sees("1 risposta cambiata nel frattempo", "resta com'è")
	if w.value(general, "institution_email") != "nuova@example.org" || w.value(general, "institution_phone") == nil {
		t.Fatal("undo has overwritten what came later, or brought nothing back")
	}

	// A table too.
	w.app.home()
	sheet := held(survey.TrackLiceale)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	work, err = w.desk.Work(survey.TrackLiceale)
	w.must(err)
	w.press("esc")
	w.downTo(work.Sheet.Variable("enrolled_start_y1_m").Row.Grid.Section.Title.In("it"))
	w.press("delete", "delete")
	w.sees("svuotata")
	if w.value(survey.TrackLiceale, "enrolled_start_y1_m") != nil {
		t.Fatal("the table was not emptied")
	}
	w.press("ctrl+z")
	if held(survey.TrackLiceale) != sheet {
		t.Fatal("undo has not brought the table back")
	}
}

// TestUndoTyping: what a rest of the fingers has written and the rest of the
// same word are taken back at once.
func TestUndoTyping(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	w.types("scuola")
	w.press("ctrl+z")
	w.sees("Modifica annullata")
	w.types("scuola")
	w.pass(time.Second)
	w.types("@example.org")
	w.pass(time.Second)
	w.press("tab", "ctrl+z")
	w.sees("Annullato: E-mail istituzionale: scuola@example.org -> vuoto")
	if w.value(general, "institution_email") != nil {
		t.Fatalf("the disk has %v", w.value(general, "institution_email"))
	}
	w.press("ctrl+z")
	w.sees("Niente da annullare")
	w.press("ctrl+y")
	if w.value(general, "institution_email") != "scuola@example.org" {
		t.Fatalf("after redo the disk has %v", w.value(general, "institution_email"))
	}
}

// TestLastYearPlain: line by line the same answer is read out, taken over by a
// word and confirmed by Enter.
func TestLastYearPlain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.before("2021/22", answersBefore)
	run := func(lines ...string) string {
		t.Helper()
		var out strings.Builder
		w.must(plain.Run(t.Context(), w.desk, plain.Options{In: strings.NewReader(strings.Join(lines, "\n") + "\n"), Out: &out, Lang: "it"}))
		return out.String()
	}
	mark := func() string {
		work, err := w.desk.Work(general)
		w.must(err)
		return work.Draft.Unconfirmed["institution_phone"]
	}
	out := run("1", "vai 6", "scorso", "esci")
	if !strings.Contains(out, "Nel 2021/22: 02 1234. Scrivere scorso per riprenderla.") || !strings.Contains(out, "Da confermare: Invio la conferma") || mark() != "2021/22" {
		t.Fatalf("the mark is %q:\n%s", mark(), out)
	}
	if w.value(general, "institution_phone") != "02 1234" {
		t.Fatalf("the disk has %v", w.value(general, "institution_phone"))
	}
	out = run("1", "vai 6", "", "vai 7", "scorso", "esci")
	if mark() != "" || !strings.Contains(out, "Su questo computer non c'è una risposta dell'anno scorso.") {
		t.Fatalf("the mark is %q:\n%s", mark(), out)
	}
}

// TestLastYearHandedOver: a mark goes along to another computer.
func TestLastYearHandedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.before("2021/22", answersBefore)
	w.at(general, "institution_email")
	w.press("f8", "enter")
	raw, _, err := w.desk.ExportDrafts()
	w.must(err)
	_, err = w.desk.DiscardDraft(general)
	w.must(err)
	_, err = w.desk.ImportDrafts("bozza.json", raw, false)
	w.must(err)
	work, err := w.desk.Work(general)
	w.must(err)
	if got := work.Draft.Unconfirmed; len(got) != 3 || got["compiler_role"] != "2021/22" {
		t.Fatalf("marked are %v", got)
	}
}
