package main

import (
	"testing"

	tea "charm.land/bubbletea/v2"
	"charm.land/huh/v2"

	"rileva/internal/tui/robot"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
)

// BenchmarkKey is one key in the largest table, with Update and View, as
// BenchmarkKey of internal/tui: with a group for each row, and with the whole
// table in one, as it stands on one page there.
func BenchmarkKey(b *testing.B) {
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		b.Fatal(err)
	}
	table, values := largest(q.Sheet(survey.TrackLiceale)), samples.For(samples.Institution())[survey.TrackLiceale]
	var all []huh.Field
	for _, row := range table.Rows {
		all = append(all, cells(row, values)...)
	}
	for name, groups := range map[string][]*huh.Group{
		"group=row": rows(table, values), "group=table": {huh.NewGroup(all...)},
	} {
		form := huh.NewForm(groups...)
		person := robot.New(80, 24)
		person.Open(host{form})
		keys := []tea.Msg{tea.KeyPressMsg{Code: '7', Text: "7"}, tea.KeyPressMsg{Code: tea.KeyBackspace}}
		b.Run(name+"/typing", func(b *testing.B) { press(b, person, form, keys) })
		keys = []tea.Msg{tea.KeyPressMsg{Code: tea.KeyTab}, tea.KeyPressMsg{Code: tea.KeyTab, Mod: tea.ModShift}}
		b.Run(name+"/moving", func(b *testing.B) { press(b, person, form, keys) })
	}
}

func press(b *testing.B, person *robot.Robot, form *huh.Form, keys []tea.Msg) {
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		person.Send(keys[i%len(keys)])
		_ = form.View()
	}
}

// host makes a program of a huh form.
type host struct{ *huh.Form }

func (h host) Update(msg tea.Msg) (tea.Model, tea.Cmd) {
	_, cmd := h.Form.Update(msg)
	return h, cmd
}

func (h host) View() tea.View { return tea.NewView(h.Form.View()) }
