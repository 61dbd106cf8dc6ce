package tui

import (
	"fmt"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

const general = survey.GeneralPart

func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.sees("Codice meccanografico", "Password")
	w.size(60, 15)
	w.sees("> Codice meccanografico")
	w.types(strings.ToLower(w.inst.Code))
	w.press("enter")
	w.sees("> Password")
	w.types("sbagliata")
	w.press("enter")
	w.sees("! ")
	w.lacks("Accesso in corso")
	for range len("sbagliata") {
		w.press("backspace")
	}
	w.lacks("sbagliata")
	w.send(tea.PasteMsg{Content: w.letter + "\n"})
	w.lacks(w.letter)
	w.press("kpenter")
	w.sees("> Nuova password")
	w.press("f5")
	w.lacks("Tutto è già salvato -") // the letter's password opens nothing else
	w.types("una password lunga")
	w.press("tab")
	w.types("un'altra")
	w.press("enter")
	w.sees("Le due password non sono uguali")
	for range len("un'altra") {
		w.press("backspace")
	}
	w.types("una password lunga")
	w.press("enter")
	w.size(80, 24)
	w.sees("Che cosa serve", "Password cambiata", "minuti")
	w.press("enter")
	w.sees("Pagina iniziale", "PARTE 1", "da iniziare")
	w.reopen()
	w.sees("Pagina iniziale")
}

// TestUnreached: without a network at the first contact the page says so.
func TestUnreached(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.down.Store(true)
	w.types("MIIS999009")
	w.press("enter")
	w.types("x")
	w.press("enter")
	w.sees("! ")
	w.lacks("NON SALVATO")
}

// TestSessionEnded: the server is reached and refuses the token: the status
// line says so, and the answers go on being saved.
func TestSessionEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.clock.move(400 * 24 * time.Hour)
	w.press("f5")
	if w.app.net == "" {
		t.Fatalf("nothing is said:\n%s", w.screen())
	}
	w.press("enter")
	w.sees("1. Istituto")
}

// TestPages shows every page in both languages and three sizes.
func TestPages(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"it", "en"} {
		w := newWorld(t, lang).signed().filled(general, survey.TrackLiceale)
		texts := in(lang)
		work, err := w.desk.Work(survey.TrackLiceale)
		w.must(err)
		finding := survey.Finding{Check: "S01", Severity: survey.Explain, Message: strings.Repeat("parola ", 20), Variables: []string{"enrolled_start_y1_m"}}
		tables := grids(work.Sheet)
		pages := map[string]func(){
			texts.HomeName:    func() { w.app.home() },
			"PARTE":           func() { w.app.push(newPart(w.app, work)) },
			texts.HelpTitle:   func() { w.app.push(newHelp(w.app, survey.Item{Grid: tables[0]})) },
			texts.Receipts:    func() { w.app.push(newReceipts(w.app)) },
			"review":          func() { w.app.push(newReview(w.app, work)) },
			"explain":         func() { w.app.push(newExplain(w.app, work.Part, finding)) },
			"submit":          func() { w.app.push(newSubmit(w.app, work)) },
			texts.Password:    func() { w.app.push(newPassword(w.app, "")) },
			texts.SignInTitle: func() { w.app.push(newSignIn(w.app)) },
		}
		for _, g := range tables {
			pages["grid "+g.ID] = func() { w.app.push(newGridPage(w.app, work, g, "")) }
		}
		for _, s := range work.Sheet.Sections {
			pages["section "+s.ID] = func() { w.app.push(newSection(w.app, work, s)) }
		}
		for name, open := range pages {
			w.app.home()
			open()
			for _, size := range [][2]int{{80, 24}, {100, 30}, {60, 15}, {59, 14}, {20, 3}, {1, 1}, {200, 60}} {
				w.size(size[0], size[1])
				screen := w.screen()
				switch {
				case size[0] < minWidth && size[1] >= 14:
					if !strings.Contains(strings.Join(strings.Fields(screen), " "), "60 x 15") {
						t.Fatalf("%s: %q", name, screen)
					}
				case size[0] >= minWidth:
					lines := strings.Split(strings.TrimSuffix(screen, "\n"), "\n")
					if strings.TrimSpace(lines[len(lines)-1]) == "" || strings.TrimSpace(strings.Join(lines[2:len(lines)-2], "")) == "" {
						t.Fatalf("%s is blank at %v:\n%s", name, size, screen)
					}
				}
			}
		}
		w.size(80, 24)
	}
}

// grids lists the tables of a sheet, in the order of the form.
func grids(s *survey.Sheet) []*survey.Grid {
	var out []*survey.Grid
	for _, section := range s.Sections {
		for _, item := range section.Items {
			if item.Grid != nil {
				out = append(out, item.Grid)
			}
		}
	}
	return out
}

// TestTooSmall: what cannot be seen cannot be changed.
func TestTooSmall(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "evening_courses")
	w.size(59, 14)
	w.types("s")
	w.send(tea.PasteMsg{Content: "s"})
	w.size(80, 24)
	w.press("enter")
	if v := w.value(general, "evening_courses"); v != nil {
		t.Fatalf("answered %v", v)
	}
}

// TestPart1 answers every question of part 1 by its keys, in both languages.
func TestPart1(t *testing.T) {
	t.Parallel()
	for _, lang := range []string{"it", "en"} {
		w := newWorld(t, lang).signed()
		want := samples.For(samples.Institution())[general]
		work, err := w.desk.Work(general)
		w.must(err)
		for _, v := range work.Sheet.Variables() {
			answer, ok := want[v.ID]
			if !ok || v.ReadOnly || v.Type == survey.TypeDeclaration {
				continue
			}
			w.at(general, v.ID)
			page, ok := w.app.top().(*sectionPage)
			if !ok || page.current().item.Question.ID != v.ID {
				t.Fatalf("%s is not in focus:\n%s", v.ID, w.screen())
			}
			page.current().field.Set(nil) // what the register knew
			w.answer(v, answer)
			w.press("enter")
			if v.Type == survey.TypeTextList || v.Type == survey.TypeCodeList {
				w.press("enter")
			}
			if got := w.value(general, v.ID); !survey.Equal(got, answer) {
				t.Errorf("%s %s: %v, want %v", lang, v.ID, got, answer)
			}
		}
		w.reopen()
		for id, answer := range want {
			if got := w.value(general, id); id != "declaration" && !survey.Equal(got, answer) {
				t.Errorf("%s %s: %v on the disk, want %v", lang, id, got, answer)
			}
		}
	}
}

// answer types an answer as a person would.
func (w *world) answer(v *survey.Variable, answer any) {
	w.t.Helper()
	switch a := answer.(type) {
	case bool:
		w.types(map[bool]string{true: "1", false: "n"}[a])
	case int:
		w.types(fmt.Sprint(a))
	case string:
		if v.Options == nil {
			w.types(a)
			return
		}
		w.choose(v.Options, a)
	case []string:
		for i, s := range a {
			if v.Options != nil {
				w.choose(v.Options, s)
				continue
			}
			if i > 0 {
				w.press("enter")
			}
			w.types(s)
		}
	}
}

func (w *world) choose(options []survey.Option, id string) {
	w.t.Helper()
	for i, o := range options {
		if o.ID != id {
			continue
		}
		if i < 9 {
			w.types(fmt.Sprint(i + 1))
			return
		}
		for range len(options) {
			f := w.app.top().(*sectionPage).current().field
			if _, y, _ := f.Cursor(); y == i {
				break
			}
			w.press("down")
		}
		w.press("space")
		return
	}
	w.t.Fatalf("no option %q", id)
}

// TestGrids types a number into every table.
func TestGrids(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	for _, part := range samples.Tracks() {
		work, err := w.desk.Work(part)
		w.must(err)
		for _, g := range grids(work.Sheet) {
			w.app.home()
			w.app.push(newPart(w.app, work))
			openSection(w.app, work, g.Section)
			if s, ok := w.app.top().(*sectionPage); ok {
				for s.current().item.Grid != g {
					w.press("tab")
				}
				w.sees("Invio apre la tabella")
				w.press("enter")
			}
			page, ok := w.app.top().(*gridPage)
			if !ok {
				t.Fatalf("%s %s is not open:\n%s", part, g.ID, w.screen())
			}
			_, cell := page.focus()
			if cell == nil {
				t.Fatalf("%s %s: no cell has the focus:\n%s", part, g.ID, w.screen())
			}
			w.types("12")
			w.press("kpenter")
			if got := w.value(part, cell.ID); got != 12 {
				t.Errorf("%s: %v", cell.ID, got)
			}
			w.press("delete", "tab", "backtab", "up", "down", "left", "right", "home", "end", "pgup", "pgdown", "ctrl+r", "ctrl+z")
			w.press("f1")
			w.sees(g.Rows[0].Label.In("it")[:10])
			w.press("esc")
			if w.app.top() != page {
				t.Fatalf("%s: help does not come back", g.ID)
			}
		}
	}
}

// TestTotals: sums are whole numbers, never cut at the edge.
func TestTotals(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	w.sees("  |  M ", "5° ")
	w.size(60, 15)
	w.sees("Iscritti all'avvio delle lezioni: ", "5° ")
}

func TestMoving(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	page := w.app.top().(*sectionPage)
	for _, c := range []struct {
		key string
		at  int
	}{
		{"tab", 1}, {"down", 2}, {"enter", 3}, {"kpenter", 4}, {"tab", 5}, {"up", 4}, {"end", 6}, {"pgdown", 6},
		{"backtab", 5}, {"pgup", 0}, {"up", 0}, {"backtab", 0}, {"pgdown", 5}, {"pgup", 0},
	} {
		w.press(c.key)
		if page.at != c.at && c.key != "end" { // End is the text's
			t.Fatalf("%s: at %d, want %d", c.key, page.at, c.at)
		}
		if c.key == "end" {
			w.press("tab", "tab")
			if page.at != 6 {
				t.Fatalf("at %d", page.at)
			}
		}
		w.sees("> ")
	}
	w.at(general, "institution_code") // read only
	w.types("x")
	w.press("space", "delete", "f2")
	w.send(tea.PasteMsg{Content: "MIPS01000G"})
	w.press("end")
	if page := w.app.top().(*sectionPage); page.at != len(page.items)-1 {
		t.Fatalf("End leads to %d", page.at)
	}
	if got := w.value(general, "institution_code"); got != w.inst.Code {
		t.Fatalf("the code is %v", got)
	}
	w.press("pgup") // Home is the text's here
	w.sees("> 1.", "Sezione 1 di 6, ", "Invio avanti")
	w.press("f1")
	w.sees("Aiuto", "Codice con cui si è effettuato l'accesso", "G01: Il codice … non è tra quelli")
	w.press("end")
	w.sees("Protocollo")
	w.press("esc")
	w.sees("> 1.")
}

// TestFindings: under its question, gone while it is corrected, back after.
func TestFindings(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	w.types("nessuna")
	w.lacks("! ")
	w.press("tab")
	w.sees("! «nessuna» non ha la forma")
	w.press("up")
	w.sees("! «nessuna»")
	w.types("x")
	w.lacks("! «nessuna»")
	w.press("tab")
	w.sees("! «nessunax»")
}

func TestExplanation(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "institution_email")
	w.types("scuola@example.org")
	w.press("tab")
	w.sees("? L'e-mail istituzionale")
	w.press("f4")
	w.downTo("? da spiegare: L")
	review := w.app.top()
	w.types("e")
	w.sees("Spiegazione G11", "> (scegliere un motivo)", "1 Dato verificato", "5 Altro")
	w.size(60, 15)
	w.sees("(scegliere un motivo)", "5 Altro")
	w.size(80, 24)
	w.press("ctrl+g")
	w.sees("Manca il motivo")
	w.types("3")
	w.sees("> 3 Situazione")
	w.types("jk/") // no letters move or search
	w.sees("> 3 Situazione")
	w.press("up", "enter")
	w.types("corta")
	w.press("ctrl+g")
	w.sees("troppo corta", "corta")
	w.types(": è la casella della segreteria")
	w.press("ctrl+g")
	if w.app.top() != review {
		t.Fatalf("not back at the list:\n%s", w.screen())
	}
	w.sees("Spiegazione salvata", ". spiegato: L'e-mail")
	e, _ := w.desk.Explanation(general, "G11")
	if e.Reason != "small_numbers" || e.Text != "corta: è la casella della segreteria" {
		t.Fatalf("stored %+v", e)
	}
	w.types("e")
	w.press("enter")
	w.send(tea.PasteMsg{Content: ", dell'alunno Pinco Pallino"})
	w.press("ctrl+g")
	w.sees("Salvata, ma «Pinco Pallino» sembra il nome", "riscrivere la")
	w.types("e") // again: what was said stands there
	w.sees("> 2 Numeri piccoli", "casella della segreteria")
	w.types("1")
	w.press("esc")
	if e, _ := w.desk.Explanation(general, "G11"); e.Reason != "small_numbers" {
		t.Fatalf("Esc has stored %+v", e)
	}
	w.sees("quello che è scritto è conservato")
	w.types("e")
	w.sees("> 1 Dato verificato") // as it was left
	w.press("tab")
	w.press("enter") // the last field: saves
	if e, _ := w.desk.Explanation(general, "G11"); e.Reason != "verified_in_register" {
		t.Fatalf("stored %+v", e)
	}
	w.types("e4")
	w.press("tab")
	w.types(" in parte")
	w.send(Quit{}) // a closed window keeps half an explanation, and the whole one before it
	w.reopen()
	if e, _ := w.desk.Explanation(general, "G11"); e.Reason != "verified_in_register" {
		t.Fatalf("stored %+v", e)
	}
	if e, _ := w.desk.HalfExplained(general, "G11"); e.Reason != "definition_differs" || !strings.HasSuffix(e.Text, " in parte") {
		t.Fatalf("kept %+v", e)
	}
}

// TestReview jumps to each finding of a part with many, and comes back to it.
func TestReview(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	w.types("1")
	w.press("enter", "f4")
	review, ok := w.app.top().(*reviewPage)
	if !ok {
		t.Fatal("F4 opens no review")
	}
	for i := range len(review.choices()) {
		f := review.current().at.(survey.Finding)
		w.press("enter")
		page, ok := w.app.top().(*gridPage)
		if !ok {
			t.Fatalf("%s opens %T", f.Check, w.app.top())
		}
		if _, cell := page.focus(); cell == nil || !strings.Contains(strings.Join(f.Variables, " "), cell.ID) {
			t.Errorf("%s of %v leads to %v", f.Check, f.Variables, cell)
		}
		w.press("esc")
		if w.app.top() != review || review.at != i {
			t.Fatalf("%s: Esc does not return to the list", f.Check)
		}
		w.press("down")
	}
}

// TestMissing: F6 goes through the blank answers of the part and says when
// there is none.
func TestMissing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	work, err := w.desk.Work(general)
	w.must(err)
	w.app.push(newPart(w.app, work))
	w.sees("F6 mancante")
	depth := len(w.app.pages)
	w.press("f6")
	w.sees("> 7.")
	w.press("f6")
	w.sees("> 8.")
	seen := map[string]bool{}
	for range 40 {
		w.press("f6")
		seen[w.app.top().(*sectionPage).current().item.Question.ID] = true
		if len(w.app.pages) != depth+1 {
			t.Fatalf("%d pages", len(w.app.pages))
		}
	}
	if len(seen) != 19 {
		t.Errorf("F6 went to %d answers: %v", len(seen), seen)
	}
	w.press("esc")
	w.sees("F6 mancante")

	w.filled(general, survey.TrackLiceale)
	w.at(general, "institution_email")
	w.press("f6")
	w.sees("Non manca nessuna risposta")
	w.at(survey.TrackLiceale, "arrivals_y2_f")
	w.press("delete", "home", "f6")
	page := w.app.top().(*gridPage)
	if _, cell := page.focus(); cell.ID != "arrivals_y2_f" {
		t.Errorf("F6 leads to %s", cell.ID)
	}
}

func TestSubmission(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	w.press("f9")
	w.sees("Il dirigente/coordinatore dichiara", "[ ]")
	w.press("enter", "space", "enter")
	if w.desk.Unsent() != 0 {
		t.Fatal("Enter sends")
	}
	w.pass(grace)
	w.press("f9")
	w.sees("Premere S per dichiararlo", "[ ]")
	w.lacks("da inviare")
	w.size(60, 15)
	w.sees("[ ] Il dirigente", "Premere F9")
	w.types("s")
	w.sees("[x]")
	w.size(80, 24)
	w.down.Store(true)
	w.press("esc", "f9") // opened anew: what was said is said again
	w.types("s")
	w.press("ctrl+t") // too early: it may be the key that opened the page
	w.sees("[x]")
	w.lacks("F9 o Ctrl+T invia")
	w.pass(grace)
	w.sees("F9 o Ctrl+T invia")
	w.press("ctrl+t")
	w.sees("In attesa d'invio: partirà da sola appena c'è la rete.")
	w.press("home")
	w.sees("in attesa d'invio", "da inviare: 1", "senza rete")
	w.down.Store(false)
	w.clock.move(time.Hour)
	w.send(tickMsg{})
	w.sees("Inviata. Ricevuta n. ")
	w.press("home")
	w.lacks("da inviare")
	w.press("f8")
	w.sees("Invio n. 1")
	w.press("enter")
	w.sees("Posizione nel registro")
}

// TestBlocked: what is not in order is not sent, and the list says why.
func TestBlocked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.press("f9")
	w.sees("Rilievi", "Non si può ancora inviare")
}

// TestWaitsNotOffered: what waits of a track that part 1 lists no more stands on
// the home page, and why it cannot be opened.
func TestWaitsNotOffered(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, "liceale")
	w.must(w.desk.Submit("liceale", desk.SubmitOptions{Declared: true}))
	_, err := w.desk.DiscardDraft(general)
	w.must(err)
	w.reopen()
	w.sees("Scheda Liceale", "rifiutata: non è stata presa", "! Il percorso «liceale» non è tra quelli indicati nella parte 1.")
	w.downTo("Scheda Liceale")
	w.press("enter")
	w.sees("Aggiungerlo alla domanda sui percorsi")
}

func TestSentences(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.sees("Tutto è già salvato")
	w.at(general, "head_name")
	w.types("Nome")
	w.press("ctrl+c")
	w.sees("Per uscire: Ctrl+Q")
	if w.robot.Ended() || w.value(general, "head_name") != "Nome" {
		t.Fatal("Ctrl+C ends, or says saved of what is not")
	}
	w.press("tab")
	w.sees("Salvato alle")
	w.press("ctrl+s")
	w.sees("Già salvato: ogni risposta si salva da sola.")
	w.types("Altro")
	w.press("ctrl+q")
	if !w.robot.Ended() || w.value(general, "compiler_name") != "Altro" {
		t.Fatal("Ctrl+Q does not end, or loses what was typed")
	}
}

// TestUnsaved: what cannot be written is said and stays on the screen.
func TestUnsaved(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "head_name")
	w.types("Nome")
	w.must(w.desk.Close()) // as good as a disk that is gone
	w.press("tab")
	w.sees("NON SALVATO", "> 9.", "[Nome_")
	for _, key := range []string{"up", "pgdown", "esc", "f4", "f1"} {
		w.press(key)
		w.sees("NON SALVATO", "> 9.", "[Nome_")
	}
	w.press("ctrl+s")
	w.lacks("Già salvato")
	w.press("ctrl+q")
	w.sees("NON è sul disco", "Nome", "R o Invio: riprova", "L: esce lo stesso")
	w.types("l")
	if w.robot.Ended() {
		t.Fatal("a key that was under way has left")
	}
	w.pass(grace)
	w.press("esc")
	w.sees("> 9.", "[Nome_")
	w.press("ctrl+q")
	w.pass(grace)
	w.types("r")
	w.sees("NON è sul disco")
	w.pass(grace)
	w.types("l")
	if !w.robot.Ended() || w.app.End() == "" {
		t.Fatal("Ctrl+Q is a trap, or ends in silence")
	}
}

// TestUnsavedInTable: a number that cannot be written is still being typed in
// its cell, whatever key was to leave it, and is written when it can be.
func TestUnsavedInTable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	const id = "arrivals_y1_m"
	w.at(survey.TrackLiceale, id)
	was := w.value(survey.TrackLiceale, id)
	w.types("18")
	w.must(w.desk.Close()) // as good as a disk that is gone
	for _, key := range []string{"enter", "tab", "up", "right", "pgdown", "ctrl+r", "f4", "f1", "ctrl+s", "f6"} {
		w.press(key)
		w.sees("NON SALVATO", "[  18]", "Ingressi in corso d'anno, 1° anno, Maschi: 18")
	}
	w.types("3")
	w.sees("[ 183]")
	w.press("backspace", "enter")
	w.sees("[  18]")
	w.press("ctrl+q")
	w.pass(grace)
	w.sees("NON è sul disco", "1° anno, Maschi: 18")
	w.types("l")
	if !w.robot.Ended() || w.app.End() == "" {
		t.Fatal("Ctrl+Q is a trap, or ends in silence")
	}
	w.reopen()
	if v := w.value(survey.TrackLiceale, id); v != was {
		t.Errorf("%s is %v, was %v", id, v, was)
	}
}

// TestQuit: a signal keeps what is being typed.
func TestQuit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general, survey.TrackLiceale)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	w.types("77")
	w.send(Quit{})
	if !w.robot.Ended() {
		t.Fatal("goes on")
	}
	w.reopen()
	if v := w.value(survey.TrackLiceale, "enrolled_start_y1_m"); v != 77 {
		t.Fatalf("the number is %v", v)
	}
	w.at(general, "general_notes")
	w.send(tea.PasteMsg{Content: "prima riga\r\nsecon"})
	w.send(Quit{})
	w.reopen()
	if v := w.value(general, "general_notes"); v == nil || !strings.HasSuffix(v.(string), "prima riga\nsecon") {
		t.Fatalf("the text is %q", v)
	}
}

// TestUnavailable: Ctrl+D on a text, then typing, then taking it back.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	const id = "compiler_phone"
	w.at(general, id)
	w.sees("Ctrl+D: dato non disponibile")
	w.press("ctrl+d")
	w.sees("dato non disponibile (Dato non rilevato")
	w.types("02")
	w.sees("[02_")
	w.lacks("(Dato non rilevato")
	w.press("tab")
	if v := w.value(general, id); v != "02" {
		t.Fatalf("answered %v", v)
	}
	w.press("ctrl+d")
	w.sees("(Dato non rilevato")
	w.press("delete")
	w.lacks("(Dato non rilevato")
	w.press("ctrl+d", "ctrl+d", "ctrl+d", "ctrl+d", "ctrl+d")
	w.lacks("dato non disponibile (")
	w.at(general, "institution_code")
	w.press("ctrl+d")
	w.at(general, "head_name")
	w.press("ctrl+d")
	w.lacks("dato non disponibile")
}

// TestNewerData: what the sync brought in while a page was open is shown, and
// is not written over by what the page showed before.
func TestNewerData(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.at(general, "head_name")
	w.types("vecchio")
	w.press("tab", "up")
	other, err := w.desk.Work(general)
	w.must(err)
	_, err = other.Set(desk.Change{Variable: "head_name", Value: "nuovo"}, desk.Change{Variable: "compiler_name", Value: "anche"})
	w.must(err)
	w.send(syncMsg{report: desk.SyncReport{}})
	w.sees("[nuovo_", "[anche_")
	w.press("tab", "up", "esc")
	if v := w.value(general, "head_name"); v != "nuovo" {
		t.Fatalf("the answer is %v", v)
	}

	// What is being typed at that moment stays under the fingers.
	w.at(general, "head_name")
	w.types(" mio")
	_, err = other.Set(desk.Change{Variable: "head_name", Value: "terzo"})
	w.must(err)
	w.send(syncMsg{report: desk.SyncReport{}})
	w.sees("[nuovo mio_")
	w.press("tab")
	if v := w.value(general, "head_name"); v != "nuovo mio" {
		t.Fatalf("the answer is %v", v)
	}
}

// TestKept: a value that a field cannot hold is not changed by looking at it.
func TestKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	other, err := w.desk.Work(general)
	w.must(err)
	strange := map[string]any{"sites_count": 12345678, "classes_total": "molte", "compiler_role": "preside",
		"network_partners": []string{"altre_scuole", "comune"}, "general_notes": strings.TrimSpace(strings.Repeat("x\n", 150))}
	for id, v := range strange {
		_, err = other.Set(desk.Change{Variable: id, Value: v})
		w.must(err)
	}
	for id, v := range strange {
		w.at(general, id)
		w.press("tab", "backtab", "f1", "esc", "esc")
		if got := w.value(general, id); !survey.Equal(got, v) {
			t.Errorf("%s has become %v", id, got)
		}
	}
}

// TestVanishing: a question stops being asked while it has the focus.
func TestVanishing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	other, err := w.desk.Work(general)
	w.must(err)
	_, err = other.Set(desk.Change{Variable: "evening_courses", Value: true})
	w.must(err)
	w.at(general, "evening_students_total")
	w.types("12")
	_, err = other.Set(desk.Change{Variable: "evening_courses", Value: false})
	w.must(err)
	w.send(syncMsg{report: desk.SyncReport{}})
	w.sees("> 22.")
	w.types("n")
	w.press("up")
	w.sees("> 19.")
	w.types("s")
	w.press("enter")
	w.sees("> 20.")
}

// TestHostile: what comes from elsewhere cannot move the terminal's cursor.
func TestHostile(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	page := w.app.top().(*homePage)
	page.view0.Messages = []surveysync.Message{{At: noon, Text: "uno\x1b[2Jdue\n" + strings.Repeat("x", 300)}}
	page.rows = append(page.rows, listRow{text: "a\x1b[31mb\nc", note: strings.Repeat("nota ", 40), more: []string{page.view0.Messages[0].Text}})
	if v := w.app.View().Content; strings.Contains(v, "\x1b[2J") || strings.Contains(v, "\x1b[31mb") {
		t.Fatalf("%q", v)
	}
	w.sees(`uno\x1b[2Jdue`, "xxxxxxxx", "a\\x1b[31mb", "nota nota")
}

// TestLongList: whatever stands in a list can be brought onto the screen.
func TestLongList(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	page := w.app.top().(*homePage)
	page.rows = nil
	add := func(n int, text string, open func() tea.Cmd) {
		for i := range n {
			page.rows = append(page.rows, listRow{text: fmt.Sprint(text, i), open: open})
		}
	}
	open := func() tea.Cmd { return nil }
	add(4, "sopra", nil)
	add(30, "riga", open)
	add(4, "sotto", nil)
	w.sees("sopra0", "> riga0")
	for i := range 30 {
		w.sees(fmt.Sprint("> riga", i))
		w.press("down")
	}
	w.sees("sotto3", "> riga29")
	w.press("home")
	w.sees("sopra0", "> riga0")
	add(40, "coda", nil)
	w.press("end")
	w.sees("> riga29")
}

func TestWrap(t *testing.T) {
	t.Parallel()
	for _, s := range []string{"", "   ", "una parola", strings.Repeat("x", 200), "     ! " + strings.Repeat("parola-composta/", 20), "漢字" + strings.Repeat("漢", 90), "a\n\nb", "  «" + strings.Repeat("è’", 80)} {
		for _, w := range []int{20, 33, 60, 80} {
			for _, l := range wrap(s, w, "       ") {
				fits(t, s, l, w)
			}
		}
	}
	if got := strings.Join(wrap("     ! uno due tre quattro", 20, "       "), "\n"); got != "     ! uno due tre\n       quattro" {
		t.Errorf("%q", got)
	}
}

// TestAcross explains a check across the sheets from the home page, and the
// submission of part 1 shows what goes with it.
func TestAcross(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(append([]string{general}, samples.Tracks()...)...)
	other, err := w.desk.Work(general)
	w.must(err)
	email := strings.ToLower(w.inst.Code) + "@example.org"
	_, err = other.Set(desk.Change{Variable: "institution_email", Value: email})
	w.must(err)
	f, err := w.desk.Findings(general)
	w.must(err)
	w.must(w.desk.Explain(general, f[0], "other", "prima riga della spiegazione\n"+strings.Repeat("e ancora ", 60)))
	w.app.home()
	w.press("f9")
	w.sees("spiegato: prima riga", "[ ] Il dirigente", "Premere F9")
	w.size(60, 15)
	w.sees("[ ] Il dirigente", "Premere F9", "…")
	for range 30 {
		w.press("down")
	}
	w.sees("e ancora", "[ ] Il dirigente")
	w.press("pgup", "up", "esc")
	w.size(80, 24)

	page := w.app.top().(*homePage)
	page.view0.Across = []survey.Finding{{Check: "X01", Severity: survey.Explain, Message: "I totali non tornano.", Variables: []string{"students_total_start"}}}
	page.across()
	w.downTo("da spiegare: I totali")
	w.press("enter")
	w.sees("Spiegazione X01", "I totali non tornano")
	w.types("5")
	w.press("tab")
	w.send(tea.PasteMsg{Content: "il conto è giusto\ncosì"})
	w.press("ctrl+g")
	w.sees("Pagina iniziale", "Spiegazione salvata")
}

// TestASCII draws nothing beyond ASCII but words.
func TestASCII(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "en").signed().filled(general, survey.TrackLiceale)
	w.app = New(w.desk, Options{Lang: "en", Looks: desk.Looks{ASCII: true}, Now: w.clock.now, After: w.robot.After})
	w.robot.Open(w.app)
	w.size(60, 15)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	for _, r := range w.screen() {
		if r > 126 {
			t.Fatalf("%q:\n%s", r, w.screen())
		}
	}
}

// TestHelp scrolls and stops at its ends.
func TestHelp(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed().filled(general)
	w.at(survey.TrackLiceale, "enrolled_start_y1_m")
	w.size(60, 15)
	w.press("f1")
	first := w.screen()
	w.press("down", "pgdown", "end")
	w.sees("Protocollo") // who asks stands at the end
	w.press("pgup", "home", "up")
	if w.screen() != first {
		t.Fatalf("not back at the top:\n%s", w.screen())
	}
	w.press("f1")
	w.sees("Invio giù")
}
