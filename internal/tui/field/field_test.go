package field

import (
	"reflect"
	"strings"
	"testing"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/x/ansi"
	"pgregory.net/rapid"

	"rileva/pkg/survey"
)

var look = Look{Chosen: lipgloss.NewStyle().Reverse(true), Lang: "it", Words: Words{
	Yes: "Sì", No: "No", YesKeys: "sìy1", NoKeys: "n2", HintText: "t", HintNumber: "n", HintYesNo: "y",
	HintChoice: "c", HintMulti: "m", HintList: "l", HintArea: "a", HintLookup: "k", NoMatch: "nessuna voce"}}

func option(id, label string) survey.Option {
	return survey.Option{ID: id, Label: survey.Text{"it": label}}
}

var (
	roles    = []survey.Option{option("head", "Dirigente"), option("clerk", "Assistente amministrativo"), option("other", "Altro 漢字")}
	partners = append(append([]survey.Option{}, roles...), survey.Option{ID: "none", Label: survey.Text{"it": "Nessuno"}, Exclusive: true})
	comuni   = []string{"CASSANO D'ADDA", "FORLÌ", "MILANO", "MELZO", "PERO", "PESCHIERA BORROMEO", "PESSANO CON BORNAGO", "RHO"}
)

// kinds are one variable of each type.
var kinds = map[string]*survey.Variable{
	"number":   {Type: survey.TypeInteger},
	"text":     {Type: survey.TypeText, MaxLength: 30},
	"email":    {Type: survey.TypeEmail},
	"code":     {Type: survey.TypeCode},
	"yesno":    {Type: survey.TypeYesNo},
	"choice":   {Type: survey.TypeChoice, Options: roles},
	"lookup":   {Type: survey.TypeChoice, List: comuni},
	"multi":    {Type: survey.TypeMulti, Options: partners},
	"list":     {Type: survey.TypeTextList, MaxLength: 40},
	"codes":    {Type: survey.TypeCodeList},
	"longtext": {Type: survey.TypeLongText, MaxLength: 200},
}

// named are the keys that the tables write between angle brackets.
var named = map[string]tea.KeyPressMsg{
	"enter": {Code: tea.KeyEnter}, "kpenter": {Code: tea.KeyKpEnter}, "tab": {Code: tea.KeyTab},
	"backtab": {Code: tea.KeyTab, Mod: tea.ModShift}, "esc": {Code: tea.KeyEscape},
	"up": {Code: tea.KeyUp}, "down": {Code: tea.KeyDown}, "left": {Code: tea.KeyLeft}, "right": {Code: tea.KeyRight},
	"kpup": {Code: tea.KeyKpUp}, "kpdown": {Code: tea.KeyKpDown}, "home": {Code: tea.KeyHome}, "end": {Code: tea.KeyEnd},
	"pgup": {Code: tea.KeyPgUp}, "pgdown": {Code: tea.KeyPgDown}, "delete": {Code: tea.KeyDelete},
	"backspace": {Code: tea.KeyBackspace}, "ctrlh": {Code: 'h', Mod: tea.ModCtrl}, "ctrld": {Code: 'd', Mod: tea.ModCtrl},
	"ctrlz": {Code: 'z', Mod: tea.ModCtrl}, "ctrlo": {Code: 'o', Mod: tea.ModCtrl}, "space": {Code: tea.KeySpace, Text: " "},
	"kp1": {Code: tea.KeyKp1}, "kp2": {Code: tea.KeyKp2}, "kp9": {Code: tea.KeyKp9}, "kp0": {Code: tea.KeyKp0},
	"kp2text": {Code: tea.KeyKp2, Text: "2"}, "kpdot": {Code: tea.KeyKpDecimal, Text: "."}, "alts": {Code: 's', Mod: tea.ModAlt},
}

// press types keys: "12<tab>". The last answer tells whether the field took it.
func press(f Field, keys string) bool {
	took := true
	for keys != "" {
		if name, rest, ok := strings.Cut(keys[min(1, len(keys)):], ">"); ok && keys[0] == '<' {
			took, keys = f.Key(named[name]), rest
			continue
		}
		r := []rune(keys)[0]
		took, keys = f.Key(tea.KeyPressMsg{Code: r, Text: string(r)}), keys[len(string(r)):]
	}
	return took
}

var yes, no = true, false

// keyCases: what is typed into a blank field, and what it then answers.
var keyCases = []struct {
	kind, keys string
	want       any
	left       bool // the last key is the page's
}{
	{"number", "", nil, false},
	{"number", "0", 0, false},
	{"number", "007", 7, false},
	{"number", "1a2,3", "12,3", false},
	{"number", "<kp1><kp2text><kp0>", 120, false},
	{"number", "1<kpdot>2", "1.2", false},
	{"number", "123456789", 12345678, false}, // the limit
	{"number", "12<backspace><backspace>", nil, false},
	{"number", "12<home><delete><delete>", nil, false},
	{"number", "5<kpenter>", 5, true},
	{"number", "5<kpup>", 5, true},
	{"number", "5<pgdown>", 5, true},
	{"text", "<kp9>è漢", "9è漢", false},
	{"text", "   ", nil, false},
	{"text", "a b<enter>", "a b", true},
	{"text", "a<ctrld>", "a", true},
	{"text", strings.Repeat("x", 40), strings.Repeat("x", 30), false},
	{"code", " mips 01000g", "MIPS01000G", false},
	{"yesno", "", nil, false},
	{"yesno", "<enter>", nil, true},
	{"yesno", "s", yes, false}, {"yesno", "S", yes, false}, {"yesno", "y", yes, false}, {"yesno", "ì", yes, false},
	{"yesno", "1", yes, false}, {"yesno", "<kp1>", yes, false},
	{"yesno", "N", no, false}, {"yesno", "2", no, false}, {"yesno", "<kp2>", no, false}, {"yesno", "<kp2text>", no, false},
	{"yesno", "s<delete>", nil, false}, {"yesno", "n<backspace>", nil, false}, {"yesno", "n<ctrlh>", nil, false},
	{"yesno", "<space>", yes, false}, {"yesno", "<space><space>", no, false},
	{"yesno", "<right>", no, false}, {"yesno", "<right><left>", yes, false},
	{"yesno", "z", nil, true}, {"yesno", "<alts>", nil, true}, {"yesno", "<down>", nil, true},
	{"choice", "", nil, false},
	{"choice", "<down><up>", nil, false}, // looking is not choosing
	{"choice", "<up>", nil, true},
	{"choice", "<down><down><down>", nil, true},
	{"choice", "2", "clerk", false}, {"choice", "<kp2>", "clerk", false}, {"choice", "4", nil, true}, {"choice", "0", nil, true},
	{"choice", "<down><space>", "clerk", false}, {"choice", "2<delete>", nil, false}, {"choice", "2<ctrlh>", nil, false},
	{"choice", "2<enter>", "clerk", true},
	{"choice", "a", nil, false}, {"choice", "as", "clerk", false}, {"choice", "altro 漢", "other", false},
	{"choice", "sono qui, un testo <space>e altro", nil, false}, // spaces of a text choose nothing
	{"choice", "d<down><space>", "clerk", false},
	{"multi", "a<space>", []string{"clerk"}, false}, {"multi", "as<space>", []string{"clerk"}, false},
	{"multi", "124<ctrlz>", []string{"head", "clerk"}, false}, // what an exclusive option took away comes back
	{"multi", "", nil, false},
	{"multi", "31", []string{"head", "other"}, false},
	{"multi", "3<kp1>3", []string{"head"}, false},
	{"multi", "124", []string{"none"}, false},
	{"multi", "42", []string{"clerk"}, false},
	{"multi", "12<delete>", nil, false},
	{"multi", "<down><space>", []string{"clerk"}, false},
	{"multi", "11", nil, false},
	{"lookup", "", nil, false},
	{"lookup", "<enter>", nil, true},
	{"lookup", "mel<enter>", "MELZO", true},
	{"lookup", "forli<tab>", "FORLÌ", true},
	{"lookup", "cassano dadda<enter>", "CASSANO D'ADDA", true},
	{"lookup", "bornago<kpenter>", "PESSANO CON BORNAGO", true},
	{"lookup", "pe<down><enter>", "PESCHIERA BORROMEO", true},
	{"lookup", "<down><down><enter>", "MILANO", true},
	{"lookup", "milano", "MILANO", false}, // typed whole, left by another key
	{"lookup", "napoli<enter>", "napoli", true},
	{"lookup", "mi<enter><down>", "MILANO", true},
	{"list", "", nil, false},
	{"list", "<enter>", nil, true},
	{"list", "a<enter>b<enter><enter>", []string{"a", "b"}, true},
	{"list", "a<kpenter>b", []string{"a", "b"}, false},
	{"list", "a<enter><backspace>", []string{"a"}, false},
	{"list", "a<enter><up><home><delete>", nil, false},
	{"list", "a<enter>b<up><up>", []string{"a", "b"}, true},
	{"list", "<kp1><kp2>", []string{"12"}, false},
	{"codes", "mips01000g<enter>x", []string{"MIPS01000G", "X"}, false},
	{"longtext", "a<ctrlo>b", "a\nb", false},
	{"longtext", "a<enter>", "a", true},
	{"longtext", "a<up>", "a", true},
	{"longtext", "a<ctrlo>b<up>", "a\nb", false},
	{"longtext", strings.Repeat("parola ", 20) + "<up>", strings.TrimSpace(strings.Repeat("parola ", 20)), false},
	{"longtext", "<kp1><kp0>", "10", false},
	{"longtext", strings.Repeat("x", 300), strings.Repeat("x", 200), false},
}

func TestKeys(t *testing.T) {
	for _, c := range keyCases {
		f := New(kinds[c.kind], look)
		f.Lines(74, true)
		took := press(f, c.keys)
		if got := f.Value(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: %#v, want %#v", c.kind, c.keys, got, c.want)
		}
		if took == c.left {
			t.Errorf("%s %q: taken %v", c.kind, c.keys, took)
		}
	}
}

func TestPaste(t *testing.T) {
	for _, c := range []struct {
		kind, text string
		want       any
	}{
		{"number", " 1.204 ", 1204}, {"number", "1 204\n", 1204}, {"number", "1\u00a0204", 1204}, {"number", "dodici", "dodici"},
		{"text", "a\r\nb\tc", "a b c"},
		{"email", " a@b.it\n", "a@b.it"},
		{"code", "mips\t01000g\n", "MIPS01000G"},
		{"yesno", "Sì\n", true}, {"yesno", "NO", false}, {"yesno", "si", true}, {"yesno", "non so\nbene", nil}, {"yesno", "", nil},
		{"choice", "Dirigente\nAltro", nil}, {"multi", "1\n2", nil},
		{"lookup", "mila\nno", "mila no"}, {"lookup", "Rho\n", "RHO"},
		{"list", "a\r\nb\r\n\r\nc\r\n", []string{"a", "b", "c"}},
		{"list", "a\rb", []string{"a", "b"}}, // how a terminal sends it
		{"longtext", "a\rb\r\nc\nd", "a\nb\nc\nd"},
	} {
		f := New(kinds[c.kind], look)
		f.Paste(c.text)
		if got := f.Value(); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s %q: %#v, want %#v", c.kind, c.text, got, c.want)
		}
	}
}

// TestBlank: nothing is answered by drawing, by moving and by setting nil.
func TestBlank(t *testing.T) {
	for name, v := range kinds {
		f := New(v, look)
		f.Set(nil)
		for _, k := range []string{"", "<tab>", "<up>", "<down>", "<home>", "<end>", "<backtab>", "<esc>", "<pgup>"} {
			press(f, k)
			f.Lines(40, true)
			f.Lines(40, false)
		}
		if got := f.Value(); got != nil {
			t.Errorf("%s: %#v", name, got)
		}
		if f.Hint() == "" {
			t.Errorf("%s: no hint", name)
		}
		if lines := f.Lines(40, false); len(lines) != 1 {
			t.Errorf("%s: a blank field shows %q", name, lines)
		}
	}
}

// TestForeign: what came in by a file and does not fit is shown and kept.
func TestForeign(t *testing.T) {
	for _, c := range []struct {
		kind  string
		value any
		shows string
	}{
		{"number", "dodici", "dodici"}, {"number", 1.5, "1"}, {"number", true, "S"}, {"choice", "preside", "preside"},
		{"longtext", strings.TrimSpace(strings.Repeat("x\n", 99)), "x..."},
	} {
		f := New(kinds[c.kind], look)
		f.Set(c.value)
		if lines := f.Lines(40, false); !strings.Contains(ansi.Strip(lines[0]), c.shows) {
			t.Errorf("%s %v is shown as %q", c.kind, c.value, lines)
		}
	}
}

// TestSigns: the option under the cursor is told by a sign, not by its look.
func TestSigns(t *testing.T) {
	for _, kind := range []string{"choice", "multi"} {
		f := New(kinds[kind], look)
		press(f, "<down>")
		lines := f.Lines(60, true)
		if !strings.Contains(ansi.Strip(lines[1]), ">2 Assistente") || strings.Contains(ansi.Strip(lines[0]), ">") {
			t.Errorf("%s: %q", kind, lines)
		}
	}
}

func TestCursorFollowsWideText(t *testing.T) {
	f := New(kinds["email"], look)
	press(f, "a漢字b<left>")
	f.Lines(40, true)
	if x, _, _ := f.Cursor(); x != 1+1+4 {
		t.Errorf("cursor at %d", x)
	}
	press(f, strings.Repeat("z", 100)+"<home>")
	lines := f.Lines(40, true)
	if x, _, _ := f.Cursor(); x != 1 || !strings.HasPrefix(lines[0], "[a漢字zz") {
		t.Errorf("cursor at %d of %q", x, lines[0])
	}
}

// TestAny: whatever is typed, a field stays inside its rectangle, its cursor
// inside what it draws, and its value means the same to a fresh field.
func TestAny(t *testing.T) {
	keys := make([]string, 0, len(named))
	for name := range named {
		keys = append(keys, "<"+name+">")
	}
	for name, v := range kinds {
		t.Run(name, rapid.MakeCheck(func(t *rapid.T) {
			f := New(v, look)
			for range rapid.IntRange(1, 30).Draw(t, "steps") {
				switch rapid.IntRange(0, 3).Draw(t, "what") {
				case 0:
					press(f, rapid.SampledFrom(keys).Draw(t, "key"))
				case 1:
					f.Paste(rapid.OneOf(rapid.StringN(0, 30, -1), rapid.SampledFrom([]string{"a\nb\n\nc", "1.204", "漢字漢字漢字", "e\u0300 ", "\x1b[31m"})).Draw(t, "paste"))
				default:
					press(f, string(rapid.SampledFrom([]rune("0129 sSnNabèì漢M@\u0300.")).Draw(t, "rune")))
				}
				w := rapid.SampledFrom([]int{74, 54, 30, 10, 5, 3, 1, 0}).Draw(t, "w")
				inside(t, f, w, rapid.Bool().Draw(t, "focused"))
			}
			again := New(v, look)
			again.Set(f.Value())
			if !survey.Equal(f.Value(), again.Value()) {
				t.Fatalf("%#v comes back as %#v", f.Value(), again.Value())
			}
		}))
	}
}

func inside(t *rapid.T, f Field, w int, focused bool) {
	lines := f.Lines(w, focused)
	if len(lines) == 0 {
		t.Fatal("nothing is drawn")
	}
	for _, l := range lines {
		if ansi.StringWidth(l) > w || strings.Contains(l, "\n") {
			t.Fatalf("%q is wider than %d", l, w)
		}
	}
	if x, y, ok := f.Cursor(); ok && focused && (x < 0 || x > max(w-1, 0) || y < 0 || y >= len(lines)) {
		t.Fatalf("cursor %d,%d outside %d lines of %d", x, y, len(lines), w)
	}
}

// TestWindowOfAWholeFile: fifty thousand letters, or as many that take no
// cell, pasted where a line is asked for are drawn at once; measured one by one
// they stand still for minutes.
func TestWindowOfAWholeFile(t *testing.T) {
	t.Parallel()
	for _, one := range []string{"é", "\u200d", "漢"} {
		in := textinput.New()
		in.SetValue(strings.Repeat(one, 50_000))
		for range 3 {
			text, x := Window(in, 40)
			if w := ansi.StringWidth(text); w > 40 || x > 40 || one != "\u200d" && x < 38 {
				t.Fatalf("%q: %d cells, the cursor at %d", one, w, x)
			}
		}
	}
}
