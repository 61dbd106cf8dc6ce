package office

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"syscall"

	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/internal/store/files"
	surveysync "rileva/pkg/sync"
)

// Kind says what sort of trouble an error is: the commands make exit codes of
// it (contract, section 7).
type Kind string

// The kinds.
const (
	KindInternal    Kind = "internal"
	KindUsage       Kind = "usage"       // what was asked for cannot be, or does not exist
	KindFindings    Kind = "findings"    // the content of a file is refused
	KindConflict    Kind = "conflict"    // a decision is needed, or something is damaged
	KindUnreachable Kind = "unreachable" // the server does not answer
	KindRefused     Kind = "refused"     // no permission
)

// Text is a sentence in both languages, so that a call need not know who asks.
type Text struct {
	It string `json:"it"`
	En string `json:"en"`
}

// In gives the sentence in lang, Italian unless it is "en".
func (t Text) In(lang string) string {
	if lang == "en" && t.En != "" {
		return t.En
	}
	return t.It
}

// Error is a refusal with a stable code, what happened and what to do now. It
// crosses the socket as it is.
type Error struct {
	Code    string `json:"code"`
	Kind    Kind   `json:"kind"`
	Message Text   `json:"message"`
	Hint    Text   `json:"hint"`
	cause   error  // for the log; never for the screen
}

func (e *Error) Error() string { return e.Code + ": " + e.Message.En }

// Unwrap gives the error behind it, if any.
func (e *Error) Unwrap() error { return e.cause }

// fail makes an error from the table of words.go.
func fail(code string, args ...any) *Error {
	w, ok := sentences[code]
	if !ok {
		panic("office: no sentence for " + code) // a test reads every call of fail
	}
	return &Error{Code: code, Kind: w.kind,
		Message: Text{fill(w.it, args), fill(w.en, args)},
		Hint:    Text{fill(w.itHint, args), fill(w.enHint, args)}}
}

// Fail is fail for the commands, which refuse before a call is made.
func Fail(code string, args ...any) *Error { return fail(code, args...) }

// because adds the error behind it.
func (e *Error) because(err error) *Error {
	e.cause = err
	return e
}

// fill puts what comes from outside into a sentence, fit for a terminal.
func fill(s string, args []any) string {
	if !strings.Contains(s, "%") {
		return s
	}
	safe := make([]any, len(args))
	for i, a := range args {
		safe[i] = a
		if text, ok := a.(string); ok {
			safe[i] = surveysync.Visible(text)
		}
	}
	return fmt.Sprintf(s, safe...)
}

// plain turns any error into an *Error; nil stays nil.
func plain(err error) error {
	var ours *Error
	var file *register.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &ours):
		return ours
	case errors.As(err, &file):
		return fileError(file)
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return fail("interrupted").because(err)
	case files.Full(err):
		return fail("disk_full").because(err)
	case errors.Is(err, syscall.EIO), errors.Is(err, syscall.EROFS):
		return fail("disk_failed").because(err)
	}
	switch store.CodeOf(err) {
	case surveysync.NotFound:
		return fail("not_found").because(err)
	case store.Conflict:
		return fail("conflict").because(err)
	case surveysync.Unavailable:
		return fail("unavailable").because(err)
	}
	return fail("internal").because(err)
}

// fileError keeps the register's Italian sentence, which says most, and gives
// the English one by its code.
func fileError(e *register.Error) *Error {
	where := surveysync.Visible(e.File)
	if e.Line > 0 {
		where = fmt.Sprintf("%s:%d", where, e.Line)
	}
	english, ok := registerEnglish[e.Code]
	if !ok {
		english = registerEnglish[register.ErrUnreadable.Code]
	}
	return &Error{Code: "register_" + e.Code, Kind: KindUsage, cause: e,
		Message: Text{where + ": " + surveysync.Visible(e.Message), where + ": " + english[0]},
		Hint:    Text{e.Hint, english[1]}}
}
