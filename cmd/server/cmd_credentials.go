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

func (p *program) credentialsCommand() *cobra.Command {
	cmd := p.command("credentials", 0, -1, nil)
	cmd.AddCommand(p.issueCommand(), p.resetCommand(), p.revokeCommand())
	return cmd
}

func (p *program) issueCommand() *cobra.Command {
	var r office.PlanRequest
	var out string
	cmd := p.command("credentials issue", 0, -1, func(cmd *cobra.Command, args []string) error {
		r.Codes = args
		if r.All == (len(args) > 0) {
			return p.fail(exitUsage, "issue_whom")
		}
		return p.issue(cmd.Context(), r, out)
	})
	cmd.Flags().BoolVar(&r.All, "all", false, p.flag("all"))
	cmd.Flags().StringVar(&out, "out", "", p.flag("out"))
	return cmd
}

func (p *program) resetCommand() *cobra.Command {
	var out string
	cmd := p.command("credentials reset", 1, -1, func(cmd *cobra.Command, args []string) error {
		return p.issue(cmd.Context(), office.PlanRequest{Codes: args, Reset: true}, out)
	})
	cmd.Flags().StringVar(&out, "out", "", p.flag("out"))
	return cmd
}

// issueReply is what issue and reset print. Passwords that went to a file are
// not in it.
type issueReply struct {
	Issued      []office.Credential `json:"issued"`
	Count       int                 `json:"count"`
	Out         string              `json:"out,omitempty"`
	Already     int                 `json:"already"`
	Revoked     []office.Brief      `json:"revoked"`
	Unconfirmed []office.Brief      `json:"unconfirmed"`
	Excluded    []office.Brief      `json:"excluded"`
}

// issue makes passwords in small calls and writes each answer down before the
// next: what is stored and not yet shown is lost when the power fails, and
// then costs a reset.
func (p *program) issue(ctx context.Context, r office.PlanRequest, out string) (err error) {
	c, err := p.dial(ctx, mustExist)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, c.Close()) }()
	var plan office.PlanReply
	if err := c.Call(ctx, "credentials.plan", r, &plan); err != nil {
		return err
	}
	reply := issueReply{Issued: []office.Credential{}, Already: plan.Already, Revoked: plan.Revoked,
		Unconfirmed: plan.Unconfirmed, Excluded: plan.Excluded}
	var file *credentialsFile
	// The file before the passwords: where it cannot be made, none may be.
	if out != "" && len(plan.Targets) > 0 {
		if file, err = p.openCredentials(out); err != nil {
			return err
		}
		reply.Out = out
	} else if _, statErr := os.Lstat(out); out != "" && statErr == nil {
		return p.fail(exitUsage, "out_exists", out)
	}
	issueErr := p.issueAll(ctx, c, plan.Targets, r.Reset, file, &reply)
	if file != nil {
		if closeErr := file.close(); closeErr != nil && issueErr == nil {
			issueErr = p.fail(exitInternal, "out_failed", out).because(closeErr)
		}
		if reply.Count == 0 {
			_ = os.Remove(out) // ours, and it holds only a header
			reply.Out = ""
		}
	}
	if issueErr != nil {
		p.note("issue_partly", reply.Count, len(plan.Targets))
		if file != nil {
			return issueErr
		}
	}
	// Also after a failure: what was made is shown now or never.
	return errors.Join(issueErr, p.print(reply, func(w io.Writer) { p.showIssued(w, reply, r.Reset) }))
}

func (p *program) issueAll(ctx context.Context, c office.Caller, targets []office.Brief, reset bool, file *credentialsFile, reply *issueReply) error {
	const batch = office.MaxCredentials / 2
	for start := 0; start < len(targets); start += batch {
		request := office.IssueRequest{Reset: reset}
		for _, t := range targets[start:min(start+batch, len(targets))] {
			request.Codes = append(request.Codes, t.Code)
		}
		var made []office.Credential
		if err := c.Call(ctx, "credentials.issue", request, &made); err != nil {
			return err
		}
		reply.Count += len(made)
		if file == nil {
			reply.Issued = append(reply.Issued, made...)
		} else if err := file.write(made); err != nil {
			return p.fail(exitInternal, "out_failed", file.path).because(err)
		}
		p.progress("progress_passwords", min(start+batch, len(targets)), len(targets))
	}
	return nil
}

// credentialsFile is the CSV of the passwords.
type credentialsFile struct {
	path string
	file *os.File
	csv  *csv.Writer
}

func (p *program) openCredentials(path string) (*credentialsFile, error) {
	f, err := p.createFile(path)
	if err != nil {
		return nil, err
	}
	c := &credentialsFile{path, f, csv.NewWriter(f)}
	if err := c.csv.Write([]string{"code", "name", "password"}); err != nil {
		return nil, errors.Join(p.fail(exitInternal, "out_failed", path).because(err), f.Close())
	}
	return c, nil
}

// write returns when the passwords are on the disk.
func (c *credentialsFile) write(made []office.Credential) error {
	for _, m := range made {
		if err := c.csv.Write([]string{cell(m.Code), cell(m.Name), cell(m.Password)}); err != nil {
			return err
		}
	}
	c.csv.Flush()
	return errors.Join(c.csv.Error(), c.file.Sync())
}

func (c *credentialsFile) close() error {
	c.csv.Flush()
	return errors.Join(c.csv.Error(), c.file.Close())
}

func (p *program) showIssued(w io.Writer, r issueReply, reset bool) {
	if len(r.Issued) > 0 {
		rows := make([][]string, len(r.Issued))
		for i, c := range r.Issued {
			rows[i] = []string{c.Code, c.Name, c.Password}
		}
		table(w, []string{p.say("col_code"), p.say("col_name"), p.say("col_password")}, rows)
		p.note("shown_once")
	}
	if r.Out != "" {
		p.line(w, "issued_to_file", r.Count, r.Out)
	} else {
		p.line(w, "issued", r.Count)
	}
	if r.Already > 0 && !reset {
		p.line(w, "issue_already", r.Already)
	}
	for _, b := range r.Revoked {
		p.line(w, "issue_revoked", b.Code, b.Name)
	}
	for _, b := range r.Excluded {
		p.line(w, "issue_excluded", b.Code, b.Name)
	}
	if n := len(r.Unconfirmed); n > 0 {
		p.line(w, "issue_unconfirmed", n)
		p.showGroups(w, r.Unconfirmed)
		p.line(w, "unconfirmed_hint")
	}
}

func (p *program) revokeCommand() *cobra.Command {
	var r office.RevokeRequest
	cmd := p.command("credentials revoke", 1, 1, func(cmd *cobra.Command, args []string) error {
		r.Code = args[0]
		if cmd.Flags().Changed("device") && r.Device == "" {
			return p.fail(exitUsage, "device_empty")
		}
		var reply office.RevokeReply
		if err := p.call(cmd.Context(), mustExist, "credentials.revoke", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) {
			key := "revoked_device"
			if reply.Password {
				key = "revoked"
			}
			p.line(w, key, reply.Code, reply.Name, reply.Sessions)
		})
	})
	cmd.Flags().StringVar(&r.Device, "device", "", p.flag("device"))
	return cmd
}
