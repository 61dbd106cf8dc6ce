package plain

import (
	"fmt"
	"strconv"
	"strings"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// menu lists the parts and does what is asked until the person leaves.
func (s *session) menu() error {
	if err := s.pass(); err != nil {
		return err
	}
	shown := false // read out again only when something may have changed
	for {
		view, err := s.desk.Overview()
		if err != nil {
			return err
		}
		if !shown {
			s.overview(view)
		}
		line, err := s.ask(s.words["which_part"])
		if err != nil {
			return err
		}
		if shown, err = s.choose(view, line); err != nil {
			return err
		}
	}
}

func (s *session) overview(v desk.Overview) {
	s.print("")
	s.print(surveysync.Visible(v.Institution.Name))
	if when := s.desk.DueSentence(s.lang); when != "" {
		s.print(when)
	}
	for i, p := range v.Parts {
		line := fmt.Sprintf("%d. %s: %s", i+1, p.Title, s.words["state_"+p.State])
		if p.State != desk.StateBlank && !p.Locked {
			line += ", " + fmt.Sprintf(s.words["answered"], p.Progress.Answered, p.Progress.Total)
		}
		if p.Locked && !p.Waits() {
			line = fmt.Sprintf("%d. %s: %s", i+1, p.Title, s.words["locked"])
		}
		s.print(line)
		if p.NotOffered != "" {
			s.print("   " + p.NotOffered)
		}
		if p.Removed {
			s.print("   " + s.words["removed"])
		}
		for _, r := range p.Remarks {
			s.print("   " + fmt.Sprintf(s.words["remark"], surveysync.Visible(r.Text)))
		}
	}
	for _, m := range v.Messages {
		s.say("message", desk.Moment(m.At, s.lang), m.Text)
	}
	for _, f := range v.Across {
		if f.Blocks() {
			s.print(s.finding(f))
		}
	}
	if v.Unsent > 0 {
		s.say("unsent", v.Unsent)
	}
}

// choose does what a line of the menu asks; same says that the list of the
// parts is as it was.
func (s *session) choose(v desk.Overview, line string) (same bool, err error) {
	command, rest := s.command(line)
	switch command {
	case cmdNone:
		if line != "" {
			return s.openPart(v, line)
		}
		return false, nil
	case cmdStatus:
		return false, nil
	case cmdSend:
		return false, s.sendAll()
	case cmdSync:
		return false, s.pass()
	case cmdExplain:
		return false, s.explain(survey.GeneralPart, survey.Blocking(v.Across), rest)
	case cmdLeave:
		return true, errLeave
	case cmdReceipts:
		return true, s.receipts()
	case cmdErrors:
		return true, s.allFindings(v)
	case cmdHelp:
		s.say("help_menu")
	case cmdSave:
		s.say("saved_already")
	default:
		s.say("not_here")
	}
	return true, nil
}

func (s *session) openPart(v desk.Overview, line string) (same bool, err error) {
	n, notNumber := strconv.Atoi(line)
	for i, p := range v.Parts {
		if notNumber != nil && strings.EqualFold(line, p.Title) || notNumber == nil && n == i+1 {
			return false, s.fill(p.Part)
		}
	}
	s.say("no_such_part", len(v.Parts))
	return true, nil
}

// allFindings lists what is open in every part that was begun.
func (s *session) allFindings(v desk.Overview) error {
	none := true
	for _, p := range v.Parts {
		if p.State == desk.StateBlank || p.Locked {
			continue
		}
		found, err := s.desk.Findings(p.Part)
		if err != nil {
			return err
		}
		if found = survey.Blocking(found); len(found) > 0 {
			none = false
			s.print(p.Title)
		}
		for _, f := range found {
			s.print("  " + s.finding(f))
		}
	}
	for _, f := range survey.Blocking(v.Across) {
		none = false
		s.print("  " + s.finding(f))
	}
	if none {
		s.say("no_findings")
	}
	return nil
}

// finding is one finding in words, its id last: for the telephone.
func (s *session) finding(f survey.Finding) string {
	word := s.words["severity_"+string(f.Severity)]
	if f.Explained {
		word = s.words["explained"]
	}
	return fmt.Sprintf("%s: %s (%s)", word, surveysync.Visible(f.Message), f.Check)
}
