package postgres

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"

	"rileva/internal/store"
	"rileva/internal/store/engine"
	surveysync "rileva/pkg/sync"
)

// disk is a database as the engine sees it.
type disk struct{ pool *pgxpool.Pool }

// writerLock is the advisory lock of whoever writes; a number of our own.
const writerLock = 0x52696c657661 // "Rileva"

// View runs fn on one snapshot. PostgreSQL shows a commit to others only when
// its wait for the standby is over, so that what is seen is durable.
func (d disk) View(ctx context.Context, fn func(engine.Tx) error) error {
	q, err := d.pool.BeginTx(ctx, pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly})
	if err != nil {
		return unavailable(ctx, err)
	}
	t := &tx{ctx: ctx, conn: q}
	err = fn(t)
	if t.err != nil {
		err = unavailable(ctx, t.err)
	}
	_ = q.Rollback(context.WithoutCancel(ctx)) // it has written nothing
	return err
}

// Glance reads without a snapshot: one statement after the other.
func (d disk) Glance(ctx context.Context, fn func(engine.Tx) error) error {
	t := &tx{ctx: ctx, conn: d.pool}
	err := fn(t)
	if t.err != nil {
		return unavailable(ctx, t.err)
	}
	return err
}

// Begin implements engine.Disk.
func (d disk) Begin(ctx context.Context) (engine.WriteTx, error) {
	q, err := d.pool.Begin(ctx)
	if err != nil {
		return nil, again(err)
	}
	if _, err := q.Exec(ctx, "select pg_advisory_xact_lock($1)", int64(writerLock)); err != nil {
		_ = q.Rollback(context.WithoutCancel(ctx)) // the connection is lost, or the wait was too long
		return nil, again(err)
	}
	return &change{tx{ctx: ctx, conn: q, cache: map[string][]byte{}}, q}, nil
}

// Close implements engine.Disk; it waits for those who read.
func (d disk) Close() error {
	d.pool.Close()
	return nil
}

// unavailable is what a caller that reads is told of a failure.
func unavailable(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return ctx.Err()
	}
	return errors.Join(store.Errorf(surveysync.Unavailable, "the database does not answer"), err)
}

// again marks what may work the next time; nothing of it was committed.
func again(err error) error {
	var refused *pgconn.PgError
	var network net.Error
	switch {
	case errors.As(err, &refused):
		// serialization_failure, deadlock_detected, and the classes "connection
		// exception" and "operator intervention": the server goes down or up.
		if refused.Code == "40001" || refused.Code == "40P01" || strings.HasPrefix(refused.Code, "08") || strings.HasPrefix(refused.Code, "57") {
			return errors.Join(engine.ErrAgain, err)
		}
		return errors.Join(engine.ErrRefused, err)
	case errors.As(err, &network), errors.Is(err, pgx.ErrTxClosed), pgconn.SafeToRetry(err):
		return errors.Join(engine.ErrAgain, err)
	}
	return err
}

// querier is a transaction or a pool.
type querier interface {
	Exec(ctx context.Context, sql string, arguments ...any) (pgconn.CommandTag, error)
	Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error)
	SendBatch(ctx context.Context, b *pgx.Batch) pgx.BatchResults
}

// tx is a transaction as the engine sees it. What it writes waits here, and
// goes out together before a range is read and at the end.
type tx struct {
	ctx   context.Context
	conn  querier
	err   error             // the first failure; nothing is read or written after it
	cache map[string][]byte // of one that writes: values by table and key, nil for none
	puts  pgx.Batch
}

// Err implements engine.WriteTx.
func (t *tx) Err() error { return t.err }

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = again(err)
	}
}

// Bucket implements engine.Tx.
func (t *tx) Bucket(name []byte) engine.Bucket {
	table := tables[string(name)]
	if table == nil {
		return nil
	}
	return bucket{t, table, string(name), ""}
}

// Past implements engine.Tx.
func (t *tx) Past(epoch string) (leaves, hashes engine.Bucket, head []byte) {
	_, head = t.row("select epoch, head from past_logs where epoch = $1", epoch)
	if head == nil {
		return nil, nil, nil
	}
	of := func(name []byte) engine.Bucket { return bucket{t, tables[string(name)], string(name), epoch} }
	return of(engine.BucketLeaves), of(engine.BucketHashes), head
}

// row reads at most one pair.
func (t *tx) row(sql string, args ...any) (key, value []byte) {
	pairs := t.rows(sql, args...)
	if len(pairs) == 0 {
		return nil, nil
	}
	return pairs[0].key, pairs[0].value
}

type pair struct{ key, value []byte }

// rows reads pairs, all of them before the first is used: the connection does
// one thing at a time.
func (t *tx) rows(sql string, args ...any) []pair {
	if t.flush(); t.err != nil {
		return nil
	}
	found, err := t.conn.Query(t.ctx, sql, args...)
	if err != nil {
		t.fail(err)
		return nil
	}
	pairs, err := pgx.CollectRows(found, func(row pgx.CollectableRow) (pair, error) {
		values := row.RawValues() // those of a text column are its bytes
		return pair{bytes.Clone(values[0]), append([]byte{}, values[1]...)}, nil
	})
	if err != nil {
		t.fail(err)
		return nil
	}
	return pairs
}

// flush sends what waits to be written.
func (t *tx) flush() {
	if t.err != nil || t.puts.Len() == 0 {
		return
	}
	puts := t.puts
	t.puts = pgx.Batch{}
	if err := t.conn.SendBatch(t.ctx, &puts).Close(); err != nil {
		t.fail(err)
	}
}

// change is a transaction that writes.
type change struct {
	tx
	q pgx.Tx
}

// SetAside implements engine.WriteTx.
func (c *change) SetAside(epoch string, head []byte) error {
	c.flush()
	for _, sql := range []string{"update log_leaves set epoch = $1 where epoch = ''", "update log_hashes set epoch = $1 where epoch = ''"} {
		c.puts.Queue(sql, epoch)
	}
	c.puts.Queue("insert into past_logs (epoch, head) values ($1, $2)", epoch, notNil(head))
	c.flush()
	c.cache = map[string][]byte{}
	return c.err
}

// Commit implements engine.WriteTx. It has no deadline, see the package
// comment; a peer that is gone is found by the connection's own time-out.
func (c *change) Commit() error {
	if c.flush(); c.err != nil {
		return errors.Join(c.err, c.Rollback())
	}
	if err := c.q.Commit(context.Background()); err != nil {
		return fmt.Errorf("it may have happened: %w", err)
	}
	return nil
}

// Rollback implements engine.WriteTx. What is not committed is taken back, by
// the server itself if the connection is lost.
func (c *change) Rollback() error {
	_ = c.q.Rollback(context.Background())
	return nil
}

// bucket is a table as the engine sees it.
type bucket struct {
	tx    *tx
	table *table
	name  string
	epoch string // of a log
}

func (b bucket) args(more ...any) []any {
	if b.table.log {
		return append([]any{b.epoch}, more...)
	}
	return more
}

func (b bucket) at(key []byte) string { return b.name + "\x00" + b.epoch + "\x00" + string(key) }

// Get implements engine.Bucket.
func (b bucket) Get(key []byte) []byte {
	if value, known := b.tx.cache[b.at(key)]; known {
		return value
	}
	if b.tx.err != nil {
		return nil
	}
	found, err := b.tx.conn.Query(b.tx.ctx, b.table.get, b.args(key)...)
	if err != nil {
		b.tx.fail(err)
		return nil
	}
	var value []byte
	for found.Next() {
		value = append([]byte{}, found.RawValues()[0]...)
	}
	if err := found.Err(); err != nil {
		b.tx.fail(err)
		return nil
	}
	b.keep(key, value)
	return value
}

// keep remembers a value until the transaction ends.
func (b bucket) keep(key, value []byte) {
	if b.tx.cache != nil {
		b.tx.cache[b.at(key)] = value
	}
}

// Put implements engine.Bucket.
func (b bucket) Put(key, value []byte) error {
	args := b.args(bytes.Clone(key), append([]byte{}, value...))
	if b.table.more != nil {
		columns, err := b.table.more(key, value)
		if err != nil {
			return err
		}
		args = append(args, columns...)
	}
	b.tx.puts.Queue(b.table.put, slices.Clone(args)...)
	b.keep(key, append([]byte{}, value...))
	return b.tx.err
}

// Delete implements engine.Bucket.
func (b bucket) Delete(key []byte) error {
	b.tx.puts.Queue(b.table.remove, b.args(bytes.Clone(key))...)
	b.keep(key, nil)
	return b.tx.err
}

// First implements engine.Bucket.
func (b bucket) First(from []byte) (key, value []byte) {
	return b.tx.row(b.table.first, b.args(notNil(from))...)
}

// Last implements engine.Bucket.
func (b bucket) Last() (key, value []byte) { return b.tx.row(b.table.last, b.args()...) }

// Range implements engine.Bucket, a page at a time.
func (b bucket) Range(from, to []byte, fn func(key, value []byte) error) error {
	for from = notNil(from); ; {
		sql, args := b.table.page, b.args(from)
		if to != nil {
			sql, args = b.table.pageTo, b.args(from, to)
		}
		page := b.tx.rows(sql, args...)
		for _, p := range page {
			if err := fn(p.key, p.value); err != nil {
				return err
			}
		}
		if len(page) < pageSize {
			return b.tx.err
		}
		from = append(bytes.Clone(page[len(page)-1].key), 0) // the key that follows it
	}
}

// notNil is a key that a query can compare with: SQL's null is less than nothing.
func notNil(key []byte) []byte {
	if key == nil {
		return []byte{}
	}
	return key
}
