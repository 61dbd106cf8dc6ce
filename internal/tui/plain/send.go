package plain

import (
	"strings"

	"rileva/internal/desk"
	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// send sends one part: what keeps it back is listed, what becomes final is
// said, the declaration is asked, and nothing leaves without a yes.
func (s *session) send(work *desk.Work) (sent bool, err error) {
	if receipt, same, err := s.desk.Unchanged(work.Part); err == nil && same {
		s.say("sent_already", receipt.Number)
		return false, nil
	}
	p := work.Eval.Progress()
	if p.Hard+p.Explain > 0 {
		s.say("blocked", p.Hard, p.Explain)
		return false, nil
	}
	opt := desk.SubmitOptions{Withdraw: s.desk.Dropped(work)}
	s.say("send_summary", work.Sheet.Title.In(s.lang), p.Answered, p.Total)
	if len(opt.Withdraw) > 0 {
		titles := make([]string, len(opt.Withdraw))
		for i, part := range opt.Withdraw {
			titles[i] = s.desk.PartTitle(part)
		}
		s.say("withdraw", strings.Join(titles, ", "))
	}
	s.say("final")
	for _, v := range work.Sheet.Variables() {
		if v.Type != survey.TypeDeclaration {
			continue
		}
		s.print(v.Name(s.lang))
		if opt.Declared, err = s.yes(s.words["declare"]); err != nil || !opt.Declared {
			return false, err
		}
	}
	if yes, err := s.yes(s.words["send_now"]); err != nil || !yes {
		return false, err
	}
	if err := s.desk.Submit(work.Part, opt); err != nil {
		s.refused(err)
		return false, nil
	}
	return true, s.pass()
}

// sendAll sends what is ready, one part after the other.
func (s *session) sendAll() error {
	parts, err := s.desk.Ready()
	if err != nil {
		return err
	}
	offered := 0
	for _, part := range parts {
		if _, same, err := s.desk.Unchanged(part); err == nil && same {
			continue
		}
		work, err := s.desk.Work(part)
		if err != nil {
			s.refused(err)
			continue
		}
		offered++
		s.print(work.Sheet.Title.In(s.lang))
		if _, err := s.send(work); err != nil {
			return err
		}
	}
	if offered == 0 {
		s.say("nothing_to_send")
	}
	return nil
}

// pass sends what waits, fetches what is new and tells of both. Without a
// network the work goes on.
func (s *session) pass() error {
	report, err := s.desk.Sync(s.ctx, true)
	if err != nil {
		return err
	}
	for _, r := range report.Sent {
		s.receipt(r)
	}
	for _, part := range report.Fetched {
		s.say("fetched", s.desk.PartTitle(part))
	}
	if report.GivenBack != "" {
		s.print(report.GivenBack)
	}
	for _, w := range report.Waiting {
		s.say("waits", s.desk.PartTitle(w.Part))
		if w.Detail != "" {
			s.print(strings.TrimSpace(w.Detail + " " + w.Hint))
		}
		if w.Incident != "" {
			s.say("incident", w.Incident)
		}
	}
	for _, told := range report.Beside {
		s.print(told)
	}
	if report.Err != nil && (len(report.Waiting) == 0 || report.Owed > 0) {
		s.print(strings.TrimSpace(report.Detail + " " + report.Hint))
	}
	if report.LogAlarm != "" {
		s.print(report.LogAlarm)
	}
	conflicts, err := s.desk.Conflicts()
	for _, c := range conflicts {
		s.say("conflict", s.desk.PartTitle(c.Part), c.Part)
	}
	return err
}

func (s *session) receipts() error {
	all, err := s.desk.Receipts()
	if err != nil {
		return err
	}
	for _, r := range all {
		s.receipt(r)
	}
	if len(all) == 0 {
		s.say("no_receipts")
	}
	return nil
}

func (s *session) receipt(r surveysync.Receipt) {
	s.say("receipt", s.desk.PartTitle(r.Part), r.Revision, desk.InWords(r.ReceivedAt, s.lang), r.Number)
	if r.Late {
		s.say("late")
	}
}
