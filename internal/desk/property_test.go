package desk

import (
	"context"
	"flag"
	"fmt"
	"testing"

	"pgregory.net/rapid"

	"rileva/pkg/survey"
	"rileva/pkg/survey/samples"
	surveysync "rileva/pkg/sync"
)

// person is somebody at a computer of the school, for one run of the property.
type person struct {
	*world
	r       *rapid.T
	d       *Desk
	began   map[string]int // revisions of each part when the run began
	submits map[string]int // submissions that froze something
}

// typed names the answer that is changed in each part.
var typed = map[string]string{survey.GeneralPart: "head_name", "tecnico": "track_notes"}

func parts() []string { return []string{survey.GeneralPart, "tecnico"} }

// TestOnceOnlineAllIsThere: whatever a person types and submits, and whatever
// the network does meanwhile, once it is back the server holds the draft's
// answers, with at most one revision for each submission that changed
// something.
func TestOnceOnlineAllIsThere(t *testing.T) {
	if f := flag.Lookup("rapid.checks"); f != nil && f.Value.String() == "100" {
		// Each run writes some hundred times to two disks; more by -rapid.checks.
		if err := f.Value.Set("25"); err != nil {
			t.Fatal(err)
		}
	}
	w := newWorld(t)
	d := w.respondent()
	general := samples.ForTracks(samples.Institution(), "liceale", "tecnico", "professionale")[survey.GeneralPart]
	_, err := d.Fill(survey.GeneralPart, "general.json", asJSON(general), false)
	w.must(err)
	w.fill(d, "tecnico")
	w.send(d, parts()...)
	rapid.Check(t, func(r *rapid.T) {
		// Each time another computer goes on from what the server has.
		w.network(lineUp)
		p := &person{world: w, r: r, d: w.respondent(), began: map[string]int{}, submits: map[string]int{}}
		for _, part := range parts() {
			p.began[part], _ = w.stored(school, part)
		}
		for range rapid.IntRange(1, 14).Draw(r, "steps") {
			p.step()
		}
		p.settle()
		w.must(p.d.Close())
	})
	w.sound()
}

func (p *person) step() {
	part := rapid.SampledFrom(parts()).Draw(p.r, "part")
	switch rapid.SampledFrom([]string{"set", "set", "submit", "submit", "sync", "down", "lost", "up"}).Draw(p.r, "step") {
	case "set":
		p.set(p.d, part, typed[part], fmt.Sprintf("testo %d", rapid.IntRange(1, 3).Draw(p.r, "value")))
	case "submit":
		p.submit(part)
	case "sync":
		p.sync(p.d)
	case "down":
		p.network(lineDown)
	case "lost":
		p.network(lineLost)
	case "up":
		p.network(lineUp)
	}
}

func (p *person) submit(part string) {
	_, same, err := p.d.Unchanged(part)
	p.must(err)
	if same {
		return
	}
	err = p.d.Submit(part, SubmitOptions{Declared: true})
	if CodeOf(err) == "queue_pending" {
		return // what has left has to be settled first
	}
	p.must(err)
	p.submits[part]++
}

// settle is the network's return, and what has to hold then.
func (p *person) settle() {
	p.network(lineUp)
	for range 2 { // the first pass settles what has left, the second sends the rest
		p.sync(p.d)
		for _, part := range parts() {
			p.submit(part)
		}
	}
	if report := p.sync(p.d); len(report.Waiting) > 0 || report.Err != nil {
		p.r.Fatalf("waiting: %+v", report)
	}
	for part, id := range typed {
		work, err := p.d.Work(part)
		p.must(err)
		n, sub := p.stored(school, part)
		if sub.Answers[id] != work.Value(id) || !work.Draft.Sent || work.Draft.Base.Revision != n {
			p.r.Fatalf("%s: the server has %v as %d, the draft %v as %d", part, sub.Answers[id], n, work.Value(id), work.Draft.Base.Revision)
		}
		if n-p.began[part] > p.submits[part] {
			p.r.Fatalf("%s: %d revisions of %d submissions", part, n-p.began[part], p.submits[part])
		}
		p.noneTwice(p.r, part, p.began[part])
	}
}

// noneTwice: two revisions that follow each other differ, or one of them was
// sent for nothing.
func (w *world) noneTwice(r *rapid.T, part string, from int) {
	in, err := w.store.FindInstitution(context.Background(), school)
	w.must(err)
	last := survey.Answers(nil)
	n, _ := w.stored(school, part)
	for i := from; i <= n; i++ {
		stored, err := w.store.Submission(context.Background(), in.ID, part, i)
		w.must(err)
		sub, err := surveysync.ParseSubmission(stored.Body)
		w.must(err)
		if last != nil && string(asJSON(last)) == string(asJSON(sub.Answers)) {
			r.Fatalf("%s: revision %d is that before it", part, i)
		}
		last = sub.Answers
	}
}
