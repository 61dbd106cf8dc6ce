package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rileva/internal/build"
	"rileva/internal/desk"
	"rileva/internal/drafts"
	surveysync "rileva/pkg/sync"
)

// The exit codes of both programs (contract, section 7).
const (
	exitDone     = 0
	exitInternal = 1
	exitUsage    = 2
	exitFindings = 3
	exitConflict = 4
	exitOffline  = 5
	exitRefused  = 6
	exitClosed   = 7
)

type streams struct {
	in       io.Reader
	out, err io.Writer
	lockWork int // the price of trying a passphrase; 0 outside tests
}

// printed are streams that pass what a person may read and nothing that a
// terminal acts upon.
func (s streams) printed() streams {
	s.out, s.err = surveysync.NewScreen(fold(s.out)), surveysync.NewScreen(fold(s.err))
	return s
}

// program is one call of rileva.
type program struct {
	streams
	bare  io.Writer // out as it is, for the form and for whole files
	env   func(string) string
	words map[string]string
	lang  string

	langGiven bool // by the call, and not by the environment

	server string
	asJSON bool
	plain  bool
	code   int // the exit code of a command that did its work and has bad news
}

// usageError is a mistake in the words of the call.
type usageError struct{ sentence, hint string }

func (e *usageError) Error() string { return e.sentence }

// run does one call and gives its exit code; nothing below it exits.
func run(ctx context.Context, args []string, s streams, env func(string) string) int {
	p := &program{streams: s.printed(), bare: s.out, env: env, lang: language(args, env)}
	p.langGiven = slices.ContainsFunc(args, func(a string) bool { return a == "--lang" || strings.HasPrefix(a, "--lang=") })
	p.words = commandWords[p.lang]
	root := newRoot(p)
	root.SetArgs(args)
	root.SetIn(p.in)
	root.SetOut(p.out)
	root.SetErr(p.err)
	if err := root.ExecuteContext(ctx); err != nil {
		return p.fail(err)
	}
	return p.code
}

// language is that of --lang, else of the environment; Italian is the default.
func language(args []string, env func(string) string) string {
	for i, a := range args {
		if v, ok := strings.CutPrefix(a, "--lang="); ok {
			return known(v)
		}
		if a == "--lang" && i+1 < len(args) {
			return known(args[i+1])
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		if v := env(name); v != "" {
			return known(v)
		}
	}
	return "it"
}

func known(lang string) string {
	if strings.HasPrefix(strings.ToLower(lang), "en") {
		return "en"
	}
	return "it"
}

// fail says what went wrong and what to do, and gives the exit code.
func (p *program) fail(err error) int {
	sentence, hint := desk.Sentence(err, p.lang), desk.Hint(err, p.lang)
	code := exitOf(err)
	var usage *usageError
	if errors.As(err, &usage) {
		sentence, hint, code = usage.sentence, usage.hint, exitUsage
	}
	fmt.Fprintf(p.err, "rileva: %s\n", sentence)
	if hint != "" {
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], hint)
	}
	return code
}

// exitOf turns an error into an exit code; the one place that does.
func exitOf(err error) int {
	var blocked *desk.Blocked
	var problem *surveysync.Problem
	var net *surveysync.NetError
	var mine *desk.Error
	switch {
	case errors.As(err, &blocked):
		return exitFindings
	case errors.As(err, &net):
		return exitOffline
	case errors.As(err, &problem):
		return exitOfCode(problem.Code)
	case errors.As(err, &mine):
		switch mine.Code {
		case "not_signed_in", "other_owner", "must_change", "exam_stuck", "owed", "owed_questionnaire":
			return exitRefused
		case "part_locked":
			return exitFindings
		case "internal":
			return exitInternal
		case "no_questionnaire", "queue_pending", "exam_queued":
			return exitOffline
		case "server_lacks", "receipt_fails", "draft_in_the_way", "draft_older":
			return exitConflict
		}
		return exitUsage
	}
	return exitOfDrafts(drafts.CodeOf(err))
}

// exitOfDrafts: what another folder or another window mends is a matter of how
// the program was called; a disk that fails is not.
func exitOfDrafts(code string) int {
	switch code {
	case drafts.CodeOpenElsewhere, drafts.CodeNewer, drafts.CodeNotADatabase, drafts.CodeReadOnly, drafts.CodeNotAFolder, drafts.CodeNoFolder, drafts.CodeShortPassphrase:
		return exitUsage
	case drafts.CodeOtherInstitution, drafts.CodeNotSignedIn, drafts.CodeLocked, drafts.CodePassphrase:
		return exitRefused
	case drafts.CodePendingUnknown:
		return exitOffline
	case drafts.CodeBase:
		return exitConflict
	}
	return exitInternal
}

func exitOfCode(code surveysync.Code) int {
	switch code {
	case surveysync.AnswersRejected:
		return exitFindings
	case surveysync.RevisionConflict:
		return exitConflict
	case surveysync.SurveyClosed, surveysync.SurveyNotOpen:
		return exitClosed
	case surveysync.Internal, surveysync.Unavailable, surveysync.RateLimited:
		return exitOffline
	}
	return exitRefused
}

func newRoot(p *program) *cobra.Command {
	root := &cobra.Command{
		Use: "rileva", Short: p.words["short"], Long: p.words["long"],
		SilenceErrors: true, SilenceUsage: true, DisableFlagsInUseLine: true, Version: build.Line(),
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.unknownCommand(args[0])
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return p.face(cmd.Context()) },
	}
	root.CompletionOptions.DisableDefaultCmd = true // it speaks English only
	root.PersistentFlags().StringVar(&p.server, "server", "", p.words["flag server"])
	root.PersistentFlags().String("lang", p.lang, p.words["flag lang"])
	root.PersistentFlags().BoolVar(&p.asJSON, "json", false, p.words["flag json"])
	root.Flags().BoolVar(&p.plain, "plain", false, p.words["flag plain"])
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return p.badFlag(err) })
	root.SetUsageTemplate(p.words["usage template"])
	root.SetHelpTemplate("{{with (or .Long .Short)}}{{.}}\n\n{{end}}{{.UsageString}}")
	root.SetVersionTemplate("rileva {{.Version}}\n")
	root.SetHelpCommand(p.helpCommand())
	root.InitDefaultVersionFlag()
	p.addAccountCommands(root)
	p.addWorkCommands(root)
	p.addReceiptCommands(root)
	p.addAttemptCommands(root)
	p.addDraftCommands(root)
	p.addSettingsCommand(root)
	p.addConflictCommands(root)
	p.addLockCommand(root)
	p.translate(root)
	return root
}

// command makes one command: its words stand in the table under its name.
func (p *program) command(name string, least, most int, run func(cmd *cobra.Command, args []string) error) *cobra.Command {
	last := name[strings.LastIndexByte(name, ' ')+1:]
	usage := strings.TrimSpace(p.words["use "+name])
	c := &cobra.Command{Use: strings.TrimSpace(last + " " + usage), Short: p.words[name], DisableFlagsInUseLine: true, RunE: run,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) < least || len(args) > most {
				return p.badUse(name)
			}
			return nil
		}}
	if long := p.words["long "+name]; long != "" {
		c.Long = long
	}
	return c
}

// badUse says how a command is written.
func (p *program) badUse(name string) error {
	return &usageError{fmt.Sprintf(p.words["bad args"], strings.TrimSpace(name+" "+p.words["use "+name])), p.words["see help"]}
}

// helpCommand shows the help of the command that is named.
func (p *program) helpCommand() *cobra.Command {
	return &cobra.Command{Use: "help", Hidden: true, RunE: func(cmd *cobra.Command, args []string) error {
		target, rest, err := cmd.Root().Find(args)
		if err != nil || len(rest) > 0 {
			return p.unknownCommand(strings.Join(args, " "))
		}
		return target.Help()
	}}
}

func (p *program) unknownCommand(name string) error {
	return &usageError{fmt.Sprintf(p.words["unknown command"], surveysync.Visible(name)), p.words["see help"]}
}

// translate replaces what cobra itself writes into the help of every command.
func (p *program) translate(c *cobra.Command) {
	c.InitDefaultHelpFlag()
	for name, word := range map[string]string{"help": "flag help", "version": "flag version"} {
		if f := c.Flags().Lookup(name); f != nil {
			f.Usage = p.words[word]
		}
	}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "string" {
			f.DefValue = "" // "(default …)" is English; the words say what holds otherwise
		}
	})
	c.PersistentFlags().VisitAll(func(f *pflag.Flag) {
		if f.Value.Type() == "string" {
			f.DefValue = ""
		}
	})
	for _, sub := range c.Commands() {
		p.translate(sub)
	}
}

// badFlag says in our own words what pflag found wrong.
func (p *program) badFlag(err error) error {
	var missing *pflag.ValueRequiredError
	var invalid *pflag.InvalidValueError
	var unknown *pflag.NotExistError
	var syntax *pflag.InvalidSyntaxError
	sentence := p.words["bad flags"]
	switch {
	case errors.As(err, &missing):
		sentence = fmt.Sprintf(p.words["flag value"], "--"+missing.GetFlag().Name)
	case errors.As(err, &invalid):
		sentence = fmt.Sprintf(p.words["flag invalid"], surveysync.Visible(invalid.GetValue()), "--"+invalid.GetFlag().Name)
	case errors.As(err, &unknown) && unknown.GetSpecifiedShortnames() != "":
		sentence = fmt.Sprintf(p.words["bad flag"], "-"+surveysync.Visible(unknown.GetSpecifiedName()))
	case errors.As(err, &unknown):
		sentence = fmt.Sprintf(p.words["bad flag"], "--"+surveysync.Visible(unknown.GetSpecifiedName()))
	case errors.As(err, &syntax):
		sentence = fmt.Sprintf(p.words["bad flag"], surveysync.Visible(syntax.GetSpecifiedFlag()))
	}
	return &usageError{sentence, p.words["see help"]}
}

// with opens the desk, does f and closes it again.
func (p *program) with(f func(*desk.Desk) error) (err error) {
	d, err := p.open()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, d.Close()) }()
	return f(d)
}

// noteServer says that another server was asked for than the one that the
// session is of.
func (p *program) noteServer(d *desk.Desk) {
	if server := d.SignedInAt(); server != "" {
		fmt.Fprintf(p.err, "rileva: "+p.words["signed in at"]+"\n", server)
	}
}

// home is where the device keeps everything: RILEVA_HOME, else the platform's
// folder for a program's data.
func (p *program) home() (string, error) {
	if h := p.env("RILEVA_HOME"); h != "" {
		return h, nil
	}
	switch runtime.GOOS {
	case "windows":
		if h := p.env("LOCALAPPDATA"); h != "" {
			return filepath.Join(h, "Rileva"), nil
		}
	case "darwin":
		if h, err := os.UserHomeDir(); err == nil {
			return filepath.Join(h, "Library", "Application Support", "Rileva"), nil
		}
	}
	if h := p.env("XDG_DATA_HOME"); filepath.IsAbs(h) {
		return filepath.Join(h, "rileva"), nil
	}
	h, err := os.UserHomeDir()
	if err != nil {
		return "", &usageError{p.words["no home"], p.words["no home hint"]}
	}
	return filepath.Join(h, ".local", "share", "rileva"), nil
}
