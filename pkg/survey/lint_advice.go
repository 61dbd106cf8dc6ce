package survey

// lintAdvice says what to do about a fault where nothing is near enough to have
// been meant, and the sentence of lintWords does not say it itself.
var lintAdvice = map[string]map[string]string{
	"across_hard": {
		"it": "Scrivere severity: explain oppure note.",
		"en": "write severity: explain or note"},
	"across_no_number": {
		"it": "Tra le parti si confrontano solo numeri interi.",
		"en": "only whole numbers are compared across parts"},
	"across_no_part": {
		"it": "Scrivere l'id di una parte o di un modello.",
		"en": "write the id of a part or of a template"},
	"always_closed": {
		"it": "Correggere la condizione, oppure togliere closed.",
		"en": "correct the condition, or remove closed"},
	"always_fires_note": {
		"it": "Correggere la condizione, oppure dirlo in help.",
		"en": "correct the condition, or say it in help"},
	"axis_twice_in_each": {
		"it": "Toglierne uno.",
		"en": "remove one"},
	"axis_twice_in_grid": {
		"it": "Toglierne uno.",
		"en": "remove one"},
	"bad_default": {
		"it": "Scrivere un numero tra min e max, oppure togliere default.",
		"en": "give a number from min to max, or remove default"},
	"bad_repeat": {
		"it": "Indicare una domanda di tipo multi di una parte senza repeat.",
		"en": "name a question of type multi in a part without repeat"},
	"changed_computed": {
		"it": "Se i numeri ora dicono altro, dare un altro id.",
		"en": "if the numbers say something else, give it another id"},
	"closed_without_when": {
		"it": "Per esempio when: classes == 0.",
		"en": "for example when: classes == 0"},
	"cycle": {
		"it": "Togliere uno di questi nomi dalla sua espressione.",
		"en": "take one of these names out of its expression"},
	"due_before_opens": {
		"it": "Correggere opens o due.",
		"en": "correct opens or due"},
	"duplicate_grid": {
		"it": "Dare a una delle due un altro id.",
		"en": "give one of them another id"},
	"duplicate_item": {
		"it": "Dare a una delle due un altro id.",
		"en": "give one of them another id"},
	"duplicate_language": {
		"it": "Toglierne una.",
		"en": "remove one"},
	"duplicate_option": {
		"it": "Dare a una delle due un altro id.",
		"en": "give one of them another id"},
	"duplicate_part": {
		"it": "Dare a una delle due un altro id.",
		"en": "give one of them another id"},
	"empty_axis": {
		"it": "Elencare almeno una posizione in items.",
		"en": "list at least one position under items"},
	"empty_range": {
		"it": "Correggere min o max.",
		"en": "correct min or max"},
	"empty_section": {
		"it": "Completarla o toglierla.",
		"en": "fill it in or remove it"},
	"expression": {
		"it": "Confrontarla con gli esempi nella descrizione del formato, «Expressions».",
		"en": "compare it with the examples in the description of the format, Expressions"},
	"ignored_key": {
		"it": "Toglierla.",
		"en": "remove it"},
	"long_text": {
		"it": "Accorciarlo; righe e risposte possono avere anche un testo breve (short).",
		"en": "shorten it; rows and options may have a short text beside it (short)"},
	"mirrored_needs_two": {
		"it": "Indicare un'altra griglia, oppure togliere il controllo.",
		"en": "name another grid, or remove the rule"},
	"missing": {
		"it": "Senza missing vale any.",
		"en": "without missing it is any"},
	"missing_translation": {
		"it": "Aggiungerlo, oppure togliere la lingua da languages.",
		"en": "add it, or take the language out of languages"},
	"neither": {
		"it": "Farla cominciare con «- question: id» oppure «- grid: id».",
		"en": "begin it with \"- question: id\" or \"- grid: id\""},
	"never_asked": {
		"it": "Correggere la condizione, oppure togliere la domanda.",
		"en": "correct the condition, or remove the question"},
	"never_fires": {
		"it": "Correggere la condizione, oppure togliere il controllo.",
		"en": "correct the condition, or remove the rule"},
	"never_opens": {
		"it": "Aggiungere una risposta, oppure correggere la condizione di quella domanda.",
		"en": "add an option, or correct the condition of that question"},
	"no_general": {
		"it": "Dare alla prima parte l'id general.",
		"en": "give the first part the id general"},
	"no_label": {
		"it": "Aggiungerlo.",
		"en": "add it"},
	"no_options": {
		"it": "Elencare le risposte in options.",
		"en": "list them under options"},
	"no_parts": {
		"it": "Scrivere «- id: general» sotto parts.",
		"en": "write \"- id: general\" under parts"},
	"no_such_option": {
		"it": "Scrivere l'id di una delle sue risposte.",
		"en": "write the id of one of its options"},
	"not_a_condition": {
		"it": "Confrontarla con qualcosa, come in students > 0.",
		"en": "compare it with something, as in students > 0"},
	"not_a_grid": {
		"it": "Scrivere l'id che sta dopo grid.",
		"en": "write the id that stands after grid"},
	"number_twice": {
		"it": "Cambiare uno dei due.",
		"en": "change one of them"},
	"option_without_id": {
		"it": "Darle un id, per esempio id: other.",
		"en": "give it one, for example id: other"},
	"prev_without_each": {
		"it": "Aggiungere each con un asse della griglia.",
		"en": "add each with an axis of the grid"},
	"removed_options": {
		"it": "Tenerle, se i dati si devono confrontare.",
		"en": "keep them if the data are to be compared"},
	"rule_needs": {
		"it": "Aggiungere ciò che manca.",
		"en": "add what is missing"},
	"rule_nowhere": {
		"it": "Correggere sheets e i nomi, oppure toglierlo.",
		"en": "correct sheets and the names, or remove it"},
	"rule_without_id": {
		"it": "Dargli un id, per esempio id: P1.",
		"en": "give it one, for example id: P1"},
	"severity": {
		"it": "hard blocca, explain chiede una spiegazione, note informa.",
		"en": "hard blocks, explain wants an explanation, note informs"},
	"tier": {
		"it": "core blocca, ext può restare vuota.",
		"en": "core blocks, ext may stay blank"},
	"too_large": {
		"it": "Controllare che sia il file giusto.",
		"en": "check that it is the right file"},
	"too_many_cells": {
		"it": "Dividere la griglia, o togliere righe o posizioni.",
		"en": "divide the grid, or take rows or positions out"},
	"too_many_places": {
		"it": "Ripeterlo su meno assi o righe.",
		"en": "repeat it over fewer axes or rows"},
	"too_much_work": {
		"it": "Ripetere i controlli su meno assi o righe.",
		"en": "repeat the rules over fewer axes or rows"},
	"type_mismatch": {
		"it": "Confrontare numeri con numeri e testi con testi.",
		"en": "compare numbers with numbers and texts with texts"},
	"unknown_at": {
		"it": "Scrivere l'id di una riga o di una domanda di questa scheda.",
		"en": "write the id of a row or question of this sheet"},
	"unknown_axis": {
		"it": "Dichiararlo in axes, oppure correggere il nome.",
		"en": "declare it under axes, or correct the name"},
	"unknown_function": {
		"it": "Le funzioni sono nella descrizione del formato, «Expressions».",
		"en": "the functions are in the description of the format, Expressions"},
	"unknown_in_message": {
		"it": "Tra le graffe sta left, right o un id di questa scheda.",
		"en": "between the braces stands left, right or an id of this sheet"},
	"unknown_key": {
		"it": "Toglierla, oppure correggere il nome o il rientro.",
		"en": "remove it, or correct its name or its indentation"},
	"unknown_language": {
		"it": "Aggiungerla a languages, oppure correggere la chiave.",
		"en": "add it to languages, or correct the key"},
	"unknown_list": {
		"it": "Dichiararla in lists, oppure correggere il nome.",
		"en": "declare it under lists, or correct the name"},
	"unknown_name": {
		"it": "Scrivere l'id di una domanda o di una riga di questa scheda.",
		"en": "write the id of a question or row of this sheet"},
	"unknown_position": {
		"it": "Scrivere l'id di una posizione dell'asse.",
		"en": "write the id of a position of the axis"},
	"unknown_prefill": {
		"it": "Può essere institution.code, codes, name, comune, kind o expected_tracks.",
		"en": "it can be institution.code, codes, name, comune, kind or expected_tracks"},
	"unknown_row": {
		"it": "Scrivere l'id di una riga di questa scheda.",
		"en": "write the id of a row of this sheet"},
	"unknown_sheet": {
		"it": "Scrivere l'id di una parte, o della risposta che la apre.",
		"en": "write the id of a part, or of the option that opens it"},
	"unused_axis": {
		"it": "Toglierlo, oppure usarlo in una griglia.",
		"en": "remove it, or use it in a grid"},
	"unused_list": {
		"it": "Toglierla, oppure usarla in una domanda.",
		"en": "remove it, or use it in a question"},
	"wrong_argument": {
		"it": "Le funzioni sono nella descrizione del formato, «Expressions».",
		"en": "the functions are in the description of the format, Expressions"},
	"wrong_arguments": {
		"it": "Le funzioni sono nella descrizione del formato, «Expressions».",
		"en": "the functions are in the description of the format, Expressions"},
	"wrong_operand": {
		"it": "not vuole una condizione; + - * / vogliono numeri.",
		"en": "not wants a condition, + - * / want numbers"},
	"wrong_prefill": {
		"it": "Cambiare il tipo della domanda, oppure togliere prefill.",
		"en": "change the type of the question, or remove prefill"},
	"wrong_result": {
		"it": "Una condizione è un confronto, una riga calcolata un numero intero.",
		"en": "a condition is a comparison, a computed row a whole number"},
	"wrong_value_a_number_in_reach": {
		"it": "Scriverne uno più piccolo.",
		"en": "write a smaller one"},
	"yaml_indent": {
		"it": "Rientrare con gli stessi spazi delle righe accanto.",
		"en": "indent it with as many spaces as the lines beside it"},
	"yaml_quote": {
		"it": "Chiuderle; quelle che fanno parte del testo vogliono \\ davanti.",
		"en": "close it; a quote that belongs to the text wants \\ before it"},
}
