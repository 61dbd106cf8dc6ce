package main

// remindEnglish are the words of the reminders.
var remindEnglish = words{
	lang: "en",
	help: map[string]help{
		"remind": {"", "reminders to those whom they concern, by mail or as a list", "Makes a reminder for each school whose return is not in, with the words that fit the cause.\nFirst --dry-run, then --csv FILE (mail merge) or --smtp SERVER:PORT. Nobody gets two on one\nday: the school is marked before the sending. If the program is cut off at that very moment\nthat reminder may not have left, and is not repeated until tomorrow."},
	},
	flag: map[string]string{
		"remind-dry":         "show whom it would go to and send nothing",
		"remind-csv":         "new CSV `FILE` for a mail merge",
		"smtp":               "outgoing mail `SERVER`:PORT",
		"smtp-from":          "`ADDRESS` of the sender",
		"smtp-user":          "`USER` of the mail server",
		"smtp-password-file": "`FILE` with the mail password (or RILEVA_SMTP_PASSWORD)",
		"smtp-tls":           "`ENCRYPTION` towards the server: starttls, tls, none (on this machine only)",
		"pec":                "to the certified address where there is one",
	},
	say: map[string]string{
		"remind_how":        "How shall they be reminded?",
		"remind_how.hint":   "Give one of these only: --dry-run, --csv FILE, --smtp SERVER:PORT.",
		"smtp_from":         "The sender is missing.",
		"smtp_from.hint":    "Give it with --smtp-from ADDRESS.",
		"smtp_address":      "«%[1]s» is not a mail server.",
		"smtp_address.hint": "Write server:port, for example smtp.example.org:587.",
		"smtp_tls":          "«%[1]s» is not a kind of encryption.",
		"smtp_tls.hint":     "Give starttls, tls or none.",
		"smtp_plain":        "Towards %[1]s the password and the messages would travel in the clear.",
		"smtp_plain.hint":   "Use --smtp-tls starttls or tls; none is for a server on this machine only.",
		"smtp_failed":       "The mail server %[1]s does not answer or does not take the sign-in: nothing has left.",
		"smtp_failed.hint":  "Check address, encryption, user and password; --log-level debug shows the cause.",
		"csv_failed":        "Writing %[1]s has failed: no school is marked as reminded.",
		"csv_failed.hint":   "Check the space on the disk and run it again.",
		"remind_row":        "%[1]s %[2]s: %[3]s, to %[4]s",
		"remind_skipped":    "Skipped %[1]d: %[2]s.",
		"remind_dry":        "A trial, nothing has left: reminders to send %[1]d.",
		"reminded":          "Reminders: %[1]d.",
		"remind_failed":     "%[1]s: did not leave; it may be repeated today.",
		"remind_uncertain":  "%[1]s: nobody knows whether it left; it is not repeated until tomorrow.",
	},
	word: map[string]string{
		"skip.today": "reminded today", "skip.uncertain": "a reminder of today whose outcome is uncertain", "skip.no_address": "no address", "skip.office": "the office has to send the password",
	},
}
