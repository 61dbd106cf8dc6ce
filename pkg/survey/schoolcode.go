package survey

import "strings"

// This file knows the codice meccanografico, the ministry's ten-character
// school code: two letters of the province, two of the school type, five of
// the number, one check character. Only the pattern may refuse a code; the
// register is the authority on everything else.

// schoolCodeLen is the length of every school code.
const schoolCodeLen = 10

// checkAlphabet holds the symbols of the check character by their value.
// No official text was found: alphabet, weights and offset were derived from
// 57,945 published codes (domain document, section 5) and confirmed by a
// second analysis of 63,878, which is why a mismatch is only ever a warning.
const checkAlphabet = "123456789ABCDEGLNPQRTVX"

// letterAlphabet gives the value of the first four characters: the same
// symbols, continued by those that never occur as a check character. The gap
// at 30 is in the data (Z counts 31 and K 32), hence the '?'.
const letterAlphabet = checkAlphabet + "FHIMOSU?ZK"

// checkWeights multiply the characters 1 to 9.
var checkWeights = [9]int{20, 14, 19, 11, 20, 14, 19, 11, 1}

// checkOffset is added to the weighted sum before the reduction.
const checkOffset = 17

// NormalizeSchoolCode brings a typed code into its one form: upper case and
// without spaces. People copy codes from letters where they stand in groups.
func NormalizeSchoolCode(s string) string {
	return strings.ToUpper(strings.Join(strings.Fields(s), ""))
}

// ValidSchoolCode reports whether s, already normalised, has the pattern of a
// school code. It does not say that such a school exists.
func ValidSchoolCode(s string) bool {
	if len(s) != schoolCodeLen {
		return false
	}
	for i := range len(s) {
		if !isUpper(s[i]) && (i < 2 || !isDigit(s[i])) {
			return false
		}
	}
	return true
}

// CheckCharacterOK is false only where the check character is defined and
// does not fit: likely a typing error, worth a warning. It is true where no
// rule is known: the paritarie (characters 7 to 9 are 500; the newer of them
// have another, unknown ending), numbers with letters in them, symbols without
// a known value. Never reject by it: 24 of the 8,687 state codes of Italy are
// real and fail.
func CheckCharacterOK(code string) bool {
	if !ValidSchoolCode(code) || isParitariaNumber(code) {
		return true
	}
	sum := checkOffset
	for i, weight := range checkWeights {
		value := int(code[i] - '0')
		if i < 4 {
			value = strings.IndexByte(letterAlphabet, code[i])
			if value < 0 {
				return true
			}
		} else if !isDigit(code[i]) {
			return true
		}
		sum += weight * value
	}
	return checkAlphabet[sum%len(checkAlphabet)] == code[9]
}

// TrackOfSchoolCode reads the track from the type letters. It is a default
// only: a TF code can host a liceo scienze applicate, and what a school offers
// is what it says. Umbrella codes (IS) and every type that the domain document
// does not list give no track; IeFP has no letters of its own.
func TrackOfSchoolCode(code string) (track string, ok bool) {
	if !ValidSchoolCode(code) {
		return "", false
	}
	switch code[2:4] {
	case "PC", "PS", "PM", "PL", "SL", "SD", "PQ":
		return TrackLiceale, true
	case "TF", "TD", "TL", "TA", "TN", "TB", "TH", "TE":
		return TrackTecnico, true
	case "RC", "RI", "RF", "RH", "RA", "RV":
		return TrackProfessionale, true
	}
	return "", false
}

// IsEveningCode reports whether the code is that of an evening course
// (percorso di II livello): the eighth character is 5 in 23 of 23 of them in
// Milano and in no other. The 500 of the paritarie stands one place earlier,
// so it never looks like one.
func IsEveningCode(code string) bool {
	return ValidSchoolCode(code) && code[7] == '5'
}

// FirstSchoolCode returns the first code in byte order, digits before letters:
// the login code of a group of paritarie. A spreadsheet in another locale may
// sort letters first and name another code (two groups of Milano), so the
// order is fixed here for both programs. It is "" for no codes.
func FirstSchoolCode(codes []string) string {
	first := ""
	for _, code := range codes {
		if first == "" || code < first {
			first = code
		}
	}
	return first
}

// isParitariaNumber: characters 7 to 9 are 500 in 1,713 of 1,715 paritarie.
func isParitariaNumber(code string) bool { return code[6:9] == "500" }

func isUpper(c byte) bool { return c >= 'A' && c <= 'Z' }

func isDigit(c byte) bool { return c >= '0' && c <= '9' }
