package main

import (
	"context"
	"encoding/json"
	"io"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

// followEvery is how often log --follow looks for new lines.
const followEvery = time.Second

func (p *program) logCommand() *cobra.Command {
	var r office.LogRequest
	var since, until string
	var follow bool
	cmd := p.command("log", 0, 0, func(cmd *cobra.Command, _ []string) (err error) {
		if r.Limit < 0 {
			return p.fail(exitUsage, "bad_number", r.Limit)
		}
		if r.Outcome, err = p.known("outcome", r.Outcome, "unknown_outcome"); err != nil {
			return err
		}
		if r.Action, err = p.known("action", r.Action, "unknown_action"); err != nil {
			return err
		}
		if since != "" {
			if r.Since, err = office.ParseTime(since, false); err != nil {
				return err
			}
		}
		if until != "" {
			if r.Until, err = office.ParseTime(until, true); err != nil {
				return err
			}
		}
		if follow {
			return p.follow(cmd.Context(), r)
		}
		rows := []office.LogRow{}
		if err := p.call(cmd.Context(), mustExist, "log.list", r, &rows); err != nil {
			return err
		}
		return p.print(rows, func(w io.Writer) { p.showLog(w, rows, r.Incident != "") })
	})
	flags := cmd.Flags()
	flags.BoolVar(&follow, "follow", false, p.flag("follow"))
	flags.StringVar(&r.Institution, "institution", "", p.flag("log-institution"))
	flags.StringVar(&r.Outcome, "outcome", "", p.flag("outcome"))
	flags.StringVar(&r.Action, "action", "", p.flag("action"))
	flags.StringVar(&r.Incident, "incident", "", p.flag("incident"))
	flags.StringVar(&since, "since", "", p.flag("since"))
	flags.StringVar(&until, "until", "", p.flag("until"))
	flags.IntVar(&r.Limit, "limit", 0, p.flag("limit"))
	cmd.AddCommand(p.verifyCommand(), p.rotateCommand())
	// It has a command below it, so an argument is a mistyped one of those.
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return p.unknownCommand(cmd, args)
		}
		return nil
	}
	return cmd
}

// follow prints lines as they come, until it is interrupted. With --json each
// is an object of its own line: an array would never end.
func (p *program) follow(ctx context.Context, r office.LogRequest) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
	head := p.logTable()
	if !p.json {
		head.header(p.out)
	}
	for {
		// A call each time: without a server the store is free in between, so
		// that following does not lock out the commands that it shows.
		rows := []office.LogRow{}
		if err := p.call(ctx, mustExist, "log.list", r, &rows); err != nil {
			if ctx.Err() != nil {
				return nil
			}
			return err
		}
		for _, row := range rows {
			if !p.json {
				head.row(p.out, row)
			} else if err := enc.Encode(row); err != nil {
				return err
			}
		}
		if n := len(rows); n > 0 {
			r.After, r.Limit = &rows[n-1].Index, 0
		} else if r.Limit > 0 && r.After == nil {
			r.Limit = 0 // nothing yet: from here on everything is new
		}
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}
