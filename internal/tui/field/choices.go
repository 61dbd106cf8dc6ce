package field

import (
	"strconv"
	"strings"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/pkg/survey"
)

func itoa(n int) string { return strconv.Itoa(n) }

// choice is one option of a few; nothing is chosen until the person chooses.
type choice struct {
	look    Look
	options []survey.Option
	chosen  string
	at      int
}

func (f *choice) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "left":
		if f.at == 0 {
			return false
		}
		f.at--
	case "down", "right":
		if f.at == len(f.options)-1 {
			return false
		}
		f.at++
	case "space":
		f.chosen = f.options[f.at].ID
	case "delete", "backspace":
		f.chosen = ""
	default:
		return f.byDigit(k)
	}
	return true
}

func (f *choice) byDigit(k tea.KeyPressMsg) bool {
	i, ok := digitOf(k, len(f.options))
	if ok {
		f.at, f.chosen = i, f.options[i].ID
	}
	return ok
}

// digitOf reads 1 to 9 as the first to the ninth option.
func digitOf(k tea.KeyPressMsg, n int) (int, bool) {
	d := byte(0)
	if len(k.Text) == 1 {
		d = k.Text[0]
	}
	if kp, ok := keypadDigit(k); ok {
		d = kp
	}
	i := int(d) - '1'
	return i, i >= 0 && i < n && i < 9
}

func (f *choice) Paste(string) {}

func (f *choice) Value() any {
	if f.chosen == "" {
		return nil
	}
	return f.chosen
}

func (f *choice) Set(value any) {
	f.chosen, _ = value.(string)
	for i, o := range f.options {
		if o.ID == f.chosen {
			f.at = i
		}
	}
}

func (f *choice) Lines(w int, focused bool) []string {
	return optionLines(f.look, f.options, f.at, focused, w, "(x)", "( )", func(id string) bool { return id == f.chosen })
}

func optionLines(look Look, options []survey.Option, at int, focused bool, w int, on, off string, chosen func(string) bool) []string {
	var out []string
	for i, o := range options {
		mark := off
		if chosen(o.ID) {
			mark = on
		}
		key := "  "
		if i < 9 {
			key = itoa(i+1) + " "
		}
		text := ansi.Truncate(mark+" "+key+o.Label.In(look.Lang), w, "")
		if focused && i == at {
			text = look.Chosen.Render(text)
		}
		if focused || chosen(o.ID) {
			out = append(out, text)
		}
	}
	if len(out) == 0 {
		out = []string{off}
	}
	return out
}

func (f *choice) Cursor() (int, int, bool) { return 1, f.at, true }
func (f *choice) Hint() string             { return f.look.Words.HintChoice }

// multi is several options; an exclusive one takes the others away.
type multi struct {
	look    Look
	options []survey.Option
	on      map[string]bool
	at      int
}

func (f *multi) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "left":
		if f.at == 0 {
			return false
		}
		f.at--
	case "down", "right":
		if f.at == len(f.options)-1 {
			return false
		}
		f.at++
	case "space":
		f.toggle(f.at)
	case "delete", "backspace":
		f.on = map[string]bool{}
	default:
		i, ok := digitOf(k, len(f.options))
		if ok {
			f.at = i
			f.toggle(i)
		}
		return ok
	}
	return true
}

func (f *multi) toggle(i int) {
	o := f.options[i]
	now := !f.on[o.ID]
	if now {
		for _, other := range f.options {
			if o.Exclusive || other.Exclusive {
				delete(f.on, other.ID)
			}
		}
	}
	f.on[o.ID] = now
}

func (f *multi) Paste(string) {}

func (f *multi) Value() any {
	var out []string
	for _, o := range f.options {
		if f.on[o.ID] {
			out = append(out, o.ID)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func (f *multi) Set(value any) {
	f.on = map[string]bool{}
	list, _ := value.([]string)
	for _, id := range list {
		f.on[id] = true
	}
}

func (f *multi) Lines(w int, focused bool) []string {
	return optionLines(f.look, f.options, f.at, focused, w, "[x]", "[ ]", func(id string) bool { return f.on[id] })
}

func (f *multi) Cursor() (int, int, bool) { return 1, f.at, true }
func (f *multi) Hint() string             { return f.look.Words.HintMulti }

// lookup is one entry of a long list, found by typing a part of it.
type lookup struct {
	line
	entries []string
	at      int
}

const lookupRows = 5 // suggestions shown at once

func newLookup(v *survey.Variable, look Look) *lookup {
	return &lookup{line: line{look: look, in: newInput(80)}, entries: v.List}
}

func (f *lookup) matches() []string {
	typed := Fold(f.in.Value())
	var first, then []string
	for _, e := range f.entries {
		switch folded := Fold(e); {
		case typed == "" || folded == typed:
			first = append(first, e)
		case strings.HasPrefix(folded, typed):
			first = append(first, e)
		case strings.Contains(folded, typed):
			then = append(then, e)
		}
	}
	return append(first, then...)
}

// Fold makes search blind to case, accents and apostrophes.
func Fold(s string) string {
	return strings.NewReplacer("à", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u", "'", "", "’", "").
		Replace(strings.ToLower(strings.TrimSpace(s)))
}

func (f *lookup) Key(k tea.KeyPressMsg) bool {
	found := f.matches()
	switch k.String() {
	case "down":
		if f.chosen() || f.at >= len(found)-1 {
			return false
		}
		f.at++
		return true
	case "up":
		if f.chosen() || f.at == 0 {
			return false
		}
		f.at--
		return true
	case "enter", "tab":
		// What was typed in part is completed; then the page moves on.
		if typed := strings.TrimSpace(f.in.Value()); typed != "" && !f.chosen() && f.at < len(found) {
			f.Set(found[f.at])
		}
		return false
	}
	f.at = 0
	return f.line.Key(k)
}

func (f *lookup) chosen() bool {
	for _, e := range f.entries {
		if e == f.in.Value() {
			return true
		}
	}
	return false
}

func (f *lookup) Lines(w int, focused bool) []string {
	out := f.line.Lines(min(w, 50), focused)
	if !focused || f.chosen() {
		return out
	}
	found := f.matches()
	if len(found) == 0 {
		return append(out, "  "+f.look.Words.NoMatch)
	}
	from := max(0, min(f.at-lookupRows/2, len(found)-lookupRows))
	for i := from; i < min(from+lookupRows, len(found)); i++ {
		text := "  " + found[i]
		if i == f.at {
			text = f.look.Chosen.Render("> " + found[i])
		}
		out = append(out, text)
	}
	return out
}

func (f *lookup) Hint() string { return f.look.Words.HintLookup }
