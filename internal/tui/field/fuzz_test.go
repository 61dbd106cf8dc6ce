package field

import (
	"maps"
	"slices"
	"testing"
	"unicode"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
)

// FuzzKeys types and pastes what a terminal may send into a field of every
// type: what it shows stays inside its width and holds nothing that a terminal
// acts upon but the styles.
func FuzzKeys(f *testing.F) {
	for i, s := range []string{"12\t", "perché no\x7f\x7f", "\x1b[2J\x1b]0;t\a", "\u202eoid\u200b\u009b31m", "1.000,5\r\n", "sì", "=1+1\x00", "\xff\xc3", "漢字é\u0301"} {
		f.Add(uint8(i), s, i%2 == 0)
	}
	types := slices.Sorted(maps.Keys(kinds))
	f.Fuzz(func(t *testing.T, kind uint8, text string, paste bool) {
		name := types[int(kind)%len(types)]
		v := New(kinds[name], look)
		if paste {
			v.Paste(text)
		} else {
			for _, r := range text {
				k := tea.KeyPressMsg{Code: r, Text: string(r)}
				if unicode.IsControl(r) {
					k.Text = ""
				}
				v.Key(k)
			}
		}
		v.Value()
		for _, line := range v.Lines(40, true) {
			if ansi.StringWidth(line) > 40 {
				t.Fatalf("%s: %q is wider than 40", name, line)
			}
			for _, r := range ansi.Strip(line) {
				if unicode.IsControl(r) {
					t.Fatalf("%s: %q is on the screen in %q", name, r, line)
				}
			}
		}
	})
}
