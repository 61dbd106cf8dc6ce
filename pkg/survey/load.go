package survey

import (
	"maps"
	"regexp"
	"slices"
	"strings"
)

// MaxFile is the largest questionnaire that is read, in bytes.
const MaxFile = 2 << 20

var idForm = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)

// Load reads a questionnaire that has been published and compiles it. It
// refuses what cannot be compiled or is not safe to, and no judgement
// (lint_fault.go): a survey that schools have answered must stay readable when a
// later program judges new surveys more strictly. The error is a Faults.
func Load(raw []byte) (*Questionnaire, error) {
	l := read(raw, false)
	if faults, _ := l.faults.Split(); len(faults) > 0 {
		_, err := LoadNew(raw) // once more, for every fault with its place
		return nil, err
	}
	return l.q, nil
}

// LoadNew is Load for a questionnaire that is to be published: the error is a
// Faults with every fault that Lint finds.
func LoadNew(raw []byte) (*Questionnaire, error) {
	l := read(raw, true)
	if faults, _ := l.faults.Split(); len(faults) > 0 {
		return nil, faults.sorted()
	}
	return l.q, nil
}

// loader turns the file's shapes into sheets and collects the faults.
type loader struct {
	file   *surveyFile
	q      *Questionnaire
	faults Faults
	lintState
	programs
}

func (l *loader) load() {
	f := l.file
	if f.Format != 1 {
		l.fault(l.key("format"), "format", f.Format)
		return
	}
	l.checkHead()
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
	l.addAcross()
	if l.linting {
		l.checkWhole()
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
		if l.q.sheets[name] == nil && !l.phantom {
			l.suggest(l.word(id, name), name, l.q.order, "unknown_sheet", id.text, name)
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
		l.badRepeat(p)
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
	if !l.freePart(p, s.Part) {
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
	c.derivations()
	if c.linting {
		c.gates()
	}
	for i := range c.part.Rules {
		c.sheet.rules = append(c.sheet.rules, c.rules(&c.part.Rules[i])...)
	}
	if faults, _ := c.faults.Split(); len(faults) == 0 {
		c.sheet.index()
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
			c.neither(f, item)
		}
	}
	c.sheet.Sections = append(c.sheet.Sections, s)
}

// cellTypes are what the cells of a row can hold: what fits on one line.
var cellTypes = []Type{TypeInteger, TypeDecimal, TypeYesNo, TypeChoice, TypeText, TypeDate}

var questionTypes = []Type{TypeInteger, TypeDecimal, TypeDate, TypeYesNo, TypeChoice, TypeMulti, TypeText, TypeLongText, TypeTextList,
	TypeEmail, TypePhone, TypeCode, TypeCodeList, TypeDeclaration}

func (c *compiler) question(f *itemFile) *Variable {
	v := &Variable{ID: f.Question.text, Label: f.Label, Help: f.Help, Number: f.Number, Check: f.Check,
		Example: f.Example, Who: f.Who, ReadOnly: f.ReadOnly, Prefill: f.Prefill.text}
	c.answer(v, &f.answerFile, f.Question, questionTypes)
	if v.Prefill != "" && institutionField(Institution{}, v.Prefill) == nil {
		c.suggest(f.Prefill, v.Prefill, institutionFields, "unknown_prefill", v.ID, v.Prefill)
	}
	c.checkQuestion(f, v)
	c.add(v, f.Question)
	return v
}

// answer reads what v takes as an answer; at names the question or the row.
func (c *compiler) answer(v *Variable, f *answerFile, at source, types []Type) {
	v.Type, v.Tier, v.Min, v.Max = Type(f.Type.text), Tier(f.Tier.text), c.q.min, c.q.max
	v.Decimals, v.MaxLength, v.Default = f.Decimals, f.MaxLength, f.Default
	if !slices.Contains(types, v.Type) {
		v.Type = c.badType(f, at, types)
	}
	if v.Tier == "" {
		v.Tier = TierCore
	}
	if v.Tier != TierCore && v.Tier != TierExt {
		c.fault(f.Tier, "tier", f.Tier.text)
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
	for _, o := range f.Options {
		v.Options = append(v.Options, Option{o.ID.text, o.Label, o.Short, o.Exclusive})
	}
	if f.List.text != "" {
		list, ok := c.q.lists[f.List.text]
		if !ok {
			c.suggest(f.List, f.List.text, slices.Collect(maps.Keys(c.q.lists)), "unknown_list", v.ID, f.List.text)
		}
		v.List = list
	}
	if (v.Type == TypeChoice || v.Type == TypeMulti) && len(v.Options) == 0 && f.List.text == "" {
		c.fault(at, "no_options", v.ID)
	}
	c.checkAnswer(f, v, at)
}

func (c *compiler) properID(id string, at source) {
	if !idForm.MatchString(id) || strings.Contains(id, flat) {
		c.fault(at, "improper_id", id)
	}
}

// add registers a variable under its id and gives it a place in the sheet.
func (c *compiler) add(v *Variable, at source) {
	c.properID(v.ID, at)
	c.newID(v.ID, at)
	v.slot = len(c.sheet.vars)
	c.sheet.vars = append(c.sheet.vars, v)
	if c.sheet.byID[v.ID] == nil { // the first of two keeps the id
		c.sheet.byID[v.ID] = v
	}
}

func (c *compiler) grid(f *itemFile) *Grid {
	g := &Grid{ID: f.Grid.text, Title: f.Title, Help: f.Help, Who: f.Who}
	for i := range f.Axes {
		if a := c.axis(f, &f.Axes[i]); a != nil {
			g.Axes = append(g.Axes, a)
		}
	}
	if c.sheet.grids[g.ID] != nil {
		c.fault(f.Grid, "duplicate_grid", g.ID)
	}
	c.properID(g.ID, f.Grid)
	c.checkGrid(f)
	c.sheet.grids[g.ID] = g
	if !c.free(f, g) {
		return g
	}
	for i := range f.Rows {
		g.Rows = append(g.Rows, c.row(g, &f.Rows[i], &f.answerFile))
	}
	return g
}

// axis finds or defines an axis, without the items that this sheet lacks.
func (c *compiler) axis(f *itemFile, a *axisFile) *Axis {
	def := a
	if a.ref != "" {
		shared, ok := c.file.Axes[a.ref]
		if !ok {
			c.suggest(c.word(f.Grid, a.ref), a.ref, slices.Collect(maps.Keys(c.file.Axes)), "unknown_axis", f.Grid.text, a.ref)
			return nil
		}
		def = &shared
		def.ID.text = a.ref
	}
	if known := c.sheet.axes[def.ID.text]; known != nil {
		return known
	}
	axis := &Axis{ID: def.ID.text, Label: def.Label}
	for _, item := range c.itemsOf(f, def) {
		c.q.axisItems[axis.ID] = append(c.q.axisItems[axis.ID], item.ID.text)
		if len(item.Sheets) == 0 || slices.Contains(item.Sheets, c.sheet.Part) {
			axis.Items = append(axis.Items, AxisItem{item.ID.text, item.Label, item.Short})
		}
	}
	c.sheet.axes[axis.ID] = axis
	return axis
}

// row makes the cells of a row; of the grid it takes what the row does not say.
func (c *compiler) row(g *Grid, f *rowFile, of *answerFile) *Row {
	r := &Row{ID: f.ID.text, Label: f.Label, Short: f.Short, Help: f.Help, Computed: f.Computed.text != "", Grid: g}
	like := Variable{ID: r.ID, Label: r.Label, Help: r.Help, Row: r, Computed: r.Computed}
	said := f.answerFile
	switch {
	case r.Computed && said.Type.text == "":
		said.Type.text = string(TypeInteger)
	case said.Type.text == "" && of.Type.text != "":
		said.Type, said.Options, said.List = of.Type, of.Options, of.List
	case said.Type.text == "":
		said.Type.text = string(TypeInteger)
	}
	c.answer(&like, &said, f.ID, cellTypes)
	r.Tier, r.Type = like.Tier, like.Type
	if r.Computed && r.Type != TypeInteger {
		c.suggest(cmpSource(said.Type, f.ID), string(r.Type), []string{string(TypeInteger)}, "computed_type", r.ID, r.Type)
		like.Type = TypeInteger
	}
	c.properID(r.ID, f.ID)
	c.newID(r.ID, f.ID)
	if c.sheet.rows[r.ID] == nil {
		c.sheet.rows[r.ID] = r
	}
	for _, at := range positions(g.Axes) {
		id := r.ID
		for i, k := range at {
			id += "_" + g.Axes[i].Items[k].ID
		}
		v := new(Variable)
		*v = like
		v.ID, v.At, v.slot = id, at, len(c.sheet.vars)
		c.sheet.vars = append(c.sheet.vars, v)
		if id != r.ID {
			c.newID(id, f.ID)
		}
		if c.sheet.byID[id] == nil {
			c.sheet.byID[id] = v
		}
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
