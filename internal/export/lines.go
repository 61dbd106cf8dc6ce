package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"strconv"
	"time"

	surveysync "rileva/pkg/sync"
)

// linesSink writes JSON Lines: an object a row, keys in the order of the
// columns, without the cells that are empty. Values keep their types, texts
// are as they were sent, what a terminal acts upon written as \uXXXX: a program
// reads them, no spreadsheet, and somebody will look at them with less.
type linesSink struct{ files map[*table]*linesFile }

type linesFile struct {
	name string
	file *os.File
	out  *bufio.Writer
	keys [][]byte // by column, as they are written: "name":
	line []byte
}

func openLines(dir string, tables []*table) (*linesSink, error) {
	s := &linesSink{files: map[*table]*linesFile{}}
	for _, t := range tables {
		name := t.name + ".jsonl"
		f, err := create(dir, name)
		if err != nil {
			return s, err
		}
		file := &linesFile{name: name, file: f, out: bufio.NewWriterSize(surveysync.NewScreen(f), 1<<16)}
		for _, c := range t.columns {
			key, err := appendJSON(nil, c.name)
			if err != nil {
				return s, err
			}
			file.keys = append(file.keys, append(key, ':'))
		}
		s.files[t] = file
	}
	return s, nil
}

func (s *linesSink) write(t *table, row []any) (err error) {
	f := s.files[t]
	line := f.line[:0]
	line = append(line, '{')
	for i, value := range row {
		if value == nil || value == "" {
			continue
		}
		if len(line) > 1 {
			line = append(line, ',')
		}
		if line, err = appendJSON(append(line, f.keys[i]...), value); err != nil {
			return err
		}
	}
	line = append(line, "}\n"...)
	f.line = line
	_, err = f.out.Write(line)
	return err
}

// appendJSON writes a value: numbers and ids itself, because nearly all that
// is written is one, and the rest by the library.
func appendJSON(line []byte, value any) ([]byte, error) {
	switch v := value.(type) {
	case int:
		return strconv.AppendInt(line, int64(v), 10), nil
	case bool:
		return strconv.AppendBool(line, v), nil
	case word:
		return append(append(append(line, '"'), v...), '"'), nil
	case withheld:
		value = map[string]string{"unavailable": string(v)}
	case time.Time:
		value = moment(v)
	}
	if s, ok := value.(string); ok && plain(s) {
		return append(append(append(line, '"'), s...), '"'), nil
	}
	b := bytes.NewBuffer(line)
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	err := enc.Encode(value)
	b.Truncate(max(b.Len()-1, 0)) // the line end that Encode adds
	return b.Bytes(), err
}

func (s *linesSink) close() (names []string, err error) {
	for _, f := range s.files {
		err = firstError(err, f.out.Flush(), f.file.Sync(), f.file.Close())
		names = append(names, f.name)
	}
	return names, err
}
