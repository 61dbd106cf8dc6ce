package paper

// Cell is one place of a table.
type Cell struct {
	Text   string
	Span   int // columns that it covers; 0 is one
	Middle bool
	Bold   bool
	Shaded bool // closed, computed: not to be filled in
}

// Table is a grid with lines. Widths are in millimetres; the columns of width
// 0 share what the others leave.
type Table struct {
	Widths []float64
	Head   [][]Cell // again at the top of each page that the table reaches
	Rows   [][]Cell
}

// tableSize is that of letters in a table: twelve columns have to fit.
const tableSize = 8

// Table sets a table; a row is never broken over two pages.
func (d *Document) Table(t Table) {
	widths := shared(t.Widths)
	head := 0.0
	for _, row := range t.Head {
		head += d.height(row, widths)
	}
	first := 0.0
	if len(t.Rows) > 0 {
		first = d.height(t.Rows[0], widths)
	}
	d.keep(head + first)
	d.rows(t.Head, widths)
	for _, row := range t.Rows {
		before := d.pdf.PageNo()
		d.keep(d.height(row, widths))
		if d.pdf.PageNo() != before {
			d.rows(t.Head, widths)
		}
		d.row(row, widths)
	}
	d.pdf.Ln(2.5)
}

// shared gives the columns without a width an equal part of the rest.
func shared(widths []float64) []float64 {
	left, open := float64(textWidth), 0
	for _, w := range widths {
		left -= w
		if w == 0 {
			open++
		}
	}
	out := append([]float64(nil), widths...)
	for i := range out {
		if out[i] == 0 {
			out[i] = max(left, 0) / float64(open)
		}
	}
	return out
}

func (d *Document) rows(rows [][]Cell, widths []float64) {
	for _, row := range rows {
		d.row(row, widths)
	}
}

const cellPadding = 1

// each calls f with every cell of a row and the width that it covers.
func each(row []Cell, widths []float64, f func(c Cell, width float64)) {
	column := 0
	for _, c := range row {
		width := 0.0
		for range max(c.Span, 1) {
			if column < len(widths) {
				width += widths[column]
			}
			column++
		}
		f(c, width)
	}
}

func (d *Document) height(row []Cell, widths []float64) float64 {
	lines := 1
	each(row, widths, func(c Cell, width float64) {
		d.cellFont(c)
		lines = max(lines, len(d.pdf.SplitText(printable(c.Text), width-2*cellPadding)))
	})
	return float64(lines)*lineHeight(tableSize) + 2*cellPadding
}

func (d *Document) row(row []Cell, widths []float64) {
	height := d.height(row, widths)
	x, y := float64(margin), d.pdf.GetY()
	each(row, widths, func(c Cell, width float64) {
		style, align := "D", "L"
		if c.Shaded {
			d.pdf.SetFillColor(225, 225, 225)
			style = "FD"
		}
		if c.Middle {
			align = "C"
		}
		d.pdf.Rect(x, y, width, height, style)
		d.cellFont(c)
		for i, line := range d.pdf.SplitText(printable(c.Text), width-2*cellPadding) {
			d.pdf.SetXY(x+cellPadding, y+cellPadding+float64(i)*lineHeight(tableSize))
			d.pdf.CellFormat(width-2*cellPadding, lineHeight(tableSize), line, "", 0, align, false, 0, "")
		}
		x += width
	})
	d.pdf.SetXY(margin, y+height)
}

func (d *Document) cellFont(c Cell) {
	style := ""
	if c.Bold {
		style = "B"
	}
	d.font(sans, style, tableSize)
}
