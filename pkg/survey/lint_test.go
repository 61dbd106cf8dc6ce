package survey_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/pkg/survey"
)

const (
	// twoSheets opens one sheet for each option of kinds of twoQuestions.
	twoSheets = `  - id: t
    repeat: kinds
    title: "T {t}"
    sections:
      - id: s
        title: "S"
        items:
          - grid: g
            title: "G"
            axes: [{id: col, label: "C", items: [{id: c1, label: "1"}, {id: c2, label: "2", sheets: [x]}]}]
            rows: [{id: r, label: "R"}]
`
	twoAxes = `axes:
  col: {label: "C", items: [{id: c1, label: "1"}, {id: c2, label: "2"}]}
  sex: {label: "S", items: [{id: m, label: "M"}, {id: f, label: "F"}]}
`
)

func q(text string) string { return "          - " + text + "\n" }

// A file with one mistake for each code. ¦ marks the place, and is not part of
// the file; without it the place is the file's beginning.
var lintCases = []struct{ code, file string }{
	{"too_large", "¦#" + strings.Repeat("x", survey.MaxFile)},
	{"not_utf8", "format: 1\nid: à¦\xff\n"},
	{"control", "format: 1\nid: à¦\x00\n"},
	{"empty", "¦# nothing\n"},
	{"not_a_survey", "¦- format: 1\n"},
	{"too_deep", "parts: " + strings.Repeat("[", 60) + "¦[\n"},
	{"too_many_marks", "a: [" + strings.Repeat(",", 60_000) + "\n¦" + strings.Repeat(",", 60_001) + "]\n"},
	{"yaml_alias", "format: 1\nid: ¦*x\n"},
	{"yaml_alias", "format: 1\nid: ¦&x y\n"},
	{"yaml_tag", "format: 1\nid: ¦!!str x\n"},
	{"yaml_documents", wrap(twoQuestions, "---\n¦format: 1\n")},
	{"yaml_tab", "format: 1\nparts:\n¦\t- id: x\n"},
	{"yaml_quote", "format: 1\nid: ¦\"x\nparts: []\n"},
	{"yaml_bracket", "format: 1\nlanguages: [it, en\n¦id: x\n"},
	{"yaml_colon", "format: 1\nid: x\ntitle: ¦a: b: c\n"},
	{"yaml_indent", "format: 1\nparts:\n  - a: 1\n ¦c: 2\n"},
	{"yaml_syntax", "%YAML ¦1.9\n---\nformat: 1\n"},
	{"unknown_key", wrap(q(`{question: a, type: integer, label: "A", ¦colour: red}`), "")},
	{"unknown_key", "¦titel: \"X\"\n" + wrap(twoQuestions, "")},
	{"duplicate_key", wrap(q(`{question: a, type: integer, label: "A", ¦label: "B"}`), "")},
	{"empty_entry", strings.Replace(wrap(twoQuestions, ""), "languages: [it]", "languages:\n  ¦-\n  - it", 1)},
	{"wrong_value_a_text", strings.Replace(wrap(twoQuestions, ""), "id: broken", "id: ¦[broken]", 1)},
	{"wrong_value_a_name_or_an_axis", wrap(strings.Replace(oneGrid, "axes: [{", "axes: [¦[it], {", 1), "")},
	{"wrong_value_a_mapping", "office: ¦me\n" + wrap(twoQuestions, "")},
	{"wrong_value_a_list", strings.Replace(wrap(twoQuestions, ""), "[it]", "¦it", 1)},
	{"wrong_value_a_whole_number", wrap(q(`{question: a, type: integer, label: "A", min: ¦"1"}`), "")},
	{"wrong_value_a_number_in_reach", wrap(q(`{question: a, type: integer, label: "A", max: ¦9999999999}`), "")},
	{"wrong_value_a_number", wrap(twoQuestions, rule(`{id: R1, severity: hard, with: {limit: ¦few}, assert: 'a < limit', message: "x"}`))},
	{"wrong_value_a_moment", "dates: {opens: ¦2023-11-20}\n" + wrap(twoQuestions, "")},
	{"wrong_value_true_or_false", wrap(q(`{question: a, type: integer, label: "A", read_only: ¦maybe}`), "")},
	{"format", strings.Replace(wrap(twoQuestions, ""), "format: 1", "¦format: 2", 1)},
	{"no_id", strings.Replace(wrap(twoQuestions, ""), "id: broken\n", "", 1)},
	{"no_parts", "format: 1\nid: x\n¦parts: []\n"},
	{"due_before_opens", "dates: {opens: 2023-11-20T00:00:00Z, ¦due: 2023-11-19T00:00:00Z}\n" + wrap(twoQuestions, "")},
	{"late_before_due", "dates: {due: 2023-11-20T00:00:00Z, ¦late_until: 2023-11-19T00:00:00Z}\n" + wrap(twoQuestions, "")},
	{"duplicate_language", strings.Replace(wrap(twoQuestions, ""), "[it]", "[¦it, it]", 1)},
	{"improper_id", wrap(q(`{question: ¦A b, type: integer, label: "A"}`), "")},
	{"reserved_id", wrap(q(`{question: ¦row, type: integer, label: "A"}`), "")},
	{"duplicate_id", wrap(twoQuestions+q(`{question: ¦a, type: text, label: "A"}`), "")},
	{"duplicate_part", wrap(twoQuestions, "  - {id: ¦general, title: \"X\"}\n")},
	{"duplicate_grid", wrap(oneGrid+q(`{grid: ¦g, title: "G"}`), "")},
	{"duplicate_option", wrap(q(`{question: a, type: choice, label: "A", options: [{id: x, label: "X"}, {id: ¦x, label: "Y"}]}`), "")},
	{"duplicate_item", wrap(strings.Replace(oneGrid, "id: c2", "id: ¦c1", 1), "")},
	{"option_without_id", wrap(q(`{question: ¦a, type: choice, label: "A", options: [{label: "X"}]}`), "")},
	{"reserved_check", wrap(twoQuestions, rule(`{id: ¦wrong_type, severity: hard, assert: 'a < 5', message: "x"}`))},
	{"two_severities", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < 5', message: "x"}`)+`      - {id: ¦R1, severity: note, assert: 'a < 5', message: "x"}`+"\n")},
	{"two_severities", wrap(q(`{question: a, type: integer, check: R1, label: "A"}`), rule(`{id: ¦R1, severity: explain, assert: 'a < 5', message: "x"}`))},
	{"neither", wrap(q(`{type: ¦integer, label: "A"}`), "")},
	{"no_type", wrap(q(`{question: ¦a, label: "A"}`), "")},
	{"unknown_type", wrap(q(`{question: a, type: ¦integre, label: "A"}`), "")},
	{"tier", wrap(q(`{question: a, type: integer, tier: ¦cor, label: "A"}`), "")},
	{"unknown_prefill", wrap(q(`{question: a, type: text, prefill: ¦institution.kod, label: "A"}`), "")},
	{"wrong_prefill", wrap(q(`{question: a, type: text, prefill: ¦institution.codes, label: "A"}`), "")},
	{"unknown_list", wrap(q(`{question: a, type: choice, list: ¦comuni, label: "A"}`), "")},
	{"no_options", wrap(q(`{question: ¦a, type: multi, label: "A"}`), "")},
	{"empty_range", wrap(q(`{question: ¦a, type: integer, min: 5, max: 4, label: "A"}`), "")},
	{"bad_default", wrap(q(`{question: a, type: integer, max: 4, ¦default: 5, label: "A"}`), "")},
	{"unknown_axis", wrap(strings.Replace(oneGrid, "axes: [", "axes: [¦sx, ", 1), "")},
	{"unknown_axis", wrap(oneGrid, rule(`{id: R1, severity: hard, each: [¦cl], assert: 'r < 5', message: "x"}`))},
	{"empty_axis", wrap(strings.Replace(oneGrid, "axes: [", "axes: [{id: ¦none, label: \"N\"}, ", 1), "")},
	{"axis_twice_in_grid", twoAxes + wrap(q(`{grid: g, title: "G", axes: [¦sex, sex], rows: [{id: r, label: "R"}]}`)+q(`{grid: h, title: "H", axes: [col]}`), "")},
	{"closed_without_when", wrap(q(`{grid: g, title: "G", ¦closed: {each: []}, rows: [{id: r, label: "R"}]}`), "")},
	{"too_many_cells", hugeGrid()},
	{"bad_repeat", wrap(twoQuestions, "  - {id: t, repeat: ¦a, title: \"T\"}\n")},
	{"never_asked", wrap(twoQuestions+q(`{question: b, type: integer, relevant: ¦a < 0, label: "B"}`), "")},
	{"never_opens", strings.Replace(wrap(twoQuestions, strings.Replace(twoSheets, ", sheets: [x]", "", 1)), "{id: x, label: \"X\"}, {id: y, label: \"Y\"}", "{id: x, label: \"X\", exclusive: true}", 1)},
	{"always_closed", wrap(twoQuestions+strings.Replace(oneGrid, "            rows:", "            closed: {when: ¦a >= 0}\n            rows:", 1), "")},
	{"cycle", wrap(oneGrid+`              - {id: c, label: "C", computed: ¦'d + 1'}`+"\n"+`              - {id: d, label: "D", computed: 'c + r'}`+"\n", "")},
	{"cycle", wrap(q(`{question: a, type: integer, relevant: ¦'b > 0', label: "A"}`)+q(`{question: b, type: integer, relevant: 'a > 0', label: "B"}`), "")},
	{"cycle", wrap(q(`{question: a, type: integer, relevant: ¦'c > 0', label: "A"}`)+oneGrid+`              - {id: c, label: "C", computed: 'r + a'}`+"\n", "")},
	{"cycle", wrap(strings.Replace(oneGrid, "            rows:", "            closed: {each: [col], when: ¦'c == 0'}\n            rows:", 1)+`              - {id: c, label: "C", computed: 'r + 1'}`+"\n", "")},
	{"severity", wrap(twoQuestions, rule(`{id: R1, severity: ¦hrad, assert: 'a < 5', message: "x"}`))},
	{"missing", wrap(twoQuestions, rule(`{id: R1, severity: hard, missing: ¦nevr, assert: 'a < 5', message: "x"}`))},
	{"rule_without_id", wrap(twoQuestions, rule(`{severity: hard, assert: ¦'a < 5', message: "x"}`))},
	{"rule_needs", wrap(twoQuestions, rule(`{id: ¦R1, severity: hard, assert: 'a < 5'}`))},
	{"axis_twice_in_each", wrap(oneGrid, rule(`{id: R1, severity: hard, each: [¦col, col], assert: 'r < 5', message: "x"}`))},
	{"unknown_position", wrap(oneGrid, rule(`{id: R1, severity: hard, assert: '¦r.c3 < 5', message: "x"}`))},
	{"unknown_position", wrap(oneGrid, rule(`{id: R1, severity: hard, only: {col: [¦c3]}, assert: 'r < 5', message: "x"}`))},
	{"unknown_row", wrap(oneGrid, rule(`{id: R1, severity: hard, rows: [¦rr], assert: 'row < 5', message: "x"}`))},
	{"unknown_at", wrap(oneGrid, rule(`{id: R1, severity: hard, at: [¦rr], assert: 'r < 5', message: "x"}`))},
	{"unknown_sheet", wrap(twoQuestions, twoSheets+rule(`{id: R1, severity: hard, sheets: [¦z], assert: 'r < 5', message: "x"}`))},
	{"unknown_in_message", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < 5', message: "{¦b}"}`))},
	{"too_many_places", manyPlaces()},
	{"too_much_work", muchWork()},
	{"across_hard", wrap(twoQuestions, "across:\n  - {id: ¦X1, severity: hard, assert: 'general.a < 5', message: \"x\"}\n")},
	{"across_name", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: '¦a < 5', message: \"x\"}\n")},
	{"across_no_number", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: '¦general.b < 5', message: \"x\"}\n")},
	{"across_no_part", wrap(twoQuestions, "across:\n  - {id: X1, severity: note, assert: '1 > ¦generale.a', message: \"x\"}\n")},
	{"always_fires", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: ¦'a > 9999', message: "x"}`))},
	{"always_fires", wrap(twoQuestions, rule(`{id: R1, severity: explain, when: 'a >= 0', assert: ¦'false', message: "x"}`))},
	{"always_fires_note", wrap(twoQuestions, rule(`{id: R1, severity: note, assert: ¦'a < 0', message: "x"}`))},
	{"never_fires", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: ¦'a >= 0', message: "x"}`))},
	{"never_fires", wrap(oneGrid, rule(`{id: R1, severity: hard, when: 'r > 20000', assert: ¦'r == 0', message: "x"}`))},
	{"never_fires", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: ¦'yes or not yes or a * 2 + 1 >= 1', message: "x"}`))},
	{"rule_nowhere", wrap(twoQuestions, twoSheets+rule(`{id: R1, severity: hard, sheets: [y], assert: ¦'r.c2 < 5', message: "x"}`))},
	{"no_such_option", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < 5 or ¦"z" in kinds', message: "x"}`))},
	{"no_such_option", wrap(twoQuestions+q(`{question: b, type: integer, relevant: 'institution.kind == ¦"statal"', label: "B"}`), "")},
	{"no_such_option", wrap(twoQuestions, twoSheets+rule(`{id: R1, severity: hard, when: 't != ¦"z"', assert: 'r < 5', message: "x"}`))},
	{"expression_too_long", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: ¦'`+strings.Repeat("(", 3000)+"a < 5"+strings.Repeat(")", 3000)+`', message: "x"}`))},
	{"expression_range", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'len(1¦..1000000000) > a', message: "x"}`))},
	{"expression_range", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'let ¦b = a; b > 1', message: "x"}`))},
	{"expression_loops", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'all(kinds, all(kinds, all(kinds, ¦# != "z")))', message: "x"}`))},
	{"unknown_function", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '¦now().Year() > a', message: "x"}`))},
	{"unknown_function", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '¦repeat("x", 1000000000) == "y"', message: "x"}`))},
	{"unknown_name", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'len(¦$env) > a', message: "x"}`))},
	{"expression_syntax", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < 5¦)', message: "x"}`))},
	{"expression_ends", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a <¦ ', message: "x"}`))},
	{"expression", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a¦[1] == 2', message: "x"}`))},
	{"unknown_name", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < ¦aa', message: "x"}`))},
	{"unknown_name", wrap(twoQuestions, "    rules:\n      - id: R1\n        severity: hard\n        message: x\n        assert: |\n          a < 5 or\n            not ¦yess\n")},
	{"prev_without_each", wrap(oneGrid, rule(`{id: R1, severity: hard, assert: '¦r.prev == 0', message: "x"}`))},
	{"not_a_grid", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'len(¦cells(a)) > 0', message: "x"}`))},
	{"mirrored_needs_two", wrap(strings.Replace(oneGrid, `, {id: c2, label: "2"}`, "", 1), rule(`{id: R1, severity: hard, assert: '¦mirrored(g)', message: "x"}`))},
	{"type_mismatch", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'yes ¦== a', message: "x"}`))},
	{"wrong_result", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: ¦'a + 1', message: "x"}`))},
	{"unknown_function", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'a < 5 or ¦answerd(a)', message: "x"}`))},
	{"wrong_arguments", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '¦pct(a) < 5', message: "x"}`))},
	{"wrong_argument", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: 'pct(a, ¦yes) < 5', message: "x"}`))},
	{"wrong_operand", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '¦not a', message: "x"}`))},
	{"not_a_condition", wrap(twoQuestions, rule(`{id: R1, severity: hard, assert: '¦a ? true : false', message: "x"}`))},
	{"cell_type", wrap(typedRow("type: ¦multi"), "")},
	{"computed_type", wrap(typedRow("type: ¦text, computed: r"), "")},
	{"no_sum", wrap(typedRow("type: text"), rule(`{id: R1, severity: hard, assert: '¦who == "x"', message: "x"}`))},
	{"ignored_key", wrap(q(`{question: a, type: yes_no, label: "A", ¦max: 5}`), "")},
	{"ignored_key", wrap(strings.Replace(oneGrid, "            axes:", "            ¦tier: ext\n            axes:", 1), "")},
	{"unused_list", "lists:\n  ¦comuni: [MILANO]\n" + wrap(twoQuestions, "")},
	{"unused_axis", strings.Replace(twoAxes, "  sex", "  ¦sex", 1) + wrap(q(`{grid: g, title: "G", axes: [col], rows: [{id: r, label: "R"}]}`), "")},
	{"empty_section", strings.Replace(wrap(twoQuestions, ""), "      - id: s\n", "      - {id: ¦e, title: \"E\"}\n      - id: s\n", 1)},
	{"no_label", wrap(q(`{question: ¦a, type: integer}`), "")},
	{"missing_translation", strings.Replace(strings.Replace(strings.Replace(wrap(twoQuestions, ""), "[it]", "[it, en]", 1), "it: \"S\"", "it: S, en: S", 1), "{it: \"Gen", "¦{it: \"Gen", 1)},
	{"unknown_language", wrap(q(`{question: a, type: integer, label: {it: "A", ¦ti: "B"}}`), "")},
	{"long_text", wrap(q(`{question: a, type: choice, label: "A", options: [{id: x, label: "¦`+strings.Repeat("lungo ", 12)+`"}]}`), "")},
	{"no_general", strings.Replace(strings.Replace(wrap(twoQuestions, ""), "id: general", "id: other", 1), "parts:", "¦parts:", 1)},
	{"number_twice", wrap(q(`{question: a, type: integer, label: "A", number: 1}`)+q(`{question: b, type: integer, label: "B", ¦number: 1}`), "")},
}

// typedRow is oneGrid with a second row.
func typedRow(says string) string {
	return strings.Replace(oneGrid, "rows:\n", "rows:\n              - {id: who, label: W, "+says+"}\n", 1)
}

func items(prefix string, n int) string {
	list := make([]string, n)
	for i := range list {
		list[i] = fmt.Sprintf("{id: %s%d, label: %s}", prefix, i, prefix)
	}
	return strings.Join(list, ", ")
}

// hugeGrid would have a milliard of cells.
func hugeGrid() string {
	return wrap(`          - grid: ¦g
            title: "G"
            axes:
              - {id: one, label: "1", items: [`+items("p", 1000)+`]}
              - {id: two, label: "2", items: [`+items("q", 1000)+`]}
              - {id: three, label: "3", items: [`+items("s", 1000)+`]}
            rows: [{id: r, label: "R"}]
`, "")
}

func manyPlaces() string {
	rows := "[" + strings.TrimSuffix(strings.Repeat("r, ", 1500), ", ") + "]"
	return wrap(oneGrid, rule(`{id: ¦R1, severity: hard, each: [col], rows: `+rows+`, assert: 'row < 5', message: "x"}`))
}

// muchWork repeats a rule over a thousand cells, again and again.
func muchWork() string {
	one := `{severity: hard, each: [one], assert: 'r + r.p1 + r.p2 + r.p3 < 5', message: "x"}, `
	return wrap(`          - {grid: g, title: "G", axes: [{id: one, label: "1", items: [`+items("p", 1000)+`]}], rows: [{id: r, label: "R"}]}`+"\n",
		rule(`{id: ¦R1, severity: hard, rules: [`+strings.TrimSuffix(strings.Repeat(one, 20), ", ")+`]}`))
}

// marked takes the mark out of a file and tells where it stood.
func marked(file string) (text string, line, column int) {
	before, after, ok := strings.Cut(file, "¦")
	if !ok {
		return file, 1, 1
	}
	line = strings.Count(before, "\n") + 1
	column = len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return before + after, line, column
}

func TestLintCases(t *testing.T) {
	seen := map[string]bool{"too_many_faults": true} // TestManyFaults
	for _, c := range lintCases {
		seen[c.code] = true
		t.Run(c.code, func(t *testing.T) {
			file, line, column := marked(c.file)
			if c.code == "never_opens" {
				line, column = 15, 13
			}
			report := survey.Lint([]byte(file))
			i := slices.IndexFunc(report.Faults, func(f survey.Fault) bool { return f.Code == c.code })
			if i < 0 {
				t.Fatalf("not told: %v", report.Faults)
			}
			if f := report.Faults[i]; f.Line != line || f.Column != column {
				t.Errorf("at %d:%d, want %d:%d: %s", f.Line, f.Column, line, column, f)
			}
			for _, f := range report.Faults {
				if f.Code != c.code {
					t.Errorf("told besides: %s %s", f.Code, f)
				}
				if text := f.In("it") + f.In("en"); strings.Contains(text, "__") || strings.Contains(text, "{1}") {
					t.Errorf("not for people: %s", text)
				}
			}
		})
	}
	for _, code := range survey.LintCodes() {
		if against := slices.ContainsFunc(againstCases, func(c againstCase) bool { return c.code == code }); !seen[code] && !against {
			t.Errorf("no file shows %s", code)
		}
	}
}

// A file loads exactly when it has no faults.
func TestLintAndLoadAgree(t *testing.T) {
	files := []string{}
	for _, c := range lintCases {
		file, _, _ := marked(c.file)
		files = append(files, file)
	}
	for _, c := range brokenFiles {
		files = append(files, c.file)
	}
	raw, err := os.ReadFile(surveyFile)
	if err != nil {
		t.Fatal(err)
	}
	mini, err := os.ReadFile("testdata/mini.yaml")
	if err != nil {
		t.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	files = append(files, string(raw), string(mini))
	for range 100 { // files that somebody has damaged
		b := slices.Clone(mini)
		at, n := random.IntN(len(b)), random.IntN(12)
		b = slices.Delete(b, at, min(at+n, len(b)))
		files = append(files, string(b))
	}
	for _, file := range files {
		agree(t, []byte(file))
	}
}

func agree(t *testing.T, raw []byte) {
	t.Helper()
	report := survey.Lint(raw)
	faults, _ := report.Faults.Split()
	grave := slices.ContainsFunc(faults, func(f survey.Fault) bool { return !survey.Judgement(f.Code) && f.Code != "too_many_faults" })
	if _, err := survey.Load(raw); (err != nil) != grave {
		t.Fatalf("a stored file with these faults is loaded with %v:\n%s", err, faults)
	}
	q, err := survey.LoadNew(raw)
	if (err == nil) != (len(faults) == 0) || (q != nil) != (report.Questionnaire != nil) || (q == nil) != (err != nil) {
		t.Errorf("%d faults, but loading it says %v:\n%s", len(faults), err, faults)
	}
}

// What is wrong is told at once, whatever else is wrong.
func TestManyFaults(t *testing.T) {
	file := wrap(`          - {question: a, type: integre, label: "A", colour: red}
          - {question: b, type: choice, label: "B", max: ten, options: [{id: x, label: "X"}, {id: x, label: "Y"}]}
          - {question: b, type: integer, label: "B", relevant: 'nosuch > other'}
`, `    rules:
      - {id: R1, severity: hrad, missing: sometimes, assert: 'a < nosuch', at: [nosuch], message: "{nosuch}"}
      - {id: R2, severity: hard, when: 'b == "z"', assert: 'launch(a)', message: "x"}
  - {id: t, repeat: nosuch, sections: [{id: s, items: [{question: d, type: integer, label: "D", relevant: 'nosuch'}]}]}
across:
  - {id: X1, severity: hard, assert: 'general.a < nosuch.b', message: "x"}
`)
	var got []string
	report := survey.Lint([]byte(file))
	for _, f := range report.Faults {
		got = append(got, fmt.Sprintf("%d %s", f.Line, f.Code))
	}
	want := []string{"11 unknown_type", "11 unknown_key", "12 wrong_value_a_whole_number", "12 duplicate_option", "13 duplicate_id", "13 unknown_name", "13 unknown_name",
		"15 severity", "15 missing", "15 unknown_name", "15 unknown_at", "15 unknown_in_message", "16 unknown_function",
		"17 bad_repeat", "17 unknown_name", "19 across_hard", "19 across_no_part"}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%v\nwant\n%v\n%v", got, want, report.Faults)
	}

	many := strings.Repeat("          - {question: A, type: nosuch, label: \"A\"}\n", 3000)
	report = survey.Lint([]byte(wrap(many, "")))
	if n := len(report.Faults); n != 1001 || report.Faults[n-1].Code != "too_many_faults" {
		t.Errorf("%d faults, the last %v", n, report.Faults[n-1])
	}
}

// FuzzLint: whatever the bytes, there is an answer soon, and it agrees with Load.
func FuzzLint(f *testing.F) {
	for _, c := range lintCases {
		if file, _, _ := marked(c.file); len(file) < 3000 {
			f.Add([]byte(file))
		}
	}
	for _, path := range []string{"testdata/mini.yaml", "testdata/tutorial.yaml"} {
		raw, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	older, err := survey.Load(must(os.ReadFile("testdata/mini.yaml")))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		start := time.Now()
		agree(t, raw)
		for _, x := range append(survey.Lint(raw).Faults, survey.Lint(raw).Against(older)...) {
			if x.Line < 1 || x.Column < 1 || x.In("it") == "" || x.In("en") == "" {
				t.Fatalf("%+v", x)
			}
		}
		if took := time.Since(start); took > 20*time.Second {
			t.Fatalf("it took %v", took)
		}
	})
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}
