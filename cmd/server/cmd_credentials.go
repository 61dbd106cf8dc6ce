package main

import (
	"context"
	"encoding/csv"
	"errors"
	"io"
	"os"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
)

func (p *program) credentialsCommand() *cobra.Command {
	cmd := p.command("credentials", 0, -1, nil)
	cmd.AddCommand(p.issueCommand(), p.resetCommand(), p.revokeCommand(), p.accountsCommand(), p.devicesCommand())
	return cmd
}

// papers are the files that passwords go to; "" for none.
type papers struct{ out, letters, address string }

func (p *program) paperFlags(cmd *cobra.Command) *papers {
	var to papers
	cmd.Flags().StringVar(&to.out, "out", "", p.flag("out"))
	cmd.Flags().StringVar(&to.letters, "letters", "", p.flag("letters"))
	cmd.Flags().StringVar(&to.address, "address", "", p.flag("address"))
	return &to
}

func (p *program) issueCommand() *cobra.Command {
	var r office.PlanRequest
	var to *papers
	cmd := p.command("credentials issue", 0, -1, func(cmd *cobra.Command, args []string) error {
		r.Codes = args
		if r.All == (len(args) > 0) {
			return p.fail(exitUsage, "issue_whom")
		}
		return p.issue(cmd.Context(), r, *to)
	})
	cmd.Flags().BoolVar(&r.All, "all", false, p.flag("all"))
	to = p.paperFlags(cmd)
	return cmd
}

func (p *program) resetCommand() *cobra.Command {
	var to *papers
	cmd := p.command("credentials reset", 1, -1, func(cmd *cobra.Command, args []string) error {
		return p.issue(cmd.Context(), office.PlanRequest{Codes: args, Reset: true}, *to)
	})
	to = p.paperFlags(cmd)
	return cmd
}

// issueReply is what issue and reset print. Passwords that went to a file are
// not in it.
type issueReply struct {
	Issued      []office.Credential `json:"issued"`
	Count       int                 `json:"count"`
	Out         string              `json:"out,omitempty"`
	Letters     string              `json:"letters,omitempty"`
	Already     int                 `json:"already"`
	Revoked     []office.Brief      `json:"revoked"`
	Unconfirmed []office.Brief      `json:"unconfirmed"`
	Excluded    []office.Brief      `json:"excluded"`
}

// issue makes passwords in small calls and writes each answer down before the
// next: what is stored and not yet shown is lost when the power fails, and
// then costs a reset. Letters are laid out at the end, so that until they are
// on the disk a CSV beside them holds what was made.
func (p *program) issue(ctx context.Context, r office.PlanRequest, to papers) (err error) {
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
	for _, path := range []string{to.out, to.letters} {
		if _, statErr := os.Lstat(path); path != "" && statErr == nil {
			return p.fail(exitUsage, "out_exists", path)
		}
	}
	var made []office.Credential
	if len(plan.Targets) > 0 {
		made, err = p.makePasswords(ctx, c, plan.Targets, r.Reset, to, &reply)
	}
	if err != nil {
		p.note("issue_partly", reply.Count, len(plan.Targets))
		if reply.Out != "" || reply.Letters != "" {
			return err
		}
	}
	if reply.Out == "" && reply.Letters == "" {
		reply.Issued = append(reply.Issued, made...)
	}
	// Also after a failure: what was made is shown now or never.
	return errors.Join(err, p.print(reply, func(w io.Writer) { p.showIssued(w, reply, r.Reset) }))
}

// makePasswords makes them and brings them to their files, which are made
// first: where one cannot be made, no password may be.
func (p *program) makePasswords(ctx context.Context, c office.Caller, targets []office.Brief, reset bool, to papers, reply *issueReply) ([]office.Credential, error) {
	var pages *letters
	var file *credentialsFile
	var err error
	if to.letters != "" {
		if pages, err = p.openLetters(ctx, c, to.letters, to.address); err != nil {
			return nil, err
		}
		reply.Letters = to.letters
	}
	list := to.out
	if list == "" && pages != nil {
		list = to.letters + ".csv"
	}
	if list != "" {
		if file, err = p.openCredentials(list); err != nil {
			if pages != nil {
				_ = os.Remove(to.letters)
				reply.Letters = ""
			}
			return nil, err
		}
		reply.Out = to.out
	}
	made, err := p.issueAll(ctx, c, targets, reset, file, reply)
	if file != nil {
		if closeErr := file.close(); closeErr != nil && err == nil {
			err = p.fail(exitInternal, "out_failed", list).because(closeErr)
		}
	}
	if pages != nil && len(made) > 0 {
		if writeErr := p.writeLetters(pages, made); writeErr != nil {
			_ = os.Remove(to.letters) // half a letter helps nobody, and would be in the way of the next attempt
			return made, errors.Join(p.fail(exitInternal, "letters_failed", to.letters, list).because(writeErr), err)
		}
		if to.out == "" {
			_ = os.Remove(list) // the letters hold it all now
		}
	}
	if len(made) == 0 { // ours, and they hold nothing
		for _, path := range []string{list, to.letters} {
			if path != "" {
				_ = os.Remove(path)
			}
		}
		reply.Out, reply.Letters = "", ""
	}
	return made, err
}

func (p *program) issueAll(ctx context.Context, c office.Caller, targets []office.Brief, reset bool, file *credentialsFile, reply *issueReply) ([]office.Credential, error) {
	var all []office.Credential
	const batch = office.MaxCredentials / 2
	for start := 0; start < len(targets); start += batch {
		request := office.IssueRequest{Reset: reset}
		for _, t := range targets[start:min(start+batch, len(targets))] {
			request.Codes = append(request.Codes, t.Code)
		}
		var made []office.Credential
		if err := c.Call(ctx, "credentials.issue", request, &made); err != nil {
			return all, err
		}
		reply.Count += len(made)
		all = append(all, made...)
		if file != nil {
			if err := file.write(made); err != nil {
				return all, p.fail(exitInternal, "out_failed", file.path).because(err)
			}
		}
		p.progress("progress_passwords", min(start+batch, len(targets)), len(targets))
	}
	return all, nil
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
	if r.Out == "" && r.Letters == "" {
		p.line(w, "issued", r.Count)
	}
	for _, path := range []string{r.Out, r.Letters} {
		if path != "" {
			p.line(w, "issued_to_file", r.Count, path)
		}
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
			switch {
			case reply.Unknown:
				p.line(w, "revoked_nothing", reply.Code, reply.Name)
			case !reply.Password:
				key := "revoked_device"
				if reply.Already {
					key = "revoked_device_too"
				}
				p.line(w, key, reply.Code, reply.Name, reply.Sessions)
			case reply.Already:
				p.line(w, "revoked_already", reply.Code, reply.Name, reply.Sessions)
			default:
				p.line(w, "revoked", reply.Code, reply.Name, reply.Sessions)
			}
		})
	})
	cmd.Flags().StringVar(&r.Device, "device", "", p.flag("device"))
	return cmd
}

func (p *program) accountsCommand() *cobra.Command {
	return p.command("credentials list", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var rows []office.AccountRow
		if err := p.call(cmd.Context(), mustExist, "credentials.list", office.AccountsRequest{}, &rows); err != nil {
			return err
		}
		return p.print(rows, func(w io.Writer) {
			if len(rows) == 0 {
				p.line(w, "no_institutions")
				return
			}
			lines := make([][]string, len(rows))
			for i, a := range rows {
				slowed := ""
				if a.Failures > 0 {
					slowed = p.say("slowed", a.Failures)
				}
				lines[i] = []string{a.Code, a.Name, p.word("credentials", a.State), dayOf(a.IssuedAt), dayOf(a.FirstUsed), dayOf(a.LastUsed), slowed}
			}
			table(w, []string{p.say("col_code"), p.say("col_name"), p.say("col_credentials"), p.say("col_issued"), p.say("col_first"), p.say("col_last"), ""}, lines)
		})
	})
}

// dayOf shows a day in a column; "-" for none.
func dayOf(t *time.Time) string {
	if t == nil {
		return "-"
	}
	return t.In(office.Rome()).Format("02/01/2006")
}
