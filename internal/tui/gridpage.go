package tui

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/grid"
	"rileva/pkg/survey"
)

// gridPage is one table: the matrix, below it the totals of the row in focus
// and what the checks say of the cell.
type gridPage struct {
	app  *App
	work *desk.Work
	g    *survey.Grid
	m    *grid.Model
	w, h int
	held held // of the cell being typed
	aims aims // what the number in focus has to come to
}

// aims keeps the targets of a number among the answers of one content: finding
// them judges the sheet thrice, and a screen is drawn at every key.
type aims struct {
	cell    string
	n       int
	content string
	targets []survey.Target
}

// footLines is how much of the page stands below the matrix; the last line
// names the cell in focus, which takes too much room for the status line.
const footLines = 6

func newGridPage(a *App, work *desk.Work, g *survey.Grid, at string) *gridPage {
	p := &gridPage{app: a, work: work, g: g}
	rows := make([]grid.Row, len(g.Rows))
	for i, r := range g.Rows {
		rows[i] = grid.Row{ID: r.ID, Label: r.OnScreen(a.texts.lang), Computed: r.Computed,
			Optional: r.Tier == survey.TierExt, Texts: r.Type != survey.TypeInteger}
	}
	p.m = grid.New(rows, p.columns(), p.cells(), grid.Options{
		Max: 9999, Texts: a.texts.Grid, Styles: a.styles.Grid, ASCII: a.styles.ascii, RowTotals: len(g.Axes) > 0})
	if at == "" || !p.m.Goto(at) {
		p.m.Goto(p.firstMissing())
	}
	return p
}

// columns flattens the axes: the last one gives the head, those before it the
// group over it.
func (p *gridPage) columns() []grid.Col {
	lang := p.app.texts.lang
	row := p.g.Rows[0]
	out := make([]grid.Col, len(row.Cells))
	for i, cell := range row.Cells {
		var full, group []string
		head := ""
		for k, at := range cell.At {
			item := p.g.Axes[k].Items[at]
			full = append(full, item.Label.In(lang))
			short := item.Short.In(lang)
			if short == "" {
				short = item.Label.In(lang)
			}
			switch last := len(cell.At) - 1; {
			case k == last:
				head = short
			case last == 1: // alone over its columns: there is room for the whole name
				group = append(group, item.Label.In(lang))
			default:
				group = append(group, short)
			}
		}
		out[i] = grid.Col{ID: cell.ID, Head: head, Group: strings.Join(group, " "), Full: strings.Join(full, ", ")}
	}
	return out
}

func (p *gridPage) cells() [][]grid.Cell {
	out := make([][]grid.Cell, len(p.g.Rows))
	for i, row := range p.g.Rows {
		for _, cell := range row.Cells {
			c := grid.Cell{ID: cell.ID, Computed: cell.Computed}
			status := p.work.Eval.Status(cell.ID)
			if n, ok := p.value(cell.ID).(int); ok {
				c.Value = &n
			}
			if n, known := p.work.Eval.Int(cell.ID); known && cell.Computed {
				c.Value = &n
			}
			if row.Type != survey.TypeInteger {
				c.Text = p.shown(cell)
			}
			c.Closed = status == survey.Closed || status == survey.Irrelevant
			c.Unavailable = status == survey.Unavailable
			c.Mark = p.mark(cell.ID)
			out[i] = append(out[i], c)
		}
	}
	return out
}

// mark is the sign of the worst finding that names the cell, a blank one aside.
func (p *gridPage) mark(id string) rune {
	worst := rune(0)
	for _, f := range p.work.Naming(id) {
		switch {
		case f.Severity == survey.Hard && p.work.Eval.Status(id) != survey.Missing:
			return '!'
		case f.Blocks() && f.Severity == survey.Explain:
			worst = '?'
		}
	}
	return worst
}

func (p *gridPage) firstMissing() string {
	for _, row := range p.g.Rows {
		for _, cell := range row.Cells {
			if !cell.Computed && p.work.Eval.Status(cell.ID) == survey.Missing {
				return cell.ID
			}
		}
	}
	return p.g.Rows[0].Cells[0].ID
}

func (p *gridPage) title() string {
	return p.work.Sheet.Title.In(p.app.texts.lang) + " - " + p.g.Title.In(p.app.texts.lang)
}

func (p *gridPage) status() string { return position(p.app.texts, p.work, p.g.Section) }

func (p *gridPage) help() string {
	if row, _ := p.focus(); row != nil && row.Type != survey.TypeInteger {
		return p.app.texts.HelpTyped
	}
	return p.app.texts.HelpGrid
}

func (p *gridPage) size(w, h int) {
	p.w, p.h = w, h
	p.m.SetSize(w, max(h-footLines, 3))
}

func (p *gridPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.failed(err)
		return
	}
	if p.work.Sheet.Grid(p.g.ID) != p.g { // another version: its table may have other rows
		p.app.home()
		return
	}
	p.m.SetCells(p.cells())
}

func (p *gridPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "f1", "ctrl+g":
		id := ""
		if _, cell := p.focus(); cell != nil {
			id = cell.ID
		}
		p.app.push(newHelpOn(p.app, p.work, survey.Item{Grid: p.g}, id))
		return nil
	case "f6", "ctrl+n":
		after := ""
		if _, cell := p.focus(); cell != nil {
			after = cell.ID
		}
		nextMissing(p.app, p.work, after)
		return nil
	case "f7", "ctrl+l":
		p.app.push(newImport(p.app, p))
		return nil
	case "f9", "ctrl+t":
		return openSubmit(p.app, p.work.Part)
	case "f4":
		p.app.push(newReview(p.app, p.work))
		return nil
	}
	if row, cell := p.focus(); row != nil && row.Type != survey.TypeInteger && types(k) {
		page := p.ask(row, cell)
		if k.Text != "" {
			return page.key(k)
		}
		return nil
	}
	res, ok := p.try(func() grid.Result { return p.m.HandleKey(k) })
	if !ok {
		return nil
	}
	if !res.Consumed && k.String() == "esc" || res.Leave != 0 {
		p.app.pop()
		if s, ok := p.app.top().(*sectionPage); ok && res.Leave > 0 {
			s.step(1)
		}
	}
	return nil
}

func (p *gridPage) paste(s string) tea.Cmd {
	if row, cell := p.focus(); row != nil && row.Type != survey.TypeInteger && !strings.ContainsAny(s, "\t\n") {
		return p.ask(row, cell).paste(s)
	}
	p.try(func() grid.Result { return p.m.HandlePaste(s) })
	return nil
}

func (p *gridPage) leave() bool {
	_, ok := p.try(p.m.Commit)
	return ok
}

// try changes the table and writes what changed. When that cannot be written
// the table is as it was before: a number that was typed still stands in its
// cell, to be written when it is left again.
func (p *gridPage) try(change func() grid.Result) (grid.Result, bool) {
	before, held := p.m.Clone(), p.held
	res := change()
	if p.took(res) {
		return res, true
	}
	p.m, p.held = before, held
	p.size(p.w, p.h)
	return res, false
}

// took writes what changed, in one transaction, and evaluates again. What
// could not be written is not shown as if it were.
func (p *gridPage) took(res grid.Result) bool {
	if res.Say != "" {
		p.app.say(res.Say)
	}
	if !p.release(res) {
		return false
	}
	if len(res.Changes) == 0 {
		return true
	}
	changes := make([]desk.Change, 0, len(res.Changes))
	for _, c := range res.Changes {
		change := desk.Change{Variable: c.ID}
		switch {
		case c.NewUnavailable:
			change.Unavailable = firstReason(p.work)
		case c.New != nil:
			change.Value = *c.New
		}
		if v := p.work.Sheet.Variable(c.ID); v.Type != survey.TypeInteger && c.New != nil {
			read, problem := p.work.Read(c.ID, strconv.Itoa(*c.New))
			if problem != "" {
				p.app.say(v.Name(p.app.texts.lang) + ": " + problem)
				continue
			}
			change = read
		}
		changes = append(changes, change)
	}
	ok := p.app.set(p.work, changes...)
	p.m.SetCells(p.cells())
	return ok
}

// types tells whether a key begins an answer that is no whole number.
func types(k tea.KeyPressMsg) bool {
	return k.Text != "" || k.Code == tea.KeyEnter || k.Code == tea.KeyBackspace || k.Code == tea.KeyDelete
}

// ask opens the cells of a row that are no whole numbers as a page of questions.
func (p *gridPage) ask(row *survey.Row, at *survey.Variable) *sectionPage {
	lang := p.app.texts.lang
	section := &survey.Section{ID: row.ID, Title: survey.Text{"": row.OnScreen(lang)}}
	for _, cell := range row.Cells {
		if p.work.Eval.Status(cell.ID) == survey.Closed {
			continue
		}
		question := *cell
		question.Label = survey.Text{"": cell.Name(lang)}
		section.Items = append(section.Items, survey.Item{Question: &question})
	}
	page := newSection(p.app, p.work, section)
	page.goTo(at.ID)
	p.app.push(page)
	return page
}

// shown is what stands in a cell that holds no whole number.
func (p *gridPage) shown(cell *survey.Variable) string {
	value, lang := p.work.Value(cell.ID), p.app.texts.lang
	if id, ok := value.(string); ok && cell.Type == survey.TypeChoice {
		for _, o := range cell.Options {
			if o.ID == id {
				return o.OnScreen(lang)
			}
		}
	}
	return survey.Show(value, lang)
}

func firstReason(work *desk.Work) string {
	if r := work.Sheet.Questionnaire().Unavailable; len(r) > 0 {
		return r[0].ID
	}
	return ""
}

func (p *gridPage) view() string {
	body := strings.Split(p.m.View(), "\n")
	room := max(p.h-footLines, 3)
	for len(body) < room {
		body = append(body, "")
	}
	const last = footLines - 1
	foot := append(p.totals(), p.expected()...)
	foot = append(foot, p.findings()...)
	if len(foot) > last {
		more := " " + p.app.styles.dots() + " F4"
		foot[last-1] = ansi.Truncate(foot[last-1], p.w-ansi.StringWidth(more), "") + more
	}
	foot = slices.Grow(foot[:min(len(foot), last)], footLines)
	for len(foot) < last {
		foot = append(foot, "")
	}
	return strings.Join(append(append(body[:room], foot...), p.m.Status(p.w)), "\n")
}

// row and cell in focus.
func (p *gridPage) focus() (*survey.Row, *survey.Variable) {
	r, c := p.m.At()
	if r < 0 || r >= len(p.g.Rows) || c < 0 || c >= len(p.g.Rows[r].Cells) {
		return nil, nil
	}
	return p.g.Rows[r], p.g.Rows[r].Cells[c]
}

// totals sums the row in focus over each axis: "Totale 1.204 - Maschi 601,
// Femmine 603 - 1° anno 250, ...". A sum with blank cells is marked. They are
// always two lines, so that the findings below do not jump, and never cut: half
// a number is a wrong one.
func (p *gridPage) totals() []string {
	row, _ := p.focus()
	if row == nil || len(p.g.Axes) == 0 || row.Type != survey.TypeInteger && row.Type != survey.TypeDecimal {
		return []string{"", ""}
	}
	t := p.app.texts
	lines := []string{row.Label.In(t.lang) + ": " + p.sum(row, -1, 0)}
	for i := len(p.g.Axes) - 1; i >= 0; i-- {
		if len(p.g.Axes) == 1 {
			break
		}
		var parts []string
		for k, item := range p.g.Axes[i].Items {
			short := item.Short.In(t.lang)
			if short == "" {
				short = item.Label.In(t.lang)
			}
			parts = append(parts, short+" "+p.sum(row, i, k))
		}
		part, last := strings.Join(parts, "  "), len(lines)-1
		if long := lines[last] + "  |  " + part; ansi.StringWidth(long) <= p.w || len(lines) == 2 {
			lines[last] = ansi.Truncate(long, p.w, p.app.styles.dots())
		} else {
			lines = append(lines, part)
		}
	}
	if len(lines) == 1 {
		lines = []string{"", lines[0]}
	}
	return lines
}

func (p *gridPage) sum(row *survey.Row, axis, at int) string {
	n, blank := 0, false
	var cells []*survey.Variable
	for _, cell := range row.Cells {
		if axis >= 0 && cell.At[axis] != at {
			continue
		}
		v, known := p.now(cell)
		n += v
		blank = blank || !known
		cells = append(cells, cell)
	}
	s := p.app.texts.number(n)
	if row.Type == survey.TypeDecimal { // typed on a page of its own: none is half typed here
		total, known := p.work.Eval.Total(cells)
		s, blank = survey.Show(total, p.app.texts.lang), !known
	}
	if blank {
		s = "~" + s
	}
	return s
}

// now is the number of a cell, as far as it is typed.
func (p *gridPage) now(cell *survey.Variable) (n int, known bool) {
	if _, at := p.focus(); at == cell {
		if n, blank, typing := p.m.Typing(); typing {
			return n, !blank
		}
	}
	return p.work.Eval.Int(cell.ID)
}

// expected says what the numbers must come to, while they are being typed:
// "Totale atteso 25: finora 24, manca 1".
func (p *gridPage) expected() []string {
	_, cell := p.focus()
	if cell == nil || len(p.work.Draft.Answers) == 0 {
		return nil
	}
	n, _ := p.now(cell)
	if p.aims.cell != cell.ID || p.aims.n != n || p.aims.content != p.work.Draft.Generation {
		p.aims = aims{cell.ID, n, p.work.Draft.Generation, p.work.Eval.Targets(cell.ID, n)}
	}
	targets := p.aims.targets
	if len(targets) == 0 {
		return nil
	}
	t, target := p.app.texts, targets[0]
	for _, other := range targets {
		if other.Have != other.Want { // the one that does not fit yet
			target = other
			break
		}
	}
	line := fmt.Sprintf(t.Expected, t.number(target.Want), t.number(target.Have))
	switch gap := target.Want - target.Have; {
	case gap > 0:
		line += fmt.Sprintf(t.ExpectedLess, t.number(gap))
	case gap < 0:
		line += fmt.Sprintf(t.ExpectedMore, t.number(-gap))
	default:
		line += t.ExpectedFits
	}
	return []string{ansi.Truncate(line, p.w, p.app.styles.dots())}
}

// findings says what the checks find at the cell in focus, the worst first.
func (p *gridPage) findings() []string {
	_, cell := p.focus()
	if cell == nil {
		return nil
	}
	var hard, soft []string
	for _, f := range p.work.Naming(cell.ID) {
		if p.work.Eval.Status(cell.ID) == survey.Missing && f.Severity == survey.Hard {
			continue
		}
		style, list := p.app.styles.Warning, &soft
		if f.Severity == survey.Hard {
			style, list = p.app.styles.Error, &hard
		} else if f.Explained {
			continue
		}
		for _, l := range wrap(sign(f)+" "+f.Message, p.w, "  ") {
			*list = append(*list, style.Render(l))
		}
	}
	said := remarksOf(p.work, cell.ID, p.w, p.app.styles.Warning.Render)
	return append(append(said, hard...), soft...)
}

func (p *gridPage) cursor() (int, int, bool) {
	c := p.m.Cursor()
	if c == nil { // every cell is closed: a screen reader begins at the top
		return 0, 0, true
	}
	return c.X, c.Y, true
}
