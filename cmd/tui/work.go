package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	"rileva/internal/desk"
	"rileva/internal/tui"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) addWorkCommands(root *cobra.Command) {
	root.AddCommand(
		&cobra.Command{Use: "status", Short: p.words["status"], Args: p.atMost(0, "status"),
			RunE: func(*cobra.Command, []string) error { return p.with(p.status) }},
		p.fillCommand(),
		&cobra.Command{Use: "check [PART]", Short: p.words["check"], Args: p.atMost(1, "check [PART]"),
			RunE: func(_ *cobra.Command, args []string) error {
				return p.with(func(d *desk.Desk) error { return p.check(d, args) })
			}},
		p.explainCommand(),
		p.submitCommand(),
		&cobra.Command{Use: "sync", Short: p.words["sync"], Args: p.atMost(0, "sync"),
			RunE: func(cmd *cobra.Command, _ []string) error {
				return p.with(func(d *desk.Desk) error { return p.sync(cmd.Context(), d) })
			}},
	)
}

func (p *program) status(d *desk.Desk) error {
	o, err := d.Overview()
	if err != nil {
		return err
	}
	if p.asJSON {
		return p.json(o)
	}
	fmt.Fprintf(p.out, "%s  %s\n", o.Institution.Code, o.Institution.Name)
	fmt.Fprintf(p.out, p.words["status dates"]+"\n", o.Survey.SchoolYear, o.Survey.Due.Local().Format("02/01/2006 15:04"), o.Survey.LateUntil.Local().Format("02/01/2006 15:04"))
	w := tabwriter.NewWriter(p.out, 2, 2, 2, ' ', 0)
	fmt.Fprintln(w, p.words["status head"])
	for _, part := range o.Parts {
		state := p.words["state "+part.State]
		if part.Locked {
			state = p.words["state locked"]
		}
		if part.Detail != "" {
			state += " (" + part.Detail + ")"
		}
		fmt.Fprintf(w, "%s\t%s\t%d%%\t%d\t%d\t%d\n", part.Part, state, part.Percent, part.Progress.Hard, part.Progress.Explain, part.Revision)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, f := range o.Across {
		fmt.Fprintf(p.out, "%s %s: %s\n", mark(f), f.Check, surveysync.Visible(f.Message))
	}
	for _, m := range o.Messages {
		fmt.Fprintf(p.out, "%s %s: %s\n", p.words["office says"], m.At.Local().Format("02/01/2006 15:04"), surveysync.Visible(m.Text))
	}
	fmt.Fprintf(p.out, p.words["status foot"]+"\n", o.Unsent, o.Receipts, moment(o.LastContact))
	return nil
}

func mark(f survey.Finding) string {
	switch {
	case f.Severity == survey.Hard:
		return "!"
	case f.Blocks():
		return "?"
	}
	return "."
}

func moment(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.Local().Format("02/01/2006 15:04")
}

func (p *program) fillCommand() *cobra.Command {
	var from string
	var partial bool
	c := &cobra.Command{Use: "fill PART --from FILE", Short: p.words["fill"], Args: p.exactly(1, "fill PART --from FILE [--partial]"),
		RunE: func(_ *cobra.Command, args []string) error {
			if from == "" {
				return &usageError{p.words["from needed"], p.words["from needed hint"]}
			}
			raw, err := p.readFile(from, desk.MaxFill)
			if err != nil {
				return err
			}
			return p.with(func(d *desk.Desk) error { return p.fill(d, args[0], from, raw, partial) })
		}}
	c.Flags().StringVar(&from, "from", "", p.words["flag from"])
	c.Flags().BoolVar(&partial, "partial", false, p.words["flag partial"])
	return c
}

func (p *program) fill(d *desk.Desk, part, from string, raw []byte, partial bool) error {
	report, err := d.Fill(part, from, raw, partial)
	if err != nil {
		return err
	}
	if len(report.Faults) > 0 {
		p.code = exitUsage
	}
	if p.asJSON {
		return p.json(report)
	}
	for _, f := range report.Faults {
		fmt.Fprintf(p.err, "%s:%d: %s: %s\n", from, f.Line, surveysync.Visible(f.Variable), surveysync.Visible(f.Message))
	}
	switch {
	case len(report.Faults) > 0 && !partial:
		fmt.Fprintf(p.err, "rileva: "+p.words["fill nothing"]+"\n", len(report.Faults))
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], p.words["fill nothing hint"])
	default:
		fmt.Fprintf(p.out, p.words["fill taken"]+"\n", report.Taken, part, report.Blank, len(report.Faults))
	}
	return nil
}

// readFile reads a file that a person named, or says what is wrong with it in
// words; "-" is standard input.
func (p *program) readFile(name string, most int64) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(io.LimitReader(p.in, most+1))
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, &usageError{fmt.Sprintf(p.words["no file"], name), p.words["no file hint"]}
	case errors.Is(err, fs.ErrPermission):
		return nil, &usageError{fmt.Sprintf(p.words["file locked"], name), p.words["file locked hint"]}
	case err != nil:
		return nil, &usageError{fmt.Sprintf(p.words["no file"], name), p.words["no file hint"]}
	case info.IsDir():
		return nil, &usageError{fmt.Sprintf(p.words["is folder"], name), p.words["is folder hint"]}
	case info.Size() > most:
		return nil, &usageError{fmt.Sprintf(p.words["file big"], name), p.words["file big hint"]}
	}
	raw, err := os.ReadFile(name)
	if err != nil {
		return nil, &usageError{fmt.Sprintf(p.words["file locked"], name), p.words["file locked hint"]}
	}
	return raw, nil
}

// check prints the findings of one part, or of all that can be filled in with
// those across the parts.
func (p *program) check(d *desk.Desk, args []string) error {
	var findings []survey.Finding
	parts := args
	if len(args) == 0 {
		o, err := d.Overview()
		if err != nil {
			return err
		}
		for _, line := range o.Parts {
			if !line.Locked {
				parts = append(parts, line.Part)
			}
		}
		findings = o.Across
	}
	for _, part := range parts {
		found, err := d.Findings(part)
		if err != nil {
			return err
		}
		findings = append(found, findings...)
	}
	if len(survey.Blocking(findings)) > 0 {
		p.code = exitFindings
	}
	if p.asJSON {
		if findings == nil {
			findings = []survey.Finding{}
		}
		return p.json(findings)
	}
	p.printFindings(findings)
	if len(findings) == 0 {
		fmt.Fprintln(p.out, p.words["check clean"])
	}
	return nil
}

func (p *program) printFindings(findings []survey.Finding) {
	for _, f := range findings {
		where := f.Part
		if len(f.Variables) > 0 {
			where += " " + f.Variables[0]
			if n := len(f.Variables) - 1; n > 0 {
				where += fmt.Sprintf(" (+%d)", n)
			}
		}
		word := p.words["severity "+string(f.Severity)]
		if f.Explained {
			word = p.words["explained"]
		}
		fmt.Fprintf(p.out, "%s %s %s [%s] %s\n", mark(f), f.Check, word, strings.TrimSpace(surveysync.Visible(where)), surveysync.Visible(f.Message))
	}
}

func (p *program) explainCommand() *cobra.Command {
	var text, reason string
	c := &cobra.Command{Use: "explain PART CHECK --text T", Short: p.words["explain"], Args: p.exactly(2, "explain PART CHECK --text T [--reason R]"),
		RunE: func(_ *cobra.Command, args []string) error {
			return p.with(func(d *desk.Desk) error {
				if err := d.ExplainCheck(args[0], args[1], reason, text); err != nil {
					return err
				}
				return p.say(map[string]any{"part": args[0], "check": args[1], "explained": true}, fmt.Sprintf(p.words["explain done"], args[1]))
			})
		}}
	c.Flags().StringVar(&text, "text", "", p.words["flag text"])
	c.Flags().StringVar(&reason, "reason", "other", p.words["flag reason"])
	return c
}

func (p *program) submitCommand() *cobra.Command {
	var all, declare bool
	var withdraw []string
	c := &cobra.Command{Use: "submit PART… | --all", Short: p.words["submit"],
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && !all || len(args) > 0 && all {
				return &usageError{fmt.Sprintf(p.words["bad args"], "submit PART… | --all"), p.words["see help"]}
			}
			return p.with(func(d *desk.Desk) error {
				return p.submit(cmd.Context(), d, args, desk.SubmitOptions{Declared: declare, Withdraw: withdraw})
			})
		}}
	c.Flags().BoolVar(&all, "all", false, p.words["flag all"])
	c.Flags().BoolVar(&declare, "declare", false, p.words["flag declare"])
	c.Flags().StringSliceVar(&withdraw, "withdraw", nil, p.words["flag withdraw"])
	return c
}

// submit queues the parts and tries at once. What was sent already and not
// changed since is left alone: the same receipt stays.
func (p *program) submit(ctx context.Context, d *desk.Desk, parts []string, opt desk.SubmitOptions) error {
	if len(parts) == 0 {
		ready, err := d.Ready()
		if err != nil {
			return err
		}
		parts = ready
	}
	out := submitted{Receipts: []surveysync.Receipt{}, Blocked: map[string][]survey.Finding{}}
	for _, part := range parts {
		receipt, same, err := d.Unchanged(part)
		if err != nil {
			return err
		}
		if same {
			out.Receipts = append(out.Receipts, receipt)
			continue
		}
		o := opt
		if part != survey.GeneralPart {
			o = desk.SubmitOptions{Declared: opt.Declared}
		}
		err = d.Submit(part, o)
		var blocked *desk.Blocked
		if errors.As(err, &blocked) {
			out.Blocked[part] = blocked.Findings
			p.code = exitFindings
			continue // one part in disorder never holds back the others
		}
		if err != nil {
			return err
		}
	}
	report, err := d.Sync(ctx, true)
	if err != nil {
		return err
	}
	out.Receipts = append(out.Receipts, report.Sent...)
	// In the order of the parts, whether they left now or earlier.
	slices.SortStableFunc(out.Receipts, func(a, b surveysync.Receipt) int {
		return slices.Index(parts, a.Part) - slices.Index(parts, b.Part)
	})
	out.SyncReport = report
	return p.told(out)
}

// submitted is what `submit --json` prints.
type submitted struct {
	Receipts []surveysync.Receipt        `json:"receipts"`
	Blocked  map[string][]survey.Finding `json:"blocked"`
	desk.SyncReport
}

func (p *program) told(out submitted) error {
	p.codeOfPass(out.SyncReport)
	if p.asJSON {
		return p.json(out)
	}
	for _, r := range out.Receipts {
		p.printReceiptLine(r)
	}
	for part, findings := range out.Blocked {
		fmt.Fprintf(p.err, "rileva: "+p.words["blocked"]+"\n", part, len(findings))
		p.printFindings(findings)
	}
	p.printWaiting(out.SyncReport)
	return nil
}

func (p *program) sync(ctx context.Context, d *desk.Desk) error {
	report, err := d.Sync(ctx, true)
	if err != nil {
		return err
	}
	p.codeOfPass(report)
	if p.asJSON {
		return p.json(report)
	}
	for _, r := range report.Sent {
		p.printReceiptLine(r)
	}
	for _, part := range report.Fetched {
		fmt.Fprintf(p.out, p.words["fetched"]+"\n", part)
	}
	p.printWaiting(report)
	if len(report.Waiting) == 0 && report.Err == nil {
		fmt.Fprintln(p.out, p.words["sync done"])
	}
	return nil
}

// codeOfPass: what waits in the queue decides the exit code, the worst first.
func (p *program) codeOfPass(r desk.SyncReport) {
	for _, w := range r.Waiting {
		code := exitOffline
		switch w.State {
		case string(surveysync.OpConflict):
			code = exitConflict
		case string(surveysync.OpRefused):
			code = exitOfCode(surveysync.Code(w.Code))
			if w.Code == string(surveysync.OpRefused) {
				code = exitRefused
			}
		case string(surveysync.OpNeedsLogin):
			code = exitRefused
		}
		if p.code == exitDone {
			p.code = code
		}
	}
	if p.code == exitDone && r.Err != nil {
		p.code = exitOf(r.Err)
	}
}

func (p *program) printWaiting(r desk.SyncReport) {
	for _, w := range r.Waiting {
		fmt.Fprintf(p.err, "rileva: "+p.words["waiting"]+"\n", w.Part, p.words["op "+w.State], w.Code)
		if w.Detail != "" {
			fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(w.Detail))
		}
		if w.Hint != "" {
			fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], surveysync.Visible(w.Hint))
		}
	}
	if r.Err != nil && len(r.Waiting) == 0 {
		fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(r.Detail))
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], surveysync.Visible(r.Hint))
	}
}

// say prints one fact, as JSON or as a sentence.
func (p *program) say(fact any, sentence string) error {
	if p.asJSON {
		return p.json(fact)
	}
	_, err := fmt.Fprintln(p.out, sentence)
	return err
}

func (p *program) json(v any) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

// form runs the full-screen form.
func (p *program) form(ctx context.Context) error {
	in, isFile := p.in.(*os.File)
	out, outFile := p.out.(*os.File)
	if !isFile || !outFile || !term.IsTerminal(int(in.Fd())) || !term.IsTerminal(int(out.Fd())) || p.env("TERM") == "dumb" {
		return &usageError{p.words["no terminal form"], p.words["no terminal form hint"]}
	}
	return p.with(func(d *desk.Desk) error {
		app := tui.New(d, tui.Options{Lang: p.lang, ASCII: p.env("RILEVA_ASCII") != ""})
		prog := tea.NewProgram(app, tea.WithInput(in), tea.WithOutput(out), tea.WithoutSignalHandler())
		// A closed window or a signal saves what is being typed and ends.
		stop := context.AfterFunc(ctx, func() { prog.Send(tui.Quit{}) })
		defer stop()
		_, err := prog.Run()
		return err
	})
}
