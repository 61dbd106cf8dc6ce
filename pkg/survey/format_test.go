package survey_test

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// everything is a survey with every key of the format, and answers of its day
// shift that no check speaks of: 30 and 20 pupils in 2 classes of the first
// year, the second year closed, 2 left.
func everything(t *testing.T) (*survey.Questionnaire, survey.Answers) {
	t.Helper()
	return load(t, "testdata/everything.yaml"), readAnswers(t, `{"classes_y1": 2, "classes_y2": 0,
		"start_y1_m": 30, "start_y1_f": 20, "out_y1_m": 2, "out_y1_f": 0,
		"pupils_y1_m_minor": 10, "pupils_y1_m_adult": 20, "pupils_y1_f_minor": 5, "pupils_y1_f_adult": 15,
		"pupils_y2_m_minor": 0, "pupils_y2_m_adult": 0, "pupils_y2_f_minor": 0, "pupils_y2_f_adult": 0,
		"state_low": "good", "state_high": "bad", "keeper_low": "Ufficio", "keeper_high": "Ufficio", "metres_low": 20.5, "metres_high": 30,
		"seen_low": "2024-01-10", "seen_high": "2024-01-11", "open_low": true, "open_high": false, "place_low": "RHO", "place_high": "MILANO",
		"floor_kind_low": "wood", "floor_kind_high": "wood", "left_total": 2}`)
}

// TestFormat goes through what the format is to express, thing by thing.
func TestFormat(t *testing.T) {
	q, day := everything(t)
	general, sheet := q.Sheet("general"), q.Sheet("day")
	evaluate := func(part string, answers survey.Answers) *survey.Evaluation {
		return q.Sheet(part).Evaluate(survey.Input{Answers: answers, Institution: school, Lang: "it"})
	}
	checks := func(e edit) string {
		return strings.Join(checksOf(evaluate("day", apply(day, e)).Findings), " ")
	}
	same := func(t *testing.T, what string, got, want any) {
		t.Helper()
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	same(t, "the base meets", checks(nil), "")

	t.Run("parts, gates and repetition over a choice", func(t *testing.T) {
		same(t, "no shift", q.Parts(survey.Answers{}), []string{"general"})
		same(t, "one", q.Parts(survey.Answers{"shifts": []string{"evening"}}), []string{"general", "evening"})
		same(t, "none is no sheet", q.AllParts(), []string{"general", "day", "evening"})
		same(t, "title", q.Sheet("evening").Title.In("en"), "Evening shift")
		same(t, "it opens sheets", q.Opens("shifts"), true)
	})
	t.Run("every type of question", func(t *testing.T) {
		types := map[survey.Type]bool{}
		for _, v := range general.Variables() {
			types[v.Type] = true
		}
		same(t, "types", len(types), 14)
	})
	t.Run("exclusive options", func(t *testing.T) {
		got := checksOf(evaluate("general", survey.Answers{"shifts": []string{"day", "none"}}).Findings)
		same(t, "day and none", slices.Contains(got, "N3"), true)
	})
	t.Run("two and three axes, and none", func(t *testing.T) {
		for grid, axes := range map[string]int{"totals": 0, "classes_grid": 1, "movements": 2, "ages": 3} {
			same(t, grid, len(sheet.Grid(grid).Axes), axes)
		}
		same(t, "a cell of three", sheet.Variable("pupils_y2_f_adult").Name("it"), "Alunni, 2° anno, Femmine, Maggiorenni")
		same(t, "a position of one sheet alone", q.Sheet("evening").Variable("classes_y2") == nil && sheet.Variable("classes_y2") != nil, true)
	})
	t.Run("rows of typed cells", func(t *testing.T) {
		for id, want := range map[string]survey.Type{"start_y1_m": survey.TypeInteger, "metres_low": survey.TypeDecimal, "seen_low": survey.TypeDate,
			"open_low": survey.TypeYesNo, "state_low": survey.TypeChoice, "floor_kind_low": survey.TypeChoice, "place_low": survey.TypeChoice, "keeper_low": survey.TypeText} {
			same(t, id, sheet.Variable(id).Type, want)
		}
		same(t, "an entry that is not in the list", checks(edit{"place_low": "ROMA"}), "wrong_type")
	})
	t.Run("closed columns", func(t *testing.T) {
		same(t, "without classes", evaluate("day", day).Status("start_y2_m"), survey.Closed)
		same(t, "with pupils all the same", checks(edit{"start_y2_m": 1, "pupils_y2_m_adult": 1}), "COLUMN SHUT")
	})
	t.Run("defaults, prefill from the register", func(t *testing.T) {
		in := school
		in.ExpectedTracks = []string{"liceale"}
		same(t, "part 1", general.Begin(in), survey.Answers{"own_code": in.Code, "all_codes": in.Codes, "name": in.Name, "town": in.Comune,
			"kind": in.Kind, "courses": in.ExpectedTracks, "meals": 0})
		same(t, "the sheet", sheet.Begin(in), survey.Answers{"out_y1_m": 0, "out_y1_f": 0, "out_y2_m": 0, "out_y2_f": 0})
		same(t, "read only", general.Variable("own_code").ReadOnly, true)
	})
	t.Run("computed rows and totals", func(t *testing.T) {
		ev := evaluate("day", day)
		n, _ := ev.Int("stay_y1_m")
		same(t, "30 - 2", n, 28)
		total, known := ev.Total(sheet.Row("start").Cells)
		same(t, "30 + 20", []any{total, known}, []any{50, true})
		metres, _ := ev.Total(sheet.Row("metres").Cells)
		same(t, "20.5 + 30", metres, json.Number("50.5"))
	})
	t.Run("relevance", func(t *testing.T) {
		same(t, "without a canteen", evaluate("general", survey.Answers{"canteen": false}).Status("meals"), survey.Irrelevant)
		same(t, "with one", evaluate("general", survey.Answers{"canteen": true}).Status("meals"), survey.Missing)
		same(t, "of a grid", evaluate("day", survey.Answers{}).Status("pupils_y1_m_minor"), survey.Irrelevant)
	})
	t.Run("help, examples, who knows it", func(t *testing.T) {
		v := general.Variable("students")
		same(t, "question", []string{v.Help.In("it"), v.Example.In("it"), v.Who.In("en")}, []string{"Al 15 marzo.", "120", "School office"})
		g := sheet.Grid("classes_grid")
		same(t, "grid", []string{g.Help.In("it"), g.Who.In("it")}, []string{"0 dove non ce ne sono.", "Segreteria didattica"})
		same(t, "row", sheet.Row("start").Help.In("en"), "On the first day.")
	})
	t.Run("texts in several languages, with a fallback", func(t *testing.T) {
		same(t, "no English help", general.Variable("students").Help.In("en"), "Al 15 marzo.")
		same(t, "one text for all", general.Variable("students").Example.In("en"), "120")
	})
	t.Run("core, ext and not available", func(t *testing.T) {
		same(t, "core blank", checks(edit{"left_total": nil}), "N2")
		ev := sheet.Evaluate(survey.Input{Answers: apply(day, edit{"moved_y1_f": 0}), Unavailable: map[string]string{"moved_y1_m": "not_recorded"}})
		same(t, "ext", []survey.Status{ev.Status("moved_y1_m"), ev.Status("moved_y1_f"), ev.Status("moved_y2_m")}, []survey.Status{survey.Unavailable, survey.Answered, survey.Closed})
		same(t, "the reasons", q.Unavailable[0].ID+" "+q.Unavailable[0].Label.In("en"), "not_recorded Not recorded")
	})
	t.Run("scopes: once, each cell, each column, each sex, totals", func(t *testing.T) {
		same(t, "once, on the total", checks(edit{"left_total": 3}), "ONCE")
		same(t, "each cell", checks(edit{"out_y1_m": 1, "out_y1_f": 21, "left_total": 22, "start_y1_f": 20}), "CELL RATE")
		same(t, "each column", checks(edit{"start_y1_m": 41, "pupils_y1_m_adult": 31}), "COLUMN")
		same(t, "each sex", checks(edit{"start_y1_f": 0}), "SEX")
		same(t, "each of some rows", checks(edit{"moved_y1_m": 51}), "NEVER ROWS")
	})
	t.Run("minimum denominator and a limit for each sheet", func(t *testing.T) {
		same(t, "6 of 50 are over 10 %", checks(edit{"out_y1_m": 6, "left_total": 6}), "RATE")
		same(t, "5 of 50 are not", checks(edit{"out_y1_m": 5, "left_total": 5}), "")
		same(t, "19 pupils are too few", checks(edit{"start_y1_m": 10, "start_y1_f": 9, "out_y1_m": 9, "left_total": 9}), "")
		evening := maps.Clone(day)
		maps.DeleteFunc(evening, func(id string, _ any) bool { return strings.Contains(id, "_y2") })
		evening["out_y1_m"], evening["left_total"] = 25, 25
		same(t, "25 of 50 in the evening", checksOf(evaluate("evening", evening).Findings), []string(nil))
		evening["out_y1_m"], evening["left_total"] = 0, 0
		same(t, "nobody, in the evening alone", checksOf(evaluate("evening", evening).Findings), []string{"RATE"})
	})
	t.Run("severities and reason codes", func(t *testing.T) {
		ev := evaluate("day", apply(day, edit{"start_y1_m": 41, "start_y1_f": 0, "left_total": 3}))
		var got []string
		for _, f := range ev.Findings {
			got = append(got, f.Check+" "+string(f.Severity))
		}
		same(t, "findings", got, []string{"ONCE hard", "SEX note"})
		same(t, "reasons", q.Reasons[0].ID, "other")
	})
	t.Run("checks across parts", func(t *testing.T) {
		parts := map[string]*survey.Evaluation{"general": evaluate("general", survey.Answers{"shifts": []string{"day"}, "students": 51}), "day": evaluate("day", day)}
		got := q.Across(parts, nil, "it")
		if len(got) != 1 || got[0].Message != "51 e 50." {
			t.Errorf("%+v", got)
		}
	})
}
