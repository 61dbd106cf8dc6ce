package survey

import (
	"fmt"
	"strings"
)

// words are the engine's own sentences, for what every questionnaire shares;
// all others stand in the questionnaire itself.
var words = map[string]map[string]string{
	"it": {
		"unknown":      "La variabile «%s» non esiste in questa scheda.",
		"computed":     "%s: è un valore calcolato e non va inviato.",
		"unavailable":  "%s: qui non si può indicare «dato non disponibile» con questo motivo.",
		"irrelevant":   "%s: la domanda non va compilata, visti gli altri dati.",
		"exclusive":    "%s: «%s» non può stare insieme ad altre risposte. Togliere l'una o le altre.",
		"required":     "%s: manca la risposta.",
		"unanswered":   "%s Manca la risposta.",
		"requiredmany": "%s: mancano %s risposte. Scrivere 0 dove non c'è nessuno.",
		"integer":      "scrivere un numero intero tra %s e %s.",
		"decimal":      "scrivere un numero tra %s e %s (cifre dopo la virgola: al massimo %s).",
		"date":         "scrivere una data nella forma 2023-12-20.",
		"yesno":        "rispondere Sì o No.",
		"list":         "indicare un elenco di voci.",
		"text":         "scrivere un testo.",
		"option":       "«%s» non è tra le voci previste, oppure è ripetuta.",
		"blankline":    "c'è una riga vuota nell'elenco: toglierla.",
		"entries":      "l'elenco supera le %s voci.",
		"long":         "il testo supera i %s caratteri.",
		"control":      "il testo contiene caratteri che non si possono stampare: toglierli.",
		"explanation":  "La spiegazione del controllo %s ha bisogno di un motivo e di almeno %s caratteri.",
		"yes":          "Sì",
		"no":           "No",
	},
	"en": {
		"unknown":      "There is no variable \"%s\" in this sheet.",
		"computed":     "%s: a computed value is not sent.",
		"unavailable":  "%s: \"not available\" cannot stand here with this reason.",
		"irrelevant":   "%s: the question is not to be answered, given the other answers.",
		"exclusive":    "%s: \"%s\" cannot stand beside other answers. Remove one or the other.",
		"required":     "%s: the answer is missing.",
		"unanswered":   "%s The answer is missing.",
		"requiredmany": "%s: %s answers are missing. Write 0 where there is nobody.",
		"integer":      "write a whole number between %s and %s.",
		"decimal":      "write a number between %s and %s (digits after the point: at most %s).",
		"date":         "write a date in the form 2023-12-20.",
		"yesno":        "answer Yes or No.",
		"list":         "give a list of entries.",
		"text":         "write a text.",
		"option":       "\"%s\" is not one of the options, or stands twice.",
		"blankline":    "there is an empty line in the list: remove it.",
		"entries":      "the list is longer than %s entries.",
		"long":         "the text is longer than %s characters.",
		"control":      "the text holds characters that cannot be printed: remove them.",
		"explanation":  "The explanation of check %s needs a reason and at least %s characters.",
		"yes":          "Yes",
		"no":           "No",
	},
}

func say(lang, key string, args ...any) string {
	byKey, ok := words[lang]
	if !ok {
		byKey = words["it"]
	}
	// A sentence may need fewer of the arguments than its caller has at hand.
	text := byKey[key]
	return fmt.Sprintf(text, args[:min(len(args), strings.Count(text, "%s"))]...)
}
