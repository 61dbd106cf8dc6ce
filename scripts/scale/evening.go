package main

import (
	"container/heap"
	"math/rand/v2"
	"slices"
)

// evening is how the end of a survey went. Times are milliseconds.
type evening struct {
	peak               float64 // submissions a second while most came
	p50, p99           float64 // of those, from asking to the receipt
	processors, writer float64 // shares of the peak in which they were busy
	group              float64 // submissions in a commit, on the average
}

const minute = 60_000.0

// playEvening plays the last twenty minutes of a survey of n submissions.
func playEvening(s step, n int) evening { return newPlay(s, signInsEach).run(20*minute, atTheEnd(n)) }

func atTheEnd(n int) float64 { return float64(n) * lastDay * lastEvening * lastMinutes }

// playOutage lets those who would have come in the last twenty minutes come in
// two, without a new sign-in: their tokens live.
func playOutage(s step, n int) evening {
	return newPlay(s, 0).run(2*minute, atTheEnd(n))
}

// play is one simulation: first come, first served at the processors of all
// servers together; then each server's writer takes what waits, up to a group,
// and all writers of a store take turns at one lock.
type play struct {
	step
	random  *rand.Rand
	signIns float64
	events  events
	now     float64

	free    int   // processors
	jobs    []job // that wait for one
	waiting []job // for the writers
	writing bool

	busyCPU, busyOne float64
	groups, grouped  int
	took             []float64
}

// job is a submission, or a sign-in, which no writer sees.
type job struct {
	asked  float64
	signIn bool
}

func newPlay(s step, signIns float64) *play {
	return &play{step: s, random: rand.New(rand.NewPCG(1, 2)), signIns: signIns, free: s.servers * s.cores}
}

// event is what happens at a moment.
type event struct {
	at float64
	do func()
}

type events []event

func (e events) Len() int           { return len(e) }
func (e events) Less(i, j int) bool { return e[i].at < e[j].at }
func (e events) Swap(i, j int)      { e[i], e[j] = e[j], e[i] }
func (e *events) Push(x any)        { *e = append(*e, x.(event)) }
func (e *events) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}

func (p *play) after(wait float64, do func()) { heap.Push(&p.events, event{p.now + wait, do}) }

// run lets n submissions come within a time, each at a moment of its own.
func (p *play) run(within, n float64) evening {
	for range int(n) {
		p.arrive(within, false)
	}
	for range int(n * p.signIns) {
		p.arrive(within, true)
	}
	heap.Init(&p.events)
	for len(p.events) > 0 {
		e := heap.Pop(&p.events).(event)
		p.now = e.at
		e.do()
	}
	slices.Sort(p.took)
	span := max(p.now, within)
	at := func(share float64) float64 { return p.took[int(share*float64(len(p.took)-1))] }
	return evening{peak: n / within * 1000, p50: at(0.5), p99: at(0.99),
		processors: p.busyCPU / span / float64(p.servers*p.cores), writer: p.busyOne / span,
		group: float64(p.grouped) / float64(p.groups)}
}

func (p *play) arrive(within float64, signIn bool) {
	at := p.random.Float64() * within
	p.events = append(p.events, event{at, func() {
		p.jobs = append(p.jobs, job{at, signIn})
		p.check()
	}})
}

// check gives free processors to those who wait.
func (p *play) check() {
	for p.free > 0 && len(p.jobs) > 0 {
		one := p.jobs[0]
		p.jobs = p.jobs[1:]
		p.free--
		cost := checkMS
		if one.signIn {
			cost = signInMS
		}
		p.busyCPU += cost
		p.after(cost, func() {
			p.free++
			if !one.signIn {
				p.waiting = append(p.waiting, one)
				p.write()
			}
			p.check()
		})
	}
}

// write begins a group when the lock is free. A server's group holds what its
// own senders have brought: a share of all that waits.
func (p *play) write() {
	if p.writing || len(p.waiting) == 0 {
		return
	}
	p.writing = true
	n := min((len(p.waiting)+p.servers-1)/p.servers, groupLimit)
	group := slices.Clone(p.waiting[:n])
	p.waiting = p.waiting[n:]
	each, end := baseMS, baseEndMS
	if p.file {
		each, end = fileMS, fileEndMS
	}
	cost := float64(n)*each + end
	p.busyOne += cost
	p.groups++
	p.grouped += n
	p.after(cost, func() {
		p.writing = false
		for _, one := range group {
			p.took = append(p.took, p.now-one.asked)
		}
		p.write()
	})
}
