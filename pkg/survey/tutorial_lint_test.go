package survey_test

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

const document = "../../docs/questionnaire.md"

var (
	yamlBlock = regexp.MustCompile("(?s)```yaml\n(.*?)```")
	mistake   = regexp.MustCompile("(?s)<!-- mistake -->\n```diff\n(.*?)```\n```text\n(.*?)```")
)

func readDocument(t testing.TB) string {
	t.Helper()
	raw, err := os.ReadFile(document)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// The tutorial's blocks, one after the other, are the file in testdata, and it
// works after each of them.
func TestTutorial(t *testing.T) {
	_, text, _ := strings.Cut(readDocument(t), "<!-- tutorial -->")
	text, _, ok := strings.Cut(text, "<!-- /tutorial -->")
	blocks := yamlBlock.FindAllStringSubmatch(text, -1)
	if !ok || len(blocks) < 5 {
		t.Fatalf("%d blocks", len(blocks))
	}
	file := ""
	for i, b := range blocks {
		file += b[1]
		r := survey.Lint([]byte(file))
		if r.Questionnaire == nil || len(r.Faults) > 0 {
			t.Errorf("after step %d: %v", i+1, r.Faults)
		}
	}
	raw, err := os.ReadFile("testdata/tutorial.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if file != string(raw) {
		t.Error("the tutorial is not testdata/tutorial.yaml")
	}
	q, err := survey.Load(raw)
	if err != nil {
		t.Fatal(err)
	}
	ev := q.Sheet("general").Evaluate(survey.Input{Lang: "it", Answers: survey.Answers{
		"students": 10, "has_evening": true, "evening_students": 11, "register": "own"}})
	if len(ev.Findings) != 1 || ev.Findings[0].Check != "P1" || !strings.Contains(ev.Findings[0].Message, "(11)") {
		t.Errorf("%+v", ev.Findings)
	}
}

// Each mistake of the document, made in the tutorial's file, is answered as the
// document says. RILEVA_WRITE_DOC=1 writes the answers into the document.
func TestTutorialMistakes(t *testing.T) {
	raw, err := os.ReadFile("testdata/tutorial.yaml")
	if err != nil {
		t.Fatal(err)
	}
	doc := readDocument(t)
	found := mistake.FindAllStringSubmatch(doc, -1)
	if len(found) < 8 {
		t.Fatalf("%d mistakes", len(found))
	}
	for _, m := range found {
		file := change(t, string(raw), m[1])
		got := ""
		for _, f := range survey.Lint([]byte(file)).Faults {
			level := ""
			if f.Level != "" {
				level = string(f.Level) + ": "
			}
			got += fmt.Sprintf("scuola.yaml:%d:%d: %s%s\n", f.Line, f.Column, level, f.In("en"))
		}
		if os.Getenv("RILEVA_WRITE_DOC") != "" {
			doc = strings.Replace(doc, m[0], strings.Replace(m[0], "```text\n"+m[2], "```text\n"+got, 1), 1)
		} else if got != m[2] {
			t.Errorf("%s\ngot  %s\nwant %s", m[1], got, m[2])
		}
	}
	if os.Getenv("RILEVA_WRITE_DOC") != "" {
		if err := os.WriteFile(document, []byte(doc), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// change replaces the lines marked - by those marked +, keeping the indentation.
func change(t *testing.T, file, diff string) string {
	t.Helper()
	var before, after []string
	for line := range strings.Lines(diff) {
		line = strings.TrimSuffix(line, "\n")
		if rest, ok := strings.CutPrefix(line, "- "); ok {
			before = append(before, rest)
		} else if rest, ok := strings.CutPrefix(line, "+ "); ok {
			after = append(after, rest)
		}
	}
	lines := strings.Split(file, "\n")
	for i := range lines {
		k := 0
		for k < len(before) && i+k < len(lines) && strings.Contains(lines[i+k], before[k]) {
			k++
		}
		if k < len(before) {
			continue
		}
		for k := range before {
			lines[i+k] = strings.Replace(lines[i+k], before[k], after[k], 1)
		}
		return strings.Join(lines, "\n")
	}
	t.Fatalf("the tutorial has no %q", before)
	return ""
}
