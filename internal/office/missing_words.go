package office

import (
	"fmt"
	"strings"
	"time"

	"rileva/internal/store"
	"rileva/pkg/survey"
)

// asked is what to say on the telephone, by cause: first Italian, then
// English. It begins after the greeting, which the list prints once. {code},
// {parts}, {detail}, {until}, {percent}, {device} and {remark} are filled in.
var asked = map[string]Text{
	CauseNoCredentials: {
		"Non avete ancora ricevuto da noi la password: ve la mandiamo oggi; poi i dati servono {until}.",
		"You have not had a password from us yet: we send it today; then the data are needed {until}."},
	CauseSlowed: {
		"Vediamo accessi non riusciti con il codice {code}: aspettate un minuto, poi scrivete la password della lettera con i trattini; se non la trovate ve ne diamo subito un'altra.",
		"We see sign-ins that fail with the code {code}: wait a minute, then type the password of the letter with its hyphens; if you cannot find it we give you another at once."},
	CauseNeverIn: {
		"Nessuno è ancora entrato con il codice {code}: avete ricevuto la lettera con la password? I dati servono {until}; se la lettera manca ve ne mandiamo un'altra.",
		"Nobody has signed in with the code {code} yet: did you get the letter with the password? The data are needed {until}; if the letter is missing we send another."},
	CauseRefused: {
		"L'ultimo invio è stato rifiutato ({detail}): aprite il programma, il motivo è scritto sulla prima pagina. Se serve lo guardiamo insieme adesso.",
		"The last submission was refused ({detail}): open the program, the reason stands on its first page. If you like we look at it together now."},
	CauseSync: {
		"Dal vostro computer ({device}) i dati non riescono a partire ({detail}): aprite il programma e leggeteci il messaggio e il codice di incidente. I dati sono al sicuro sul vostro computer, non serve riscriverli.",
		"The data cannot leave your computer ({device}, {detail}): open the program and read us its message and the incident code. The data are safe on your computer, nothing has to be typed again."},
	CauseUnsent: {
		"Sul vostro computer ({device}) è tutto compilato ma non ancora inviato: aprite il programma e scegliete «Invia». Serve {until}.",
		"On your computer ({device}) everything is filled in and not sent yet: open the program and choose to send. It is needed {until}."},
	CauseReturned: {
		"Vi abbiamo restituito: {parts}{remark}. Correggete e inviate di nuovo {until}; l'osservazione si legge nel programma, nel campo interessato.",
		"We have sent back: {parts}{remark}. Please correct and send again {until}; the remark stands in the program, at the field."},
	CauseInconsistent: {
		"È arrivato tutto, ma i totali delle schede non coincidono con quelli della parte generale: nel programma correggete, oppure spiegate la differenza e inviate di nuovo la parte generale, {until}.",
		"Everything has come, but the totals of the sheets differ from those of the general part: correct them in the program, or explain the difference and send the general part again, {until}."},
	CauseInProgress: {
		"Mancano ancora: {parts}{percent}. Servono {until}: c'è qualcosa che vi blocca?",
		"Still to come: {parts}{percent}. They are needed {until}: is anything in your way?"},
	CauseNotStarted: {
		"Siete entrati ma non risulta ancora nulla di compilato: servono {until}. Vi serve aiuto per cominciare?",
		"You have signed in, but nothing is filled in yet: it is needed {until}. Can we help you to begin?"},
}

// partNames are the parts as they are spoken of.
var partNames = map[string]Text{
	survey.GeneralPart:        {"la parte generale", "the general part"},
	survey.TrackLiceale:       {"il percorso liceale", "the track liceale"},
	survey.TrackTecnico:       {"il percorso tecnico", "the track tecnico"},
	survey.TrackProfessionale: {"il percorso professionale", "the track professionale"},
	survey.TrackIeFP:          {"il percorso IeFP", "the track IeFP"},
}

// sentence is what to say in both languages.
func sentence(row MissingRow, f followed) Text {
	return Text{It: saying(row, f, "it"), En: saying(row, f, "en")}
}

func saying(row MissingRow, f followed, lang string) string {
	pick := func(it, en string) string { return Text{it, en}.In(lang) }
	names := make([]string, len(row.Parts))
	for i, part := range row.Parts {
		if names[i] = partNames[part].In(lang); names[i] == "" {
			names[i] = part
		}
	}
	device := pick("quello della segreteria", "the one of the office")
	for _, h := range f.contact.Devices {
		device = h.Device
	}
	percent := ""
	if row.Percent > 0 {
		percent = fmt.Sprintf(pick(" (sul vostro computer è fatto il %d%%)", " (%d%% is done on your computer)"), row.Percent)
	}
	when := Text{"entro " + spokenDay(row.Until, "it"), "by " + spokenDay(row.Until, "en")}.In(lang)
	if row.DaysLeft < 0 {
		when = pick("al più presto: il termine è passato, concordiamo ora una data", "as soon as possible: the date is over, let us agree on one now")
	}
	return strings.NewReplacer("{code}", row.Code, "{parts}", strings.Join(names, ", "), "{detail}", row.Detail, "{until}", when,
		"{percent}", percent, "{device}", device, "{remark}", firstRemark(f.parts)).Replace(asked[row.Cause].In(lang))
}

// firstRemark quotes what the office wants corrected.
func firstRemark(parts []store.Part) string {
	for _, p := range parts {
		if p.State == survey.PartReturned && len(p.Remarks) > 0 {
			return " («" + p.Remarks[0].Text + "»)"
		}
	}
	return ""
}

var weekdays = map[string][]string{
	"it": {"domenica", "lunedì", "martedì", "mercoledì", "giovedì", "venerdì", "sabato"},
	"en": {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

// spokenDay is a date as it is said on the telephone.
func spokenDay(t time.Time, lang string) string {
	t = t.In(rome)
	day := weekdays[lang][t.Weekday()] + t.Format(" 2/1/2006")
	if t.Hour() == 23 && t.Minute() == 59 {
		return day
	}
	return day + Text{" alle ore ", " at "}.In(lang) + t.Format("15:04")
}
