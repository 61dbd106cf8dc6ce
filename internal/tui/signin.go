package tui

import (
	"context"
	"errors"
	"strings"
	"time"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	surveysync "rileva/pkg/sync"
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
	fault  int // the input that said is about, -1 for none of them
	busy   string
	submit func() tea.Cmd
	w, h   int
	top    int
	cx, cy int
}

// entryDone is the outcome of a call. It knows its page, which by then may have
// another over it.
type entryDone struct {
	page  *entryPage
	err   error
	after func()
}

func newEntry(a *App, name string, intro []string, labels ...string) *entryPage {
	p := &entryPage{app: a, name: name, intro: intro, labels: labels, fault: -1}
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
		for i, missing := range []string{t.More.NoServer, t.More.NoCode, t.More.NoPassword} {
			if p.value(i) == "" {
				p.say(i, missing)
				return nil
			}
		}
		p.busy = t.SigningIn
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			account, err := a.desk.SignIn(ctx, server, code, password)
			return entryDone{p, err, func() {
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
			p.say(n-1, t.PasswordsDiffer)
			return nil
		}
		p.busy = t.SigningIn
		return func() tea.Msg {
			ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
			defer cancel()
			err := a.desk.ChangePassword(ctx, was, next)
			return entryDone{p, err, func() { a.home(); a.say(t.PasswordChanged) }}
		}
	}
	return p
}

// say puts a sentence at one of the inputs and goes there; -1 for all of them.
func (p *entryPage) say(at int, said ...string) {
	p.said, p.fault = said, at
	if at >= 0 {
		p.focus(at)
	}
}

// faultOf is the input that an error of signing in, or of changing the
// password, is about.
func (p *entryPage) faultOf(err error) int {
	last := len(p.inputs) - 1
	switch desk.CodeOf(err) {
	case "use_first_code":
		return 1
	case "no_server", "bad_server", "plain_http":
		return 0
	case "unauthorized":
		return last
	case "wrong_password":
		return 0
	case "invalid", "weak_password":
		return max(last-1, 0)
	}
	return -1
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
	case "esc":
		p.app.pop()
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

// done takes the outcome of the call.
func (p *entryPage) done(done entryDone) tea.Cmd {
	p.busy = ""
	if done.err != nil {
		lang := p.app.texts.lang
		p.say(p.faultOf(done.err), desk.Sentence(done.err, lang), desk.Hint(done.err, lang))
		if net := (*surveysync.NetError)(nil); errors.As(done.err, &net) {
			p.said = append(p.said, p.app.texts.More.NoNetwork)
		}
		return nil
	}
	p.app.commit() // of the page that may stand over this one
	done.after()
	return p.app.sync(true)
}

func (p *entryPage) view() string {
	const width = 50
	var lines []string
	for _, s := range p.intro {
		lines = append(lines, wrap(s, p.w, "")...)
	}
	said := func(at int, indent string) {
		if at != p.fault {
			return
		}
		for _, s := range p.said {
			if s != "" {
				for _, l := range wrap(indent+"! "+s, p.w, indent+"  ") {
					lines = append(lines, p.app.styles.Error.Render(l))
				}
			}
		}
	}
	said(-1, "")
	lines = append(lines, "")
	first, last := 0, 0
	for i, in := range p.inputs {
		text, x := field.Window(in, width)
		mark := "  "
		if i == p.at {
			mark, first = "> ", len(lines)
			p.cx, p.cy = x+5, len(lines)+1
		}
		lines = append(lines, mark+p.labels[i],
			"    ["+text+strings.Repeat("_", max(0, width-ansi.StringWidth(text)))+"]")
		said(i, "    ")
		if i == p.at {
			last = len(lines) - 1
		}
		lines = append(lines, "")
	}
	lines = append(lines, p.office()...)
	p.top = scroll(p.top, first, last, p.h, len(lines))
	p.cy -= p.top
	return strings.Join(lines[p.top:min(p.top+p.h, len(lines))], "\n")
}

// office says who asks, on what legal basis, until when and whom to call, as far
// as the server has told this computer before.
func (p *entryPage) office() []string {
	t := p.app.texts
	s, now, ok := p.app.desk.KnownSurvey()
	if !ok {
		return nil
	}
	var lines []string
	for _, text := range []string{s.Office.In(t.lang), s.LegalBasis.In(t.lang), t.deadline(s, now), s.Contact.In(t.lang)} {
		if text != "" {
			lines = append(lines, wrap(text, p.w, "")...)
		}
	}
	return lines
}

func (p *entryPage) about() string { return p.app.texts.More.AboutSignIn }

func (p *entryPage) cursor() (int, int, bool) { return p.cx, p.cy, true }
