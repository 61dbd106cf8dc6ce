// Package postgres keeps the server's store in PostgreSQL 15 or newer, for
// those who need more than one machine. It may import internal/store, its
// engine and what that may; only cmd/server and tests import it, and nothing
// else knows SQL.
//
// Each table of the engine is a table here (migrations), so that both engines
// keep one contract by the same code, and a store can be copied from one to the
// other key by key. Submissions have columns beside their key and value: for
// analysts (the answers as jsonb), and for the uniqueness that invariants 3 and
// 4 of the contract ask for, whatever a program does.
//
// # Several servers
//
// Whoever writes holds one advisory lock until the end of its transaction, so
// that the log has one order and a verdict is reached on what is stored. Each
// server commits groups, and reads identity and log anew in each of them.
//
// # A COMMIT is never given up
//
// It may wait for a synchronous standby. Ending the wait, by a deadline or a
// cancelled request, would make visible here what no standby has; so a commit
// has no deadline (disk.go). Whether one happened that was cut off nobody
// knows: the caller is told to come again, and a submission that is sent again
// finds itself. Its replay leaves a line in the log, so that this commit waits
// for the standby too.
//
// Start reading at [Open], then disk.go.
package postgres
