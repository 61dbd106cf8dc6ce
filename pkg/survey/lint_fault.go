package survey

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// Level says what a remark on a questionnaire file does.
type Level string

// A fault keeps the file from being loaded. A warning is very likely not meant,
// and a note is worth knowing; both leave the file usable.
const (
	LevelFault   Level = ""
	LevelWarning Level = "warning"
	LevelNote    Level = "note"
)

// judgements are the faults of files that can be compiled and answered all the
// same. Lint refuses them, so nothing new is published with one, and Load does
// not look for them. Every rule of Lint that comes later belongs here, unless
// the file could not be judged alike everywhere.
var judgements = map[string]bool{
	"always_closed": true, "always_fires": true, "never_asked": true, "never_opens": true, "no_such_option": true,
	"two_severities": true, "reserved_check": true, "bad_default": true, "wrong_prefill": true,
	"due_before_opens": true, "late_before_due": true, "duplicate_language": true,
}

// Fault is one remark on a questionnaire file. Code and Args are stable and
// make the sentence in every language; Message is the English one.
type Fault struct {
	Line    int      `json:"line"` // 1-based; the file's first when the place is not known
	Column  int      `json:"column"`
	Code    string   `json:"code"`
	Level   Level    `json:"level,omitempty"`
	Args    []string `json:"args,omitempty"`
	Nearest string   `json:"nearest,omitempty"` // what was probably meant
	Message string   `json:"message"`
}

func newFault(at position, code string, args ...any) Fault {
	f := Fault{Line: max(at.line, 1), Column: max(at.column, 1), Code: code, Level: lintLevels[code]}
	for _, a := range args {
		// A hostile name must not make a hostile message.
		f.Args = append(f.Args, shorten(fmt.Sprint(a), 200))
	}
	f.Message = f.In("en")
	return f
}

func (f Fault) near(nearest string) Fault {
	f.Nearest = nearest
	f.Message = f.In("en")
	return f
}

// In gives the sentence in lang. A fault of another version of the program,
// whose code is not known here, keeps the sentence that it came with.
func (f Fault) In(lang string) string {
	if lang != "en" {
		lang = "it"
	}
	sentence, ok := lintWords[f.Code]
	if !ok {
		return f.Message
	}
	text := fillIn(sentence[lang], f.Args)
	switch advice := lintAdvice[f.Code][lang]; {
	case f.Nearest != "":
		text += fillIn(lintWords["nearest"][lang], []string{f.Nearest})
	case advice != "":
		text += map[string]string{"it": " ", "en": "; "}[lang] + advice
	}
	return text
}

// fillIn puts args in place of {1}, {2}…
func fillIn(text string, args []string) string {
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, fmt.Sprintf("{%d}", i+1), a)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func shorten(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "…"
	}
	return s
}

func (f Fault) String() string { return fmt.Sprintf("%d:%d: %s", f.Line, f.Column, f.Message) }

// Faults are the remarks on one file, in the order of its lines.
type Faults []Fault

func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, x := range f {
		lines[i] = x.String()
	}
	return strings.Join(lines, "\n")
}

// Split parts what keeps the file from being loaded from what does not.
func (f Faults) Split() (faults, remarks Faults) {
	for _, x := range f {
		if x.Level == LevelFault {
			faults = append(faults, x)
		} else {
			remarks = append(remarks, x)
		}
	}
	return faults, remarks
}

// maxFaults keeps a file made of mistakes from filling the screen and the memory.
const maxFaults = 1000

// sorted puts the faults in the order of the file, each once: the sheets of one
// template share its mistakes.
func (f Faults) sorted() Faults {
	slices.SortStableFunc(f, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column), strings.Compare(a.Message, b.Message))
	})
	f = slices.CompactFunc(f, func(a, b Fault) bool {
		return a.Line == b.Line && a.Column == b.Column && a.Code == b.Code && a.Message == b.Message
	})
	if len(f) > maxFaults {
		last := f[maxFaults-1]
		f = append(f[:maxFaults:maxFaults], newFault(position{last.Line, last.Column}, "too_many_faults", len(f)-maxFaults))
	}
	return f
}

// refusal is why an expression or a name makes no sense: a code of lintWords
// whose first argument is what the expression belongs to.
type refusal struct {
	code    string
	args    []any
	nearest string
	offset  int // into the expression, in characters; -1: the whole
}

func (r *refusal) Error() string {
	return newFault(position{}, r.code, append([]any{"?"}, r.args...)...).Message
}

func refuse(code string, args ...any) *refusal { return &refusal{code: code, args: args, offset: -1} }

// refusals is every reason against one expression.
type refusals []*refusal

func (r refusals) Error() string { return r[0].Error() }
