// Package throughput_test measures how many submissions a second the server
// makes durable over real HTTP on the loopback, with checks, receipt and log,
// and beside it the floor: what any server of the same promise must pay.
//
// The floor is a bare net/http handler. It reads the body and answers 200 when
// these bytes stand in a bbolt file under a number that counts up; nothing is
// parsed, checked, logged or signed. The file is opened like the server's, each
// commit flushes twice as bbolt does, and one goroutine commits in groups: what
// waits, up to 128, with a wait of a millisecond at most while fewer have come
// than are on their way. So it is not slower at the disk than the server is.
//
// Each of the two runs in a process of its own, started from this test's
// program, and takes turns with the other: a round of one, a round of the
// other, with the same senders and the same bytes. A figure is the median of
// the rounds, a ratio the median of the ratios of neighbouring rounds. All
// share the processors of one machine with the senders, so that only what
// stands in one line of one run can be compared.
//
// A sender is a school that sends the next revision of its technical sheet,
// 6.7 KB with 262 answers, over a connection that it keeps. All but the id of
// the submission is prepared beforehand.
//
// `make bench` runs it; docs/performance.md says what was found. Start reading
// at [BenchmarkSubmissions].
package throughput_test
