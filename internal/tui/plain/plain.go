// Package plain does the whole job of the form question by question, on
// standard input and output: for screen readers, for slow lines, for scripts.
// Nothing depends on a cursor, on colours or on the size of a window, and no
// control sequence is written.
//
// It asks the same questions of the same draft as the form and sends in the
// same way, because both call internal/desk. It may import what the form may.
// Start reading at [Run]: the parts are chosen in menu.go, answered in part.go
// and row.go, sent in send.go.
package plain

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/charmbracelet/x/ansi"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

// Options say with whom the program talks.
type Options struct {
	In   io.Reader
	Out  io.Writer
	Lang string
	// Secret asks for a password without showing it; nil reads a line of In.
	Secret func(prompt string) (string, error)
}

// width is that of a line; a screen reader reads shorter ones better.
const width = 78

// errLeave ends the program: the person asked for it, the input has ended, or
// the system wants the program to stop. Everything is saved by then.
var errLeave = errors.New("leave")

// session is one conversation.
type session struct {
	ctx    context.Context
	desk   *desk.Desk
	in     *reader
	out    *bufio.Writer
	secret func(string) (string, error)
	lang   string
	words  map[string]string
	failed error // of writing
}

// Run talks until the person leaves, the input ends or ctx does. Its error is
// of the device or of the output: what a person can mend is said and asked
// again.
func Run(ctx context.Context, d *desk.Desk, opt Options) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	s := &session{ctx: ctx, desk: d, in: newReader(ctx, opt.In), out: bufio.NewWriter(opt.Out), secret: opt.Secret,
		lang: opt.Lang, words: wordsFor(opt.Lang)}
	s.say("welcome")
	err := s.signIn()
	if err == nil {
		err = s.menu()
	}
	if errors.Is(err, errLeave) {
		s.say("bye")
		err = nil
	}
	return errors.Join(err, s.out.Flush(), s.failed)
}

// reader reads lines in a goroutine of its own, so that a signal ends the
// program while it waits for one. It reads only when asked: a password is read
// from the same terminal by somebody else.
type reader struct {
	wanted chan struct{}
	lines  chan string // closed at the end of input
}

func newReader(ctx context.Context, in io.Reader) *reader {
	r := &reader{wanted: make(chan struct{}), lines: make(chan string)}
	go func() {
		defer close(r.lines)
		scan := bufio.NewScanner(in)
		scan.Buffer(nil, 1<<20)
		for {
			select {
			case <-r.wanted:
			case <-ctx.Done():
				return
			}
			if !scan.Scan() {
				return
			}
			select {
			case r.lines <- strings.TrimRight(scan.Text(), "\r"):
			case <-ctx.Done():
				return
			}
		}
	}()
	return r
}

// next waits for a line; ok is false at the end of input.
func (r *reader) next(ctx context.Context) (line string, ok bool) {
	select {
	case r.wanted <- struct{}{}:
	case <-r.lines: // closed
		return "", false
	case <-ctx.Done():
		return "", false
	}
	select {
	case line, ok = <-r.lines:
		return line, ok
	case <-ctx.Done():
		return "", false
	}
}

// ask prints a prompt and reads a line. Its only error is errLeave.
func (s *session) ask(prompt string) (string, error) {
	s.write(prompt + "> ")
	s.failed = errors.Join(s.failed, s.out.Flush())
	line, ok := s.in.next(s.ctx)
	if !ok || s.failed != nil {
		s.write("\n")
		if s.ctx.Err() == nil {
			s.say("end_of_input")
		}
		return "", errLeave
	}
	return strings.TrimSpace(line), nil
}

// password asks for what must not be seen.
func (s *session) password(prompt string) (string, error) {
	if s.secret == nil {
		return s.ask(prompt)
	}
	s.failed = errors.Join(s.failed, s.out.Flush())
	secret, err := s.secret(prompt + "> ")
	if err != nil {
		return "", errLeave
	}
	return secret, nil
}

// yes asks until the answer is yes or no.
func (s *session) yes(prompt string) (bool, error) {
	for {
		line, err := s.ask(prompt + " " + s.words["yes_no"])
		if err != nil {
			return false, err
		}
		switch strings.ToLower(line) {
		case "s", "si", "sì", "y", "yes":
			return true, nil
		case "n", "no":
			return false, nil
		}
		s.say("say_yes_no")
	}
}

// say prints a sentence of the words.
func (s *session) say(key string, args ...any) {
	safe := slices.Clone(args)
	for i, a := range safe {
		if text, ok := a.(string); ok { // a line end in a school's name would begin a line of its own
			safe[i] = surveysync.Visible(text)
		}
	}
	s.print(fmt.Sprintf(s.words[key], safe...))
}

// print prints text in lines that fit, with what could act on a terminal made
// visible.
func (s *session) print(text string) {
	for line := range strings.SplitSeq(text, "\n") {
		s.write(wrap(surveysync.Visible(line)) + "\n")
	}
}

// wrap breaks a line between words only: a code is copied whole.
func wrap(line string) string {
	indent := line[:len(line)-len(strings.TrimLeft(line, " "))]
	var b strings.Builder
	column := 0
	for i, word := range strings.Fields(line) {
		n := ansi.StringWidth(word)
		switch {
		case i == 0:
			b.WriteString(indent)
			column = len(indent)
		case column+1+n > width:
			b.WriteString("\n" + indent)
			column = len(indent)
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}

func (s *session) write(text string) {
	if _, err := s.out.WriteString(text); err != nil {
		s.failed = errors.Join(s.failed, err)
	}
}

// refused says what went wrong and what to do.
func (s *session) refused(err error) {
	s.print(desk.Sentence(err, s.lang))
	if hint := desk.Hint(err, s.lang); hint != "" {
		s.print(hint)
	}
}
