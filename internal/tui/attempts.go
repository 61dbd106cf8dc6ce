package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

// attemptsPage is the history of what was tried with the server, newest first,
// with the codes that the office finds in its log.
type attemptsPage struct {
	listing
}

func newAttempts(a *App) *attemptsPage {
	p := &attemptsPage{listing{app: a}}
	p.refresh()
	return p
}

func (p *attemptsPage) title() string { return p.app.texts.More.AttemptsTitle }
func (p *attemptsPage) help() string  { return p.app.texts.More.HelpAttempts }
func (p *attemptsPage) about() string { return p.app.texts.More.AboutAttempts }

func (p *attemptsPage) refresh() {
	t, m := p.app.texts, p.app.texts.More
	p.rows = nil
	list, err := p.app.desk.Attempts()
	if err != nil {
		p.rows = []listRow{{more: []string{desk.Sentence(err, t.lang), desk.Hint(err, t.lang)}}}
		return
	}
	what := map[string]string{"": m.WhatSubmit, "login": m.WhatLogin, "password": m.WhatPassword, "sync": m.WhatSync,
		"doctor": t.Link.WhatDoctor, "alarm": t.Link.WhatAlarm}
	for _, a := range slices.Backward(list) {
		name := what[a.What]
		if a.Part != "" {
			name += ": " + p.app.desk.PartTitle(a.Part)
		}
		row := listRow{text: "! " + name, note: t.moment(a.At), open: func() tea.Cmd { return nil }}
		switch {
		case a.Code == surveysync.CodeAccepted:
			row.text, row.more = "  "+name, []string{m.AttemptDone}
		case a.What == "alarm": // what was said when it was ended
			row.text, row.more = "  "+name, []string{a.Detail}
		case a.Detail != "":
			row.more = []string{a.Detail}
		default:
			row.more = []string{surveysync.NewProblem(surveysync.Code(a.Code), t.lang).Title}
		}
		if a.Step != "" {
			row.more = append(row.more, fmt.Sprintf(t.Link.StoppedAt, t.Link.step(a.Step)))
		}
		if a.Incident != "" && a.Code != surveysync.CodeAccepted {
			row.more = append(row.more, m.Incident+" "+a.Incident)
		}
		if !a.Next.IsZero() {
			row.more = append(row.more, m.AttemptNext+" "+t.moment(a.Next))
		}
		p.rows = append(p.rows, row)
	}
	if len(list) == 0 {
		p.rows = append(p.rows, listRow{text: m.AttemptsNone})
	}
}

func (p *attemptsPage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}
