package export

import (
	"fmt"
	"slices"
	"strings"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// table is one level: a file, a sheet, a resource of the codebook.
type table struct {
	name    string // also the file's
	title   string
	columns []column
	key     []string
}

// column is one column. Its kind is a type of the Frictionless Table Schema.
type column struct {
	name, kind, title, description string
	options                        []survey.Option
	min, max                       *int
}

// withheld is the reason code of a value that the school does not have. It
// stands where the value would, and the codebook declares it as missing.
type withheld string

// layout is what stands in the files: the tables, and where each variable goes.
// The columns are those of the newest version, then what only older ones ask.
type layout struct {
	survey   store.Survey
	versions map[string]*survey.Questionnaire
	newest   *survey.Questionnaire // nil before the first was published
	lang     string
	reasons  []survey.Option // of data that are not available
	axes     []string        // of all grids

	tables                                             []*table
	institutions, general, tracks, cells, explanations *table
	place                                              map[*table]map[string]int // variable → column
}

const (
	kindText     = "string"
	kindInteger  = "integer"
	kindNumber   = "number"
	kindBoolean  = "boolean"
	kindDate     = "date"
	kindDateTime = "datetime"
	kindList     = "array" // of strings: a JSON text in CSV
)

func text(name, title string) column { return column{name: name, kind: kindText, title: title} }

func newLayout(s store.Survey, versions map[string]*survey.Questionnaire, newest []*survey.Questionnaire, lang string) *layout {
	l := &layout{survey: s, versions: versions, lang: lang, place: map[*table]map[string]int{}}
	if len(newest) > 0 {
		l.newest, l.reasons = newest[0], newest[0].Unavailable
	}
	w := titles(lang)
	who := []column{text("institution_id", w("institution_id")), text("code", w("code"))}
	sent := []column{{name: "revision", kind: kindInteger, title: w("revision")}, text("state", w("state")),
		{name: "received_at", kind: kindDateTime, title: w("received_at")}, {name: "late", kind: kindBoolean, title: w("late")},
		text("receipt", w("receipt")), text("questionnaire", w("questionnaire")), text("content_digest", w("content_digest"))}

	l.institutions = l.table("institutions", w, nil, who, []column{{name: "codes", kind: kindList, title: w("codes")}, text("name", w("name")),
		text("comune", w("comune")), text("kind", w("kind")), {name: "expected_tracks", kind: kindList, title: w("expected_tracks")},
		text("state", w("return_state")), text("excluded", w("excluded"))})
	l.general = l.table("general", w, nil, who, sent)
	l.tracks = l.table("tracks", w, []string{"track"}, who, []column{text("track", w("track"))}, sent)
	for _, q := range newest {
		for _, part := range q.AllParts() {
			t := l.tracks
			if part == survey.GeneralPart {
				t = l.general
			}
			for _, v := range q.Sheet(part).Variables() {
				l.addVariable(t, v)
			}
		}
	}
	cells := []column{text("part", w("part")), text("variable", w("variable")), text("row", w("row"))}
	for _, axis := range l.axes {
		cells = append(cells, text(axis, axis))
	}
	l.cells = l.table("cells", w, []string{"part", "variable"}, who, cells, []column{text("value", w("value")), text("unavailable", w("unavailable"))})
	l.explanations = l.table("explanations", w, []string{"part", "check"}, who, []column{text("part", w("part")), text("check", w("check")),
		text("reason", w("reason")), text("text", w("text"))})
	return l
}

// table makes one; its key is the institution and what else key names.
func (l *layout) table(name string, w func(string) string, key []string, columns ...[]column) *table {
	t := &table{name: name, title: w("table." + name), columns: slices.Concat(columns...), key: append([]string{"institution_id"}, key...)}
	l.tables = append(l.tables, t)
	l.place[t] = map[string]int{}
	return t
}

func (l *layout) addVariable(t *table, v *survey.Variable) {
	if _, there := l.place[t][v.ID]; there {
		return
	}
	l.place[t][v.ID] = len(t.columns)
	c := column{name: v.ID, kind: kindOf(v), title: v.Name(l.lang), description: v.Help.In(l.lang), options: v.Options}
	if c.kind == kindInteger || c.kind == kindNumber {
		c.min, c.max = &v.Min, &v.Max
	}
	t.columns = append(t.columns, c)
	if v.Row == nil {
		return
	}
	for _, a := range v.Row.Grid.Axes {
		if !slices.Contains(l.axes, a.ID) {
			l.axes = append(l.axes, a.ID)
		}
	}
}

func kindOf(v *survey.Variable) string {
	switch v.Type {
	case survey.TypeInteger:
		return kindInteger
	case survey.TypeDecimal:
		return kindNumber
	case survey.TypeYesNo, survey.TypeDeclaration:
		return kindBoolean
	case survey.TypeMulti, survey.TypeTextList, survey.TypeCodeList:
		return kindList
	case survey.TypeDate:
		return kindDate
	}
	return kindText
}

// rows are the lines of one return, in the order of the tables.
func (l *layout) rows(s store.Snapshot) ([]line, Counts, error) {
	var n Counts
	parts := s.Whole()
	whole, err := store.BuildReturn(store.ReturnInput{Institution: s.Institution, Survey: l.survey, Parts: parts, Load: l.load, Lang: l.lang})
	if err != nil {
		return nil, n, err
	}
	in := s.Institution
	who := []any{in.ID, in.Code}
	n.Institutions = 1
	out := []line{{l.institutions, join(who, in.Codes, in.Name, in.Comune, in.Kind, in.ExpectedTracks, whole.State, in.Excluded)}}
	for _, p := range parts {
		switch p.State {
		case survey.PartWithdrawn:
			n.Withdrawn++
		case survey.PartReturned:
			n.Returned++
		}
		if !counted(p) {
			continue
		}
		n.Submissions++
		lines, err := l.part(who, p)
		if err != nil {
			return nil, n, err
		}
		out = append(out, lines...)
	}
	return out, n, nil
}

func (l *layout) load(digest string) (*survey.Questionnaire, error) {
	if q := l.versions[digest]; q != nil {
		return q, nil
	}
	return nil, fmt.Errorf("export: the questionnaire %q was not published then", digest)
}

// part is one sheet: its wide row, its long rows, its explanations.
func (l *layout) part(who []any, p store.Part) ([]line, error) {
	q, err := l.load(p.Current.Questionnaire)
	if err != nil {
		return nil, err
	}
	sub, err := parse(p)
	if err != nil {
		return nil, err
	}
	sheet := q.Sheet(p.Part)
	if sheet == nil {
		return nil, fmt.Errorf("export: the questionnaire %s has no part %q", p.Current.Questionnaire, p.Part)
	}
	c := p.Current
	sent := []any{c.Revision, p.State, c.ReceivedAt, c.Late, c.Number, c.Questionnaire, c.ContentDigest}
	t, wide := l.general, join(who, sent...)
	if p.Part != survey.GeneralPart {
		t, wide = l.tracks, join(join(who, p.Part), sent...)
	}
	wide = append(wide, make([]any, len(t.columns)-len(wide))...)
	out := []line{{t, wide}}
	for _, v := range sheet.Variables() {
		value, answered := sub.Answers[v.ID]
		reason := sub.Unavailable[v.ID]
		switch {
		case answered:
			wide[l.place[t][v.ID]] = value
		case reason != "":
			wide[l.place[t][v.ID]] = withheld(reason)
		default:
			continue
		}
		out = append(out, line{l.cells, l.cell(who, p.Part, v, value, reason)})
	}
	for _, check := range sortedKeys(sub.Explanations) {
		e := sub.Explanations[check]
		out = append(out, line{l.explanations, join(who, p.Part, check, e.Reason, e.Text)})
	}
	return out, nil
}

func (l *layout) cell(who []any, part string, v *survey.Variable, value any, reason string) []any {
	row := make([]any, 0, len(l.cells.columns))
	row = append(row, who[0], who[1], part, v.ID)
	at := make([]any, 1+len(l.axes))
	if v.Row != nil {
		at[0] = v.Row.ID
		for i, a := range v.Row.Grid.Axes {
			at[1+slices.Index(l.axes, a.ID)] = a.Items[v.At[i]].ID
		}
	}
	return append(append(row, at...), value, reason)
}

func join(first []any, rest ...any) []any {
	return append(slices.Clone(first), rest...)
}

func sortedKeys[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, strings.Compare)
	return keys
}
