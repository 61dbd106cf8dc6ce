package samples_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"testing"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

var update = flag.Bool("update", false, "write the sample files anew")

// The files in the repository are what this generator makes, so that README.md
// tells the truth about where the numbers come from.
func TestFilesAreGenerated(t *testing.T) {
	q := questionnaire(t)
	returned := generateReturn()
	returned[samples.HalfGeneral] = half(q.Sheet(survey.GeneralPart), returned[survey.GeneralPart])
	for name, answers := range returned {
		part := name
		if name == samples.HalfGeneral {
			part = survey.GeneralPart
		}
		want := printInOrder(t, q.Sheet(part), answers)
		file := name + ".json"
		if *update {
			if err := os.WriteFile(file, want, 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if got, err := os.ReadFile(file); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s differs from what the generator makes (%v): go test ./pkg/survey/samples -run Generated -update", file, err)
		}
	}
}

// printInOrder writes one answer a line in the order of the form.
func printInOrder(t *testing.T, s *survey.Sheet, a survey.Answers) []byte {
	t.Helper()
	var b bytes.Buffer
	b.WriteString("{")
	written := 0
	for _, v := range s.Variables() {
		value, ok := a[v.ID]
		if !ok {
			continue
		}
		raw, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if written > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "\n  %q: %s", v.ID, raw)
		written++
	}
	if written != len(a) {
		t.Fatalf("%s: %d answers, %d of them in the form", s.Part, len(a), written)
	}
	b.WriteString("\n}\n")
	return b.Bytes()
}

// half keeps the answers to the first 16 questions of the form.
func half(s *survey.Sheet, general survey.Answers) survey.Answers {
	out := survey.Answers{}
	for _, v := range s.Variables() {
		if value, ok := general[v.ID]; ok && v.Number <= 16 {
			out[v.ID] = value
		}
	}
	return out
}

// shape is what the generator knows of one track. README.md has the sources.
type shape struct {
	track      string
	students   int   // real: pupils of one code, 2022/23
	males      int   // real: Lombardia, state, 2022/23
	females    int   // real
	years      []int // synthetic: weights of the course years
	programmes []string
	actions    []string
	// Per thousand. Those of outcomes are near published means, the others are
	// synthetic.
	arrivals, transfers, exits, withdrawn                     int // of enrolled_start
	never, informal                                           int // of enrolled_start
	absence, abroad, notReenrolled                            int // of enrolled_end
	suspended, notAdmitted, suspendedNotAdmitted, derogations int // of scrutinised, or of the suspended
	foreign, disability, dsa, otherBES, repeaters, overage    int // of enrolled_start
}

var shapes = []shape{
	{track: survey.TrackLiceale, students: 707, males: 66694, females: 110886, years: []int{23, 22, 20, 18, 17},
		programmes: []string{"Liceo scientifico", "Liceo scientifico, opzione scienze applicate", "Liceo delle scienze umane"},
		actions:    []string{"recupero_competenze", "orientamento_riorientamento", "sportello_psicologico"},
		arrivals:   21, transfers: 38, exits: 10, withdrawn: 2, never: 0, informal: 4, absence: 6, abroad: 16, notReenrolled: 6,
		suspended: 215, notAdmitted: 43, suspendedNotAdmitted: 60, derogations: 9,
		foreign: 95, disability: 11, dsa: 58, otherBES: 27, repeaters: 31, overage: 88},
	{track: survey.TrackTecnico, students: 414, males: 86709, females: 46630, years: []int{25, 22, 20, 17, 16},
		programmes: []string{"Amministrazione, finanza e marketing", "Informatica e telecomunicazioni"},
		actions:    []string{"recupero_competenze", "orientamento_riorientamento", "italiano_l2", "sportello_psicologico"},
		arrivals:   29, transfers: 46, exits: 19, withdrawn: 7, never: 5, informal: 10, absence: 34, abroad: 5, notReenrolled: 15,
		suspended: 274, notAdmitted: 94, suspendedNotAdmitted: 90, derogations: 14,
		foreign: 203, disability: 24, dsa: 77, otherBES: 36, repeaters: 66, overage: 210},
	{track: survey.TrackProfessionale, students: 325, males: 27073, females: 28135, years: []int{24, 22, 21, 18, 15},
		programmes: []string{"Servizi commerciali", "Servizi per la sanità e l'assistenza sociale"},
		actions:    []string{"mentoring", "italiano_l2", "tutor_bes", "laboratori", "coinvolgimento_famiglie"},
		arrivals:   40, transfers: 52, exits: 43, withdrawn: 12, never: 9, informal: 19, absence: 74, abroad: 0, notReenrolled: 28,
		suspended: 165, notAdmitted: 73, suspendedNotAdmitted: 110, derogations: 28,
		foreign: 274, disability: 71, dsa: 105, otherBES: 62, repeaters: 83, overage: 330},
	{track: survey.TrackIeFP, students: 139, males: 4528, females: 1438, years: []int{32, 28, 26, 14},
		programmes: []string{"Operatore meccanico", "Operatore informatico", "Tecnico per l'automazione industriale"},
		actions:    []string{"mentoring", "passerelle", "italiano_l2", "tutor_bes", "altro"},
		arrivals:   50, transfers: 43, exits: 36, withdrawn: 0, never: 15, informal: 36, absence: 58, abroad: 0, notReenrolled: 30,
		suspended: 0, notAdmitted: 80, suspendedNotAdmitted: 0, derogations: 22,
		foreign: 310, disability: 94, dsa: 122, otherBES: 72, repeaters: 94, overage: 381},
}

func generateReturn() map[string]survey.Answers {
	out := map[string]survey.Answers{}
	students, classes := 0, 0
	var tracks []string
	for _, s := range shapes {
		sheet := generateTrack(s)
		out[s.track] = sheet
		tracks = append(tracks, s.track)
		for id, v := range sheet {
			if n, ok := v.(int); ok && len(id) == len("classes_y1") && id[:len("classes_y")] == "classes_y" {
				classes += n
			}
		}
		students += s.students
	}
	out[survey.GeneralPart] = generateGeneral(tracks, students, classes)
	return out
}

func generateGeneral(tracks []string, students, classes int) survey.Answers {
	inst := samples.Institution()
	return survey.Answers{
		"institution_code": inst.Code, "institution_name": inst.Name, "institution_status": inst.Kind,
		"institution_municipality": inst.Comune,
		"institution_email":        "miis999009@istruzione.it", "institution_phone": "02 00000000",
		"head_name": "Dirigente di prova", "compiler_name": "Compilatore di prova", "compiler_role": "assistente_amministrativo",
		"compiler_email": "compilatore@miis999009.example",
		"tracks_offered": tracks, "iefp_delivery_mode": "sussidiarieta",
		"sites_count": 3, "classes_total": classes, "students_total_start": students,
		"evening_courses": false, "four_year_courses": false,
		"dropout_coordinator": true, "dropout_team": true,
		"pnrr_dm170": true, "pnrr_dm170_activities": []string{"mentoring_orientamento", "potenziamento_competenze", "team_prevenzione"},
		"attendance_alert_procedure": true, "attendance_alert_days": 10,
		"year_validity_derogations": true, "counselling_service": true,
		"network_partners": []string{"comune", "servizi_sociali", "cpia", "enti_iefp", "altre_scuole"},
		"declaration":      true,
	}
}

// sheet is one track while it is being made: each row has its cells in the
// order of the form, males and females of year 1, then of year 2…
type sheet struct {
	shape
	rows map[string][]int
}

func generateTrack(s shape) survey.Answers {
	g := &sheet{s, map[string][]int{}}
	g.movements()
	g.outcomes()
	g.characteristics()
	out := survey.Answers{
		"study_programmes": s.programmes, "evening_excluded": true, "actions_taken": s.actions,
		"students_reached": perMille(s.students, 130), "transition_requests": perMille(s.students, 8),
	}
	if s.track == survey.TrackIeFP {
		out["actions_other_text"] = "Colloqui periodici con le imprese che ospitano i tirocini"
	}
	for row, cells := range g.rows {
		for i, n := range cells {
			out[fmt.Sprintf("%s_y%d_%c", row, i/2+1, "mf"[i%2])] = n
		}
	}
	for y := range s.years {
		pupils := g.rows["enrolled_start"][2*y] + g.rows["enrolled_start"][2*y+1]
		out[fmt.Sprintf("classes_y%d", y+1)] = (pupils + 23) / 24
	}
	g.dropouts(out)
	g.destinations(out)
	return out
}

// perMille rounds n·rate/1000 to the nearest whole number.
func perMille(n, rate int) int { return (n*rate + 500) / 1000 }

func sum(cells []int) int {
	total := 0
	for _, n := range cells {
		total += n
	}
	return total
}

// spread deals total out over cells in proportion to weights, none above its
// cap (Sainte-Laguë, so that small numbers do not all fall into one cell).
func spread(total int, weights, caps []int) []int {
	got := make([]int, len(weights))
	for range total {
		best := -1
		for i, w := range weights {
			if w == 0 || caps != nil && got[i] >= caps[i] {
				continue
			}
			if best < 0 || w*(2*got[best]+1) > weights[best]*(2*got[i]+1) {
				best = i
			}
		}
		if best < 0 {
			break
		}
		got[best]++
	}
	return got
}

// over deals rate per thousand of base out over the cells: by their size and
// by a weight for each course year (none: alike).
func (g *sheet) over(base []int, rate int, caps []int, byYear ...int) []int {
	weights := make([]int, len(base))
	for i, n := range base {
		weights[i] = n
		if len(byYear) > 0 {
			weights[i] *= byYear[i/2]
		}
	}
	return spread(perMille(sum(base), rate), weights, caps)
}

func (g *sheet) movements() {
	byYear := spread(g.students, g.years, nil)
	males := spread(g.students*g.males/(g.males+g.females), byYear, byYear)
	start := make([]int, 2*len(g.years))
	for y := range g.years {
		start[2*y], start[2*y+1] = males[y], byYear[y]-males[y]
	}
	g.rows["enrolled_start"] = start
	g.rows["arrivals"] = g.over(start, g.arrivals, nil, 3, 2, 2, 1, 1)
	g.rows["transfers_out"] = g.over(start, g.transfers, nil, 5, 3, 2, 1, 1)
	g.rows["other_valid_exits"] = g.over(start, g.exits, nil, 3, 3, 2, 1, 1)
	// Nobody in compulsory education can withdraw, so not from years 1 and 2.
	g.rows["formal_withdrawals"] = g.over(start, g.withdrawn, nil, 0, 0, 1, 2, 2)
}

func (g *sheet) outcomes() {
	r, start := g.rows, g.rows["enrolled_start"]
	end := make([]int, len(start))
	for i := range end {
		end[i] = start[i] + r["arrivals"][i] - r["transfers_out"][i] - r["other_valid_exits"][i] - r["formal_withdrawals"][i]
	}
	early := 0 // where pupils withdraw, those who vanish are 16 or more
	if g.withdrawn == 0 {
		early = 1
	}
	r["never_attended"] = g.over(start, g.never, nil, early, 1, 2, 2, 1)
	r["informal_interruption"] = g.over(start, g.informal, nil, early, 2, 3, 3, 2)
	r["absence_limit_exceeded"] = g.over(end, g.absence, nil, 2, 2, 2, 2, 1)
	r["year_abroad"] = g.over(end, g.abroad, nil, 0, 0, 0, 1, 0)

	scrutinised := make([]int, len(end))
	open := make([]int, len(end)) // those whose judgement can be suspended: not in year 5
	for i := range end {
		scrutinised[i] = end[i] - r["never_attended"][i] - r["informal_interruption"][i] - r["absence_limit_exceeded"][i] - r["year_abroad"][i]
		if i < 8 {
			open[i] = scrutinised[i]
		}
	}
	r["suspended_judgement"] = g.over(open, g.suspended, nil, 4, 4, 4, 3, 0)
	r["not_admitted_june"] = g.over(scrutinised, g.notAdmitted, nil, 5, 3, 3, 2, 1)
	admitted, missing := make([]int, len(end)), make([]int, len(end))
	for i := range end {
		admitted[i] = scrutinised[i] - r["suspended_judgement"][i] - r["not_admitted_june"][i]
		missing[i] = end[i]
		if i/2 == len(g.years)-1 {
			missing[i] -= admitted[i]
		}
	}
	r["admitted_june"] = admitted
	r["suspended_not_admitted"] = g.over(r["suspended_judgement"], g.suspendedNotAdmitted, r["suspended_judgement"])
	r["admitted_with_derogation"] = g.over(scrutinised, g.derogations, scrutinised)
	r["not_reenrolled"] = g.over(end, g.notReenrolled, missing, 3, 4, 3, 2, 1)
}

func (g *sheet) characteristics() {
	start := g.rows["enrolled_start"]
	g.rows["foreign_citizenship"] = g.over(start, g.foreign, start, 6, 6, 5, 4, 4)
	g.rows["disability"] = g.over(start, g.disability, start)
	g.rows["dsa"] = g.over(start, g.dsa, start, 6, 6, 5, 5, 4)
	g.rows["other_bes"] = g.over(start, g.otherBES, start, 5, 5, 4, 3, 2)
	g.rows["repeaters"] = g.over(start, g.repeaters, start, 6, 3, 4, 3, 1)
	g.rows["overage"] = g.over(start, g.overage, start, 4, 4, 5, 5, 5)
}

// dropouts describes those who left during the year, by sex and by reason.
func (g *sheet) dropouts(out survey.Answers) {
	total := 0
	for i, sex := range []string{"m", "f"} {
		var all, young, adult int
		for y := range g.years {
			n := g.rows["formal_withdrawals"][2*y+i] + g.rows["never_attended"][2*y+i] + g.rows["informal_interruption"][2*y+i]
			all += n
			switch {
			case y == 0:
				young += n
			case y >= 3:
				adult += n
			}
		}
		out["dropouts_under16_"+sex] = young
		out["dropouts_16_17_"+sex] = all - young - adult
		out["dropouts_18plus_"+sex] = adult
		out["dropouts_foreign_"+sex] = all * 2 / 5
		out["dropouts_disability_"+sex] = all / 10
		out["dropouts_dsa_"+sex] = all / 6
		out["dropouts_repeaters_"+sex] = all / 2
		total += all
	}
	deal(out, total, []string{"reason_school_failure", "reason_wrong_choice", "reason_behaviour", "reason_family", "reason_psychological",
		"reason_health", "reason_work", "reason_mobility_migration", "reason_unknown"}, 9, 8, 2, 3, 6, 1, 4, 3, 5)
	out["dropouts_working"] = total / 6
	out["dropouts_untraced"] = total / 5
	young := out["dropouts_under16_m"].(int) + out["dropouts_under16_f"].(int)
	reported := young + total/3
	out["reports_family"] = 2 * reported
	out["reports_municipality"] = reported
	out["reports_social_services"] = reported / 2
	out["reports_juvenile_prosecutor"] = reported / 4
	out["reports_other"] = 0
	out["reported_students"] = reported
	out["returned_students"] = reported / 3
}

func (g *sheet) destinations(out survey.Answers) {
	deal(out, sum(g.rows["transfers_out"]), []string{"dest_same_track", "dest_other_track"}, 2, 3)
	deal(out, sum(g.rows["other_valid_exits"]), []string{"dest_non_paritaria", "dest_iefp", "dest_cpia", "dest_evening",
		"dest_apprenticeship", "dest_abroad", "dest_parental", "dest_other"}, 2, 9, 1, 2, 2, 5, 1, 1)
}

func deal(out survey.Answers, total int, ids []string, weights ...int) {
	for i, n := range spread(total, weights, nil) {
		out[ids[i]] = n
	}
}
