//go:build unix

package pgtest

import (
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// Standby makes and starts a cluster that follows another by streaming, see
// [Cluster.Follow].
func Standby(tb testing.TB, c *Cluster, name, host string, port int) *Cluster {
	tb.Helper()
	s, err := folder()
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Remove)
	if err := s.Follow(name, host, port); err != nil {
		tb.Fatal(err)
	}
	return s
}

// Follow makes a cluster that does not run anew as a copy of another, and
// starts it to follow that one by streaming, under the name that
// synchronous_standby_names knows it by. It reaches the other at host and port:
// a folder and 5432 directly, or those of a [Gate].
func (c *Cluster) Follow(name, host string, port int) error {
	data := filepath.Join(c.Dir, "data")
	if err := os.RemoveAll(data); err != nil {
		return err
	}
	from := fmt.Sprintf("host=%s port=%d user=postgres application_name=%s", host, port, name)
	if err := c.Run("pg_basebackup", "--pgdata", data, "--dbname", from,
		"--write-recovery-conf", "--wal-method", "stream", "--checkpoint", "fast", "--no-sync"); err != nil {
		return err
	}
	return c.Start()
}

// Socket is where the server listens.
func (c *Cluster) Socket() string { return filepath.Join(c.Dir, ".s.PGSQL.5432") }

// Set changes a setting of the running server, as ALTER SYSTEM does.
func (c *Cluster) Set(name, value string) error {
	return c.Run("psql", "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1",
		"--command", fmt.Sprintf("ALTER SYSTEM SET %s = '%s'", name, value), "--command", "SELECT pg_reload_conf()")
}

// Promote makes a standby the primary. What it follows must be dead. It waits
// for nobody from then on, until synchronous_standby_names is set again.
func (c *Cluster) Promote() error {
	return c.Run("pg_ctl", "promote", "--wait", "--silent", "--pgdata", filepath.Join(c.Dir, "data"))
}

// Either is the address of a database of whichever of the clusters can write.
func Either(database string, clusters ...*Cluster) string {
	hosts := make([]string, len(clusters))
	for i, c := range clusters {
		hosts[i] = c.Dir
	}
	return either(database, url.Values{"host": {strings.Join(hosts, ",")}})
}

func either(database string, at url.Values) string {
	at.Set("target_session_attrs", "read-write")
	address := url.URL{Scheme: "postgres", User: url.User("postgres"), Path: "/" + database, RawQuery: at.Encode()}
	return address.String()
}
