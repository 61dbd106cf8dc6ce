package tui

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// TestImport: the template is written, filled in and read; what changes is seen
// before it is taken, and one Ctrl+Z takes it all back.
func TestImport(t *testing.T) {
	t.Parallel()
	const first, second = "enrolled_start_y1_m", "enrolled_start_y1_f"
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	before, other := w.value(survey.TrackLiceale, first), w.value(survey.TrackLiceale, second)
	w.at(survey.TrackLiceale, first)
	w.types("55") // being typed: kept, as a step of its own
	w.press("f7")
	w.sees("Scrivi il modello", "non ci sono ancora file")
	w.press("enter")
	w.sees("Modello scritto: rileva-liceale-movements.xlsx", "> Scrivi", "  rileva-liceale-movements.xlsx")
	w.press("enter") // never over one that is there
	w.sees("rileva-liceale-movements-2.xlsx")

	csv := func(name string, edit func(string) string) {
		work, err := w.desk.Work(survey.TrackLiceale)
		w.must(err)
		raw, err := work.Template("movements", name)
		w.must(err)
		w.must(os.WriteFile(filepath.Join(w.home, name), []byte(edit(string(raw))), 0o600))
	}
	csv("numeri.csv", func(s string) string {
		at := strings.Index(s, "\r\nenrolled_start;") // its first two numbers
		fields := strings.SplitN(s[at:], ";", 5)
		fields[2], fields[3] = "401", "402"
		return s[:at] + strings.Join(fields, ";")
	})
	w.robot.Paste("'" + filepath.Join(w.home, "numeri.csv") + "'")
	w.press("enter")
	w.sees("Dal file numeri.csv", "Numeri che cambiano: 2", "1° anno, Maschi", "55 -> 401", "Prendere questi numeri?")
	w.types("n")
	w.sees("Altro file:")
	w.press("enter")
	w.types("s")
	w.sees("2 numeri presi dal file")
	if a, b := w.value(survey.TrackLiceale, first), w.value(survey.TrackLiceale, second); a != 401 || b != 402 {
		t.Fatalf("the disk has %v and %v", a, b)
	}
	w.press("ctrl+z")
	w.sees("Annullato: 2 caselle")
	if a, b := w.value(survey.TrackLiceale, first), w.value(survey.TrackLiceale, second); a != 55 || b != other {
		t.Fatalf("after undo the disk has %v and %v", a, b)
	}
	w.press("ctrl+z")
	if a := w.value(survey.TrackLiceale, first); a != before {
		t.Fatalf("after the second undo the disk has %v", a)
	}
}

// TestImportRefused: with one cell that is wrong nothing can be taken; another
// sheet's file is refused by name.
func TestImportRefused(t *testing.T) {
	t.Parallel()
	const first = "enrolled_start_y1_m"
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	w.bad()
	w.sees("C'è 1 casella che non va: non si prende niente", "sbagliato.csv:8  enrolled_start_y1_f", "«dodici»", "Non è stato preso niente.")
	before := w.value(survey.TrackLiceale, first)
	w.types("s")
	w.press("enter")
	if now := w.value(survey.TrackLiceale, first); now != before {
		t.Fatalf("the disk has %v instead of %v", now, before)
	}
	w.press("esc")
	file := filepath.Join(w.home, "sbagliato.csv")
	raw, err := os.ReadFile(file)
	w.must(err)
	w.must(os.WriteFile(file, []byte(strings.Replace(string(raw), "part;liceale", "part;tecnico", 1)), 0o600))
	w.press("down", "enter")
	w.sees("Il file sbagliato.csv è della parte «Scheda Tecnico»", "Non è stato preso niente")
	w.press("esc")
	w.types("/no/such.csv")
	w.press("enter")
	w.sees("Il file such.csv non c'è")
	if got := dropped("file:///tmp/a%20b.csv"); got != filepath.FromSlash("/tmp/a b.csv") {
		t.Errorf("dropped: %q", got)
	}
}

// bad opens the preview of a file with one good cell and one that is not.
func (w *world) bad() {
	w.t.Helper()
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	work, err := w.desk.Work(survey.TrackLiceale)
	w.must(err)
	raw, err := work.Template("movements", "x.csv")
	w.must(err)
	s := string(raw)
	at := strings.Index(s, "\r\nenrolled_start;")
	fields := strings.SplitN(s[at:], ";", 5)
	fields[2], fields[3] = "401", "dodici"
	file := filepath.Join(w.home, "sbagliato.csv")
	w.must(os.WriteFile(file, []byte(s[:at]+strings.Join(fields, ";")), 0o600))
	w.press("f7", "down", "enter")
}

// good opens the preview of a file whose numbers can all be taken.
func (w *world) good() {
	w.t.Helper()
	w.bad()
	file := filepath.Join(w.home, "sbagliato.csv")
	raw, err := os.ReadFile(file)
	w.must(err)
	w.must(os.WriteFile(file, []byte(strings.Replace(string(raw), "dodici", "1.204", 1)), 0o600))
	w.press("esc", "enter")
}
