package main

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/register"
	"rileva/internal/register/milano"
	"rileva/pkg/survey"
)

// demoAccount is one school to sign in as.
type demoAccount struct {
	office.Credential
	Kind   string   `json:"kind"`
	Tracks []string `json:"expected_tracks"`
	Client string   `json:"client"` // the command that starts the client for it
}

// demoReply is what demo prints when it is ready.
type demoReply struct {
	Address      string        `json:"address"`
	Data         string        `json:"data"`
	Institutions int           `json:"institutions"`
	Accounts     []demoAccount `json:"accounts"`
}

type demoFlags struct {
	listen, client string
	institutions   int
}

func (p *program) demoCommand() *cobra.Command {
	var f demoFlags
	cmd := p.command("demo", 0, 0, func(cmd *cobra.Command, _ []string) error {
		return p.demo(cmd.Context(), f)
	})
	cmd.Flags().StringVar(&f.listen, "listen", "127.0.0.1:0", p.flag("listen"))
	cmd.Flags().StringVar(&f.client, "client", "rileva", p.flag("client"))
	cmd.Flags().IntVar(&f.institutions, "institutions", 0, p.flag("institutions"))
	return cmd
}

// demo runs a server on a folder that it makes and removes again.
func (p *program) demo(ctx context.Context, f demoFlags) (err error) {
	if f.institutions < 0 {
		return p.fail(exitUsage, "bad_number", f.institutions)
	}
	if err := p.checkAddress(f.listen, false); err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "rileva-demo-")
	if err != nil {
		return p.fail(exitUsage, "folder_failed", os.TempDir()).because(err)
	}
	defer func() {
		if gone := os.RemoveAll(dir); gone != nil {
			p.note("demo_left", dir)
		}
	}()
	data := filepath.Join(dir, "data")
	app, _, err := p.openApp(ctx, Config{DataDir: data, Listen: f.listen})
	if err != nil {
		return err
	}
	reply, err := p.furnish(ctx, app.cfg.Office, f.institutions)
	if err != nil {
		return errors.Join(err, app.Close())
	}
	reply.Address, reply.Data = app.URL(), data
	for i := range reply.Accounts {
		// A home of its own, inside the folder: a demo must not touch the drafts
		// of whoever tries it, and two schools are two computers.
		home := filepath.Join(dir, "client-"+reply.Accounts[i].Code)
		reply.Accounts[i].Client = fmt.Sprintf("RILEVA_HOME=%s RILEVA_SERVER=%s %s", quoted(home), app.URL(), quoted(f.client))
	}
	if err := p.print(reply, func(w io.Writer) { p.showDemo(w, reply) }); err != nil {
		return errors.Join(err, app.Close())
	}
	return p.runApp(ctx, app)
}

func (p *program) showDemo(w io.Writer, r demoReply) {
	p.line(w, "demo_ready", r.Address, r.Institutions)
	for _, a := range r.Accounts {
		// Commands are copied: they must not be broken into lines.
		fmt.Fprintln(w, p.say("demo_account", a.Name, p.word("kind", a.Kind), p.wordList("track", a.Tracks), a.Code, a.Password, a.Client))
	}
	fmt.Fprintln(w, p.say("demo_office", quoted(p.self)+" --data "+quoted(r.Data)+" status"))
	p.line(w, "demo_stop")
}

// furnish fills a new store: register, dates around now, confirmed groups, and
// passwords for one school of each sort.
func (p *program) furnish(ctx context.Context, o *office.Office, limit int) (demoReply, error) {
	chosen, file, err := demoRegister(limit)
	if err != nil {
		return demoReply{}, err
	}
	imported, err := o.ImportRegister(ctx, office.ImportRequest{Files: []office.File{{Name: "schools_milano.csv", Data: file}}})
	if err != nil {
		return demoReply{}, err
	}
	if _, err := o.ConfirmGroups(ctx, office.ConfirmRequest{}); err != nil {
		return demoReply{}, err
	}
	now := p.now()
	opens, due, late := now.AddDate(0, 0, -1), now.AddDate(0, 0, 30), now.AddDate(0, 0, 37)
	if _, err := o.SetDates(ctx, office.DatesRequest{Opens: &opens, Due: &due, LateUntil: &late}); err != nil {
		return demoReply{}, err
	}
	reply := demoReply{Institutions: imported.Institutions, Accounts: []demoAccount{}}
	for _, in := range chosen {
		issued, err := o.IssueCredentials(ctx, office.IssueRequest{Codes: []string{in.Code}})
		if err != nil {
			return reply, err
		}
		for _, c := range issued {
			reply.Accounts = append(reply.Accounts, demoAccount{Credential: c, Kind: in.Kind, Tracks: in.ExpectedTracks})
		}
	}
	return reply, nil
}

// demoRegister picks the schools to sign in as, and cuts the register of
// Milano down to limit institutions, those among them; 0 keeps all.
func demoRegister(limit int) (chosen []register.Institution, file []byte, err error) {
	result, err := register.Read("schools_milano.csv.gz", bytes.NewReader(milano.CSV), register.Options{})
	if err != nil {
		return nil, nil, err
	}
	all, faults := register.Group(result.Schools)
	if len(faults) > 0 {
		return nil, nil, fmt.Errorf("the embedded register: %s", faults[0])
	}
	pick := func(fits func(register.Institution) bool) {
		if i := slices.IndexFunc(all, fits); i >= 0 && (limit == 0 || len(chosen) < limit) {
			chosen = append(chosen, all[i])
		}
	}
	three := []string{survey.TrackLiceale, survey.TrackTecnico, survey.TrackProfessionale}
	pick(func(in register.Institution) bool {
		return in.Kind == survey.KindState && slices.Equal(in.ExpectedTracks, three)
	})
	pick(func(in register.Institution) bool { return in.Kind == survey.KindParitaria && len(in.Codes) > 1 })
	pick(func(in register.Institution) bool {
		return in.Kind == survey.KindState && len(in.Codes) == 1 && slices.Equal(in.ExpectedTracks, three[:1])
	})
	keep := map[string]bool{}
	n := 0
	for _, in := range slices.Concat(chosen, all) {
		if limit > 0 && n == limit {
			break
		}
		if !keep[in.Schools[0].Code] {
			n++
		}
		for _, s := range in.Schools {
			keep[s.Code] = true
		}
	}
	file, err = cutRegister(keep)
	return chosen, file, err
}

// cutRegister is the embedded file with the rows of some codes only.
func cutRegister(keep map[string]bool) ([]byte, error) {
	unpacked, err := gzip.NewReader(bytes.NewReader(milano.CSV))
	if err != nil {
		return nil, err
	}
	rows, err := csv.NewReader(unpacked).ReadAll()
	if err != nil {
		return nil, err
	}
	column := slices.IndexFunc(rows[0], func(s string) bool { return strings.TrimPrefix(s, "\ufeff") == "CODICESCUOLA" })
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	for i, row := range rows {
		if i == 0 || keep[survey.NormalizeSchoolCode(row[column])] {
			if err := w.Write(row); err != nil {
				return nil, err
			}
		}
	}
	w.Flush()
	return b.Bytes(), w.Error()
}
