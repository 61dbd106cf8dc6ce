package plain

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// step is what is asked at a time: a question, or a row of a table.
type step struct {
	section  *survey.Section
	question *survey.Variable
	row      *survey.Row
}

// ids are the variables that the step asks for.
func (st step) ids() []string {
	if st.question != nil {
		return []string{st.question.ID}
	}
	ids := make([]string, len(st.row.Cells))
	for i, c := range st.row.Cells {
		ids[i] = c.ID
	}
	return ids
}

// talk is the conversation about one part.
type talk struct {
	*session
	work    *desk.Work
	last    desk.LastYear
	steps   []step
	at      int
	section *survey.Section // the one announced last
}

// fill asks for a part, from the first answer that is missing.
func (s *session) fill(part string) error {
	work, err := s.desk.Edit(part)
	if err != nil {
		s.refused(err)
		return nil
	}
	last, err := work.LastYear()
	if err != nil {
		s.refused(err)
	}
	t := &talk{session: s, work: work, last: last}
	t.list()
	t.at = max(slices.IndexFunc(t.steps, t.missing), 0)
	s.print("")
	s.print(work.Sheet.Title.In(s.lang))
	s.say("part_how")
	for {
		if t.at >= len(t.steps) {
			s.say("part_end")
			t.at = len(t.steps) - 1
		}
		done, err := t.step()
		if done || err != nil {
			return err
		}
	}
}

// list finds the steps that are asked now; where it stood, it stays.
func (t *talk) list() {
	var here string
	if t.at < len(t.steps) {
		here = t.steps[t.at].ids()[0]
	}
	t.steps = nil
	for _, sec := range t.work.Sheet.Sections {
		for _, item := range sec.Items {
			if v := item.Question; v != nil && v.Type != survey.TypeDeclaration && t.work.Eval.Status(v.ID) != survey.Irrelevant {
				t.steps = append(t.steps, step{section: sec, question: v})
			}
			if item.Grid == nil {
				continue
			}
			for _, row := range item.Grid.Rows {
				if len(t.open(row)) > 0 {
					t.steps = append(t.steps, step{section: sec, row: row})
				}
			}
		}
	}
	if i := t.find(here); here != "" && i >= 0 {
		t.at = i
	}
}

// open are the cells of a row that are asked.
func (t *talk) open(row *survey.Row) []*survey.Variable {
	var out []*survey.Variable
	for _, c := range row.Cells {
		if st := t.work.Eval.Status(c.ID); !c.Computed && st != survey.Closed && st != survey.Irrelevant {
			out = append(out, c)
		}
	}
	return out
}

func (t *talk) find(id string) int {
	return slices.IndexFunc(t.steps, func(st step) bool { return slices.Contains(st.ids(), id) })
}

func (t *talk) missing(st step) bool {
	return slices.ContainsFunc(st.ids(), func(id string) bool { return t.work.Eval.Status(id) == survey.Missing })
}

// step asks one step and does what the line says; done leaves the part.
func (t *talk) step() (done bool, err error) {
	st := t.steps[t.at]
	if st.section != t.section {
		t.section = st.section
		t.print("\n" + st.section.Title.In(t.lang))
		if help := st.section.Help.In(t.lang); help != "" {
			t.print(help)
		}
	}
	t.announce(st)
	line, err := t.ask(fmt.Sprintf(t.words["step"], t.at+1, len(t.steps)))
	if err != nil {
		return true, err
	}
	command, rest := t.command(line)
	switch command {
	case cmdNone:
		return false, t.answer(st, line)
	case cmdSkip:
		t.at++
	case cmdBack:
		t.at = max(t.at-1, 0)
	case cmdBlank:
		return false, t.blank(st)
	case cmdGo:
		t.jump(rest)
	case cmdLeave:
		return true, errLeave
	case cmdParts:
		return true, nil
	case cmdSend:
		sent, err := t.send(t.work)
		return sent, err
	case cmdExplain:
		return false, t.explainHere(st, rest)
	case cmdUnavailable:
		return false, t.unavailable(st, rest)
	case cmdCells:
		return false, t.cells(st)
	case cmdZeros:
		return false, t.zeros(st)
	case cmdLastYear:
		return false, t.takeOver(st)
	default:
		t.other(command, st)
	}
	return false, nil
}

// other does the commands that change nothing.
func (t *talk) other(c command, st step) {
	switch c {
	case cmdHelp:
		t.help(st)
	case cmdSave:
		t.say("saved_already")
	case cmdStatus:
		p := t.work.Eval.Progress()
		t.say("answered", p.Answered, p.Total)
	case cmdErrors:
		t.findings()
	default:
		t.say("not_here")
	}
}

// announce reads the step out.
func (t *talk) announce(st step) {
	if st.row != nil {
		t.announceRow(st.row)
		return
	}
	v := st.question
	label := v.Name(t.lang)
	if v.Number > 0 {
		label = fmt.Sprintf(t.words["numbered"], v.Number, label)
	}
	t.print(label)
	t.kind(v)
	if now := t.shown(v); now != "" {
		t.say("now", now)
	}
	if t.work.Draft.Unconfirmed[v.ID] != "" {
		t.say("confirm")
	} else if was := t.last.Of(v); was != nil && !survey.Equal(was, t.work.Value(v.ID)) {
		t.say("last_year", t.last.SchoolYear, v.Show(was, t.lang))
	}
}

// kind reads out what can be answered: the options, and in which form.
func (t *talk) kind(v *survey.Variable) {
	for i, o := range v.Options {
		t.print(fmt.Sprintf("  %d. %s", i+1, o.Label.In(t.lang)))
	}
	how := t.words["type_"+string(v.Type)]
	switch {
	case v.ReadOnly:
		how = t.words["read_only"]
	case len(v.List) > 0:
		how = t.words["type_list"]
	}
	if how != "" {
		t.print(how)
	}
}

// shown is the answer as it stands, in words; "" is none.
func (t *talk) shown(v *survey.Variable) string {
	if reason := t.work.Draft.Unavailable[v.ID]; reason != "" {
		return t.words["unavailable"]
	}
	value := t.work.Value(v.ID)
	labels := map[string]string{}
	for _, o := range v.Options {
		labels[o.ID] = o.Label.In(t.lang)
	}
	switch x := value.(type) {
	case nil:
		return ""
	case string:
		if labels[x] != "" {
			return labels[x]
		}
	case []string:
		names := make([]string, len(x))
		for i, id := range x {
			names[i] = id
			if labels[id] != "" {
				names[i] = labels[id]
			}
		}
		return strings.Join(names, "; ")
	}
	return survey.Show(value, t.lang)
}

// answer takes a line as an answer; an empty one goes on.
func (t *talk) answer(st step, line string) error {
	if line == "" {
		if v := st.question; v != nil && t.work.Draft.Unconfirmed[v.ID] != "" {
			return t.set(st, desk.Change{Variable: v.ID, Value: t.work.Value(v.ID)})
		}
		t.at++
		return nil
	}
	line = strings.TrimPrefix(line, "=")
	if st.row != nil {
		return t.answerRow(st, line)
	}
	v := st.question
	if v.ReadOnly {
		t.say("read_only")
		return nil
	}
	change, problem := t.work.Read(v.ID, numbersToOptions(v, line))
	if problem != "" {
		t.print(problem)
		return nil
	}
	return t.set(st, change)
}

// takeOver puts last year's answer here; it stays at the step, to be confirmed.
func (t *talk) takeOver(st step) error {
	if st.question == nil || t.last.Of(st.question) == nil {
		t.say("last_none")
		return nil
	}
	return t.set(st, t.last.TakeOver(st.question))
}

// numbersToOptions lets options be named by their numbers: 2, or 1, 3.
func numbersToOptions(v *survey.Variable, line string) string {
	if v.Type != survey.TypeChoice && v.Type != survey.TypeMulti || len(v.Options) == 0 {
		return line
	}
	fields := strings.FieldsFunc(line, func(r rune) bool { return r == ',' || r == ' ' || r == ';' })
	ids := make([]string, len(fields))
	for i, f := range fields {
		n, err := strconv.Atoi(f)
		if err != nil || n < 1 || n > len(v.Options) {
			return line
		}
		ids[i] = v.Options[n-1].ID
	}
	return strings.Join(ids, ";")
}

// set writes and goes on, after reading out what the checks say.
func (t *talk) set(st step, changes ...desk.Change) error {
	if _, err := t.work.Set(changes...); err != nil {
		t.refused(err)
		return nil
	}
	if st.row != nil {
		t.totals(st.row)
	}
	stay := t.told(st)
	t.list()
	if !stay {
		t.at++
	}
	return nil
}

func (t *talk) blank(st step) error {
	var changes []desk.Change
	for _, id := range st.ids() {
		if t.work.Value(id) != nil || t.work.Draft.Unavailable[id] != "" {
			changes = append(changes, desk.Change{Variable: id})
		}
	}
	if len(changes) == 0 {
		t.say("blank_already")
		return nil
	}
	return t.set(st, changes...)
}

// told reads out the findings that this answer meets, and says whether to stay
// at the step: a hard one is better corrected now, an explanation may be given
// now.
func (t *talk) told(st step) (stay bool) {
	for _, f := range t.here(st) {
		t.print(t.finding(f))
		if f.Blocks() && f.Severity == survey.Explain {
			t.say("explain_how")
			stay = true
		}
		stay = stay || f.Severity == survey.Hard
	}
	if stay {
		t.say("stay")
	}
	return stay
}

// here are the findings that name what this step asks for, once it is answered:
// that something is missing elsewhere is no news.
func (t *talk) here(st step) []survey.Finding {
	var out []survey.Finding
	for _, id := range st.ids() {
		for _, f := range t.work.Naming(id) {
			known := func(g survey.Finding) bool { return g.Check == f.Check && g.Message == f.Message }
			blank := func(id string) bool { return t.work.Eval.Status(id) == survey.Missing }
			if !f.Explained && !slices.ContainsFunc(out, known) && !slices.ContainsFunc(f.Variables, blank) {
				out = append(out, f)
			}
		}
	}
	return out
}

// jump goes to a step by its number.
func (t *talk) jump(rest string) {
	n, err := strconv.Atoi(rest)
	if err != nil || n < 1 || n > len(t.steps) {
		t.say("go_where", len(t.steps))
		return
	}
	t.at = n - 1
}

// findings lists what is open, each with the number to go to.
func (t *talk) findings() {
	none := true
	for _, f := range t.work.Eval.Findings {
		if !f.Blocks() {
			continue
		}
		none = false
		line := t.finding(f)
		for _, id := range f.Variables {
			if i := t.find(id); i >= 0 {
				line = fmt.Sprintf(t.words["at_step"], i+1, line)
				break
			}
		}
		t.print(line)
	}
	if none {
		t.say("no_findings")
	}
}

func (t *talk) help(st step) {
	var text, example, who survey.Text
	if v := st.question; v != nil {
		text, example, who = v.Help, v.Example, v.Who
	} else {
		text, who = st.row.Help, st.row.Grid.Who
	}
	if text.In(t.lang) != "" {
		t.print(text.In(t.lang))
	}
	if example.In(t.lang) != "" {
		t.say("example", example.In(t.lang))
	}
	if who.In(t.lang) != "" {
		t.say("who", who.In(t.lang))
	}
	t.say("help_part")
}
