package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

const (
	// writeLimit bounds one group. No caller's own deadline does: a commit that
	// waits for a standby must not be given up while it may still happen.
	writeLimit = 30 * time.Second
	// groupLimit is how many calls share one commit at most.
	groupLimit = 128
	// linger is how long the first call waits for those that are on their way,
	// the ones whose checks are running among them. A commit costs up to tens
	// of milliseconds on an office's disk, so that a few for sharing it are
	// well spent; a call that is alone does not wait at all.
	linger = 4 * time.Millisecond
	// QueueLimit bounds how many calls wait. A caller that finds it full is
	// told at once to come back, and does not wait until its proxy gives up.
	QueueLimit = 1024
)

// op is one call that writes, on its way through the writer goroutine.
type op struct {
	run   func(*write) error // may run twice: see commit
	wants []wanted           // what run is going to read, as far as the caller knows
	err   error              // written before done is closed
	done  chan struct{}
	state atomic.Int32
}

// The states of an op. A caller whose context ends may take its op back as
// long as it is waiting; after that it waits for the outcome.
const (
	opWaiting int32 = iota
	opTaken
	opGivenUp
)

// write is one group's transaction, as an op sees it.
type write struct {
	*Store
	tx    WriteTx
	dirty bool        // something was put since it was last set to false
	grown bool        // the log has a new leaf
	next  *succession // the key that follows with this transaction, or nil
	// signed is called in order when the group's head is signed, before the
	// commit: for what an answer needs of the tree as it is then. It reads only.
	signed []func() error
}

func (w *write) put(bucket, key, value []byte) error {
	w.dirty = true
	return w.tx.Bucket(bucket).Put(key, value)
}

func (w *write) putJSON(bucket, key []byte, v any) error {
	raw, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("store: %s/%q: %w", bucket, key, err)
	}
	return w.put(bucket, key, raw)
}

func (w *write) delete(bucket, key []byte) error {
	w.dirty = true
	return w.tx.Bucket(bucket).Delete(key)
}

// change has run executed in the writer's next transaction and returns when
// that is durable. run checks everything first and writes then; it may run
// twice and has to set anew whatever it gives to its caller.
//
// When ctx ends while the call is still waiting, nothing was and nothing will
// be written.
func (s *Store) change(ctx context.Context, run func(*write) error) error {
	s.inflight.Add(1)
	defer s.inflight.Add(-1)
	return s.await(ctx, run)
}

// await is change of a call that counts itself among those in flight.
func (s *Store) await(ctx context.Context, run func(*write) error, wants ...wanted) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	o := &op{run: run, wants: wants, done: make(chan struct{})}
	if err := s.enqueue(o); err != nil {
		return err
	}
	select {
	case <-o.done:
		return o.err
	case <-ctx.Done():
	}
	if o.state.CompareAndSwap(opWaiting, opGivenUp) {
		return ctx.Err()
	}
	<-o.done
	return o.err
}

// Waiting is how many calls wait for the writer.
func (s *Store) Waiting() int { return len(s.queue) }

func (s *Store) enqueue(o *op) error {
	s.closing.RLock()
	defer s.closing.RUnlock()
	if s.closed {
		return errClosed
	}
	select {
	case s.queue <- o:
		return nil
	default:
		return store.Errorf(surveysync.Unavailable, "the queue of the writer is full")
	}
}

var errClosed = store.Errorf(surveysync.Unavailable, "the store is closed")

// writer owns all writing, until the queue is closed and empty.
func (s *Store) writer() {
	defer close(s.stopped)
	for first := range s.queue {
		if group := s.gather(first); len(group) > 0 {
			s.commit(group)
		}
	}
}

// gather makes a group of what waits, and lingers for those who are about to
// come: inflight counts also callers that have just been answered and are not
// back yet. Without this the first of them would get a commit of its own.
func (s *Store) gather(first *op) []*op {
	group := take(nil, first)
	var over <-chan time.Time
	for len(group) < groupLimit {
		select {
		case o, open := <-s.queue:
			if !open {
				return group
			}
			group = take(group, o)
			continue
		default:
		}
		if int64(len(group)) >= s.inflight.Load() {
			break
		}
		if over == nil {
			over = time.After(linger)
		}
		select {
		case o, open := <-s.queue:
			if !open {
				return group
			}
			group = take(group, o)
		case <-over:
			return group
		}
	}
	return group
}

// take adds an op to the group, unless its caller has given it up.
func take(group []*op, o *op) []*op {
	if o.state.CompareAndSwap(opWaiting, opTaken) {
		return append(group, o)
	}
	return group
}

// tries is how often a group is run whose Disk says that it can be.
const tries = 3

// commit runs a group in one transaction and answers every op.
func (s *Store) commit(group []*op) {
	err := s.usable() // an earlier group may have failed
	if err == nil {
		var spoiled bool
		for range tries {
			if spoiled, err = s.attempt(group); !errors.Is(err, ErrAgain) {
				break
			}
		}
		// Which call it is that the disk refuses, nobody knows: each by itself.
		if (spoiled || errors.Is(err, ErrRefused)) && len(group) > 1 {
			for _, o := range group {
				s.commit([]*op{o})
			}
			return
		}
	}
	for _, o := range group {
		if err != nil {
			o.err = err
		}
		close(o.done)
	}
}

// attempt runs a group in one transaction and leaves in each op its own error.
// It says that the group is spoiled when an op failed after it had begun to
// write: no Disk takes back one op's writes, so the whole transaction was
// rolled back. An error is that of all ops.
func (s *Store) attempt(group []*op) (spoiled bool, err error) {
	ctx, cancel := context.WithTimeout(context.Background(), writeLimit)
	defer cancel()
	tx, err := s.disk.Begin(ctx)
	if err != nil {
		return false, s.fail(fmt.Errorf("begin: %w", err))
	}
	fetch(tx, group)
	if s.Shared {
		err = s.follow(tx)
	}
	if lost := tx.Err(); lost != nil { // it is why nothing was found
		err = s.fail(lost)
	}
	if err != nil {
		return false, errors.Join(err, s.rollback(tx))
	}
	w := &write{Store: s, tx: tx}
	changed := false
	for _, o := range group {
		w.dirty = false
		o.err = guarded(o.run, w)
		if err := tx.Err(); err != nil {
			return false, errors.Join(s.fail(err), s.rollback(tx))
		}
		if o.err != nil && w.dirty {
			return true, s.rollback(tx)
		}
		changed = changed || w.dirty
	}
	if !changed && !s.Shared {
		return false, s.rollback(tx)
	}
	// What a call has found done already may have been done by a commit that only
	// the primary has: where there are several machines, it waits for the others too.
	if w.grown {
		err := w.signHead()
		for _, read := range w.signed {
			err = errors.Join(err, read())
		}
		if err != nil {
			return false, errors.Join(err, s.rollback(tx))
		}
	}
	// If we crash here, nothing of the group has happened: the file's newest
	// meta page is still that of the last commit. Nobody has an answer yet, so
	// every caller sends again under the same submission id.
	if err := tx.Commit(); err != nil {
		return false, s.fail(fmt.Errorf("commit: %w", err))
	}
	// If we crash here, the group is stored and nobody knows: whoever sends
	// again gets the receipt that was made (Decide: Replay).
	if w.next != nil {
		s.mu.Lock()
		s.identity, s.signer = w.next.identity, w.next.signer
		s.mu.Unlock()
	}
	return false, nil
}

// fetch brings what the calls of a group are going to read, and what every
// group reads: whose store it is, and where its log ends.
func fetch(tx WriteTx, group []*op) {
	meta := tx.Bucket(BucketMeta)
	all := []Wanted{{In: meta, From: KeyIdentity}, {In: meta, From: KeyCheckpoint}, {In: tx.Bucket(BucketLeaves)}}
	for _, o := range group {
		for _, x := range o.wants {
			one := Wanted{In: tx.Bucket(x.bucket), From: x.key}
			if x.under {
				one.To = after(x.key)
			}
			all = append(all, one)
		}
	}
	tx.Fetch(all...)
}

func (s *Store) rollback(tx WriteTx) error {
	if err := tx.Rollback(); err != nil {
		return s.fail(fmt.Errorf("rollback: %w", err))
	}
	return nil
}

// guarded runs one op. A panic in it (a check that no questionnaire has had
// before, say) is that call's error: otherwise one submission, sent again and
// again, would keep the server from ever starting.
func guarded(run func(*write) error, w *write) (err error) {
	defer func() {
		if p := recover(); p != nil {
			w.dirty = true // nobody knows how far it came
			err = fmt.Errorf("store: panic in a write: %v", p)
		}
	}()
	return run(w)
}

// fail ends all service, unless the store is shared. After an error of the disk
// nobody knows what is on it: bbolt may show a commit whose flush has failed,
// and a receipt for that would be a lie. The server exits and opens the file
// again. A database server takes back what did not commit, and is asked again
// by the next group.
func (s *Store) fail(err error) error {
	if s.Shared && errors.Is(err, ErrRefused) {
		return fmt.Errorf("store: %w", err)
	}
	if s.Shared {
		return errors.Join(store.Errorf(surveysync.Unavailable, "the database does not answer"), err)
	}
	s.mu.Lock()
	if s.failure == nil {
		s.failure = err
		close(s.failed)
	}
	s.mu.Unlock()
	// Not "unavailable" for this group: its writes may have happened.
	return fmt.Errorf("store: %w", err)
}

// Failed is closed when the disk has failed and every call answers
// unavailable: close the store and end the program.
func (s *Store) Failed() <-chan struct{} { return s.failed }

// Err says why Failed is closed, or nil.
func (s *Store) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.failure
}

func (s *Store) usable() error {
	if err := s.Err(); err != nil {
		return store.Errorf(surveysync.Unavailable, "the store has failed: %v", err)
	}
	return nil
}

// view runs fn in a read transaction, see [Disk].
func (s *Store) view(ctx context.Context, fn func(Tx) error) error {
	return s.read(ctx, s.disk.View, fn)
}

// vouch is view for what somebody keeps as a proof. What is visible may be on
// the primary alone, after a crash or when a wait was ended by hand: where there
// are several machines, a commit without an effect follows and waits for them
// (PROTOCOL 12.6).
func (s *Store) vouch(ctx context.Context, fn func(Tx) error) error {
	if err := s.view(ctx, fn); err != nil || !s.Shared {
		return err
	}
	r := s.nextRound()
	select {
	case <-r.done:
		return r.err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// round is a commit without an effect, for all who have asked before it began:
// anybody may ask for a checkpoint, and must not fill the queue with that.
type round struct {
	done chan struct{}
	err  error // written before done is closed
}

// nextRound joins the round that has not begun yet.
func (s *Store) nextRound() *round {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.round == nil {
		s.round = &round{done: make(chan struct{})}
		if !s.rounds {
			s.rounds = true
			go s.runRounds()
		}
	}
	return s.round
}

// runRounds runs one round after the other, until nobody asks.
func (s *Store) runRounds() {
	for {
		s.mu.Lock()
		r := s.round
		s.round, s.rounds = nil, r != nil
		s.mu.Unlock()
		if r == nil {
			return
		}
		r.err = s.change(context.Background(), func(*write) error { return nil })
		close(r.done)
	}
}

// glance is view without the wait, for what is told to nobody.
func (s *Store) glance(ctx context.Context, fn func(Tx) error) error {
	return s.read(ctx, s.disk.Glance, fn)
}

func (s *Store) read(ctx context.Context, from func(context.Context, func(Tx) error) error, fn func(Tx) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := s.usable(); err != nil {
		return err
	}
	s.closing.RLock()
	closed := s.closed
	s.closing.RUnlock()
	if closed {
		return errClosed
	}
	err := from(ctx, fn)
	if failed := s.usable(); failed != nil {
		return failed
	}
	return err
}

// View runs fn on one moment of the store, for what an engine adds to it.
func (s *Store) View(ctx context.Context, fn func(Tx) error) error { return s.view(ctx, fn) }

// Close implements store.Store. What is already waiting is still written.
func (s *Store) Close() error {
	s.closeOnce.Do(func() {
		s.closing.Lock()
		s.closed = true
		close(s.queue)
		s.closing.Unlock()
		<-s.stopped
		s.closeErr = s.disk.Close() // waits for readers
	})
	return s.closeErr
}
