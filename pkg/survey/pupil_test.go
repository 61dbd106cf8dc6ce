package survey_test

import (
	"testing"

	"rileva/pkg/survey"
)

func TestPupil(t *testing.T) {
	for text, want := range map[string]string{
		"L'alunno Pinco Pallino si è trasferito.":        "Pinco Pallino",
		"La studentessa D'Esempio è rientrata":           "",
		"la studentessa Pallina è rientrata a marzo":     "Pallina",
		"ritirato: XXXYYY00A01H501Z, con nulla osta":     "XXXYYY00A01H501Z",
		"Due studenti Erasmus sono rientrati a gennaio.": "",
		"Un alunno DSA e uno studente in istruzione":     "",
		"Controllato nel registro elettronico.":          "",
		"MIIS00100B: dato del registro, classe 3A":       "",
		"Lo studente ROSSI D'ESEMPIO ha lasciato":        "ROSSI D'ESEMPIO",
		"la sig.ra Pinca Pallina ha chiamato":            "Pinca Pallina",
		"la signora Pallina, via Pinco 3":                "",
		"xxxyyyl0a0mh50mz":                               "xxxyyyl0a0mh50mz",
		"":                                               "",
	} {
		if got := survey.Pupil(text); got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}
