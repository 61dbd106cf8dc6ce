package tui

// importTexts are the words of filling in a table from a file.
type importTexts struct {
	Title, How, Label, Write, Written, Folder, NoFiles, NotRead, HelpChoose, About string
	Of, Counts, Refused1, RefusedN, Changes, Yes, YesKey, YesKeys, No, Ask         string
	Nothing, HelpAsk, HelpRead, Taken1, TakenN                                     string
}

func importItalian() importTexts {
	return importTexts{
		Title:      "Numeri da un file",
		How:        "Questa tabella si può riempire da un foglio di Excel o LibreOffice. 1. Scrivere il modello. 2. Aprirlo, mettere i numeri, salvarlo. 3. Sceglierlo qui sotto: prima di prendere i numeri si vede che cosa cambia.",
		Label:      "Altro file:",
		Write:      "Scrivi il modello di questa tabella",
		Written:    "Modello scritto: %s",
		Folder:     "File nella cartella %s:",
		NoFiles:    "Nella cartella %s non ci sono ancora file .xlsx o .csv.",
		NotRead:    "Il file %s non c'è o non si può leggere.",
		HelpChoose: "Su/Giù scegli  Invio apri, oppure trascinare qui il file  Esc indietro",
		About:      "I numeri si prendono solo dal modello scritto da qui: dice di quale scuola, scheda e tabella è, così non si scambiano due fogli simili. Una casella vuota del file non cambia niente. Se una casella non va (una formula, una data, un testo) non si prende niente: il file si corregge e si riapre. Ctrl+Z nella tabella toglie tutto quello che è stato preso.",
		Of:         "Dal file %s",
		Counts:     "Numeri che cambiano: %s   già uguali: %s   caselle vuote nel file: %s",
		Refused1:   "C'è 1 casella che non va: non si prende niente. Correggerla nel file, salvarlo e riaprirlo.",
		RefusedN:   "Ci sono %s caselle che non vanno: non si prende niente. Correggerle nel file, salvarlo e riaprirlo.",
		Changes:    "Che cosa cambia nella tabella:",
		Yes:        "Sì, prendi questi numeri",
		YesKey:     "S",
		YesKeys:    "sì",
		No:         "No, lascia la tabella com'è",
		Ask:        "Prendere questi numeri? S sì, N no",
		Nothing:    "Non è stato preso niente.",
		HelpAsk:    "S prendi  N o Esc lascia tutto com'è  Su/Giù scorri",
		HelpRead:   "Su/Giù scorri  Esc indietro",
		Taken1:     "1 numero preso dal file: Ctrl+Z lo toglie.",
		TakenN:     "%s numeri presi dal file: Ctrl+Z li toglie tutti.",
	}
}

func importEnglish() importTexts {
	return importTexts{
		Title:      "Numbers from a file",
		How:        "This table can be filled in from a sheet of Excel or LibreOffice. 1. Write the template. 2. Open it, put in the numbers, save it. 3. Choose it below: before the numbers are taken you see what changes.",
		Label:      "Other file:",
		Write:      "Write the template of this table",
		Written:    "Template written: %s",
		Folder:     "Files in the folder %s:",
		NoFiles:    "There are no .xlsx or .csv files in the folder %s yet.",
		NotRead:    "The file %s is not there or cannot be read.",
		HelpChoose: "Up/Down choose  Enter open, or drag the file here  Esc back",
		About:      "Numbers are taken only from the template written here: it says which school, sheet and table it is of, so that two sheets that look alike are not mixed up. A blank cell of the file changes nothing. If a cell is wrong (a formula, a date, a text) nothing is taken: correct the file and open it again. Ctrl+Z in the table takes away all that was taken.",
		Of:         "From the file %s",
		Counts:     "Numbers that change: %s   the same already: %s   blank cells in the file: %s",
		Refused1:   "1 cell is wrong: nothing is taken. Correct it in the file, save and open it again.",
		RefusedN:   "%s cells are wrong: nothing is taken. Correct them in the file, save and open it again.",
		Changes:    "What changes in the table:",
		Yes:        "Yes, take these numbers",
		YesKey:     "Y",
		YesKeys:    "y",
		No:         "No, leave the table as it is",
		Ask:        "Take these numbers? Y yes, N no",
		Nothing:    "Nothing was taken.",
		HelpAsk:    "Y take  N or Esc leave all as it is  Up/Down scroll",
		HelpRead:   "Up/Down scroll  Esc back",
		Taken1:     "1 number taken from the file: Ctrl+Z takes it away.",
		TakenN:     "%s numbers taken from the file: Ctrl+Z takes them all away.",
	}
}
