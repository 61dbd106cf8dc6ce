package survey

import (
	"strconv"
	"strings"
)

// Text is a sentence in several languages, keyed by language ("it", "en").
// The key "" holds a plain string, which serves every language.
type Text map[string]string

// In gives the text in lang, else in Italian, else whatever there is.
func (t Text) In(lang string) string {
	for _, l := range []string{lang, "", "it", "en"} {
		if s, ok := t[l]; ok {
			return s
		}
	}
	return ""
}

// FormatInt writes n with the locale's thousands mark: 1.234 in Italian,
// 1,234 in English.
func FormatInt(n int, lang string) string {
	mark := "."
	if lang == "en" {
		mark = ","
	}
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	digits := strconv.Itoa(n)
	var b strings.Builder
	for i, d := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(mark)
		}
		b.WriteRune(d)
	}
	return sign + b.String()
}

// FormatNumber writes a rate with at most one decimal, in the locale's form.
func FormatNumber(f float64, lang string) string {
	s := strconv.FormatFloat(f, 'f', 1, 64)
	whole, frac, _ := strings.Cut(s, ".")
	n, err := strconv.Atoi(whole)
	if err != nil {
		return s
	}
	out := FormatInt(n, lang)
	if n == 0 && f < 0 && frac != "0" {
		out = "-" + out
	}
	if frac == "0" || frac == "" {
		return out
	}
	if lang == "en" {
		return out + "." + frac
	}
	return out + "," + frac
}
