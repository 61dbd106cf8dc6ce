package survey_test

import (
	"os"
	"testing"
	"time"

	"rileva/pkg/survey"
)

func BenchmarkLoad(b *testing.B) {
	raw, err := os.ReadFile(surveyFile)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := survey.Load(raw); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkEvaluateTrack is every check of one sheet. x-floor is how many times
// as long it takes as the floor, measured in the same run.
func BenchmarkEvaluateTrack(b *testing.B) {
	s := questionnaire(b).Sheet("tecnico")
	in := survey.Input{Answers: baseSheet("tecnico"), Institution: school, Lang: "it", Submit: true}
	b.ReportAllocs()
	for b.Loop() {
		if len(s.Evaluate(in).Findings) > 0 {
			b.Fatal("the base has findings")
		}
	}
	const times = 2000
	start := time.Now()
	for range times {
		countViolations(in.Answers)
	}
	b.ReportMetric(float64(b.Elapsed())/float64(b.N)/(float64(time.Since(start))/times), "x-floor")
}

// BenchmarkEvaluateReturn is a whole return: part 1, four sheets, and across.
func BenchmarkEvaluateReturn(b *testing.B) {
	q := questionnaire(b)
	answers := map[string]survey.Answers{}
	for _, part := range q.AllParts() {
		answers[part] = base(part)
	}
	b.ReportAllocs()
	for b.Loop() {
		evs := map[string]*survey.Evaluation{}
		for part, a := range answers {
			evs[part] = q.Sheet(part).Evaluate(survey.Input{Answers: a, Institution: school, Lang: "it", Submit: true})
		}
		if len(q.Across(evs, nil, "it")) > 0 {
			b.Fatal("the base has findings")
		}
	}
}

// BenchmarkFloor is what the hard checks of one sheet cost when they are
// written out in Go: the price of having them in a file is the distance from
// here to BenchmarkEvaluateTrack.
func BenchmarkFloor(b *testing.B) {
	answers := baseSheet("tecnico")
	b.ReportAllocs()
	for b.Loop() {
		if n := countViolations(answers); n > 0 {
			b.Fatal("the base has findings")
		}
	}
}

// A floor that judges otherwise than the engine would be no floor.
func TestFloorAgreesWithTheEngine(t *testing.T) {
	s := questionnaire(t).Sheet("tecnico")
	for _, table := range [][]checkCase{identities, hardRules} {
		for _, c := range table {
			if c.sheet != "" || c.check == "H15" || c.check == "H17" {
				continue
			}
			answers := apply(baseSheet("tecnico"), c.edit)
			hard := len(hardChecks(s.Evaluate(survey.Input{Answers: answers}).Findings)) > 0
			if floor := countViolations(answers) > 0; floor != hard {
				t.Errorf("%s %s: floor %v, engine %v", c.check, c.name, floor, hard)
			}
		}
	}
}

// floorCells are the ids of the cells of each row of the three grids.
var floorCells = func() map[string][10]string {
	out := map[string][10]string{}
	for _, row := range gridRows {
		var ids [10]string
		for i := range ids {
			ids[i] = cell(row.id, i/2+1, []string{"m", "f"}[i%2])
		}
		out[row.id] = ids
	}
	return out
}()

// countViolations is I4, I7-I11, H04-H11 by hand, blank cells counting as 0.
func countViolations(a survey.Answers) int {
	wrong := 0
	must := func(ok bool) {
		if !ok {
			wrong++
		}
	}
	n := func(id string) int { v, _ := a[id].(int); return v }
	row := func(id string) (out [10]int) {
		for i, cell := range floorCells[id] {
			out[i] = n(cell)
		}
		return out
	}
	start, arrivals, transfers, exits, formal := row("enrolled_start"), row("arrivals"), row("transfers_out"), row("other_valid_exits"), row("formal_withdrawals")
	never, informal, absence, abroad := row("never_attended"), row("informal_interruption"), row("absence_limit_exceeded"), row("year_abroad")
	admitted, suspended, notAdmitted := row("admitted_june"), row("suspended_judgement"), row("not_admitted_june")
	later, derogation, missing := row("suspended_not_admitted"), row("admitted_with_derogation"), row("not_reenrolled")
	foreign, disability, dsa, bes, repeaters, overage := row("foreign_citizenship"), row("disability"), row("dsa"), row("other_bes"), row("repeaters"), row("overage")
	var dropouts [2]int
	var pupils, moved, left int
	for i := range 10 {
		end := start[i] + arrivals[i] - transfers[i] - exits[i] - formal[i]
		scrutinised := admitted[i] + suspended[i] + notAdmitted[i]
		must(end == scrutinised+never[i]+informal[i]+absence[i]+abroad[i])
		must(transfers[i]+exits[i]+formal[i] <= start[i]+arrivals[i])
		must(max(foreign[i], repeaters[i], overage[i], disability[i]+dsa[i]+bes[i]) <= start[i])
		must(later[i] <= suspended[i])
		must(derogation[i] <= scrutinised)
		if i >= 8 {
			must(suspended[i] == 0)
			must(missing[i] <= end-admitted[i])
		} else {
			must(missing[i] <= end)
		}
		dropouts[i%2] += formal[i] + never[i] + informal[i]
		pupils, moved, left = pupils+start[i]+arrivals[i], moved+transfers[i], left+exits[i]
	}
	must(n("dropouts_under16_m")+n("dropouts_16_17_m")+n("dropouts_18plus_m") == dropouts[0])
	must(n("dropouts_under16_f")+n("dropouts_16_17_f")+n("dropouts_18plus_f") == dropouts[1])
	must(max(n("dropouts_foreign_m"), n("dropouts_disability_m"), n("dropouts_dsa_m"), n("dropouts_repeaters_m")) <= dropouts[0])
	must(max(n("dropouts_foreign_f"), n("dropouts_disability_f"), n("dropouts_dsa_f"), n("dropouts_repeaters_f")) <= dropouts[1])
	all := dropouts[0] + dropouts[1]
	must(n("reason_school_failure")+n("reason_wrong_choice")+n("reason_behaviour")+n("reason_family")+n("reason_psychological")+
		n("reason_health")+n("reason_work")+n("reason_mobility_migration")+n("reason_unknown") == all)
	must(n("dest_same_track")+n("dest_other_track") == moved)
	must(n("dest_non_paritaria")+n("dest_iefp")+n("dest_cpia")+n("dest_evening")+n("dest_apprenticeship")+n("dest_abroad")+n("dest_parental")+n("dest_other") == left)
	must(n("dropouts_working")+n("dropouts_untraced") <= all)
	city, social, court, other := n("reports_municipality"), n("reports_social_services"), n("reports_juvenile_prosecutor"), n("reports_other")
	must(n("returned_students") <= n("reported_students"))
	must(max(city, social, court, other) <= n("reported_students") && n("reported_students") <= city+social+court+other)
	must(max(city, social, court, other, n("reports_family")) <= pupils)
	return wrong
}
