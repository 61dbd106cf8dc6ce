package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	surveysync "rileva/pkg/sync"
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
		return p.print(rows, func(w io.Writer) { p.showLog(w, rows) })
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
	cmd.AddCommand(p.verifyCommand())
	// It has a command below it, so an argument is a mistyped one of those.
	cmd.Args = func(cmd *cobra.Command, args []string) error {
		if len(args) > 0 {
			return p.unknownCommand(cmd, args)
		}
		return nil
	}
	return cmd
}

func (p *program) showLog(w io.Writer, rows []office.LogRow) {
	for _, r := range rows {
		fmt.Fprintln(w, p.logLine(r))
	}
}

// logLine is one line for the terminal. Actions and outcomes stay the words of
// the log: they are what --action and --outcome take.
func (p *program) logLine(r office.LogRow) string {
	fields := []string{fmt.Sprintf("%6d", r.Index), short(r.At), r.Actor, r.Action, r.Outcome}
	add := func(name, value string) {
		if value != "" {
			fields = append(fields, name+"="+value)
		}
	}
	add("institution", r.Institution)
	part := r.Part
	if r.Revision > 0 {
		part += "/" + strconv.Itoa(r.Revision)
	}
	add("part", part)
	add("device", r.Device)
	add("receipt", r.Number)
	if r.Late != nil && *r.Late {
		add("late", "true")
	}
	add("incident", r.Incident)
	if r.Count > 0 {
		add("count", strconv.FormatInt(r.Count, 10))
	}
	add("note", r.Note)
	return surveysync.Visible(strings.Join(fields, "  "))
}

// follow prints lines as they come, until it is interrupted. With --json each
// is an object of its own line: an array would never end.
func (p *program) follow(ctx context.Context, r office.LogRequest) error {
	enc := json.NewEncoder(p.out)
	enc.SetEscapeHTML(false)
	ticker := time.NewTicker(followEvery)
	defer ticker.Stop()
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
				fmt.Fprintln(p.out, p.logLine(row))
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

func (p *program) verifyCommand() *cobra.Command {
	var path string
	cmd := p.command("log verify", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var r office.VerifyRequest
		if cmd.Flags().Changed("checkpoint") {
			text, err := p.readCheckpoint(path)
			if err != nil {
				return err
			}
			r.Checkpoint = text
		}
		var reply office.VerifyReply
		if err := p.call(cmd.Context(), mustExist, "log.verify", r, &reply); err != nil {
			return err
		}
		err := p.print(reply, func(w io.Writer) {
			switch reply.Verdict {
			case office.LogIntact:
				p.line(w, "log_intact", reply.Size, reply.Root)
			case office.LogRestored:
				p.line(w, "log_restored", reply.Size, reply.Epoch)
			}
			if reply.OlderSize > 0 && reply.Verdict == office.LogIntact {
				p.line(w, "log_extends", reply.OlderSize)
			}
		})
		if err == nil && reply.Verdict == office.LogDamaged {
			err = p.fail(exitConflict, "log_damaged", reply.Problem.In(p.words.lang))
		}
		return err
	})
	cmd.Flags().StringVar(&path, "checkpoint", "", p.flag("checkpoint"))
	return cmd
}

func (p *program) readCheckpoint(path string) (string, error) {
	data, err := p.readFile(path, 1<<20)
	if err != nil {
		return "", err
	}
	// Also the JSON of `log verify`, which is how the office keeps one.
	var kept office.VerifyReply
	if json.Unmarshal(data, &kept) == nil && kept.Checkpoint != "" {
		return kept.Checkpoint, nil
	}
	return string(data), nil
}

func (p *program) checkCommand() *cobra.Command {
	return p.command("check", 0, 0, func(cmd *cobra.Command, _ []string) error {
		problems := []string{}
		if err := p.call(cmd.Context(), mustExist, "check", office.Nothing{}, &problems); err != nil {
			return err
		}
		err := p.print(problems, func(w io.Writer) {
			for _, x := range problems {
				fmt.Fprintln(w, surveysync.Visible(x))
			}
			if len(problems) == 0 {
				p.line(w, "check_clean")
			}
		})
		if n := len(problems); n > 0 && err == nil {
			err = p.fail(exitConflict, "check_damaged", n)
		}
		return err
	})
}
