//go:build unix

package pgtest

import (
	"fmt"
	"net"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

const pgbouncer = "/usr/sbin/pgbouncer"

// Pooled is Either through a PgBouncer beside each cluster, which goes with the
// test. settings is the file that operators are given; of it the places are
// changed and nothing else. ok is false where there is no PgBouncer, as
// [Database] has it.
func Pooled(tb testing.TB, settings, database string, clusters ...*Cluster) (address string, ok bool) {
	tb.Helper()
	if _, err := os.Stat(pgbouncer); err != nil {
		Missing(tb, fmt.Errorf("no PgBouncer, install Debian's package pgbouncer: %w", err))
		return "", false
	}
	hosts, ports := make([]string, len(clusters)), make([]string, len(clusters))
	for i, c := range clusters {
		dir, err := c.pool(tb, settings)
		if err != nil {
			tb.Fatal(err)
		}
		hosts[i], ports[i] = dir, "6432"
	}
	// Prepared statements would be those of another session.
	return either(database, url.Values{"host": {strings.Join(hosts, ",")}, "port": {strings.Join(ports, ",")},
		"default_query_exec_mode": {"cache_describe"}}), true
}

// pool starts a PgBouncer before the cluster and gives the folder of its socket.
func (c *Cluster) pool(tb testing.TB, settings string) (string, error) {
	dir, err := os.MkdirTemp(c.Dir, "pool-")
	if err != nil {
		return "", err
	}
	given, err := os.ReadFile(settings)
	if err != nil {
		return "", err
	}
	users, file := filepath.Join(dir, "users"), filepath.Join(dir, "pgbouncer.ini")
	text := string(given)
	for what, place := range map[string]string{"rileva": "* = host=" + c.Dir, "listen_addr": "listen_addr =", "unix_socket_dir": "unix_socket_dir = " + dir,
		"auth_type": "auth_type = trust", "auth_file": "auth_file = " + users, "logfile": "logfile =", "pidfile": "pidfile ="} {
		line := regexp.MustCompile("(?m)^" + what + " = .*$")
		if len(line.FindAllString(text, -1)) != 1 {
			return "", fmt.Errorf("%s: one line for %s was expected", settings, what)
		}
		text = line.ReplaceAllLiteralString(text, place)
	}
	for name, text := range map[string]string{file: text, users: "\"postgres\" \"\"\n"} {
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return "", err
		}
	}
	if c.as != nil {
		if err := os.Chown(dir, int(c.as.Uid), int(c.as.Gid)); err != nil {
			return "", err
		}
	}
	log, err := os.Create(filepath.Join(dir, "log"))
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }()
	// The shell ends it when its input ends: with the test, or with us.
	cmd := exec.Command("/bin/sh", "-c", `"$0" "$1" & read -r _; kill $!; wait`, pgbouncer, file)
	cmd.Dir, cmd.Stdout, cmd.Stderr = "/", log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Credential: c.as}
	alive, err := cmd.StdinPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	tb.Cleanup(func() {
		_ = alive.Close()
		_ = cmd.Wait()
	})
	for range 500 {
		if conn, err := net.Dial("unix", filepath.Join(dir, ".s.PGSQL.6432")); err == nil {
			return dir, conn.Close()
		}
		time.Sleep(10 * time.Millisecond)
	}
	said, _ := os.ReadFile(log.Name())
	return "", fmt.Errorf("PgBouncer does not listen: %s", said)
}
