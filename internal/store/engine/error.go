package engine

import (
	"errors"
	"io/fs"
	"syscall"

	"rileva/internal/store"
	"rileva/internal/store/files"
	surveysync "rileva/pkg/sync"
)

// OpenError says why a store cannot be opened. Message says what is so, Hint
// what to do, both in Italian. errors.Is compares the code:
// errors.Is(err, ErrLocked).
type OpenError struct {
	Code    string
	Path    string
	Message string
	Hint    string
	cause   error // for the log
}

func (e *OpenError) Error() string { return e.Path + ": " + e.Message }

// Is makes the Err… values stand for every error with their code.
func (e *OpenError) Is(target error) bool {
	t, ok := target.(*OpenError)
	return ok && t.Code == e.Code
}

// Unwrap gives the error of the system or the library behind it, if any.
func (e *OpenError) Unwrap() error { return e.cause }

// What Open finds; path and cause are filled in where it finds it.
var (
	ErrLocked = &OpenError{Code: "locked",
		Message: "un altro rileva-server sta già usando questa cartella.",
		Hint:    "Fermare l'altro programma, oppure indicare un'altra cartella con --data."}
	ErrNewer = &OpenError{Code: "newer",
		Message: "l'archivio è stato scritto da una versione più recente di rileva-server.",
		Hint:    "Usare la versione più recente del programma; l'archivio non è stato toccato."}
	ErrKeyMissing = &OpenError{Code: "key_missing",
		Message: "manca la chiave con cui si firma il registro degli invii di questo archivio.",
		Hint:    "Rimettere il file della chiave dalla copia di sicurezza: senza, le nuove ricevute non si potrebbero verificare."}
	ErrKeyWrong = &OpenError{Code: "key_wrong",
		Message: "il file della chiave non è quello di questo archivio, oppure è danneggiato.",
		Hint:    "Rimettere il file della chiave che è nato con questo archivio."}
	ErrNotStore = &OpenError{Code: "not_store",
		Message: "il file non è un archivio di rileva-server, oppure è danneggiato.",
		Hint:    "Controllare il percorso; se il file è danneggiato, ripristinare l'ultima copia di sicurezza (rileva-server restore)."}
	ErrNotEmpty = &OpenError{Code: "not_empty",
		Message: "in questa cartella c'è già un archivio.",
		Hint:    "Indicare una cartella nuova: un ripristino non sostituisce mai un archivio."}
	ErrExists = &OpenError{Code: string(store.Exists),
		Message: "il file esiste già e non viene sovrascritto.",
		Hint:    "Indicare un file nuovo."}
	ErrDamaged = &OpenError{Code: string(store.Damaged),
		Message: "la copia non supera la verifica.",
		Hint:    "Verificare l'archivio con «rileva-server check»; usare una copia più vecchia."}
	ErrFull = &OpenError{Code: string(store.Full),
		Message: "sul disco non c'è più spazio.",
		Hint:    "Liberare spazio e riprovare; non è rimasto nulla a metà."}
	ErrReadOnly = &OpenError{Code: string(store.ReadOnly),
		Message: "in questa cartella non si può scrivere.",
		Hint:    "Controllare i permessi, e che il disco non sia di sola lettura."}
	ErrNetwork = &OpenError{Code: "network",
		Message: "la cartella è in rete, e un archivio in rete si può danneggiare.",
		Hint:    "Tenere i dati su un disco di questo computer."}
	ErrUnusable = &OpenError{Code: string(store.Unusable),
		Message: "l'archivio non si può aprire o creare in questa cartella.",
		Hint:    "Controllare che la cartella esista, che ci sia spazio e che il programma possa scrivervi."}
)

// At is e for one file. What cannot be used says why, where the system does.
// The cause bears the code too, for those who know the store's errors only.
func (e *OpenError) At(path string, cause error) error {
	found := *e
	if e.Code == ErrUnusable.Code {
		switch {
		case files.Full(cause):
			found = *ErrFull
		case errors.Is(cause, syscall.EROFS), errors.Is(cause, fs.ErrPermission):
			found = *ErrReadOnly
		}
	}
	found.Path = path
	found.cause = errors.Join(store.Errorf(surveysync.Code(found.Code), "%s", path), cause)
	return &found
}

// refused says whether err is the refusal with this code.
func refused(err error, code surveysync.Code) bool {
	var e *store.Error
	return errors.As(err, &e) && e.Code == code
}
