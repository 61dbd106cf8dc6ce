package survey

import (
	"strings"
	"testing"
)

// roomCases put a text where each kind of text stands; § is the text.
var roomCases = map[string]string{
	"itemFile.label":         "parts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: \"§\"}]}]}]",
	"itemFile.example":       "parts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A, example: \"§\"}]}]}]",
	"itemFile.who":           "parts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A, who: \"§\"}]}]}]",
	"itemFile.title":         "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: \"§\", rows: [{id: r, label: R}]}]}]}]",
	"rowFile.label":          "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: G, rows: [{id: r, label: \"§\"}]}]}]}]",
	"rowFile.short":          "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: G, rows: [{id: r, label: R, short: \"§\"}]}]}]}]",
	"optionFile.label":       "parts: [{id: general, sections: [{id: s, items: [{question: a, type: choice, label: A, options: [{id: x, label: \"§\"}]}]}]}]",
	"optionFile.short":       "parts: [{id: general, sections: [{id: s, items: [{question: a, type: choice, label: A, options: [{id: x, label: X, short: \"§\"}]}]}]}]",
	"sectionFile.title":      "parts: [{id: general, sections: [{id: s, title: \"§\", items: [{question: a, type: integer, label: A}]}]}]",
	"partFile.title":         "parts: [{id: general, title: \"§\", sections: [{id: s, items: [{question: a, type: integer, label: A}]}]}]",
	"surveyFile.reasons":     "reasons: {other: \"§\"}\nparts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A}]}]}]",
	"surveyFile.unavailable": "unavailable: {other: \"§\"}\nparts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A}]}]}]",
	"axisFile.label":         "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: G, axes: [{id: x, label: \"§\", items: [{id: p, label: P}]}], rows: [{id: r, label: R}]}]}]}]",
	"axisItemFile.label":     "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: G, axes: [{id: x, label: X, items: [{id: p, label: \"§\"}]}], rows: [{id: r, label: R}]}]}]}]",
	"axisItemFile.short":     "parts: [{id: general, sections: [{id: s, items: [{grid: g, title: G, axes: [{id: x, label: X, items: [{id: p, label: P, short: \"§\"}]}], rows: [{id: r, label: R}]}]}]}]",
	"ruleFile.message":       "parts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A}]}], rules: [{id: R, severity: hard, assert: a < 5, message: \"§\"}]}]",
	"closedFile.message":     "parts: [{id: general, sections: [{id: s, items: [{question: a, type: integer, label: A}, {grid: g, title: G, closed: {when: a == 0, check: S, message: \"§\"}, rows: [{id: r, label: R}]}]}]}]",
}

// A text as long as its place is not remarked upon, and one that is a word
// longer is, at its place in the file.
func TestEachTextHasItsRoom(t *testing.T) {
	for kind, place := range room {
		t.Run(kind, func(t *testing.T) {
			file, ok := roomCases[kind]
			if !ok {
				t.Fatal("no file has such a text")
			}
			file = "format: 1\nid: x\n" + file + "\n"
			before, _, _ := strings.Cut(file, "§")
			line := strings.Count(before, "\n") + 1
			full := strings.TrimSuffix(strings.Repeat(strings.Repeat("x", place.width)+" ", place.lines), " ")
			if got := Lint([]byte(strings.Replace(file, "§", full, 1))).Faults; len(got) > 0 {
				t.Errorf("as long as its place: %v", got)
			}
			got := Lint([]byte(strings.Replace(file, "§", full+" x", 1))).Faults
			if len(got) != 1 || got[0].Code != "long_text" || got[0].Line != line || got[0].Column < 2 {
				t.Errorf("a word longer: %+v", got)
			}
		})
	}
}
