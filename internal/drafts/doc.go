// Package drafts keeps everything that a device owns, in one file: what was
// typed, what waits to be sent, the receipts and every body that the server
// has acknowledged, and what the server said last, for the time without a
// network.
//
// Everything belongs to an [Owner], one institution in one survey, so that two
// schools on one computer never mix. Every method is one transaction that has
// reached the disk when it returns.
//
// It may import pkg/survey, pkg/sync and bbolt. Time and randomness are passed
// in. Where to start: [Open], then [Store.Begin] and [Store.Set] for what a
// person types, [Store.Enqueue] for what is sent, and [Store.Box], through
// which [sync.Syncer] sends it.
package drafts
