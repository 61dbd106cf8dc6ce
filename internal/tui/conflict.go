package tui

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// conflictPage lets a person decide what stays of a part that was sent from
// another computer too. What an identity binds is decided together: half of
// each side would be a sum that nobody has counted. Nothing is chosen before
// they choose, and nothing changes before everything is decided and applied.
type conflictPage struct {
	listing
	part    string
	c       desk.PartConflict
	choices map[int]string // by group: desk.Mine, desk.Theirs, "" undecided
}

// openConflict opens the decision on a part that has two versions.
func openConflict(a *App, part string) tea.Cmd {
	a.push(newConflict(a, part))
	return nil
}

func newConflict(a *App, part string) *conflictPage {
	p := &conflictPage{listing: listing{app: a}, part: part, choices: map[int]string{}}
	p.refresh()
	return p
}

func (p *conflictPage) title() string { return p.app.texts.More.ConflictTitle }
func (p *conflictPage) help() string  { return p.app.texts.More.HelpConflict }
func (p *conflictPage) about() string { return p.app.texts.More.AboutConflict }

// groups is how many decisions there are.
func (p *conflictPage) groups() int {
	n := 0
	for _, f := range p.c.Both {
		n = max(n, f.Group)
	}
	return n
}

func (p *conflictPage) status() string {
	left := 0
	for g := range p.groups() {
		if p.choices[g+1] == "" {
			left++
		}
	}
	return fmt.Sprintf(p.app.texts.More.ConflictLeft, left, p.groups())
}

// refresh reads the two versions. When the other one is newer than what the
// person has seen, what they chose was said of something else.
func (p *conflictPage) refresh() {
	m := p.app.texts.More
	all, err := p.app.desk.Conflicts()
	if err != nil {
		p.app.failed(err)
		return
	}
	seen := p.c.Revision
	p.rows, p.c = nil, desk.PartConflict{}
	for _, c := range all {
		if c.Part == p.part {
			p.c = c
		}
	}
	if p.c.Part == "" {
		p.rows = []listRow{{text: m.ConflictDone}}
		return
	}
	if seen != 0 && seen != p.c.Revision {
		p.choices = map[int]string{}
		p.app.say(p.app.texts.Link.Newer)
	}
	p.rows = append([]listRow{{more: append([]string{m.ConflictIntro}, p.who()...)}, {}}, p.fields()...)
	if len(p.c.Theirs) > 0 {
		p.rows = append(p.rows, listRow{}, listRow{text: m.ConflictOnly})
		for _, f := range p.c.Theirs {
			p.rows = append(p.rows, listRow{text: f.Label, note: p.show(f, f.Other)})
		}
	}
	p.rows = append(p.rows, listRow{}, listRow{text: m.ConflictApply, note: "F9", open: func() tea.Cmd { p.apply(); return nil }})
}

// who says of each version which device it is from and when.
func (p *conflictPage) who() []string {
	t, l := p.app.texts, p.app.texts.Link
	base := l.BaseNone
	if p.c.Base > 0 {
		base = fmt.Sprintf(l.BaseWho, p.c.Base, t.moment(p.c.BaseAt))
	}
	return []string{l.Mine + ": " + fmt.Sprintf(l.MineWho, p.c.MineDevice, t.moment(p.c.MineAt)),
		l.Other + ": " + fmt.Sprintf(l.OtherWho, cmp.Or(p.c.Device, l.SomeDevice), p.c.Revision, t.moment(p.c.ReceivedAt)),
		l.Base + ": " + base}
}

// fields are the answers in their three versions, decision by decision.
func (p *conflictPage) fields() []listRow {
	l := p.app.texts.Link
	var out []listRow
	group := 0
	for i, f := range p.c.Both {
		if f.Group != group {
			group = f.Group
			out = append(out, listRow{text: fmt.Sprintf(l.Decision, group, p.groups())})
			if i+1 < len(p.c.Both) && p.c.Both[i+1].Group == group {
				out = append(out, listRow{more: append([]string{l.Together}, p.why(f)...)})
			}
		}
		out = append(out, p.field(f))
	}
	return out
}

// why gives the checks that bind a group in words.
func (p *conflictPage) why(f desk.FieldConflict) []string {
	work, err := p.app.desk.Work(p.part)
	if err != nil {
		return nil // the codes would tell nobody anything
	}
	var out []string
	for _, c := range work.Sheet.ChecksOf(f.ID, p.app.texts.lang) {
		if slices.Contains(f.Checks, c.Check) {
			out = append(out, "- "+c.Message+" ("+c.Check+")")
		}
	}
	return out
}

// field is one answer in its three versions.
func (p *conflictPage) field(f desk.FieldConflict) listRow {
	m := p.app.texts.More
	mark, note := "[ ] ", m.ConflictOpen
	switch p.choices[f.Group] {
	case desk.Mine:
		mark, note = "[x] ", m.ConflictKeep
	case desk.Theirs:
		mark, note = "[x] ", m.ConflictTake
	}
	return listRow{text: mark + f.Label, note: note, at: f.Group, open: func() tea.Cmd { p.next(f.Group); return nil }, more: []string{
		"1 " + m.ConflictMine + ": " + p.show(f, f.Mine) + "   2 " + m.ConflictTheirs + ": " + p.show(f, f.Other) + "   " + m.ConflictBefore + ": " + p.show(f, f.Before)}}
}

// show writes one version of an answer as a person reads it.
func (p *conflictPage) show(f desk.FieldConflict, value any) string {
	lang := p.app.texts.lang
	work, err := p.app.desk.Work(p.part)
	if err != nil {
		return survey.Show(value, lang)
	}
	said := ""
	if u, ok := value.(map[string]string); ok {
		return fmt.Sprintf(p.app.texts.NotAvailable, optionLabel(work.Sheet.Questionnaire().Unavailable, u["unavailable"], lang))
	} else if v := work.Sheet.Variable(f.ID); v != nil {
		said = v.Show(value, lang)
	} else {
		said = survey.Show(value, lang)
	}
	return cmp.Or(said, p.app.texts.More.ConflictBlank)
}

// next goes through undecided, mine, theirs.
func (p *conflictPage) next(group int) {
	p.decide(group, map[string]string{"": desk.Mine, desk.Mine: desk.Theirs, desk.Theirs: ""}[p.choices[group]])
}

func (p *conflictPage) decide(group int, choice string) {
	p.choices[group] = choice
	p.refresh()
}

// apply takes the choices over, when they were made of what is there now, and
// has what comes of them checked: two right versions can make a wrong one.
func (p *conflictPage) apply() {
	seen := p.c.Revision
	p.refresh()
	if p.c.Revision != seen {
		return // the status line has said it
	}
	of := map[string]int{}
	for _, f := range p.c.Both {
		of[f.ID] = f.Group
	}
	undecided, err := p.app.desk.Resolve(p.part, func(id string) string { return p.choices[of[id]] })
	switch {
	case err != nil:
		p.app.failed(err)
	case len(undecided) > 0:
		p.app.say(p.status())
	default:
		p.checked()
	}
}

// checked says what the checks find in the joined version, and shows it.
func (p *conflictPage) checked() {
	t, app := p.app.texts, p.app
	app.pop()
	app.say(t.More.ConflictDone)
	work, err := app.desk.Work(p.part)
	if err != nil {
		return
	}
	n := 0
	for _, f := range work.Eval.Findings {
		if f.Blocks() {
			n++
		}
	}
	if n > 0 {
		app.push(newReview(app, work))
		app.say(t.count(n, t.Link.Joined1, t.Link.JoinedN))
	}
}

func (p *conflictPage) key(k tea.KeyPressMsg) tea.Cmd {
	group := 0
	if r := p.current(); r != nil {
		group, _ = r.at.(int)
	}
	switch s := strings.ToLower(k.String()); {
	case s == "f9" || s == "ctrl+t":
		p.apply()
	case group > 0 && s == "1":
		p.decide(group, desk.Mine)
	case group > 0 && s == "2":
		p.decide(group, desk.Theirs)
	case group > 0 && (s == "0" || s == "delete"):
		p.decide(group, "")
	default:
		cmd, _ := p.move(k)
		return cmd
	}
	return nil
}
