package tui

import (
	"image/color"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"

	"rileva/internal/desk"
	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// TestRest: half a second after the last key what is being typed is on the
// disk, and nothing is judged nor moved under the fingers.
func TestRest(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	w.types("nes")
	w.sees("Salvataggio...")
	w.pass(restAfter - 1)
	w.types("s") // the wait begins anew
	w.pass(restAfter - 1)
	if v := w.value(general, "institution_email"); v != nil {
		t.Fatalf("written too early: %v", v)
	}
	w.pass(1)
	w.sees("Salvato alle", "[ness_")
	w.lacks("! «ness»")
	if v := w.value(general, "institution_email"); v != "ness" {
		t.Fatalf("the disk has %v", v)
	}
	x, y, _ := w.robot.Cursor()
	w.send(syncMsg{}) // a pass of the sync leaves the cursor where it is
	if x2, y2, _ := w.robot.Cursor(); x2 != x || y2 != y {
		t.Errorf("the cursor went from %d,%d to %d,%d", x, y, x2, y2)
	}
	w.press("left")
	w.types("_")
	w.sees("[nes_s_")
	w.press("tab")
	w.sees("! «nes_s» non ha la forma")
}

// TestRestInTable: the number being typed is on the disk too; Esc brings the
// one before back, there as well.
func TestRestInTable(t *testing.T) {
	t.Parallel()
	const id = "enrolled_start_y1_m"
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	before := w.value(survey.TrackLiceale, id)
	w.at(survey.TrackLiceale, id)
	for _, c := range []struct {
		key  string
		want any
	}{{"esc", before}, {"enter", 77}, {"ctrl+q", 78}} {
		w.at(survey.TrackLiceale, id)
		w.types(map[string]string{"esc": "55", "enter": "77", "ctrl+q": "78"}[c.key])
		w.sees("Salvataggio...")
		w.pass(restAfter)
		w.sees("Salvato alle")
		if got := w.value(survey.TrackLiceale, id); got == before {
			t.Fatal("not written")
		}
		w.send(syncMsg{}) // what the disk has now is not what the cell was
		w.press(c.key)
		if got := w.value(survey.TrackLiceale, id); got != c.want {
			t.Errorf("after %s the disk has %v, want %v", c.key, got, c.want)
		}
	}
}

// TestSearch: words without accents and numbers, over all open parts.
func TestSearch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	w.press("ctrl+f")
	w.sees("Scrivere una o più parole")
	w.types("MASCHI zzz")
	w.sees("Nessuna domanda")
	for range 10 {
		w.press("backspace")
	}
	w.types("avvio lezioni")
	w.sees("Iscritti all'avvio delle lezioni", "Scheda Liceale")
	w.downTo("Movimenti")
	w.press("enter")
	if page, ok := w.app.top().(*gridPage); !ok {
		t.Fatalf("Enter leads to %T", w.app.top())
	} else if row, _ := page.focus(); row.ID != "enrolled_start" {
		t.Fatalf("Enter leads to %s", row.ID)
	}
	w.press("esc")
	w.sees("Pagina iniziale")
	w.press("ctrl+f")
	w.types("9")
	w.sees("9. ")
	w.press("enter")
	w.sees("> 9.")
	if fold("Perché È così") != "perche e cosi" {
		t.Errorf("folded: %q", fold("Perché È così"))
	}
}

// TestSettings: what is chosen holds at once and after a restart.
func TestSettings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.app.push(newSettings(w.app))
	w.press("enter")
	w.sees("Settings", "Language", "English")
	w.press("down", "down", "enter")
	w.sees("plain characters only", "----")
	w.press("down", "enter")
	lang, looks, err := w.desk.Preferences()
	w.must(err)
	if lang != "en" || looks != (desk.Looks{ASCII: true, NoHeartbeat: true}) {
		t.Errorf("remembered %q, %+v", lang, looks)
	}
	w.press("esc")
	w.sees("PART 1", "To be sent by")
}

// TestNews: the office's acts stand on the home page until they were seen, its
// remarks at their answers.
func TestNews(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	w.news()
	w.sees("* L'Ufficio ha restituito: Dati generali", "* 1 nuovo messaggio", "Ufficio: Il nome non è completo.")
	w.app.push(newNews(w.app))
	w.size(80, 24) // drawn anew
	w.sees("* L'Ufficio ha restituito", "Lunedì l'Ufficio risponde al telefono.", "Il resto va bene.")
	w.press("home", "enter") // the first remark leads to its answer
	w.sees("> 9.", "! Il nome non è completo.")
	w.press("esc", "esc")
	w.lacks("* L'Ufficio ha restituito")
	w.lacks("* 1 nuovo messaggio")
	w.reopen()
	w.lacks("* 1 nuovo messaggio")
	w.must(w.store.AddWord(t.Context(), store.Messages, []string{w.inst.ID}, store.Word{At: w.clock.now(), Text: "Ancora."}, w.act("message")))
	w.press("f5")
	w.sees("* 1 nuovo messaggio")
}

// TestSendAll sends every part that is ready with one declaration.
func TestSendAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(append([]string{general}, samples.Tracks()...)...)
	w.sees("parti sono pronte e non sono ancora inviate")
	w.downTo("Invia tutte")
	w.press("enter")
	w.sees("parti sono in ordine", "[ ]")
	w.types("s")
	w.pass(grace)
	w.press("f9")
	w.lacks("non sono ancora inviate")
	list, err := w.desk.Receipts()
	w.must(err)
	if len(list) != 1+len(samples.Tracks()) {
		t.Fatalf("%d receipts\n%s", len(list), w.screen())
	}
	w.press("f9")
}

// TestReceiptFiles: the PDF and the receipt itself are written where the person
// is told.
func TestReceiptFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").sent()
	w.press("f8", "enter")
	list, err := w.desk.Receipts()
	w.must(err)
	file := filepath.Join(w.home, "rileva-ricevuta-"+list[0].Number)
	w.types("p")
	w.sees("Salvata in ")
	w.types("s")
	pdf, err := os.ReadFile(file + ".pdf")
	w.must(err)
	raw, err := os.ReadFile(file + ".json")
	w.must(err)
	if !strings.HasPrefix(string(pdf), "%PDF") || !strings.Contains(string(raw), list[0].Number) {
		t.Errorf("%.20q, %.60q", pdf, raw)
	}
	w.app.documents = filepath.Join(w.home, "none")
	w.types("s")
	w.sees("Non si può scrivere in ")
}

// TestConflictPage: nothing is chosen before the person chooses, Esc changes
// nothing, and what is applied is what was chosen.
func TestConflictPage(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.conflict()
	w.sees("Due versioni", "[ ] ", "da decidere", "Da questo", "Dall'altro", "Solo dall'altro", "Da decidere: 1 di 1")
	w.press("f9")
	w.sees("Da decidere: 1 di 1", "[ ] ")
	w.press("esc")
	w.sees("c'è una versione più recente")
	if v := w.value(general, "head_name"); v != "Da questo" {
		t.Fatalf("Esc has left %v", v)
	}
	w.press("home", "enter")
	w.types("2")
	w.sees("[x] ", "si prende l'altra")
	w.types("1")
	w.sees("resta la mia")
	w.press("f9")
	w.sees("Le due versioni sono riunite")
	if a, b := w.value(general, "head_name"), w.value(general, "compiler_name"); a != "Da questo" || b != "Solo dall'altro" {
		t.Errorf("the draft has %v, %v", a, b)
	}
}

// TestAside: what a new version has put aside is listed with its reason, and
// goes when the person has asked twice.
func TestAside(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.aside()
	w.downTo("Risposte messe da parte")
	w.press("enter")
	w.sees("la domanda non c'è più", "> Ho visto")
	w.press("enter")
	w.sees("Premere di nuovo Invio")
	w.press("enter")
	w.sees("Elenco tolto")
	w.lacks("Risposte messe da parte")
}

// TestVersionUnderTheFingers: a new version that comes while somebody types
// takes the answer with it.
func TestVersionUnderTheFingers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.signed().filled(general)
	w.at(general, "compiler_name")
	w.types(" Nuovo")
	w.publish()
	w.press("f5")
	w.sees(" Nuovo_")
	w.press("tab")
	if v, ok := w.value(general, "compiler_name").(string); !ok || !strings.HasSuffix(v, " Nuovo") {
		t.Fatalf("the answer is %v:\n%s", v, w.screen())
	}
	if w.app.unsaved != "" {
		t.Fatal(w.app.unsaved)
	}
}

// TestFaultsOfTheDisk: a damaged file, a second window, a clock that was put
// back: each is said or harmless.
func TestFaultsOfTheDisk(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.must(w.desk.Copy())
	w.must(w.desk.Close())
	path := filepath.Join(w.home, "drafts.db")
	raw, err := os.ReadFile(path)
	w.must(err)
	w.must(os.WriteFile(path, raw[:len(raw)/2], 0o600))
	w.open()
	w.sees("era danneggiato", "copia automatica del", "01/12/2023", "drafts-damaged-")
	w.press("esc")
	w.sees("Pagina iniziale")
	_, err = desk.Open(w.home, desk.Options{Now: w.clock.now})
	if got := desk.Sentence(err, "it"); !strings.Contains(got, "già aperto in un'altra finestra") {
		t.Errorf("a second window is told %q", got)
	}
	w.clock.move(-48 * time.Hour) // the clock is put back
	w.at(general, "head_name")
	w.types("Nome")
	w.pass(restAfter)
	if v := w.value(general, "head_name"); v != "Nome" {
		t.Errorf("after the clock was put back: %v", v)
	}
}

// TestCopies: an automatic copy is made while answers change, and none while
// they do not.
func TestCopies(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	file := filepath.Join(w.home, "drafts-20231201.copy")
	_ = os.Remove(file)
	w.pass(copyEvery + syncEvery)
	if _, err := os.Stat(file); err == nil {
		t.Error("a copy of nothing new")
	}
	w.at(general, "head_name")
	w.types("Nome")
	w.pass(restAfter)
	w.pass(syncEvery)
	if _, err := os.Stat(file); err != nil {
		t.Error("no copy:", err)
	}
}

// TestContrast computes it for the backgrounds that terminals have: what is
// drawn in colour can be read, and where nothing can, there is none.
func TestContrast(t *testing.T) {
	for _, hex := range []string{"#000000", "#0c0c0c", "#1e1e1e", "#300a24", "#002b36", "#282a36", "#ffffff", "#fdf6e3", "#f0f0f0", "#eeeeec", "#808080", "#0000ff"} {
		ground := lipgloss.Color(hex)
		s := newStyles(desk.Looks{}, ground)
		for name, style := range map[string]lipgloss.Style{"error": s.Error, "warning": s.Warning} {
			c := style.GetForeground()
			if _, none := c.(lipgloss.NoColor); none || c == nil {
				if hex != "#808080" && hex != "#0000ff" {
					t.Errorf("%s has no colour on %s", name, hex)
				}
				continue
			}
			if k := contrast(c, ground); k < minContrast {
				t.Errorf("%s on %s has a contrast of %.1f", name, hex, k)
			}
		}
	}
	for _, s := range []styles{newStyles(desk.Looks{}, nil), newStyles(desk.Looks{NoColour: true}, color.Black)} {
		if _, none := s.Error.GetForeground().(lipgloss.NoColor); !none {
			t.Error("a colour on an unknown ground, or without leave")
		}
	}
	if k := contrast(color.Black, color.White); k < 20.9 || k > 21.1 {
		t.Errorf("black on white: %f", k)
	}
}

// TestDeadline says dates as people do, in both languages.
func TestDeadline(t *testing.T) {
	due := time.Date(2023, 12, 20, 23, 59, 59, 0, rome)
	s := surveysync.SurveyInfo{Opens: due.AddDate(0, 0, -40), Due: due, LateUntil: due.AddDate(0, 0, 10)}
	for _, c := range []struct {
		at     time.Time
		it, en string
	}{
		{due.AddDate(0, 0, -12), "Da inviare entro mercoledì 20 dicembre, fra 12 giorni", "To be sent by Wednesday 20 December, in 12 days"},
		{due.AddDate(0, 0, -1), "Da inviare entro mercoledì 20 dicembre, domani", "To be sent by Wednesday 20 December, tomorrow"},
		{due.Add(-time.Hour), "Da inviare entro mercoledì 20 dicembre, oggi", "To be sent by Wednesday 20 December, today"},
		{due.AddDate(0, 0, 1), "Scaduta ieri: in ritardo si può inviare fino a sabato 30 dicembre, fra 9 giorni", "It was due yesterday: late sending is possible until Saturday 30 December, in 9 days"},
		{due.AddDate(0, 0, -41), "Apre venerdì 10 novembre, domani: intanto si può compilare", "Opens Friday 10 November, tomorrow: you can fill in meanwhile"},
		{due.AddDate(0, 0, 15), "Chiusa sabato 30 dicembre 2023, 5 giorni fa: non si può più inviare, salvo proroga dell'Ufficio", "Closed Saturday 30 December 2023, 5 days ago: nothing can be sent unless the office extends it"},
	} {
		if got := in("it").deadline(s, c.at); got != c.it {
			t.Errorf("%q, want %q", got, c.it)
		}
		if got := in("en").deadline(s, c.at); got != c.en {
			t.Errorf("%q, want %q", got, c.en)
		}
	}
}

// TestSizes: what a terminal reports wrongly changes nothing, and lines are not
// stretched.
func TestSizes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	before := w.screen()
	w.app.Update(tea.WindowSizeMsg{})
	if w.screen() != before {
		t.Error("0x0 is taken for a size")
	}
	w.size(200, 60)
	for _, l := range strings.Split(w.screen(), "\n") {
		if len([]rune(l)) > maxWidth {
			t.Errorf("a line of %d: %q", len([]rune(l)), l)
		}
	}
}
