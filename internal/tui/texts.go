package tui

import (
	"fmt"

	"rileva/internal/tui/field"
	"rileva/internal/tui/grid"
	"rileva/pkg/survey"
)

// texts holds every word of the screens in one language. A field left empty is
// a fault that a test finds.
type texts struct {
	lang string

	// Frame.
	TooSmall, SavedAt, NotSaved, NothingToSave     string
	Typing, SessionEnded                           string
	Unsent, Offline, Connecting, Sending, ClockOff string
	QuitHint, CtrlC, CtrlS                         string
	HelpPart, HelpSection, HelpGrid, HelpTyped     string
	HelpReview, HelpExplain, HelpSubmit            string
	HelpSignIn, HelpText, HelpNext                 string

	// Sign-in and password.
	SignInTitle, SignInIntro, SignInParitarie        string
	Server, Code, Password, SigningIn                string
	PasswordTitle, PasswordIntro, NewPassword, Again string
	PasswordsDiffer, PasswordChanged                 string

	// Home.
	HomeName                                             string
	HomeTitle, Part1, Part2, Locked                      string
	StateBlank, StateDraft, StateReady, StateQueued      string
	StateSent, StateChanged, StateRefused, StateConflict string
	StateReturned, StateApproved, StateWithdrawn         string
	AsideTitle                                           string
	Remarks, AcrossTitle, Receipts                       string

	// Part, section and grid.
	Sections, Progress, Missing1, MissingN, Complete  string
	GoReview, GoSubmit, TableLine, OpenTable          string
	NotAvailable, NotAvailableOff, Optional, ReadOnly string
	NoMore, NoMissing, Position                       string
	HelpTitle, HelpNoText, HelpExample, HelpWho       string

	// Review, explanation, submission, receipt.
	ReviewTitle, ReviewNone, Error, Warning, NoteWord, Explained string
	Error1, ErrorN, Warning1, WarningN, ToFill                   string
	ExplainTitle, ExplainReason, ExplainText, ExplainShort       string
	ExplainSaved, ExplainPupil, ExplainChoose, ExplainNoReason   string
	SubmitTitle, SubmitReady, SubmitBlocked, SubmitFinal         string
	Declaration, DeclareHow, SubmitHow, SubmitQueued, Submitted  string
	WithdrawAsk                                                  string
	ReceiptTitle, ReceiptNone, ReceiptNumber                     string
	ReceiptRevision, ReceiptAt, ReceiptLate, ReceiptDigest       string
	ReceiptCheck                                                 string

	Expected, ExpectedLess, ExpectedMore, ExpectedFits string

	Fields field.Words
	Grid   grid.Texts
	Import importTexts
	Link   linkTexts
	More   moreTexts
}

// in chooses the language; anything but English is Italian.
func in(lang string) *texts {
	if lang == "en" {
		return english()
	}
	return italian()
}

func (t *texts) number(n int) string { return survey.FormatInt(n, t.lang) }

// count says how many in the singular or the plural.
func (t *texts) count(n int, one, many string) string {
	if n == 1 {
		return one
	}
	return fmt.Sprintf(many, t.number(n))
}

// found says how many questions a search has found.
func (t *texts) found(n int) string { return t.count(n, t.More.Found1, t.More.FoundN) }

// missing says how many answers are due: "manca 1 risposta", "mancano 4 risposte".
func (t *texts) missing(n int) string {
	if n == 0 {
		return t.Complete
	}
	return t.count(n, t.Missing1, t.MissingN)
}

func italian() *texts {
	return &texts{
		lang:          "it",
		TooSmall:      "La finestra è troppo piccola (%d x %d). Allargarla almeno a 60 x 15.",
		SavedAt:       "Salvato alle %s",
		NotSaved:      "NON SALVATO: %s",
		NothingToSave: "Tutto è già salvato",
		Typing:        "Salvataggio...",
		SessionEnded:  "accesso scaduto: F2 dalla pagina iniziale",
		Unsent:        "da inviare: %d",
		Offline:       "senza rete (si può continuare)",
		Connecting:    "collegamento in corso...",
		Sending:       "invio in corso...",
		ClockOff:      "Questo orologio e quello del server differiscono di %s minuti: conta il server.",
		QuitHint:      "Per uscire: Ctrl+Q. Tutto è già salvato.",
		CtrlC:         "Per uscire: Ctrl+Q. Tutto è già salvato.",
		CtrlS:         "Già salvato: ogni risposta si salva da sola.",
		HelpPart:      "Su/Giù scegli  Invio apri  F4 rilievi  F6 mancante  F9 invia  Esc indietro",
		HelpSection:   "F1 aiuto  F4 rilievi  Esc indietro",
		HelpGrid:      "Invio giù  Tab destra  F7 da Excel  Ctrl+R/K zeri riga/colonna  Ctrl+Z annulla",
		HelpTyped:     "Invio apre la casella, oppure si scrive subito  Tab destra",
		HelpReview:    "Su/Giù scegli  Invio vai alla risposta  E spiega  Esc indietro",
		HelpExplain:   "1-9 o Su/Giù motivo  Invio avanti  Ctrl+G salva  Esc indietro",
		HelpSubmit:    "F9 o Ctrl+T invia  Esc indietro",
		HelpSignIn:    "Tab avanti  Invio accedi  Ctrl+Q esci",
		HelpText:      "Su/Giù scorri  Esc chiudi",
		HelpNext:      "Invio avanti",

		SignInTitle:     "Accesso",
		SignInIntro:     "Scrivere il codice meccanografico e la password della lettera dell'Ufficio.",
		SignInParitarie: "Scuole paritarie con più codici: usare il primo in ordine alfabetico.",
		Server:          "Indirizzo del server",
		Code:            "Codice meccanografico",
		Password:        "Password",
		SigningIn:       "Accesso in corso...",
		PasswordTitle:   "Scegliere una nuova password",
		PasswordIntro:   "La password della lettera vale una volta sola. La nuova ha almeno 10 caratteri.",
		NewPassword:     "Nuova password",
		Again:           "Ancora la nuova password",
		PasswordsDiffer: "Le due password non sono uguali: scriverle di nuovo.",
		PasswordChanged: "Password cambiata.",

		HomeName:       "Pagina iniziale",
		HomeTitle:      "Rilevazione sulla dispersione scolastica, a.s. %s",
		Part1:          "PARTE 1",
		Part2:          "PARTE 2 (una scheda per percorso)",
		Locked:         "si apre quando la parte 1 è completa",
		StateBlank:     "da iniziare",
		StateDraft:     "in bozza",
		StateReady:     "pronta da inviare",
		StateQueued:    "in attesa d'invio",
		StateSent:      "inviata",
		StateChanged:   "modificata dopo l'invio",
		StateRefused:   "rifiutata: non è stata presa",
		StateConflict:  "c'è una versione più recente",
		StateReturned:  "restituita dall'Ufficio",
		StateApproved:  "approvata",
		StateWithdrawn: "ritirata",
		AsideTitle:     "Risposte messe da parte: la nuova versione non le chiede più così",
		Remarks:        "Osservazioni dell'Ufficio",
		AcrossTitle:    "Controlli tra le schede",
		Receipts:       "Ricevute",

		Sections:        "Sezioni",
		Progress:        "%d risposte su %d",
		Missing1:        "manca 1 risposta",
		MissingN:        "mancano %s risposte",
		Complete:        "completa",
		GoReview:        "Rilievi e controlli",
		GoSubmit:        "Invia questa parte",
		TableLine:       "Tabella: %s su %s risposte",
		OpenTable:       "Invio apre la tabella",
		NotAvailable:    "dato non disponibile (%s)",
		NotAvailableOff: "Ctrl+D: dato non disponibile",
		Optional:        "facoltativa",
		ReadOnly:        "viene dall'anagrafe, non si modifica",
		NoMore:          "Ultima domanda della sezione: Esc per tornare all'elenco.",
		NoMissing:       "Non manca nessuna risposta.",
		Position:        "Sezione %d di %d, %s",
		HelpTitle:       "Aiuto",
		HelpNoText:      "Per questa domanda non c'è altro da dire. Per dubbi chiamare l'Ufficio.",
		HelpExample:     "Esempio: %s",
		HelpWho:         "Chi lo sa a scuola: %s",

		ReviewTitle: "Rilievi",
		ReviewNone:  "Nessun rilievo: la parte è in ordine.",
		Error:       "errore",
		Error1:      "1 errore", ErrorN: "%s errori", Warning1: "1 da spiegare", WarningN: "%s da spiegare",
		ToFill:          "da compilare",
		Warning:         "da spiegare",
		NoteWord:        "nota",
		Explained:       "spiegato",
		ExplainTitle:    "Spiegazione",
		ExplainReason:   "Motivo",
		ExplainText:     "Spiegazione (almeno 10 caratteri)",
		ExplainShort:    "La spiegazione è troppo corta: servono almeno 10 caratteri.",
		ExplainSaved:    "Spiegazione salvata.",
		ExplainPupil:    "Salvata, ma «%s» sembra il nome o il codice fiscale di uno studente: se lo è, riscrivere la spiegazione senza.",
		ExplainChoose:   "(scegliere un motivo)",
		ExplainNoReason: "Manca il motivo: sceglierlo con un numero o con Su/Giù.",
		SubmitTitle:     "Invio",
		SubmitReady:     "La parte è in ordine e si può inviare.",
		SubmitBlocked:   "Non si può ancora inviare: %s.",
		SubmitFinal:     "Dopo l'invio si può correggere e inviare di nuovo fino alla scadenza.",
		Declaration:     "Il dirigente/coordinatore dichiara che i dati corrispondono agli atti della scuola.",
		DeclareHow:      "Premere S per dichiararlo.",
		SubmitHow:       "Premere F9 (o Ctrl+T) per inviare. Esc per tornare senza inviare.",
		SubmitQueued:    "In attesa d'invio: partirà da sola appena c'è la rete.",
		Submitted:       "Inviata. Ricevuta n. %s",
		WithdrawAsk:     "La parte 1 non indica più: %s. La scheda già inviata sarà ritirata.",
		ReceiptTitle:    "Ricevute",
		ReceiptNone:     "Nessuna ricevuta: non è ancora stato inviato niente.",
		ReceiptNumber:   "Numero",
		ReceiptRevision: "Invio n.",
		ReceiptAt:       "Ricevuto dal server il",
		ReceiptLate:     "dopo la scadenza",
		ReceiptDigest:   "Impronta dei dati",
		ReceiptCheck:    "Posizione nel registro",

		Expected: "Il totale a cui concorre deve fare %s: finora %s", ExpectedLess: ", ne mancano %s", ExpectedMore: ", %s di troppo", ExpectedFits: ", torna",

		Fields: field.Words{
			Yes: "Sì", No: "No", YesKeys: "sìy1", NoKeys: "n2",
			HintText: "scrivere il testo  Invio avanti", HintNumber: "solo numeri  Invio avanti", HintDecimal: "numero, anche 12,5  Invio avanti", HintDate: "gg/mm/aaaa  Invio avanti", HintYesNo: "S sì  N no  Canc svuota  Invio avanti",
			HintChoice: "1-9, lettere o Spazio  Invio avanti", HintMulti: "1-9 o Spazio mette e toglie  Invio avanti", OthersTaken: "Le altre risposte sono state tolte: Ctrl+Z annulla", HintList: "Invio altra riga; su riga vuota avanti",
			HintArea: "Invio avanti  Ctrl+O nuova riga", HintLookup: "parte del nome, poi Invio",
			NoMatch: "nessuna voce contiene questo testo",
		},
		Grid:   gridItalian(),
		Import: importItalian(), Link: linkItalian(), More: moreItalian(),
	}
}

func english() *texts {
	return &texts{
		lang:          "en",
		TooSmall:      "The window is too small (%d x %d). Make it at least 60 x 15.",
		SavedAt:       "Saved at %s",
		NotSaved:      "NOT SAVED: %s",
		NothingToSave: "Everything is saved",
		Typing:        "Saving...",
		SessionEnded:  "session ended: F2 on the home page",
		Unsent:        "to send: %d",
		Offline:       "no network (you can go on)",
		Connecting:    "connecting...",
		Sending:       "sending...",
		ClockOff:      "This clock and the server's differ by %s minutes: the server's counts.",
		QuitHint:      "To leave: Ctrl+Q. Everything is saved.",
		CtrlC:         "To leave: Ctrl+Q. Everything is saved.",
		CtrlS:         "Already saved: each answer saves itself.",
		HelpPart:      "Up/Down choose  Enter open  F4 findings  F6 missing  F9 send  Esc back",
		HelpSection:   "F1 help  F4 findings  Esc back",
		HelpGrid:      "Enter down  Tab right  F7 from Excel  Ctrl+R/K zero row/column  Ctrl+Z undo",
		HelpTyped:     "Enter opens the cell, or just type  Tab right",
		HelpReview:    "Up/Down choose  Enter go to the answer  E explain  Esc back",
		HelpExplain:   "1-9 or Up/Down reason  Enter next  Ctrl+G save  Esc back",
		HelpSubmit:    "F9 or Ctrl+T send  Esc back",
		HelpSignIn:    "Tab next  Enter sign in  Ctrl+Q quit",
		HelpText:      "Up/Down scroll  Esc close",
		HelpNext:      "Enter next",

		SignInTitle:     "Sign in",
		SignInIntro:     "Type the school code and the password of the office's letter.",
		SignInParitarie: "Paritarie with several codes: use the first in alphabetical order.",
		Server:          "Server address",
		Code:            "School code",
		Password:        "Password",
		SigningIn:       "Signing in...",
		PasswordTitle:   "Choose a new password",
		PasswordIntro:   "The password of the letter is valid once. The new one has at least 10 characters.",
		NewPassword:     "New password",
		Again:           "The new password again",
		PasswordsDiffer: "The two passwords differ: type them again.",
		PasswordChanged: "Password changed.",

		HomeName:       "Home",
		HomeTitle:      "Survey on early school leaving, school year %s",
		Part1:          "PART 1",
		Part2:          "PART 2 (a sheet for each track)",
		Locked:         "opens when part 1 is complete",
		StateBlank:     "not started",
		StateDraft:     "draft",
		StateReady:     "ready to send",
		StateQueued:    "waiting to be sent",
		StateSent:      "sent",
		StateChanged:   "changed after sending",
		StateRefused:   "refused: it was not taken",
		StateConflict:  "there is a newer version",
		StateReturned:  "returned by the office",
		StateApproved:  "approved",
		StateWithdrawn: "withdrawn",
		AsideTitle:     "Answers put aside: the new version does not ask them like this",
		Remarks:        "Remarks of the office",
		AcrossTitle:    "Checks across the sheets",
		Receipts:       "Receipts",

		Sections:        "Sections",
		Progress:        "%d of %d answers",
		Missing1:        "1 answer missing",
		MissingN:        "%s answers missing",
		Complete:        "complete",
		GoReview:        "Findings and checks",
		GoSubmit:        "Send this part",
		TableLine:       "Table: %s of %s answers",
		OpenTable:       "Enter opens the table",
		NotAvailable:    "not available (%s)",
		NotAvailableOff: "Ctrl+D: not available",
		Optional:        "optional",
		ReadOnly:        "from the register, cannot be changed",
		NoMore:          "Last question of the section: Esc goes back to the list.",
		NoMissing:       "No answer is missing.",
		Position:        "Section %d of %d, %s",
		HelpTitle:       "Help",
		HelpNoText:      "There is no more to say about this question. If in doubt, call the office.",
		HelpExample:     "Example: %s",
		HelpWho:         "Who knows it in the school: %s",

		ReviewTitle: "Findings",
		ReviewNone:  "No findings: the part is in order.",
		Error:       "error",
		Error1:      "1 error", ErrorN: "%s errors", Warning1: "1 to explain", WarningN: "%s to explain",
		ToFill:          "to be filled in",
		Warning:         "to explain",
		NoteWord:        "note",
		Explained:       "explained",
		ExplainTitle:    "Explanation",
		ExplainReason:   "Reason",
		ExplainText:     "Explanation (at least 10 characters)",
		ExplainShort:    "The explanation is too short: at least 10 characters.",
		ExplainSaved:    "Explanation saved.",
		ExplainPupil:    "Saved, but «%s» looks like the name or the tax code of a pupil: if it is, write the explanation again without it.",
		ExplainChoose:   "(choose a reason)",
		ExplainNoReason: "The reason is missing: choose it by its number or with Up/Down.",
		SubmitTitle:     "Sending",
		SubmitReady:     "The part is in order and can be sent.",
		SubmitBlocked:   "It cannot be sent yet: %s.",
		SubmitFinal:     "After sending you can correct and send again until the deadline.",
		Declaration:     "The head declares that the data agree with the school's records.",
		DeclareHow:      "Press Y to declare it.",
		SubmitHow:       "Press F9 (or Ctrl+T) to send. Esc goes back without sending.",
		SubmitQueued:    "Waiting to be sent: it leaves by itself when there is a network.",
		Submitted:       "Sent. Receipt no. %s",
		WithdrawAsk:     "Part 1 no longer lists: %s. The sheet that was sent will be withdrawn.",
		ReceiptTitle:    "Receipts",
		ReceiptNone:     "No receipt: nothing has been sent yet.",
		ReceiptNumber:   "Number",
		ReceiptRevision: "Revision",
		ReceiptAt:       "Received by the server on",
		ReceiptLate:     "after the deadline",
		ReceiptDigest:   "Digest of the data",
		ReceiptCheck:    "Place in the log",

		Expected: "The total that it belongs to must be %s: so far %s", ExpectedLess: ", %s to go", ExpectedMore: ", %s too many", ExpectedFits: ", it fits",

		Fields: field.Words{
			Yes: "Yes", No: "No", YesKeys: "ys1", NoKeys: "n2",
			HintText: "type the text  Enter next", HintNumber: "numbers only  Enter next", HintDecimal: "a number, also 12.5  Enter next", HintDate: "dd/mm/yyyy  Enter next", HintYesNo: "Y yes  N no  Del clears  Enter next",
			HintChoice: "1-9, letters or Space  Enter next", HintMulti: "1-9 or Space ticks  Enter next", OthersTaken: "The other answers were taken away: Ctrl+Z undoes", HintList: "Enter another line; on a blank one next",
			HintArea: "Enter next  Ctrl+O new line", HintLookup: "part of the name, Enter",
			NoMatch: "no entry contains this text",
		},
		Grid:   gridEnglish(),
		Import: importEnglish(), Link: linkEnglish(), More: moreEnglish(),
	}
}
