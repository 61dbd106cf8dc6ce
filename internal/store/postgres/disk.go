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

// writerLock is the advisory lock of whoever writes; numbers of our own.
const (
	writerLock    = 0x52696c657661 // "Rileva"
	migrationLock = writerLock + 2 // of whoever brings the tables up to date
)

// beginLocked begins a transaction that writes, and takes its turn, in one journey.
var beginLocked = fmt.Sprintf("begin; select pg_advisory_xact_lock(%d)", int64(writerLock))

// View runs fn on one snapshot. PostgreSQL shows a commit to others only when
// its wait for the standby is over, so that what is seen is durable: but for one
// whose wait a crash or a technician has ended. What is only read acknowledges
// nothing: who asks for the same again, or for a receipt or a checkpoint to
// keep, waits for a commit.
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
	q, err := d.pool.BeginTx(ctx, pgx.TxOptions{BeginQuery: beginLocked})
	if err != nil { // the connection is lost, or the wait was too long
		return nil, again(ctx, err)
	}
	return &change{tx{ctx: ctx, conn: q, writes: true}, q}, nil
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

// refusals are the classes of sqlstate that speak of what is written: data,
// a unique key, a statement or a right, a size, somebody's own rule. All others
// speak of the moment: two transactions that waited for each other, a disk that
// is full, a server that goes down or up or has become a standby.
var refusals = []string{"22", "23", "42", "44", "54", "P0"}

// again marks what may work the next time; nothing of it was committed. A wait
// that was too long once is not begun anew: its callers are told to come back.
func again(ctx context.Context, err error) error {
	var refused *pgconn.PgError
	var network net.Error
	switch {
	case ctx.Err() != nil:
		return err
	case errors.As(err, &refused) && len(refused.Code) == 5 && slices.Contains(refusals, refused.Code[:2]):
		return errors.Join(engine.ErrRefused, err)
	case refused != nil, errors.As(err, &network), errors.Is(err, pgx.ErrTxClosed), pgconn.SafeToRetry(err):
		return errors.Join(engine.ErrAgain, err)
	}
	return err
}

// readOnly is the sqlstate of a write that a standby has been asked for.
const readOnly = "25006"

// keep tells whether a connection is of use after an error of the server: not
// when it ends it, and not when a pool in between leads it to a standby now.
func keep(_ *pgconn.PgConn, e *pgconn.PgError) bool {
	return !strings.EqualFold(e.Severity, "FATAL") && e.Code != readOnly
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
	ctx    context.Context
	conn   querier
	err    error // the first failure; nothing is read or written after it
	writes bool
	wrote  bool              // something has been sent to be written
	known  map[string]*known // by table and epoch
}

// Err implements engine.WriteTx.
func (t *tx) Err() error { return t.err }

func (t *tx) fail(err error) {
	if t.err == nil {
		t.err = again(t.ctx, err)
	}
}

// Bucket implements engine.Tx.
func (t *tx) Bucket(name []byte) engine.Bucket {
	table := tables[string(name)]
	if table == nil {
		return nil
	}
	return bucket{t, table, t.of(table, "")}
}

// Past implements engine.Tx.
func (t *tx) Past(epoch string) (leaves, hashes engine.Bucket, head []byte) {
	_, head = t.row("select epoch, head from past_logs where epoch = $1", epoch)
	if head == nil {
		return nil, nil, nil
	}
	of := func(name []byte) engine.Bucket {
		return bucket{t, tables[string(name)], t.of(tables[string(name)], epoch)}
	}
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
	if t.err != nil {
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

// change is a transaction that writes.
type change struct {
	tx
	q pgx.Tx
}

// SetAside implements engine.WriteTx.
func (c *change) SetAside(epoch string, head []byte) error {
	c.flush()
	c.known, c.wrote = nil, true
	var batch pgx.Batch
	for _, sql := range []string{"update log_leaves set epoch = $1 where epoch = ''", "update log_hashes set epoch = $1 where epoch = ''"} {
		batch.Queue(sql, epoch)
	}
	batch.Queue("insert into past_logs (epoch, head) values ($1, $2)", epoch, notNil(head))
	c.send(&batch)
	return c.err
}

// Commit implements engine.WriteTx. It has no deadline, see the package
// comment; a peer that is gone is found by the connection's own time-out.
func (c *change) Commit() error {
	c.flush()
	if !c.wrote {
		var batch pgx.Batch
		batch.Queue(waits)
		c.send(&batch)
	}
	if c.err != nil {
		return errors.Join(c.err, c.Rollback())
	}
	said := c.q.Conn().PgConn().CustomData()
	delete(said, warned)
	if err := c.q.Commit(context.Background()); err != nil {
		return fmt.Errorf("it may have happened: %w", err)
	}
	if why := said[warned]; why != nil {
		return fmt.Errorf("it has happened here and perhaps nowhere else: %v", why)
	}
	return nil
}

// waits is a write without an effect. A caller that has found its work done may
// have seen a commit that no standby has, after a crash or because somebody has
// ended its wait: the commit of this write waits for all that is before it.
const waits = "select pg_logical_emit_message(true, 'rileva', '')"

// warned is where a connection keeps its last warning. COMMIT has one alone:
// that somebody has ended its wait for the standby, after which PostgreSQL says
// that all is well (sqlstate 01000 for every warning without a number of its own).
const (
	warned  = "warned"
	warning = "01000"
)

// Rollback implements engine.WriteTx. What is not committed is taken back, by
// the server itself if the connection is lost.
func (c *change) Rollback() error {
	_ = c.q.Rollback(context.Background())
	return nil
}
