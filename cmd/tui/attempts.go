package main

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

func (p *program) addAttemptCommands(root *cobra.Command) {
	dismiss, because := "", ""
	doctor := p.command("doctor", 0, 0, func(cmd *cobra.Command, _ []string) error {
		return p.with(func(d *desk.Desk) error {
			if cmd.Flags().Changed("dismiss-alarm") || cmd.Flags().Changed("because") {
				return p.dismissAlarm(d, dismiss, because)
			}
			return p.doctor(cmd.Context(), d)
		})
	})
	doctor.Flags().StringVar(&dismiss, "dismiss-alarm", "", p.words["flag dismiss-alarm"])
	doctor.Flags().StringVar(&because, "because", "", p.words["flag because"])
	root.AddCommand(p.command("attempts", 0, 0, func(*cobra.Command, []string) error { return p.with(p.attempts) }), doctor)
}

// dismissAlarm ends the warning about the server's log, with the reason.
func (p *program) dismissAlarm(d *desk.Desk, incident, reason string) error {
	if err := d.DismissAlarm(incident, reason); err != nil {
		return err
	}
	return p.say(map[string]string{"dismissed": incident}, p.words["alarm dismissed"])
}

// doctor goes through the steps of an attempt. Its exit code is that of the
// first step that fails.
func (p *program) doctor(ctx context.Context, d *desk.Desk) error {
	p.noteServer(d)
	exam, err := d.Examine(ctx)
	if err != nil {
		return err
	}
	switch {
	case exam.Err != nil:
		p.code = exitOf(exam.Err)
	case exam.Alarm != nil:
		p.code = exitConflict
	}
	if p.asJSON {
		return p.json(exam)
	}
	w := newTable(p.out)
	var bad desk.ExamStep
	for _, s := range exam.Steps {
		if s.State == desk.ExamFailed {
			bad = s
			fmt.Fprintf(w, "%s\t%s\t%s\n", p.words["exam failed"], p.words["step "+s.Step], p.outcome(s.Code))
			continue
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", p.words["exam "+s.State], p.words["step "+s.Step], surveysync.Visible(s.Detail))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if a := exam.Alarm; a != nil {
		fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(a.Sentence))
		fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], a.Hint)
	}
	if exam.Err == nil {
		return nil
	}
	fmt.Fprintf(p.err, "rileva: %s\n", surveysync.Visible(bad.Detail))
	fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["whose job"], p.words["job "+string(bad.Job)])
	fmt.Fprintf(p.err, "rileva: %s: %s\n", p.words["hint"], surveysync.Visible(bad.Hint))
	fmt.Fprintf(p.err, "rileva: "+p.words["incident"]+"\n", exam.Incident)
	return nil
}

// attemptLine is one line of `attempts --json`.
type attemptLine struct {
	At       time.Time `json:"at"`
	Part     string    `json:"part,omitempty"`
	What     string    `json:"what"` // submit, login, password, sync
	Code     string    `json:"code"`
	Outcome  string    `json:"outcome"` // Code in words
	Incident string    `json:"incident"`
	Step     string    `json:"step,omitempty"` // at which it was stopped
	Detail   string    `json:"detail,omitempty"`
	Millis   int64     `json:"duration_ms"`
	Next     time.Time `json:"next,omitzero"`
}

func (p *program) attempts(d *desk.Desk) error {
	list, err := d.Attempts()
	if err != nil {
		return err
	}
	lines := []attemptLine{} // oldest first: the newest stands where the eye is
	for _, a := range list {
		what := a.What
		if what == "" {
			what = "submit"
		}
		lines = append(lines, attemptLine{At: a.At, Part: a.Part, What: what, Code: a.Code, Outcome: p.outcome(a.Code),
			Incident: a.Incident, Step: a.Step, Detail: a.Detail, Millis: a.Duration.Milliseconds(), Next: a.Next})
	}
	if p.asJSON {
		return p.json(lines)
	}
	w := newTable(p.out)
	fmt.Fprintln(w, p.words["attempts head"])
	for _, a := range lines {
		what := a.Part
		if what == "" {
			what = p.words["what "+a.What]
		}
		words := a.Outcome
		if a.Detail != "" {
			words += ": " + a.Detail
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.At.In(desk.Rome).Format("02/01/2006 15:04:05"), what, a.Code, a.Incident, surveysync.Visible(words))
	}
	return w.Flush()
}

// outcome says a code of the history, or of the queue, in words.
func (p *program) outcome(code string) string {
	if word := p.words["outcome "+code]; word != "" {
		return word
	}
	if surveysync.StatusOf(surveysync.Code(code)) != 0 {
		return surveysync.NewProblem(surveysync.Code(code), p.lang).Title
	}
	return p.words["outcome other"]
}
