package protocol

import (
	"fmt"
	"hash/maphash"
	"slices"
	"strings"

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
	full          string // what of the world's sizes a step did not fit into
}

// fits notes what the world has no room for: it has to be made larger.
func (m *machine) fits(ok bool, what string) bool {
	if !ok {
		m.full = what
	}
	return ok
}

func (m *machine) has(f Fault) bool { return m.fault&f != 0 }

// fingerprint is what a state is known by: 128 bits of hash. Among a hundred
// million the odds that two are taken for one are below 1 in 10^22.
type fingerprint [2]uint64

// explored is what is kept of the states: some 100 bytes for each.
type explored struct {
	seeds [2]maphash.Seed
	known map[fingerprint]int32
	from  []int32 // the state that each was first reached from; -1 for the start
	ahead queue   // those whose successors are still to be found
	// leads lists what can follow, state by state: that of state i ends at
	// ends[i]. Empty when nobody asks for the way to rest.
	leads []int32
	ends  []int
}

func newExplored() *explored {
	x := &explored{seeds: [2]maphash.Seed{maphash.MakeSeed(), maphash.MakeSeed()}, known: map[fingerprint]int32{}}
	var start state
	x.add(&start, x.key(&start), -1)
	return x
}

func (x *explored) key(s *state) fingerprint {
	return fingerprint{maphash.Bytes(x.seeds[0], s.bytes()), maphash.Bytes(x.seeds[1], s.bytes())}
}

func (x *explored) add(s *state, k fingerprint, from int32) int32 {
	i := int32(len(x.from))
	x.known[k] = i
	x.from = append(x.from, from)
	x.ahead.push(s)
	return i
}

// Explore visits every state that can be reached, breadth first, and stops at
// the first broken invariant. When none is broken it looks for states from
// which there is no way to rest.
func Explore(size Size, fault Fault) (Result, error) {
	q, err := survey.Load([]byte(questionnaire))
	if err != nil {
		return Result{}, err
	}
	m := &machine{Size: size, fault: fault, questionnaire: q, verdicts: map[question]surveysync.Verdict{}}
	x := newExplored()
	var reached []bool // that there is a way from it to rest
	r := Result{Whole: true}
	for at := int32(0); !x.ahead.empty() && r.Broken == "" && m.full == ""; at++ {
		s := x.ahead.pop()
		reached = append(reached, s.atRest())
		m.successors(&s, func(a act, t state) {
			r.Steps++
			k := x.key(&t)
			i, seen := x.known[k]
			if r.Broken == "" && (!seen || m.lie != "") {
				if r.Broken = m.broken(&t); r.Broken != "" {
					r.Trace = strings.Join(append(m.trace(x, at), a.String()), " ")
				}
			}
			m.lie = ""
			if m.full != "" && r.Trace == "" {
				r.Trace = strings.Join(append(m.trace(x, at), a.String()), " ")
			}
			if !seen {
				if size.States > 0 && len(x.from) >= size.States {
					r.Whole = false
					return
				}
				i = x.add(&t, k, at)
			}
			if fault == 0 {
				x.leads = append(x.leads, i)
			}
		})
		x.ends = append(x.ends, len(x.leads))
	}
	r.States = len(x.from)
	if m.full != "" {
		return r, fmt.Errorf("protocol: after %d states there are more %s than the world has room for, after %s", r.States, m.full, r.Trace)
	}
	if r.Broken == "" && fault == 0 && r.Whole { // cut off, the way to rest may lie beyond
		m.stuck(x, reached, &r)
	}
	return r, nil
}

// stuck looks from the states at rest for those that lead there, until there
// are no more; what is left never comes to rest. Most steps lead to a later
// state, so that going through them backwards takes few rounds.
func (m *machine) stuck(x *explored, reached []bool, r *Result) {
	for again := true; again; {
		again = false
		for i := len(reached) - 1; i >= 0; i-- {
			begin := 0
			if i > 0 {
				begin = x.ends[i-1]
			}
			if !reached[i] && slices.ContainsFunc(x.leads[begin:x.ends[i]], func(next int32) bool { return reached[next] }) {
				reached[i], again = true, true
			}
		}
	}
	for i := range reached {
		if !reached[i] {
			if r.Stuck == 0 {
				r.Trace = strings.Join(m.trace(x, int32(i)), " ")
			}
			r.Stuck++
		}
	}
}

// trace is the shortest way to a state: the steps are made again, because only
// what each state was reached from is kept.
func (m *machine) trace(x *explored, to int32) []string {
	var way []int32
	for ; to > 0; to = x.from[to] {
		way = append(way, to)
	}
	again := *m
	var steps []string
	var s state
	for _, next := range slices.Backward(way) {
		here := s
		found := false
		again.successors(&here, func(a act, t state) {
			if i, seen := x.known[x.key(&t)]; !found && seen && i == next {
				s, found = t, true
				steps = append(steps, a.String())
			}
		})
	}
	return steps
}
