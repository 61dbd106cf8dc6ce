package desk

import (
	"fmt"
	"slices"
	"strings"

	"rileva/internal/paper"
	"rileva/pkg/survey"
)

// PrintPart lays a sheet out on A4, as PDF: as it is filled in on this device,
// or blank, to be filled in with a pen before anybody sits down at a computer.
func (d *Desk) PrintPart(part string, blank bool) ([]byte, error) {
	_, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	q, err := d.questionnaire(seen.Return.Survey.Questionnaire)
	if err != nil {
		return nil, err
	}
	p := &printer{lang: d.lang, words: printed[d.lang], q: q, sheet: q.Sheet(part)}
	at := seen.Return.ServerTime
	state := p.words["blank sheet"]
	if p.sheet == nil {
		return nil, newError("unknown_part", part, strings.Join(q.AllParts(), ", "))
	}
	if !blank {
		w, err := d.Work(part)
		if err != nil {
			return nil, err
		}
		p.sheet, p.eval, at = w.Sheet, w.Eval, w.Draft.UpdatedAt
		p.answers, p.unavailable = w.Draft.Answers, w.Draft.Unavailable
		state = p.words["draft of"] + " " + InWords(at, d.lang)
		if w.Draft.Sent {
			state = fmt.Sprintf(p.words["as sent"], w.Draft.Base.Revision)
		}
	}
	title := p.sheet.Title.In(d.lang)
	info, school := seen.Return.Survey, seen.Return.Institution
	// Pages that got loose still say whose they are.
	foot := strings.ReplaceAll(school.Code+" · "+title, "%", "%%") + " · " + p.words["page"]
	p.doc = paper.New(paper.Info{Title: title, Lang: d.lang, At: at, Foot: foot})
	p.doc.Small(info.Office.In(d.lang) + "\n" + info.Title.In(d.lang))
	p.doc.Title(title)
	p.doc.Text(school.Code + " · " + school.Name + " · " + school.Comune)
	p.doc.Small(state)
	for _, section := range p.sheet.Sections {
		p.section(section)
	}
	p.doc.Rule()
	p.doc.Small(p.words["legal basis"] + ": " + info.LegalBasis.In(d.lang) + "\n" + p.words["contact"] + ": " + info.Contact.In(d.lang))
	return p.doc.Bytes()
}

// printer lays one sheet out.
type printer struct {
	lang  string
	words map[string]string
	q     *survey.Questionnaire
	sheet *survey.Sheet
	eval  *survey.Evaluation // nil: blank
	// What the draft holds, for a filled one.
	answers     survey.Answers
	unavailable map[string]string
	doc         *paper.Document
}

func (p *printer) section(s *survey.Section) {
	p.doc.Head(s.Title.In(p.lang))
	var facts []paper.Fact
	flush := func() {
		if len(facts) > 0 {
			p.doc.Facts(facts...)
			facts = nil
		}
	}
	for _, item := range s.Items {
		if item.Grid != nil {
			flush()
			p.grid(item.Grid)
			continue
		}
		facts = append(facts, paper.Fact{Label: item.Question.Name(p.lang), Value: p.question(item.Question)})
	}
	flush()
}

// question is the answer, or on a blank sheet what can be ticked or a line to
// write on.
func (p *printer) question(v *survey.Variable) string {
	if p.eval != nil {
		return p.answer(v)
	}
	var boxes []string
	for _, o := range v.Options {
		boxes = append(boxes, "[  ] "+o.Label.In(p.lang))
	}
	switch {
	case len(boxes) > 0:
		return strings.Join(boxes, "\n")
	case v.Type == survey.TypeYesNo, v.Type == survey.TypeDeclaration:
		return "[  ] " + p.words["yes"] + "    [  ] " + p.words["no"]
	}
	return strings.Repeat("_", 48)
}

// answer is a value as people read it; a dash for none.
func (p *printer) answer(v *survey.Variable) string {
	if reason := p.unavailable[v.ID]; reason != "" {
		for _, o := range p.q.Unavailable {
			if o.ID == reason {
				return "n.d. (" + o.Label.In(p.lang) + ")"
			}
		}
		return "n.d."
	}
	label := func(id string) string {
		i := slices.IndexFunc(v.Options, func(o survey.Option) bool { return o.ID == id })
		if i < 0 {
			return id
		}
		return v.Options[i].Label.In(p.lang)
	}
	switch value := p.answers[v.ID].(type) {
	case nil:
		return "-"
	case bool:
		return p.words[map[bool]string{true: "yes", false: "no"}[value]]
	case string:
		return label(value)
	case []string:
		names := make([]string, len(value))
		for i, id := range value {
			names[i] = label(id)
		}
		return strings.Join(names, ", ")
	default:
		return survey.Show(value, p.lang)
	}
}

// In millimetres: the width of a row's label in a grid, and that of a number
// where there are so few that each stands near its label.
const (
	labelColumn  = 54
	numberColumn = 28
	fewColumns   = 2
)

// grid is a table: a row of heads for each axis, a line for each row.
func (p *printer) grid(g *survey.Grid) {
	columns := 1
	for _, axis := range g.Axes {
		columns *= len(axis.Items)
	}
	t := paper.Table{Widths: make([]float64, columns+1)}
	t.Widths[0] = labelColumn
	if columns <= fewColumns {
		for i := range t.Widths {
			t.Widths[i] = numberColumn
		}
		t.Widths[0] = 0 // what they leave
	}
	repeat, span := 1, columns
	for i, axis := range g.Axes {
		span /= len(axis.Items)
		row := []paper.Cell{{}}
		if i == 0 {
			row[0] = paper.Cell{Text: g.Title.In(p.lang), Bold: true}
		}
		for range repeat {
			for _, item := range axis.Items {
				row = append(row, paper.Cell{Text: short(item, p.lang), Span: span, Middle: true, Bold: true})
			}
		}
		t.Head = append(t.Head, row)
		repeat *= len(axis.Items)
	}
	if len(g.Axes) == 0 {
		t.Head = [][]paper.Cell{{{Text: g.Title.In(p.lang), Bold: true}, {}}}
	}
	for _, r := range g.Rows {
		row := []paper.Cell{{Text: r.Label.In(p.lang), Bold: r.Computed}}
		for _, v := range r.Cells {
			row = append(row, p.cell(v))
		}
		t.Rows = append(t.Rows, row)
	}
	p.doc.Table(t)
}

func short(item survey.AxisItem, lang string) string {
	if s := item.Short.In(lang); s != "" {
		return s
	}
	return item.Label.In(lang)
}

// cell is a number; what is computed or closed is shaded.
func (p *printer) cell(v *survey.Variable) paper.Cell {
	c := paper.Cell{Middle: true, Shaded: v.Computed}
	if p.eval == nil {
		return c
	}
	switch n, known := p.eval.Int(v.ID); p.eval.Status(v.ID) {
	case survey.Irrelevant, survey.Closed:
		c.Shaded = true
	case survey.Unavailable:
		c.Text = "n.d."
	default:
		if known {
			c.Text = survey.FormatInt(n, p.lang)
		}
	}
	return c
}
