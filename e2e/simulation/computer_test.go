package simulation_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rileva/internal/desk"
	"rileva/internal/store/storetest"
	surveysync "rileva/pkg/sync"
)

// What happens to one call of a pass.
const (
	fateFine          = iota
	fateRequestLost   // it never arrives
	fateAnswerLost    // it arrives; the answer does not
	fateAnswerCut     // half of the answer comes
	fateTwice         // a proxy sends it twice
	fateLater         // it is lost, and arrives after all when nobody waits any more
	fateProxyPage     // a page of the network instead of an answer
	fateCrashBefore   // the device dies before the call leaves
	fateCrashAfter    // the device dies when the server has answered
	fateCrashBetween  // the device dies between two of its transactions
	fateServerRestart // the server dies after it has done it, before it answers
	fateStoreBefore   // the store fails and has done nothing
	fateStoreAfter    // the store fails and has done everything
	fates
)

// computer is one device of the school, with the network between.
type computer struct {
	office *office
	name   string
	home   string
	desk   *desk.Desk
	ahead  time.Duration // of its clock
	call   int           // of this pass
	passes bool          // a pass is under way
	saved  int           // transactions of this pass
	fateAt int           // which call, or which transaction, of this pass meets its fate
	fate   int
	crash  string            // a copy of the home, as it was when the device died
	sent   map[string]string // If-Match or If-None-Match by submission id, as it left
	late   []*http.Request   // what arrives later
	held   int               // receipts that a person has seen
	opened int
}

// computer is the n-th; it has to be started.
func (o *office) computer(n int) *computer {
	name := string(rune('A' + n))
	return &computer{office: o, name: name, home: filepath.Join(o.dir, name), sent: map[string]string{}}
}

func (c *computer) now() time.Time { return c.office.now.Add(c.ahead) }

func (c *computer) start() {
	c.office.t.Helper()
	d, err := desk.Open(c.home, desk.Options{Version: "0.1-test", Lang: "it", Server: "http://rileva.test", Now: c.now, HTTP: c, Saved: c.saves})
	c.office.must(err)
	c.desk = d
}

// RoundTrip implements http.RoundTripper: the network.
func (c *computer) RoundTrip(r *http.Request) (*http.Response, error) {
	if c.crash != "" { // the dead send nothing
		return nil, errNetwork
	}
	body := []byte{}
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, err
		}
		_ = r.Body.Close()
	}
	if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/parts/") {
		if s, err := surveysync.ParseSubmission(body); err == nil {
			c.sent[s.SubmissionID] = r.Header.Get("If-Match")
		}
	}
	again := func() *http.Request {
		x := r.Clone(context.Background())
		x.Body, x.RequestURI, x.RemoteAddr = io.NopCloser(bytes.NewReader(body)), r.URL.RequestURI(), "192.0.2.1:4242"
		x.ContentLength = int64(len(body))
		return x
	}
	c.call++
	fate := fateFine
	if c.call == c.fateAt && c.fate != fateCrashBetween {
		fate = c.fate
	}
	return c.meet(fate, again)
}

var errNetwork = errors.New("the network is gone")

func (c *computer) meet(fate int, again func() *http.Request) (*http.Response, error) {
	switch fate {
	case fateRequestLost:
		return nil, errNetwork
	case fateLater:
		c.late = append(c.late, again())
		return nil, errNetwork
	case fateCrashBefore:
		c.die()
		return nil, errNetwork
	case fateProxyPage:
		rec := httptest.NewRecorder()
		rec.Header().Set("Content-Type", "text/html")
		_, _ = rec.WriteString("<html>Accesso alla rete della scuola</html>")
		return rec.Result(), nil
	case fateTwice:
		c.office.serve(again())
	case fateStoreBefore, fateStoreAfter:
		mode := map[int]string{fateStoreBefore: storetest.FailBefore, fateStoreAfter: storetest.FailAfter}[fate]
		c.office.store.FailWhen(func(method string, _ int) string {
			if method == "Access" { // the token is looked up first, at every call
				return ""
			}
			return mode
		})
		defer c.office.store.FailWhen(nil)
	}
	rec := c.office.serve(again())
	switch fate {
	case fateAnswerLost:
		return nil, errNetwork
	case fateAnswerCut:
		res := rec.Result()
		res.Body = io.NopCloser(io.MultiReader(io.LimitReader(res.Body, int64(rec.Body.Len()/2)), cutOff{}))
		return res, nil
	case fateCrashAfter:
		c.die()
		return nil, errNetwork
	case fateServerRestart:
		c.office.restart()
		return nil, errNetwork
	}
	return rec.Result(), nil
}

type cutOff struct{}

func (cutOff) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

// saves is told of each transaction.
func (c *computer) saves() {
	if c.saved++; c.saved == c.fateAt && c.fate == fateCrashBetween {
		c.die()
	}
	if c.passes {
		if c.office.made++; c.office.made == c.office.last {
			c.die()
		}
	}
}

// die keeps what is on the disk at this instant; what the program does from
// here on happens to nobody.
func (c *computer) die() {
	if c.crash != "" {
		return
	}
	c.opened++
	c.crash = filepath.Join(c.office.dir, fmt.Sprint(c.name, c.opened))
	c.office.must(os.Mkdir(c.crash, 0o700))
	c.office.write(filepath.Join(c.crash, "drafts.db"), c.office.read(filepath.Join(c.home, "drafts.db")))
}

// afterlife starts the device again if it has died.
func (c *computer) afterlife() {
	if c.crash == "" {
		return
	}
	c.office.must(c.desk.Close())
	c.home, c.crash, c.fateAt = c.crash, "", 0
	c.start()
}
