package bolt

import (
	"path/filepath"

	"golang.org/x/sys/windows"
)

// remote says whether a folder is on another computer's disk: of a mapped
// letter, or by a name like \\server\folder.
func remote(dir string) bool {
	full, err := filepath.Abs(dir)
	if err != nil {
		return false // opening it will say what is wrong
	}
	root, err := windows.UTF16PtrFromString(filepath.VolumeName(full) + `\`)
	return err == nil && windows.GetDriveType(root) == windows.DRIVE_REMOTE
}

// Free says how many bytes can still be written in a folder; ok is false where
// the system does not tell.
func Free(dir string) (bytes uint64, ok bool) {
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return 0, false
	}
	err = windows.GetDiskFreeSpaceEx(name, &bytes, nil, nil)
	return bytes, err == nil
}
