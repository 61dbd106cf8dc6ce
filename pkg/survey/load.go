package survey

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/token"
)

// MaxFile is the largest questionnaire that is read, in bytes.
const MaxFile = 2 << 20

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Load reads a questionnaire file and compiles it. The error is a Faults with
// every mistake found, each with its line.
func Load(raw []byte) (*Questionnaire, error) {
	switch {
	case len(raw) > MaxFile:
		return nil, Faults{{1, 1, fmt.Sprintf("the file has %d bytes, more than the %d allowed", len(raw), MaxFile)}}
	case !utf8.Valid(raw):
		return nil, Faults{{1, 1, "the file is not UTF-8"}}
	}
	if fault, ok := aliased(raw); ok {
		return nil, Faults{fault}
	}
	var f surveyFile
	dec := yaml.NewDecoder(bytes.NewReader(raw), yaml.Strict())
	if err := dec.Decode(&f); err != nil {
		return nil, Faults{yamlFault(err)}
	}
	l := &loader{file: &f, programs: programs{}, q: &Questionnaire{
		ID: f.ID.text, Version: f.Version, SchoolYear: f.SchoolYear, Languages: f.Languages,
		Title: f.Title, Office: f.Office, Dates: f.Dates,
		Reasons: f.Reasons, Unavailable: f.Missing,
		bytes: bytes.Clone(raw), digest: DigestOf(raw),
		lists: f.Lists, builtin: f.Checks, min: f.Numbers.Min, max: 9999,
		sheets: map[string]*Sheet{}, repeat: map[string]string{}, axisItems: map[string][]string{},
	}}
	if f.Numbers.Max != nil {
		l.q.max = *f.Numbers.Max
	}
	l.load()
	if len(l.faults) > 0 {
		return nil, l.faults.sorted()
	}
	return l.q, nil
}

// aliased finds the first alias. The format needs none, and a few lines of
// aliases of aliases unfold into more memory than there is.
func aliased(raw []byte) (Fault, bool) {
	if !bytes.ContainsRune(raw, '*') {
		return Fault{}, false
	}
	for _, t := range lexer.Tokenize(string(raw)) {
		if t.Type == token.AliasType {
			return Fault{t.Position.Line, t.Position.Column, "YAML aliases (*name) are not taken: write the value out"}, true
		}
	}
	return Fault{}, false
}

func yamlFault(err error) Fault {
	if errors.Is(err, io.EOF) {
		return Fault{1, 1, "the file is empty"}
	}
	var ye yaml.Error
	if errors.As(err, &ye) {
		f := Fault{1, 1, ye.GetMessage()}
		if t := ye.GetToken(); t != nil && t.Position != nil {
			f.Line, f.Column = t.Position.Line, t.Position.Column
		}
		return f
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return Fault{1, 1, first}
}

// loader turns the file's shapes into sheets and collects the faults.
type loader struct {
	file   *surveyFile
	q      *Questionnaire
	faults Faults
	programs
}

func (l *loader) fault(at source, format string, args ...any) {
	l.faults = append(l.faults, Fault{max(at.pos.line, 1), max(at.pos.column, 1), fmt.Sprintf(format, args...)})
}

func (l *loader) load() {
	f := l.file
	if f.Format != 1 {
		l.fault(f.ID, "format %d is not known: this program reads format 1", f.Format)
		return
	}
	if f.ID.text == "" || len(f.Parts) == 0 {
		l.fault(f.ID, "a survey needs an id and at least one part")
		return
	}
	for i := range f.Parts {
		if p := &f.Parts[i]; p.Repeat.text == "" {
			l.addSheet(p, nil)
		}
	}
	for i := range f.Parts {
		if p := &f.Parts[i]; p.Repeat.text != "" {
			l.addTemplate(p)
		}
	}
	for i := range f.Parts {
		for k := range f.Parts[i].Rules {
			l.sheetNames(f.Parts[i].Rules[k].ID, &f.Parts[i].Rules[k])
		}
	}
	if len(l.faults) == 0 {
		l.addAcross()
	}
}

// sheetNames refuses what is meant for a sheet that does not exist: a
// misspelt one would leave the rule out everywhere.
func (l *loader) sheetNames(id source, f *ruleFile) {
	names := slices.Clone(f.Sheets)
	for _, k := range f.With {
		names = slices.AppendSeq(names, maps.Keys(k.bySheet))
	}
	slices.Sort(names)
	for _, name := range names {
		if l.q.sheets[name] == nil {
			l.fault(id, "%s: there is no sheet named %q", id.text, name)
		}
	}
	for i := range f.Rules {
		l.sheetNames(id, &f.Rules[i])
	}
}

// addTemplate makes one sheet for each option of the question that it repeats over.
func (l *loader) addTemplate(p *partFile) {
	var over *Variable
	for _, s := range l.q.sheets {
		if v := s.Variable(p.Repeat.text); v != nil && s.Template == "" {
			over = v
		}
	}
	if over == nil || over.Type != TypeMulti {
		l.fault(p.Repeat, "repeat names %q, which is not a multiple choice of a part", p.Repeat.text)
		return
	}
	l.q.repeat[p.ID.text] = over.ID
	for i := range over.Options {
		if !over.Options[i].Exclusive {
			l.addSheet(p, &over.Options[i])
		}
	}
}

func (l *loader) addSheet(p *partFile, option *Option) {
	s := &Sheet{Part: p.ID.text, Title: p.Title, survey: l.q, option: option,
		byID: map[string]*Variable{}, rows: map[string]*Row{}, grids: map[string]*Grid{}, axes: map[string]*Axis{}, closers: map[int]*closer{}}
	if option != nil {
		s.Part, s.Template = option.ID, p.ID.text
		s.Title = Text{}
		for _, lang := range append([]string{""}, l.q.Languages...) {
			if t, ok := p.Title[lang]; ok {
				s.Title[lang] = strings.ReplaceAll(t, "{"+p.ID.text+"}", option.Label.In(lang))
			}
		}
	}
	if _, double := l.q.sheets[s.Part]; double || !idForm.MatchString(s.Part) {
		l.fault(p.ID, "the part %q stands twice or is not a proper id", s.Part)
		return
	}
	l.q.sheets[s.Part] = s
	l.q.order = append(l.q.order, s.Part)
	c := &compiler{loader: l, sheet: s, part: p}
	c.compile()
}

// compiler builds one sheet of one part.
type compiler struct {
	*loader
	sheet *Sheet
	part  *partFile
}

func (c *compiler) compile() {
	for i := range c.part.Sections {
		c.section(&c.part.Sections[i])
	}
	if len(c.faults) > 0 {
		return // names must be known before expressions are typed
	}
	c.derivations()
	for i := range c.part.Rules {
		c.sheet.rules = append(c.sheet.rules, c.rules(&c.part.Rules[i])...)
	}
}

func (c *compiler) section(f *sectionFile) {
	s := &Section{ID: f.ID.text, Title: f.Title, Help: f.Help}
	for i := range f.Items {
		item := &f.Items[i]
		switch {
		case item.Question.text != "":
			if v := c.question(item); v != nil {
				v.Section = s
				s.Items = append(s.Items, Item{Question: v})
			}
		case item.Grid.text != "":
			if g := c.grid(item); g != nil {
				g.Section = s
				s.Items = append(s.Items, Item{Grid: g})
			}
		default:
			c.fault(f.ID, "section %q: an item is neither a question nor a grid", f.ID.text)
		}
	}
	c.sheet.Sections = append(c.sheet.Sections, s)
}

var questionTypes = []Type{TypeInteger, TypeYesNo, TypeChoice, TypeMulti, TypeText, TypeLongText, TypeTextList,
	TypeEmail, TypePhone, TypeCode, TypeCodeList, TypeDeclaration}

func (c *compiler) question(f *itemFile) *Variable {
	v := &Variable{ID: f.Question.text, Type: Type(f.Type.text), Label: f.Label, Help: f.Help, Number: f.Number,
		Tier: Tier(f.Tier.text), Min: c.q.min, Max: c.q.max, MaxLength: f.MaxLength, Check: f.Check,
		ReadOnly: f.ReadOnly, Prefill: f.Prefill.text, Default: f.Default}
	if !slices.Contains(questionTypes, v.Type) {
		c.fault(f.Type, "%q is not a type of question", f.Type.text)
	}
	if v.Tier == "" {
		v.Tier = TierCore
	}
	if v.Tier != TierCore && v.Tier != TierExt {
		c.fault(f.Tier, "the tier is core or ext, not %q", f.Tier.text)
	}
	if f.Min != nil {
		v.Min = *f.Min
	}
	if f.Max != nil {
		v.Max = *f.Max
	}
	if v.Check == "" {
		v.Check = CheckType
		if v.Type == TypeInteger && c.q.builtin.Integer != "" {
			v.Check = c.q.builtin.Integer
		}
	}
	if v.Prefill != "" && institutionField(Institution{}, v.Prefill) == nil {
		c.fault(f.Prefill, "%s: nothing is known of %q to fill it in with", v.ID, v.Prefill)
	}
	for _, o := range f.Options {
		v.Options = append(v.Options, Option{o.ID.text, o.Label, o.Exclusive})
	}
	if f.List.text != "" {
		list, ok := c.q.lists[f.List.text]
		if !ok {
			c.fault(f.List, "there is no list named %q", f.List.text)
		}
		v.List = list
	}
	if (v.Type == TypeChoice || v.Type == TypeMulti) && len(v.Options) == 0 && f.List.text == "" {
		c.fault(f.Question, "%s: a choice needs options or a list", v.ID)
	}
	c.add(v, f.Question)
	return v
}

func (c *compiler) properID(id string, at source) {
	if !idForm.MatchString(id) || strings.Contains(id, flat) {
		c.fault(at, "%q is not a proper id: lower-case letters, digits and single underscores", id)
	}
}

// add registers a variable under its id and gives it a place in the sheet.
func (c *compiler) add(v *Variable, at source) {
	c.properID(v.ID, at)
	if c.sheet.byID[v.ID] != nil || c.sheet.rows[v.ID] != nil {
		c.fault(at, "the id %q stands twice", v.ID)
	}
	v.slot = len(c.sheet.vars)
	c.sheet.vars = append(c.sheet.vars, v)
	c.sheet.byID[v.ID] = v
}

func (c *compiler) grid(f *itemFile) *Grid {
	g := &Grid{ID: f.Grid.text, Title: f.Title, Help: f.Help}
	for i := range f.Axes {
		if a := c.axis(f, &f.Axes[i]); a != nil {
			g.Axes = append(g.Axes, a)
		}
	}
	if c.sheet.grids[g.ID] != nil {
		c.fault(f.Grid, "the grid %q stands twice", g.ID)
	}
	c.sheet.grids[g.ID] = g
	for i := range f.Rows {
		g.Rows = append(g.Rows, c.row(g, &f.Rows[i]))
	}
	return g
}

// axis finds or defines an axis, without the items that this sheet lacks.
func (c *compiler) axis(f *itemFile, a *axisFile) *Axis {
	def := a
	if a.ref != "" {
		shared, ok := c.file.Axes[a.ref]
		if !ok {
			c.fault(f.Grid, "there is no axis named %q", a.ref)
			return nil
		}
		def = &shared
		def.ID.text = a.ref
	}
	if known := c.sheet.axes[def.ID.text]; known != nil {
		return known
	}
	axis := &Axis{ID: def.ID.text, Label: def.Label}
	for _, item := range def.Items {
		c.properID(item.ID.text, item.ID)
		c.q.axisItems[axis.ID] = append(c.q.axisItems[axis.ID], item.ID.text)
		if len(item.Sheets) == 0 || slices.Contains(item.Sheets, c.sheet.Part) {
			axis.Items = append(axis.Items, AxisItem{item.ID.text, item.Label, item.Short})
		}
	}
	c.sheet.axes[axis.ID] = axis
	return axis
}

func (c *compiler) row(g *Grid, f *rowFile) *Row {
	r := &Row{ID: f.ID.text, Label: f.Label, Help: f.Help, Tier: Tier(f.Tier.text), Computed: f.Computed.text != "", Grid: g}
	if r.Tier == "" {
		r.Tier = TierCore
	}
	c.properID(r.ID, f.ID)
	if c.sheet.rows[r.ID] != nil || c.sheet.byID[r.ID] != nil {
		c.fault(f.ID, "the id %q stands twice", r.ID)
	}
	c.sheet.rows[r.ID] = r
	check := c.q.builtin.Integer
	if check == "" {
		check = CheckType
	}
	for _, at := range positions(g.Axes) {
		id := r.ID
		for i, k := range at {
			id += "_" + g.Axes[i].Items[k].ID
		}
		v := &Variable{ID: id, Type: TypeInteger, Label: r.Label, Help: r.Help, Tier: r.Tier, Min: c.q.min, Max: c.q.max,
			Check: check, Row: r, At: at, Computed: r.Computed, Default: f.Default}
		v.slot = len(c.sheet.vars)
		c.sheet.vars = append(c.sheet.vars, v)
		if c.sheet.byID[id] != nil {
			c.fault(f.ID, "the id %q stands twice", id)
		}
		c.sheet.byID[id] = v
		r.Cells = append(r.Cells, v)
	}
	return r
}

// positions lists every combination of the axes' items, the last one fastest.
func positions(axes []*Axis) [][]int {
	out := [][]int{{}}
	for _, a := range axes {
		var next [][]int
		for _, at := range out {
			for k := range a.Items {
				next = append(next, append(slices.Clone(at), k))
			}
		}
		out = next
	}
	return out
}
