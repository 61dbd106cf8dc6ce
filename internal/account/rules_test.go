package account

import (
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestCheckNewPassword(t *testing.T) {
	const code, name = "MIIS00100B", `I.I.S. "Galileo Ferraris"`
	for password, want := range map[string]string{
		"":                             CodeTooShort,
		"corta":                        CodeTooShort,
		"gatto ner":                    CodeTooShort,
		"àèìòùàèì":                     CodeTooShort, // sixteen bytes, eight characters
		strings.Repeat("è gatto ", 17): CodeTooLong,
		"laMiis00100b-2023":            CodeContainsCode,
		"MI IS 00100 B !!":             CodeContainsCode,
		"iis galileo ferraris":         CodeContainsName,
		"7K3M-9QXT-2B4N-HV5C":          CodeOneTime,
		"password123":                  CodeCommon,
		"Password2024!!":               CodeCommon,
		"P.A.S.S.W.O.R.D.":             CodeCommon,
		"passwordpassword":             CodeCommon,
		"juvejuvejuve":                 CodeCommon,
		"Juventus1897":                 CodeCommon,
		"lascuola2023":                 CodeCommon,
		"SegreteriaScolastica1":        CodeCommon,
		"aaaaaaaaaaaaaaa":              CodeCommon,
		"12121212121212":               CodeCommon,
		"3456789012":                   CodeCommon,
		"5432109876543":                CodeCommon,
		"qwertyuiop":                   CodeCommon,
		"rileva2023!!":                 CodeCommon,
		"Dragon-2023!":                 CodeCommon, // of the leaked ones
		"manchester":                   CodeCommon,

		"gatto nero tetto":     "",
		"treno lampada susina": "",
		"19780423-0612":        "", // digits with some sense
		"perché no? perché sì": "",
		"cane rana 1984 vera":  "", // four groups of four, and a passphrase
		"7K3M9QXT2B4NHV5C":     "", // without groups it may be theirs: see SameOneTimePassword
		"galileo è in gita":    "", // part of the name
		"passworddelgatto":     "",
	} {
		err := CheckNewPassword(password, code, name)
		if want == "" {
			if err != nil {
				t.Errorf("%q: %v", password, err)
			}
			continue
		}
		var e *Error
		if !errors.As(err, &e) || e.Code != want {
			t.Errorf("%q: got %v, want %s", password, err, want)
		} else if e.Message == "" || e.Hint == "" || !strings.Contains(e.Error(), want) {
			t.Errorf("%q: the error says too little: %+v", password, e)
		}
	}
	if err := CheckNewPassword("gatto nero tetto", "", ""); err != nil {
		t.Errorf("without code and name: %v", err)
	}
}

// No composition rules: words chosen at random pass as they are.
func TestRandomPassphrasesPass(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringMatching(`[bcdfg]{3,6}( [lmnpr]{3,6}){2,5}`).Draw(t, "passphrase")
		letters := map[rune]bool{}
		for _, r := range p {
			letters[r] = true
		}
		if err := CheckNewPassword(p, "MIIS00100B", "Liceo"); (err == nil) != (len(letters) >= 4) {
			t.Fatalf("%q has %d different characters: %v", p, len(letters), err)
		}
	})
}

func TestLengthIsCountedInCharacters(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.StringN(0, 200, -1).Draw(t, "password")
		var e *Error
		n := utf8.RuneCountInString(p)
		errors.As(CheckNewPassword(p, "", ""), &e)
		tooShort, tooLong := e != nil && e.Code == CodeTooShort, e != nil && e.Code == CodeTooLong
		if tooShort != (n < MinPassword) || tooLong != (n > MaxPassword) {
			t.Fatalf("%d characters: %v", n, e)
		}
	})
}

func TestOneTimePasswordCannotBeKept(t *testing.T) {
	for range 200 {
		var e *Error
		if p := NewOneTimePassword(rand.Reader); !errors.As(CheckNewPassword(p, "", ""), &e) || e.Code != CodeOneTime {
			t.Fatalf("%q: %v", p, e)
		}
	}
}

// Each line of the list does what it is there for; one that can never match
// would be a false comfort.
func TestRefusedList(t *testing.T) {
	if n := len(refused()); n < 150 {
		t.Fatalf("only %d words", n)
	}
	for word := range refused() {
		if word != lettersAndDigits(word) {
			t.Errorf("%q is not in the form that is compared", word)
		}
		if strings.Trim(word, "0123456789") == "" {
			continue // a number means itself only
		}
		for _, password := range []string{
			word + "1234567890", "!!" + strings.ToUpper(word) + "!2023!!!!", strings.Repeat(word, (MinPassword+len(word)-1)/len(word)),
		} {
			var e *Error
			if !errors.As(CheckNewPassword(password, "", ""), &e) || e.Code != CodeCommon {
				t.Errorf("%q from %q: %v", password, word, e)
			}
		}
	}
}
