package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
)

// asidePage lists what new versions of the questionnaire had no place for, and
// why; a person who has seen it can take the list away.
type asidePage struct {
	listing
	sure bool // asked once
}

func newAside(a *App) *asidePage {
	p := &asidePage{listing: listing{app: a}}
	p.refresh()
	return p
}

func (p *asidePage) title() string { return p.app.texts.HomeName }
func (p *asidePage) help() string  { return p.app.texts.More.HelpList }
func (p *asidePage) about() string { return p.app.texts.More.AboutHome }

func (p *asidePage) refresh() {
	t := p.app.texts
	p.rows = []listRow{{text: t.AsideTitle}}
	o, err := p.app.desk.Overview()
	if err != nil {
		p.rows = append(p.rows, listRow{more: []string{desk.Sentence(err, t.lang)}})
		return
	}
	part := ""
	for _, a := range o.Aside {
		if a.Part != part {
			part = a.Part
			p.rows = append(p.rows, listRow{}, listRow{text: p.app.desk.PartTitle(part)})
		}
		p.rows = append(p.rows, listRow{text: a.Label, note: a.Shown, more: []string{fmt.Sprintf("(%s)", a.Why)}})
	}
	text := t.More.AsideDrop
	if p.sure {
		text = t.More.AsideDropAsk
	}
	p.rows = append(p.rows, listRow{}, listRow{text: text, open: func() tea.Cmd { return p.drop(o.Aside) }})
}

// drop takes the list away when it is asked a second time: nothing brings it
// back.
func (p *asidePage) drop(lines []desk.AsideLine) tea.Cmd {
	if !p.sure {
		p.sure = true
		p.refresh()
		return nil
	}
	for _, a := range lines {
		if err := p.app.desk.DismissAside(a.Part); err != nil {
			p.app.failed(err)
			return nil
		}
	}
	p.app.pop()
	p.app.say(p.app.texts.More.AsideDropped)
	return nil
}

func (p *asidePage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}
