package export

import (
	"fmt"
	"slices"
	"strings"

	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
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

// word is an id: letters, digits, _ and . of ASCII alone, which stand as they
// are in every format.
type word string

// named is an id as a cell. Boxed once and not for each of the millions of
// cells of the long table.
func named(id string) any {
	if plain(id) {
		return word(id)
	}
	return id
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
	sheets                                             map[*survey.Sheet][]cellPlan
}

// cellPlan is where one variable of a sheet goes.
type cellPlan struct {
	id     string
	column int   // of the wide table
	named  []any // its columns of the long table: part, variable, row, where in the grid
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
	l := &layout{survey: s, versions: versions, lang: lang, place: map[*table]map[string]int{}, sheets: map[*survey.Sheet][]cellPlan{}}
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
			for _, v := range q.Sheet(part).Variables() {
				l.addVariable(l.wide(part), v)
			}
		}
	}
	for _, q := range newest { // once the axes of all are known
		for _, part := range q.AllParts() {
			l.sheets[q.Sheet(part)] = l.planCells(part, q.Sheet(part))
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

// wide is the table with a row for each sheet of the part.
func (l *layout) wide(part string) *table {
	if part == survey.GeneralPart {
		return l.general
	}
	return l.tracks
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
	parts, contents := s.Whole(), map[string]surveysync.Submission{}
	for _, p := range parts {
		if !counted(p) {
			continue
		}
		var err error
		if contents[p.Part], err = parse(p); err != nil {
			return nil, n, err
		}
	}
	whole, err := store.BuildReturn(store.ReturnInput{Institution: s.Institution, Survey: l.survey, Parts: parts, Contents: contents,
		Load: l.load, Lang: l.lang})
	if err != nil {
		return nil, n, err
	}
	in := s.Institution
	who := []any{named(in.ID), named(in.Code)}
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
		if out, err = l.part(out, who, p, contents[p.Part]); err != nil {
			return nil, n, err
		}
	}
	return out, n, nil
}

func (l *layout) load(digest string) (*survey.Questionnaire, error) {
	if q := l.versions[digest]; q != nil {
		return q, nil
	}
	return nil, fmt.Errorf("export: the questionnaire %q was not published then", digest)
}

// part adds one sheet: its wide row, its long rows, its explanations.
func (l *layout) part(out []line, who []any, p store.Part, sub surveysync.Submission) ([]line, error) {
	q, err := l.load(p.Current.Questionnaire)
	if err != nil {
		return nil, err
	}
	sheet := q.Sheet(p.Part)
	if sheet == nil {
		return nil, fmt.Errorf("export: the questionnaire %s has no part %q", p.Current.Questionnaire, p.Part)
	}
	c := p.Current
	t, plan := l.wide(p.Part), l.sheets[sheet]
	wide := append(make([]any, 0, len(t.columns)), who...)
	if t == l.tracks {
		wide = append(wide, p.Part)
	}
	wide = append(wide, c.Revision, p.State, c.ReceivedAt, c.Late, c.Number, c.Questionnaire, c.ContentDigest)
	wide = wide[:len(t.columns)]
	out = append(out, line{t, wide})
	for _, cell := range plan {
		value, answered := sub.Answers[cell.id]
		reason := sub.Unavailable[cell.id]
		switch {
		case answered:
			wide[cell.column] = value
		case reason != "":
			wide[cell.column] = withheld(reason)
		default:
			continue
		}
		long := append(make([]any, 0, len(l.cells.columns)), who...)
		out = append(out, line{l.cells, append(append(long, cell.named...), value, reason)})
	}
	for _, check := range sortedKeys(sub.Explanations) {
		e := sub.Explanations[check]
		out = append(out, line{l.explanations, join(who, p.Part, check, e.Reason, e.Text)})
	}
	return out, nil
}

// planCells settles where the variables of a sheet go.
func (l *layout) planCells(part string, sheet *survey.Sheet) []cellPlan {
	var plan []cellPlan
	for _, v := range sheet.Variables() {
		where := make([]any, 3+len(l.axes))
		where[0], where[1] = named(part), named(v.ID)
		if v.Row != nil {
			where[2] = named(v.Row.ID)
			for i, a := range v.Row.Grid.Axes {
				where[3+slices.Index(l.axes, a.ID)] = named(a.Items[v.At[i]].ID)
			}
		}
		plan = append(plan, cellPlan{v.ID, l.place[l.wide(part)][v.ID], where})
	}
	return plan
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
