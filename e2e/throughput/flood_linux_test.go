package throughput_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	surveysync "rileva/pkg/sync"
)

// guessers are so many senders of wrong passwords, each for ever.
type guessers struct {
	stop    context.CancelFunc
	all     sync.WaitGroup
	refused atomic.Int64 // answered unauthorized: a hash was computed
	later   atomic.Int64 // told to wait
}

// guess lets n of them begin, and returns when each has been answered or made
// to wait behind the others.
func (c *child) guess(n int) *guessers {
	ctx, stop := context.WithCancel(context.Background())
	g := &guessers{stop: stop}
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: n}}
	url := "http://" + c.greeted.Address + surveysync.BasePath + "/sessions"
	var begun sync.WaitGroup
	begun.Add(n)
	for i := range n {
		g.all.Go(func() {
			begun.Done()
			for try := 0; ctx.Err() == nil; try++ {
				// Another code each time, or the delays by account would hold them back.
				body := fmt.Sprintf(`{"code":"MI%03d%04dX","password":"indovinata","device":"x"}`, i, try%10000)
				r, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(body))
				if err != nil {
					return
				}
				r.Header.Set("Content-Type", "application/json")
				answer, err := client.Do(r)
				if err != nil {
					continue
				}
				_, _ = io.Copy(io.Discard, answer.Body)
				_ = answer.Body.Close()
				if answer.StatusCode == http.StatusUnauthorized {
					g.refused.Add(1)
				} else {
					g.later.Add(1)
				}
			}
		})
	}
	begun.Wait()
	return g
}

func (g *guessers) end() {
	g.stop()
	g.all.Wait()
}

const (
	flooders = 200
	schools  = 16
)

// BenchmarkFlood measures how long submissions take while 200 senders guess
// passwords at their real price, beside how long they take in quiet, by turns
// in one run. All senders share the server's processors. It fails when a
// submission fails or the 99th percentile is three times the quiet one.
func BenchmarkFlood(b *testing.B) {
	c := start(b, "", order{Kind: rileva, Senders: schools, Dear: true}, profiling(b)...)
	var quiet, flooded []round
	var guessed int64
	for n := -1; n < *rounds; n++ { // the first warms up
		calm, err := c.measure(schools, *while)
		if err != nil {
			b.Fatal(err)
		}
		g := c.guess(flooders)
		storm, err := c.measure(schools, *while)
		g.end()
		if err != nil {
			b.Fatal(err)
		}
		if n >= 0 {
			quiet, flooded, guessed = append(quiet, calm), append(flooded, storm), guessed+g.refused.Load()
		}
	}
	b.ReportMetric(0, "ns/op")
	before, after := medianOf(quiet, p99), medianOf(flooded, p99)
	b.ReportMetric(before, "quiet-p99-ms")
	b.ReportMetric(after, "flood-p99-ms")
	b.ReportMetric(after/before, "times")
	b.ReportMetric(medianOf(quiet, rate), "quiet/s")
	b.ReportMetric(medianOf(flooded, rate), "flood/s")
	b.ReportMetric(float64(guessed), "guesses")
	if after >= 3*before {
		b.Errorf("the 99th percentile is %.1f ms under the flood and %.1f ms in quiet", after, before)
	}
}

// TestFloodStopsNoSubmission is the same without a clock.
func TestFloodStopsNoSubmission(t *testing.T) {
	c := start(t, "", order{Kind: rileva, Senders: schools, Dear: true})
	g := c.guess(flooders)
	storm, err := c.measure(schools, *while)
	for range 30 { // a password takes its time on a machine that does other things
		if err != nil || g.refused.Load() > 0 {
			break
		}
		storm, err = c.measure(schools, *while)
	}
	g.end()
	if err != nil {
		t.Fatal(err)
	}
	if storm.sent < schools || g.refused.Load() == 0 {
		t.Errorf("%d submissions beside %d guesses", storm.sent, g.refused.Load())
	}
}
