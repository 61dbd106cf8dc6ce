package register

import "strings"

// InEnglish says in English what this package says in Italian: why codes are
// one, why a row was rejected or skipped. Names and codes stay as they are.
func InEnglish(sentence string) string { return inEnglish.Replace(sentence) }

var inEnglish = strings.NewReplacer(
	"Stesso istituto di riferimento: ", "Same institution of reference: ",
	"Stesso indirizzo: ", "Same address: ",
	"Stessa e-mail: ", "Same e-mail: ",
	"Forse dello stesso gestore di ", "Perhaps of the same manager as ",
	"Raggruppate dall'Ufficio.", "Grouped by the office.",
	"il codice è già in ", "the code stands in ",
	"il codice appartiene a due istituzioni, ", "the code belongs to two institutions, ",
	"virgolette fuori posto", "quotes out of place",
	"la riga ha ", "the row has ",
	" campi invece di ", " fields instead of ",
	"colonna ", "column ",
	"non è un codice meccanografico", "not a school code",
	"il codice è già alla riga ", "the code stands in line ",
	"manca la provincia", "the province is missing",
	"manca il comune", "the comune is missing",
	"deve essere STATALE o PARITARIA", "must be STATALE or PARITARIA",
	"manca l'istituto di riferimento di una scuola statale", "the institution of reference of a state school is missing",
	skipProvince, "another province",
	skipType, "no upper-secondary school",
	skipNoType, "the type of school is missing",
	skipEmpty, "empty row",
)
