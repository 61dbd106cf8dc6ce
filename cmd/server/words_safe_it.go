package main

// safeItalian are the words of copies, restores, and of the sync log.
var safeItalian = words{
	lang: "it",
	help: map[string]help{
		"backup":         {"FILE", "fa una copia di sicurezza dell'archivio", "Copia l'archivio com'è in questo momento, anche mentre le scuole inviano. Il file prende il\nsuo nome solo quando la copia è intera e verificata. La chiave con cui si firma il registro\n(rileva.key) non è nella copia: va conservata a parte."},
		"restore":        {"FILE", "ripristina l'archivio da una copia, in una cartella nuova", "Ripristina l'archivio da una copia di sicurezza in una cartella (--data) che non contiene\nancora nulla, tranne la chiave del registro (rileva.key) di quando è stata fatta la copia.\nCiò che le scuole hanno inviato dopo la copia torna da solo, con le stesse ricevute, quando\ni loro programmi si collegano."},
		"log rotate-key": {"", "cambia la chiave con cui si firma il registro", "Cambia la chiave con cui si firma il registro degli invii. La vecchia firma un'ultima riga che\nnomina la nuova, così i programmi delle scuole la seguono senza allarmi."},
	},
	flag: map[string]string{
		"log-key":     "`FILE` con la chiave che firma il registro, se non è rileva.key nella cartella dei dati (anche RILEVA_LOG_KEY)",
		"new-log-key": "fa una chiave nuova, se quella di prima è perduta: i programmi delle scuole daranno un allarme",
	},
	say: map[string]string{
		"backup_done":            "Copia fatta e verificata: %[1]s (invii: %[2]d, righe del registro: %[3]d, %[4]d KiB).",
		"backup_key":             "La chiave del registro non è nella copia: conservare a parte anche %[1]s.",
		"restore_done":           "Archivio ripristinato in %[1]s, con %[2]d invii. Epoca %[3]s, prima era %[4]s.",
		"restore_next":           "Avviare il server: ciò che manca torna dai programmi delle scuole al loro prossimo collegamento.\nPassword, revoche, date e restituzioni decise dopo la copia vanno ripetute.",
		"restore_other_key":      "La chiave del registro non è quella della copia: i programmi delle scuole daranno un allarme,\ne le scuole chiameranno. La chiave è cambiata perché l'Ufficio lo ha voluto: dirlo loro.",
		"restore_not_empty":      "La cartella %[1]s non è vuota (c'è %[2]s): un ripristino non sostituisce mai nulla.",
		"restore_not_empty.hint": "Indicare con --data una cartella nuova e metterci solo rileva.key.",
		"restore_key":            "Per ripristinare serve la chiave del registro, e %[1]s non c'è o è danneggiata.",
		"restore_key.hint":       "Mettere lì la copia di rileva.key, o indicarla con --log-key; se è perduta, --new-log-key.",
		"restore_damaged":        "%[1]s non è una copia intera di un archivio: non è stato ripristinato nulla.",
		"restore_damaged.hint":   "Usare un'altra copia, e conservare questa finché non è finito.",
		"key_rotated":            "Il registro è firmato con una chiave nuova, in %[1]s. Conservarne una copia a parte; la vecchia non serve più.",

		"log_old_logs":     "Integri anche i registri di prima dei ripristini: %[1]d.",
		"log_foreign":      "Il registro è integro, ma il checkpoint indicato non è suo: %[1]s.",
		"log_foreign.hint": "Controllare di aver scelto il checkpoint di questo server.",

		"log_nothing":          "Nessuna riga corrisponde.",
		"unknown_outcome":      "«%[1]s» non è un esito del registro.",
		"unknown_outcome.hint": "Gli esiti sono: %[2]s.",
		"unknown_action":       "«%[1]s» non è un'azione del registro.",
		"unknown_action.hint":  "Le azioni sono: %[2]s.",

		"store_full":         "Sul disco di %[1]s non c'è più spazio: l'archivio non si può aprire né creare.",
		"store_full.hint":    "Liberare spazio e riavviare; ciò che era confermato è al sicuro.",
		"store_network":      "La cartella %[1]s è su un disco di rete, dove un archivio si può danneggiare.",
		"store_network.hint": "Indicare con --data una cartella su un disco di questo computer.",
		"draining":           "mi fermo: finisco le richieste in corso, al massimo %[1]d secondi (un altro Ctrl+C ferma subito).",
		"store_failed":       "Il server si ferma: %[1]s. Ciò che era confermato è al sicuro.",
		"store_failed.hint":  "%[2]s; poi riavviare il server e verificare con «rileva-server check».",
		"failed_full":        "sul disco dei dati non c'è più spazio", "failed_full_do": "Liberare spazio",
		"failed_io": "il disco dei dati dà errore in scrittura", "failed_io_do": "Controllare il disco",

		"beside":     "Accantonato dopo il ripristino: %[1]s, revisione %[2]d, ricevuta %[3]s, del %[4]s, dal dispositivo %[5]s.",
		"beside_why": "  Il suo posto è stato preso da altri dati: la scuola deve rivedere la parte e, se serve, inviarla di nuovo.",

		"col_when": "QUANDO", "col_who": "CHI", "col_act": "CHE COSA", "col_outcome": "ESITO", "col_incident": "INCIDENTE", "col_remark": "NOTE",
		"col_actor": "CHI", "col_line": "RIGA", "col_client": "PROGRAMMA", "col_bytes": "BYTE", "col_milliseconds": "MILLISECONDI",
		"col_submission": "INVIO", "col_form": "QUESTIONARIO",
	},
	word: map[string]string{
		"part.short.general": "generale", "part.short.liceale": "liceale", "part.short.tecnico": "tecnico",
		"part.short.professionale": "profess.", "part.short.iefp": "IeFP",

		"action.submit": "invio", "action.sign_in": "accesso", "action.sign_out": "uscita", "action.change_password": "cambio password",
		"action.read": "lettura", "action.reconcile": "riconciliazione", "action.restore": "ripristino", "action.log_rotate_key": "chiave cambiata",
		"action.refusals": "rifiuti contati", "action.heartbeat": "avanzamento",
		"action.institutions_import": "importazione", "action.institutions_add": "scuola aggiunta", "action.institutions_exclude": "esclusione",
		"action.institutions_include": "esclusione tolta", "action.institutions_tracks": "percorsi attesi", "action.institutions_group": "gruppo",
		"action.institutions_merge": "istituti uniti", "action.institutions_remove": "istituto tolto", "action.remind": "sollecito",
		"action.institutions_ungroup": "gruppo sciolto", "action.institutions_confirm": "gruppo confermato",
		"action.credentials_issue": "password data", "action.credentials_reset": "password rifatta", "action.credentials_revoke": "revoca",
		"action.survey_publish": "questionario", "action.survey_void": "questionario nullo", "action.survey_dates": "date spostate",
		"action.return": "restituzione", "action.return_cancel": "restituz. annullata", "action.approve": "approvazione",
		"action.approve_cancel": "approvaz. annullata", "action.message": "messaggio", "action.note": "annotazione",

		"outcome.accepted": "accettato", "outcome.replayed": "già ricevuto", "outcome.ok": "fatto",
		"outcome.invalid": "non valido", "outcome.unauthorized": "non autorizzato", "outcome.use_first_code": "altro codice",
		"outcome.wrong_password": "password errata", "outcome.password_change_required": "password da cambiare", "outcome.forbidden": "non permesso",
		"outcome.survey_not_open": "non ancora aperta", "outcome.survey_closed": "chiusa", "outcome.not_found": "non trovato",
		"outcome.wrong_institution": "altra scuola", "outcome.general_part_required": "manca la generale", "outcome.track_not_offered": "percorso assente",
		"outcome.track_has_submission": "percorso inviato", "outcome.part_approved": "già approvata", "outcome.unknown_questionnaire": "questionario ignoto",
		"outcome.id_reused": "invio già usato", "outcome.epoch_changed": "da prima del ripristino", "outcome.revision_conflict": "conflitto", "outcome.too_large": "troppo grande",
		"outcome.unsupported_media_type": "formato ignoto", "outcome.answers_rejected": "dati da correggere", "outcome.precondition_required": "senza revisione",
		"outcome.rate_limited": "troppe richieste", "outcome.internal": "errore interno", "outcome.unavailable": "non disponibile",
	},
}
