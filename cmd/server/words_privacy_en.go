package main

// privacyEnglish are the words of what is removed when its time is over.
var privacyEnglish = words{
	lang: "en",
	help: map[string]help{
		"forget": {"", "remove contact data once the time for keeping them is over", "Takes the head's name and the compiler's name, e-mail and telephone out of all submissions, and\nremoves the office's notes. It is allowed after the last date and the months of keeping. The\nnumbers, the receipts and the log stay valid; each removal is a line of the log. It cannot be\nundone. Backups made before have to be destroyed separately."},
	},
	flag: map[string]string{
		"months":   "how many `MONTHS` after the last date (default: 12)",
		"variable": "remove the answer to this `VARIABLE` of text too; may be repeated",
	},
	say: map[string]string{
		"forget_done":    "Contact data removed. Schools %[1]d, submissions rewritten %[2]d, notes removed %[3]d.",
		"forget_nothing": "There is nothing to remove.",
		"forget_would":   "Contact data to remove. Schools %[1]d, submissions to rewrite %[2]d, notes %[3]d.",
		"forget_from":    "It is allowed from %[1]s.",
		"forget_copies":  "Destroy the backups and exports made before, too.",
	},
	word: map[string]string{"action.forget": "data removed"},
}
