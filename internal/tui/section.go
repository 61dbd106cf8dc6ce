package tui

import (
	"fmt"
	"slices"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	"rileva/pkg/survey"
)

// sectionPage is a column of questions. The one in focus shows its help, its
// input and its findings; a table shows one line and opens on Enter.
type sectionPage struct {
	app     *App
	work    *desk.Work
	section *survey.Section
	items   []*sectionItem
	at      int
	w, h    int
	top     int
	cx, cy  int
	hasCur  bool
	last    desk.LastYear
}

type sectionItem struct {
	item  survey.Item
	field field.Field // nil for a table or what cannot be typed
	shown any         // the field's value as the draft has it
	draft any         // and the draft's
	open  bool        // keys went into it since it was entered: not judged yet
}

// set shows the draft's value. What the field makes of it is remembered, and
// not the value itself: one that came by a file may not fit the field, and
// only what the person changes is written back.
func (it *sectionItem) set(value any) {
	it.field.Set(value)
	it.shown, it.draft, it.open = it.field.Value(), value, false
}

// typed tells whether the person has changed the field since.
func (it *sectionItem) typed() bool {
	return it.field != nil && !survey.Equal(it.field.Value(), it.shown)
}

// typing tells whether something stands in the focus that is not saved yet.
func (p *sectionPage) typing() bool {
	it := p.current()
	return it != nil && it.typed()
}

func newSection(a *App, work *desk.Work, s *survey.Section) *sectionPage {
	p := &sectionPage{app: a, work: work, section: s}
	last, err := work.LastYear()
	if err != nil {
		a.failed(err)
	}
	p.last = last
	p.build()
	p.goTo(p.firstMissing())
	return p
}

// build lists the questions that are asked now.
func (p *sectionPage) build() {
	var at survey.Item
	if p.at < len(p.items) {
		at = p.items[p.at].item
	}
	fields := map[*survey.Variable]*sectionItem{}
	for _, it := range p.items {
		if it.item.Question != nil {
			fields[it.item.Question] = it
		}
	}
	p.items = p.items[:0:0]
	for _, item := range p.section.Items {
		v := item.Question
		if v != nil && (p.work.Eval.Status(v.ID) == survey.Irrelevant || v.Type == survey.TypeDeclaration) {
			continue
		}
		it := fields[v]
		if v == nil || it == nil {
			it = &sectionItem{item: item}
			if v != nil && !v.ReadOnly {
				it.field = field.New(v, p.app.look())
				it.set(p.work.Value(v.ID))
			}
		}
		if item == at {
			p.at = len(p.items)
		}
		p.items = append(p.items, it)
	}
	p.at = max(0, min(p.at, len(p.items)-1))
}

func (p *sectionPage) current() *sectionItem {
	if p.at < len(p.items) {
		return p.items[p.at]
	}
	return nil
}

func (p *sectionPage) firstMissing() string {
	for _, it := range p.items {
		if v := it.item.Question; v != nil && p.work.Eval.Status(v.ID) == survey.Missing && v.Tier == survey.TierCore {
			return v.ID
		}
	}
	return ""
}

// goTo moves to a question; it is false when it does not stand here.
func (p *sectionPage) goTo(id string) bool {
	for i, it := range p.items {
		if it.item.Question != nil && it.item.Question.ID == id {
			p.at = i
			return true
		}
	}
	return false
}

// title names the track too: its sheets are alike.
func (p *sectionPage) title() string {
	lang := p.app.texts.lang
	title := p.section.Title.In(lang)
	if p.work.Part != survey.GeneralPart {
		title = p.work.Sheet.Title.In(lang) + " - " + title
	}
	return title
}

func (p *sectionPage) help() string {
	t := p.app.texts
	switch it := p.current(); {
	case it == nil:
		return t.HelpSection
	case it.field != nil:
		return it.field.Hint() + "  " + t.HelpSection
	case it.item.Grid != nil:
		return t.OpenTable + "  " + t.HelpSection
	}
	return t.HelpNext + "  " + t.HelpSection
}

// status says what can be done besides answering, or else where this is.
func (p *sectionPage) status() string {
	t, it := p.app.texts, p.current()
	if it == nil {
		return ""
	}
	if v := it.item.Question; v != nil && v.Tier == survey.TierExt && it.field != nil {
		return t.NotAvailableOff
	}
	return position(t, p.work, p.section)
}

// position says where in the part a section is, and what is missing there.
func position(t *texts, work *desk.Work, s *survey.Section) string {
	at := slices.Index(work.Sheet.Sections, s)
	pr := work.Progress(s)
	return fmt.Sprintf(t.Position, at+1, len(work.Sheet.Sections), t.missing(pr.Total-pr.Answered))
}

func (p *sectionPage) size(w, h int) { p.w, p.h = w, h }

func (p *sectionPage) refresh() {
	if err := p.work.Reload(); err != nil {
		p.app.failed(err)
		return
	}
	if !p.sameSheet() {
		return
	}
	for _, it := range p.items {
		// What is being typed now is the latest word on its question; what has
		// not changed is left alone, with the cursor in it.
		if it.field == nil || it.typed() {
			continue
		}
		if now := p.work.Value(it.item.Question.ID); !survey.Equal(now, it.draft) {
			it.set(now)
		}
	}
	p.build()
}

// sameSheet tells whether the part still stands on the version that the page
// was made for. On another one the section is looked up anew; a section that is
// gone leads home.
func (p *sectionPage) sameSheet() bool {
	if slices.Contains(p.work.Sheet.Sections, p.section) {
		return true
	}
	for _, s := range p.work.Sheet.Sections {
		if s.ID == p.section.ID {
			id, typed := "", any(nil)
			if it := p.current(); it != nil && it.item.Question != nil {
				id = it.item.Question.ID
				if it.typed() {
					typed = it.field.Value()
				}
			}
			p.section, p.items, p.at = s, nil, 0
			p.build()
			if p.goTo(id) && typed != nil && p.current().field != nil {
				p.current().field.Set(typed) // the latest word on its question
			}
			return false
		}
	}
	p.app.home()
	return false
}

// leave writes the answer in the focused field if it was changed, and shows it
// as the draft has it, with what the checks say.
func (p *sectionPage) leave() bool {
	it := p.current()
	switch {
	case it == nil:
		return true
	case it.typed():
		return p.write(it, desk.Change{Variable: it.item.Question.ID, Value: it.field.Value()})
	case it.open: // a rest has written it
		p.app.history(p.work).resting = false
		it.set(it.draft)
		p.build()
	}
	return true
}

// rest writes what is being typed and leaves the field as it is under the
// fingers: the cursor stays, and nothing is judged before it is left.
func (p *sectionPage) rest() bool {
	it := p.current()
	id, value := it.item.Question.ID, it.field.Value()
	if !p.app.change(p.work, "", true, desk.Change{Variable: id, Value: value}) {
		return false
	}
	it.shown, it.draft, it.open = value, p.work.Value(id), true
	return true
}

// unsaved names what stands in the focus.
func (p *sectionPage) unsaved() string {
	v := p.current().item.Question
	return v.Label.In(p.app.texts.lang) + ": " + survey.Show(p.current().field.Value(), p.app.texts.lang)
}

// write stores a change of one answer and shows what the draft then holds.
func (p *sectionPage) write(it *sectionItem, c desk.Change) bool {
	if !p.app.change(p.work, "", false, c) {
		return false
	}
	it.set(p.work.Value(c.Variable))
	p.build()
	return true
}

func (p *sectionPage) step(by int) {
	if !p.leave() {
		return // it would be lost: the status line says why
	}
	next := p.at + by
	if next >= len(p.items) {
		p.app.say(p.app.texts.NoMore)
		return
	}
	p.at = max(next, 0)
}

func (p *sectionPage) key(k tea.KeyPressMsg) tea.Cmd {
	it := p.current()
	switch s := k.String(); {
	case s == "esc":
		p.app.pop()
		return nil
	case it == nil:
		return nil
	case s == "f1" || s == "ctrl+g":
		p.app.push(newHelpOn(p.app, p.work, it.item, ""))
		return nil
	case s == "f6" || s == "ctrl+n":
		nextMissing(p.app, p.work, it.after())
		return nil
	case s == "f9" || s == "ctrl+t":
		return openSubmit(p.app, p.work.Part)
	case s == "f4":
		p.app.push(newReview(p.app, p.work))
		return nil
	case s == "ctrl+d":
		p.toggleUnavailable()
		return nil
	case (s == "delete" || s == "backspace") && p.unavailable(it) != "" && !it.typed() && !it.open:
		p.write(it, desk.Change{Variable: it.item.Question.ID})
		return nil
	case s == "f8" || s == "ctrl+l":
		openLastYear(p.app, p.work, p.section, p.last)
		return nil
	case s == "ctrl+y" || s == "ctrl+z" && !it.takesBack(k):
		p.turn(s == "ctrl+z")
		return nil
	case it.field != nil && it.field.Key(k):
		it.open = it.open || it.typed()
		return nil
	case s == "enter" && !p.confirm(it):
		return nil
	}
	return p.walk(k)
}

// takesBack: some options took others away, and the field knows which.
func (it *sectionItem) takesBack(k tea.KeyPressMsg) bool {
	f, ok := it.field.(interface{ TakesBack() bool })
	return ok && f.TakesBack() && it.field.Key(k)
}

// turn takes back, or does again: first what is being typed.
func (p *sectionPage) turn(back bool) {
	it := p.current()
	if back && it.typed() {
		it.set(it.draft)
		p.app.say(p.app.texts.Grid.EditCancelled)
		return
	}
	if !p.leave() {
		return
	}
	id := ""
	if back {
		id = p.app.undo(p.work)
	} else {
		id = p.app.redo(p.work)
	}
	if p.app.top() == p { // a new version of the questionnaire leads home
		p.refresh()
		p.goTo(id)
	}
}

// confirm ends the mark of an answer that was taken over from last year: Enter
// says that it has been looked at, the keys that only walk by do not.
func (p *sectionPage) confirm(it *sectionItem) bool {
	v := it.item.Question
	if v == nil || it.field == nil || it.typed() || p.work.Draft.Unconfirmed[v.ID] == "" {
		return true
	}
	return p.write(it, desk.Change{Variable: v.ID, Value: p.work.Value(v.ID)})
}

// after is the answer that this item ends with.
func (it *sectionItem) after() string {
	if g := it.item.Grid; g != nil {
		cells := g.Rows[len(g.Rows)-1].Cells
		return cells[len(cells)-1].ID
	}
	return it.item.Question.ID
}

// unavailable is the reason of "dato non disponibile" in the draft.
func (p *sectionPage) unavailable(it *sectionItem) string {
	if it.item.Question == nil || it.field == nil {
		return ""
	}
	return p.work.Draft.Unavailable[it.item.Question.ID]
}

// walk moves between the questions.
func (p *sectionPage) walk(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "enter":
		if it := p.current(); it.item.Grid != nil {
			p.app.push(newGridPage(p.app, p.work, it.item.Grid, ""))
			return nil
		}
		p.step(1)
	case "tab", "down":
		p.step(1)
	case "shift+tab", "up":
		p.step(-1)
	case "pgdown":
		p.step(min(5, max(len(p.items)-1-p.at, 1)))
	case "pgup":
		p.step(-5)
	case "home":
		p.step(-p.at)
	case "end":
		p.step(len(p.items) - 1 - p.at)
	}
	return nil
}

// toggleUnavailable goes through the reasons of "dato non disponibile" and
// back to none.
func (p *sectionPage) toggleUnavailable() {
	it := p.current()
	if it == nil || it.field == nil || it.item.Question.Tier != survey.TierExt {
		return
	}
	id := it.item.Question.ID
	p.write(it, desk.Change{Variable: id, Unavailable: nextReason(p.work, id)})
}

func nextReason(work *desk.Work, id string) string {
	reasons := work.Sheet.Questionnaire().Unavailable
	now := work.Draft.Unavailable[id]
	if now == "" && len(reasons) > 0 {
		return reasons[0].ID
	}
	for i, r := range reasons[:max(len(reasons)-1, 0)] {
		if r.ID == now {
			return reasons[i+1].ID
		}
	}
	return ""
}

func (p *sectionPage) paste(s string) tea.Cmd {
	if it := p.current(); it != nil && it.field != nil {
		it.field.Paste(s)
	}
	return nil
}
