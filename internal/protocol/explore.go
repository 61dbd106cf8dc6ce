package protocol

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"
	"unsafe"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// Fault is a rule of the protocol that is left out.
type Fault uint32

// The rules that can be left out. Each comment is what the broken program does.
const (
	NoBaseCheck        Fault = 1 << iota // accepts whatever revision was named
	NoKey                                // does not look for the submission id
	EditInFlight                         // edits change what is queued, under the same id
	ClearedAtSend                        // the outbox entry goes when the bytes leave
	AnswerBeforeCommit                   // the receipt leaves before it is on the disk
	DatesBeforeReplay                    // a resend is refused after the last date
	NoGate                               // a track is taken before the general part
	DecidedOutside                       // the verdict is not in the transaction that stores
	ReceiptApart                         // the receipt is stored after the entry was cleared
	UnknownReplaced                      // bytes that may be stored are replaced by others
	MarkForgotten                        // a crash while sending counts as not sent
	DownloadOverwrites                   // a download replaces unsent answers
	SilentWinner                         // a conflict ends with mine, unseen what was theirs
	EpochIgnored                         // the device does not notice a restore
	EpochNotedFirst                      // a crash forgets that something is to be offered again
	ReofferOverwrites                    // what is offered again replaces what came meanwhile
	ReofferedByNumber                    // its place is given back whoever stands before it
	NumbersTrusted                       // after a restore a number is taken for the revision that it was
	NotAdopted                           // what stood beside for want of its predecessor stays there
	EpochNotFenced                       // a request from before the restore is judged after it
	faults             = iota
)

var faultNames = [faults]string{"no base check", "no key", "key for changed bytes", "outbox cleared at send",
	"answer before commit", "replay checked after the dates", "no gate", "decision outside the transaction",
	"receipt not stored with the clearing", "unknown outcome replaced", "sending mark forgotten", "download overwrites the draft",
	"silent winner", "epoch ignored after a restore", "re-offer forgotten by a crash", "re-offer overwrites", "re-offer by number alone",
	"numbers trusted after a restore", "what waits beside is not adopted", "no fence at a restore"}

// Faults lists every rule that can be left out.
func Faults() []Fault {
	all := make([]Fault, faults)
	for i := range all {
		all[i] = 1 << i
	}
	return all
}

func (f Fault) String() string {
	for i, name := range faultNames {
		if f == 1<<i {
			return name
		}
	}
	return "no fault"
}

// Size is how much of the world is explored.
type Size struct {
	Edits   uint8 // that a person makes on each device
	Dates   bool  // the office closes and opens again
	Restore bool  // the server comes back from a backup, once
	Alone   bool  // only the general part is filled in
	States  int   // stop after so many; 0: all of them
}

// Result is what an exploration has found.
type Result struct {
	States, Steps int
	Whole         bool   // every state was visited
	Broken        string // the invariant that does not hold, or ""
	Stuck         int    // states from which nothing ever comes to rest
	Trace         string // the shortest way to what is broken or stuck
}

type machine struct {
	Size
	fault         Fault
	questionnaire *survey.Questionnaire
	verdicts      map[question]surveysync.Verdict
	lie           string // found while a step was made
	cut           bool   // a step did not fit the sizes
}

func (m *machine) has(f Fault) bool { return m.fault&f != 0 }

// visited is what is kept of a state: how it was reached, and what leads to it.
type visited struct {
	from  int32
	by    act
	backs []int32
}

// Explore visits every state that can be reached, breadth first, and stops at
// the first broken invariant. When none is broken it looks for states from
// which there is no way to rest. A state is known by 128 bits of hash: among a
// million the odds that two are taken for one are below 1 in 10^26.
func Explore(size Size, fault Fault) (Result, error) {
	q, err := survey.Load([]byte(questionnaire))
	if err != nil {
		return Result{}, err
	}
	m := &machine{Size: size, fault: fault, questionnaire: q, verdicts: map[question]surveysync.Verdict{}}
	seeds := [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}
	key := func(s *state) [2]uint64 {
		raw := unsafe.Slice((*byte)(unsafe.Pointer(s)), unsafe.Sizeof(*s)) // single bytes only: no gaps
		return [2]uint64{maphash.Bytes(seeds[0], raw), maphash.Bytes(seeds[1], raw)}
	}
	var start state
	known := map[[2]uint64]int32{key(&start): 0}
	all := []visited{{from: -1}}
	queue := []state{start}
	var rest []int32
	r := Result{Whole: true}
	for at := int32(0); len(queue) > 0 && r.Broken == ""; at++ {
		s := queue[0]
		queue = queue[1:]
		if s.atRest() {
			rest = append(rest, at)
		}
		m.successors(&s, func(a act, t state) {
			r.Steps++
			k := key(&t)
			i, seen := known[k]
			if r.Broken == "" && (!seen || m.lie != "") {
				if r.Broken = m.broken(&t); r.Broken != "" {
					r.Trace = trace(all, at, a)
				}
			}
			m.lie = ""
			if !seen {
				if size.States > 0 && len(all) >= size.States {
					r.Whole = false
					return
				}
				i = int32(len(all))
				known[k] = i
				all = append(all, visited{from: at, by: a})
				queue = append(queue, t)
			}
			if fault == 0 {
				all[i].backs = append(all[i].backs, at)
			}
		})
	}
	r.States = len(all)
	if m.cut {
		return r, fmt.Errorf("protocol: %d edits do not fit the sizes of the world", size.Edits)
	}
	if r.Broken == "" && fault == 0 && r.Whole { // cut off, the way back may lie beyond
		r.stuck(all, rest)
	}
	return r, nil
}

// stuck walks back from the states at rest; what it does not reach never
// comes to rest.
func (r *Result) stuck(all []visited, rest []int32) {
	reached := make([]bool, len(all))
	for _, i := range rest {
		reached[i] = true
	}
	for len(rest) > 0 {
		i := rest[len(rest)-1]
		rest = rest[:len(rest)-1]
		for _, j := range all[i].backs {
			if !reached[j] {
				reached[j] = true
				rest = append(rest, j)
			}
		}
	}
	for i := range all {
		if !reached[i] {
			if r.Stuck == 0 {
				r.Trace = trace(all, all[i].from, all[i].by)
			}
			r.Stuck++
		}
	}
}

func trace(all []visited, at int32, last act) string {
	steps := []string{last.String()}
	for ; at > 0; at = all[at].from {
		steps = append(steps, all[at].by.String())
	}
	slices.Reverse(steps)
	return strings.Join(steps, " ")
}
