package server

import (
	"net"
	"net/netip"
	"sync"
)

// How many connections may be open: in all, and from one network. A school
// uses one or two; behind one address there may be all the schools of a town.
const (
	MaxConnections        = 4096
	MaxConnectionsFromOne = 256
)

// connections bounds those that a listener hands out. Beyond all of them new
// ones wait in the system's queue until one ends, which the timeouts see to;
// beyond those of one network they are closed at once, so that one sender
// cannot take the places of the others.
type connections struct {
	*net.TCPListener
	each   int
	places chan struct{}
	done   chan struct{}
	once   sync.Once

	mu   sync.Mutex
	from map[string]int // open ones, by network
}

// LimitConnections bounds the connections of l: all together, and each network's.
func LimitConnections(l *net.TCPListener, all, each int) net.Listener {
	return &connections{TCPListener: l, each: each, places: make(chan struct{}, all), done: make(chan struct{}), from: map[string]int{}}
}

// Accept implements net.Listener.
func (l *connections) Accept() (net.Conn, error) {
	for {
		select {
		case l.places <- struct{}{}:
		case <-l.done:
			return nil, net.ErrClosed
		}
		conn, err := l.AcceptTCP()
		if err != nil {
			<-l.places
			return nil, err
		}
		network := networkOf(conn.RemoteAddr().String())
		if l.enter(network) {
			return &connection{TCPConn: conn, leave: func() { l.leave(network) }}, nil
		}
		<-l.places
		_ = conn.Close() // there is nobody to tell
	}
}

// Close implements net.Listener.
func (l *connections) Close() error {
	l.once.Do(func() { close(l.done) })
	return l.TCPListener.Close()
}

func (l *connections) enter(network string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if network != "" && l.from[network] >= l.each {
		return false
	}
	l.from[network]++
	return true
}

func (l *connections) leave(network string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.from[network]--; l.from[network] == 0 {
		delete(l.from, network)
	}
	<-l.places
}

// connection gives its place back when it is closed. It is a TCPConn in all
// else: the HTTP server closes one half of it, so that a refusal arrives while
// the sender is still sending.
type connection struct {
	*net.TCPConn
	once  sync.Once
	leave func()
}

// Close implements net.Conn.
func (c *connection) Close() error {
	err := c.TCPConn.Close()
	c.once.Do(c.leave)
	return err
}

// networkOf is what failures and connections are counted by: an IPv4 address,
// or the network of 64 bits that one IPv6 customer has. It is empty on the
// machine itself, where a proxy stands for everyone: one person's failures
// would slow down all the schools.
func networkOf(remote string) string {
	ap, err := netip.ParseAddrPort(remote)
	if err != nil || ap.Addr().Unmap().IsLoopback() {
		return ""
	}
	addr := ap.Addr().Unmap().WithZone("")
	if addr.Is6() {
		if prefix, err := addr.Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return addr.String()
}
