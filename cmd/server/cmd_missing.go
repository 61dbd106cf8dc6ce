package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

func (p *program) missingCommand() *cobra.Command {
	var r office.MissingRequest
	cmd := p.command("missing", 0, 0, func(cmd *cobra.Command, _ []string) error {
		if r.Limit < 0 {
			return p.fail(exitUsage, "bad_number", r.Limit)
		}
		var rows []office.MissingRow
		if err := p.call(cmd.Context(), mustExist, "missing", r, &rows); err != nil {
			return err
		}
		return p.print(rows, func(w io.Writer) { p.showMissing(w, rows) })
	})
	cmd.Flags().StringVar(&r.Comune, "comune", "", p.flag("only-comune"))
	cmd.Flags().StringVar(&r.Kind, "kind", "", p.flag("kind"))
	cmd.Flags().StringVar(&r.Cause, "cause", "", p.flag("cause"))
	cmd.Flags().IntVar(&r.Limit, "limit", 0, p.flag("limit-calls"))
	return cmd
}

// showMissing prints a call as a paragraph: a table would have to cut what is
// to be said.
func (p *program) showMissing(w io.Writer, rows []office.MissingRow) {
	if len(rows) == 0 {
		p.line(w, "missing_none")
		return
	}
	p.line(w, "missing_head", len(rows))
	for i, row := range rows {
		fmt.Fprintln(w)
		left := p.say("days_left", row.DaysLeft)
		if row.DaysLeft < 0 {
			left = p.say("days_over")
		}
		wrapped(w, "", p.say("missing_row", i+1, row.Code, row.Name, row.Comune, left))
		cause := p.word("cause", row.Cause)
		if row.Detail != "" {
			cause += " (" + row.Detail + ")"
		}
		wrapped(w, "   ", p.say("missing_cause", cause, p.wordList("part", row.Parts)))
		wrapped(w, "   ", p.say("missing_say", row.Say.In(p.words.lang)))
		if to := strings.Trim(row.Email+"  "+row.PEC, " "); to != "" {
			wrapped(w, "   ", p.say("missing_write", to))
		}
		if row.LastNote != nil {
			wrapped(w, "   ", p.say("note", short(row.LastNote.At), row.LastNote.Text))
		}
	}
}

// showContact prints when and how an institution was heard of last.
func (p *program) showContact(w io.Writer, c office.Contact) {
	if c.LastSignIn == nil {
		p.line(w, "contact_never")
	} else {
		p.line(w, "contact_sign_in", short(*c.LastSignIn), c.LastDevice)
	}
	if c.Failures > 0 {
		p.line(w, "contact_slowed", c.Failures)
	}
	if r := c.LastRefusal; r != nil {
		p.line(w, "contact_refusal", short(r.At), r.Action, r.Code, r.Incident)
	}
	for _, h := range c.Devices {
		var parts []string
		for _, part := range h.Parts {
			parts = append(parts, fmt.Sprintf("%s %d%%", p.word("part", part.Part), part.Percent))
		}
		p.line(w, "contact_device", h.Device, short(h.At), strings.Join(parts, ", "), h.Unsent, dash(h.LastError), dash(h.Client))
	}
}

// bar draws a share of all; without a terminal there is none.
func (p *program) bar(n, all int) string {
	const cells = 30
	if !p.screen || all == 0 {
		return ""
	}
	full := (n*cells + all/2) / all
	if full == 0 && n > 0 {
		full = 1 // a few are not none
	}
	return strings.Repeat("█", full) + strings.Repeat("░", cells-full)
}

// share is a percentage as it is read.
func share(n, all int) string {
	if all == 0 {
		return "-"
	}
	return fmt.Sprintf("%d%%", (100*n+all/2)/all)
}
