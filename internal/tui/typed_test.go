package tui

import (
	"context"
	"testing"

	surveysync "rileva/pkg/sync"
)

// typedGrid has a row of counts and rows of other types.
const typedGrid = `format: 1
id: dispersione-2022-23
version: "prova"
languages: [it]
title: "Prova"
checks: {integer: H01, required: H02, exclusive: H14}
reasons: {other: "Altro"}
unavailable: {other: "Altro"}
parts:
  - id: general
    title: "La scuola"
    sections:
      - id: labs
        title: "Laboratori"
        items:
          - grid: labs_grid
            title: "Laboratori"
            axes: [{id: floor, label: "Piano", items: [{id: ground, label: "Piano terra", short: "P.t."}, {id: first, label: "Primo piano", short: "1°"}]}]
            rows:
              - {id: labs, label: "Laboratori"}
              - {id: head, label: "Chi ne risponde (il nome dell'ufficio e non della persona che ci lavora)", short: "Chi ne risponde", type: text}
              - {id: kind, label: "Tipo", type: choice, options: [{id: it, label: "Informatica"}, {id: science, label: "Scienze"}]}
              - {id: metres, label: "Metri", type: decimal, decimals: 1}
`

// TestTypedCellsOfATable: a cell that holds no number is shown in its table
// and typed on a page of its own, in its own way.
func TestTypedCellsOfATable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	act := surveysync.Entry{At: noon, Actor: surveysync.ActorOffice, Action: "survey_publish", Outcome: surveysync.OutcomeOK}
	_, err := w.store.Publish(context.Background(), []byte(typedGrid), noon, act)
	w.must(err)
	w.signed()
	w.at(general, "labs_ground")
	w.sees("Chi ne risponde", "Tipo")
	w.lacks("il nome dell'ufficio")
	w.sees("Invio giù")
	w.types("3")
	w.press("down")
	w.sees("Invio apre la casella")
	w.lacks("Invio giù")
	w.types("Ufficio acquisti")
	w.sees("Piano terra", "Ufficio acquisti")
	w.press("esc")
	if got := w.value(general, "head_ground"); got != "Ufficio acquisti" {
		t.Errorf("the text is %v:\n%s", got, w.screen())
	}
	if got := w.value(general, "labs_ground"); got != 3 {
		t.Errorf("the count is %v", got)
	}
	w.sees(" Uff", "Piano terra: Ufficio acquisti")
	w.press("down", "enter")
	w.sees("Informatica", "Scienze")
	w.types("2")
	w.press("esc")
	if got := w.value(general, "kind_ground"); got != "science" {
		t.Errorf("the choice is %v:\n%s", got, w.screen())
	}
	w.sees("Sc")
	w.press("down", "enter")
	w.types("12,5")
	w.press("enter")
	w.types("8")
	w.press("esc")
	w.sees("Metri: 20,5")
}
