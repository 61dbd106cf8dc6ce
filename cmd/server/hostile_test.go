package main

import (
	"bytes"
	"encoding/csv"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// hostile is what somebody may type where words go, or write into a file: a
// cleared screen, a title, the colours of the operator's own lines, text turned
// round, hidden text, a line that pretends to be another, a formula.
const hostile = "=1+1 \x1b[2J\x1b]0;t\a\u009b31m\u202eoid\u200b\ufeff\u2028\r\nFORGED riga\t\x7f"

// sentence is as much of it as an answer may hold: the rules of answers leave
// C0 controls out.
var sentence = strings.Map(func(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}, hostile)

// harms names what in a text a terminal would act upon, or a line that a field
// has forged.
func harms(text string) string {
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return string(r)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "FORGED") {
			return line
		}
	}
	return ""
}

// hostileOffice has such words in every text that reaches the office: names of
// the register, devices, answers, explanations, a merge, and what the office
// wrote itself.
func hostileOffice(t *testing.T) *desk {
	d := newDesk(t)
	row := strings.ReplaceAll(stateRow("MIIS00100B", "MIIS00100B", "ALFA X", "MILANO", "MILANO"), " X", " \x1b[2J\u009b\u202e")
	d.ok("institutions", "import", d.file("scuole.csv", registerHeader+row))
	d.ok("institutions", "add", "MIIS00200C", "--name", "BETA "+hostile, "--comune", "MONZA "+hostile, "--kind", "statale")
	d.ok("survey", "dates", "--opens", "2020-01-01", "--due", "2099-01-01", "--late-until", "2099-02-01")
	d.ok("survey", "dates", "--institution", "MIIS00100B", "--late-until", "2099-03-01", "--reason", hostile)
	d.submitChanged("MIIS00100B", "general", func(s *surveysync.Submission) {
		s.Answers["head_name"], s.Answers["compiler_name"] = "Nome "+sentence, sentence
		s.Explanations = map[string]survey.Explanation{"S13": {Reason: "other", Text: "perché " + hostile}}
	})
	d.ok("note", "MIIS00100B", "--text", "nota "+hostile)
	d.ok("message", "MIIS00100B", "--text", "testo "+hostile)
	d.ok("institutions", "exclude", "MIIS00200C", "--reason", "motivo "+hostile)
	d.ok("return", "MIIS00100B", "general", "--revision", "1", "--remark", "osservazione "+hostile)
	return d
}

// TestHostileWords: no command of the office prints a byte that a terminal
// acts upon, whatever a school wrote and however the command is called. A new
// command without a line here fails.
// TestNamesOfPupils: the office is asked about what looks like a pupil's name in
// its own words too; they are written all the same.
func TestNamesOfPupils(t *testing.T) {
	d := newDesk(t).furnish()
	d.submit("MIIS00100B", "general")
	for _, args := range [][]string{
		{"message", "MIIS00100B", "--text", "L'alunno Pinco Pallino è contato due volte"},
		{"note", "MIIS00100B", "--text", "chiamato: la studentessa Pinca Pallina"},
		{"return", "MIIS00100B", "general", "--until", "31/12/2023", "--remark", "classes_total: manca lo studente Pinco Pallino"},
	} {
		exit, _, said := d.run(args...)
		if exit != exitDone || !strings.Contains(said, "Pallin") || !strings.Contains(said, "sembra il nome") {
			t.Errorf("%v: exit %d\n%s", args, exit, said)
		}
	}
	if _, _, said := d.run("message", "MIIS00100B", "--text", "Controllare gli studenti Erasmus"); strings.Contains(said, "sembra") {
		t.Errorf("it takes Erasmus for a pupil: %s", said)
	}
}

func TestHostileWords(t *testing.T) {
	d := hostileOffice(t)
	const school, part = "MIIS00100B", "general"
	calls := map[string][]string{
		"status": {}, "missing": {}, "show": {school}, "history": {school, part}, "conflicts": {}, "conflicts settle": {hostile, "--reason", hostile}, "outliers": {}, "explanations": {},
		"log": {}, "log verify": {}, "log rotate-key": {hostile}, "check": {}, "remind": {"--out", d.file("posta", "") + hostile},
		"institutions list": {}, "institutions show": {school}, "institutions import": {d.file("a.csv", registerHeader+"x,"+hostile+"\n")},
		"institutions add": {"XX" + hostile, "--name", hostile}, "institutions exclude": {hostile, "--reason", hostile},
		"institutions include": {hostile}, "institutions tracks": {school, hostile}, "institutions group": {hostile, school},
		"institutions ungroup": {hostile}, "institutions confirm": {hostile}, "institutions merge": {hostile, school}, "institutions remove": {hostile},
		"credentials issue": {hostile}, "credentials list": {}, "credentials reset": {hostile}, "credentials revoke": {school, "--device", hostile},
		"credentials devices": {school},
		"survey check":        {d.file("q.yaml", "id: \""+sentence+"\"\ntitle: "+sentence)}, "survey publish": {d.file("q.yaml", sentence)},
		"survey rehearse": {d.file("q.yaml", sentence)}, "survey void": {hostile}, "survey show": {}, "survey dates": {"--due", hostile},
		"return": {school, part, "--remark", hostile + ": " + hostile}, "approve": {school, hostile}, "message": {hostile, "--text", hostile},
		"note": {school, "--text", hostile}, "export": {"--out", t.TempDir() + "/" + sentence}, "export diff": {hostile, hostile},
		"backup": {t.TempDir() + "/no/" + hostile}, "restore": {hostile}, "store copy": {"--from", hostile, "--to", t.TempDir() + "/" + hostile}, "store views": {"--reader", hostile}, "serve": {"--listen", hostile}, "demo": {"--listen", hostile},
		"help": {hostile}, "forget": {"--variable", hostile},
	}
	more := [][]string{{"show", school, part}, {"show", school, part, "--variables"}, {"show", school, hostile}, {"show", hostile}, {"log", "--limit", "99", "--incident", "0000-0001"},
		{"log", "--action", hostile}, {"institutions", "list", "--province", hostile}, {hostile}, {"status", "--" + hostile}, {"status", "--config", hostile}, {"--print-config", "status", "--log-key", hostile},
		{"status", "--log-level", hostile}}
	var walk func(*cobra.Command)
	walk = func(c *cobra.Command) {
		name := strings.TrimSpace(strings.TrimPrefix(c.CommandPath(), programName))
		if c.Runnable() && !c.HasSubCommands() || calls[name] != nil {
			args, ok := calls[name]
			if !ok && !c.Hidden {
				t.Errorf("%s has no line here", name)
			}
			more = append(more, append(strings.Fields(name), args...))
		}
		for _, sub := range c.Commands() {
			walk(sub)
		}
	}
	p := &program{environment: d.env, words: &italian, log: quiet}
	walk(p.root())
	said := 0
	for _, args := range more {
		for _, with := range [][]string{nil, {"--json"}, {"--lang", "en"}} {
			_, out, err := d.run(append(append([]string{}, args...), with...)...)
			if bad := harms(out + "\n" + err); bad != "" {
				t.Errorf("%q %v prints %q:\n%s\n%s", args, with, bad, out, err)
			}
			said += strings.Count(out, "oid") // what stands behind the mark of direction
		}
	}
	if said < 50 {
		t.Errorf("the words were shown %d times: they do not reach the screens", said)
	}
}

// TestHostileFiles: what is exported and printed on paper from such words opens
// in no program as a formula and holds no control character; a megabyte of é is
// refused or shown, and harms nothing.
func TestHostileFiles(t *testing.T) {
	d := hostileOffice(t)
	d.env.now = func() time.Time { return noon.AddDate(0, 0, 1) }
	dir := filepath.Join(t.TempDir(), "out")
	d.ok("export", "--out", dir, "--format", "csv,xlsx,json")
	seen := 0
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || strings.HasSuffix(path, ".xlsx") {
			return err
		}
		raw, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		seen += bytes.Count(raw, []byte("oid"))
		for _, r := range string(raw) {
			if unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%s holds %q", filepath.Base(path), r)
				break
			}
		}
		if strings.HasSuffix(path, ".csv") {
			rows, err := csv.NewReader(bytes.NewReader(bytes.TrimPrefix(raw, []byte("\ufeff")))).ReadAll()
			if err != nil {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
			for _, cell := range slices.Concat(rows...) {
				if cell != "" && strings.ContainsRune("=+@\t\r", rune(cell[0])) {
					t.Errorf("%s has the formula %q", filepath.Base(path), cell)
				}
			}
		}
		return nil
	})
	if err != nil || seen == 0 {
		t.Errorf("%d hostile words were exported, %v", seen, err)
	}
	pdf := filepath.Join(t.TempDir(), "lettere.pdf")
	d.ok("credentials", "reset", "MIIS00100B", "--out", filepath.Join(t.TempDir(), "pw.csv"), "--letters", pdf)
	if raw, err := os.ReadFile(pdf); err != nil || !bytes.HasPrefix(raw, []byte("%PDF-")) {
		t.Errorf("the letter: %v", err)
	}

	megabyte := strings.Repeat("é", 1<<19)
	for _, args := range [][]string{{"note", "MIIS00100B", "--text", megabyte}, {"message", "MIIS00100B", "--text", megabyte},
		{"return", "MIIS00100B", "general", "--remark", megabyte}, {"institutions", "exclude", "MIIS00100B", "--reason", megabyte},
		{"show", megabyte}, {"log", "--incident", megabyte}} {
		exit, out, said := d.run(args...)
		if exit == exitInternal || len(out)+len(said) > 4<<20 {
			t.Errorf("%s %s: exit %d, %d bytes printed", args[0], args[1][:2], exit, len(out)+len(said))
		}
	}
	d.ok("show", "MIIS00100B")
	d.ok("check")
	d.ok("log", "verify")
}
