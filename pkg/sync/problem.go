package sync

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"rileva/pkg/survey"
)

// Code is a stable word for why a call was refused (contract, section 4).
type Code string

// The codes; their statuses and sentences stand in problems.
const (
	Invalid                Code = "invalid"
	Unauthorized           Code = "unauthorized"
	UseFirstCode           Code = "use_first_code"
	WrongPassword          Code = "wrong_password"
	PasswordChangeRequired Code = "password_change_required"
	Forbidden              Code = "forbidden"
	NotFound               Code = "not_found"
	WrongInstitution       Code = "wrong_institution"
	GeneralPartRequired    Code = "general_part_required"
	TrackNotOffered        Code = "track_not_offered"
	TrackHasSubmission     Code = "track_has_submission"
	PartApproved           Code = "part_approved"
	UnknownQuestionnaire   Code = "unknown_questionnaire"
	IDReused               Code = "id_reused"
	EpochChanged           Code = "epoch_changed"
	RevisionConflict       Code = "revision_conflict"
	TooLarge               Code = "too_large"
	UnsupportedMediaType   Code = "unsupported_media_type"
	AnswersRejected        Code = "answers_rejected"
	PreconditionRequired   Code = "precondition_required"
	RateLimited            Code = "rate_limited"
	SurveyNotOpen          Code = "survey_not_open"
	SurveyClosed           Code = "survey_closed"
	Internal               Code = "internal"
	Unavailable            Code = "unavailable"
)

// Current is what a conflict tells of the revision that stands in the way: its
// receipt's fields, with or without the proof, and the device it came from.
type Current struct {
	Receipt
	Device string
}

// currentJSON keeps Receipt's own strict reading and writing out of Current:
// embedded, they would drop the device and refuse a receipt without proof.
type currentJSON struct {
	receiptJSON
	Device string `json:"device"`
}

// MarshalJSON writes the receipt's fields and the device in one object.
func (c Current) MarshalJSON() ([]byte, error) {
	w, err := c.wire()
	if err != nil {
		return nil, fmt.Errorf("current: %w", err)
	}
	return json.Marshal(currentJSON{w, c.Device})
}

// UnmarshalJSON reads what MarshalJSON writes. Unlike a receipt it proves
// nothing and is only shown, so that an unreadable time is left empty.
func (c *Current) UnmarshalJSON(raw []byte) error {
	var w currentJSON
	if err := json.Unmarshal(raw, &w); err != nil {
		return err
	}
	at, _ := parseLogTime(w.ReceivedAt)
	*c = Current{Device: w.Device, Receipt: w.receipt(at)}
	return nil
}

// Problem is a refusal: RFC 9457, with our code, hint and incident.
type Problem struct {
	Type     string `json:"type"`
	Title    string `json:"title"`
	Status   int    `json:"status"`
	Detail   string `json:"detail"`
	Code     Code   `json:"code"`
	Hint     string `json:"hint"`
	Incident string `json:"incident"`

	Findings      []survey.Finding `json:"findings,omitempty"`      // answers_rejected
	Current       *Current         `json:"current,omitempty"`       // revision_conflict
	LoginCode     string           `json:"login_code,omitempty"`    // use_first_code
	Questionnaire string           `json:"questionnaire,omitempty"` // unknown_questionnaire: the one in force
	Tracks        []string         `json:"tracks,omitempty"`        // track_has_submission
	Opens         *time.Time       `json:"opens,omitempty"`         // survey_not_open, survey_closed
	Due           *time.Time       `json:"due,omitempty"`
	LateUntil     *time.Time       `json:"late_until,omitempty"`
	RetryAfter    time.Duration    `json:"-"`
}

// Job tells whose job it is; of a code of a later version that of whoever
// updates the program.
func (p *Problem) Job() Job { return cmp.Or(problems[p.Code].job, JobPerson) }

func (p *Problem) Error() string { return fmt.Sprintf("%s: %s", p.Code, p.Detail) }

type wording struct {
	status int
	at     string // the step of an attempt that it stops
	job    Job
	it, en [3]string // title, detail, hint
}

// problems is the one table of every refusal. Codes are never given a new
// meaning; new ones are added.
var problems = map[Code]wording{
	Invalid: {http.StatusBadRequest, StepPayload, JobOffice,
		[3]string{"Richiesta non valida", "La richiesta non ha la forma attesa: %s.", "Aggiornare il programma; se accade ancora, comunicare all'Ufficio il codice qui indicato."},
		[3]string{"Invalid request", "The request is not of the expected form: %s.", "Update the program; if it happens again, tell the office the code shown here."}},
	Unauthorized: {http.StatusUnauthorized, StepSignIn, JobPerson,
		[3]string{"Accesso non riuscito", "Il codice o la password non sono giusti, oppure l'accesso è scaduto.", "Controllare il codice e la password e accedere di nuovo; i dati già scritti restano sul computer."},
		[3]string{"Not signed in", "The code or the password is wrong, or the session has ended.", "Check code and password and sign in again; what was typed stays on this computer."}},
	UseFirstCode: {http.StatusForbidden, StepSignIn, JobPerson,
		[3]string{"Accedere con un altro codice", "La scuola accede con il codice %s (le paritarie con più codici usano il primo in ordine alfabetico, le statali quello dell'istituto).", "Accedere con il codice %s e la password ricevuta per quel codice."},
		[3]string{"Sign in with another code", "This school signs in with the code %s (paritarie with several codes use the first in alphabetical order, state schools that of the institute).", "Sign in with the code %s and the password received for it."}},
	WrongPassword: {http.StatusForbidden, StepSignIn, JobPerson,
		[3]string{"Password attuale errata", "La password attuale non è giusta: la password non è stata cambiata.", "Scrivere di nuovo la password attuale (la prima volta: quella della lettera)."},
		[3]string{"Wrong current password", "The current password is wrong: nothing was changed.", "Type the current password again (the first time: the one of the letter)."}},
	PasswordChangeRequired: {http.StatusForbidden, StepSignIn, JobPerson,
		[3]string{"Password da cambiare", "La password della lettera vale una sola volta.", "Scegliere una nuova password, poi continuare."},
		[3]string{"Password change required", "The password of the letter is valid only once.", "Choose a new password, then go on."}},
	Forbidden: {http.StatusForbidden, StepSignIn, JobOffice,
		[3]string{"Operazione non permessa", "Questa operazione non spetta a questo utente.", "Rivolgersi all'Ufficio."},
		[3]string{"Not allowed", "This operation is not this user's.", "Ask the office."}},
	NotFound: {http.StatusNotFound, StepPayload, JobPerson,
		[3]string{"Non trovato", "Quello che è stato chiesto non esiste.", "Controllare il nome o il numero."},
		[3]string{"Not found", "What was asked for does not exist.", "Check the name or the number."}},
	WrongInstitution: {http.StatusConflict, StepPayload, JobPerson,
		[3]string{"Dati di un'altra scuola", "I dati sono della scuola %s, ma l'accesso è di un'altra.", "Uscire e accedere con il codice della scuola a cui appartengono i dati."},
		[3]string{"Another school's data", "The data belong to school %s, but another one is signed in.", "Sign out and sign in with the code of the school that the data belong to."}},
	GeneralPartRequired: {http.StatusConflict, StepPayload, JobPerson,
		[3]string{"Prima la parte generale", "Le schede dei percorsi si possono inviare dopo la parte 1.", "Inviare la parte generale, poi questa scheda."},
		[3]string{"Part 1 first", "The sheets of the tracks can be sent after part 1.", "Send the general part, then this sheet."}},
	TrackNotOffered: {http.StatusConflict, StepPayload, JobPerson,
		[3]string{"Percorso non indicato", "Il percorso %s non è tra quelli indicati nella parte 1.", "Aggiungerlo alla domanda 14 della parte generale e inviarla di nuovo, oppure non inviare questa scheda."},
		[3]string{"Track not offered", "The track %s is not among those of part 1.", "Add it to question 14 of the general part and send that again, or do not send this sheet."}},
	TrackHasSubmission: {http.StatusConflict, StepPayload, JobPerson,
		[3]string{"Percorso già inviato", "La parte 1 non indica più un percorso di cui è già stata inviata la scheda: %s.", "Confermare il ritiro della scheda al momento dell'invio, oppure rimettere il percorso nella domanda 14."},
		[3]string{"Track already sent", "Part 1 no longer lists a track whose sheet was sent: %s.", "Confirm the withdrawal of the sheet when sending, or list the track again in question 14."}},
	PartApproved: {http.StatusConflict, StepPayload, JobOffice,
		[3]string{"Parte già approvata", "L'Ufficio ha già approvato questa parte.", "Per correggerla, chiedere all'Ufficio di restituirla."},
		[3]string{"Part already approved", "The office has approved this part.", "To correct it, ask the office to return it."}},
	UnknownQuestionnaire: {http.StatusConflict, StepQuestionnaire, JobPerson,
		[3]string{"Questionario non in vigore", "I dati sono stati scritti su una versione del questionario che non vale.", "Aggiornare il questionario (rileva sync), controllare le risposte e inviare di nuovo."},
		[3]string{"Questionnaire not in force", "The answers were given on a version of the questionnaire that does not count.", "Update the questionnaire (rileva sync), check the answers and send again."}},
	IDReused: {http.StatusConflict, StepPayload, JobPerson,
		[3]string{"Invio già usato", "Un altro invio porta già lo stesso identificativo.", "Ripetere l'invio: il programma ne prepara uno nuovo."},
		[3]string{"Id already used", "Another submission bears the same id.", "Send again: the program prepares a new one."}},
	EpochChanged: {http.StatusConflict, StepStored, JobNobody,
		[3]string{"Server ripristinato", "Il server è tornato a una copia precedente dopo l'ultimo contatto di questo computer.", "Non serve fare nulla: il programma confronta i dati con il server e poi li invia."},
		[3]string{"Server restored", "The server went back to an earlier copy after this computer's last contact.", "Nothing to do: the program compares the data with the server and then sends them."}},
	RevisionConflict: {http.StatusPreconditionFailed, StepStored, JobPerson,
		[3]string{"C'è una versione più recente", "Questa parte è stata inviata nel frattempo da un altro computer.", "Confrontare le due versioni (rileva conflicts) e scegliere campo per campo."},
		[3]string{"There is a newer version", "This part was sent from another computer in the meantime.", "Compare the two versions (rileva conflicts) and choose field by field."}},
	TooLarge: {http.StatusRequestEntityTooLarge, StepPayload, JobPerson,
		[3]string{"Invio troppo grande", "L'invio supera 1 MiB.", "Accorciare le osservazioni e inviare di nuovo."},
		[3]string{"Too large", "The request is larger than 1 MiB.", "Shorten the notes and send again."}},
	UnsupportedMediaType: {http.StatusUnsupportedMediaType, StepPayload, JobOffice,
		[3]string{"Formato non accettato", "I dati vanno inviati come application/json.", "Aggiornare il programma."},
		[3]string{"Unsupported format", "The data must be sent as application/json.", "Update the program."}},
	AnswersRejected: {http.StatusUnprocessableEntity, StepPayload, JobPerson,
		[3]string{"Dati da correggere", "Ci sono %d rilievi da correggere o da spiegare.", "Aprire l'elenco dei rilievi, correggere o spiegare, e inviare di nuovo."},
		[3]string{"Answers to correct", "There are %d findings to correct or to explain.", "Open the list of findings, correct or explain them, and send again."}},
	PreconditionRequired: {http.StatusPreconditionRequired, StepPayload, JobOffice,
		[3]string{"Manca la versione di partenza", "La richiesta non dice quale versione sostituisce (If-Match o If-None-Match).", "Aggiornare il programma."},
		[3]string{"Precondition required", "The request does not say which revision it replaces (If-Match or If-None-Match).", "Update the program."}},
	RateLimited: {http.StatusTooManyRequests, StepStored, JobNobody,
		[3]string{"Troppi tentativi", "Ci sono stati troppi tentativi in poco tempo.", "Aspettare %d secondi e riprovare."},
		[3]string{"Too many attempts", "There were too many attempts in a short time.", "Wait %d seconds and try again."}},
	SurveyNotOpen: {http.StatusForbidden, StepDates, JobOffice,
		[3]string{"Rilevazione non ancora aperta", "La rilevazione apre il %s.", "I dati restano sul computer: inviarli da quel momento."},
		[3]string{"Survey not open yet", "The survey opens on %s.", "The data stay on this computer: send them from then on."}},
	SurveyClosed: {http.StatusForbidden, StepDates, JobOffice,
		[3]string{"Rilevazione chiusa", "La rilevazione si è chiusa il %s.", "I dati restano sul computer: per inviarli chiedere all'Ufficio una proroga."},
		[3]string{"Survey closed", "The survey closed on %s.", "The data stay on this computer: to send them ask the office for an extension."}},
	Internal: {http.StatusInternalServerError, StepStored, JobOffice,
		[3]string{"Errore del server", "Il server ha avuto un errore; l'esito non è certo, ma i dati restano sul computer.", "Riprovare tra qualche minuto: un doppio invio non è possibile. Se accade ancora, comunicare all'Ufficio il codice qui indicato."},
		[3]string{"Server error", "The server had an error; the outcome is not certain, but the data stay on this computer.", "Try again in some minutes: nothing can be stored twice. If it happens again, tell the office the code shown here."}},
	Unavailable: {http.StatusServiceUnavailable, StepStored, JobNobody,
		[3]string{"Server non disponibile", "Il server non può registrare in questo momento; i dati restano sul computer.", "Non serve fare nulla: il programma riprova da solo."},
		[3]string{"Server unavailable", "The server cannot store anything now; the data stay on this computer.", "Nothing to do: the program tries again by itself."}},
}

// Codes lists every code of the table.
func Codes() []Code {
	out := make([]Code, 0, len(problems))
	for c := range problems {
		out = append(out, c)
	}
	return out
}

// NewProblem makes a refusal in lang. args fill the detail and, where the hint
// speaks of the same thing, the hint.
func NewProblem(code Code, lang string, args ...any) *Problem {
	w, ok := problems[code]
	if !ok {
		code, w = Internal, problems[Internal]
	}
	words := w.it
	if lang == "en" {
		words = w.en
	}
	return &Problem{Type: "urn:rileva:problem:" + string(code), Title: words[0], Status: w.status,
		Detail: fill(words[1], args), Code: code, Hint: fill(words[2], args)}
}

// fill applies args only where the sentence has a place for them.
func fill(s string, args []any) string {
	for i := range len(s) {
		if s[i] == '%' && len(args) > 0 {
			return fmt.Sprintf(s, args...)
		}
	}
	return s
}

// StatusOf is the HTTP status of a code.
func StatusOf(code Code) int { return problems[code].status }

// ParseProblem reads a refusal; ok is false when the body is not one (a proxy's
// page, another program's JSON, another status than the answer's). A code of a
// later version is a refusal too, and a member that cannot be read is left out:
// the refusal must not be lost over what is attached to it.
func ParseProblem(status int, body []byte) (*Problem, bool) {
	var members map[string]json.RawMessage
	if json.Unmarshal(body, &members) != nil {
		return nil, false
	}
	var p Problem
	for name, field := range fields(&p) {
		before := p
		if raw, stands := members[name]; stands && json.Unmarshal(raw, field) != nil {
			p = before
		}
	}
	return &p, p.Code != "" && p.Status == status && status >= http.StatusBadRequest
}
