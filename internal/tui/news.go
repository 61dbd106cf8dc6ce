package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// newsPage says what the office has done since a person last looked, and holds
// its remarks and its messages. Leaving it means that they were seen.
type newsPage struct {
	listing
}

func newNews(a *App) *newsPage {
	p := &newsPage{listing{app: a}}
	p.refresh()
	return p
}

func (p *newsPage) title() string { return p.app.texts.More.News }
func (p *newsPage) help() string  { return p.app.texts.More.HelpNews }
func (p *newsPage) about() string { return p.app.texts.More.AboutNews }

func (p *newsPage) refresh() {
	t := p.app.texts
	p.rows = nil
	news, err := p.app.desk.News()
	if err != nil {
		p.rows = []listRow{{more: []string{desk.Sentence(err, t.lang), desk.Hint(err, t.lang)}}}
		return
	}
	for _, n := range news {
		p.rows = append(p.rows, listRow{text: "* " + t.news(n, p.app.desk.PartTitle(n.Part))})
	}
	if len(news) == 0 {
		p.rows = append(p.rows, listRow{text: t.More.NewsNone})
	}
	o, err := p.app.desk.Overview()
	if err != nil {
		p.app.failed(err)
		return
	}
	for _, line := range o.Parts {
		if len(line.Remarks) > 0 {
			p.rows = append(p.rows, listRow{}, listRow{text: fmt.Sprintf(t.More.RemarkOf, line.Title)})
			p.rows = append(p.rows, remarkRows(p.app, line.Part, line.Remarks)...)
		}
	}
	p.rows = append(p.rows, listRow{}, listRow{text: t.More.Messages})
	if len(o.Messages) == 0 {
		p.rows = append(p.rows, listRow{text: t.More.MessagesNone})
	}
	for i := len(o.Messages) - 1; i >= 0; i-- { // newest first
		m := o.Messages[i]
		p.rows = append(p.rows, listRow{text: t.moment(m.At), more: []string{m.Text}, open: func() tea.Cmd { return nil }})
	}
}

// remarkRows are the office's words on a part; Enter goes to the answer.
func remarkRows(a *App, part string, remarks []surveysync.Remark) []listRow {
	var out []listRow
	work, err := a.desk.Work(part)
	for _, r := range remarks {
		row := listRow{text: "! " + a.texts.More.Office1, more: []string{r.Text}, open: func() tea.Cmd { return nil }}
		if err == nil {
			if v := work.Sheet.Variable(r.Variable); v != nil {
				row.text = "! " + v.Name(a.texts.lang)
				row.open = func() tea.Cmd { return editVariable(a, part, r.Variable) }
			}
		}
		out = append(out, row)
	}
	return out
}

// editVariable opens the place of one answer of a part, on the version in force.
func editVariable(a *App, part, id string) tea.Cmd {
	work, err := a.desk.Edit(part)
	if err != nil {
		a.failed(err)
		return nil
	}
	openVariable(a, work, id)
	return nil
}

// remarksOf lists what the office says of one answer, for its place in the form.
func remarksOf(work *desk.Work, id string, w int, style func(...string) string) []string {
	var out []string
	for _, r := range work.Remarks() {
		if r.Variable != id {
			continue
		}
		for _, l := range wrap("     ! "+r.Text, w, "       ") {
			out = append(out, style(l))
		}
	}
	return out
}

func (p *newsPage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}

// leave notes that what stands here was seen.
func (p *newsPage) leave() bool {
	if err := p.app.desk.LookedAt(); err != nil {
		p.app.failed(err)
	}
	return true
}

// news says one in words.
func (t *texts) news(n desk.News, part string) string {
	m := t.More
	switch n.Kind {
	case desk.NewsMessage:
		return t.count(n.Count, m.NewsMessage1, m.NewsMessageN)
	case desk.NewsQuestionnaire:
		return m.NewsVersion
	case desk.NewsDates:
		return m.NewsDates
	}
	switch n.State {
	case survey.PartApproved:
		return fmt.Sprintf(m.NewsApproved, part)
	case survey.PartWithdrawn:
		return fmt.Sprintf(m.NewsWithdrawn, part)
	}
	return fmt.Sprintf(m.NewsReturned, part)
}
