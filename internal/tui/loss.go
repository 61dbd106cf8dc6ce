package tui

import (
	"fmt"
	"strings"
	"time"

	tea "charm.land/bubbletea/v2"
)

// grace is how long a dialog that has just come up takes no answer: keys that
// were on their way to the page below must not decide anything.
const grace = 400 * time.Millisecond

// armedMsg comes when the grace of a dialog is over; the page shows its keys
// from then on.
type armedMsg struct{ page page }

// lossPage stands between Ctrl+Q and the loss of the last answer: it says what
// is not saved and why, and lets the person try again or leave.
type lossPage struct {
	app    *App
	opened time.Time
	w, h   int
}

func newLoss(a *App) *lossPage { return &lossPage{app: a, opened: a.now()} }

func (p *lossPage) title() string            { return p.app.texts.More.LossTitle }
func (p *lossPage) help() string             { return p.app.texts.More.HelpLoss }
func (p *lossPage) status() string           { return "" }
func (p *lossPage) size(w, h int)            { p.w, p.h = w, h }
func (p *lossPage) refresh()                 {}
func (p *lossPage) paste(string) tea.Cmd     { return nil }
func (p *lossPage) cursor() (int, int, bool) { return 0, 0, true }

// leave asks the page below: it is there that something is typed.
func (p *lossPage) leave() bool { return p.below().leave() }

func (p *lossPage) below() page { return p.app.pages[len(p.app.pages)-2] }

func (p *lossPage) key(k tea.KeyPressMsg) tea.Cmd {
	if since := p.app.now().Sub(p.opened); since >= 0 && since < grace {
		return nil
	}
	switch strings.ToLower(k.String()) {
	case "r", "enter":
		p.app.back()
		return p.app.quit()
	case "l", "e":
		return tea.Quit
	case "esc":
		p.app.back()
	}
	return nil
}

func (p *lossPage) view() string {
	t := p.app.texts.More
	lines := wrap("! "+fmt.Sprintf(t.LossWhy, p.app.unsaved), p.w, "  ")
	if p.app.advice != "" {
		lines = append(lines, wrap("  "+p.app.advice, p.w, "  ")...)
	}
	if below, ok := p.below().(interface{ unsaved() string }); ok {
		lines = append(lines, "")
		lines = append(lines, wrap(fmt.Sprintf(t.LossWhat, below.unsaved()), p.w, "  ")...)
	}
	for _, s := range []string{t.LossRetry, t.LossLeave, t.LossStay} {
		lines = append(lines, "")
		lines = append(lines, wrap(s, p.w, "    ")...)
	}
	return strings.Join(lines[:min(len(lines), max(p.h, 1))], "\n")
}
