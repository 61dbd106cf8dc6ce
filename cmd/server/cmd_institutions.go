package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/register"
	"rileva/internal/store"
	"rileva/pkg/survey"
)

func (p *program) institutionsCommand() *cobra.Command {
	cmd := p.command("institutions", 0, -1, nil)
	cmd.AddCommand(p.importCommand(), p.addCommand(), p.listCommand(), p.institutionShowCommand(),
		p.excludeCommand(), p.includeCommand(), p.tracksCommand(), p.groupCommand(), p.ungroupCommand(), p.confirmCommand(),
		p.mergeCommand(), p.removeCommand())
	return cmd
}

func (p *program) importCommand() *cobra.Command {
	var r office.ImportRequest
	cmd := p.command("institutions import", 1, -1, func(cmd *cobra.Command, files []string) error {
		return p.importFiles(cmd.Context(), r, files)
	})
	cmd.Flags().BoolVar(&r.DryRun, "dry-run", false, p.flag("dry-run"))
	cmd.Flags().StringVar(&r.Province, "province", "", p.flag("province"))
	cmd.Flags().BoolVar(&r.AcceptGone, "accept-gone", false, p.flag("accept-gone"))
	return cmd
}

func (p *program) importFiles(ctx context.Context, r office.ImportRequest, files []string) error {
	for _, path := range files {
		data, err := p.readFile(path, office.MaxRegisterFile)
		if err != nil {
			return err
		}
		r.Files = append(r.Files, office.File{Name: path, Data: data})
	}
	if r.DryRun {
		trial, err := os.MkdirTemp("", "rileva-trial-")
		if err != nil {
			return p.fail(exitUsage, "folder_failed", os.TempDir()).because(err)
		}
		defer func() { _ = os.RemoveAll(trial) }()
		p.trial = trial
	}
	var reply office.ImportReply
	if err := p.call(ctx, mayBegin, "institutions.import", r, &reply); err != nil {
		return err
	}
	if err := p.print(reply, func(w io.Writer) { p.showImport(w, reply) }); err != nil {
		return err
	}
	if n := len(reply.Rejected); n > 0 {
		return p.fail(exitFindings, "import_rejected", n)
	}
	return nil
}

func (p *program) showImport(w io.Writer, r office.ImportReply) {
	for _, f := range r.Files {
		p.line(w, "import_file", f.Name, f.Rows, f.Schools)
		for _, reason := range slices.Sorted(maps.Keys(f.Skipped)) {
			p.line(w, "import_skipped", f.Skipped[reason], p.italian(reason))
		}
	}
	for _, x := range r.Rejected {
		p.line(w, "import_fault", p.italian(x.String()))
	}
	if len(r.Rejected) > 0 {
		return
	}
	for _, in := range r.Added {
		p.line(w, "import_added", in.Code, in.Name, in.Comune)
	}
	for _, c := range r.Changed {
		p.line(w, "import_changed", c.Code, c.Name)
		for _, x := range c.Changes {
			p.line(w, "import_change", p.word("field", x.Field), dash(x.Old), dash(x.New))
		}
	}
	for _, g := range r.Gone {
		p.showGone(w, g)
	}
	for _, g := range r.GoneCodes {
		p.line(w, "import_gone_code", g.Code, g.Institution)
	}
	if n := len(r.Unconfirmed); n > 0 {
		p.line(w, "unconfirmed_groups", n)
		p.showGroups(w, r.Unconfirmed)
		p.line(w, "unconfirmed_hint")
	}
	if r.ManyGone {
		p.line(w, "import_many_gone", r.Lost, r.Known)
	}
	key := "import_stored"
	if r.DryRun {
		key = "import_dry"
	}
	p.line(w, key, len(r.Added), len(r.Changed), len(r.Gone), r.Unchanged)
}

func (p *program) showGone(w io.Writer, g office.GoneInstitution) {
	switch into := strings.Join(g.Into, ", "); {
	case g.Merged:
		p.line(w, "import_merged", g.Code, g.Name, into)
	case len(g.Into) > 0:
		p.line(w, "import_gone_into", g.Code, g.Name, into, g.Parts)
	default:
		p.line(w, "import_gone", g.Code, g.Name)
	}
}

func (p *program) showGroups(w io.Writer, groups []office.Brief) {
	rows := make([][]string, len(groups))
	for i, g := range groups {
		rows[i] = []string{"  " + g.Code, g.Name, strings.Join(g.Codes, " "), p.italian(g.Why)}
	}
	table(w, []string{"  " + p.say("col_code"), p.say("col_name"), p.say("col_codes"), p.say("col_why")}, rows)
}

func dash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func (p *program) addCommand() *cobra.Command {
	var r office.AddRequest
	cmd := p.command("institutions add", 1, 1, func(cmd *cobra.Command, args []string) error {
		r.Code = args[0]
		var reply office.AddReply
		if err := p.call(cmd.Context(), mayBegin, "institutions.add", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) {
			in := reply.Institution
			p.line(w, "added", in.Code, in.Name, in.Comune, strings.Join(in.Codes, ", "), p.wordList("track", in.ExpectedTracks))
			for _, c := range reply.Doubtful {
				p.note("doubtful_code", c)
			}
		})
	})
	cmd.Flags().StringVar(&r.Name, "name", "", p.flag("name"))
	cmd.Flags().StringVar(&r.Comune, "comune", "", p.flag("comune"))
	cmd.Flags().StringVar(&r.Kind, "kind", "", p.flag("kind"))
	cmd.Flags().StringSliceVar(&r.Codes, "codes", nil, p.flag("codes"))
	return cmd
}

func (p *program) listCommand() *cobra.Command {
	var r office.ListRequest
	cmd := p.command("institutions list", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var rows []office.InstitutionRow
		if err := p.call(cmd.Context(), mustExist, "institutions.list", r, &rows); err != nil {
			return err
		}
		return p.print(rows, func(w io.Writer) { p.showList(w, rows) })
	})
	cmd.Flags().StringVar(&r.Kind, "kind", "", p.flag("kind"))
	cmd.Flags().StringVar(&r.Comune, "comune", "", p.flag("comune"))
	cmd.Flags().BoolVar(&r.Unconfirmed, "unconfirmed", false, p.flag("unconfirmed"))
	cmd.Flags().BoolVar(&r.Excluded, "excluded", false, p.flag("excluded"))
	return cmd
}

func (p *program) showList(w io.Writer, list []office.InstitutionRow) {
	if len(list) == 0 {
		p.line(w, "no_institutions")
		return
	}
	rows := make([][]string, len(list))
	for i, in := range list {
		var notes []string
		if !in.Confirmed {
			notes = append(notes, p.say("note_unconfirmed"))
		}
		if in.Excluded != "" {
			notes = append(notes, p.say("note_excluded", in.Excluded))
		}
		if in.ByHand {
			notes = append(notes, p.say("note_by_hand"))
		}
		rows[i] = []string{in.Code, cut(in.Name, 44), cut(in.Comune, 26), p.word("kindshort", in.Kind), fmt.Sprint(len(in.Codes)),
			p.wordList("trackshort", in.ExpectedTracks), p.word("credentials", in.Credentials), strings.Join(notes, "; ")}
	}
	table(w, []string{p.say("col_code"), p.say("col_name"), p.say("col_comune"), p.say("col_kind"), p.say("col_n_codes"),
		p.say("col_tracks"), p.say("col_credentials"), p.say("col_notes")}, rows)
	fmt.Fprintln(w)
	p.line(w, "tracks_legend")
	p.line(w, "total_institutions", len(list))
}

func (p *program) institutionShowCommand() *cobra.Command {
	return p.command("institutions show", 1, 1, func(cmd *cobra.Command, args []string) error {
		var in office.InstitutionReply
		if err := p.call(cmd.Context(), mustExist, "institutions.show", office.One{Code: args[0]}, &in); err != nil {
			return err
		}
		return p.print(in, func(w io.Writer) { p.showInstitution(w, in) })
	})
}

func (p *program) showInstitution(w io.Writer, in office.InstitutionReply) {
	p.line(w, "inst_head", in.Code, in.Name)
	p.line(w, "inst_place", in.Comune, dash(in.Province), dash(in.Address))
	p.line(w, "inst_kind", p.word("kind", in.Kind), dash(in.Email), dash(in.PEC))
	p.line(w, "inst_tracks", p.wordList("track", in.ExpectedTracks), p.say(map[bool]string{true: "by_office", false: "by_codes"}[in.OwnTracks]))
	if in.Why != "" {
		p.line(w, "inst_why", p.italian(in.Why), p.yes(in.Confirmed))
	}
	if in.ByHand {
		p.line(w, "inst_by_hand")
	}
	if in.Excluded != "" {
		p.line(w, "inst_excluded", in.Excluded)
	}
	if in.Dates != nil {
		p.line(w, "inst_dates", p.moment(in.Dates.Opens), p.moment(in.Dates.Due), p.moment(in.Dates.LateUntil))
	}
	p.line(w, "inst_credentials", p.word("credentials", in.Credentials))
	rows := make([][]string, len(in.Codes))
	for i, c := range in.Codes {
		s := register.School{}
		if k := slices.IndexFunc(in.Schools, func(s register.School) bool { return s.Code == c }); k >= 0 {
			s = in.Schools[k]
		}
		track := "-"
		if t, ok := survey.TrackOfSchoolCode(c); ok {
			track = p.word("track", t)
		}
		rows[i] = []string{"  " + c, dash(s.Name), dash(s.Type), dash(s.Address), dash(s.Comune), track}
	}
	fmt.Fprintln(w)
	table(w, []string{"  " + p.say("col_code"), p.say("col_name"), p.say("col_type"), p.say("col_address"), p.say("col_comune"), p.say("col_tracks")}, rows)
}

// oneCommand makes a command that changes one institution and says so.
func (p *program) changeOne(ctx context.Context, call string, request any, key string, args func(store.Institution) []any) error {
	var in store.Institution
	if err := p.call(ctx, mustExist, call, request, &in); err != nil {
		return err
	}
	return p.print(in, func(w io.Writer) { p.line(w, key, args(in)...) })
}

func (p *program) excludeCommand() *cobra.Command {
	var r office.ExcludeRequest
	cmd := p.command("institutions exclude", 1, 1, func(cmd *cobra.Command, args []string) error {
		r.Code = args[0]
		var reply office.ExcludeReply
		if err := p.call(cmd.Context(), mustExist, "institutions.exclude", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) {
			p.line(w, "excluded", reply.Code, reply.Name, reply.Excluded)
			if reply.Replaced != "" {
				p.line(w, "excluded_before", reply.Replaced)
			}
		})
	})
	cmd.Flags().StringVar(&r.Reason, "reason", "", p.flag("reason"))
	return cmd
}

func (p *program) includeCommand() *cobra.Command {
	return p.command("institutions include", 1, 1, func(cmd *cobra.Command, args []string) error {
		return p.changeOne(cmd.Context(), "institutions.include", office.One{Code: args[0]}, "included",
			func(in store.Institution) []any { return []any{in.Code, in.Name} })
	})
}

// italian shows a sentence of the register, which speaks Italian, in the
// person's language.
func (p *program) italian(sentence string) string {
	if p.words.lang == "en" {
		return register.InEnglish(sentence)
	}
	return sentence
}

func (p *program) groupCommand() *cobra.Command {
	var r office.GroupRequest
	cmd := p.command("institutions group", 1, -1, func(cmd *cobra.Command, args []string) error {
		r.Codes = args
		var reply office.GroupReply
		if err := p.call(cmd.Context(), mustExist, "institutions.group", r, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.showGroup(w, reply) })
	})
	cmd.Flags().StringVar(&r.Keep, "keep", "", p.flag("keep"))
	return cmd
}

func (p *program) showGroup(w io.Writer, r office.GroupReply) {
	in := r.Institution
	if !r.Changed {
		p.line(w, "group_same", strings.Join(in.Codes, ", "))
		return
	}
	p.line(w, "grouped", in.Code, in.Name, strings.Join(in.Codes, ", "))
	if r.LoginMoved {
		p.line(w, "group_login", in.Code, r.Kept)
	}
	for _, j := range r.Joined {
		p.line(w, "group_ended", j.Code)
	}
	for _, c := range r.SetAside {
		p.line(w, "group_aside", r.Kept, c)
	}
}

func (p *program) ungroupCommand() *cobra.Command {
	return p.command("institutions ungroup", 1, -1, func(cmd *cobra.Command, args []string) error {
		var list []office.Ungrouped
		if err := p.call(cmd.Context(), mustExist, "institutions.ungroup", office.UngroupRequest{Codes: args}, &list); err != nil {
			return err
		}
		return p.print(list, func(w io.Writer) {
			for _, u := range list {
				p.line(w, "ungrouped_kept", strings.Join(u.Kept.Codes, ", "), u.Kept.Name, u.Parts, u.Kept.Code)
				for _, b := range u.Left {
					p.line(w, "ungrouped_left", b.Code, b.Name)
				}
			}
		})
	})
}

func (p *program) confirmCommand() *cobra.Command {
	return p.command("institutions confirm", 0, -1, func(cmd *cobra.Command, args []string) error {
		var list []office.Brief
		if err := p.call(cmd.Context(), mustExist, "institutions.confirm", office.ConfirmRequest{Codes: args}, &list); err != nil {
			return err
		}
		return p.print(list, func(w io.Writer) {
			if len(list) == 0 {
				p.line(w, "nothing_to_confirm")
				return
			}
			p.line(w, "confirmed", len(list))
			p.showGroups(w, list)
		})
	})
}
