package field

import (
	"encoding/json"
	"testing"

	tea "charm.land/bubbletea/v2"

	"rileva/pkg/survey"
)

// TestDecimalsAndDates: typed in the locale's form, kept in the answer's.
func TestDecimalsAndDates(t *testing.T) {
	for _, c := range []struct {
		kind  survey.Type
		typed string
		want  any
		shown string
	}{
		{survey.TypeDecimal, "12,5", json.Number("12.5"), "12,5"},
		{survey.TypeDecimal, "x12.50y", json.Number("12.50"), "12,50"}, // letters do nothing
		{survey.TypeDecimal, "12", 12, "12"},
		{survey.TypeDecimal, "1,2,3", "1,2,3", "1,2,3"}, // for the check to say so
		{survey.TypeDecimal, "", nil, ""},
		{survey.TypeDate, "20/12/2023", "2023-12-20", "20/12/2023"},
		{survey.TypeDate, "1.9.2022", "2022-09-01", "01/09/2022"},
		{survey.TypeDate, "2023-12-20", "2023-12-20", "20/12/2023"},
		{survey.TypeDate, "31/02/2023", "31/02/2023", "31/02/2023"},
	} {
		v := &survey.Variable{ID: "v", Type: c.kind}
		f := New(v, Look{Lang: "it"})
		for _, r := range c.typed {
			f.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
		}
		if got := f.Value(); got != c.want {
			t.Errorf("%s %q: %v, want %v", c.kind, c.typed, got, c.want)
		}
		g := New(v, Look{Lang: "it"})
		g.Set(c.want)
		if shown := g.(*line).in.Value(); shown != c.shown || g.Value() != c.want {
			t.Errorf("%s %v shows %q and gives %v", c.kind, c.want, shown, g.Value())
		}
	}
}
