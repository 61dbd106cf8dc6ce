//go:build !linux && !darwin && !windows

package bolt

func remote(string) bool { return false }

// Free says how many bytes can still be written in a folder; ok is false where
// the system does not tell.
func Free(string) (bytes uint64, ok bool) { return 0, false }
