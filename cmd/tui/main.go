// Command rileva is the school's program: a full-screen form over the answers
// of one institution, and the same work as commands.
//
// This package holds flags, paths, signals and exit codes; what is done stands
// in internal/desk, what is shown in internal/tui. Start reading at
// [newRoot].
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	_ "time/tzdata" // Windows has no zone data of its own
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGHUP)
	code := run(ctx, os.Args[1:], streams{in: os.Stdin, out: os.Stdout, err: os.Stderr}, os.Getenv)
	stop()
	os.Exit(code)
}
