// Package bolt keeps the server's store in one file, with bbolt. It may import
// internal/store, its engine and what that may; only cmd/server and tests
// import it.
//
// Each table of the engine is a bucket of the file. Two things are the file's
// own: the number of its schema (upgrade.go), and the bucket past_logs, where a
// restore moves the log that it ends.
//
// bbolt shows a commit to readers before it is on the disk (disk.go waits), and
// a read transaction that is held makes the file grow and can stop the writer
// (so everything that takes time reads a copy).
//
// Start reading at [Open], then disk.go, then backup.go.
package bolt
