//go:build !linux

package postgres

import "syscall"

// userTimeout: only Linux has it; elsewhere keep-alives find a peer that is gone.
func userTimeout(string, string, syscall.RawConn) error { return nil }
