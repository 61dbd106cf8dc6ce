package protocol

import "fmt"

// act is one step of the world.
type act struct {
	verb    string
	dev, on uint8
}

func (a act) String() string {
	switch a.verb {
	case "serve", "judge", "store", "answer-and-crash":
		return fmt.Sprintf("%s(%d)", a.verb, a.on)
	case "edit", "freeze", "send", "resolve":
		return fmt.Sprintf("%c.%s(%s)", 'A'+a.dev, a.verb, []string{"general", "track"}[a.on])
	case "close", "reopen", "backup", "restore":
		return a.verb
	}
	return fmt.Sprintf("%c.%s", 'A'+a.dev, a.verb)
}

// successors calls yield with every step that can be made from s. A step that
// changes nothing is none.
func (m *machine) successors(s *state, yield func(act, state)) {
	step := func(verb string, dev, on int, change func(*state) bool) {
		t := *s
		if change(&t) && t != *s {
			yield(act{verb, uint8(dev), uint8(on)}, t)
		}
	}
	for d := range devices {
		for p := range parts {
			step("edit", d, p, func(t *state) bool { return m.edit(&t.dev[d], d, p) })
			step("freeze", d, p, func(t *state) bool { return m.freeze(&t.dev[d], d, p) })
			step("send", d, p, func(t *state) bool { return m.send(t, d, p) })
			step("resolve", d, p, func(t *state) bool { return m.resolve(&t.dev[d].drafts[p]) })
		}
		step("receive", d, 0, func(t *state) bool { return m.receive(&t.dev[d], true) })
		step("lose", d, 0, func(t *state) bool { return m.lose(&t.dev[d]) })
		step("crash", d, 0, func(t *state) bool { return m.crash(&t.dev[d]) })
		step("pull", d, 0, func(t *state) bool { return m.pull(t, d) })
		step("greet", d, 0, func(t *state) bool { return m.greet(t, d) })
		step("reoffer", d, 0, func(t *state) bool { return m.reoffer(t, d) })
		if m.has(ReceiptApart) {
			step("receive-and-crash", d, 0, func(t *state) bool { return m.receive(&t.dev[d], false) })
		}
	}
	for i, r := range s.sent {
		if r.id == 0 {
			break
		}
		m.arrivals(r, i, step)
	}
	m.office(s, step)
}

func (m *machine) office(s *state, step func(string, int, int, func(*state) bool)) {
	if m.Dates {
		verb := "close"
		if s.srv.closed {
			verb = "reopen"
		}
		step(verb, 0, 0, func(t *state) bool { t.srv.closed = !t.srv.closed; return true })
	}
	if m.Restore && s.srv.epoch == 0 {
		if !s.srv.isSaved {
			step("backup", 0, 0, func(t *state) bool { t.srv.saved, t.srv.isSaved = t.srv.line, true; return true })
		} else {
			step("restore", 0, 0, func(t *state) bool {
				t.srv.line, t.srv.saved, t.srv.epoch = t.srv.saved, line{}, 1
				return true
			})
		}
	}
}

// edit changes one answer in the draft. Tracks open with the general part.
func (m *machine) edit(d *device, who, p int) bool {
	if d.edits >= m.Edits || p == track && (m.Alone || d.drafts[general].content == 0) {
		return false
	}
	bit := uint8(1) << (uint8(who)*m.Edits + d.edits)
	d.edits++
	x := &d.drafts[p]
	x.content |= bit
	x.made |= bit
	if m.has(EditInFlight) && x.entry.state == opQueued {
		x.entry.content |= bit
	}
	return true
}

// freeze is PROTOCOL 12.3, step 1.
func (m *machine) freeze(d *device, who, p int) bool {
	x := &d.drafts[p]
	e := &x.entry
	switch {
	case x.content == x.acknowledgedByServer:
		return false
	case e.state == opRefused && e.content == x.content:
		e.state = opQueued // the same bytes again
		return true
	case e.state == opConflict && x.theirsRev == 0 && x.baseRev == 0 && e.replaces > 0:
		// What it was to replace is lost with the server's disk and nothing has
		// come in its place: there is nothing to compare, and the person sends
		// it again as the first.
	case e.state == opConflict, e.state != opNone && e.content == x.content:
		return false
	case e.state != opNone && e.maybeStored() && !m.has(UnknownReplaced):
		return false // PROTOCOL 10.3
	case d.call.id != 0 && int(d.call.part) == p:
		return false
	}
	b := body{id: 1 + uint8(who) + devices*d.ids, part: uint8(p), content: x.content, replaces: x.baseRev}
	d.ids++
	*e = entry{body: b, state: opQueued}
	return true
}

// send is PROTOCOL 12.3, steps 2 and 3, in the order of 10.6 and 10.7.
func (m *machine) send(s *state, who, p int) bool {
	d := &s.dev[who]
	e := &d.drafts[p].entry
	first := d.drafts[general].entry
	hold := p == track && first.state != opNone && first.state != opConflict && first.replaces == 0
	if d.call.id != 0 || e.state != opQueued || hold || !m.greeted(s, d) {
		return false
	}
	e.sending = true
	d.call = call{id: e.id, part: uint8(p)}
	sent := e.body
	sent.epoch = d.epoch
	if m.has(ClearedAtSend) {
		x := &d.drafts[p]
		x.acknowledgedByServer, x.base, x.baseRev, x.entry = e.content, e.body, e.replaces+1, entry{}
		d.call = call{}
	}
	return m.fits(put(s.sent[:], sent, byID), "requests")
}

// greeted: a pass begins with the server's epoch, and offers again what the
// server lost before it does anything else.
func (m *machine) greeted(s *state, d *device) bool {
	return d.epoch == s.srv.epoch && !d.owes || m.has(EpochIgnored)
}

func (m *machine) greet(s *state, who int) bool {
	d := &s.dev[who]
	if d.call.id != 0 || d.epoch == s.srv.epoch || m.has(EpochIgnored) {
		return false
	}
	d.epoch, d.owes = s.srv.epoch, true
	for p := range d.drafts { // what lay beside a draft may be gone: it comes again
		d.drafts[p].theirs, d.drafts[p].theirsRev = body{}, 0
	}
	return true
}

// receive is PROTOCOL 12.3, steps 4 and 5; whole is false when the receipt is
// not stored together with the clearing of the entry.
func (m *machine) receive(d *device, whole bool) bool {
	c := d.call
	if c.answer == answerNone {
		return false
	}
	x := &d.drafts[c.part]
	e := &x.entry
	d.call = call{}
	switch {
	case c.answer == answerRefusal:
		m.classify(e, c.code)
		return whole
	case c.stored.id != e.id || c.stored.content != e.content || c.revision != e.replaces+1:
		m.classify(e, noAnswer) // a receipt of other bytes is none (9.3)
		return whole
	}
	x.base, x.baseRev, x.acknowledgedByServer, x.settled = c.stored, c.revision, e.content, true
	if x.theirsRev <= c.revision {
		x.theirs, x.theirsRev = body{}, 0
	}
	*e = entry{}
	return !whole || m.fits(put(d.held[:], receipt{c.stored, c.revision}, byReceipt), "receipts")
}

// lose: the answer does not come.
func (m *machine) lose(d *device) bool {
	if d.call.id == 0 {
		return false
	}
	m.classify(&d.drafts[d.call.part].entry, noAnswer)
	d.call = call{}
	return true
}

// crash loses what is not durable: the call. Opening the store turns the mark
// of sending into an unknown outcome, which is what losing the answer does too.
func (m *machine) crash(d *device) bool {
	if m.has(EpochNotedFirst) {
		d.owes = false
	}
	for p := range d.drafts {
		if e := &d.drafts[p].entry; e.sending {
			e.sending, e.unknown = false, e.unknown || !m.has(MarkForgotten)
		}
	}
	d.call = call{}
	return true
}

// pull is PROTOCOL 10.8 and steps 6 to 8.
func (m *machine) pull(s *state, who int) bool {
	d := &s.dev[who]
	if d.call.id != 0 || !m.greeted(s, d) {
		return false
	}
	for p := range d.drafts {
		x := &d.drafts[p]
		n := s.srv.current(uint8(p))
		b := s.srv.slots[p][n]
		if x.entry.state == opConflict && n > 0 && (b.id == x.entry.id || n == x.baseRev && b.id == x.base.id) {
			x.entry.state = opQueued // a restore brought its base back, or it was itself still on its way
		}
		news := n > x.baseRev || s.srv.epoch > 0 && b.id != x.base.id
		if n == 0 || !news || x.entry.state != opNone && x.entry.id == b.id {
			continue
		}
		if x.touched() && !m.has(DownloadOverwrites) {
			x.theirs, x.theirsRev = b, n
			continue
		}
		x.content, x.acknowledgedByServer, x.base, x.baseRev = b.content, b.content, b, n
		x.theirs, x.theirsRev, x.settled = body{}, 0, false
	}
	return true
}

// resolve: a person has decided what stands, and keeps everything (PROTOCOL 10.10
// and Resolve in internal/drafts).
func (m *machine) resolve(x *draft) bool {
	if x.theirsRev == 0 || x.entry.maybeStored() {
		return false
	}
	if !m.has(SilentWinner) {
		x.content |= x.theirs.content
	}
	x.base, x.baseRev, x.acknowledgedByServer = x.theirs, x.theirsRev, x.theirs.content
	x.theirs, x.theirsRev, x.entry, x.settled = body{}, 0, entry{}, false
	return true
}
