package main

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"rileva/internal/account"
	"rileva/internal/office"
	"rileva/internal/server"
)

// Config is what one running server needs. Zero values are not defaults: the
// commands fill in every field.
type Config struct {
	// DataDir is the data folder; the socket for the commands lies in it.
	DataDir string
	// Listen is the address of the HTTP API, host:port. Port 0 takes a free one.
	Listen string
	// OpsListen is the address of the operations listener: metrics, health,
	// readiness, in the clear. "" is none.
	OpsListen string
	// Certificate serves HTTPS when it is given; nil is plain HTTP. It is asked
	// at each connection, so that a renewed one needs no restart.
	Certificate func(*tls.ClientHelloInfo) (*tls.Certificate, error)
	// Proxies are the networks of those who say for whom they call, in the PROXY
	// protocol.
	Proxies []netip.Prefix
	// Office works on the opened store. The App closes the store.
	Office *office.Office
	// Hasher is shared with the office, so that together they use no more
	// processors and memory than one of them would.
	Hasher *account.Hasher
	// Now is the server's clock, which alone decides about dates.
	Now func() time.Time
	// Log gets one line a request and every internal error.
	Log *slog.Logger
	// Version is told to the clients.
	Version string
	// Failed is closed when the store has failed: the server stops then.
	Failed <-chan struct{}
	// Draining, if given, is called when the server was asked to stop.
	Draining func()
	// Drain is how long requests that have begun may take when the server stops.
	Drain time.Duration
}

// App is the server with its two doors: HTTP for the schools, the socket for
// the office.
type App struct {
	cfg    Config
	api    *server.Server
	http   *http.Server
	office *http.Server
	ops    *http.Server
	public net.Listener
	socket net.Listener
	watch  net.Listener // of ops; nil for none
	once   sync.Once
	closed error
}

// OpenApp opens both doors; from then on the address is taken. On an error the
// store is closed too.
func OpenApp(cfg Config) (*App, error) {
	a := &App{cfg: cfg}
	var err error
	if a.socket, err = office.Listen(cfg.DataDir); err != nil {
		return nil, errors.Join(err, a.Close())
	}
	if a.public, err = net.Listen("tcp", cfg.Listen); err != nil {
		return nil, errors.Join(&listenError{cfg.Listen, err}, a.Close())
	}
	a.public = server.LimitConnections(a.public.(*net.TCPListener), server.MaxConnections, server.MaxConnectionsFromOne, cfg.Proxies...)
	if cfg.Certificate != nil {
		a.public = tls.NewListener(a.public, &tls.Config{GetCertificate: cfg.Certificate, MinVersion: tls.VersionTLS12})
	}
	if cfg.Office.Delays == nil {
		cfg.Office.Delays = account.NewDelays(nil) // the office sees whom they slow down
	}
	a.api = server.New(server.Config{Delays: cfg.Office.Delays, Store: cfg.Office.Store, Hasher: cfg.Hasher, Now: cfg.Now, Version: cfg.Version, Log: cfg.Log})
	a.http = a.api.HTTPServer()
	if cfg.OpsListen != "" {
		if a.watch, err = net.Listen("tcp", cfg.OpsListen); err != nil {
			return nil, errors.Join(&listenError{cfg.OpsListen, err}, a.Close())
		}
		a.ops = &http.Server{Handler: a.api.Operations(), ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute, MaxHeaderBytes: 16 << 10}
	}
	a.office = cfg.Office.Server(cfg.Log)
	return a, nil
}

// listenError: the address cannot be listened on.
type listenError struct {
	address string
	cause   error
}

func (e *listenError) Error() string { return "listen: " + e.cause.Error() }
func (e *listenError) Unwrap() error { return e.cause }

// URL is where the clients find the server.
func (a *App) URL() string {
	scheme := "http"
	if a.cfg.Certificate != nil {
		scheme = "https"
	}
	return scheme + "://" + reachable(a.public.Addr())
}

// reachable is an address that a person can type: one that listens everywhere
// (0.0.0.0, [::]) is told by an address of this computer.
func reachable(addr net.Addr) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok || !tcp.IP.IsUnspecified() {
		return addr.String()
	}
	host := "127.0.0.1"
	all, err := net.InterfaceAddrs()
	if err != nil {
		all = nil
	}
	for _, one := range all {
		if n, ok := one.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			host = n.IP.String()
			break
		}
	}
	return net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// Run serves until ctx ends, then lets what has begun finish, at most for
// Config.Drain. It returns nil when it was asked to stop.
func (a *App) Run(ctx context.Context) error {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	failed := make(chan error, 4)
	background := make(chan struct{})
	go func() { failed <- a.http.Serve(a.public) }()
	go func() { failed <- a.office.Serve(a.socket) }()
	doors := []*http.Server{a.http, a.office}
	if a.ops != nil {
		doors = append(doors, a.ops)
		go func() { failed <- a.ops.Serve(a.watch) }()
	}
	go func() {
		defer close(background)
		if err := a.api.Run(ctx); err != nil && ctx.Err() == nil {
			failed <- err
		}
	}()
	var err error
	select {
	case <-ctx.Done():
		if a.cfg.Draining != nil {
			a.cfg.Draining()
		}
	case err = <-failed:
		stop()
	case <-a.cfg.Failed:
		// Nothing can be stored any more, and nobody may be told otherwise:
		// what waits is answered unavailable while the server drains.
		stop()
	}
	// The store closes after this: a request that is still running then is
	// refused by it and stored nothing (contract, section 4, `unavailable`).
	drain, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.cfg.Drain)
	defer cancel()
	for _, s := range doors {
		if shut := s.Shutdown(drain); shut != nil {
			a.cfg.Log.Warn("requests were cut off", "error", shut)
			_ = s.Close()
		}
	}
	<-background
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return err
}

// Close closes the doors and the store; safe twice.
func (a *App) Close() error {
	a.once.Do(func() {
		for _, l := range []net.Listener{a.public, a.socket, a.watch} {
			if l == nil {
				continue
			}
			if err := l.Close(); err != nil && !errors.Is(err, net.ErrClosed) {
				a.closed = errors.Join(a.closed, err)
			}
		}
		a.closed = errors.Join(a.closed, a.cfg.Office.Store.Close())
	})
	return a.closed
}
