package tui

import (
	"context"
	"go/ast"
	"go/parser"
	"go/token"
	"image/color"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"charm.land/lipgloss/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	"rileva/internal/tui/robot"
)

// threeAxes is a table whose columns stand for three things each.
const threeAxes = `format: 1
id: dispersione-2022-23
version: "prova"
languages: [it, en]
title: {it: "Prova", en: "Trial"}
checks: {integer: H01, required: H02, exclusive: H14}
reasons: {other: {it: "Altro", en: "Other"}}
unavailable: {other: {it: "Altro", en: "Other"}}
parts:
  - id: general
    title: {it: "La biblioteca", en: "The library"}
    sections:
      - id: loans
        title: {it: "Prestiti", en: "Loans"}
        items:
          - grid: loans_grid
            title: {it: "Prestiti", en: "Loans"}
            axes:
              - {id: kind, label: {it: "Genere", en: "Kind"}, items: [{id: book, label: {it: "Libri", en: "Books"}}, {id: film, label: {it: "Film", en: "Films"}}]}
              - {id: age, label: {it: "Età", en: "Age"}, items: [{id: minor, label: {it: "Minorenni", en: "Minors"}, short: {it: "Min.", en: "Min."}}, {id: adult, label: {it: "Adulti", en: "Adults"}, short: {it: "Ad.", en: "Ad."}}]}
              - {id: half, label: {it: "Semestre", en: "Half"}, items: [{id: first, label: {it: "Primo", en: "First"}, short: {it: "I", en: "I"}}, {id: second, label: {it: "Secondo", en: "Second"}, short: {it: "II", en: "II"}}]}
            rows:
              - {id: loans, label: {it: "Prestiti", en: "Loans"}}
              - {id: late, label: {it: "di cui restituiti in ritardo", en: "of which returned late"}}
`

func (w *world) threeAxes() {
	w.t.Helper()
	_, err := w.store.Publish(context.Background(), []byte(threeAxes), noon, w.act("survey_publish"))
	w.must(err)
	w.signed().at(general, "loans_book_minor_first")
	w.types("12")
	w.press("tab")
	w.types("1204")
	w.press("tab")
}

// TestThreeAxes: every sum of three axes is told, and the cell's three names.
func TestThreeAxes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	w.threeAxes()
	w.sees("Prestiti, Libri, Adulti, Primo: vuoto", "Prestiti: ~1.216", "I ~12", "II ~1.204", "Min. ~1.216", "Ad. ~0", "Libri ~1.216", "Film ~0")
}

// pageTypes finds the types of this package that have a method title.
func pageTypes(t *testing.T) []string {
	var out []string
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil && f.Name.Name == "title" {
				out = append(out, f.Recv.List[0].Type.(*ast.StarExpr).X.(*ast.Ident).Name)
			}
		}
	}
	if len(out) < 15 {
		t.Fatalf("only %v", out)
	}
	return out
}

// TestLooks draws every page on dark and on light, with and without colours, in
// plain characters, in both languages. Sixteen colours are TestSixteenColours'.
func TestLooks(t *testing.T) {
	t.Parallel()
	if got := colorprofile.Env([]string{"TERM=xterm-256color", "COLORTERM=truecolor", "NO_COLOR=1"}); got > colorprofile.ASCII {
		t.Errorf("NO_COLOR gives the profile %v", got)
	}
	for _, c := range []struct {
		name, lang string
		looks      desk.Looks
		ground     color.Color
	}{
		{"dark", "it", desk.Looks{}, color.Black},
		{"light, plain characters", "it", desk.Looks{ASCII: true}, color.White},
		{"no colours, English", "en", desk.Looks{NoColour: true}, color.Black},
	} {
		for name, open := range screens {
			t.Run(c.name+"/"+name, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, c.lang)
				w.looks, w.ground = c.looks, c.ground
				w.reopen()
				open(w)
				signs(t, w.robot, c.ground)
				if c.looks.NoColour {
					colourless(t, w.robot)
				}
				withoutColours(t, w.robot)
				letters(t, w.robot, c.looks.ASCII)
				oneLanguage(t, w.robot, c.lang)
			})
		}
	}
}

// signs: what colour and reverse say, a sign says too, and what has a colour can
// be read. So a screen without colours tells the same.
func signs(t *testing.T, r *robot.Robot, ground color.Color) {
	w, h := r.Size()
	last := color.Color(nil) // of the line above
	for y := range h {
		var first color.Color
		for _, run := range runs(r, y, w) {
			text := strings.TrimSpace(run.text)
			switch {
			case text == "" || y == 0: // the header is reversed from end to end
			case run.fg != nil && !strings.ContainsAny(text[:1], "!?") && run.fg != last && !strings.HasPrefix(text, "NON SALVATO"):
				t.Errorf("line %d: %q is coloured and has no sign", y, text)
			case run.reverse && !strings.ContainsAny(text, ">[]"):
				t.Errorf("line %d: %q is reversed and has no sign", y, text)
			}
			if run.fg != nil {
				if first = run.fg; contrast(run.fg, ground) < minContrast {
					t.Errorf("line %d: %q has a contrast of %.1f", y, text, contrast(run.fg, ground))
				}
			}
			if run.bg != nil {
				t.Errorf("line %d: %q has a background of its own", y, text)
			}
		}
		last = first
	}
}

type run struct {
	text    string
	fg, bg  color.Color
	reverse bool
}

// runs cuts a line of the terminal where the looks change.
func runs(r *robot.Robot, y, w int) []run {
	var out []run
	for x := range w {
		c := r.Cell(x, y)
		if n := len(out); n > 0 && out[n-1].fg == c.Fg && out[n-1].bg == c.Bg && out[n-1].reverse == c.Reverse {
			out[n-1].text += c.Text
			continue
		}
		out = append(out, run{c.Text, c.Fg, c.Bg, c.Reverse})
	}
	return out
}

// colourless: nothing has a colour.
func colourless(t *testing.T, r *robot.Robot) {
	w, h := r.Size()
	for y := range h {
		for _, run := range runs(r, y, w) {
			if run.fg != nil || run.bg != nil {
				t.Errorf("%q has a colour", run.text)
			}
		}
	}
}

var colours = regexp.MustCompile(`\x1b\[[0-9;]*[34][0-9][;m]`)

// withoutColours: where NO_COLOR is set every word still stands there.
func withoutColours(t *testing.T, r *robot.Robot) {
	var b strings.Builder
	out := colorprofile.Writer{Forward: &b, Profile: colorprofile.ASCII}
	if _, err := out.WriteString(r.Drawn()); err != nil {
		t.Fatal(err)
	}
	if ansi.Strip(b.String()) != ansi.Strip(r.Drawn()) || colours.MatchString(b.String()) {
		t.Errorf("without colours: %q", b.String())
	}
}

// sixteen are the colours that terminals give to the sixteen names, in their
// order: xterm, Windows, the console of Linux and PCs, GNOME.
var sixteen = map[string][16]string{
	"xterm":   {"#000000", "#cd0000", "#00cd00", "#cdcd00", "#0000ee", "#cd00cd", "#00cdcd", "#e5e5e5", "#7f7f7f", "#ff0000", "#00ff00", "#ffff00", "#5c5cff", "#ff00ff", "#00ffff", "#ffffff"},
	"Windows": {"#0c0c0c", "#c50f1f", "#13a10e", "#c19c00", "#0037da", "#881798", "#3a96dd", "#cccccc", "#767676", "#e74856", "#16c60c", "#f9f1a5", "#3b78ff", "#b4009e", "#61d6d6", "#f2f2f2"},
	"console": {"#000000", "#aa0000", "#00aa00", "#aa5500", "#0000aa", "#aa00aa", "#00aaaa", "#aaaaaa", "#555555", "#ff5555", "#55ff55", "#ffff55", "#5555ff", "#ff55ff", "#55ffff", "#ffffff"},
	"GNOME":   {"#171421", "#c01c28", "#26a269", "#a2734c", "#12488b", "#a347ba", "#2aa1b3", "#d0cfcc", "#5e5c64", "#f66151", "#33d17a", "#e9ad0c", "#2a7bde", "#c061cb", "#33c7de", "#ffffff"},
}

// TestSixteenColours: the nearest of sixteen colours can be read too, on the
// black and on the white of the terminals that have no more.
func TestSixteenColours(t *testing.T) {
	for name, palette := range sixteen {
		for _, ground := range []string{palette[0], palette[15]} {
			s := newStyles(desk.Looks{}, lipgloss.Color(ground))
			for what, style := range map[string]lipgloss.Style{"error": s.Error, "warning": s.Warning} {
				near, ok := colorprofile.ANSI.Convert(style.GetForeground()).(ansi.BasicColor)
				if !ok {
					t.Fatalf("%s on %s has no colour", what, ground)
				}
				if k := contrast(lipgloss.Color(palette[near]), lipgloss.Color(ground)); k < minContrast {
					t.Errorf("%s: %s on %s is colour %d, with a contrast of %.1f", name, what, ground, near, k)
				}
			}
		}
	}
}

// letters: what is drawn besides words is Latin-1 and lines, which the raster
// fonts of old computers have too; in plain characters it is ASCII.
func letters(t *testing.T, r *robot.Robot, plain bool) {
	const inWords = "«»“”°’–…" // of sentences, of which the dots are drawn too
	for _, c := range r.Screen() {
		word := c < 127 || unicode.IsLetter(c) && c < 0x250 || strings.ContainsRune(inWords, c)
		drawn := c < 0x100 || c == '─' || c == '│'
		if plain && (!word || c == '…') || !plain && !word && !drawn {
			t.Fatalf("%q is drawn:\n%s", c, r.Screen())
		}
	}
}

var (
	tables  = map[string]map[string]string{"it": words(italian()), "en": words(english())}
	another = map[string]string{"it": "en", "en": "it"}
)

// oneLanguage: no text of the other language stands on the screen.
func oneLanguage(t *testing.T, r *robot.Robot, lang string) {
	flat := strings.Join(strings.Fields(r.Screen()), " ")
	for name, text := range tables[another[lang]] {
		if name == "More.Office1" { // the office has an Italian name in both
			continue
		}
		if len(text) >= 6 && text != tables[lang][name] && !strings.Contains(text, "%") && strings.Contains(flat, text) {
			t.Errorf("%s: %q:\n%s", name, text, r.Screen())
		}
	}
}

// betray are words that only one of the languages has.
var betray = map[string][]string{
	"it": {"the", "of", "and", "is", "are", "you", "with", "your", "from", "back", "next", "press"},
	"en": {"della", "delle", "dei", "il", "lo", "gli", "che", "per", "non", "si", "è", "sono", "con", "una", "premere", "invio", "esc indietro"},
}

// TestNoForeignWords: a text that was left in the other language is known by
// its small words, whichever table it stands in.
func TestNoForeignWords(t *testing.T) {
	for lang, table := range tables {
		for name, text := range table {
			for _, w := range strings.FieldsFunc(strings.ToLower(text), func(c rune) bool { return !unicode.IsLetter(c) }) {
				if slices.Contains(betray[lang], w) {
					t.Errorf("%s, %s: %q in %q", lang, name, w, text)
				}
			}
		}
	}
}
