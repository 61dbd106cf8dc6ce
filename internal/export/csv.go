package export

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
	"unicode"
)

// csvSink writes a file per table. It spells the cells itself, without a
// string for each: the long table has hundreds of cells a sheet.
type csvSink struct{ files map[*table]*csvFile }

type csvFile struct {
	name string
	file *os.File
	out  *bufio.Writer
	line []byte
}

func openCSV(dir string, tables []*table) (*csvSink, error) {
	s := &csvSink{files: map[*table]*csvFile{}}
	for _, t := range tables {
		name := t.name + ".csv"
		f, err := create(dir, name)
		if err != nil {
			return s, err
		}
		s.files[t] = &csvFile{name: name, file: f, out: bufio.NewWriterSize(f, 1<<16)}
		header := make([]any, len(t.columns))
		for i, c := range t.columns {
			header[i] = c.name
		}
		if err := s.write(t, header); err != nil {
			return s, err
		}
	}
	return s, nil
}

func (s *csvSink) write(t *table, row []any) error {
	f := s.files[t]
	f.line = f.line[:0]
	for i, value := range row {
		if i > 0 {
			f.line = append(f.line, ',')
		}
		f.line = appendCSV(f.line, value)
	}
	f.line = append(f.line, '\n')
	_, err := f.out.Write(f.line)
	return err
}

func (s *csvSink) close() (names []string, err error) {
	for _, f := range s.files {
		err = firstError(err, f.out.Flush(), f.file.Sync(), f.file.Close())
		names = append(names, f.name)
	}
	return names, err
}

// appendCSV spells one cell; nil is an empty one.
func appendCSV(line []byte, value any) []byte {
	switch v := value.(type) {
	case nil:
		return line
	case int:
		return strconv.AppendInt(line, int64(v), 10)
	case word:
		return append(line, v...)
	case bool:
		return strconv.AppendBool(line, v)
	case time.Time:
		return append(line, moment(v)...)
	}
	if s, ok := value.(string); ok && plain(s) {
		return append(line, s...)
	}
	s := spell(value)
	if s != "" && !strings.ContainsAny(s, "\",\r\n") && s[0] != ' ' {
		return append(line, s...)
	}
	if s == "" {
		return line
	}
	line = append(line, '"')
	line = append(line, strings.ReplaceAll(s, `"`, `""`)...)
	return append(line, '"')
}

// plain tells whether s is made of letters, digits, _ and . of ASCII alone, as
// nearly all that is written is, and can stand as it is.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '_' && c != '.' {
			return false
		}
	}
	return true
}

// spell gives a value that is text, or is written as text.
func spell(value any) string {
	switch v := value.(type) {
	case string:
		return harmless(v)
	case word:
		return string(v)
	case withheld:
		return string(v)
	case json.Number: // a decimal, as it was sent
		return v.String()
	case []string:
		raw, _ := json.Marshal(v) // strings always go
		return string(raw)
	case time.Time:
		return moment(v)
	}
	return harmless(fmt.Sprint(value))
}

// harmless takes from a text what a program that opens the file would act
// upon: an apostrophe goes before a text that begins like a formula (OWASP,
// CSV Injection), and control characters other than line ends become U+FFFD.
func harmless(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case r == '\r':
			return -1
		case r == '\n' || r == '\t':
			return r
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
			return unicode.ReplacementChar
		}
		return r
	}, s)
	if s != "" && strings.ContainsRune("=+-@\t", rune(s[0])) {
		return "'" + s
	}
	return s
}

// moment is a time in UTC to the millisecond, which is what the store keeps.
func moment(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

// create makes a file that only its owner reads: answers are the schools'.
func create(dir, name string) (*os.File, error) {
	return os.OpenFile(filepath.Join(dir, name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
