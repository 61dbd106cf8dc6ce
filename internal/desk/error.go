package desk

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"rileva/internal/drafts"
	surveysync "rileva/pkg/sync"
)

// Error is a refusal of the desk with a stable code; its sentence and hint
// stand in words.
type Error struct {
	Code string
	Err  error // the cause, for the log; never on a person's screen
	args []any
}

func (e *Error) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s %v: %v", e.Code, e.args, e.Err)
	}
	return fmt.Sprintf("%s %v", e.Code, e.args)
}

func (e *Error) Unwrap() error { return e.Err }

func newError(code string, args ...any) error { return &Error{Code: code, args: args} }

// words: by code and language the sentence and what to do now.
var words = map[string]map[string][2]string{
	"it": {
		"unconfirmed":         {"%v: viene dalla rilevazione %v, da confermare", "Controllare la risposta e premere Invio, oppure scriverne un'altra."},
		"not_signed_in":       {"Non è stato ancora fatto l'accesso.", "Accedere con: rileva login --code CODICE --server INDIRIZZO"},
		"no_server":           {"Non si sa a quale server collegarsi.", "Indicarlo con --server https://… (è scritto nella lettera dell'Ufficio)."},
		"bad_server":          {"L'indirizzo del server «%v» non è valido.", "Scriverlo come nella lettera, per esempio https://rilevazione.esempio.it"},
		"plain_http":          {"Con l'indirizzo «%v» la password e le risposte viaggerebbero in chiaro: chi sta in mezzo le legge.", "Scrivere https:// al posto di http://. Solo per una prova in una rete fidata: RILEVA_INSECURE_HTTP=true"},
		"no_questionnaire":    {"Il questionario non è ancora su questo computer.", "Collegarsi alla rete e ripetere: rileva sync"},
		"unknown_part":        {"La parte «%v» non esiste in questa rilevazione.", "Le parti sono: %v"},
		"part_locked":         {"La scheda «%v» si apre quando la parte 1 è completa.", "Completare prima la parte generale: rileva check general"},
		"not_offered":         {"Il percorso «%v» non è tra quelli indicati nella parte 1.", "Aggiungerlo alla domanda sui percorsi della parte generale."},
		"file_too_large":      {"Il file %v è troppo grande: non può essere una scheda.", "Controllare di aver scelto il file giusto (JSON, CSV o XLSX con variabile e valore)."},
		"file_empty":          {"Il file %v è vuoto.", "Scegliere un file con le colonne variabile e valore."},
		"file_binary":         {"Il file %v non è un testo.", "Servono un JSON, un CSV (variable,value) o un XLSX."},
		"file_json":           {"Il file %v non è un JSON valido.", "Controllare virgole e virgolette, oppure usare un CSV con le colonne variable,value."},
		"file_csv":            {"Il file %v non è un CSV leggibile: riga %v.", "Ogni riga ha due colonne: variable,value."},
		"file_xlsx":           {"Il file %v non è un foglio di Excel leggibile.", "Aprirlo in Excel e salvarlo di nuovo come .xlsx, oppure come CSV."},
		"blocked":             {"La parte «%v» ha %v rilievi da correggere o da spiegare: non è stata inviata.", "Vederli con: rileva check %[1]v"},
		"explain_short":       {"La spiegazione è troppo corta: servono almeno 10 caratteri.", "Scrivere che cosa è stato controllato e perché il dato è giusto."},
		"explain_reason":      {"Il motivo «%v» non è previsto.", "I motivi sono: %v"},
		"explain_none":        {"Il controllo «%v» non chiede spiegazioni adesso.", "Vedere i rilievi con: rileva check"},
		"no_conflict":         {"La parte «%v» non ha due versioni.", "Vedere le parti in conflitto con: rileva conflicts"},
		"nothing_to_send":     {"Non c'è niente da inviare.", "Le parti compilate sono già inviate, oppure hanno ancora rilievi."},
		"receipt_not_found":   {"La ricevuta «%v» non è su questo computer.", "Vedere quelle che ci sono con: rileva receipts"},
		"other_owner":         {"Su questo computer è al lavoro un'altra scuola.", "Uscire con rileva logout; i dati dell'altra scuola restano al loro posto."},
		"version_changed":     {"Intanto è arrivata una nuova versione del questionario: la modifica non è stata presa.", "Guardare la scheda, che ora mostra la nuova versione, e ripetere la modifica."},
		"must_change":         {"La password della lettera va cambiata prima di continuare.", "Cambiarla con: rileva password"},
		"file_other_school":   {"Il file %v è di un'altra scuola: %v. Non è stato preso niente.", "Scegliere il file giusto, oppure accedere con il codice di quella scuola."},
		"file_other_part":     {"Il file %v è della parte «%v». Non è stato preso niente.", "Scegliere il file giusto, oppure indicare quella parte."},
		"file_no_table":       {"Il file %v non è il modello di una tabella di Rileva: non si sa di quale scuola e di quale scheda è.", "Scrivere il modello (F7 nella tabella, oppure rileva fill PARTE --template FILE), copiarvi i numeri e aprire quello."},
		"file_other_table":    {"Il file %v è il modello di un'altra tabella: «%v». Non è stato preso niente.", "Aprire quella tabella, oppure scegliere il file di questa."},
		"no_table":            {"La tabella «%v» non esiste in questa parte.", "Le tabelle sono: %[2]v"},
		"which_table":         {"Questa parte ha più di una tabella: indicare quale con --table.", "Le tabelle sono: %v"},
		"template_how":        {"Scrivere i numeri nelle caselle, senza cambiare le prime due colonne e le prime sette righe. Casella vuota: non cambia niente.", ""},
		"log_alarm":           {"Il registro del server è stato cambiato: delle registrazioni mancano o non sono più quelle di prima.", "Conservare le ricevute di questo computer e avvisare l'Ufficio: %[1]v. Codice da comunicare: %[2]v."},
		"base_lost":           {"Il server è tornato a una copia precedente e non ha più la versione da cui partono questi dati: non vengono inviati finché qualcuno non li confronta.", "Confrontare con ciò che il server ha ora (rileva conflicts) e decidere; se non c'è niente da confrontare, inviare di nuovo la parte."},
		"owed":                {"Il server è tornato a una copia precedente e non riprende ancora: %v. Motivo: %v I dati e le ricevute restano su questo computer.", "Non serve fare nulla: vengono offerti di nuovo a ogni contatto. Se dura, avvisare l'Ufficio."},
		"owed_questionnaire":  {"Il server è tornato a una copia precedente e non conosce più il questionario di: %v. I dati e le ricevute restano su questo computer.", "Avvisare l'Ufficio: deve pubblicare di nuovo il questionario %[2]v (rileva-server survey publish). Poi i dati tornano al loro posto da soli."},
		"alarm_ends":          {"Quando l'Ufficio ha spiegato che cosa è successo, l'avviso si toglie con: rileva doctor --dismiss-alarm %[1]v --because \"che cosa ha detto l'Ufficio\"", ""},
		"no_contact":          {"il recapito è nella lettera con le credenziali", ""},
		"alarm_reason":        {"Per togliere l'avviso bisogna dire il perché, con almeno 10 caratteri.", "Scrivere che cosa ha spiegato l'Ufficio: resta nella storia dei tentativi."},
		"no_alarm":            {"Su questo computer non c'è nessun avviso con il codice %v.", "Il codice da indicare è quello mostrato da: rileva doctor"},
		"log_key_alarm":       {"Il registro del server è firmato da una chiave sconosciuta, e quella di prima non l'ha annunciata.", "Conservare le ricevute di questo computer e chiedere all'Ufficio se ha cambiato la chiave: %[1]v. Codice da comunicare: %[2]v."},
		"given_back":          {"Il server è tornato a una copia precedente e ha riavuto da qui ciò che gli mancava (invii: %v). Le ricevute restano valide.", ""},
		"beside":              {"Il server è tornato a una copia precedente. La parte %[1]v, revisione %[2]v (ricevuta %[3]v), è di nuovo al sicuro ma non al suo posto: o mancano ancora gli invii di altri computer della scuola, o altri dati l'hanno preso. Collegare prima gli altri computer (rileva sync); se resta così, confrontare (rileva conflicts) e inviare di nuovo.", ""},
		"queue_pending":       {"Un invio di «%v» è già in corso e non se ne conosce ancora l'esito.", "Collegarsi alla rete e ripetere rileva sync; poi inviare le modifiche."},
		"busy":                {"C'è un collegamento in corso.", "Riprovare tra un momento."},
		"restored":            {"Il file delle bozze era danneggiato: al suo posto c'è la copia automatica del %v. Controllare le ultime risposte. Il file danneggiato è conservato: %v", ""},
		"internal":            {"Il programma ha avuto un errore imprevisto; quello che è stato salvato resta salvato.", "Chiudere e riaprire il programma; se accade ancora, avvisare l'Ufficio."},
		"nothing_unsent":      {"Su questo computer non c'è niente di scritto e non inviato.", "Vedere le parti con: rileva status"},
		"not_a_draft":         {"Il file %v non è una bozza esportata da Rileva.", "Usare il file scritto da: rileva draft export FILE"},
		"draft_other_survey":  {"La bozza nel file %v è della rilevazione «%v», qui si lavora su «%v». Non è stato preso niente.", "Scegliere il file giusto."},
		"draft_in_the_way":    {"La parte «%v» ha qui modifiche non inviate: la bozza di %v del %v non è stata presa.", "Inviare prima quelle che ci sono, oppure ripetere con --replace: quelle di qui restano in un file a parte."},
		"draft_older":         {"La bozza della parte «%v» (%v, %v) parte da un invio più vecchio di quello che c'è qui: non è stata presa.", "Se è proprio quella, ripetere con --replace: le due versioni si confronteranno con rileva conflicts."},
		"nothing_to_discard":  {"La parte «%v» non ha modifiche da buttare.", "Vedere le parti con: rileva status"},
		"not_set_aside":       {"La copia nella cartella %v non si può scrivere: non è stato buttato né sostituito niente.", "Controllare i permessi e lo spazio sul disco."},
		"explanation_of":      {"spiegazione del controllo %v", ""},
		"exam_clock":          {"l'orologio di questo computer è avanti di %v minuti rispetto al server (meno: indietro); non cambia niente per gli invii", ""},
		"exam_waiting":        {"parti in attesa d'invio: %v", ""},
		"exam_stored":         {"ricevute su questo computer: %v; il server ha tutto", ""},
		"exam_stuck":          {"Il server ha rifiutato la parte «%v»: %v", "Correggere la parte e inviarla di nuovo; vedere anche: rileva attempts"},
		"exam_queued":         {"La parte «%v» è in coda e non è ancora stata inviata; prossimo tentativo: %v.", "Inviarla adesso con: rileva sync"},
		"server_lacks":        {"Il server non ha più l'invio n. %[2]v della parte «%[1]v», di cui qui c'è la ricevuta %[3]v.", "Fare rileva sync, che lo offre di nuovo; se non basta, avvisare l'Ufficio e conservare le ricevute."},
		"receipt_fails":       {"La ricevuta %v non torna con le chiavi del registro del server.", "Conservarla e avvisare l'Ufficio."},
		"deadline_opens":      {"La rilevazione apre il {opens}; i dati vanno inviati entro il {due}.", ""},
		"deadline_until":      {"Scadenza: {due}.", ""},
		"deadline_until_late": {"Scadenza: {due}; in ritardo si può inviare fino al {late}.", ""},
		"deadline_late":       {"La scadenza era il {due}: si può ancora inviare, in ritardo, fino al {late}.", ""},
		"deadline_closed":     {"La rilevazione si è chiusa il {late}: non si può più inviare, salvo proroga dell'Ufficio.", ""},
		"twice":               {"compare già alla riga %v", ""},
		"stands":              {"c'è scritto «%v»: %v", ""},
		"unknown":             {"questa variabile non esiste nella parte", ""},
		"computed":            {"è un valore calcolato: non va indicato", ""},
		"readonly":            {"viene dall'anagrafe e non si modifica", ""},
		"one_column":          {"manca la seconda colonna, quella del valore", ""},
		"many_columns":        {"ci sono più di due colonne; un valore che contiene il separatore va tra virgolette", ""},
		"cell_error":          {"la cella contiene un errore di Excel", ""},
		"cell_formula":        {"la cella contiene una formula: copiarla e incollarla su se stessa come valore (Incolla speciale, Valori)", ""},
		"cell_date":           {"la cella contiene una data: Excel l'ha cambiata da sé, riscrivere il numero con il formato «Numero»", ""},
		"cell_closed":         {"la casella è chiusa: non ci sono classi in quest'anno", ""},
		"not_of_table":        {"non è un numero di questa tabella", ""},
		"no_row":              {"nella prima colonna manca il codice della riga, o la riga con i nomi delle colonne: scrivere di nuovo il modello", ""},
		"no_column":           {"c'è un numero oltre le colonne della tabella", ""},
		"unavailable":         {"qui «dato non disponibile» non è ammesso, o il motivo non è previsto", ""},
	},
	"en": {
		"unconfirmed":         {"%v: taken over from the survey of %v, to be confirmed", "Check the answer and press Enter, or type another."},
		"not_signed_in":       {"Nobody is signed in yet.", "Sign in with: rileva login --code CODE --server ADDRESS"},
		"no_server":           {"It is not known which server to use.", "Name it with --server https://… (it stands in the office's letter)."},
		"bad_server":          {"The server address \"%v\" is not valid.", "Write it as in the letter, for example https://survey.example.org"},
		"plain_http":          {"With the address \"%v\" the password and the answers would travel in the clear: whoever is on the way reads them.", "Write https:// in the place of http://. Only to try it in a network that you trust: RILEVA_INSECURE_HTTP=true"},
		"no_questionnaire":    {"The questionnaire is not on this computer yet.", "Connect to the network and repeat: rileva sync"},
		"unknown_part":        {"There is no part \"%v\" in this survey.", "The parts are: %v"},
		"part_locked":         {"The sheet \"%v\" opens when part 1 is complete.", "Complete the general part first: rileva check general"},
		"not_offered":         {"The track \"%v\" is not among those of part 1.", "Add it to the question on the tracks of the general part."},
		"file_too_large":      {"The file %v is too large to be a sheet.", "Check that it is the right file (JSON, CSV or XLSX with variable and value)."},
		"file_empty":          {"The file %v is empty.", "Choose a file with the columns variable and value."},
		"file_binary":         {"The file %v is not text.", "A JSON, a CSV (variable,value) or an XLSX is needed."},
		"file_json":           {"The file %v is not valid JSON.", "Check commas and quotes, or use a CSV with the columns variable,value."},
		"file_csv":            {"The file %v is not a readable CSV: line %v.", "Each line has two columns: variable,value."},
		"file_xlsx":           {"The file %v is not a readable Excel sheet.", "Open it in Excel and save it again as .xlsx, or as CSV."},
		"blocked":             {"The part \"%v\" has %v findings to correct or to explain: it was not sent.", "See them with: rileva check %[1]v"},
		"explain_short":       {"The explanation is too short: at least 10 characters.", "Write what was checked and why the number is right."},
		"explain_reason":      {"There is no reason \"%v\".", "The reasons are: %v"},
		"explain_none":        {"The check \"%v\" asks for no explanation now.", "See the findings with: rileva check"},
		"no_conflict":         {"The part \"%v\" does not have two versions.", "See the parts in conflict with: rileva conflicts"},
		"nothing_to_send":     {"There is nothing to send.", "The parts that were filled in are sent, or still have findings."},
		"receipt_not_found":   {"The receipt \"%v\" is not on this computer.", "See those that are with: rileva receipts"},
		"other_owner":         {"Another school is at work on this computer.", "Sign out with rileva logout; the other school's data stay in their place."},
		"version_changed":     {"A new version of the questionnaire has come meanwhile: the change was not taken.", "Look at the sheet, which now shows the new version, and make the change again."},
		"must_change":         {"The password of the letter has to be changed first.", "Change it with: rileva password"},
		"file_other_school":   {"The file %v belongs to another school: %v. Nothing was taken.", "Choose the right file, or sign in with that school's code."},
		"file_other_part":     {"The file %v is of the part \"%v\". Nothing was taken.", "Choose the right file, or name that part."},
		"file_no_table":       {"The file %v is no template of a table of Rileva: it does not say which school and sheet it is of.", "Write the template (F7 in the table, or rileva fill PART --template FILE), copy the numbers into it and open that one."},
		"file_other_table":    {"The file %v is the template of another table: \"%v\". Nothing was taken.", "Open that table, or choose the file of this one."},
		"no_table":            {"There is no table \"%v\" in this part.", "The tables are: %[2]v"},
		"which_table":         {"This part has several tables: name one with --table.", "The tables are: %v"},
		"template_how":        {"Type the numbers into the cells; leave the first two columns and the first seven lines as they are. A blank cell changes nothing.", ""},
		"log_alarm":           {"The server's log was changed: entries are missing or are no longer what they were.", "Keep this computer's receipts and tell the office: %[1]v. Code to give: %[2]v."},
		"base_lost":           {"The server went back to an earlier copy and no longer has the revision that these data began from: they are not sent before somebody has compared them.", "Compare with what the server has now (rileva conflicts) and decide; if there is nothing to compare, submit the part again."},
		"owed":                {"The server went back to an earlier copy and does not take back yet: %v. Reason: %v The data and the receipts stay on this computer.", "Nothing to do: they are offered again at each contact. If it lasts, tell the office."},
		"owed_questionnaire":  {"The server went back to an earlier copy and no longer knows the questionnaire of: %v. The data and the receipts stay on this computer.", "Tell the office: it has to publish the questionnaire %[2]v again (rileva-server survey publish). Then the data return to their place by themselves."},
		"alarm_ends":          {"When the office has explained what happened, end the warning with: rileva doctor --dismiss-alarm %[1]v --because \"what the office said\"", ""},
		"no_contact":          {"see the letter with the credentials", ""},
		"alarm_reason":        {"To end the warning say why, in 10 characters or more.", "Write what the office has explained: it stays in the history of attempts."},
		"no_alarm":            {"There is no warning with the code %v on this computer.", "Give the code that this shows: rileva doctor"},
		"log_key_alarm":       {"The server's log is signed by an unknown key, and the one before has not announced it.", "Keep this computer's receipts and ask the office whether it changed the key: %[1]v. Code to give: %[2]v."},
		"given_back":          {"The server went back to an earlier copy and was given back what it lacked (submissions: %v). The receipts stay good.", ""},
		"beside":              {"The server went back to an earlier copy. The part %[1]v, revision %[2]v (receipt %[3]v), is safe again but not in its place: either submissions of the school's other computers are still missing, or other data have taken it. Connect the other computers first (rileva sync); if it stays so, compare (rileva conflicts) and send again.", ""},
		"queue_pending":       {"A submission of \"%v\" is under way and its outcome is not known yet.", "Connect to the network and repeat rileva sync; then send the changes."},
		"busy":                {"A connection is under way.", "Try again in a moment."},
		"restored":            {"The file of the drafts was damaged: the automatic copy of %v is in its place. Check the last answers. The damaged file is kept: %v", ""},
		"internal":            {"The program had an unexpected error; what was saved stays saved.", "Close and open the program again; if it happens again, tell the office."},
		"nothing_unsent":      {"Nothing on this computer is typed and unsent.", "See the parts with: rileva status"},
		"not_a_draft":         {"The file %v is no draft that Rileva has exported.", "Use the file written by: rileva draft export FILE"},
		"draft_other_survey":  {"The draft in the file %v is of the survey \"%v\", here the work is on \"%v\". Nothing was taken.", "Choose the right file."},
		"draft_in_the_way":    {"The part \"%v\" has unsent changes here: the draft of %v of %v was not taken.", "Send those that are here first, or repeat with --replace: those of here are kept in a file."},
		"draft_older":         {"The draft of the part \"%v\" (%v, %v) began from an older submission than the one that is here: it was not taken.", "If it is the right one, repeat with --replace: the two versions are compared with rileva conflicts."},
		"nothing_to_discard":  {"The part \"%v\" has no changes to throw away.", "See the parts with: rileva status"},
		"not_set_aside":       {"The copy cannot be written into the folder %v: nothing was thrown away or replaced.", "Check the permissions and the space on the disk."},
		"explanation_of":      {"explanation of check %v", ""},
		"exam_clock":          {"this computer's clock is %v minutes ahead of the server's (minus: behind); it changes nothing for what is sent", ""},
		"exam_waiting":        {"parts waiting to be sent: %v", ""},
		"exam_stored":         {"receipts on this computer: %v; the server has everything", ""},
		"exam_stuck":          {"The server has refused the part \"%v\": %v", "Correct the part and send it again; see also: rileva attempts"},
		"exam_queued":         {"The part \"%v\" is queued and was not sent yet; next attempt: %v.", "Send it now with: rileva sync"},
		"server_lacks":        {"The server no longer has submission no. %[2]v of the part \"%[1]v\", whose receipt %[3]v is here.", "Run rileva sync, which offers it again; if that is not enough, tell the office and keep the receipts."},
		"receipt_fails":       {"The receipt %v does not agree with the keys of the server's log.", "Keep it and tell the office."},
		"deadline_opens":      {"The survey opens on {opens}; the data are due by {due}.", ""},
		"deadline_until":      {"Due by {due}.", ""},
		"deadline_until_late": {"Due by {due}; late submissions are taken until {late}.", ""},
		"deadline_late":       {"It was due by {due}: late submissions are still taken until {late}.", ""},
		"deadline_closed":     {"The survey closed on {late}: nothing can be sent any more, unless the office extends it.", ""},
		"twice":               {"stands already on line %v", ""},
		"stands":              {"it says \"%v\": %v", ""},
		"unknown":             {"there is no such variable in this part", ""},
		"computed":            {"is a computed value: it is not given", ""},
		"readonly":            {"comes from the register and cannot be changed", ""},
		"one_column":          {"the second column, that of the value, is missing", ""},
		"many_columns":        {"there are more than two columns; a value that holds the separator stands in quotes", ""},
		"cell_error":          {"the cell holds an error of Excel", ""},
		"cell_formula":        {"the cell holds a formula: copy it and paste it onto itself as a value (Paste special, Values)", ""},
		"cell_date":           {"the cell holds a date: Excel made it one, type the number again with the format \"Number\"", ""},
		"cell_closed":         {"the cell is closed: there are no classes in this year", ""},
		"not_of_table":        {"is no number of this table", ""},
		"no_row":              {"the first column lacks the row's code, or the line with the columns' names is gone: write the template again", ""},
		"no_column":           {"there is a number beyond the table's columns", ""},
		"unavailable":         {"\"data not available\" is not allowed here, or there is no such reason", ""},
	},
}

func wording(lang, code string) [2]string {
	byCode, ok := words[lang]
	if !ok {
		byCode = words["it"]
	}
	w, ok := byCode[code]
	if !ok {
		w = byCode["internal"]
	}
	return w
}

func word(lang, code string, args ...any) string { return apply(wording(lang, code)[0], args) }

// apply fills as many places as the sentence has.
func apply(s string, args []any) string {
	if !strings.Contains(s, "%") {
		return s
	}
	if !strings.Contains(s, "%[") {
		args = args[max(0, len(args)-strings.Count(s, "%v")):]
	}
	safe := slices.Clone(args)
	for i, a := range safe {
		if text, ok := a.(string); ok { // a line end in a name would begin a line of its own
			safe[i] = surveysync.Visible(text)
		}
	}
	out := fmt.Sprintf(s, safe...)
	if i := strings.Index(out, "%!(EXTRA"); i >= 0 {
		out = out[:i]
	}
	return out
}

// Sentence says in words what went wrong.
func Sentence(err error, lang string) string { s, _ := describe(err, lang); return s }

// Hint says what to do now.
func Hint(err error, lang string) string { _, h := describe(err, lang); return h }

func describe(err error, lang string) (sentence, hint string) {
	var mine *Error
	var store *drafts.Error
	var problem *surveysync.Problem
	var net *surveysync.NetError
	switch {
	case errors.As(err, &mine):
		w := wording(lang, mine.Code)
		first := mine.args
		if strings.Count(w[0], "%v") < len(first) {
			first = first[:strings.Count(w[0], "%v")]
		}
		return apply(w[0], first), apply(w[1], mine.args)
	case errors.As(err, &problem):
		s := problem.Detail
		if problem.Incident != "" {
			s += " [" + problem.Incident + "]"
		}
		return s, problem.Hint
	case errors.As(err, &net):
		return net.Sentence(lang), net.Hint(lang)
	case errors.As(err, &store):
		return store.Sentence(lang), store.Advice(lang)
	}
	w := wording(lang, "internal")
	return w[0], w[1]
}

// detail is Sentence without the incident code, for where that stands beside it.
func detail(err error, lang string) string {
	var problem *surveysync.Problem
	if errors.As(err, &problem) {
		return problem.Detail
	}
	return Sentence(err, lang)
}

// CodeOf is the stable word of an error: of the desk, the store, the server or
// the network.
func CodeOf(err error) string {
	var mine *Error
	var store *drafts.Error
	var problem *surveysync.Problem
	var net *surveysync.NetError
	switch {
	case errors.As(err, &mine):
		return mine.Code
	case errors.As(err, &problem):
		return string(problem.Code)
	case errors.As(err, &net):
		return net.Cause
	case errors.As(err, &store):
		return store.Code
	}
	return "internal"
}
