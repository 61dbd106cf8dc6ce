// Package field holds the inputs of single questions. Each knows one type of
// answer, keeps "not answered" apart from zero, from "No" and from an empty
// text, and shows the terminal's own cursor where the person types.
//
// A field draws its input only; the label, the help and the findings around it
// belong to the page. Start reading at [Field].
package field

import (
	"strings"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/pkg/survey"
)

// Field is the input of one question.
type Field interface {
	// Key handles a key; it is false when the page is to handle it (movement).
	Key(k tea.KeyPressMsg) bool
	Paste(s string)
	// Value gives the answer, nil when there is none. A text that is not a
	// number stays a string, so that the check can say so.
	Value() any
	Set(value any)
	// Lines draws the input, at most w wide.
	Lines(w int, focused bool) []string
	// Cursor is where the terminal's cursor stands in Lines.
	Cursor() (x, y int, ok bool)
	// Hint is what the keys do here, for the help line.
	Hint() string
}

// Look is what a field needs to draw and to say.
type Look struct {
	Chosen lipgloss.Style // the option under the cursor
	ASCII  bool
	Lang   string
	Words  Words
}

// Words are the few words that fields show.
type Words struct {
	Yes, No                               string
	HintText, HintNumber, HintYesNo       string
	HintChoice, HintMulti, HintList       string
	HintArea, HintLookup, NoMatch, OneRow string
	YesKeys, NoKeys                       string // letters that answer
}

// New makes the input of v.
func New(v *survey.Variable, look Look) Field {
	switch v.Type {
	case survey.TypeYesNo, survey.TypeDeclaration:
		return &yesNo{look: look}
	case survey.TypeChoice:
		if v.List != nil {
			return newLookup(v, look)
		}
		return &choice{look: look, options: v.Options}
	case survey.TypeMulti:
		return &multi{look: look, options: v.Options, on: map[string]bool{}}
	case survey.TypeTextList, survey.TypeCodeList:
		return newList(v, look)
	case survey.TypeLongText:
		return newArea(v, look)
	}
	return newLine(v, look)
}

// line is a text or a number on one line.
type line struct {
	look   Look
	number bool
	code   bool
	in     textinput.Model
	width  int
}

func newInput(limit int) textinput.Model {
	in := textinput.New()
	in.Prompt = ""
	in.CharLimit = limit
	// The terminal's own cursor, for screen readers and magnifiers.
	in.SetVirtualCursor(false)
	in.SetStyles(textinput.Styles{})
	in.Focus()
	return in
}

func newLine(v *survey.Variable, look Look) *line {
	limit := v.MaxLength
	switch {
	case v.Type == survey.TypeInteger:
		limit = 6
	case limit == 0:
		limit = 250
	}
	return &line{look: look, number: v.Type == survey.TypeInteger, code: v.Type == survey.TypeCode, in: newInput(limit)}
}

func (f *line) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "down", "tab", "shift+tab", "enter", "pgup", "pgdown", "esc":
		return false
	}
	if k.Code == tea.KeyKpEnter {
		return false
	}
	// Some terminals send numpad digits without their text.
	if d, ok := keypadDigit(k); ok {
		k = tea.KeyPressMsg{Code: rune(d), Text: string(rune(d))}
	}
	if f.number && k.Text != "" && strings.Trim(k.Text, "0123456789") != "" {
		return true // a letter does nothing here; the help line says what goes
	}
	if k.String() == "ctrl+d" {
		return false // "dato non disponibile", the page's
	}
	f.in, _ = f.in.Update(k)
	return true
}

func keypadDigit(k tea.KeyPressMsg) (byte, bool) {
	if k.Code >= tea.KeyKp0 && k.Code <= tea.KeyKp9 {
		return byte('0' + k.Code - tea.KeyKp0), true
	}
	return 0, false
}

func (f *line) Paste(s string) {
	s = oneLine(s)
	if f.number {
		s = strings.NewReplacer(".", "", " ", "", "\u00a0", "", "'", "").Replace(s)
	}
	f.in, _ = f.in.Update(tea.PasteMsg{Content: s})
}

func oneLine(s string) string {
	return strings.Join(strings.Fields(strings.NewReplacer("\r", " ", "\n", " ", "\t", " ").Replace(s)), " ")
}

func (f *line) Value() any {
	s := strings.TrimSpace(f.in.Value())
	switch {
	case s == "":
		return nil
	case f.number:
		if n, ok := ParseInt(s); ok {
			return n
		}
		return s
	case f.code:
		return survey.NormalizeSchoolCode(s)
	}
	return s
}

// ParseInt reads a number as people write it: thousands dots and spaces.
func ParseInt(s string) (int, bool) {
	s = strings.NewReplacer(".", "", " ", "", "\u00a0", "", "'", "").Replace(strings.TrimSpace(s))
	if s == "" || len(s) > 9 {
		return 0, false
	}
	n := 0
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

func (f *line) Set(value any) {
	switch v := value.(type) {
	case nil:
		f.in.SetValue("")
	case int:
		f.in.SetValue(itoa(v))
	case string:
		f.in.SetValue(v)
	}
	f.in.CursorEnd()
}

func (f *line) Lines(w int, focused bool) []string {
	f.width = max(w-4, 4)
	if f.number {
		f.width = min(f.width, 8)
	}
	f.in.SetWidth(f.width)
	text := f.in.Value()
	if focused {
		text = ansi.Strip(f.in.View())
	}
	text = ansi.Truncate(strings.TrimRight(text, " "), f.width, "")
	pad := strings.Repeat(fillRune(f.look), max(0, f.width-ansi.StringWidth(text)))
	return []string{"[" + text + pad + "]"}
}

func fillRune(l Look) string {
	if l.ASCII {
		return "_"
	}
	return "_"
}

func (f *line) Cursor() (int, int, bool) {
	c := f.in.Cursor()
	if c == nil {
		return 0, 0, false
	}
	return c.X + 1, 0, true
}

func (f *line) Hint() string {
	if f.number {
		return f.look.Words.HintNumber
	}
	return f.look.Words.HintText
}

// yesNo has three states: not answered is none of the two.
type yesNo struct {
	look Look
	v    *bool
}

func (f *yesNo) Key(k tea.KeyPressMsg) bool {
	yes, no := true, false
	switch {
	case k.Text != "" && strings.Contains(f.look.Words.YesKeys, strings.ToLower(k.Text)):
		f.v = &yes
	case k.Text != "" && strings.Contains(f.look.Words.NoKeys, strings.ToLower(k.Text)):
		f.v = &no
	case k.String() == "left":
		f.v = &yes
	case k.String() == "right":
		f.v = &no
	case k.String() == "space":
		if f.v == nil || !*f.v {
			f.v = &yes
		} else {
			f.v = &no
		}
	case k.String() == "delete" || k.String() == "backspace":
		f.v = nil
	default:
		return false
	}
	return true
}

func (f *yesNo) Paste(s string) {
	for _, r := range oneLine(s) {
		f.Key(tea.KeyPressMsg{Code: r, Text: string(r)})
		return
	}
}

func (f *yesNo) Value() any {
	if f.v == nil {
		return nil
	}
	return *f.v
}

func (f *yesNo) Set(value any) {
	f.v = nil
	if b, ok := value.(bool); ok {
		f.v = &b
	}
}

func (f *yesNo) Lines(_ int, _ bool) []string {
	mark := func(on bool) string {
		if on {
			return "(x) "
		}
		return "( ) "
	}
	return []string{mark(f.v != nil && *f.v) + f.look.Words.Yes + "   " + mark(f.v != nil && !*f.v) + f.look.Words.No}
}

func (f *yesNo) Cursor() (int, int, bool) {
	if f.v != nil && !*f.v {
		return 4 + ansi.StringWidth(f.look.Words.Yes) + 3 + 1, 0, true
	}
	return 1, 0, true
}

func (f *yesNo) Hint() string { return f.look.Words.HintYesNo }
