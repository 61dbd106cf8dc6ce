package survey

import (
	"cmp"
	"regexp"
)

// A pupil's name has no place in a survey of numbers, and free words are where
// one slips in. These find the forms that hardly mean anything else: a tax code
// (with the letters that stand for digits where two persons had the same), a
// capitalised word after the word for one pupil, two of them after a title.
// "Studenti Erasmus" and "alunno DSA" are no names.
var (
	taxCode   = regexp.MustCompile(`(?i)\b[A-Z]{6}[0-9LMNPQRSTUV]{2}[A-EHLMPRST][0-9LMNPQRSTUV]{2}[A-Z][0-9LMNPQRSTUV]{3}[A-Z]\b`)
	pupilName = regexp.MustCompile(`\b(?i:alunn[oa]|student(?:e|essa)|alliev[oa]|ragazz[oa])\s+(` + fullName + `|\p{Lu}\p{Ll}+)` +
		`|\b(?i:sig\.?(?:ra|na)?\.?|signor[ae]?)\s+(` + fullName + `)`)
)

// fullName is two words or more that begin with a capital.
const fullName = `\p{Lu}[\p{L}'’]+(?:\s+\p{Lu}[\p{L}'’]+)+`

// Pupil gives what in a text looks like the name or the tax code of one pupil,
// "" when nothing does. It is a reason to ask and none to refuse.
func Pupil(text string) string {
	if code := taxCode.FindString(text); code != "" {
		return code
	}
	if m := pupilName.FindStringSubmatch(text); m != nil {
		return cmp.Or(m[1], m[2])
	}
	return ""
}
