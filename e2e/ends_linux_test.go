package e2e_test

import (
	"bufio"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"
	"time"
)

// endsWithUs has a program that would go on by itself end when this process
// does, however that ends.
func endsWithUs(cmd *exec.Cmd) { cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} }

// TestNothingIsLeft kills a test process that has started a server, and waits
// for the server to go. The child is this test, too.
func TestNothingIsLeft(t *testing.T) {
	if os.Getenv(childKey) != "" {
		r := &running{}
		if err := r.serve(t.TempDir(), filepath.Join(t.TempDir(), "log")); err != nil {
			t.Fatal(err)
		}
		_, _ = os.Stdout.WriteString(r.addr + "\n")
		select {}
	}
	child := exec.Command(os.Args[0], "-test.run", "^TestNothingIsLeft$")
	child.Env = append(os.Environ(), childKey+"="+bin, "TMPDIR="+t.TempDir())
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	line, _, err := bufio.NewReader(out).ReadLine()
	server, refused := net.Dial("tcp", string(line))
	if killed := child.Process.Kill(); err != nil || refused != nil || killed != nil {
		t.Fatal(err, refused, killed)
	}
	_ = child.Wait()
	_ = server.Close()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
		server, err := net.Dial("tcp", string(line))
		if err != nil {
			return
		}
		_ = server.Close()
		if time.Now().After(end) {
			t.Fatalf("the server at %s is still there", line)
		}
	}
}
