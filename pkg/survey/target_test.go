package survey_test

import (
	"maps"
	"reflect"
	"slices"
	"testing"

	"rileva/pkg/survey"
)

// A student has one reason: the reasons of the dropouts must come to the
// dropouts during the year, 7 males and 3 females counted by hand.
func TestTargets(t *testing.T) {
	sheet := questionnaire(t).Sheet("tecnico")
	answers, rows := survey.Answers{}, map[string]*survey.Row{}
	for _, section := range sheet.Sections {
		for _, item := range section.Items {
			if item.Grid == nil {
				continue
			}
			for _, row := range item.Grid.Rows {
				rows[row.ID] = row
				for _, cell := range row.Cells {
					if !cell.Computed && item.Grid != sheet.Grid("reasons") {
						answers[cell.ID] = 0
					}
				}
			}
		}
	}
	for _, cell := range rows["classes"].Cells {
		answers[cell.ID] = 1 // no column is closed
	}
	for i, cell := range rows["informal_interruption"].Cells {
		answers[cell.ID] = []int{7, 3, 0, 0, 0, 0, 0, 0, 0, 0}[i]
	}
	cell := rows["reason_work"].Cells[0].ID
	answers[rows["reason_family"].Cells[0].ID] = 4
	ev := sheet.Evaluate(survey.Input{Answers: answers, Lang: "it"})
	found, given := ev.Findings, maps.Clone(answers)
	want := survey.Target{Check: "I8", Have: 4 + 2, Want: 10}
	if got := ev.Targets(cell, 2); len(got) != 1 || got[0] != want {
		t.Errorf("targets %+v, want %+v", got, want)
	}
	if !maps.EqualFunc(answers, given, survey.Equal) || !slices.EqualFunc(ev.Findings, found, func(a, b survey.Finding) bool { return reflect.DeepEqual(a, b) }) {
		t.Error("asking has changed the evaluation")
	}
	delete(answers, rows["informal_interruption"].Cells[0].ID)
	ev = sheet.Evaluate(survey.Input{Answers: answers, Lang: "it"})
	if got := ev.Targets(cell, 2); len(got) != 0 {
		t.Errorf("the dropouts are not known: %+v", got)
	}
	if ev.Targets("nothing", 1) != nil {
		t.Error("targets of no variable")
	}
}
