package field

import (
	"strings"

	"charm.land/bubbles/v2/textarea"
	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"

	"rileva/pkg/survey"
)

// list is a list of texts, one a line. Enter goes to a new line; on an empty
// one it leaves, so that Enter never traps.
type list struct {
	look Look
	code bool
	rows []string
	at   int
	x    int // of the cursor, set while drawing
	in   textinput.Model
}

func newList(v *survey.Variable, look Look) *list {
	limit := v.MaxLength
	if limit == 0 {
		limit = 200
	}
	return &list{look: look, code: v.Type == survey.TypeCodeList, rows: []string{""}, in: newInput(limit)}
}

func (f *list) keep() { f.rows[f.at] = f.in.Value() }

func (f *list) goTo(i int) {
	f.keep()
	f.at = i
	f.in.SetValue(f.rows[i])
	f.in.CursorEnd()
}

func (f *list) Key(k tea.KeyPressMsg) bool {
	switch s := k.String(); {
	case s == "tab" || s == "shift+tab" || s == "esc" || s == "pgup" || s == "pgdown" || s == "ctrl+d":
		return false
	case s == "enter":
		if strings.TrimSpace(f.in.Value()) == "" {
			return false
		}
		f.keep()
		f.rows = append(f.rows[:f.at+1], append([]string{""}, f.rows[f.at+1:]...)...)
		f.goTo(f.at + 1)
	case s == "up":
		if f.at == 0 {
			return false
		}
		f.goTo(f.at - 1)
	case s == "down":
		if f.at == len(f.rows)-1 {
			return false
		}
		f.goTo(f.at + 1)
	case (s == "backspace" || s == "ctrl+h") && f.in.Value() == "" && len(f.rows) > 1:
		f.rows = append(f.rows[:f.at], f.rows[f.at+1:]...)
		f.at = max(0, f.at-1)
		f.in.SetValue(f.rows[f.at])
		f.in.CursorEnd()
	default:
		f.in, _ = f.in.Update(typed(k))
	}
	return true
}

func (f *list) Paste(s string) {
	for i, part := range strings.Split(lineBreaks.Replace(strings.TrimSpace(s)), "\n") {
		if i > 0 {
			f.Key(tea.KeyPressMsg{Code: tea.KeyEnter})
		}
		f.in, _ = f.in.Update(tea.PasteMsg{Content: oneLine(part)})
	}
}

func (f *list) Value() any {
	f.keep()
	var out []string
	for _, r := range f.rows {
		r = strings.TrimSpace(r)
		if f.code {
			r = survey.NormalizeSchoolCode(r)
		}
		if r != "" {
			out = append(out, r)
		}
	}
	if out == nil {
		return nil
	}
	return out
}

func (f *list) Set(value any) {
	f.rows = []string{""}
	if v, ok := value.([]string); ok && len(v) > 0 {
		f.rows = append([]string{}, v...)
	}
	f.at = 0
	f.in.SetValue(f.rows[0])
	f.in.CursorEnd()
}

func (f *list) Lines(w int, focused bool) []string {
	f.keep()
	width := max(min(w-2, 70), 1)
	var out []string
	for i, r := range f.rows {
		if focused && i == f.at {
			r, f.x = box(f.in, width, true)
			f.x = min(f.x, max(w-1, 0))
			out = append(out, r)
			continue
		}
		if !focused && strings.TrimSpace(r) == "" && (i > 0 || len(f.rows) > 1) {
			continue
		}
		r = ansi.Truncate(r, width, "")
		out = append(out, "["+r+strings.Repeat("_", max(0, width-ansi.StringWidth(r)))+"]")
	}
	if out == nil { // nothing but empty rows
		out = []string{"[" + strings.Repeat("_", width) + "]"}
	}
	return clip(out, w)
}

func (f *list) Cursor() (int, int, bool) { return f.x, f.at, true }

func (f *list) Hint() string { return f.look.Words.HintList }

// area is a long text. Enter goes on to the next question, as everywhere;
// Ctrl+O begins a new line.
type area struct {
	look Look
	in   textarea.Model
	w    int
}

func newArea(v *survey.Variable, look Look) *area {
	in := textarea.New()
	in.Prompt = ""
	in.ShowLineNumbers = false
	in.CharLimit = v.MaxLength
	in.MaxHeight = 0 // else what a file brought in is cut at 99 lines
	in.KeyMap.InsertNewline.SetKeys("ctrl+o")
	in.SetVirtualCursor(false)
	in.SetHeight(4)
	in.Focus()
	return &area{look: look, in: in}
}

func (f *area) Key(k tea.KeyPressMsg) bool {
	at := f.in.LineInfo() // a long line is shown as several
	switch s := k.String(); {
	case s == "enter" || s == "tab" || s == "shift+tab" || s == "esc" || s == "pgup" || s == "pgdown" || s == "ctrl+d":
		return false
	case s == "up" && f.in.Line() == 0 && at.RowOffset == 0:
		return false
	case s == "down" && f.in.Line() == f.in.LineCount()-1 && at.RowOffset >= at.Height-1:
		return false
	}
	f.in, _ = f.in.Update(typed(k))
	return true
}

func (f *area) Paste(s string) {
	f.in, _ = f.in.Update(tea.PasteMsg{Content: lineBreaks.Replace(s)})
}

func (f *area) Value() any {
	s := strings.TrimSpace(f.in.Value())
	if s == "" {
		return nil
	}
	return s
}

func (f *area) Set(value any) {
	s, _ := value.(string)
	f.in.SetValue(s)
}

func (f *area) Lines(w int, focused bool) []string {
	f.w = w
	width := max(min(w-2, 74), 4)
	if !focused {
		first, rest, _ := strings.Cut(strings.TrimSpace(f.in.Value()), "\n")
		text := ansi.Truncate(first, max(width-3, 1), "...")
		if rest != "" && !strings.HasSuffix(text, "...") {
			text += "..."
		}
		return clip([]string{"[" + text + strings.Repeat("_", max(0, width-ansi.StringWidth(text))) + "]"}, w)
	}
	f.in.SetWidth(width)
	// The area scrolls to its cursor in Update only, by what View drew last.
	_ = f.in.View()
	f.in, _ = f.in.Update(nil)
	var out []string
	for _, l := range strings.Split(f.in.View(), "\n") {
		l = ansi.Truncate(strings.TrimRight(ansi.Strip(l), " "), width, "")
		out = append(out, "|"+l+strings.Repeat(" ", max(0, width-ansi.StringWidth(l)))+"|")
	}
	return clip(out, w)
}

func (f *area) Cursor() (int, int, bool) {
	c := f.in.Cursor()
	if c == nil {
		return 0, 0, false
	}
	return max(0, min(c.X+1, f.w-1)), max(0, min(c.Y, f.in.Height()-1)), true
}

func (f *area) Hint() string { return f.look.Words.HintArea }
