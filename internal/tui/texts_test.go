package tui

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"rileva/internal/tui/grid"
)

// alike are the texts that are the same word in both languages.
var alike = map[string]bool{"Password": true, "Grid.Total": true, "Fields.No": true, "Fields.NoKeys": true, "More.HeartbeatOff": true}

// words lists every text of a language by the name of its field, the sentences
// that are made among them.
func words(t *texts) map[string]string {
	out := map[string]string{}
	gather(out, "", reflect.ValueOf(*t))
	return out
}

func gather(out map[string]string, prefix string, v reflect.Value) {
	for i := range v.NumField() {
		name, f := prefix+v.Type().Field(i).Name, v.Field(i)
		switch f.Kind() {
		case reflect.String:
			out[name] = f.String()
		case reflect.Struct:
			gather(out, name+".", f)
		case reflect.Func:
			out[name] = ""
			if !f.IsNil() {
				out[name] = said(f)
			}
		}
	}
}

// said calls a function that makes a sentence with numbers that are not 0 nor 1.
func said(f reflect.Value) string {
	var args []reflect.Value
	for i := range f.Type().NumIn() {
		in := reflect.New(f.Type().In(i)).Elem()
		if in.Kind() == reflect.Int {
			in.SetInt(int64(i + 2))
		}
		args = append(args, in)
	}
	switch x := args[0].Interface().(type) {
	case grid.PasteReport:
		x.Pasted, x.Outside, x.Closed, x.Computed, x.NotNumber, x.TooBig = 2, 1, 1, 1, 1, 1
		args[0] = reflect.ValueOf(x)
	case grid.StatusText:
		args[0] = reflect.ValueOf(grid.StatusText{Row: "r", Col: "c", Value: "1", Old: "2", Editing: true, Closed: true})
	}
	return f.Call(args)[0].String()
}

func TestTexts(t *testing.T) {
	it, en := words(italian()), words(english())
	for name, text := range it {
		if strings.TrimSpace(text) == "" || strings.TrimSpace(en[name]) == "" {
			t.Errorf("%s is empty: %q, %q", name, text, en[name])
		}
		if (text == en[name]) != alike[name] {
			t.Errorf("%s is %q in both languages", name, text)
		}
		if a, b := verbs(text), verbs(en[name]); a != b {
			t.Errorf("%s: the languages fill in %q and %q", name, a, b)
		}
	}
}

// verbs are the places that a text has filled in.
func verbs(s string) string {
	var out []string
	for i := 0; i+1 < len(s); i++ {
		if s[i] == '%' {
			out = append(out, s[i:i+2])
		}
	}
	return strings.Join(out, " ")
}

// wrapped are the texts that a page breaks over several lines, or that take the
// line of the keys too when they are said.
var wrapped = []string{"Declaration", "ExplainPupil", "PasswordIntro", "Grid.Pasted", "Import.About", "Import.How", "Import.Refused*", "Link.AboutDoctor", "Link.Newer", "More.About*", "More.ConflictIntro", "More.Elsewhere", "More.HeartbeatWhy", "More.LastYearIntro",
	"More.NoNetwork", "More.OtherServer", "More.Outdate", "More.Removed", "More.PrepareNeed*", "More.PrepareStop", "More.SearchHow"}

// TestWidths: every other text of both languages fits into 80 columns.
func TestWidths(t *testing.T) {
	long := map[string]bool{}
	for lang, table := range tables {
		for name, text := range table {
			i := slices.IndexFunc(wrapped, func(w string) bool {
				prefix, many := strings.CutSuffix(w, "*")
				return w == name || many && strings.HasPrefix(name, prefix)
			})
			if ansi.StringWidth(text) <= 80 {
				continue
			}
			if i < 0 {
				t.Errorf("%s, %s: %q is wider than 80 columns", lang, name, text)
				continue
			}
			long[wrapped[i]] = true
		}
	}
	for _, name := range wrapped {
		if !long[name] {
			t.Errorf("%s need not be broken", name)
		}
	}
}

// TestLongSentence: what is said and does not fit on one line takes the line of
// the keys too, until the next key.
func TestLongSentence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.app.say(said(reflect.ValueOf(italian().Grid.Pasted)))
	w.robot.Send(struct{}{})
	w.sees("non numeri interi", "troppo grandi.")
	w.lacks("Ctrl+Q esci")
	w.press("f7")
	w.sees("Ctrl+Q esci")
}

// TestOneLine: the texts that stand on one line fit into 80 columns.
func TestOneLine(t *testing.T) {
	for _, texts := range []*texts{italian(), english()} {
		v := reflect.ValueOf(*texts)
		for i := range v.NumField() {
			name := v.Type().Field(i).Name
			if strings.HasPrefix(name, "Help") && name != "HelpNoText" && name != "HelpTitle" {
				fits(t, name, v.Field(i).String(), 80)
			}
		}
		f := texts.Fields
		for _, hint := range []string{f.HintText, f.HintNumber, f.HintYesNo, f.HintChoice, f.HintMulti, f.HintList, f.HintArea, f.HintLookup, texts.OpenTable, texts.HelpNext} {
			fits(t, hint, hint+"  "+texts.HelpSection, 80)
		}
		for _, s := range []string{texts.CtrlC, texts.CtrlS, texts.QuitHint, texts.NoMore, texts.NoMissing, texts.ExplainShort, texts.ExplainNoReason,
			texts.ExplainSaved, texts.DeclareHow, texts.SubmitQueued, texts.SubmitReady, texts.PasswordChanged, fmt.Sprintf(texts.Submitted, "ABCD-EFGH-JKLM")} {
			fits(t, s, s, 80)
		}
		if w := ansi.StringWidth(fmt.Sprintf(texts.Position, 6, 6, 12, 12)) + 2 + ansi.StringWidth(fmt.Sprintf(texts.SavedAt, "10:42:07")); w > 80 {
			t.Errorf("place and saving take %d", w)
		}
	}
}

func fits(t *testing.T, name, text string, w int) {
	t.Helper()
	if n := ansi.StringWidth(text); n > w {
		t.Errorf("%s is %d wide: %q", name, n, text)
	}
}

func TestMoments(t *testing.T) {
	for lang, want := range map[string]string{"it": "dicembre", "en": "December", "": "dicembre"} {
		if got := in(lang).moment(noon); !strings.Contains(got, want) {
			t.Errorf("%q: %q", lang, got)
		}
	}
	it := italian()
	for n, want := range map[int]string{0: it.Complete, 1: it.Missing1, 4: "mancano 4 risposte", 1204: "mancano 1.204 risposte"} {
		if got := it.missing(n); got != want {
			t.Errorf("%d: %q", n, got)
		}
	}
}
