package export

import (
	"archive/zip"
	"compress/flate"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbookName is the only file of the format XLSX.
const workbookName = "export.xlsx"

// xlsxSink writes one workbook: a sheet per table, its header frozen and with
// a filter, numbers as numbers and times as times. A table that has more rows
// than a sheet can hold goes on in another.
type xlsxSink struct {
	book   *excelize.File
	path   string
	date   int // styles
	bold   int
	sheets map[*table]*xlsxSheet
	order  []*table
}

type xlsxSheet struct {
	out   *excelize.StreamWriter
	rows  int // written, the header too
	count int // sheets of this table
}

func openXLSX(dir string, tables []*table, opt Options) (s *xlsxSink, err error) {
	s = &xlsxSink{book: excelize.NewFile(), path: filepath.Join(dir, workbookName), sheets: map[*table]*xlsxSheet{}, order: tables}
	// Without these the workbook would carry the time at which it was written.
	at := opt.AsOf.Format(time.RFC3339)
	if err := s.book.SetDocProps(&excelize.DocProperties{Creator: "Rileva", LastModifiedBy: "Rileva", Created: at, Modified: at}); err != nil {
		return s, err
	}
	if s.bold, err = s.book.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}}); err != nil {
		return s, err
	}
	format := "yyyy-mm-dd hh:mm:ss"
	if s.date, err = s.book.NewStyle(&excelize.Style{CustomNumFmt: &format}); err != nil {
		return s, err
	}
	for _, t := range tables {
		s.sheets[t] = &xlsxSheet{}
		if err := s.sheet(t); err != nil {
			return s, err
		}
	}
	return s, s.book.DeleteSheet("Sheet1")
}

// sheet begins the table's next sheet.
func (s *xlsxSink) sheet(t *table) (err error) {
	x := s.sheets[t]
	if x.out != nil {
		if err := x.out.Flush(); err != nil {
			return err
		}
	}
	x.count++
	name := t.title
	if x.count > 1 {
		name = fmt.Sprintf("%s (%d)", t.title, x.count)
	}
	if _, err := s.book.NewSheet(name); err != nil {
		return err
	}
	if x.out, err = s.book.NewStreamWriter(name); err != nil {
		return err
	}
	if err := x.out.SetPanes(&excelize.Panes{Freeze: true, YSplit: 1, TopLeftCell: "A2", ActivePane: "bottomLeft"}); err != nil {
		return err
	}
	header := make([]any, len(t.columns))
	for i, c := range t.columns {
		header[i] = excelize.Cell{StyleID: s.bold, Value: c.name}
	}
	x.rows = 1
	return x.out.SetRow("A1", header)
}

func (s *xlsxSink) write(t *table, row []any) error {
	x := s.sheets[t]
	if x.rows == excelize.TotalRows {
		if err := s.sheet(t); err != nil {
			return err
		}
	}
	x.rows++
	cells := make([]any, len(row))
	for i, value := range row {
		cells[i] = s.cell(value)
	}
	return x.out.SetRow(fmt.Sprintf("A%d", x.rows), cells)
}

func (s *xlsxSink) cell(value any) any {
	switch v := value.(type) {
	case nil, int, bool:
		return v
	case word:
		return string(v)
	case json.Number:
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case time.Time:
		return excelize.Cell{StyleID: s.date, Value: v.UTC()}
	}
	// Excel holds no more in a cell; the whole text stands in the CSV.
	text := []rune(strings.ToValidUTF8(spell(value), "�"))
	return string(text[:min(len(text), excelize.TotalCellChars)])
}

func (s *xlsxSink) close() ([]string, error) {
	var err error
	for _, t := range s.order {
		if x := s.sheets[t]; x.out != nil {
			err = firstError(err, x.out.Flush())
		}
	}
	if err == nil {
		err = s.save()
	}
	return []string{workbookName}, firstError(err, s.book.Close())
}

// save writes the workbook's pieces by name: the library writes them in the
// order of a map, and the same workbook must be the same bytes.
func (s *xlsxSink) save() (err error) {
	loose, err := os.CreateTemp(filepath.Dir(s.path), "loose-")
	if err != nil {
		return err
	}
	defer func() { err = firstError(err, loose.Close(), os.Remove(loose.Name())) }()
	// Past the library's buffer, which would hold all of the workbook.
	s.book.SetZipWriter(func(io.Writer) excelize.ZipWriter {
		w := zip.NewWriter(loose)
		// Deflate's fastest: a third of the time, a tenth more bytes.
		w.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
		return w
	})
	if _, err := s.book.WriteTo(io.Discard); err != nil {
		return err
	}
	info, err := loose.Stat()
	if err != nil {
		return err
	}
	pieces, err := zip.NewReader(loose, info.Size())
	if err != nil {
		return err
	}
	slices.SortFunc(pieces.File, func(a, b *zip.File) int { return strings.Compare(a.Name, b.Name) })
	f, err := os.OpenFile(s.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	out := zip.NewWriter(f)
	for _, piece := range pieces.File {
		err = firstError(err, out.Copy(piece))
	}
	return firstError(err, out.Close(), f.Sync(), f.Close())
}
