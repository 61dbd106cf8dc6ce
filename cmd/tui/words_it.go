package main

// wordsIT are the words of the commands in Italian.
var wordsIT = map[string]string{
	"short": "Compilazione della rilevazione sulla dispersione scolastica",
	"long": `Rileva: compilazione della rilevazione sulla dispersione scolastica.
Senza comando si apre il modulo a tutto schermo. Ogni risposta si salva da sola;
senza rete si continua a lavorare e l'invio parte appena la rete torna.`,
	"use login": "--code CODICE [--password-stdin]", "use logout": "", "use password": "[--password-stdin]", "use status": "",
	"use fill": "PARTE --from FILE [--partial] | --template FILE [--table TABELLA]", "use check": "[PARTE]", "use explain": "PARTE CONTROLLO --text TESTO [--reason MOTIVO]",
	"use submit": "PARTE… | --all [--declare]", "use sync": "", "use receipts": "", "use receipts show": "NUMERO", "use conflicts": "", "use resolve": "PARTE --mine | --theirs | --field ID=mine|theirs",
	"use receipts verify": "FILE [--key CHIAVE]", "use receipts print": "NUMERO --out FILE.pdf", "use attempts": "",

	"long fill": `Prende le risposte da un file: JSON (variabile: valore, oppure il corpo di un
invio), CSV o XLSX (prima colonna la variabile, seconda il valore).
Le voci che non vanno bene sono elencate con la riga e non viene preso niente
(codice d'uscita 2). Con --partial viene preso ciò che va bene (codice 0, anche
con voci scartate; 2 se non è stato preso niente). Il file di un'altra scuola non
viene preso mai. Un CSV o XLSX di due colonne non dice di quale scheda è: controllare
la PARTE. --template scrive il modello di una tabella (XLSX, o CSV se il nome
finisce così), da riempire e riprendere con --from: dice di chi è, e quello di
un'altra scheda non viene preso.`,
	"long check": `Mostra i rilievi di una parte, oppure di tutte con quelli tra le parti.
Codice d'uscita 3 se c'è qualcosa da correggere o da spiegare.`,
	"long explain": `Spiega un rilievo che chiede di essere corretto o spiegato. La spiegazione
vale per i valori di adesso: se cambiano, va data di nuovo. Un rilievo tra le
parti si spiega nella parte generale.`,
	"long submit": `Mette in coda le parti e prova subito a inviarle. Senza rete restano in coda e
partono al prossimo tentativo (codice d'uscita 5). Una parte già inviata e non
modificata non viene inviata di nuovo: vale la stessa ricevuta.
Codici d'uscita: 3 rilievi da correggere, 4 c'è una versione più recente,
5 server non raggiunto, 6 rifiutata, 7 rilevazione chiusa.`,

	"login": "accede con il codice meccanografico", "logout": "esce; le bozze restano sul computer", "password": "cambia la password",
	"status": "a che punto sono le parti", "fill": "prende le risposte da un file JSON, CSV o XLSX", "check": "mostra i rilievi",
	"explain": "spiega un rilievo", "submit": "invia le parti", "sync": "invia ciò che aspetta e scarica le novità",
	"receipts": "elenca le ricevute", "receipts show": "mostra una ricevuta (con --json i byte del server)",
	"receipts verify": "verifica una ricevuta, anche senza rete", "receipts print": "stampa una ricevuta in PDF, per il protocollo",
	"attempts": "la storia dei tentativi d'invio",

	"flag server": "`INDIRIZZO` del server (oppure RILEVA_SERVER)", "flag lang": "`LINGUA`: it o en", "flag plain": "una domanda alla volta, senza schermo intero: per i lettori di schermo e le linee lente",
	"flag json": "stampa in JSON",
	"flag help": "mostra questo aiuto", "flag version": "mostra la versione", "flag code": "`CODICE` meccanografico",
	"flag password-stdin":  "legge la password dalla prima riga dell'ingresso (e la nuova, se serve, dalla seconda)",
	"flag password-stdin2": "legge dall'ingresso la password attuale e, nella seconda riga, la nuova",
	"flag from":            "`FILE` da leggere (- è l'ingresso)", "flag template": "scrive in `FILE` il modello di una tabella", "flag table": "quale `TABELLA`, se la parte ne ha più di una", "flag partial": "prende ciò che è giusto anche se altro è sbagliato",
	"flag text": "`TESTO` della spiegazione, almeno 10 caratteri", "flag reason": "`MOTIVO`: verified_in_register, small_numbers, special_situation, definition_differs, other (se manca: other)",
	"flag all": "tutte le parti pronte", "flag declare": "il dirigente/coordinatore dichiara che i dati corrispondono agli atti della scuola",
	"flag withdraw": "`PERCORSI` di cui si ritira la scheda già inviata (solo con general)", "flag key": "`CHIAVE` pubblica del registro del server",

	"conflicts": "confronta con la versione inviata da un altro computer", "resolve": "decide quale versione resta, campo per campo",
	"flag mine": "dove sono cambiate entrambe resta quella di questo computer", "flag theirs": "dove sono cambiate entrambe resta l'altra",
	"flag field":    "decide un campo: ID=mine oppure ID=theirs (si può ripetere)",
	"see conflicts": "Vedere le differenze con: rileva conflicts", "no conflicts": "Nessuna parte ha due versioni.",
	"conflict head":    "%s: sul server c'è l'invio n. %d, ricevuto il %s da %s; la bozza di questo computer parte dal n. %d.",
	"another computer": "un altro computer", "conflict together": "legate da %s, si decidono insieme:",
	"conflict both": "Cambiate da entrambi, da decidere:", "conflict theirs": "Cambiate solo dall'altro computer, verranno prese:",
	"conflict line": "prima %s, qui %s, là %s", "blank": "vuoto", "not available": "dato non disponibile",
	"resolved":  "Deciso: la parte %s parte ora dalla versione del server. Rilievi da correggere o spiegare: %d. Poi inviarla.",
	"undecided": "Ancora da decidere:", "undecided hint": "non è stato cambiato niente: dire per ciascuno --field ID=mine oppure ID=theirs, o per tutti --mine o --theirs.",
	"use doctor": "[--dismiss-alarm CODICE --because TESTO]", "doctor": "prova il collegamento passo per passo e dice che cosa non va",
	"long doctor": `Percorre i passi di un invio uno per uno, senza inviare niente: il primo che non
riesce, a chi tocca, che cosa fare. Il codice d'uscita è quello del passo che
non riesce; la prova resta nella storia dei tentativi.
Mostra anche l'avviso sul registro del server, se c'è; quando l'Ufficio lo ha
spiegato si toglie con --dismiss-alarm e il motivo, che resta nella storia.`,
	"flag dismiss-alarm": "toglie l'avviso con questo `CODICE`", "flag because": "`TESTO`: che cosa ha spiegato l'Ufficio",
	"alarm dismissed": "Avviso tolto; il motivo è nella storia dei tentativi (rileva attempts). Il registro del server viene seguito da capo.",
	"what alarm":      "avviso", "outcome log_shrunk": "registro accorciato, avviso tolto", "outcome log_rewritten": "registro cambiato, avviso tolto",
	"outcome log_key_changed": "chiave sconosciuta, avviso tolto",
	"exam ok":                 "[ok]", "exam failed": "[NO]", "exam skipped": "[--]", "whose job": "a chi tocca", "incident": "codice di questa prova: %s",
	"job person": "a chi usa questo computer", "job network": "a chi cura la rete e i computer della scuola", "job office": "all'Ufficio", "job nobody": "a nessuno: il programma riprova da solo",
	"step address": "indirizzo del server", "step name": "nome trovato", "step connect": "collegamento", "step tls": "collegamento sicuro e orologio",
	"step server": "identità del server", "step version": "versioni", "step sign_in": "accesso", "step dates": "date della rilevazione",
	"step questionnaire": "questionario", "step payload": "dati da inviare", "step stored": "registrati dal server", "step receipt": "ultima ricevuta",
	"what doctor": "prova", "outcome version": "altra versione del protocollo",
	"draft": "porta una bozza su un altro computer, o la butta", "use draft": "",
	"draft export": "scrive in un file ciò che non è ancora inviato", "use draft export": "FILE",
	"draft import": "prende la bozza di un altro computer della scuola", "use draft import": "FILE [--replace]",
	"draft discard": "butta le modifiche non inviate di una parte, tenendone copia", "use draft discard": "PARTE",
	"flag replace": "prende la bozza anche al posto di modifiche non inviate, che restano in un file a parte",
	"exported":     "Bozza di %s (%s) scritta in %s. Sull'altro computer: rileva draft import FILE", "imported": "Prese le bozze di %s, da %s del %s. Controllarle con rileva check.",
	"set aside": "Quello che c'era è in %s; per riprenderlo: rileva draft import FILE --replace",
	"discarded": "Le modifiche di %s sono state tolte; una copia è in %s. Per riprenderle: rileva draft import FILE",
	"lock":      "chiude le bozze di questo computer con una frase segreta, o la cambia", "use lock": "[--remove] [--passphrase-stdin]",
	"long lock":   "Per i computer che usano in molti: chi non conosce la frase segreta non legge e non cambia\nle bozze, e non invia al posto della scuola. Il programma la chiede all'avvio.\nLa frase non si può recuperare: se è perduta, il lavoro non inviato è perduto con lei.",
	"flag remove": "toglie la frase segreta", "flag passphrase-stdin": "legge la frase dalle prime due righe dell'ingresso (due volte la stessa)",
	"ask passphrase": "Frase segreta delle bozze", "ask new passphrase": "Nuova frase segreta (almeno 12 caratteri)", "ask passphrase again": "La stessa, per conferma",
	"passphrases differ": "Le due frasi non sono uguali.", "passphrases differ hint": "Ripetere il comando: niente è cambiato.",
	"lock set": "Le bozze di questo computer sono chiuse: la frase segreta viene chiesta a ogni avvio. Conservarla in un luogo sicuro, nessuno può recuperarla.", "lock removed": "Le bozze di questo computer non sono chiuse da una frase segreta.",
	"no passphrase file": "Il file della frase segreta, %s, non si può leggere.", "no passphrase file hint": "Controllare RILEVA_PASSPHRASE_FILE e i permessi del file.",
	"this device": "nome di questo computer per l'Ufficio",
	"settings":    "le impostazioni di questo computer", "use settings": "[heartbeat on|off]",
	"heartbeat on": "acceso (l'Ufficio vede a che punto sono le parti: percentuali e numero di rilievi, nessuna risposta)", "heartbeat off": "spento",
	"print": "stampa una scheda in PDF, compilata o in bianco", "use print": "PARTE [--blank] --out FILE.pdf", "flag blank": "in bianco, da compilare a penna",
	"flag out": "`FILE` da scrivere (- è l'uscita)", "out needed": "Manca il file da scrivere.", "out needed hint": "Indicarlo con --out, per esempio --out ricevuta.pdf",
	"file other kind": "Il file %s esiste già ed è di un altro tipo: non è stato toccato.", "file other kind hint": "Scegliere un altro nome.",
	"file not written": "Il file %s non si può scrivere.", "file not written hint": "Controllare la cartella, i permessi e lo spazio sul disco.",
	"printed": "Scritto: %s", "field check code": "Codice di controllo",
	"hint":             "suggerimento",
	"unknown command":  "Il comando «%s» non esiste.",
	"see help":         "Vedere i comandi con: rileva --help",
	"bad flag":         "L'opzione «%s» non esiste.",
	"bad flags":        "Le opzioni non sono scritte bene.",
	"flag value":       "Manca il valore dell'opzione «%s».",
	"flag invalid":     "Il valore «%s» non va bene per l'opzione «%s».",
	"bad args":         "Il comando si scrive così: rileva %s",
	"no home":          "Non si trova la cartella dell'utente.",
	"no home hint":     "Indicare una cartella con RILEVA_HOME.",
	"code needed":      "Manca il codice meccanografico.",
	"code needed hint": "Scrivere: rileva login --code MIIS00000X",
	"from needed":      "Manca il file da cui prendere le risposte.",
	"from needed hint": "Scrivere: rileva fill PARTE --from FILE",
	"no terminal":      "Qui non c'è un terminale in cui scrivere la password.",
	"no terminal hint": "Usare --password-stdin e passare la password sull'ingresso.",

	"elsewhere":    "Su questo computer aspetta lavoro non inviato di %s, %s (%s): resta al suo posto e parte quando quella scuola accede di nuovo.",
	"clock ahead":  "l'orologio di questo computer è avanti di %d minuti rispetto al server; non cambia nulla per gli invii, ma conviene correggerlo.",
	"clock behind": "l'orologio di questo computer è indietro di %d minuti rispetto al server; non cambia nulla per gli invii, ma conviene correggerlo.",

	"form stopped":          "Il programma è stato chiuso dal sistema. Tutte le risposte sono salvate.",
	"not saved":             "L'ultima risposta NON è stata salvata: %s",
	"signed in at":          "l'accesso è al server %s, e lì si continua a inviare; un altro indirizzo vale dal prossimo «rileva login».",
	"no terminal form":      "Il modulo a tutto schermo ha bisogno di un terminale.",
	"no terminal form hint": "Usare «rileva --plain», che fa una domanda alla volta, oppure i comandi: rileva status, fill, check, submit.",
	"no file":               "Il file %s non esiste.",
	"no file hint":          "Controllare il nome e la cartella.",
	"file locked":           "Il file %s non si può leggere.",
	"file locked hint":      "Chiuderlo negli altri programmi e controllare i permessi.",
	"is folder":             "%s è una cartella, non un file.",
	"is folder hint":        "Indicare il file con le risposte.",
	"file big":              "Il file %s è troppo grande: non può essere una scheda.",
	"file big hint":         "Controllare di aver scelto il file giusto.",

	"ask password": "Password", "ask current": "Password attuale", "ask new": "Nuova password (almeno 10 caratteri)",
	"signed in": "Accesso fatto: %s, %s.", "signed out": "Uscita fatta. Le bozze restano su questo computer.",
	"must change":      "Accesso fatto con la password della lettera (%s): ora va cambiata con: rileva password",
	"password changed": "Password cambiata.",

	"status dates":      "A.s. %s. %s",
	"status head":       "PARTE\tSTATO\tFATTO\tERRORI\tDA SPIEGARE\tINVIO N.",
	"status aside":      "Parte %s: %d risposte messe da parte dalla nuova versione del questionario:",
	"status aside one":  "Parte %s: %d risposta messa da parte dalla nuova versione del questionario:",
	"status aside more": "  … e altre %d: rileva status --json",
	"status outdated":   "La parte %s resta sulla versione precedente del questionario, ancora valida; passa alla nuova quando la si modifica.",
	"status foot":       "In attesa d'invio: %d. Ricevute: %d. Ultimo contatto con il server: %s.",
	"office says":       "L'Ufficio scrive,",
	"remark":            "! Osservazione dell'Ufficio [%s] %s",
	"status removed":    "Parte %s: l'Ufficio ha cancellato dal server i dati personali, come previsto dopo il tempo di conservazione. Le ricevute restano valide.",
	"status conflict":   "! %s: c'è una versione più recente, inviata da un altro computer. «rileva conflicts» le mette a confronto.",
	"status detail":     "! %s: %s.",
	"open until":        "! %s: l'Ufficio ha riaperto questa parte fino al %s",
	"state blank":       "da iniziare",
	"state draft":       "in bozza",
	"state ready":       "pronta",
	"state queued":      "in attesa d'invio",
	"state sent":        "inviata",
	"state changed":     "modificata dopo l'invio",
	"state refused":     "rifiutata",
	"state conflict":    "in conflitto",
	"state returned":    "restituita dall'Ufficio",
	"state approved":    "approvata", "state withdrawn": "ritirata", "state locked": "chiusa: prima la parte 1",
	"severity hard": "errore", "severity explain": "da spiegare", "severity note": "nota", "explained": "spiegato",
	"pupil":             "«%s» sembra il nome o il codice fiscale di uno studente: se lo è, riscrivere la spiegazione senza.",
	"check clean":       "Nessun rilievo.",
	"template written":  "Modello scritto in %s. Riempito, si riprende con: rileva fill %s --from FILE",
	"fill nothing":      "%d voci non vanno bene: non è stato preso niente.",
	"fill nothing hint": "Correggere le righe indicate, oppure ripetere con --partial.",
	"fill none hint":    "Nessuna voce va bene: controllare di aver scelto il file e la parte giusti.",
	"fill more":         "%s: … e altre %d voci",
	"fill taken":        "%d risposte prese nella parte %s (%d vuote, %d scartate).",
	"explain done":      "Spiegazione del controllo %s salvata: arriva all'Ufficio con il prossimo invio della parte.",
	"blocked":           "La parte %s non è stata inviata: %d rilievi da correggere o da spiegare.",
	"waiting":           "La parte %s è %s (%s).",
	"op queued":         "in attesa: partirà da sola", "op refused": "rifiutata dal server", "op conflict": "in conflitto con una versione più recente",
	"op needs_login":  "in attesa di un nuovo accesso",
	"fetched":         "Scaricata la versione più recente della parte %s.",
	"sent elsewhere":  "La parte %s è già stata inviata da un altro computer e qui non è cambiata.",
	"nothing to send": "Non c'è niente da inviare: nessuna parte è stata iniziata, oppure quelle restituite aspettano una correzione.",
	"sync done":       "Tutto aggiornato.",
	"no receipts":     "Nessuna ricevuta: non è ancora stato inviato niente.",
	"receipt line":    "Ricevuta %s  %s  invio n. %d  %s",
	"late":            "(in ritardo)", "yes": "sì", "no": "no",
	"field number": "Ricevuta", "field institution": "Istituto", "field survey": "Rilevazione", "field part": "Parte", "field revision": "Invio n.",
	"field received": "Ricevuto il", "field late": "In ritardo", "field digest": "Impronta dei dati", "field questionnaire": "Questionario",
	"field submission": "Identificativo", "field leaf": "Posizione nel registro",
	"no key": "Non si conosce la chiave del registro del server.", "no key hint": "Indicarla con --key, oppure accedere una volta al server.",
	"receipt good":          "La ricevuta è valida: %s, istituto %s, parte %s, invio n. %d, ricevuta il %s.",
	"receipt bad":           "La ricevuta NON è valida: %s.",
	"receipt bad hint":      "Usare il file così com'è uscito da «rileva receipts show NUMERO --json»; se non basta, chiedere all'Ufficio.",
	"verify format":         "il file non ha la forma di una ricevuta, o è stato modificato",
	"verify receipt_fields": "un campo della ricevuta non ha la forma giusta",
	"verify proof_format":   "la prova non ha la forma giusta",
	"verify signature":      "la firma non è quella del server",
	"verify inclusion":      "la prova non torna con il registro firmato",
	"verify leaf_mismatch":  "i dati della ricevuta non sono quelli registrati",
	"attempts head":         "QUANDO\tPARTE\tESITO\tCODICE\tCHE COSA È SUCCESSO",
	"what login":            "accesso", "what password": "password", "what sync": "novità", "what submit": "invio",
	"outcome accepted": "arrivato, con ricevuta", "outcome address": "indirizzo sbagliato", "outcome offline": "senza rete", "outcome dns": "nome del server non trovato",
	"outcome tls": "collegamento non sicuro", "outcome clock": "orologio del computer indietro", "outcome cert_expired": "certificato del server scaduto",
	"outcome cert_name": "certificato di un altro server", "outcome cert_authority": "certificato non riconosciuto", "outcome proxy_auth": "il proxy chiede la password",
	"outcome other_survey": "il server raccoglie un'altra rilevazione",
	"outcome refused":      "server non raggiunto", "outcome timeout": "nessuna risposta in tempo",
	"outcome portal": "pagina d'accesso della rete", "outcome redirect": "rimandato a un altro indirizzo",
	"outcome proxy": "fermato dal proxy", "outcome protocol": "risposta non attesa", "outcome cut": "collegamento interrotto", "outcome stopped": "interrotto",
	"outcome not_yet": "si riprova più tardi", "outcome general_first": "prima deve arrivare la parte generale", "outcome pass_stopped": "non ancora tentato",
	"outcome base_lost": "il server è tornato indietro", "outcome needs_login": "serve un nuovo accesso", "outcome conflict": "c'è una versione più recente", "outcome other": "non riuscito",
	"usage template": `Uso:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMANDO{{end}}{{if .HasAvailableSubCommands}}

Comandi:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Opzioni:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Opzioni comuni:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`,
}
