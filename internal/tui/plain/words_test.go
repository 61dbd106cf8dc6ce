package plain

import (
	"regexp"
	"slices"
	"testing"

	"rileva/pkg/survey"
)

// Both languages say the same things about the same values.
func TestBothLanguages(t *testing.T) {
	verbs := regexp.MustCompile(`%[a-z]`)
	for key, it := range italian {
		en, ok := english[key]
		if !ok {
			t.Errorf("%q has no English", key)
		}
		if !slices.Equal(verbs.FindAllString(it, -1), verbs.FindAllString(en, -1)) {
			t.Errorf("%q: %q and %q show other values", key, it, en)
		}
	}
	for key := range english {
		if italian[key] == "" {
			t.Errorf("%q has no Italian", key)
		}
	}
}

func TestCommand(t *testing.T) {
	s := &session{}
	for line, want := range map[string]command{
		"indietro": cmdBack, "BACK": cmdBack, "vai 12": cmdGo, "vai": cmdGo, "spiega S04": cmdExplain,
		"salta la corda": cmdNone, "=salta": cmdNone, "": cmdNone, "12": cmdNone, "s": cmdNone, "-": cmdNone,
	} {
		if got, _ := s.command(line); got != want {
			t.Errorf("%q is command %d, not %d", line, got, want)
		}
	}
	if _, rest := s.command("vai  12"); rest != "12" {
		t.Errorf("what follows is %q", rest)
	}
}

func TestNumbersToOptions(t *testing.T) {
	v := &survey.Variable{Type: survey.TypeMulti, Options: []survey.Option{{ID: "a"}, {ID: "b"}, {ID: "c"}}}
	for line, want := range map[string]string{"2": "b", "1, 3": "a;c", "1 3": "a;c", "4": "4", "0": "0", "a; c": "a; c", "uno": "uno"} {
		if got := numbersToOptions(v, line); got != want {
			t.Errorf("%q gives %q, not %q", line, got, want)
		}
	}
}

func TestWrap(t *testing.T) {
	for line, want := range map[string]string{
		"":                       "",
		"  1. uno":               "  1. uno",
		"Ricevuta HDNG-71HA":     "Ricevuta HDNG-71HA",
		"1234567 " + long + "-x": "1234567\n" + long + "-x",
	} {
		if got := wrap(line); got != want {
			t.Errorf("%q is wrapped as %q", line, got)
		}
	}
}

const long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
