package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	"rileva/pkg/survey"
)

// sectionPage is a column of questions. The one in focus shows its help, its
// input and its findings; a table shows one line and opens on Enter.
type sectionPage struct {
	app     *App
	work    *desk.Work
	section *survey.Section
	items   []*sectionItem
	at      int
	w, h    int
	top     int
	cx, cy  int
	hasCur  bool
}

type sectionItem struct {
	item  survey.Item
	field field.Field // nil for a table or what cannot be typed
	was   any         // the value when the focus came
}

func newSection(a *App, work *desk.Work, s *survey.Section) *sectionPage {
	p := &sectionPage{app: a, work: work, section: s}
	p.build()
	p.goTo(p.firstMissing())
	return p
}

// build lists the questions that are asked now.
func (p *sectionPage) build() {
	var at survey.Item
	if p.at < len(p.items) {
		at = p.items[p.at].item
	}
	fields := map[*survey.Variable]*sectionItem{}
	for _, it := range p.items {
		if it.item.Question != nil {
			fields[it.item.Question] = it
		}
	}
	p.items = p.items[:0:0]
	for _, item := range p.section.Items {
		v := item.Question
		if v != nil && (p.work.Eval.Status(v.ID) == survey.Irrelevant || v.Type == survey.TypeDeclaration) {
			continue
		}
		it := fields[v]
		if v == nil || it == nil {
			it = &sectionItem{item: item}
			if v != nil && !v.ReadOnly {
				it.field = field.New(v, p.app.look())
				it.field.Set(p.work.Value(v.ID))
			}
		}
		if item == at {
			p.at = len(p.items)
		}
		p.items = append(p.items, it)
	}
	p.at = max(0, min(p.at, len(p.items)-1))
	p.remember()
}

// remember notes the value that the focused field starts from.
func (p *sectionPage) remember() {
	if it := p.current(); it != nil && it.item.Question != nil {
		it.was = p.work.Value(it.item.Question.ID)
	}
}

func (p *sectionPage) current() *sectionItem {
	if p.at < len(p.items) {
		return p.items[p.at]
	}
	return nil
}

func (p *sectionPage) firstMissing() string {
	for _, it := range p.items {
		if v := it.item.Question; v != nil && p.work.Eval.Status(v.ID) == survey.Missing && v.Tier == survey.TierCore {
			return v.ID
		}
	}
	return ""
}

func (p *sectionPage) goTo(id string) {
	for i, it := range p.items {
		if it.item.Question != nil && it.item.Question.ID == id {
			p.at = i
		}
	}
	p.remember()
}

func (p *sectionPage) title() string { return p.section.Title.In(p.app.texts.lang) }

func (p *sectionPage) help() string {
	t := p.app.texts
	out := t.HelpSection
	if it := p.current(); it != nil {
		switch {
		case it.field != nil:
			out = it.field.Hint() + "  " + out
		case it.item.Grid != nil:
			out = t.OpenTable + "  " + out
		}
	}
	return out
}

func (p *sectionPage) status() string {
	if it := p.current(); it != nil && it.item.Question != nil {
		v := it.item.Question
		if v.Tier == survey.TierExt {
			return p.app.texts.NotAvailableOff
		}
	}
	return ""
}

func (p *sectionPage) size(w, h int) { p.w, p.h = w, h }

func (p *sectionPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.unsaved = desk.Sentence(err, p.app.texts.lang)
		return
	}
	for i, it := range p.items {
		if it.field != nil && i != p.at {
			it.field.Set(p.work.Value(it.item.Question.ID))
		}
	}
	p.build()
}

// leave writes the answer in the focused field if it was changed.
func (p *sectionPage) leave() {
	it := p.current()
	if it == nil || it.field == nil {
		return
	}
	v, value := it.item.Question, it.field.Value()
	if survey.Equal(value, it.was) {
		return
	}
	if p.app.stored(p.work.Set(desk.Change{Variable: v.ID, Value: value})) {
		it.was = value
		p.build()
	}
}

func (p *sectionPage) step(by int) {
	p.leave()
	next := p.at + by
	if next >= len(p.items) {
		p.app.say(p.app.texts.NoMore)
		return
	}
	p.at = max(next, 0)
	p.remember()
}

func (p *sectionPage) key(k tea.KeyPressMsg) tea.Cmd {
	it := p.current()
	switch k.String() {
	case "f1", "ctrl+g":
		p.leave()
		p.app.push(newHelp(p.app, it.item))
		return nil
	case "f4":
		p.app.push(newReview(p.app, p.work))
		return nil
	case "esc":
		p.app.pop()
		return nil
	case "ctrl+d":
		p.toggleUnavailable()
		return nil
	}
	if it != nil && it.field != nil && it.field.Key(k) {
		return nil
	}
	return p.walk(k)
}

// walk moves between the questions.
func (p *sectionPage) walk(k tea.KeyPressMsg) tea.Cmd {
	it := p.current()
	switch s := k.String(); {
	case s == "enter" || k.Code == tea.KeyKpEnter:
		if it != nil && it.item.Grid != nil {
			p.app.push(newGridPage(p.app, p.work, it.item.Grid, ""))
			return nil
		}
		p.step(1)
	case s == "tab" || s == "down":
		p.step(1)
	case s == "shift+tab" || s == "up":
		p.step(-1)
	case s == "pgdown":
		p.step(min(5, max(len(p.items)-1-p.at, 1)))
	case s == "pgup":
		p.step(-5)
	}
	return nil
}

// toggleUnavailable goes through the reasons of "dato non disponibile" and
// back to none.
func (p *sectionPage) toggleUnavailable() {
	it := p.current()
	if it == nil || it.item.Question == nil || it.item.Question.Tier != survey.TierExt {
		return
	}
	v := it.item.Question
	next := nextReason(p.work, v.ID)
	if p.app.stored(p.work.Set(desk.Change{Variable: v.ID, Unavailable: next})) {
		it.field.Set(nil)
		it.was = nil
		p.build()
	}
}

func nextReason(work *desk.Work, id string) string {
	reasons := work.Sheet.Questionnaire().Unavailable
	now := work.Draft.Unavailable[id]
	if now == "" && len(reasons) > 0 {
		return reasons[0].ID
	}
	for i, r := range reasons[:max(len(reasons)-1, 0)] {
		if r.ID == now {
			return reasons[i+1].ID
		}
	}
	return ""
}

func (p *sectionPage) paste(s string) tea.Cmd {
	if it := p.current(); it != nil && it.field != nil {
		it.field.Paste(s)
	}
	return nil
}

func (p *sectionPage) view() string {
	var lines []string
	first, last := 0, 0
	p.hasCur = false
	if h := p.section.Help.In(p.app.texts.lang); h != "" {
		lines = append(lines, strings.Split(ansi.Wrap(h, max(p.w, 10), ""), "\n")...)
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
	return append(lines, p.findings(v.ID)...)
}

// input draws the answer and notes where the terminal's cursor goes.
func (p *sectionPage) input(it *sectionItem, focused bool, at int) []string {
	t, v := p.app.texts, it.item.Question
	if reason := p.work.Draft.Unavailable[v.ID]; reason != "" {
		p.place(focused, 5, at)
		return []string{"     " + fmt.Sprintf(t.NotAvailable, optionLabel(p.work.Sheet.Questionnaire().Unavailable, reason, t.lang))}
	}
	if it.field == nil {
		p.place(focused, 5, at)
		value := survey.Show(p.work.Value(v.ID), t.lang)
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
// yet: that is shown by the empty input.
func (p *sectionPage) findings(id string) []string {
	var out []string
	for _, f := range p.work.Eval.FindingsAt(id) {
		if p.work.Eval.Status(id) == survey.Missing && f.Severity == survey.Hard {
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

func (p *sectionPage) cursor() (int, int, bool) { return p.cx, p.cy, p.hasCur }

// wrap breaks s at w cells; the lines after the first begin with indent.
func wrap(s string, w int, indent string) []string {
	lead := s[:len(s)-len(strings.TrimLeft(s, " "))]
	lines := strings.Split(ansi.Wrap(strings.TrimLeft(s, " "), max(w-len(indent), 10), ""), "\n")
	for i := range lines {
		if i == 0 {
			lines[i] = lead + lines[i]
		} else {
			lines[i] = indent + lines[i]
		}
	}
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
