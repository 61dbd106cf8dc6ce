package main

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/office"
	"rileva/internal/store"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

func (p *program) surveyCommand() *cobra.Command {
	cmd := p.command("survey", 0, -1, nil)
	cmd.AddCommand(p.surveyShowCommand(), p.datesCommand(), p.surveyCheckCommand(), p.rehearseCommand(), p.publishCommand(), p.voidCommand())
	return cmd
}

func (p *program) surveyShowCommand() *cobra.Command {
	return p.command("survey show", 0, 0, func(cmd *cobra.Command, _ []string) error {
		var reply office.SurveyReply
		if err := p.call(cmd.Context(), mustExist, "survey.show", office.Nothing{}, &reply); err != nil {
			return err
		}
		return p.print(reply, func(w io.Writer) { p.showSurvey(w, reply) })
	})
}

func (p *program) showSurvey(w io.Writer, s office.SurveyReply) {
	lang := p.words.lang
	p.line(w, "survey_title", s.Title.In(lang), s.ID)
	p.line(w, "survey_office", s.Office.In(lang), s.LegalBasis.In(lang), s.Contact.In(lang))
	p.line(w, "survey_stage", p.word("stage", s.Stage))
	p.showDates(w, s.Dates)
	p.line(w, "survey_versions")
	for i := len(s.Versions) - 1; i >= 0; i-- {
		v := s.Versions[i]
		key := "version_older"
		switch {
		case v.Digest == s.InForce:
			key = "version_in_force"
		case v.Void:
			key = "version_void"
		}
		p.line(w, key, v.Digest, p.moment(v.PublishedAt))
	}
	if len(s.Extensions) > 0 {
		p.line(w, "survey_extensions")
		for _, e := range s.Extensions {
			p.line(w, "extension", e.Code, e.Name, dayOf(&e.Dates.Opens), dayOf(&e.Dates.Due), dayOf(&e.Dates.LateUntil), dash(e.Reason))
		}
	}
}

func (p *program) showDates(w io.Writer, d survey.Dates) {
	opens := p.moment(d.Opens)
	if d.OpensAssumed {
		opens += " " + p.say("assumed")
	}
	p.line(w, "dates", opens, p.moment(d.Due), p.moment(d.LateUntil))
}

func (p *program) datesCommand() *cobra.Command {
	var opens, due, late string
	var r office.DatesRequest
	cmd := p.command("survey dates", 0, 0, func(cmd *cobra.Command, _ []string) error {
		for _, f := range []struct {
			flag, text string
			to         **time.Time
		}{{"opens", opens, &r.Opens}, {"due", due, &r.Due}, {"late-until", late, &r.LateUntil}} {
			if !cmd.Flags().Changed(f.flag) {
				continue
			}
			// A date alone: it opens as the day begins and ends as the day ends.
			t, err := office.ParseTime(f.text, f.flag != "opens")
			if err != nil {
				return err
			}
			*f.to = &t
		}
		var reply office.SurveyReply
		if err := p.call(cmd.Context(), mustExist, "survey.dates", r, &reply); err != nil {
			return err
		}
		for _, one := range []struct {
			key string
			at  *time.Time
		}{{"due_past", r.Due}, {"late_past", r.LateUntil}} {
			if one.at != nil && one.at.Before(p.now()) {
				p.note(one.key, p.moment(*one.at))
			}
		}
		return p.print(reply, func(w io.Writer) { p.showSurvey(w, reply) })
	})
	cmd.Flags().StringVar(&r.Reason, "reason", "", p.flag("dates-reason"))
	cmd.Flags().BoolVar(&r.Clear, "clear", false, p.flag("clear"))
	cmd.Flags().StringVar(&opens, "opens", "", p.flag("opens"))
	cmd.Flags().StringVar(&due, "due", "", p.flag("due"))
	cmd.Flags().StringVar(&late, "late-until", "", p.flag("late-until"))
	cmd.Flags().StringVar(&r.Institution, "institution", "", p.flag("institution"))
	return cmd
}

// checkReply is what survey check prints. Remarks are warnings and notes: the
// file can be published all the same.
type checkReply struct {
	File    string         `json:"file"`
	ID      string         `json:"id"`
	Version string         `json:"version"`
	Digest  string         `json:"digest"`
	Parts   []string       `json:"parts"`
	Faults  []survey.Fault `json:"faults"`
	Remarks []survey.Fault `json:"remarks"`
}

func (p *program) surveyCheckCommand() *cobra.Command {
	var against string
	var strict bool
	// It needs no data folder: whoever writes a questionnaire need not run a server.
	cmd := p.command("survey check", 1, 1, func(_ *cobra.Command, args []string) error {
		found, q, err := p.lint(args[0], against)
		if err != nil {
			return err
		}
		reply := checkReply{File: args[0], Parts: []string{}, Faults: []survey.Fault{}, Remarks: []survey.Fault{}}
		for i := range found {
			found[i].Message = found[i].In(p.words.lang)
			if found[i].Level == survey.LevelFault || strict && found[i].Level == survey.LevelWarning {
				reply.Faults = append(reply.Faults, found[i])
			} else {
				reply.Remarks = append(reply.Remarks, found[i])
			}
		}
		if q != nil {
			reply.ID, reply.Version, reply.Digest, reply.Parts = q.ID, q.Version, q.Digest(), q.AllParts()
		}
		err = p.print(reply, func(w io.Writer) {
			p.showFaults(w, args[0], found)
			if len(reply.Faults) == 0 {
				p.line(w, "check_good", args[0], reply.ID, reply.Version, reply.Digest)
			}
			if n := len(reply.Remarks); n > 0 {
				p.line(w, "check_remarks", n)
			}
		})
		if n := len(reply.Faults); n > 0 && err == nil {
			err = p.fail(exitFindings, "faults", args[0], n)
		}
		return err
	})
	cmd.Flags().StringVar(&against, "against", "", p.flag("against"))
	cmd.Flags().BoolVar(&strict, "strict", false, p.flag("strict"))
	return cmd
}

// lint tells all that is wrong with a file, and how it differs from an earlier
// version where one is named.
func (p *program) lint(path, against string) (survey.Faults, *survey.Questionnaire, error) {
	data, err := p.readQuestionnaire(path)
	if err != nil {
		return nil, nil, err
	}
	report := survey.Lint(data)
	found := report.Faults
	if against == "" {
		return found, report.Questionnaire, nil
	}
	before, err := p.readQuestionnaire(against)
	if err != nil {
		return nil, nil, err
	}
	older, err := survey.Load(before)
	var faults survey.Faults
	if errors.As(err, &faults) {
		p.showFaults(p.err, against, faults)
		return nil, nil, p.fail(exitFindings, "faults", against, len(faults))
	}
	found = append(found, report.Against(older)...)
	slices.SortStableFunc(found, func(a, b survey.Fault) int { return a.Line - b.Line })
	return found, report.Questionnaire, err
}

func (p *program) readQuestionnaire(path string) ([]byte, error) {
	data, err := p.readFile(path, survey.MaxFile)
	if err == nil && isBinary(data) {
		err = p.fail(exitUsage, "file_binary", path)
	}
	return data, err
}

// showFaults writes file:line:column: message, which editors know how to follow.
func (p *program) showFaults(w io.Writer, file string, faults []survey.Fault) {
	for _, f := range faults {
		level := ""
		if f.Level != survey.LevelFault {
			level = p.word("level", string(f.Level)) + ": "
		}
		fmt.Fprintf(w, "%s:%d:%d: %s%s\n", surveysync.Visible(file), f.Line, f.Column, level, surveysync.Visible(f.In(p.words.lang)))
	}
}

func (p *program) publishCommand() *cobra.Command {
	return p.command("survey publish", 1, 1, func(cmd *cobra.Command, args []string) error {
		data, err := p.readQuestionnaire(args[0])
		if err != nil {
			return err
		}
		// Before a folder is made for it.
		var faults survey.Faults
		if _, err := survey.LoadNew(data); errors.As(err, &faults) {
			p.showFaults(p.err, args[0], faults)
			return p.fail(exitFindings, "faults", args[0], len(faults))
		}
		var reply office.PublishReply
		request := office.PublishRequest{File: office.File{Name: args[0], Data: data}}
		if err := p.call(cmd.Context(), mayBeginEmpty, "survey.publish", request, &reply); err != nil {
			return err
		}
		if n := len(reply.Faults); n > 0 { // a server of another version is stricter
			p.showFaults(p.err, args[0], reply.Faults)
			return p.fail(exitFindings, "faults", args[0], n)
		}
		return p.print(reply, func(w io.Writer) {
			switch {
			case !reply.Changed:
				p.line(w, "publish_same", reply.ID, reply.Version, reply.Digest)
			case reply.Previous == "":
				p.line(w, "published", reply.ID, reply.Version, reply.Digest)
			default:
				p.line(w, "published_over", reply.ID, reply.Version, reply.Digest, reply.Previous)
			}
		})
	})
}

func (p *program) voidCommand() *cobra.Command {
	return p.command("survey void", 1, 1, func(cmd *cobra.Command, args []string) error {
		var v store.SurveyVersion
		if err := p.call(cmd.Context(), mustExist, "survey.void", office.VoidRequest{Digest: args[0]}, &v); err != nil {
			return err
		}
		return p.print(v, func(w io.Writer) { p.line(w, "voided", v.Digest) })
	})
}
