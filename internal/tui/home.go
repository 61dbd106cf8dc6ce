package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// homePage shows the parts, where each stands, until when, what is not sent
// yet, and the way to everything else.
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
func (p *homePage) help() string  { return p.app.texts.More.HelpHome }
func (p *homePage) about() string { return p.app.texts.More.AboutHome }

func (p *homePage) refresh() {
	t := p.app.texts
	o, err := p.app.desk.Overview()
	if err != nil {
		// Nothing has been fetched yet: the page says why and what to do.
		p.rows = []listRow{{more: []string{desk.Sentence(err, t.lang), desk.Hint(err, t.lang)}}, {}}
		p.menu()
		return
	}
	p.view0 = o
	p.rows = []listRow{{text: fmt.Sprintf(t.HomeTitle, o.Survey.SchoolYear)}, {text: t.deadline(o.Survey, o.Now)}}
	p.nag()
	p.rows = append(p.rows, listRow{})
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
		p.rows = append(p.rows, listRow{}, listRow{more: []string{"! " + o.LogAlarm}})
	}
	p.rows = append(p.rows, listRow{})
	p.menu()
}

// nag says what is done and not sent, and what the office has done.
func (p *homePage) nag() {
	t := p.app.texts
	if n := len(p.ready()); n > 0 {
		p.rows = append(p.rows, listRow{text: "! " + t.count(n, t.More.Nag1, t.More.NagN)})
	}
	news, err := p.app.desk.News()
	if err != nil {
		p.app.failed(err)
	}
	for _, n := range news {
		p.rows = append(p.rows, listRow{text: "* " + t.news(n, p.app.desk.PartTitle(n.Part))})
	}
	others, err := p.app.desk.Elsewhere()
	if err != nil {
		return
	}
	for _, e := range others {
		p.rows = append(p.rows, listRow{more: []string{"* " + fmt.Sprintf(p.elsewhere(e), e.Code)}})
	}
}

// elsewhere: the same code under another id is the same school on another
// server, whose drafts are not mixed with these.
func (p *homePage) elsewhere(e desk.Elsewhere) string {
	if e.Code == p.view0.Institution.Code {
		return p.app.texts.More.OtherServer
	}
	return p.app.texts.More.Elsewhere
}

// ready lists the parts that can be sent and are not.
func (p *homePage) ready() []string {
	var out []string
	for _, line := range p.view0.Parts {
		done := line.State == desk.StateReady || line.State == desk.StateChanged && line.Progress.Hard+line.Progress.Explain == 0
		if done && !line.Locked {
			out = append(out, line.Part)
		}
	}
	return out
}

func (p *homePage) heading(line desk.PartLine) string {
	if line.Part == survey.GeneralPart {
		return p.app.texts.Part1
	}
	return p.app.texts.Part2
}

func (p *homePage) partRow(line desk.PartLine) listRow {
	t := p.app.texts
	row := listRow{text: line.Title, note: stateWord(t, line), at: line.Part}
	if line.Locked && !line.Waits() {
		row.note = t.Locked
		return row
	}
	if line.NotOffered != "" {
		row.more = append(row.more, "! "+line.NotOffered)
	}
	if line.State == desk.StateDraft || line.State == desk.StateChanged {
		row.note = fmt.Sprintf("%s, %d%%, %s", row.note, line.Progress.Percent(), p.lacks(line.Progress))
	}
	if line.State == desk.StateRefused {
		row.more = append(row.more, "! "+t.refusal(line))
	}
	for _, r := range line.Remarks {
		row.more = append(row.more, "! "+t.More.Office1+": "+r.Text)
	}
	if line.Outdated {
		row.more = append(row.more, t.More.Outdate)
	}
	if line.Removed {
		row.more = append(row.more, t.More.Removed)
	}
	row.open = func() tea.Cmd { return p.openPart(line) }
	return row
}

// lacks says what keeps a part from being sent: blanks first, then findings.
func (p *homePage) lacks(pr survey.Progress) string {
	t := p.app.texts
	if blank := pr.Total - pr.Answered; blank > 0 {
		return t.missing(blank)
	}
	return t.findings(pr.Hard, pr.Explain)
}

// refusal says why the server has not taken a part, with the code that the
// office knows it by.
func (t *texts) refusal(line desk.PartLine) string {
	why := line.Refusal
	if why == "" {
		why = surveysync.NewProblem(surveysync.Code(line.Detail), t.lang).Title
	}
	return why + " (" + line.Detail + ")"
}

func (p *homePage) openPart(line desk.PartLine) tea.Cmd {
	if line.State == desk.StateConflict {
		return openConflict(p.app, line.Part)
	}
	work, err := p.app.desk.Work(line.Part)
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
		row := p.finding(f)
		row.open = func() tea.Cmd {
			p.app.push(newExplain(p.app, survey.GeneralPart, f))
			return nil
		}
		p.rows = append(p.rows, row)
	}
}

// menu is the way to everything that also has a key.
func (p *homePage) menu() {
	a, t, m := p.app, p.app.texts, p.app.texts.More
	add := func(text, note string, open func() page) {
		p.rows = append(p.rows, listRow{text: text, note: note, open: func() tea.Cmd { a.push(open()); return nil }})
	}
	if n := len(p.ready()); n > 0 {
		p.rows = append(p.rows, listRow{text: m.SendAll, note: t.number(n), open: func() tea.Cmd { return openSubmit(a, p.ready()...) }})
	}
	if n := len(p.view0.Aside); n > 0 {
		add(t.AsideTitle, t.number(n), func() page { return newAside(a) })
	}
	messages := ""
	if n := len(p.view0.Messages); n > 0 {
		messages = t.number(n)
	}
	add(m.News, messages, func() page { return newNews(a) })
	add(t.Receipts, strings.TrimSpace(t.number(p.view0.Receipts)+"  F8"), func() page { return newReceipts(a) })
	p.rows = append(p.rows, listRow{text: m.MenuSearch, note: "Ctrl+F", open: func() tea.Cmd { return openSearch(a) }})
	add(m.MenuPrepare, "", func() page { return newPrepare(a) })
	p.rows = append(p.rows, listRow{text: t.Link.MenuDoctor, note: "F3", open: func() tea.Cmd { return openDoctor(a) }})
	add(m.MenuAttempts, "", func() page { return newAttempts(a) })
	add(m.MenuSettings, "", func() page { return newSettings(a) })
	add(m.MenuPassword, "", func() page { return newPassword(a, "") })
	add(m.MenuSchool, "F2", func() page { return newSignIn(a) })
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
		return openSubmit(p.app, p.ready()...)
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
		return t.StateRefused
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
