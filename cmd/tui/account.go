package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

func (p *program) addAccountCommands(root *cobra.Command) {
	var code string
	var fromStdin bool
	login := p.command("login", 0, 0, func(cmd *cobra.Command, _ []string) error {
		if code == "" {
			return &usageError{p.words["code needed"], p.words["code needed hint"]}
		}
		return p.with(func(d *desk.Desk) error { return p.login(cmd.Context(), d, code, fromStdin) })
	})
	login.Flags().StringVar(&code, "code", "", p.words["flag code"])
	login.Flags().BoolVar(&fromStdin, "password-stdin", false, p.words["flag password-stdin"])

	password := p.command("password", 0, 0, func(cmd *cobra.Command, _ []string) error {
		return p.with(func(d *desk.Desk) error {
			secrets, err := p.secrets(fromStdin, p.words["ask current"], p.words["ask new"])
			if err != nil {
				return err
			}
			if err := d.ChangePassword(cmd.Context(), secrets[0], secrets[1]); err != nil {
				return err
			}
			return p.say(map[string]any{"changed": true}, p.words["password changed"])
		})
	})
	password.Flags().BoolVar(&fromStdin, "password-stdin", false, p.words["flag password-stdin2"])

	logout := p.command("logout", 0, 0, func(cmd *cobra.Command, _ []string) error {
		return p.with(func(d *desk.Desk) error {
			if err := d.SignOut(cmd.Context()); err != nil {
				return err
			}
			return p.say(map[string]any{"signed_out": true}, p.words["signed out"])
		})
	})
	root.AddCommand(login, logout, password)
}

// login signs in; a one-time password is changed in the same go when a second
// line (or a person at a terminal) gives the new one.
func (p *program) login(ctx context.Context, d *desk.Desk, code string, fromStdin bool) error {
	asks := []string{p.words["ask password"]}
	if fromStdin {
		asks = append(asks, "")
	}
	secrets, err := p.secrets(fromStdin, asks...)
	if err != nil {
		return err
	}
	account, err := d.SignIn(ctx, "", code, secrets[0])
	if err != nil {
		return err
	}
	if account.MustChange {
		next := ""
		if fromStdin {
			next = secrets[1]
		} else if more, err := p.secrets(false, p.words["ask new"]); err == nil {
			next = more[0]
		}
		if next == "" {
			p.code = exitRefused
			return p.welcome(d, account, fmt.Sprintf(p.words["must change"], account.Code))
		}
		if err := d.ChangePassword(ctx, secrets[0], next); err != nil {
			return err
		}
		account.MustChange = false
	}
	return p.welcome(d, account, fmt.Sprintf(p.words["signed in"], account.Code, surveysync.Visible(account.Name)))
}

// welcome says who is signed in and, on a computer that several schools use,
// whose work still waits here.
func (p *program) welcome(d *desk.Desk, account desk.Account, sentence string) error {
	elsewhere, err := d.Elsewhere()
	if err != nil {
		return err
	}
	if p.asJSON {
		return p.json(struct {
			desk.Account
			Elsewhere []desk.Elsewhere `json:"unsent_elsewhere"`
		}{account, elsewhere})
	}
	fmt.Fprintln(p.out, sentence)
	for _, e := range elsewhere {
		fmt.Fprintf(p.out, p.words["elsewhere"]+"\n", e.Code, surveysync.Visible(e.Name), strings.Join(e.Parts, ", "))
	}
	p.printSkew(d.Skew())
	return nil
}

// secrets asks for passwords at the terminal without showing them, or reads
// them from standard input, one a line. A line that is missing is "".
func (p *program) secrets(fromStdin bool, asks ...string) ([]string, error) {
	file, isFile := p.in.(*os.File)
	if fromStdin || !isFile || !term.IsTerminal(int(file.Fd())) {
		if !fromStdin {
			return nil, &usageError{p.words["no terminal"], p.words["no terminal hint"]}
		}
		return readLines(p.in, len(asks))
	}
	var out []string
	for _, ask := range asks {
		fmt.Fprintf(p.err, "%s: ", ask)
		secret, err := term.ReadPassword(int(file.Fd()))
		fmt.Fprintln(p.err)
		if err != nil {
			return nil, &usageError{p.words["no terminal"], p.words["no terminal hint"]}
		}
		out = append(out, string(secret))
	}
	return out, nil
}

func readLines(r io.Reader, n int) ([]string, error) {
	out := make([]string, n)
	b := bufio.NewReader(io.LimitReader(r, 4096))
	for i := range out {
		line, err := b.ReadString('\n')
		out[i] = strings.TrimRight(line, "\r\n")
		if err != nil && !errors.Is(err, io.EOF) {
			return nil, err
		}
	}
	return out, nil
}
