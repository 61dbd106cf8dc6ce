package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

// remindReply is what remind prints.
type remindReply struct {
	DryRun    bool               `json:"dry_run"`
	Sent      int                `json:"sent"`
	Failed    []string           `json:"failed"`    // codes that did not get theirs: may be tried again today
	Uncertain []string           `json:"uncertain"` // codes of which nobody knows: not today any more
	Rows      []office.RemindRow `json:"rows"`
}

func (p *program) remindCommand() *cobra.Command {
	var r office.RemindRequest
	server := ""
	var dry bool
	out := ""
	cmd := p.command("remind", 0, 0, func(cmd *cobra.Command, _ []string) error {
		r.Lang = p.words.lang
		ways := 0
		for _, chosen := range []bool{dry, out != "", server != ""} {
			if chosen {
				ways++
			}
		}
		switch {
		case ways != 1:
			return p.fail(exitUsage, "remind_how")
		case server != "" && p.SMTPFrom == "":
			return p.fail(exitUsage, "smtp_from")
		case r.Limit < 0:
			return p.fail(exitUsage, "bad_number", r.Limit)
		}
		return p.remind(cmd.Context(), r, server, out)
	})
	f := cmd.Flags()
	f.BoolVar(&dry, "dry-run", false, p.flag("remind-dry"))
	f.StringVar(&out, "csv", "", p.flag("remind-csv"))
	f.StringVar(&server, "smtp", "", p.flag("smtp"))
	f.StringVar(&p.SMTPFrom, "smtp-from", "", p.flag("smtp-from"))
	f.StringVar(&p.SMTPUser, "smtp-user", "", p.flag("smtp-user"))
	f.StringVar(&p.SMTPPasswordFile, "smtp-password-file", "", p.flag("smtp-password-file"))
	f.StringVar(&p.SMTPTLS, "smtp-tls", p.SMTPTLS, p.flag("smtp-tls"))
	f.BoolVar(&r.PEC, "pec", false, p.flag("pec"))
	f.StringVar(&r.Comune, "comune", "", p.flag("only-comune"))
	f.StringVar(&r.Kind, "kind", "", p.flag("kind"))
	f.StringVar(&r.Cause, "cause", "", p.flag("cause"))
	f.IntVar(&r.Limit, "limit", 0, p.flag("limit-calls"))
	return cmd
}

func (p *program) remind(ctx context.Context, r office.RemindRequest, server, out string) (err error) {
	c, err := p.dial(ctx, mustExist)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	reply := remindReply{DryRun: server == "" && out == "", Failed: []string{}, Uncertain: []string{}}
	if err := c.Call(ctx, "remind.plan", r, &reply.Rows); err != nil {
		return err
	}
	switch {
	case out != "":
		err = p.remindByFile(ctx, c, out, &reply)
	case server != "":
		err = p.remindByMail(ctx, c, server, &reply)
	}
	return errors.Join(err, p.print(reply, func(w io.Writer) { p.showReminders(w, reply) }))
}

// remindByMail marks, sends and settles one institution after the other. If we
// crash after the mark, that one is uncertain and gets no other today; all
// those after it are as if the command had not run.
func (p *program) remindByMail(ctx context.Context, c office.Caller, server string, reply *remindReply) error {
	m, err := p.openMailer(ctx, server)
	if err != nil {
		return err
	}
	defer func() { _ = m.close() }() // whatever it says, all was settled
	for _, row := range reply.Rows {
		if row.Skip != "" {
			continue
		}
		claimed, err := claim(ctx, c, row, "smtp")
		if err != nil {
			return err
		}
		if !claimed { // another command was faster
			continue
		}
		certain, sendErr := m.send(ctx, row)
		switch {
		case sendErr == nil:
			reply.Sent++
		case certain:
			reply.Failed = append(reply.Failed, row.Code)
		default:
			reply.Uncertain = append(reply.Uncertain, row.Code)
			p.log.Debug("a reminder may or may not have left", "code", row.Code, "error", sendErr)
			continue
		}
		if err := settle(ctx, c, row.Code, sendErr != nil); err != nil {
			return err
		}
		if errors.Is(sendErr, errLineLost) { // those that are left stay unmarked
			return p.fail(exitUnreachable, "smtp_lost", server, reply.Sent).because(sendErr)
		}
	}
	return nil
}

func claim(ctx context.Context, c office.Caller, row office.RemindRow, channel string) (bool, error) {
	var got office.ClaimReply
	err := c.Call(ctx, "remind.claim", office.ClaimRequest{Code: row.Code, Channel: channel, To: row.To}, &got)
	return got.Claimed, err
}

func settle(ctx context.Context, c office.Caller, code string, failed bool) error {
	return c.Call(ctx, "remind.settle", office.SettleRequest{Code: code, Failed: failed}, &office.Nothing{})
}

// remindByFile writes a mail merge. Those in the file count as reminded.
func (p *program) remindByFile(ctx context.Context, c office.Caller, path string, reply *remindReply) error {
	file, err := p.createFile(path)
	if err != nil {
		return err
	}
	w := csv.NewWriter(file)
	err = w.Write([]string{"code", "name", "comune", "to", "cause", "subject", "text"})
	var claimed []string
	for _, row := range reply.Rows {
		if row.Skip != "" || err != nil {
			continue
		}
		mine, claimErr := claim(ctx, c, row, "csv")
		if claimErr != nil {
			err = claimErr
			break
		}
		if mine {
			claimed = append(claimed, row.Code)
			err = w.Write([]string{cell(row.Code), cell(row.Name), cell(row.Comune), cell(row.To), row.Cause, cell(row.Subject), cell(row.Text)})
		}
	}
	w.Flush()
	if err = errors.Join(err, w.Error(), file.Sync(), file.Close()); err != nil {
		err = p.fail(exitInternal, "csv_failed", path).because(err)
	}
	for _, code := range claimed {
		if settleErr := settle(ctx, c, code, err != nil); settleErr != nil {
			return errors.Join(err, settleErr)
		}
	}
	switch {
	case err != nil:
		_ = os.Remove(path) // ours: half a list would go out as a whole one
		reply.Failed = claimed
	case len(claimed) == 0:
		_ = os.Remove(path) // ours, and it holds only a header
	default:
		reply.Sent = len(claimed)
	}
	return err
}

func (p *program) showReminders(w io.Writer, r remindReply) {
	skipped := map[string]int{}
	for _, row := range r.Rows {
		if row.Skip != "" {
			skipped[row.Skip]++
			continue
		}
		if r.DryRun {
			p.line(w, "remind_row", row.Code, row.Name, p.word("cause", row.Cause), row.To)
		}
	}
	for _, why := range []string{office.SkipToday, office.SkipUncertain, office.SkipNoAddress, office.SkipOffice} {
		if n := skipped[why]; n > 0 {
			p.line(w, "remind_skipped", n, p.word("skip", why))
		}
	}
	if r.DryRun {
		p.line(w, "remind_dry", len(r.Rows)-skipped[office.SkipToday]-skipped[office.SkipUncertain]-skipped[office.SkipNoAddress]-skipped[office.SkipOffice])
		return
	}
	p.line(w, "reminded", r.Sent)
	for _, code := range r.Failed {
		p.line(w, "remind_failed", code)
	}
	for _, code := range r.Uncertain {
		p.line(w, "remind_uncertain", code)
	}
}
