package server

import (
	"bufio"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"testing"
)

// TestProxies: a trusted proxy says for whom it calls and is believed; one that
// does not say it is not served; of anybody else it is not believed.
func TestProxies(t *testing.T) {
	for name, c := range map[string]struct {
		trusted, says string
		from          string // whom the server sees; "" is a refusal
	}{
		"for another":           {"127.0.0.0/8", "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n", "192.0.2.7"},
		"for one in IPv6":       {"127.0.0.1/32", "PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n", "2001:db8::/64"},
		"for the proxy itself":  {"127.0.0.1/32", "\r\n\r\n\x00\r\nQUIT\n\x20\x00\x00\x00", "this machine"},
		"nothing":               {"127.0.0.1/32", "", ""},
		"nonsense":              {"127.0.0.1/32", "PROXY TCP4 you me\r\n", ""},
		"not trusted":           {"192.0.2.0/24", "PROXY TCP4 192.0.2.7 192.0.2.1 4711 443\r\n", ""},
		"not trusted and plain": {"192.0.2.0/24", "", "this machine"},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			web := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				from := networkOf(r.RemoteAddr)
				if from == "" {
					from = "this machine"
				}
				_, _ = io.WriteString(w, from)
			}))
			_ = web.Listener.Close()
			web.Listener = LimitConnections(l.(*net.TCPListener), 8, 1, netip.MustParsePrefix(c.trusted))
			web.Config.ErrorLog = log.New(io.Discard, "", 0)
			web.Start()
			defer web.Close()
			conn, err := net.Dial("tcp", l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			if _, err := fmt.Fprintf(conn, "%sGET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", c.says); err != nil {
				t.Fatal(err)
			}
			got := ""
			if answer, err := http.ReadResponse(bufio.NewReader(conn), nil); err == nil && answer.StatusCode == http.StatusOK {
				raw, _ := io.ReadAll(answer.Body)
				got, _ = string(raw), answer.Body.Close()
			}
			if got != c.from {
				t.Errorf("it sees %q, want %q", got, c.from)
			}
		})
	}
}

// TestProxyHasNoShare: the connections of a trusted proxy are those of all its
// callers, and have no limit of their own.
func TestProxyHasNoShare(t *testing.T) {
	l := &connections{each: 1, from: map[string]int{}, places: make(chan struct{}, 9), proxies: []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}}
	for remote, want := range map[string]bool{"192.0.2.9:1": true, "[::ffff:192.0.2.9]:1": true, "198.51.100.1:1": false, "[2001:db8::1]:1": false} {
		addr := net.TCPAddrFromAddrPort(netip.MustParseAddrPort(remote))
		if got := l.trusts(addr); got != want {
			t.Errorf("%s: %v", remote, got)
		}
	}
}
