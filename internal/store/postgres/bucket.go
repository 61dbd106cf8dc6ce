package postgres

import (
	"bytes"
	"maps"
	"slices"

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

// args are those of a statement on the table.
func (k *known) args(more ...any) []any {
	if k.table.log {
		return append([]any{k.epoch}, more...)
	}
	return more
}

// Fetch implements engine.Tx: one journey for all that is wanted.
func (t *tx) Fetch(wanted ...engine.Wanted) {
	keys, lows, highs := map[*known][][]byte{}, map[*known][][]byte{}, map[*known][][]byte{}
	if !t.writes { // it may read all of a store: nothing is kept for longer
		for _, k := range t.known {
			clear(k.values)
			k.whole = nil
		}
	}
	for _, w := range wanted {
		b, ours := w.In.(bucket)
		if !ours {
			continue
		}
		k := b.known
		if w.To != nil {
			lows[k], highs[k] = append(lows[k], w.From), append(highs[k], w.To)
			k.whole = append(k.whole, w)
		} else if _, there := k.values[string(w.From)]; !there {
			keys[k] = append(keys[k], w.From)
			k.values[string(w.From)] = nil
		}
	}
	var batch pgx.Batch
	bring := func(k *known, sql string, args ...any) {
		batch.Queue(sql, k.args(args...)...).Query(func(rows pgx.Rows) error {
			for rows.Next() {
				raw := rows.RawValues()
				if key := string(raw[0]); !k.unsent[key] { // what was written goes before what stands there
					k.values[key] = append([]byte{}, raw[1]...)
				}
			}
			return rows.Err()
		})
	}
	for k, list := range keys {
		bring(k, k.table.all, list)
	}
	for k, list := range lows {
		bring(k, k.table.ranges, list, highs[k])
	}
	t.send(&batch)
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

// flush sends what waits to be written: of each table the plain rows together,
// those with columns of their own one by one, all of it in one journey.
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
	for _, key := range slices.Sorted(maps.Keys(k.unsent)) {
		value := k.values[key]
		switch {
		case value == nil:
			gone = append(gone, []byte(key))
		case k.table.more != nil:
			columns, err := k.table.more([]byte(key), value)
			if err != nil {
				return err
			}
			batch.Queue(k.table.put, append(k.args([]byte(key), value), columns...)...)
		default:
			keys, values = append(keys, []byte(key)), append(values, value)
		}
	}
	if keys != nil {
		batch.Queue(k.table.put, k.args(keys, values)...)
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
