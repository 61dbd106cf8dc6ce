package register

import (
	"slices"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// streetWords spells out how the register abbreviates the kind of street, once
// punctuation has become spaces: "C.SO" is two words here. "C.O" is in the
// data for Corso Magenta and Corso di Porta Vigentina.
var streetWords = []struct{ short, long string }{
	{"V LE", "VIALE"}, {"VLE", "VIALE"},
	{"C SO", "CORSO"}, {"CSO", "CORSO"}, {"C O", "CORSO"},
	{"P ZZA", "PIAZZA"}, {"PZZA", "PIAZZA"}, {"P ZA", "PIAZZA"}, {"PZA", "PIAZZA"}, {"P ZZ", "PIAZZA"},
	{"P LE", "PIAZZALE"}, {"PLE", "PIAZZALE"}, {"P ZZALE", "PIAZZALE"},
	{"L GO", "LARGO"}, {"LGO", "LARGO"},
	{"V", "VIA"},
}

// noNumber are the ways to write that a building has no number.
var noNumber = []string{"SENZA NUMERO", "S N C", "SNC", "S N", "SN"}

// addressKey is the same text for two ways of writing one address. ok is false
// without a house number (or an explicit "snc"): two schools somewhere along
// the same street are no reason to propose that they are one.
func addressKey(address, comune, province string) (key string, ok bool) {
	words := addressWords(address)
	text := strings.Join(words, " ")
	for _, w := range streetWords {
		if rest, found := strings.CutPrefix(text, w.short+" "); found {
			text = w.long + " " + rest
			break
		}
	}
	text = strings.ReplaceAll(text, " P TA ", " PORTA ")
	for _, w := range noNumber {
		if rest, found := strings.CutSuffix(text, " "+w); found {
			text = rest + " SNC"
			break
		}
	}
	words = slices.DeleteFunc(strings.Fields(text), func(w string) bool { return w == "N°" })
	// The first two words are the street's: "VIA 25 APRILE" has no number.
	numbered := len(words) > 2 && slices.ContainsFunc(words[2:], func(w string) bool {
		return w == "SNC" || isNumber(w)
	})
	return strings.Join(words, " ") + "|" + comune + "|" + province, numbered
}

// addressWords is the address in capitals, without accents and punctuation,
// with a house number always a word of its own: the register has glued ones
// ("VIA ALFIERI12"), and "12/A", "12A" and "12 A" are the same door. The sign
// before a number (N., NR., N°) becomes "N°", which no other word can be.
func addressWords(address string) []string {
	var b strings.Builder
	last := ' '
	for _, r := range norm.NFD.String(strings.ToUpper(address)) {
		switch {
		case unicode.Is(unicode.Mn, r):
			continue
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			r = ' '
		case unicode.IsDigit(r) != unicode.IsDigit(last) && last != ' ':
			b.WriteByte(' ')
		}
		b.WriteRune(r)
		last = r
	}
	words := strings.Fields(b.String())
	for i := range words {
		sign := words[i] == "N" || words[i] == "NR" || words[i] == "NUM" || words[i] == "NUMERO"
		if sign && i > 1 && i+1 < len(words) && isNumber(words[i+1]) {
			words[i] = "N°"
		}
	}
	return words
}

func isNumber(word string) bool { return word != "" && unicode.IsDigit([]rune(word)[0]) }

// emailKey is the e-mail as it is compared; ok is false when there is none.
func emailKey(email string) (key string, ok bool) {
	key = strings.ToLower(email)
	return key, strings.Contains(key, "@")
}
