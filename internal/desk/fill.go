package desk

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"

	"rileva/pkg/survey"
)

// MaxFill is the largest file that is taken in, in bytes: a sheet has some 270
// answers.
const MaxFill = 4 << 20

// FillFault is one entry of a file that could not be taken.
type FillFault struct {
	Line     int    `json:"line"` // of the file; of the sheet in XLSX; 0 in JSON where no line is known
	Variable string `json:"variable"`
	Message  string `json:"message"`
}

// FillReport says what a file brought.
type FillReport struct {
	Part   string      `json:"part"`
	Taken  int         `json:"taken"`
	Blank  int         `json:"blank"` // entries without a value: they change nothing
	Faults []FillFault `json:"faults"`
}

// entry is one variable of a file, with its value as text or, from JSON, typed.
type entry struct {
	line     int
	variable string
	text     string
	value    any
}

// Fill takes the answers of a file into a draft: JSON (the map of contract
// section 3, or a whole submission's body), CSV or XLSX (variable, value).
// With a fault nothing is taken unless partial.
func (d *Desk) Fill(part, name string, raw []byte, partial bool) (FillReport, error) {
	report := FillReport{Part: part, Faults: []FillFault{}}
	work, err := d.Work(part)
	if err != nil {
		return report, err
	}
	entries, err := readEntries(name, raw)
	if err != nil {
		return report, err
	}
	var changes []Change
	seen := map[string]int{}
	for _, e := range entries {
		value, problem := work.accept(e, d.lang)
		if first, twice := seen[e.variable]; twice && problem == "" {
			problem = word(d.lang, "twice", first)
		}
		seen[e.variable] = e.line
		switch {
		case problem != "":
			report.Faults = append(report.Faults, FillFault{e.line, e.variable, problem})
		case value == nil:
			report.Blank++
		default:
			changes = append(changes, Change{Variable: e.variable, Value: value})
		}
	}
	if len(report.Faults) > 0 && !partial {
		return report, nil
	}
	report.Taken = len(changes)
	if len(changes) == 0 {
		return report, nil
	}
	_, err = work.Set(changes...)
	return report, err
}

// accept turns an entry into a value of its variable, or says why not.
func (w *Work) accept(e entry, lang string) (any, string) {
	v := w.Sheet.Variable(e.variable)
	switch {
	case v == nil:
		return nil, word(lang, "unknown")
	case v.Computed:
		return nil, word(lang, "computed")
	case v.ReadOnly:
		if now := w.Value(v.ID); e.value != nil && survey.Equal(now, e.value) || e.value == nil && (e.text == "" || survey.Show(now, lang) == e.text) {
			return nil, ""
		}
		return nil, word(lang, "readonly")
	}
	value := e.value
	if value == nil {
		text := strings.TrimSpace(e.text)
		if text == "" {
			return nil, ""
		}
		value = parseText(v, text)
	}
	return value, v.Accepts(value, lang)
}

// parseText reads a value as people write it in a table.
func parseText(v *survey.Variable, text string) any {
	switch v.Type {
	case survey.TypeInteger:
		clean := strings.NewReplacer(".", "", "\u00a0", "", " ", "", "'", "").Replace(text)
		if i := strings.IndexByte(text, '.'); i >= 0 && !thousands(text) {
			return text // 1.5 is not 15
		}
		if n, err := strconv.Atoi(clean); err == nil {
			return n
		}
		return text
	case survey.TypeYesNo, survey.TypeDeclaration:
		switch strings.ToLower(text) {
		case "sì", "si", "s", "yes", "y", "true", "vero", "1", "x":
			return true
		case "no", "n", "false", "falso", "0":
			return false
		}
		return text
	case survey.TypeMulti, survey.TypeTextList, survey.TypeCodeList:
		var out []string
		for _, part := range strings.FieldsFunc(text, func(r rune) bool { return r == ';' || r == '\n' || r == '|' }) {
			if part = strings.TrimSpace(part); part != "" {
				out = append(out, optionID(v, part))
			}
		}
		return out
	case survey.TypeChoice:
		return optionID(v, text)
	}
	return text
}

// thousands tells whether every dot stands before exactly three digits.
func thousands(text string) bool {
	parts := strings.Split(text, ".")
	for _, p := range parts[1:] {
		if len(p) != 3 {
			return false
		}
	}
	return len(parts[0]) > 0 && len(parts[0]) <= 3
}

// optionID takes an option's id or its label in any language.
func optionID(v *survey.Variable, text string) string {
	for _, o := range v.Options {
		if strings.EqualFold(o.ID, text) {
			return o.ID
		}
		for _, label := range o.Label {
			if strings.EqualFold(label, text) {
				return o.ID
			}
		}
	}
	return text
}

func readEntries(name string, raw []byte) ([]entry, error) {
	trimmed := bytes.TrimPrefix(bytes.TrimSpace(raw), []byte("\ufeff"))
	switch {
	case len(raw) > MaxFill:
		return nil, newError("file_too_large", name)
	case len(trimmed) == 0:
		return nil, newError("file_empty", name)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		return readXLSX(name, raw)
	case !utf8.Valid(trimmed) || bytes.IndexByte(trimmed, 0) >= 0:
		return nil, newError("file_binary", name)
	case trimmed[0] == '{':
		return readJSON(name, trimmed)
	case strings.EqualFold(filepath.Ext(name), ".json"):
		return nil, newError("file_json", name)
	}
	return readCSV(name, trimmed)
}

// readJSON takes the flat map of answers, or the body of a submission.
func readJSON(name string, raw []byte) ([]entry, error) {
	var probe struct {
		Answers json.RawMessage `json:"answers"`
	}
	if json.Unmarshal(raw, &probe) == nil && len(probe.Answers) > 0 && probe.Answers[0] == '{' {
		raw = probe.Answers
	}
	var answers survey.Answers
	if err := json.Unmarshal(raw, &answers); err != nil {
		return nil, &Error{Code: "file_json", args: []any{name}, Err: err}
	}
	var out []entry
	for id, v := range answers {
		out = append(out, entry{variable: id, value: v, line: lineOf(raw, id)})
	}
	slices.SortFunc(out, func(a, b entry) int {
		if a.line != b.line {
			return a.line - b.line
		}
		return strings.Compare(a.variable, b.variable)
	})
	return out, nil
}

// lineOf finds the line on which a key stands.
func lineOf(raw []byte, key string) int {
	quoted, err := json.Marshal(key)
	if err != nil {
		return 0
	}
	i := bytes.Index(raw, quoted)
	if i < 0 {
		return 0
	}
	return 1 + bytes.Count(raw[:i], []byte("\n"))
}

func readCSV(name string, raw []byte) ([]entry, error) {
	r := csv.NewReader(bytes.NewReader(raw))
	r.FieldsPerRecord = -1
	r.TrimLeadingSpace = true
	first, _, _ := bytes.Cut(raw, []byte("\n"))
	switch { // Excel in Italian writes semicolons
	case bytes.ContainsRune(first, ';'):
		r.Comma = ';'
	case bytes.ContainsRune(first, '\t'):
		r.Comma = '\t'
	}
	var out []entry
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) {
			return nil, &Error{Code: "file_csv", args: []any{name, parse.Line}, Err: err}
		}
		if err != nil {
			return nil, &Error{Code: "file_csv", args: []any{name, len(out) + 1}, Err: err}
		}
		line, _ := r.FieldPos(0)
		if e, ok := tableRow(record, line, len(out) == 0); ok {
			if e.variable == "" || len(record) < 2 {
				return nil, newError("file_csv", name, line)
			}
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return nil, newError("file_empty", name)
	}
	return out, nil
}

// tableRow reads variable and value; the head and blank lines are passed over.
func tableRow(record []string, line int, first bool) (entry, bool) {
	joined := strings.TrimSpace(strings.Join(record, ""))
	if joined == "" {
		return entry{}, false
	}
	e := entry{line: line, variable: strings.TrimSpace(record[0])}
	if len(record) > 1 {
		e.text = record[1]
	}
	if first && (strings.EqualFold(e.variable, "variable") || strings.EqualFold(e.variable, "variabile")) {
		return entry{}, false
	}
	return e, true
}

// readXLSX takes the first sheet: variable in column A, value in column B.
func readXLSX(name string, raw []byte) (_ []entry, err error) {
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: 64 << 20, UnzipXMLSizeLimit: 16 << 20})
	if err != nil {
		return nil, &Error{Code: "file_xlsx", args: []any{name}, Err: err}
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, newError("file_empty", name)
	}
	rows, err := f.GetRows(sheets[0], excelize.Options{RawCellValue: true})
	if err != nil {
		return nil, &Error{Code: "file_xlsx", args: []any{name}, Err: fmt.Errorf("read %s: %w", sheets[0], err)}
	}
	var out []entry
	for i, record := range rows {
		if len(record) == 0 {
			continue
		}
		if e, ok := tableRow(record, i+1, len(out) == 0); ok {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		return nil, newError("file_empty", name)
	}
	return out, nil
}
