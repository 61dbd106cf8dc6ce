package survey_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

type againstCase struct {
	code     string
	old, new string // in testdata/mini.yaml
	line     int
}

var againstCases = []againstCase{
	{"changed_type", "{question: b, type: integer", "{question: b, type: text", 32},
	{"changed_axes", "axes: [col, sex]", "axes: [sex, col]", 85},
	{"changed_axes", "{id: c2, label: {it: \"Seconda\"}}", "{id: c4, label: {it: \"Seconda\"}}", 79},
	{"removed_options", "{id: q, label: \"Q\"}", "{id: z, label: \"Q\"}", 59},
	{"changed_option", "{id: q, label: \"Q\"}", "{id: q, label: \"Un'altra risposta\"}", 59},
	{"changed_tier", "{id: gone, label: \"Partiti\", tier: ext}", "{id: gone, label: \"Partiti\"}", 86},
	{"changed_label", "label: \"Giorni\"", "label: \"Ore\"", 56},
	{"changed_severity", "{id: ANY, severity: note", "{id: ANY, severity: explain", 62},
	{"changed_computed", "{id: gone, label: \"Partiti\", tier: ext}", "{id: gone, label: \"Partiti\", tier: ext, computed: 'here - 1'}", 86},
	{"gone", "{question: days, type: integer", "{question: hours, type: integer", 25},
	{"gone_part", "{id: one, label: \"Una\"}", "{id: other, label: \"Una\"}", 24},
	{"gone_check", "{id: ANY, ", "{id: OTHER, ", 24},
	{"other_survey", "id: mini", "id: maxi", 3},
}

func TestAgainst(t *testing.T) {
	mini, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	older, err := survey.Load(mini)
	if err != nil {
		t.Fatal(err)
	}
	if got := survey.Lint(mini).Against(older); len(got) > 0 {
		t.Errorf("against itself: %v", got)
	}
	for _, c := range againstCases {
		t.Run(c.code, func(t *testing.T) {
			file := strings.Replace(string(mini), c.old, c.new, 1)
			if file == string(mini) {
				t.Fatal("the file has no such text")
			}
			got := survey.Lint([]byte(file)).Against(older)
			i := slices.IndexFunc(got, func(f survey.Fault) bool { return f.Code == c.code })
			if i < 0 {
				t.Fatalf("not told: %v", got)
			}
			if got[i].Line != c.line {
				t.Errorf("line %d, want %d: %s", got[i].Line, c.line, got[i])
			}
			// The column is that of the id that changed, or of the part that lost one.
			line := []rune(strings.Split(file, "\n")[c.line-1])
			if at := string(line[got[i].Column-1:]); !slices.ContainsFunc(append(got[i].Args, "parts"), func(word string) bool { return strings.HasPrefix(at, word) }) {
				t.Errorf("column %d is at %q: %v", got[i].Column, at, got[i])
			}
		})
	}
	// What is no change of meaning is not told.
	for _, edit := range [][2]string{{"label: \"Giorni\"", "label: \"Giorni:\""}, {"max_length: 5", "max_length: 9"}, {"version: \"1\"", "version: \"2\""},
		{"{id: p, label: \"P\"}", "{id: p, label: \"P\"}, {id: pp, label: \"PP\"}"}} {
		file := strings.Replace(string(mini), edit[0], edit[1], 1)
		if got := survey.Lint([]byte(file)).Against(older); len(got) > 0 || file == string(mini) {
			t.Errorf("%s: %v", edit[1], got)
		}
	}
}
