package paper

import (
	"bytes"
	"fmt"
	"strings"
	"time"
	"unicode"

	"codeberg.org/go-pdf/fpdf"
	"golang.org/x/image/font/gofont/gobold"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/goregular"
)

// Measures of a page, in millimetres.
const (
	pageHeight   = 297
	margin       = 18
	bottomMargin = 20
	textWidth    = 210 - 2*margin
)

// Sizes of letters, in points.
const (
	titleSize = 17
	headSize  = 11.5
	textSize  = 10
	smallSize = 8
	codeSize  = 18
)

// The families under which the fonts are known to the library.
const (
	sans = "sans"
	mono = "mono"
)

// Info is what a document says of itself.
type Info struct {
	Title string
	Lang  string    // "it" or "en", for programs that read aloud
	At    time.Time // the document's own date, in its properties
	// Foot stands at the bottom of each page, beside the page's number; %[1]d
	// is the page and %[2]d how many there are. "" for none.
	Foot string
}

// Document is a stack of pages of A4, filled from the top to the bottom. Its
// methods never fail; what went wrong comes from Bytes.
type Document struct {
	pdf   *fpdf.Fpdf
	info  Info
	files []fpdf.Attachment
}

// New begins a document with its first page.
func New(info Info) *Document {
	pdf := fpdf.New("P", "mm", "A4", "")
	pdf.SetMargins(margin, margin, margin)
	pdf.SetAutoPageBreak(true, bottomMargin)
	pdf.SetCatalogSort(true) // else fonts come in a map's order
	pdf.SetCreationDate(info.At.UTC())
	pdf.SetModificationDate(info.At.UTC())
	pdf.SetTitle(info.Title, true)
	pdf.SetProducer("Rileva", true)
	pdf.SetLang(info.Lang)
	// The library writes into the bytes that it is given, so each document has
	// its own: else the second one would differ from the first.
	pdf.AddUTF8FontFromBytes(sans, "", bytes.Clone(goregular.TTF))
	pdf.AddUTF8FontFromBytes(sans, "B", bytes.Clone(gobold.TTF))
	pdf.AddUTF8FontFromBytes(mono, "", bytes.Clone(gomono.TTF))
	pdf.SetLineWidth(0.2)
	d := &Document{pdf: pdf, info: info}
	d.NewPage()
	return d
}

// NewPage ends the page.
func (d *Document) NewPage() { d.pdf.AddPage() }

// Title is what the document is.
func (d *Document) Title(text string) {
	d.write("B", titleSize, text)
	d.pdf.Ln(3)
}

// Head is the head of a section; it never stands alone at a page's end.
func (d *Document) Head(text string) {
	d.keep(25)
	d.pdf.Ln(2)
	d.write("B", headSize, text)
	d.pdf.Ln(1)
}

// Text is a paragraph.
func (d *Document) Text(text string) {
	d.write("", textSize, text)
	d.pdf.Ln(1.5)
}

// Small is a paragraph of lesser weight.
func (d *Document) Small(text string) {
	d.pdf.SetTextColor(70, 70, 70)
	d.write("", smallSize, text)
	d.pdf.SetTextColor(0, 0, 0)
	d.pdf.Ln(1)
}

// Rule draws a line across the page.
func (d *Document) Rule() {
	d.pdf.Ln(1.5)
	y := d.pdf.GetY()
	d.pdf.Line(margin, y, margin+textWidth, y)
	d.pdf.Ln(2.5)
}

// Code is something to be copied letter by letter, such as a password or a
// number: large, of one width, in a frame. What is wider than the frame goes on
// in its next line.
func (d *Document) Code(label, code string) {
	const inner, labelHeight, codeHeight = textWidth - 8, 4, 10
	d.font(sans, "", smallSize)
	labels := d.pdf.SplitText(printable(label), inner)
	d.font(mono, "", codeSize)
	codes := d.pdf.SplitText(printable(code), inner)
	height := float64(labelHeight*len(labels)+codeHeight*len(codes)) + 4
	d.keep(height + 4)
	y := d.pdf.GetY() + 1
	d.pdf.SetFillColor(242, 242, 242)
	d.pdf.Rect(margin, y, textWidth, height, "FD")
	d.pdf.SetXY(margin+4, y+2)
	d.font(sans, "", smallSize)
	for _, line := range labels {
		d.pdf.CellFormat(inner, labelHeight, line, "", 2, "L", false, 0, "")
	}
	d.font(mono, "", codeSize)
	for _, line := range codes {
		d.pdf.CellFormat(inner, codeHeight, line, "", 2, "L", false, 0, "")
	}
	d.pdf.SetXY(margin, y+height+3)
}

// Fact is one line of a list of facts.
type Fact struct {
	Label, Value string
	// Exact: the value is a code or a digest, set in letters of one width.
	Exact bool
}

const labelWidth = 48

// Facts lists labels with their values beside them.
func (d *Document) Facts(facts ...Fact) {
	for _, f := range facts {
		d.keep(d.factHeight(f))
		y := d.pdf.GetY()
		d.font(sans, "B", textSize)
		d.pdf.MultiCell(labelWidth, lineHeight(textSize), printable(f.Label), "", "L", false)
		under := d.pdf.GetY()
		d.pdf.SetXY(margin+labelWidth, y)
		if f.Exact {
			d.font(mono, "", textSize-1)
		} else {
			d.font(sans, "", textSize)
		}
		d.pdf.SetLeftMargin(margin + labelWidth)
		d.pdf.MultiCell(textWidth-labelWidth, lineHeight(textSize), printable(f.Value), "", "L", false)
		d.pdf.SetLeftMargin(margin)
		d.pdf.SetXY(margin, max(under, d.pdf.GetY())+0.8)
	}
	d.pdf.Ln(1)
}

// factHeight is what a fact takes, so that it does not begin on one page and
// end on the next.
func (d *Document) factHeight(f Fact) float64 {
	d.font(sans, "B", textSize)
	lines := len(d.pdf.SplitText(printable(f.Label), labelWidth))
	if f.Exact {
		d.font(mono, "", textSize-1)
	} else {
		d.font(sans, "", textSize)
	}
	lines = max(lines, len(d.pdf.SplitText(printable(f.Value), textWidth-labelWidth)))
	return float64(lines+1) * lineHeight(textSize)
}

// Attach puts a file into the document, where readers of PDF show it beside
// the pages.
func (d *Document) Attach(name, description string, content []byte) {
	d.files = append(d.files, fpdf.Attachment{Filename: name, Description: description, Content: content})
}

// Bytes ends the document and gives it as PDF.
func (d *Document) Bytes() ([]byte, error) {
	pages := d.pdf.PageCount()
	d.pdf.SetAutoPageBreak(false, 0)
	for page := 1; page <= pages && d.info.Foot != ""; page++ {
		d.pdf.SetPage(page)
		d.pdf.SetXY(margin, pageHeight-14)
		d.font(sans, "", smallSize)
		d.pdf.CellFormat(textWidth, 5, printable(fmt.Sprintf(d.info.Foot, page, pages)), "T", 0, "C", false, 0, "")
	}
	d.pdf.SetPage(pages)
	d.pdf.SetAttachments(d.files)
	var b bytes.Buffer
	if err := d.pdf.Output(&b); err != nil {
		return nil, fmt.Errorf("lay out %q: %w", d.info.Title, err)
	}
	return b.Bytes(), nil
}

// write sets a paragraph over the whole width.
func (d *Document) write(style string, size float64, text string) {
	d.font(sans, style, size)
	d.pdf.MultiCell(textWidth, lineHeight(size), printable(text), "", "L", false)
}

func (d *Document) font(family, style string, size float64) { d.pdf.SetFont(family, style, size) }

// keep begins a new page unless this one has so many millimetres left.
func (d *Document) keep(height float64) {
	if d.pdf.GetY()+height > pageHeight-bottomMargin {
		d.NewPage()
	}
}

// lineHeight is in millimetres, for letters of size points.
func lineHeight(size float64) float64 { return size * 0.3528 * 1.35 }

// printable leaves out what a page cannot show: people paste anything, and the
// library has no place for letters beyond the first plane of Unicode.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n':
			return r
		case r > 0xffff || r == unicode.ReplacementChar:
			return '?'
		case unicode.IsSpace(r):
			return ' '
		case !unicode.IsPrint(r):
			return -1
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
}
