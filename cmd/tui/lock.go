package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/build"
	"rileva/internal/desk"
	"rileva/internal/drafts"
)

// passphraseTries is how often a person may mistype before the program ends;
// what a thief may do is bounded by the price of each try.
const passphraseTries = 3

// open opens the device's folder for one command. The passphrase of drafts
// that are locked comes from a file that the environment names, or is asked for.
func (p *program) open() (*desk.Desk, error) {
	home, err := p.home()
	if err != nil {
		return nil, err
	}
	server := p.server
	if server == "" {
		server = p.env("RILEVA_SERVER")
	}
	o := desk.Options{Version: build.Number, Lang: p.lang, Server: server, InsecureHTTP: p.env("RILEVA_INSECURE_HTTP") == "true", LockWork: p.lockWork}
	file := p.env("RILEVA_PASSPHRASE_FILE")
	if file != "" {
		raw, err := os.ReadFile(file)
		if err != nil {
			return nil, &usageError{fmt.Sprintf(p.words["no passphrase file"], file), p.words["no passphrase file hint"]}
		}
		o.Passphrase = strings.TrimRight(string(raw), "\r\n")
	}
	for try := 0; ; try++ {
		d, err := desk.Open(home, o)
		code := drafts.CodeOf(err)
		if code != drafts.CodeLocked && code != drafts.CodePassphrase || file != "" || try == passphraseTries {
			return d, err
		}
		if code == drafts.CodePassphrase {
			fmt.Fprintf(p.err, "rileva: %s\n", desk.Sentence(err, p.lang))
		}
		typed, asked := p.secrets(false, p.words["ask passphrase"])
		if asked != nil {
			return nil, err // no terminal to ask at
		}
		o.Passphrase = typed[0]
	}
}

// addLockCommand: `rileva lock` sets a passphrase or changes it.
func (p *program) addLockCommand(root *cobra.Command) {
	var remove, fromStdin bool
	lock := p.command("lock", 0, 0, func(*cobra.Command, []string) error {
		return p.with(func(d *desk.Desk) error {
			was, next := d.Locked(), ""
			if !remove {
				typed, err := p.secrets(fromStdin, p.words["ask new passphrase"], p.words["ask passphrase again"])
				switch {
				case err != nil:
					return err
				case typed[0] != typed[1] || typed[0] == "":
					return &usageError{p.words["passphrases differ"], p.words["passphrases differ hint"]}
				}
				next = typed[0]
			}
			if was || next != "" {
				if err := d.SetPassphrase(next); err != nil {
					return err
				}
			}
			said := p.words["lock set"]
			if next == "" {
				said = p.words["lock removed"]
			}
			return p.say(map[string]any{"locked": next != ""}, said)
		})
	})
	lock.Flags().BoolVar(&remove, "remove", false, p.words["flag remove"])
	lock.Flags().BoolVar(&fromStdin, "passphrase-stdin", false, p.words["flag passphrase-stdin"])
	root.AddCommand(lock)
}
