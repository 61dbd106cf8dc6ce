package main

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"rileva/internal/drafts"
	"rileva/pkg/survey"
)

// TestYear is a school's work by commands, with --json throughout.
func TestYear(t *testing.T) {
	w := newWorld(t)
	var object map[string]any
	var list []map[string]any
	w.json(w.login(school).asJSON(w), &object)
	w.json(w.gives(exitDone, "status", "--json"), &object)
	w.fill("general")
	w.json(w.gives(exitDone, "check", "general", "--json"), &list)
	if list == nil || len(list) != 0 {
		t.Errorf("findings %v", list)
	}
	w.json(w.gives(exitFindings, "submit", "general", "--json"), &object)
	var sent submitted
	w.json(w.gives(exitDone, "submit", "--all", "--declare", "--json"), &sent)
	if len(sent.Receipts) != 1 || sent.Waiting == nil || sent.Fetched == nil || sent.Failed == nil {
		t.Errorf("%+v", sent)
	}
	first := w.gives(exitDone, "submit", "--all", "--declare")
	if again := w.gives(exitDone, "submit", "--all", "--declare"); again.out != first.out {
		t.Errorf("a second time: %s%s", first.out, again.out)
	}
	w.json(w.gives(exitDone, "sync", "--json"), &object)
	w.json(w.gives(exitDone, "receipts", "--json"), &list)
	number, _ := list[0]["number"].(string)
	receipt := w.gives(exitDone, "receipts", "show", number, "--json")
	w.json(receipt, &object)
	w.says(w.gives(exitDone, "receipts", "show", strings.ToLower(number)), number, "Impronta dei dati")
	w.json(w.gives(exitDone, "receipts", "verify", w.file("r.json", receipt.out), "--json"), &object)
	page := filepath.Join(w.dir, "ricevuta.pdf")
	w.gives(exitDone, "receipts", "print", number, "--out", page)
	w.json(w.gives(exitDone, "receipts", "print", number, "--out", page, "--json"), &object) // over the same
	if raw, err := os.ReadFile(page); err != nil || !strings.HasPrefix(string(raw), "%PDF-") {
		t.Errorf("%.20q %v", raw, err)
	}
	w.says(w.gives(exitUsage, "receipts", "print", number), "Manca il file", "--out")
	w.says(w.gives(exitUsage, "receipts", "print", number, "--out", w.file("dati.xlsx", "PK")), "di un altro tipo", "altro nome")
	w.says(w.gives(exitUsage, "receipts", "print", number, "--out", filepath.Join(w.dir, "no", "r.pdf")), "non si può scrivere")
	if raw, err := os.ReadFile(filepath.Join(w.dir, "dati.xlsx")); err != nil || string(raw) != "PK" {
		t.Errorf("another file was touched: %q %v", raw, err)
	}
	w.json(w.gives(exitDone, "settings", "--json"), &object)
	w.says(w.gives(exitDone, "settings", "heartbeat", "off"), "spento")
	w.says(w.gives(exitDone, "settings"), "spento")
	w.says(w.gives(exitDone, "settings", "heartbeat", "on"), "nessuna risposta")
	w.gives(exitUsage, "settings", "colour", "red")
	w.json(w.gives(exitDone, "doctor", "--json"), &object)
	w.gives(exitDone, "fill", "general", "--from", w.file("una.csv", "head_name;Un altro nome\n"))
	w.json(w.gives(exitDone, "draft", "export", filepath.Join(w.dir, "bozza.json"), "--json"), &object)
	w.says(w.gives(exitConflict, "draft", "import", filepath.Join(w.dir, "bozza.json")), "modifiche non inviate", "--replace")
	w.json(w.gives(exitDone, "draft", "discard", "general", "--json"), &object)
	w.gives(exitUsage, "draft", "discard", "general")
	w.json(w.gives(exitDone, "draft", "import", filepath.Join(w.dir, "bozza.json"), "--json"), &object)
	w.gives(exitDone, "draft", "discard", "general")
	w.json(w.gives(exitDone, "attempts", "--json"), &list)
	for _, a := range list {
		if a["outcome"] == "" || a["incident"] == "" || a["what"] == "" {
			t.Errorf("attempt %v", a)
		}
	}
	w.says(w.gives(exitDone, "attempts"), "accepted", "arrivato, con ricevuta", "accesso")
	w.json(w.gives(exitUsage, "fill", "general", "--from", w.file("a.csv", "x;1\n"), "--json"), &object)
	w.json(w.call(passphrase+"\nun'altra frase lunga abbastanza\n", "password", "--password-stdin", "--json"), &object)
	w.json(w.gives(exitDone, "logout", "--json"), &object)
	w.json(w.gives(exitDone, "attempts", "--json"), &list)
}

// asJSON signs in once more to see the same as JSON.
func (s said) asJSON(w *world) said {
	w.t.Helper()
	again := w.call(passphrase+"\n", "login", "--code", school, "--password-stdin", "--json")
	w.is(again, exitDone)
	return again
}

// TestEveryExitCode reaches each code that a person's doing can reach, and
// nothing that fails does so without a sentence and a hint.
func TestEveryExitCode(t *testing.T) {
	w := newWorld(t)
	for _, args := range [][]string{{"status"}, {"sync"}, {"check"}, {"submit", "--all"}, {"receipts"}, {"logout"}, {"explain", "general", "G01", "--text", "x"}} {
		w.says(w.gives(exitRefused, args...), "rileva: suggerimento: ", "accesso")
	}
	w.says(w.call("sbagliata\n", "login", "--code", school, "--password-stdin"), "non sono giusti", "suggerimento")
	first := w.call(w.letter[school]+"\n", "login", "--code", school, "--password-stdin")
	w.is(first, exitRefused)
	w.says(first, "va cambiata")
	w.says(w.gives(exitRefused, "status"), "va cambiata", "rileva password")
	w.login(school)
	w.says(w.gives(exitFindings, "check", "general"), "!")
	w.says(w.gives(exitFindings, "submit", "general", "--declare"), "non è stata inviata")
	w.fill("general")
	w.says(w.gives(exitUsage, "fill", "nessuna", "--from", w.file("x.csv", "a;1")), "non esiste")
	w.says(w.gives(exitUsage, "receipts", "show", "x"), "non è su questo computer")

	w.network(false)
	w.says(w.gives(exitOffline, "submit", "general", "--declare"), "in attesa", "suggerimento")
	w.says(w.gives(exitOffline, "sync"), "in attesa")
	w.says(w.gives(exitDone, "status"), "in attesa d'invio", "In attesa d'invio: 1")
	w.network(true)
	w.dates(-48*time.Hour, -24*time.Hour, -time.Hour)
	w.says(w.gives(exitClosed, "sync"), "chiusa")
	w.says(w.gives(exitClosed, "sync"), "chiusa", "suggerimento") // not tried again, still told
	w.says(w.gives(exitClosed, "submit", "general", "--declare"), "chiusa")
	w.says(w.gives(exitDone, "status"), "rifiutata", "si è chiusa il")
	w.dates(-48*time.Hour, 24*time.Hour, 48*time.Hour)
	w.change(func() {
		w.edit = func(b []byte) []byte { return []byte(strings.Replace(string(b), `":1585`, `":-1`, 1)) }
	})
	w.says(w.gives(exitFindings, "submit", "general", "--declare"), "rifiutata dal server", "Ci sono 1 rilievi")
	w.change(func() { w.edit = nil })
	w.gives(exitDone, "submit", "general", "--declare")

	home := w.env["RILEVA_HOME"]
	w.env["RILEVA_HOME"] = filepath.Join(w.dir, "second computer")
	w.login(school)
	w.gives(exitDone, "fill", "general", "--from", w.file("b.csv", "head_name;Dal secondo\n"))
	w.gives(exitDone, "submit", "general", "--declare")
	w.env["RILEVA_HOME"] = home
	w.gives(exitDone, "fill", "general", "--from", w.file("a.csv", "head_name;Dal primo\n"))
	w.says(w.gives(exitConflict, "submit", "general", "--declare"), "in conflitto")
	w.says(w.gives(exitConflict, "sync"), "più recente")
}

// TestFill: the exit code tells whether something was taken.
func TestFill(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	faulty := w.file("misto.csv", "variable,value\nhead_name,Ada\nno_such,1\nsites_count,molti\n")
	s := w.gives(exitUsage, "fill", "general", "--from", faulty)
	w.says(s, faulty+":3: no_such: ", faulty+":4: sites_count: ", "2 voci", "--partial")
	s = w.gives(exitDone, "fill", "general", "--from", faulty, "--partial")
	w.says(s, faulty+":3: no_such: ", "1 risposte prese", "2 scartate")
	s = w.gives(exitUsage, "fill", "general", "--from", w.file("tutto.csv", "no_such,1\n"), "--partial")
	w.says(s, "non è stato preso niente", "il file e la parte giusti")
	s = w.gives(exitUsage, "fill", "general", "--from", w.file("altra.csv", "institution_code,"+second+"\n"), "--partial")
	w.says(s, "è di un'altra scuola: "+second)
	s = w.gives(exitUsage, "fill", "general", "--from", w.file("tanti.csv", strings.Repeat("no\x1b[31msuch,1\n", 0)+strings.Repeat("no_such,1\n", 100)))
	w.says(s, "altre 60 voci")
	if n := strings.Count(s.err, "\n"); n > 50 {
		t.Errorf("%d lines", n)
	}
	s = w.call("head_name,Dall'ingresso\n", "fill", "general", "--from", "-")
	w.is(s, exitDone)
	if runtime.GOOS != "windows" {
		w.says(w.gives(exitUsage, "fill", "general", "--from", "/dev/zero"), "troppo grande")
	}
	for _, name := range []string{filepath.Join(w.dir, "nowhere.csv"), w.dir, "", "a\x00b", strings.Repeat("x", 5000)} {
		s := w.gives(exitUsage, "fill", "general", "--from", name)
		w.says(s, "rileva: suggerimento: ")
	}
	big := filepath.Join(w.dir, "big.csv")
	w.must(os.WriteFile(big, nil, 0o600))
	w.must(os.Truncate(big, 1<<40))
	w.says(w.gives(exitUsage, "fill", "general", "--from", big), "troppo grande")
	secret := w.file("secret.csv", "head_name,Ada\n")
	w.must(os.Chmod(secret, 0))
	if f, err := os.Open(secret); err == nil {
		_ = f.Close() // root may read everything
	} else {
		w.says(w.gives(exitUsage, "fill", "general", "--from", secret), "non si può leggere")
	}
}

// TestVerifyWithoutAHome: with --key a receipt needs no device folder.
func TestVerifyWithoutAHome(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	w.gives(exitDone, "submit", "general", "--declare")
	var list []map[string]any
	w.json(w.gives(exitDone, "receipts", "--json"), &list)
	receipt := w.file("r.json", w.gives(exitDone, "receipts", "show", list[0]["number"].(string), "--json").out)
	meta, err := w.store.Meta(t.Context())
	w.must(err)
	w.env = map[string]string{"RILEVA_HOME": w.file("no folder", "")}
	w.says(w.gives(exitDone, "receipts", "verify", receipt, "--key", meta.LogKey), "è valida")
	w.says(w.gives(exitUsage, "receipts", "verify", receipt), "suggerimento")
	raw, err := os.ReadFile(receipt)
	w.must(err)
	changed := w.file("c.json", strings.Replace(string(raw), `"part":"general"`, `"part":"liceale"`, 1))
	w.says(w.gives(exitConflict, "receipts", "verify", changed, "--key", meta.LogKey), "NON è valida")
	var verdict map[string]any
	w.json(w.gives(exitConflict, "receipts", "verify", changed, "--key", meta.LogKey, "--json"), &verdict)
	for _, key := range []string{"x", "rileva+00000000+AAAA", meta.LogKey + "x"} {
		if s := w.call("", "receipts", "verify", receipt, "--key", key); s.code == exitDone || s.err == "" {
			t.Errorf("key %q: exit %d %s", key, s.code, s.err)
		}
	}
	w.gives(exitConflict, "receipts", "verify", w.file("t.txt", "Gentile Dirigente"), "--key", meta.LogKey)
	w.gives(exitUsage, "receipts", "verify", filepath.Join(w.dir, "nowhere"), "--key", meta.LogKey)
	w.env["RILEVA_HOME"] = filepath.Join(w.dir, "fresh")
	w.says(w.gives(exitUsage, "receipts", "verify", receipt), "--key")
}

// TestTwoSchools: signing another school in is allowed; it is said whose work
// waits.
func TestTwoSchools(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	w.network(false)
	w.gives(exitOffline, "submit", "general", "--declare")
	w.network(true)
	w.says(w.login(second), school, "lavoro non inviato", "general")
	w.says(w.gives(exitDone, "status"), second, "da iniziare")
	s := w.call(passphrase+"\n", "login", "--code", second, "--password-stdin", "--json")
	var got struct {
		Code      string           `json:"code"`
		Elsewhere []map[string]any `json:"unsent_elsewhere"`
	}
	w.json(s, &got)
	if got.Code != second || len(got.Elsewhere) != 1 || got.Elsewhere[0]["code"] != school {
		t.Errorf("%+v", got)
	}
	w.login(school)
	w.says(w.gives(exitDone, "status"), "inviata")
	if s := w.login(second); strings.Contains(s.out, school) {
		t.Errorf("what was sent still waits: %s", s.out)
	}
}

// TestHomes: a folder that cannot be used gets a sentence.
func TestHomes(t *testing.T) {
	w := newWorld(t)
	use := func(home string) { w.env["RILEVA_HOME"] = home }
	use(w.file("a file", "x"))
	w.says(w.gives(exitUsage, "status"), "non è una cartella", "RILEVA_HOME")
	use(filepath.Join(w.file("a file", "x"), "below"))
	w.says(w.gives(exitUsage, "status"), "suggerimento")
	foreign := filepath.Join(w.dir, "foreign")
	w.must(os.Mkdir(foreign, 0o700))
	w.must(os.WriteFile(filepath.Join(foreign, "drafts.db"), []byte(strings.Repeat("non è nostro", 9000)), 0o600))
	use(foreign)
	w.says(w.gives(exitUsage, "status"), "non è un archivio", "suggerimento")
	locked := filepath.Join(w.dir, "locked")
	w.must(os.Mkdir(locked, 0o500))
	if os.WriteFile(filepath.Join(locked, "x"), nil, 0o600) != nil { // root may write everywhere
		use(locked)
		w.says(w.gives(exitUsage, "status"), "non può scrivere", "suggerimento")
	}
	busy := filepath.Join(w.dir, "busy")
	other, err := drafts.Open(busy, drafts.Options{})
	w.must(err)
	defer func() { w.must(other.Close()) }()
	use(busy)
	w.says(w.gives(exitUsage, "status"), "già aperto", "suggerimento")
	w.says(w.gives(exitUsage, "--lang", "en", "status"), "already open", "hint")
}

// TestClock: a clock that differs is told, and nothing else changes.
func TestClock(t *testing.T) {
	w := newWorld(t)
	w.change(func() { w.skew = -10 * time.Minute })
	w.says(w.login(school), "avanti di 10 minuti")
	w.change(func() { w.skew = time.Hour })
	s := w.gives(exitDone, "sync")
	w.says(s, "indietro di 60 minuti")
	var report struct {
		Skew int `json:"clock_skew_seconds"`
	}
	w.json(w.gives(exitDone, "sync", "--json"), &report)
	if report.Skew > -3500 || report.Skew < -3700 {
		t.Errorf("skew %d", report.Skew)
	}
	w.change(func() { w.skew = 0 })
	if s := w.gives(exitDone, "sync"); strings.Contains(s.err, "orologio") {
		t.Error(s.err)
	}
}

// TestOnePartNeverHoldsBackAnother: what cannot be sent is told, the rest goes.
func TestOnePartNeverHoldsBackAnother(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general", "tecnico")
	w.gives(exitDone, "fill", "tecnico", "--from", w.file("x.csv", "admitted_june_y3_f;9\n"))
	s := w.gives(exitFindings, "submit", "tecnico", "general", "--declare")
	w.says(s, "general", "invio n. 1", "La parte tecnico non è stata inviata", "I4")
	s = w.gives(exitUsage, "submit", "nessuna", "general", "--declare")
	w.says(s, "invio n. 1", "nessuna")
	var sent submitted
	w.json(w.gives(exitUsage, "submit", "nessuna", "general", "--declare", "--json"), &sent)
	if len(sent.Failed) != 1 || sent.Failed[0].Code != "unknown_part" || len(sent.Receipts) != 1 {
		t.Errorf("%+v", sent)
	}
	s = w.gives(exitFindings, "check")
	if g, x := strings.Index(s.out, "[tecnico"), strings.Index(s.out, "H13"); g < 0 || x >= 0 && x < g {
		t.Errorf("not in the order of the form: %s", s.out)
	}
}

// TestExplain: the words name the check as it is written.
func TestExplain(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	w.gives(exitDone, "fill", "general", "--from", w.file("x.csv", "general_notes;RSSMRA80A01F205X\n"))
	w.says(w.gives(exitFindings, "check", "general"), "? G30", "da spiegare")
	w.says(w.gives(exitUsage, "explain", "general", "G30"), "10 caratteri")
	w.says(w.gives(exitUsage, "explain", "general", "G30", "--text", "abbastanza lunga", "--reason", "mah"), "small_numbers")
	w.says(w.gives(exitDone, "explain", "general", "g30", "--text", "È il codice dell'esempio."), "G30", "prossimo invio")
	w.says(w.gives(exitDone, "explain", "general", "g30", "--text", "È il codice dell'alunno Pinco Pallino."), "«Pinco Pallino» sembra il nome")
	w.says(w.gives(exitDone, "check", "general"), "spiegato")
	var got map[string]any
	w.json(w.gives(exitDone, "explain", "general", "g30", "--text", "È il codice dell'esempio.", "--json"), &got)
	if got["check"] != "G30" || got["part"] != survey.GeneralPart {
		t.Errorf("%v", got)
	}
}

// TestTemplate: a table's template is written, taken back, never replaced, and
// refused for another part.
func TestTemplate(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	w.fill("general")
	w.says(w.gives(exitUsage, "fill", "tecnico", "--template", "-"), "più di una tabella", "movements")
	w.says(w.gives(exitUsage, "fill", "tecnico", "--template", "-", "--table", "x"), "«x»", "movements")
	file := w.file("m.csv", "")
	w.says(w.gives(exitUsage, "fill", "tecnico", "--template", file, "--table", "movements"), "esiste già")
	text := w.gives(exitDone, "fill", "tecnico", "--template", "-", "--table", "movements").out
	if !strings.HasPrefix(text, "PK") {
		t.Fatalf("no workbook: %.40q", text)
	}
	file = filepath.Join(filepath.Dir(file), "new.csv")
	w.says(w.gives(exitDone, "fill", "tecnico", "--template", file, "--table", "movements"), "Modello scritto", "fill tecnico --from")
	raw, err := os.ReadFile(file)
	w.must(err)
	w.says(w.gives(exitDone, "fill", "tecnico", "--from", file), "0 risposte")
	other := w.file("o.csv", strings.Replace(string(raw), "part;tecnico", "part;liceale", 1))
	w.says(w.gives(exitUsage, "fill", "tecnico", "--from", other, "--partial"), "della parte", "preso niente")
	w.says(w.gives(exitUsage, "fill", "tecnico", "--from", file, "--template", file), "--from")
}
