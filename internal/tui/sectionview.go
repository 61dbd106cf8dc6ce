package tui

import (
	"fmt"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *sectionPage) view() string {
	var lines []string
	first, last := 0, 0
	p.hasCur = false
	if h := p.section.Help.In(p.app.texts.lang); h != "" {
		lines = append(lines, wrap(h, p.w, "")...)
		lines = append(lines, "")
	}
	for i, it := range p.items {
		focused := i == p.at
		if focused {
			first = len(lines)
		}
		lines = append(lines, p.draw(it, focused, len(lines))...)
		if focused {
			last = len(lines) - 1
		}
	}
	p.top = scroll(p.top, first, last, p.h, len(lines))
	if p.hasCur && p.cy >= p.top+p.h { // the question is longer than the window
		p.top = p.cy - p.h + 1
	}
	p.cy -= p.top
	return strings.Join(lines[p.top:min(p.top+p.h, len(lines))], "\n")
}

// draw is one question: its label, and in focus its help and input. at is the
// line it begins on.
func (p *sectionPage) draw(it *sectionItem, focused bool, at int) []string {
	t := p.app.texts
	if it.item.Grid != nil {
		return p.drawTable(it, focused, at)
	}
	v := it.item.Question
	mark := "  "
	if focused {
		mark = "> "
	}
	label := mark
	if v.Number > 0 {
		label += fmt.Sprintf("%d. ", v.Number)
	}
	label += v.Label.In(t.lang)
	if v.Tier == survey.TierExt {
		label += " (" + t.Optional + ")"
	}
	lines := wrap(label, p.w, "     ")
	if focused {
		for i := range lines {
			lines[i] = p.app.styles.Head.Render(lines[i])
		}
		if h := v.Help.In(t.lang); h != "" {
			lines = append(lines, wrap("     "+h, p.w, "     ")...)
		}
	}
	lines = append(lines, p.input(it, focused, at+len(lines))...)
	if value := p.last.Of(v); focused && value != nil && !survey.Equal(value, p.work.Value(v.ID)) {
		lines = append(lines, wrap("     "+fmt.Sprintf(t.More.LastYear, p.last.SchoolYear, v.Show(value, t.lang)), p.w, "     ")...)
	}
	lines = append(lines, remarksOf(p.work, v.ID, p.w, p.app.styles.Warning.Render)...)
	if it.typed() || it.open {
		return lines // what was found is about the answer before, or about half of one
	}
	return append(lines, p.findings(v.ID)...)
}

// input draws the answer and notes where the terminal's cursor goes.
func (p *sectionPage) input(it *sectionItem, focused bool, at int) []string {
	t, v := p.app.texts, it.item.Question
	if reason := p.unavailable(it); reason != "" && !it.typed() {
		p.place(focused, 5, at)
		return []string{"     " + fmt.Sprintf(t.NotAvailable, optionLabel(p.work.Sheet.Questionnaire().Unavailable, reason, t.lang))}
	}
	if it.field == nil {
		p.place(focused, 5, at)
		value := surveysync.Visible(survey.Show(p.work.Value(v.ID), t.lang))
		for _, o := range v.Options {
			if o.ID == value {
				value = o.Label.In(t.lang)
			}
		}
		return []string{"     " + value + "  (" + t.ReadOnly + ")"}
	}
	var out []string
	for _, l := range it.field.Lines(max(p.w-6, 10), focused) {
		out = append(out, "     "+l)
	}
	if x, y, ok := it.field.Cursor(); ok {
		p.place(focused, 5+x, at+y)
	}
	return out
}

func (p *sectionPage) place(focused bool, x, y int) {
	if focused {
		p.cx, p.cy, p.hasCur = x, y, true
	}
}

func (p *sectionPage) drawTable(it *sectionItem, focused bool, at int) []string {
	t, g := p.app.texts, it.item.Grid
	answered, total := 0, 0
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			if s := p.work.Eval.Status(cell.ID); !cell.Computed && s != survey.Closed && s != survey.Irrelevant {
				total++
				if s != survey.Missing {
					answered++
				}
			}
		}
	}
	mark := "  "
	if focused {
		mark = "> "
		p.place(true, 0, at)
	}
	label := mark + g.Title.In(t.lang) + ": " + fmt.Sprintf(t.TableLine, t.number(answered), t.number(total))
	if focused {
		label = p.app.styles.Focus.Render(ansi.Truncate(label, p.w, p.app.styles.dots()))
	}
	lines := []string{label}
	for _, row := range g.Rows {
		for _, cell := range row.Cells {
			lines = append(lines, p.findings(cell.ID)...)
		}
	}
	return lines
}

// findings are shown under the question, without what merely is not answered
// yet: that is shown by the empty input. One that names several questions
// stands under the first of this section.
func (p *sectionPage) findings(id string) []string {
	var out []string
	for _, f := range p.work.Naming(id) {
		if p.work.Eval.Status(id) == survey.Missing && f.Severity == survey.Hard || p.first(f) != id {
			continue
		}
		style := p.app.styles.Warning
		if f.Severity == survey.Hard {
			style = p.app.styles.Error
		}
		for _, l := range wrap("     "+sign(f)+" "+f.Message, p.w, "       ") {
			out = append(out, style.Render(l))
		}
	}
	return out
}

// first is the first variable of a finding that stands in this section.
func (p *sectionPage) first(f survey.Finding) string {
	for _, id := range f.Variables {
		if v := p.work.Sheet.Variable(id); v != nil && sectionOf(v) == p.section {
			return id
		}
	}
	return ""
}

func (p *sectionPage) cursor() (int, int, bool) { return p.cx, p.cy, p.hasCur }

// wrap breaks s at w cells; the lines after the first begin with indent. What
// could move the terminal's cursor is made visible: messages hold what people
// and files have brought in.
func wrap(s string, w int, indent string) []string {
	lead := s[:len(s)-len(strings.TrimLeft(s, " "))]
	room := max(w-max(len(lead), len(indent)), 10)
	var lines []string
	for _, part := range strings.Split(strings.TrimSpace(s), "\n") {
		for _, l := range strings.Split(ansi.Wrap(surveysync.Visible(part), room, ""), "\n") {
			lines = append(lines, indent+strings.TrimRight(l, " "))
		}
	}
	lines[0] = lead + lines[0][len(indent):]
	return lines
}

func optionLabel(options []survey.Option, id, lang string) string {
	for _, o := range options {
		if o.ID == id {
			return o.Label.In(lang)
		}
	}
	return id
}
