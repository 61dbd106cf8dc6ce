package throughput_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"rileva/internal/store/postgres/pgtest"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// connections is how many the floor has. PostgreSQL flushes once for all that
// commit together, so one for each processor would be unfair to it.
const connections = 16

// serveInserts is the bare handler on PostgreSQL: each body is one INSERT, and
// a commit of its own.
func serveInserts(o order) (*http.Server, []sender, func() error, error) {
	ctx := context.Background()
	c, err := pgxpool.ParseConfig(o.Database)
	if err != nil {
		return nil, nil, nil, err
	}
	c.MaxConns = connections
	pool, err := pgxpool.NewWithConfig(ctx, c)
	if err != nil {
		return nil, nil, nil, err
	}
	if _, err := pool.Exec(ctx, "create table if not exists bodies (key bigint generated always as identity primary key, body bytea not null)"); err != nil {
		return nil, nil, nil, err
	}
	web := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			_, err = pool.Exec(r.Context(), "insert into bodies (body) values ($1)", body)
		}
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	})}
	return web, make([]sender, o.Senders), func() error { pool.Close(); return nil }, nil
}

// startDatabase is startPair on databases of one PostgreSQL, with so many servers.
func startDatabase(tb testing.TB, servers int, o order) (p pair, ok bool) {
	tb.Helper()
	bare, ok := pgtest.Database(tb)
	if !ok {
		return p, false
	}
	o.Database, _ = pgtest.Database(tb)
	o.Key, o.Kind = filepath.Join(tempDir(tb), "rileva.key"), rileva
	p.floor = start(tb, "", order{Kind: floor, Senders: o.Senders, Database: bare})
	p.rileva = start(tb, "", o, profiling(tb)...)
	o.Joins = true
	for range servers - 1 {
		p.rileva.others = append(p.rileva.others, start(tb, "", o))
	}
	for i := range p.floor.greeted.Senders {
		p.floor.greeted.Senders[i].Body, p.floor.greeted.Senders[i].ID = p.rileva.greeted.Senders[i].Body, p.rileva.greeted.Senders[i].ID
	}
	return p, true
}

// BenchmarkPostgres measures servers on PostgreSQL beside a bare handler that
// inserts the same bytes into the same PostgreSQL, and beside one server on a
// file. The database shares the processors with them all.
func BenchmarkPostgres(b *testing.B) {
	for _, servers := range []int{1, 3} {
		for _, senders := range []int{1, 64} {
			b.Run(fmt.Sprintf("servers=%d/senders=%d", servers, senders), func(b *testing.B) {
				if p, ok := startDatabase(b, servers, order{Senders: senders}); ok {
					report(b, turns(b, p.floor, p.rileva, senders), floor)
				}
			})
		}
	}
	b.Run("file/senders=64", func(b *testing.B) {
		p, ok := startDatabase(b, 1, order{Senders: 64})
		if !ok {
			return
		}
		file := start(b, "", order{Kind: rileva, Senders: 64})
		report(b, turns(b, file, p.rileva, 64), "file")
	})
}

// BenchmarkPostgresStored is the same with many submissions stored (-stored).
func BenchmarkPostgresStored(b *testing.B) {
	for _, stored := range []int{1000, *stored} {
		b.Run(fmt.Sprintf("senders=64/stored=%d", stored), func(b *testing.B) {
			o := order{Senders: 64, Stored: stored, Schools: max(1, min(8000, stored/5))}
			if p, ok := startDatabase(b, 1, o); ok {
				size := databaseSize(b, p.rileva.Database)
				report(b, turns(b, p.floor, p.rileva, 64), floor)
				b.ReportMetric(float64(size)/float64(stored), "disk-B/submission")
			}
		})
	}
}

// databaseSize is in bytes, indexes and what PostgreSQL itself keeps among it.
func databaseSize(b *testing.B, address string) (size int64) {
	b.Helper()
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, address)
	if err != nil {
		b.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	if err := conn.QueryRow(ctx, "select pg_database_size(current_database())").Scan(&size); err != nil {
		b.Fatal(err)
	}
	return size
}

// TestEachIsStoredInPostgres: what two servers have acknowledged is stored,
// each once, in a store without a fault.
func TestEachIsStoredInPostgres(t *testing.T) {
	p, ok := startDatabase(t, 2, order{Senders: 4})
	if !ok {
		return
	}
	for _, c := range []*child{p.floor, p.rileva} {
		if r, err := c.measure(4, 100*time.Millisecond); err != nil || r.sent == 0 || r.rate <= 0 || r.cost <= 0 {
			t.Fatalf("%s: %+v, %v", c.Kind, r, err)
		}
	}
	if n := p.rileva.count(t); n != p.rileva.acknowledged() || n == 0 {
		t.Errorf("%d are stored, %d acknowledged", n, p.rileva.acknowledged())
	}
}
