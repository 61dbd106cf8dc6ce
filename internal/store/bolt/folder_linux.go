package bolt

import "syscall"

// networks are the file systems of other computers, by the number that
// statfs(2) and linux/magic.h give them. FUSE is none of them: half of what it
// mounts is local.
var networks = map[int64]string{
	0x6969: "nfs", 0xFF534D42: "cifs", 0xFE534D42: "smb2", 0x517B: "smb", 0x01021997: "9p",
	0x5346414F: "afs", 0x73757245: "coda", 0x00C36400: "ceph", 0x564C: "ncp",
}

// remote says whether a folder is on another computer's disk.
func remote(dir string) bool {
	var s syscall.Statfs_t
	if syscall.Statfs(dir, &s) != nil {
		return false // opening it will say what is wrong
	}
	return networks[int64(uint32(s.Type))] != ""
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
