package e2e_test

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"

	bolt "go.etcd.io/bbolt"
)

// TestCutForm: the terminal goes away and no signal tells of it, as with a
// program that has been detached from its session.
func TestCutForm(t *testing.T) {
	d := newDevice(t)
	form := exec.Command(filepath.Join(bin, "rileva"))
	form.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no terminal of its own
	x := openTerminal(t, form, "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server)
	x.sees("Pagina iniziale")
	x.types77()
	_ = x.tty.Close()
	x.ends(0)
	d.has(firstCell, 77)
}

// onDisk runs the form over the device's folder on a file system of its own: a
// tmpfs in a mount namespace that ends with the program, which needs no rights.
// prepare is a shell command run in it before, like a remount. What stands
// there in the end is copied back. The form is nil where the system grants no
// such namespace.
func (d *device) onDisk(prepare string) (x *terminal, inside string) {
	d.t.Helper()
	disk := d.t.TempDir()
	script := `mount -t tmpfs -o size=8m rileva "$DISK" && cp -a "$HOME_OF_FORM"/. "$DISK" && ` + prepare + ` || exit 99
RILEVA_HOME="$DISK" "$FORM"; code=$?
cp -a "$DISK"/drafts.db "$HOME_OF_FORM"; exit $code`
	cmd := exec.Command("sh", "-c", script)
	own := []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}}
	group := []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}}
	spaces := syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS, UidMappings: own, GidMappings: group}
	probe := exec.Command("sh", "-c", `mount -t tmpfs probe "$DISK"`)
	probe.Env = []string{"DISK=" + disk, "PATH=" + os.Getenv("PATH")}
	probe.SysProcAttr = &spaces
	if out, err := probe.CombinedOutput(); err != nil {
		d.t.Logf("NOT TRIED with the real form: no tmpfs in a user namespace here (%v %s)", err, out)
		return nil, ""
	}
	tied := spaces
	tied.Setsid, tied.Setctty = true, true
	cmd.SysProcAttr = &tied
	d.t.Log("means: a tmpfs in a user and mount namespace of the form")
	x = openTerminal(d.t, cmd, "DISK="+disk, "HOME_OF_FORM="+d.home, "FORM="+filepath.Join(bin, "rileva"), "RILEVA_SERVER="+d.server)
	return x, filepath.Join("/proc", strconv.Itoa(cmd.Process.Pid), "root", disk)
}

// TestReadOnlyForm: on a folder that cannot be written to, the form says so and
// ends.
func TestReadOnlyForm(t *testing.T) {
	d := newDevice(t)
	x, _ := d.onDisk(`mount -o remount,ro "$DISK"`)
	if x == nil {
		return
	}
	x.sees("Il programma non può scrivere nella sua cartella.")
	x.sees("Controllare i permessi della cartella")
	x.ends(2)
}

// TestFullDisk: the disk fills up under the form. The answer stays on the
// screen with the reason, the one before it is on the disk, and when there is
// room again Ctrl+S saves.
func TestFullDisk(t *testing.T) {
	d := newDevice(t)
	x, inside := d.onDisk("true")
	if x == nil {
		return
	}
	x.sees("pronta da inviare")
	x.types77()
	x.types(enter)
	x.sees("Ingressi in corso d'anno, 1° anno, Maschi")
	x.rests("Salvato alle")
	filler := d.fills(inside)
	x.types("8")
	x.sees("[   8]")
	x.types(enter)
	x.sees("NON SALVATO")
	x.sees("Il disco è pieno")
	x.sees("[   8]")
	d.must(os.Remove(filler))
	x.types("\x13") // Ctrl+S
	x.sees("Salvato alle")
	x.types(ctrlQ)
	x.ends(0)
	d.has(firstCell, 77)
	d.has("arrivals_y1_m", 8)
}

// fills writes a file until the disk is full, and takes the blocks under the
// free pages of the drafts away: else the program would write into these for a
// long time.
func (d *device) fills(inside string) (filler string) {
	d.t.Helper()
	filler = filepath.Join(inside, "filler")
	drafts := filepath.Join(inside, "drafts.db")
	live, err := os.OpenFile(drafts, os.O_RDWR, 0)
	d.must(err)
	defer func() { _ = live.Close() }()
	for _, page := range d.freePages(drafts) {
		const punch = 0x1 | 0x2 // FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE
		size := int64(os.Getpagesize())
		d.must(syscall.Fallocate(int(live.Fd()), punch, int64(page)*size, size))
	}
	f, err := os.Create(filler)
	d.must(err)
	for err == nil {
		_, err = f.Write(make([]byte, os.Getpagesize()))
	}
	if !errors.Is(err, syscall.ENOSPC) {
		d.t.Fatal(err)
	}
	d.must(f.Close())
	return filler
}

// freePages finds the free pages of the drafts in a copy of the file.
func (d *device) freePages(drafts string) (free []int) {
	d.t.Helper()
	raw, err := os.ReadFile(drafts)
	d.must(err)
	twin := filepath.Join(d.t.TempDir(), "drafts.db")
	d.must(os.WriteFile(twin, raw, 0o600))
	db, err := bolt.Open(twin, 0o600, &bolt.Options{ReadOnly: true, PreLoadFreelist: true, NoFreelistSync: true})
	d.must(err)
	defer func() { _ = db.Close() }()
	d.must(db.View(func(tx *bolt.Tx) error {
		for id := 0; ; id++ {
			page, err := tx.Page(id)
			if page == nil || err != nil {
				return err
			}
			if strings.Contains(page.Type, "free") {
				free = append(free, id)
			}
		}
	}))
	return free
}
