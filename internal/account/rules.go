package account

import (
	_ "embed"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// Lengths in characters. Ten is what NIST SP 800-63B and OWASP ASVS leave as a
// minimum beside a throttle; 128 leaves room for any passphrase and keeps the
// work of hashing bounded.
const (
	MinPassword = 10
	MaxPassword = 128
)

// The codes of refused passwords.
const (
	CodeTooShort     = "password_too_short"
	CodeTooLong      = "password_too_long"
	CodeCommon       = "password_common"
	CodeContainsCode = "password_contains_code"
	CodeContainsName = "password_contains_name"
	CodeOneTime      = "password_one_time"
)

// Error says why a password is refused and what to choose instead, in the words
// that the person reads.
type Error struct {
	Code    string
	Message string
	Hint    string
}

func (e *Error) Error() string { return e.Code + ": " + e.Message }

const hintPassphrase = "Scelga tre o quattro parole che non c'entrano l'una con l'altra, per esempio quelle dei primi oggetti che vede."

// leakedList are the passwords that leaks hold most often; its head says where
// it comes from.
//
//go:embed leaked.txt
var leakedList string

// refusedList are words and sequences in lower case, one a line, that attackers
// try first, with those that come to mind in an Italian school.
//
//go:embed refused.txt
var refusedList string

var refused = sync.OnceValue(func() map[string]bool {
	words := map[string]bool{}
	for line := range strings.Lines(refusedList + leakedList) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "#") {
			continue
		}
		// The forms that isCommon compares: without signs, without digits at both
		// ends (also those of "1q2w3e4r"), and once what is repeated.
		word := lettersAndDigits(line)
		core := strings.TrimFunc(word, unicode.IsDigit)
		for _, form := range []string{word, core, unit(word), unit(core)} {
			words[form] = true
		}
	}
	delete(words, "") // what is left of "123321"
	return words
})

// CheckNewPassword judges a password that a person has chosen, by the rules of
// NIST SP 800-63B and OWASP ASVS: long enough, not among the usual ones, not
// made of what is public about the account. It asks for no digits, capitals or
// signs: such rules make passwords that are alike and get written down. code is
// the login code and name the institution's name; either may be empty.
//
// It returns nil or an *Error.
func CheckNewPassword(password, code, name string) error {
	switch n := utf8.RuneCountInString(password); {
	case n < MinPassword:
		return &Error{CodeTooShort, "La password è troppo corta: servono almeno 10 caratteri.", hintPassphrase}
	case n > MaxPassword:
		return &Error{CodeTooLong, "La password è troppo lunga: sono ammessi al massimo 128 caratteri.", "Ne scelga una più breve."}
	}
	plain := lettersAndDigits(password)
	if c := lettersAndDigits(code); c != "" && strings.Contains(plain, c) {
		return &Error{CodeContainsCode, "La password contiene il codice della scuola, che è pubblico.", hintPassphrase}
	}
	// Shorter names would refuse words that merely contain them.
	if n := lettersAndDigits(name); utf8.RuneCountInString(n) >= 5 && strings.Contains(plain, n) {
		return &Error{CodeContainsName, "La password contiene il nome della scuola, che è pubblico.", hintPassphrase}
	}
	if looksOneTime(password) {
		return &Error{CodeOneTime, "La password ha la forma di quella provvisoria della lettera.", "Ne scelga una nuova, che conosca solo chi compila."}
	}
	if isCommon(password, plain) {
		return &Error{CodeCommon, "La password è tra quelle che si indovinano per prime.", hintPassphrase}
	}
	return nil
}

// isCommon finds the usual passwords also behind the usual additions: capitals,
// signs between, digits and signs around, the same once more. "Juventus1897!!"
// is no better than "juventus".
func isCommon(password, plain string) bool {
	distinct := map[rune]bool{}
	for _, r := range password {
		distinct[unicode.ToLower(r)] = true
	}
	if len(distinct) < 4 { // "aaaaaaaaaa", "1212121212"
		return true
	}
	core := strings.TrimFunc(plain, unicode.IsDigit)
	for _, candidate := range []string{strings.ToLower(password), plain, unit(plain), core, unit(core)} {
		if refused()[candidate] {
			return true
		}
	}
	return core == "" && isSequence(plain)
}

// unit is the part that a string repeats from end to end, or the string itself.
func unit(s string) string {
	if s == "" {
		return s
	}
	// A string is a repetition exactly when it is found again inside its double
	// before the end; the place is the length of the part.
	return s[:strings.Index((s + s)[1:], s)+1]
}

// isSequence: digits that climb or fall by one all the way, 9 being followed
// by 0. A date or a number with some sense is not one.
func isSequence(digits string) bool {
	for _, step := range []byte{1, 9} {
		ok := true
		for i := 1; ok && i < len(digits); i++ {
			ok = (digits[i-1]-'0'+step)%10 == digits[i]-'0'
		}
		if ok {
			return true
		}
	}
	return false
}

// lettersAndDigits leaves what a person would call the same word: lower case,
// without signs and spaces.
func lettersAndDigits(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, s)
}
