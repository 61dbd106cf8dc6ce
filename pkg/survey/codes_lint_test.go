package survey

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var placeholder = regexp.MustCompile(`\{\d\}`)

// Every sentence stands in both languages and leaves out nothing that matters:
// the English one may leave out no argument that the Italian one names.
func TestLintWords(t *testing.T) {
	for code, byLang := range lintWords {
		it, en := byLang["it"], byLang["en"]
		if it == "" || en == "" || len(byLang) != 2 {
			t.Errorf("%s: %v", code, byLang)
		}
		if code == "nearest" || code == "wrong_arguments" {
			continue // what is too many or not enough is said in English only
		}
		a, b := placeholder.FindAllString(it, -1), placeholder.FindAllString(en, -1)
		slices.Sort(a)
		slices.Sort(b)
		if !slices.Equal(slices.Compact(a), slices.Compact(b)) {
			t.Errorf("%s: %v and %v", code, a, b)
		}
	}
	for code := range lintLevels {
		if lintWords[code] == nil {
			t.Errorf("no words for %s", code)
		}
	}
}

// Who made a mistake is told what to do: by what was probably meant, by advice,
// or by the sentence itself.
func TestLintAdvises(t *testing.T) {
	itself := regexp.MustCompile(`.: .|expected|for example|such as|needs quotes`)
	for code, byLang := range lintWords {
		advice := lintAdvice[code]
		if lintLevels[code] == LevelNote || code == "nearest" {
			continue
		}
		said := itself.MatchString(strings.TrimPrefix(byLang["en"], "{1}: "))
		if !said && advice == nil {
			t.Errorf("%s does not say what to do: %s", code, byLang["en"])
		}
		if advice != nil && (len(advice) != 2 || !strings.HasSuffix(advice["it"], ".") || strings.HasSuffix(advice["en"], ".")) {
			t.Errorf("%s: %v", code, advice)
		}
	}
	for code := range lintAdvice {
		if lintWords[code] == nil {
			t.Errorf("advice for %s, which is no code", code)
		}
	}
	if f := newFault(position{}, "unknown_key", "titel"); !strings.HasSuffix(f.In("it"), "rientro.") || !strings.HasSuffix(f.near("title").In("it"), "Forse «title»?") {
		t.Errorf("%s, %s", f.In("it"), f.near("title").In("it"))
	}
}

// The document lists every code. RILEVA_WRITE_DOC=1 writes the list.
func TestLintCodesAreDocumented(t *testing.T) {
	const document, from, to = "../../docs/questionnaire.md", "<!-- codes -->\n", "<!-- /codes -->"
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(raw), from)
	got, after, ok := strings.Cut(rest, to)
	if !ok {
		t.Fatal("no list of codes")
	}
	want := "| code | level | sentence |\n|---|---|---|\n"
	for _, level := range []Level{LevelFault, LevelWarning, LevelNote} {
		for _, code := range slices.Sorted(maps.Keys(lintWords)) {
			if lintLevels[code] != level || code == "nearest" {
				continue
			}
			name := string(level)
			if name == "" {
				name = "fault"
			}
			want += fmt.Sprintf("| `%s` | %s | %s |\n", code, name, strings.ReplaceAll(newFault(position{}, code).Message, "|", `\|`))
		}
	}
	if os.Getenv("RILEVA_WRITE_DOC") != "" {
		if err := os.WriteFile(document, []byte(before+from+want+to+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Error("the list of codes is out of date: RILEVA_WRITE_DOC=1 go test ./pkg/survey -run Documented")
	}
}

func TestNearest(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"studens", "students"}, {"stduents", "students"}, {"Students", "students"}, {"classs", "classes"}, {"x", ""}, {"", ""},
		{"nothing_like_it", ""}, {"students", ""}, {strings.Repeat("s", 200), ""},
	} {
		if got := nearest(c.name, []string{"classes", "students", "", "y2"}); got != c.want {
			t.Errorf("%q: %q, want %q", c.name, got, c.want)
		}
	}
	for _, c := range []struct {
		a, b string
		want int
	}{{"", "", 0}, {"a", "", 1}, {"ab", "ba", 1}, {"kitten", "sitting", 3}, {"età", "eta", 1}, {"abcdef", "ghijkl", 4}} {
		if got := edits(c.a, c.b, 4); got != c.want {
			t.Errorf("%q %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func TestUnlike(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"Alunni iscritti", "Alunni iscritti.", false},
		{"Alunni iscritti al termine", "Alunne iscritti al termine", false},
		{"Alunni iscritti al 15 marzo", "Alunni iscritti al 16 marzo", true},
		{"Alunni", "Classi", true},
		{"Ore di assenza", "Giorni di assenza", true},
		{"", "", false},
	} {
		if got := unlike(c.a, c.b); got != c.want {
			t.Errorf("%q %q: %v", c.a, c.b, got)
		}
	}
}

// A code of a newer program keeps its sentence; arguments are not taken for
// placeholders, and a long one is cut.
func TestFaultWords(t *testing.T) {
	if got := (Fault{Code: "of_tomorrow", Message: "as it came"}).In("it"); got != "as it came" {
		t.Error(got)
	}
	if got := newFault(position{}, "gone", "{2}", "part").In("en"); !strings.Contains(got, `"{2}"`) {
		t.Error(got)
	}
	if got := newFault(position{}, "improper_id", strings.Repeat("x", 5000)); len(got.Message) > 400 || got.Line != 1 || got.Column != 1 {
		t.Error(got)
	}
}
