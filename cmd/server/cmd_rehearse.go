package main

import (
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/pkg/survey"
)

// rehearseCommand tries a questionnaire on what the schools have sent, before
// it is published.
func (p *program) rehearseCommand() *cobra.Command {
	return p.command("survey rehearse", 1, 1, func(cmd *cobra.Command, args []string) error {
		data, err := p.readQuestionnaire(args[0])
		if err != nil {
			return err
		}
		var faults survey.Faults
		if _, err := survey.LoadNew(data); errors.As(err, &faults) {
			p.showFaults(p.err, args[0], faults)
			return p.fail(exitFindings, "faults", args[0], len(faults))
		}
		var reply office.RehearseReply
		request := office.RehearseRequest{File: office.File{Name: args[0], Data: data}, Lang: p.words.lang}
		if err := p.call(cmd.Context(), mustExist, "survey.rehearse", request, &reply); err != nil {
			return err
		}
		if n := len(reply.Faults); n > 0 { // a server of another version is stricter
			p.showFaults(p.err, args[0], reply.Faults)
			return p.fail(exitFindings, "faults", args[0], n)
		}
		return p.print(reply, func(w io.Writer) { p.showRehearsal(w, reply) })
	})
}

func (p *program) showRehearsal(w io.Writer, r office.RehearseReply) {
	p.line(w, "rehearse_head", r.ID, r.Version, digest(r.Digest))
	p.line(w, "rehearse_tried", r.Submissions, r.Institutions)
	p.line(w, "rehearse_nothing_stored")
	p.showStops(w, r)
	lang := p.words.lang
	for _, g := range r.PartsGone {
		p.line(w, "rehearse_part_gone", p.word("part", g.Part), g.Submissions)
	}
	if len(r.Lost) > 0 {
		p.line(w, "rehearse_lost")
		for _, l := range r.Lost {
			reason := p.word("drop", l.Reason)
			if l.From != "" {
				reason += " (" + l.From + " → " + l.To + ")"
			}
			p.line(w, "rehearse_lost_line", l.ID, l.Label.In(lang), p.wordList("part", l.Parts), reason, l.Submissions)
		}
	}
	if len(r.New) > 0 {
		p.line(w, "rehearse_new")
		for _, n := range r.New {
			p.line(w, "rehearse_new_line", n.ID, n.Label.In(lang), p.wordList("part", n.Parts))
		}
	}
}

func (p *program) showStops(w io.Writer, r office.RehearseReply) {
	if len(r.Stopped) == 0 {
		p.line(w, "rehearse_none_stopped")
	} else {
		p.line(w, "rehearse_stopped", len(r.Stopped), r.Institutions)
	}
	for _, across := range []bool{false, true} {
		told := false
		for _, c := range r.Checks {
			if c.Across != across {
				continue
			}
			if across && !told {
				p.line(w, "rehearse_across")
			}
			told = true
			p.line(w, "rehearse_check", c.Check, p.word("severity", string(c.Severity)), c.Institutions, c.Findings)
			p.line(w, "rehearse_example", c.Example.Code, c.Example.Name, p.example(c.Example), c.Example.Message)
		}
	}
	if len(r.Stopped) == 0 {
		return
	}
	rows := make([][]string, len(r.Stopped))
	for i, s := range r.Stopped {
		rows[i] = []string{s.Code, cut(s.Name, 40), p.wordList("part", s.Parts), strings.Join(s.Checks, ", ")}
	}
	table(w, []string{p.say("col_code"), p.say("col_name"), p.say("col_part"), p.say("col_checks")}, rows)
}

// example says where: the part and the first variables.
func (p *program) example(e office.RehearseExample) string {
	const most = 3
	where := strings.Join(e.Variables[:min(len(e.Variables), most)], ", ")
	if len(e.Variables) > most {
		where += "…"
	}
	if e.Part == "" {
		return where
	}
	return p.word("part", e.Part) + ": " + where
}
