package survey_test

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// wrap puts questions and rules into the smallest survey.
func wrap(items, rest string) string {
	return `format: 1
id: broken
languages: [it]
parts:
  - id: general
    title: {it: "Generale"}
    sections:
      - id: s
        title: {it: "S"}
        items:
` + items + rest
}

const (
	twoQuestions = `          - {question: a, type: integer, label: "A"}
          - {question: yes, type: yes_no, label: "Y"}
          - {question: kinds, type: multi, label: "K", options: [{id: x, label: "X"}, {id: y, label: "Y"}]}
`
	oneGrid = `          - grid: g
            title: {it: "G"}
            axes: [{id: col, label: "C", items: [{id: c1, label: "1"}, {id: c2, label: "2"}]}]
            rows:
              - {id: r, label: "R"}
`
)

func rule(text string) string { return "    rules:\n      - " + text + "\n" }

// A broken file names the line and says in words what is wrong with it.
var brokenFiles = []struct {
	name  string
	file  string
	line  int      // 0: any
	words []string // of the message
}{
	{"unknown key", wrap(twoQuestions+"            colour: red\n", ""), 0, []string{}},
	{"unknown key of the file", "colour: red\n" + wrap(twoQuestions, ""), 1, []string{"colour"}},
	{"unknown key of a question", wrap(`          - {question: a, type: integer, label: "A", colour: red}`+"\n", ""), 11, []string{"colour"}},
	{"unknown type", wrap(`          - {question: a, type: integre, label: "A"}`+"\n", ""), 11, []string{"integre", "type"}},
	{"unknown tier", wrap(`          - {question: a, type: integer, tier: cor, label: "A"}`+"\n", ""), 11, []string{"cor", "tier"}},
	{"duplicate question", wrap(twoQuestions+`          - {question: a, type: text, label: "A"}`+"\n", ""), 14, []string{`"a"`, "twice"}},
	{"question named as a cell", wrap(oneGrid+`          - {question: r_c1, type: integer, label: "A"}`+"\n", ""), 16, []string{`"r_c1"`, "twice"}},
	{"cell named as a question", wrap(`          - {question: r_c1, type: integer, label: "A"}`+"\n"+oneGrid, ""), 16, []string{`"r_c1"`, "twice"}},
	{"duplicate row", wrap(oneGrid+`              - {id: r, label: "R"}`+"\n", ""), 16, []string{`"r"`, "twice"}},
	{"duplicate part", wrap(twoQuestions, "  - id: general\n    sections: []\n"), 14, []string{`"general"`, "twice"}},
	{"duplicate key", wrap(twoQuestions, "    title: {it: \"Ancora\"}\n"), 14, []string{"title"}},
	{"improper id", wrap(`          - {question: A b, type: integer, label: "A"}`+"\n", ""), 11, []string{`"A b"`, "id"}},
	{"double underscore", wrap(`          - {question: a__b, type: integer, label: "A"}`+"\n", ""), 11, []string{`"a__b"`, "id"}},
	{"improper id of a row", wrap(strings.Replace(oneGrid, "id: r,", "id: R r,", 1), ""), 15, []string{`"R r"`, "id"}},
	{"unknown name in a rule", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a <= nosuch', message: "x"}`)), 15, []string{"R1", "nosuch"}},
	{"unknown name in when", wrap(twoQuestions, rule(`{id: R1, severity: hard, when: nosuch, assert: 'a <= 1', message: "x"}`)), 15, []string{"R1", "nosuch"}},
	{"unknown name in a message", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a <= 1', message: "{nosuch}"}`)), 15, []string{"R1", "nosuch"}},
	{"unknown name in relevant", wrap(`          - {question: a, type: integer, relevant: nosuch, label: "A"}`+"\n", ""), 11, []string{"nosuch"}},
	{"unknown position of a row", wrap(oneGrid, rule(`{id: R1, severity: hard, assert: 'r.c9 == 0', message: "x"}`)), 17, []string{"R1", "c9"}},
	{"prev without each", wrap(oneGrid, rule(`{id: R1, severity: hard, assert: 'r.prev == 0', message: "x"}`)), 17, []string{"R1", "prev"}},
	{"number where yes or no is due", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a + 1', message: "x"}`)), 15, []string{"R1", "bool", "int"}},
	{"number compared with yes or no", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a == yes', message: "x"}`)), 15, []string{"R1", "int", "bool"}},
	{"computed row that is no number", wrap(oneGrid+`              - {id: c, label: "C", computed: 'r > 1'}`+"\n", ""), 16, []string{"int", "bool"}},
	{"expression that ends too early", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a <= ', message: "x"}`)), 15, []string{"R1"}},
	{"unknown function", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'launch(a)', message: "x"}`)), 15, []string{"R1", "launch"}},
	{"cells of no grid", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'len(cells(a)) > 0', message: "x"}`)), 15, []string{"R1", "cells"}},
	{"mirrored with one axis of two", wrap(strings.Replace(oneGrid, `, {id: c2, label: "2"}`, "", 1), rule(`{id: R1, severity: hard, assert: 'mirrored(g)', message: "x"}`)), 17, []string{"R1", "mirrored"}},
	{"rows that depend on each other", wrap(oneGrid+`              - {id: c, label: "C", computed: 'd + 1'}`+"\n"+`              - {id: d, label: "D", computed: 'c + r'}`+"\n", ""), 0, []string{"depends on itself", "→"}},
	{"row that depends on itself", wrap(oneGrid+`              - {id: c, label: "C", computed: 'c + r'}`+"\n", ""), 16, []string{"depends on itself"}},
	{"question that depends on itself", wrap(`          - {question: a, type: integer, relevant: 'a > 1', label: "A"}`+"\n", ""), 11, []string{"depends on itself"}},
	{"repeat over a yes or no", wrap(twoQuestions, "  - {id: t, repeat: yes, title: \"T\", sections: []}\n"), 14, []string{"yes", "multiple choice"}},
	{"repeat over nothing", wrap(twoQuestions, "  - {id: t, repeat: nosuch, title: \"T\", sections: []}\n"), 14, []string{"nosuch"}},
	{"unknown axis of a grid", wrap(strings.Replace(oneGrid, "axes: [{id: col, label: \"C\", items: [{id: c1, label: \"1\"}, {id: c2, label: \"2\"}]}]", "axes: [nosuch]", 1), ""), 13, []string{"axis", "nosuch"}},
	{"unknown axis of a rule", wrap(oneGrid, rule(`{id: R1, severity: hard, each: [nosuch], assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "axis", "nosuch"}},
	{"unknown axis of only", wrap(oneGrid, rule(`{id: R1, severity: hard, only: {nosuch: [c1]}, assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "axis", "nosuch"}},
	{"unknown item of only", wrap(oneGrid, rule(`{id: R1, severity: hard, only: {col: [c9]}, assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "c9"}},
	{"unknown sheet of a rule", wrap(oneGrid, rule(`{id: R1, severity: hard, sheets: [nosuch], assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "nosuch"}},
	{"unknown axis of closed", wrap(strings.Replace(oneGrid, "            rows:", "            closed: {each: [nosuch], when: 'a == 0'}\n            rows:", 1), ""), 14, []string{"axis", "nosuch"}},
	{"unknown row of a rule", wrap(oneGrid, rule(`{id: R1, severity: hard, rows: [nosuch], assert: 'row == 0', message: "x"}`)), 17, []string{"R1", "nosuch"}},
	{"unknown variable in at", wrap(oneGrid, rule(`{id: R1, severity: hard, at: [nosuch], assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "nosuch"}},
	{"unknown severity", wrap(oneGrid, rule(`{id: R1, severity: harsh, assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "harsh"}},
	{"unknown missing", wrap(oneGrid, rule(`{id: R1, severity: hard, missing: some, assert: 'r == 0', message: "x"}`)), 17, []string{"R1", "some"}},
	{"rule without a message", wrap(oneGrid, rule(`{id: R1, severity: hard, assert: 'r == 0'}`)), 17, []string{"R1", "message"}},
	{"unknown list", wrap(`          - {question: a, type: choice, list: nosuch, label: "A"}`+"\n", ""), 11, []string{"nosuch"}},
	{"unknown prefill", wrap(`          - {question: a, type: text, prefill: institution.size, label: "A"}`+"\n", ""), 11, []string{"institution.size"}},
	{"choice without options", wrap(`          - {question: a, type: choice, label: "A"}`+"\n", ""), 11, []string{"options"}},
	{"neither question nor grid", wrap(`          - {type: integer, label: "A"}`+"\n", ""), 11, []string{"neither"}},
	{"text where a list is due", "format: 1\nid: x\nparts: many\n", 3, []string{}},
	{"hard check across parts", wrap(twoQuestions, "across:\n  - {id: X1, severity: hard, assert: 'general.a == 0', message: \"x\"}\n"), 15, []string{"X1", "never blocks"}},
	{"unknown part across", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: 'nosuch.a == 0', message: \"x\"}\n"), 15, []string{"X1", "nosuch"}},
	{"unknown name across", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: 'general.nosuch == 0', message: \"x\"}\n"), 15, []string{"X1", "nosuch"}},
	{"unknown name in a message across", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: 'general.a == 0', message: \"{general.nosuch}\"}\n"), 15, []string{"X1", "nosuch"}},
	{"format 2", strings.Replace(wrap(twoQuestions, ""), "format: 1", "format: 2", 1), 0, []string{"format 2", "format 1"}},
	{"no parts", "format: 1\nid: x\n", 2, []string{"part"}},
	{"no id", "format: 1\nparts: []\n", 0, []string{"id"}},
	{"broken YAML", "format: 1\nid: [x\n", 0, nil},
	{"a tab", "format: 1\n\tid: x\n", 2, nil},
	{"a list", "- format: 1\n", 1, nil},
	{"a number", "7\n", 1, nil},
	{"empty", "", 0, []string{"empty"}},
	{"only a comment", "# nothing\n", 0, []string{"empty"}},
	{"not UTF-8", "format: 1\nid: \xff\n", 0, []string{"UTF-8"}},
	{"too large", "#" + strings.Repeat("x", survey.MaxFile), 0, []string{"2097153", "2097152"}},
}

var placed = regexp.MustCompile(`^(\d+):(\d+): \S`)

func TestBrokenFiles(t *testing.T) {
	for _, c := range brokenFiles {
		t.Run(c.name, func(t *testing.T) {
			q, err := survey.Load([]byte(c.file))
			if err == nil {
				t.Fatalf("it loads: %v", q.AllParts())
			}
			var faults survey.Faults
			if !errors.As(err, &faults) || len(faults) == 0 {
				t.Fatalf("%T: %v", err, err)
			}
			first := faults[0]
			if !placed.MatchString(first.String()) || first.Line < 1 || first.Column < 1 {
				t.Errorf("no place: %s", first)
			}
			if c.line != 0 && first.Line != c.line {
				t.Errorf("line %d, want %d: %s", first.Line, c.line, first)
			}
			for _, word := range c.words {
				if !strings.Contains(first.Message, word) {
					t.Errorf("%q does not say %q", first.Message, word)
				}
			}
			if strings.Contains(err.Error(), "__") && !strings.Contains(c.file, "__") {
				t.Errorf("inner names show: %v", err)
			}
		})
	}
}

// A mistake in a template is one mistake, however many sheets it has.
func TestFaultsAreToldOnce(t *testing.T) {
	raw, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for name, broken := range map[string]string{
		"a row twice":     strings.Replace(string(raw), "{id: gone,", "{id: here,", 1),
		"an unknown name": strings.Replace(string(raw), "'gone <= here'", "'gone <= nosuch'", 1),
	} {
		_, err := survey.Load([]byte(broken))
		var faults survey.Faults
		if !errors.As(err, &faults) {
			t.Fatalf("%s: %v", name, err)
		}
		seen := map[string]bool{}
		for _, f := range faults {
			if seen[f.String()] {
				t.Errorf("%s: told twice: %s", name, f)
			}
			seen[f.String()] = true
		}
	}
}

func TestTheSurveyIsWhole(t *testing.T) {
	q := questionnaire(t)
	for part, want := range map[string]int{"general": 33, "liceale": 264, "tecnico": 264, "professionale": 264, "iefp": 221} {
		typed := 0
		for _, v := range q.Sheet(part).Variables() {
			if !v.Computed {
				typed++
			}
		}
		if typed != want {
			t.Errorf("%s has %d entries, want %d", part, typed, want)
		}
	}
	raw, err := os.ReadFile(surveyFile)
	if err != nil {
		t.Fatal(err)
	}
	if string(q.Bytes()) != string(raw) || q.Digest() != survey.DigestOf(raw) {
		t.Error("the questionnaire is not the file")
	}
	raw[0] ^= 1
	if q.Digest() == survey.DigestOf(raw) || string(q.Bytes()) == string(raw) {
		t.Error("the caller's bytes are the questionnaire's")
	}
}
