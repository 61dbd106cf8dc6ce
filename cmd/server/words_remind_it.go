package main

// remindItalian are the words of the reminders.
var remindItalian = words{
	lang: "it",
	help: map[string]help{
		"remind": {"", "i solleciti a chi riguardano, per posta o come elenco", "Prepara un sollecito per chi non ha ancora completato, con la frase adatta al motivo. Prima\n--dry-run, poi --csv FILE (unione di stampa) oppure --smtp SERVER:PORTA. Nessuno ne riceve\ndue nello stesso giorno: la scuola è segnata prima dell'invio. Se il programma si interrompe\nproprio in quel momento, quel sollecito può non essere partito e non si ripete fino a domani."},
	},
	flag: map[string]string{
		"remind-dry":         "mostra a chi andrebbe, senza inviare",
		"remind-csv":         "`FILE` CSV nuovo per l'unione di stampa",
		"smtp":               "`SERVER`:PORTA della posta in uscita",
		"smtp-from":          "`INDIRIZZO` del mittente",
		"smtp-user":          "`UTENTE` della posta",
		"smtp-password-file": "`FILE` con la password della posta (oppure RILEVA_SMTP_PASSWORD)",
		"smtp-tls":           "`CIFRATURA` verso il server: starttls, tls, none (solo su questo computer)",
		"pec":                "alla PEC, dove c'è",
	},
	say: map[string]string{
		"remind_how":        "Come si sollecita?",
		"remind_how.hint":   "Indicare una sola di queste: --dry-run, --csv FILE, --smtp SERVER:PORTA.",
		"smtp_from":         "Manca il mittente.",
		"smtp_from.hint":    "Indicarlo con --smtp-from INDIRIZZO.",
		"smtp_address":      "«%[1]s» non è un server di posta.",
		"smtp_address.hint": "Scrivere server:porta, per esempio smtp.example.it:587.",
		"smtp_tls":          "«%[1]s» non è un modo di cifrare.",
		"smtp_tls.hint":     "Indicare starttls, tls oppure none.",
		"smtp_plain":        "Verso %[1]s la password e i messaggi viaggerebbero in chiaro.",
		"smtp_plain.hint":   "Usare --smtp-tls starttls oppure tls; none vale solo per un server su questo computer.",
		"smtp_failed":       "Il server di posta %[1]s non risponde o non accetta l'accesso: non è partito nulla.",
		"smtp_failed.hint":  "Controllare indirizzo, cifratura, utente e password; con --log-level debug si vede la causa.",
		"csv_failed":        "La scrittura di %[1]s non è riuscita: nessuna scuola è segnata come sollecitata.",
		"csv_failed.hint":   "Controllare lo spazio sul disco e ripetere.",
		"remind_row":        "%[1]s %[2]s: %[3]s, a %[4]s",
		"remind_skipped":    "Saltate %[1]d: %[2]s.",
		"remind_dry":        "Prova, non è partito nulla: solleciti da inviare %[1]d.",
		"reminded":          "Solleciti: %[1]d.",
		"remind_failed":     "%[1]s: non partito; si può ripetere oggi.",
		"remind_uncertain":  "%[1]s: non si sa se è partito; non si ripete fino a domani.",
	},
	word: map[string]string{
		"skip.today": "già sollecitate oggi", "skip.uncertain": "sollecito di oggi dall'esito incerto", "skip.no_address": "senza indirizzo", "skip.office": "la password la deve mandare l'Ufficio",
	},
}
