package tui

import (
	"testing"

	"rileva/internal/desk"
)

// TestDoctor: the first step that fails comes first, with whose job it is and
// what to do; what was tried stays in the attempts; the outcome is there even
// when the person has meanwhile looked at something else.
func TestDoctor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.down.Store(true)
	w.press("f3")
	w.sees("! Non riesce: identità del server", "A chi tocca: a nessuno", "Che cosa fare:", "Codice da dire all'Ufficio", "[x] collegamento", "[ ] accesso della scuola")
	w.down.Store(false)
	w.types("r")
	w.sees("Tutto funziona", "[x] accesso della scuola")
	w.press("down", "enter")
	w.sees("Tentativi", "  Prova del collegamento", "! Prova del collegamento", "Si è fermato a: identità del server")
	w.press("esc")
	w.send(examMsg{exam: desk.Exam{Failed: "dates", Steps: []desk.ExamStep{{Step: "dates", State: desk.ExamFailed, Job: "office"}}}})
	w.press("home", "up")
	w.sees("! Non riesce: date della rilevazione", "A chi tocca: all'Ufficio")
}

// TestAlarmInTheStatusLine: a log that was changed is said on every page.
func TestAlarmInTheStatusLine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.app.alarm = true
	w.press("down")
	w.sees("Tutto è già salvato - ! REGISTRO DEL SERVER CAMBIATO: F3")
	w.app.watch() // nothing was found
	w.press("down")
	w.lacks("REGISTRO DEL SERVER")
}
