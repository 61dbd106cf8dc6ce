package main

import (
	"maps"
	"strings"
)

// words are all words of one language. What the office refuses brings its own
// words (internal/office/words.go), because it crosses the socket; what a
// questionnaire says stands in the questionnaire.
type words struct {
	lang string
	help map[string]help   // by the path of the command without the program's name
	flag map[string]string // by the flag's name; the value's name in backquotes
	say  map[string]string // sentences; key.hint is what to do about key
	word map[string]string // "table.value" for values of the data
}

// joined puts the tables of one language together: there are too many words
// for one file.
func joined(tables ...words) words {
	all := words{lang: tables[0].lang, help: map[string]help{}, flag: map[string]string{}, say: map[string]string{}, word: map[string]string{}}
	for _, t := range tables {
		maps.Copy(all.help, t.help)
		maps.Copy(all.flag, t.flag)
		maps.Copy(all.say, t.say)
		maps.Copy(all.word, t.word)
	}
	return all
}

var (
	italian = joined(firstItalian, followItalian, remindItalian, exportItalian, reviewItalian, safeItalian, privacyItalian)
	english = joined(firstEnglish, followEnglish, remindEnglish, exportEnglish, reviewEnglish, safeEnglish, privacyEnglish)
)

// help is what a command is for.
type help struct{ args, short, long string }

func wordsFor(lang string) *words {
	if lang == "en" {
		return &english
	}
	return &italian
}

// flag explains a flag.
func (p *program) flag(name string) string {
	s, ok := p.words.flag[name]
	if !ok {
		panic("no words for the flag " + name) // a test builds the tree in every language
	}
	return s
}

// word shows a value of the data; one of a newer server as it is.
func (p *program) word(table, value string) string {
	if s, ok := p.words.word[table+"."+value]; ok {
		return s
	}
	return value
}

// wordList shows a list of values.
func (p *program) wordList(table string, values []string) string {
	if len(values) == 0 {
		return "-"
	}
	shown := make([]string, len(values))
	for i, v := range values {
		shown[i] = p.word(table, v)
	}
	return strings.Join(shown, ", ")
}
