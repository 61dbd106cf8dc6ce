package tui

import (
	"fmt"

	tea "charm.land/bubbletea/v2"

	"rileva/pkg/survey"
)

// How long an answer takes, as seen with people who fill in school forms: a
// number copied from a register, and a question that has to be read.
const (
	secondsPerCell     = 8
	secondsPerQuestion = 45
)

// preparePage says before the work what is needed, who knows it and how long it
// takes. It is shown by itself the first time, and stands on the home page.
type preparePage struct {
	listing
}

func newPrepare(a *App) *preparePage {
	p := &preparePage{listing{app: a}}
	p.refresh()
	return p
}

func (p *preparePage) title() string { return p.app.texts.More.PrepareTitle }
func (p *preparePage) help() string  { return p.app.texts.More.HelpPrepare }
func (p *preparePage) about() string { return p.app.texts.More.AboutHome }

func (p *preparePage) refresh() {
	m := p.app.texts.More
	p.rows = nil
	o, err := p.app.desk.Overview()
	if err != nil {
		p.app.failed(err)
		return
	}
	text := func(s string) { p.rows = append(p.rows, listRow{more: []string{s}}) }
	for _, s := range []string{m.PrepareIntro, "- " + m.PrepareNeed1, "- " + m.PrepareNeed2, "- " + m.PrepareNeed3} {
		text(s)
	}
	p.rows = append(p.rows, listRow{}, listRow{text: m.PrepareTime})
	for _, line := range o.Parts {
		p.effort(line.Title, p.app.desk.Sheet(line.Part))
	}
	if general := p.app.desk.Sheet(survey.GeneralPart); general != nil && len(o.Parts) == 1 {
		// Which sheets there are, part 1 will tell; they are alike.
		for _, part := range general.Questionnaire().AllParts() {
			if part != survey.GeneralPart {
				p.effort(m.PrepareTrack, general.Questionnaire().Sheet(part))
				break
			}
		}
	}
	p.rows = append(p.rows, listRow{})
	text(m.PrepareStop)
	p.rows = append(p.rows, listRow{}, listRow{text: m.PrepareGo, open: func() tea.Cmd { p.app.pop(); return nil }})
}

// effort says how much there is to answer in a sheet, and in how many minutes.
func (p *preparePage) effort(title string, sheet *survey.Sheet) {
	if sheet == nil {
		return
	}
	questions, cells := size(sheet)
	minutes := (questions*secondsPerQuestion + cells*secondsPerCell + 59) / 60
	minutes = (minutes + 4) / 5 * 5 // nobody counts single minutes
	p.rows = append(p.rows, listRow{text: title,
		note: fmt.Sprintf(p.app.texts.More.PrepareSheet, questions, p.app.texts.number(cells), minutes)})
}

// size counts the questions and the cells that can be typed.
func size(sheet *survey.Sheet) (questions, cells int) {
	for _, v := range sheet.Variables() {
		switch {
		case v.Computed || v.ReadOnly || v.Type == survey.TypeDeclaration:
		case v.Row != nil:
			cells++
		default:
			questions++
		}
	}
	return questions, cells
}

// leave notes that it was read.
func (p *preparePage) leave() bool {
	if err := p.app.desk.NotePrepared(); err != nil {
		p.app.failed(err)
	}
	return true
}

func (p *preparePage) key(k tea.KeyPressMsg) tea.Cmd {
	cmd, _ := p.move(k)
	return cmd
}
