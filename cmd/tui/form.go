package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	tea "charm.land/bubbletea/v2"
	"golang.org/x/term"

	"rileva/internal/desk"
	"rileva/internal/tui"
)

// preferences are what was chosen on this device, unless the call says
// otherwise.
func (p *program) preferences(d *desk.Desk) (lang string, looks desk.Looks) {
	lang, looks, err := d.Preferences()
	if err != nil || lang == "" || p.langGiven {
		lang = p.lang
	}
	d.Speak(lang)
	looks.ASCII = looks.ASCII || p.env("RILEVA_ASCII") != ""
	return lang, looks
}

// documents is the folder in which a person looks for files: the platform's own
// where it exists, else the home folder.
func documents() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return "."
	}
	for _, name := range []string{"Documenti", "Documents"} {
		dir := filepath.Join(home, name)
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			return dir
		}
	}
	return home
}

// keyboard is a terminal whose end is told. Where no signal comes with it, the
// form would run on for ever without a window, and the next one would be told
// that it is open already.
type keyboard struct {
	*os.File
	ended func()
}

func (k *keyboard) Read(p []byte) (int, error) {
	n, err := k.File.Read(p)
	if err != nil {
		k.ended()
	}
	return n, err
}

// form runs the full-screen form.
func (p *program) form(ctx context.Context) error {
	in, isFile := p.in.(*os.File)
	out, outFile := p.bare.(*os.File)
	if !isFile || !outFile || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) {
		return &usageError{p.words["no terminal form"], p.words["no terminal form hint"]}
	}
	return p.with(func(d *desk.Desk) error {
		lang, looks := p.preferences(d)
		app := tui.New(d, tui.Options{Lang: lang, Looks: looks, Documents: documents()})
		var prog *tea.Program
		end := func() { prog.Send(tui.Quit{}) }
		prog = tea.NewProgram(app, tea.WithInput(&keyboard{in, end}), tea.WithOutput(out), tea.WithoutSignalHandler())
		// A closed window or a signal saves what is being typed and ends.
		stop := context.AfterFunc(ctx, end)
		defer stop()
		_, err := prog.Run()
		if errors.Is(err, tea.ErrProgramPanic) {
			return err
		}
		// Any other error is of a terminal that has gone away, with or without a
		// signal: the work is done all the same.
		switch why := app.End(); {
		case why != "":
			fmt.Fprintf(p.err, "rileva: "+p.words["not saved"]+"\n", why)
		case ctx.Err() != nil:
			fmt.Fprintln(p.err, "rileva: "+p.words["form stopped"])
		}
		return nil
	})
}
