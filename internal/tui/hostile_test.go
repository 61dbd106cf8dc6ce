package tui

import (
	"context"
	"strings"
	"testing"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// hostileWords are what an office, a register or another computer of the school
// could send: a cleared screen, a title, colours, text turned round, hidden
// text, a line that pretends to be another.
const hostileWords = "=1+1 \x1b[2J\x1b]0;t\a\u009b31m\u202eoid\u200b\ufeff\u2028\r\nFORGED riga\t\x7f"

// hostileAnswer is as much of it as an answer may hold.
var hostileAnswer = strings.Map(func(r rune) rune {
	if r < ' ' || r == 0x7f {
		return ' '
	}
	return r
}, hostileWords)

// acted is what of hostileWords a terminal would act upon. A style that the form itself
// draws is none of them.
var acted = []string{"\x1b[2J", "\x1b]0", "\a", "\u009b", "\u202e", "\u200b", "\ufeff", "\u2028", "\x7f", "\r"}

// harm lets the office and the register send hostile words wherever words go,
// and the persons at the school be called so.
func (w *world) harm() {
	w.t.Helper()
	ctx := context.Background()
	in := w.inst
	in.Name += " " + hostileWords
	in.Comune += " " + hostileWords
	w.must(w.store.EditInstitutions(ctx, func([]store.Institution, map[string]int) (store.RegisterEdit, error) {
		return store.RegisterEdit{Put: []store.Institution{in}}, nil
	}))
	w.says(hostileWords)
	w.hostile = hostileAnswer
}

// TestHostilePages: on no page a text from elsewhere reaches the terminal as
// anything but letters, or breaks the page.
func TestHostilePages(t *testing.T) {
	t.Parallel()
	for name, page := range screens {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, "it")
			w.harm()
			page(w)
			w.harmless()
			if _, signed := w.desk.Account(); !signed || name == "loss" {
				return
			}
			parts, err := w.store.Parts(t.Context(), w.inst.ID)
			w.must(err)
			for _, p := range parts {
				_, err := w.store.ReviewParts(t.Context(), w.inst.ID, []store.Review{{At: w.clock.now(), Action: store.ReviewReturn, Part: p.Part, Revision: p.Current.Revision,
					Remarks: []surveysync.Remark{{Variable: "head_name", Text: hostileWords}, {Text: hostileWords}}}}, w.act("return"))
				w.must(err)
			}
			w.press("f5")
			w.harmless()
			w.app.home()
			w.harmless()
			if len(parts) > 0 {
				w.sees(`\x1b[2J`)
			}
		})
	}
}

// says lets the office write a message.
func (w *world) says(text string) {
	w.t.Helper()
	w.must(w.store.AddWord(context.Background(), store.Messages, []string{w.inst.ID}, store.Word{At: w.clock.now(), Text: text}, w.act("message")))
}

// TestMegabyte: a message of a megabyte is one that can be scrolled through,
// and all around it is as it was.
func TestMegabyte(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it").signed()
	w.says(strings.Repeat("é", 1<<19))
	w.press("f5", "end", "home")
	w.sees("PARTE 1", "1 nuovo messaggio")
	w.app.push(newNews(w.app))
	w.press("pgdown")
	w.sees("ééééé", "Esc indietro")
}

// harmless looks at what the form writes to the terminal, from above to below.
func (w *world) harmless() {
	w.t.Helper()
	for range 3 {
		content := w.app.View().Content
		for _, s := range acted {
			if strings.Contains(content, s) {
				w.t.Errorf("%q reaches the terminal:\n%q", s, content)
			}
		}
		for line := range strings.Lines(w.screen()) {
			if strings.HasPrefix(line, "FORGED") { // indented it belongs to what stands above it
				w.t.Errorf("a field has forged a line:\n%s", w.screen())
			}
		}
		w.robot.Press("pgdown")
	}
}
