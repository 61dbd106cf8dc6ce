package tui

import (
	"charm.land/lipgloss/v2"

	"rileva/internal/tui/grid"
)

// styles are the looks. Text keeps the terminal's own colours, so that it is
// readable on light and dark; weight, reverse and underline give structure,
// and the few colours are always beside a sign and a word.
type styles struct {
	ascii   bool
	Title   lipgloss.Style
	Head    lipgloss.Style
	Focus   lipgloss.Style // the line or option under the cursor
	Key     lipgloss.Style // help line
	Error   lipgloss.Style
	Warning lipgloss.Style
	Grid    grid.Styles
}

func newStyles(ascii bool) styles {
	bold := lipgloss.NewStyle().Bold(true)
	red := lipgloss.NewStyle().Bold(true).Foreground(lipgloss.Red)
	s := styles{
		ascii:   ascii,
		Title:   bold.Reverse(true),
		Head:    bold,
		Focus:   lipgloss.NewStyle().Reverse(true),
		Key:     lipgloss.NewStyle(),
		Error:   red,
		Warning: bold.Foreground(lipgloss.Magenta),
	}
	s.Grid = grid.Styles{
		ActiveLabel: bold, Head: bold, ActiveHead: bold.Underline(true), Active: s.Focus, Edit: s.Focus.Bold(true),
		Error: red, Warning: s.Warning, Total: bold, Scroll: bold,
	}
	return s
}

// rule is a line across the screen.
func (s styles) rule(w int) string {
	r := '─'
	if s.ascii {
		r = '-'
	}
	out := make([]rune, max(w, 0))
	for i := range out {
		out[i] = r
	}
	return string(out)
}

// dots ends a text that was cut.
func (s styles) dots() string {
	if s.ascii {
		return "..."
	}
	return "…"
}
