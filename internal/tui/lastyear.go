package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// lastYearPage lists what the same section was answered with last year. What is
// taken from it is marked in the form until somebody confirms it.
type lastYearPage struct {
	listing
	work    *desk.Work
	section *survey.Section
	last    desk.LastYear
}

// openLastYear shows the page, or says that this computer holds no such answers.
func openLastYear(a *App, work *desk.Work, s *survey.Section, last desk.LastYear) {
	p := &lastYearPage{listing{app: a}, work, s, last}
	if p.refresh(); len(p.choices()) == 0 {
		a.say(a.texts.More.LastYearNone)
		return
	}
	a.push(p)
}

func (p *lastYearPage) title() string {
	return p.section.Title.In(p.app.texts.lang) + " - " + p.last.SchoolYear
}
func (p *lastYearPage) help() string  { return p.app.texts.More.HelpLastYear }
func (p *lastYearPage) about() string { return p.app.texts.More.AboutLastYear }

func (p *lastYearPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.failed(err)
		return
	}
	t := p.app.texts
	var blank []*survey.Variable
	var rows []listRow
	for _, item := range p.section.Items {
		v := item.Question
		if v == nil || p.last.Of(v) == nil || p.work.Eval.Status(v.ID) == survey.Irrelevant {
			continue
		}
		value := p.last.Of(v)
		row := listRow{text: v.Label.In(t.lang), note: v.Show(value, t.lang), at: v, open: func() tea.Cmd { return p.take(v) }}
		switch now := p.work.Value(v.ID); {
		case survey.Equal(now, value):
			row.more, row.open = []string{t.More.LastYearSame}, nil
		case now != nil:
			row.more = []string{fmt.Sprintf(t.More.LastYearNow, v.Show(now, t.lang))}
		default:
			blank = append(blank, v)
		}
		rows = append(rows, row)
	}
	p.rows = []listRow{{more: []string{fmt.Sprintf(t.More.LastYearIntro, p.last.SchoolYear)}}, {}}
	if len(blank) > 1 {
		p.rows = append(p.rows, listRow{text: fmt.Sprintf(t.More.LastYearAll, t.number(len(blank))),
			open: func() tea.Cmd { return p.take(blank...) }}, listRow{})
	}
	p.rows = append(p.rows, rows...)
}

// take puts last year's answers into the section and goes back to it.
func (p *lastYearPage) take(vars ...*survey.Variable) tea.Cmd {
	changes := make([]desk.Change, len(vars))
	for i, v := range vars {
		changes[i] = p.last.TakeOver(v)
	}
	m := p.app.texts.More
	says := p.app.texts.count(len(vars), m.LastYearTaken1, m.LastYearTakenN)
	if !p.app.change(p.work, says, false, changes...) {
		return nil
	}
	p.app.back()
	if s, ok := p.app.top().(*sectionPage); ok {
		s.goTo(vars[0].ID)
	}
	p.app.say(says + m.LastYearConfirm)
	return nil
}

func (p *lastYearPage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}
