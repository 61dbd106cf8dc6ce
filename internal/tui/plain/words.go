package plain

func wordsFor(lang string) map[string]string {
	if lang == "en" {
		return english
	}
	return italian
}

var italian = map[string]string{
	"welcome": "Rileva, una domanda alla volta. Ogni risposta è salvata appena accettata.\nA ogni domanda si può scrivere: aiuto.",
	"bye":     "Tutto è salvato. Arrivederci.", "end_of_input": "Fine dell'ingresso: tutto ciò che è stato accettato è salvato.",

	"sign_in": "Accesso. Scrivere il codice meccanografico e la password della lettera dell'Ufficio.\nScuole paritarie con più codici: usare il primo in ordine alfabetico.",
	"server":  "Indirizzo del server", "code": "Codice meccanografico", "password": "Password",
	"signed_in":   "Accesso eseguito: %s, %s.",
	"must_change": "La password della lettera vale una volta sola. Sceglierne una nuova.", "new_password": "Nuova password", "again": "Di nuovo la nuova password",
	"passwords_differ": "Le due password non sono uguali: scriverle di nuovo.", "password_changed": "Password cambiata.",

	"yes_no": "(s/n)", "say_yes_no": "Scrivere s per sì oppure n per no.",
	"which_part":   "Numero della parte, o un comando",
	"no_such_part": "Non c'è: scrivere un numero da 1 a %d, oppure aiuto.",
	"removed":      "Dopo il tempo di conservazione l'Ufficio ha cancellato dal server i dati personali. La ricevuta resta valida.",
	"locked":       "si apre quando la parte 1 è completa",
	"answered":     "risposte date %d su %d",
	"remark":       "Osservazione dell'Ufficio: %s", "message": "Messaggio dell'Ufficio, %s: %s",
	"unsent": "Parti in attesa di invio: %d.",
	"help_menu": "Scrivere il numero di una parte per compilarla. Comandi: invia (manda le parti pronte), errori (ciò che resta da correggere), " +
		"spiega CONTROLLO, aggiorna (contatta il server), ricevute, stato, esci.",
	"saved_already": "È già salvato: ogni risposta si salva da sola.", "not_here": "Qui questo comando non serve. Scrivere aiuto per l'elenco.",
	"no_findings": "Nessun errore.",

	"part_how":  "Invio da solo va avanti e lascia la risposta com'è. Comandi: indietro, salta, vuoto, vai NUMERO, errori, salva, invia, parti, esci, aiuto.",
	"part_end":  "È l'ultima domanda. Scrivere errori per vedere che cosa resta, invia per inviare, parti per tornare all'elenco.",
	"step":      "Passo %d di %d",
	"numbered":  "Domanda %d. %s",
	"now":       "Risposta attuale: %s",
	"last_year": "Nel %s: %s. Scrivere scorso per riprenderla.",
	"last_none": "Su questo computer non c'è una risposta dell'anno scorso.",
	"confirm":   "Da confermare: Invio la conferma, oppure scriverne un'altra.",
	"read_only": "Viene dall'anagrafe e non si cambia qui.", "blank_already": "È già vuoto.",
	"unavailable": "dato non disponibile", "explain_how": "Correggere, oppure scrivere: spiega",
	"stay":     "Si resta su questo passo; Invio da solo va avanti.",
	"go_where": "Scrivere vai e un numero da 1 a %d.", "at_step": "Passo %d. %s",
	"example": "Esempio: %s", "who": "Chi lo sa: %s",
	"help_part": "Comandi: indietro e salta per muoversi, vai NUMERO per andare a un passo, vuoto per cancellare, nd se il dato non è disponibile, " +
		"errori per l'elenco di ciò che resta, spiega per motivare un'anomalia, zeri e celle nelle tabelle, scorso per riprendere la risposta dell'anno scorso, stato, salva, invia per inviare la parte, " +
		"parti per tornare all'elenco, esci. Una risposta uguale a un comando si scrive con = davanti.",

	"type_integer": "Un numero intero.", "type_decimal": "Un numero, anche con la virgola.", "type_date": "Una data: giorno/mese/anno.",
	"type_yes_no": "Scrivere s per sì oppure n per no.", "type_choice": "Scrivere il numero della risposta.", "type_list": "Scrivere la voce per esteso.",
	"type_multi": "Scrivere i numeri delle risposte, separati da una virgola.", "type_text_list": "Più voci si separano con un punto e virgola.",
	"type_code_list": "Più codici si separano con un punto e virgola.",

	"table": "Tabella:", "row": "Riga: %s. Celle: %d.", "blank_cell": "vuota",
	"row_how":   "Scrivere i %d valori separati da spazi; - lascia com'è, v vuota la cella. zeri mette 0 nelle vuote, celle le chiede una alla volta.",
	"row_count": "Servono %d valori e ne sono stati scritti %d: la riga non è cambiata. I numeri si scrivono senza spazi, per esempio 1200.", "row_unchanged": "La riga non è cambiata.",
	"row_texts": "Questa riga contiene testi: scrivere celle, che le chiede una alla volta.",
	"row_total": "Totale della riga: %s (%s).", "no_blank_cells": "Non ci sono celle vuote.",

	"nothing_to_explain": "Qui non c'è nulla da spiegare.", "explain_which": "Quale? Scrivere spiega e uno di questi: %s.",
	"reason": "Numero del motivo; Invio da solo rinuncia", "explanation": "Spiegazione, almeno %d caratteri; Invio da solo rinuncia",
	"pick_number": "Scrivere un numero da 1 a %d.", "explained_now": "Spiegazione salvata.", "explained": "spiegato",
	"pupil":             "«%s» sembra il nome o il codice fiscale di uno studente: se lo è, riscrivere la spiegazione senza.",
	"must_be_available": "Questo dato è obbligatorio, oppure è già stato dato.", "why_unavailable": "Perché non è disponibile: numero; Invio da solo rinuncia",

	"blocked":      "Non si può ancora inviare. Da correggere: %d, da spiegare o correggere: %d. Scrivere errori per l'elenco.",
	"sent_already": "È già stata inviata così com'è. Ricevuta %s.",
	"send_summary": "%s: risposte date %d su %d, nessun errore.",
	"withdraw":     "La parte 1 non indica più: %s. La scheda già inviata sarà ritirata.",
	"final":        "Dopo l'invio si può correggere e inviare di nuovo fino alla scadenza.",
	"declare":      "Dichiarare?", "send_now": "Inviare adesso?",
	"nothing_to_send": "Nessuna parte da inviare.", "late": "È arrivata dopo la scadenza: è registrata come in ritardo.",
	"receipt": "Inviata: %s, invio n. %d, %s.\nRicevuta %s",
	"fetched": "Scaricata dal server: %s.", "waits": "In attesa di invio: %s. Parte da sola appena possibile.", "incident": "Codice per l'Ufficio: %s.",
	"conflict":    "%s è stata inviata anche da un altro computer. Per scegliere: rileva conflicts e rileva resolve %s, oppure il modulo a tutto schermo.",
	"no_receipts": "Nessuna ricevuta.",

	"state_blank": "da compilare", "state_draft": "in compilazione", "state_ready": "pronta", "state_queued": "in attesa di invio", "state_sent": "inviata",
	"state_changed": "modificata dopo l'invio", "state_refused": "rifiutata", "state_conflict": "due versioni", "state_returned": "restituita dall'Ufficio",
	"state_approved": "approvata", "state_withdrawn": "ritirata",
	"severity_hard": "Da correggere", "severity_explain": "Da correggere o spiegare", "severity_note": "Nota",
}

var english = map[string]string{
	"welcome": "Rileva, one question at a time. Each answer is saved as soon as it is accepted.\nAt every question you can type: help.",
	"bye":     "Everything is saved. Goodbye.", "end_of_input": "End of input: everything that was accepted is saved.",

	"sign_in": "Sign-in. Type the school code and the password of the office's letter.\nParitarie with several codes: use the first in alphabetical order.",
	"server":  "Address of the server", "code": "School code", "password": "Password",
	"signed_in":   "Signed in: %s, %s.",
	"must_change": "The password of the letter is good once. Choose a new one.", "new_password": "New password", "again": "The new password again",
	"passwords_differ": "The two passwords differ: type them again.", "password_changed": "Password changed.",

	"yes_no": "(y/n)", "say_yes_no": "Type y for yes or n for no.",
	"which_part":   "Number of the part, or a command",
	"no_such_part": "There is none: type a number from 1 to %d, or help.",
	"removed":      "After the time for which they are kept the office removed the personal data. The receipt stays valid.",
	"locked":       "opens once part 1 is complete",
	"answered":     "answers given %d of %d",
	"remark":       "Remark of the office: %s", "message": "Message of the office, %s: %s",
	"unsent": "Parts waiting to be sent: %d.",
	"help_menu": "Type the number of a part to fill it in. Commands: send (the parts that are ready), errors (what is left to correct), " +
		"explain CHECK, sync (contact the server), receipts, status, quit.",
	"saved_already": "It is saved already: each answer saves itself.", "not_here": "This command does nothing here. Type help for the list.",
	"no_findings": "No errors.",

	"part_how":  "Enter alone goes on and leaves the answer as it is. Commands: back, skip, blank, go NUMBER, errors, save, send, parts, quit, help.",
	"part_end":  "That was the last question. Type errors to see what is left, send to send, parts to go back to the list.",
	"step":      "Step %d of %d",
	"numbered":  "Question %d. %s",
	"now":       "Answer now: %s",
	"last_year": "In %s: %s. Type last to take it over.",
	"last_none": "This computer holds no answer of last year.",
	"confirm":   "To be confirmed: Enter confirms it, or type another.",
	"read_only": "It comes from the register and is not changed here.", "blank_already": "It is blank already.",
	"unavailable": "not available", "explain_how": "Correct it, or type: explain",
	"stay":     "It stays at this step; Enter alone goes on.",
	"go_where": "Type go and a number from 1 to %d.", "at_step": "Step %d. %s",
	"example": "Example: %s", "who": "Who knows: %s",
	"help_part": "Commands: back and skip to move, go NUMBER to go to a step, blank to clear, nd if the value is not available, " +
		"errors for what is left, explain to explain an anomaly, zeros and cells in tables, last to take over last year's answer, status, save, send to send the part, " +
		"parts to go back to the list, quit. An answer that is a command is typed with = before it.",

	"type_integer": "A whole number.", "type_decimal": "A number, with decimals if need be.", "type_date": "A date: day/month/year.",
	"type_yes_no": "Type y for yes or n for no.", "type_choice": "Type the number of the answer.", "type_list": "Type the entry in full.",
	"type_multi": "Type the numbers of the answers, separated by a comma.", "type_text_list": "Several entries are separated by a semicolon.",
	"type_code_list": "Several codes are separated by a semicolon.",

	"table": "Table:", "row": "Row: %s. Cells: %d.", "blank_cell": "blank",
	"row_how":   "Type the %d values separated by spaces; - leaves as it is, b blanks the cell. zeros puts 0 into the blank ones, cells asks one by one.",
	"row_count": "%d values are needed and %d were typed: the row has not changed. Numbers are typed without spaces, for example 1200.", "row_unchanged": "The row has not changed.",
	"row_texts": "This row holds texts: type cells, which asks one by one.",
	"row_total": "Total of the row: %s (%s).", "no_blank_cells": "There are no blank cells.",

	"nothing_to_explain": "There is nothing to explain here.", "explain_which": "Which one? Type explain and one of these: %s.",
	"reason": "Number of the reason; Enter alone gives up", "explanation": "Explanation, at least %d characters; Enter alone gives up",
	"pick_number": "Type a number from 1 to %d.", "explained_now": "Explanation saved.", "explained": "explained",
	"pupil":             "«%s» looks like the name or the tax code of a pupil: if it is, write the explanation again without it.",
	"must_be_available": "This value is compulsory, or was given already.", "why_unavailable": "Why it is not available: number; Enter alone gives up",

	"blocked":      "It cannot be sent yet. To correct: %d, to explain or correct: %d. Type errors for the list.",
	"sent_already": "It was sent already as it is. Receipt %s.",
	"send_summary": "%s: answers given %d of %d, no errors.",
	"withdraw":     "Part 1 no longer lists: %s. The sheet that was sent will be withdrawn.",
	"final":        "After sending you can correct and send again until the deadline.",
	"declare":      "Declare?", "send_now": "Send now?",
	"nothing_to_send": "No part to send.", "late": "It arrived after the due date: it is recorded as late.",
	"receipt": "Sent: %s, submission no. %d, %s.\nReceipt %s",
	"fetched": "Fetched from the server: %s.", "waits": "Waiting to be sent: %s. It leaves by itself as soon as possible.", "incident": "Code for the office: %s.",
	"conflict":    "%s was sent from another computer too. To choose: rileva conflicts and rileva resolve %s, or the full-screen form.",
	"no_receipts": "No receipts.",

	"state_blank": "to fill in", "state_draft": "in progress", "state_ready": "ready", "state_queued": "waiting to be sent", "state_sent": "sent",
	"state_changed": "changed after it was sent", "state_refused": "refused", "state_conflict": "two versions", "state_returned": "sent back by the office",
	"state_approved": "approved", "state_withdrawn": "withdrawn",
	"severity_hard": "To correct", "severity_explain": "To correct or explain", "severity_note": "Note",
}
