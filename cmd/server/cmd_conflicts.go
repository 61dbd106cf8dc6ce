package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

func (p *program) conflictsCommand() *cobra.Command {
	cmd := p.command("conflicts", 0, 1, func(cmd *cobra.Command, args []string) error {
		return p.conflicts(cmd.Context(), office.ConflictsRequest{Code: strings.Join(args, "")})
	})
	cmd.AddCommand(p.settleCommand())
	return cmd
}

// settleCommand closes the matter of what is set aside.
func (p *program) settleCommand() *cobra.Command {
	var r office.SettlementRequest
	cmd := p.command("conflicts settle", 1, 1, func(cmd *cobra.Command, args []string) error {
		if r.Number = args[0]; r.Cancel && r.Reason != "" {
			return p.fail(exitUsage, "settle_alone")
		}
		var row office.BesideRow
		if err := p.call(cmd.Context(), mustExist, "conflicts.settle", r, &row); err != nil {
			return err
		}
		return p.print(row, func(w io.Writer) { p.showBeside(w, []office.BesideRow{row}) })
	})
	cmd.Flags().StringVar(&r.Reason, "reason", "", p.flag("settle-reason"))
	cmd.Flags().BoolVar(&r.Cancel, "cancel", false, p.flag("cancel"))
	return cmd
}

// conflicts lists what a restore has left to decide; the exit code says
// whether there is any.
func (p *program) conflicts(ctx context.Context, r office.ConflictsRequest) error {
	var reply office.ConflictsReply
	if err := p.call(ctx, mustExist, "conflicts", r, &reply); err != nil {
		return err
	}
	err := p.print(reply, func(w io.Writer) {
		if len(reply.Beside)+len(reply.Questionnaires) == 0 {
			p.line(w, "no_conflicts")
		}
		p.showBeside(w, reply.Beside)
		for _, q := range reply.Questionnaires {
			p.line(w, "lost_form", q.Digest, strings.Join(q.Codes, ", "), q.Count, p.moment(q.Last))
			p.line(w, "lost_form_do")
		}
	})
	if err == nil && reply.Open+len(reply.Questionnaires) > 0 {
		return &failure{exit: exitConflict}
	}
	return err
}

// showBeside tells who, when and why of what stands beside.
func (p *program) showBeside(w io.Writer, rows []office.BesideRow) {
	for i, r := range rows {
		if i == 0 {
			fmt.Fprintln(w)
		}
		p.line(w, "beside", r.Institution.Code, p.word("part", r.Part), r.Revision, r.Number, p.moment(r.ReceivedAt), r.Device)
		switch {
		case r.Settled != nil:
			p.line(w, "beside_settled", p.moment(r.Settled.At), r.Settled.Reason)
		case r.InForce == nil:
			p.line(w, "beside_none")
		case r.Why == office.BesideGap:
			p.line(w, "beside_gap", r.InForce.Revision, p.moment(r.InForce.ReceivedAt), r.InForce.Device)
			p.line(w, "beside_do", r.Number)
		default:
			p.line(w, "beside_why", r.InForce.Revision, p.moment(r.InForce.ReceivedAt), r.InForce.Device)
			p.line(w, "beside_do", r.Number)
		}
	}
}
