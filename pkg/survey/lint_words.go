package survey

// lintWords are the sentences of the faults, by code; {1} is the first argument.
// The codes are stable: other programs may read them in --json.
var lintWords = map[string]map[string]string{
	// the file
	"too_large": {
		"it": "Il file ha {1} byte, più dei {2} ammessi: non è un questionario.",
		"en": "the file has {1} bytes, more than the {2} allowed"},
	"not_utf8": {
		"it": "Il file non è in UTF-8: salvarlo di nuovo con la codifica UTF-8.",
		"en": "the file is not UTF-8: save it again with the encoding UTF-8"},
	"control": {
		"it": "Qui c'è un carattere che non si può stampare: toglierlo, o controllare che sia il file giusto.",
		"en": "a character that cannot be printed stands here: remove it, or check that it is the right file"},
	"empty": {
		"it": "Il file è vuoto. Cominciare da «format: 1».",
		"en": `the file is empty: begin with "format: 1"`},
	"not_a_survey": {
		"it": "Qui deve stare un elenco di chiavi con i loro valori, come «format: 1».",
		"en": `a mapping of keys to values is expected here, such as "format: 1"`},
	"too_deep": {
		"it": "Più di {1} livelli uno dentro l'altro: manca una parentesi chiusa, o non è un questionario.",
		"en": "more than {1} levels inside each other: a closing bracket is missing, or this is no questionnaire"},
	"too_many_marks": {
		"it": "Più di {1} segni di YAML: non è un questionario.",
		"en": "more than {1} marks of YAML: this is no questionnaire"},
	"yaml_alias": {
		"it": "Le ancore e gli alias di YAML (&nome, *nome) non sono ammessi: scrivere il valore per esteso, o tra virgolette se è un testo.",
		"en": "YAML anchors and aliases (&name, *name) are not taken: write the value out, or quote it if it is a text"},
	"yaml_tag": {
		"it": "Le etichette di YAML (!tipo) non sono ammesse: toglierla, o mettere il testo tra virgolette.",
		"en": "YAML tags (!type) are not taken: remove it, or quote the text"},
	"yaml_documents": {
		"it": "Il file contiene più di un documento YAML: tenerne uno, togliendo «---».",
		"en": `the file holds more than one YAML document: keep one, and remove "---"`},
	"yaml_tab": {
		"it": "La riga comincia con un tabulatore: in YAML si rientra con gli spazi.",
		"en": "the line is indented with a tab: YAML wants spaces"},
	"yaml_quote": {
		"it": "Mancano le virgolette di chiusura di un testo che comincia qui.",
		"en": "the closing quote of a text that begins here is missing"},
	"yaml_bracket": {
		"it": "Le parentesi non tornano: manca una virgola, oppure una «]» o una «}».",
		"en": `the brackets do not match: a comma, a "]" or a "}" is missing`},
	"yaml_colon": {
		"it": "Qui manca «: » dopo una chiave, il rientro è sbagliato, oppure un testo con i due punti deve stare tra virgolette.",
		"en": `a ": " after a key is missing here, the indentation is wrong, or a text with a colon needs quotes`},
	"yaml_indent": {
		"it": "Il rientro non corrisponde alle righe precedenti, oppure un testo va messo tra virgolette.",
		"en": "the indentation does not fit the lines before, or a text needs quotes"},
	"yaml_syntax": {
		"it": "Questa riga non si può leggere come YAML: controllare rientro, virgolette e parentesi.",
		"en": "this line cannot be read as YAML: check indentation, quotes and brackets"},
	"too_many_faults": {
		"it": "Ci sono altri {1} errori: correggere prima questi.",
		"en": "there are {1} more faults: correct these first"},
	"unknown_key": {
		"it": "La chiave «{1}» non esiste qui.",
		"en": `there is no key "{1}" here`},
	"duplicate_key": {
		"it": "La chiave «{1}» è già scritta alla riga {2}: tenerne una.",
		"en": `the key "{1}" stands twice, first in line {2}: keep one`},
	"empty_entry": {
		"it": "L'elenco ha una voce vuota: toglierla o completarla.",
		"en": "the list has an empty entry: remove or complete it"},
	"wrong_value_a_text": {
		"it": "Qui serve un testo, non {1}.",
		"en": "a text was expected here, not {1}"},
	"wrong_value_a_name_or_an_axis": {
		"it": "Qui serve il nome di un asse o la sua definizione, non {1}.",
		"en": "the name of an axis or its definition was expected here, not {1}"},
	"wrong_value_a_mapping": {
		"it": "Qui servono chiavi con i loro valori, non {1}.",
		"en": "a mapping of keys to values was expected here, not {1}"},
	"wrong_value_a_list": {
		"it": "Qui serve un elenco (righe che cominciano con «- », oppure [a, b]), non {1}.",
		"en": `a list was expected here (lines that begin with "- ", or [a, b]), not {1}`},
	"wrong_value_a_whole_number": {
		"it": "Qui serve un numero intero senza virgolette, non {1}.",
		"en": "a whole number without quotes was expected here, not {1}"},
	"wrong_value_a_number_in_reach": {
		"it": "{1} è un numero troppo grande: al massimo un miliardo.",
		"en": "{1} is too large a number: a milliard at most"},
	"wrong_value_a_number": {
		"it": "Qui serve un numero senza virgolette, non {1}.",
		"en": "a number without quotes was expected here, not {1}"},
	"wrong_value_a_moment": {
		"it": "Qui serve una data con ora e fuso, come 2023-12-20T23:59:59+01:00, non {1}.",
		"en": "a moment such as 2023-12-20T23:59:59+01:00 was expected here, not {1}"},
	"wrong_value_true_or_false": {
		"it": "Qui serve true oppure false, non {1}.",
		"en": "true or false was expected here, not {1}"},
	"format": {
		"it": "Il formato {1} non è conosciuto: questo programma legge il formato 1 (format: 1).",
		"en": "format {1} is not known: this program reads format 1"},
	"no_id": {
		"it": "Manca l'id della rilevazione, per esempio «id: dispersione-2023-24».",
		"en": `the survey has no id, for example "id: dispersione-2023-24"`},
	"no_parts": {
		"it": "Manca almeno una parte (parts), la prima con id general.",
		"en": "the survey needs at least one part (parts), the first with the id general"},
	"due_before_opens": {
		"it": "La scadenza (due) non viene dopo l'apertura (opens).",
		"en": "the survey is due before it opens"},
	"late_before_due": {
		"it": "late_until viene prima della scadenza (due): metterla uguale o dopo.",
		"en": "late_until lies before due: set it to the same moment or later"},
	"duplicate_language": {
		"it": "La lingua «{1}» è elencata due volte.",
		"en": `the language "{1}" is listed twice`},

	// ids
	"improper_id": {
		"it": "«{1}» non è un id valido: lettere minuscole, cifre e singoli trattini bassi, cominciando con una lettera.",
		"en": `"{1}" is not a proper id: lower-case letters, digits and single underscores, a letter first`},
	"reserved_id": {
		"it": "«{1}» non può essere un id: nelle espressioni ha già un significato. Sceglierne un altro.",
		"en": `"{1}" cannot be an id: it means something of its own in expressions; choose another`},
	"duplicate_id": {
		"it": "L'id «{1}» c'è due volte in questa scheda: ogni domanda, riga o cella ne vuole uno suo.",
		"en": `the id "{1}" stands twice in this sheet: every question, row and cell wants its own`},
	"duplicate_part": {
		"it": "La parte «{1}» c'è due volte.",
		"en": `the part "{1}" stands twice`},
	"duplicate_grid": {
		"it": "La griglia «{1}» c'è due volte in questa scheda.",
		"en": `the grid "{1}" stands twice in this sheet`},
	"duplicate_option": {
		"it": "{1}: la risposta «{2}» c'è due volte.",
		"en": `{1}: the option "{2}" stands twice`},
	"duplicate_item": {
		"it": "L'asse {1} ha due volte la posizione «{2}».",
		"en": `the axis {1} has the position "{2}" twice`},
	"option_without_id": {
		"it": "{1}: una risposta non ha id.",
		"en": "{1}: an option has no id"},
	"reserved_check": {
		"it": "«{1}» è il nome di un controllo del programma: dare un altro id.",
		"en": `"{1}" is the name of a check of the program's own: give another id`},
	"two_severities": {
		"it": "Il controllo {1} è {2} qui e {3} alla riga {4}: un id ha una sola gravità. Dare un altro id.",
		"en": "the check {1} is {2} here and {3} in line {4}: an id has one severity; give another id"},

	// questions and grids
	"neither": {
		"it": "Sezione «{1}»: una voce non è né una domanda (question) né una griglia (grid).",
		"en": `section "{1}": an item is neither a question nor a grid`},
	"no_type": {
		"it": "{1}: manca il tipo (type). Tipi: {2}.",
		"en": "{1}: the type is missing; types: {2}"},
	"unknown_type": {
		"it": "«{1}» non è un tipo di domanda. Tipi: {2}.",
		"en": `"{1}" is not a type of question; types: {2}`},
	"tier": {
		"it": "tier può essere core o ext, non «{1}».",
		"en": `the tier is core or ext, not "{1}"`},
	"unknown_prefill": {
		"it": "{1}: di «{2}» non si sa nulla con cui compilare la risposta.",
		"en": `{1}: nothing is known of "{2}" to fill it in with`},
	"wrong_prefill": {
		"it": "{1}: {2} non può riempire una domanda di tipo {3}.",
		"en": "{1}: {2} cannot fill in a question of type {3}"},
	"unknown_list": {
		"it": "{1}: non c'è una lista di nome «{2}» tra le lists.",
		"en": `{1}: there is no list named "{2}"`},
	"no_options": {
		"it": "{1}: una scelta vuole delle risposte (options) o una lista (list).",
		"en": "{1}: a choice needs options or a list"},
	"empty_range": {
		"it": "{1}: nessun numero va bene, perché il minimo {2} supera il massimo {3}.",
		"en": "{1}: no number fits, because the minimum {2} is above the maximum {3}"},
	"bad_default": {
		"it": "{1}: il valore iniziale {2} non è una risposta ammessa.",
		"en": "{1}: the default {2} is not an answer that is accepted"},
	"unknown_axis": {
		"it": "{1}: non c'è un asse di nome «{2}».",
		"en": `{1}: there is no axis named "{2}"`},
	"empty_axis": {
		"it": "L'asse «{1}» non ha posizioni (items).",
		"en": `the axis "{1}" has no items`},
	"axis_twice_in_grid": {
		"it": "{1}: l'asse «{2}» c'è due volte.",
		"en": `{1}: the axis "{2}" stands twice`},
	"closed_without_when": {
		"it": "{1}: a closed manca when, la condizione che chiude le celle.",
		"en": "{1}: closed needs when, the condition that closes the cells"},
	"too_many_cells": {
		"it": "{1}: troppe celle. Al massimo {2} per riga e {3} in tutto il file.",
		"en": "{1}: too many cells; {2} in a row and {3} in the file at most"},
	"bad_repeat": {
		"it": "repeat indica «{1}», che non è una scelta multipla (multi) di una parte.",
		"en": `repeat names "{1}", which is not a multiple choice of a part`},
	"never_asked": {
		"it": "{1}: non verrà mai chiesta, perché la condizione di relevant è sempre falsa.",
		"en": "{1} will never be asked, because the condition of relevant is always false"},
	"never_opens": {
		"it": "La parte «{1}» non si aprirà mai: «{2}» non ha risposte che aprano una scheda, o non viene mai chiesta.",
		"en": `the part "{1}" can never open: "{2}" has no option that opens a sheet, or is never asked`},
	"always_closed": {
		"it": "{1}: le celle sono sempre chiuse, perché la condizione di closed è sempre vera.",
		"en": "{1}: the cells are always closed, because the condition of closed is always true"},
	"cycle": {
		"it": "{1} dipende da sé stesso: {2}",
		"en": "{1} depends on itself: {2}"},

	// rules
	"severity": {
		"it": "{1}: la gravità (severity) è hard, explain o note, non «{2}».",
		"en": `{1}: the severity is hard, explain or note, not "{2}"`},
	"missing": {
		"it": "{1}: missing è any, all o never, non «{2}».",
		"en": `{1}: missing is any, all or never, not "{2}"`},
	"rule_without_id": {
		"it": "Un controllo senza id.",
		"en": "a rule has no id"},
	"rule_needs": {
		"it": "{1}: un controllo vuole assert e message.",
		"en": "{1}: a rule needs assert and message"},
	"axis_twice_in_each": {
		"it": "{1}: l'asse «{2}» c'è due volte in each.",
		"en": `{1}: the axis "{2}" stands twice in each`},
	"unknown_position": {
		"it": "{1}: {2} non ha una posizione «{3}».",
		"en": `{1}: {2} has no position "{3}"`},
	"unknown_row": {
		"it": "{1}: non c'è una riga di nome «{2}».",
		"en": `{1}: there is no row named "{2}"`},
	"unknown_at": {
		"it": "{1}: at indica «{2}», che non è una riga né una domanda.",
		"en": `{1}: at names "{2}", which is no row or question`},
	"unknown_sheet": {
		"it": "{1}: non c'è una scheda di nome «{2}».",
		"en": `{1}: there is no sheet named "{2}"`},
	"unknown_in_message": {
		"it": "{1}: nel messaggio, «{2}» non indica nulla.",
		"en": `{1}: in the message, nothing is named "{2}"`},
	"too_many_places": {
		"it": "{1}: il controllo si ripete in più di {2} posti.",
		"en": "{1}: the rule is repeated at more than {2} places"},
	"too_much_work": {
		"it": "{1}: i controlli sono troppi per essere letti.",
		"en": "{1}: there are more rules than can be read"},
	"across_hard": {
		"it": "{1}: un controllo tra le parti (across) non blocca mai una parte (never blocks): è explain o note.",
		"en": "{1}: a check across parts never blocks a part, so it is explain or note"},
	"across_name": {
		"it": "{1}: «{2}»: un controllo tra le parti scrive parte.nome, per esempio general.students.",
		"en": `{1}: "{2}": a check across parts writes part.name, for example general.students`},
	"across_no_number": {
		"it": "{1}: {2} non ha un numero di nome «{3}».",
		"en": `{1}: {2} has no number named "{3}"`},
	"across_no_part": {
		"it": "{1}: non c'è una parte di nome «{2}».",
		"en": `{1}: there is no part named "{2}"`},
	"always_fires": {
		"it": "{1}: scatta sempre, con qualsiasi risposta, e nessuno potrebbe mai inviare: correggere la condizione.",
		"en": "{1} always fires, whatever is answered, so nobody could ever submit: correct the condition"},
	"always_fires_note": {
		"it": "{1}: scatta sempre, con qualsiasi risposta.",
		"en": "{1} always fires, whatever is answered"},
	"never_fires": {
		"it": "{1}: non può mai scattare, con nessuna risposta ammessa.",
		"en": "{1} can never fire, whatever is answered"},
	"rule_nowhere": {
		"it": "{1}: non si applica in nessuna scheda, perché manca ciò di cui parla.",
		"en": "{1} applies in no sheet, because none has what it speaks of"},
	"no_such_option": {
		"it": "{1}: «{2}» non è tra le risposte di {3}, quindi il confronto dà sempre lo stesso esito.",
		"en": `{1}: "{2}" is not an option of {3}, so the comparison always comes out the same`},

	// expressions
	"expression_too_long": {
		"it": "{1}: l'espressione supera i {2} caratteri, o è troppo complicata: dividerla.",
		"en": "{1}: the expression is longer than {2} characters, or too involved: split it"},
	"expression_syntax": {
		"it": "{1}: qui l'espressione non si può leggere: controllare parentesi, virgolette e operatori.",
		"en": "{1}: the expression cannot be read here: check brackets, quotes and operators"},
	"expression_ends": {
		"it": "{1}: l'espressione finisce troppo presto: manca un valore o una parentesi.",
		"en": "{1}: the expression ends too early: a value or a bracket is missing"},
	"expression": {
		"it": "{1}: qui l'espressione non ha senso.",
		"en": "{1}: the expression makes no sense here"},
	"unknown_name": {
		"it": "{1}: qui «{2}» non indica nulla.",
		"en": `{1}: nothing is named "{2}" here`},
	"prev_without_each": {
		"it": "{1}: prev vuole un controllo che si ripete lungo un asse (each).",
		"en": "{1}: prev needs a rule that is repeated over an axis (each)"},
	"not_a_grid": {
		"it": "{1}: {2}() vuole l'id di una griglia.",
		"en": "{1}: {2}() needs the id of a grid"},
	"mirrored_needs_two": {
		"it": "{1}: mirrored() vuole una griglia con due posizioni sull'ultimo asse.",
		"en": "{1}: mirrored() needs a grid whose last axis has two positions"},
	"type_mismatch": {
		"it": "{1}: un valore di tipo {2} non si può combinare con uno di tipo {3}.",
		"en": "{1}: a value of type {2} cannot be combined with one of type {3}"},
	"wrong_result": {
		"it": "{1}: l'espressione deve dare un valore di tipo {2}, non {3}.",
		"en": "{1}: the expression must give a value of type {2}, not {3}"},
	"expression_range": {
		"it": "{1}: intervalli (..) e variabili (let) non sono ammessi: un'espressione legge solo le risposte.",
		"en": "{1}: ranges (..) and variables (let) are not taken: an expression reads the answers only"},
	"expression_loops": {
		"it": "{1}: più di {2} tra any(), all(), count() e simili una dentro l'altra: dividere il controllo.",
		"en": "{1}: more than {2} of any(), all(), count() and the like inside each other: split the rule"},
	"unknown_function": {
		"it": "{1}: non c'è una funzione «{2}».",
		"en": `{1}: there is no function "{2}"`},
	"wrong_arguments": {
		"it": "{1}: il numero di valori dati a {3}() non è quello giusto.",
		"en": "{1}: {2} values are given to {3}()"},
	"wrong_argument": {
		"it": "{1}: {4}() non accetta un valore di tipo {3}.",
		"en": "{1}: {4}() does not take a value of type {3}"},
	"wrong_operand": {
		"it": "{1}: {2} non si può applicare a un valore di tipo {3}.",
		"en": "{1}: {2} cannot be applied to a value of type {3}"},
	"not_a_condition": {
		"it": "{1}: la condizione deve essere vera o falsa, non di tipo {2}.",
		"en": "{1}: the condition must be true or false, not of type {2}"},

	"cell_type": {
		"it": "{1}: le celle di una riga non possono essere di tipo {2}; tipi ammessi: {3}.",
		"en": "{1}: the cells of a row cannot be of type {2}; types: {3}"},
	"computed_type": {
		"it": "{1}: una riga calcolata contiene numeri interi, non valori di tipo {2}: togliere type.",
		"en": "{1}: a computed row holds whole numbers, not values of type {2}: remove type"},
	"no_sum": {
		"it": "{1}: le celle di {2} sono di tipo {3} e non si possono sommare: ripetere il controllo sulle celle (each), o nominarne una.",
		"en": "{1}: the cells of {2} are of type {3} and cannot be summed: repeat the rule over them (each), or name one"},

	// warnings
	"ignored_key": {
		"it": "{1}: «{2}» non ha effetto su una domanda di tipo {3}.",
		"en": `{1}: "{2}" has no effect on a question of type {3}`},
	"unused_list": {
		"it": "La lista «{1}» non è usata da nessuna domanda.",
		"en": `the list "{1}" is not used`},
	"unused_axis": {
		"it": "L'asse «{1}» non è usato da nessuna griglia.",
		"en": `the axis "{1}" is not used`},
	"empty_section": {
		"it": "La sezione «{1}» non ha domande.",
		"en": `the section "{1}" has no items`},
	"no_label": {
		"it": "{1}: manca il testo (label) che si vede sullo schermo.",
		"en": "{1}: the text that is shown (label) is missing"},
	"missing_translation": {
		"it": "Manca il testo in: {1}.",
		"en": "the text is missing in: {1}"},
	"unknown_language": {
		"it": "«{1}» non è tra le lingue del questionario (languages).",
		"en": `"{1}" is not one of the survey's languages`},
	"long_text": {
		"it": "Il testo non sta al suo posto su uno schermo di 80 colonne: {1} caratteri in {2} righe, ce ne stanno {3} in {4}.",
		"en": "the text is too long for its place on an 80-column screen: {1} characters on {2} lines, where {3} fit on {4}"},
	"no_general": {
		"it": "Nessuna parte ha id general, che ogni istituzione compila per prima.",
		"en": "no part has the id general, which every institution fills first"},
	"number_twice": {
		"it": "Il numero {1} è già della domanda {2}.",
		"en": "the number {1} is already that of the question {2}"},

	// against an older version
	"changed_type": {
		"it": "«{1}» era di tipo {2} e ora è di tipo {3}: i dati non sono più confrontabili. Dare un altro id.",
		"en": `"{1}" was of type {2} and is now of type {3}: the data can no longer be compared; give it another id`},
	"changed_axes": {
		"it": "«{1}» era divisa per {2} e ora per {3}: i dati non sono più confrontabili. Dare un altro id.",
		"en": `"{1}" was split by {2} and is now by {3}: the data can no longer be compared; give it another id`},
	"removed_options": {
		"it": "«{1}»: non ci sono più le risposte {2}: i dati già raccolti le contengono.",
		"en": `"{1}": the options {2} are gone, and data collected before hold them`},
	"changed_option": {
		"it": "«{1}»: la risposta {2} diceva «{3}» e ora dice «{4}»: se il senso è un altro, darle un altro id.",
		"en": `"{1}": the option {2} said "{3}" and now says "{4}": if the meaning is another, give it another id`},
	"changed_tier": {
		"it": "«{1}» era {2} e ora è {3}: gli anni precedenti possono avere altri vuoti.",
		"en": `"{1}" was {2} and is now {3}: years before may have other blanks`},
	"changed_label": {
		"it": "«{1}» diceva «{2}» e ora dice «{3}»: se il senso o l'unità è un altro, dare un altro id.",
		"en": `"{1}" said "{2}" and now says "{3}": if the meaning or the unit is another, give it another id`},
	"changed_severity": {
		"it": "Il controllo {1} era {2} e ora è {3}: se controlla altro, dargli un altro id.",
		"en": "the check {1} was {2} and is now {3}: if it checks something else, give it another id"},
	"changed_computed": {
		"it": "«{1}» era {2} e ora è {3}.",
		"en": `"{1}" was {2} and is now {3}`},
	"gone": {
		"it": "«{1}» di {2} non c'è più: la sua serie finisce qui.",
		"en": `"{1}" of {2} is gone: its history ends here`},
	"gone_part": {
		"it": "La parte «{1}» non c'è più: le sue serie finiscono qui.",
		"en": `the part "{1}" is gone: its history ends here`},
	"gone_check": {
		"it": "Il controllo {1} non c'è più.",
		"en": "the check {1} is gone"},
	"other_survey": {
		"it": "Le due versioni hanno id diversi ({1}, {2}): per il programma sono due rilevazioni.",
		"en": "the two versions have different ids ({1}, {2}): to the program they are two surveys"},

	// pieces
	"nearest": {
		"it": " Forse «{1}»?",
		"en": `; did you mean "{1}"?`},
}

// lintLevels are the codes that do not keep a file from being loaded.
var lintLevels = map[string]Level{
	"ignored_key":         LevelWarning,
	"unused_list":         LevelWarning,
	"unused_axis":         LevelWarning,
	"empty_section":       LevelWarning,
	"no_label":            LevelWarning,
	"missing_translation": LevelWarning,
	"unknown_language":    LevelWarning,
	"long_text":           LevelWarning,
	"no_general":          LevelWarning,
	"number_twice":        LevelWarning,
	"removed_options":     LevelWarning,
	"changed_option":      LevelWarning,
	"changed_tier":        LevelWarning,
	"changed_label":       LevelWarning,
	"changed_severity":    LevelWarning,
	"changed_computed":    LevelWarning,
	"gone":                LevelNote,
	"gone_part":           LevelNote,
	"gone_check":          LevelNote,
	"other_survey":        LevelNote,
	"never_fires":         LevelWarning,
	"rule_nowhere":        LevelWarning,
	"always_fires_note":   LevelWarning,
}
