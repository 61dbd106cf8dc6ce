package tui

import (
	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
)

// settingsPage changes how the form looks and speaks, on this device.
type settingsPage struct {
	listing
}

func newSettings(a *App) *settingsPage {
	p := &settingsPage{listing{app: a}}
	p.refresh()
	return p
}

func (p *settingsPage) title() string { return p.app.texts.More.SettingsTitle }
func (p *settingsPage) help() string  { return p.app.texts.More.HelpSettings }
func (p *settingsPage) about() string { return p.app.texts.More.AboutSettings }

func (p *settingsPage) refresh() {
	m, l := p.app.texts.More, p.app.looks
	pick := func(on bool, yes, no string) string {
		if on {
			return yes
		}
		return no
	}
	other := pick(p.app.texts.lang == "en", "it", "en")
	p.rows = []listRow{
		p.choice(m.Language, m.LanguageName, other, func(*desk.Looks) {}),
		p.choice(m.Colours, pick(l.NoColour, m.ColoursOff, m.ColoursOn), "", func(l *desk.Looks) { l.NoColour = !l.NoColour }),
		p.choice(m.Letters, pick(l.ASCII, m.LettersASCII, m.LettersAll), "", func(l *desk.Looks) { l.ASCII = !l.ASCII }),
		p.choice(m.Heartbeat, pick(l.NoHeartbeat, m.HeartbeatOff, m.HeartbeatOn), "", func(l *desk.Looks) { l.NoHeartbeat = !l.NoHeartbeat }),
	}
	p.rows[3].more = []string{m.HeartbeatWhy}
}

// choice is one setting; lang is the language to change to, "" to keep it.
func (p *settingsPage) choice(name, now, lang string, change func(*desk.Looks)) listRow {
	return listRow{text: name, note: now, open: func() tea.Cmd {
		looks := p.app.looks
		change(&looks)
		if lang == "" {
			lang = p.app.texts.lang
		}
		p.app.prefer(lang, looks, p.at)
		return nil
	}}
}

func (p *settingsPage) key(k tea.KeyPressMsg) tea.Cmd {
	if k.String() == "space" {
		return p.openCurrent()
	}
	cmd, _ := p.move(k)
	return cmd
}

// prefer remembers language and looks and draws everything anew with them: the
// pages hold words and styles of their own.
func (a *App) prefer(lang string, looks desk.Looks, at int) {
	if err := a.desk.Prefer(lang, looks); err != nil {
		a.failed(err)
		return
	}
	a.texts, a.looks = in(lang), looks
	a.styles = newStyles(looks, a.ground)
	settings := newSettings(a)
	settings.at = at
	a.pages = []page{newHome(a), settings}
	a.layout()
	a.say(a.texts.More.SettingsSaved)
}
