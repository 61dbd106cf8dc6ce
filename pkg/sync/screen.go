package sync

import (
	"fmt"
	"io"
	"slices"
	"sync"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Screen is the last door before a terminal: it passes text, line ends and
// tabs, and writes out whatever else a terminal would act upon or hide, as
// \uXXXX, which stands for the same in JSON. Both programs print through it, so
// that no forgotten [Visible] lets a school's words move the operator's cursor
// (CWE-150).
//
// Visible comes before it all the same: only who knows where a field begins
// and ends can keep a line end in it from looking like another line.
type Screen struct {
	mu   sync.Mutex // the log of a server prints beside its commands
	w    io.Writer
	rest []byte // the begun last character of what came so far
}

// NewScreen writes to w.
func NewScreen(w io.Writer) *Screen { return &Screen{w: w} }

// Write counts what it takes, not what it writes. A character that is cut by
// the end of p waits for the next call.
func (s *Screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := slices.Concat(s.rest, p)
	out := make([]byte, 0, len(text))
	for len(text) > 0 && utf8.FullRune(text) {
		r, size := utf8.DecodeRune(text)
		switch {
		case r == '\n' || r == '\t' || !acted(r):
			out = utf8.AppendRune(out, r)
		case r > 0xffff:
			high, low := utf16.EncodeRune(r)
			out = fmt.Appendf(out, `\u%04x\u%04x`, high, low)
		default:
			out = fmt.Appendf(out, `\u%04x`, r)
		}
		text = text[size:]
	}
	s.rest = append([]byte(nil), text...)
	if _, err := s.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// acted tells what a terminal acts upon or hides: control characters (C0, DEL
// and C1, which many take for escape sequences also in UTF-8), marks of
// direction and of no width, separators of lines, tags, and what has no
// meaning that all share.
func acted(r rune) bool {
	return unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co)
}
