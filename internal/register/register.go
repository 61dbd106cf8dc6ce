// Package register is what the ministry's register files say: which schools
// there are, which institution each belongs to, and what has changed since the
// last file. It reads, groups and compares; it stores nothing.
//
// The files are those of the Portale Unico dei Dati della Scuola: one for the
// state schools, one for the paritarie, by year. They come as people download
// and re-save them: zipped, with semicolons, in Windows-1252. A wrong row here
// is a school that cannot sign in, so nothing is guessed in silence: each row
// is kept, counted as skipped with a reason, or rejected with its line.
//
// Start reading at Read (read.go), then Group (group.go) and Compare
// (compare.go). decode.go turns bytes into text, header.go finds the columns,
// address.go tells when two addresses are one.
package register

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"rileva/pkg/survey"
)

// School is one row of the register: one school code.
type School struct {
	Code           string `json:"code"`
	Name           string `json:"name"`
	Address        string `json:"address"`
	CAP            string `json:"cap"`
	ComuneCode     string `json:"comune_code"` // Belfiore (catastale), not ISTAT
	Comune         string `json:"comune"`
	Province       string `json:"province"`       // the name, as MILANO
	Characteristic string `json:"characteristic"` // state only
	Type           string `json:"type"`
	Email          string `json:"email"`
	PEC            string `json:"pec"`
	HeadCode       string `json:"head_code"` // CODICEISTITUTORIFERIMENTO; empty for paritarie
	HeadName       string `json:"head_name"`
	Kind           string `json:"kind"` // survey.KindState or survey.KindParitaria
	Evening        bool   `json:"evening"`
	Year           string `json:"year"` // as the file writes it: 202223
	File           string `json:"file"`
	Line           int    `json:"line"`
}

// Fault is one row that could not be taken, and where it stands.
type Fault struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Reason string `json:"reason"`
}

// String is the fault as a command prints it, in Italian.
func (f Fault) String() string {
	where := fmt.Sprintf("%s:%d: ", f.File, f.Line)
	if f.Column != "" {
		where += "colonna " + f.Column + ": "
	}
	if f.Value != "" {
		return fmt.Sprintf("%s%s («%s»)", where, f.Reason, f.Value)
	}
	return where + f.Reason
}

// Area is one kind of school in one province.
type Area struct {
	Kind     string `json:"kind"`
	Province string `json:"province"`
}

// Scope lists the areas that the files read speak about. Only there does the
// absence of a school mean anything: a file of the paritarie says nothing
// about the state schools.
type Scope []Area

// Has reports whether the files speak about this kind in this province.
func (s Scope) Has(kind, province string) bool {
	return slices.Contains(s, Area{Kind: kind, Province: province})
}

// Options limit what Read takes.
type Options struct {
	Province string // the name as in the register, any case; empty takes all
	MaxBytes int64  // of the unpacked file; 0 is DefaultMaxBytes
}

// Result is what one file said.
type Result struct {
	File      string         `json:"file"`
	Rows      int            `json:"rows"` // without the header
	Schools   []School       `json:"schools"`
	Rejected  []Fault        `json:"rejected"`
	Skipped   map[string]int `json:"skipped"`   // reason, in Italian, to number of rows
	Provinces []string       `json:"provinces"` // all that the file names, also those not asked for
	Scope     Scope          `json:"scope"`     // of the schools kept
}

// Institution is who answers the survey, as the register describes it: a state
// institution with all its codes, or a manager's group of paritarie.
type Institution struct {
	survey.Institution
	Address  string `json:"address"`
	Province string `json:"province"`
	Email    string `json:"email"`
	PEC      string `json:"pec"`
	// Proposed: the group is a guess and waits for the office. The register
	// of the paritarie does not say who manages them.
	Proposed bool     `json:"proposed"`
	Why      string   `json:"why,omitempty"` // in Italian: why these codes are one
	Schools  []School `json:"schools"`       // by code; a code without a row of its own is in Codes only
}

// Codes of an Error: what kind of trouble a file makes.
var (
	ErrUnreadable     = &Error{Code: "unreadable"}      // no such file, a folder, a device that fails
	ErrNotRegister    = &Error{Code: "not_register"}    // a file of another kind
	ErrMissingColumns = &Error{Code: "missing_columns"} // a register file, but not all of it
	ErrEncoding       = &Error{Code: "encoding"}        // UTF-16
	ErrTruncated      = &Error{Code: "truncated"}       // it stops in the middle
	ErrTooLarge       = &Error{Code: "too_large"}
)

// Error refuses a whole file. Message says what happened, Hint what to do,
// both in Italian. errors.Is compares the code: errors.Is(err, ErrTruncated).
type Error struct {
	Code    string `json:"code"`
	File    string `json:"file"`
	Line    int    `json:"line,omitempty"`
	Message string `json:"message"`
	Hint    string `json:"hint"`
	cause   error  // for the log; a library's words are not for the screen
}

func (e *Error) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Message)
	}
	return e.File + ": " + e.Message
}

// Is makes the Err… values above stand for every error with their code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Unwrap gives the error of the system or the library behind it, if any.
func (e *Error) Unwrap() error { return e.cause }

// clean makes a cell fit to be shown, stored and compared: white space is
// collapsed and control characters go, because register values reach terminals
// and letters, and a file may hold anything. "Non Disponibile" is how the
// ministry writes that there is nothing.
func clean(s string) string {
	s = strings.Map(func(r rune) rune {
		switch {
		case unicode.IsSpace(r) || unicode.IsControl(r):
			return ' '
		case unicode.Is(unicode.Cf, r): // soft hyphens, direction marks
			return -1
		}
		return r
	}, s)
	s = strings.Join(strings.Fields(s), " ")
	if strings.EqualFold(s, "Non Disponibile") {
		return ""
	}
	return s
}

// shorten keeps a report readable when a cell holds half the file.
func shorten(s string) string {
	const most = 60
	if runes := []rune(s); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return s
}
