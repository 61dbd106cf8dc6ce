package tui

import (
	"context"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
)

// entryPage is a few lines to type: sign-in and the change of password.
type entryPage struct {
	app    *App
	name   string
	intro  []string
	labels []string
	inputs []textinput.Model
	at     int
	said   []string
	busy   string
	submit func() tea.Cmd
	w, h   int
	top    int
	cx, cy int
}

type entryDone struct {
	err   error
	after func()
}

func newEntry(a *App, name string, intro []string, labels ...string) *entryPage {
	p := &entryPage{app: a, name: name, intro: intro, labels: labels}
	for range labels {
		in := textinput.New()
		in.Prompt = ""
		in.CharLimit = 200
		in.SetVirtualCursor(false)
		in.SetStyles(textinput.Styles{})
		p.inputs = append(p.inputs, in)
	}
	p.inputs[0].Focus()
	return p
}

// newSignIn asks for server, code and password.
func newSignIn(a *App) *entryPage {
	t := a.texts
	p := newEntry(a, t.SignInTitle, []string{t.SignInIntro, t.SignInParitarie}, t.Server, t.Code, t.Password)
	secret(&p.inputs[2])
	p.inputs[0].SetValue(a.desk.Server())
	p.inputs[1].SetValue(a.desk.LastCode())
	if a.desk.Server() != "" {
		p.focus(1)
	}
	if p.inputs[1].Value() != "" {
		p.focus(2)
	}
	p.submit = func() tea.Cmd {
		server, code, password := p.value(0), p.value(1), p.inputs[2].Value()
		p.busy = t.SigningIn
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			account, err := a.desk.SignIn(ctx, server, code, password)
			return entryDone{err, func() {
				if account.MustChange {
					a.pages = []page{newPassword(a, password)}
					a.layout()
					return
				}
				a.home()
			}}
		}
	}
	return p
}

// newPassword asks for a new password; current is known right after sign-in
// and asked otherwise.
func newPassword(a *App, current string) *entryPage {
	t := a.texts
	labels := []string{t.NewPassword, t.Again}
	if current == "" {
		labels = append([]string{t.Password}, labels...)
	}
	p := newEntry(a, t.PasswordTitle, []string{t.PasswordIntro}, labels...)
	for i := range p.inputs {
		secret(&p.inputs[i])
	}
	p.submit = func() tea.Cmd {
		n := len(p.inputs)
		was, next := current, p.inputs[n-2].Value()
		if was == "" {
			was = p.inputs[0].Value()
		}
		if next != p.inputs[n-1].Value() {
			p.said = []string{t.PasswordsDiffer}
			return nil
		}
		p.busy = t.SigningIn
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err := a.desk.ChangePassword(ctx, was, next)
			return entryDone{err, func() { a.home(); a.say(t.PasswordChanged) }}
		}
	}
	return p
}

func secret(in *textinput.Model) {
	in.EchoMode = textinput.EchoPassword
	in.EchoCharacter = '*'
}

func (p *entryPage) value(i int) string { return strings.TrimSpace(p.inputs[i].Value()) }

func (p *entryPage) focus(i int) {
	p.inputs[p.at].Blur()
	p.at = i
	p.inputs[i].Focus()
}

func (p *entryPage) title() string  { return p.name }
func (p *entryPage) help() string   { return p.app.texts.HelpSignIn }
func (p *entryPage) status() string { return p.busy }
func (p *entryPage) size(w, h int)  { p.w, p.h = w, h }
func (p *entryPage) refresh()       {}
func (p *entryPage) leave() bool    { return true }

func (p *entryPage) paste(s string) tea.Cmd {
	p.inputs[p.at], _ = p.inputs[p.at].Update(tea.PasteMsg{Content: strings.TrimSpace(s)})
	return nil
}

func (p *entryPage) key(k tea.KeyPressMsg) tea.Cmd {
	if p.busy != "" {
		return nil // the answer is on its way
	}
	switch k.String() {
	case "tab", "down":
		p.focus((p.at + 1) % len(p.inputs))
	case "shift+tab", "up":
		p.focus((p.at + len(p.inputs) - 1) % len(p.inputs))
	case "enter":
		if p.at < len(p.inputs)-1 {
			p.focus(p.at + 1)
			return nil
		}
		p.said = nil
		return p.submit()
	default:
		p.inputs[p.at], _ = p.inputs[p.at].Update(k)
	}
	return nil
}

// message takes the outcome of the call.
func (p *entryPage) message(msg tea.Msg) tea.Cmd {
	done, ok := msg.(entryDone)
	if !ok {
		return nil
	}
	p.busy = ""
	if done.err != nil {
		p.said = append([]string{desk.Sentence(done.err, p.app.texts.lang)}, desk.Hint(done.err, p.app.texts.lang))
		return nil
	}
	done.after()
	return p.app.sync(true)
}

func (p *entryPage) view() string {
	const width = 50
	var lines []string
	for _, s := range p.intro {
		lines = append(lines, wrap(s, p.w, "")...)
	}
	for _, s := range p.said {
		if s != "" {
			lines = append(lines, wrap("! "+s, p.w, "  ")...)
		}
	}
	lines = append(lines, "")
	first := 0
	for i, in := range p.inputs {
		text, x := field.Window(in, width)
		mark := "  "
		if i == p.at {
			mark, first = "> ", len(lines)
			p.cx, p.cy = x+5, len(lines)+1
		}
		lines = append(lines, mark+p.labels[i],
			"    ["+text+strings.Repeat("_", max(0, width-ansi.StringWidth(text)))+"]", "")
	}
	if by := p.app.desk.DueSentence(p.app.texts.lang); by != "" {
		lines = append(lines, by)
	}
	p.top = scroll(p.top, first, first+1, p.h, len(lines))
	p.cy -= p.top
	return strings.Join(lines[p.top:min(p.top+p.h, len(lines))], "\n")
}

func (p *entryPage) cursor() (int, int, bool) { return p.cx, p.cy, true }
