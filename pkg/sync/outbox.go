package sync

import (
	"errors"
	"net/http"
	"time"
)

// OpState is where a frozen part in the outbox stands.
type OpState string

// The states of an outbox entry. Only a queued one is tried by itself.
const (
	OpQueued     OpState = "queued"      // to be sent, or its outcome is unknown
	OpRefused    OpState = "refused"     // the server said no; a person has to act
	OpConflict   OpState = "conflict"    // another revision stands there; a person decides
	OpNeedsLogin OpState = "needs_login" // waits for somebody to sign in
)

// Fate is what one attempt tells about the bytes.
type Fate string

// The fates of an attempt. The difference decides whether the bytes may be
// replaced by others under a new id: not while they may be stored.
const (
	FateUnsent    Fate = "unsent"     // not stored by this attempt; says nothing of earlier ones
	FateUnknown   Fate = "unknown"    // they may be stored: only the same bytes again will tell
	FateNotStored Fate = "not_stored" // the server has looked for the id and does not have it
	FateStored    Fate = "stored"     // a receipt came
)

// Queued is one frozen part that waits to be sent.
type Queued struct {
	Part     string
	Body     []byte // the very bytes, see Client.Put
	Replaces int
	Attempts int       // so far
	Next     time.Time // not before
	State    OpState
	Incident string // of the first attempt, when the person was told one
	Last     string // code of the last attempt; "" before the first
}

// AttemptResult is one line of the history of attempts.
type AttemptResult struct {
	At       time.Time     `json:"at"`
	Duration time.Duration `json:"duration"`
	Incident string        `json:"incident"`
	Code     string        `json:"code"`           // accepted, a Code, or the cause of a NetError
	Step     string        `json:"step,omitempty"` // of Steps: where it was stopped
	Detail   string        `json:"detail,omitempty"`
	State    OpState       `json:"state,omitempty"` // of the entry afterwards
	Fate     Fate          `json:"fate,omitempty"`
	Next     time.Time     `json:"next,omitzero"`
}

// CodeAccepted is the code of an attempt that brought the receipt.
const CodeAccepted = "accepted"

// Classify says what an error of [Client.Put] means for the entry and for its
// bytes.
func Classify(err error) (OpState, Fate) {
	var lost *NetError
	var refused *Problem
	switch {
	case err == nil:
		return "", FateStored
	case errors.As(err, &lost):
		if lost.Left {
			return OpQueued, FateUnknown
		}
		return OpQueued, FateUnsent
	case !errors.As(err, &refused):
		return OpQueued, FateUnknown
	}
	switch refused.Code {
	case Unauthorized, PasswordChangeRequired:
		return OpNeedsLogin, FateUnsent
	case RateLimited:
		return OpQueued, FateUnsent
	case EpochChanged:
		return OpQueued, FateNotStored
	case RevisionConflict:
		return OpConflict, FateNotStored
	case Invalid, Forbidden, WrongPassword, UseFirstCode, WrongInstitution, TooLarge, UnsupportedMediaType:
		// Decided before the server looks for the id (contract, order of
		// decision): an earlier attempt with the same bytes may be stored.
		return OpRefused, FateUnsent
	}
	switch status := refused.Status; {
	case status >= http.StatusInternalServerError:
		return OpQueued, FateUnknown
	case status == http.StatusUnauthorized:
		return OpNeedsLogin, FateUnsent
	case status == http.StatusTooManyRequests:
		return OpQueued, FateUnsent
	case problems[refused.Code].status == 0:
		return OpRefused, FateUnsent // a code of a later version: who knows when it is decided
	}
	return OpRefused, FateNotStored
}
