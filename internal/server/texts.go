package server

import (
	"fmt"
	"strconv"
	"strings"
	"time"
	"unicode"

	"rileva/internal/account"
	surveysync "rileva/pkg/sync"
)

// words are the edge's own sentences, all in one place per language. Those of
// the codes stand in pkg/sync, those of findings in the questionnaire.
type words struct {
	months          [12]string
	moment          string // day, month, year, hour, minute
	noDevice        string
	refusedPassword string
	places          map[string]string // what ParseSubmission and the edge say of a place
	notJSON         string
	notExpected     string
	passwords       map[string][2]string // by the code of account.Error; nil: its own words
}

var italian = words{
	months: [12]string{"gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno",
		"luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre"},
	moment:          "%d %s %d, ore %02d:%02d",
	noDevice:        "dispositivo senza nome",
	refusedPassword: "Password non accettata",
	notJSON:         "non è JSON al byte ",
	notExpected:     "non è come previsto: ",
	places: map[string]string{
		"missing or too long":                       "manca o è troppo lungo",
		"not a UUID in lower case":                  "non è un UUID in minuscolo",
		"missing":                                   "manca",
		"only the general part withdraws tracks":    "solo la parte generale ritira i percorsi",
		"stands twice":                              "è ripetuto",
		"unknown field":                             "campo sconosciuto",
		"unknown field, or it stands twice":         "campo sconosciuto o ripetuto",
		"not of the type that belongs here":         "non è del tipo previsto",
		"a JSON object was expected":                "era atteso un oggetto JSON",
		"something follows the JSON object":         "c'è altro dopo l'oggetto JSON",
		"the JSON ends too early":                   "il JSON finisce troppo presto",
		"the body ends too early":                   "il contenuto finisce troppo presto",
		misplaced["part"]:                           "non è la parte dell'indirizzo",
		misplaced["survey"]:                         "non è la rilevazione in corso",
		misplaced["withdraw"]:                       "solo percorsi già inviati e non più indicati, ciascuno una volta",
		"not UTF-8":                                 "non è UTF-8",
		misplaced[surveysync.HeaderReceipt]:         "non è una ricevuta di questi dati, data da questo server prima di un ripristino",
		"a number of lines was expected":            "era atteso un numero di righe",
		"epoch and held were expected":              "erano attesi epoch e held",
		"not the one of this server":                "non è quella di questo server",
		"more than 200":                             "più di 200",
		"If-Match and If-None-Match stand together": "If-Match e If-None-Match non possono stare insieme",
		"only * can stand here":                     "qui può stare solo *",
		`only one revision can stand here, as "3"`:  `qui può stare una sola revisione, come "3"`,
		"a time is not in the form 2023-12-18T10:42:07+01:00 (RFC 3339)": "un orario non è nella forma 2023-12-18T10:42:07+01:00 (RFC 3339)",
	},
}

var english = words{
	months: [12]string{"January", "February", "March", "April", "May", "June",
		"July", "August", "September", "October", "November", "December"},
	moment:          "%d %s %d, %02d:%02d",
	noDevice:        "device without a name",
	refusedPassword: "Password not accepted",
	notJSON:         "not JSON at byte ",
	notExpected:     "not as expected: ",
	passwords: map[string][2]string{
		account.CodeTooShort:     {"The password is too short: at least 10 characters are needed.", passphrase},
		account.CodeTooLong:      {"The password is too long: at most 128 characters are allowed.", "Choose a shorter one."},
		account.CodeCommon:       {"The password is one of those that are guessed first.", passphrase},
		account.CodeContainsCode: {"The password contains the code of the school, which is public.", passphrase},
		account.CodeContainsName: {"The password contains the name of the school, which is public.", passphrase},
		account.CodeOneTime:      {"The password is, or looks like, the temporary one of the letter.", "Choose a new one that only you know."},
	},
}

const passphrase = "Choose three or four words that have nothing to do with each other, for example the first things that you see."

func wordsIn(lang string) words {
	if lang == "en" {
		return english
	}
	return italian
}

// placeIn gives the place of a mistake in the person's language. What is not
// in the table is shown as it came, bounded.
func placeIn(place, lang string) string {
	w := wordsIn(lang)
	if len(place) > 300 {
		place = strings.ToValidUTF8(place[:300], "") + "…"
	}
	if at, ok := strings.CutPrefix(place, "not JSON at byte "); ok {
		return w.notJSON + at
	}
	if rest, ok := strings.CutPrefix(place, "not as expected: "); ok {
		return w.notExpected + strings.TrimPrefix(rest, "json: ") // the name of a library tells nobody anything
	}
	if said, ok := w.places[place]; ok {
		return said
	}
	field, reason, ok := strings.Cut(place, ": ")
	if said, known := w.places[reason]; ok && known {
		return field + ": " + said
	}
	return place
}

// passwordIn says why a password was refused, and what to choose instead.
func passwordIn(why *account.Error, lang string) (detail, hint string) {
	if said, ok := wordsIn(lang).passwords[why.Code]; ok {
		return said[0], said[1]
	}
	if why.Message == "" { // the one that account leaves to its caller
		return "La password è quella provvisoria della lettera.", "Ne scelga una nuova, che conosca solo chi compila."
	}
	return why.Message, why.Hint
}

// moment writes a date in words, as the office's circulars do.
func (s *Server) moment(t time.Time, lang string) string {
	if s.rome != nil {
		t = t.In(s.rome)
	}
	w := wordsIn(lang)
	said := fmt.Sprintf(w.moment, t.Day(), w.months[t.Month()-1], t.Year(), t.Hour(), t.Minute())
	if s.rome == nil {
		said += t.Format(" (-07:00)")
	}
	return said
}

// language picks it or en, whichever Accept-Language likes better; Italian
// when it says nothing of either (contract, sections 4 and 8).
func language(headers []string) string {
	best, lang := 0.0, "it"
	for _, one := range strings.Split(strings.Join(headers, ","), ",") {
		tag, params, _ := strings.Cut(strings.TrimSpace(one), ";")
		primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
		q := 1.0
		if v, ok := strings.CutPrefix(strings.TrimSpace(params), "q="); ok {
			q, _ = strconv.ParseFloat(v, 64)
		}
		if (primary == "it" || primary == "en") && q > best && q <= 1 {
			best, lang = q, primary
		}
	}
	return lang
}

// tidy makes a name from outside fit to be stored and shown: no control
// characters or marks that hide or turn text, single spaces, bounded.
func tidy(s string, most int) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case r == unicode.ReplacementChar || !unicode.IsPrint(r):
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if runes := []rune(s); len(runes) > most {
		s = strings.TrimSpace(string(runes[:most]))
	}
	return s
}
