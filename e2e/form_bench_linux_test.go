package e2e_test

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
)

// measured is a program in a pseudo-terminal that answers no queries, as the
// poorest ones do, and shows nothing: what it writes is only counted.
type measured struct {
	cmd    *exec.Cmd
	tty    *os.File
	frames chan []byte // what it writes, as it comes; closed with the terminal
}

// BenchmarkForm measures the real form on a filled device, and the same
// questions in stock huh (internal/tui/stockhuh), each as it would be released:
// start to first frame, bytes written per key, memory, size of the program.
func BenchmarkForm(b *testing.B) {
	d := newDevice(b)
	for _, p := range []struct {
		name, pkg, first, to string
		cell                 []string // the keys of one cell
	}{
		// To the largest table: the second part, its third section.
		{"rileva", "rileva/cmd/tui", "Pagina iniziale", down + enter + down + down + enter, []string{"1", "2", "\x1b[3~", "3", down}},
		{"huh", "rileva/internal/tui/stockhuh", "1° anno", "", []string{"1", "2", backspace, backspace, tab}},
	} {
		program := filepath.Join(b.TempDir(), p.name)
		build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", program, p.pkg)
		if out, err := build.CombinedOutput(); err != nil {
			b.Fatalf("%v\n%s", err, out)
		}
		start := func() *measured {
			m := &measured{cmd: exec.Command(program)}
			m.cmd.Env = append(os.Environ(), "TERM=xterm-256color", "LANG=it_IT.UTF-8", "RILEVA_HOME="+d.home, "RILEVA_SERVER="+d.server)
			var err error
			m.tty, err = pty.StartWithSize(m.cmd, &pty.Winsize{Rows: 24, Cols: 80})
			d.must(err)
			m.frames = make(chan []byte)
			go m.read()
			if seen := m.reads(p.first); seen != "" {
				b.Fatalf("%q was never written:\n%s", p.first, seen)
			}
			return m
		}
		b.Run("start/"+p.name, func(b *testing.B) {
			var took, worked []time.Duration
			for b.Loop() {
				began := time.Now()
				m := start()
				took, worked = append(took, time.Since(began)), append(worked, m.cpu(b))
				m.ends()
			}
			slices.Sort(took)
			slices.Sort(worked)
			b.ReportMetric(ms(took[len(took)/2]), "ms-median")
			b.ReportMetric(ms(took[0]), "ms-least")
			b.ReportMetric(ms(worked[len(worked)/2]), "cpu-ms-median")
		})
		b.Run("keys/"+p.name, func(b *testing.B) {
			for b.Loop() {
				m := start()
				info, err := os.Stat(program)
				d.must(err)
				b.ReportMetric(float64(info.Size())/1e6, "MB-program")
				b.ReportMetric(m.rss(b), "MB-start")
				m.press(p.to)
				m.rests()
				bytes, keys, began, worked := 0, 0, time.Now(), m.cpu(b)
				for keys < 1000 {
					bytes += m.press(p.cell[keys%len(p.cell)])
					keys++
				}
				b.ReportMetric(ms(time.Since(began))/float64(keys), "ms/key")
				b.ReportMetric(ms(m.cpu(b)-worked)/float64(keys), "cpu-ms/key")
				b.ReportMetric(float64(bytes)/float64(keys), "B/key")
				b.ReportMetric(m.rss(b), "MB-after-1000-keys")
				m.ends()
			}
		})
	}
}

func (m *measured) read() {
	defer close(m.frames)
	for {
		buf := make([]byte, 64<<10)
		n, err := m.tty.Read(buf)
		if err != nil {
			return
		}
		m.frames <- buf[:n]
	}
}

// reads takes what is written until it holds text; else it gives what was.
func (m *measured) reads(text string) (seen string) {
	for frame := range m.frames {
		if seen += string(frame); strings.Contains(seen, text) {
			return ""
		}
	}
	return seen + "(end)"
}

// press sends keys and counts the bytes of the frame that comes back; 0 when
// none comes in time: a key may change nothing.
func (m *measured) press(keys string) int {
	if _, err := io.WriteString(m.tty, keys); err != nil {
		return 0
	}
	return m.listen(100 * time.Millisecond)
}

// rests reads until nothing comes for a while, or only a blinking cursor.
func (m *measured) rests() {
	for range 5 {
		if m.listen(time.Second) == 0 {
			return
		}
	}
}

func (m *measured) listen(patience time.Duration) int {
	select {
	case frame := <-m.frames:
		return len(frame)
	case <-time.After(patience):
		return 0
	}
}

// rss is the memory that the program holds, in MB.
func (m *measured) rss(b *testing.B) float64 {
	b.Helper()
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for line := range strings.Lines(string(raw)) {
		var kB float64
		if n, _ := fmt.Sscanf(line, "VmRSS: %f kB", &kB); n == 1 {
			return kB * 1024 / 1e6
		}
	}
	b.Fatalf("no VmRSS in\n%s", raw)
	return 0
}

// cpu is the time that the program has spent on processors: unlike the clock's
// it does not tell what else the machine is doing.
func (m *measured) cpu(b *testing.B) (worked time.Duration) {
	b.Helper()
	threads, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", m.cmd.Process.Pid))
	if err != nil {
		b.Fatal(err)
	}
	for _, file := range threads {
		var ran time.Duration
		if raw, err := os.ReadFile(file); err == nil { // the thread may be gone
			_, _ = fmt.Sscan(string(raw), &ran)
			worked += ran
		}
	}
	return worked
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

func (m *measured) ends() {
	_ = m.cmd.Process.Kill()
	for range m.frames { // to the end, so that nobody waits
	}
	_ = m.tty.Close()
	_ = m.cmd.Wait()
}
