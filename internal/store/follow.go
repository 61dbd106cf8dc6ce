package store

import (
	"time"

	surveysync "rileva/pkg/sync"
)

// What the office keeps to follow the institutions up.

// Word is a text that the office has written to or about one institution.
type Word struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

// Heartbeat is how far the work on one device was when it said so last.
type Heartbeat struct {
	At     time.Time `json:"at"` // the server's clock
	Device string    `json:"device"`
	surveysync.Heartbeat
}

// MaxHeartbeats is how many devices of one institution are kept: those that
// spoke last.
const MaxHeartbeats = 20

// Reminder is the last reminder of one institution.
type Reminder struct {
	At      time.Time `json:"at"`
	Day     string    `json:"day"`               // 2023-12-18, as the office counts days
	Channel string    `json:"channel"`           // smtp or csv
	To      string    `json:"to"`                // address
	Outcome string    `json:"outcome,omitempty"` // "" while it is being sent, and after a crash then
}

// How a reminder ended.
const (
	ReminderSent   = "sent"
	ReminderFailed = "failed" // it is certain that it did not leave
)

// WordKind says for whom a word is.
type WordKind string

// The kinds of words.
const (
	Messages WordKind = "messages" // to the institution, which reads them
	Notes    WordKind = "notes"    // of the office for itself
)
