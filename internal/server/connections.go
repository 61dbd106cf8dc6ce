package server

import (
	"net"
	"net/netip"
	"slices"
	"sync"

	"github.com/pires/go-proxyproto"
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
	each    int
	proxies []netip.Prefix
	places  chan struct{}
	done    chan struct{}
	once    sync.Once

	mu   sync.Mutex
	from map[string]int // open ones, by network
}

// LimitConnections bounds the connections of l: all together, and each
// network's. A proxy that is trusted has to say for whom it calls, within ten
// seconds and in the PROXY protocol of HAProxy, version 1 or 2; it has as many
// connections as it likes, and shares them out itself.
func LimitConnections(l *net.TCPListener, all, each int, proxies ...netip.Prefix) net.Listener {
	return &connections{TCPListener: l, each: each, proxies: proxies, places: make(chan struct{}, all), done: make(chan struct{}), from: map[string]int{}}
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
		network, proxy := networkOf(conn.RemoteAddr().String()), l.trusts(conn.RemoteAddr())
		if proxy {
			network = ""
		}
		if l.enter(network) {
			c := &connection{TCPConn: conn, leave: func() { l.leave(network) }}
			if !proxy {
				return c, nil
			}
			// Not read here: a proxy that says nothing would keep all others out.
			return proxied{proxyproto.NewConn(c), c}, nil
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

func (l *connections) trusts(a net.Addr) bool {
	if len(l.proxies) == 0 {
		return false
	}
	ap, err := netip.ParseAddrPort(a.String())
	addr := ap.Addr().Unmap().WithZone("")
	return err == nil && slices.ContainsFunc(l.proxies, func(p netip.Prefix) bool { return p.Contains(addr) })
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

// proxied is a connection through a proxy, whose other end is the caller.
type proxied struct {
	*proxyproto.Conn
	tcp *connection
}

// CloseWrite closes one half, see connection.
func (p proxied) CloseWrite() error { return p.tcp.CloseWrite() }

// networkOf is what failures and connections are counted by: an IPv4 address,
// or the network of 64 bits that one IPv6 customer has. It is empty on the
// machine itself, where a proxy that is not trusted to tell stands for everyone:
// one person's failures would slow down all the schools.
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
