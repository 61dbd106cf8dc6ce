package tui

import (
	"bytes"
	"flag"
	"image"
	"image/color"
	"image/draw"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"rileva/internal/tui/robot"
	"rileva/pkg/survey"
)

var pictures = flag.String("pictures", "", "write the pictures of the guides into this folder")

// TestPictures makes the pictures of the README and of the guides: the form at
// work on a made-up school, drawn from the cells of the terminal. Without
// -pictures it only goes through the steps, so that they stay possible.
//
//	make pictures
func TestPictures(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "it")
	seen := map[string]string{}
	shoot := func(name string) {
		t.Helper()
		w.robot.Send(struct{}{}) // what was opened without a key is drawn too
		if other := seen[w.screen()]; other != "" {
			t.Errorf("%s shows the same as %s", name, other)
		}
		seen[w.screen()] = name
		picture(t, w.robot, name)
	}
	real := w.url
	w.url = "https://rileva.esempio.it" // the tests' own address would change every time
	w.reopen()
	w.sees("Password")
	shoot("accesso")
	w.url = real
	w.reopen()
	w.signed().filled(general, survey.TrackLiceale)
	shoot("pagina-iniziale")
	w.at(general, "institution_phone")
	shoot("domanda")
	w.at(survey.TrackLiceale, "enrolled_start_y2_f")
	w.types("97")
	w.press("enter")
	shoot("tabella")
	w.press("f4")
	shoot("rilievi")
	w.filled(survey.TrackLiceale)
	w.app.home()
	openSubmit(w.app, general)
	shoot("invio")
}

func picture(t *testing.T, r *robot.Robot, name string) {
	t.Helper()
	img, err := r.Picture()
	if err != nil {
		t.Fatal(err)
	}
	again, err := r.Picture()
	if err != nil || !bytes.Equal(img.(*image.RGBA).Pix, again.(*image.RGBA).Pix) {
		t.Errorf("%s: two pictures of one screen differ (%v)", name, err)
	}
	if *pictures == "" {
		return
	}
	// Few colours: a palette makes the file a fifth as large.
	small := image.NewPaletted(img.Bounds(), paletteOf(img))
	draw.Draw(small, img.Bounds(), img, image.Point{}, draw.Src)
	var b bytes.Buffer
	if err := (&png.Encoder{CompressionLevel: png.BestCompression}).Encode(&b, small); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(*pictures, name+".png"), b.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// paletteOf takes the colours of a picture as they come, at most 256.
func paletteOf(img image.Image) color.Palette {
	var out color.Palette
	seen := map[color.Color]bool{}
	for y := range img.Bounds().Dy() {
		for x := range img.Bounds().Dx() {
			if c := img.At(x, y); !seen[c] && len(out) < 256 {
				seen[c] = true
				out = append(out, c)
			}
		}
	}
	return out
}
