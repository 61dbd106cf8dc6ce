package main

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/spf13/cobra"

	"rileva/internal/store"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// hostile is what an office, a register or a file could hold: a cleared screen,
// a title, colours, text turned round, hidden text, a line that pretends to be
// another, a formula.
const hostile = "=1+1 \x1b[2J\x1b]0;t\a\u009b31m\u202eoid\u200b\ufeff\u2028\r\nFORGED riga\t\x7f"

// harms names what in a text a terminal would act upon, or a forged line.
func harms(text string) string {
	for _, r := range text {
		if r != '\n' && r != '\t' && (unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp)) {
			return string(r)
		}
	}
	for line := range strings.Lines(text) {
		if strings.HasPrefix(line, "FORGED") {
			return line
		}
	}
	return ""
}

// TestHostileWords: no command of the school prints what a terminal acts upon,
// whatever the office, the server, a file or the call itself holds. A new
// command without a line here fails.
func TestHostileWords(t *testing.T) {
	w := newWorld(t)
	ctx := context.Background()
	w.must(w.store.EditInstitutions(ctx, func(all []store.Institution, _ map[string]int) (store.RegisterEdit, error) {
		for i := range all {
			all[i].Name += hostile
		}
		return store.RegisterEdit{Put: all}, nil
	}))
	w.login(school)
	var answers map[string]any
	w.must(json.Unmarshal(samples.JSON(survey.GeneralPart), &answers))
	answers["head_name"], answers["compiler_name"] = "Nome \u009b31m\u202eoid", "\u200b\ufeffoid"
	raw, err := json.Marshal(answers)
	w.must(err)
	w.gives(exitDone, "fill", "general", "--from", w.file("general.json", string(raw)))
	w.gives(exitDone, "submit", "general", "--declare")
	in, err := w.store.FindInstitution(ctx, school)
	w.must(err)
	act := surveysync.Entry{At: w.now(), Actor: surveysync.ActorOffice, Action: "message", Outcome: surveysync.OutcomeOK}
	w.must(w.store.AddWord(ctx, store.Messages, []string{in.ID}, store.Word{At: w.now(), Text: hostile}, act))
	_, err = w.store.ReviewParts(ctx, in.ID, []store.Review{{Part: survey.GeneralPart, Revision: 1, Action: store.ReviewReturn, At: w.now(),
		Remarks: []surveysync.Remark{{Variable: "head_name", Text: hostile}}}}, act)
	w.must(err)
	w.call("", "sync")

	file := w.file("strano.csv", "variable,value\n"+hostile+","+hostile+"\n")
	draft := w.file("strano.json", `{"kind":"rileva-draft","version":1,"institution":"X\u001b[2J","parts":[{"part":"\u202e"}]}`)
	calls := map[string][]string{
		"status": {}, "check": {}, "conflicts": {}, "attempts": {}, "doctor": {}, "sync": {}, "settings": {}, "receipts": {},
		"fill": {"general", "--from", file}, "explain": {"general", "S13", "--text", hostile}, "submit": {hostile},
		"resolve": {"general", "--field", hostile}, "receipts show": {hostile}, "receipts verify": {file}, "receipts print": {hostile},
		"print": {"general", "--out", w.dir + "/\u202e.pdf"}, "draft export": {w.dir + "/no/" + hostile}, "draft import": {draft},
		"draft discard": {hostile}, "login": {"--code", hostile, "--password-stdin"}, "password": {"--password-stdin"}, "logout": {}, "help": {hostile},
		"lock": {}, "unlock": {},
	}
	more := [][]string{{"--plain"}, {"check", hostile}, {"status", "--" + hostile}, {"status", "--server", hostile}, {hostile}, {"fill", hostile, "--from", hostile}}
	var last [][]string
	commands(root("it"), "", func(name string, c *cobra.Command) {
		switch args, ok := calls[name]; {
		case !ok && c.HasSubCommands(), c.Hidden && !ok:
		case !ok:
			t.Errorf("%s has no line here", name)
		case name == "logout":
			last = append(last, []string{name})
		default:
			more = append(more, append(strings.Fields(name), args...))
		}
	})
	shown := 0
	for _, args := range append(more, last...) {
		for _, with := range [][]string{nil, {"--json"}, {"--lang", "en"}} {
			s := w.call("1\nstato\nrilievi\n"+hostile+"\n", append(append([]string{}, args...), with...)...)
			if bad := harms(s.out + "\n" + s.err); bad != "" {
				t.Errorf("%q %v prints %q:\n%s\n%s", args, with, bad, s.out, s.err)
			}
			shown += strings.Count(s.out, "oid")
		}
	}
	if shown < 10 {
		t.Errorf("the words were shown %d times: they do not reach the screens", shown)
	}
}
