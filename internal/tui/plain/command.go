package plain

import "strings"

// A command is a word that stands alone on a line; the Italian ones are taken
// in every language. A text that happens to be one is written with = before it.
type command int

const (
	cmdNone command = iota
	cmdBack
	cmdSkip
	cmdBlank
	cmdGo
	cmdErrors
	cmdSave
	cmdSend
	cmdLeave
	cmdHelp
	cmdStatus
	cmdExplain
	cmdUnavailable
	cmdCells
	cmdZeros
	cmdParts
	cmdSync
	cmdReceipts
	cmdLastYear
)

var commands = map[string]command{
	"indietro": cmdBack, "back": cmdBack,
	"salta": cmdSkip, "skip": cmdSkip,
	"vuoto": cmdBlank, "blank": cmdBlank,
	"vai": cmdGo, "go": cmdGo,
	"errori": cmdErrors, "errors": cmdErrors,
	"salva": cmdSave, "save": cmdSave,
	"invia": cmdSend, "send": cmdSend,
	"esci": cmdLeave, "quit": cmdLeave,
	"aiuto": cmdHelp, "?": cmdHelp, "help": cmdHelp,
	"stato": cmdStatus, "status": cmdStatus,
	"spiega": cmdExplain, "explain": cmdExplain,
	"nd":    cmdUnavailable,
	"celle": cmdCells, "cells": cmdCells,
	"zeri": cmdZeros, "zeros": cmdZeros,
	"parti": cmdParts, "parts": cmdParts,
	"ricevute": cmdReceipts, "receipts": cmdReceipts,
	"scorso": cmdLastYear, "last": cmdLastYear,
	"aggiorna": cmdSync, "sync": cmdSync,
}

// withArgument are the commands that something may follow.
var withArgument = map[command]bool{cmdGo: true, cmdExplain: true, cmdUnavailable: true}

// command splits a line into a command and what follows it; cmdNone is an
// answer.
func (s *session) command(line string) (c command, rest string) {
	word, rest, more := strings.Cut(line, " ")
	c = commands[strings.ToLower(word)]
	if more && !withArgument[c] {
		return cmdNone, ""
	}
	return c, strings.TrimSpace(rest)
}
