package main

// followEnglish are the words of following up and reviewing.
var followEnglish = words{
	lang: "en",
	help: map[string]help{
		"history": {"CODE PART", "tell all that happened to a part", "Tells who did what with a part and when: submissions with the answers they changed and\nthe explanations, returns with their remarks, approvals."},
		"return":  {"CODE PART", "send a part back with remarks", "Sends a part back to the school to be corrected. The decision is about the revision named\nor last shown: if another has come meanwhile the command stops.\nA remark on a variable begins with its name: --remark \"VARIABLE: text\"."},
		"approve": {"CODE [PART]", "approve a part, or all parts of a school", "Approves a part, or all of them if all have come. An approved part cannot be changed until\nit is returned or the approval is taken back (--cancel)."},
		"message": {"CODE…", "write a message to schools", "Writes a message that the schools read in their program at the next contact."},
		"note":    {"CODE…", "note a call or something else, for the office", "Notes something about a school, what a call has brought for instance. Only the office reads\nit: it stands in «missing» and in «show»."},
	},
	flag: map[string]string{
		"decided-revision": "revision `N` that is decided about; the one last shown without it",
		"remark":           "`REMARK`: \"VARIABLE: text\" or \"text\"; may be repeated",
		"open-until":       "`DATE` until which the part is open again, when the last date is over",
		"cancel":           "take the decision back",
		"text":             "`TEXT`",
		"variables":        "show the answers with the names of the variables",
	},
	say: map[string]string{
		"cancel_alone":      "--cancel only takes back: it does not go with --remark or --until.",
		"cancel_alone.hint": "Take it back first, then return it again with the new remarks.",
		"reviewed":          "%[1]s %[2]s, %[3]s, revision %[4]d: %[5]s.",
		"reviewed_return":   "The return of %[1]s: %[2]s.",
		"remark":            "  Remark (%[1]s): %[2]s",
		"remark_at":         "  Remark (%[1]s, %[2]s): %[3]s",
		"open_until":        "  Open again (%[1]s) until %[2]s",
		"message_sent":      "Message for %[1]s %[2]s: it reads it at the next contact.",
		"note_added":        "Noted for %[1]s %[2]s.",
		"message":           "Message of %[1]s: %[2]s",
		"note":              "Note of %[1]s: %[2]s",
		"variable":          "%[1]s = %[2]s  (%[3]s)",
		"history_row":       "%[1]s  %[2]s: %[3]s, revision %[4]d",
		"history_states":    "  state: %[1]s → %[2]s",
		"history_receipt":   "  receipt %[1]s, content %[2]s%[3]s",
		"history_change":    "  %[1]s (%[2]s): %[3]s → %[4]s",
		"history_more":      "  … and %[1]d more changed answers (--json lists them all)",
		"history_why":       "  explanation %[1]s: %[2]s",
	},
	word: map[string]string{
		"actor.school": "school", "actor.office": "office", "actor.server": "server",
		"review.submit": "submission", "review.withdraw": "track withdrawn", "review.return": "sent back", "review.return_cancel": "return taken back",
		"review.approve": "approval", "review.approve_cancel": "approval taken back",
	},
}
