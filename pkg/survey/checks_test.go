package survey_test

import (
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// checkCase is one edit of the consistent base (base_test.go) and what must
// come of it. Every expectation is worked out by hand from the reconstruction
// of the survey, with the arithmetic beside it.
type checkCase struct {
	check string   // the check in question
	fires bool     // it must stand, or it must not
	sheet string   // "" is tecnico
	name  string   // why
	edit  edit     //
	at    []string // variables that the finding must point to
	also  []string // other checks that the edit trips by necessity
	inst  survey.Institution
}

const (
	fires = true
	quiet = false
)

// formRules: the checks that come from the types, H01, H02, H14.
var formRules = []checkCase{
	{"H01", fires, "", "below 0", edit{"transition_requests": -1}, []string{"transition_requests"}, nil, school},
	{"H01", quiet, "", "0", edit{"transition_requests": 0}, nil, nil, school},
	{"H01", fires, "", "above 9999", edit{"transition_requests": 10000}, []string{"transition_requests"}, nil, school},
	{"H01", quiet, "", "9999", edit{"transition_requests": 9999}, nil, nil, school},
	{"H01", fires, "", "a fraction in a cell", edit{"overage_y3_f": 2.5}, []string{"overage_y3_f"}, nil, school},
	{"H01", fires, "iefp", "a text", edit{"overage_y3_f": "3"}, []string{"overage_y3_f"}, nil, school},
	{"H02", fires, "", "a core question blank", edit{"students_reached": nil}, []string{"students_reached"}, nil, school},
	{"H02", fires, "", "a core cell blank", edit{"arrivals_y1_m": nil}, []string{"arrivals_y1_m"}, nil, school},
	{"H02", fires, "", "a list of nothing", edit{"study_programmes": []string{}}, []string{"study_programmes"}, nil, school},
	{"H02", fires, "general", "no track at all (G15 waits for an answer)", edit{"tracks_offered": []string{}, "iefp_delivery_mode": nil},
		[]string{"tracks_offered"}, nil, school},
	{"H02", quiet, "", "ext blank", edit{"transition_requests": nil, "overage_y3_f": nil}, nil, nil, school},
	{"H14", fires, "", "nessuna beside another", edit{"actions_taken": []string{"mentoring", "nessuna"}, "students_reached": nil},
		[]string{"actions_taken"}, nil, school},
	{"H14", quiet, "", "nessuna alone", edit{"actions_taken": []string{"nessuna"}, "students_reached": nil}, nil, nil, school},
	{"H14", fires, "general", "nessuno beside another", edit{"network_partners": []string{"comune", "nessuno"}}, []string{"network_partners"}, nil, school},
}

// identities: I4 and I7 to I11. I1, I2, I3, I5, I6 are computed rows
// (TestComputedRows).
var identities = []checkCase{
	{"I4", fires, "", "one admitted too many: 40 at the end, 31+6+2 +1+1 = 41", edit{"admitted_june_y1_f": 31},
		[]string{"admitted_june_y1_f", "enrolled_start_y1_f", "year_abroad_y1_f"}, nil, school},
	{"I4", fires, "iefp", "one arrival more in year 4", edit{"arrivals_y4_m": 3}, []string{"arrivals_y4_m"}, nil, school},
	{"I4", quiet, "", "one admitted more, one not admitted less", edit{"admitted_june_y1_f": 31, "not_admitted_june_y1_f": 1}, nil, nil, school},
	{"I4", quiet, "", "the same pupil abroad instead of admitted", edit{"admitted_june_y2_f": 29, "year_abroad_y2_f": 2}, nil, nil, school},
	{"I7", fires, "", "ages of males 7+4 = 11, dropouts 10", edit{"dropouts_16_17_m": 7}, []string{"dropouts_16_17_m"}, nil, school},
	{"I7", fires, "", "right in sum, wrong for each sex", edit{"dropouts_16_17_m": 7, "dropouts_16_17_f": 2}, []string{"dropouts_16_17_f"}, nil, school},
	{"I7", quiet, "", "7+3 = 10", edit{"dropouts_16_17_m": 7, "dropouts_18plus_m": 3}, nil, nil, school},
	{"I8", fires, "", "16 reasons, 15 dropouts", edit{"reason_work": 2}, []string{"reason_work", "reason_unknown"}, nil, school},
	{"I8", quiet, "", "one moved to another reason", edit{"reason_work": 2, "reason_unknown": 0}, nil, nil, school},
	{"I9", fires, "", "10+6 destinations, 15 transfers", edit{"dest_same_track": 10}, []string{"dest_same_track", "dest_other_track"}, nil, school},
	{"I9", quiet, "", "10+5 = 15", edit{"dest_same_track": 10, "dest_other_track": 5}, nil, nil, school},
	{"I10", fires, "", "2+2+1+1 = 6 destinations, 5 exits", edit{"dest_cpia": 2}, []string{"dest_cpia", "dest_parental"}, nil, school},
	{"I10", quiet, "", "2+1+1+1 = 5", edit{"dest_cpia": 2, "dest_iefp": 1}, nil, nil, school},
	{"I11", fires, "", "2 working + 14 untraced = 16 of 15", edit{"dropouts_untraced": 14}, []string{"dropouts_untraced", "dropouts_working"}, nil, school},
	{"I11", quiet, "", "2 + 13 = 15", edit{"dropouts_untraced": 13}, nil, nil, school},
	{"I11", fires, "", "working unknown, 16 untraced of 15", edit{"dropouts_working": nil, "dropouts_untraced": 16}, []string{"dropouts_untraced"}, nil, school},
	{"I11", quiet, "", "working unknown, 15 of 15", edit{"dropouts_working": nil, "dropouts_untraced": 15}, nil, nil, school},
}

// withoutWithdrawals: no formal withdrawals, so 59 and 40 at the end, and the
// dropouts of males are 5 (never attended), of females 5 (interrupted): 10.
var withoutWithdrawals = edits(rowOf("formal_withdrawals", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0),
	rowOf("admitted_june", 44, 30, 44, 30, 44, 30, 44, 30, 54, 36),
	edit{"dropouts_under16_m": 0, "dropouts_16_17_m": 1, "dropouts_18plus_m": 4,
		"reason_psychological": 1, "reason_health": 0, "reason_work": 0, "reason_mobility_migration": 0, "reason_unknown": 0})

// withoutYear5: the column is empty and has no classes. Transfers 12, other
// exits 4, dropouts 8 + 4; nobody suspended in year 4, now the last (S16).
var withoutYear5 = edits(tiny(0, 0).yearOnly(5), edit{"classes_y5": 0,
	"suspended_judgement_y4_m": 0, "suspended_judgement_y4_f": 0, "admitted_june_y4_m": 53, "admitted_june_y4_f": 36,
	"suspended_not_admitted_y4_m": 0, "suspended_not_admitted_y4_f": 0,
	"dest_same_track": 6, "dest_iefp": 1,
	"dropouts_18plus_m": 2, "dropouts_18plus_f": 1,
	"reason_psychological": 1, "reason_health": 0, "reason_work": 0})

// yearOnly keeps what the edit does to one course year.
func (e edit) yearOnly(year int) edit {
	out := edit{}
	for id, v := range e {
		if strings.Contains(id, "_y"+string(rune('0'+year))+"_") {
			out[id] = v
		}
	}
	return out
}

var hardRules = []checkCase{
	// 40 pupils and 1 arrival: 41 may leave. All leave, so I4, I9 and H09 speak too.
	{"H04", fires, "", "42 of 41 leave", edit{"transfers_out_y1_f": 42}, []string{"transfers_out_y1_f", "arrivals_y1_f"}, []string{"H09", "I4", "I9"}, school},
	{"H04", quiet, "", "41 of 41 leave", edit{"transfers_out_y1_f": 41}, nil, []string{"H09", "I4", "I9"}, school},
	{"H04", fires, "", "39 + 2 + 1 of 41 leave", edit{"transfers_out_y1_f": 39, "other_valid_exits_y1_f": 2, "formal_withdrawals_y1_f": 1}, []string{"formal_withdrawals_y1_f"},
		[]string{"H09", "I10", "I4", "I7", "I8", "I9"}, school},

	{"H05", fires, "", "61 foreigners of 60", edit{"foreign_citizenship_y1_m": 61}, []string{"foreign_citizenship_y1_m", "enrolled_start_y1_m"}, nil, school},
	{"H05", quiet, "", "60 of 60", edit{"foreign_citizenship_y1_m": 60}, nil, nil, school},
	{"H05", fires, "", "repeaters", edit{"repeaters_y2_f": 41}, []string{"repeaters_y2_f"}, nil, school},
	{"H05", quiet, "", "repeaters", edit{"repeaters_y2_f": 40}, nil, nil, school},
	{"H05", fires, "", "overage", edit{"overage_y5_m": 61}, []string{"overage_y5_m"}, nil, school},
	{"H05", fires, "", "disability, the others blank", edit{"disability_y1_m": 61, "dsa_y1_m": nil, "other_bes_y1_m": nil}, []string{"disability_y1_m"}, nil, school},
	{"H05", fires, "", "dsa, the others blank", edit{"dsa_y1_m": 61, "disability_y1_m": nil, "other_bes_y1_m": nil}, []string{"dsa_y1_m"}, nil, school},
	{"H05", fires, "", "2+5+54 = 61 of 60", edit{"other_bes_y1_m": 54}, []string{"other_bes_y1_m", "dsa_y1_m", "disability_y1_m"}, nil, school},
	{"H05", quiet, "", "2+5+53 = 60", edit{"other_bes_y1_m": 53}, nil, nil, school},

	{"H06", fires, "", "suspended in year 5", edit{"suspended_judgement_y5_m": 1, "admitted_june_y5_m": 52}, []string{"suspended_judgement_y5_m"}, nil, school},
	{"H06", quiet, "", "one more in year 4", edit{"suspended_judgement_y4_m": 11, "admitted_june_y4_m": 42}, nil, nil, school},

	{"H07", fires, "", "11 of 10 suspended", edit{"suspended_not_admitted_y1_m": 11}, []string{"suspended_not_admitted_y1_m"}, nil, school},
	{"H07", quiet, "", "10 of 10", edit{"suspended_not_admitted_y1_m": 10}, nil, nil, school},

	{"H08", fires, "", "57 of 43+10+3 = 56", edit{"admitted_with_derogation_y1_m": 57}, []string{"admitted_with_derogation_y1_m"}, nil, school},
	{"H08", quiet, "", "56 of 56", edit{"admitted_with_derogation_y1_m": 56}, nil, nil, school},

	{"H09", fires, "", "year 5: 58 - 53 = 5", edit{"not_reenrolled_y5_m": 6}, []string{"not_reenrolled_y5_m"}, nil, school},
	{"H09", quiet, "", "year 5", edit{"not_reenrolled_y5_m": 5}, nil, nil, school},
	{"H09", fires, "", "year 4 of five: 58", edit{"not_reenrolled_y4_m": 59}, []string{"not_reenrolled_y4_m"}, nil, school},
	{"H09", quiet, "", "year 4 of five", edit{"not_reenrolled_y4_m": 58}, nil, nil, school},
	{"H09", fires, "iefp", "year 4 is the last: 58 - 53 = 5", edit{"not_reenrolled_y4_m": 6}, []string{"not_reenrolled_y4_m"}, nil, school},
	{"H09", quiet, "iefp", "year 4", edit{"not_reenrolled_y4_m": 5}, nil, nil, school},
	{"H09", fires, "iefp", "year 3: 58", edit{"not_reenrolled_y3_m": 59}, []string{"not_reenrolled_y3_m"}, nil, school},
	{"H09", quiet, "iefp", "year 3", edit{"not_reenrolled_y3_m": 58}, nil, nil, school},

	{"H10", fires, "", "11 of 10 male dropouts", edit{"dropouts_foreign_m": 11}, []string{"dropouts_foreign_m"}, nil, school},
	{"H10", quiet, "", "10 of 10", edit{"dropouts_foreign_m": 10}, nil, nil, school},
	{"H10", fires, "", "disability", edit{"dropouts_disability_f": 6}, []string{"dropouts_disability_f"}, nil, school},
	{"H10", fires, "", "dsa", edit{"dropouts_dsa_f": 6}, []string{"dropouts_dsa_f"}, nil, school},
	{"H10", fires, "iefp", "repeaters: 4 female dropouts", edit{"dropouts_repeaters_f": 5}, []string{"dropouts_repeaters_f"}, nil, school},
	{"H10", quiet, "iefp", "4 of 4", edit{"dropouts_repeaters_f": 4}, nil, nil, school},

	{"H11", fires, "", "5 returned of 4", edit{"returned_students": 5}, []string{"returned_students"}, nil, school},
	{"H11", quiet, "", "4 of 4", edit{"returned_students": 4}, nil, nil, school},
	{"H11", fires, "", "one channel has 5, 4 reported in all", edit{"reports_municipality": 5}, []string{"reports_municipality"}, nil, school},
	{"H11", quiet, "", "4", edit{"reports_municipality": 4}, nil, nil, school},
	{"H11", fires, "", "7 reported, the channels have 3+2+1+0 = 6", edit{"reported_students": 7}, []string{"reported_students"}, nil, school},
	{"H11", quiet, "", "6", edit{"reported_students": 6}, nil, nil, school},
	{"H11", fires, "", "516 families of 500 + 15 pupils", edit{"reports_family": 516}, []string{"reports_family"}, nil, school},
	{"H11", quiet, "", "515 (the family does not count as a report)", edit{"reports_family": 515}, nil, nil, school},

	{"H15", fires, "", "no class at all", edit{"classes_y1": 0, "classes_y2": 0, "classes_y3": 0, "classes_y4": 0, "classes_y5": 0}, []string{"classes_y1"}, []string{"S15"}, school},
	{"H15", quiet, "", "one class", edits(tiny(12, 7), edit{"classes_y1": 1}), nil, nil, school},

	{"H17", fires, "", "evening pupils inside", edit{"evening_excluded": false}, []string{"evening_excluded"}, nil, school},
	{"H17", quiet, "", "outside", edit{"evening_excluded": true}, nil, nil, school},
}

// notAdmitted69: ten pupils of year 4 go abroad, so that 460 are assessed, and
// the non-admitted rise from 25 to 69, exactly 15 %.
var notAdmitted69 = edit{"year_abroad_y4_m": 10, "admitted_june_y4_m": 33,
	"admitted_june_y1_m": 3, "not_admitted_june_y1_m": 43, "admitted_june_y2_m": 39, "not_admitted_june_y2_m": 7}

// notAdmitted115: the same with 25+40+40+10 = 115, exactly 25 % of 460.
var notAdmitted115 = edits(notAdmitted69, edit{"admitted_june_y2_m": 3, "not_admitted_june_y2_m": 43, "admitted_june_y3_m": 33, "not_admitted_june_y3_m": 13})

// suspended162: 16 pupils of year 4 abroad, so 360 assessed in years 1 to 4,
// of whom 64+43+43+12 = 162 suspended, exactly 45 %.
var suspended162 = edit{"year_abroad_y4_m": 16, "admitted_june_y4_m": 27, "admitted_june_y1_m": 0, "suspended_judgement_y1_m": 53,
	"admitted_june_y2_m": 0, "suspended_judgement_y2_m": 53, "admitted_june_y3_m": 31, "suspended_judgement_y3_m": 22}

// absences: ten arrivals more, so 500 at the end (IeFP: eight, so 400), and
// the absence limit exceeded by 5 + the pupils moved (IeFP: 4 + those).
var (
	end500       = edit{"arrivals_y1_m": 12, "admitted_june_y1_m": 53}
	absences15   = edits(end500, edit{"absence_limit_exceeded_y2_m": 11, "admitted_june_y2_m": 33})
	absences60   = edits(end500, edit{"absence_limit_exceeded_y2_m": 44, "admitted_june_y2_m": 0, "absence_limit_exceeded_y3_m": 13, "admitted_june_y3_m": 31})
	absences100  = edits(absences60, edit{"absence_limit_exceeded_y3_m": 44, "admitted_june_y3_m": 0, "absence_limit_exceeded_y4_m": 10, "admitted_june_y4_m": 34})
	absences80of = edit{"arrivals_y1_m": 10, "admitted_june_y1_m": 61,
		"absence_limit_exceeded_y2_m": 54, "admitted_june_y2_m": 0, "absence_limit_exceeded_y3_m": 24, "admitted_june_y3_m": 30}
)

// dropouts: 15 + the pupils that interrupted instead of being admitted, with
// age and reason.
var (
	dropouts25   = edit{"informal_interruption_y3_m": 10, "admitted_june_y3_m": 33, "dropouts_16_17_m": 16, "reason_unknown": 11}
	dropouts60   = edit{"informal_interruption_y3_m": 43, "admitted_june_y3_m": 0, "informal_interruption_y4_m": 2, "admitted_june_y4_m": 41, "dropouts_16_17_m": 51, "reason_unknown": 46}
	dropouts100  = edits(dropouts60, edit{"informal_interruption_y4_m": 42, "admitted_june_y4_m": 1, "dropouts_16_17_m": 91, "reason_unknown": 86})
	dropouts100i = edit{"informal_interruption_y2_m": 53, "admitted_june_y2_m": 0, "informal_interruption_y3_m": 35, "admitted_june_y3_m": 18, "dropouts_16_17_m": 94, "reason_unknown": 89}
)

// rates: S01 to S04, at their thresholds and just above.
var rates = []checkCase{
	{"S01", quiet, "liceale", "69/460 = 15 %", notAdmitted69, nil, nil, school},
	{"S01", fires, "liceale", "70/460", edits(notAdmitted69, edit{"admitted_june_y2_m": 38, "not_admitted_june_y2_m": 8}), []string{"not_admitted_june_y1_m"}, nil, school},
	{"S01", quiet, "tecnico", "115/460 = 25 %", notAdmitted115, nil, nil, school},
	{"S01", fires, "tecnico", "116/460", edits(notAdmitted115, edit{"admitted_june_y3_m": 32, "not_admitted_june_y3_m": 14}), nil, nil, school},
	{"S01", quiet, "professionale", "115/460 = 25 %", notAdmitted115, nil, nil, school},
	{"S01", fires, "professionale", "116/460", edits(notAdmitted115, edit{"admitted_june_y3_m": 32, "not_admitted_june_y3_m": 14}), nil, nil, school},
	{"S01", quiet, "iefp", "94/376 = 25 %", edit{"admitted_june_y1_m": 13, "not_admitted_june_y1_m": 43, "admitted_june_y2_m": 19, "not_admitted_june_y2_m": 37}, nil, nil, school},
	{"S01", fires, "iefp", "95/376", edit{"admitted_june_y1_m": 13, "not_admitted_june_y1_m": 43, "admitted_june_y2_m": 18, "not_admitted_june_y2_m": 38}, nil, nil, school},
	{"S01", quiet, "", "10 of 19: too few to judge", edits(tiny(19, 0), edit{"admitted_june_y1_m": 9, "not_admitted_june_y1_m": 10}), nil, nil, school},
	{"S01", fires, "", "10 of 20", edits(tiny(20, 0), edit{"admitted_june_y1_m": 10, "not_admitted_june_y1_m": 10}), nil, nil, school},

	{"S02", quiet, "", "162/360 = 45 % in years 1-4", suspended162, nil, nil, school},
	{"S02", fires, "", "163/360", edits(suspended162, edit{"admitted_june_y3_m": 30, "suspended_judgement_y3_m": 23}), []string{"suspended_judgement_y1_m"}, nil, school},
	{"S02", fires, "", "none of 100", edits(tiny(60, 40), edit{"foreign_citizenship_y1_m": 1}), []string{"suspended_judgement_y1_m"}, nil, school},
	{"S02", quiet, "", "none of 99", tiny(60, 39), nil, nil, school},
	{"S02", quiet, "", "one of 100", edits(tiny(60, 40), edit{"foreign_citizenship_y1_m": 1, "suspended_judgement_y1_m": 1, "admitted_june_y1_m": 59}), nil, nil, school},
	{"S02", quiet, "", "10 of 19", edits(tiny(19, 0), edit{"suspended_judgement_y1_m": 10, "admitted_june_y1_m": 9}), nil, nil, school},
	{"S02", quiet, "iefp", "none of 376", nil, nil, nil, school},

	{"S03", quiet, "liceale", "15/500 = 3 %", absences15, nil, nil, school},
	{"S03", fires, "liceale", "16/500", edits(absences15, edit{"absence_limit_exceeded_y2_m": 12, "admitted_june_y2_m": 32}), []string{"absence_limit_exceeded_y2_m"}, nil, school},
	{"S03", quiet, "tecnico", "60/500 = 12 %", absences60, nil, nil, school},
	{"S03", fires, "tecnico", "61/500", edits(absences60, edit{"absence_limit_exceeded_y3_m": 14, "admitted_june_y3_m": 30}), nil, nil, school},
	{"S03", quiet, "professionale", "100/500 = 20 %", absences100, nil, nil, school},
	{"S03", fires, "professionale", "101/500", edits(absences100, edit{"absence_limit_exceeded_y4_m": 11, "admitted_june_y4_m": 33}), nil, nil, school},
	{"S03", quiet, "iefp", "54+24+2 = 80 of 400 = 20 %", absences80of, nil, nil, school},
	{"S03", fires, "iefp", "81/400", edits(absences80of, edit{"absence_limit_exceeded_y3_m": 25, "admitted_june_y3_m": 29}), nil, nil, school},
	{"S03", quiet, "", "19 of 19: too few", edits(tiny(19, 0), edit{"absence_limit_exceeded_y1_m": 19, "admitted_june_y1_m": 0}), nil, nil, school},
	{"S03", fires, "", "20 of 20", edits(tiny(20, 0), edit{"absence_limit_exceeded_y1_m": 20, "admitted_june_y1_m": 0}), nil, nil, school},

	{"S04", quiet, "liceale", "25/500 = 5 %", dropouts25, nil, nil, school},
	{"S04", fires, "liceale", "26/500", edits(dropouts25, edit{"informal_interruption_y3_m": 11, "admitted_june_y3_m": 32, "dropouts_16_17_m": 17, "reason_unknown": 12}),
		[]string{"formal_withdrawals_y1_m", "never_attended_y1_m", "informal_interruption_y3_m"}, nil, school},
	{"S04", quiet, "tecnico", "60/500 = 12 %", dropouts60, nil, nil, school},
	{"S04", fires, "tecnico", "61/500", edits(dropouts60, edit{"informal_interruption_y4_m": 3, "admitted_june_y4_m": 40, "dropouts_16_17_m": 52, "reason_unknown": 47}), nil, nil, school},
	{"S04", quiet, "professionale", "100/500 = 20 %", dropouts100, nil, nil, school},
	{"S04", fires, "professionale", "101/500", edits(dropouts100, edit{"informal_interruption_y4_m": 43, "admitted_june_y4_m": 0, "dropouts_16_17_m": 92, "reason_unknown": 87}), nil, nil, school},
	{"S04", quiet, "iefp", "100/400 = 25 %", dropouts100i, nil, nil, school},
	{"S04", fires, "iefp", "101/400", edits(dropouts100i, edit{"informal_interruption_y3_m": 36, "admitted_june_y3_m": 17, "dropouts_16_17_m": 95, "reason_unknown": 90}), nil, nil, school},
	{"S04", quiet, "", "6 of 19: too few", edits(tiny(19, 0), edit{"informal_interruption_y1_m": 6, "admitted_june_y1_m": 13, "dropouts_16_17_m": 6, "reason_unknown": 6}), nil, nil, school},
	{"S04", fires, "", "6 of 20", edits(tiny(20, 0), edit{"informal_interruption_y1_m": 6, "admitted_june_y1_m": 14, "dropouts_16_17_m": 6, "reason_unknown": 6}), nil, nil, school},
}

// big is a year of 300 pupils or so in which nothing is unusual but that
// nobody dropped out.
func big(m, f int) edit {
	return edits(tiny(m, f), edit{"foreign_citizenship_y1_m": 1, "suspended_judgement_y1_m": 1, "admitted_june_y1_m": m - 1})
}

// softRules: S05 to S11.
var softRules = []checkCase{
	{"S05", fires, "", "no dropouts of 300", big(200, 100), []string{"never_attended_y1_m"}, nil, school},
	{"S05", quiet, "", "no dropouts of 299", big(200, 99), nil, nil, school},
	{"S05", quiet, "liceale", "no dropouts of 300", big(200, 100), nil, nil, school},
	{"S05", fires, "professionale", "no dropouts of 300", big(200, 100), nil, nil, school},
	{"S05", fires, "iefp", "no dropouts of 300", edits(tiny(200, 100).without(5), edit{"foreign_citizenship_y1_m": 1}), nil, nil, school},

	{"S06", fires, "", "5 withdrawals and 1 under 16", edit{"dropouts_under16_m": 1, "dropouts_16_17_m": 5}, []string{"dropouts_under16_m", "formal_withdrawals_y1_m"}, nil, school},
	{"S06", quiet, "", "1 under 16 and no withdrawals", edits(withoutWithdrawals, edit{"dropouts_under16_m": 1, "dropouts_16_17_m": 0}), nil, nil, school},

	{"S07", fires, "", "5 under 16, 4 reported", edits(withoutWithdrawals, edit{"dropouts_under16_m": 4, "dropouts_16_17_m": 0, "dropouts_18plus_m": 1, "dropouts_under16_f": 1, "dropouts_16_17_f": 2}),
		[]string{"dropouts_under16_m", "reported_students"}, nil, school},
	{"S07", quiet, "", "4 under 16, 4 reported", edits(withoutWithdrawals, edit{"dropouts_under16_m": 3, "dropouts_16_17_m": 0, "dropouts_18plus_m": 2, "dropouts_under16_f": 1, "dropouts_16_17_f": 2}), nil, nil, school},

	// Without withdrawals 3 males and 3 females drop out of years 1 to 3.
	{"S08", fires, "", "7 under 16, 6 dropouts in years 1-3", edits(withoutWithdrawals, edit{"dropouts_under16_m": 5, "dropouts_16_17_m": 0, "dropouts_18plus_m": 0,
		"dropouts_under16_f": 2, "dropouts_16_17_f": 1, "reported_students": 7, "reports_municipality": 7}), []string{"dropouts_under16_m", "never_attended_y1_m"}, nil, school},
	{"S08", quiet, "", "6 of 6", edits(withoutWithdrawals, edit{"dropouts_under16_m": 4, "dropouts_16_17_m": 0, "dropouts_18plus_m": 1,
		"dropouts_under16_f": 2, "dropouts_16_17_f": 1, "reported_students": 7, "reports_municipality": 7}), nil, nil, school},
	{"S08", fires, "", "3 dropouts in year 5, nobody of age", edit{"dropouts_18plus_m": 0, "dropouts_16_17_m": 10, "dropouts_18plus_f": 0, "dropouts_16_17_f": 5},
		[]string{"dropouts_18plus_m", "informal_interruption_y5_f"}, nil, school},
	{"S08", quiet, "", "one of age", edit{"dropouts_18plus_m": 1, "dropouts_16_17_m": 9, "dropouts_18plus_f": 0, "dropouts_16_17_f": 5}, nil, nil, school},
	{"S08", quiet, "", "nobody of age, no dropouts in year 5", edit{"formal_withdrawals_y5_m": 0, "never_attended_y5_m": 0, "informal_interruption_y5_f": 0,
		"admitted_june_y5_m": 55, "admitted_june_y5_f": 37, "dropouts_18plus_m": 0, "dropouts_16_17_m": 8, "dropouts_18plus_f": 0, "dropouts_16_17_f": 4,
		"reason_work": 0, "reason_mobility_migration": 0, "reason_unknown": 0}, nil, nil, school},
	{"S08", quiet, "iefp", "nobody of age, no year 5 at all", edit{"dropouts_18plus_m": 0, "dropouts_16_17_m": 8, "dropouts_18plus_f": 0, "dropouts_16_17_f": 4}, nil, nil, school},

	{"S09", quiet, "", "5 × (36+24) = 300 of 500 = 60 %", rowOf("foreign_citizenship", 36, 24, 36, 24, 36, 24, 36, 24, 36, 24), nil, nil, school},
	{"S09", fires, "", "301 of 500", rowOf("foreign_citizenship", 37, 24, 36, 24, 36, 24, 36, 24, 36, 24), []string{"foreign_citizenship_y1_m"}, nil, school},
	{"S09", fires, "", "none of 500", rowOf("foreign_citizenship", 0, 0, 0, 0, 0, 0, 0, 0, 0, 0), nil, nil, school},
	{"S09", quiet, "", "one of 500", rowOf("foreign_citizenship", 0, 0, 0, 0, 1, 0, 0, 0, 0, 0), nil, nil, school},
	{"S09", quiet, "", "none of 99", tiny(60, 39), nil, nil, school},
	{"S09", fires, "", "none of 100", edits(tiny(60, 40), edit{"suspended_judgement_y1_m": 1, "admitted_june_y1_m": 59}), nil, nil, school},
	{"S09", quiet, "", "19 of 19: too few", edits(tiny(19, 0), edit{"foreign_citizenship_y1_m": 19}), nil, nil, school},

	{"S10", fires, "", "100 males", big(100, 0), []string{"enrolled_start_y1_f"}, nil, school},
	{"S10", fires, "", "100 females", edits(tiny(0, 100), edit{"foreign_citizenship_y1_f": 1, "suspended_judgement_y1_f": 1, "admitted_june_y1_f": 99}), nil, nil, school},
	{"S10", quiet, "", "99 males", tiny(99, 0), nil, nil, school},
	{"S10", quiet, "", "99 males, 1 female", big(99, 1), nil, nil, school},
	{"S10", quiet, "", "15+85 = 100 arrivals of 500 = 20 %", edit{"arrivals_y1_m": 87, "admitted_june_y1_m": 128}, nil, nil, school},
	{"S10", fires, "", "101 arrivals", edit{"arrivals_y1_m": 88, "admitted_june_y1_m": 129}, []string{"arrivals_y1_m"}, nil, school},
	{"S10", quiet, "", "15+42+43 = 100 transfers of 500", edit{"transfers_out_y1_m": 44, "admitted_june_y1_m": 1, "transfers_out_y2_m": 45, "admitted_june_y2_m": 0, "dest_same_track": 94}, nil, nil, school},
	{"S10", fires, "", "101 transfers", edit{"transfers_out_y1_m": 45, "admitted_june_y1_m": 0, "transfers_out_y2_m": 45, "admitted_june_y2_m": 0, "dest_same_track": 95}, []string{"transfers_out_y1_m"}, nil, school},

	{"S11", quiet, "", "130 after 100", edit{"enrolled_start_y2_m": 90, "admitted_june_y2_m": 73}, nil, nil, school},
	{"S11", fires, "", "131 after 100", edit{"enrolled_start_y2_m": 91, "admitted_june_y2_m": 74}, []string{"enrolled_start_y2_m", "enrolled_start_y1_m"}, nil, school},
	{"S11", quiet, "", "40 after 19: too few", edits(tiny(12, 7), column(2, 40, 0)), nil, nil, school},
	{"S11", fires, "", "40 after 20", edits(tiny(12, 8), column(2, 40, 0)), nil, nil, school},
	{"S11", quiet, "", "99 in 3 classes", edit{"enrolled_start_y1_m": 59, "admitted_june_y1_m": 42, "classes_y1": 3}, nil, nil, school},
	{"S11", fires, "", "100 in 3 classes", edit{"classes_y1": 3}, []string{"classes_y1", "enrolled_start_y1_m"}, nil, school},
}

// without drops what the edit does to one course year (for IeFP, which has
// four) so that its cells are not written at all.
func (e edit) without(year int) edit {
	out := edit{}
	for id, v := range e {
		if !strings.Contains(id+"_", "_y"+string(rune('0'+year))+"_") {
			out[id] = v
		}
	}
	return out
}

// foreignOnly leaves one row in the grid of characteristics.
func foreignOnly(values ...int) edit {
	zero := []int{0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
	out := rowOf("foreign_citizenship", values...)
	for _, row := range []string{"disability", "dsa", "other_bes", "repeaters", "overage"} {
		out = edits(out, rowOf(row, zero...))
	}
	return out
}

// ones: every movement but the enrolled is 1, so that of 50 cells 40 are alike.
var ones = edits(rowOf("arrivals", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), rowOf("transfers_out", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1),
	rowOf("other_valid_exits", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1), rowOf("formal_withdrawals", 1, 1, 1, 1, 1, 1, 1, 1, 1, 1))

// mirrorOf makes the females of the rows equal to the males.
func mirrorOf(rows ...string) edit {
	out, a := edit{}, baseSheet(survey.TrackTecnico)
	for _, row := range rows {
		for y := 1; y <= 5; y++ {
			out[cell(row, y, "f")] = a[cell(row, y, "m")]
		}
	}
	return out
}

var (
	movementRows = []string{"enrolled_start", "arrivals", "transfers_out", "other_valid_exits", "formal_withdrawals"}
	outcomeRows  = []string{"never_attended", "informal_interruption", "absence_limit_exceeded", "year_abroad", "admitted_june",
		"suspended_judgement", "not_admitted_june", "suspended_not_admitted", "admitted_with_derogation", "not_reenrolled"}
)

// sevens fills the grid of outcomes with one number; n cells differ.
func sevens(n int) edit {
	out := edit{}
	for _, row := range outcomeRows {
		out = edits(out, rowOf(row, 7, 7, 7, 7, 7, 7, 7, 7, 7, 7))
	}
	for i := range n {
		out[cell(outcomeRows[i/10], i%10/2+1, "mf"[i%2:i%2+1])] = 100 + i
	}
	return out
}

// copies: S12 to S17.
var copies = []checkCase{
	{"S12", quiet, "", "5 × (9+6) = 75 of 500 = 15 %", rowOf("disability", 9, 6, 9, 6, 9, 6, 9, 6, 9, 6), nil, nil, school},
	{"S12", fires, "", "76", rowOf("disability", 10, 6, 9, 6, 9, 6, 9, 6, 9, 6), []string{"disability_y1_m"}, nil, school},
	{"S12", quiet, "", "5 × (15+10) = 125 of 500 = 25 %", rowOf("dsa", 15, 10, 15, 10, 15, 10, 15, 10, 15, 10), nil, nil, school},
	{"S12", fires, "", "126", rowOf("dsa", 16, 10, 15, 10, 15, 10, 15, 10, 15, 10), []string{"dsa_y1_m"}, nil, school},
	{"S12", quiet, "", "5 × (18+12) = 150 of 500 = 30 %", rowOf("other_bes", 18, 12, 18, 12, 18, 12, 18, 12, 18, 12), nil, nil, school},
	{"S12", fires, "", "151", rowOf("other_bes", 19, 12, 18, 12, 18, 12, 18, 12, 18, 12), []string{"other_bes_y1_m"}, nil, school},
	{"S12", quiet, "", "4 of 19: too few", edits(tiny(19, 0), edit{"disability_y1_m": 4}), nil, nil, school},
	{"S12", fires, "", "4 of 20", edits(tiny(20, 0), edit{"disability_y1_m": 4}), nil, nil, school},

	{"S13", fires, "", "8 of 10 cells are 3", foreignOnly(3, 3, 3, 3, 3, 3, 3, 3, 4, 5), []string{"foreign_citizenship_y1_m"}, nil, school},
	{"S13", quiet, "", "7 of 10", foreignOnly(3, 3, 3, 3, 3, 3, 3, 4, 5, 6), nil, nil, school},
	{"S13", quiet, "", "9 cells in all", foreignOnly(3, 3, 3, 3, 3, 3, 3, 3, 3, 0), nil, nil, school},
	{"S13", fires, "", "males as females", foreignOnly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5), nil, nil, school},
	{"S13", quiet, "", "all but one pair", foreignOnly(1, 1, 2, 2, 3, 3, 4, 4, 5, 6), nil, nil, school},
	{"S13", fires, "", "8 of 10, the other rows blank", edits(foreignOnly(3, 3, 3, 3, 3, 3, 3, 3, 4, 5), rowBlank("disability", "dsa", "other_bes", "overage")), nil, nil, school},
	// 40 of 50 = 80 %. What the ones break besides: the ends, ages, reasons, destinations.
	{"S13", fires, "", "movements: 40 ones of 50", ones, []string{"arrivals_y1_m"}, []string{"I10", "I4", "I7", "I8", "I9"}, school},
	{"S13", quiet, "", "movements: 39 ones of 50", edits(ones, edit{"arrivals_y1_m": 2}), nil, []string{"I10", "I4", "I7", "I8", "I9"}, school},
	{"S13", fires, "", "movements: males as females", mirrorOf(movementRows...), nil, []string{"I10", "I4", "I7", "I8", "I9"}, school},
	{"S13", quiet, "", "movements: one differs", edits(mirrorOf(movementRows...), edit{"arrivals_y5_f": 9}), nil, []string{"I10", "I4", "I7", "I8", "I9"}, school},
	// 7 suspended in year 5; 70 not admitted of 210; 70 over the limit of 490; dropouts in their thousands.
	{"S13", fires, "", "outcomes: 80 sevens of 100", sevens(20), []string{"year_abroad_y1_m"}, []string{"H06", "I4", "I7", "I8", "S01", "S03", "S04"}, school},
	{"S13", quiet, "", "outcomes: 79 sevens of 100", sevens(21), nil, []string{"H06", "I4", "I7", "I8", "S01", "S03", "S04"}, school},
	// 58 females with an outcome of 40; 53 admitted of 40 in year 5. One female
	// never came where one interrupted, so the dropouts are the same.
	{"S13", fires, "", "outcomes: males as females", mirrorOf(outcomeRows...), nil, []string{"H09", "I4"}, school},
	{"S13", quiet, "", "outcomes: one differs", edits(mirrorOf(outcomeRows...), edit{"not_reenrolled_y1_f": 2}), nil, []string{"H09", "I4"}, school},

	{"S14", fires, "iefp", "one suspended", edit{"suspended_judgement_y1_m": 1, "admitted_june_y1_m": 52}, []string{"suspended_judgement_y1_m"}, nil, school},
	{"S14", quiet, "iefp", "none", nil, nil, nil, school},
	{"S14", quiet, "liceale", "suspended are usual there", nil, nil, nil, school},

	{"S15", fires, "", "year 5 has pupils and no classes", edit{"classes_y5": 0}, []string{"enrolled_start_y5_m"}, []string{"S16"}, school},
	{"S15", quiet, "", "year 5 has neither, the cells are blank", withoutYear5, nil, nil, school},
	{"S15", quiet, "", "year 5 has neither, the cells are 0", edits(withoutYear5, zeros(5)), nil, nil, school},

	{"S16", fires, "", "suspended in year 4, the last", edits(withoutYear5, edit{"suspended_judgement_y4_m": 1, "admitted_june_y4_m": 52}), []string{"suspended_judgement_y4_m"}, nil, school},
	{"S16", quiet, "", "none suspended in year 4", withoutYear5, nil, nil, school},
	{"S16", quiet, "", "suspended in year 4, but there is a year 5", nil, nil, nil, school},

	{"S17", fires, "", "a pupil's name", edit{"track_notes": "L'alunno Mario Rossi si è ritirato; l' alunno Mario Rossi."}, []string{"track_notes"}, nil, school},
	{"S17", fires, "", "a fiscal code", edit{"track_notes": "vedi RSSMRA80A01F205X"}, []string{"track_notes"}, nil, school},
	{"S17", quiet, "", "a street", edit{"track_notes": "La sede di via Mario Rossi è chiusa."}, nil, nil, school},
}

func rowBlank(rows ...string) edit {
	out := edit{}
	for _, row := range rows {
		for y := 1; y <= 5; y++ {
			out[cell(row, y, "m")], out[cell(row, y, "f")] = nil, nil
		}
	}
	return out
}

func zeros(year int) edit {
	out := edit{}
	for _, row := range gridRows {
		out[cell(row.id, year, "m")], out[cell(row.id, year, "f")] = 0, 0
	}
	return out
}

func TestChecksOfTheSheets(t *testing.T) {
	for _, table := range [][]checkCase{formRules, identities, hardRules, rates, softRules, copies} {
		runCases(t, table)
	}
}

func runCases(t *testing.T, table []checkCase) {
	t.Helper()
	q := questionnaire(t)
	for _, c := range table {
		if c.sheet == "" {
			c.sheet = survey.TrackTecnico
		}
		state := "fires"
		if !c.fires {
			state = "quiet"
		}
		t.Run(strings.Join([]string{c.check, state, c.sheet, c.name}, "/"), func(t *testing.T) { c.run(t, q) })
	}
}

func (c checkCase) run(t *testing.T, q *survey.Questionnaire) {
	t.Helper()
	in := survey.Input{Answers: apply(base(c.sheet), c.edit), Institution: c.inst, Lang: "it", Submit: true}
	ev := q.Sheet(c.sheet).Evaluate(in)
	want := slices.Clone(c.also)
	if c.fires {
		want = append(want, c.check)
		slices.Sort(want)
	}
	if got := checksOf(ev.Findings); !slices.Equal(got, want) {
		t.Errorf("checks %v, want %v", got, want)
		for _, f := range ev.Findings {
			t.Logf("%s %s", f.Check, f.Message)
		}
	}
	var at []string
	for _, f := range ev.Findings {
		if f.Check != c.check {
			continue
		}
		at = append(at, f.Variables...)
		if f.Severity != severityOf(f.Check) {
			t.Errorf("%s is %s", f.Check, f.Severity)
		}
		if f.Part != c.sheet || f.Message == "" || strings.ContainsAny(f.Message, "{}") {
			t.Errorf("part %q, message %q", f.Part, f.Message)
		}
	}
	for _, id := range c.at {
		if !slices.Contains(at, id) {
			t.Errorf("the finding does not point to %s: %v", id, at)
		}
	}
}

// severityOf: H and I checks are hard, S checks can be explained, those of
// part 1 as in the table of questionnaires/README.md.
func severityOf(check string) survey.Severity {
	soft := []string{"G02", "G04", "G08", "G11", "G16", "G17", "G19", "G21", "G22", "G23", "G26", "G27", "G29", "G30", "I12", "H13"}
	if check[0] == 'S' || slices.Contains(soft, check) {
		return survey.Explain
	}
	return survey.Hard
}

// cannotFire: an empty choice or list is unanswered, so that H02 speaks and
// these wait for ever. They stay in the file because the reconstruction has
// them, and for a survey whose question is ext.
var cannotFire = []string{"G15", "H16"}

// triedChecks are the checks with a case that fires, and those with a near one
// that does not.
func triedChecks() map[bool]map[string]bool {
	tried := map[bool]map[string]bool{fires: {}, quiet: {}}
	for _, table := range [][]checkCase{formRules, identities, hardRules, rates, softRules, copies, generalRules} {
		for _, c := range table {
			tried[c.fires][c.check] = true
		}
	}
	for _, c := range acrossCases {
		for _, check := range []string{"I12", "H13"} {
			tried[slices.Contains(c.want, check)][check] = true
		}
	}
	return tried
}

func TestEveryCheckIsTriedBothWays(t *testing.T) {
	tried := triedChecks()
	ids := questionnaire(t).CheckIDs()
	for id := range ids {
		for _, way := range []bool{fires, quiet} {
			if !tried[way][id] && !slices.Contains(cannotFire, id) {
				t.Errorf("%s: no case with fires = %v", id, way)
			}
		}
	}
	for way := range tried {
		for id := range tried[way] {
			if !ids[id] {
				t.Errorf("%s is tried and not in the questionnaire", id)
			}
		}
	}
}

// I1, I2, I3, I5, I6: the computed rows of year 1 and their totals.
func TestComputedRows(t *testing.T) {
	ev := questionnaire(t).Sheet("tecnico").Evaluate(survey.Input{Answers: baseSheet("tecnico"), Institution: school})
	for id, want := range map[string]int{
		"enrolled_end_y1_m": 58, "enrolled_end_y1_f": 40, // I1: 60+2-2-1-1, 40+1-1
		"not_scrutinised_y1_m": 2, "not_scrutinised_y1_f": 1, // I2: 1+0+1, 0+1+0
		"scrutinised_y1_m": 56, "scrutinised_y1_f": 38, // I3: 43+10+3, 30+6+2
		"admitted_final_y1_m": 51, "admitted_final_y1_f": 35, // I5: 43+10-2, 30+6-1
		"not_admitted_final_y1_m": 5, "not_admitted_final_y1_f": 3, // I5: 3+2, 2+1
		"dropouts_in_year_y1_m": 2, "dropouts_in_year_y1_f": 1, // I6: 1+1+0, 0+0+1
		"admitted_final_y5_m": 53, "not_admitted_final_y5_m": 3,
	} {
		if got, known := ev.Int(id); !known || got != want {
			t.Errorf("%s = %d (known %v), want %d", id, got, known, want)
		}
	}
	blank := questionnaire(t).Sheet("tecnico").Evaluate(survey.Input{Answers: apply(baseSheet("tecnico"), edit{"arrivals_y1_m": nil}), Institution: school})
	if n, known := blank.Int("enrolled_end_y1_m"); known {
		t.Errorf("enrolled_end_y1_m = %d without its arrivals", n)
	}
	if n, known := blank.Int("enrolled_end_y1_f"); !known || n != 40 {
		t.Errorf("enrolled_end_y1_f = %d (known %v), want 40", n, known)
	}
}
