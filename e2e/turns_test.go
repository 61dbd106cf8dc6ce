package e2e_test

import (
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"path/filepath"
	"sync/atomic"
)

// turns is where two servers on one database answer, one call each: whoever
// relied on the same server for two calls would be found out.
type turns struct {
	other *running
	addr  string // host:port, kept over restarts
	web   *http.Server
}

// takeTurns starts a second server beside one that runs, and the door to both.
func (r *running) takeTurns(data, logFile string) error {
	if r.turns == nil {
		r.turns = &turns{other: &running{store: r.store, key: filepath.Join(data, "rileva.key")}, addr: "127.0.0.1:0"}
	}
	d := r.turns
	if err := d.other.serve(data+"2", logFile); err != nil {
		return err
	}
	l, err := net.Listen("tcp", d.addr)
	if err != nil {
		return err
	}
	d.addr = l.Addr().String()
	var calls atomic.Uint64
	addrs := [2]string{r.addr, d.other.addr}
	d.web = &http.Server{ErrorLog: log.New(log.Writer(), "turns: ", 0), Handler: &httputil.ReverseProxy{Rewrite: func(call *httputil.ProxyRequest) {
		call.Out.URL.Scheme, call.Out.URL.Host = "http", addrs[calls.Add(1)%2]
	}}}
	go func() { _ = d.web.Serve(l) }()
	return nil
}

// close ends the door; the servers are not yet asked to end.
func (d *turns) close() {
	if d.web != nil {
		_ = d.web.Close()
	}
	d.web = nil
}
