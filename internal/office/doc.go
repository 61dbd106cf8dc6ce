// Package office is what the office does: bring in the register, hand out
// passwords, move dates, publish a questionnaire, see where the returns stand,
// read and verify the sync log. Each of these is one method of [Office] from a
// plain request to a plain reply.
//
// The same method runs in two places. While a server is up it owns the store
// (a bbolt file has one user at a time), so a command reaches it over a unix
// socket in the data folder; while none is, the command opens the store and
// calls the method itself. [Calls] names every method once for both, and
// [Dial] finds out which of the two it is.
//
// Files that a person names on the command line are read and written by the
// command, never by the server: requests carry bytes. The server may run as
// another user, in another folder.
//
// Acts leave a line in the sync log, written in the same transaction as what
// they do, with actor "office" and one of these actions:
//
//	institutions_import     note: files, numbers of institutions added, changed, merged
//	institutions_add        one institution; note: its codes
//	institutions_exclude    one institution; note: the reason
//	institutions_include    one institution
//	institutions_tracks     one institution; note: the tracks
//	institutions_group      the institution that stays; note: all its codes, and whose submissions it keeps
//	institutions_ungroup    the institution that stays; note: the codes that left
//	institutions_confirm    one institution; note: its codes
//	institutions_merge      the institution that stays; note: which went into which, whose submissions it keeps, why
//	institutions_remove     one institution that has sent nothing; note: the reason
//	credentials_issue       one institution, written by the store
//	credentials_reset       one institution, written by the store
//	credentials_revoke      one institution; device, when only one was meant
//	survey_publish          questionnaire: the digest
//	survey_void             questionnaire: the digest
//	survey_dates            institution, when only one was meant; note: the dates that moved
//	return                  part, revision, its digest; note: how many remarks, their digest, on which variables, until when
//	return_cancel           part, revision, its digest
//	approve, approve_cancel part, revision, its digest
//	conflicts_settle        what stands beside after a restore, by number; note: the digest of the reason
//	conflicts_settle_cancel the same
//	remind                  one institution; note: smtp or csv
//	message, note           one institution; note: the digest of the text
//
// No note holds a password, and none what the office says of an answer. What changes nothing leaves no line.
//
// It may import the store's contract, register, account, pkg/survey, pkg/sync;
// no engine and nothing of the HTTP edge. Start reading at [Office], then
// [Calls].
package office
