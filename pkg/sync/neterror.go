package sync

import (
	"crypto/x509"
	"errors"
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

// Job says whose job it is that something goes on.
type Job string

// Whose job.
const (
	JobPerson  Job = "person"  // whoever uses this computer
	JobNetwork Job = "network" // whoever looks after the school's network and computers
	JobOffice  Job = "office"
	JobNobody  Job = "nobody" // it settles itself: the program tries again
)

// Job tells whose job it is.
func (e *NetError) Job() Job { return causes[e.Cause].job }

// causes is the one table of what a person reads and of whose job it is; %[1]s
// is the host, %[2]s the date of this device, %[3]s the certificate's last day.
var causes = map[string]struct {
	job    Job
	it, en [2]string
}{
	CauseAddress: {
		JobPerson,
		[2]string{"L'indirizzo del server non è scritto bene.", "Scriverlo come nella lettera dell'Ufficio, per esempio https://rilevazioni.esempio.it."},
		[2]string{"The server's address is not well formed.", "Write it as in the office's letter, for example https://surveys.example.it."}},
	CauseOffline: {
		JobPerson,
		[2]string{"Questo computer non è collegato alla rete.", "Controllare il cavo o il Wi-Fi; i dati restano sul computer e partono al prossimo tentativo."},
		[2]string{"This computer is not connected to the network.", "Check the cable or the Wi-Fi; the data stay on this computer and leave at the next attempt."}},
	CauseDNS: {
		JobNetwork,
		[2]string{"Il nome del server (%[1]s) non si trova.", "Controllare che Internet funzioni e che l'indirizzo del server sia quello della lettera."},
		[2]string{"The server's name (%[1]s) cannot be found.", "Check that the Internet works and that the server's address is the one of the letter."}},
	CauseRefused: {
		JobOffice,
		[2]string{"Il server (%[1]s) non accetta collegamenti.", "Riprovare tra qualche minuto; se dura, controllare l'indirizzo o chiamare l'Ufficio."},
		[2]string{"The server (%[1]s) accepts no connections.", "Try again in some minutes; if it lasts, check the address or call the office."}},
	CauseTimeout: {
		JobNobody,
		[2]string{"Il server (%[1]s) non ha risposto in tempo.", "Riprovare più tardi: un doppio invio non è possibile."},
		[2]string{"The server (%[1]s) did not answer in time.", "Try again later: nothing can be stored twice."}},
	CauseTLS: {
		JobNetwork,
		[2]string{"Con %[1]s non si stabilisce un collegamento sicuro.", "Controllare l'indirizzo del server; se è giusto, chiedere a chi cura la rete della scuola."},
		[2]string{"No secure connection with %[1]s comes about.", "Check the server's address; if it is right, ask whoever runs the school's network."}},
	CauseClock: {
		JobPerson,
		[2]string{"Il certificato del server non è ancora valido alla data di questo computer (%[2]s): l'orologio è indietro.", "Correggere data e ora del computer e riprovare."},
		[2]string{"The server's certificate is not valid yet on this computer's date (%[2]s): its clock is behind.", "Set the computer's date and time right and try again."}},
	CauseExpired: {
		JobOffice,
		[2]string{"Il certificato del server è scaduto il %[3]s; per questo computer oggi è il %[2]s.", "Se la data del computer è giusta, avvisare l'Ufficio: deve rinnovare il certificato. Altrimenti correggere data e ora."},
		[2]string{"The server's certificate ended on %[3]s; for this computer it is now %[2]s.", "If the computer's date is right, tell the office: it has to renew the certificate. Otherwise set date and time right."}},
	CauseName: {
		JobPerson,
		[2]string{"Chi risponde all'indirizzo %[1]s presenta il certificato di un altro server.", "Non inserire la password; controllare che l'indirizzo sia quello della lettera. Se lo è, avvisare l'Ufficio."},
		[2]string{"What answers at %[1]s shows the certificate of another server.", "Do not type the password; check that the address is the one of the letter. If it is, tell the office."}},
	CauseAuthority: {
		JobNetwork,
		[2]string{"Non è sicuro che a rispondere sia il server %[1]s: nessuna autorità conosciuta garantisce per il suo certificato.", "Non inserire la password. Spesso è un filtro della rete: provare da un'altra rete o chiedere a chi cura la rete della scuola."},
		[2]string{"It is not certain that %[1]s is the server: no known authority vouches for its certificate.", "Do not type the password. Often it is a filter of the network: try another network or ask whoever runs the school's network."}},
	CausePortal: {
		JobPerson,
		[2]string{"Al posto del server risponde una pagina della rete, per esempio l'accesso al Wi-Fi.", "Aprire il browser, accedere alla rete e riprovare."},
		[2]string{"A page of the network answers in the server's place, such as a Wi-Fi sign-in.", "Open the browser, sign in to the network and try again."}},
	CauseRedirect: {
		JobPerson,
		[2]string{"La risposta rimanda a un altro indirizzo (%[1]s), che il programma non segue.", "Se la rete chiede un accesso, farlo con il browser; altrimenti controllare l'indirizzo del server, anche https:// all'inizio."},
		[2]string{"The answer points to another address (%[1]s), which the program does not follow.", "If the network asks for a sign-in, do it in the browser; otherwise check the server's address, https:// included."}},
	CauseProxy: {
		JobNetwork,
		[2]string{"Il proxy della rete non lascia raggiungere il server.", "Chiedere a chi cura la rete della scuola di permettere %[1]s; i dati restano sul computer."},
		[2]string{"The network's proxy does not let the server be reached.", "Ask whoever runs the school's network to allow %[1]s; the data stay on this computer."}},
	CauseProxyAuth: {
		JobNetwork,
		[2]string{"Il proxy della rete chiede un nome e una password.", "Chiedere a chi cura la rete della scuola di permettere %[1]s senza accesso al proxy, o come si accede; i dati restano sul computer."},
		[2]string{"The network's proxy asks for a name and a password.", "Ask whoever runs the school's network to allow %[1]s without signing in to the proxy, or how to sign in; the data stay on this computer."}},
	CauseVersion: {
		JobPerson,
		[2]string{"Il server %[1]s parla un'altra versione del protocollo.", "Aggiornare il programma (o chiedere all'Ufficio quale versione serve); i dati restano sul computer."},
		[2]string{"The server %[1]s speaks another version of the protocol.", "Update the program (or ask the office which version is needed); the data stay on this computer."}},
	CauseOtherSurvey: {
		JobPerson,
		[2]string{"Il server %[1]s raccoglie un'altra rilevazione: i dati di questo computer non sono stati inviati e restano dove sono.", "Controllare l'indirizzo del server; se è giusto, chiedere all'Ufficio."},
		[2]string{"The server %[1]s collects another survey: the data of this computer were not sent and stay where they are.", "Check the server's address; if it is right, ask the office."}},
	CauseProtocol: {
		JobPerson,
		[2]string{"La risposta ricevuta da %[1]s non è quella attesa.", "Controllare l'indirizzo del server e aggiornare il programma; i dati restano sul computer."},
		[2]string{"The answer from %[1]s is not the expected one.", "Check the server's address and update the program; the data stay on this computer."}},
	CauseCut: {
		JobNobody,
		[2]string{"Il collegamento con il server si è interrotto.", "Riprovare: se l'invio era arrivato, il server darà la stessa ricevuta."},
		[2]string{"The connection to the server broke off.", "Try again: if the submission had arrived, the server will give the same receipt."}},
	CauseStopped: {
		JobPerson,
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
	ended := "?"
	var invalid x509.CertificateInvalidError
	if errors.As(e.Err, &invalid) && invalid.Cert != nil {
		ended = invalid.Cert.NotAfter.In(e.At.Location()).Format(date)
	}
	// Host may come from a Location header, so from anyone.
	r := strings.NewReplacer("%[1]s", Visible(e.Host), "%[2]s", e.At.Format(date), "%[3]s", ended)
	return r.Replace(text)
}
