package desk

import (
	"fmt"
	"strings"
	"time"

	"rileva/internal/paper"
	surveysync "rileva/pkg/sync"
)

// PrintReceipt lays a receipt out on one page of A4, as PDF, for the school's
// own register of documents. The receipt as the server sent it is attached, so
// that the one file can be kept and verified.
func (d *Desk) PrintReceipt(number string) ([]byte, error) {
	r, raw, err := d.Receipt(number)
	if err != nil {
		return nil, err
	}
	_, seen, err := d.seen()
	if err != nil {
		return nil, err
	}
	check, err := r.CheckCode()
	if err != nil {
		return nil, &Error{Code: "internal", Err: fmt.Errorf("receipt %s: %w", r.Number, err)}
	}
	w := printed[d.lang]
	info := seen.Return.Survey
	doc := paper.New(paper.Info{Title: w["receipt"] + " " + r.Number, Lang: d.lang, At: r.ReceivedAt,
		Foot: w["receipt foot"] + " " + r.Number + " · " + w["page"]})
	doc.Small(info.Office.In(d.lang) + "\n" + info.Title.In(d.lang))
	doc.Title(w["receipt"])
	doc.Code(w["number"], r.Number)
	late := w["in time"]
	if r.Late {
		late = w["late"]
	}
	school := seen.Return.Institution
	doc.Facts(
		paper.Fact{Label: w["school"], Value: school.Name},
		paper.Fact{Label: w["code"], Value: strings.TrimSuffix(r.Institution+" · "+school.Comune, " · ")},
		paper.Fact{Label: w["part"], Value: d.PartTitle(r.Part) + " (" + r.Part + ")"},
		paper.Fact{Label: w["revision"], Value: fmt.Sprintf(w["revision n"], r.Revision)},
		paper.Fact{Label: w["received"], Value: InWords(r.ReceivedAt, d.lang)},
		paper.Fact{Label: w["terms"], Value: late},
		paper.Fact{Label: w["digest"], Value: inGroups(r.ContentDigest), Exact: true},
		paper.Fact{Label: w["questionnaire"], Value: inGroups(r.Questionnaire), Exact: true},
		paper.Fact{Label: w["submission"], Value: r.SubmissionID, Exact: true},
		paper.Fact{Label: w["place"], Value: fmt.Sprintf(w["place n"], r.LeafIndex, r.Survey)},
	)
	doc.Code(w["check code"], check)
	doc.Head(w["proves"])
	doc.Text(w["proves text"])
	doc.Head(w["verify"])
	doc.Text(fmt.Sprintf(w["verify text"], receiptFile(r)))
	doc.Rule()
	doc.Small(w["legal basis"] + ": " + info.LegalBasis.In(d.lang) + "\n" + w["contact"] + ": " + info.Contact.In(d.lang))
	doc.Attach(receiptFile(r), w["receipt"]+" "+r.Number, raw)
	return doc.Bytes()
}

// receiptFile is the name of the receipt inside the PDF.
func receiptFile(r surveysync.Receipt) string { return "ricevuta-" + r.Number + ".json" }

// inGroups parts the hexadecimal digits of a digest by eights, so that an eye
// can follow them.
func inGroups(digest string) string {
	kind, digits, ok := strings.Cut(digest, ":")
	if !ok {
		return digest
	}
	var b strings.Builder
	b.WriteString(kind)
	for i := 0; i < len(digits); i += 8 {
		gap := " "
		if i%32 == 0 {
			gap = "\n"
		}
		b.WriteString(gap + digits[i:min(i+8, len(digits))])
	}
	return b.String()
}

// InWords writes a moment with its weekday and month in words, to the second,
// and says which clock it is.
func InWords(t time.Time, lang string) string {
	t = t.In(Rome)
	if lang == "en" {
		return t.Format("Monday, 2 January 2006, at 15:04:05 (MST, UTC-07:00)")
	}
	w := printed["it"]
	day := strings.Fields(w["weekdays"])[t.Weekday()]
	month := strings.Fields(w["months"])[t.Month()-1]
	return fmt.Sprintf("%s %d %s %d, ore %s", day, t.Day(), month, t.Year(), t.Format("15:04:05 (MST, UTC-07:00)"))
}
