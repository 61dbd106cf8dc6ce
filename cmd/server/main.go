// Command rileva-server is the office's program: it runs the server, and with
// its other commands the office works on the server's data. It wires rooms
// together and holds no rules of its own: what a command does stands in
// internal/office, what the server answers in internal/server.
//
// Start reading at run (run.go), then app.go for the server itself. Every
// word that a person reads stands in words_it.go and words_en.go.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
	_ "time/tzdata" // dates are typed and shown in Italian time, also where the system has no zones
)

// gcPercent lets the heap grow further than Go alone would. It holds a few
// megabytes, and every submission that comes or is judged leaves tens of
// kilobytes behind: at 100 the collector would run after each hundred of them.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	// Whoever asks a second time does not want to wait for the draining.
	context.AfterFunc(ctx, stop)
	os.Exit(run(ctx, os.Args[1:], system()))
}
