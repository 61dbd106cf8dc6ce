package main

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

func (p *program) statusCommand() *cobra.Command {
	return p.command("status", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var reply office.StatusReply
		if err := p.call(cmd.Context(), mustExist, "status", office.Nothing{}, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.showStatus(w, reply) })
	})
}

func (p *program) showStatus(w io.Writer, s office.StatusReply) {
	p.line(w, "status_head", s.Survey, p.moment(s.At))
	p.line(w, "survey_stage", p.word("stage", s.Stage))
	p.showDates(w, s.Dates)
	fmt.Fprintln(w)
	rows := [][]string{}
	for _, r := range []struct {
		key string
		n   int
	}{{"expected", s.Expected}, {"not_started", s.NotStarted}, {"in_progress", s.InProgress}, {"inconsistent", s.Inconsistent},
		{"complete", s.Complete}, {"approved", s.Approved}} {
		rows = append(rows, []string{p.word("return", r.key), strconv.Itoa(r.n), share(r.n, s.Expected), p.bar(r.n, s.Expected)})
	}
	table(w, []string{p.say("col_returns"), p.say("col_number"), "%", ""}, rows)
	p.line(w, "status_beside", s.Late, s.NotDue, s.Working, s.Unsent)
	if s.SetAside > 0 {
		p.line(w, "status_aside", s.SetAside)
	}
	if s.Slowed != (office.Slowed{}) {
		p.line(w, "status_slowed", s.Slowed.Accounts, s.Slowed.Addresses)
	}

	fmt.Fprintln(w)
	rows = nil
	for _, t := range s.ByTrack {
		row := append([]string{p.word("track", t.Track)}, numbers(t.Expected, t.Missing, t.Submitted, t.Returned, t.Approved)...)
		rows = append(rows, append(row, share(t.Submitted+t.Approved, t.Expected)))
	}
	table(w, []string{p.say("col_track"), p.say("col_expected"), p.say("col_missing"), p.say("col_submitted"), p.say("col_returned"), p.say("col_approved"), p.say("col_in")}, rows)

	fmt.Fprintln(w)
	rows = nil
	for _, k := range s.ByKind {
		rows = append(rows, counted(p.word("kind", k.Kind), k.Counts))
	}
	table(w, p.countColumns("col_kind"), rows)
	fmt.Fprintln(w)
	rows = nil
	for _, c := range s.ByComune {
		rows = append(rows, counted(cut(c.Comune, 23), c.Counts))
	}
	table(w, p.countColumns("col_comune"), rows)
	p.line(w, "status_legend")
}

// counted is a row of countColumns.
func counted(name string, c office.Counts) []string {
	return append([]string{name}, numbers(c.Expected, c.NotStarted, c.InProgress, c.Inconsistent, c.Complete, c.Approved, c.Late, c.NotDue)...)
}

// countColumns are short, so that nine of them fit a terminal; the legend says
// what they stand for.
func (p *program) countColumns(first string) []string {
	return append([]string{p.say(first)}, strings.Fields(p.say("cols_counts"))...)
}

func numbers(list ...int) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return out
}
