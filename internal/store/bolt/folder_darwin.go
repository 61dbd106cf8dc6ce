package bolt

import "syscall"

// remote says whether a folder is on another computer's disk.
func remote(dir string) bool {
	const local = 0x1000 // MNT_LOCAL
	var s syscall.Statfs_t
	return syscall.Statfs(dir, &s) == nil && s.Flags&local == 0
}

// Free says how many bytes can still be written in a folder; ok is false where
// the system does not tell.
func Free(dir string) (bytes uint64, ok bool) {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return 0, false
	}
	return s.Bavail * uint64(s.Bsize), true
}
