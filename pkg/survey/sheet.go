package survey

import (
	"crypto/sha256"
	"encoding/hex"
	"sync"
)

// Type is the kind of a question's answer.
type Type string

// The types of questions; cellTypes are those that a grid's cell can have.
const (
	TypeInteger     Type = "integer"     // int
	TypeDecimal     Type = "decimal"     // json.Number, or int
	TypeDate        Type = "date"        // string, 2023-12-20
	TypeYesNo       Type = "yes_no"      // bool
	TypeChoice      Type = "choice"      // string: an option's id, or an entry of a list
	TypeMulti       Type = "multi"       // []string: option ids
	TypeText        Type = "text"        // string, one line
	TypeLongText    Type = "long_text"   // string
	TypeTextList    Type = "text_list"   // []string
	TypeEmail       Type = "email"       // string
	TypePhone       Type = "phone"       // string
	TypeCode        Type = "code"        // string: a school code
	TypeCodeList    Type = "code_list"   // []string: school codes
	TypeDeclaration Type = "declaration" // bool, asked at submission only
)

// Tier says whether a blank answer blocks the part.
type Tier string

// Core answers are due; ext answers may be blank or "dato non disponibile".
const (
	TierCore Tier = "core"
	TierExt  Tier = "ext"
)

// GeneralPart is the part that every institution fills first.
const GeneralPart = "general"

// Option is one of the answers of a choice.
type Option struct {
	ID        string
	Label     Text
	Short     Text // of the label, for the screen; often none
	Exclusive bool // may not stand beside another
}

// OnScreen is the label, or its short form where there is one.
func (o Option) OnScreen(lang string) string { return shortOr(o.Short, o.Label).In(lang) }

// AxisItem is one position on a grid's axis.
type AxisItem struct {
	ID    string
	Label Text // "1° anno"
	Short Text // "1°"
}

// Axis is a dimension of a grid, without the items that this sheet lacks.
type Axis struct {
	ID    string
	Label Text
	Items []AxisItem
}

// Row is one line of a grid; its cells are variables.
type Row struct {
	ID       string
	Label    Text
	Short    Text // of the label, for the screen; often none
	Help     Text
	Tier     Tier
	Type     Type // of its cells
	Computed bool
	Cells    []*Variable // in the order of the axes, the last axis running fastest
	Grid     *Grid
}

// OnScreen is the label, or its short form where there is one.
func (r *Row) OnScreen(lang string) string { return shortOr(r.Short, r.Label).In(lang) }

func shortOr(short, label Text) Text {
	if len(short) > 0 {
		return short
	}
	return label
}

// Grid is a table over zero to three axes; its rows are counts unless they say otherwise.
type Grid struct {
	ID      string
	Title   Text
	Help    Text
	Who     Text // in the school knows the numbers
	Axes    []*Axis
	Rows    []*Row
	Section *Section
}

// Variable is a question or one cell of a grid: one id, one value, one column
// everywhere (contract, section 3).
type Variable struct {
	ID        string
	Type      Type
	Label     Text
	Help      Text
	Number    int // on the paper form; 0 for cells
	Tier      Tier
	Options   []Option
	List      []string // the entries of a choice from a code list
	Example   Text     // of an answer
	Who       Text     // in the school who knows it
	Min, Max  int
	Decimals  int // of a decimal: places after the point, at most
	MaxLength int
	Check     string // the id under which a wrong type or range is reported
	ReadOnly  bool
	Prefill   string
	Default   *int
	Section   *Section

	Row      *Row  // nil for a question
	At       []int // position on each axis of Row.Grid
	Computed bool

	slot int
}

// Item is a question or a grid, in the order of the form.
type Item struct {
	Question *Variable
	Grid     *Grid
}

// Section is one page of the form.
type Section struct {
	ID    string
	Title Text
	Help  Text
	Items []Item
}

// Sheet is one part, compiled: `general`, or a template's sheet for one option.
type Sheet struct {
	Part     string // general, liceale, tecnico…
	Template string // the template's id, or "" for a part of its own
	Title    Text
	Sections []*Section

	survey  *Questionnaire
	option  *Option // of the repeat question; nil for a part of its own
	vars    []*Variable
	byID    map[string]*Variable
	rows    map[string]*Row
	grids   map[string]*Grid
	axes    map[string]*Axis
	steps   []step
	rules   []*rule
	makers  map[int]*step   // by slot: what computes that cell
	closers map[int]*closer // by slot: what may close that cell
	groups  [][]*Variable   // what is asked for together: a question, a row
	places  []sheetPlace    // every rule at every place, in order
	readers [][]int         // by slot: the places that read it
	impacts sync.Map        // slot → *impact
}

type sheetPlace struct {
	rule *rule
	at   *rulePlace
}

// Questionnaire is one version of a survey, ready to judge answers.
type Questionnaire struct {
	ID          string
	Version     string
	SchoolYear  string
	Languages   []string
	Title       Text
	Office      Office
	Dates       Dates
	Reasons     []Option // reason codes of explanations
	Unavailable []Option // reason codes of "dato non disponibile"

	bytes    []byte
	digest   string
	lists    map[string][]string
	builtin  builtinChecks
	min, max int
	sheets   map[string]*Sheet
	order    []string
	repeat   map[string]string // template id → "general" question that opens its sheets
	across   []*acrossRule
	// axisItems lists the items of each axis over all sheets, those that some
	// sheet lacks among them.
	axisItems map[string][]string
}

// Digest names a questionnaire: sha256 over the bytes of its file.
func (q *Questionnaire) Digest() string { return q.digest }

// Bytes are the file as it was published.
func (q *Questionnaire) Bytes() []byte { return q.bytes }

// Sheet gives the compiled part, or nil when this survey has no such part.
func (q *Questionnaire) Sheet(part string) *Sheet { return q.sheets[part] }

// AllParts lists every part that some institution may have, in order.
func (q *Questionnaire) AllParts() []string { return append([]string(nil), q.order...) }

// Parts lists the parts of one return, given its general answers: the parts of
// their own and one sheet for each option chosen, in the order of the form.
func (q *Questionnaire) Parts(general Answers) []string {
	var out []string
	for _, part := range q.order {
		s := q.sheets[part]
		if s.Template == "" || contains(general.Strings(q.repeat[s.Template]), part) {
			out = append(out, part)
		}
	}
	return out
}

// Variables lists the sheet's variables in the order of the form, computed
// cells among them.
func (s *Sheet) Variables() []*Variable { return s.vars }

// Variable finds one by id, or nil.
func (s *Sheet) Variable(id string) *Variable { return s.byID[id] }

// Row finds a grid's row by id, or nil.
func (s *Sheet) Row(id string) *Row { return s.rows[id] }

// Grid finds a grid by id, or nil.
func (s *Sheet) Grid(id string) *Grid { return s.grids[id] }

// Questionnaire is the version that the sheet belongs to.
func (s *Sheet) Questionnaire() *Questionnaire { return s.survey }

// Opens tells whether the answers to this question decide which sheets there are.
func (q *Questionnaire) Opens(question string) bool {
	for _, r := range q.repeat {
		if r == question {
			return true
		}
	}
	return false
}

// Begin gives the answers that a new draft starts with: what the register
// knows and the defaults.
func (s *Sheet) Begin(inst Institution) Answers {
	out := Answers{}
	for _, v := range s.vars {
		switch {
		case v.Prefill != "":
			if value := institutionField(inst, v.Prefill); !isZero(value) {
				out[v.ID] = value
			}
		case v.Default != nil && !v.Computed:
			out[v.ID] = *v.Default
		}
	}
	return out
}

func institutionField(inst Institution, name string) any {
	switch name {
	case "institution.code":
		return inst.Code
	case "institution.codes":
		return append([]string{}, inst.Codes...)
	case "institution.name":
		return inst.Name
	case "institution.comune":
		return inst.Comune
	case "institution.kind":
		return inst.Kind
	case "institution.expected_tracks":
		return append([]string{}, inst.ExpectedTracks...)
	}
	return nil
}

func isZero(v any) bool {
	switch v := v.(type) {
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	}
	return v == nil
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}

// DigestOf is the name of any stored bytes: "sha256:" and the hash in hex.
func DigestOf(b []byte) string {
	sum := sha256.Sum256(b)
	return "sha256:" + hex.EncodeToString(sum[:])
}
