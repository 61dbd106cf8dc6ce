package register

import (
	"strings"
	"testing"
)

// TestInEnglish: a report of all that can be wrong leaves no Italian behind.
func TestInEnglish(t *testing.T) {
	for italian, want := range map[string]string{
		"Stesso indirizzo: VIA ROMA 1, MILANO. Stessa e-mail: a@b.it.":                                                        "Same address: VIA ROMA 1, MILANO. Same e-mail: a@b.it.",
		"Forse dello stesso gestore di MIPS185003. Stesso istituto di riferimento: MIIS00100B.":                               "Perhaps of the same manager as MIPS185003. Same institution of reference: MIIS00100B.",
		Fault{File: "x.csv", Line: 7, Column: "CODICESCUOLA", Value: "ZZ", Reason: "non è un codice meccanografico"}.String(): "x.csv:7: column CODICESCUOLA: not a school code («ZZ»)",
		"il codice è già in y.csv:3":                        "the code stands in y.csv:3",
		"la riga ha 3 campi invece di 9":                    "the row has 3 fields instead of 9",
		skipType + " (CENTRO TERRITORIALE)":                 "no upper-secondary school (CENTRO TERRITORIALE)",
		skipProvince + "; " + skipNoType + "; " + skipEmpty: "another province; the type of school is missing; empty row",
	} {
		if got := InEnglish(italian); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	if got := InEnglish("ISTITUTO STESSO"); !strings.HasPrefix(got, "ISTITUTO") {
		t.Errorf("a name was translated: %q", got)
	}
}
