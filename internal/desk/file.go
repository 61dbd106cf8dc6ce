package desk

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"rileva/pkg/survey"
)

// The most that is read of a file, beyond its size: some 270 answers are
// expected, and a small archive can unfold into anything.
const (
	maxRows     = 20_000
	maxUnzipped = 64 << 20
	maxInMemory = 16 << 20
)

// readContents finds out what a file is by what stands in it; its name decides
// only what is no JSON and calls itself one.
func readContents(name string, raw []byte) (contents, error) {
	switch {
	case len(raw) > MaxFill:
		return contents{}, newError("file_too_large", name)
	case bytes.HasPrefix(raw, []byte("PK\x03\x04")):
		entries, err := readXLSX(name, raw)
		return contents{entries: entries}, err
	}
	text, ok := decodeText(raw)
	start := bytes.TrimSpace(text)
	switch {
	case !ok:
		return contents{}, newError("file_binary", name)
	case len(start) == 0:
		return contents{}, newError("file_empty", name)
	case start[0] == '{':
		return readJSON(name, text)
	case strings.EqualFold(filepath.Ext(name), ".json"):
		return contents{}, newError("file_json", name)
	}
	entries, err := readCSV(name, text)
	return contents{entries: entries}, err
}

// decodeText gives the text as UTF-8 without a byte order mark. Excel in Italy
// saves a CSV as Windows-1252 and a "Unicode text" as UTF-16.
func decodeText(raw []byte) ([]byte, bool) {
	var err error
	switch {
	case bytes.HasPrefix(raw, []byte("\xff\xfe")), bytes.HasPrefix(raw, []byte("\xfe\xff")):
		raw, err = unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewDecoder().Bytes(raw)
	case !utf8.Valid(raw):
		raw, err = charmap.Windows1252.NewDecoder().Bytes(raw)
	}
	raw = bytes.TrimPrefix(raw, []byte("\ufeff"))
	binary := bytes.ContainsFunc(raw, func(r rune) bool { return r < ' ' && r != '\t' && r != '\n' && r != '\r' })
	return raw, err == nil && !binary
}

// member is one key of a JSON object, with its value and the line it is on.
type member struct {
	key   string
	line  int
	at    int // where the value begins
	value []byte
}

// members walks one object of text, which begins at the byte from. Keys that
// stand twice come twice.
func members(text []byte, from int) ([]member, error) {
	dec := json.NewDecoder(bytes.NewReader(text[from:]))
	if tok, err := dec.Token(); err != nil || tok != json.Delim('{') {
		return nil, errors.Join(errors.New("an object was expected"), err)
	}
	var out []member
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		m := member{line: 1 + bytes.Count(text[:from+int(dec.InputOffset())], []byte("\n"))}
		m.key, _ = tok.(string) // the decoder lets only strings be keys
		var value json.RawMessage
		if err := dec.Decode(&value); err != nil {
			return nil, err
		}
		m.value, m.at = value, from+int(dec.InputOffset())-len(value)
		out = append(out, m)
	}
	if _, err := dec.Token(); err != nil {
		return nil, err
	}
	if _, err := dec.Token(); from == 0 && !errors.Is(err, io.EOF) {
		return nil, errors.New("something follows the object")
	}
	return out, nil
}

// readJSON takes the flat map of answers, or the body of a submission.
func readJSON(name string, text []byte) (contents, error) {
	fail := func(err error) (contents, error) {
		return contents{}, &Error{Code: "file_json", args: []any{name}, Err: err}
	}
	top, err := members(text, 0)
	if err != nil {
		return fail(err)
	}
	var out contents
	answers, isBody := top, false
	for _, m := range top {
		if m.key == "answers" && m.value[0] == '{' {
			isBody = true
			if answers, err = members(text, m.at); err != nil {
				return fail(err)
			}
		}
	}
	for _, m := range answers {
		var one survey.Answers // knows how each kind of value is read
		if err := json.Unmarshal(fmt.Appendf(nil, `{"v":%s}`, m.value), &one); err != nil {
			return fail(err)
		}
		out.entries = append(out.entries, entry{line: m.line, variable: m.key, value: one["v"]})
	}
	if !isBody {
		return out, nil
	}
	for _, m := range top {
		switch {
		case m.key == "part":
			err = json.Unmarshal(m.value, &out.part)
		case m.key == "institution":
			err = json.Unmarshal(m.value, &out.school)
		case m.key == "unavailable" && m.value[0] == '{':
			err = out.addUnavailable(text, m)
		}
		if err != nil {
			return fail(err)
		}
	}
	return out, nil
}

func (c *contents) addUnavailable(text []byte, m member) error {
	list, err := members(text, m.at)
	if err != nil {
		return err
	}
	for _, u := range list {
		e := entry{line: u.line, variable: u.key}
		if err := json.Unmarshal(u.value, &e.unavailable); err != nil {
			return err
		}
		c.entries = append(c.entries, e)
	}
	return nil
}

// readCSV takes variable and value, parted by comma, semicolon or tab.
func readCSV(name string, text []byte) ([]entry, error) {
	r := csv.NewReader(bytes.NewReader(text))
	r.FieldsPerRecord = -1
	r.Comma = separator(text)
	r.TrimLeadingSpace = r.Comma != '\t' // a tab would be trimmed as a space
	t := table{columns: 2}
	for {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		var parse *csv.ParseError
		if errors.As(err, &parse) { // an open quote is found at the end, but it is at its start
			return nil, &Error{Code: "file_csv", args: []any{name, parse.StartLine}, Err: err}
		}
		if err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err) // there is no disk behind it
		}
		line, _ := r.FieldPos(0)
		if !t.add(record, line) {
			return nil, newError("file_too_large", name)
		}
	}
	switch {
	case len(t.entries) == 0:
		return nil, newError("file_empty", name)
	case !t.two: // a letter, a web page: its lines would only be a list of faults
		return nil, newError("file_csv", name, t.entries[0].line)
	}
	return t.entries, nil
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

// table gathers the rows of a CSV or of a sheet.
type table struct {
	entries []entry
	columns int  // how many a row may have: two, or as many as the head has
	two     bool // some row has two
	headed  bool
}

// add takes one row; the head and blank rows are passed over. It is false when
// there are too many.
func (t *table) add(record []string, line int) bool {
	if strings.TrimSpace(strings.Join(record, "")) == "" {
		return true
	}
	e := entry{line: line, variable: strings.TrimSpace(record[0])}
	if len(t.entries) == 0 && !t.headed && (strings.EqualFold(e.variable, "variable") || strings.EqualFold(e.variable, "variabile")) {
		t.headed, t.two, t.columns = true, true, max(2, len(record))
		return true
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
	t.entries = append(t.entries, e)
	return len(t.entries) <= maxRows
}

// readXLSX takes the first sheet: variable in column A, value in column B.
func readXLSX(name string, raw []byte) (_ []entry, err error) {
	unreadable := func(cause error) error { return &Error{Code: "file_xlsx", args: []any{name}, Err: cause} }
	defer func() {
		// The file is anybody's, and the library has not met every broken one.
		if r := recover(); r != nil {
			err = unreadable(fmt.Errorf("panic: %v", r))
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(raw), excelize.Options{UnzipSizeLimit: maxUnzipped, UnzipXMLSizeLimit: maxInMemory})
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = f.Close() }() // removes temporary files, which the system does as well
	sheets := f.GetSheetList()
	if len(sheets) == 0 {
		return nil, newError("file_empty", name)
	}
	rows, err := f.Rows(sheets[0]) // row by row: one cell in the last column makes a row of 16384
	if err != nil {
		return nil, unreadable(err)
	}
	defer func() { _ = rows.Close() }()
	t := table{columns: excelize.MaxColumns} // people keep notes beside a sheet
	for line := 1; rows.Next(); line++ {
		record, err := rows.Columns(excelize.Options{RawCellValue: true})
		if err != nil {
			return nil, unreadable(err)
		}
		if len(record) == 1 {
			record = append(record, "") // Excel does not write the blank cells at a row's end
		}
		before := len(t.entries)
		if len(record) > 0 && (!t.add(record, line) || line > maxRows) {
			return nil, newError("file_too_large", name)
		}
		if len(t.entries) > before {
			t.entries[before].kind(f, sheets[0])
		}
	}
	if err := rows.Error(); err != nil {
		return nil, unreadable(err)
	}
	if len(t.entries) == 0 {
		return nil, newError("file_empty", name)
	}
	return t.entries, nil
}

// kind looks at the cell's type where it makes a difference.
func (e *entry) kind(f *excelize.File, sheet string) {
	if !strings.ContainsAny(e.text, ".#") {
		return
	}
	kind, err := f.GetCellType(sheet, fmt.Sprintf("B%d", e.line))
	if err != nil {
		return // then it is judged as text
	}
	switch kind {
	case excelize.CellTypeError:
		e.fault = "cell_error"
	case excelize.CellTypeNumber, excelize.CellTypeUnset:
		e.number = true
	}
}
