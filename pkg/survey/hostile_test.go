package survey_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// mostMemory is what reading one file three times may allocate, all told, in MiB;
// most of what is below takes a tenth. Memory is counted and not time,
// which on a busy machine says nothing; whatever fills no memory here does not
// last long either, and go test ends what never ends.
const mostMemory = 512

// bomb unfolds into ten milliards of texts where aliases are followed.
func bomb() string {
	out := "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
	for c := 'b'; c <= 'j'; c++ {
		before := string(c - 1)
		out += string(c) + ": &" + string(c) + " [" + strings.TrimSuffix(strings.Repeat("*"+before+", ", 10), ", ") + "]\n"
	}
	return out
}

func indented(levels int) string {
	var b strings.Builder
	for i := range levels {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}

// hostileFiles are files made to exhaust who reads them, with the code under
// which they are refused; "" where it does not matter which.
func hostileFiles() map[string]struct{ code, file string } {
	fill := func(s string) string { return strings.Repeat(s, (survey.MaxFile-100)/len(s)) }
	assert := func(text string) string {
		return wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '`+text+`', message: "x"}`))
	}
	fibonacci := wrap(oneGrid+"              - {id: z0, label: Z, computed: r}\n              - {id: z1, label: Z, computed: r}\n", "")
	for i := 2; i < 300; i++ {
		fibonacci += fmt.Sprintf("              - {id: z%d, label: Z, computed: z%d + z%d}\n", i, i-1, i-2)
	}
	return map[string]struct{ code, file string }{
		"alias bomb":            {"yaml_alias", bomb()},
		"alias bomb in a list":  {"yaml_alias", "format: 1\nid: x\nlists:\n  " + strings.ReplaceAll(strings.TrimSpace(bomb()), "\n", "\n  ") + "\nparts: []\n"},
		"alias to itself":       {"yaml_alias", "format: 1\nid: x\nlists: &l\n  a: *l\n"},
		"merge key":             {"yaml_alias", "format: 1\na: &a {x: 1}\nb: {<<: *a}\n"},
		"anchors":               {"too_many_marks", fill("&a ")},
		"brackets":              {"too_deep", fill("[")},
		"closed brackets":       {"too_deep", "parts: " + strings.Repeat("[", 5000) + strings.Repeat("]", 5000) + "\n"},
		"braces":                {"too_deep", fill("{a: ")},
		"dashes":                {"too_deep", fill("- ")},
		"questions":             {"too_deep", fill("? ")},
		"deep indentation":      {"too_deep", indented(1500)},
		"commas":                {"too_many_marks", "a: [" + fill("x,") + "]"},
		"lines":                 {"too_many_marks", fill("a:\n")},
		"quotes":                {"too_many_marks", fill("\"")},
		"10 MB":                 {"too_large", strings.Repeat("x", 10<<20)},
		"10 MB of a survey":     {"too_large", wrap(strings.Repeat(q("{question: a, type: integer, label: A}"), 10<<20/48), "")},
		"not UTF-8":             {"not_utf8", fill("\xff")},
		"not UTF-8 at the end":  {"not_utf8", fill("x ") + "\xc3"},
		"UTF-16":                {"not_utf8", "\xff\xfe" + fill("f\x00")},
		"NUL":                   {"control", fill("\x00")},
		"an escape in a label":  {"control", wrap(q(`{question: a, type: integer, label: "A\e[2J"}`), "")},
		"turned round":          {"control", wrap(q(`{question: a, type: integer, label: "A\u202eB"}`), "")},
		"turned round, plain":   {"control", wrap(q("{question: a, type: integer, label: A\u202eB}"), "")},
		"of no width":           {"control", wrap(q(`{question: a, type: choice, label: A, options: [{id: x, label: "X\u200b"}]}`), "")},
		"in a message":          {"control", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a == 1', message: "x\a"}`))},
		"one long text":         {"", "format: 1\nid: x\ntitle: \"" + fill("x ") + "\"\n"},
		"many lines":            {"", "format: 1\nid: x\ntitle: |\n" + fill("  x y z\n")},
		"plain lines":           {"", "format: 1\nid: x\ntitle: x\n" + fill("  x y z\n")},
		"deep expression":       {"expression_too_long", assert(strings.Repeat("(", 20000) + "a" + strings.Repeat(")", 20000) + " == 1")},
		"long expression":       {"expression_too_long", assert("a == 1" + strings.Repeat(" and a == 1", 20000))},
		"expensive expression":  {"expression_range", assert("len(1..1000000000) > a")},
		"loops in loops":        {"expression_loops", assert("all(kinds, all(kinds, all(kinds, # != \"x\")))")},
		"a milliard of cells":   {"too_many_cells", strings.Replace(hugeGrid(), "¦", "", 1)},
		"fibonacci":             {"", fibonacci},
		"typos":                 {"unknown_key", wrap(strings.Repeat(q("{question: aaa, tipe: x}"), 3000), "")},
		"much work":             {"too_much_work", strings.Replace(muchWork(), "¦", "", 1)},
		"a template many times": {"", wrap(q(`{question: k, type: multi, label: K, options: [`+items("o", 2000)+`]}`), strings.ReplaceAll(strings.Replace(twoSheets, "kinds", "k", 1), ", sheets: [x]", ""))},
	}
}

// TestHostileFiles: a file made to bring its reader down is refused for what it
// is, or read, in bounded memory; and so are the answers to one that is read.
func TestHostileFiles(t *testing.T) {
	for name, c := range hostileFiles() {
		t.Run(name, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			report := survey.Lint([]byte(c.file))
			_, err := survey.Load([]byte(c.file))
			if report.Questionnaire != nil {
				for _, part := range report.Questionnaire.AllParts() {
					report.Questionnaire.Sheet(part).Evaluate(survey.Input{})
				}
			}
			runtime.ReadMemStats(&after)
			used := (after.TotalAlloc - before.TotalAlloc) >> 20
			if used > mostMemory {
				t.Errorf("%d MiB allocated", used)
			}
			if c.code == "" {
				return
			}
			faults, _ := report.Faults.Split()
			if err == nil || len(faults) == 0 || faults[0].Code != c.code {
				t.Errorf("not refused as %s: %v, %v", c.code, err, faults[:min(len(faults), 3)])
			}
		})
	}
}

// TestHostileAnswers: a list without end to a rule that compares each entry
// with each is refused before the rule goes through it twice.
func TestHostileAnswers(t *testing.T) {
	report := survey.Lint([]byte(wrap(q(`{question: words, type: text_list, label: "W"}`), rule(`{id: R1, severity: hard, assert: 'all(words, # in words)', message: "x"}`))))
	if report.Questionnaire == nil {
		t.Fatal(report.Faults)
	}
	s := report.Questionnaire.Sheet("general")
	for n, want := range map[int]string{1000: "", 1001: "wrong_type", 300_000: "wrong_type"} {
		words := make([]string, n)
		for i := range words {
			words[i] = "x"
		}
		got := checksOf(s.Evaluate(survey.Input{Answers: survey.Answers{"words": words}}).Findings)
		if strings.Join(got, " ") != want {
			t.Errorf("%d words: %v, want %q", n, got, want)
		}
	}
}

// TestWhatCannotBeComputed: a division by 0 is no reason to pass, and the
// engine's own sentence is nothing for a finding.
func TestWhatCannotBeComputed(t *testing.T) {
	report := survey.Lint([]byte(wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '10 % a == 0', message: "{left} e {right}"}`))))
	if report.Questionnaire == nil {
		t.Fatal(report.Faults)
	}
	for _, f := range report.Questionnaire.Sheet("general").Evaluate(survey.Input{Answers: survey.Answers{"a": 0}}).Findings {
		if f.Check == "R1" && (f.Left != nil || f.Message != " e 0") {
			t.Errorf("%+v", f)
		}
	}
}
