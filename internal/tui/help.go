package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/pkg/survey"
)

// helpPage is the full help of one question or table, and who asks it.
type helpPage struct {
	app  *App
	item survey.Item
	w, h int
	top  int
}

func newHelp(a *App, item survey.Item) *helpPage { return &helpPage{app: a, item: item} }

func (p *helpPage) title() string            { return p.app.texts.HelpTitle }
func (p *helpPage) help() string             { return p.app.texts.HelpText }
func (p *helpPage) status() string           { return "" }
func (p *helpPage) size(w, h int)            { p.w, p.h = w, h }
func (p *helpPage) refresh()                 {}
func (p *helpPage) leave() bool              { return true }
func (p *helpPage) paste(string) tea.Cmd     { return nil }
func (p *helpPage) cursor() (int, int, bool) { return 0, 0, true }

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
	}
	return nil
}

func (p *helpPage) view() string {
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
			lines = append(lines, "")
		}
		for _, r := range g.Rows {
			head(r.Label.In(t.lang))
			if h := r.Help.In(t.lang); h != "" {
				add("  " + h)
			}
		}
	}
	lines = append(lines, "")
	if o, err := p.app.desk.Overview(); err == nil {
		for _, s := range []survey.Text{o.Survey.Office, o.Survey.LegalBasis, o.Survey.Contact} {
			if s.In(t.lang) != "" {
				add(s.In(t.lang))
			}
		}
	}
	p.top = max(0, min(p.top, len(lines)-p.h))
	return strings.Join(lines[p.top:min(p.top+max(p.h, 0), len(lines))], "\n")
}
