package tui

// linkTexts are the words of what goes between this computer and the server.
type linkTexts struct {
	DoctorTitle, HelpDoctor, AboutDoctor, Running, Again, Skipped, StopsHere, Stopped   string
	WhoseJob, WhatToDo, AllWell, MenuDoctor, AlarmBar, WhatDoctor, WhatAlarm, StoppedAt string

	JobPerson, JobNetwork, JobOffice, JobNobody                         string
	StepAddress, StepName, StepConnect, StepTLS, StepServer             string
	StepVersion, StepSignIn, StepDates, StepQuestionnaire, StepPayload  string
	StepStored, StepReceipt                                             string
	Mine, Other, Base, MineWho, OtherWho, BaseWho, BaseNone, SomeDevice string
	Together, Newer, Joined1, JoinedN, Decision                         string
}

func linkItalian() linkTexts {
	return linkTexts{
		DoctorTitle: "Prova del collegamento",
		HelpDoctor:  "R prova di nuovo  Su/Giù scegli  Esc indietro",
		AboutDoctor: "La prova rifà uno alla volta i passi di un invio, senza inviare niente, e si ferma al primo che non riesce: dice a chi tocca e che cosa fare. Il codice serve all'Ufficio per ritrovarla nel suo registro. Quello che è già successo resta nell'elenco dei tentativi.",
		Running:     "Prova in corso: può durare fino a un minuto. Esc torna indietro.",
		Again:       "Prova di nuovo",
		Skipped:     "non provato",
		StopsHere:   "si ferma qui",
		Stopped:     "! Non riesce: %s.",
		WhoseJob:    "A chi tocca",
		WhatToDo:    "Che cosa fare",
		AllWell:     "Tutto funziona: quello che è pronto si può inviare.",
		MenuDoctor:  "Prova il collegamento: che cosa non va",
		AlarmBar:    "! REGISTRO DEL SERVER CAMBIATO: F3",
		WhatDoctor:  "Prova del collegamento",
		WhatAlarm:   "Avviso sul registro tolto",
		StoppedAt:   "Si è fermato a: %s",
		JobPerson:   "a chi usa questo computer",
		JobNetwork:  "a chi cura la rete e i computer della scuola",
		JobOffice:   "all'Ufficio",
		JobNobody:   "a nessuno: il programma riprova da solo",

		StepAddress: "indirizzo del server", StepName: "nome del server trovato", StepConnect: "collegamento",
		StepTLS: "collegamento sicuro e orologio", StepServer: "identità del server", StepVersion: "versioni dei programmi",
		StepSignIn: "accesso della scuola", StepDates: "date della rilevazione", StepQuestionnaire: "questionario",
		StepPayload: "dati da inviare", StepStored: "dati registrati dal server", StepReceipt: "ultima ricevuta",

		Mine: "La mia", Other: "L'altra", Base: "Prima",
		MineWho:    "da questo computer (%s), modificata %s",
		OtherWho:   "da %s: invio n. %d, arrivato %s",
		BaseWho:    "invio n. %d, arrivato %s: da qui sono partite tutte e due",
		BaseNone:   "non era ancora stato inviato niente",
		SomeDevice: "un altro computer",
		Together:   "Si decidono insieme, perché i loro numeri devono tornare:",
		Newer:      "Intanto è arrivata una versione ancora più recente: guardare e scegliere di nuovo.",
		Joined1:    "Le due versioni sono riunite: 1 rilievo da guardare, poi inviare di nuovo.",
		JoinedN:    "Le due versioni sono riunite: %s rilievi da guardare, poi inviare di nuovo.",
		Decision:   "Decisione %d di %d",
	}
}

func linkEnglish() linkTexts {
	return linkTexts{
		DoctorTitle: "Connection test",
		HelpDoctor:  "R test again  Up/Down choose  Esc back",
		AboutDoctor: "The test goes through the steps of a submission one by one, sending nothing, and stops at the first that fails: it says whose job that is and what to do. The code lets the office find it in its log. What has happened stays in the list of attempts.",
		Running:     "Testing: it may take up to a minute. Esc goes back.",
		Again:       "Test again",
		Skipped:     "not tried",
		StopsHere:   "stops here",
		Stopped:     "! This fails: %s.",
		WhoseJob:    "Whose job it is",
		WhatToDo:    "What to do",
		AllWell:     "Everything works: what is ready can be sent.",
		MenuDoctor:  "Test the connection: what is wrong",
		AlarmBar:    "! THE SERVER'S LOG WAS CHANGED: F3",
		WhatDoctor:  "Connection test",
		WhatAlarm:   "Warning on the log ended",
		StoppedAt:   "It stopped at: %s",
		JobPerson:   "whoever uses this computer",
		JobNetwork:  "whoever looks after the school's network and computers",
		JobOffice:   "the office",
		JobNobody:   "nobody: the program tries again by itself",

		StepAddress: "address of the server", StepName: "name of the server found", StepConnect: "connection",
		StepTLS: "secure connection and clock", StepServer: "identity of the server", StepVersion: "versions of the programs",
		StepSignIn: "the school's sign-in", StepDates: "dates of the survey", StepQuestionnaire: "questionnaire",
		StepPayload: "data to be sent", StepStored: "data stored by the server", StepReceipt: "last receipt",

		Mine: "Mine", Other: "Other", Base: "Before",
		MineWho:    "from this computer (%s), changed %s",
		OtherWho:   "from %s: submission no. %d, arrived %s",
		BaseWho:    "submission no. %d, arrived %s: both began from it",
		BaseNone:   "nothing had been sent yet",
		SomeDevice: "another computer",
		Together:   "Decided together, because their numbers must agree:",
		Newer:      "A still newer version has come meanwhile: look and choose again.",
		Joined1:    "The two versions are one again: 1 finding to look at, then send again.",
		JoinedN:    "The two versions are one again: %s findings to look at, then send again.",
		Decision:   "Decision %d of %d",
	}
}
