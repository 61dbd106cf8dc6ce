package plain

import (
	"fmt"
	"slices"
	"strings"

	"rileva/internal/desk"
	"rileva/pkg/survey"
)

// A row is answered in one line: a value for each cell that is asked, in the
// order in which they were read out.

// announceRow reads a row of a table out: its name, its cells with what stands
// in them, those that are computed.
func (t *talk) announceRow(row *survey.Row) {
	cells := t.open(row)
	t.print(t.words["table"] + " " + row.Grid.Title.In(t.lang))
	t.print(fmt.Sprintf(t.words["row"], row.Label.In(t.lang), len(cells)))
	names := make([]string, len(cells))
	for i, c := range cells {
		names[i] = t.position(c) + " " + t.cellShown(c)
	}
	t.print(strings.Join(names, "; "))
	if row.Type != survey.TypeInteger {
		t.kind(cells[0])
	}
	switch {
	case !wordy(cells[0]):
		t.say("row_how", len(cells))
	case len(cells) > 1:
		t.say("row_texts")
	}
}

// wordy tells whether an answer may hold a space, or be any word at all. The
// cells of a row are alike.
func wordy(c *survey.Variable) bool { return c.Type == survey.TypeText || c.Type == survey.TypeChoice }

// position names a cell by its place on the axes: "1° anno maschi".
func (t *talk) position(c *survey.Variable) string {
	if len(c.At) == 0 {
		return c.Row.Label.In(t.lang)
	}
	names := make([]string, len(c.At))
	for i, at := range c.At {
		names[i] = c.Row.Grid.Axes[i].Items[at].Label.In(t.lang)
	}
	return strings.ToLower(strings.Join(names, " "))
}

func (t *talk) cellShown(c *survey.Variable) string {
	if shown := t.shown(c); shown != "" {
		return shown
	}
	return t.words["blank_cell"]
}

func (t *talk) answerRow(st step, line string) error {
	cells, values := t.open(st.row), strings.Fields(line)
	switch {
	case len(cells) == 1:
		values = []string{line}
	case wordy(cells[0]):
		t.say("row_texts")
		return nil
	}
	if len(values) != len(cells) {
		t.say("row_count", len(cells), len(values))
		return nil
	}
	var changes []desk.Change
	for i, c := range cells {
		change, same, problem := t.cell(c, values[i])
		if problem != "" { // of one cell nothing is taken of the row: half a row would be a trap
			t.print(t.position(c) + ": " + problem)
			t.say("row_unchanged")
			return nil
		}
		if !same {
			changes = append(changes, change)
		}
	}
	if len(changes) == 0 {
		t.at++
		return nil
	}
	return t.set(st, changes...)
}

// cell reads one value: - leaves what is there, v blanks it. Where any word is
// an answer these are answers too: such a cell is asked alone, so Enter leaves
// it and a command blanks it.
func (t *talk) cell(c *survey.Variable, text string) (change desk.Change, same bool, problem string) {
	if !wordy(c) {
		switch strings.ToLower(text) {
		case "-":
			return change, true, ""
		case "v", "b":
			return desk.Change{Variable: c.ID}, false, ""
		}
	}
	change, problem = t.work.Read(c.ID, numbersToOptions(c, text))
	return change, false, problem
}

// cells asks the row cell by cell.
func (t *talk) cells(st step) error {
	if st.row == nil {
		t.say("not_here")
		return nil
	}
	for _, c := range t.open(st.row) {
		for {
			line, err := t.ask(t.position(c) + " [" + t.cellShown(c) + "]")
			if err != nil {
				return err
			}
			command, _ := t.command(line)
			if command == cmdParts || command == cmdLeave || command == cmdSkip {
				return nil // what was written stays
			}
			if line == "" {
				break
			}
			change, same, problem := desk.Change{Variable: c.ID}, false, ""
			if command != cmdBlank {
				change, same, problem = t.cell(c, strings.TrimPrefix(line, "="))
			}
			if problem != "" {
				t.print(problem)
				continue
			}
			if !same {
				if _, err := t.work.Set(change); err != nil {
					t.refused(err)
				}
			}
			break
		}
	}
	t.totals(st.row)
	stay := t.told(st)
	t.list()
	if !stay {
		t.at++
	}
	return nil
}

// zeros writes 0 into the blank cells of the row.
func (t *talk) zeros(st step) error {
	if st.row == nil {
		t.say("not_here")
		return nil
	}
	var changes []desk.Change
	for _, c := range t.open(st.row) {
		if c.Type == survey.TypeInteger && t.work.Eval.Status(c.ID) == survey.Missing {
			changes = append(changes, desk.Change{Variable: c.ID, Value: 0})
		}
	}
	if len(changes) == 0 {
		t.say("no_blank_cells")
		return nil
	}
	return t.set(st, changes...)
}

// totals reads out the sum of a row, by the items of its last axis and whole.
func (t *talk) totals(row *survey.Row) {
	axes := row.Grid.Axes
	all, _ := t.work.Eval.Total(row.Cells)
	if len(axes) == 0 || all == nil {
		return
	}
	var parts []string
	for i, item := range axes[len(axes)-1].Items {
		elsewhere := func(c *survey.Variable) bool { return c.At[len(c.At)-1] != i }
		sum, _ := t.work.Eval.Total(slices.DeleteFunc(slices.Clone(row.Cells), elsewhere))
		parts = append(parts, strings.ToLower(item.Label.In(t.lang))+" "+survey.Show(sum, t.lang))
	}
	t.say("row_total", survey.Show(all, t.lang), strings.Join(parts, ", "))
}
