package tui

import (
	"fmt"
	"strings"
	"unicode/utf8"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

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
	choice  *huh.Select[string]
	reasons []survey.Option
	reason  string // "" until one is chosen
	text    string
	was     [2]string // as the disk has it
	w, h    int
	cy      int
}

func newExplain(a *App, part string, f survey.Finding) *explainPage {
	p := &explainPage{app: a, part: part, finding: f, reasons: a.desk.Reasons(), w: a.bodyWidth(), h: a.h - 4}
	if e, ok := a.desk.Explanation(part, f.Check); ok {
		p.reason, p.text = e.Reason, e.Text
	}
	if e, ok := a.desk.HalfExplained(part, f.Check); ok { // newer than what was saved
		p.reason, p.text = e.Reason, e.Text
	}
	p.was = [2]string{p.reason, p.text}
	p.build()
	return p
}

func (p *explainPage) build() {
	t := p.app.texts
	// huh takes the first option for chosen before anybody has touched it: so
	// the first one is that there is none.
	options := []huh.Option[string]{huh.NewOption(t.ExplainChoose, "")}
	for i, r := range p.reasons {
		options = append(options, huh.NewOption(fmt.Sprintf("%d %s", i+1, r.Label.In(t.lang)), r.ID))
	}
	p.choice = huh.NewSelect[string]().Title(t.ExplainReason).Options(options...).Value(&p.reason).Height(len(options) + 1)
	// No validation inside the fields: huh v2.0.3 swallows every key after
	// Shift+Tab from an invalid one (huh#650). What is missing is said after.
	p.form = huh.NewForm(huh.NewGroup(p.choice,
		huh.NewText().Title(t.ExplainText).Value(&p.text).Lines(3).ExternalEditor(false).CharLimit(1000),
	)).WithShowHelp(false).WithShowErrors(false).WithTheme(plainTheme{p.app.styles}).WithKeyMap(explainKeys()).WithWidth(min(p.w, 78))
	p.form.Init()
}

// explainKeys are huh's without the letters that it moves and searches by.
func explainKeys() *huh.KeyMap {
	keys := huh.NewDefaultKeyMap()
	keys.Select.Up.SetKeys("up")
	keys.Select.Down.SetKeys("down")
	keys.Select.GotoTop.SetKeys("home")
	keys.Select.GotoBottom.SetKeys("end")
	keys.Select.Filter.SetEnabled(false)
	keys.Text.NewLine.SetKeys("ctrl+o")
	return keys
}

// plainTheme gives huh our looks, made once: huh asks for them at every frame.
type plainTheme struct{ s styles }

var huhStyles = func() *huh.Styles {
	s := huh.ThemeBase(false)
	s.Focused.Title = lipgloss.NewStyle().Bold(true)
	s.Focused.SelectedOption = lipgloss.NewStyle().Reverse(true)
	s.Focused.SelectSelector = lipgloss.NewStyle().SetString("> ")
	// A line of bars beside what has the focus, which bold alone would not tell.
	s.Focused.Base = lipgloss.NewStyle().Border(lipgloss.Border{Left: "|"}, false, false, false, true).PaddingLeft(1)
	s.Focused.Card = s.Focused.Base
	s.Blurred = s.Focused
	s.Blurred.Base = lipgloss.NewStyle().PaddingLeft(2)
	s.Blurred.Card = s.Blurred.Base
	s.Blurred.Title = lipgloss.NewStyle()
	return s
}()

func (plainTheme) Theme(bool) *huh.Styles { return huhStyles }

func (p *explainPage) title() string { return p.app.texts.ExplainTitle + " " + p.finding.Check }
func (p *explainPage) help() string  { return p.app.texts.HelpExplain }
func (p *explainPage) status() string {
	return ""
}

func (p *explainPage) size(w, h int) {
	p.w, p.h = w, h
	p.form = p.form.WithWidth(min(w, 78))
}

func (p *explainPage) refresh() {}

// typing tells whether something is written that is not on the disk.
func (p *explainPage) typing() bool { return p.was != [2]string{p.reason, p.text} }

// rest keeps what is written as half an explanation: only Ctrl+G, or Enter at
// the end, says that it is whole.
func (p *explainPage) rest() bool {
	err := p.app.desk.KeepHalf(p.part, p.finding.Check, &survey.Explanation{Reason: p.reason, Text: p.text})
	if !p.app.stored(p.app.now(), err) {
		return false
	}
	p.was = [2]string{p.reason, p.text}
	return true
}

// leave keeps it too; coming back shows it again.
func (p *explainPage) leave() bool {
	if !p.typing() {
		return true
	}
	if !p.rest() {
		return false
	}
	p.app.say(p.app.texts.More.HalfKept)
	return true
}

func (p *explainPage) unsaved() string { return p.finding.Check + ": " + p.text }

func (p *explainPage) about() string { return p.app.texts.More.AboutExplain }

func (p *explainPage) key(k tea.KeyPressMsg) tea.Cmd {
	choosing := p.form.GetFocusedField() == huh.Field(p.choice)
	switch s := k.String(); {
	case s == "esc":
		p.app.pop()
		return nil
	case s == "ctrl+g":
		p.save()
		return nil
	case choosing && len(s) == 1 && s[0] >= '1' && int(s[0]-'1') < len(p.reasons):
		p.reason = p.reasons[s[0]-'1'].ID
		p.build()
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

// fault says what is missing, "" when the explanation can be saved.
func (p *explainPage) fault() string {
	switch {
	case p.reason == "":
		return p.app.texts.ExplainNoReason
	case utf8.RuneCountInString(strings.TrimSpace(p.text)) < survey.MinExplanation:
		return p.app.texts.ExplainShort
	}
	return ""
}

func (p *explainPage) save() {
	if fault := p.fault(); fault != "" {
		p.app.say(fault)
		p.build()
		if p.reason != "" { // what is missing are the words
			p.form.NextField()
		}
		return
	}
	if p.store() {
		p.app.pop()
		if name := survey.Pupil(p.text); name != "" {
			p.app.say(fmt.Sprintf(p.app.texts.ExplainPupil, name))
		} else {
			p.app.say(p.app.texts.ExplainSaved)
		}
	} else {
		p.build() // huh's form may have ended; the text is still here
	}
}

func (p *explainPage) store() bool {
	err := p.app.desk.Explain(p.part, p.finding, p.reason, strings.TrimSpace(p.text))
	if err == nil {
		err = p.app.desk.KeepHalf(p.part, p.finding.Check, nil)
	}
	if !p.app.stored(p.app.now(), err) {
		return false
	}
	p.was = [2]string{p.reason, p.text}
	return true
}

func (p *explainPage) view() string {
	lines := wrap(sign(p.finding)+" "+p.finding.Message, p.w, "  ")
	lines = append(lines, "")
	form := strings.Split(p.form.View(), "\n")
	// A low window shows the field in focus; the message gives way.
	first, last := len(form), 0
	for i, l := range form {
		if strings.HasPrefix(ansi.Strip(l), "|") {
			first, last = min(first, i), i
		}
	}
	at := len(lines)
	lines = append(lines, form...)
	top := scroll(0, min(at+first, len(lines)-1), at+last, p.h, len(lines))
	p.cy = at + first - top
	return strings.Join(lines[top:min(top+p.h, len(lines))], "\n")
}

// cursor stands before the field in focus: huh has none of its own.
func (p *explainPage) cursor() (int, int, bool) { return 0, p.cy, true }
