package register

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

// stored is what a store would hold after a first import.
func stored(institutions []Institution) []Institution {
	have := slices.Clone(institutions)
	for i := range have {
		have[i].ID = fmt.Sprintf("id-%03d", i)
	}
	return have
}

func TestTheSameFileAgainChangesNothing(t *testing.T) {
	result := readMilano(t)
	found := groupMilano(t)
	first := Compare(nil, found, result.Scope)
	if len(first.Added) != 152 || len(first.Changed)+len(first.Gone)+len(first.GoneCodes)+first.Unchanged != 0 {
		t.Errorf("the first import: %d added of 105 + 47", len(first.Added))
	}
	again := Compare(stored(first.Added), found, result.Scope)
	if again.Unchanged != 152 || len(again.Added)+len(again.Changed)+len(again.Gone)+len(again.GoneCodes) != 0 {
		t.Errorf("the second import: %+v", again)
	}
	text, err := json.Marshal(again)
	if want := `{"added":[],"changed":[],"gone":[],"gone_codes":[],"unchanged":152}`; err != nil || string(text) != want {
		t.Errorf("as JSON: %s, %v", text, err)
	}
}

func TestWhatTheOfficeGroupedStaysGrouped(t *testing.T) {
	result := readMilano(t)
	have := stored(groupMilano(t))
	// The office joins the two ICS schools and takes San Carlo apart.
	var joined []School
	var byHand []Institution
	for _, in := range have {
		switch in.Code {
		case "MIPSRL500S", "MIPSZR500P":
			joined = append(joined, in.Schools...)
		case "MIPC16500D":
			for _, s := range in.Schools {
				byHand = append(byHand, paritariaInstitution([]School{s}))
			}
		default:
			byHand = append(byHand, in)
		}
	}
	ics := paritariaInstitution(joined)
	ics.Proposed = false
	byHand = append(byHand, ics)
	report := Compare(byHand, groupMilano(t), result.Scope)
	if report.Unchanged != len(byHand) || len(report.Added)+len(report.Changed)+len(report.Gone) != 0 {
		t.Errorf("%+v", report)
	}
}

func TestANewCodeOfAParitariaIsAProposalOfItsOwn(t *testing.T) {
	schools := readMilano(t).Schools
	before, _ := Group(slices.DeleteFunc(slices.Clone(schools), func(s School) bool { return s.Code == "MIPC16500D" }))
	report := Compare(stored(before), groupMilano(t), nil)
	if len(report.Added) != 1 || len(report.Changed) != 0 {
		t.Fatalf("added %v, changed %v", report.Added, report.Changed)
	}
	// MIPC16500D would come first and take the login from MIPCCH5001.
	in := report.Added[0]
	if in.Code != "MIPC16500D" || !in.Proposed || in.Why != "Forse dello stesso gestore di MIPCCH5001. "+
		"Stesso indirizzo: Corso Magenta 71, MILANO. Stessa e-mail: csc@collegiosancarlo.it." {
		t.Errorf("%s, proposed %v, why %q", in.Code, in.Proposed, in.Why)
	}
}

func TestWhatIsGoneIsReportedWithinTheScope(t *testing.T) {
	result := readMilano(t)
	have := stored(groupMilano(t))
	paritarie, _ := Group(slices.DeleteFunc(slices.Clone(result.Schools), func(s School) bool {
		return s.Kind == survey.KindState || s.Code == "MIRF6M5002" || s.Code == "MISL025006"
	}))
	report := Compare(have, paritarie, Scope{{survey.KindParitaria, "MILANO"}})
	if len(report.Gone) != 1 || report.Gone[0].Code != "MIRF6M5002" || len(report.Gone[0].Into) != 0 {
		t.Errorf("gone %+v", report.Gone)
	}
	if !slices.Equal(report.GoneCodes, []GoneCode{{"MIPC06500L", "MISL025006"}}) {
		t.Errorf("gone codes %+v", report.GoneCodes)
	}
	if report.Unchanged != 46 || len(report.Changed) != 0 {
		t.Errorf("unchanged %d, changed %+v", report.Unchanged, report.Changed)
	}
	byHand := have[0]
	byHand.Code, byHand.Codes, byHand.Schools, byHand.Province = "MIRC08000A", []string{"MIRC08000A"}, nil, ""
	if report := Compare([]Institution{byHand}, nil, result.Scope); len(report.Gone) != 0 {
		t.Errorf("a school that the office added by hand is no loss of the file: %+v", report.Gone)
	}
}

func changesOf(c Changed) string {
	var lines []string
	for _, ch := range c.Changes {
		lines = append(lines, ch.Field+": "+ch.Old+" → "+ch.New)
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func TestChangesOfAnInstitution(t *testing.T) {
	read := func(text string) []Institution {
		institutions, faults := Group(mustRead(t, stateHeader+text, Options{}).Schools)
		if len(faults) > 0 {
			t.Fatal(faults)
		}
		return institutions
	}
	scope := Scope{{survey.KindState, "MILANO"}}
	have := stored(read(headRow + plessoRow))
	plesso := func(code, typ string) string {
		return strings.Replace(strings.Replace(plessoRow, "MIPC00101P", code, 1), "LICEO CLASSICO", typ, 1)
	}
	for _, c := range []struct{ name, rows, want, goneCodes string }{
		{"a name, an address, an e-mail",
			strings.NewReplacer("G. CASIRAGHI,VIA GORKI 106", "CASIRAGHI,VIA GORKI 108", "a@", "b@").Replace(headRow) + plessoRow,
			"address: VIA GORKI 106 → VIA GORKI 108\nemail: a@istruzione.it → b@istruzione.it\nname: G. CASIRAGHI → CASIRAGHI", ""},
		{"capitals in an e-mail are no change", strings.ToUpper(headRow) + plessoRow, "", ""},
		{"what is not said any more is kept", strings.NewReplacer("VIA GORKI 106", "Non Disponibile", "a@istruzione.it", "").Replace(headRow) + plessoRow, "", ""},
		{"a new plesso brings a track", headRow + plessoRow + plesso("MITF00101B", "ISTITUTO TECNICO INDUSTRIALE"),
			"codes:  → MITF00101B\nexpected_tracks: liceale → liceale, tecnico", ""},
		{"a plesso closes", headRow, "", "MIPC00101P"},
		{"another head", strings.ReplaceAll(headRow+plessoRow, "MIIS00100B", "MIIS99900X"),
			"code: MIIS00100B → MIIS99900X\ncodes:  → MIIS99900X", "MIIS00100B"},
	} {
		report := Compare(have, read(c.rows), scope)
		got, gone := "", ""
		for _, changed := range report.Changed {
			got += changesOf(changed)
			if changed.Now.ID != "id-000" || changed.Code != "MIIS00100B" {
				t.Errorf("%s: %+v", c.name, changed)
			}
			again := Compare([]Institution{changed.Now}, read(c.rows), scope)
			if again.Unchanged != 1 {
				t.Errorf("%s: stored and imported again it changes: %+v", c.name, again)
			}
		}
		for _, code := range report.GoneCodes {
			gone += code.Code
		}
		if got != c.want || gone != c.goneCodes || len(report.Added)+len(report.Gone) != 0 {
			t.Errorf("%s:\n%s\nwant\n%s\ngone %s, %+v", c.name, got, c.want, gone, report)
		}
	}
}

func TestAMergerNamesWhereTheCodesWent(t *testing.T) {
	schools := readMilano(t).Schools
	have := stored(groupMilano(t))
	for i := range schools { // MITD330007 joins MIIS00100B
		if schools[i].HeadCode == "MITD330007" {
			schools[i].HeadCode = "MIIS00100B"
		}
	}
	found, faults := Group(schools)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	report := Compare(have, found, Scope{{survey.KindState, "MILANO"}})
	if len(report.Gone) != 1 || report.Gone[0].Code != "MITD330007" || !slices.Equal(report.Gone[0].Into, []string{"MIIS00100B"}) {
		t.Errorf("gone %+v", report.Gone)
	}
	if len(report.Changed) != 1 || !slices.Contains(report.Changed[0].Now.Codes, "MITD330007") ||
		!strings.Contains(changesOf(report.Changed[0]), "expected_tracks: liceale → liceale, tecnico") {
		t.Errorf("changed %+v", report.Changed)
	}
}
