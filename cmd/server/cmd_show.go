package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) showCommand() *cobra.Command {
	revision, variables := 0, false
	cmd := p.command("show", 1, 2, func(cmd *cobra.Command, args []string) error {
		r := office.ShowRequest{Code: args[0], Revision: revision, Lang: p.words.lang}
		named := cmd.Flags().Changed("revision")
		switch {
		case len(args) == 1 && named:
			return p.fail(exitUsage, "revision_of_part")
		case named && revision < 1:
			return p.fail(exitUsage, "bad_number", revision)
		case len(args) == 1:
			return p.showReturn(cmd.Context(), r)
		}
		r.Part = strings.ToLower(args[1])
		return p.showPart(cmd.Context(), r, variables)
	})
	cmd.Flags().IntVar(&revision, "revision", 0, p.flag("revision"))
	cmd.Flags().BoolVar(&variables, "variables", false, p.flag("variables"))
	return cmd
}

func (p *program) showReturn(ctx context.Context, r office.ShowRequest) error {
	var reply office.ReturnReply
	if err := p.call(ctx, mustExist, "return.show", r, &reply); err != nil {
		return err
	}
	return p.print(reply, func(w io.Writer) {
		in := reply.Institution
		p.line(w, "inst_head", in.Code, in.Name)
		state := p.word("return", reply.State)
		if reply.Late {
			state += ", " + p.word("return", "late")
		}
		p.line(w, "return_state", in.Comune, state)
		if reply.Excluded != "" {
			p.line(w, "inst_excluded", reply.Excluded)
		}
		p.showDates(w, reply.Dates)
		fmt.Fprintln(w)
		rows := make([][]string, len(reply.Parts))
		for i, part := range reply.Parts {
			row := []string{p.word("part", part.Part), p.word("state", part.State), "-", "-", "", ""}
			if c := part.Current; c != nil {
				row[2], row[3], row[4] = strconv.Itoa(c.Revision), short(c.ReceivedAt), cut(c.Device, 16)
				if c.Late {
					row[5] = p.word("return", "late")
				}
			}
			rows[i] = row
		}
		table(w, []string{p.say("col_part"), p.say("col_state"), p.say("col_revision"), p.say("col_received"), p.say("col_device"), p.say("col_notes")}, rows)
		for _, part := range reply.Parts {
			p.showRemarks(w, part)
		}
		p.showFindings(w, reply.Findings)
		p.showBeside(w, reply.Beside)
		fmt.Fprintln(w)
		p.showContact(w, reply.Contact)
		p.showWords(w, "message", reply.Messages)
		p.showWords(w, "note", reply.Notes)
	})
}

func (p *program) showFindings(w io.Writer, findings []survey.Finding) {
	if len(findings) == 0 {
		return
	}
	fmt.Fprintln(w)
	p.line(w, "findings")
	for _, f := range findings {
		p.line(w, "finding", f.Check, f.Message, p.word("finding", map[bool]string{true: "open", false: "settled"}[f.Blocks()]))
	}
}

func (p *program) showPart(ctx context.Context, r office.ShowRequest, variables bool) error {
	var reply office.PartReply
	if err := p.call(ctx, mustExist, "part.show", r, &reply); err != nil {
		return err
	}
	sent, err := surveysync.ParseSubmission(reply.Body)
	if err != nil {
		return err // it was parsed before it was stored
	}
	q, err := survey.Load(reply.Questionnaire)
	if err != nil {
		return err
	}
	reply.Questionnaire = nil // the command's own business: not printed
	return p.print(reply, func(w io.Writer) {
		in, sub := reply.Institution, reply.Submission
		p.line(w, "inst_head", in.Code, in.Name)
		p.line(w, "part_head", p.word("part", sub.Part), sub.Revision, p.word("state", reply.State))
		p.line(w, "part_received", p.moment(sub.ReceivedAt), sub.Device, sub.Number)
		p.line(w, "part_digests", digest(sub.ContentDigest), digest(sub.Questionnaire))
		if sub.Late {
			p.line(w, "part_late")
		}
		if !reply.Current {
			p.line(w, "part_older")
		}
		p.showRemarks(w, office.PartRow{Part: sub.Part, Remarks: reply.Remarks})
		switch sheet := q.Sheet(sub.Part); {
		case sheet == nil:
		case variables:
			p.showVariables(w, sheet, sent)
		default:
			p.showAnswers(w, sheet, sent)
		}
		p.showMerge(w, sent.Merge)
		for _, id := range slices.Sorted(maps.Keys(sent.Explanations)) {
			e := sent.Explanations[id]
			p.line(w, "explanation", id, p.reason(q.Reasons, e.Reason), e.Text)
		}
	})
}

func (p *program) reason(list []survey.Option, id string) string {
	for _, o := range list {
		if o.ID == id {
			return o.Label.In(p.words.lang)
		}
	}
	return id
}

// showVariables prints the answers by name, as remarks speak of them.
func (p *program) showVariables(w io.Writer, sheet *survey.Sheet, sent surveysync.Submission) {
	fmt.Fprintln(w)
	for _, v := range sheet.Variables() {
		if text := p.answer(v, sent); text != "" {
			p.line(w, "variable", v.ID, text, v.Name(p.words.lang))
		}
	}
}

// showAnswers prints a sheet section by section, a grid as a table.
func (p *program) showAnswers(w io.Writer, sheet *survey.Sheet, sent surveysync.Submission) {
	lang := p.words.lang
	for _, section := range sheet.Sections {
		fmt.Fprintln(w)
		wrapped(w, "", section.Title.In(lang))
		for _, item := range section.Items {
			if v := item.Question; v != nil {
				if text := p.answer(v, sent); text != "" {
					wrapped(w, "  ", v.Name(lang)+": "+text)
				}
				continue
			}
			p.showGrid(w, item.Grid, sent)
		}
	}
}

func (p *program) showGrid(w io.Writer, g *survey.Grid, sent surveysync.Submission) {
	lang := p.words.lang
	header := []string{"  " + g.Title.In(lang)}
	var rows [][]string
	for _, r := range g.Rows {
		row := []string{"  " + r.Label.In(lang)}
		filled := false
		for _, v := range r.Cells {
			text := p.answer(v, sent)
			filled = filled || text != ""
			row = append(row, dash(text))
		}
		if len(r.Cells) > len(header)-1 {
			header = append(header[:1], columns(g, lang)...)
		}
		if filled { // computed rows are not sent
			rows = append(rows, row)
		}
	}
	if len(rows) > 0 {
		table(w, header, rows)
	}
}

// columns names each cell of a row by its place on the axes.
func columns(g *survey.Grid, lang string) []string {
	names := []string{""}
	for _, axis := range g.Axes {
		var next []string
		for _, n := range names {
			for _, item := range axis.Items {
				label := item.Short.In(lang)
				if label == "" {
					label = item.Label.In(lang)
				}
				next = append(next, strings.TrimSpace(n+" "+label))
			}
		}
		names = next
	}
	return names
}

// answer is one value as a person reads it; "" when there is none.
func (p *program) answer(v *survey.Variable, sent surveysync.Submission) string {
	if _, ok := sent.Unavailable[v.ID]; ok {
		return p.say("unavailable")
	}
	label := func(id string) string {
		for _, o := range v.Options {
			if o.ID == id {
				return o.Label.In(p.words.lang)
			}
		}
		return id
	}
	switch value := sent.Answers[v.ID].(type) {
	case nil:
		return ""
	case bool:
		return p.yes(value)
	case int:
		return survey.FormatInt(value, p.words.lang)
	case string:
		return label(value)
	case []string:
		names := make([]string, len(value))
		for i, id := range value {
			names[i] = label(id)
		}
		return strings.Join(names, ", ")
	default:
		return fmt.Sprint(value)
	}
}
