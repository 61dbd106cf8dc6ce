package main

// commandWords are all words of the commands, by language. The sentences of
// errors stand where the errors are made: desk, drafts, sync.
var commandWords = map[string]map[string]string{"it": wordsIT, "en": wordsEN}
