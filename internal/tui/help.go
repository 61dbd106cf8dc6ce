package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// helpPage is the full help of one question or table, and who asks it.
type helpPage struct {
	app   *App
	about string // of a page; "" for the help of item
	item  survey.Item
	work  *desk.Work // whose checks are told; nil where there are none
	cell  string     // of a table, the one in focus
	w, h  int
	lines []string // made for the width
	top   int
}

func newHelp(a *App, item survey.Item) *helpPage { return &helpPage{app: a, item: item} }

// newHelpOn is newHelp with what is checked there.
func newHelpOn(a *App, work *desk.Work, item survey.Item, cell string) *helpPage {
	return &helpPage{app: a, work: work, item: item, cell: cell}
}

// newAbout explains a page and the keys that hold everywhere.
func newAbout(a *App, about string) *helpPage { return &helpPage{app: a, about: about} }

func (p *helpPage) title() string            { return p.app.texts.HelpTitle }
func (p *helpPage) help() string             { return p.app.texts.HelpText }
func (p *helpPage) status() string           { return "" }
func (p *helpPage) refresh()                 { p.lines = p.write() }
func (p *helpPage) leave() bool              { return true }
func (p *helpPage) paste(string) tea.Cmd     { return nil }
func (p *helpPage) cursor() (int, int, bool) { return 0, 0, true }

func (p *helpPage) size(w, h int) {
	p.w, p.h = w, h
	p.refresh()
}

func (p *helpPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "f1", "ctrl+g", "enter":
		p.app.pop()
	case "down":
		p.top++
	case "up":
		p.top = max(p.top-1, 0)
	case "pgdown":
		p.top += p.h
	case "pgup":
		p.top = max(p.top-p.h, 0)
	case "home":
		p.top = 0
	case "end":
		p.top = 1 << 20 // view knows where that is
	}
	return nil
}

// checks tells in words what is looked at where this help was asked for.
func (p *helpPage) checks() []string {
	id := p.cell
	if p.item.Question != nil {
		id = p.item.Question.ID
	}
	if p.work == nil || id == "" {
		return nil
	}
	var out []string
	for _, c := range p.work.Sheet.ChecksOf(id, p.app.texts.lang) {
		out = append(out, c.Check+": "+strings.ReplaceAll(c.Message, "…", p.app.styles.dots()))
	}
	return out
}

func (p *helpPage) view() string {
	p.top = max(0, min(p.top, len(p.lines)-p.h))
	return strings.Join(p.lines[p.top:min(p.top+max(p.h, 0), len(p.lines))], "\n")
}

// write makes the lines.
func (p *helpPage) write() []string {
	t := p.app.texts
	var lines []string
	add := func(s string) {
		indent := s[:len(s)-len(strings.TrimLeft(s, " "))]
		lines = append(lines, wrap(s, p.w, indent)...)
	}
	head := func(s string) {
		for _, l := range wrap(s, p.w, "  ") {
			lines = append(lines, p.app.styles.Head.Render(l))
		}
	}
	if p.about != "" {
		add(p.about)
		lines = append(lines, "")
		head(t.More.AboutKeys)
		add(t.More.AboutAlways)
	}
	if v := p.item.Question; v != nil {
		head(v.Label.In(t.lang))
		lines = append(lines, "")
		if h := v.Help.In(t.lang); h != "" {
			add(h)
		} else {
			add(t.HelpNoText)
		}
		if e := v.Example.In(t.lang); e != "" {
			add(fmt.Sprintf(t.HelpExample, e))
		}
		if who := v.Who.In(t.lang); who != "" {
			add(fmt.Sprintf(t.HelpWho, who))
		}
	}
	if g := p.item.Grid; g != nil {
		head(g.Title.In(t.lang))
		lines = append(lines, "")
		if h := g.Help.In(t.lang); h != "" {
			add(h)
		}
		if who := g.Who.In(t.lang); who != "" {
			add(fmt.Sprintf(t.HelpWho, who))
		}
		lines = append(lines, "")
		for _, r := range g.Rows {
			head(r.Label.In(t.lang))
			if h := r.Help.In(t.lang); h != "" {
				add("  " + h)
			}
		}
	}
	if checks := p.checks(); len(checks) > 0 {
		lines = append(lines, "")
		head(t.More.AboutChecks)
		for _, c := range checks {
			lines = append(lines, wrap("  - "+c, p.w, "    ")...)
		}
	}
	lines = append(lines, "")
	if o, err := p.app.desk.Overview(); err == nil {
		head(t.More.AboutOffice)
		for _, s := range []survey.Text{o.Survey.Office, o.Survey.LegalBasis, o.Survey.Contact} {
			if s.In(t.lang) != "" {
				add(s.In(t.lang))
			}
		}
	}
	return lines
}
