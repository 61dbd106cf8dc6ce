// Package bolt keeps the server's store in one file, with bbolt. It may import
// internal/store and what that may import; only cmd/server and tests import it.
//
// # The file
//
//	meta                     schema → number · identity → store.Meta · checkpoint → the signed tree head
//	institutions             id → store.Institution
//	institutions_removed     id → the institution as it was when it was merged into another
//	institution_versions     institution id / time → store.Institution from then on; empty when it was gone
//	codes                    school code → institution id
//	accounts                 institution id → accountRecord
//	sessions                 hash of the token → store.Session
//	sessions_by_institution  institution id / hash of the token → nothing
//	survey                   survey → store.Survey
//	questionnaires           digest → the bytes that were published
//	parts                    institution id / part → partRecord
//	submissions              institution id / part / revision → store.Submission and the exact bytes, packed with S2
//	submission_ids           submission id → key of the submission
//	receipts                 receipt number → key of the submission
//	log_leaves               index → leaf, as surveysync.Entry.Marshal wrote it
//	log_hashes               tlog.StoredHashIndex → 32 bytes
//	messages, notes          institution id / number → store.Word
//	heartbeats               institution id → []store.Heartbeat, one a device
//	reminders                institution id → store.Reminder, the last one
//	past_logs                epoch → {log_leaves, log_hashes, checkpoint} of a log that a restore has ended
//	beside                   institution id / part / revision / receipt number → as in submissions: what was
//	                         accepted before a restore and found other content in its place
//
// Keys that hold an institution's things begin with its id, so that a scan
// cannot leave the institution by a slip.
//
// # How it writes
//
// One goroutine writes (writer.go). It puts what waits into one transaction,
// signs one tree head for the group and commits; only then do the callers get
// their answers. Everything that belongs to one call stands in one
// transaction, so a crash leaves all of it or nothing.
//
// # How it reads
//
// In short transactions that copy out raw bytes and decode them afterwards: a
// read transaction that is held makes the file grow and can stop the writer.
// bbolt shows a commit to readers before it is on the disk; [Store.view] waits
// for the disk, so that nobody is told of what a power cut could take back.
//
// Start reading at [Open], then writer.go, then accept.go.
package bolt
