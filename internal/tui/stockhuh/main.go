// Command stockhuh asks the questions of part 1 and of one track in stock huh,
// filled in with the sample return: what the form is measured beside (make
// bench). It saves nothing, checks nothing but that numbers are numbers, and is
// no part of what is released.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"charm.land/huh/v2"

	"rileva/pkg/survey"
	"rileva/pkg/survey/questionnaires"
	"rileva/pkg/survey/samples"
)

func main() {
	form, err := whole()
	if err == nil {
		err = form.Run()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// whole is the form of all questions. The largest table stands first, because
// huh has no way to go to a question.
func whole() (*huh.Form, error) {
	q, err := survey.Load(questionnaires.Dispersione202223)
	if err != nil {
		return nil, err
	}
	values := samples.For(samples.Institution())
	sheet := q.Sheet(survey.TrackLiceale)
	first := largest(sheet)
	groups := rows(first, values[survey.TrackLiceale])
	for _, part := range []string{survey.GeneralPart, survey.TrackLiceale} {
		for _, s := range q.Sheet(part).Sections {
			var fields []huh.Field
			for _, item := range s.Items {
				if item.Question != nil {
					fields = append(fields, ask(item.Question, values[part]))
				} else if item.Grid != first {
					groups = append(groups, rows(item.Grid, values[part])...)
				}
			}
			if len(fields) > 0 {
				groups = append(groups, huh.NewGroup(fields...).Title(s.Title.In("it")))
			}
		}
	}
	return huh.NewForm(groups...), nil
}

// largest is the table with most cells.
func largest(s *survey.Sheet) (found *survey.Grid) {
	most := 0
	for _, section := range s.Sections {
		for _, item := range section.Items {
			if g := item.Grid; g != nil && len(g.Rows)*len(g.Rows[0].Cells) > most {
				found, most = g, len(g.Rows)*len(g.Rows[0].Cells)
			}
		}
	}
	return found
}

// rows is a group for each row of a table: as small as huh's groups should be.
func rows(g *survey.Grid, values survey.Answers) []*huh.Group {
	var out []*huh.Group
	for _, row := range g.Rows {
		if fields := cells(row, values); len(fields) > 0 {
			out = append(out, huh.NewGroup(fields...).Title(row.Label.In("it")))
		}
	}
	return out
}

// cells is an input for each cell of a row that is typed.
func cells(row *survey.Row, values survey.Answers) []huh.Field {
	var out []huh.Field
	for _, cell := range row.Cells {
		if !cell.Computed {
			out = append(out, ask(cell, values))
		}
	}
	return out
}

// ask is the field of a question, with its answer.
func ask(v *survey.Variable, values survey.Answers) huh.Field {
	title, help := v.Name("it"), v.Help.In("it")
	text := survey.Show(values[v.ID], "it")
	var options []huh.Option[string]
	for _, o := range v.Options {
		options = append(options, huh.NewOption(o.Label.In("it"), o.ID))
	}
	switch v.Type {
	case survey.TypeYesNo, survey.TypeDeclaration:
		yes, _ := values[v.ID].(bool)
		return huh.NewConfirm().Title(title).Description(help).Value(&yes)
	case survey.TypeChoice:
		if len(options) > 0 {
			return huh.NewSelect[string]().Title(title).Description(help).Options(options...).Value(&text)
		}
	case survey.TypeMulti:
		chosen, _ := values[v.ID].([]string)
		return huh.NewMultiSelect[string]().Title(title).Description(help).Options(options...).Value(&chosen)
	case survey.TypeLongText:
		return huh.NewText().Title(title).Description(help).Value(&text)
	case survey.TypeInteger:
		text = strings.ReplaceAll(text, ".", "")
		return huh.NewInput().Title(title).Description(help).Value(&text).Validate(func(s string) error {
			_, err := strconv.Atoi(s)
			return err
		})
	}
	return huh.NewInput().Title(title).Description(help).Value(&text)
}
