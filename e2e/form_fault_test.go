package e2e_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"rileva/pkg/survey"
)

const firstCell = "enrolled_start_y1_m"

// types77 types 77 into the first cell of the table and does not leave it.
func (x *terminal) types77() {
	x.t.Helper()
	x.types(down + enter)
	x.sees("2. Movimenti")
	x.types(down + enter)
	x.sees("1° anno, Maschi")
	x.types("77")
	x.sees("[  77]")
}

// ends waits for the program's end and wants its exit code.
func (x *terminal) ends(code int) {
	x.t.Helper()
	late := time.AfterFunc(patience, func() { _ = x.cmd.Process.Kill() })
	defer late.Stop()
	_ = x.cmd.Wait()
	if got := x.cmd.ProcessState.ExitCode(); got != code {
		x.t.Errorf("exit code %d, want %d (%s)", got, code, x.cmd.ProcessState)
	}
}

// has wants a value of the table on the disk.
func (d *device) has(id string, want any) {
	d.t.Helper()
	if got := d.on(survey.TrackLiceale)[id]; got != want {
		d.t.Errorf("%s is %v on the disk, want %v", id, got, want)
	}
}

// TestStoppedForm: a signal and a closed window keep even what is being typed,
// and end the form cleanly.
func TestStoppedForm(t *testing.T) {
	d := newDevice(t)
	for name, stop := range map[string]func(*terminal){
		"SIGTERM":         func(x *terminal) { x.signal(syscall.SIGTERM) },
		"SIGHUP":          func(x *terminal) { x.signal(syscall.SIGHUP) },
		"a closed window": func(x *terminal) { _ = x.tty.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			d.t = t
			d.unlike77()
			x := d.open()
			x.types77()
			stop(x)
			if name != "a closed window" { // there is nobody to tell
				x.sees("Il programma è stato chiuso dal sistema")
				if screen := x.sees("Tutte le risposte sono salvate"); strings.Contains(screen, "Iscritti") {
					t.Errorf("the form is still on the screen:\n%s", screen)
				}
			}
			x.ends(0)
			d.has(firstCell, 77)
		})
	}
}

// unlike77 puts another number into the first cell.
func (d *device) unlike77() {
	d.t.Helper()
	d.run("fill", survey.TrackLiceale, "--from", d.write("one.json", map[string]int{firstCell: 61}))
}

func (x *terminal) signal(s os.Signal) {
	x.t.Helper()
	if err := x.cmd.Process.Signal(s); err != nil {
		x.t.Fatal(err)
	}
}

// TestSecondForm: a second window says that the program is open already, and
// disturbs neither the first one nor the draft.
func TestSecondForm(t *testing.T) {
	d := newDevice(t)
	first := d.open()
	first.types77()
	second := openForm(t, "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server)
	second.sees("Il programma è già aperto in un'altra finestra.")
	second.sees("Chiudere l'altra finestra e riprovare.")
	second.ends(2)
	first.types(enter)
	first.sees("Ingressi in corso d'anno, 1° anno, Maschi")
	first.types(ctrlQ)
	first.ends(0)
	d.has(firstCell, 77)
}

// TestDamagedForm: a draft file that is not whole is replaced by the automatic
// copy, which the form made when it was last closed; it is kept, and the screen
// names both. Without a copy it is left as it is.
func TestDamagedForm(t *testing.T) {
	d := newDevice(t)
	x := d.open()
	x.types77()
	x.types(enter)
	x.sees("Ingressi in corso d'anno, 1° anno, Maschi")
	x.types(ctrlQ)
	x.ends(0)
	file := filepath.Join(d.home, "drafts.db")
	raw, err := os.ReadFile(file)
	d.must(err)
	bad := raw[:len(raw)/3]
	d.must(os.WriteFile(file, bad, 0o600))

	x = openForm(t, "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server)
	x.sees("Il file delle bozze era danneggiato")
	x.sees("la copia automatica")
	screen := x.sees("drafts-damaged-")
	kept, err := filepath.Glob(filepath.Join(d.home, "drafts-damaged-*.db"))
	if err != nil || len(kept) != 1 || !strings.Contains(screen, filepath.Base(kept[0])) {
		t.Fatalf("kept: %v %v\n%s", kept, err, screen)
	}
	if is, err := os.ReadFile(kept[0]); err != nil || string(is) != string(bad) {
		t.Errorf("the damaged file is not kept as it was: %v", err)
	}
	x.types(escape)
	x.sees("pronta da inviare")
	x.types(ctrlQ)
	x.ends(0)
	d.has(firstCell, 77)

	copies, err := filepath.Glob(filepath.Join(d.home, "drafts-*.copy"))
	d.must(err)
	for _, name := range copies {
		d.must(os.Remove(name))
	}
	d.must(os.WriteFile(file, bad, 0o600))
	x = openForm(t, "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server)
	x.sees("Il file delle bozze è danneggiato.")
	x.sees("Non cancellarlo")
	x.ends(1)
	if is, err := os.ReadFile(file); err != nil || string(is) != string(bad) {
		t.Errorf("the damaged file was changed: %v", err)
	}
}

func (d *device) must(err error) {
	d.t.Helper()
	if err != nil {
		d.t.Fatal(err)
	}
}
