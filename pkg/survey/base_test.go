package survey_test

import (
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"

	"rileva/pkg/survey"
)

const surveyFile = "questionnaires/dispersione-2022-23.yaml"

var loadOnce = sync.OnceValues(func() (*survey.Questionnaire, error) {
	raw, err := os.ReadFile(surveyFile)
	if err != nil {
		return nil, err
	}
	return survey.Load(raw)
})

func questionnaire(t testing.TB) *survey.Questionnaire {
	t.Helper()
	q, err := loadOnce()
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// The institution of the tests: a state code whose check character fits.
var school = survey.Institution{Code: "MIIS08900V", Codes: []string{"MIIS08900V", "MIRC08901T"}, Name: "I.I.S. di prova",
	Comune: "RHO", Kind: survey.KindState, ExpectedTracks: []string{"tecnico"}}

// edit changes answers: nil takes one away.
type edit map[string]any

func edits(list ...edit) edit {
	out := edit{}
	for _, e := range list {
		for id, v := range e {
			out[id] = v
		}
	}
	return out
}

func apply(a survey.Answers, e edit) survey.Answers {
	out := a.Clone()
	for id, v := range e {
		if v == nil {
			delete(out, id)
		} else {
			out[id] = v
		}
	}
	return out
}

// yearsOf is how many course years a track has.
func yearsOf(track string) int {
	if track == survey.TrackIeFP {
		return 4
	}
	return 5
}

// gridRows are the typed rows of the three grids of year by sex, with the
// males and females of each year in the base sheet below.
var gridRows = []struct {
	id   string
	m, f int
}{
	{"enrolled_start", 60, 40}, {"arrivals", 2, 1}, {"transfers_out", 2, 1}, {"other_valid_exits", 1, 0}, {"formal_withdrawals", 1, 0},
	{"never_attended", 1, 0}, {"informal_interruption", 0, 1}, {"absence_limit_exceeded", 1, 0}, {"year_abroad", 0, 1},
	{"admitted_june", 43, 30}, {"suspended_judgement", 10, 6}, {"not_admitted_june", 3, 2},
	{"suspended_not_admitted", 2, 1}, {"admitted_with_derogation", 2, 1}, {"not_reenrolled", 1, 1},
	{"foreign_citizenship", 10, 8}, {"disability", 2, 1}, {"dsa", 5, 3}, {"other_bes", 3, 2}, {"repeaters", 3, 1}, {"overage", 6, 3},
}

// baseSheet is a consistent sheet of round numbers: every year has 100 pupils
// in 4 classes. What the rules speak of, by hand (each year, males + females;
// five years, four in IeFP):
//
//	enrolled_end      60+2-2-1-1 = 58, 40+1-1-0-0 = 40     98   490 (392)
//	not_scrutinised   1+0+1 = 2, 0+1+0 = 1                   3    15  (12)
//	scrutinised       58-2-0 = 56, 40-1-1 = 38              94   470 (376)
//	dropouts_in_year  1+1+0 = 2, 0+0+1 = 1                   3    15  (12)
//
// In year 5, and everywhere in IeFP, nobody is suspended: 53 and 36 admitted.
func baseSheet(track string) survey.Answers {
	a := survey.Answers{"study_programmes": []string{"Indirizzo di prova"}, "evening_excluded": true,
		"actions_taken": []string{"mentoring", "italiano_l2"}, "students_reached": 40, "transition_requests": 3}
	years := yearsOf(track)
	for y := 1; y <= years; y++ {
		a[fmt.Sprintf("classes_y%d", y)] = 4
		for _, row := range gridRows {
			m, f := row.m, row.f
			if y == 5 || track == survey.TrackIeFP {
				switch row.id {
				case "admitted_june":
					m, f = 53, 36
				case "suspended_judgement", "suspended_not_admitted":
					m, f = 0, 0
				}
			}
			a[cell(row.id, y, "m")], a[cell(row.id, y, "f")] = m, f
		}
	}
	for id, n := range map[string][2]int{ // with five years, with four
		"dropouts_under16_m": {0, 0}, "dropouts_16_17_m": {6, 6}, "dropouts_18plus_m": {4, 2},
		"dropouts_under16_f": {0, 0}, "dropouts_16_17_f": {3, 3}, "dropouts_18plus_f": {2, 1},
		"dropouts_foreign_m": {3, 3}, "dropouts_disability_m": {1, 1}, "dropouts_dsa_m": {1, 1}, "dropouts_repeaters_m": {4, 4},
		"dropouts_foreign_f": {1, 1}, "dropouts_disability_f": {0, 0}, "dropouts_dsa_f": {1, 1}, "dropouts_repeaters_f": {1, 1},
		"reason_school_failure": {4, 4}, "reason_wrong_choice": {3, 3}, "reason_behaviour": {1, 1}, "reason_family": {1, 1},
		"reason_psychological": {2, 1}, "reason_health": {1, 0}, "reason_work": {1, 1}, "reason_mobility_migration": {1, 0}, "reason_unknown": {1, 1},
		"dest_same_track": {9, 7}, "dest_other_track": {6, 5}, "dest_non_paritaria": {0, 0}, "dest_iefp": {2, 2}, "dest_cpia": {1, 1},
		"dest_evening": {0, 0}, "dest_apprenticeship": {0, 0}, "dest_abroad": {1, 1}, "dest_parental": {0, 0}, "dest_other": {1, 0},
		"dropouts_working": {2, 2}, "dropouts_untraced": {3, 3},
		"reports_family": {6, 6}, "reports_municipality": {3, 3}, "reports_social_services": {2, 2}, "reports_juvenile_prosecutor": {1, 1},
		"reports_other": {0, 0}, "reported_students": {4, 4}, "returned_students": {2, 2},
	} {
		a[id] = n[5-years]
	}
	return a
}

func cell(row string, year int, sex string) string { return fmt.Sprintf("%s_y%d_%s", row, year, sex) }

// rowOf sets a row of a five-year grid: males and females of each year.
func rowOf(id string, values ...int) edit {
	out := edit{}
	for i, n := range values {
		out[cell(id, i/2+1, "mf"[i%2:i%2+1])] = n
	}
	return out
}

// column is a course year in which the pupils do nothing but be admitted.
func column(year, m, f int) edit {
	out := edit{fmt.Sprintf("classes_y%d", year): (m + f + 32) / 33}
	for _, row := range gridRows {
		out[cell(row.id, year, "m")], out[cell(row.id, year, "f")] = 0, 0
	}
	for _, row := range []string{"enrolled_start", "admitted_june"} {
		out[cell(row, year, "m")], out[cell(row, year, "f")] = m, f
	}
	return out
}

// tiny is a five-year sheet that has nothing but year 1, with these pupils;
// the other columns are closed and blank.
func tiny(m, f int) edit {
	out := edit{}
	for id, v := range baseSheet(survey.TrackTecnico) {
		if _, number := v.(int); number {
			out[id] = 0
		}
	}
	for y := 2; y <= 5; y++ {
		for _, row := range gridRows {
			out[cell(row.id, y, "m")], out[cell(row.id, y, "f")] = nil, nil
		}
	}
	return edits(out, column(1, m, f))
}

// baseGeneral goes with four base sheets: 500+500+500+400 pupils, 20+20+20+16
// classes.
func baseGeneral() survey.Answers {
	return survey.Answers{
		"institution_code": "MIIS08900V", "institution_name": "I.I.S. di prova", "institution_status": "statale",
		"institution_municipality": "RHO", "institution_email": "miis08900v@istruzione.it", "institution_phone": "02 123456",
		"head_name": "Dirigente di prova", "compiler_name": "Compilatore di prova", "compiler_role": "dsga",
		"compiler_email": "compilatore@scuola.example", "compiler_phone": "02 654321",
		"tracks_offered": []string{"liceale", "tecnico", "professionale", "iefp"}, "iefp_delivery_mode": "sussidiarieta",
		"sites_count": 2, "classes_total": 76, "students_total_start": 1900,
		"evening_courses": false, "four_year_courses": false,
		"dropout_coordinator": true, "dropout_team": false, "pnrr_dm170": false,
		"attendance_alert_procedure": true, "attendance_alert_days": 10,
		"year_validity_derogations": true, "counselling_service": true,
		"network_partners": []string{"comune"}, "general_notes": "Nessuna osservazione.", "declaration": true,
	}
}

func base(sheet string) survey.Answers {
	if sheet == survey.GeneralPart {
		return baseGeneral()
	}
	return baseSheet(sheet)
}

// checksOf lists the ids of the findings, each once, in order.
func checksOf(findings []survey.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Check)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// The base of every other test must itself be free of findings.
func TestBaseIsClean(t *testing.T) {
	q := questionnaire(t)
	evs := map[string]*survey.Evaluation{}
	for _, part := range q.AllParts() {
		evs[part] = q.Sheet(part).Evaluate(survey.Input{Answers: base(part), Institution: school, Lang: "it", Submit: true})
		for _, f := range evs[part].Findings {
			t.Errorf("%s: %s %v %s", part, f.Check, f.Variables, f.Message)
		}
	}
	for _, f := range q.Across(evs, nil, "it") {
		t.Errorf("%s %v %s", f.Check, f.Variables, f.Message)
	}
	small := q.Sheet("tecnico").Evaluate(survey.Input{Answers: apply(baseSheet("tecnico"), tiny(12, 7)), Institution: school, Submit: true})
	for _, f := range small.Findings {
		t.Errorf("tiny: %s %v %s", f.Check, f.Variables, f.Message)
	}
}
