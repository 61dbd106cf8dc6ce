// Package simulation_test drives the real programs' insides, a server over a
// bbolt file or a database and devices over their files, through histories that nobody would write
// down: people who type and send on two or three computers and carry drafts
// from one to another, an office that closes, returns, approves, publishes and
// goes back to a copy of its store, clocks that jump, a network that loses,
// cuts, repeats and delays, and crashes at every step of the commit order
// (docs/PROTOCOL.md, section 12).
// After each history everything heals, and then the invariants of the contract
// (section 5) must hold.
//
// Start reading at [TestHistories]. A failure prints rapid's seed: run it again
// with -rapid.seed. `make soak N=…` makes as many histories as you have time for.
package simulation_test
