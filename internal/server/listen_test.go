package server

import (
	"context"
	"errors"
	"net"
	"net/http"
	"testing"
	"time"
)

// listen serves over real connections and gives the address.
func (w *world) listen(t *testing.T, with ...func(*http.Server)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	w.must(err)
	l = LimitConnections(l.(*net.TCPListener), MaxConnections, MaxConnectionsFromOne)
	srv := w.server.HTTPServer()
	for _, change := range with {
		change(srv)
	}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		http.DefaultClient.CloseIdleConnections()
		if err := srv.Shutdown(ctx); err != nil {
			t.Error(err)
		}
		if err := <-done; !errors.Is(err, http.ErrServerClosed) {
			t.Error(err)
		}
	})
	return "http://" + l.Addr().String()
}
