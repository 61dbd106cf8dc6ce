package tui

import (
	"testing"

	tea "charm.land/bubbletea/v2"

	"rileva/pkg/survey"
)

// BenchmarkKey is one key in the largest table (15 rows, five years, two
// sexes), with Update and View, as BenchmarkKey of stockhuh. Leaving a cell
// also writes it to the disk and judges the sheet again.
func BenchmarkKey(b *testing.B) {
	w := newWorld(b, "it").signed().filled(general, survey.TrackLiceale)
	digit, back := tea.KeyPressMsg{Code: '7', Text: "7"}, tea.KeyPressMsg{Code: tea.KeyBackspace}
	right, left := tea.KeyPressMsg{Code: tea.KeyRight}, tea.KeyPressMsg{Code: tea.KeyLeft}
	for _, bench := range []struct {
		name string
		keys []tea.KeyPressMsg
	}{
		{"typing", []tea.KeyPressMsg{digit, back}},
		{"moving", []tea.KeyPressMsg{left, right}},
		{"leaving", []tea.KeyPressMsg{digit, right, {Code: '8', Text: "8"}, left}},
	} {
		b.Run(bench.name, func(b *testing.B) {
			b.ReportAllocs()
			w.at(survey.TrackLiceale, "not_admitted_june_y3_f")
			for i := 0; b.Loop(); i++ {
				w.robot.Send(bench.keys[i%len(bench.keys)])
				_ = w.app.View()
			}
			w.sees("Non ammessi a giugno, ")
		})
	}
}
