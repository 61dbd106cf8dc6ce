package main

// The words of the exports.
var (
	exportItalian = words{
		help: map[string]help{
			"export":      {"", "scrive i dati in file, com'erano a un dato momento", "Scrive i dati inviati in una cartella nuova: una tabella per livello (istituzioni, parte\ngenerale, percorsi, celle, motivazioni), la descrizione delle colonne e un elenco di ciò\nche contengono. Lo stesso momento dà sempre gli stessi file, byte per byte.\nCiò che è stato restituito o ritirato è contato e non è compreso."},
			"export diff": {"CARTELLA1 CARTELLA2", "dice quali valori di chi sono cambiati tra due estrazioni", "Confronta due estrazioni: quali celle di quale scuola sono cambiate, con il valore di prima\ne quello di dopo, e perché."},
		},
		flag: map[string]string{
			"export-out": "la `CARTELLA` da creare", "format": "i `FORMATI`: csv, xlsx, json, separati da virgole",
			"as-of": "com'erano i dati a questa `DATA`; senza, adesso",
		},
		say: map[string]string{
			"export_done":             "Estrazione scritta in %[1]s: istituzioni %[2]d, parti inviate %[3]d.",
			"export_left_out":         "Non comprese: parti restituite %[1]d, ritirate %[2]d.",
			"export_again":            "Per avere di nuovo gli stessi file: --as-of %[1]s",
			"export_no_out":           "Manca la cartella in cui scrivere.",
			"export_no_out.hint":      "Indicare una cartella nuova con --out.",
			"export_not_empty":        "La cartella %[1]s non è vuota: non è stato scritto nulla.",
			"export_not_empty.hint":   "Indicare con --out una cartella che non esiste ancora.",
			"export_format":           "«%[1]s» non è un formato.",
			"export_format.hint":      "I formati sono: %[2]s.",
			"export_not_written":      "Non è stato possibile scrivere in %[1]s: non è rimasto nulla a metà.",
			"export_not_written.hint": "Controllare lo spazio libero e i permessi della cartella che la contiene.",
			"export_not_one":          "Una delle due cartelle non è un'estrazione con i file CSV: %[1]s, %[2]s.",
			"export_not_one.hint":     "Indicare due cartelle scritte da «rileva-server export --format csv».",
			"progress_export":         "istituzioni lette: %[1]d",
			"diff_register":           "%[1]s  %[2]s: %[3]s → %[4]s",
			"diff_cell":               "%[1]s  %[2]s  %[3]s: %[4]s → %[5]s  (revisione %[6]s → %[7]s, ricevuta %[8]s)",
			"diff_part":               "%[1]s  %[2]s  %[3]s, valori: %[4]d",
			"diff_none":               "Nessuna differenza.",
		},
		word: map[string]string{"why.sent": "inviata per la prima volta", "why.left_out": "non più compresa (restituita, ritirata o istituzione tolta)",
			"why.back": "di nuovo compresa"},
	}
	exportEnglish = words{
		help: map[string]help{
			"export":      {"", "write the data to files, as they were at a moment", "Writes what was sent to a new folder: a table per level (institutions, general part,\ntracks, cells, explanations), a codebook and a list of what they hold. The same moment\ngives the same files for ever, byte for byte. What was sent back or withdrawn is counted\nand left out."},
			"export diff": {"FOLDER1 FOLDER2", "tell which values of whom changed between two exports", "Compares two exports: which cells of which school changed, from what to what, and why."},
		},
		flag: map[string]string{
			"export-out": "the `FOLDER` to make", "format": "the `FORMATS`: csv, xlsx, json, separated by commas",
			"as-of": "the data as they were at this `DATE`; without it, now",
		},
		say: map[string]string{
			"export_done":             "Export written to %[1]s: institutions %[2]d, submitted parts %[3]d.",
			"export_left_out":         "Left out: parts sent back %[1]d, withdrawn %[2]d.",
			"export_again":            "To get the same files again: --as-of %[1]s",
			"export_no_out":           "The folder to write to is missing.",
			"export_no_out.hint":      "Name a new folder with --out.",
			"export_not_empty":        "The folder %[1]s is not empty: nothing was written.",
			"export_not_empty.hint":   "Name a folder that does not exist yet with --out.",
			"export_format":           "“%[1]s” is not a format.",
			"export_format.hint":      "The formats are: %[2]s.",
			"export_not_written":      "It was not possible to write to %[1]s: nothing was left half done.",
			"export_not_written.hint": "Check the free space and the permissions of the folder around it.",
			"export_not_one":          "One of the two folders is not an export with CSV files: %[1]s, %[2]s.",
			"export_not_one.hint":     "Name two folders written by \"rileva-server export --format csv\".",
			"progress_export":         "institutions read: %[1]d",
			"diff_register":           "%[1]s  %[2]s: %[3]s → %[4]s",
			"diff_cell":               "%[1]s  %[2]s  %[3]s: %[4]s → %[5]s  (revision %[6]s → %[7]s, received %[8]s)",
			"diff_part":               "%[1]s  %[2]s  %[3]s, values: %[4]d",
			"diff_none":               "No difference.",
		},
		word: map[string]string{"why.sent": "sent for the first time", "why.left_out": "no longer in (sent back, withdrawn, or the institution is gone)",
			"why.back": "in again"},
	}
)
