package main

// safeEnglish are the words of copies, restores, and of the sync log.
var safeEnglish = words{
	lang: "en",
	help: map[string]help{
		"backup":         {"FILE", "makes a backup of the store", "Copies the store as it is at this moment, also while the schools submit. The file gets its name\nonly when the copy is whole and checked. The key that signs the log (rileva.key) is not in it:\nkeep that apart."},
		"restore":        {"FILE", "restores the store from a backup, in a new folder", "Restores the store from a backup in a folder (--data) that holds nothing yet but the log's key\n(rileva.key) of when the backup was made. What the schools have submitted since then comes back\nby itself, with the same receipts, when their programs get in touch."},
		"log rotate-key": {"", "exchanges the key that signs the log", "Exchanges the key that signs the sync log. The old key signs a last line that names the new one,\nso that the schools' programs follow without an alarm."},
	},
	flag: map[string]string{
		"log-key":     "`FILE` with the key that signs the log, if it is not rileva.key in the data folder (also RILEVA_LOG_KEY)",
		"new-log-key": "makes a new key, when the old one is lost: the schools' programs will raise an alarm",
	},
	say: map[string]string{
		"backup_done":            "Copied and checked: %[1]s (submissions: %[2]d, lines of the log: %[3]d, %[4]d KiB).",
		"backup_key":             "The log's key is not in the copy: keep %[1]s too, in another place.",
		"restore_done":           "Store restored in %[1]s, with %[2]d submissions. Epoch %[3]s, before it was %[4]s.",
		"restore_next":           "Start the server: what is missing comes back from the schools' programs at their next contact.\nPasswords, revocations, dates and returns decided after the copy have to be repeated.",
		"restore_other_key":      "The log's key is not that of the copy: the schools' programs will raise an alarm, and the schools\nwill call. The key changed because the office wanted it so: tell them.",
		"restore_not_empty":      "The folder %[1]s is not empty (%[2]s is there): a restore never replaces anything.",
		"restore_not_empty.hint": "Name a new folder with --data and put only rileva.key into it.",
		"restore_key":            "A restore needs the log's key, and %[1]s is missing or damaged.",
		"restore_key.hint":       "Put the copy of rileva.key there, or name it with --log-key; if it is lost, --new-log-key.",
		"restore_damaged":        "%[1]s is not a whole copy of a store: nothing was restored.",
		"restore_damaged.hint":   "Use another copy, and keep this one until all is done.",
		"key_rotated":            "The log is signed with a new key, in %[1]s. Keep a copy apart; the old one is of no use any more.",

		"log_old_logs":     "Intact too: the logs of before a restore, %[1]d.",
		"log_foreign":      "The log is intact, but the checkpoint is not one of it: %[1]s.",
		"log_foreign.hint": "Check that it is the checkpoint of this server.",

		"log_nothing":          "No line matches.",
		"unknown_outcome":      "«%[1]s» is no outcome of the log.",
		"unknown_outcome.hint": "The outcomes are: %[2]s.",
		"unknown_action":       "«%[1]s» is no action of the log.",
		"unknown_action.hint":  "The actions are: %[2]s.",

		"store_full":         "There is no space left on the disk of %[1]s: the store cannot be opened or made.",
		"store_full.hint":    "Make space and start again; what was acknowledged is safe.",
		"store_network":      "The folder %[1]s is on a network disk, where a store can be damaged.",
		"store_network.hint": "Name with --data a folder on a disk of this computer.",
		"draining":           "stopping: finishing the requests that have begun, %[1]d seconds at most (another Ctrl+C stops at once).",
		"store_failed":       "The server stops: %[1]s. What was acknowledged is safe.",
		"store_failed.hint":  "%[2]s; then start the server again and check with «rileva-server check».",
		"failed_full":        "there is no space left on the disk of the data", "failed_full_do": "Make space",
		"failed_io": "the disk of the data fails to write", "failed_io_do": "Look at the disk",

		"beside":     "Set aside after the restore: %[1]s, revision %[2]d, receipt %[3]s, of %[4]s, from the device %[5]s.",
		"beside_why": "  Other data have taken its place: the school has to look at the part and send it again if needed.",

		"col_when": "WHEN", "col_who": "WHO", "col_act": "WHAT", "col_outcome": "OUTCOME", "col_incident": "INCIDENT", "col_remark": "NOTES",
		"col_actor": "WHO", "col_line": "LINE", "col_client": "PROGRAM", "col_bytes": "BYTES", "col_milliseconds": "MILLISECONDS",
		"col_submission": "SUBMISSION", "col_form": "QUESTIONNAIRE",
	},
	word: map[string]string{
		"part.short.general": "general", "part.short.liceale": "liceale", "part.short.tecnico": "tecnico",
		"part.short.professionale": "profess.", "part.short.iefp": "IeFP",

		"action.submit": "submission", "action.sign_in": "sign-in", "action.sign_out": "sign-out", "action.change_password": "change password",
		"action.read": "read", "action.reconcile": "reconcile", "action.restore": "restore", "action.log_rotate_key": "key changed",
		"action.refusals": "counted refusals", "action.heartbeat": "progress",
		"action.institutions_import": "import", "action.institutions_add": "school added", "action.institutions_exclude": "exclusion",
		"action.institutions_include": "exclusion lifted", "action.institutions_tracks": "expected tracks", "action.institutions_group": "group",
		"action.institutions_merge": "institutions merged", "action.institutions_remove": "institution removed", "action.remind": "reminder",
		"action.institutions_ungroup": "group dissolved", "action.institutions_confirm": "group confirmed",
		"action.credentials_issue": "password issued", "action.credentials_reset": "password reset", "action.credentials_revoke": "revocation",
		"action.survey_publish": "questionnaire", "action.survey_void": "void questionnaire", "action.survey_dates": "dates moved",
		"action.return": "return", "action.return_cancel": "return cancelled", "action.approve": "approval",
		"action.approve_cancel": "approval cancelled", "action.message": "message", "action.note": "note",

		"outcome.accepted": "accepted", "outcome.replayed": "received before", "outcome.ok": "done",
		"outcome.invalid": "invalid", "outcome.unauthorized": "not authorised", "outcome.use_first_code": "other code",
		"outcome.wrong_password": "wrong password", "outcome.password_change_required": "password due", "outcome.forbidden": "forbidden",
		"outcome.survey_not_open": "not open yet", "outcome.survey_closed": "closed", "outcome.not_found": "not found",
		"outcome.wrong_institution": "other school", "outcome.general_part_required": "general missing", "outcome.track_not_offered": "no such track",
		"outcome.track_has_submission": "track was sent", "outcome.part_approved": "approved already", "outcome.unknown_questionnaire": "unknown form",
		"outcome.id_reused": "id reused", "outcome.epoch_changed": "from before the restore", "outcome.revision_conflict": "conflict", "outcome.too_large": "too large",
		"outcome.unsupported_media_type": "unknown format", "outcome.answers_rejected": "answers rejected", "outcome.precondition_required": "no revision named",
		"outcome.rate_limited": "too many calls", "outcome.internal": "internal error", "outcome.unavailable": "unavailable",
	},
}
