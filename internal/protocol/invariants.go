package protocol

import (
	"fmt"

	surveysync "rileva/pkg/sync"
)

// broken names the first invariant that does not hold in s, or "". The numbers
// are those of the contract, section 5.
func (m *machine) broken(s *state) string {
	if m.lie != "" {
		return m.lie
	}
	for part := range parts {
		for rev := uint8(1); rev <= s.srv.current(uint8(part)); rev++ {
			if why := m.revision(s, uint8(part), rev); why != "" {
				return why
			}
		}
	}
	for _, r := range s.srv.beside {
		if now := s.srv.current(r.part); r.id != 0 && r.revision == now+1 && r.prev == s.srv.slots[r.part][now].id {
			return fmt.Sprintf("8: %v stands beside, and its place is free", r.body)
		}
	}
	for _, r := range s.sent {
		if _, times := s.srv.find(r.id); r.id != 0 && times > 1 {
			return fmt.Sprintf("2: the submission %v is stored %d times", r, times)
		}
	}
	if s.srv.epoch == 0 && s.srv.current(track) > 0 && s.srv.current(general) == 0 {
		return "gate: a track is stored before the general part"
	}
	whole := s.srv.epoch == 0 // nothing that was acknowledged is missing for now
	if !whole {
		whole = true
		for _, d := range s.dev {
			whole = whole && d.epoch == s.srv.epoch && !d.owes
		}
	}
	for i := range s.dev {
		if why := m.device(s, i, whole); why != "" {
			return why
		}
	}
	return ""
}

// revision judges one place in the line of a part.
func (m *machine) revision(s *state, part, rev uint8) string {
	b := s.srv.slots[part][rev]
	before := s.srv.slots[part][rev-1]
	switch {
	case b.id == 0:
		return fmt.Sprintf("3: revision %d is missing", rev)
	case b.replaces != rev-1 || b.prev != before.id:
		return fmt.Sprintf("4: revision %d is %v, which does not replace %v", rev, b, before)
	case before.content&^b.content != 0:
		return fmt.Sprintf("4: revision %d has lost what stands in the one before, unseen", rev)
	}
	return ""
}

// device judges what one device believes.
func (m *machine) device(s *state, who int, whole bool) string {
	d := &s.dev[who]
	for _, r := range d.held {
		if r.id == 0 {
			break
		}
		if stored, times := s.srv.find(r.id); whole && (times == 0 || stored.content != r.content || stored.revision != r.revision) {
			return fmt.Sprintf("1, 8: %c holds the receipt of %v, which is not stored like that", 'A'+who, r.body)
		}
	}
	if c := d.call; c.answer == answerReceipt && s.srv.epoch == 0 {
		if stored, times := s.srv.find(c.stored.id); times == 0 || stored.content != c.stored.content {
			return fmt.Sprintf("1: the receipt of %v has left and the submission is not stored", c.stored)
		}
	}
	for p := range d.drafts {
		x := &d.drafts[p]
		if x.made&^x.content != 0 {
			return fmt.Sprintf("5: %c has lost its own edits", 'A'+who)
		}
		if x.settled && !d.holds(x.base.id) {
			return fmt.Sprintf("5: %c has cleared the entry of %v and holds no receipt", 'A'+who, x.base)
		}
		// After a restore only what was acknowledged comes back by itself.
		sure := s.srv.epoch == 0 || whole && x.settled
		if stored, times := s.srv.find(x.base.id); sure && !x.touched() && x.content != 0 &&
			(times == 0 || x.content&^stored.content != 0) {
			return fmt.Sprintf("5: %c shows the %s as sent and the server does not have it", 'A'+who, partNames[p])
		}
	}
	return ""
}

func (d *device) holds(id uint8) bool {
	for _, r := range d.held {
		if r.id == id {
			return true
		}
	}
	return false
}

// judgeRefusal looks at what a refusal says at the moment at which it is said.
// A request that was overtaken may still arrive afterwards: then what was said
// is no longer so, and a conflict shows it.
func (m *machine) judgeRefusal(s *state, r body, code surveysync.Code) {
	stored, times := s.srv.find(r.id)
	_, fate := surveysync.Classify(surveysync.NewProblem(code, "it"))
	switch {
	case times > 0 && stored.content == r.content && fate == surveysync.FateNotStored:
		m.lie = fmt.Sprintf("9: %v is stored, and the resend is told %s", r, code)
	case code == surveysync.IDReused:
		m.lie = fmt.Sprintf("2: an honest device is told that the id of %v is another's", r)
	case code == surveysync.RevisionConflict && !m.Dates && !m.Restore:
		now := s.srv.slots[r.part][s.srv.current(r.part)]
		if d := &s.dev[r.device()]; now.id != 0 && now.device() == r.device() && !d.holds(now.id) && d.call.id == r.id {
			m.lie = fmt.Sprintf("9: %c meets itself: %v stands in the way of %v", 'A'+r.device(), now, r)
		}
	}
}

// atRest: nothing waits, and all sides hold the same.
func (s *state) atRest() bool {
	for i := range s.dev {
		d := &s.dev[i]
		if d.call.id != 0 || d.epoch != s.srv.epoch || d.owes {
			return false
		}
		for p := range d.drafts {
			x, n := &d.drafts[p], s.srv.current(uint8(p))
			if x.touched() || x.theirsRev != 0 || x.baseRev != n || n > 0 && x.base.id != s.srv.slots[p][n].id {
				return false
			}
		}
	}
	return true
}
