package desk

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"path/filepath"
	"strings"

	"github.com/xuri/excelize/v2"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Tables lists the tables of the part that have numbers to type.
func (w *Work) Tables() []*survey.Grid {
	var out []*survey.Grid
	for _, s := range w.Sheet.Sections {
		for _, item := range s.Items {
			if item.Grid != nil && len(typedRows(item.Grid)) > 0 {
				out = append(out, item.Grid)
			}
		}
	}
	return out
}

// typedRows are the rows of a table that hold whole numbers which are typed.
func typedRows(g *survey.Grid) []*survey.Row {
	var out []*survey.Row
	for _, r := range g.Rows {
		if !r.Computed && r.Type == survey.TypeInteger {
			out = append(out, r)
		}
	}
	return out
}

// Template makes the sheet that one table is filled in on with a spreadsheet:
// XLSX, or CSV when the name says so. Its head names the institution, the part
// and the table, which are checked when it is read; below stand the numbers of
// the draft. Errors: no_table, which_table.
func (w *Work) Template(table, name string) ([]byte, error) {
	g := w.Sheet.Grid(table)
	if g == nil || len(typedRows(g)) == 0 {
		var ids []string
		for _, t := range w.Tables() {
			ids = append(ids, t.ID)
		}
		if table == "" {
			return nil, newError("which_table", strings.Join(ids, ", "))
		}
		return nil, newError("no_table", surveysync.Visible(table), strings.Join(ids, ", "))
	}
	lines := w.templateLines(g)
	if strings.EqualFold(filepath.Ext(name), ".csv") {
		return templateCSV(lines)
	}
	return templateXLSX(lines)
}

// templateLines are the lines of a template. The first columns are read by
// [rows.addRow], what stands beside them is for people.
func (w *Work) templateLines(g *survey.Grid) [][]any {
	lang, typed := w.desk.lang, typedRows(g)
	out := [][]any{
		{markTemplate, word(lang, "template_how")},
		{markInstitution, w.inst.Code, w.inst.Name},
		{markPart, w.Part, w.Sheet.Title.In(lang)},
		{markTable, g.ID, g.Title.In(lang)},
		{},
	}
	heads, names := []any{markRow, ""}, []any{"", ""}
	for _, cell := range typed[0].Cells {
		head := strings.TrimPrefix(strings.TrimPrefix(cell.ID, typed[0].ID), "_")
		if head == "" {
			head = sameCell
		}
		heads, names = append(heads, head), append(names, strings.TrimPrefix(cell.Name(lang), typed[0].Label.In(lang)+", "))
	}
	out = append(out, heads, names)
	for _, row := range typed {
		line := []any{row.ID, row.Label.In(lang)}
		for _, cell := range row.Cells {
			if n, ok := w.Value(cell.ID).(int); ok {
				line = append(line, n)
			} else {
				line = append(line, nil)
			}
		}
		out = append(out, line)
	}
	return out
}

func templateCSV(lines [][]any) ([]byte, error) {
	out := bytes.NewBufferString("\ufeff") // without it Excel takes the accents for something else
	c := csv.NewWriter(out)
	c.Comma, c.UseCRLF = ';', true
	for _, line := range lines {
		record := make([]string, len(line))
		for i, v := range line {
			if v != nil {
				record[i] = fmt.Sprint(v)
			}
		}
		if err := c.Write(record); err != nil {
			return nil, fmt.Errorf("write a template: %w", err) // there is no disk behind it
		}
	}
	c.Flush()
	return out.Bytes(), c.Error()
}

func templateXLSX(lines [][]any) ([]byte, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	sheet := f.GetSheetName(0)
	for i, line := range lines {
		at, err := excelize.CoordinatesToCellName(1, i+1)
		if err == nil {
			err = f.SetSheetRow(sheet, at, &line)
		}
		if err != nil {
			return nil, fmt.Errorf("write a template: %w", err)
		}
	}
	bold, err := f.NewStyle(&excelize.Style{Font: &excelize.Font{Bold: true}})
	if err == nil {
		err = f.SetRowStyle(sheet, 1, templateHead, bold)
	}
	if err == nil {
		err = f.SetColWidth(sheet, "B", "B", 60)
	}
	if err == nil {
		err = f.SetPanes(sheet, &excelize.Panes{Freeze: true, XSplit: 2, YSplit: templateHead, TopLeftCell: fmt.Sprintf("C%d", templateHead+1), ActivePane: "bottomRight"})
	}
	if err != nil {
		return nil, fmt.Errorf("write a template: %w", err)
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("write a template: %w", err)
	}
	return out.Bytes(), nil
}

// templateHead is the number of lines above the first row of a table.
const templateHead = 7

// TableImport is what a file would do to one table of the draft.
type TableImport struct {
	Changes []CellChange `json:"changes"`
	Same    int          `json:"same"`  // stand in the draft already
	Blank   int          `json:"blank"` // without a number in the file: they change nothing
	Faults  []FillFault  `json:"faults"`
}

// CellChange is one cell that would hold another number.
type CellChange struct {
	Line     int    `json:"line"` // of the file
	Variable string `json:"variable"`
	Label    string `json:"label"` // row and column in words
	From     string `json:"from"`  // in words; "" is blank
	To       int    `json:"to"`
}

// ReadTable reads a template that was filled in. Nothing is written: the person
// sees first what would change. A file of another school, part or table is
// refused, and so is one that does not say whose it is: the rows of two tracks
// bear the same names. Errors: file_no_table, file_other_school,
// file_other_part, file_other_table and those of unreadable files.
func (w *Work) ReadTable(table, name string, raw []byte) (TableImport, error) {
	out := TableImport{Changes: []CellChange{}, Faults: []FillFault{}}
	file, err := readContents(name, raw)
	if err != nil {
		return out, err
	}
	if file.table == "" || file.part == "" || file.school == "" {
		return out, newError("file_no_table", name)
	}
	if err := w.mine(name, file); err != nil {
		return out, err
	}
	if file.table != table {
		title := surveysync.Visible(file.table)
		if other := w.Sheet.Grid(file.table); other != nil {
			title = other.Title.In(w.desk.lang)
		}
		return out, newError("file_other_table", name, title)
	}
	read := w.read(file.entries)
	out.Blank, out.Faults = read.blank, read.faults
	for i, c := range read.changes {
		v, fault := w.Sheet.Variable(c.Variable), ""
		n, whole := c.Value.(int)
		switch status := w.Eval.Status(v.ID); {
		case v.Row == nil || v.Row.Grid.ID != table || !whole:
			fault = "not_of_table"
		case n != 0 && (status == survey.Closed || status == survey.Irrelevant):
			fault = "cell_closed"
		}
		switch {
		case fault != "":
			out.Faults = append(out.Faults, FillFault{read.lines[i], v.ID, word(w.desk.lang, fault)})
		case survey.Equal(w.Value(v.ID), n):
			out.Same++
		default:
			from := survey.Show(w.Value(v.ID), w.desk.lang)
			if reason := w.Draft.Unavailable[v.ID]; reason != "" {
				from = optionLabel(w.Sheet.Questionnaire().Unavailable, reason, w.desk.lang)
			}
			out.Changes = append(out.Changes, CellChange{Line: read.lines[i], Variable: v.ID, Label: v.Name(w.desk.lang), From: from, To: n})
		}
	}
	return out, nil
}

func optionLabel(options []survey.Option, id, lang string) string {
	for _, o := range options {
		if o.ID == id {
			return o.Label.In(lang)
		}
	}
	return id
}
