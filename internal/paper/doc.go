// Package paper lays words out on sheets of A4: receipts, letters, the sheets
// of a survey. It knows no survey and no protocol; who prints brings the words.
//
// The same calls give the same bytes, so that a document can be made again and
// compared: dates come from the caller and nothing else tells one run from
// another. The letters are the Go fonts (Bigelow & Holmes, the licence of Go
// itself), of which only those that are used are embedded.
//
// It may import nothing of this house. Start reading at [New].
package paper
