//go:build unix

package pgtest

import (
	"errors"
	"net"
	"sync"
	"testing"
)

// Gate is a stretch of network to a cluster, on 127.0.0.1, that a test cuts.
type Gate struct {
	listener net.Listener

	mu    sync.RWMutex
	to    string        // the socket behind it
	open  chan struct{} // closed while what comes is forwarded
	shut  bool          // who comes is sent away
	conns map[net.Conn]bool
}

// NewGate makes a gate to a cluster, which stays until the test ends.
func NewGate(tb testing.TB, to *Cluster) *Gate {
	tb.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	g := &Gate{listener: l, to: to.Socket(), open: make(chan struct{}), conns: map[net.Conn]bool{}}
	close(g.open)
	go g.serve()
	tb.Cleanup(func() {
		_ = l.Close()
		g.Break()
	})
	return g
}

// Port is where it listens.
func (g *Gate) Port() int { return g.listener.Addr().(*net.TCPAddr).Port }

// Lead gives those who come from now on another cluster.
func (g *Gate) Lead(to *Cluster) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.to = to.Socket()
}

// Cut holds everything back, and nobody is told: a cable pulled.
func (g *Gate) Cut() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.open = make(chan struct{})
}

// Break ends every connection and sends away who comes: a firewall.
func (g *Gate) Break() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = true
	for c := range g.conns {
		_ = c.Close()
	}
}

// Mend ends a Cut, whose connections go on where they were, or a Break.
func (g *Gate) Mend() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = false
	select {
	case <-g.open:
	default:
		close(g.open)
	}
}

func (g *Gate) serve() {
	for {
		from, err := g.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			go g.join(from)
		}
	}
}

// join carries a connection to what is behind the gate and back.
func (g *Gate) join(from net.Conn) {
	defer func() { _ = from.Close() }()
	<-g.opened()
	g.mu.Lock()
	address := g.to
	g.mu.Unlock()
	to, err := net.Dial("unix", address)
	if err != nil {
		return
	}
	defer func() { _ = to.Close() }()
	defer g.leave(from, to)
	if !g.enter(from, to) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		g.carry(to, from)
		_ = from.Close()
	}()
	g.carry(from, to)
	_ = to.Close()
	<-back
}

// carry forwards one direction until one end closes.
func (g *Gate) carry(from, to net.Conn) {
	some := make([]byte, 32<<10)
	for {
		n, err := from.Read(some)
		if n > 0 && g.pass(to, some[:n]) != nil || err != nil {
			return
		}
	}
}

// pass writes while the gate is open, and is over before a Cut is: what was
// held back when that began does not slip through.
func (g *Gate) pass(to net.Conn, some []byte) error {
	for {
		g.mu.RLock()
		open := g.open
		select {
		case <-open:
			_, err := to.Write(some)
			g.mu.RUnlock()
			return err
		default:
		}
		g.mu.RUnlock()
		<-open
	}
}

func (g *Gate) opened() <-chan struct{} {
	g.mu.RLock()
	defer g.mu.RUnlock()
	return g.open
}

func (g *Gate) enter(both ...net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range both {
		g.conns[c] = true
	}
	return !g.shut
}

func (g *Gate) leave(both ...net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range both {
		delete(g.conns, c)
	}
}
