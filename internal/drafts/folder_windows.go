package drafts

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"unsafe"

	"golang.org/x/sys/windows"
)

// ownFolder makes the folder of the drafts with rights of its own, which is
// what 0700 is elsewhere: all for the person, the administrators and the
// system, the same for whatever is made in it, and nothing that the folder
// above would hand down. One that is there keeps its rights; a disk without
// rights (FAT) has none to give.
func ownFolder(dir string) error {
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	person, err := windows.GetCurrentProcessToken().GetTokenUser()
	if err != nil {
		return err
	}
	rights, err := windows.SecurityDescriptorFromString("D:P(A;OICI;FA;;;" + person.User.Sid.String() + ")(A;OICI;FA;;;BA)(A;OICI;FA;;;SY)")
	if err != nil {
		return err
	}
	name, err := windows.UTF16PtrFromString(dir)
	if err != nil {
		return err
	}
	with := windows.SecurityAttributes{SecurityDescriptor: rights}
	with.Length = uint32(unsafe.Sizeof(with))
	if err := windows.CreateDirectory(name, &with); !errors.Is(err, fs.ErrExist) {
		return err
	}
	return nil
}
