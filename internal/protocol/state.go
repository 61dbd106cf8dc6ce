package protocol

import (
	"fmt"
	"slices"
)

// The sizes of the world. All fields of a state are single bytes, so that it
// has no gaps and its memory can be hashed as it is.
const (
	devices = 2
	parts   = 2
	maxRev  = 8  // revisions of a part that a run can reach
	maxSent = 14 // different requests
	maxHeld = 8  // receipts on one device

	general = 0
	track   = 1
)

// body is a frozen submission. Its content is the set of edits in it, a bit
// each: a merge is a union, and what is missing was lost.
type body struct {
	id, part, content, replaces uint8
	prev                        uint8 // once stored: the id of the revision that it replaced
	epoch                       uint8 // on its way: the server's, as the device knew it
}

// device gives back who froze it.
func (b body) device() int { return int(b.id-1) % devices }

// The states of an outbox entry (PROTOCOL 10.1).
const (
	opNone = iota
	opQueued
	opRefused
	opConflict
	opNeedsLogin
)

// entry is one part that waits in the outbox.
type entry struct {
	body
	state            uint8
	unknown, sending bool
}

func (e entry) maybeStored() bool { return e.unknown || e.sending }

// draft is one part on a device.
type draft struct {
	content uint8 // edits that stand in it
	made    uint8 // edits that the person made on this device: none may vanish
	entry   entry
	// base is the server's revision that the draft rests on, theirs a newer
	// one that lies beside it; revision 0 is none.
	base, theirs         body
	baseRev, theirsRev   uint8
	acknowledgedByServer uint8 // content of base, as this device knows it
	settled              bool  // base came with this device's own receipt
}

func (d draft) touched() bool { return d.content != d.acknowledgedByServer || d.entry.state != opNone }

// The answers that can be on their way to a device.
const (
	answerNone = iota
	answerReceipt
	answerRefusal
)

// call is the one PUT that a device has under way; id 0 is none.
type call struct {
	id, part       uint8
	answer         uint8
	revision, code uint8 // of a receipt; of a refusal, an index of codes
	stored         body  // what the receipt speaks of
}

// receipt is what a device holds of an acknowledged submission, with its bytes.
type receipt struct {
	body
	revision uint8
}

type device struct {
	edits, ids uint8 // made so far
	epoch      uint8 // the server's, as last heard
	owes       bool  // after a restore: what it holds has not been offered again
	drafts     [parts]draft
	call       call
	held       [maxHeld]receipt
}

// line is what the server stores.
type line struct {
	slots  [parts][maxRev + 1]body // by revision; 0 is not used
	beside [maxHeld]receipt        // re-offered after a restore, and its place was taken
}

type server struct {
	line
	saved   line // the backup
	isSaved bool
	epoch   uint8 // 1 after the restore
	closed  bool
	// judged is for a server that decides outside its transaction.
	judged [2]receipt
}

// state is the whole world at one instant.
type state struct {
	dev  [devices]device
	srv  server
	sent [maxSent]body // every request that ever left: it may arrive at any time, any number of times
}

// current is a part's newest revision.
func (l *line) current(part uint8) uint8 {
	for rev := maxRev; rev > 0; rev-- {
		if l.slots[part][rev].id != 0 {
			return uint8(rev)
		}
	}
	return 0
}

// find looks for a submission wherever it is stored.
func (l *line) find(id uint8) (stored receipt, times int) {
	for part := range l.slots {
		for rev, b := range l.slots[part] {
			if b.id == id {
				stored, times = receipt{b, uint8(rev)}, times+1
			}
		}
	}
	for _, r := range l.beside {
		if r.id == id {
			stored, times = r, times+1
		}
	}
	return stored, times
}

// put adds to a set that is kept in order, so that one set has one spelling.
func put[T comparable](set []T, x T, less func(a, b T) int) bool {
	var zero T
	if slices.Contains(set, x) {
		return true
	}
	if set[len(set)-1] != zero {
		return false
	}
	set[len(set)-1] = x
	sorted(set, less)
	return true
}

// sorted brings a set into its one spelling: what is empty comes last.
func sorted[T comparable](set []T, less func(a, b T) int) {
	var zero T
	slices.SortFunc(set, func(a, b T) int {
		switch {
		case a == b:
			return 0
		case a == zero:
			return 1
		case b == zero:
			return -1
		}
		return less(a, b)
	})
}

func byID(a, b body) int {
	if a.id != b.id {
		return int(a.id) - int(b.id)
	}
	if a.content != b.content {
		return int(a.content) - int(b.content)
	}
	return int(a.epoch) - int(b.epoch)
}

func byReceipt(a, b receipt) int { return byID(a.body, b.body) }

func (b body) String() string {
	return fmt.Sprintf("#%d %s %b/%d", b.id, []string{"general", "track"}[b.part], b.content, b.replaces)
}
