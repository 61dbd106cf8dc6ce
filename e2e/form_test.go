package e2e_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/charmbracelet/x/vt"
	"github.com/creack/pty"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

var update = flag.Bool("update", false, "write the golden screens anew")

// terminal is the real client in a pseudo-terminal of 80x24, with an emulator
// as its screen.
type terminal struct {
	t    testing.TB
	cmd  *exec.Cmd
	tty  *os.File
	mu   sync.Mutex
	news *sync.Cond
	vt   *vt.Emulator
	gone bool
}

const patience = 20 * time.Second // a busy machine, not a slow program

func openForm(t testing.TB, env ...string) *terminal {
	t.Helper()
	return openTerminal(t, exec.Command(filepath.Join(bin, exe("rileva"))), env...)
}

// openTerminal starts a program in a pseudo-terminal.
func openTerminal(t testing.TB, cmd *exec.Cmd, env ...string) *terminal {
	t.Helper()
	x := &terminal{t: t, cmd: cmd, vt: vt.NewEmulator(80, 24)}
	x.news = sync.NewCond(&x.mu)
	x.cmd.Env = append(os.Environ(), append([]string{"TERM=xterm-256color", "LANG=it_IT.UTF-8", "TZ=Europe/Rome"}, env...)...)
	size := &pty.Winsize{Rows: 24, Cols: 80}
	start := func() (*os.File, error) { return pty.StartWithSize(cmd, size) }
	if cmd.SysProcAttr != nil { // it says itself how it is tied to the terminal
		start = func() (*os.File, error) { return pty.StartWithAttrs(cmd, size, cmd.SysProcAttr) }
	}
	tty, err := start()
	if err != nil {
		t.Fatal(err)
	}
	x.tty = tty
	go x.read()
	go func() { // what the terminal answers to queries
		buf := make([]byte, 256)
		for {
			n, err := x.vt.Read(buf)
			if err != nil {
				return
			}
			_, _ = x.tty.Write(buf[:n])
		}
	}()
	t.Cleanup(x.close)
	return x
}

func (x *terminal) read() {
	buf := make([]byte, 64<<10)
	for {
		n, err := x.tty.Read(buf)
		x.mu.Lock()
		_, _ = x.vt.Write(buf[:n])
		x.gone = err != nil
		x.news.Broadcast()
		x.mu.Unlock()
		if err != nil {
			return
		}
	}
}

func (x *terminal) close() {
	_ = x.cmd.Process.Kill()
	_ = x.tty.Close()
	_ = x.cmd.Wait()
	// Ends the reader of the terminal's answers; the emulator's own Close sets
	// a field that the reader looks at without a lock.
	if answers, ok := x.vt.InputPipe().(io.Closer); ok {
		_ = answers.Close()
	}
}

// screen is the text of the terminal, without blanks at the line ends. The
// caller holds the lock.
func (x *terminal) screen() string {
	lines := strings.Split(x.vt.String(), "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " ")
	}
	return strings.TrimRight(strings.Join(lines, "\n"), "\n") + "\n"
}

// sees waits until the screen holds text, and gives the screen.
func (x *terminal) sees(text string) string {
	x.t.Helper()
	return x.waits(text, func(screen string) bool { return strings.Contains(screen, text) })
}

// rests is sees, once nothing is under way on the network any more.
func (x *terminal) rests(text string) string {
	x.t.Helper()
	return x.waits(text, func(screen string) bool {
		return strings.Contains(screen, text) && !strings.Contains(screen, "in corso...")
	})
}

func (x *terminal) waits(text string, until func(string) bool) string {
	x.t.Helper()
	deadline := time.AfterFunc(patience, func() {
		x.mu.Lock()
		x.gone = true
		x.news.Broadcast()
		x.mu.Unlock()
	})
	defer deadline.Stop()
	x.mu.Lock()
	defer x.mu.Unlock()
	for !until(x.screen()) {
		if x.gone {
			x.t.Fatalf("the screen never showed %q:\n%s", text, x.screen())
		}
		x.news.Wait()
	}
	return x.screen()
}

func (x *terminal) types(keys string) {
	x.t.Helper()
	if _, err := x.tty.Write([]byte(keys)); err != nil {
		x.t.Fatal(err)
	}
}

// Keys as a terminal sends them.
const (
	enter, tab, escape    = "\r", "\t", "\x1b"
	up, down, right, left = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
	backTab, backspace    = "\x1b[Z", "\x7f"
	f4, f8, f9            = "\x1bOS", "\x1b[19~", "\x1b[20~"
	ctrlQ                 = "\x11"
)

// What differs from run to run is masked before a screen is compared.
var masks = []struct {
	re   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`[0-9]{1,2} [a-z]+ [0-9]{4}, ore [0-9]{2}:[0-9]{2}`), "GIORNO"},
	{regexp.MustCompile(`[0-9]{2}:[0-9]{2}:[0-9]{2}`), "ORA"},
	{regexp.MustCompile(`127\.0\.0\.1:[0-9]+_*`), "SERVER"},
	{regexp.MustCompile(`[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}`), "NUMERO"},
	{regexp.MustCompile(`(sha256:)?[0-9a-f]{30,}`), "IMPRONTA"},
	{regexp.MustCompile(`fra [0-9.]+ giorni`), "fra GIORNI"},
}

// golden compares a screen with the stored one.
func golden(t *testing.T, name, screen string) {
	t.Helper()
	for _, m := range masks {
		screen = m.re.ReplaceAllString(screen, m.with)
	}
	file := filepath.Join("testdata", "screens", name+".txt")
	if *update {
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(screen), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, []byte(screen)) {
		t.Errorf("%s differs.\nwant:\n%s\ngot:\n%s", name, want, screen)
	}
}

// TestForm drives the real client from sign-in to receipt, as a secretary
// would: part 1 is typed, the sheet of the one track comes from a file (which
// the form shows and checks), one number is corrected in the grid.
func TestForm(t *testing.T) {
	s := newSchool(t)
	x := openForm(t, "RILEVA_HOME="+s.home, "RILEVA_SERVER="+s.server)
	golden(t, "01-signin", x.rests("Codice meccanografico"))
	x.types("mips01000g" + enter + s.password + enter)
	golden(t, "02-password", x.rests("Scegliere una nuova password"))
	x.types("una-password-nuova" + enter + "una-password-nuova" + enter)
	golden(t, "02b-prepare", x.rests("Che cosa serve"))
	x.types(enter)
	x.sees("Pagina iniziale")
	golden(t, "03-home", x.rests("da iniziare"))

	x.types(enter)
	golden(t, "04-sections", x.rests("1. Istituto"))
	x.types(enter)
	golden(t, "05-institute", x.rests("Gestione"))
	x.types(escape)
	x.sees("6. Osservazioni")

	x.types(down + enter)
	x.sees("E-mail istituzionale")
	x.types("mips01000g(a)istruzione.it" + tab) // not an address
	golden(t, "06-error-under-question", x.rests("! "))
	x.types(up)
	x.sees("> 7.")
	x.types("\x1b[H" + strings.Repeat("\x1b[3~", 26) + "mips01000g@istruzione.it" + enter)
	x.sees("> 8.")
	x.types("02 0000000" + enter)
	x.sees("> 9.")
	x.types("Dirigente di prova" + enter + "Compilatore di prova" + enter)
	x.sees("> 11.")
	x.types("4" + enter)
	x.sees("> 12.")
	x.types("compilatore@scuola.example" + enter)
	golden(t, "07-contacts", x.rests("> 13."))
	x.types(escape)
	x.sees("2. Contatti")
	x.types(ctrlQ)
	if err := x.cmd.Wait(); err != nil {
		t.Fatalf("the form ended with %v", err)
	}

	// The rest of part 1 and the sheet come from files.
	s.run("fill", "general", "--from", s.write("general.json", s.answers["general"]))
	s.run("fill", "liceale", "--from", s.write("liceale.json", s.answers["liceale"]))

	x = openForm(t, "RILEVA_HOME="+s.home, "RILEVA_SERVER="+s.server)
	golden(t, "08-home-ready", x.rests("pronta da inviare"))
	x.types(down + enter)
	x.sees("2. Movimenti")
	x.types(down + enter)
	golden(t, "09-grid", x.rests("1° anno"))
	x.types("1" + enter) // far too few pupils
	golden(t, "10-grid-findings", x.rests("! 1° anno, Maschi"))
	x.types(f4)
	golden(t, "11-review", x.rests("errore: "))
	x.types(escape)
	x.sees("Ctrl+Z annulla")
	x.types("\x1a") // undo
	golden(t, "12-undone", x.rests("Annullato"))
	x.types(escape)
	x.sees("Indirizzi e classi")
	x.types(escape)
	x.sees("Pagina iniziale")

	x.types(up + f9)
	golden(t, "13-submit", x.rests("F9 o Ctrl+T invia"))
	x.types("s")
	x.sees("[x]")
	x.sees("F9 o Ctrl+T invia")
	x.types(f9)
	x.sees("Ricevuta n.")
	golden(t, "14-sent", x.rests("inviata"))
	x.types(down + f9)
	x.sees("F9 o Ctrl+T invia")
	x.types(f9)
	x.sees("Ricevute                                                                2  F8")
	x.types(f8)
	golden(t, "15-receipts", x.rests("Ricevuto dal server"))
	x.types(enter)
	golden(t, "16-receipt", x.rests("Posizione nel registro"))
}

// school is one institution with a server, a first password and its answers.
type school struct {
	t           testing.TB
	dir         string
	home        string
	data        string // the server's folder
	server      string
	institution survey.Institution
	password    string
	answers     map[string]survey.Answers
}

// newSchool sets up a liceo of the real register on a fresh server.
func newSchool(t testing.TB) *school {
	t.Helper()
	s := &school{t: t, dir: t.TempDir()}
	s.home = filepath.Join(s.dir, "device")
	s.data = filepath.Join(s.dir, "data")
	if err := writeRegister(s.dir); err != nil {
		t.Fatal(err)
	}
	const code = "MIPS01000G"
	s.office("institutions", "import", filepath.Join(s.dir, "schools_milano.csv.gz"))
	s.office("survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	var reply struct {
		Issued []struct {
			Password string `json:"password"`
		} `json:"issued"`
	}
	if err := json.Unmarshal(s.office("credentials", "issue", code), &reply); err != nil || len(reply.Issued) != 1 {
		t.Fatalf("credentials issue: %v, %d passwords", err, len(reply.Issued))
	}
	s.password = reply.Issued[0].Password
	var r running
	if err := r.serve(s.data, filepath.Join(s.dir, "server.log")); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(r.kill)
	s.server = "http://" + r.addr
	s.institution = survey.Institution{Code: code, Codes: []string{code}, Kind: survey.KindState, Comune: "MILANO", Name: "SCUOLA DI PROVA"}
	s.answers = samples.ForTracks(s.institution, survey.TrackLiceale)
	for _, id := range notTyped {
		delete(s.answers[survey.GeneralPart], id)
	}
	return s
}

// office runs a command of the server and gives what it prints.
func (s *school) office(args ...string) []byte {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(bin, exe("rileva-server")), append([]string{"--data", s.data, "--json"}, args...)...)
	out, err := cmd.Output()
	if err != nil {
		s.t.Fatalf("rileva-server %v: %v", args, err)
	}
	return out
}

func (s *school) write(name string, v any) string {
	s.t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		s.t.Fatal(err)
	}
	file := filepath.Join(s.dir, name)
	if err := os.WriteFile(file, raw, 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

func (s *school) run(args ...string) string {
	s.t.Helper()
	cmd := exec.Command(filepath.Join(bin, exe("rileva")), args...)
	cmd.Env = append(os.Environ(), "RILEVA_HOME="+s.home, "RILEVA_SERVER="+s.server, "LANG=it_IT.UTF-8", "TZ=Europe/Rome")
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Fatalf("rileva %v: %v\n%s", args, err, out)
	}
	return string(out)
}
