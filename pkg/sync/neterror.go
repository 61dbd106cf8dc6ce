package sync

import (
	"fmt"
	"strings"
	"time"
)

// NetError is an attempt that brought no answer of a Rileva server. Err is for
// a log; a person reads Sentence and Hint.
type NetError struct {
	Step     string
	Cause    string
	Err      error
	Host     string // the server's, or where a redirect points
	Incident string
	At       time.Time // this device's clock
	// Left says that the request may have reached a server: what it asked for
	// may have been done.
	Left       bool
	RetryAfter time.Duration
}

func (e *NetError) Error() string { return fmt.Sprintf("%s at step %s: %v", e.Cause, e.Step, e.Err) }

func (e *NetError) Unwrap() error { return e.Err }

// causes is the one table of what a person reads; %[1]s is the host, %[2]s the
// date of this device.
var causes = map[string]struct{ it, en [2]string }{
	CauseAddress: {
		[2]string{"L'indirizzo del server non è scritto bene.", "Scriverlo come nella lettera dell'Ufficio, per esempio https://rilevazioni.esempio.it."},
		[2]string{"The server's address is not well formed.", "Write it as in the office's letter, for example https://surveys.example.it."}},
	CauseOffline: {
		[2]string{"Questo computer non è collegato alla rete.", "Controllare il cavo o il Wi-Fi; i dati restano sul computer e partono al prossimo tentativo."},
		[2]string{"This computer is not connected to the network.", "Check the cable or the Wi-Fi; the data stay on this computer and leave at the next attempt."}},
	CauseDNS: {
		[2]string{"Il nome del server (%[1]s) non si trova.", "Controllare che Internet funzioni e che l'indirizzo del server sia quello della lettera."},
		[2]string{"The server's name (%[1]s) cannot be found.", "Check that the Internet works and that the server's address is the one of the letter."}},
	CauseRefused: {
		[2]string{"Il server (%[1]s) non accetta collegamenti.", "Riprovare tra qualche minuto; se dura, controllare l'indirizzo o chiamare l'Ufficio."},
		[2]string{"The server (%[1]s) accepts no connections.", "Try again in some minutes; if it lasts, check the address or call the office."}},
	CauseTimeout: {
		[2]string{"Il server (%[1]s) non ha risposto in tempo.", "Riprovare più tardi: un doppio invio non è possibile."},
		[2]string{"The server (%[1]s) did not answer in time.", "Try again later: nothing can be stored twice."}},
	CauseTLS: {
		[2]string{"Non è sicuro che a rispondere sia il server %[1]s: il suo certificato non è riconosciuto.", "Non inserire la password; provare da un'altra rete o chiedere a chi cura la rete della scuola."},
		[2]string{"It is not certain that the server %[1]s is the one that answers: its certificate is not recognised.", "Do not type the password; try another network or ask whoever runs the school's network."}},
	CauseClock: {
		[2]string{"Il certificato del server non vale alla data di questo computer (%[2]s).", "Controllare data e ora del computer; se sono giuste, avvisare l'Ufficio."},
		[2]string{"The server's certificate is not valid on this computer's date (%[2]s).", "Check the computer's date and time; if they are right, tell the office."}},
	CausePortal: {
		[2]string{"Al posto del server risponde una pagina della rete, per esempio l'accesso al Wi-Fi.", "Aprire il browser, accedere alla rete e riprovare."},
		[2]string{"A page of the network answers in the server's place, such as a Wi-Fi sign-in.", "Open the browser, sign in to the network and try again."}},
	CauseRedirect: {
		[2]string{"La risposta rimanda a un altro indirizzo (%[1]s), che il programma non segue.", "Se la rete chiede un accesso, farlo con il browser; altrimenti controllare l'indirizzo del server, anche https:// all'inizio."},
		[2]string{"The answer points to another address (%[1]s), which the program does not follow.", "If the network asks for a sign-in, do it in the browser; otherwise check the server's address, https:// included."}},
	CauseProxy: {
		[2]string{"Il proxy della rete non lascia raggiungere il server.", "Chiedere a chi cura la rete della scuola di permettere %[1]s; i dati restano sul computer."},
		[2]string{"The network's proxy does not let the server be reached.", "Ask whoever runs the school's network to allow %[1]s; the data stay on this computer."}},
	CauseProtocol: {
		[2]string{"La risposta ricevuta da %[1]s non è quella attesa.", "Controllare l'indirizzo del server e aggiornare il programma; i dati restano sul computer."},
		[2]string{"The answer from %[1]s is not the expected one.", "Check the server's address and update the program; the data stay on this computer."}},
	CauseCut: {
		[2]string{"Il collegamento con il server si è interrotto.", "Riprovare: se l'invio era arrivato, il server darà la stessa ricevuta."},
		[2]string{"The connection to the server broke off.", "Try again: if the submission had arrived, the server will give the same receipt."}},
	CauseStopped: {
		[2]string{"Il tentativo è stato interrotto.", "Riprovare quando si vuole: un doppio invio non è possibile."},
		[2]string{"The attempt was stopped.", "Try again at any time: nothing can be stored twice."}},
}

// Sentence tells a person what happened.
func (e *NetError) Sentence(lang string) string { return e.words(lang, 0) }

// Hint tells a person what to do now.
func (e *NetError) Hint(lang string) string { return e.words(lang, 1) }

func (e *NetError) words(lang string, i int) string {
	w, ok := causes[e.Cause]
	if !ok {
		w = causes[CauseProtocol]
	}
	text, date := w.it[i], "02/01/2006 15:04"
	if lang == "en" {
		text, date = w.en[i], "2 January 2006 15:04"
	}
	// Host may come from a Location header, so from anyone.
	r := strings.NewReplacer("%[1]s", Visible(e.Host), "%[2]s", e.At.Format(date))
	return r.Replace(text)
}
