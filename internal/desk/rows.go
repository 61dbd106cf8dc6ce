package desk

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"
)

// rows gathers the lines of a CSV or of a sheet. They come in two forms: one
// answer a line (variable, value), or the template of a table, which begins
// with the word "rileva" and says whose it is; see [Work.Template].
type rows struct {
	contents
	columns int  // of the first form: how many a line may have: two, or as many as the head has
	two     bool // some line has two
	headed  bool
	marked  bool     // it is a template
	heads   []string // of a template: what follows the row's id in a cell's
	named   bool     // the line with the names of the columns has passed
	// look finds out what a text does not tell of a cell; nil in CSV.
	look func(e *entry, column, line int)
}

// The first column of a template's head.
const (
	markTemplate    = "rileva"
	markInstitution = "institution"
	markPart        = "part"
	markTable       = "table"
	markRow         = "row"
)

// sameCell is the head of the only column of a table without axes.
const sameCell = "="

// add takes one line; the head and blank lines are passed over. It is false
// when there are too many.
func (t *rows) add(record []string, line int) bool {
	blank := strings.TrimSpace(strings.Join(record, "")) == ""
	switch {
	case t.marked:
		t.addRow(record, line)
	case blank:
	case len(t.entries) == 0 && !t.headed && strings.EqualFold(strings.TrimSpace(record[0]), markTemplate):
		t.marked, t.two = true, true
	default:
		t.addLine(record, line)
	}
	return len(t.entries) <= maxRows
}

func (t *rows) addLine(record []string, line int) {
	e := entry{line: line, variable: strings.TrimSpace(record[0])}
	if len(t.entries) == 0 && !t.headed && (strings.EqualFold(e.variable, "variable") || strings.EqualFold(e.variable, "variabile")) {
		t.headed, t.two, t.columns = true, true, max(2, len(record))
		return
	}
	if len(record) > 1 {
		e.text, t.two = record[1], true
	}
	switch {
	case len(record) < 2:
		e.fault = "one_column"
	case len(record) > t.columns && strings.TrimSpace(strings.Join(record[t.columns:], "")) != "":
		e.fault = "many_columns" // 1,5 between commas must not become 1
	}
	if t.look != nil {
		t.look(&e, 2, line)
	}
	t.entries = append(t.entries, e)
}

// addRow takes a line of a template: what it says of itself, the names of the
// columns, or a row of the table with its cells from the third column on.
func (t *rows) addRow(record []string, line int) {
	cell := func(i int) string {
		if i < len(record) {
			return strings.TrimSpace(record[i])
		}
		return ""
	}
	row := cell(0)
	switch row {
	case markInstitution:
		t.school = cell(1)
		return
	case markPart:
		t.part = cell(1)
		return
	case markTable:
		t.table = cell(1)
		return
	case markRow:
		for i := 2; i < len(record); i++ {
			t.heads = append(t.heads, cell(i))
		}
		return
	case "":
		if len(t.heads) > 0 && !t.named || strings.TrimSpace(strings.Join(record, "")) == "" {
			t.named = t.named || len(t.heads) > 0
			return
		}
	}
	t.named = true
	if row == "" || len(t.heads) == 0 {
		t.entries = append(t.entries, entry{line: line, variable: row, fault: "no_row"})
		return
	}
	for i := 2; i < max(len(record), 2+len(t.heads)); i++ {
		e := entry{line: line, variable: row, text: cell(i)}
		switch head := cellOf(t.heads, i-2); {
		case head == "" && e.text == "":
			continue
		case head == "":
			e.fault = "no_column"
		case head != sameCell:
			e.variable += "_" + head
		}
		if t.look != nil {
			t.look(&e, i+1, line)
		}
		t.entries = append(t.entries, e)
	}
}

func cellOf(heads []string, i int) string {
	if i < len(heads) {
		return heads[i]
	}
	return ""
}

// readCSV takes the lines of a text, parted by comma, semicolon or tab.
func readCSV(name string, text []byte) (contents, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separator(text)
	r.TrimLeadingSpace = r.Comma != '\t' // a tab would be trimmed as a space
	t := rows{columns: 2}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) { // an open quote is found at the end, but it is at its start
			return contents{}, &Error{Code: "file_csv", args: []any{name, parse.StartLine}, Err: err}
		}
		if err != nil {
			return contents{}, fmt.Errorf("read %s: %w", name, err) // there is no disk behind it
		}
		line, _ := r.FieldPos(0)
		if !t.add(record, line) {
			return contents{}, newError("file_too_large", name)
		}
	}
	switch {
	case len(t.entries) == 0:
		return contents{}, newError("file_empty", name)
	case !t.two: // a letter, a web page: its lines would only be a list of faults
		return contents{}, newError("file_csv", name, t.entries[0].line)
	}
	return t.contents, nil
}

// separator is the first of the three in the first line: a variable's id holds
// none of them, a value may.
func separator(text []byte) rune {
	first, _, _ := bytes.Cut(bytes.TrimSpace(text), []byte("\n"))
	if i := bytes.IndexAny(first, ",;\t"); i >= 0 {
		return rune(first[i])
	}
	return ','
}

// readXLSX takes the lines of the first sheet.
func readXLSX(name string, raw []byte) (_ contents, err error) {
	unreadable := func(cause error) error { return &Error{Code: "file_xlsx", args: []any{name}, Err: cause} }
	defer func() {
		// The file is anybody's, and the library has not met every broken one.
		if r := recover(); r != nil {
			err = unreadable(fmt.Errorf("panic: %v", r))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return contents{}, unreadable(err)
	}
	defer func() { _ = f.Close() }() // removes temporary files, which the system does as well
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return contents{}, newError("file_empty", name)
	}
	lines, err := f.Rows(sheets[0]) // row by row: one cell in the last column makes a row of 16384
	if err != nil {
		return contents{}, unreadable(err)
	}
	defer func() { _ = lines.Close() }()
	t := rows{columns: excelize.MaxColumns} // people keep notes beside a sheet
	t.look = func(e *entry, column, line int) { e.look(f, sheets[0], column, line) }
	for line := 1; lines.Next(); line++ {
		record, err := lines.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return contents{}, unreadable(err)
		}
		if len(record) == 1 {
			record = append(record, "") // Excel does not write the blank cells at a row's end
		}
		if len(record) > 0 && (!t.add(record, line) || line > maxRows) {
			return contents{}, newError("file_too_large", name)
		}
	}
	if err := lines.Error(); err != nil {
		return contents{}, unreadable(err)
	}
	if len(t.entries) == 0 {
		return contents{}, newError("file_empty", name)
	}
	return t.contents, nil
}

// look finds out what kind of cell a text comes from. What a formula last gave
// is not taken: nobody knows whether it has been computed since.
func (e *entry) look(f *excelize.File, sheet string, column, line int) {
	at, err := excelize.CoordinatesToCellName(column, line)
	if err != nil || e.fault != "" {
		return
	}
	if formula, err := f.GetCellFormula(sheet, at); err == nil && formula != "" {
		e.fault = "cell_formula"
		return
	}
	if e.text == "" {
		return
	}
	kind, err := f.GetCellType(sheet, at)
	if err != nil {
		return // then it is judged as text
	}
	switch kind {
	case excelize.CellTypeError:
		e.fault = "cell_error"
	case excelize.CellTypeNumber, excelize.CellTypeUnset:
		e.number = true
		if isDate(f, sheet, at) {
			e.asDate()
		}
	case excelize.CellTypeDate:
		e.date = true
	case excelize.CellTypeBool: // 1 would be a number
		e.text = strconv.FormatBool(e.text == "1" || strings.EqualFold(e.text, "true"))
	}
}

// asDate reads the number of a date as the date that it shows.
func (e *entry) asDate() {
	serial, err := strconv.ParseFloat(e.text, 64)
	if err != nil {
		return
	}
	if at, err := excelize.ExcelDateToTime(serial, false); err == nil {
		e.text, e.number, e.date = at.Format("2006-01-02"), false, true
	}
}

// isDate tells whether a number is shown as a date: Excel keeps nothing else of it.
func isDate(f *excelize.File, sheet, at string) bool {
	id, err := f.GetCellStyle(sheet, at)
	if err != nil || id == 0 {
		return false
	}
	style, err := f.GetStyle(id)
	if err != nil {
		return false
	}
	if style.CustomNumFmt != nil {
		bare := strings.NewReplacer("[Red]", "", "General", "").Replace(*style.CustomNumFmt)
		return strings.ContainsAny(strings.ToLower(bare), "dy")
	}
	// The built-in formats of dates and times: ECMA-376, 18.8.30.
	return slices.ContainsFunc([][2]int{{14, 22}, {27, 36}, {45, 47}, {50, 58}}, func(r [2]int) bool { return r[0] <= style.NumFmt && style.NumFmt <= r[1] })
}
