package survey

import (
	"slices"
	"strings"
	"testing"
)

func TestNormalizeSchoolCode(t *testing.T) {
	for in, want := range map[string]string{
		"MIIS00100B":         "MIIS00100B",
		"  miis 00100b\n":    "MIIS00100B",
		"MI PS 1R 50 0A":     "MIPS1R500A",
		"mips\u00a0175\t007": "MIPS175007", // the space that web pages paste
		"":                   "",
	} {
		if got := NormalizeSchoolCode(in); got != want {
			t.Errorf("NormalizeSchoolCode(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestValidSchoolCode(t *testing.T) {
	for code, want := range map[string]bool{
		"MIIS00100B": true, "MIPCCH5001": true, "MIPS1R500A": true, "MI1A00100B": true,
		"MIPLGB500O": true, // O and I do end new codes of paritarie
		"":           false, "MIIS00100": false, "MIIS00100BB": false,
		"miis00100b": false, "M1IS00100B": false, "MIIS00100-": false,
		"MIIS 0100B": false, "MIIS0010ÀB": false, "MIIS00100\x00": false,
	} {
		if got := ValidSchoolCode(code); got != want {
			t.Errorf("ValidSchoolCode(%q) = %v, want %v", code, got, want)
		}
	}
}

func TestCheckCharacterOK(t *testing.T) {
	for _, c := range []struct {
		code string
		want bool
		why  string
	}{
		{"MIPS01000G", true, "domain document"},
		{"MIPC00101P", true, "domain document"},
		{"MITF005006", true, "domain document"},
		{"MIIS08900V", true, "domain document"},
		{"MIIC89000V", true, "domain document"},
		{"BSPS01000D", true, "domain document"},
		{"TAPC10000Q", true, "domain document"},
		{"BAIC81400N", true, "domain document"},
		{"AVIC849003", true, "domain document"},
		{"MIIS00100B", true, "data README"},
		{"MIPM00101V", true, "data README"},
		{"MIPS00101T", true, "data README"},
		{"MIPS01000H", false, "wrong last character"},
		{"MIPS10000G", false, "two digits swapped"},
		{"VTTD00601V", false, "a real school that fails the rule: never refuse by it"},
		{"CSPS018018", false, "a real school that fails the rule"},
		{"MIPCCH5001", true, "paritaria: no rule applies"},
		{"MIPM58500Q", true, "paritaria with digits, would fail: no rule applies"},
		{"MIIC8AX00P", true, "letters in the number: no rule applies"},
		{"MI0J00100B", true, "symbols without a known value"},
		{"not a code", true, "not a code at all: the pattern says that"},
	} {
		if got := CheckCharacterOK(c.code); got != c.want {
			t.Errorf("CheckCharacterOK(%s) = %v, want %v (%s)", c.code, got, c.want, c.why)
		}
	}
}

// Every state code of upper secondary in the register of Milano, 2025/26.
const milanoStateCodes = `
MIIS00100B MIPC00101P MIPM00101V MIPS00101T MIIS003003 MIPM00301E MIPS00301D MITD003019 MIIS00400V MITD004015
MITL00401G MIIS008006 MIRI00801T MIRI00802V MITF00801P MITF00802Q MIIS011002 MIPS01101C MISL011019 MIIS01200T
MIPS012018 MITD012014 MIIS01400D MIRC01401C MITF014012 MIIS016005 MIRC016014 MIRI01601R MITD01601B MITF01601N
MIIS017001 MIRI01701L MITF01701D MIIS01900L MIPS019013 MIPS019024 MIRA01901L MITA01901C MITD01901V MITD019518
MIIS02100L MIPS021013 MIRC02101G MITD02101V MITD02102X MIIS02200C MIPS02201V MITD02201P MIIS023008 MIPS02301P
MITD02301E MIIS02600Q MIPM026017 MIPS026016 MITD026012 MITD026023 MIIS02700G MIPS027012 MITD02701T MIIS02800B
MIRC02801A MIRC02851Q MITD02801N MITD028502 MIIS029007 MIPS02901N MIRC029016 MIRC02950E MITD02901D MIIS03600A
MIPS03601R MIRA03601A MITA036016 MITD03601L MIIS037006 MIRC037015 MIRC03750D MITD03701C MIIS038002 MIRH038016
MITF03801E MIIS03900T MIPC039015 MIPS039018 MIIS04100T MIPS041018 MITD041014 MIIS04300D MIPS04301X MITD04301Q
MIIS044009 MISL04401L MISL044501 MITD04401G MITD044511 MIIS04700R MISL047014 MITD047013 MITD04751C MIIS05100C
MIPS05101V MITN05101L MIIS05400X MIPS05401A MITF05401C MIIS05700B MIPS05701T MITD05701N MIIS058007 MIPS05801N
MIPS058502 MIRC058016 MIRC058027 MIRC05851G MIRH05801B MIIS059003 MIPS05901D MIRC059012 MIIS061003 MIPS06101D
MIRC061012 MIRC061023 MIRC06151B MIIS07200D MIPS07201X MIRI072015 MIIS074005 MIRC074014 MIRI07401R MITF07401N
MIIS07700L MIRC07701G MIRI077018 MITF077015 MIIS079008 MIRC079017 MITF07901R MIIS081008 MIPS08101P MITD08101E
MIIS082004 MITD08201A MITD08251Q MITF08201L MITF082512 MIIS08300X MIRA08301X MIRA083508 MITA08301Q MITA083504
MIIS08900V MIRC08901T MIRC089517 MIRI08901E MIRI08951X MIIS09100V MIRI09101E MISL091016 MITD091015 MIIS09200P
MIRI09201A MITF092017 MIIS09300E MITD09301R MITF093013 MIIS09400A MIRC094019 MIRC09451P MIRI094012 MITN09401E
MITN094521 MIIS096002 MITD096018 MITF09601E MITF09602G MIIS09700T MIRI09701D MIRI09751V MITF09701A MIIS09900D
MIPS09901X MITD09901Q MIIS101008 MIPS10101P MITF10101R MIIS10300X MIRI10302L MIRI10303N MITA10301Q MITD103016
MIIS107007 MIRC107016 MITN10701B MIPC01000C MIPC03000N MIPC040008 MIPC05000V MIPC110009 MIPC13000E MIPC140005
MIPC170001 MIPC20000G MIPM03000T MIPM050003 MIPM070008 MIPM11000D MIPS01000G MIPS03000R MIPS070007 MIPS08000T
MIPS11000C MIPS11002E MIPS120003 MIPS13000N MIPS15000V MIPS16000D MIPS18000P MIPS210009 MIPS21002B MIPS25000Q
MIPS26000A MIPS290006 MIPS340002 MIPS37000T MIPS37001V MIPS580006 MIPS61000R MIPS61001T MIPS67000C MIRC12000G
MIRC12001L MIRC12002N MIRC300004 MIRC30050D MIRH010009 MIRH02000X MISL01000C MISL020003 MISL03000N MITD330007
MITD33003A MITD400008 MITD450009 MITD51000Q MITD52000A MITD52050Q MITD57000B MITE01000V MITF070009 MITF11000E
MITF11050X MITF13000Q MITF19000B MITF21000B MITF270003 MITF290008 MITF390005 MITN02000X MITN03000E
`

func TestEveryStateCodeOfMilanoFits(t *testing.T) {
	codes := strings.Fields(milanoStateCodes)
	if len(codes) != 259 {
		t.Fatalf("%d codes, want the 259 of the register", len(codes))
	}
	for _, code := range codes {
		if !ValidSchoolCode(code) || !CheckCharacterOK(code) {
			t.Errorf("%s: valid %v, check %v", code, ValidSchoolCode(code), CheckCharacterOK(code))
		}
	}
}

// The reason for the warning: any one wrong digit of the number is noticed,
// and so are two neighbours that changed places.
func TestEverySlipOfTheFingerIsNoticed(t *testing.T) {
	for _, code := range strings.Fields(milanoStateCodes) {
		for i := 4; i < 9; i++ {
			for d := byte('0'); d <= '9'; d++ {
				wrong := []byte(code)
				wrong[i] = d
				if noticed := !CheckCharacterOK(string(wrong)); noticed == (code[i] == d) && !isParitariaNumber(string(wrong)) {
					t.Errorf("%s typed as %s: noticed %v", code, wrong, noticed)
				}
			}
			swapped := []byte(code)
			swapped[i-1], swapped[i] = swapped[i], swapped[i-1]
			if i > 4 && swapped[i] != swapped[i-1] && !isParitariaNumber(string(swapped)) && CheckCharacterOK(string(swapped)) {
				t.Errorf("%s typed as %s goes unnoticed", code, swapped)
			}
		}
	}
}

func TestTrackOfSchoolCode(t *testing.T) {
	byTrack := map[string][]string{
		TrackLiceale:       {"PC", "PS", "PM", "PL", "SL", "SD", "PQ"},
		TrackTecnico:       {"TF", "TD", "TL", "TA", "TN", "TB", "TH", "TE"},
		TrackProfessionale: {"RC", "RI", "RF", "RH", "RA", "RV"},
		"":                 {"IS", "MM", "EE", "AA", "IC", "1A", "1E", "1M", "CT", "VC", "PX", "TX", "RX"},
	}
	for want, letters := range byTrack {
		for _, l := range letters {
			got, ok := TrackOfSchoolCode("MI" + l + "00100B")
			if got != want || ok != (want != "") {
				t.Errorf("type %s: %q, %v, want %q", l, got, ok, want)
			}
		}
	}
	if track, ok := TrackOfSchoolCode("MIPC"); ok || track != "" {
		t.Errorf("half a code gives %q, %v", track, ok)
	}
}

func TestIsEveningCode(t *testing.T) {
	for code, want := range map[string]bool{
		"TNTF01351V": true, "TNTD02050P": true, "MITD028502": true,
		"MIPS1R500A": false, "MIPCCH5001": false, // paritarie
		"MIPC00101P": false, "MIIS00100B": false, "TNTF01351": false,
		"MIRA01901L": false, // named SERALE and yet a prison section of the day
	} {
		if got := IsEveningCode(code); got != want {
			t.Errorf("IsEveningCode(%s) = %v, want %v", code, got, want)
		}
	}
}

func TestFirstSchoolCode(t *testing.T) {
	for _, c := range []struct {
		want  string
		codes []string
	}{
		// The two groups of Milano where digits and letters decide.
		{"MIPC16500D", []string{"MIPS1R500A", "MIPCCH5001", "MIPS175007", "MIPC16500D"}},
		{"MIPS8E5005", []string{"MIPSRS500B", "MIPS8E5005"}},
		{"MIPS175007", []string{"MIPS1R500A", "MIPS175007"}},
		{"", nil},
	} {
		if got := FirstSchoolCode(c.codes); got != c.want {
			t.Errorf("FirstSchoolCode(%v) = %q, want %q", c.codes, got, c.want)
		}
		slices.Reverse(c.codes)
		if got := FirstSchoolCode(c.codes); got != c.want {
			t.Errorf("in another order: %q, want %q", got, c.want)
		}
	}
}
