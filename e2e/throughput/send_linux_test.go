package throughput_test

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"rileva/pkg/survey"
	surveysync "rileva/pkg/sync"
)

// sender is a school that sends its next revision over and over.
type sender struct {
	Token    string
	Body     []byte // of the next submission, but for its id
	ID       int    // where the id stands in it
	revision int    // the last that was acknowledged
}

// send sends once and waits for the answer.
func (s *sender) send(client *http.Client, url string) error {
	body := slices.Clone(s.Body)
	copy(body[s.ID:], newID())
	r, err := http.NewRequest(http.MethodPut, url, bytes.NewReader(body))
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer "+s.Token)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(surveysync.HeaderClient, "rileva/bench")
	r.Header.Set(surveysync.HeaderIncident, "7K3Q-9ZTA")
	if s.revision == 0 {
		r.Header.Set("If-None-Match", "*")
	} else {
		r.Header.Set("If-Match", surveysync.ETag(s.revision))
	}
	answer, err := client.Do(r)
	if err != nil {
		return err
	}
	said, err := io.ReadAll(answer.Body)
	_ = answer.Body.Close()
	if err != nil {
		return err
	}
	if answer.StatusCode != http.StatusOK && answer.StatusCode != http.StatusCreated {
		return fmt.Errorf("%d %.300s", answer.StatusCode, said)
	}
	s.revision++
	return nil
}

// child is one of the two, running.
type child struct {
	order
	cmd     *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Scanner
	greeted greeting
	client  *http.Client
	others  []*child // that serve the same store
}

// start starts a child from this program, or from the one that is given, and
// waits until it serves. It is stopped when the test is over.
func start(tb testing.TB, program string, o order, args ...string) *child {
	tb.Helper()
	must := func(err error) {
		tb.Helper()
		if err != nil {
			tb.Fatal(err)
		}
	}
	if program == "" {
		program = os.Args[0]
	}
	o.Dir = tempDir(tb)
	raw, err := json.Marshal(o)
	must(err)
	c := &child{order: o, client: &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: o.Senders, DisableCompression: true}}}
	c.cmd = exec.Command(program, append([]string{"-test.run", "^TestChildServes$", "-test.timeout", "0"}, args...)...)
	c.cmd.Env = append(os.Environ(), orderKey+"="+string(raw))
	c.cmd.Stderr = os.Stderr
	c.in, err = c.cmd.StdinPipe()
	must(err)
	out, err := c.cmd.StdoutPipe()
	must(err)
	c.out = bufio.NewScanner(out)
	c.out.Buffer(nil, 16<<20)
	must(c.cmd.Start())
	tb.Cleanup(func() {
		if err := c.stop(); err != nil {
			tb.Error(err)
		}
	})
	must(c.hear(&c.greeted))
	if o.Kind == floor { // what the other one is sent
		for i := range c.greeted.Senders {
			c.greeted.Senders[i].Token = strings.Repeat("x", 43)
		}
	}
	return c
}

// tempDir is on the disk of the temporary folder, not in memory: flushes count.
func tempDir(tb testing.TB) string {
	tb.Helper()
	dir, err := os.MkdirTemp("", "rileva-throughput-*")
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}

// hear reads the child's next line into v.
func (c *child) hear(v any) error {
	var other []string
	for c.out.Scan() {
		if line, ours := strings.CutPrefix(c.out.Text(), mark); ours {
			return json.Unmarshal([]byte(line), v)
		}
		other = append(other, c.out.Text())
	}
	return errors.Join(fmt.Errorf("%s has ended:\n%s", c.Kind, strings.Join(other, "\n")), c.out.Err())
}

func (c *child) stop() error {
	if c.cmd.ProcessState != nil {
		return nil
	}
	c.client.CloseIdleConnections()
	err := c.in.Close()
	_, _ = io.Copy(io.Discard, pipe{c.out})
	return errors.Join(err, c.cmd.Wait())
}

// pipe reads a scanner to its end.
type pipe struct{ *bufio.Scanner }

func (p pipe) Read([]byte) (int, error) {
	for p.Scan() {
	}
	return 0, io.EOF
}

// round is what one round of one child gave.
type round struct {
	rate     float64 // acknowledged a second
	p50, p99 time.Duration
	cost     time.Duration // processor time of the child, each
	sent     int
}

// measure lets the first n senders send for a while.
func (c *child) measure(n int, while time.Duration) (round, error) {
	var before, after usage
	if err := c.ask(&before); err != nil {
		return round{}, err
	}
	urls := make([]string, 1+len(c.others))
	for i, one := range append([]*child{c}, c.others...) {
		urls[i] = "http://" + one.greeted.Address + surveysync.BasePath + "/parts/" + survey.TrackTecnico
	}
	took := make([][]time.Duration, n)
	failed := make([]error, n)
	begun := time.Now()
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			for last := begun; last.Sub(begun) < while && failed[i] == nil; {
				failed[i] = c.greeted.Senders[i].send(c.client, urls[i%len(urls)])
				now := time.Now()
				took[i] = append(took[i], now.Sub(last))
				last = now
			}
		})
	}
	all.Wait()
	elapsed := time.Since(begun)
	if err := errors.Join(append(failed, c.ask(&after))...); err != nil {
		return round{}, fmt.Errorf("%s: %w", c.Kind, err)
	}
	each := slices.Sorted(slices.Values(slices.Concat(took...)))
	return round{rate: float64(len(each)) / elapsed.Seconds(), p50: each[len(each)/2], p99: each[len(each)*99/100],
		cost: (after.Processor - before.Processor) / time.Duration(len(each)), sent: len(each)}, nil
}

// ask sums up what all servers of a store use.
func (c *child) ask(u *usage) error {
	*u = usage{}
	for _, one := range append([]*child{c}, c.others...) {
		if _, err := io.WriteString(one.in, "\n"); err != nil {
			return err
		}
		var its usage
		if err := one.hear(&its); err != nil {
			return err
		}
		u.Processor, u.Resident, u.Disk = u.Processor+its.Processor, u.Resident+its.Resident, u.Disk+its.Disk
	}
	return nil
}
