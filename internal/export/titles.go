package export

// titles gives the words of the files in one language, Italian for any other.
func titles(lang string) func(string) string {
	words := titlesIT
	if lang == "en" {
		words = titlesEN
	}
	return func(key string) string { return words[key] }
}

var titlesIT = map[string]string{
	"package":            "Estrazione della rilevazione a un dato momento. Una cella vuota è una risposta non data o non dovuta; un codice tra i valori mancanti è un dato non disponibile. Un testo che inizia come una formula è preceduto da un apostrofo.",
	"table.institutions": "Istituzioni",
	"table.general":      "Parte generale",
	"table.tracks":       "Percorsi",
	"table.cells":        "Celle",
	"table.explanations": "Motivazioni",

	"institution_id": "Identificativo interno, che non cambia", "code": "Codice di accesso", "codes": "Codici",
	"name": "Denominazione", "comune": "Comune", "kind": "Natura", "expected_tracks": "Percorsi attesi",
	"return_state": "Stato della scheda", "excluded": "Motivo dell'esclusione", "revision": "Revisione", "state": "Stato della parte",
	"received_at": "Ricevuto il", "late": "In ritardo", "receipt": "Ricevuta", "questionnaire": "Versione del questionario",
	"content_digest": "Impronta del contenuto", "track": "Percorso", "part": "Parte", "variable": "Variabile", "row": "Riga",
	"value": "Valore", "unavailable": "Motivo del dato non disponibile", "check": "Controllo", "reason": "Tipo di motivo", "text": "Motivazione",
}

var titlesEN = map[string]string{
	"package":            "The survey as it stood at a moment. An empty cell is a question not answered or not asked; a code among the missing values is a value that the school does not have. An apostrophe stands before a text that begins like a formula.",
	"table.institutions": "Institutions",
	"table.general":      "General part",
	"table.tracks":       "Tracks",
	"table.cells":        "Cells",
	"table.explanations": "Explanations",

	"institution_id": "Internal id, which never changes", "code": "Login code", "codes": "Codes",
	"name": "Name", "comune": "Comune", "kind": "Kind", "expected_tracks": "Expected tracks",
	"return_state": "State of the return", "excluded": "Reason for leaving it out", "revision": "Revision", "state": "State of the part",
	"received_at": "Received at", "late": "Late", "receipt": "Receipt", "questionnaire": "Version of the questionnaire",
	"content_digest": "Digest of the content", "track": "Track", "part": "Part", "variable": "Variable", "row": "Row",
	"value": "Value", "unavailable": "Why the value is not available", "check": "Check", "reason": "Kind of reason", "text": "Explanation",
}
