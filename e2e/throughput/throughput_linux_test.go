package throughput_test

import (
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"rileva/e2e/rebuilt"
	"rileva/pkg/survey"
)

var (
	rounds  = flag.Int("rounds", 5, "rounds of each of the two")
	while   = flag.Duration("while", 500*time.Millisecond, "how long a round lasts")
	stored  = flag.Int("stored", 20_000, "submissions in the store that is compared with one of a thousand")
	profile = flag.String("profile", "", "existing folder for processor profiles of the server")
)

// flush is how much longer a flush takes on the slow disk.
const flush = 5 * time.Millisecond

// pair is the floor and the server with the same senders.
type pair struct{ floor, rileva *child }

func startPair(tb testing.TB, program string, senders int) pair {
	tb.Helper()
	p := pair{start(tb, program, order{Kind: floor, Senders: senders}),
		start(tb, program, order{Kind: rileva, Senders: senders}, profiling(tb)...)}
	for i := range p.floor.greeted.Senders {
		p.floor.greeted.Senders[i].Body, p.floor.greeted.Senders[i].ID = p.rileva.greeted.Senders[i].Body, p.rileva.greeted.Senders[i].ID
	}
	return p
}

// profiling asks a child for a processor profile, if that was asked for.
func profiling(tb testing.TB) []string {
	if *profile == "" {
		return nil
	}
	return []string{"-test.cpuprofile", filepath.Join(*profile, filepath.Base(tb.Name())+".pprof")}
}

// turns lets a and b take turns, and gives their rounds.
func turns(tb testing.TB, a, b *child, senders int) (of [2][]round) {
	tb.Helper()
	for n := -1; n < *rounds; n++ { // the first warms them up
		for i, c := range []*child{a, b} {
			r, err := c.measure(senders, *while)
			if err != nil {
				tb.Fatal(err)
			}
			if n >= 0 {
				of[i] = append(of[i], r)
			}
		}
	}
	return of
}

func median(all []float64) float64 {
	slices.Sort(all)
	return (all[len(all)/2] + all[(len(all)-1)/2]) / 2
}

func medianOf(rounds []round, figure func(round) float64) float64 {
	var all []float64
	for _, r := range rounds {
		all = append(all, figure(r))
	}
	return median(all)
}

func rate(r round) float64 { return r.rate }
func p50(r round) float64  { return r.p50.Seconds() * 1000 }
func p99(r round) float64  { return r.p99.Seconds() * 1000 }
func cost(r round) float64 { return float64(r.cost.Microseconds()) }

// report tells what the second gave beside the first.
func report(b *testing.B, of [2][]round, first string) {
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(medianOf(of[0], rate), first+"/s")
	b.ReportMetric(medianOf(of[0], cost), first+"-µs")
	b.ReportMetric(medianOf(of[1], rate), "rileva/s")
	b.ReportMetric(medianOf(of[1], cost), "rileva-µs")
	b.ReportMetric(medianOf(of[1], p50), "p50-ms")
	b.ReportMetric(medianOf(of[1], p99), "p99-ms")
	var ratios []float64
	for i := range of[0] {
		ratios = append(ratios, of[1][i].rate/of[0][i].rate)
	}
	b.ReportMetric(math.Round(median(ratios)*100)/100, "ratio")
}

// BenchmarkSubmissions measures the server beside the floor. One iteration is
// all the rounds of a line; look at the named figures: submissions a second of
// both (/s), processor time of their processes for each (µs), the server's
// latencies, and the ratio of the rates.
func BenchmarkSubmissions(b *testing.B) {
	for _, senders := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			p := startPair(b, "", senders)
			report(b, turns(b, p.floor, p.rileva, senders), floor)
		})
	}
}

// BenchmarkSlowDisk is the same where each flush takes 5 ms longer. A commit
// of bbolt has two.
func BenchmarkSlowDisk(b *testing.B) {
	program, dir, err := rebuilt.Program([]rebuilt.Line{
		{File: "tx.go", Old: "fdatasync(tx.db)", With: "slowFlush(tx.db)", Times: 2},
	}, filepath.Join("testdata", "slow.go.txt"))
	b.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err != nil {
		b.Fatal(err)
	}
	b.Setenv("RILEVA_FLUSH", flush.String())
	for _, senders := range []int{1, 16, 64} {
		b.Run(fmt.Sprintf("senders=%d", senders), func(b *testing.B) {
			p := startPair(b, program, senders)
			of := turns(b, p.floor, p.rileva, senders)
			for _, r := range slices.Concat(of[0], of[1]) {
				if r.p50 < 2*flush {
					b.Fatalf("half of the submissions took less than two flushes: %v", r.p50)
				}
			}
			report(b, of, floor)
		})
	}
}

// BenchmarkStored compares a store of a thousand submissions with one of many
// (-stored): the rate must not fall to less than 1/1.3.
func BenchmarkStored(b *testing.B) {
	schools := max(1, min(8000, *stored/5)) // as many in both
	few := start(b, "", order{Kind: rileva, Senders: 64, Schools: schools, Stored: 1000})
	many := start(b, "", order{Kind: rileva, Senders: 64, Schools: schools, Stored: *stored}, profiling(b)...)
	var before, after usage
	if err := many.ask(&before); err != nil {
		b.Fatal(err)
	}
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprintf("senders=%d/stored=%d", senders, *stored), func(b *testing.B) {
			report(b, turns(b, few, many, senders), "thousand")
			if err := many.ask(&after); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(float64(after.Resident)/1e6, "MB-memory")
			b.ReportMetric(float64(before.Disk)/float64(*stored), "disk-B/submission")
		})
	}
}

// TestEachIsStored: what the benchmark counts is stored, each once, in a store
// without a fault; and the floor has stored as much as it has answered.
func TestEachIsStored(t *testing.T) {
	p := startPair(t, "", 4)
	for _, c := range []*child{p.floor, p.rileva} {
		r, err := c.measure(4, 100*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		if r.sent == 0 || r.rate <= 0 || r.p50 <= 0 || r.p99 < r.p50 || r.cost <= 0 {
			t.Errorf("%s: %+v", c.Kind, r)
		}
		if err := c.stop(); err != nil {
			t.Fatal(err)
		}
		acknowledged := c.acknowledged()
		if n := c.count(t); n != acknowledged || n != r.sent {
			t.Errorf("%s: %d are stored, %d acknowledged, %d counted", c.Kind, n, acknowledged, r.sent)
		}
	}
}

// acknowledged is how many a child's senders have an answer for.
func (c *child) acknowledged() (n int) {
	for _, s := range c.greeted.Senders {
		n += s.revision
	}
	return n
}

// count reads how many submissions a child that has ended has left behind.
func (c *child) count(t *testing.T) int {
	t.Helper()
	path := filepath.Join(c.Dir, storeFile)
	n := 0
	if c.Kind == floor {
		db, err := bbolt.Open(path, 0o600, &bbolt.Options{ReadOnly: true})
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = db.Close() }()
		err = db.View(func(tx *bbolt.Tx) error {
			return tx.Bucket(bodies).ForEach(func([]byte, []byte) error { n++; return nil })
		})
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	s, err := open(c.order)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	if faults, err := s.Check(t.Context()); err != nil || len(faults) > 0 {
		t.Errorf("check: %v, %v", faults, err)
	}
	all, err := s.Institutions(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, in := range all {
		list, err := s.Revisions(t.Context(), in.ID, survey.TrackTecnico)
		if err != nil {
			t.Fatal(err)
		}
		n += len(list)
	}
	return n
}
