package register

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/iotest"

	"rileva/internal/register/milano"
	"rileva/pkg/survey"
)

// A register with the fewest columns that suffice, in an order of its own.
const (
	stateHeader = "CODICESCUOLA,CODICEISTITUTORIFERIMENTO,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,DESCRIZIONECOMUNE,PROVINCIA," +
		"DESCRIZIONECARATTERISTICASCUOLA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDIRIZZOEMAILSCUOLA\n"
	headRow    = "MIIS00100B,MIIS00100B,G. CASIRAGHI,VIA GORKI 106,CINISELLO BALSAMO,MILANO,NORMALE,ISTITUTO SUPERIORE,a@istruzione.it\n"
	plessoRow  = "MIPC00101P,MIIS00100B,L. CLASSICO - G.CASIRAGHI,VIA GORKI 106,CINISELLO BALSAMO,MILANO,NORMALE,LICEO CLASSICO,Non Disponibile\n"
	goodFile   = stateHeader + headRow + plessoRow
	lombardo   = "PSPC00101P,PSPC00101P,CITTÀ,VIA NIÇÈ 1,FANO,PESARO,NORMALE,LICEO CLASSICO,\n"
	whenCut    = "interrompe"
	elsewhere  = "BSPS01000D,BSPS01000D,CALINI,VIA MONTE SUELLO 2,BRESCIA,BRESCIA,NORMALE,LICEO SCIENTIFICO,\n"
	paritarias = "CODICESCUOLA,DENOMINAZIONESCUOLA,INDIRIZZOSCUOLA,DESCRIZIONECOMUNE,PROVINCIA,DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA,INDIRIZZOEMAILSCUOLA\n"
)

func gz(t testing.TB, text string) string {
	t.Helper()
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	if _, err := z.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func mustRead(t testing.TB, text string, opt Options) Result {
	t.Helper()
	result, err := Read("file.csv", strings.NewReader(text), opt)
	if err != nil {
		t.Fatal(err)
	}
	return result
}

func readMilano(t testing.TB) Result {
	t.Helper()
	return mustRead(t, string(milano.CSV), Options{})
}

func TestTheRegisterOfMilano(t *testing.T) {
	result := readMilano(t)
	if len(result.Rejected) > 0 || len(result.Skipped) > 0 || result.Rows != 371 {
		t.Fatalf("rejected %v, skipped %v, %d rows", result.Rejected, result.Skipped, result.Rows)
	}
	kinds := map[string]int{}
	for _, s := range result.Schools {
		kinds[s.Kind]++
		if s.Evening != (s.Characteristic == characteristicEvening) || s.Evening != survey.IsEveningCode(s.Code) {
			t.Errorf("%s: evening %v, characteristic %q", s.Code, s.Evening, s.Characteristic)
		}
		if (s.Code == "MIPM04500G" || s.Code == "MISL075007") && s.Email+s.PEC != "" {
			t.Errorf("%s: its e-mail is a person's and has no place in this copy", s.Code)
		}
	}
	if kinds[survey.KindState] != 259 || kinds[survey.KindParitaria] != 112 {
		t.Errorf("kinds %v, want 259 and 112", kinds)
	}
	want := Scope{{survey.KindParitaria, "MILANO"}, {survey.KindState, "MILANO"}}
	if !slices.Equal(result.Scope, want) {
		t.Errorf("scope %v, want %v", result.Scope, want)
	}
}

func TestProvinceFilter(t *testing.T) {
	data, err := os.ReadFile("testdata/italia_estratto.csv.gz")
	if err != nil {
		t.Fatal(err)
	}
	all := mustRead(t, string(data), Options{})
	if len(all.Schools) != 671 || len(all.Rejected) != 0 {
		t.Errorf("%d schools, rejected %v, want 671 and none", len(all.Schools), all.Rejected)
	}
	one := mustRead(t, string(data), Options{Province: " Milano "})
	if len(one.Schools) != 371 || one.Skipped[skipProvince] != 300 || one.Rows != 671 {
		t.Errorf("%d schools, skipped %v, %d rows", len(one.Schools), one.Skipped, one.Rows)
	}
	if len(one.Provinces) < 50 || len(one.Scope) != 2 {
		t.Errorf("%d provinces, scope %v", len(one.Provinces), one.Scope)
	}
	if none := mustRead(t, string(data), Options{Province: "MILAN"}); len(none.Schools) != 0 || len(none.Scope) != 0 {
		t.Errorf("a misspelt province gives %d schools, scope %v", len(none.Schools), none.Scope)
	}
}

func TestFilesAsTheMinistryPublishesThem(t *testing.T) {
	state, err := ReadFile("testdata/scuanagrafestat.csv", Options{Province: "MILANO"})
	if err != nil {
		t.Fatal(err)
	}
	if len(state.Schools) != 19 || len(state.Rejected) != 0 {
		t.Errorf("%d schools, rejected %v", len(state.Schools), state.Rejected)
	}
	if state.Skipped[skipType+" (SCUOLA PRIMARIA)"] != 2 || state.Skipped[skipType+" (ISTITUTO COMPRENSIVO)"] != 1 {
		t.Errorf("skipped %v", state.Skipped)
	}
	paritarie, err := ReadFile("testdata/scuanagrafepar.csv", Options{})
	if err != nil {
		t.Fatal(err)
	}
	if len(paritarie.Schools) != 9 || paritarie.Schools[0].Kind != survey.KindParitaria || paritarie.Schools[0].HeadCode != "" {
		t.Errorf("%d schools, the first %+v", len(paritarie.Schools), paritarie.Schools[0])
	}
}

func TestHowAFileMayBeWritten(t *testing.T) {
	text := goodFile + lombardo
	windows := strings.NewReplacer("À", "\xc0", "Ç", "\xc7", "È", "\xc8").Replace(text)
	want := mustRead(t, text, Options{}).Schools
	if len(want) != 3 || want[2].Name != "CITTÀ" {
		t.Fatalf("schools %+v", want)
	}
	for name, file := range map[string]string{
		"utf-8 with a mark":   "\xef\xbb\xbf" + text,
		"windows-1252":        windows,
		"gzip":                gz(t, text),
		"gzip, windows-1252":  gz(t, windows),
		"CRLF":                strings.ReplaceAll(text, "\n", "\r\n"),
		"semicolons":          strings.ReplaceAll(text, ",", ";"),
		"tabs":                strings.ReplaceAll(text, ",", "\t"),
		"lower-case header":   strings.Replace(text, stateHeader, strings.ToLower(stateHeader), 1),
		"lower-case codes":    strings.ReplaceAll(text, "MIIS00100B", "miis00100b"),
		"no final line end":   strings.TrimSuffix(text, "\n"),
		"Non Disponibile":     strings.ReplaceAll(text, "Non Disponibile", "NON DISPONIBILE"),
		"empty for missing":   strings.ReplaceAll(text, "Non Disponibile", ""),
		"a spreadsheet's end": text + ",,,,,,,,\n",
		"terminal codes":      strings.Replace(text, "G. CASIRAGHI", "G.\x1b CASI\u202eRAGHI", 1),
	} {
		got, err := Read("file.csv", iotest.OneByteReader(strings.NewReader(file)), Options{})
		if err != nil || !slices.Equal(got.Schools, want) {
			t.Errorf("%s: %v\n got %+v\nwant %+v", name, err, got.Schools, want)
		}
	}
}

func TestFilesThatAreRefused(t *testing.T) {
	packed := gz(t, strings.Repeat(goodFile, 50))
	for _, c := range []struct {
		name, file string
		want       error
		says       string
	}{
		{"empty", "", ErrNotRegister, "file vuoto"},
		{"only white space", " \r\n\n", ErrNotRegister, "file vuoto"},
		{"empty inside gzip", gz(t, ""), ErrNotRegister, "file vuoto"},
		{"png", "\x89PNG\r\n\x1a\n\x00\x00", ErrNotRegister, "immagine PNG"},
		{"pdf", "%PDF-1.7", ErrNotRegister, "PDF"},
		{"xlsx", "PK\x03\x04\x14\x00", ErrNotRegister, "xlsx"},
		{"web page", "<!DOCTYPE html><html>", ErrNotRegister, "pagina web"},
		{"json", `[{"CODICESCUOLA":"MIIS00100B"}]`, ErrNotRegister, "JSON"},
		{"binary", "abc\x00def", ErrNotRegister, "non contiene testo"},
		{"gzip in gzip", gz(t, gz(t, goodFile)), ErrNotRegister, "due volte"},
		{"prose", "Gentile dirigente,\nle scriviamo per\n", ErrNotRegister, "senza la colonna CODICESCUOLA"},
		{"quote in the header", "a\"b\n", ErrNotRegister, "intestazione"},
		{"utf-16", "\xff\xfeC\x00O\x00", ErrEncoding, "UTF-16"},
		{"utf-16, big end first", "\xfe\xff\x00C\x00O", ErrEncoding, "UTF-16"},
		{"too few columns", "CODICESCUOLA,PROVINCIA\nMIIS00100B,MILANO\n", ErrMissingColumns,
			"DENOMINAZIONESCUOLA, INDIRIZZOSCUOLA, DESCRIZIONECOMUNE, DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA, INDIRIZZOEMAILSCUOLA"},
		{"a column twice", strings.Replace(goodFile, "PROVINCIA", "CODICESCUOLA", 1), ErrMissingColumns, "due volte"},
		{"state school without its institution's column",
			paritarias + "MIPC00101P,L,VIA A 1,MILANO,MILANO,LICEO CLASSICO,\n", ErrMissingColumns,
			"CODICEISTITUTORIFERIMENTO, DESCRIZIONECARATTERISTICASCUOLA"},
		{"cut inside a row", stateHeader + headRow + plessoRow[:40], ErrTruncated, whenCut},
		{"cut inside quotes", goodFile + `MIPC00101P,"L. CLASS`, ErrTruncated, "virgolette"},
		{"a quote that nothing closes", stateHeader + strings.Replace(headRow, "VIA", `"VIA`, 1) + plessoRow, ErrTruncated, "virgolette"},
		{"cut inside a letter", goodFile + lombardo + "MIPC00102Q,MIIS00100B,CITT\xc3", ErrTruncated, whenCut},
		{"gzip cut short", packed[:len(packed)-20], ErrTruncated, "compresso"},
		{"gzip with nothing in it", "\x1f\x8b", ErrTruncated, "compresso"},
		{"gzip with a wrong sum", packed[:len(packed)-8] + "xxxxxxxx", ErrTruncated, "compresso"},
	} {
		_, err := Read("file.csv", strings.NewReader(c.file), Options{})
		var e *Error
		if !errors.Is(err, c.want) || !errors.As(err, &e) || !strings.Contains(e.Message, c.says) {
			t.Errorf("%s: %v, want %q with %q", c.name, err, c.want, c.says)
			continue
		}
		if e.File != "file.csv" || e.Hint == "" || !strings.HasSuffix(e.Message, ".") {
			t.Errorf("%s: no place or advice: %+v", c.name, e)
		}
	}
}

func TestFilesOfAnotherKind(t *testing.T) {
	for path, says := range map[string]string{
		"testdata/comuni_istat.csv":             "elenco dei comuni",
		"testdata/enrolment_milano.csv":         "numero degli alunni",
		"testdata/paritarie_groups_milano.csv":  "PROVINCIA",
		"testdata/README.md":                    "CODICESCUOLA",
		"testdata":                              "cartella",
		"testdata/does-not-exist.csv":           "non esiste",
		"testdata/scuanagrafepar.csv/inside.gz": "non si apre",
	} {
		_, err := ReadFile(path, Options{})
		if err == nil || !strings.Contains(err.Error(), says) || !strings.HasPrefix(err.Error(), path+":") {
			t.Errorf("%s: %v, want %q", path, err, says)
		}
	}
}

func TestAFileThatIsTooLarge(t *testing.T) {
	opt := Options{MaxBytes: 4096}
	for name, file := range map[string]string{
		"plain":       goodFile + strings.Repeat(plessoRow, 100),
		"gzip (bomb)": gz(t, strings.Repeat("\n", 1<<20)),
	} {
		if _, err := Read("f", strings.NewReader(file), opt); !errors.Is(err, ErrTooLarge) {
			t.Errorf("%s: %v", name, err)
		}
	}
	broken := io.MultiReader(strings.NewReader(goodFile), iotest.ErrReader(io.ErrClosedPipe))
	if _, err := Read("f", broken, opt); !errors.Is(err, ErrUnreadable) || !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("a disk that fails: %v", err)
	}
}

func TestRowsThatAreRejected(t *testing.T) {
	replaced := func(old, by string) string { return strings.Replace(plessoRow, old, by, 1) }
	for _, c := range []struct{ name, row, column, reason string }{
		{"no code", replaced("MIPC00101P", ""), colCode, "codice meccanografico"},
		{"half a code", replaced("MIPC00101P", "MIPC00101"), colCode, "(«MIPC00101»)"},
		{"code twice", headRow, colCode, "il codice è già alla riga 2"},
		{"no institution", replaced("MIIS00100B", "Non disponibile"), colHeadCode, "manca l'istituto di riferimento"},
		{"half an institution", replaced("MIIS00100B", "MIIS"), colHeadCode, "codice meccanografico"},
		{"no province", replaced("MILANO", ""), colProvince, "manca la provincia"},
		{"no comune", replaced("CINISELLO BALSAMO", ""), colComune, "manca il comune"},
		{"a field too few", replaced(",NORMALE", ""), "", "8 campi invece di 9"},
		{"a field too many", replaced(",NORMALE", ",,NORMALE"), "", "10 campi invece di 9"},
		{"quotes astray", replaced("CLASSICO", `"CLASSICO"`), "", "virgolette"},
		{"text after quotes", replaced("VIA GORKI 106", `"VIA" GORKI "106"`), "", "virgolette"},
	} {
		result := mustRead(t, stateHeader+headRow+c.row+elsewhere, Options{})
		if len(result.Schools) != 2 || len(result.Rejected) != 1 {
			t.Errorf("%s: %d schools, rejected %v", c.name, len(result.Schools), result.Rejected)
			continue
		}
		f := result.Rejected[0]
		if f.Line != 3 || f.Column != c.column || !strings.Contains(f.String(), c.reason) || !strings.HasPrefix(f.String(), "file.csv:3: ") {
			t.Errorf("%s: %s", c.name, f)
		}
	}
	strange := mustRead(t, strings.Replace(paritarias, "PROVINCIA", "STATALE_PARITARIA,PROVINCIA", 1)+
		"MIPC005001,CARREL,VIA INGANNI 12,MILANO,COMUNALE,MILANO,"+typeParitaria+",\n", Options{})
	if len(strange.Rejected) != 1 || strange.Rejected[0].Column != colKind {
		t.Errorf("a third kind: %v", strange.Rejected)
	}
}

func TestRowsThatAreSkipped(t *testing.T) {
	rows := goodFile + elsewhere +
		strings.Replace(elsewhere, "LICEO SCIENTIFICO", "CENTRO TERRITORIALE", 1) +
		strings.Replace(elsewhere, "LICEO SCIENTIFICO", "Non Disponibile", 1) + ",,,,,,,,\n"
	result := mustRead(t, rows, Options{Province: "milano"})
	if len(result.Schools) != 2 || result.Rows != 5 ||
		result.Skipped[skipProvince] != 1 || result.Skipped[skipNoType] != 1 || result.Skipped[skipEmpty] != 1 ||
		result.Skipped[skipType+" (CENTRO TERRITORIALE)"] != 1 {
		t.Errorf("%d schools, %d rows, skipped %v", len(result.Schools), result.Rows, result.Skipped)
	}
}

// FuzzRead: whatever the bytes, Read ends without a panic, keeps to its bound,
// and never lets a school through that has no code or nowhere to belong.
func FuzzRead(f *testing.F) {
	for _, seed := range []string{goodFile, goodFile + lombardo, paritarias, "", "\x1f\x8b\x08", "\xff\xfe",
		gz(f, goodFile), strings.ReplaceAll(goodFile, ",", ";"), goodFile + "\"", stateHeader + "\xe8"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		result, err := Read("f", bytes.NewReader(data), Options{MaxBytes: 1 << 16})
		if err != nil {
			if e := (*Error)(nil); !errors.As(err, &e) || e.Code == "" || e.Message == "" || e.Hint == "" {
				t.Fatalf("not fit for a person: %#v", err)
			}
			return
		}
		skipped := 0
		for reason, n := range result.Skipped {
			if reason != skipEmpty {
				skipped += n
			}
		}
		seen := map[string]bool{}
		for _, s := range result.Schools {
			if !survey.ValidSchoolCode(s.Code) || seen[s.Code] || s.Line < 2 || s.Comune == "" ||
				s.Kind == survey.KindState && !survey.ValidSchoolCode(s.HeadCode) {
				t.Fatalf("kept: %+v", s)
			}
			seen[s.Code] = true
		}
		if broken := result.Rows - len(result.Schools) - skipped; broken < 0 || broken > len(result.Rejected) {
			t.Fatalf("rows are lost: %+v", result)
		}
		institutions, _ := Group(result.Schools)
		Compare(institutions, institutions, result.Scope)
	})
}
