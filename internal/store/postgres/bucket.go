package postgres

import (
	"bytes"
	"encoding/binary"
	"maps"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5"

	"rileva/internal/store/engine"
)

// known is what a transaction knows of one table: what it has fetched, and,
// where it writes, all that it has read and written. To ask the database for
// each key by itself would be a journey each.
type known struct {
	table  *table
	epoch  string // of a log
	values map[string][]byte
	unsent map[string]bool // keys that were written, and are not in the database yet
	whole  []engine.Wanted // ranges of which every key is in values
	last   []byte          // the last key of all; nil while it is not known
}

// of gives what is known of a table.
func (t *tx) of(table *table, epoch string) *known {
	k := t.known[table.name+epoch]
	if k == nil {
		k = &known{table: table, epoch: epoch, values: map[string][]byte{}, unsent: map[string]bool{}}
		if t.known == nil {
			t.known = map[string]*known{}
		}
		t.known[table.name+epoch] = k
	}
	return k
}

// learn keeps a row. What was written since goes before it.
func (k *known) learn(key, value []byte) {
	if !k.unsent[string(key)] {
		k.values[string(key)] = append([]byte{}, value...)
	}
}

func (k *known) learnLast(key, value []byte) {
	k.learn(key, value)
	k.last = bytes.Clone(key)
}

// args are those of a statement on the table.
func (k *known) args(more ...any) []any {
	if k.table.log {
		return append([]any{k.epoch}, more...)
	}
	return more
}

// question is what one journey is to bring of one table.
type question struct {
	of             *known
	keys, from, to [][]byte
	end            bool
}

// Fetch implements engine.Tx: one journey, and one statement, for all that is
// wanted.
func (t *tx) Fetch(wanted ...engine.Wanted) {
	if !t.writes { // it may read all of a store: nothing is kept for longer
		for _, k := range t.known {
			clear(k.values)
			k.whole = nil
		}
	}
	var sql []string
	var args []any
	var learn []func(key, value []byte)
	ask := func(k *known, text func(i, n int) string, of ...any) {
		args = append(args, k.args()...)
		sql, learn = append(sql, text(len(learn), len(args)+1)), append(learn, k.learn)
		args = append(args, of...)
	}
	for _, q := range questions(wanted) {
		if q.keys != nil {
			ask(q.of, q.of.table.keys, q.keys)
		}
		if q.from != nil {
			ask(q.of, q.of.table.ranges, q.from, q.to)
		}
		if q.end {
			ask(q.of, q.of.table.end)
			learn[len(learn)-1] = q.of.learnLast
		}
	}
	if sql == nil || t.err != nil {
		return
	}
	rows, err := t.conn.Query(t.ctx, strings.Join(sql, " union all "), args...)
	if err != nil {
		t.fail(err)
		return
	}
	for rows.Next() {
		raw := rows.RawValues()
		learn[binary.BigEndian.Uint32(raw[0])](raw[1], raw[2])
	}
	if err := rows.Err(); err != nil {
		t.fail(err)
	}
}

// questions are in the order in which the tables are first wanted, so that the
// same call makes the same statement.
func questions(wanted []engine.Wanted) []*question {
	var all []*question
	for _, w := range wanted {
		b, ours := w.In.(bucket)
		if !ours {
			continue
		}
		i := slices.IndexFunc(all, func(q *question) bool { return q.of == b.known })
		if i < 0 {
			i, all = len(all), append(all, &question{of: b.known})
		}
		q := all[i]
		_, there := b.values[string(w.From)]
		switch {
		case w.To != nil:
			q.from, q.to = append(q.from, w.From), append(q.to, w.To)
			b.known.whole = append(b.known.whole, w)
		case w.From == nil:
			q.end = b.tx.writes && b.last == nil && len(b.unsent) == 0
		case !there:
			q.keys = append(q.keys, w.From)
			b.values[string(w.From)] = nil
		}
	}
	return all
}

// send sends a batch, unless the transaction has failed.
func (t *tx) send(batch *pgx.Batch) {
	if t.err != nil || batch.Len() == 0 {
		return
	}
	if err := t.conn.SendBatch(t.ctx, batch).Close(); err != nil {
		t.fail(err)
	}
}

// flush sends what waits to be written: the rows of each table together, all of
// it in one journey.
func (t *tx) flush() {
	var batch pgx.Batch
	for _, k := range t.known {
		if err := k.flush(&batch); err != nil {
			t.fail(err)
		}
	}
	t.wrote = t.wrote || batch.Len() > 0
	t.send(&batch)
}

func (k *known) flush(batch *pgx.Batch) error {
	var keys, values, gone [][]byte
	more := make([][]any, len(k.table.args)) // of each argument, those of all rows
	for _, key := range slices.Sorted(maps.Keys(k.unsent)) {
		value := k.values[key]
		if value == nil {
			gone = append(gone, []byte(key))
			continue
		}
		keys, values = append(keys, []byte(key)), append(values, value)
		if k.table.more == nil {
			continue
		}
		row, err := k.table.more([]byte(key), value)
		if err != nil {
			return err
		}
		for i, one := range row {
			more[i] = append(more[i], one)
		}
	}
	if keys != nil {
		args := []any{keys, values}
		for _, one := range more {
			args = append(args, one)
		}
		batch.Queue(k.table.put, k.args(args...)...)
	}
	if gone != nil {
		batch.Queue(k.table.remove, k.args(gone)...)
	}
	clear(k.unsent)
	return nil
}

// bucket is a table as the engine sees it.
type bucket struct {
	tx    *tx
	table *table
	*known
}

// Get implements engine.Bucket.
func (b bucket) Get(key []byte) []byte {
	if value, there := b.values[string(key)]; there {
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
	if b.tx.writes {
		b.values[string(key)] = value
	}
	return value
}

// Put implements engine.Bucket.
func (b bucket) Put(key, value []byte) error {
	b.write(key, append([]byte{}, value...))
	if b.last != nil && bytes.Compare(key, b.last) > 0 {
		b.known.last = bytes.Clone(key)
	}
	return b.tx.err
}

// Delete implements engine.Bucket.
func (b bucket) Delete(key []byte) error {
	b.write(key, nil)
	b.known.last = nil
	return b.tx.err
}

func (b bucket) write(key, value []byte) {
	b.values[string(key)] = value
	b.unsent[string(key)] = true
}

// settle sends what waits, where the table is going to be read in order.
func (b bucket) settle() {
	if len(b.unsent) > 0 {
		b.tx.flush()
	}
}

// First implements engine.Bucket.
func (b bucket) First(from []byte) (key, value []byte) {
	b.settle()
	return b.tx.row(b.table.first, b.args(notNil(from))...)
}

// Last implements engine.Bucket.
func (b bucket) Last() (key, value []byte) {
	if b.last != nil {
		return b.last, b.Get(b.last)
	}
	b.settle()
	key, value = b.tx.row(b.table.last, b.args()...)
	if b.tx.writes && key != nil {
		b.known.last, b.values[string(key)] = key, value
	}
	return key, value
}

// Range implements engine.Bucket, a page at a time.
func (b bucket) Range(from, to []byte, fn func(key, value []byte) error) error {
	if b.hasWhole(from, to) {
		return b.walk(from, to, fn)
	}
	for from = notNil(from); ; {
		b.settle()
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

func (b bucket) hasWhole(from, to []byte) bool {
	return slices.ContainsFunc(b.whole, func(w engine.Wanted) bool { return bytes.Equal(w.From, from) && bytes.Equal(w.To, to) })
}

// walk is Range over what was fetched.
func (b bucket) walk(from, to []byte, fn func(key, value []byte) error) error {
	var keys []string
	for key, value := range b.values {
		if value != nil && key >= string(from) && key < string(to) {
			keys = append(keys, key)
		}
	}
	slices.Sort(keys)
	for _, key := range keys {
		if err := fn([]byte(key), b.values[key]); err != nil {
			return err
		}
	}
	return b.tx.err
}

// notNil is a key that a query can compare with: SQL's null is less than nothing.
func notNil(key []byte) []byte {
	if key == nil {
		return []byte{}
	}
	return key
}
