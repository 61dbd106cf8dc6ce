package drafts

import (
	"errors"
	"io/fs"
	"syscall"

	bolterrors "go.etcd.io/bbolt/errors"
)

// The codes of this package's errors.
const (
	CodeOpenElsewhere    = "open_elsewhere"
	CodeNewer            = "newer"
	CodeNotADatabase     = "not_a_database"
	CodeDamaged          = "damaged"
	CodeReadOnly         = "read_only"
	CodeNotAFolder       = "not_a_folder"
	CodeNoFolder         = "no_folder"
	CodeDiskFull         = "disk_full"
	CodeDisk             = "disk"
	CodeClosed           = "closed"
	CodeOwner            = "bad_owner"
	CodeNoDraft          = "no_draft"
	CodeValue            = "bad_value"
	CodeBody             = "bad_body"
	CodePendingUnknown   = "pending_unknown"
	CodeNoEntry          = "no_entry"
	CodeBase             = "wrong_base"
	CodeReceipt          = "receipt_mismatch"
	CodeOtherInstitution = "other_institution"
	CodeNotSignedIn      = "not_signed_in"
	CodeLocked           = "locked"
	CodePassphrase       = "wrong_passphrase"
	CodeShortPassphrase  = "short_passphrase"
)

// Error is what a person can be told. Err, when there is one, is for a log.
type Error struct {
	Code      string
	Message   string // Italian
	MessageEn string
	Hint      string // Italian: what to do now
	HintEn    string
	Err       error
}

func (e *Error) Error() string {
	if e.Err != nil {
		return "drafts: " + e.Code + ": " + e.Err.Error()
	}
	return "drafts: " + e.Code
}

func (e *Error) Unwrap() error { return e.Err }

// Sentence is Message in a language.
func (e *Error) Sentence(lang string) string {
	if lang == "en" {
		return e.MessageEn
	}
	return e.Message
}

// Advice is Hint in a language.
func (e *Error) Advice(lang string) string {
	if lang == "en" {
		return e.HintEn
	}
	return e.Hint
}

// words: Italian sentence and hint, English sentence and hint.
var words = map[string][4]string{
	CodeOpenElsewhere: {"Il programma è già aperto in un'altra finestra.", "Chiudere l'altra finestra e riprovare.",
		"The program is already open in another window.", "Close the other window and try again."},
	CodeNewer: {"Le bozze sono state scritte da una versione più recente del programma.", "Aggiornare il programma; il file delle bozze non è stato toccato.",
		"The drafts were written by a newer version of the program.", "Update the program; the file of the drafts was not touched."},
	CodeNotADatabase: {"Il file drafts.db non è un archivio di Rileva.", "Spostarlo in un'altra cartella, oppure indicare un'altra cartella con RILEVA_HOME; il file non è stato toccato.",
		"The file drafts.db is not an archive of Rileva.", "Move it to another folder, or name another folder with RILEVA_HOME; the file was not touched."},
	CodeDamaged: {"Il file delle bozze è danneggiato.", "Non cancellarlo: accanto ci sono le copie dei giorni scorsi (drafts-AAAAMMGG.copy). Chiedere aiuto all'Ufficio.",
		"The file of the drafts is damaged.", "Do not delete it: copies of the last days stand beside it (drafts-YYYYMMDD.copy). Ask the office for help."},
	CodeReadOnly: {"Il programma non può scrivere nella sua cartella.", "Controllare i permessi della cartella, oppure indicarne un'altra con RILEVA_HOME.",
		"The program cannot write to its folder.", "Check the folder's permissions, or name another one with RILEVA_HOME."},
	CodeNotAFolder: {"La cartella del programma non è una cartella.", "Indicare una cartella con RILEVA_HOME.",
		"The program's folder is not a folder.", "Name a folder with RILEVA_HOME."},
	CodeNoFolder: {"La cartella del programma non si può creare.", "Indicare con RILEVA_HOME una cartella in cui si può scrivere.",
		"The program's folder cannot be created.", "Name a folder that can be written to with RILEVA_HOME."},
	CodeDiskFull: {"Il disco è pieno: l'ultima modifica non è stata salvata.", "Liberare spazio e premere Ctrl+S per riprovare: quello che è scritto resta sullo schermo.",
		"The disk is full: the last change was not saved.", "Free some space and press Ctrl+S to try again: what is typed stays on the screen."},
	CodeDisk: {"Non è certo che l'ultima modifica sia sul disco.", "Chiudere e riaprire il programma, poi controllare l'ultima risposta.",
		"It is not certain that the last change is on the disk.", "Close and reopen the program, then check the last answer."},
	CodeClosed: {"Il programma si sta chiudendo.", "Riaprirlo per continuare.",
		"The program is closing.", "Reopen it to go on."},
	CodeOwner: {"Non si sa di quale scuola e di quale rilevazione siano i dati.", "Accedere con il codice della scuola.",
		"It is not known which school and survey the data belong to.", "Sign in with the school's code."},
	CodeNoDraft: {"Questa parte non è ancora stata iniziata.", "Aprirla e rispondere alla prima domanda.",
		"This part has not been begun.", "Open it and answer the first question."},
	CodeValue: {"Questo valore non può essere una risposta.", "Scrivere un numero intero, un testo o una scelta.",
		"This value cannot be an answer.", "Give a whole number, a text or a choice."},
	CodeBody: {"L'invio preparato non è leggibile.", "Preparare di nuovo l'invio; se accade ancora, aggiornare il programma.",
		"The prepared submission cannot be read.", "Prepare it again; if it happens once more, update the program."},
	CodePendingUnknown: {"Un invio di questa parte è partito e non se ne conosce ancora l'esito.", "Collegarsi e sincronizzare; poi si può inviare la nuova versione. Le modifiche restano nella bozza.",
		"A submission of this part has left and its outcome is not known yet.", "Connect and synchronise; then the new version can be sent. The changes stay in the draft."},
	CodeNoEntry: {"Non c'è nessun invio in attesa per questa parte.", "Inviare la parte.",
		"No submission of this part is waiting.", "Submit the part."},
	CodeBase: {"La bozza non parte dalla versione che questo invio sostituisce.", "Sincronizzare, confrontare le versioni e inviare di nuovo.",
		"The draft does not start from the revision that this submission replaces.", "Synchronise, compare the versions and submit again."},
	CodeReceipt: {"La ricevuta non è di questo invio: non è stata accettata.", "Sincronizzare di nuovo; i dati restano sul computer.",
		"The receipt is not of this submission: it was not accepted.", "Synchronise again; the data stay on this computer."},
	CodeOtherInstitution: {"I dati sono di un'altra scuola.", "Uscire e accedere con il codice della scuola a cui appartengono i dati.",
		"The data belong to another school.", "Sign out and sign in with the code of the school that the data belong to."},
	CodeLocked: {"Le bozze di questo computer sono chiuse con una frase segreta.", "Aprire il programma in un terminale e scriverla quando la chiede; negli script RILEVA_PASSPHRASE_FILE indica il file che la contiene.",
		"The drafts of this computer are locked with a passphrase.", "Start the program in a terminal and type it when asked; in scripts RILEVA_PASSPHRASE_FILE names the file that holds it."},
	CodePassphrase: {"La frase segreta non è quella con cui le bozze sono state chiuse.", "Riprovare: contano maiuscole, accenti e spazi. Se è perduta, le bozze non si aprono più; quello che è stato inviato è al sicuro presso l'Ufficio.",
		"This is not the passphrase that the drafts were locked with.", "Try again: capitals, accents and spaces count. If it is lost, the drafts cannot be opened any more; what was sent is safe with the office."},
	CodeShortPassphrase: {"La frase segreta è troppo corta: servono almeno 12 caratteri.", "Scegliere quattro parole che non c'entrano l'una con l'altra.",
		"The passphrase is too short: it takes at least 12 characters.", "Choose four words that have nothing to do with one another."},
	CodeNotSignedIn: {"Nessuna scuola ha fatto l'accesso.", "Accedere con il codice e la password della scuola.",
		"No school is signed in.", "Sign in with the school's code and password."},
}

// fail makes an error of the table; cause may be nil.
func fail(code string, cause error) *Error {
	w := words[code]
	return &Error{Code: code, Message: w[0], Hint: w[1], MessageEn: w[2], HintEn: w[3], Err: cause}
}

// CodeOf gives the code of an error of this package, or "".
func CodeOf(err error) string {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

// winDiskFull is ERROR_DISK_FULL of Windows; other systems have no such number.
const winDiskFull = syscall.Errno(112)

// diskFailure finds the code for an error of the file system or of bbolt.
func diskFailure(err error) *Error {
	var own *Error
	switch {
	case errors.As(err, &own):
		return own
	case errors.Is(err, bolterrors.ErrTimeout):
		return fail(CodeOpenElsewhere, err)
	case errors.Is(err, bolterrors.ErrDatabaseNotOpen):
		return fail(CodeClosed, err)
	case errors.Is(err, syscall.ENOTDIR):
		return fail(CodeNotAFolder, err)
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		return fail(CodeReadOnly, err)
	case errors.Is(err, syscall.ENOSPC), isWindows && errors.Is(err, winDiskFull):
		return fail(CodeDiskFull, err)
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return fail(CodeDamaged, err)
	}
	return fail(CodeDisk, err)
}
