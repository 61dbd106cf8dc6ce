package main

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) addWorkCommands(root *cobra.Command) {
	root.AddCommand(
		p.command("status", 0, 0, func(*cobra.Command, []string) error { return p.with(p.status) }),
		p.fillCommand(),
		p.command("check", 0, 1, func(_ *cobra.Command, args []string) error {
			return p.with(func(d *desk.Desk) error { return p.check(d, args) })
		}),
		p.explainCommand(),
		p.submitCommand(),
		p.command("sync", 0, 0, func(cmd *cobra.Command, _ []string) error {
			return p.with(func(d *desk.Desk) error { return p.sync(cmd.Context(), d) })
		}),
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
	fmt.Fprintf(p.out, "%s  %s\n", o.Institution.Code, surveysync.Visible(o.Institution.Name))
	fmt.Fprintf(p.out, p.words["status dates"]+"\n", o.Survey.SchoolYear, desk.Deadline(o.Survey, o.Now, p.lang))
	w := newTable(p.out)
	fmt.Fprintln(w, p.words["status head"])
	for _, part := range o.Parts {
		state := p.words["state "+part.State]
		if part.Locked && !part.Waits() {
			state = p.words["state locked"]
		}
		fmt.Fprintf(w, "%s\t%s\t%d%%\t%d\t%d\t%d\n", part.Part, state, part.Percent, part.Progress.Hard, part.Progress.Explain, part.Revision)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, part := range o.Parts {
		if part.NotOffered != "" {
			fmt.Fprintf(p.out, "! %s\n", part.NotOffered)
		}
		switch {
		case part.State == desk.StateConflict:
			fmt.Fprintf(p.out, p.words["status conflict"]+"\n", part.Part)
		case part.Detail != "":
			fmt.Fprintf(p.out, p.words["status detail"]+"\n", part.Part, p.outcome(part.Detail))
		}
	}
	p.printRemarks(o, nil)
	for _, f := range o.Across {
		fmt.Fprintf(p.out, "%s %s: %s\n", mark(f), f.Check, surveysync.Visible(f.Message))
	}
	for _, m := range o.Messages {
		fmt.Fprintf(p.out, "%s %s: %s\n", p.words["office says"], desk.Moment(m.At, p.lang), surveysync.Visible(m.Text))
	}
	if o.LogAlarm != "" {
		fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(o.LogAlarm))
	}
	p.printAside(o)
	for _, part := range o.Parts {
		if part.Removed {
			fmt.Fprintf(p.out, p.words["status removed"]+"\n", part.Part)
		}
	}
	fmt.Fprintf(p.out, p.words["status foot"]+"\n", o.Unsent, o.Receipts, desk.Moment(o.LastContact, p.lang))
	return nil
}

// printRemarks shows what the office wants corrected and until when, of the
// parts named or of all.
func (p *program) printRemarks(o desk.Overview, parts []string) {
	for _, part := range o.Parts {
		if len(parts) > 0 && !slices.Contains(parts, part.Part) {
			continue
		}
		for _, r := range part.Remarks {
			fmt.Fprintf(p.out, p.words["remark"]+"\n", strings.TrimSpace(part.Part+" "+surveysync.Visible(r.Variable)), surveysync.Visible(r.Text))
		}
		if part.OpenUntil != nil {
			fmt.Fprintf(p.out, p.words["open until"]+"\n", part.Part, desk.Moment(*part.OpenUntil, p.lang))
		}
	}
}

// asideShown is how many lines of a part are printed; --json has them all.
const asideShown = 10

// printAside shows what a new version of the questionnaire has put aside, until
// the part has been sent on it, and which parts stay on the older one.
func (p *program) printAside(o desk.Overview) {
	for _, part := range o.Parts {
		if part.Outdated {
			fmt.Fprintf(p.out, p.words["status outdated"]+"\n", part.Part)
		}
		if part.Aside == 0 || part.State == desk.StateSent || part.State == desk.StateApproved {
			continue
		}
		head := p.words["status aside"]
		if part.Aside == 1 {
			head = p.words["status aside one"]
		}
		fmt.Fprintf(p.out, head+"\n", part.Part, part.Aside)
		n := 0
		for _, a := range o.Aside {
			if a.Part != part.Part {
				continue
			}
			if n++; n > asideShown {
				fmt.Fprintf(p.out, p.words["status aside more"]+"\n", part.Aside-asideShown)
				break
			}
			fmt.Fprintf(p.out, "  %s: %s (%s)\n", surveysync.Visible(a.Label), surveysync.Visible(a.Shown), a.Why)
		}
	}
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

func (p *program) fillCommand() *cobra.Command {
	var from, template, table string
	var partial bool
	c := p.command("fill", 1, 1, func(_ *cobra.Command, args []string) error {
		if template != "" && from == "" {
			return p.with(func(d *desk.Desk) error { return p.template(d, args[0], table, template) })
		}
		if from == "" || template != "" {
			return &usageError{p.words["from needed"], p.words["from needed hint"]}
		}
		raw, err := p.readFile(from, desk.MaxFill)
		if err != nil {
			return err
		}
		return p.with(func(d *desk.Desk) error { return p.fill(d, args[0], from, raw, partial) })
	})
	c.Flags().StringVar(&from, "from", "", p.words["flag from"])
	c.Flags().BoolVar(&partial, "partial", false, p.words["flag partial"])
	c.Flags().StringVar(&template, "template", "", p.words["flag template"])
	c.Flags().StringVar(&table, "table", "", p.words["flag table"])
	return c
}

// template writes the sheet that a table is filled in on with a spreadsheet;
// fill --from takes it back. A part with one table needs no name of it.
func (p *program) template(d *desk.Desk, part, table, out string) error {
	work, err := d.Edit(part)
	if err != nil {
		return err
	}
	if tables := work.Tables(); table == "" && len(tables) == 1 {
		table = tables[0].ID
	}
	content, err := work.Template(table, out)
	if err != nil {
		return err
	}
	// One that is there already may have been filled in: it is never replaced.
	if err := p.writeFile(out, content, func([]byte) bool { return false }); err != nil || out == "-" {
		return err
	}
	return p.say(map[string]string{"part": part, "table": table, "file": out}, fmt.Sprintf(p.words["template written"], out, part))
}

func (p *program) fill(d *desk.Desk, part, from string, raw []byte, partial bool) error {
	report, err := d.Fill(part, from, raw, partial)
	if err != nil {
		return err
	}
	if len(report.Faults) > 0 && report.Taken == 0 {
		p.code = exitUsage
	}
	if p.asJSON {
		return p.json(report)
	}
	for i, f := range report.Faults {
		if i == maxFaults {
			fmt.Fprintf(p.err, p.words["fill more"]+"\n", from, len(report.Faults)-maxFaults)
			break
		}
		fmt.Fprintf(p.err, "%s:%d: %s: %s\n", from, f.Line, shortened(f.Variable), surveysync.Visible(f.Message))
	}
	switch {
	case len(report.Faults) > 0 && report.Taken == 0:
		fmt.Fprintf(p.err, "rileva: "+p.words["fill nothing"]+"\n", len(report.Faults))
		hint := p.words["fill nothing hint"]
		if partial {
			hint = p.words["fill none hint"]
		}
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], hint)
	default:
		fmt.Fprintf(p.out, p.words["fill taken"]+"\n", report.Taken, part, report.Blank, len(report.Faults))
	}
	return nil
}

// maxFaults bounds the list on a screen: a wrong file has a fault on each line.
const maxFaults = 40

// shortened makes what stands in a file's first column fit for a line.
func shortened(s string) string {
	runes := []rune(surveysync.Visible(s))
	if len(runes) > 60 {
		return string(runes[:60]) + "…"
	}
	return string(runes)
}

// check prints the findings of one part, or of all that can be filled in with
// those across the parts.
func (p *program) check(d *desk.Desk, args []string) error {
	var findings, across []survey.Finding
	parts := args
	o, err := d.Overview()
	if err != nil {
		return err
	}
	if len(args) == 0 {
		for _, line := range o.Parts {
			if !line.Locked {
				parts = append(parts, line.Part)
			}
		}
		across = o.Across
	}
	for _, part := range parts {
		found, err := d.Findings(part)
		if err != nil {
			return err
		}
		findings = append(findings, found...)
	}
	findings = append(findings, across...)
	if len(survey.Blocking(findings)) > 0 {
		p.code = exitFindings
	}
	if p.asJSON {
		if findings == nil {
			findings = []survey.Finding{}
		}
		return p.json(findings)
	}
	p.printRemarks(o, args)
	p.printFindings(findings)
	if len(findings) == 0 {
		fmt.Fprintln(p.out, p.words["check clean"])
	}
	return nil
}

func (p *program) printFindings(findings []survey.Finding) {
	for _, f := range findings {
		where := f.Part // of a check across the parts it stands before each variable
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
	c := p.command("explain", 2, 2, func(_ *cobra.Command, args []string) error {
		return p.with(func(d *desk.Desk) error {
			check, err := d.ExplainCheck(args[0], args[1], reason, text)
			if err != nil {
				return err
			}
			if name := survey.Pupil(text); name != "" {
				fmt.Fprintf(p.err, "rileva: "+p.words["pupil"]+"\n", surveysync.Visible(name))
			}
			return p.say(map[string]any{"part": args[0], "check": check, "explained": true}, fmt.Sprintf(p.words["explain done"], check))
		})
	})
	c.Flags().StringVar(&text, "text", "", p.words["flag text"])
	c.Flags().StringVar(&reason, "reason", "other", p.words["flag reason"])
	return c
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
	enc := json.NewEncoder(surveysync.NewScreen(p.bare)) // its lines are never broken
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
