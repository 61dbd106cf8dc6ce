package postgres

import (
	"fmt"
	"strings"
	"testing"

	"rileva/internal/store/engine"
	"rileva/internal/store/postgres/pgtest"
)

// TestWithoutNUL: only the escape is replaced, and not a backslash that stands
// for itself before u0000.
func TestWithoutNUL(t *testing.T) {
	for raw, want := range map[string]string{
		`{"a":"x"}`:              `{"a":"x"}`,
		`{"a":"\u0000"}`:         `{"a":"\ufffd"}`,
		`{"a":"\\u0000"}`:        `{"a":"\\u0000"}`,
		`{"a":"\\\u0000\u0000"}`: `{"a":"\\\ufffd\ufffd"}`,
		`{"a":"\`:                `{"a":"\`,
	} {
		if got := string(withoutNUL([]byte(raw))); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}

// TestTooOld: as servers and pools in between say their version.
func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{
		"9.6.24": true, "14.9 (Debian 14.9-1.pgdg120+1)": true, "15.18 (Debian 15.18-0+deb12u1)": false, "15beta1": false, "16.0": false, "": false, "devel": false,
	} {
		if got := tooOld(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}

// TestByKey: however long the log is, what is wanted of it is found by its keys,
// also in tables whose rows nobody has counted yet.
func TestByKey(t *testing.T) {
	address, ok := pgtest.Database(t)
	if !ok {
		return
	}
	d, err := dial(t.Context(), address, "")
	if err != nil {
		t.Fatal(err)
	}
	defer d.pool.Close()
	conn, err := d.pool.Acquire(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Release()
	run := func(sql string) (said string) {
		t.Helper()
		all, err := conn.Conn().PgConn().Exec(t.Context(), sql).ReadAll()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range all[0].Rows {
			said += string(row[0]) + "\n"
		}
		return said
	}
	log := tables[string(engine.BucketHashes)]
	run("alter table log_hashes set (autovacuum_enabled = off)")
	run("insert into log_hashes (key, value) select int8send(n), '' from generate_series(0, 4999) as n")
	const some = `array['\x0000000000000007', '\x0000000000001000']::bytea[]`
	for _, one := range []struct{ types, sql, args string }{
		{"text, bytea[]", log.keys(0, 2), "'', " + some},
		{"text, bytea[], bytea[]", log.ranges(0, 2), "'', " + some + ", " + strings.ReplaceAll(some, "7'", "9'")},
		{"text", log.end(0, 2), "''"},
		{"text, bytea", log.get, `'', '\x0000000000000007'`},
		{"text", log.last, "''"},
	} {
		run("deallocate all")
		run(fmt.Sprintf("prepare one(%s) as %s", one.types, one.sql))
		plan := run(fmt.Sprintf("explain (analyze, costs off, timing off) execute one(%s)", one.args))
		if !strings.Contains(plan, "Index") || strings.Contains(plan, "Removed by Filter") || strings.Contains(plan, "Sort") {
			t.Errorf("%s\n%s", one.sql, plan)
		}
	}
}
