package tui

import (
	"fmt"
	"strings"

	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/tui/field"
	surveysync "rileva/pkg/sync"
)

func (a *App) layout() {
	for _, p := range a.pages {
		p.size(a.bodyWidth(), max(a.h-4, 1))
	}
}

func (a *App) tooSmall() bool { return a.w < minWidth || a.h < minHeight }

func (a *App) bodyWidth() int { return min(a.w, maxWidth) }

func (a *App) look() field.Look {
	return field.Look{Chosen: a.styles.Focus, ASCII: a.styles.ascii, Lang: a.texts.lang, Words: a.texts.Fields}
}

// View draws header, body, status line and help line.
func (a *App) View() tea.View {
	var v tea.View
	v.AltScreen = true
	v.WindowTitle = "Rileva"
	if a.tooSmall() {
		lines := wrap(fmt.Sprintf(a.texts.TooSmall, a.w, a.h), a.w, "")
		for i := range lines {
			lines[i] = ansi.Truncate(lines[i], a.w, "")
		}
		v.Content = strings.Join(lines[:min(len(lines), a.h)], "\n")
		return v
	}
	w := a.bodyWidth()
	body := strings.Split(a.top().view(), "\n")
	lines := []string{a.header(w), a.styles.rule(w)}
	for i := range a.h - 4 {
		if i < len(body) {
			lines = append(lines, ansi.Truncate(body[i], w, ""))
		} else {
			lines = append(lines, "")
		}
	}
	status, keys := a.statusLine(w), ansi.Truncate(a.top().help(), w, a.styles.dots())
	if said := wrap(a.toast, w, ""); len(said) > 1 && a.unsaved == "" { // until the next key
		status, keys = said[0], ansi.Truncate(strings.Join(said[1:], " "), w, a.styles.dots())
	}
	lines = append(lines, status, a.styles.Key.Render(keys))
	v.Content = strings.Join(lines, "\n")
	if x, y, ok := a.top().cursor(); ok && y >= 0 && y < a.h-4 && x >= 0 && x < w {
		v.Cursor = tea.NewCursor(x, y+2)
		v.Cursor.Blink = false
	}
	return v
}

// header names the school, the school year and the page. The school's name gives
// way first: it stands in the code, and another year's return looks the same.
func (a *App) header(w int) string {
	left, year := " Rileva", ""
	if account, ok := a.desk.Account(); ok {
		left += "  " + account.Code + "  " + surveysync.Visible(account.Name)
		year = a.year
	}
	if year != "" {
		year = "  " + year
	}
	right := a.top().title() + " "
	room := w - ansi.StringWidth(right) - ansi.StringWidth(year) - 1
	left = ansi.Truncate(left, max(room, 0), a.styles.dots()) + year
	gap := max(w-ansi.StringWidth(left)-ansi.StringWidth(right), 0)
	return a.styles.Title.Render(ansi.Truncate(left+strings.Repeat(" ", gap)+right, w, a.styles.dots()))
}

// statusLine says what was just done, or where the person is; at the right
// whether everything is saved and sent. A sentence that was just said goes
// before the network and, until the next key, before the hour of saving; never
// before what is not saved.
func (a *App) statusLine(w int) string {
	saved, net := a.safety()
	right, style := saved, lipgloss.NewStyle()
	if net != "" {
		right += " - " + net
	}
	left, dots := a.toast, a.styles.dots()
	switch wide := ansi.StringWidth(left); {
	case a.unsaved != "":
		style = a.styles.Error
	case left == "":
		left = a.top().status()
	case wide+2+ansi.StringWidth(saved) > w:
		right = ""
	case wide+2+ansi.StringWidth(right) > w:
		right = saved
	}
	right = ansi.Truncate(right, w, dots)
	left = ansi.Truncate(left, max(w-ansi.StringWidth(right)-min(2, ansi.StringWidth(right)), 0), dots)
	gap := w - ansi.StringWidth(left) - ansi.StringWidth(right)
	return left + strings.Repeat(" ", max(gap, 0)) + style.Render(right)
}

// safety says whether the answers are on the disk, and where the sending is.
func (a *App) safety() (saved, net string) {
	t := a.texts
	if a.unsaved != "" {
		return fmt.Sprintf(t.NotSaved, a.unsaved), ""
	}
	saved = t.NothingToSave
	if _, ok := a.desk.Account(); !ok {
		saved = "" // nothing is saved before signing in
	}
	if a.pending() {
		return t.Typing, ""
	}
	if !a.saved.IsZero() {
		saved = fmt.Sprintf(t.SavedAt, a.saved.Local().Format("15:04:05"))
	}
	switch n := a.desk.Unsent(); {
	case a.alarm:
		net = t.Link.AlarmBar
	case a.syncing && n > 0:
		net = t.Sending
	case a.syncing:
		net = t.Connecting
	case n > 0 && a.net != "":
		net = fmt.Sprintf(t.Unsent, n) + ", " + a.net
	case n > 0:
		net = fmt.Sprintf(t.Unsent, n)
	default:
		net = a.net
	}
	return saved, net
}
