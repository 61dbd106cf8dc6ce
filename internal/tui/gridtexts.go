package tui

import (
	"fmt"
	"strings"

	"rileva/internal/tui/grid"
	"rileva/pkg/survey"
)

func gridItalian() grid.Texts {
	n := func(k int, one, many string) string {
		if k == 1 {
			return "1 " + one
		}
		return survey.FormatInt(k, "it") + " " + many
	}
	step := func(s grid.StepText) string {
		if s.Count > 1 {
			return n(s.Count, "casella", "caselle")
		}
		return named(s.Row, s.Col) + " " + s.From + " -> " + s.To
	}
	return grid.Texts{
		Total: "Tot.", Unavailable: "n.d.", Blank: "vuoto",
		OnlyNumbers:   "Qui si scrivono solo numeri.",
		NotWhole:      "Solo numeri interi: la casella resta com'era, riscriverla.",
		NotOptional:   "In questa riga serve un numero, anche 0.",
		ClosedCell:    "La colonna è chiusa: non ci sono classi in quest'anno.",
		EditCancelled: "Modifica annullata.",
		NothingToUndo: "Niente da annullare.",
		NothingToRedo: "Niente da ripetere.",
		Limit:         func(max int) string { return "Al massimo " + survey.FormatInt(max, "it") + "." },
		RowsShown:     func(a, b, all int) string { return fmt.Sprintf("Righe %d-%d di %d", a, b, all) },
		Filled: func(k int) string {
			if k == 0 {
				return "Non c'erano caselle vuote."
			}
			return n(k, "casella vuota portata a 0.", "caselle vuote portate a 0.")
		},
		Pasted: func(p grid.PasteReport) string {
			return pasted(p, n(p.Pasted, "valore incollato", "valori incollati"), wordsIt)
		},
		Undone: func(s grid.StepText) string { return "Annullato: " + step(s) },
		Redone: func(s grid.StepText) string { return "Ripetuto: " + step(s) },
		Status: func(s grid.StatusText) string {
			out := named(s.Row, s.Col) + ": " + s.Value
			if s.Editing && s.Old != "" {
				out += " (era " + s.Old + ")"
			}
			if s.Closed {
				out += ", chiusa"
			}
			return out
		},
	}
}

func gridEnglish() grid.Texts {
	n := func(k int, one, many string) string {
		if k == 1 {
			return "1 " + one
		}
		return survey.FormatInt(k, "en") + " " + many
	}
	step := func(s grid.StepText) string {
		if s.Count > 1 {
			return n(s.Count, "cell", "cells")
		}
		return named(s.Row, s.Col) + " " + s.From + " -> " + s.To
	}
	return grid.Texts{
		Total: "Tot.", Unavailable: "n/a", Blank: "blank",
		OnlyNumbers:   "Only numbers go here.",
		NotWhole:      "Whole numbers only: the cell stays as it was, type it again.",
		NotOptional:   "This row needs a number, even 0.",
		ClosedCell:    "The column is closed: there are no classes in this year.",
		EditCancelled: "Edit cancelled.",
		NothingToUndo: "Nothing to undo.",
		NothingToRedo: "Nothing to redo.",
		Limit:         func(max int) string { return "At most " + survey.FormatInt(max, "en") + "." },
		RowsShown:     func(a, b, all int) string { return fmt.Sprintf("Rows %d-%d of %d", a, b, all) },
		Filled: func(k int) string {
			if k == 0 {
				return "There were no blank cells."
			}
			return n(k, "blank cell set to 0.", "blank cells set to 0.")
		},
		Pasted: func(p grid.PasteReport) string {
			return pasted(p, n(p.Pasted, "value pasted", "values pasted"), wordsEn)
		},
		Undone: func(s grid.StepText) string { return "Undone: " + step(s) },
		Redone: func(s grid.StepText) string { return "Redone: " + step(s) },
		Status: func(s grid.StatusText) string {
			out := named(s.Row, s.Col) + ": " + s.Value
			if s.Editing && s.Old != "" {
				out += " (was " + s.Old + ")"
			}
			if s.Closed {
				out += ", closed"
			}
			return out
		},
	}
}

// named is a cell's name; a table without axes has no names of columns.
func named(row, col string) string {
	if col == "" {
		return row
	}
	return row + ", " + col
}

// pasteWords say what a paste took, left out and took off.
type pasteWords struct {
	out, off, unknown       string
	reasons                 [5]string
	heads, labels, totals   string
	tooWide, years, unclear string
}

var (
	wordsIt = pasteWords{
		out: "scartati %d: ", off: "tolti: ", unknown: "righe non riconosciute: ",
		reasons: [5]string{"fuori dalla tabella", "caselle chiuse", "caselle calcolate", "non numeri interi", "troppo grandi"},
		heads:   "intestazioni", labels: "nomi delle righe", totals: "totali",
		tooWide: "Non incollato: nel foglio ci sono %d colonne di numeri, qui %d. Copiare solo i numeri, senza totali.",
		years:   "Non incollato: il foglio ha una colonna per anno, qui maschi e femmine sono divisi.",
		unclear: "Non incollato: la prima riga può essere un titolo o una riga di numeri. Copiare solo i numeri.",
	}
	wordsEn = pasteWords{
		out: "%d left out: ", off: "dropped: ", unknown: "rows not recognised: ",
		reasons: [5]string{"outside the table", "closed cells", "computed cells", "not whole numbers", "too large"},
		heads:   "headings", labels: "names of rows", totals: "totals",
		tooWide: "Not pasted: the sheet has %d columns of numbers, this table %d. Copy the numbers only, no totals.",
		years:   "Not pasted: the sheet has one column a year; here males and females are apart.",
		unclear: "Not pasted: the first line may be a title or a row of numbers. Copy the numbers only.",
	}
)

func pasted(p grid.PasteReport, taken string, words pasteWords) string {
	switch p.Refused {
	case grid.PasteTooWide:
		return fmt.Sprintf(words.tooWide, p.Width, p.Cols)
	case grid.PasteYears:
		return words.years
	case grid.PasteUnclear:
		return words.unclear
	}
	said := []string{taken}
	if len(p.Unknown) > 0 {
		said = append(said, words.unknown+strings.Join(p.Unknown, ", "))
	}
	if p.Rejected() > 0 {
		counts := []int{p.Outside, p.Closed, p.Computed, p.NotNumber, p.TooBig}
		said = append(said, fmt.Sprintf(words.out, p.Rejected())+counted(counts, words.reasons[:]))
	}
	if p.Heads+p.Labels+p.Totals > 0 {
		said = append(said, words.off+counted([]int{p.Heads, p.Labels, p.Totals}, []string{words.heads, words.labels, words.totals}))
	}
	return strings.Join(said, "; ") + "."
}

// counted lists the words whose count is not 0.
func counted(counts []int, words []string) string {
	var out []string
	for i, k := range counts {
		if k > 0 {
			out = append(out, words[i])
		}
	}
	return strings.Join(out, ", ")
}
