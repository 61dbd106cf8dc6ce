package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"rileva/pkg/survey/questionnaires"
)

// guideDesk stands in a folder with the files that the office's guide speaks of.
func guideDesk(t *testing.T) *desk {
	t.Helper()
	d := newDesk(t)
	d.env.width = func() int { return width }
	t.Chdir(t.TempDir())
	long := strings.Repeat("ISTITUTO DI ISTRUZIONE SUPERIORE STATALE ", 3)
	for name, content := range map[string]string{
		"SCUANAGRAFESTAT.csv": registerHeader +
			stateRow("MIIS00100B", "MIIS00100B", long, "SAN DONATO MILANESE", "MILANO") +
			stateRow("MIIS00100B", "MIPS00101N", long, "SAN DONATO MILANESE", "MILANO"),
		"SCUANAGRAFEPAR.csv": registerHeader +
			paritariaRow("MIPS00500A", long, "VIA DELEDDA 11", "beta@example.org") +
			paritariaRow("MIPC00500B", "GAMMA", "VIA VERDI 3", "gamma@example.org"),
		"vecchio.yaml": string(questionnaires.Dispersione202223),
		"nuovo.yaml":   strings.Replace(string(questionnaires.Dispersione202223), `version: "1"`, `version: "2"`, 1),
		"alunni.csv":   "ANNOSCOLASTICO,CODICESCUOLA,ALUNNI\n202223,MIPS00101N,1\n",
	} {
		must(t, os.WriteFile(name, []byte(content), 0o600))
	}
	return d
}

// printed are the lines of a document's blocks that a person types, in order,
// each with the heading that it stands under.
func printed(t *testing.T, document string) (lines [][2]string) {
	t.Helper()
	raw, err := os.ReadFile(document)
	must(t, err)
	heading, inside := "", false
	for line := range strings.Lines(string(raw)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "```"):
			inside = !inside
		case strings.HasPrefix(line, "#"):
			heading = strings.TrimLeft(line, "# ")
		case inside && strings.HasPrefix(line, "rileva-server "):
			lines = append(lines, [2]string{heading, strings.TrimPrefix(line, "rileva-server ")})
		}
	}
	return lines
}

// typed are the words of a line as a shell gives them to a program.
func typed(line string) (words []string) {
	for i, part := range strings.Split(line, `"`) {
		if i%2 == 1 {
			words = append(words, part)
		} else {
			words = append(words, strings.Fields(part)...)
		}
	}
	return words
}

// TestOfficeGuide types what the guide of the office prints, in its order and
// its months: each command does what it says, in lines of 80 columns.
func TestOfficeGuide(t *testing.T) {
	guide, err := filepath.Abs(filepath.Join("..", "..", "docs", "guida-ufficio.md"))
	must(t, err)
	d := guideDesk(t)
	months := map[string]time.Time{"Settembre": noon.AddDate(0, -2, 0), "Novembre": noon.AddDate(0, 0, -11), "Dicembre": noon,
		"Gennaio": noon.AddDate(0, 1, 24), "Marzo": noon.AddDate(0, 3, 4)}
	before := map[string]func(){
		"status": func() {
			d.env.now = func() time.Time { return noon }
			d.submit("MIIS00100B", "general", "liceale")
			d.ok("export", "--out", "dicembre-2022")
		},
		"approve": func() { // it came in as it should be
			d.ok("return", "MIIS00100B", "liceale", "--cancel")
			d.env.now = func() time.Time { return noon }
			d.submit("MIIS00100B", "tecnico", "professionale", "iefp")
		},
		"log verify": func() { // what somebody kept in November
			var v struct{ Checkpoint string }
			d.read(&v, "log", "verify")
			must(t, os.WriteFile("checkpoint-di-novembre.txt", []byte(v.Checkpoint), 0o600))
		},
	}
	done := map[string]bool{}
	for _, one := range printed(t, guide) {
		heading, line := one[0], one[1]
		for month, at := range months {
			if strings.HasPrefix(heading, month) {
				d.env.now = func() time.Time { return at }
			}
		}
		now := d.env.now
		for prefix, do := range before {
			if strings.HasPrefix(line, prefix) && !done[prefix] {
				done[prefix] = true
				do()
			}
		}
		d.env.now = now
		exit, out, said := d.run(typed(strings.ReplaceAll(line, "/copie/", t.TempDir()+"/"))...)
		if exit != exitDone {
			t.Errorf("%s\n%s: exit %d\n%s%s", heading, line, exit, out, said)
		}
		narrow(t, line, out)
	}
	for _, more := range []string{"institutions tracks", "credentials list", "credentials devices MIIS00100B", "history MIIS00100B general", "conflicts",
		"missing --cause never_signed_in", "remind --dry-run", "log", "log --json", "institutions confirm", "survey check vecchio.yaml"} {
		exit, out, said := d.run(strings.Fields(more)...)
		if exit != exitDone {
			t.Errorf("%s: exit %d\n%s%s", more, exit, out, said)
		}
		if !strings.Contains(more, "--json") {
			narrow(t, more, out)
		}
	}
	for _, lang := range []string{"it", "en"} {
		helped(t, d, lang)
	}
	if len(done) < len(before) {
		t.Errorf("the guide no longer says all of it: %v", done)
	}
}

// helped asks for the help of a command and of all under it.
func helped(t *testing.T, d *desk, lang string, path ...string) {
	t.Helper()
	out := d.ok(append(slices.Clone(path), "--help", "--lang", lang)...)
	narrow(t, strings.Join(path, " ")+" --help in "+lang, out)
	_, commands, _ := strings.Cut(out, map[string]string{"it": "\nComandi:\n", "en": "\nCommands:\n"}[lang])
	commands, _, _ = strings.Cut(commands, "\n\n")
	for line := range strings.Lines(commands) {
		if len(path) < 2 {
			helped(t, d, lang, append(slices.Clone(path), strings.Fields(line)[0])...)
		}
	}
}

// narrow wants lines that a terminal of 80 columns need not break, but for
// those that hold a path. What is said beside the data, on stderr, is one line
// for each thing, as scripts and people who search expect.
func narrow(t *testing.T, what, printed string) {
	t.Helper()
	for line := range strings.Lines(printed) {
		if line = strings.TrimRight(line, "\n"); utf8.RuneCountInString(line) > width && !strings.Contains(line, os.TempDir()) {
			t.Errorf("%s prints %d columns:\n%s", what, utf8.RuneCountInString(line), line)
		}
	}
}
