package main

// The words of what the office looks at before it believes.
var (
	reviewItalian = words{
		help: map[string]help{
			"outliers":     {"", "i valori lontani da altre scuole, Ministero e anno prima", "Cerca i valori da verificare con una telefonata: i tassi lontani da quelli dello stesso\npercorso nelle altre scuole; con --enrolment gli alunni dichiarati lontani da quelli del file\ndel Ministero; con --before i tassi cambiati dall'anno prima in modo diverso da tutti gli\naltri. Un valore lontano non è un errore. I tassi sono quelli dei controlli del questionario;\nnon si guardano i tassi su meno di 20 alunni né le distanze di meno di 3 alunni."},
			"explanations": {"[CONTROLLO]", "quanto spesso un controllo è motivato invece che rispettato", "Per ogni controllo con motivazione: su quante schede inviate è stato motivato, e perché. Un\ncontrollo motivato da molti dice più del controllo che delle scuole. Con il CONTROLLO (per\nesempio S04), le motivazioni una per una."},
		},
		flag: map[string]string{
			"only-part": "solo questa `PARTE`: liceale, tecnico…", "enrolment": "`FILE` del Ministero con gli alunni per codice (ANNOSCOLASTICO, CODICESCUOLA, ALUNNI)",
			"enrolment-year":  "`ANNO` del file del Ministero, per esempio 202223; senza, quello della rilevazione",
			"enrolment-total": "la `DOMANDA` della parte generale da confrontare con il file del Ministero",
			"before":          "`CARTELLA` di un'estrazione dell'anno prima", "score": "quanto lontano: `PUNTI` (z modificato)",
			"limit-rows": "al massimo `N` righe per elenco; 0 per tutte",
		},
		say: map[string]string{
			"negative": "Un numero negativo non va bene qui.", "negative.hint": "Scrivere 0 o un numero positivo.",
			"no_such_part": "La rilevazione non ha la parte «%[1]s».", "no_such_part.hint": "Le parti sono: %[2]s.",
			"no_such_total": "La parte generale non ha una domanda numerica «%[1]s».", "no_such_total.hint": "Indicare con --total la domanda che chiede quanti alunni ha la scuola.",
			"before_not_one": "%[1]s non è un'estrazione con i file CSV.", "before_not_one.hint": "Indicare una cartella scritta da «rileva-server export --format csv».",
			"enrolment_empty": "%[1]s è vuoto o non è un file CSV.", "enrolment_empty.hint": "Scaricare di nuovo il file del Ministero.",
			"enrolment_column": "%[1]s: manca la colonna %[2]s.", "enrolment_column.hint": "Servono le colonne ANNOSCOLASTICO, CODICESCUOLA e ALUNNI.",
			"enrolment_row": "%[1]s: la riga non ha tutte le colonne.", "enrolment_row.hint": "Il file è forse tagliato: scaricarlo di nuovo.",
			"enrolment_number": "%[1]s: «%[2]s» non è un numero di alunni.", "enrolment_number.hint": "Valgono i numeri interi e «<=3».",
			"enrolment_year": "%[1]s non ha righe dell'anno %[2]s.", "enrolment_year.hint": "Indicare con --year uno di questi: %[3]s.",

			"outliers_head": "Schede inviate: %[1]d, di %[2]d istituzioni. Un valore lontano non è un errore: va verificato.",
			"outliers_none": "Nessun tasso è lontano da quelli delle altre scuole.",
			"outlier":       "%[1]s %[2]s, %[3]s: %[4]s su %[5]s %[6]s (%[7]d su %[8]d); la metà %[10]s sta sotto %[9]s.",
			"among_all":     "delle %[1]d schede di quel percorso", "among_kind": "delle %[1]d schede di quel percorso di %[2]s",
			"enrolment_head":    "Alunni del Ministero, %[1]s: confrontate %[2]d istituzioni; dichiarati %[3]d, del Ministero %[4]s.",
			"enrolled_row":      "%[1]s %[2]s: dichiarati %[3]d, del Ministero %[4]s (%[5]s).",
			"enrolment_unknown": "Non presenti nel file del Ministero: %[1]d (%[2]s).",
			"before_head":       "Rispetto all'a.s. %[1]s: schede confrontate %[2]d.",
			"before_none":       "Nessun tasso è cambiato in modo diverso da quelli delle altre scuole.",
			"before_row":        "%[1]s %[2]s, %[3]s: %[4]s su %[5]s era %[6]s, è %[7]s; il cambiamento di metà delle scuole è di %[8]s punti o meno.",
			"rows_left":         "… e altri %[1]d: --limit 0 li mostra tutti.",

			"explanations_head": "Motivazioni nelle schede inviate: %[1]d schede.",
			"explanations_none": "Nessuna scheda ha motivazioni.",
			"explained_check":   "%[1]s  motivato in %[2]s delle schede (%[3]d su %[4]d): %[5]s",
			"explanations_next": "Le motivazioni di un controllo: rileva-server explanations CONTROLLO",
			"explanation":       "%[1]s %[2]s, %[3]s, revisione %[4]d. %[5]s: «%[6]s»",
			"explanation_none":  "Nessuna scheda inviata motiva il controllo %[1]s.",
		},
		word: map[string]string{"peers.statale": "scuole statali", "peers.paritaria": "scuole paritarie"},
	}
	reviewEnglish = words{
		help: map[string]help{
			"outliers":     {"", "numbers far from other schools, the ministry, the year before", "Looks for numbers that are worth a call: rates far from those of the same track in other\nschools; with --enrolment pupils far from the ministry's file; with --before rates that have\nchanged since the year before otherwise than everybody's. A number far away is no mistake.\nThe rates are those of the questionnaire's checks; rates of fewer than 20 pupils and\ndistances of fewer than 3 pupils are left out."},
			"explanations": {"[CHECK]", "how often a check is explained instead of met", "For each check that takes an explanation: on how many submitted sheets it was explained, and\nwhy. A check that many explain says more of the check than of the schools. With a CHECK (for\nexample S04), the explanations one by one."},
		},
		flag: map[string]string{
			"only-part": "only this `PART`: liceale, tecnico…", "enrolment": "the ministry's `FILE` with pupils by code (ANNOSCOLASTICO, CODICESCUOLA, ALUNNI)",
			"enrolment-year":  "`YEAR` in the ministry's file, for example 202223; without it, the survey's",
			"enrolment-total": "the `QUESTION` of the general part to compare with the ministry's file",
			"before":          "`FOLDER` of an export of the year before", "score": "how far away: `POINTS` (modified z)",
			"limit-rows": "at most `N` lines a list; 0 for all",
		},
		say: map[string]string{
			"negative": "A negative number will not do here.", "negative.hint": "Write 0 or a positive number.",
			"no_such_part": "The survey has no part “%[1]s”.", "no_such_part.hint": "The parts are: %[2]s.",
			"no_such_total": "The general part has no number “%[1]s”.", "no_such_total.hint": "Name with --total the question that asks how many pupils the school has.",
			"before_not_one": "%[1]s is no export with CSV files.", "before_not_one.hint": "Name a folder written by \"rileva-server export --format csv\".",
			"enrolment_empty": "%[1]s is empty or no CSV file.", "enrolment_empty.hint": "Download the ministry's file again.",
			"enrolment_column": "%[1]s: the column %[2]s is missing.", "enrolment_column.hint": "The columns ANNOSCOLASTICO, CODICESCUOLA and ALUNNI are needed.",
			"enrolment_row": "%[1]s: the row lacks columns.", "enrolment_row.hint": "The file may be cut off: download it again.",
			"enrolment_number": "%[1]s: “%[2]s” is no number of pupils.", "enrolment_number.hint": "Whole numbers and \"<=3\" are understood.",
			"enrolment_year": "%[1]s has no rows of the year %[2]s.", "enrolment_year.hint": "Name one of these with --year: %[3]s.",

			"outliers_head": "Submitted sheets: %[1]d, of %[2]d institutions. A number far away is no mistake: it is worth a look.",
			"outliers_none": "No rate is far from those of the other schools.",
			"outlier":       "%[1]s %[2]s, %[3]s: %[4]s of %[5]s %[6]s (%[7]d of %[8]d); half %[10]s are below %[9]s.",
			"among_all":     "of the %[1]d sheets of that track", "among_kind": "of the %[1]d sheets of that track of %[2]s",
			"enrolment_head":    "The ministry's pupils, %[1]s: %[2]d institutions compared; declared %[3]d, by the ministry %[4]s.",
			"enrolled_row":      "%[1]s %[2]s: declared %[3]d, by the ministry %[4]s (%[5]s).",
			"enrolment_unknown": "Not in the ministry's file: %[1]d (%[2]s).",
			"before_head":       "Since the school year %[1]s: %[2]d sheets compared.",
			"before_none":       "No rate has changed otherwise than those of the other schools.",
			"before_row":        "%[1]s %[2]s, %[3]s: %[4]s of %[5]s was %[6]s, is %[7]s; half of the schools changed by %[8]s points or less.",
			"rows_left":         "… and %[1]d more: --limit 0 shows all.",

			"explanations_head": "Explanations in the submitted sheets: %[1]d sheets.",
			"explanations_none": "No sheet has explanations.",
			"explained_check":   "%[1]s  explained on %[2]s of the sheets (%[3]d of %[4]d): %[5]s",
			"explanations_next": "The explanations of one check: rileva-server explanations CHECK",
			"explanation":       "%[1]s %[2]s, %[3]s, revision %[4]d. %[5]s: “%[6]s”",
			"explanation_none":  "No submitted sheet explains the check %[1]s.",
		},
		word: map[string]string{"peers.statale": "state schools", "peers.paritaria": "paritarie"},
	}
)
