package main

import (
	"context"
	"fmt"
	"os"

	"golang.org/x/term"

	"rileva/internal/desk"
	"rileva/internal/tui/plain"
	surveysync "rileva/pkg/sync"
)

// face is what a person works with when no command is given: the form, or
// questions one by one where that was asked for or nothing else can be shown.
func (p *program) face(ctx context.Context) error {
	if p.plain || p.env("ACCESSIBLE") != "" || p.env("TERM") == "dumb" {
		return p.questions(ctx)
	}
	return p.form(ctx)
}

// questions runs the question-by-question mode, on a terminal or in a script.
func (p *program) questions(ctx context.Context) error {
	out := surveysync.NewScreen(p.bare) // lines are not broken: what is read aloud has no width
	opt := plain.Options{In: p.in, Out: out, Lang: p.lang}
	if in, ok := p.in.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		opt.Secret = func(prompt string) (string, error) {
			if _, err := fmt.Fprint(out, prompt); err != nil {
				return "", err
			}
			secret, err := term.ReadPassword(int(in.Fd()))
			fmt.Fprintln(out)
			return string(secret), err
		}
	}
	return p.with(func(d *desk.Desk) error { return plain.Run(ctx, d, opt) })
}
