package main

// commandWords are all words of the commands, by language. The sentences of
// errors stand where the errors are made: desk, drafts, sync.
var commandWords = map[string]map[string]string{
	"it": {
		"short": "Compilazione della rilevazione sulla dispersione scolastica",
		"long": `Rileva: compilazione della rilevazione sulla dispersione scolastica.
Senza comando si apre il modulo a tutto schermo. Ogni risposta si salva da sola;
senza rete si continua a lavorare e l'invio parte appena la rete torna.`,
		"use login": "--code CODICE [--password-stdin]", "use logout": "", "use password": "[--password-stdin]", "use status": "",
		"use fill": "PARTE --from FILE [--partial]", "use check": "[PARTE]", "use explain": "PARTE CONTROLLO --text TESTO [--reason MOTIVO]",
		"use submit": "PARTE… | --all [--declare]", "use sync": "", "use receipts": "", "use receipts show": "NUMERO", "use conflicts": "", "use resolve": "PARTE --mine | --theirs | --field ID=mine|theirs",
		"use receipts verify": "FILE [--key CHIAVE]", "use attempts": "",

		"long fill": `Prende le risposte da un file: JSON (variabile: valore, oppure il corpo di un
invio), CSV o XLSX (prima colonna la variabile, seconda il valore).
Le voci che non vanno bene sono elencate con la riga e non viene preso niente
(codice d'uscita 2). Con --partial viene preso ciò che va bene (codice 0, anche
con voci scartate; 2 se non è stato preso niente). Il file di un'altra scuola non
viene preso mai. Un CSV o XLSX non dice di quale scheda è: controllare la PARTE.`,
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
		"receipts verify": "verifica una ricevuta, anche senza rete", "attempts": "la storia dei tentativi d'invio",

		"flag server": "`INDIRIZZO` del server (oppure RILEVA_SERVER)", "flag lang": "`LINGUA`: it o en", "flag json": "stampa in JSON",
		"flag help": "mostra questo aiuto", "flag version": "mostra la versione", "flag code": "`CODICE` meccanografico",
		"flag password-stdin":  "legge la password dalla prima riga dell'ingresso (e la nuova, se serve, dalla seconda)",
		"flag password-stdin2": "legge dall'ingresso la password attuale e, nella seconda riga, la nuova",
		"flag from":            "`FILE` da leggere (- è l'ingresso)", "flag partial": "prende ciò che è giusto anche se altro è sbagliato",
		"flag text": "`TESTO` della spiegazione, almeno 10 caratteri", "flag reason": "`MOTIVO`: verified_in_register, small_numbers, special_situation, definition_differs, other (se manca: other)",
		"flag all": "tutte le parti pronte", "flag declare": "il dirigente/coordinatore dichiara che i dati corrispondono agli atti della scuola",
		"flag withdraw": "`PERCORSI` di cui si ritira la scheda già inviata (solo con general)", "flag key": "`CHIAVE` pubblica del registro del server",

		"conflicts": "confronta con la versione inviata da un altro computer", "resolve": "decide quale versione resta, campo per campo",
		"flag mine": "dove sono cambiate entrambe resta quella di questo computer", "flag theirs": "dove sono cambiate entrambe resta l'altra",
		"flag field":    "decide un campo: ID=mine oppure ID=theirs (si può ripetere)",
		"see conflicts": "Vedere le differenze con: rileva conflicts", "no conflicts": "Nessuna parte ha due versioni.",
		"conflict head": "%s: sul server c'è l'invio n. %d, ricevuto il %s da un altro computer.",
		"conflict both": "Cambiate da entrambi, da decidere:", "conflict theirs": "Cambiate solo dall'altro computer, verranno prese:",
		"conflict line": "prima %s, qui %s, là %s", "blank": "vuoto", "not available": "dato non disponibile",
		"resolved":  "Deciso: la parte %s parte ora dalla versione del server. Controllarla con rileva check, poi inviarla.",
		"undecided": "Ancora da decidere:", "undecided hint": "non è stato cambiato niente: dire per ciascuno --field ID=mine oppure ID=theirs, o per tutti --mine o --theirs.",
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

		"no terminal form":      "Il modulo a tutto schermo ha bisogno di un terminale.",
		"no terminal form hint": "Usare i comandi: rileva status, rileva fill, rileva check, rileva submit.",
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
		"open until":        "! %s: l'Ufficio ha riaperto questa parte fino al %s",
		"state blank":       "da iniziare",
		"state draft":       "in bozza",
		"state ready":       "pronta",
		"state queued":      "in attesa d'invio",
		"state sent":        "inviata",
		"state changed":     "modificata dopo l'invio",
		"state refused":     "rifiutata",
		"state conflict":    "c'è una versione più recente",
		"state returned":    "restituita dall'Ufficio",
		"state approved":    "approvata", "state withdrawn": "ritirata", "state locked": "chiusa: prima la parte 1",
		"severity hard": "errore", "severity explain": "da spiegare", "severity note": "nota", "explained": "spiegato",
		"check clean":       "Nessun rilievo.",
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
		"outcome refused": "server non raggiunto", "outcome timeout": "nessuna risposta in tempo", "outcome tls": "certificato non riconosciuto",
		"outcome clock": "certificato non valido a questa data", "outcome portal": "pagina d'accesso della rete", "outcome redirect": "rimandato a un altro indirizzo",
		"outcome proxy": "fermato dal proxy", "outcome protocol": "risposta non attesa", "outcome cut": "collegamento interrotto", "outcome stopped": "interrotto",
		"outcome not_yet": "si riprova più tardi", "outcome general_first": "prima deve arrivare la parte generale", "outcome pass_stopped": "non ancora tentato",
		"outcome needs_login": "serve un nuovo accesso", "outcome conflict": "c'è una versione più recente", "outcome other": "non riuscito",
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
	},
	"en": {
		"short": "Filling in the survey on early school leaving",
		"long": `Rileva: filling in the survey on early school leaving.
Without a command the full-screen form opens. Each answer saves itself; without
a network you go on working, and what was sent leaves when the network is back.`,
		"use login": "--code CODE [--password-stdin]", "use logout": "", "use password": "[--password-stdin]", "use status": "",
		"use fill": "PART --from FILE [--partial]", "use check": "[PART]", "use explain": "PART CHECK --text TEXT [--reason REASON]",
		"use submit": "PART… | --all [--declare]", "use sync": "", "use receipts": "", "use receipts show": "NUMBER", "use conflicts": "", "use resolve": "PART --mine | --theirs | --field ID=mine|theirs",
		"use receipts verify": "FILE [--key KEY]", "use attempts": "",

		"long fill": `Takes answers from a file: JSON (variable: value, or the body of a submission),
CSV or XLSX (the variable in the first column, the value in the second).
Entries that are wrong are listed with their line and nothing is taken (exit
code 2). With --partial what is right is taken (code 0, even with entries left
out; 2 when nothing was taken). The file of another school is never taken. A
CSV or XLSX does not say which sheet it is of: mind the PART.`,
		"long check": `Shows the findings of one part, or of all with those across the parts.
Exit code 3 when something has to be corrected or explained.`,
		"long explain": `Explains a finding that asks to be corrected or explained. The explanation
holds for the values as they are: when they change, it has to be given again.
A finding across the parts is explained in the general part.`,
		"long submit": `Queues the parts and tries to send them at once. Without a network they stay
queued and leave at the next attempt (exit code 5). A part that was sent and
not changed since is not sent again: the same receipt holds.
Exit codes: 3 findings to correct, 4 there is a newer version, 5 the server was
not reached, 6 refused, 7 the survey is closed.`,

		"login": "sign in with the school code", "logout": "sign out; drafts stay on the computer", "password": "change the password",
		"status": "where the parts stand", "fill": "take answers from a JSON, CSV or XLSX file", "check": "show the findings",
		"explain": "explain a finding", "submit": "send parts", "sync": "send what waits and fetch what is new",
		"receipts": "list the receipts", "receipts show": "show a receipt (with --json the server's bytes)",
		"receipts verify": "verify a receipt, also offline", "attempts": "the history of attempts",

		"flag server": "the server's `ADDRESS` (or RILEVA_SERVER)", "flag lang": "`LANGUAGE`: it or en", "flag json": "print JSON",
		"flag help": "show this help", "flag version": "show the version", "flag code": "school `CODE`",
		"flag password-stdin":  "read the password from the first line of standard input (and the new one, if needed, from the second)",
		"flag password-stdin2": "read the current password and, on the second line, the new one from standard input",
		"flag from":            "`FILE` to read (- is standard input)", "flag partial": "take what is right even if something is wrong",
		"flag text": "`TEXT` of the explanation, at least 10 characters", "flag reason": "`REASON`: verified_in_register, small_numbers, special_situation, definition_differs, other (when absent: other)",
		"flag all": "all parts that are ready", "flag declare": "the head declares that the data agree with the school's records",
		"flag withdraw": "`TRACKS` whose sheets are taken back (only with general)", "flag key": "public `KEY` of the server's log",

		"conflicts": "compare with the version sent from another computer", "resolve": "decide which version stays, field by field",
		"flag mine": "where both have changed, this computer's stays", "flag theirs": "where both have changed, the other one stays",
		"flag field":    "decide one field: ID=mine or ID=theirs (may be repeated)",
		"see conflicts": "See the differences with: rileva conflicts", "no conflicts": "No part has two versions.",
		"conflict head": "%s: the server has revision %d, received %s from another computer.",
		"conflict both": "Changed by both, to decide:", "conflict theirs": "Changed by the other computer only, to be taken over:",
		"conflict line": "before %s, here %s, there %s", "blank": "blank", "not available": "not available",
		"resolved":  "Decided: the part %s now starts from the server's version. Check it with rileva check, then send it.",
		"undecided": "Still to decide:", "undecided hint": "nothing was changed: say --field ID=mine or ID=theirs for each, or --mine or --theirs for all.",
		"hint":             "hint",
		"unknown command":  "There is no command \"%s\".",
		"see help":         "See the commands with: rileva --help",
		"bad flag":         "There is no option \"%s\".",
		"bad flags":        "The options are not well written.",
		"flag value":       "The value of the option \"%s\" is missing.",
		"flag invalid":     "The value \"%s\" does not fit the option \"%s\".",
		"bad args":         "The command is written: rileva %s",
		"no home":          "The user's folder cannot be found.",
		"no home hint":     "Name a folder with RILEVA_HOME.",
		"code needed":      "The school code is missing.",
		"code needed hint": "Write: rileva login --code MIIS00000X",
		"from needed":      "The file to take answers from is missing.",
		"from needed hint": "Write: rileva fill PART --from FILE",
		"no terminal":      "There is no terminal here to type the password in.",
		"no terminal hint": "Use --password-stdin and pass the password on standard input.",

		"elsewhere":    "Unsent work of %s, %s (%s) waits on this computer: it stays where it is and leaves when that school signs in again.",
		"clock ahead":  "this computer's clock is %d minutes ahead of the server's; it changes nothing for what is sent, but it should be set right.",
		"clock behind": "this computer's clock is %d minutes behind the server's; it changes nothing for what is sent, but it should be set right.",

		"no terminal form":      "The full-screen form needs a terminal.",
		"no terminal form hint": "Use the commands: rileva status, rileva fill, rileva check, rileva submit.",
		"no file":               "The file %s does not exist.",
		"no file hint":          "Check the name and the folder.",
		"file locked":           "The file %s cannot be read.",
		"file locked hint":      "Close it in other programs and check the permissions.",
		"is folder":             "%s is a folder, not a file.",
		"is folder hint":        "Name the file with the answers.",
		"file big":              "The file %s is too large to be a sheet.",
		"file big hint":         "Check that it is the right file.",

		"ask password": "Password", "ask current": "Current password", "ask new": "New password (at least 10 characters)",
		"signed in": "Signed in: %s, %s.", "signed out": "Signed out. Drafts stay on this computer.",
		"must change":      "Signed in with the password of the letter (%s): change it now with: rileva password",
		"password changed": "Password changed.",

		"status dates":      "School year %s. %s",
		"status head":       "PART\tSTATE\tDONE\tERRORS\tTO EXPLAIN\tREVISION",
		"status aside":      "Part %s: %d answers put aside by the new version of the questionnaire:",
		"status aside one":  "Part %s: %d answer put aside by the new version of the questionnaire:",
		"status aside more": "  … and %d more: rileva status --json",
		"status outdated":   "The part %s stays on the earlier version of the questionnaire, still valid; it moves to the new one when it is edited.",
		"status foot":       "Waiting to be sent: %d. Receipts: %d. Last contact with the server: %s.",
		"office says":       "The office writes,",
		"remark":            "! Remark of the office [%s] %s",
		"open until":        "! %s: the office has reopened this part until %s",
		"state blank":       "not started",
		"state draft":       "draft",
		"state ready":       "ready",
		"state queued":      "waiting to be sent",
		"state sent":        "sent",
		"state changed":     "changed after sending",
		"state refused":     "refused",
		"state conflict":    "there is a newer version",
		"state returned":    "returned by the office",
		"state approved":    "approved", "state withdrawn": "withdrawn", "state locked": "closed: part 1 first",
		"severity hard": "error", "severity explain": "to explain", "severity note": "note", "explained": "explained",
		"check clean":       "No findings.",
		"fill nothing":      "%d entries are wrong: nothing was taken.",
		"fill nothing hint": "Correct the lines named, or repeat with --partial.",
		"fill none hint":    "No entry is right: check that it is the right file and the right part.",
		"fill more":         "%s: … and %d more entries",
		"fill taken":        "%d answers taken into part %s (%d blank, %d left out).",
		"explain done":      "Explanation of check %s saved: the office gets it with the part's next submission.",
		"blocked":           "The part %s was not sent: %d findings to correct or to explain.",
		"waiting":           "The part %s is %s (%s).",
		"op queued":         "waiting: it leaves by itself", "op refused": "refused by the server", "op conflict": "in conflict with a newer version",
		"op needs_login":  "waiting for a sign-in",
		"fetched":         "Downloaded the newest version of part %s.",
		"sent elsewhere":  "The part %s was sent from another computer and has not changed here.",
		"nothing to send": "There is nothing to send: no part was begun, or those that were returned wait for a correction.",
		"sync done":       "Everything is up to date.",
		"no receipts":     "No receipt: nothing has been sent yet.",
		"receipt line":    "Receipt %s  %s  revision %d  %s",
		"late":            "(late)", "yes": "yes", "no": "no",
		"field number": "Receipt", "field institution": "Institution", "field survey": "Survey", "field part": "Part", "field revision": "Revision",
		"field received": "Received", "field late": "Late", "field digest": "Digest of the data", "field questionnaire": "Questionnaire",
		"field submission": "Id", "field leaf": "Place in the log",
		"no key": "The key of the server's log is not known.", "no key hint": "Name it with --key, or sign in to the server once.",
		"receipt good":          "The receipt is valid: %s, institution %s, part %s, revision %d, received %s.",
		"receipt bad":           "The receipt is NOT valid: %s.",
		"receipt bad hint":      "Use the file as it came from \"rileva receipts show NUMBER --json\"; if that does not help, ask the office.",
		"verify format":         "the file is not in the form of a receipt, or was changed",
		"verify receipt_fields": "a field of the receipt is not in the right form",
		"verify proof_format":   "the proof is not in the right form",
		"verify signature":      "the signature is not the server's",
		"verify inclusion":      "the proof does not agree with the signed log",
		"verify leaf_mismatch":  "the receipt's data are not those that were logged",
		"attempts head":         "WHEN\tPART\tOUTCOME\tCODE\tWHAT HAPPENED",
		"what login":            "sign-in", "what password": "password", "what sync": "news", "what submit": "submission",
		"outcome accepted": "arrived, with a receipt", "outcome address": "wrong address", "outcome offline": "no network", "outcome dns": "server name not found",
		"outcome refused": "server not reached", "outcome timeout": "no answer in time", "outcome tls": "certificate not recognised",
		"outcome clock": "certificate not valid on this date", "outcome portal": "a sign-in page of the network", "outcome redirect": "sent on to another address",
		"outcome proxy": "stopped by the proxy", "outcome protocol": "not the expected answer", "outcome cut": "connection broke off", "outcome stopped": "stopped",
		"outcome not_yet": "to be tried later", "outcome general_first": "the general part has to arrive first", "outcome pass_stopped": "not tried yet",
		"outcome needs_login": "a new sign-in is needed", "outcome conflict": "there is a newer version", "outcome other": "did not succeed",
		"usage template": `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Options:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Common options:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`,
	},
}
