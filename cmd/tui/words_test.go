package main

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

// TestWords: both languages have the same keys and no blank word but a usage
// without arguments; every key in the source is there.
func TestWords(t *testing.T) {
	it, en := commandWords["it"], commandWords["en"]
	for key, word := range it {
		if _, ok := en[key]; !ok {
			t.Errorf("%q has no English", key)
		}
		if (word == "" || en[key] == "") && !strings.HasPrefix(key, "use ") {
			t.Errorf("%q is blank", key)
		}
		verbs := regexp.MustCompile(`%(\[\d+\])?[a-z]`)
		if got, want := verbs.FindAllString(en[key], -1), verbs.FindAllString(word, -1); !slices.Equal(got, want) {
			t.Errorf("%q: %v and %v", key, want, got)
		}
	}
	for key := range en {
		if _, ok := it[key]; !ok {
			t.Errorf("%q has no Italian", key)
		}
	}
	used := keysInSource(t)
	if len(used) < 50 {
		t.Fatalf("only %d keys found in the source", len(used))
	}
	for key := range used {
		if _, ok := it[key]; !ok {
			t.Errorf("%q is used and has no words", key)
		}
	}
	for key := range it {
		head, _, _ := strings.Cut(key, " ")
		composed := slices.Contains([]string{"use", "long", "state", "severity", "op", "field", "verify", "outcome", "what", "yes", "step", "job", "exam"}, head) || key == "no" || strings.HasSuffix(key, " hint")
		if !used[key] && !composed && !isCommand(key) {
			t.Errorf("%q is used by nobody", key)
		}
	}
}

// keysInSource finds p.words["…"], words handed to fileError and the like.
func keysInSource(t *testing.T) map[string]bool {
	t.Helper()
	used := map[string]bool{}
	packages, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range packages {
		if !strings.HasSuffix(e.Name(), ".go") || strings.HasSuffix(e.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), e.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.IndexExpr:
				if s, ok := n.X.(*ast.SelectorExpr); ok && s.Sel.Name == "words" {
					note(used, n.Index, "")
				}
			case *ast.CallExpr:
				if s, ok := n.Fun.(*ast.SelectorExpr); ok && s.Sel.Name == "fileError" {
					note(used, n.Args[0], "")
					note(used, n.Args[0], " hint")
				}
			case *ast.BasicLit: // chosen first, looked up later
				if s, err := strconv.Unquote(n.Value); err == nil && (strings.HasPrefix(s, "clock ") || strings.HasPrefix(s, "heartbeat ") || strings.HasPrefix(s, "flag ")) {
					used[s] = true
				}
			}
			return true
		})
	}
	return used
}

func note(used map[string]bool, e ast.Expr, suffix string) {
	if lit, ok := e.(*ast.BasicLit); ok {
		if s, err := strconv.Unquote(lit.Value); err == nil {
			used[s+suffix] = true
		}
	}
}

func commands(c *cobra.Command, path string, f func(path string, c *cobra.Command)) {
	for _, sub := range c.Commands() {
		name := strings.TrimSpace(path + " " + sub.Name())
		f(name, sub)
		commands(sub, name, f)
	}
}

func root(lang string) *cobra.Command {
	return newRoot(&program{lang: lang, words: commandWords[lang], env: func(string) string { return "" }})
}

func isCommand(key string) bool {
	found := false
	commands(root("it"), "", func(path string, _ *cobra.Command) { found = found || path == key })
	return found
}

// TestComposedWords: what is put together from a code has words for each.
func TestComposedWords(t *testing.T) {
	var keys []string
	commands(root("it"), "", func(path string, c *cobra.Command) {
		if !c.Hidden {
			keys = append(keys, path, "use "+path)
		}
	})
	for _, s := range []string{desk.StateBlank, desk.StateDraft, desk.StateReady, desk.StateQueued, desk.StateSent, desk.StateChanged, desk.StateRefused,
		desk.StateConflict, desk.StateReturned, desk.StateApproved, desk.StateWithdrawn, "locked"} {
		keys = append(keys, "state "+s)
	}
	for _, s := range []string{"queued", "refused", "conflict", "needs_login"} {
		keys = append(keys, "op "+s)
	}
	for _, s := range surveysync.Steps() {
		keys = append(keys, "step "+s)
	}
	for _, s := range []surveysync.Job{surveysync.JobPerson, surveysync.JobNetwork, surveysync.JobOffice, surveysync.JobNobody} {
		keys = append(keys, "job "+string(s))
	}
	for _, s := range []string{desk.ExamOK, desk.ExamFailed, desk.ExamSkipped} {
		keys = append(keys, "exam "+s)
	}
	for _, s := range []string{"login", "password", "sync", "doctor"} {
		keys = append(keys, "what "+s)
	}
	for _, s := range append(surveysync.Causes(), surveysync.WaitTime, surveysync.WaitGeneral, surveysync.WaitStopped, surveysync.CodeAccepted) {
		keys = append(keys, "outcome "+s)
	}
	for _, key := range keys {
		if _, ok := commandWords["it"][key]; !ok {
			t.Errorf("no words for %q", key)
		}
	}
	for _, lang := range []string{"it", "en"} {
		p := &program{lang: lang, words: commandWords[lang]}
		for _, code := range surveysync.Codes() {
			if word := p.outcome(string(code)); word == "" || word == p.words["outcome other"] {
				t.Errorf("%s: no words for %s", lang, code)
			}
		}
		if p.outcome("never heard of") != p.words["outcome other"] {
			t.Error("a code of a later version has no words")
		}
	}
}

// english are words that cobra and pflag write by themselves.
var english = regexp.MustCompile(`\b(Usage|Flags|Available|Commands|help for|version for|default|string|strings|stringSlice|Use "|command|PART|NUMBER|CHECK|KEY|TEXT|Global|completion|flags)\b`)

// TestHelp: the help of every command is in the language of the call, and says
// how the command is written.
func TestHelp(t *testing.T) {
	w := newWorld(t)
	pages := []string{""}
	commands(root("it"), "", func(path string, _ *cobra.Command) { pages = append(pages, path) })
	for _, page := range pages {
		if page == "help" {
			continue
		}
		args := append(strings.Fields(page), "--help")
		it := w.gives(exitDone, args...)
		if found := english.FindString(it.out); found != "" {
			t.Errorf("%v says %q in Italian:\n%s", args, found, it.out)
		}
		w.says(it, "Uso:", "Opzioni", "rileva "+page)
		en := w.gives(exitDone, append([]string{"--lang=en"}, args...)...)
		w.says(en, "Usage:", "Options")
		if strings.Contains(en.out, "Opzioni") || it.err != "" || en.err != "" {
			t.Errorf("%v: %s%s", args, it.err, en.out)
		}
		by := w.gives(exitDone, append([]string{"help"}, strings.Fields(page)...)...)
		if by.out != it.out {
			t.Errorf("help %s is another text than %s --help", page, page)
		}
	}
	w.says(w.gives(exitDone, "fill", "--help"), "codice d'uscita 2", "--partial")
	w.says(w.gives(exitDone, "--version"), "rileva ")
}

// TestUsage: what is wrong with a call is said in the person's language.
func TestUsage(t *testing.T) {
	w := newWorld(t)
	for _, c := range []struct{ args, it, en string }{
		{"nonsense", "Il comando «nonsense» non esiste", `no command "nonsense"`},
		{"help nonsense", "Il comando «nonsense» non esiste", `no command "nonsense"`},
		{"completion", "«completion» non esiste", `no command "completion"`},
		{"status extra", "rileva status", "rileva status"},
		{"fill", "rileva fill PARTE --from FILE", "rileva fill PART --from FILE"},
		{"fill general", "Manca il file", "file to take answers from"},
		{"explain general", "rileva explain PARTE CONTROLLO", "rileva explain PART CHECK"},
		{"submit", "rileva submit PARTE… | --all", "rileva submit PART… | --all"},
		{"submit general --all", "rileva submit PARTE… | --all", "rileva submit PART… | --all"},
		{"receipts nonsense", "rileva receipts", "rileva receipts"},
		{"receipts show", "rileva receipts show NUMERO", "rileva receipts show NUMBER"},
		{"login", "Manca il codice", "school code is missing"},
		{"login --code X", "Qui non c'è un terminale", "no terminal here"},
		{"password", "Qui non c'è un terminale", "no terminal here"},
		{"check --nonsense", "L'opzione «--nonsense» non esiste", `no option "--nonsense"`},
		{"check -x", "L'opzione «-x» non esiste", `no option "-x"`},
		{"check --", "", ""},
		{"fill general --from", "Manca il valore dell'opzione «--from»", `value of the option "--from" is missing`},
		{"status --json=maybe", "Il valore «maybe» non va bene per l'opzione «--json»", `"maybe" does not fit the option "--json"`},
		{"--=x", "«--=x» non esiste", `no option "--=x"`},
		{"", "ha bisogno di un terminale", "needs a terminal"},
		{"status --lang", "Manca il valore dell'opzione «--lang»", `value of the option "--lang" is missing`},
	} {
		if c.it == "" {
			continue
		}
		s := w.gives(exitUsage, strings.Fields(c.args)...)
		w.says(s, c.it, "rileva: suggerimento: ")
		s = w.gives(exitUsage, append([]string{"--lang", "en"}, strings.Fields(c.args)...)...)
		w.says(s, c.en, "rileva: hint: ")
		if s.out != "" {
			t.Errorf("%s: on standard output: %s", c.args, s.out)
		}
	}
}

// TestLanguage: --lang before the environment, Italian otherwise.
func TestLanguage(t *testing.T) {
	for _, c := range []struct {
		args string
		env  map[string]string
		want string
	}{
		{"", nil, "it"},
		{"", map[string]string{"LANG": "en_GB.UTF-8"}, "en"},
		{"", map[string]string{"LANG": "EN"}, "en"},
		{"", map[string]string{"LANG": "de_DE.UTF-8"}, "it"},
		{"", map[string]string{"LANG": "C"}, "it"},
		{"", map[string]string{"LANG": "en_US", "LC_ALL": "it_IT"}, "it"},
		{"status --lang=en", map[string]string{"LANG": "it_IT"}, "en"},
		{"--lang it status", map[string]string{"LANG": "en"}, "it"},
		{"status --lang", map[string]string{"LANG": "en"}, "en"},
	} {
		if got := language(strings.Fields(c.args), func(name string) string { return c.env[name] }); got != c.want {
			t.Errorf("%s %v: %s, want %s", c.args, slices.Collect(maps.Keys(c.env)), got, c.want)
		}
	}
}

// TestStopped: a call that was stopped says so and keeps what there is.
func TestStopped(t *testing.T) {
	w := newWorld(t)
	w.login(school)
	ctx, stop := context.WithCancel(t.Context())
	stop()
	var out, errs strings.Builder
	code := run(ctx, []string{"sync"}, streams{in: strings.NewReader(""), out: &out, err: &errs}, func(name string) string { return w.env[name] })
	if code != exitOffline || !strings.Contains(errs.String(), "interrotto") {
		t.Errorf("exit %d: %s", code, errs.String())
	}
}
