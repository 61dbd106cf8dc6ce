package tui

import (
	"cmp"
	"context"
	"fmt"
	"time"

	tea "charm.land/bubbletea/v2"

	"rileva/internal/desk"
	surveysync "rileva/pkg/sync"
)

// doctorPage goes through the steps of an attempt and says which is the first
// that fails, whose job it is and what to do. Nothing is sent by it.
type doctorPage struct {
	listing
	exam    *desk.Exam // nil while it is under way
	err     error
	running bool
}

// examMsg is the outcome of an examination.
type examMsg struct {
	exam desk.Exam
	err  error
}

// openDoctor opens the page and begins at once.
func openDoctor(a *App) tea.Cmd {
	if _, open := a.top().(*doctorPage); open {
		return nil
	}
	p := &doctorPage{listing: listing{app: a}}
	a.push(p)
	if a.top() != page(p) {
		return nil // what was typed could not be saved
	}
	return p.run()
}

func (p *doctorPage) run() tea.Cmd {
	if p.running {
		return nil
	}
	p.running, p.exam, p.err = true, nil, nil
	p.refresh()
	examine := p.app.desk.Examine
	return func() tea.Msg {
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		exam, err := examine(ctx)
		return examMsg{exam, err}
	}
}

// examined takes the outcome wherever the person is by then.
func (a *App) examined(msg examMsg) {
	for _, p := range a.pages {
		if d, ok := p.(*doctorPage); ok {
			d.running, d.exam, d.err = false, &msg.exam, msg.err
			d.refresh()
		}
	}
	a.watch()
}

func (p *doctorPage) title() string { return p.app.texts.Link.DoctorTitle }
func (p *doctorPage) help() string  { return p.app.texts.Link.HelpDoctor }
func (p *doctorPage) about() string { return p.app.texts.Link.AboutDoctor }

func (p *doctorPage) refresh() {
	t, l := p.app.texts, p.app.texts.Link
	p.rows = nil
	// They are there whatever the state is, so that the focus has a line to be on.
	doors := []listRow{{}, {text: l.Again, note: "R", open: func() tea.Cmd { return p.run() }},
		{text: t.More.MenuAttempts, open: func() tea.Cmd { p.app.push(newAttempts(p.app)); return nil }}, {}}
	if alarm, err := p.app.desk.Alarm(); err == nil && alarm != nil {
		p.rows = append(p.rows, listRow{more: []string{"! " + alarm.Sentence, alarm.Hint}}, listRow{})
	}
	switch {
	case p.running:
		p.rows = append(append(p.rows, listRow{more: []string{l.Running}}), doors...)
		return
	case p.err != nil:
		p.rows = append(append(p.rows, listRow{more: []string{desk.Sentence(p.err, t.lang), desk.Hint(p.err, t.lang)}}), doors...)
		return
	case p.exam == nil:
		return
	}
	p.rows = append(append(p.rows, p.verdict()), doors...)
	for _, s := range p.exam.Steps {
		mark := map[string]string{desk.ExamOK: "[x] ", desk.ExamFailed: "[!] ", desk.ExamSkipped: "[ ] "}[s.State]
		row := listRow{text: mark + l.step(s.Step)}
		switch {
		case s.State == desk.ExamSkipped:
			row.note = l.Skipped
		case s.State == desk.ExamFailed:
			row.note = l.StopsHere
		case s.Detail != "":
			row.more = []string{s.Detail}
		}
		p.rows = append(p.rows, row)
	}
}

// verdict is what matters, first: that all is well, or what fails, whose job
// that is, what to do, and the code to tell.
func (p *doctorPage) verdict() listRow {
	l := p.app.texts.Link
	for _, s := range p.exam.Steps {
		if s.State == desk.ExamFailed {
			return listRow{more: []string{fmt.Sprintf(l.Stopped, l.step(s.Step)), s.Detail, l.WhoseJob + ": " + l.job(s.Job),
				l.WhatToDo + ": " + s.Hint, p.app.texts.More.Incident + " " + p.exam.Incident}}
		}
	}
	return listRow{more: []string{l.AllWell}}
}

func (p *doctorPage) key(k tea.KeyPressMsg) tea.Cmd {
	if s := k.String(); s == "r" || s == "R" {
		return p.run()
	}
	cmd, _ := p.move(k)
	return cmd
}

// watch looks what the frame says of the server, whether its log has been found
// changed and which school year it asks about: not at each key, but when
// something may have told.
func (a *App) watch() {
	alarm, err := a.desk.Alarm()
	a.alarm = err == nil && alarm != nil
	a.year = surveysync.Visible(a.desk.SchoolYear())
}

// step says in words where an attempt was.
func (l linkTexts) step(step string) string {
	return cmp.Or(map[string]string{
		surveysync.StepAddress: l.StepAddress, surveysync.StepName: l.StepName, surveysync.StepConnect: l.StepConnect,
		surveysync.StepTLS: l.StepTLS, surveysync.StepServer: l.StepServer, surveysync.StepVersion: l.StepVersion,
		surveysync.StepSignIn: l.StepSignIn, surveysync.StepDates: l.StepDates, surveysync.StepQuestionnaire: l.StepQuestionnaire,
		surveysync.StepPayload: l.StepPayload, surveysync.StepStored: l.StepStored, surveysync.StepReceipt: l.StepReceipt,
	}[step], step)
}

// job says whose it is.
func (l linkTexts) job(job surveysync.Job) string {
	return map[surveysync.Job]string{surveysync.JobNetwork: l.JobNetwork, surveysync.JobOffice: l.JobOffice,
		surveysync.JobNobody: l.JobNobody, surveysync.JobPerson: l.JobPerson}[job]
}
