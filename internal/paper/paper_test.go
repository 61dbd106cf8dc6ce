package paper_test

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/paper"
	"rileva/internal/paper/papertest"
)

var noon = time.Date(2023, 12, 18, 11, 0, 0, 0, time.UTC)

func begin() *paper.Document {
	return paper.New(paper.Info{Title: "Prova", Lang: "it", At: noon, Foot: "Piede · pagina %[1]d di %[2]d"})
}

func read(t *testing.T, d *paper.Document) ([]byte, papertest.Document) {
	t.Helper()
	raw, err := d.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	papertest.SameText(t, raw)
	back, err := papertest.Read(raw)
	if err != nil {
		t.Fatal(err)
	}
	return raw, back
}

// everything uses each thing that a document can hold.
func everything() *paper.Document {
	d := begin()
	d.Title("Ricevuta")
	d.Head("Perché no?")
	d.Text("Città, perché, più, così; «virgolette» – trattino, l’apostrofo, 1° anno, (parentesi) e \\ barra.")
	d.Small("piccolo")
	d.Code("Password", "K7QF-2M9T")
	d.Facts(paper.Fact{Label: "Scuola", Value: "I.I.S. Niccolò Machiavelli"}, paper.Fact{Label: "Impronta", Value: "0123abcd", Exact: true})
	d.Rule()
	d.Table(paper.Table{Widths: []float64{0, 20, 20}, Head: [][]paper.Cell{{{Text: "Riga", Bold: true}, {Text: "Primo", Span: 2, Middle: true}}},
		Rows: [][]paper.Cell{{{Text: "iscritti"}, {Text: "112"}, {Text: "", Shaded: true}}}})
	d.Attach("dati.json", "i dati", []byte(`{"a":1}`))
	return d
}

// TestSameBytes: a document that is made twice is the same file.
func TestSameBytes(t *testing.T) {
	first, back := read(t, everything())
	for range 5 {
		if again, _ := read(t, everything()); !bytes.Equal(first, again) {
			t.Fatal("the same document has other bytes")
		}
	}
	if len(back.Pages) != 1 || len(back.Files) != 1 || string(back.Files[0]) != `{"a":1}` {
		t.Errorf("%d pages, files %q", len(back.Pages), back.Files)
	}
	for _, want := range []string{"Ricevuta", "Perché no?", "Città, perché, più, così; «virgolette» – trattino, l’apostrofo, 1° anno, (parentesi) e \\ barra.",
		"piccolo", "K7QF-2M9T", "Niccolò Machiavelli", "0123abcd", "Riga Primo", "iscritti 112", "pagina 1 di 1"} {
		if !strings.Contains(back.Text(), want) {
			t.Errorf("%q is not on the page: %s", want, back.Text())
		}
	}
}

// TestTableOverPages: every row is there once, and each page has the head.
func TestTableOverPages(t *testing.T) {
	d := begin()
	table := paper.Table{Widths: []float64{0, 30}, Head: [][]paper.Cell{{{Text: "TESTA"}, {Text: "A"}}}}
	for i := range 150 {
		table.Rows = append(table.Rows, []paper.Cell{{Text: fmt.Sprintf("riga-%03d", i)}, {Text: "0"}})
	}
	d.Table(table)
	_, back := read(t, d)
	if len(back.Pages) < 3 {
		t.Fatalf("%d pages", len(back.Pages))
	}
	next := 0
	for n, page := range back.Pages {
		if page[0] != "TESTA" {
			t.Errorf("page %d begins with %q", n+1, page[0])
		}
		if foot := page[len(page)-1]; foot != fmt.Sprintf("Piede · pagina %d di %d", n+1, len(back.Pages)) {
			t.Errorf("foot %q", foot)
		}
		for _, text := range page {
			if strings.HasPrefix(text, "riga-") {
				if text != fmt.Sprintf("riga-%03d", next) {
					t.Fatalf("%s stands where riga-%03d should", text, next)
				}
				next++
			}
		}
	}
	if next != 150 {
		t.Errorf("%d rows of 150", next)
	}
}

// TestAnyText: what people paste makes no page fail.
func TestAnyText(t *testing.T) {
	for _, text := range []string{"", " ", "\x00\x1b[31m", "emoji 😀 e \U0001F1EE", "\xff\xfe", strings.Repeat("senzaspazi", 60), "العربية", "a\r\n\tb", "\u2028", "\u202eoid\u200b\ufeff\u009b31m\a\x7f"} {
		d := begin()
		d.Text(text)
		d.Code(text, text)
		d.Facts(paper.Fact{Label: text, Value: text})
		d.Table(paper.Table{Widths: []float64{10, 0}, Rows: [][]paper.Cell{{{Text: text}, {Text: text}}}})
		d.Text("fine")
		_, back := read(t, d)
		if !slices.Contains(back.Pages[len(back.Pages)-1], "fine") {
			t.Errorf("%q: the text after it is lost", text)
		}
		if strings.ContainsAny(back.Text(), "\x00\x1b\a\x7f\u009b\u202e\u200b\ufeff") {
			t.Errorf("%q: control characters on paper", text)
		}
	}
}

// TestMegabyteOnPaper: half a million letters without a space are pages, and
// what follows them is there.
func TestMegabyteOnPaper(t *testing.T) {
	d := begin()
	d.Text(strings.Repeat("é", 1<<19))
	d.Text("fine")
	_, back := read(t, d)
	if !slices.Contains(back.Pages[len(back.Pages)-1], "fine") || strings.Count(back.Text(), "é") != 1<<19 {
		t.Errorf("%d pages, %d letters", len(back.Pages), strings.Count(back.Text(), "é"))
	}
}
