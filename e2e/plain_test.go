package e2e_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
)

// interview is what a person types into `rileva --plain` to answer a part from
// its first step to its last: a line for each question and for each row.
func interview(t *testing.T, sheet *survey.Sheet, in survey.Institution, answers survey.Answers) string {
	t.Helper()
	ev := sheet.Evaluate(survey.Input{Answers: answers, Institution: in, Lang: "it"})
	var b strings.Builder
	for _, section := range sheet.Sections {
		for _, item := range section.Items {
			if v := item.Question; v != nil && v.Type != survey.TypeDeclaration && ev.Status(v.ID) != survey.Irrelevant {
				b.WriteString(typed(t, v, answers[v.ID]) + "\n")
			}
			if item.Grid == nil {
				continue
			}
			for _, row := range item.Grid.Rows {
				var cells []string
				for _, c := range row.Cells {
					if st := ev.Status(c.ID); !c.Computed && st != survey.Closed && st != survey.Irrelevant {
						cells = append(cells, typed(t, c, answers[c.ID]))
					}
				}
				if len(cells) > 0 {
					b.WriteString(strings.Join(cells, " ") + "\n")
				}
			}
		}
	}
	return b.String()
}

// typed is how a person writes a value.
func typed(t *testing.T, v *survey.Variable, value any) string {
	number := func(id string) string {
		return fmt.Sprint(1 + slices.IndexFunc(v.Options, func(o survey.Option) bool { return o.ID == id }))
	}
	if v.ReadOnly {
		return ""
	}
	switch x := value.(type) {
	case nil:
		if v.Row != nil {
			return "-"
		}
		return ""
	case bool:
		return map[bool]string{true: "s", false: "n"}[x]
	case string:
		if len(v.Options) > 0 {
			return number(x)
		}
		return x
	case []string:
		var out []string
		for _, id := range x {
			if len(v.Options) > 0 {
				id = number(id)
			}
			out = append(out, id)
		}
		return strings.Join(out, map[bool]string{true: ", ", false: "; "}[len(v.Options) > 0])
	}
	return fmt.Sprint(value)
}

// TestPlain answers the whole survey, four tracks, question by question from
// the sign-in to the receipts, through standard input; what the server then
// holds is what was typed.
func TestPlain(t *testing.T) {
	s := newSchool(t)
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		t.Fatal(err)
	}
	in := s.institution
	whole := samples.For(in)
	var script strings.Builder
	script.WriteString("mips01000g\n" + s.password + "\nuna-password-nuova\nuna-password-nuova\n")
	for i, part := range append([]string{survey.GeneralPart}, samples.Tracks()...) {
		fmt.Fprintf(&script, "%d\nvai 1\n", i+1)
		script.WriteString(interview(t, q.Sheet(part), in, whole[part]))
		script.WriteString("errori\ninvia\n")
		if part == survey.GeneralPart {
			script.WriteString("s\n")
		}
		script.WriteString("s\n")
	}
	script.WriteString("ricevute\nesci\n")
	out := s.plain(t, script.String())

	numbers := regexp.MustCompile(`(?m)^Ricevuta ([0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4})$`).FindAllStringSubmatch(out, -1)
	if len(numbers) != 10 { // told when sent, and in the list
		t.Fatalf("%d receipts are told:\n%s", len(numbers), out)
	}
	for _, line := range strings.Split(out, "\n") {
		if n := len([]rune(line)); n > 80 && !strings.Contains(line, ">") { // a prompt is followed by what a terminal echoes
			t.Errorf("a line of %d: %q", n, line)
		}
	}
	if strings.ContainsFunc(out, func(r rune) bool { return r < ' ' && r != '\n' }) {
		t.Error("it writes control characters")
	}
	for _, part := range append([]string{survey.GeneralPart}, samples.Tracks()...) {
		var held struct {
			Body struct{ Answers survey.Answers }
		}
		if err := json.Unmarshal(s.office("show", "MIPS01000G", part), &held); err != nil {
			t.Fatal(err)
		}
		for _, id := range notTyped { // the register's, and the declaration
			delete(whole[part], id)
			delete(held.Body.Answers, id)
		}
		if diff := cmp.Diff(whole[part], held.Body.Answers); diff != "" {
			t.Errorf("%s: what was typed and what the server holds:\n%s", part, diff)
		}
	}
}

// plain runs the question-by-question mode on a script.
func (s *school) plain(t *testing.T, script string) string {
	t.Helper()
	return string(s.rileva(t, strings.NewReader(script), "--plain"))
}

// The input may end anywhere: what was accepted is there the next time.
func TestPlainEndOfInput(t *testing.T) {
	s := newSchool(t)
	out := s.plain(t, "mips01000g\n"+s.password+"\nuna-password-nuova\nuna-password-nuova\n1\nvai 6\n02 123456\nPersona di pro")
	if !strings.Contains(out, "è salvato") {
		t.Errorf("nothing is said:\n%s", out)
	}
	out = s.plain(t, "1\nvai 6\nvuoto\nindietro\nvai 999\nnd\nspiega\ncelle\nvai 6\nxyz\n02 99\nsalva\nesci\n")
	for _, want := range []string{"Risposta attuale: 02 123456", "da 1 a 25", "obbligatorio", "nulla da spiegare", "Qui questo comando", "già salvato"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not said:\n%s", want, out)
		}
	}
}

// rileva runs a command of the client.
func (s *school) rileva(t *testing.T, in *strings.Reader, args ...string) []byte {
	t.Helper()
	cmd := exec.Command(filepath.Join(bin, exe("rileva")), args...)
	cmd.Env = append(os.Environ(), "LANG=it_IT.UTF-8", "TZ=Europe/Rome", "RILEVA_HOME="+s.home, "RILEVA_SERVER="+s.server)
	if in != nil {
		cmd.Stdin = in
	}
	var out, said bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &said
	if err := cmd.Run(); err != nil {
		t.Fatalf("rileva %s: %v\n%s%s", strings.Join(args, " "), err, out.String(), said.String())
	}
	return out.Bytes()
}
