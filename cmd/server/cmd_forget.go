package main

import (
	"io"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

// keptMonths is for how long contact data are kept after the last date, unless
// the office says otherwise: a school year, in which numbers may be asked about.
const keptMonths = 12

func (p *program) forgetCommand() *cobra.Command {
	r := office.ForgetRequest{Months: keptMonths}
	cmd := p.command("forget", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var reply office.ForgetReply
		if err := p.call(cmd.Context(), mustExist, "forget", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) {
			switch {
			case reply.DryRun:
				p.line(w, "forget_would", reply.Institutions, reply.Submissions, reply.Notes)
				p.line(w, "forget_from", p.moment(reply.From))
			case reply.Institutions == 0:
				p.line(w, "forget_nothing")
			default:
				p.line(w, "forget_done", reply.Institutions, reply.Submissions, reply.Notes)
				p.line(w, "forget_copies")
			}
		})
	})
	cmd.Flags().IntVar(&r.Months, "months", r.Months, p.flag("months"))
	cmd.Flags().StringArrayVar(&r.Variables, "variable", nil, p.flag("variable"))
	cmd.Flags().BoolVar(&r.DryRun, "dry-run", false, p.flag("dry-run"))
	return cmd
}
