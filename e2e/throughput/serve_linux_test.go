package throughput_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"go.etcd.io/bbolt"

	"rileva/internal/account"
	"rileva/internal/server"
	"rileva/internal/store"
	"rileva/internal/store/bolt"
	"rileva/internal/store/engine"
	"rileva/internal/store/postgres"
)

// The two that are measured.
const (
	floor  = "floor"
	rileva = "rileva"
)

// order is what a child is started with.
type order struct {
	Kind    string
	Dir     string
	Senders int
	Schools int  // others, over which Stored is spread
	Stored  int  // submissions beforehand
	Dear    bool // a password costs what it costs in the product

	Database string // of PostgreSQL; "" for a file
	Key      string // of the log, of servers that share a database
	Joins    bool   // what is there already
}

// greeting is a child's first line, once it serves.
type greeting struct {
	Address string
	Senders []sender
}

// usage is what a child says of itself when it is asked.
type usage struct {
	Processor time.Duration
	Resident  int64 // bytes of memory that are its own; the pages of the mapped file are the system's
	Disk      int64 // bytes of the store's file
}

const orderKey = "RILEVA_THROUGHPUT"

// TestChildServes is the child: it does nothing unless it is asked to.
func TestChildServes(t *testing.T) {
	raw := os.Getenv(orderKey)
	if raw == "" {
		return
	}
	var o order
	if err := json.Unmarshal([]byte(raw), &o); err != nil {
		t.Fatal(err)
	}
	debug.SetGCPercent(400) // as cmd/server does; the floor has it no worse
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	serve := serveRileva
	switch {
	case o.Kind == floor && o.Database != "":
		serve = serveInserts
	case o.Kind == floor:
		serve = serveFloor
	}
	web, senders, stop, err := serve(o)
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = web.Serve(l) }()
	say(greeting{l.Addr().String(), senders})
	for asked := bufio.NewScanner(os.Stdin); asked.Scan(); { // until the parent closes it
		say(used(o.Dir))
	}
	if err := errors.Join(web.Shutdown(context.Background()), stop()); err != nil {
		t.Error(err)
	}
}

// say writes one line for the parent. Other lines are go test's own.
func say(v any) {
	raw, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s%s\n", mark, raw)
}

const mark = "child: "

func used(dir string) usage {
	var r syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &r) // cannot fail for oneself
	u := usage{Processor: time.Duration(r.Utime.Nano() + r.Stime.Nano()), Resident: resident("self")}
	if info, err := os.Stat(filepath.Join(dir, storeFile)); err == nil {
		u.Disk = info.Size()
	}
	return u
}

// resident is the memory that is a process's own now, in bytes; 0 when it has ended.
func resident(pid string) (n int64) {
	status, _ := os.ReadFile(filepath.Join("/proc", pid, "status"))
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "RssAnon:"); ok {
			_, _ = fmt.Sscan(rest, &n)
		}
	}
	return n << 10
}

const storeFile = "rileva.db"

// serveRileva is the server as cmd/server runs it, its log of requests in a
// file, but for the limit on how often one school may send.
func serveRileva(o order) (*http.Server, []sender, func() error, error) {
	s, err := open(o)
	if err != nil {
		return nil, nil, nil, err
	}
	senders, err := fill(s, o)
	if err != nil {
		return nil, nil, nil, err
	}
	lines, err := os.Create(filepath.Join(o.Dir, "server.log"))
	if err != nil {
		return nil, nil, nil, err
	}
	price := cheap
	if o.Dear {
		price = account.DefaultParams
	}
	web := server.New(server.Config{Store: s, Hasher: account.NewHasher(price, random{}), Version: "bench",
		SubmitBurst: 1 << 30, SubmitPerSecond: 1 << 30, Log: slog.New(slog.NewTextHandler(lines, nil))}).HTTPServer()
	return web, senders, func() error { return errors.Join(s.Close(), lines.Close()) }, nil
}

func open(o order) (store.Store, error) {
	if o.Database != "" {
		return postgres.Open(context.Background(), o.Database, postgres.Options{Config: engine.Config{KeyFile: o.Key}})
	}
	return bolt.Open(filepath.Join(o.Dir, storeFile), bolt.Options{})
}

func fill(s store.Store, o order) ([]sender, error) {
	if o.Joins {
		return nil, nil
	}
	f, err := newFilling(s)
	if err != nil {
		return nil, err
	}
	if err := f.store(o.Schools, o.Stored); err != nil {
		return nil, err
	}
	return f.senders(o.Senders)
}

// put is one body on its way to the floor's file.
type put struct {
	body []byte
	done chan error
}

// serveFloor is the bare handler.
func serveFloor(o order) (*http.Server, []sender, func() error, error) {
	db, err := bbolt.Open(filepath.Join(o.Dir, storeFile), 0o600, &bbolt.Options{NoFreelistSync: true,
		FreelistType: bbolt.FreelistMapType, InitialMmapSize: 64 << 20, NoStatistics: true})
	if err != nil {
		return nil, nil, nil, err
	}
	queue := make(chan put, 1024)
	var inflight atomic.Int64
	go func() {
		var key uint64
		for first := range queue {
			group := gather(first, queue, &inflight)
			err := db.Update(func(tx *bbolt.Tx) error { return putAll(tx, group, &key) })
			for _, p := range group {
				p.done <- err
			}
		}
	}()
	web := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			inflight.Add(1)
			p := put{body, make(chan error, 1)}
			queue <- p
			err = <-p.done
			inflight.Add(-1)
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})}
	return web, make([]sender, o.Senders), func() error { close(queue); return db.Close() }, nil
}

// gather is the plainest group commit that does not give the first of many a
// commit of its own.
func gather(first put, queue <-chan put, inflight *atomic.Int64) []put {
	group := []put{first}
	over := time.Now().Add(time.Millisecond)
	for len(group) < 128 {
		select {
		case p := <-queue:
			group = append(group, p)
			continue
		default:
		}
		wait := time.Until(over)
		if int64(len(group)) >= inflight.Load() || wait <= 0 {
			break
		}
		select {
		case p := <-queue:
			group = append(group, p)
		case <-time.After(wait):
		}
	}
	return group
}

var bodies = []byte("bodies")

func putAll(tx *bbolt.Tx, group []put, key *uint64) error {
	bucket, err := tx.CreateBucketIfNotExists(bodies)
	for _, p := range group {
		*key++
		if err == nil {
			err = bucket.Put(fmt.Appendf(nil, "%016x", *key), p.body)
		}
	}
	return err
}
