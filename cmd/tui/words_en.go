package main

// wordsEN are the words of the commands in English.
var wordsEN = map[string]string{
	"short": "Filling in the survey on early school leaving",
	"long": `Rileva: filling in the survey on early school leaving.
Without a command the full-screen form opens. Each answer saves itself; without
a network you go on working, and what was sent leaves when the network is back.`,
	"use login": "--code CODE [--password-stdin]", "use logout": "", "use password": "[--password-stdin]", "use status": "",
	"use fill": "PART --from FILE [--partial] | --template FILE [--table TABLE]", "use check": "[PART]", "use explain": "PART CHECK --text TEXT [--reason REASON]",
	"use submit": "PART… | --all [--declare]", "use sync": "", "use receipts": "", "use receipts show": "NUMBER", "use conflicts": "", "use resolve": "PART --mine | --theirs | --field ID=mine|theirs",
	"use receipts verify": "FILE [--key KEY]", "use receipts print": "NUMBER --out FILE.pdf", "use attempts": "",

	"long fill": `Takes answers from a file: JSON (variable: value, or the body of a submission),
CSV or XLSX (the variable in the first column, the value in the second).
Entries that are wrong are listed with their line and nothing is taken (exit
code 2). With --partial what is right is taken (code 0, even with entries left
out; 2 when nothing was taken). The file of another school is never taken. A
CSV or XLSX of two columns does not say which sheet it is of: mind the PART.
--template writes the template of a table (XLSX, or CSV when the name ends so),
to be filled in and taken back with --from: it says whose it is, and that of
another sheet is not taken.`,
	"long check": `Shows the findings of one part, or of all with those across the parts.
Exit code 3 when something has to be corrected or explained.`,
	"long explain": `Explains a finding that asks to be corrected or explained. The explanation
holds for the values as they are: when they change, it has to be given again.
A finding across the parts is explained in the general part.`,
	"long submit": `Queues the parts and tries to send them at once. Without a network they stay
queued and leave at the next attempt (exit code 5). A part that was sent and
not changed since is not sent again: the same receipt holds.
Exit codes: 3 findings to correct, 4 there is a newer version, 5 the server was
not reached, 6 refused, 7 the survey is closed.`,

	"login": "sign in with the school code", "logout": "sign out; drafts stay on the computer", "password": "change the password",
	"status": "where the parts stand", "fill": "take answers from a JSON, CSV or XLSX file", "check": "show the findings",
	"explain": "explain a finding", "submit": "send parts", "sync": "send what waits and fetch what is new",
	"receipts": "list the receipts", "receipts show": "show a receipt (with --json the server's bytes)",
	"receipts verify": "verify a receipt, also offline", "receipts print": "print a receipt as PDF, for the school's register",
	"attempts": "the history of attempts",

	"flag server": "the server's `ADDRESS` (or RILEVA_SERVER)", "flag lang": "`LANGUAGE`: it or en", "flag plain": "one question at a time, without the full screen: for screen readers and slow lines",
	"flag json": "print JSON",
	"flag help": "show this help", "flag version": "show the version", "flag code": "school `CODE`",
	"flag password-stdin":  "read the password from the first line of standard input (and the new one, if needed, from the second)",
	"flag password-stdin2": "read the current password and, on the second line, the new one from standard input",
	"flag from":            "`FILE` to read (- is standard input)", "flag template": "write the template of a table into `FILE`", "flag table": "which `TABLE`, when the part has several", "flag partial": "take what is right even if something is wrong",
	"flag text": "`TEXT` of the explanation, at least 10 characters", "flag reason": "`REASON`: verified_in_register, small_numbers, special_situation, definition_differs, other (when absent: other)",
	"flag all": "all parts that are ready", "flag declare": "the head declares that the data agree with the school's records",
	"flag withdraw": "`TRACKS` whose sheets are taken back (only with general)", "flag key": "public `KEY` of the server's log",

	"conflicts": "compare with the version sent from another computer", "resolve": "decide which version stays, field by field",
	"flag mine": "where both have changed, this computer's stays", "flag theirs": "where both have changed, the other one stays",
	"flag field":    "decide one field: ID=mine or ID=theirs (may be repeated)",
	"see conflicts": "See the differences with: rileva conflicts", "no conflicts": "No part has two versions.",
	"conflict head":    "%s: the server has revision %d, received %s from %s; this computer's draft began from %d.",
	"another computer": "another computer", "conflict together": "bound by %s, decided together:",
	"conflict both": "Changed by both, to decide:", "conflict theirs": "Changed by the other computer only, to be taken over:",
	"conflict line": "before %s, here %s, there %s", "blank": "blank", "not available": "not available",
	"resolved":  "Decided: the part %s now starts from the server's version. Findings to correct or explain: %d. Then send it.",
	"undecided": "Still to decide:", "undecided hint": "nothing was changed: say --field ID=mine or ID=theirs for each, or --mine or --theirs for all.",
	"use doctor": "[--dismiss-alarm CODE --because TEXT]", "doctor": "try the connection step by step and say what is wrong",
	"long doctor": `Goes through the steps of a submission one by one and sends nothing: the first
that fails, whose job it is, what to do. The exit code is that of the step that
fails; the trial stays in the history of attempts.
It also shows the warning about the server's log, if there is one; when the office
has explained it, end it with --dismiss-alarm and the reason, which is kept.`,
	"flag dismiss-alarm": "end the warning with this `CODE`", "flag because": "`TEXT`: what the office has explained",
	"alarm dismissed": "Warning ended; the reason is in the history of attempts (rileva attempts). The server's log is watched anew.",
	"what alarm":      "warning", "outcome log_shrunk": "log shortened, warning ended", "outcome log_rewritten": "log changed, warning ended",
	"outcome log_key_changed": "unknown key, warning ended",
	"exam ok":                 "[ok]", "exam failed": "[NO]", "exam skipped": "[--]", "whose job": "whose job", "incident": "code of this trial: %s",
	"job person": "of whoever uses this computer", "job network": "of whoever looks after the school's network and computers", "job office": "of the office", "job nobody": "of nobody: the program tries again by itself",
	"step address": "server address", "step name": "name found", "step connect": "connection", "step tls": "secure connection and clock",
	"step server": "identity of the server", "step version": "versions", "step sign_in": "sign-in", "step dates": "dates of the survey",
	"step questionnaire": "questionnaire", "step payload": "data to send", "step stored": "stored by the server", "step receipt": "last receipt",
	"what doctor": "trial", "outcome version": "another version of the protocol",
	"draft": "take a draft to another computer, or throw it away", "use draft": "",
	"draft export": "write what is not sent yet into a file", "use draft export": "FILE",
	"draft import": "take over the draft of another of the school's computers", "use draft import": "FILE [--replace]",
	"draft discard": "throw the unsent changes of a part away, keeping a copy", "use draft discard": "PART",
	"flag replace": "take the draft even in the place of unsent changes, which are kept in a file",
	"exported":     "Draft of %s (%s) written to %s. On the other computer: rileva draft import FILE", "imported": "Taken over: the drafts of %s, from %s of %s. Check them with rileva check.",
	"set aside": "What was here is in %s; to take it back: rileva draft import FILE --replace",
	"discarded": "The changes of %s were taken away; a copy is in %s. To take them back: rileva draft import FILE",
	"lock":      "lock the drafts of this computer with a passphrase, or change it", "use lock": "[--remove] [--passphrase-stdin]",
	"long lock":   "For computers that many people use: who does not know the passphrase neither reads nor changes\nthe drafts, and sends nothing in the school's name. The program asks for it at the start.\nThe passphrase cannot be recovered: when it is lost, the work that was not sent is lost with it.",
	"flag remove": "take the passphrase away", "flag passphrase-stdin": "read the passphrase from the first two lines of standard input (twice the same)",
	"ask passphrase": "Passphrase of the drafts", "ask new passphrase": "New passphrase (at least 12 characters)", "ask passphrase again": "The same once more",
	"passphrases differ": "The two passphrases differ.", "passphrases differ hint": "Repeat the command: nothing was changed.",
	"lock set": "The drafts of this computer are locked: the passphrase is asked for at each start. Keep it in a safe place, nobody can recover it.", "lock removed": "No passphrase locks the drafts of this computer.",
	"no passphrase file": "The file of the passphrase, %s, cannot be read.", "no passphrase file hint": "Check RILEVA_PASSPHRASE_FILE and the permissions of the file.",
	"this device": "name of this computer for the office",
	"settings":    "the settings of this computer", "use settings": "[heartbeat on|off]",
	"heartbeat on": "on (the office sees how far the parts are: percentages and counts of findings, no answers)", "heartbeat off": "off",
	"print": "print a sheet as PDF, filled in or blank", "use print": "PART [--blank] --out FILE.pdf", "flag blank": "blank, to be filled in with a pen",
	"flag out": "`FILE` to write (- is standard output)", "out needed": "The file to write is missing.", "out needed hint": "Name it with --out, for example --out receipt.pdf",
	"file other kind": "The file %s exists and is of another kind: it was not touched.", "file other kind hint": "Choose another name.",
	"file not written": "The file %s cannot be written.", "file not written hint": "Check the folder, the permissions and the space on the disk.",
	"printed": "Written: %s", "field check code": "Check code",
	"hint":             "hint",
	"unknown command":  "There is no command \"%s\".",
	"see help":         "See the commands with: rileva --help",
	"bad flag":         "There is no option \"%s\".",
	"bad flags":        "The options are not well written.",
	"flag value":       "The value of the option \"%s\" is missing.",
	"flag invalid":     "The value \"%s\" does not fit the option \"%s\".",
	"bad args":         "The command is written: rileva %s",
	"no home":          "The user's folder cannot be found.",
	"no home hint":     "Name a folder with RILEVA_HOME.",
	"code needed":      "The school code is missing.",
	"code needed hint": "Write: rileva login --code MIIS00000X",
	"from needed":      "The file to take answers from is missing.",
	"from needed hint": "Write: rileva fill PART --from FILE",
	"no terminal":      "There is no terminal here to type the password in.",
	"no terminal hint": "Use --password-stdin and pass the password on standard input.",

	"elsewhere":    "Unsent work of %s, %s (%s) waits on this computer: it stays where it is and leaves when that school signs in again.",
	"clock ahead":  "this computer's clock is %d minutes ahead of the server's; it changes nothing for what is sent, but it should be set right.",
	"clock behind": "this computer's clock is %d minutes behind the server's; it changes nothing for what is sent, but it should be set right.",

	"form stopped":          "The program was closed by the system. All answers are saved.",
	"not saved":             "The last answer was NOT saved: %s",
	"signed in at":          "you are signed in at %s, and what is sent goes there; another address counts from the next 'rileva login'.",
	"no terminal form":      "The full-screen form needs a terminal.",
	"no terminal form hint": "Use \"rileva --plain\", which asks one question at a time, or the commands: rileva status, fill, check, submit.",
	"no file":               "The file %s does not exist.",
	"no file hint":          "Check the name and the folder.",
	"file locked":           "The file %s cannot be read.",
	"file locked hint":      "Close it in other programs and check the permissions.",
	"is folder":             "%s is a folder, not a file.",
	"is folder hint":        "Name the file with the answers.",
	"file big":              "The file %s is too large to be a sheet.",
	"file big hint":         "Check that it is the right file.",

	"ask password": "Password", "ask current": "Current password", "ask new": "New password (at least 10 characters)",
	"signed in": "Signed in: %s, %s.", "signed out": "Signed out. Drafts stay on this computer.",
	"must change":      "Signed in with the password of the letter (%s): change it now with: rileva password",
	"password changed": "Password changed.",

	"status dates":      "School year %s. %s",
	"status head":       "PART\tSTATE\tDONE\tERRORS\tTO EXPLAIN\tREVISION",
	"status aside":      "Part %s: %d answers put aside by the new version of the questionnaire:",
	"status aside one":  "Part %s: %d answer put aside by the new version of the questionnaire:",
	"status aside more": "  … and %d more: rileva status --json",
	"status outdated":   "The part %s stays on the earlier version of the questionnaire, still valid; it moves to the new one when it is edited.",
	"status foot":       "Waiting to be sent: %d. Receipts: %d. Last contact with the server: %s.",
	"office says":       "The office writes,",
	"remark":            "! Remark of the office [%s] %s",
	"status removed":    "Part %s: the office has removed the personal data from the server, as is due after the time for which they are kept. The receipts stay valid.",
	"status conflict":   "! %s: there is a newer version, sent from another computer. 'rileva conflicts' compares the two.",
	"status detail":     "! %s: %s.",
	"open until":        "! %s: the office has reopened this part until %s",
	"state blank":       "not started",
	"state draft":       "draft",
	"state ready":       "ready",
	"state queued":      "waiting to be sent",
	"state sent":        "sent",
	"state changed":     "changed after sending",
	"state refused":     "refused",
	"state conflict":    "in conflict",
	"state returned":    "returned by the office",
	"state approved":    "approved", "state withdrawn": "withdrawn", "state locked": "closed: part 1 first",
	"severity hard": "error", "severity explain": "to explain", "severity note": "note", "explained": "explained",
	"pupil":             "«%s» looks like the name or the tax code of a pupil: if it is, write the explanation again without it.",
	"check clean":       "No findings.",
	"template written":  "Template written to %s. Filled in, take it back with: rileva fill %s --from FILE",
	"fill nothing":      "%d entries are wrong: nothing was taken.",
	"fill nothing hint": "Correct the lines named, or repeat with --partial.",
	"fill none hint":    "No entry is right: check that it is the right file and the right part.",
	"fill more":         "%s: … and %d more entries",
	"fill taken":        "%d answers taken into part %s (%d blank, %d left out).",
	"explain done":      "Explanation of check %s saved: the office gets it with the part's next submission.",
	"blocked":           "The part %s was not sent: %d findings to correct or to explain.",
	"waiting":           "The part %s is %s (%s).",
	"op queued":         "waiting: it leaves by itself", "op refused": "refused by the server", "op conflict": "in conflict with a newer version",
	"op needs_login":  "waiting for a sign-in",
	"fetched":         "Downloaded the newest version of part %s.",
	"sent elsewhere":  "The part %s was sent from another computer and has not changed here.",
	"nothing to send": "There is nothing to send: no part was begun, or those that were returned wait for a correction.",
	"sync done":       "Everything is up to date.",
	"no receipts":     "No receipt: nothing has been sent yet.",
	"receipt line":    "Receipt %s  %s  revision %d  %s",
	"late":            "(late)", "yes": "yes", "no": "no",
	"field number": "Receipt", "field institution": "Institution", "field survey": "Survey", "field part": "Part", "field revision": "Revision",
	"field received": "Received", "field late": "Late", "field digest": "Digest of the data", "field questionnaire": "Questionnaire",
	"field submission": "Id", "field leaf": "Place in the log",
	"no key": "The key of the server's log is not known.", "no key hint": "Name it with --key, or sign in to the server once.",
	"receipt good":          "The receipt is valid: %s, institution %s, part %s, revision %d, received %s.",
	"receipt bad":           "The receipt is NOT valid: %s.",
	"receipt bad hint":      "Use the file as it came from \"rileva receipts show NUMBER --json\"; if that does not help, ask the office.",
	"verify format":         "the file is not in the form of a receipt, or was changed",
	"verify receipt_fields": "a field of the receipt is not in the right form",
	"verify proof_format":   "the proof is not in the right form",
	"verify signature":      "the signature is not the server's",
	"verify inclusion":      "the proof does not agree with the signed log",
	"verify leaf_mismatch":  "the receipt's data are not those that were logged",
	"attempts head":         "WHEN\tPART\tOUTCOME\tCODE\tWHAT HAPPENED",
	"what login":            "sign-in", "what password": "password", "what sync": "news", "what submit": "submission",
	"outcome accepted": "arrived, with a receipt", "outcome address": "wrong address", "outcome offline": "no network", "outcome dns": "server name not found",
	"outcome tls": "connection not secure", "outcome clock": "this computer's clock is behind", "outcome cert_expired": "server certificate ended",
	"outcome cert_name": "certificate of another server", "outcome cert_authority": "certificate not recognised", "outcome proxy_auth": "the proxy asks for a password",
	"outcome other_survey": "the server collects another survey",
	"outcome refused":      "server not reached", "outcome timeout": "no answer in time",
	"outcome portal": "a sign-in page of the network", "outcome redirect": "sent on to another address",
	"outcome proxy": "stopped by the proxy", "outcome protocol": "not the expected answer", "outcome cut": "connection broke off", "outcome stopped": "stopped",
	"outcome not_yet": "to be tried later", "outcome general_first": "the general part has to arrive first", "outcome pass_stopped": "not tried yet",
	"outcome base_lost": "the server went back", "outcome needs_login": "a new sign-in is needed", "outcome conflict": "there is a newer version", "outcome other": "did not succeed",
	"usage template": `Usage:{{if .Runnable}}
  {{.UseLine}}{{end}}{{if .HasAvailableSubCommands}}
  {{.CommandPath}} COMMAND{{end}}{{if .HasAvailableSubCommands}}

Commands:{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding }} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableLocalFlags}}

Options:
{{.LocalFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}{{if .HasAvailableInheritedFlags}}

Common options:
{{.InheritedFlags.FlagUsages | trimTrailingWhitespaces}}{{end}}
`,
}
