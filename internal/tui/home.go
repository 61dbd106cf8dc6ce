package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// homePage shows the parts, where each stands, until when, and what the office
// says.
type homePage struct {
	listing
	view0 desk.Overview
}

func newHome(a *App) *homePage {
	p := &homePage{listing: listing{app: a}}
	p.refresh()
	return p
}

func (p *homePage) title() string { return p.app.texts.HomeName }
func (p *homePage) help() string  { return p.app.texts.HelpHome }

func (p *homePage) refresh() {
	o, err := p.app.desk.Overview()
	if err != nil {
		// Nothing has been fetched yet: the page says why and what to do.
		p.rows = []listRow{{more: []string{desk.Sentence(err, p.app.texts.lang), desk.Hint(err, p.app.texts.lang)}}}
		return
	}
	p.view0 = o
	t := p.app.texts
	p.rows = []listRow{{text: fmt.Sprintf(t.HomeTitle, o.Survey.SchoolYear)}, {text: p.dates()}, {}}
	head := ""
	for _, line := range o.Parts {
		if h := p.heading(line); h != head {
			if head != "" {
				p.rows = append(p.rows, listRow{})
			}
			head = h
			p.rows = append(p.rows, listRow{text: h})
		}
		p.rows = append(p.rows, p.partRow(line))
	}
	p.across()
	if o.LogAlarm != "" {
		p.rows = append(p.rows, listRow{}, listRow{text: o.LogAlarm})
	}
	if len(o.Aside) > 0 {
		p.rows = append(p.rows, listRow{}, listRow{text: t.AsideTitle})
		for _, a := range o.Aside {
			p.rows = append(p.rows, listRow{text: a.Label, note: a.Shown})
		}
	}
	if len(o.Messages) > 0 {
		p.rows = append(p.rows, listRow{}, listRow{text: t.Remarks})
		for _, m := range o.Messages {
			p.rows = append(p.rows, listRow{text: t.moment(m.At), more: []string{m.Text}})
		}
	}
	p.rows = append(p.rows, listRow{}, listRow{text: t.Receipts, note: t.number(o.Receipts), open: func() tea.Cmd {
		p.app.push(newReceipts(p.app))
		return nil
	}})
	if !o.Started {
		p.rows = append(p.rows, listRow{}, listRow{more: []string{t.HomeFirst}})
	}
}

func (p *homePage) heading(line desk.PartLine) string {
	if line.Part == survey.GeneralPart {
		return p.app.texts.Part1
	}
	return p.app.texts.Part2
}

// dates says in words what counts now, by the server's clock as last seen.
func (p *homePage) dates() string {
	t, s, now := p.app.texts, p.view0.Survey, p.view0.Now
	switch {
	case s.Due.IsZero():
		return ""
	case now.Before(s.Opens):
		return fmt.Sprintf(t.OpensOn, t.moment(s.Opens)) + ". " + fmt.Sprintf(t.DueOn, t.moment(s.Due))
	case now.After(s.LateUntil):
		return fmt.Sprintf(t.ClosedOn, t.moment(s.LateUntil))
	case now.After(s.Due):
		return fmt.Sprintf(t.LateOn, t.moment(s.LateUntil))
	}
	return fmt.Sprintf(t.DueOn, t.moment(s.Due))
}

func (p *homePage) partRow(line desk.PartLine) listRow {
	t := p.app.texts
	row := listRow{text: line.Title, note: stateWord(t, line), at: line.Part}
	if line.Locked {
		row.note = t.Locked
		return row
	}
	if line.State == desk.StateDraft || line.State == desk.StateChanged {
		row.note = fmt.Sprintf("%s, %d%%, %s", row.note, line.Progress.Percent(), p.lacks(line.Progress))
	}
	for _, r := range line.Remarks {
		row.more = append(row.more, "! "+r.Text)
	}
	row.open = func() tea.Cmd { return p.openPart(line.Part) }
	return row
}

// lacks says what keeps a part from being sent: blanks first, then findings.
func (p *homePage) lacks(pr survey.Progress) string {
	t := p.app.texts
	if blank := pr.Total - pr.Answered; blank > 0 {
		return t.missing(blank)
	}
	if c := counts(pr); c != "" {
		return c
	}
	return t.Complete
}

func (p *homePage) openPart(part string) tea.Cmd {
	work, err := p.app.desk.Work(part)
	if err != nil {
		p.app.failed(err)
		return nil
	}
	p.app.push(newPart(p.app, work))
	return nil
}

func (p *homePage) across() {
	t := p.app.texts
	if len(p.view0.Across) == 0 {
		return
	}
	p.rows = append(p.rows, listRow{}, listRow{text: t.AcrossTitle})
	for _, f := range p.view0.Across {
		p.rows = append(p.rows, listRow{text: sign(f) + " " + f.Check, more: []string{f.Message}, open: func() tea.Cmd {
			p.app.push(newExplain(p.app, survey.GeneralPart, f))
			return nil
		}})
	}
}

func (p *homePage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "left":
		p.app.say(p.app.texts.QuitHint)
		return nil
	case "f2":
		p.app.push(newSignIn(p.app))
		return nil
	case "f8":
		p.app.push(newReceipts(p.app))
		return nil
	case "f9", "ctrl+t":
		if r := p.current(); r != nil {
			if part, ok := r.at.(string); ok {
				return openSubmit(p.app, part)
			}
		}
		return nil
	}
	cmd, _ := p.move(k)
	return cmd
}

// stateWord says where a part stands.
func stateWord(t *texts, line desk.PartLine) string {
	switch line.State {
	case desk.StateDraft:
		return t.StateDraft
	case desk.StateReady:
		return t.StateReady
	case desk.StateQueued:
		return t.StateQueued
	case desk.StateSent:
		return t.StateSent
	case desk.StateChanged:
		return t.StateChanged
	case desk.StateRefused:
		return fmt.Sprintf(t.StateRefused, line.Detail)
	case desk.StateConflict:
		return t.StateConflict
	case desk.StateReturned:
		return t.StateReturned
	case desk.StateApproved:
		return t.StateApproved
	case desk.StateWithdrawn:
		return t.StateWithdrawn
	}
	return t.StateBlank
}

// sign is the mark of a finding: never a colour alone.
func sign(f survey.Finding) string {
	switch {
	case f.Severity == survey.Hard:
		return "!"
	case f.Blocks():
		return "?"
	}
	return "."
}
