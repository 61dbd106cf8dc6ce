package main

// privacyItalian are the words of what is removed when its time is over.
var privacyItalian = words{
	lang: "it",
	help: map[string]help{
		"forget": {"", "cancella i dati di contatto, quando il tempo è passato", "Toglie da tutti gli invii nome del dirigente e nome, e-mail e telefono del compilatore, e cancella\nle annotazioni dell'Ufficio. Si può fare dopo l'ultima data utile più i mesi di conservazione.\nI numeri, le ricevute e il registro degli invii restano validi; ogni cancellazione è una riga del\nregistro. Non si può annullare. Le copie di sicurezza fatte prima vanno eliminate a parte."},
	},
	flag: map[string]string{
		"months":   "quanti `MESI` dopo l'ultima data utile (predefinito: 12)",
		"variable": "cancella anche la risposta a questa `VARIABILE` di testo; si può ripetere",
	},
	say: map[string]string{
		"forget_done":    "Dati di contatto cancellati. Scuole %[1]d, invii riscritti %[2]d, annotazioni cancellate %[3]d.",
		"forget_nothing": "Non c'è niente da cancellare.",
		"forget_would":   "Dati di contatto da cancellare. Scuole %[1]d, invii da riscrivere %[2]d, annotazioni %[3]d.",
		"forget_from":    "Si può fare dal %[1]s.",
		"forget_copies":  "Eliminare anche le copie di sicurezza e le estrazioni fatte prima.",
	},
	word: map[string]string{"action.forget": "dati cancellati"},
}
