package postgres

import (
	"syscall"

	"golang.org/x/sys/unix"
)

// userTimeout bounds how long what was sent may stay without an answer of the
// peer's system, which is there also while its database makes us wait.
func userTimeout(_, _ string, c syscall.RawConn) error {
	var failed error
	err := c.Control(func(fd uintptr) {
		failed = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_USER_TIMEOUT, int(silence.Milliseconds()))
	})
	if failed != nil {
		return nil // a socket of another family has no such option
	}
	return err
}
