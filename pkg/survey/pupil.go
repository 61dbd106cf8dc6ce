package survey

import "regexp"

// A pupil's name has no place in a survey of numbers, and free words are where
// one slips in. These find the two forms that hardly mean anything else: a tax
// code, and a capitalised word after the word for one pupil. "Studenti Erasmus"
// and "alunno DSA" are no names.
var (
	taxCode   = regexp.MustCompile(`(?i)\b[A-Z]{6}[0-9]{2}[A-EHLMPRST][0-9]{2}[A-Z][0-9]{3}[A-Z]\b`)
	pupilName = regexp.MustCompile(`\b(?i:alunn[oa]|student(?:e|essa)|alliev[oa]|ragazz[oa]) (\p{Lu}\p{Ll}+(?:[ '’]\p{Lu}\p{Ll}+)*)`)
)

// Pupil gives what in a text looks like the name or the tax code of one pupil,
// "" when nothing does. It is a reason to ask and none to refuse.
func Pupil(text string) string {
	if code := taxCode.FindString(text); code != "" {
		return code
	}
	if m := pupilName.FindStringSubmatch(text); m != nil {
		return m[1]
	}
	return ""
}
