package tui

import (
	"fmt"
	"slices"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// submitPage shows what will be sent, of one part or of all that are ready, and
// asks once. Enter never sends.
type submitPage struct {
	app      *App
	works    []*desk.Work
	declares bool // one of the parts holds a declaration
	declared bool
	withdraw []string // tracks that part 1 takes back
	opened   time.Time
	w, h     int
	top      int // first line shown of what is sent
}

// openSubmit opens the submission of some parts, or the findings of the first
// that is not in order.
func openSubmit(a *App, parts ...string) tea.Cmd {
	if !a.commit() {
		return nil
	}
	if len(parts) == 0 {
		a.say(a.texts.More.SendAllNone)
		return nil
	}
	var works []*desk.Work
	for _, part := range parts {
		work, err := a.desk.Work(part)
		if err != nil {
			a.failed(err)
			return nil
		}
		p := work.Eval.Progress()
		if n := p.Hard + p.Explain; n > 0 {
			a.push(newReview(a, work))
			a.say(fmt.Sprintf(a.texts.SubmitBlocked, a.texts.shortfall(p, wrongIn(work, nil))))
			return nil
		}
		works = append(works, work)
	}
	page := newSubmit(a, works...)
	a.push(page)
	return a.after(grace, armedMsg{page})
}

func newSubmit(a *App, works ...*desk.Work) *submitPage {
	p := &submitPage{app: a, works: works, opened: a.now()}
	for _, work := range works {
		p.withdraw = append(p.withdraw, a.desk.Dropped(work)...)
		for _, v := range work.Sheet.Variables() {
			p.declares = p.declares || v.Type == survey.TypeDeclaration
		}
	}
	return p
}

func (p *submitPage) title() string            { return p.app.texts.SubmitTitle }
func (p *submitPage) about() string            { return p.app.texts.More.AboutSubmit }
func (p *submitPage) status() string           { return "" }
func (p *submitPage) size(w, h int)            { p.w, p.h = w, h }
func (p *submitPage) refresh()                 {}
func (p *submitPage) leave() bool              { return true }
func (p *submitPage) paste(string) tea.Cmd     { return nil }
func (p *submitPage) cursor() (int, int, bool) { return 0, 0, true }

// armed tells whether the page has been there long enough for F9 to be meant
// for it: the F9 that opened it may still be held down.
func (p *submitPage) armed() bool {
	since := p.app.now().Sub(p.opened)
	return since < 0 || since >= grace // a clock that was put back must not lock it
}

func (p *submitPage) help() string {
	if !p.armed() {
		return p.app.texts.HelpText
	}
	return p.app.texts.HelpSubmit
}

func (p *submitPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch s := strings.ToLower(k.String()); {
	case s == "esc":
		p.app.pop()
	case p.declares && (s == "s" || s == "y"):
		p.declared = !p.declared
	case s == "down" || s == "pgdown":
		p.top++
	case s == "up" || s == "pgup":
		p.top--
	case (s == "f9" || s == "ctrl+t") && p.armed():
		return p.send()
	}
	return nil
}

// send freezes the parts into the outbox and lets them go.
func (p *submitPage) send() tea.Cmd {
	t := p.app.texts
	if p.declares && !p.declared {
		p.app.say(t.DeclareHow)
		return nil
	}
	for _, work := range p.works {
		var withdraw []string
		if work.Part == survey.GeneralPart {
			withdraw = p.withdraw
		}
		if err := p.app.desk.Submit(work.Part, desk.SubmitOptions{Declared: p.declared, Withdraw: withdraw}); err != nil {
			p.app.failed(err)
			return nil
		}
	}
	p.app.pop()
	p.app.say(t.SubmitQueued)
	if len(p.works) > 1 {
		p.app.say(fmt.Sprintf(t.More.SendAllQueued, len(p.works)))
	}
	return p.app.sync(true)
}

// view shows what is sent and, always, what is declared and which key sends:
// where the window is too low for both, the former scrolls.
func (p *submitPage) view() string {
	head, foot := p.summary(), p.closing()
	room := max(p.h-len(foot), 1)
	p.top = max(0, min(p.top, len(head)-room))
	lines := slices.Clone(head[p.top:min(p.top+room, len(head))])
	if p.top+room < len(head) {
		lines[room-1] = p.app.styles.dots()
	}
	lines = append(lines, foot...)
	return strings.Join(lines[:min(len(lines), max(p.h, 1))], "\n")
}

func (p *submitPage) summary() []string {
	t := p.app.texts
	var lines []string
	for _, work := range p.works {
		pr := work.Eval.Progress()
		lines = append(lines, wrap(work.Sheet.Title.In(t.lang)+": "+fmt.Sprintf(t.Progress, pr.Answered, pr.Total), p.w, "  ")...)
		for _, f := range work.Eval.Findings {
			if f.Explained {
				lines = append(lines, wrap(sign(f)+" "+f.Check+" "+t.Explained+": "+work.Draft.Explanations[f.Check].Text, p.w, "  ")...)
			}
		}
	}
	ready := t.SubmitReady
	if len(p.works) > 1 {
		ready = fmt.Sprintf(t.More.SendAllList, len(p.works))
	}
	lines = append(append(wrap(ready, p.w, ""), ""), lines...)
	if len(p.withdraw) > 0 {
		titles := make([]string, len(p.withdraw))
		for i, part := range p.withdraw {
			titles[i] = p.app.desk.PartTitle(part)
		}
		lines = append(lines, "")
		lines = append(lines, wrap("! "+fmt.Sprintf(t.WithdrawAsk, strings.Join(titles, ", ")), p.w, "  ")...)
	}
	return append(lines, "")
}

func (p *submitPage) closing() []string {
	t := p.app.texts
	lines := append(wrap(t.SubmitFinal, p.w, ""), "")
	if p.declares {
		box := "[ ] "
		if p.declared {
			box = "[x] "
		}
		lines = append(lines, wrap(box+t.Declaration, p.w, "    ")...)
		lines = append(lines, "    "+t.DeclareHow, "")
	}
	return append(lines, wrap(t.SubmitHow, p.w, "")...)
}
