package register

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strings"

	"rileva/pkg/survey"
)

// Reasons why a row is left out on purpose.
const (
	skipProvince = "altra provincia"
	skipType     = "non è secondaria di II grado"
	skipNoType   = "tipo di scuola non indicato"
	skipEmpty    = "riga vuota"
)

// ReadFile is Read on a file by its path.
func ReadFile(path string, opt Options) (Result, error) {
	f, err := os.Open(path)
	if err != nil {
		message := "Il file non si apre."
		switch {
		case errors.Is(err, fs.ErrNotExist):
			message = "Il file non esiste."
		case errors.Is(err, fs.ErrPermission):
			message = "Non c'è il permesso di leggere il file."
		}
		return Result{}, &Error{Code: ErrUnreadable.Code, File: path, Message: message, cause: err,
			Hint: "Controlla il percorso e i permessi del file."}
	}
	defer func() { _ = f.Close() }()
	return Read(path, f, opt)
}

// Read takes one register file. An error is always an *Error and means that
// the file as a whole cannot be used. Single bad rows are in Rejected; whether
// they stop an import is for the caller to decide.
//
// One thing cannot be seen: a file cut inside the last column of its last row.
func Read(name string, r io.Reader, opt Options) (Result, error) {
	most := opt.MaxBytes
	if most <= 0 {
		most = DefaultMaxBytes
	}
	data, err := load(name, r, most)
	if err != nil {
		return Result{}, err
	}
	t, err := openTable(name, data)
	if err != nil {
		return Result{}, err
	}
	g := &gathering{
		table:     t,
		province:  strings.ToUpper(clean(opt.Province)),
		result:    Result{File: name, Schools: []School{}, Rejected: []Fault{}, Skipped: map[string]int{}},
		lines:     map[string]int{},
		provinces: map[string]bool{},
		scope:     map[Area]bool{},
	}
	for {
		row, line, err := t.next()
		if errors.Is(err, io.EOF) {
			return g.finish(), nil
		}
		if err == nil {
			err = g.take(row, line)
		}
		var bad rowError
		switch {
		case errors.As(err, &bad):
			g.result.Rejected = append(g.result.Rejected, Fault(bad))
		case err != nil:
			return Result{}, err
		}
	}
}

// rowError spoils one row and not the file.
type rowError Fault

func (e rowError) Error() string { return Fault(e).String() }

// next returns the next row and the line it begins on. The error is io.EOF, a
// rowError, or an *Error when the file stops in the middle of the row.
func (t *table) next() ([]string, int, error) {
	start := t.rows.InputOffset()
	row, err := t.rows.Read()
	if err == io.EOF {
		return nil, 0, err
	}
	end := t.rows.InputOffset()
	atEnd := int(end) == len(t.data)
	if err != nil {
		line := 0
		if bad := (*csv.ParseError)(nil); errors.As(err, &bad) {
			line = bad.StartLine
		}
		// Quotes come in pairs. An odd one that nothing closes has swallowed
		// the rest of the file: what was in it is unknown.
		if atEnd && bytes.Count(t.data[start:end], []byte{'"'})%2 == 1 {
			return nil, 0, &Error{Code: ErrTruncated.Code, File: t.name, Line: line, cause: err,
				Message: "Un campo tra virgolette comincia in questa riga e non finisce: il file è tagliato o manca una virgoletta.",
				Hint:    hintDownload}
		}
		return nil, 0, rowError{File: t.name, Line: line, Reason: "virgolette fuori posto"}
	}
	line, _ := t.rows.FieldPos(0)
	if len(row) < t.width && atEnd && !bytes.HasSuffix(t.data, []byte("\n")) {
		return nil, 0, truncated(t.name, line)
	}
	return row, line, nil
}

// gathering is the state of one Read.
type gathering struct {
	*table
	province  string
	result    Result
	lines     map[string]int // code to the line that has it
	provinces map[string]bool
	scope     map[Area]bool
}

// take puts one row where it belongs: kept, skipped, or rejected by the error.
func (g *gathering) take(row []string, line int) error {
	if blank(row) {
		g.result.Skipped[skipEmpty]++ // spreadsheets leave lines of separators
		return nil
	}
	g.result.Rows++
	if len(row) != g.width {
		return rowError{File: g.name, Line: line,
			Reason: fmt.Sprintf("la riga ha %d campi invece di %d", len(row), g.width)}
	}
	s := g.school(row, line)
	if s.Province != "" {
		g.provinces[s.Province] = true
	}
	switch {
	case s.Type == "":
		g.result.Skipped[skipNoType]++
		return nil
	case !keptType(s.Type):
		g.result.Skipped[skipType+" ("+shorten(s.Type)+")"]++
		return nil
	case g.province != "" && s.Province != "" && s.Province != g.province:
		g.result.Skipped[skipProvince]++
		return nil
	}
	if err := g.check(&s, row); err != nil {
		return err
	}
	g.lines[s.Code] = line
	g.scope[Area{Kind: s.Kind, Province: s.Province}] = true
	g.result.Schools = append(g.result.Schools, s)
	return nil
}

func blank(row []string) bool {
	return !slices.ContainsFunc(row, func(cell string) bool { return clean(cell) != "" })
}

func (g *gathering) school(row []string, line int) School {
	cell := func(column string) string { return g.cell(row, column) }
	return School{
		Code:           survey.NormalizeSchoolCode(cell(colCode)),
		Name:           cell(colName),
		Address:        cell(colAddress),
		CAP:            cell(colCAP),
		ComuneCode:     strings.ToUpper(cell(colComuneCode)),
		Comune:         strings.ToUpper(cell(colComune)),
		Province:       strings.ToUpper(cell(colProvince)),
		Characteristic: strings.ToUpper(cell(colCharacteristic)),
		Type:           strings.ToUpper(cell(colType)),
		Email:          cell(colEmail),
		PEC:            cell(colPEC),
		Year:           cell(colYear),
		File:           g.name,
		Line:           line,
	}
}

// check refuses a row that cannot be an institution's and fills in the kind.
// The check character is no reason: real schools fail it.
func (g *gathering) check(s *School, row []string) error {
	reject := func(column, value, reason string) error {
		return rowError{File: g.name, Line: s.Line, Column: column, Value: shorten(value), Reason: reason}
	}
	if !survey.ValidSchoolCode(s.Code) {
		return reject(colCode, s.Code, "non è un codice meccanografico")
	}
	if line, twice := g.lines[s.Code]; twice {
		return reject(colCode, s.Code, fmt.Sprintf("il codice è già alla riga %d", line))
	}
	if s.Province == "" {
		return reject(colProvince, "", "manca la provincia")
	}
	if s.Comune == "" {
		return reject(colComune, "", "manca il comune")
	}
	kind, ok := g.kindOf(row, s.Type)
	if !ok {
		return reject(colKind, g.cell(row, colKind), "deve essere STATALE o PARITARIA")
	}
	s.Kind = kind
	if kind == survey.KindParitaria {
		s.Evening = survey.IsEveningCode(s.Code)
		return nil
	}
	if err := g.need(neededForState); err != nil {
		return err
	}
	s.Evening = s.Characteristic == characteristicEvening || survey.IsEveningCode(s.Code)
	s.HeadCode = survey.NormalizeSchoolCode(g.cell(row, colHeadCode))
	s.HeadName = g.cell(row, colHeadName)
	switch {
	case s.HeadCode == "":
		return reject(colHeadCode, "", "manca l'istituto di riferimento di una scuola statale")
	case !survey.ValidSchoolCode(s.HeadCode):
		return reject(colHeadCode, s.HeadCode, "non è un codice meccanografico")
	}
	return nil
}

func (g *gathering) finish() Result {
	g.result.Provinces = slices.AppendSeq([]string{}, maps.Keys(g.provinces))
	slices.Sort(g.result.Provinces)
	g.result.Scope = MergeScopes(slices.Collect(maps.Keys(g.scope)))
	return g.result
}

// MergeScopes is the scope of several files together, in a fixed order.
func MergeScopes(scopes ...Scope) Scope {
	all := append(Scope{}, slices.Concat(scopes...)...)
	slices.SortFunc(all, func(a, b Area) int {
		return strings.Compare(a.Province+"\x00"+a.Kind, b.Province+"\x00"+b.Kind)
	})
	return slices.Compact(all)
}
