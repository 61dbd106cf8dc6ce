package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"rileva/internal/account"
	"rileva/internal/build"
	"rileva/internal/office"
	"rileva/internal/store/bolt"
	"rileva/internal/store/postgres"
	surveysync "rileva/pkg/sync"
)

const programName = "rileva-server"

// Exit codes (contract, section 7).
const (
	exitDone        = 0
	exitInternal    = 1
	exitUsage       = 2
	exitFindings    = 3
	exitConflict    = 4
	exitUnreachable = 5
	exitRefused     = 6
)

// environment is what a program takes from outside; tests bring their own.
type environment struct {
	out, err io.Writer
	getenv   func(string) string
	terminal bool // err is one: long work may draw its progress there
	screen   bool // out is one: numbers may be drawn as bars
	now      func() time.Time
	hasher   *account.Hasher
	random   io.Reader
	self     string // how the program was called, for commands that are shown
	// checkFile reads the store in a file; the program itself does so in a
	// process of its own.
	checkFile bolt.Checker
	mailRoots *x509.CertPool // who vouches for the mail server; nil for those of the computer
	width     func() int     // columns of the terminal that out is, 0 for none
}

func system() environment {
	return environment{checkFile: checkInChild, width: terminalWidth, out: os.Stdout, err: os.Stderr, getenv: os.Getenv, now: time.Now,
		terminal: isTerminal(os.Stderr), screen: isTerminal(os.Stdout),
		hasher: account.NewHasher(account.DefaultParams, rand.Reader), random: rand.Reader, self: os.Args[0]}
}

func isTerminal(f *os.File) bool {
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// program is one run of the command.
type program struct {
	trial string // folder for a store that is only tried on, where there is none: "" makes one that stays

	environment
	bare  io.Writer // err as it is, for a line that is drawn again
	words *words
	log   *slog.Logger

	Settings
	sources map[string]string // where each setting came from, by name

	// The other flags that every command has.
	json        bool
	config      string
	printConfig bool
}

// run is the whole program but for the end of the process.
func run(ctx context.Context, args []string, env environment) int {
	cobra.MousetrapHelpText = "" // on Windows it would speak English and wait
	lang, ok := language(args, env.getenv)
	bare := env.err
	env.out, env.err = surveysync.NewScreen(env.out), surveysync.NewScreen(env.err)
	p := &program{environment: env, bare: bare, words: wordsFor(lang), log: slog.New(slog.DiscardHandler), Settings: defaultSettings()}
	if !ok {
		return p.report(p.fail(exitUsage, "bad_lang"))
	}
	root := p.root()
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	return p.report(err)
}

// language is the one of --lang, else of the environment. It is needed before
// the flags are read, because the flags have words.
func language(args []string, getenv func(string) string) (lang string, ok bool) {
	for i, a := range args {
		value, found := strings.CutPrefix(a, "--lang=")
		if a == "--lang" && i+1 < len(args) {
			value, found = args[i+1], true
		}
		if a == "--" {
			break
		}
		if found {
			return value, value == "it" || value == "en"
		}
	}
	for _, name := range []string{"LC_ALL", "LC_MESSAGES", "LANG"} {
		v := getenv(name)
		// C and POSIX name no language; an outer LANG may still do.
		if v == "" || v == "C" || v == "POSIX" || strings.HasPrefix(v, "C.") {
			continue
		}
		if strings.HasPrefix(strings.ToLower(v), "en") {
			return "en", true
		}
		break
	}
	return "it", true
}

// failure is an error of the command line itself, ready to be shown.
type failure struct {
	exit          int
	message, hint string
	cause         error
}

func (f *failure) Error() string { return f.message }
func (f *failure) Unwrap() error { return f.cause }

// fail makes one of the words; its hint stands under the same key with ".hint".
func (p *program) fail(exit int, key string, args ...any) *failure {
	return &failure{exit: exit, message: p.say(key, args...), hint: p.sayOr(key+".hint", args...)}
}

func (f *failure) because(err error) *failure {
	f.cause = err
	return f
}

// exitOf gives the exit code of the office's refusals.
var exitOf = map[office.Kind]int{
	office.KindInternal: exitInternal, office.KindUsage: exitUsage, office.KindFindings: exitFindings,
	office.KindConflict: exitConflict, office.KindUnreachable: exitUnreachable, office.KindRefused: exitRefused,
}

// report prints an error and gives the exit code. Words of a library are for
// the log only.
func (p *program) report(err error) int {
	if err == nil || errors.Is(err, errShown) {
		return exitDone
	}
	var ours *failure
	var refused *office.Error
	exit, message, hint := exitInternal, p.say("internal"), p.say("internal.hint")
	switch {
	case errors.As(err, &ours):
		exit, message, hint = ours.exit, ours.message, ours.hint
	case errors.As(err, &refused):
		exit, message, hint = exitOf[refused.Kind], refused.Message.In(p.words.lang), refused.Hint.In(p.words.lang)
		if exit == exitDone {
			exit = exitInternal // a kind of a newer server
		}
	}
	p.log.Debug("command failed", "exit", exit, "error", err, "cause", errors.Unwrap(err))
	if message != "" {
		fmt.Fprintf(p.err, "%s: %s\n", programName, message)
	}
	if hint != "" {
		fmt.Fprintf(p.err, "%s: %s: %s\n", programName, p.say("hint"), hint)
	}
	return exit
}

// note tells something beside the data.
func (p *program) note(key string, args ...any) {
	if p.trial != "" && p.Data == p.trial {
		return
	}
	fmt.Fprintf(p.err, "%s: %s\n", programName, p.say(key, args...))
}

// print writes a reply: as one line of JSON, or in words.
func (p *program) print(reply any, inWords func(w io.Writer)) error {
	out := bufio.NewWriter(p.out) // it keeps the first error of many small writes
	if p.json {
		enc := json.NewEncoder(out)
		enc.SetEscapeHTML(false) // names hold ampersands
		if err := enc.Encode(reply); err != nil {
			return err
		}
	} else {
		inWords(out)
	}
	if err := out.Flush(); err != nil {
		return p.fail(exitInternal, "not_written").because(err)
	}
	return nil
}

// root builds the command tree.
func (p *program) root() *cobra.Command {
	root := p.command("", 0, -1, nil)
	root.Use = programName
	root.SilenceErrors, root.SilenceUsage = true, true
	root.CompletionOptions.DisableDefaultCmd = true
	root.SetOut(p.out)
	root.SetErr(p.err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error { return p.flagError(cmd, err) })
	root.SetHelpFunc(p.help)
	root.SetUsageFunc(func(cmd *cobra.Command) error { p.help(cmd, nil); return nil })
	root.Version = build.Line()
	root.SetVersionTemplate(programName + " {{.Version}}\n")

	flags := root.PersistentFlags()
	flags.StringVar(&p.config, "config", "", p.flag("config"))
	flags.BoolVar(&p.printConfig, "print-config", false, p.flag("print-config"))
	flags.StringVar(&p.Data, "data", p.Data, p.flag("data"))
	flags.StringVar(&p.Store, "store", "", p.flag("store"))
	flags.StringVar(&p.StorePasswordFile, "store-password-file", "", p.flag("store-password-file"))
	flags.StringVar(&p.LogKey, "log-key", p.LogKey, p.flag("log-key"))
	flags.BoolVar(&p.NetworkFolder, "network-folder", false, p.flag("network-folder"))
	flags.BoolVar(&p.json, "json", false, p.flag("json"))
	flags.String("lang", p.words.lang, p.flag("lang"))
	flags.StringVar(&p.LogLevel, "log-level", p.LogLevel, p.flag("log-level"))
	flags.BoolP("help", "h", false, p.flag("help"))
	root.Flags().Bool("version", false, p.flag("version"))
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error {
		if err := p.settle(cmd.Flags()); err != nil {
			return err
		}
		if cmd.Name() == "serve" && p.sources["log-level"] == "" {
			// What went wrong inside the server leaves no line in the sync log,
			// because nothing could be stored; it has to stand somewhere.
			p.LogLevel = "error"
		}
		err := p.setUp()
		if err == nil && p.printConfig {
			if err = p.showSettings(); err == nil {
				err = errShown
			}
		}
		return err
	}

	root.AddCommand(p.serveCommand(), p.demoCommand(), p.institutionsCommand(), p.credentialsCommand(),
		p.surveyCommand(), p.statusCommand(), p.missingCommand(), p.remindCommand(), p.showCommand(), p.historyCommand(), p.conflictsCommand(),
		p.outliersCommand(), p.explanationsCommand(), p.returnCommand(), p.approveCommand(), p.messageCommand(), p.noteCommand(), p.exportCommand(), p.forgetCommand(), p.logCommand(), p.checkCommand(),
		p.backupCommand(), p.restoreCommand(), p.storeCommand(), checkFileCommand(p))
	help := p.command("help", 0, -1, func(cmd *cobra.Command, args []string) error {
		found, rest, err := root.Find(args)
		if err != nil || len(rest) > 0 {
			return p.unknownCommand(root, args)
		}
		p.help(found, nil)
		return nil
	})
	root.SetHelpCommand(help)
	return root
}

// setUp judges the flags that every command has.
func (p *program) setUp() error {
	levels := map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError}
	level, ok := levels[p.LogLevel]
	switch {
	case ok:
		p.log = slog.New(slog.NewTextHandler(p.err, &slog.HandlerOptions{Level: level}))
	case p.LogLevel != "off":
		return p.fail(exitUsage, "bad_log_level", p.LogLevel)
	}
	switch {
	case p.Data == "":
		return p.fail(exitUsage, "no_data")
	case p.Store != "" && !isDatabase(p.Store):
		return p.fail(exitUsage, "store_address", p.Store)
	case p.sources["store"] == "--store" && postgres.HasPassword(p.Store):
		return p.fail(exitUsage, "store_password_shown")
	}
	return nil
}

// command makes one command: its words, and how many arguments it takes; most
// < 0 is any number. Without do it is a group.
func (p *program) command(path string, least, most int, do func(cmd *cobra.Command, args []string) error) *cobra.Command {
	h, ok := p.words.help[path]
	if !ok {
		panic("no words for the command " + path) // a test builds the tree in every language
	}
	name := path[strings.LastIndexByte(path, ' ')+1:]
	cmd := &cobra.Command{Use: strings.TrimSpace(name + " " + h.args), Short: h.short, Long: h.long}
	if do == nil {
		cmd.Args = cobra.ArbitraryArgs
		cmd.RunE = func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return p.unknownCommand(cmd, args)
			}
			p.help(cmd, nil)
			return nil
		}
		return cmd
	}
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		switch {
		case len(args) < least:
			return p.fail(exitUsage, "missing_argument", p.useLine(cmd))
		case most >= 0 && len(args) > most:
			return p.fail(exitUsage, "extra_argument", args[most], cmd.CommandPath())
		}
		return nil
	}
	cmd.RunE = do
	return cmd
}

func (p *program) unknownCommand(cmd *cobra.Command, args []string) error {
	typed := strings.Join(args, " ")
	f := p.fail(exitUsage, "unknown_command", typed, cmd.CommandPath())
	if close := cmd.SuggestionsFor(args[0]); len(close) > 0 {
		f.hint = p.say("did_you_mean", cmd.CommandPath()+" "+close[0])
	}
	return f
}

// flagError says in our words what is wrong with a flag.
func (p *program) flagError(cmd *cobra.Command, err error) error {
	var (
		unknown *pflag.NotExistError
		noValue *pflag.ValueRequiredError
		invalid *pflag.InvalidValueError
		syntax  *pflag.InvalidSyntaxError
	)
	dashed := func(name string) string {
		if len(name) == 1 {
			return "-" + name
		}
		return "--" + name
	}
	path := cmd.CommandPath()
	switch {
	case errors.As(err, &unknown):
		return p.fail(exitUsage, "unknown_flag", dashed(unknown.GetSpecifiedName()), path).because(err)
	case errors.As(err, &noValue):
		return p.fail(exitUsage, "flag_needs_value", dashed(noValue.GetSpecifiedName()), path).because(err)
	case errors.As(err, &invalid):
		return p.fail(exitUsage, "flag_bad_value", invalid.GetValue(), "--"+invalid.GetFlag().Name, path).because(err)
	case errors.As(err, &syntax):
		return p.fail(exitUsage, "unknown_flag", syntax.GetSpecifiedFlag(), path).because(err)
	}
	return p.fail(exitUsage, "flag_wrong", path).because(err)
}

// say gives a sentence with what comes from outside made visible.
func (p *program) say(key string, args ...any) string {
	s, ok := p.words.say[key]
	if !ok {
		panic("no words for " + key) // a test looks every key up
	}
	return fill(s, args)
}

// sayOr is say where a sentence may be missing.
func (p *program) sayOr(key string, args ...any) string {
	return fill(p.words.say[key], args)
}

func fill(s string, args []any) string {
	if !strings.Contains(s, "%") {
		return s
	}
	safe := slices.Clone(args)
	for i, a := range safe {
		if text, ok := a.(string); ok {
			safe[i] = surveysync.Visible(text)
		}
	}
	return fmt.Sprintf(s, safe...)
}
