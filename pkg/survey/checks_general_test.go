package survey_test

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// with gives the school other codes; the first is its login code.
func with(kind string, codes ...string) survey.Institution {
	inst := school
	inst.Code, inst.Codes, inst.Kind = codes[0], codes, kind
	inst.ExpectedTracks = nil
	return inst
}

// paritaria turns the base into a state-recognised private school.
func paritaria(code string, others ...string) edit {
	out := edit{"institution_code": code, "institution_status": "paritaria", "has_other_codes": len(others) > 0,
		"institution_email": "segreteria@scuola.example"}
	if len(others) > 0 {
		out["other_institution_codes"] = others
	}
	return out
}

var (
	sanCarlo = with(survey.KindParitaria, "MIPC16500D", "MIPCCH5001", "MIPS175007", "MIPS1R500A")
	pnrr     = edit{"pnrr_dm170": true, "dropout_team": true, "pnrr_dm170_activities": []string{"nessuna"}}
	evening  = edit{"evening_courses": true, "evening_students_total": 30, "evening_dropouts_total": 3}
	one      = edit{"tracks_offered": []string{"liceale"}, "iefp_delivery_mode": nil}
)

// generalRules: G01 to G31.
var generalRules = []checkCase{
	{"G01", fires, "general", "another school's code", edit{"institution_code": "MIPS01000G"}, []string{"institution_code"}, nil, school},
	{"G01", quiet, "general", "one of its codes", edit{"institution_code": "MIRC08901T"}, nil, nil, school},
	{"G02", fires, "general", "wrong check character", edit{"institution_code": "MIPS01000H"}, []string{"institution_code"}, nil, with(survey.KindState, "MIPS01000H")},
	{"G02", fires, "general", "two digits swapped", edit{"institution_code": "MIPS10000G"}, nil, nil, with(survey.KindState, "MIPS10000G")},
	{"G02", quiet, "general", "right", edit{"institution_code": "MIPS01000G"}, nil, nil, with(survey.KindState, "MIPS01000G")},
	{"G02", quiet, "general", "paritarie are not tested", paritaria("MIPM58500Q"), nil, nil, with(survey.KindParitaria, "MIPM58500Q")},
	{"G03", fires, "general", "two letters", edit{"institution_name": " AB "}, []string{"institution_name"}, nil, school},
	{"G03", quiet, "general", "three letters", edit{"institution_name": "ABC"}, nil, nil, school},
	{"G04", fires, "general", "paritaria without 500", paritaria("MIIS08900V"), []string{"institution_status", "institution_code"}, nil, school},
	{"G04", fires, "general", "500 and not paritaria", edit{"institution_code": "MIPC16500D"}, nil, nil, sanCarlo},
	{"G04", quiet, "general", "paritaria with 500", paritaria("MIPC16500D", "MIPS175007"), nil, nil, sanCarlo},
	{"G05", fires, "general", "nine characters", paritaria("MIPC16500D", "MIPS17500"), []string{"other_institution_codes"}, nil, sanCarlo},
	{"G05", fires, "general", "not a list", edits(paritaria("MIPC16500D", "MIPS175007"), edit{"other_institution_codes": "MIPS175007"}), nil, nil, sanCarlo},
	{"G05", quiet, "general", "two codes", paritaria("MIPC16500D", "MIPS175007", "MIPS1R500A"), nil, nil, sanCarlo},
	{"G06", fires, "general", "twice the same", paritaria("MIPC16500D", "MIPS175007", "MIPS1R500A", "MIPS175007"), []string{"other_institution_codes"}, nil, sanCarlo},
	{"G06", quiet, "general", "once each", paritaria("MIPC16500D", "MIPS175007", "MIPS1R500A"), nil, nil, sanCarlo},
	{"G07", fires, "general", "the login code among the others", paritaria("MIPC16500D", "MIPC16500D"), []string{"other_institution_codes", "institution_code"}, nil, sanCarlo},
	{"G07", quiet, "general", "not among them", paritaria("MIPC16500D", "MIPCCH5001"), nil, nil, sanCarlo},
	// Byte order: digits before letters, so 1 of MIPC1… comes before C of MIPCC….
	{"G08", fires, "general", "another code comes first", paritaria("MIPSRS500B", "MIPS8E5005"), []string{"institution_code"}, nil, with(survey.KindParitaria, "MIPSRS500B", "MIPS8E5005")},
	{"G08", quiet, "general", "digits before letters", paritaria("MIPC16500D", "MIPCCH5001", "MIPS175007", "MIPS1R500A"), nil, nil, sanCarlo},
	{"G09", fires, "general", "another province", edit{"institution_municipality": "MONZA"}, []string{"institution_municipality"}, nil, school},
	{"G09", fires, "general", "not in upper case", edit{"institution_municipality": "Milano"}, nil, nil, school},
	{"G09", quiet, "general", "in the list", edit{"institution_municipality": "SAN DONATO MILANESE"}, nil, nil, school},
	{"G10", fires, "general", "half an address", edit{"institution_email": "segreteria@"}, []string{"institution_email"}, []string{"G11"}, school},
	{"G10", quiet, "general", "an address", edit{"institution_email": "mi.is-08@istruzione.it"}, nil, nil, school},
	{"G11", fires, "general", "a state school elsewhere", edit{"institution_email": "scuola@posta.example"}, []string{"institution_email"}, nil, school},
	{"G11", fires, "general", "it only looks like the ministry's", edit{"institution_email": "a@istruzione.it.example.com"}, nil, nil, school},
	{"G11", quiet, "general", "in upper case", edit{"institution_email": "MIIS08900V@ISTRUZIONE.IT"}, nil, nil, school},
	{"G11", quiet, "general", "a paritaria elsewhere", paritaria("MIPM58500Q"), nil, nil, with(survey.KindParitaria, "MIPM58500Q")},
	{"G12", fires, "general", "5 digits", edit{"institution_phone": "12345"}, []string{"institution_phone"}, nil, school},
	{"G12", quiet, "general", "6 digits", edit{"institution_phone": "02-3456"}, nil, nil, school},
	{"G12", fires, "general", "16 digits", edit{"institution_phone": "+1234567890123456"}, nil, nil, school},
	{"G12", quiet, "general", "15 digits", edit{"institution_phone": "+123456789012345"}, nil, nil, school},
	{"G12", fires, "general", "letters", edit{"institution_phone": "02 123456 int. 4"}, nil, nil, school},
	{"G13", fires, "general", "no at sign", edit{"compiler_email": "compilatore.scuola.example"}, []string{"compiler_email"}, nil, school},
	{"G13", quiet, "general", "elsewhere than the ministry", edit{"compiler_email": "a+b@c-d.example"}, nil, nil, school},
	{"G14", fires, "general", "5 digits", edit{"compiler_phone": "12345"}, []string{"compiler_phone"}, nil, school},
	{"G14", quiet, "general", "blank", edit{"compiler_phone": nil}, nil, nil, school},
	{"G15", quiet, "general", "one track", one, nil, []string{"G16"}, school},
	{"G16", fires, "general", "a T code without tecnico", one, []string{"tracks_offered"}, nil, school},
	{"G16", quiet, "general", "tecnico alone", edit{"tracks_offered": []string{"tecnico"}, "iefp_delivery_mode": nil}, nil, nil, school},
	{"G17", fires, "general", "sussidiarietà without professionale", edit{"tracks_offered": []string{"tecnico", "iefp"}}, []string{"iefp_delivery_mode", "tracks_offered"}, nil, school},
	{"G17", quiet, "general", "accredited", edit{"tracks_offered": []string{"tecnico", "iefp"}, "iefp_delivery_mode": "istituzione_accreditata"}, nil, nil, school},
	{"G18", fires, "general", "no site", edit{"sites_count": 0}, []string{"sites_count"}, nil, school},
	{"G18", quiet, "general", "one", edit{"sites_count": 1}, nil, nil, school},
	{"G19", fires, "general", "13 sites", edit{"sites_count": 13}, []string{"sites_count"}, nil, school},
	{"G19", quiet, "general", "12", edit{"sites_count": 12}, nil, nil, school},
	{"G20", fires, "general", "no class", edit{"classes_total": 0}, []string{"classes_total"}, nil, school},
	{"G20", quiet, "general", "one class of 32", edit{"classes_total": 1, "students_total_start": 32}, nil, nil, school},
	{"G21", fires, "general", "607 < 8 × 76 = 608", edit{"students_total_start": 607}, []string{"students_total_start", "classes_total"}, nil, school},
	{"G21", quiet, "general", "608", edit{"students_total_start": 608}, nil, nil, school},
	{"G21", fires, "general", "2433 > 32 × 76 = 2432", edit{"students_total_start": 2433}, nil, nil, school},
	{"G21", quiet, "general", "2432", edit{"students_total_start": 2432}, nil, nil, school},
	// Fewer than 6 in one class is fewer than 8 too.
	{"G22", fires, "general", "5 students", edit{"students_total_start": 5, "classes_total": 1}, []string{"students_total_start"}, []string{"G21"}, school},
	{"G22", quiet, "general", "6", edit{"students_total_start": 6, "classes_total": 1}, nil, []string{"G21"}, school},
	{"G22", fires, "general", "2501", edit{"students_total_start": 2501, "classes_total": 100}, nil, nil, school},
	{"G22", quiet, "general", "2500", edit{"students_total_start": 2500, "classes_total": 100}, nil, nil, school},
	{"G23", fires, "general", "evening courses of a liceo", edits(one, evening), []string{"evening_courses", "tracks_offered"}, nil, with(survey.KindState, "MIIS08900V")},
	{"G23", quiet, "general", "of a liceo artistico", edits(one, evening, edit{"institution_code": "MISL01000C"}), nil, nil, with(survey.KindState, "MISL01000C")},
	{"G23", quiet, "general", "of a tecnico too", evening, nil, nil, school},
	{"G24", fires, "general", "evening courses without students", edits(evening, edit{"evening_students_total": 0, "evening_dropouts_total": nil}), []string{"evening_students_total"}, nil, school},
	{"G24", quiet, "general", "one", edits(evening, edit{"evening_students_total": 1, "evening_dropouts_total": 1}), nil, nil, school},
	{"G25", fires, "general", "31 dropouts of 30", edits(evening, edit{"evening_dropouts_total": 31}), []string{"evening_dropouts_total", "evening_students_total"}, nil, school},
	{"G25", quiet, "general", "30 of 30", edits(evening, edit{"evening_dropouts_total": 30}), nil, nil, school},
	{"G25", quiet, "general", "blank", edits(evening, edit{"evening_dropouts_total": nil}), nil, nil, school},
	{"G26", fires, "general", "beneficiary without a team", edits(pnrr, edit{"dropout_team": false}), []string{"pnrr_dm170", "dropout_team"}, nil, school},
	{"G26", quiet, "general", "with a team", pnrr, nil, nil, school},
	{"G26", quiet, "general", "no beneficiary, no team", nil, nil, nil, school},
	{"G27", fires, "general", "a paritaria", edits(paritaria("MIPM58500Q"), pnrr), []string{"pnrr_dm170", "institution_status"}, nil, with(survey.KindParitaria, "MIPM58500Q")},
	{"G27", quiet, "general", "a state school", pnrr, nil, nil, school},
	{"G28", fires, "general", "0 days", edit{"attendance_alert_days": 0}, []string{"attendance_alert_days"}, nil, school},
	{"G28", quiet, "general", "1 day", edit{"attendance_alert_days": 1}, nil, nil, school},
	{"G28", fires, "general", "61 days", edit{"attendance_alert_days": 61}, nil, nil, school},
	{"G28", quiet, "general", "60 days", edit{"attendance_alert_days": 60}, nil, []string{"G29"}, school},
	{"G29", fires, "general", "21 days", edit{"attendance_alert_days": 21}, []string{"attendance_alert_days"}, nil, school},
	{"G29", quiet, "general", "20 days", edit{"attendance_alert_days": 20}, nil, nil, school},
	{"G30", fires, "general", "a pupil's name", edit{"general_notes": "Segnalata la studentessa Anna Bianchi"}, []string{"general_notes"}, nil, school},
	{"G30", quiet, "general", "pupils without names", edit{"general_notes": "Segnalati gli studenti del primo anno"}, nil, nil, school},
	{"G31", fires, "general", "not declared", edit{"declaration": false}, []string{"declaration"}, nil, school},
	{"G31", quiet, "general", "declared", edit{"declaration": true}, nil, nil, school},
	{"H02", fires, "general", "the declaration is due when the part is sent", edit{"declaration": nil}, []string{"declaration"}, nil, school},
	{"H16", quiet, "", "one programme", nil, nil, nil, school},
}

func TestChecksOfTheGeneralPart(t *testing.T) { runCases(t, generalRules) }

type acrossCase struct {
	name    string
	general edit
	tecnico edit
	drop    []string // parts that are not in
	want    []string
}

var acrossCases = []acrossCase{
	{"the base agrees: 20+20+20+16 classes, 500+500+500+400 students", nil, nil, nil, nil},
	{"one class too many in part 1", edit{"classes_total": 77}, nil, nil, []string{"I12"}},
	{"one class more in a sheet", nil, edit{"classes_y1": 5}, nil, []string{"I12"}},
	{"one student too many in part 1", edit{"students_total_start": 1901}, nil, nil, []string{"H13"}},
	{"one student less in a sheet", nil, edit{"enrolled_start_y1_m": 59}, nil, []string{"H13"}},
	{"both changed alike", edit{"students_total_start": 1899, "classes_total": 77}, edit{"enrolled_start_y1_m": 59, "classes_y1": 5}, nil, nil},
	{"a sheet is missing", edit{"classes_total": 77, "students_total_start": 1}, nil, []string{"iefp"}, nil},
	{"the general part is missing", nil, edit{"classes_y1": 5}, []string{"general"}, nil},
	{"a number is blank", edit{"classes_total": nil}, nil, nil, nil},
	{"a cell is blank", edit{"students_total_start": 1}, edit{"enrolled_start_y1_m": nil}, nil, nil},
	{"a track that is no longer offered does not count: 1900-400, 76-16",
		edit{"tracks_offered": []string{"liceale", "tecnico", "professionale"}, "students_total_start": 1500, "classes_total": 60}, nil, nil, nil},
}

func TestAcross(t *testing.T) {
	q := questionnaire(t)
	for _, c := range acrossCases {
		t.Run(c.name, func(t *testing.T) {
			evs := evaluateReturn(q, c)
			findings := q.Across(evs, nil, "it")
			if got := checksOf(findings); !slices.Equal(got, slices.Sorted(slices.Values(c.want))) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for _, f := range findings {
				if f.Severity != survey.Explain || strings.ContainsAny(f.Message, "{}") || len(f.Variables) != 5 {
					t.Errorf("%+v", f)
				}
			}
		})
	}
}

func evaluateReturn(q *survey.Questionnaire, c acrossCase) map[string]*survey.Evaluation {
	evs := map[string]*survey.Evaluation{}
	for _, part := range q.AllParts() {
		if slices.Contains(c.drop, part) {
			continue
		}
		a := base(part)
		switch part {
		case survey.GeneralPart:
			a = apply(a, c.general)
		case survey.TrackTecnico:
			a = apply(a, c.tecnico)
		}
		evs[part] = q.Sheet(part).Evaluate(survey.Input{Answers: a, Institution: school, Lang: "it"})
	}
	return evs
}

// An explanation across parts stands in part 1 and speaks of numbers of other
// parts, so it must carry them, and lapses when one of them changes.
func TestAcrossExplanations(t *testing.T) {
	q := questionnaire(t)
	c := acrossCase{general: edit{"classes_total": 77}}
	evs := evaluateReturn(q, c)
	found := q.Across(evs, nil, "it")[0]
	if found.Left != 76 || found.Right != 77 {
		t.Errorf("left %v, right %v, want 76 and 77", found.Left, found.Right)
	}
	text := "Una classe articolata."
	for name, tc := range map[string]struct {
		e     survey.Explanation
		edits edit
		want  bool
	}{
		"with the values":     {survey.Explanation{Reason: "other", Text: text, Values: found.Values}, nil, true},
		"a sheet has changed": {survey.Explanation{Reason: "other", Text: text, Values: found.Values}, edit{"classes_y1": 6}, false},
		"without values":      {survey.Explanation{Reason: "other", Text: text}, nil, false},
		"too short":           {survey.Explanation{Reason: "other", Text: "123456789", Values: found.Values}, nil, false},
	} {
		evs := evaluateReturn(q, acrossCase{general: c.general, tecnico: tc.edits})
		got := q.Across(evs, map[string]survey.Explanation{"I12": tc.e}, "it")
		if len(got) != 1 || got[0].Explained != tc.want {
			t.Errorf("%s: %+v, want explained %v", name, got, tc.want)
		}
	}
}

// The cells of another version stand elsewhere: read by this one's places they
// would be other numbers.
func TestAcrossOtherVersions(t *testing.T) {
	q := questionnaire(t)
	// Another version, whose track sheets begin with one question more.
	before, sheets, _ := bytes.Cut(q.Bytes(), []byte("\n  - id: track\n"))
	sheets = bytes.Replace(sheets, []byte("items:\n"), []byte("items:\n          - {question: added, type: integer, tier: ext, label: Altro}\n"), 1)
	next, err := survey.Load(slices.Concat(before, []byte("\n  - id: track\n"), sheets))
	if err != nil {
		t.Fatal(err)
	}
	evs := evaluateReturn(q, acrossCase{})
	evs["tecnico"] = next.Sheet("tecnico").Evaluate(survey.Input{Answers: base("tecnico"), Institution: school, Lang: "it"})
	if got := q.Across(evs, nil, "it"); len(got) > 0 {
		t.Errorf("a sheet of another version was judged: %+v", got)
	}
	if got := next.Across(evs, nil, "it"); got != nil {
		t.Errorf("the general part of another version was judged: %+v", got)
	}
}
