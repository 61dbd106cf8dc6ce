// Package field holds the inputs of single questions. Each knows one type of
// answer, keeps "not answered" apart from zero, from "No" and from an empty
// text, and shows the terminal's own cursor where the person types.
//
// A field draws its input only; the label, the help and the findings around it
// belong to the page. Start reading at [Field].
package field

import (
	"regexp"
	"strconv"
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
	Yes, No                         string
	HintText, HintNumber, HintYesNo string
	HintDecimal, HintDate           string
	HintChoice, HintMulti, HintList string
	HintArea, HintLookup, NoMatch   string
	OthersTaken                     string // an exclusive option has taken the others away
	YesKeys, NoKeys                 string // letters that answer
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

// line is a text, a number or a date on one line.
type line struct {
	look Look
	kind survey.Type
	in   textinput.Model
	x    int // of the cursor, set while drawing
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
		limit = 8
	case limit == 0:
		limit = 250
	}
	return &line{look: look, kind: v.Type, in: newInput(limit)}
}

func (f *line) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "up", "down", "tab", "shift+tab", "enter", "pgup", "pgdown", "esc", "ctrl+d":
		return false // ctrl+d is "dato non disponibile", the page's
	}
	k = typed(k)
	if allowed, ok := signs[f.kind]; ok && k.Text != "" && strings.Trim(k.Text, allowed) != "" {
		return true // a letter does nothing here; the help line says what goes
	}
	f.in, _ = f.in.Update(k)
	return true
}

// signs are what can be typed into numbers and dates. A comma goes into a whole
// number too: dropped in silence, 73,5 would become 735.
var signs = map[survey.Type]string{survey.TypeInteger: "0123456789.,-", survey.TypeDecimal: "0123456789,.-", survey.TypeDate: "0123456789/.-"}

// typed gives numpad digits their text: some terminals send them without.
func typed(k tea.KeyPressMsg) tea.KeyPressMsg {
	if d, ok := keypadDigit(k); ok {
		return tea.KeyPressMsg{Code: rune(d), Text: string(rune(d))}
	}
	return k
}

func keypadDigit(k tea.KeyPressMsg) (byte, bool) {
	if k.Code >= tea.KeyKp0 && k.Code <= tea.KeyKp9 {
		return byte('0' + k.Code - tea.KeyKp0), true
	}
	return 0, false
}

func (f *line) Paste(s string) {
	s = oneLine(s)
	if n, ok := ParseInt(s); ok && f.kind == survey.TypeInteger {
		s = itoa(n)
	}
	f.in, _ = f.in.Update(tea.PasteMsg{Content: s})
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// lineBreaks makes one of the three ways in which terminals send a new line.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n")

func (f *line) Value() any {
	s := strings.TrimSpace(f.in.Value())
	switch {
	case s == "":
		return nil
	case f.kind == survey.TypeInteger:
		if n, ok := ParseInt(s); ok {
			return n
		}
	case f.kind == survey.TypeDecimal:
		if n, ok := survey.ParseDecimal(s); ok {
			return n
		}
	case f.kind == survey.TypeDate:
		if date, ok := survey.ParseDate(s); ok {
			return date
		}
	case f.kind == survey.TypeCode:
		return survey.NormalizeSchoolCode(s)
	}
	return s // a number or date that is none stays as it was typed, for the check to say so
}

// grouped is a number with marks between its thousands.
var grouped = regexp.MustCompile(`^[0-9]{1,3}([. '\x{a0}\x{202f}][0-9]{3})+$`)

// ParseInt reads a whole number as people write it: 1585, or 1.585 with a mark
// before every three digits. 73.5 is none.
func ParseInt(s string) (int, bool) {
	s = strings.TrimSpace(s)
	if grouped.MatchString(s) {
		s = strings.NewReplacer(".", "", " ", "", "\u00a0", "", "\u202f", "", "'", "").Replace(s)
	}
	if s == "" || len(s) > 9 || strings.Trim(s, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(s)
	return n, err == nil
}

func (f *line) Set(value any) {
	switch v := value.(type) {
	case nil:
		f.in.SetValue("")
	case int:
		f.in.SetValue(itoa(v))
	case string:
		if f.kind == survey.TypeDate {
			v = survey.FormatDate(v, f.look.Lang)
		}
		f.in.SetValue(v)
	default: // came in by a file: shown, so that what the check says makes sense
		f.in.SetValue(survey.Show(v, f.look.Lang))
	}
	f.in.CursorEnd()
}

func (f *line) Lines(w int, focused bool) []string {
	width := max(w-4, 1)
	switch f.kind {
	case survey.TypeInteger:
		width = min(width, 8)
	case survey.TypeDecimal, survey.TypeDate:
		width = min(width, 14)
	}
	var text string
	text, f.x = box(f.in, width, focused)
	f.x = min(f.x, max(w-1, 0))
	return clip([]string{text}, w)
}

// box draws an input between brackets and says where the cursor stands.
func box(in textinput.Model, width int, focused bool) (string, int) {
	if !focused {
		in.CursorStart()
	}
	text, x := Window(in, width)
	return "[" + text + strings.Repeat("_", max(0, width-ansi.StringWidth(text))) + "]", x + 1
}

// Window gives the part of an input around the cursor that fits into width
// cells, and the cursor's cell. The input's own view counts characters where a
// terminal counts cells, and puts the cursor at the end of a scrolled text.
func Window(in textinput.Model, width int) (text string, x int) {
	runes := []rune(in.Value())
	if in.EchoMode == textinput.EchoPassword {
		runes = []rune(strings.Repeat(string(in.EchoCharacter), len(runes)))
	}
	pos := min(in.Position(), len(runes))
	// Some runes take no cell, so that a window may hold more of them than it has
	// cells; a whole file that was pasted is not measured at each key.
	near := 16 * max(width, 1)
	from := max(pos-near, 0)
	runes = runes[:min(pos+near, len(runes))]
	for from < pos && ansi.StringWidth(string(runes[from:pos])) > max(width-1, 0) {
		from++
	}
	return ansi.Truncate(string(runes[from:]), width, ""), ansi.StringWidth(string(runes[from:pos]))
}

// clip keeps lines inside w cells, however few they are.
func clip(lines []string, w int) []string {
	for i := range lines {
		lines[i] = ansi.Truncate(lines[i], max(w, 0), "")
	}
	return lines
}

func (f *line) Cursor() (int, int, bool) { return f.x, 0, true }

func (f *line) Hint() string {
	switch f.kind {
	case survey.TypeInteger:
		return f.look.Words.HintNumber
	case survey.TypeDecimal:
		return f.look.Words.HintDecimal
	case survey.TypeDate:
		return f.look.Words.HintDate
	}
	return f.look.Words.HintText
}

// yesNo has three states: not answered is none of the two.
type yesNo struct {
	look Look
	v    *bool
	w    int // of the last drawing
}

func (f *yesNo) Key(k tea.KeyPressMsg) bool {
	k = typed(k)
	if answer, ok := f.read(k.Text); ok {
		f.v = &answer
		return true
	}
	yes, no := true, false
	switch k.String() {
	case "left":
		f.v = &yes
	case "right":
		f.v = &no
	case "space":
		if f.v == nil || !*f.v {
			f.v = &yes
		} else {
			f.v = &no
		}
	case "delete", "backspace", "ctrl+h":
		f.v = nil
	default:
		return false
	}
	return true
}

// read takes one of the letters that answer, or the whole word.
func (f *yesNo) read(s string) (answer, ok bool) {
	words := f.look.Words
	switch s = strings.ToLower(s); {
	case s == "":
		return false, false
	case strings.Contains(words.YesKeys, s) || Fold(s) == Fold(words.Yes):
		return true, true
	case strings.Contains(words.NoKeys, s) || Fold(s) == Fold(words.No):
		return false, true
	}
	return false, false
}

func (f *yesNo) Paste(s string) {
	if answer, ok := f.read(oneLine(s)); ok {
		f.v = &answer
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

func (f *yesNo) Lines(w int, _ bool) []string {
	mark := func(on bool) string {
		if on {
			return "(x) "
		}
		return "( ) "
	}
	f.w = w
	return clip([]string{mark(f.v != nil && *f.v) + f.look.Words.Yes + "   " + mark(f.v != nil && !*f.v) + f.look.Words.No}, w)
}

func (f *yesNo) Cursor() (int, int, bool) {
	x := 1
	if f.v != nil && !*f.v {
		x = 4 + ansi.StringWidth(f.look.Words.Yes) + 3 + 1
	}
	return min(x, max(f.w-1, 0)), 0, true
}

func (f *yesNo) Hint() string { return f.look.Words.HintYesNo }
