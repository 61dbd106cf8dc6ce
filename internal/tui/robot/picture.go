package robot

import (
	"image"
	"image/color"
	"image/draw"

	"golang.org/x/image/font"
	"golang.org/x/image/font/gofont/gomono"
	"golang.org/x/image/font/gofont/gomonobold"
	"golang.org/x/image/font/opentype"
	"golang.org/x/image/math/fixed"
)

// The picture's measures in pixels, and the colours of a terminal on paper.
const (
	cellW, cellH = 10, 20
	baseline     = 15
	margin       = 12
	fontSize     = 16.6 // of which a letter of Go Mono is ten pixels wide
)

var (
	paper = color.RGBA{0xff, 0xff, 0xff, 0xff}
	ink   = color.RGBA{0x1c, 0x1c, 0x1c, 0xff}
	frame = color.RGBA{0x9a, 0x9a, 0x9a, 0xff}
)

// Picture draws the screen as it is, cell by cell: weight, reverse, underline,
// colours and the cursor. The same screen gives the same picture. No other
// program takes part, so it cannot show what the form does not.
func (r *Robot) Picture() (image.Image, error) {
	plain, err := face(gomono.TTF)
	if err != nil {
		return nil, err
	}
	bold, err := face(gomonobold.TTF)
	if err != nil {
		return nil, err
	}
	img := image.NewRGBA(image.Rect(0, 0, r.w*cellW+2*margin, r.h*cellH+2*margin))
	fill(img, img.Bounds(), frame)
	fill(img, img.Bounds().Inset(1), paper)
	cx, cy, visible := r.Cursor()
	for y := range r.h {
		for x := range r.w {
			c := r.Cell(x, y)
			f := plain
			if c.Bold {
				f = bold
			}
			drawCell(img, f, image.Pt(margin+x*cellW, margin+y*cellH), c, visible && x == cx && y == cy)
		}
	}
	return img, nil
}

func face(ttf []byte) (font.Face, error) {
	f, err := opentype.Parse(ttf)
	if err != nil {
		return nil, err
	}
	return opentype.NewFace(f, &opentype.FaceOptions{Size: fontSize, DPI: 72, Hinting: font.HintingFull})
}

func fill(img draw.Image, r image.Rectangle, c color.Color) {
	draw.Draw(img, r, image.NewUniform(c), image.Point{}, draw.Src)
}

func drawCell(img draw.Image, f font.Face, at image.Point, c Cell, cursor bool) {
	fg, bg := color.Color(ink), color.Color(paper)
	if c.Fg != nil {
		fg = c.Fg
	}
	if c.Bg != nil {
		bg = c.Bg
	}
	if c.Faint {
		fg = frame
	}
	if c.Reverse {
		fg, bg = bg, fg
	}
	box := image.Rectangle{Min: at, Max: at.Add(image.Pt(cellW*max(c.Width, 1), cellH))}
	fill(img, box, bg)
	if line, ok := lines[c.Text]; ok {
		drawLine(img, box, fg, line)
	} else if c.Text != "" && c.Text != " " {
		d := font.Drawer{Dst: img, Src: image.NewUniform(fg), Face: f, Dot: fixed.P(at.X, at.Y+baseline)}
		d.DrawString(c.Text)
	}
	if c.Underline {
		fill(img, image.Rect(box.Min.X, at.Y+baseline+2, box.Max.X, at.Y+baseline+3), fg)
	}
	if cursor { // a bar on the left, as wide as a terminal's
		fill(img, image.Rect(at.X, at.Y+1, at.X+2, at.Y+cellH-1), fg)
	}
}

// lines are the box drawing characters, drawn and not printed, so that they
// meet: which of left, right, up and down they reach.
var lines = map[string][4]bool{
	"─": {true, true, false, false}, "│": {false, false, true, true},
	"┌": {false, true, false, true}, "┐": {true, false, false, true}, "└": {false, true, true, false}, "┘": {true, false, true, false},
	"├": {false, true, true, true}, "┤": {true, false, true, true}, "┬": {true, true, false, true}, "┴": {true, true, true, false},
	"┼": {true, true, true, true},
}

func drawLine(img draw.Image, box image.Rectangle, c color.Color, reach [4]bool) {
	x, y := (box.Min.X+box.Max.X)/2, (box.Min.Y+box.Max.Y)/2
	for i, r := range []image.Rectangle{
		image.Rect(box.Min.X, y, x+1, y+1), image.Rect(x, y, box.Max.X, y+1),
		image.Rect(x, box.Min.Y, x+1, y+1), image.Rect(x, y, x+1, box.Max.Y),
	} {
		if reach[i] {
			fill(img, r, c)
		}
	}
}
