package main

import (
	"fmt"
	"io"
	"strconv"

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
		{"complete", s.Complete}, {"approved", s.Approved}, {"late", s.Late}, {"not_due", s.NotDue}} {
		rows = append(rows, []string{p.word("return", r.key), strconv.Itoa(r.n)})
	}
	table(w, []string{p.say("col_returns"), p.say("col_number")}, rows)

	fmt.Fprintln(w)
	rows = rows[:0]
	for _, t := range s.ByTrack {
		rows = append(rows, append([]string{p.word("track", t.Track)}, numbers(t.Expected, t.Missing, t.Submitted, t.Returned, t.Approved)...))
	}
	table(w, []string{p.say("col_track"), p.say("col_expected"), p.say("col_missing"), p.say("col_submitted"), p.say("col_returned"), p.say("col_approved")}, rows)

	fmt.Fprintln(w)
	rows = rows[:0]
	for _, c := range s.ByComune {
		rows = append(rows, append([]string{c.Comune},
			numbers(c.Expected, c.NotStarted, c.InProgress, c.Inconsistent, c.Complete, c.Approved, c.Late, c.NotDue)...))
	}
	table(w, []string{p.say("col_comune"), p.say("col_expected"), p.say("col_not_started"), p.say("col_in_progress"),
		p.say("col_inconsistent"), p.say("col_complete"), p.say("col_approved"), p.say("col_late_n"), p.say("col_not_due")}, rows)
}

func numbers(list ...int) []string {
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return out
}
