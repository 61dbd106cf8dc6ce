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
	return p.command("conflicts", 0, 1, func(cmd *cobra.Command, args []string) error {
		return p.conflicts(cmd.Context(), office.ConflictsRequest{Code: strings.Join(args, "")})
	})
}

// conflicts lists what a restore has left to decide; the exit code says
// whether there is any.
func (p *program) conflicts(ctx context.Context, r office.ConflictsRequest) error {
	var reply office.ConflictsReply
	if err := p.call(ctx, mustExist, "conflicts", r, &reply); err != nil {
		return err
	}
	open := len(reply.Beside)+len(reply.Questionnaires) > 0
	err := p.print(reply, func(w io.Writer) {
		if !open {
			p.line(w, "no_conflicts")
		}
		p.showBeside(w, reply.Beside)
		for _, q := range reply.Questionnaires {
			p.line(w, "lost_form", q.Digest, strings.Join(q.Codes, ", "), q.Count, p.moment(q.Last))
			p.line(w, "lost_form_do")
		}
	})
	if err == nil && open {
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
		case r.InForce == nil:
			p.line(w, "beside_none")
		case r.Why == office.BesideGap:
			p.line(w, "beside_gap", r.InForce.Revision, p.moment(r.InForce.ReceivedAt), r.InForce.Device)
		default:
			p.line(w, "beside_why", r.InForce.Revision, p.moment(r.InForce.ReceivedAt), r.InForce.Device)
		}
	}
}
