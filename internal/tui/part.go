package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// partPage lists the sections of one part.
type partPage struct {
	listing
	work  *desk.Work
	empty *survey.Section // that the person has asked to empty, once
}

func newPart(a *App, work *desk.Work) *partPage {
	p := &partPage{listing: listing{app: a}, work: work}
	p.refresh()
	return p
}

func (p *partPage) title() string { return p.work.Sheet.Title.In(p.app.texts.lang) }
func (p *partPage) help() string  { return p.app.texts.HelpPart }

func (p *partPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.failed(err)
		return
	}
	t := p.app.texts
	all := p.work.Eval.Progress()
	p.rows = []listRow{{text: fmt.Sprintf("%s: %s, %s", t.Sections, fmt.Sprintf(t.Progress, all.Answered, all.Total), t.missing(all.Total-all.Answered))}}
	if remarks := p.work.Remarks(); len(remarks) > 0 {
		p.rows = append(p.rows, listRow{}, listRow{text: t.Remarks})
		p.rows = append(p.rows, remarkRows(p.app, p.work.Part, remarks)...)
	}
	if p.work.Outdated() {
		p.rows = append(p.rows, listRow{}, listRow{text: t.More.MoveOn, more: []string{t.More.Outdate}, open: func() tea.Cmd { p.moveOn(); return nil }})
	}
	p.rows = append(p.rows, listRow{})
	for i, s := range p.work.Sheet.Sections {
		pr := p.work.Progress(s)
		p.rows = append(p.rows, listRow{text: fmt.Sprintf("%d. %s", i+1, s.Title.In(t.lang)), note: t.standing(pr, p.wrong(s)), at: s,
			open: func() tea.Cmd { openSection(p.app, p.work, s); return nil }})
	}
	p.rows = append(p.rows, listRow{},
		listRow{text: t.GoReview, note: strings.TrimSpace(p.app.texts.shortfall(all, p.wrong(nil)) + "  F4"), open: func() tea.Cmd { p.app.push(newReview(p.app, p.work)); return nil }},
		listRow{text: t.GoSubmit, note: "F9", open: func() tea.Cmd { return openSubmit(p.app, p.work.Part) }})
}

// moveOn takes a part that was sent on an older version to the one in force.
func (p *partPage) moveOn() {
	work, err := p.app.desk.Edit(p.work.Part)
	if err != nil {
		p.app.failed(err)
		return
	}
	p.work = work
	p.refresh()
	p.app.say(p.app.texts.More.MovedOn)
}

func (p *partPage) about() string { return p.app.texts.More.AboutPart }

// wrong counts the findings of a section, nil for all, that something answered
// has brought about: what merely is not filled in yet is no fault of anybody.
func (p *partPage) wrong(s *survey.Section) survey.Progress { return wrongIn(p.work, s) }

func wrongIn(work *desk.Work, s *survey.Section) survey.Progress {
	var out survey.Progress
	for _, f := range work.Eval.Findings {
		blank := func(id string) bool { return work.Eval.Status(id) != survey.Missing }
		if !f.Blocks() || len(f.Variables) > 0 && !slices.ContainsFunc(f.Variables, blank) {
			continue
		}
		here := s == nil
		for _, id := range f.Variables {
			v := work.Sheet.Variable(id)
			here = here || v != nil && sectionOf(v) == s
		}
		switch {
		case !here:
		case f.Severity == survey.Hard:
			out.Hard++
		default:
			out.Explain++
		}
	}
	return out
}

// standing says where a section is: to be filled in, or what is missing and
// what is wrong.
func (t *texts) standing(all, wrong survey.Progress) string {
	switch {
	case all.Total == 0 || all.Answered == all.Total:
		return t.findings(wrong.Hard, wrong.Explain)
	case all.Answered == 0:
		return t.ToFill
	}
	return t.shortfall(all, wrong)
}

// shortfall lists what stands between a part and its sending; "" for nothing.
func (t *texts) shortfall(all, wrong survey.Progress) string {
	var out []string
	if wrong.Hard+wrong.Explain > 0 {
		out = append(out, t.findings(wrong.Hard, wrong.Explain))
	}
	if blank := all.Total - all.Answered; blank > 0 {
		out = append(out, t.missing(blank))
	}
	if len(out) == 0 && all.Hard+all.Explain > 0 {
		out = append(out, t.findings(all.Hard, all.Explain))
	}
	return strings.Join(out, ", ")
}

// findings says how many there are of both kinds, or that all is complete.
func (t *texts) findings(hard, explain int) string {
	var out []string
	if hard > 0 {
		out = append(out, "! "+t.count(hard, t.Error1, t.ErrorN))
	}
	if explain > 0 {
		out = append(out, "? "+t.count(explain, t.Warning1, t.WarningN))
	}
	if len(out) == 0 {
		return t.Complete
	}
	return strings.Join(out, ", ")
}

// clear empties the section under the cursor when it is asked a second time.
func (p *partPage) clear(asked *survey.Section) {
	row := p.current()
	if row == nil {
		return
	}
	s, ok := row.at.(*survey.Section)
	if !ok {
		return
	}
	t := p.app.texts
	held := p.work.Held(s)
	name := s.Title.In(t.lang)
	switch {
	case len(held) == 0:
		p.app.say(fmt.Sprintf(t.More.ClearNone, name))
	case asked != s:
		p.empty = s
		p.app.say(fmt.Sprintf(t.More.ClearAsk, name, t.count(len(held), t.More.Answer1, t.More.AnswerN)))
	default:
		says := fmt.Sprintf(t.More.Cleared, name, t.count(len(held), t.More.Answer1, t.More.AnswerN))
		if p.app.change(p.work, says, false, held...) && p.app.top() == p {
			p.refresh()
			p.app.say(says + t.More.ClearUndo)
		}
	}
}

func (p *partPage) key(k tea.KeyPressMsg) tea.Cmd {
	asked := p.empty
	p.empty = nil
	switch k.String() {
	case "delete":
		p.clear(asked)
		return nil
	case "ctrl+z", "ctrl+y":
		if k.String() == "ctrl+z" {
			p.app.undo(p.work)
		} else {
			p.app.redo(p.work)
		}
		if p.app.top() == p {
			refresh(p)
		}
		return nil
	case "f4":
		p.app.push(newReview(p.app, p.work))
		return nil
	case "f6", "ctrl+n":
		nextMissing(p.app, p.work, "")
		return nil
	case "f9", "ctrl+t":
		return openSubmit(p.app, p.work.Part)
	}
	cmd, _ := p.move(k)
	return cmd
}

// openSection opens a section where it begins: the table at once where the
// section is nothing but one.
func openSection(a *App, work *desk.Work, s *survey.Section) {
	if len(s.Items) == 1 && s.Items[0].Grid != nil {
		a.push(newGridPage(a, work, s.Items[0].Grid, ""))
		return
	}
	a.push(newSection(a, work, s))
}

// openVariable opens the place of one answer, so that one Esc comes back.
func openVariable(a *App, work *desk.Work, id string) {
	v := work.Sheet.Variable(id)
	switch {
	case v == nil:
	case v.Row != nil:
		a.push(newGridPage(a, work, v.Row.Grid, id))
	default:
		page := newSection(a, work, v.Section)
		page.goTo(id)
		a.push(page)
	}
}

// nextMissing goes to the first blank answer after a place, from the end on
// to the beginning. It takes the place of the page that it was asked on.
func nextMissing(a *App, work *desk.Work, after string) {
	if !a.top().leave() {
		return
	}
	id := missingAfter(work, after)
	if id == "" {
		a.say(a.texts.NoMissing)
		return
	}
	switch top := a.top().(type) {
	case *gridPage:
		if top.m.Goto(id) {
			return
		}
		a.pages = a.pages[:len(a.pages)-1]
	case *sectionPage:
		if top.goTo(id) {
			return
		}
		a.pages = a.pages[:len(a.pages)-1]
	}
	openVariable(a, work, id)
}

// missingAfter finds the next due answer that is blank, "" when there is none.
func missingAfter(work *desk.Work, after string) string {
	first, next, passed := "", "", false
	for _, v := range work.Sheet.Variables() {
		due := !v.Computed && v.Tier == survey.TierCore && v.Type != survey.TypeDeclaration && work.Eval.Status(v.ID) == survey.Missing
		switch {
		case v.ID == after:
			passed = true
			if due && first == "" {
				first = v.ID
			}
		case due && passed && next == "":
			next = v.ID
		case due && first == "":
			first = v.ID
		}
	}
	if next != "" {
		return next
	}
	return first
}
