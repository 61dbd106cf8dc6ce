package samples_test

import (
	"os"
	"testing"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

func questionnaire(t *testing.T) *survey.Questionnaire {
	t.Helper()
	raw, err := os.ReadFile("../questionnaires/dispersione-2022-23.yaml")
	if err != nil {
		t.Fatal(err)
	}
	q, err := survey.Load(raw)
	if err != nil {
		t.Fatal(err)
	}
	return q
}

// evaluate judges a whole return as it is sent and reports every finding.
func evaluate(t *testing.T, q *survey.Questionnaire, inst survey.Institution, parts map[string]survey.Answers) {
	t.Helper()
	evs := map[string]*survey.Evaluation{}
	for part, answers := range parts {
		ev := q.Sheet(part).Evaluate(survey.Input{Answers: answers, Institution: inst, Lang: "it", Submit: true})
		for _, f := range ev.Findings {
			t.Errorf("%s: %s %s %v %s", part, f.Severity, f.Check, f.Variables, f.Message)
		}
		evs[part] = ev
	}
	for _, f := range q.Across(evs, nil, "it") {
		t.Errorf("across: %s %v %s", f.Check, f.Values, f.Message)
	}
}

func TestTheReturnIsClean(t *testing.T) {
	q := questionnaire(t)
	inst := samples.Institution()
	parts := map[string]survey.Answers{survey.GeneralPart: samples.Answers(survey.GeneralPart)}
	for _, track := range samples.Tracks() {
		parts[track] = samples.Answers(track)
	}
	evaluate(t, q, inst, parts)
	if got := q.Parts(parts[survey.GeneralPart]); len(got) != 5 {
		t.Errorf("parts due: %v, want five", got)
	}
}

// Any school of the register can be given the return.
func TestForIsCleanForOtherInstitutions(t *testing.T) {
	q := questionnaire(t)
	for _, inst := range []survey.Institution{
		samples.Institution(),
		{Code: "MIIS03600A", Codes: []string{"MIIS03600A", "MIPS03601R", "MIRA03601A", "MITA036016", "MITD03601L"}, Name: "V. F. PARETO",
			Comune: "MILANO", Kind: survey.KindState, ExpectedTracks: []string{"liceale", "tecnico", "professionale"}},
		{Code: "MIPC16500D", Codes: []string{"MIPC16500D", "MIPCCH5001", "MIPS175007", "MIPS1R500A"}, Name: "SAN CARLO",
			Comune: "MILANO", Kind: survey.KindParitaria, ExpectedTracks: []string{"liceale"}},
		{Code: "MIPM58500Q", Codes: []string{"MIPM58500Q"}, Name: "Una paritaria", Comune: "RHO", Kind: survey.KindParitaria},
	} {
		t.Run(inst.Code, func(t *testing.T) { evaluate(t, q, inst, samples.For(inst)) })
	}
}

// What the file lacks is all that keeps the half-filled part from being sent.
func TestHalfGeneralIsHalf(t *testing.T) {
	q := questionnaire(t)
	answers := samples.Answers(samples.HalfGeneral)
	ev := q.Sheet(survey.GeneralPart).Evaluate(survey.Input{Answers: answers, Institution: samples.Institution(), Lang: "it"})
	for _, f := range ev.Findings {
		if f.Check != "H02" {
			t.Errorf("%s %v %s", f.Check, f.Variables, f.Message)
		}
	}
	if percent := ev.Progress().Percent(); percent < 40 || percent > 65 {
		t.Errorf("%d%% answered, about half was meant", percent)
	}
}

func TestAnswersAreTheCallersOwn(t *testing.T) {
	a := samples.Answers(survey.GeneralPart)
	a.Strings("tracks_offered")[0] = "changed"
	delete(a, "head_name")
	b := samples.Answers(survey.GeneralPart)
	if b.Strings("tracks_offered")[0] != survey.TrackLiceale || b["head_name"] == nil {
		t.Error("one caller's change reaches the next")
	}
}

// The numbers of README.md.
func TestSizes(t *testing.T) {
	want := map[string][2]int{ // males, females at the start
		survey.TrackLiceale:       {265, 442}, // 707 · 66694/177580 = 265.5
		survey.TrackTecnico:       {269, 145}, // 414 · 86709/133339 = 269.2
		survey.TrackProfessionale: {159, 166}, // 325 · 27073/55208 = 159.4
		survey.TrackIeFP:          {105, 34},  // 139 · 4528/5966 = 105.5
	}
	for track, sexes := range want {
		a := samples.Answers(track)
		var got [2]int
		for _, v := range questionnaire(t).Sheet(track).Row("enrolled_start").Cells {
			got[v.At[1]] += a[v.ID].(int)
		}
		if got != sexes {
			t.Errorf("%s: %v, want %v", track, got, sexes)
		}
	}
	if n := samples.Answers(survey.GeneralPart)["students_total_start"]; n != 707+414+325+139 {
		t.Errorf("students %v, want 1585", n)
	}
}
