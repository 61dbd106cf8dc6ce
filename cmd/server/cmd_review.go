package main

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) returnCommand() *cobra.Command {
	var r office.ReviewRequest
	until := ""
	cmd := p.command("return", 2, 2, func(cmd *cobra.Command, args []string) (err error) {
		r.Code, r.Part = args[0], strings.ToLower(args[1])
		switch {
		case cmd.Flags().Changed("revision") && r.Revision < 1:
			return p.fail(exitUsage, "bad_number", r.Revision)
		case r.Cancel && (len(r.Remarks) > 0 || until != ""):
			return p.fail(exitUsage, "cancel_alone")
		}
		if r.Until, err = dateFlag(until, true); err != nil {
			return err
		}
		return p.review(cmd, "return", r)
	})
	cmd.Flags().IntVar(&r.Revision, "revision", 0, p.flag("decided-revision"))
	cmd.Flags().StringArrayVar(&r.Remarks, "remark", nil, p.flag("remark"))
	cmd.Flags().StringVar(&until, "until", "", p.flag("open-until"))
	cmd.Flags().BoolVar(&r.Cancel, "cancel", false, p.flag("cancel"))
	return cmd
}

func (p *program) approveCommand() *cobra.Command {
	var r office.ReviewRequest
	cmd := p.command("approve", 1, 2, func(cmd *cobra.Command, args []string) error {
		named := cmd.Flags().Changed("revision")
		if r.Code = args[0]; len(args) == 2 {
			r.Part = strings.ToLower(args[1])
		}
		switch {
		case named && r.Part == "":
			return p.fail(exitUsage, "revision_of_part")
		case named && r.Revision < 1:
			return p.fail(exitUsage, "bad_number", r.Revision)
		}
		return p.review(cmd, "approve", r)
	})
	cmd.Flags().IntVar(&r.Revision, "revision", 0, p.flag("decided-revision"))
	cmd.Flags().BoolVar(&r.Cancel, "cancel", false, p.flag("cancel"))
	return cmd
}

// review runs a decision and says where the parts stand now.
func (p *program) review(cmd *cobra.Command, call string, r office.ReviewRequest) error {
	var reply office.ReviewReply
	if err := p.call(cmd.Context(), mustExist, call, r, &reply); err != nil {
		return err
	}
	p.askOfPupils(r.Remarks...)
	return p.print(reply, func(w io.Writer) {
		in := reply.Institution
		for _, part := range reply.Parts {
			p.line(w, "reviewed", in.Code, in.Name, p.word("part", part.Part), part.Current.Revision, p.word("state", part.State))
			p.showRemarks(w, part)
		}
		p.line(w, "reviewed_return", in.Code, p.word("return", reply.State))
	})
}

// dateFlag reads a date that may be left out.
func dateFlag(typed string, endOfDay bool) (*time.Time, error) {
	if typed == "" {
		return nil, nil
	}
	t, err := office.ParseTime(typed, endOfDay)
	return &t, err
}

// showRemarks tells why and until when a part is open again.
func (p *program) showRemarks(w io.Writer, part office.PartRow) {
	for _, r := range part.Remarks {
		if r.Variable == "" {
			p.line(w, "remark", p.word("part", part.Part), r.Text)
			continue
		}
		p.line(w, "remark_at", p.word("part", part.Part), r.Variable, r.Text)
	}
	if part.OpenUntil != nil {
		p.line(w, "open_until", p.word("part", part.Part), p.moment(*part.OpenUntil))
	}
}

func (p *program) messageCommand() *cobra.Command {
	return p.wordCommand("message", "message_sent")
}

func (p *program) noteCommand() *cobra.Command {
	return p.wordCommand("note", "note_added")
}

// wordCommand writes one text to or about institutions.
func (p *program) wordCommand(name, done string) *cobra.Command {
	var r office.WordRequest
	cmd := p.command(name, 0, -1, func(cmd *cobra.Command, args []string) error {
		r.Codes = args
		var reply office.WordReply
		if err := p.call(cmd.Context(), mustExist, name, r, &reply); err != nil {
			return err
		}
		p.askOfPupils(r.Text)
		return p.print(reply, func(w io.Writer) {
			if r.All {
				p.line(w, "message_all", len(reply.Institutions))
				return
			}
			for _, in := range reply.Institutions {
				p.line(w, done, in.Code, in.Name)
			}
		})
	})
	cmd.Flags().StringVar(&r.Text, "text", "", p.flag("text"))
	if name == "message" { // a note of all schools would be of none
		cmd.Flags().BoolVar(&r.All, "all", false, p.flag("message-all"))
	}
	return cmd
}

// askOfPupils warns when a text that was written looks as if it named a pupil:
// no such name has a place here (docs/privacy.md).
func (p *program) askOfPupils(texts ...string) {
	for _, text := range texts {
		if name := survey.Pupil(text); name != "" {
			p.note("pupil", name)
		}
	}
}

// historyShown is how many changes of a revision are printed; --json has all.
const historyShown = 12

func (p *program) historyCommand() *cobra.Command {
	return p.command("history", 2, 2, func(cmd *cobra.Command, args []string) error {
		var list []office.HistoryRow
		r := office.ShowRequest{Code: args[0], Part: strings.ToLower(args[1]), Lang: p.words.lang}
		if err := p.call(cmd.Context(), mustExist, "history", r, &list); err != nil {
			return err
		}
		return p.print(list, func(w io.Writer) {
			for _, row := range list {
				p.showHistory(w, r.Part, row)
			}
		})
	})
}

func (p *program) showHistory(w io.Writer, part string, row office.HistoryRow) {
	who := p.word("actor", row.Who)
	if s := row.Submission; s != nil {
		who += ", " + s.Device
	}
	p.line(w, "history_row", short(row.At), who, p.word("review", row.Action), row.Revision)
	p.line(w, "history_states", p.word("state", row.Old), p.word("state", row.New))
	if s := row.Submission; s != nil {
		late := ""
		if s.Late {
			late = ", " + p.word("return", "late")
		}
		p.line(w, "history_receipt", s.Number, digest(s.ContentDigest), late)
	}
	for i, c := range row.Changes {
		if i == historyShown {
			p.line(w, "history_more", len(row.Changes)-i)
			break
		}
		p.line(w, "history_change", c.Label, c.ID, p.value(c.Old), p.value(c.New))
	}
	p.showMerge(w, row.Merge)
	for _, e := range row.Explanations {
		p.line(w, "history_why", e.Check, e.Text)
	}
	p.showRemarks(w, office.PartRow{Part: part, Remarks: row.Remarks, OpenUntil: row.OpenUntil})
}

// value shows an answer as it was sent.
func (p *program) value(v any) string {
	switch v := v.(type) {
	case nil:
		return "-"
	case bool:
		return p.yes(v)
	case []any:
		shown := make([]string, len(v))
		for i := range v {
			shown[i] = fmt.Sprint(v[i])
		}
		return strings.Join(shown, ", ")
	}
	return fmt.Sprint(v)
}

// showWords prints what was written to or about an institution.
func (p *program) showWords(w io.Writer, key string, list []store.Word) {
	for _, one := range list {
		p.line(w, key, short(one.At), one.Text)
	}
}

// showMerge tells how a submission came of two versions of its part.
func (p *program) showMerge(w io.Writer, m *surveysync.MergeRecord) {
	if m != nil {
		p.line(w, "history_merge", m.Base, m.Theirs, dash(strings.Join(m.Kept.Mine, ", ")), dash(strings.Join(m.Kept.Theirs, ", ")), len(m.Taken))
	}
}
