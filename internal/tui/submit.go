package tui

import (
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// submitPage shows what will be sent and asks once. Enter never sends.
type submitPage struct {
	app      *App
	work     *desk.Work
	declares bool // the part holds a declaration
	declared bool
	withdraw []string
	w, h     int
	top      int // first line shown of what is sent
}

// openSubmit opens the submission of a part, or its findings when it is not in
// order.
func openSubmit(a *App, part string) tea.Cmd {
	if !a.top().leave() {
		return nil
	}
	work, err := a.desk.Work(part)
	if err != nil {
		a.failed(err)
		return nil
	}
	p := work.Eval.Progress()
	if n := p.Hard + p.Explain; n > 0 {
		review := newReview(a, work)
		a.push(review)
		a.say(fmt.Sprintf(a.texts.SubmitBlocked, counts(p)))
		return nil
	}
	a.push(newSubmit(a, work))
	return nil
}

func newSubmit(a *App, work *desk.Work) *submitPage {
	p := &submitPage{app: a, work: work, withdraw: a.desk.Dropped(work)}
	for _, v := range work.Sheet.Variables() {
		p.declares = p.declares || v.Type == survey.TypeDeclaration
	}
	return p
}

func (p *submitPage) title() string { return p.app.texts.SubmitTitle }
func (p *submitPage) help() string  { return p.app.texts.HelpSubmit }
func (p *submitPage) status() string {
	return ""
}
func (p *submitPage) size(w, h int)            { p.w, p.h = w, h }
func (p *submitPage) refresh()                 {}
func (p *submitPage) leave() bool              { return true }
func (p *submitPage) paste(string) tea.Cmd     { return nil }
func (p *submitPage) cursor() (int, int, bool) { return 0, 0, true }

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
	case s == "f9" || s == "ctrl+t":
		return p.send()
	}
	return nil
}

// send freezes the part into the outbox and lets it go.
func (p *submitPage) send() tea.Cmd {
	if p.declares && !p.declared {
		p.app.say(p.app.texts.DeclareHow)
		return nil
	}
	err := p.app.desk.Submit(p.work.Part, desk.SubmitOptions{Declared: p.declared, Withdraw: p.withdraw})
	if err != nil {
		p.app.failed(err)
		return nil
	}
	p.app.pop()
	p.app.say(p.app.texts.SubmitQueued)
	return p.app.sync(true)
}

// view shows what is sent and, always, what is declared and which key sends:
// where the window is too low for both, the former scrolls.
func (p *submitPage) view() string {
	head, foot := p.summary(), p.closing()
	room := max(p.h-len(foot), 1)
	p.top = max(0, min(p.top, len(head)-room))
	lines := head[p.top:min(p.top+room, len(head))]
	if p.top+room < len(head) {
		lines[room-1] = p.app.styles.dots()
	}
	lines = append(slices.Clip(lines), foot...)
	return strings.Join(lines[:min(len(lines), max(p.h, 1))], "\n")
}

func (p *submitPage) summary() []string {
	t := p.app.texts
	pr := p.work.Eval.Progress()
	lines := wrap(p.work.Sheet.Title.In(t.lang), p.w, "")
	lines = append(lines, "", t.SubmitReady, fmt.Sprintf(t.Progress, pr.Answered, pr.Total))
	for _, f := range p.work.Eval.Findings {
		if f.Explained {
			lines = append(lines, wrap(sign(f)+" "+f.Check+" "+t.Explained+": "+p.work.Draft.Explanations[f.Check].Text, p.w, "  ")...)
		}
	}
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
