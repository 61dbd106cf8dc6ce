package main

// followItalian are the words of following up and reviewing.
var followItalian = words{
	lang: "it",
	help: map[string]help{
		"history": {"CODICE PARTE", "racconta tutto ciò che è successo a una parte", "Racconta chi ha fatto che cosa su una parte e quando: invii con le risposte cambiate e le\nspiegazioni, restituzioni con le osservazioni, approvazioni."},
		"return":  {"CODICE PARTE", "restituisce una parte con osservazioni", "Restituisce alla scuola una parte da correggere. La decisione riguarda la revisione indicata\no l'ultima mostrata: se intanto ne è arrivata un'altra, il comando si ferma.\nUn'osservazione su una variabile comincia con il suo nome: --remark \"VARIABILE: testo\"."},
		"approve": {"CODICE [PARTE]", "approva una parte, o tutte le parti di una scuola", "Approva una parte, oppure tutte se sono arrivate tutte. Una parte approvata non si può più\ncambiare, finché non viene restituita o l'approvazione annullata (--cancel)."},
		"message": {"CODICE…", "scrive un messaggio alle scuole", "Scrive un messaggio che le scuole leggono nel loro programma al prossimo collegamento."},
		"note":    {"CODICE…", "annota una telefonata o altro, per l'Ufficio", "Annota qualcosa su una scuola, per esempio l'esito di una telefonata. Lo legge solo l'Ufficio:\nsi ritrova in «missing» e in «show»."},
	},
	flag: map[string]string{
		"decided-revision": "`N` della revisione su cui si decide; senza, l'ultima mostrata",
		"remark":           "`OSSERVAZIONE`: \"VARIABILE: testo\" oppure \"testo\"; si può ripetere",
		"open-until":       "`DATA` fino a cui la parte è riaperta, se i termini sono scaduti",
		"cancel":           "annulla la decisione",
		"text":             "`TESTO`",
		"variables":        "mostra le risposte con il nome delle variabili",
	},
	say: map[string]string{
		"cancel_alone":      "--cancel annulla e basta: non va insieme a --remark o --until.",
		"cancel_alone.hint": "Annullare prima, poi restituire di nuovo con le nuove osservazioni.",
		"reviewed":          "%[1]s %[2]s, %[3]s, revisione %[4]d: %[5]s.",
		"reviewed_return":   "L'insieme di %[1]s: %[2]s.",
		"remark":            "  Osservazione (%[1]s): %[2]s",
		"remark_at":         "  Osservazione (%[1]s, %[2]s): %[3]s",
		"open_until":        "  Riaperta (%[1]s) fino a %[2]s",
		"message_sent":      "Messaggio per %[1]s %[2]s: lo legge al prossimo collegamento.",
		"note_added":        "Annotato per %[1]s %[2]s.",
		"message":           "Messaggio del %[1]s: %[2]s",
		"note":              "Annotazione del %[1]s: %[2]s",
		"variable":          "%[1]s = %[2]s  (%[3]s)",
		"history_row":       "%[1]s  %[2]s: %[3]s, revisione %[4]d",
		"history_states":    "  stato: %[1]s → %[2]s",
		"history_receipt":   "  ricevuta %[1]s, contenuto %[2]s%[3]s",
		"history_change":    "  %[1]s (%[2]s): %[3]s → %[4]s",
		"history_more":      "  … e altre %[1]d risposte cambiate (--json le elenca tutte)",
		"history_why":       "  spiegazione %[1]s: %[2]s",
	},
	word: map[string]string{
		"actor.school": "scuola", "actor.office": "Ufficio", "actor.server": "server",
		"review.submit": "invio", "review.withdraw": "percorso ritirato", "review.return": "restituzione", "review.return_cancel": "restituzione annullata",
		"review.approve": "approvazione", "review.approve_cancel": "approvazione annullata",
	},
}
