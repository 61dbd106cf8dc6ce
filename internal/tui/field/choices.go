package field

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode"

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
	at, w   int
	letters letters
}

// letters finds an option by the first letters of its label, for those beyond
// the ninth and for who does not count.
type letters struct {
	typed string
	lost  bool // what was typed is no option
	text  bool // words that are no option: nothing is chosen until another key
}

// key takes a letter, or a space between two words of a label; only tells that
// one option alone begins so.
func (l *letters) key(k tea.KeyPressMsg, options []survey.Option, lang string) (at int, only, ok bool) {
	text := k.Text
	if k.String() == "space" {
		text = " "
		if l.typed == "" && !l.lost && !l.text {
			return 0, false, false
		}
	}
	r := []rune(text)
	if len(r) != 1 || !unicode.IsLetter(r[0]) && r[0] != ' ' || k.Mod&^(tea.ModShift|tea.ModCapsLock|tea.ModNumLock) != 0 {
		text := k.Text != "" && k.Mod&(tea.ModCtrl|tea.ModAlt) == 0 && (l.text || l.lost)
		*l = letters{text: text}
		return -1, false, text
	}
	if l.text {
		return -1, false, true
	}
	for _, typed := range []string{l.typed + text, text} {
		first, n := -1, 0
		for i, o := range options {
			if strings.HasPrefix(Fold(o.Label.In(lang))+" ", strings.TrimLeft(foldKeepingSpace(typed), " ")) {
				if n++; first < 0 {
					first = i
				}
			}
		}
		if n > 0 && (text != " " || typed != text) {
			*l = letters{typed: typed}
			return first, n == 1, true
		}
		if text == " " {
			break
		}
	}
	wasLost := l.lost
	*l = letters{lost: text != " ", text: text == " " && wasLost}
	return -1, false, l.lost || l.text
}

// foldKeepingSpace is Fold of what is still being typed.
func foldKeepingSpace(s string) string {
	if strings.HasSuffix(s, " ") {
		return Fold(s) + " "
	}
	return Fold(s)
}

func (f *choice) Key(k tea.KeyPressMsg) bool {
	if i, only, ok := f.letters.key(k, f.options, f.look.Lang); ok {
		if i >= 0 {
			f.at = i
		}
		if only {
			f.chosen = f.options[i].ID
		}
		return true
	}
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
	case "delete", "backspace", "ctrl+h":
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
	f.w = w
	other := ""
	if f.chosen != "" && !hasOption(f.options, f.chosen) {
		other = f.chosen // came in by a file; blank it is not
	}
	return optionLines(f.look, f.options, f.at, focused, w, "(x)", "( )", other, func(id string) bool { return id == f.chosen })
}

// optionCursor is the sign of an option, below those that take several lines.
func optionCursor(options []survey.Option, at, w int, look Look) (int, int, bool) {
	all := optionLines(look, options[:min(at, len(options))], -1, true, w, "(x)", "( )", "", func(string) bool { return false })
	if at == 0 {
		all = nil
	}
	return min(1, max(w-1, 0)), len(all), true
}

func hasOption(options []survey.Option, id string) bool {
	return slices.ContainsFunc(options, func(o survey.Option) bool { return o.ID == id })
}

// optionLines draws all options in focus, and only the chosen ones otherwise.
// The option under the cursor has a sign and not only another look.
func optionLines(look Look, options []survey.Option, at int, focused bool, w int, on, off, other string, chosen func(string) bool) []string {
	var out []string
	for i, o := range options {
		mark, here := off, " "
		if chosen(o.ID) {
			mark = on
		}
		if focused && i == at {
			here = ">"
		}
		key := "  "
		if i < 9 {
			key = itoa(i+1) + " "
		}
		if !focused && !chosen(o.ID) {
			continue
		}
		lead := mark + here + key
		// A label too long for the line goes on in the next: never half a label.
		lines := strings.Split(ansi.Wrap(o.OnScreen(look.Lang), max(w-len(lead), 1), ""), "\n")
		for k, text := range lines {
			if k > 0 {
				lead = strings.Repeat(" ", len(lead))
			}
			text = ansi.Truncate(lead+strings.TrimSpace(text), max(w, 0), "")
			if here == ">" {
				text = look.Chosen.Render(text)
			}
			out = append(out, text)
		}
	}
	if other != "" {
		out = append(out, on+" "+other)
	}
	if len(out) == 0 {
		out = []string{off}
	}
	return clip(out, w)
}

func (f *choice) Cursor() (int, int, bool) { return optionCursor(f.options, f.at, f.w, f.look) }
func (f *choice) Hint() string             { return f.look.Words.HintChoice }

// multi is several options; an exclusive one takes the others away.
type multi struct {
	look    Look
	options []survey.Option
	on      map[string]bool
	before  map[string]bool // what an exclusive option has taken away, until the next key
	at, w   int
	letters letters
}

// TakesBack tells whether Ctrl+Z has something to do here.
func (f *multi) TakesBack() bool { return f.before != nil }

func (f *multi) Key(k tea.KeyPressMsg) bool {
	if f.before != nil && k.String() == "ctrl+z" {
		f.on, f.before = f.before, nil
		return true
	}
	if i, _, ok := f.letters.key(k, f.options, f.look.Lang); ok {
		if i >= 0 {
			f.at = i
		}
		return true
	}
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
	case "delete", "backspace", "ctrl+h":
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
	now, before := !f.on[o.ID], maps.Clone(f.on)
	f.before = nil
	if now {
		for _, other := range f.options {
			if (o.Exclusive || other.Exclusive) && f.on[other.ID] {
				delete(f.on, other.ID)
				f.before = before
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
	f.on, f.before = map[string]bool{}, nil
	list, _ := value.([]string)
	for _, id := range list {
		f.on[id] = true
	}
}

func (f *multi) Lines(w int, focused bool) []string {
	f.w = w
	return optionLines(f.look, f.options, f.at, focused, w, "[x]", "[ ]", "", func(id string) bool { return f.on[id] })
}

func (f *multi) Cursor() (int, int, bool) { return optionCursor(f.options, f.at, f.w, f.look) }
func (f *multi) Hint() string {
	if f.before != nil {
		return f.look.Words.OthersTaken
	}
	return f.look.Words.HintMulti
}

// lookup is one entry of a long list, found by typing a part of it.
type lookup struct {
	line
	entries []string
	folded  []string // the entries as they are searched
	at      int
	picking bool // the arrows have been used: Enter takes the entry even when nothing is typed
}

const lookupRows = 5 // suggestions shown at once

func newLookup(v *survey.Variable, look Look) *lookup {
	f := &lookup{line: line{look: look, in: newInput(80)}, entries: v.List}
	for _, e := range v.List {
		f.folded = append(f.folded, Fold(e))
	}
	return f
}

// matches lists what begins with the typed text, then what contains it.
func (f *lookup) matches() []string {
	typed := Fold(f.in.Value())
	var first, then []string
	for i, e := range f.entries {
		switch {
		case strings.HasPrefix(f.folded[i], typed):
			first = append(first, e)
		case strings.Contains(f.folded[i], typed):
			then = append(then, e)
		}
	}
	return append(first, then...)
}

var folds = strings.NewReplacer("à", "a", "è", "e", "é", "e", "ì", "i", "ò", "o", "ù", "u", "'", "", "’", "")

// Fold makes search blind to case, accents and apostrophes.
func Fold(s string) string {
	s = strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1 // an accent written as a sign of its own
		}
		return r
	}, s)
	return folds.Replace(strings.ToLower(strings.TrimSpace(s)))
}

func (f *lookup) Key(k tea.KeyPressMsg) bool {
	switch k.String() {
	case "down":
		return f.pick(+1)
	case "up":
		return f.pick(-1)
	case "enter", "tab":
		f.complete()
		return false
	}
	f.at, f.picking = 0, false
	return f.line.Key(k)
}

// pick moves among the suggestions; at their ends the page moves on.
func (f *lookup) pick(by int) bool {
	next := f.at + by
	if f.chosen() || next < 0 || next >= len(f.matches()) {
		return false
	}
	f.at, f.picking = next, true
	return true
}

// complete takes the suggestion under the cursor for what was typed in part.
func (f *lookup) complete() {
	if f.chosen() || strings.TrimSpace(f.in.Value()) == "" && !f.picking {
		return
	}
	if found := f.matches(); f.at < len(found) {
		f.Set(found[f.at])
	}
}

func (f *lookup) Paste(s string) {
	f.at, f.picking = 0, false
	f.line.Paste(s)
}

func (f *lookup) Set(value any) {
	f.at, f.picking = 0, false
	f.line.Set(value)
}

// Value is the entry that was typed whole, in whatever case, or the text.
func (f *lookup) Value() any {
	value := f.line.Value()
	if s, ok := value.(string); ok && !slices.Contains(f.entries, s) {
		if i := slices.Index(f.folded, Fold(s)); i >= 0 {
			return f.entries[i]
		}
	}
	return value
}

func (f *lookup) chosen() bool { return slices.Contains(f.entries, f.in.Value()) }

func (f *lookup) Lines(w int, focused bool) []string {
	out := f.line.Lines(min(w, 50), focused)
	if !focused || f.chosen() {
		return out
	}
	found := f.matches()
	if len(found) == 0 {
		return clip(append(out, "  "+f.look.Words.NoMatch), w)
	}
	from := max(0, min(f.at-lookupRows/2, len(found)-lookupRows))
	for i := from; i < min(from+lookupRows, len(found)); i++ {
		text := "  " + found[i]
		if i == f.at {
			text = f.look.Chosen.Render("> " + found[i])
		}
		out = append(out, text)
	}
	return clip(out, w)
}

func (f *lookup) Hint() string { return f.look.Words.HintLookup }
