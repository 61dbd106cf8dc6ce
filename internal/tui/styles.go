package tui

import (
	"image/color"
	"math"

	"charm.land/lipgloss/v2"

	"rileva/internal/desk"
	"rileva/internal/tui/grid"
)

// styles are the looks. Text keeps the terminal's own colours, so that it is
// readable on light and dark; weight, reverse and underline give structure,
// and the two colours are always beside a sign and a word.
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

// The colours, on dark and on light. They are of the 256 that look alike on all
// terminals; where there are 16 the program takes the nearest.
var (
	errorColours   = [2]color.Color{lipgloss.Color("#ff8787"), lipgloss.Color("#af0000")}
	warningColours = [2]color.Color{lipgloss.Color("#ffd75f"), lipgloss.Color("#5f00af")}
)

// minContrast is what WCAG asks of text.
const minContrast = 4.5

// newStyles makes the looks for a terminal with that background, nil while it
// is not known: then there are no colours, since any could be unreadable.
func newStyles(looks desk.Looks, ground color.Color) styles {
	if looks.NoColour {
		ground = nil
	}
	bold := lipgloss.NewStyle().Bold(true)
	focus := lipgloss.NewStyle().Reverse(true)
	red, amber := tinted(bold, errorColours, ground), tinted(bold, warningColours, ground)
	return styles{
		ascii: looks.ASCII, Title: bold.Reverse(true), Head: bold, Focus: focus, Key: lipgloss.NewStyle(), Error: red, Warning: amber,
		Grid: grid.Styles{
			ActiveLabel: bold, Head: bold, ActiveHead: bold.Underline(true), Active: focus, Edit: focus.Bold(true),
			Error: red, Warning: amber, Total: bold, Scroll: bold,
		},
	}
}

// tinted gives the style the first of the colours that can be read on the
// ground, and none when neither can.
func tinted(s lipgloss.Style, colours [2]color.Color, ground color.Color) lipgloss.Style {
	if ground == nil {
		return s
	}
	for _, c := range colours {
		if contrast(c, ground) >= minContrast {
			return s.Foreground(c)
		}
	}
	return s
}

// contrast is the ratio of WCAG 2.1, from 1 to 21.
func contrast(a, b color.Color) float64 {
	la, lb := luminance(a), luminance(b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(c color.Color) float64 {
	r, g, b, _ := c.RGBA()
	linear := func(v uint32) float64 {
		x := float64(v) / 0xffff
		if x <= 0.04045 {
			return x / 12.92
		}
		return math.Pow((x+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
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
