package survey_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/goccy/go-yaml"
	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

// reprint writes a questionnaire anew: other indentation, other quotes, every
// list and mapping on lines of its own.
func reprint(t interface{ Fatal(...any) }, raw []byte) []byte {
	var tree yaml.MapSlice
	if err := yaml.UnmarshalWithOptions(raw, &tree, yaml.UseOrderedMap()); err != nil {
		t.Fatal(err)
	}
	out, err := yaml.Marshal(tree)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func roundTrip(t interface{ Fatal(...any) }, raw []byte) {
	printed := reprint(t, raw)
	if again := reprint(t, printed); !bytes.Equal(printed, again) {
		t.Fatal("printing is not stable:\n" + string(printed) + string(again))
	}
	if same, err := survey.SameFile(raw, printed); err != nil || !same {
		t.Fatal("printed anew it is another questionnaire:", err, "\n"+string(raw)+"\n"+string(printed))
	}
}

// TestParsePrintParse: how a questionnaire is laid out does not change what it
// means, and printing what was printed gives the same bytes.
func TestParsePrintParse(t *testing.T) {
	paths, err := filepath.Glob("testdata/*.yaml")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string][]byte{"other survey": otherSurvey(t)}
	for _, path := range append(paths, surveyFile) {
		if files[path], err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for name, raw := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			roundTrip(t, raw)
			other := bytes.Replace(raw, []byte("format: 1"), []byte("format: 1\nnumbers: {max: 77}"), 1)
			other = bytes.Replace(other, []byte("\nnumbers: {min"), []byte("\n# {min"), 1)
			if same, err := survey.SameFile(raw, other); err == nil && same {
				t.Error("another range makes no difference")
			}
		})
	}
}

// otherSurvey is the survey of another shape that goes through the whole program.
func otherSurvey(t *testing.T) []byte {
	t.Helper()
	script, err := os.ReadFile("../../e2e/testdata/script/other_survey.txtar")
	if err != nil {
		t.Fatal(err)
	}
	_, file, found := bytes.Cut(script, []byte("\n-- libraries.yaml --\n"))
	if !found {
		t.Fatal("the script has no libraries.yaml")
	}
	file, _, _ = bytes.Cut(file, []byte("\n-- "))
	return append(file, '\n')
}

// TestParsePrintParseOfAny is the same for surveys that nobody wrote, with texts
// that mean something else in YAML unless they are quoted.
func TestParsePrintParseOfAny(t *testing.T) {
	text := rapid.SampledFrom([]string{"Alunni", "Corsi: serali", "# uno", "- uno", "yes", "null", "007", "1e3", "0,5", "{a}", "[a, b]", "l'ultimo", `detto "così"`, "è così", "a  b", "*", "& altro", "! no", "100 %", "@", "due: tre: quattro"})
	rapid.Check(t, func(t *rapid.T) {
		var items []any
		for i := range rapid.IntRange(1, 5).Draw(t, "questions") {
			item := yaml.MapSlice{{Key: "question", Value: fmt.Sprintf("q%d", i)}}
			switch rapid.IntRange(0, 3).Draw(t, "kind") {
			case 0:
				item = append(item, yaml.MapItem{Key: "type", Value: "integer"}, yaml.MapItem{Key: "max", Value: rapid.IntRange(1, 99).Draw(t, "max")})
			case 1:
				options := []any{yaml.MapSlice{{Key: "id", Value: "one"}, {Key: "label", Value: text.Draw(t, "option")}}}
				item = append(item, yaml.MapItem{Key: "type", Value: "choice"}, yaml.MapItem{Key: "options", Value: options})
			case 2:
				item = append(item, yaml.MapItem{Key: "type", Value: "yes_no"}, yaml.MapItem{Key: "tier", Value: "ext"})
			default:
				item = append(item, yaml.MapItem{Key: "type", Value: "text"}, yaml.MapItem{Key: "help", Value: text.Draw(t, "help")})
			}
			label := yaml.MapSlice{{Key: "it", Value: text.Draw(t, "it")}, {Key: "en", Value: text.Draw(t, "en")}}
			items = append(items, append(item, yaml.MapItem{Key: "label", Value: label}))
		}
		raw, err := yaml.Marshal(yaml.MapSlice{{Key: "format", Value: 1}, {Key: "id", Value: "any"}, {Key: "languages", Value: []string{"it", "en"}}, {Key: "title", Value: text.Draw(t, "title")},
			{Key: "parts", Value: []any{yaml.MapSlice{{Key: "id", Value: "general"}, {Key: "sections", Value: []any{yaml.MapSlice{{Key: "id", Value: "s"}, {Key: "items", Value: items}}}}}}}})
		if err != nil {
			t.Fatal(err)
		}
		roundTrip(t, raw)
	})
}
