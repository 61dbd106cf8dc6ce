package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// reviewPage lists all findings of a part by section. Enter goes to the
// answer; coming back returns here.
type reviewPage struct {
	listing
	work *desk.Work
}

func newReview(a *App, work *desk.Work) *reviewPage {
	p := &reviewPage{listing: listing{app: a}, work: work}
	p.refresh()
	return p
}

func (p *reviewPage) title() string { return p.app.texts.ReviewTitle }
func (p *reviewPage) help() string  { return p.app.texts.HelpReview }

func (p *reviewPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.unsaved = desk.Sentence(err, p.app.texts.lang)
		return
	}
	t := p.app.texts
	p.rows = p.rows[:0]
	for _, s := range p.work.Sheet.Sections {
		head := false
		for _, f := range p.work.Eval.Findings {
			if p.sectionOf(f) != s {
				continue
			}
			if !head {
				if len(p.rows) > 0 {
					p.rows = append(p.rows, listRow{})
				}
				p.rows = append(p.rows, listRow{text: s.Title.In(t.lang)})
				head = true
			}
			p.rows = append(p.rows, p.row(f))
		}
	}
	if len(p.rows) == 0 {
		p.rows = append(p.rows, listRow{text: t.ReviewNone})
	}
}

func (p *reviewPage) sectionOf(f survey.Finding) *survey.Section {
	if len(f.Variables) == 0 {
		return p.work.Sheet.Sections[0]
	}
	v := p.work.Sheet.Variable(f.Variables[0])
	switch {
	case v == nil:
		return p.work.Sheet.Sections[0]
	case v.Row != nil:
		return v.Row.Grid.Section
	}
	return v.Section
}

func (p *reviewPage) row(f survey.Finding) listRow {
	t := p.app.texts
	word := t.NoteWord
	switch {
	case f.Severity == survey.Hard:
		word = t.Error
	case f.Blocks():
		word = t.Warning
	case f.Explained:
		word = t.Explained
	}
	lines := wrap(fmt.Sprintf("%s %s, %s: %s", sign(f), f.Check, word, f.Message), max(p.w-6, 40), "")
	return listRow{text: lines[0], more: lines[1:], at: f,
		open: func() tea.Cmd {
			if len(f.Variables) > 0 {
				openVariable(p.app, p.work, f.Variables[0])
			}
			return nil
		}}
}

func (p *reviewPage) size(w, h int) {
	changed := w != p.w
	p.listing.size(w, h)
	if changed {
		p.refresh()
	}
}

func (p *reviewPage) status() string {
	hard, soft := 0, 0
	for _, f := range survey.Blocking(p.work.Eval.Findings) {
		if f.Severity == survey.Hard {
			hard++
		} else {
			soft++
		}
	}
	return strings.TrimSpace(fmt.Sprintf("! %s: %d   ? %s: %d", p.app.texts.Error, hard, p.app.texts.Warning, soft))
}

func (p *reviewPage) key(k tea.KeyPressMsg) tea.Cmd {
	if s := k.String(); s == "e" || s == "E" {
		if r := p.current(); r != nil {
			if f, ok := r.at.(survey.Finding); ok && f.Severity == survey.Explain {
				page := newExplain(p.app, p.work.Part, f)
				p.app.push(page)
				return page.form.Init()
			}
		}
		return nil
	}
	cmd, _ := p.move(k)
	return cmd
}
