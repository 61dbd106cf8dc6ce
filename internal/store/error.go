package store

import (
	"errors"
	"fmt"

	surveysync "rileva/pkg/sync"
)

// Error is a refusal of the store that a caller decides on.
type Error struct {
	Code   surveysync.Code
	Detail string // English, for the log; people read the sentence of the code
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Detail) }

// Conflict is the code of a write that found the value changed meanwhile.
const Conflict surveysync.Code = "conflict"

// The codes of a file that cannot be made or used.
const (
	Exists   surveysync.Code = "exists"    // it is there already
	Damaged  surveysync.Code = "damaged"   // its content breaks an invariant
	Full     surveysync.Code = "full"      // no space on the disk
	ReadOnly surveysync.Code = "read_only" // nothing can be written there
	Unusable surveysync.Code = "unusable"
)

// Errorf makes a refusal.
func Errorf(code surveysync.Code, format string, args ...any) error {
	return &Error{Code: code, Detail: fmt.Sprintf(format, args...)}
}

// CodeOf gives the code of a refusal, or internal.
func CodeOf(err error) surveysync.Code {
	var e *Error
	if errors.As(err, &e) {
		return e.Code
	}
	return surveysync.Internal
}
