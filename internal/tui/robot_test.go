package tui

import (
	"flag"
	"fmt"
	"image/color"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/internal/drafts"
	"rileva/internal/store"
	"rileva/internal/tui/field"
	"rileva/internal/tui/grid"
	"rileva/internal/tui/robot"
	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

var (
	steps = flag.Int("steps", 20_000, "how many steps the robot takes at random (make soak: a million)")
	seed  = flag.Uint64("seed", 0, "of its first walk; 0 for another one each time")
)

// stride is the steps of one walk, each over a school and an office of its own.
const stride = 1000

// TestRobot presses keys, pastes, resizes, lets the network and the office do
// what they like at any moment, and pulls the plug. After every step: no panic,
// a screen that fits its window and moves no terminal, a focus with a sign and
// a cursor, and on the disk what the page shows as answered.
//
//	go test ./internal/tui -run TestRobot -seed N -steps 1000
func TestRobot(t *testing.T) {
	t.Parallel()
	first := *seed
	if first == 0 {
		first = rand.Uint64N(1 << 40)
	}
	t.Logf("the first seed is %d", first)
	for i := 0; i*stride < *steps; i++ {
		n := min(stride, *steps-i*stride)
		if !t.Run(fmt.Sprint(first+uint64(i)), func(t *testing.T) { walk(t, first+uint64(i), n) }) {
			return
		}
		if (i+1)%100 == 0 {
			t.Logf("%d steps", (i+1)*stride)
		}
	}
}

// walker is somebody who does anything at all.
type walker struct {
	*world
	*rand.Rand
	done   []string // the last deeds
	works  map[string]*desk.Work
	places [][2]string // part and answer
	told   int         // messages
}

func walk(t *testing.T, seed uint64, n int) {
	w := &walker{world: newWorld(t, "it"), Rand: rand.New(rand.NewPCG(seed, 0))}
	defer func() {
		p := recover()
		if p != nil {
			t.Errorf("%v\n%s", p, debug.Stack())
		}
		if t.Failed() {
			t.Logf("go test ./internal/tui -run TestRobot -seed %d -steps %d\n%s\n%s", seed, stride, strings.Join(w.done, "\n"), w.app.View().Content)
		}
	}()
	w.begin()
	for range n {
		w.step()
		w.holds()
	}
	w.robot.Hold(false)
	w.holds()
}

// begin chooses how far the school has come.
func (w *walker) begin() {
	switch w.IntN(8) {
	case 0: // not even signed in
	case 1:
		w.signed()
	case 2:
		w.sent()
	default:
		w.signed().filled(append([]string{general}, samples.Tracks()[:w.IntN(5)]...)...)
	}
	q, err := survey.Load(questionnaires.Dispersione202223)
	w.must(err)
	for _, part := range append([]string{general}, samples.Tracks()...) {
		for _, v := range q.Sheet(part).Variables() {
			if v.Type != survey.TypeDeclaration && !v.Computed {
				w.places = append(w.places, [2]string{part, v.ID})
			}
		}
	}
}

func pick[T any](w *walker, from ...T) T { return from[w.IntN(len(from))] }

var keyNames = robot.Keys()

// step does one thing.
func (w *walker) step() {
	before, top := w.focus(), w.app.top()
	still := false // the deed is none of the person's
	switch k := w.IntN(1000); {
	case k < 450:
		name := pick(w, keyNames...)
		if (name == "f10" || name == "ctrl+q") && w.IntN(5) > 0 {
			return // starting again takes as long as a hundred keys
		}
		w.note("press %s", name)
		w.press(name)
	case k < 750:
		r := pick(w, []rune("0123456789sneE xà漢@/jk\u0301\u202e")...)
		w.note("type %q", r)
		w.send(tea.KeyPressMsg{Code: r, Text: string(r)})
	case k < 800:
		text := w.paste()
		w.note("paste %.60q, %d bytes", text, len(text))
		w.send(tea.PasteMsg{Content: text})
	case k < 840:
		size := pick(w, [2]int{80, 24}, [2]int{80, 24}, [2]int{100, 30}, [2]int{60, 15}, [2]int{59, 14}, [2]int{3, 2}, [2]int{140, 50})
		w.note("resize to %v", size)
		still = true
		w.size(size[0], size[1])
	case k < 850:
		still = true
		w.strange()
	case k < 890:
		w.jump()
	case k < 900:
		w.menu()
	case k < 920:
		still = true
		w.network()
	case k < 960:
		still = true
		w.late()
	case k < 985:
		d := pick(w, time.Millisecond, restAfter, time.Second, syncEvery, copyEvery)
		w.note("pass %s", d)
		w.pass(d)
	case k < 992:
		w.enter()
	case k < 996:
		w.office()
	default:
		w.unplug()
	}
	if w.robot.Ended() {
		w.note("ended")
		w.restart()
	} else if after := w.focus(); still && top == w.app.top() && after != before && !w.gone(before) {
		w.t.Errorf("the focus went by itself from %s to %s", before, after)
	}
}

func (w *walker) note(format string, args ...any) {
	w.done = append(w.done, fmt.Sprintf(format, args...))
	w.done = w.done[max(len(w.done)-60, 0):]
}

// paste makes a text such as stands on somebody's clipboard.
func (w *walker) paste() string {
	hostile := []string{"\x1b[2J\x1b[H", "\x1b]0;titolo\x07", "\x00", "\u202e", "\u200b", "\xff\xfe", "\x1b[201~", "\u0301", "\r", "\n", "\t", "👨‍👩‍👧", "漢", "شكرا", "1", "1.204", "-3", "2,5"}
	switch w.IntN(12) {
	case 0:
		return strings.Repeat(pick(w, hostile...), 1<<pick(w, 1, 4, 10))
	case 1: // a sheet that is larger than any table
		return strings.Repeat(strings.Repeat("1\t", 200)+"\r\n", 200)
	case 2:
		if w.IntN(20) == 0 {
			return strings.Repeat(pick(w, "a", "1\t2\n", "\u202e1", "\x1b[1m"), 1<<20/2)
		}
		return ""
	case 3, 4, 5:
		return pick(w, "1\t2\t3\n4\t5\t6", "1.204", "a\r\nb\r\nc", "漢字 è\u0300", "MIPS01000G", "Sì", "12")
	}
	var b strings.Builder
	for range w.IntN(30) {
		b.WriteString(pick(w, hostile...))
	}
	return b.String()
}

// strange is what terminals report besides keys.
func (w *walker) strange() {
	msg := pick[tea.Msg](w, tea.WindowSizeMsg{}, tea.WindowSizeMsg{Width: -1, Height: 5}, tea.FocusMsg{}, tea.BlurMsg{}, tea.InterruptMsg{},
		tea.BackgroundColorMsg{Color: color.Black}, tea.BackgroundColorMsg{Color: color.White}, tea.KeyReleaseMsg{Code: 'a'}, struct{}{})
	w.note("%T", msg)
	w.send(msg)
}

// jump opens a place. The answers of part 1 may have closed its sheet: then
// part 1 is filled in again.
func (w *walker) jump() {
	place := pick(w, w.places...)
	w.note("jump to %v", place)
	if _, ok := w.desk.Account(); !ok || !w.app.top().leave() {
		return
	}
	if _, ok := w.app.pages[0].(*homePage); ok {
		w.app.pages = w.app.pages[:1] // making it anew judges the whole return
	} else {
		w.app.home()
	}
	work, err := w.desk.Work(place[0])
	if err != nil && place[0] != general {
		w.again()
		work, err = w.desk.Work(place[0])
	}
	if err != nil {
		return // the letter's password, or what was sent is frozen
	}
	openVariable(w.app, work, place[1])
	w.fits()
}

func (w *walker) again() {
	work, err := w.desk.Work(general)
	if err != nil {
		return
	}
	var changes []desk.Change
	paper := samples.For(samples.Institution())[general]
	for _, v := range work.Sheet.Variables() {
		if !v.ReadOnly && !v.Computed {
			changes = append(changes, desk.Change{Variable: v.ID, Value: paper[v.ID]})
		}
	}
	_, err = work.Set(changes...)
	w.must(err)
}

// menu opens one of the lines of the home page.
func (w *walker) menu() {
	if _, ok := w.desk.Account(); !ok || !w.app.top().leave() {
		return
	}
	down := w.IntN(16)
	w.note("line %d of the home page", down)
	w.app.home()
	for range down {
		w.press("down")
	}
	w.press("enter")
}

// network goes and comes, is slow and is quick again.
func (w *walker) network() {
	switch w.IntN(4) {
	case 0:
		w.down.Store(!w.down.Load())
		w.note("down: %v", w.down.Load())
	case 1:
		w.note("hold")
		w.robot.Hold(true)
	case 2:
		w.note("release")
		w.robot.Hold(false)
	default:
		w.note("tick")
		w.send(tickMsg{})
	}
}

// late lets one of the things that wait happen, in any order.
func (w *walker) late() {
	if n := w.robot.Waits(); n > 0 {
		i := w.IntN(n)
		w.note("%d of the %d that wait", i, n)
		w.robot.Step(i)
	}
}

// enter types what is asked for where one signs in.
func (w *walker) enter() {
	p, ok := w.app.top().(*entryPage)
	if !ok {
		return
	}
	w.note("enter %s", p.labels[p.at])
	text := newPassphrase
	switch p.labels[p.at] {
	case w.app.texts.Server:
		text = w.url
	case w.app.texts.Code:
		text = w.inst.Code
	case w.app.texts.Password:
		if account, ok := w.desk.Account(); !ok || account.MustChange {
			text = w.letter
		}
	}
	p.inputs[p.at].SetValue(text)
	w.press("enter")
}

// office is what others do meanwhile.
func (w *walker) office() {
	switch w.IntN(5) {
	case 0:
		w.told++
		w.note("a message")
		w.must(w.store.AddWord(w.t.Context(), store.Messages, []string{w.inst.ID}, store.Word{At: w.clock.now(), Text: fmt.Sprint("Avviso ", w.told, "\x1b[2J")}, w.act("message")))
	case 1:
		w.note("the session ends")
		_, err := w.store.RevokeSessions(w.t.Context(), w.inst.ID, "", surveysync.Entry{At: w.clock.now(), Actor: surveysync.ActorOffice, Action: "revoke", Outcome: surveysync.OutcomeOK})
		w.must(err)
	case 2:
		parts, err := w.store.Parts(w.t.Context(), w.inst.ID)
		w.must(err)
		for _, p := range parts {
			w.note("%s comes back", p.Part)
			// Refused where it is not due; then nothing happens.
			_, _ = w.store.ReviewParts(w.t.Context(), w.inst.ID, []store.Review{{At: w.clock.now(), Action: store.ReviewReturn, Part: p.Part, Revision: p.Current.Revision,
				Remarks: []surveysync.Remark{{Variable: pick(w, w.places...)[1], Text: "Da rivedere."}}}}, w.act("return"))
		}
	default:
		if w.IntN(3) == 0 {
			w.note("a new version")
			w.publish()
		}
	}
}

// unplug ends the program without a word and starts it again.
func (w *walker) unplug() {
	w.note("the plug is pulled")
	w.restart()
}

// restart finds on the disk what was there before.
func (w *walker) restart() {
	before := w.answers()
	w.reopen()
	w.works = nil
	after := w.answers()
	for part, was := range before {
		is, open := after[part]
		if !open || is.Questionnaire != was.Questionnaire {
			continue // closed by an answer of part 1, or carried over to another version
		}
		if diff := survey.Diff(was.Answers, is.Answers); len(diff) > 0 {
			w.t.Errorf("%s: after a restart there are other answers: %v", part, diff)
		}
	}
}

// answers are those on the disk, of the parts that are open.
func (w *walker) answers() map[string]drafts.Draft {
	out := map[string]drafts.Draft{}
	for _, part := range append([]string{general}, samples.Tracks()...) {
		if work := w.draft(part); work != nil {
			out[part] = work.Draft
		}
	}
	return out
}

// draft reads a part from the disk. It is nil when the last answer has closed
// the sheet whose page is open: then there is nothing to compare.
func (w *walker) draft(part string) *desk.Work {
	work := w.works[part]
	if work != nil && work.Reload() == nil {
		return work
	}
	work, err := w.desk.Work(part)
	if err != nil {
		return nil
	}
	if w.works == nil {
		w.works = map[string]*desk.Work{}
	}
	w.works[part] = work
	return work
}

// focus names what has the focus.
func (w *walker) focus() string {
	switch p := w.app.top().(type) {
	case *sectionPage:
		if it := p.current(); it != nil && it.item.Question != nil {
			return it.item.Question.ID
		} else if it != nil {
			return it.item.Grid.ID
		}
	case *gridPage:
		if _, cell := p.focus(); cell != nil {
			return cell.ID
		}
	case *entryPage: // the answer of the server leads to the line that is at fault
	case interface{ current() *listRow }:
		if r := p.current(); r == nil {
			return ""
		} else if f, ok := r.at.(survey.Finding); ok {
			return f.Check + " " + strings.Join(f.Variables, " ")
		} else {
			return r.text
		}
	}
	return ""
}

// gone: the line of a list that was chosen can no longer be, as that of a sheet
// which a new version of the questionnaire has locked. Another has to be.
func (w *walker) gone(text string) bool {
	p, ok := w.app.top().(*homePage)
	return ok && !slices.ContainsFunc(p.rows, func(r listRow) bool { return r.open != nil && r.text == text })
}

// holds finds what must be so at any moment.
func (w *walker) holds() {
	w.t.Helper()
	w.fits()
	if w.app.unsaved != "" {
		w.t.Fatalf("not saved: %s", w.app.unsaved)
	}
	if _, _, ok := w.robot.Cursor(); !ok && !w.app.tooSmall() {
		w.t.Fatal("the cursor is lost")
	}
	for _, p := range w.app.pages {
		if e, ok := p.(*entryPage); ok && e.busy != "" && w.robot.Waits() == 0 {
			w.t.Fatal("a page waits for an answer that will never come")
		}
	}
	if w.app.syncing && w.robot.Waits() == 0 {
		w.t.Fatal("the form believes that a pass is under way")
	}
	if w.IntN(3) > 0 {
		return // what is not on the disk will not be there in the next step either
	}
	switch p := w.app.top().(type) {
	case *sectionPage:
		w.section(p)
	case *gridPage:
		w.table(p)
	}
}

// section compares what stands in the fields with the disk.
func (w *walker) section(p *sectionPage) {
	w.t.Helper()
	if p.current() == nil {
		w.t.Fatal("no question has the focus")
	}
	draft := w.draft(p.work.Part)
	if draft == nil || draft.Sheet != p.work.Sheet {
		return
	}
	for i, it := range p.items {
		if it.field == nil || i == p.at && (it.typed() || it.open) {
			continue
		}
		v := it.item.Question
		f := field.New(v, w.app.look())
		f.Set(draft.Value(v.ID))
		if !survey.Equal(f.Value(), it.field.Value()) {
			w.t.Fatalf("%s shows %v, the disk has %v", v.ID, it.field.Value(), draft.Value(v.ID))
		}
	}
}

// table compares what stands in the cells with the disk.
func (w *walker) table(p *gridPage) {
	w.t.Helper()
	draft := w.draft(p.work.Part)
	if draft == nil || draft.Sheet != p.work.Sheet {
		return
	}
	at, typing, _ := p.m.Pending()
	shown := p.cells()
	for i, row := range p.g.Rows {
		for k, cell := range row.Cells {
			if cell.Computed || typing != nil && cell.ID == at || cell.ID == p.held.id {
				continue
			}
			n, ok := draft.Value(cell.ID).(int)
			if got := shown[i][k]; ok != (got.Value != nil) || ok && *got.Value != n {
				w.t.Fatalf("%s shows %v, the disk has %v", cell.ID, got.Value, draft.Value(cell.ID))
			}
		}
	}
	open := slices.ContainsFunc(shown, func(row []grid.Cell) bool {
		return slices.ContainsFunc(row, func(c grid.Cell) bool { return !c.Computed && !c.Closed })
	})
	if _, cell := p.focus(); cell == nil && open {
		w.t.Fatal("no cell has the focus")
	}
}
