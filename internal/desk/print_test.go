package desk

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"rileva/internal/paper/papertest"
	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
)

// leave keeps what is printed where a person can look at it.
func leave(t testing.TB, name string, pdf []byte) {
	if dir := os.Getenv("RILEVA_PRINTS"); dir != "" {
		if err := os.WriteFile(dir+"/"+name, pdf, 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// TestPrintedReceipt: one page that says what a school's register asks for, the
// receipt itself attached, the same bytes each time.
func TestPrintedReceipt(t *testing.T) {
	w := newWorld(t)
	for _, lang := range []string{"it", "en"} {
		d := w.device(lang)
		w.enter(d, schoolCode)
		if lang == "it" {
			w.fill(d, survey.GeneralPart)
			w.send(d, survey.GeneralPart)
			w.clock.move(20 * 24 * time.Hour) // past the date that was due
			w.set(d, survey.GeneralPart, "head_name", "Ada Però")
			w.send(d, survey.GeneralPart)
		}
		receipts, err := d.Receipts()
		w.must(err)
		if lang == "en" { // it was sent from the other computer
			_, err := d.PrintReceipt("AAAA-AAAA-AAAA")
			wants(t, err, "receipt_not_found")
			continue
		}
		for i, r := range receipts {
			pdf, err := d.PrintReceipt(strings.ToLower(r.Number))
			w.must(err)
			leave(t, "ricevuta-"+string(rune('1'+i))+".pdf", pdf)
			if again, err := d.PrintReceipt(r.Number); err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("printed again it is another file: %v", err)
			}
			papertest.SameText(t, pdf)
			back, err := papertest.Read(pdf)
			w.must(err)
			_, raw, err := d.Receipt(r.Number)
			w.must(err)
			if len(back.Pages) != 1 || len(back.Files) != 1 || !bytes.Equal(back.Files[0], raw) {
				t.Fatalf("%d pages, %d files", len(back.Pages), len(back.Files))
			}
			check, err := r.CheckCode()
			w.must(err)
			terms := "ricevuto entro la scadenza"
			if i == 1 {
				terms = "ricevuto IN RITARDO"
			}
			digits := strings.TrimPrefix(r.ContentDigest, "sha256:")
			for _, want := range []string{r.Number, check, schoolCode, "I.I.S.", "Dati generali", terms, r.SubmissionID, digits[:8], digits[56:],
				"dicembre 2023", "ore 13:00:00 (CET", "Base giuridica", "rileva receipts verify", "ricevuta-" + r.Number + ".json", "pagina 1 di 1"} {
				if !strings.Contains(back.Text(), want) {
					t.Errorf("receipt %d lacks %q: %s", i+1, want, back.Text())
				}
			}
		}
	}
}

// TestInWords: weekday and month by name, and which clock it is, whatever the
// computer's zone.
func TestInWords(t *testing.T) {
	t.Parallel()
	at := time.Date(2023, 12, 20, 22, 59, 59, 0, time.UTC)
	for lang, want := range map[string]string{
		"it": "mercoledì 20 dicembre 2023, ore 23:59:59 (CET, UTC+01:00)",
		"en": "Wednesday, 20 December 2023, at 23:59:59 (CET, UTC+01:00)",
	} {
		if got := InWords(at, lang); got != want {
			t.Errorf("%s: %s", lang, got)
		}
	}
}

var schoolCode = samples.Institution().Code

// TestPrintedSheet: every question and every cell of a sheet is on the paper,
// filled or blank, the same bytes each time.
func TestPrintedSheet(t *testing.T) {
	w := newWorld(t)
	d := w.respondent()
	w.fill(d, survey.GeneralPart, "tecnico")
	for _, part := range []string{survey.GeneralPart, "tecnico"} {
		for _, blank := range []bool{false, true} {
			pdf, err := d.PrintPart(part, blank)
			w.must(err)
			name := part
			if blank {
				name += "-bianco"
			}
			leave(t, name+".pdf", pdf)
			if again, err := d.PrintPart(part, blank); err != nil || !bytes.Equal(pdf, again) {
				t.Errorf("%s: printed again it is another file: %v", name, err)
			}
			papertest.SameText(t, pdf)
			back, err := papertest.Read(pdf)
			w.must(err)
			for i, page := range back.Pages {
				if foot := strings.Join(page, " "); !strings.Contains(foot, fmt.Sprintf("%s · %s · pagina %d di %d", schoolCode, w.sheet(d, part).Title.In("it"), i+1, len(back.Pages))) {
					t.Errorf("%s: page %d does not say whose it is", name, i+1)
				}
			}
			text := strings.ReplaceAll(back.Text(), " ", "") // wherever a line was broken
			for _, v := range w.sheet(d, part).Variables() {
				label := v.Label
				if v.Row != nil {
					label = v.Row.Label
				}
				if !strings.Contains(text, strings.ReplaceAll(label.In("it"), " ", "")) {
					t.Errorf("%s lacks %s: %q", name, v.ID, label.In("it"))
				}
			}
			if strings.Contains(text, "Dirigentediprova") == blank && part == survey.GeneralPart {
				t.Errorf("%s: blank %v, and the answers say otherwise", name, blank)
			}
		}
	}
	// Numbers, by hand: the row of the enrolled of the sample.
	pdf, err := d.PrintPart("tecnico", false)
	w.must(err)
	back, err := papertest.Read(pdf)
	w.must(err)
	if a := samples.Answers("tecnico"); a["enrolled_start_y1_m"] != 68 || !strings.Contains(back.Text(), " 68 ") {
		t.Error("68 boys of the first year are not on the paper")
	}
	w.send(d, survey.GeneralPart)
	pdf, err = d.PrintPart(survey.GeneralPart, false)
	w.must(err)
	if back, err = papertest.Read(pdf); err != nil || !strings.Contains(back.Text(), "inviata all'Ufficio, invio n. 1.") {
		t.Errorf("it does not say which submission it is: %v %s", err, back.Text())
	}
	_, err = d.PrintPart("nessuna", true)
	wants(t, err, "unknown_part")
}

func (w *world) sheet(d *Desk, part string) *survey.Sheet {
	w.t.Helper()
	work, err := d.Work(part)
	w.must(err)
	return work.Sheet
}
