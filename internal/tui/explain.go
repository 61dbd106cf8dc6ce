package tui

import (
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"

	"rileva/pkg/survey"
)

// explainPage asks for the reason and the words that explain a finding. It is
// a short dialog, so a huh form runs it; the big pages do without, because a
// huh group can trap the focus and is slow with many fields.
type explainPage struct {
	app     *App
	part    string
	finding survey.Finding
	form    *huh.Form
	reason  string
	text    string
	w, h    int
}

func newExplain(a *App, part string, f survey.Finding) *explainPage {
	p := &explainPage{app: a, part: part, finding: f, w: a.bodyWidth(), h: a.h - 4}
	if e, ok := a.desk.Explanation(part, f.Check); ok {
		p.reason, p.text = e.Reason, e.Text
	}
	p.build()
	return p
}

func (p *explainPage) build() {
	t := p.app.texts
	var options []huh.Option[string]
	for _, r := range p.app.desk.Reasons() {
		options = append(options, huh.NewOption(r.Label.In(t.lang), r.ID))
	}
	// No validation inside the fields: huh v2.0.3 swallows every key after
	// Shift+Tab from an invalid one (huh#650). What is too short is said after.
	p.form = huh.NewForm(huh.NewGroup(
		huh.NewSelect[string]().Title(t.ExplainReason).Options(options...).Value(&p.reason).Height(len(options)+1),
		huh.NewText().Title(t.ExplainText).Value(&p.text).Lines(3).ExternalEditor(false).CharLimit(1000),
	)).WithShowHelp(false).WithShowErrors(false).WithTheme(plainTheme{p.app.styles}).WithWidth(min(p.w, 78))
	p.form.Init()
}

// plainTheme gives huh our looks, made once: huh asks for them at every frame.
type plainTheme struct{ s styles }

var huhStyles = func() *huh.Styles {
	s := huh.ThemeBase(false)
	s.Focused.Title = lipgloss.NewStyle().Bold(true)
	s.Focused.SelectedOption = lipgloss.NewStyle().Reverse(true)
	s.Focused.SelectSelector = lipgloss.NewStyle().SetString("> ")
	s.Focused.Base = lipgloss.NewStyle().PaddingLeft(2)
	s.Focused.Card = s.Focused.Base
	s.Blurred = s.Focused
	s.Blurred.Title = lipgloss.NewStyle()
	s.Blurred.SelectSelector = lipgloss.NewStyle().SetString("  ")
	return s
}()

func (plainTheme) Theme(bool) *huh.Styles { return huhStyles }

func (p *explainPage) title() string { return p.app.texts.ExplainTitle + " " + p.finding.Check }
func (p *explainPage) help() string  { return p.app.texts.HelpExplain }
func (p *explainPage) status() string {
	return ""
}

func (p *explainPage) size(w, h int) { p.w, p.h = w, h }
func (p *explainPage) refresh()      {}
func (p *explainPage) leave()        {}

func (p *explainPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc":
		p.app.pop()
		return nil
	case "ctrl+g":
		p.save()
		return nil
	}
	return p.message(k)
}

func (p *explainPage) paste(s string) tea.Cmd { return p.message(tea.PasteMsg{Content: s}) }

// message lets the form have keys and its own messages.
func (p *explainPage) message(msg tea.Msg) tea.Cmd {
	model, cmd := p.form.Update(msg)
	if form, ok := model.(*huh.Form); ok {
		p.form = form
	}
	if p.form.State == huh.StateCompleted {
		p.save()
		return nil
	}
	return cmd
}

func (p *explainPage) save() {
	text := strings.TrimSpace(p.text)
	if utf8.RuneCountInString(text) < survey.MinExplanation {
		p.app.say(p.app.texts.ExplainShort)
		p.build()
		return
	}
	err := p.app.desk.Explain(p.part, p.finding, p.reason, text)
	if p.app.stored(p.app.now(), err) {
		p.app.pop()
		p.app.say(p.app.texts.ExplainSaved)
	}
}

func (p *explainPage) view() string {
	lines := wrap(sign(p.finding)+" "+p.finding.Message, p.w, "  ")
	lines = append(lines, "")
	lines = append(lines, strings.Split(p.form.View(), "\n")...)
	return strings.Join(lines[:min(len(lines), max(p.h, 1))], "\n")
}

func (p *explainPage) cursor() (int, int, bool) { return 0, 0, false }
