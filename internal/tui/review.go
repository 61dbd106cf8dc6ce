package tui

import (
	"fmt"

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
func (p *reviewPage) about() string { return p.app.texts.More.AboutReview }

func (p *reviewPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.failed(err)
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
	if len(f.Variables) > 0 {
		if v := p.work.Sheet.Variable(f.Variables[0]); v != nil {
			return sectionOf(v)
		}
	}
	return p.work.Sheet.Sections[0]
}

func (p *reviewPage) row(f survey.Finding) listRow {
	row := p.finding(f)
	row.open = func() tea.Cmd {
		if id := p.place(f); id != "" {
			openVariable(p.app, p.work, id)
		}
		return nil
	}
	return row
}

// finding is the line of a finding: its sign, what it asks for, what it says,
// and its id, which is what a school tells the office.
func (l *listing) finding(f survey.Finding) listRow {
	said := fmt.Sprintf("%s %s: %s (%s)", sign(f), l.app.texts.kind(f), f.Message, f.Check)
	lines := wrap(said, max(l.w-6, 40), "")
	return listRow{text: lines[0], more: lines[1:], at: f}
}

// kind says in a word what a finding asks for.
func (t *texts) kind(f survey.Finding) string {
	switch {
	case f.Severity == survey.Hard:
		return t.Error
	case f.Blocks():
		return t.Warning
	case f.Explained:
		return t.Explained
	}
	return t.NoteWord
}

// place is where a finding can be mended: the first of its variables in the
// section that it is listed under that can be typed, for many name a computed
// cell first.
func (p *reviewPage) place(f survey.Finding) string {
	for _, id := range f.Variables {
		v := p.work.Sheet.Variable(id)
		if v == nil || v.Computed || sectionOf(v) != p.sectionOf(f) {
			continue
		}
		if s := p.work.Eval.Status(id); s != survey.Closed && s != survey.Irrelevant {
			return id
		}
	}
	if len(f.Variables) == 0 {
		return ""
	}
	return f.Variables[0]
}

func sectionOf(v *survey.Variable) *survey.Section {
	if v.Row != nil {
		return v.Row.Grid.Section
	}
	return v.Section
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
	return fmt.Sprintf("! %s: %d   ? %s: %d", p.app.texts.Error, hard, p.app.texts.Warning, soft)
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
