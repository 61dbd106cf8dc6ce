package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// conflictPage lets a person decide answer by answer what stays of a part that
// was sent from another computer too. Nothing is chosen before they choose, and
// nothing changes before everything is decided and applied.
type conflictPage struct {
	listing
	part    string
	c       desk.PartConflict
	choices map[string]string // by answer: desk.Mine, desk.Theirs, "" undecided
}

// openConflict opens the decision on a part that has two versions.
func openConflict(a *App, part string) tea.Cmd {
	a.push(newConflict(a, part))
	return nil
}

func newConflict(a *App, part string) *conflictPage {
	p := &conflictPage{listing: listing{app: a}, part: part, choices: map[string]string{}}
	p.refresh()
	return p
}

func (p *conflictPage) title() string { return p.app.texts.More.ConflictTitle }
func (p *conflictPage) help() string  { return p.app.texts.More.HelpConflict }
func (p *conflictPage) about() string { return p.app.texts.More.AboutConflict }

func (p *conflictPage) status() string {
	left := 0
	for _, f := range p.c.Both {
		if p.choices[f.ID] == "" {
			left++
		}
	}
	return fmt.Sprintf(p.app.texts.More.ConflictLeft, left, len(p.c.Both))
}

func (p *conflictPage) refresh() {
	t, m := p.app.texts, p.app.texts.More
	all, err := p.app.desk.Conflicts()
	if err != nil {
		p.app.failed(err)
		return
	}
	p.rows, p.c = nil, desk.PartConflict{}
	for _, c := range all {
		if c.Part == p.part {
			p.c = c
		}
	}
	if p.c.Part == "" {
		p.rows = []listRow{{text: m.ConflictDone}}
		return
	}
	p.rows = []listRow{{more: []string{m.ConflictIntro}},
		{text: fmt.Sprintf(m.ConflictWho, p.c.Revision, t.moment(p.c.ReceivedAt))}, {}}
	for _, f := range p.c.Both {
		p.rows = append(p.rows, p.field(f))
	}
	if len(p.c.Theirs) > 0 {
		p.rows = append(p.rows, listRow{}, listRow{text: m.ConflictOnly})
		for _, f := range p.c.Theirs {
			p.rows = append(p.rows, listRow{text: f.Label, note: p.show(f.Other)})
		}
	}
	p.rows = append(p.rows, listRow{}, listRow{text: m.ConflictApply, note: "F9", open: func() tea.Cmd { p.apply(); return nil }})
}

// field is one answer in its three versions.
func (p *conflictPage) field(f desk.FieldConflict) listRow {
	m := p.app.texts.More
	mark, note := "[ ] ", m.ConflictOpen
	switch p.choices[f.ID] {
	case desk.Mine:
		mark, note = "[x] ", m.ConflictKeep
	case desk.Theirs:
		mark, note = "[x] ", m.ConflictTake
	}
	return listRow{text: mark + f.Label, note: note, at: f.ID, open: func() tea.Cmd { p.next(f.ID); return nil }, more: []string{
		"1 " + m.ConflictMine + ": " + p.show(f.Mine) + "   2 " + m.ConflictTheirs + ": " + p.show(f.Other) + "   " + m.ConflictBefore + ": " + p.show(f.Before)}}
}

func (p *conflictPage) show(v any) string {
	if u, ok := v.(map[string]string); ok {
		return fmt.Sprintf(p.app.texts.NotAvailable, u["unavailable"])
	}
	if s := survey.Show(v, p.app.texts.lang); s != "" {
		return s
	}
	return p.app.texts.More.ConflictBlank
}

// next goes through undecided, mine, theirs.
func (p *conflictPage) next(id string) {
	p.decide(id, map[string]string{"": desk.Mine, desk.Mine: desk.Theirs, desk.Theirs: ""}[p.choices[id]])
}

func (p *conflictPage) decide(id, choice string) {
	p.choices[id] = choice
	p.refresh()
}

func (p *conflictPage) apply() {
	undecided, err := p.app.desk.Resolve(p.part, func(id string) string { return p.choices[id] })
	switch {
	case err != nil:
		p.app.failed(err)
	case len(undecided) > 0:
		p.app.say(p.status())
	default:
		p.app.pop()
		p.app.say(p.app.texts.More.ConflictDone)
	}
}

func (p *conflictPage) key(k tea.KeyPressMsg) tea.Cmd {
	id := ""
	if r := p.current(); r != nil {
		id, _ = r.at.(string)
	}
	switch s := strings.ToLower(k.String()); {
	case s == "f9" || s == "ctrl+t":
		p.apply()
	case id != "" && s == "1":
		p.decide(id, desk.Mine)
	case id != "" && s == "2":
		p.decide(id, desk.Theirs)
	case id != "" && (s == "0" || s == "delete"):
		p.decide(id, "")
	default:
		cmd, _ := p.move(k)
		return cmd
	}
	return nil
}
