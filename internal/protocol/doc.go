// Package protocol holds the state machines of docs/PROTOCOL.md, made so small
// that every state can be visited: two devices of one school, the general part
// and one track, a server, and a network that loses, repeats, delays and
// reorders. Explore walks through all of it, breadth first, and looks in every
// state for a broken invariant of the contract (section 5), and from every state
// for a way back to rest: nothing waits, and all sides hold the same.
//
// What decides is not modelled: the server's verdict is pkg/sync.Decide, and
// what an answer means for the outbox is pkg/sync.Classify. What is modelled is
// what stands around them: what is durable when, what a crash takes away, which
// messages are still on their way.
//
// The largest world that is explored to its end has 34 million states and 149
// million steps (18 minutes); `make model` prints where one is cut off.
//
// A model that finds nothing proves nothing. So each rule of the protocol can be
// left out ([Fault]), and the tests want every one of these to be found.
//
// It may import pkg/survey and pkg/sync; tests and `make model` alone import it.
// Start reading at [Explore], then acts.go.
package protocol
