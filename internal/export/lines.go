package export

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
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
}

func openLines(dir string, tables []*table) (*linesSink, error) {
	s := &linesSink{files: map[*table]*linesFile{}}
	for _, t := range tables {
		name := t.name + ".jsonl"
		f, err := create(dir, name)
		if err != nil {
			return s, err
		}
		s.files[t] = &linesFile{name, f, bufio.NewWriterSize(surveysync.NewScreen(f), 1<<16)}
	}
	return s, nil
}

func (s *linesSink) write(t *table, row []any) error {
	var line bytes.Buffer
	line.WriteByte('{')
	for i, value := range row {
		if value == nil || value == "" {
			continue
		}
		switch v := value.(type) {
		case withheld:
			value = map[string]string{"unavailable": string(v)}
		case time.Time:
			value = moment(v)
		}
		if line.Len() > 1 {
			line.WriteByte(',')
		}
		if err := appendJSON(&line, t.columns[i].name); err != nil {
			return err
		}
		line.WriteByte(':')
		if err := appendJSON(&line, value); err != nil {
			return err
		}
	}
	line.WriteString("}\n")
	_, err := s.files[t].out.Write(line.Bytes())
	return err
}

func appendJSON(b *bytes.Buffer, v any) error {
	enc := json.NewEncoder(b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return err
	}
	b.Truncate(b.Len() - 1) // the line end that Encode adds
	return nil
}

func (s *linesSink) close() (names []string, err error) {
	for _, f := range s.files {
		err = firstError(err, f.out.Flush(), f.file.Sync(), f.file.Close())
		names = append(names, f.name)
	}
	return names, err
}
