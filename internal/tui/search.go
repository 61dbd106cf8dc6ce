package tui

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"charm.land/bubbles/v2/textinput"
	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/x/ansi"
	"golang.org/x/text/unicode/norm"

	"rileva/internal/desk"
	"rileva/internal/tui/field"
	"rileva/pkg/survey"
)

// searchPage finds a question, a table or a row of one by words or by its
// number, in all parts; Enter goes there.
type searchPage struct {
	listing
	in     textinput.Model
	places []place
	cx     int
}

// place is one thing that can be found.
type place struct {
	part   string
	title  string // of the part
	id     string // of an answer there
	label  string
	number int    // on the paper form, 0 for none
	folded string // what the words are looked for in
}

const searchLines = 2 // above the list

func newSearch(a *App) *searchPage {
	p := &searchPage{listing: listing{app: a}, in: textinput.New()}
	p.in.Prompt = ""
	p.in.CharLimit = 60
	p.in.SetVirtualCursor(false)
	p.in.SetStyles(textinput.Styles{})
	p.in.Focus()
	p.find()
	return p
}

// collect lists every question and every row of a table of the open parts.
func (p *searchPage) collect(o desk.Overview) {
	lang := p.app.texts.lang
	for _, line := range o.Parts {
		if line.Locked {
			continue
		}
		work, err := p.app.desk.Work(line.Part)
		if err != nil {
			continue // it has been closed this very moment
		}
		add := func(id, label string, number int, more ...string) {
			p.places = append(p.places, place{part: line.Part, title: line.Title, id: id, label: label, number: number,
				folded: fold(strings.Join(append(more, label), " "))})
		}
		for _, s := range work.Sheet.Sections {
			for _, item := range s.Items {
				if v := item.Question; v != nil && v.Type != survey.TypeDeclaration && work.Eval.Status(v.ID) != survey.Irrelevant {
					add(v.ID, v.Label.In(lang), v.Number, v.Help.In(lang), s.Title.In(lang))
				}
				if g := item.Grid; g != nil {
					for _, r := range g.Rows {
						add(r.Cells[0].ID, g.Title.In(lang)+": "+r.Label.In(lang), 0, r.Help.In(lang))
					}
				}
			}
		}
	}
}

// find lists the places that hold all the words, or have the number: first
// those whose own name does, then those where the help speaks of it.
func (p *searchPage) find() {
	words := strings.Fields(fold(p.in.Value()))
	p.rows, p.at = p.rows[:0], 0
	if len(words) == 0 {
		return
	}
	var other []listRow
	for _, at := range p.places {
		label := at.label
		if at.number > 0 {
			label = fmt.Sprintf("%d. %s", at.number, label)
		}
		row := listRow{text: label, note: at.title, open: func() tea.Cmd { return p.goTo(at) }}
		switch {
		case holds(fold(label), words):
			p.rows = append(p.rows, row)
		case holds(at.folded, words):
			other = append(other, row)
		}
	}
	p.rows = append(p.rows, other...)
}

func holds(text string, words []string) bool {
	return !slices.ContainsFunc(words, func(w string) bool { return !strings.Contains(text, w) })
}

// fold makes words comparable: small letters without accents.
func fold(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1
		}
		return unicode.ToLower(r)
	}, norm.NFD.String(s))
}

// goTo takes the place of the search, so that Esc comes back to where it began.
func (p *searchPage) goTo(at place) tea.Cmd {
	work, err := p.app.desk.Edit(at.part)
	if err != nil {
		p.app.failed(err)
		return nil
	}
	p.app.pages = p.app.pages[:len(p.app.pages)-1]
	openVariable(p.app, work, at.id)
	return nil
}

func (p *searchPage) title() string { return p.app.texts.More.SearchTitle }
func (p *searchPage) help() string  { return p.app.texts.More.HelpSearch }
func (p *searchPage) refresh()      {}
func (p *searchPage) about() string { return p.app.texts.More.AboutSearch }

func (p *searchPage) status() string {
	if len(p.rows) == 0 {
		return ""
	}
	return p.app.texts.found(len(p.rows))
}

func (p *searchPage) size(w, h int) { p.listing.size(w, max(h-searchLines, 1)) }

func (p *searchPage) key(k tea.KeyPressMsg) tea.Cmd {
	switch k.String() {
	case "esc", "up", "down", "tab", "shift+tab", "pgup", "pgdown", "enter", "kpenter":
		cmd, _ := p.move(k)
		return cmd
	}
	before := p.in.Value()
	p.in, _ = p.in.Update(k)
	if p.in.Value() != before {
		p.find()
	}
	return nil
}

func (p *searchPage) paste(s string) tea.Cmd {
	p.in, _ = p.in.Update(tea.PasteMsg{Content: strings.TrimSpace(s)})
	p.find()
	return nil
}

func (p *searchPage) view() string {
	m := p.app.texts.More
	label := m.SearchLabel + " ["
	room := max(p.w-ansi.StringWidth(label)-1, 10)
	text, x := field.Window(p.in, room)
	p.cx = ansi.StringWidth(label) + x
	lines := []string{label + text + strings.Repeat("_", max(room-ansi.StringWidth(text), 0)) + "]", ""}
	switch {
	case len(p.rows) > 0:
		return strings.Join(append(lines, p.listing.view()), "\n")
	case strings.TrimSpace(p.in.Value()) == "":
		return strings.Join(append(lines, wrap(m.SearchHow, p.w, "")...), "\n")
	}
	return strings.Join(append(lines, wrap(m.SearchNone, p.w, "")...), "\n")
}

// cursor stays in the input: it is there that letters go.
func (p *searchPage) cursor() (int, int, bool) { return p.cx, 0, true }

// openSearch opens it over any page on which nothing else waits for an answer.
func openSearch(a *App) tea.Cmd {
	if _, ok := a.desk.Account(); !ok {
		return nil
	}
	switch a.top().(type) {
	case *searchPage, *entryPage, *lossPage:
		return nil
	}
	if !a.commit() {
		return nil
	}
	o, err := a.desk.Overview()
	if err != nil {
		a.failed(err)
		return nil
	}
	page := newSearch(a)
	page.collect(o)
	a.push(page)
	return nil
}
