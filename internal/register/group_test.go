package register

import (
	"encoding/csv"
	"math/rand/v2"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rileva/pkg/survey"
)

func groupMilano(t testing.TB) []Institution {
	t.Helper()
	institutions, faults := Group(readMilano(t).Schools)
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	return institutions
}

func byLogin(t testing.TB, institutions []Institution, code string) Institution {
	t.Helper()
	i := slices.IndexFunc(institutions, func(in Institution) bool { return in.Code == code })
	if i < 0 {
		t.Fatalf("no institution signs in with %s", code)
	}
	return institutions[i]
}

// The reference was made apart from this code, by another program.
func TestParitarieOfMilanoAsTheReferenceGroupsThem(t *testing.T) {
	f, err := os.Open("testdata/paritarie_groups_milano.csv")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{}
	for _, row := range rows[1:] {
		want[row[1]] = append(want[row[1]], row[3])
	}
	got := map[string][]string{}
	proposed := 0
	for _, in := range groupMilano(t) {
		if in.Kind != survey.KindParitaria {
			continue
		}
		got[in.Code] = in.Codes
		if in.Proposed {
			proposed++
		}
		if in.Proposed != (len(in.Codes) > 1) || in.Proposed != (in.Why != "") {
			t.Errorf("%s: %d codes, proposed %v, why %q", in.Code, len(in.Codes), in.Proposed, in.Why)
		}
	}
	for code, codes := range want {
		slices.Sort(codes)
		if !slices.Equal(got[code], codes) {
			t.Errorf("%s: %v, the reference has %v", code, got[code], codes)
		}
	}
	if len(got) != 47 || proposed != 32 {
		t.Errorf("%d groups, %d proposed, want 47 and 32", len(got), proposed)
	}
}

func TestStateInstitutionsOfMilano(t *testing.T) {
	sizes := map[int]int{}
	for _, in := range groupMilano(t) {
		if in.Kind != survey.KindState {
			continue
		}
		sizes[len(in.Codes)]++
		if in.Proposed || !slices.IsSorted(in.Codes) || !slices.Contains(in.Codes, in.Code) || in.Province != "MILANO" {
			t.Errorf("%+v", in)
		}
		if len(in.ExpectedTracks) == 0 {
			t.Errorf("%s %s: no expected track", in.Code, in.Name)
		}
	}
	if want := map[int]int{1: 47, 2: 8, 3: 25, 4: 9, 5: 13, 6: 1, 7: 2}; !reflect.DeepEqual(sizes, want) {
		t.Errorf("codes per institution %v, want %v", sizes, want)
	}
}

func TestWhatAnInstitutionIs(t *testing.T) {
	all := groupMilano(t)
	for code, want := range map[string]struct {
		tracks string
		why    string
	}{
		"MIIS00100B": {"liceale", "Stesso istituto di riferimento: MIIS00100B."}, // the hospital's section adds nothing
		"MIPC110009": {"liceale", ""},                                            // annexed to an educandato, yet a day school
		"MITD330007": {"tecnico", "Stesso istituto di riferimento: MITD330007."}, // with a prison section
		"MIPL15500R": {"liceale,tecnico", "Stesso indirizzo: VIA CARROCCIO 9, MILANO; VIA ARENA 13, MILANO. Stessa e-mail: info@istitutoleopardi.it."},
		"MIPM01500Q": {"liceale,professionale", "Stesso indirizzo: VIA BONVESIN DE LA RIVA 12, MILANO. Stessa e-mail: segreteria@scuolabonvesin.it."},
		"MIRF6M5002": {"professionale", ""},
	} {
		in := byLogin(t, all, code)
		if got := strings.Join(in.ExpectedTracks, ","); got != want.tracks || in.Why != want.why {
			t.Errorf("%s: tracks %s, why %q", code, got, in.Why)
		}
	}
}

func TestAHeadWithoutARow(t *testing.T) {
	plesso := func(code, name string) School {
		return School{Code: code, Name: name, HeadCode: "AOIP019000", HeadName: "ISTITUZIONE DI AOSTA",
			Comune: "AOSTA", Province: "AOSTA", Kind: survey.KindState, Address: "VIA " + name}
	}
	evening := plesso("AORC01950X", "B")
	evening.Evening = true
	got, faults := Group([]School{plesso("AOTD019017", "A"), evening})
	if len(faults) != 0 || len(got) != 1 {
		t.Fatalf("%+v, %v", got, faults)
	}
	in := got[0]
	if in.Code != "AOIP019000" || in.Name != "ISTITUZIONE DI AOSTA" || in.Address != "VIA B" ||
		!slices.Equal(in.Codes, []string{"AOIP019000", "AORC01950X", "AOTD019017"}) ||
		!slices.Equal(in.ExpectedTracks, []string{survey.TrackTecnico}) {
		t.Errorf("%+v", in)
	}
}

func TestGroupFaults(t *testing.T) {
	a := School{Code: "MIPC00101P", HeadCode: "MIIS00100B", Kind: survey.KindState, File: "a.csv", Line: 2}
	again := a
	again.File, again.Line = "b.csv", 7
	third := a
	third.File, third.Line = "c.csv", 9
	if got, faults := Group([]School{third, again, a}); len(got) != 1 || len(faults) != 2 ||
		faults[0].String() != "b.csv:7: colonna CODICESCUOLA: il codice è già in a.csv:2 («MIPC00101P»)" || faults[1].File != "c.csv" {
		t.Errorf("the same code in three files: %v", faults)
	}
	// The head of a is itself the plesso of another institution.
	head := School{Code: "MIIS00100B", HeadCode: "MIIS00200X", Kind: survey.KindState, File: "a.csv", Line: 3}
	if _, faults := Group([]School{a, head}); len(faults) != 1 || faults[0].Value != "MIIS00100B" {
		t.Errorf("a code of two institutions: %v", faults)
	}
	if got, faults := Group(nil); got == nil || faults == nil || len(got)+len(faults) != 0 {
		t.Errorf("nothing: %v, %v", got, faults)
	}
}

func TestGroupingDoesNotDependOnTheOrderOfRows(t *testing.T) {
	schools := readMilano(t).Schools
	want := groupMilano(t)
	random := rand.New(rand.NewPCG(1, 2))
	for range 20 {
		random.Shuffle(len(schools), func(i, j int) { schools[i], schools[j] = schools[j], schools[i] })
		if got, _ := Group(schools); !reflect.DeepEqual(got, want) {
			t.Fatal("another order gives other institutions")
		}
	}
}

func TestAddressesThatAreOne(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"VIA ALFIERI12", "VIA ALFIERI 12", true},
		{"V.ALFIERI, 12", "Via  Alfieri 12", true},
		{"V. SALLY MAYER 4/6", "VIA SALLY MAYER4-6", true},
		{"C.O MAGENTA 71", "Corso Magenta 71", true},
		{"C.SO P.TA ROMANA 105", "CORSO PORTA ROMANA 105", true},
		{"V.LE MATTEOTTI 425", "VIALE MATTEOTTI 425", true},
		{"P.ZA TOMMASEO 1", "PIAZZA TOMMASEO, N. 1", true},
		{"P.ZZA TOMMASEO 1", "PIAZZA TOMMASEO n°1", true},
		{"P.LE LORETO 3", "PIAZZALE LORETO 3", true},
		{"VIA SAN NICOLO' 12/A", "VIA SAN NICOLÒ 12 a", true},
		{"VIA ROMA SNC", "VIA ROMA S.N.C.", true},
		{"VIA ROMA, s.n.", "VIA ROMA SENZA NUMERO", true},
		{"VIA ROMA SNC", "VIA ROMA 1", false},
		{"VIA ROMA 1", "VIA ROMA 11", false},
		{"VIA ROMA 1", "VIALE ROMA 1", false},
		{"VIA ROMA 1", "VIA ROMA 1/A", false},
		// No number: somewhere on the same street is not the same place.
		{"VIA ZANOIA ANGOLO VIA PONZIO", "VIA ZANOIA ANGOLO VIA PONZIO", false},
		{"VIA 25 APRILE", "VIA 25 APRILE", false},
		{"", "", false},
		// A typing error of the register that only a person can judge: the
		// two ICS schools stay apart, as in the reference.
		{"VIA ORTLES 46", "VIALE OLTRES 46", false},
	} {
		a, okA := addressKey(c.a, "MILANO", "MILANO")
		b, okB := addressKey(c.b, "MILANO", "MILANO")
		if got := okA && okB && a == b; got != c.same {
			t.Errorf("%q and %q: one is %v (%s, %s)", c.a, c.b, got, a, b)
		}
	}
	here, _ := addressKey("VIA ROMA 1", "CASTRO", "BERGAMO")
	there, _ := addressKey("VIA ROMA 1", "CASTRO", "LECCE")
	if here == there {
		t.Error("two comuni of one name are taken for one")
	}
}

func TestNothingInCommonIsNoReason(t *testing.T) {
	a := School{Code: "MIPC005001", Kind: survey.KindParitaria, Comune: "MILANO", PEC: "studio@pec.it"}
	b := School{Code: "MIPS375001", Kind: survey.KindParitaria, Comune: "MILANO", PEC: "studio@pec.it"}
	if got, _ := Group([]School{a, b}); len(got) != 2 {
		t.Errorf("no e-mail, no address, one consultant's PEC: %d institutions", len(got))
	}
}
