//go:build unix

package pgtest

import (
	"bytes"
	"fmt"
	"io"
	"net/url"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// Cluster is one PostgreSQL server with its data, in one folder.
type Cluster struct {
	// Dir is the folder: the data in "data", what the server says in "log",
	// and the socket. It is what "host" is in an address.
	Dir string

	programs string              // the folder of initdb, pg_ctl, postgres
	as       *syscall.Credential // whom they run as; nil: who we are
	guard    io.Closer           // closing it removes the cluster
	guarded  *exec.Cmd
}

// small is what a test needs of a server, and keeps what it promises: fsync
// and full_page_writes stay on.
var small = []string{
	"listen_addresses=", "max_connections=200", "shared_buffers=16MB", "wal_level=replica",
	"max_wal_size=256MB", "lc_messages=C", "timezone=UTC",
}

// New makes and starts a cluster with the role postgres, who needs no password
// on the socket of the folder that only we can enter. Each of settings is
// name=value as in postgresql.conf and goes before our own. It returns ErrNone
// where there are no programs of PostgreSQL.
func New(settings ...string) (*Cluster, error) {
	c, err := folder()
	if err != nil {
		return nil, err
	}
	data := filepath.Join(c.Dir, "data")
	if err := c.Run("initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust",
		"--encoding", "UTF8", "--locale", "C", "--data-checksums", "--no-instructions", "--no-sync"); err != nil {
		c.Remove()
		return nil, err
	}
	if err := c.configure(append(slices.Clone(small), settings...)...); err != nil {
		c.Remove()
		return nil, err
	}
	if err := c.Start(); err != nil {
		c.Remove()
		return nil, err
	}
	return c, nil
}

// folder makes the place of a cluster, still empty, and the guard that will
// clear it away.
func folder() (*Cluster, error) {
	programs, err := programs()
	if err != nil {
		return nil, err
	}
	c := &Cluster{programs: programs}
	if c.Dir, err = os.MkdirTemp("", "rileva-pg-"); err != nil {
		return nil, err
	}
	if os.Getuid() == 0 { // PostgreSQL refuses to run as root
		if c.as, err = unprivileged(); err == nil {
			err = os.Chown(c.Dir, int(c.as.Uid), int(c.as.Gid))
		}
	}
	if err == nil {
		err = c.watch()
	}
	if err != nil {
		_ = os.RemoveAll(c.Dir)
		return nil, err
	}
	return c, nil
}

// watch starts the guard: a shell that waits for its input to end, which it
// does when we close it or when this process is no more, and then ends the
// server and removes the folder.
func (c *Cluster) watch() error {
	const last = `read -r _; kill -QUIT "$(head -n 1 "$0/data/postmaster.pid")" && sleep 1; rm -rf "$0"`
	c.guarded = exec.Command("/bin/sh", "-c", last, c.Dir)
	c.guarded.Dir = "/"
	c.guarded.SysProcAttr = &syscall.SysProcAttr{Setsid: true} // no Ctrl-C reaches it
	pipe, err := c.guarded.StdinPipe()
	if err != nil {
		return err
	}
	c.guard = pipe
	return c.guarded.Start()
}

// Address is that of a database of the cluster, for the role postgres.
func (c *Cluster) Address(database string) string {
	at := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database,
		RawQuery: url.Values{"host": {c.Dir}}.Encode()}
	return at.String()
}

// Start starts the server and returns when it answers.
func (c *Cluster) Start() error {
	err := c.Run("pg_ctl", "start", "--wait", "--silent", "--pgdata", filepath.Join(c.Dir, "data"),
		"--log", filepath.Join(c.Dir, "log"), "--options", "-k "+c.Dir)
	if err != nil {
		said, _ := os.ReadFile(filepath.Join(c.Dir, "log"))
		return fmt.Errorf("%w\n%s", err, said)
	}
	return nil
}

// Stop ends the server in order: what is under way is rolled back, everybody
// is disconnected.
func (c *Cluster) Stop() error {
	return c.Run("pg_ctl", "stop", "--wait", "--silent", "--mode", "fast", "--pgdata", filepath.Join(c.Dir, "data"))
}

// Kill ends the server as a power cut of its machine would end it for the
// others: at once, with nothing said. Disks keep what they were given.
func (c *Cluster) Kill() error {
	return c.Run("pg_ctl", "stop", "--wait", "--silent", "--mode", "immediate", "--pgdata", filepath.Join(c.Dir, "data"))
}

// Remove ends the server and removes all of it.
func (c *Cluster) Remove() {
	_ = c.guard.Close()
	_ = c.guarded.Wait()
}

// Run runs one of PostgreSQL's own programs in the cluster's folder, as whom
// the server runs; its error says what the program said.
func (c *Cluster) Run(program string, arguments ...string) error {
	command := exec.Command(filepath.Join(c.programs, program), arguments...)
	command.Dir = c.Dir
	command.Env = append(os.Environ(), "LC_ALL=C", "PGHOST="+c.Dir, "PGUSER=postgres", "PGDATABASE=postgres")
	command.SysProcAttr = &syscall.SysProcAttr{Credential: c.as}
	var said bytes.Buffer
	if program != "pg_ctl" { // the server would keep a pipe of pg_ctl open
		command.Stdout, command.Stderr = &said, &said
	}
	if err := command.Run(); err != nil {
		return fmt.Errorf("%s %s: %w: %s", program, strings.Join(arguments, " "), err, said.String())
	}
	return nil
}

// configure appends settings to the cluster's configuration; the last of a
// name counts.
func (c *Cluster) configure(settings ...string) error {
	file, err := os.OpenFile(filepath.Join(c.Dir, "data", "postgresql.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		name, value, _ := strings.Cut(setting, "=")
		if _, err := fmt.Fprintf(file, "%s = '%s'\n", name, strings.ReplaceAll(value, "'", "''")); err != nil {
			return err
		}
	}
	return file.Close()
}

// programs is the folder of the newest PostgreSQL that is installed: Debian
// keeps each version in a folder of its own, others put initdb on the PATH.
func programs() (string, error) {
	newest, version := "", 0
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/initdb")
	for _, path := range found {
		folder := filepath.Dir(path)
		if n, err := strconv.Atoi(filepath.Base(filepath.Dir(folder))); err == nil && n > version {
			newest, version = folder, n
		}
	}
	if newest != "" {
		return newest, nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", ErrNone
}

// unprivileged is the user postgres, whom Debian's package makes, or nobody.
func unprivileged() (*syscall.Credential, error) {
	who, err := user.Lookup("postgres")
	if err != nil {
		if who, err = user.Lookup("nobody"); err != nil {
			return nil, err
		}
	}
	uid, err := strconv.ParseUint(who.Uid, 10, 32)
	if err != nil {
		return nil, err
	}
	gid, err := strconv.ParseUint(who.Gid, 10, 32)
	if err != nil {
		return nil, err
	}
	return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
}
