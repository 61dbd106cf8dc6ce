package register

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"

	"rileva/pkg/survey"
)

// The columns by the ministry's names, which have not changed since 2015/16.
const (
	colYear           = "ANNOSCOLASTICO"
	colProvince       = "PROVINCIA"
	colHeadCode       = "CODICEISTITUTORIFERIMENTO"
	colHeadName       = "DENOMINAZIONEISTITUTORIFERIMENTO"
	colCode           = "CODICESCUOLA"
	colName           = "DENOMINAZIONESCUOLA"
	colAddress        = "INDIRIZZOSCUOLA"
	colCAP            = "CAPSCUOLA"
	colComuneCode     = "CODICECOMUNESCUOLA"
	colComune         = "DESCRIZIONECOMUNE"
	colCharacteristic = "DESCRIZIONECARATTERISTICASCUOLA"
	colType           = "DESCRIZIONETIPOLOGIAGRADOISTRUZIONESCUOLA"
	colEmail          = "INDIRIZZOEMAILSCUOLA"
	colPEC            = "INDIRIZZOPECSCUOLA"
	colKind           = "STATALE_PARITARIA" // added where both files were joined in one
)

// neededColumns are those without which the result would be quietly poorer:
// the e-mail is there because groups of paritarie are found by it.
var neededColumns = []string{colProvince, colCode, colName, colAddress, colComune, colType, colEmail}

// neededForState: without the first nobody knows whose a code is, without the
// second a prison section looks like a day school.
var neededForState = []string{colHeadCode, colCharacteristic}

// table reads the rows of one file by column name.
type table struct {
	name    string
	data    []byte
	rows    *csv.Reader
	columns map[string]int
	width   int
}

// openTable finds separator and header and refuses a file of another kind.
func openTable(name string, data []byte) (*table, error) {
	firstLine, _, _ := bytes.Cut(data, []byte("\n"))
	rows := csv.NewReader(bytes.NewReader(data))
	rows.Comma = separator(firstLine)
	rows.FieldsPerRecord = -1 // a row of another length is reported, not fatal
	header, err := rows.Read()
	if err != nil {
		return nil, notRegister(name, "un file di testo senza una riga di intestazione")
	}
	t := &table{name: name, data: data, rows: rows, columns: map[string]int{}, width: len(header)}
	for i, cell := range header {
		column := strings.ToUpper(clean(cell))
		if _, twice := t.columns[column]; twice && column != "" {
			return nil, &Error{Code: ErrMissingColumns.Code, File: name, Line: 1,
				Message: "La colonna " + shorten(column) + " compare due volte nell'intestazione.",
				Hint:    hintDownload}
		}
		t.columns[column] = i
	}
	if what := t.otherTable(); what != "" {
		return nil, notRegister(name, what)
	}
	return t, t.need(neededColumns)
}

// separator is the candidate that the header line holds most of. Column names
// hold none of them.
func separator(line []byte) rune {
	best, most := ',', 0
	for _, candidate := range []rune{',', ';', '\t'} {
		if n := bytes.Count(line, []byte(string(candidate))); n > most {
			best, most = candidate, n
		}
	}
	return best
}

// otherTable names the tables that are easily taken for the register, by their
// telling columns.
func (t *table) otherTable() string {
	has := func(column string) bool { _, ok := t.columns[column]; return ok }
	switch {
	case has("ALUNNI") || has("ALUNNIMASCHI") || has("ALUNNIFEMMINE"):
		return "una tabella con il numero degli alunni"
	case has("CODICE_CATASTALE") || has("CODICE_COMUNE_ISTAT"):
		return "l'elenco dei comuni dell'ISTAT"
	case !has(colCode):
		return "una tabella senza la colonna " + colCode
	}
	return ""
}

// need refuses the file when columns are missing, and names them all at once.
func (t *table) need(columns []string) error {
	missing := slices.DeleteFunc(slices.Clone(columns), func(c string) bool {
		_, ok := t.columns[c]
		return ok
	})
	if len(missing) == 0 {
		return nil
	}
	which := "Manca la colonna "
	if len(missing) > 1 {
		which = "Mancano le colonne "
	}
	return &Error{Code: ErrMissingColumns.Code, File: t.name, Line: 1,
		Message: which + strings.Join(missing, ", ") + ".",
		Hint:    "Usa il file come è pubblicato dal portale, senza togliere o rinominare colonne."}
}

// cell is the cleaned value of a column, "" when there is no such column.
func (t *table) cell(row []string, column string) string {
	i, ok := t.columns[column]
	if !ok {
		return ""
	}
	return clean(row[i])
}

// keptType reports whether the type of school is secondaria di II grado. The
// descriptions are historical and many, hence prefixes (state) and one exact
// name (paritarie).
func keptType(typ string) bool {
	for _, prefix := range []string{"IST PROF", "IST TEC", "ISTITUTO TECNICO", "LICEO"} {
		if strings.HasPrefix(typ, prefix) {
			return true
		}
	}
	switch typ {
	case "ISTITUTO D'ARTE", "ISTITUTO MAGISTRALE", "ISTITUTO SUPERIORE", "SCUOLA MAGISTRALE", typeParitaria:
		return true
	}
	return false
}

const typeParitaria = "SCUOLA SEC. SECONDO GRADO NON STATALE"

// kindOf tells state from paritaria: the joined files say it, the ministry's
// own show it by the type. ok is false for a word that means neither.
func (t *table) kindOf(row []string, typ string) (kind string, ok bool) {
	switch strings.ToUpper(t.cell(row, colKind)) {
	case "STATALE":
		return survey.KindState, true
	case "PARITARIA":
		return survey.KindParitaria, true
	case "":
		if typ == typeParitaria {
			return survey.KindParitaria, true
		}
		return survey.KindState, true
	}
	return "", false
}
