package engine

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"rileva/internal/store"
	surveysync "rileva/pkg/sync"
)

// TestLinger: a call that is alone is written at once; one whose neighbours are
// on their way waits for them, and for no longer than linger.
func TestLinger(t *testing.T) {
	for name, c := range map[string]struct {
		inflight int64
		others   []time.Duration // when each comes
		group    int
		after    time.Duration
	}{
		"alone":                         {1, nil, 1, 0},
		"the other is there":            {2, []time.Duration{0}, 2, 0},
		"the other comes":               {2, []time.Duration{time.Millisecond}, 2, time.Millisecond},
		"the other does not come":       {2, nil, 1, linger},
		"two of three come":             {4, []time.Duration{time.Millisecond, 2 * time.Millisecond}, 3, linger},
		"one comes when it is too late": {2, []time.Duration{2 * linger}, 1, linger},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := &Store{queue: make(chan *op, 10)}
				s.inflight.Store(c.inflight)
				begun := time.Now()
				for _, at := range c.others {
					if at == 0 {
						s.queue <- &op{}
						continue
					}
					go func() {
						time.Sleep(at)
						s.queue <- &op{}
					}()
				}
				group := s.gather(&op{})
				if took := time.Since(begun); len(group) != c.group || took != c.after {
					t.Errorf("%d calls after %v, want %d after %v", len(group), took, c.group, c.after)
				}
				time.Sleep(time.Second) // whoever comes too late finds room in the queue
			})
		})
	}
}

// TestLostAtTheBeginning: a connection that is lost before the group has read
// anything is tried anew, and its callers are told to come back: that nothing
// was found does not mean that nothing is there.
func TestLostAtTheBeginning(t *testing.T) {
	d := &losing{}
	s := &Store{disk: d, Config: Config{Shared: true}, failed: make(chan struct{})}
	o := &op{run: func(*write) error { return nil }, done: make(chan struct{})}
	s.commit([]*op{o})
	if store.CodeOf(o.err) != surveysync.Unavailable || d.begun != tries {
		t.Errorf("%d tries: %v", d.begun, o.err)
	}
}

// losing is a disk that loses its connection at the first reading.
type losing struct {
	Disk
	begun int
}

func (d *losing) Begin(context.Context) (WriteTx, error) {
	d.begun++
	return &lost{}, nil
}

type lost struct {
	WriteTx
	err error
}

func (l *lost) Bucket([]byte) Bucket { return nothing{} }
func (l *lost) Fetch(...Wanted)      { l.err = ErrAgain }
func (l *lost) Err() error           { return l.err }
func (l *lost) Rollback() error      { return nil }

type nothing struct{ Bucket }

func (nothing) Get([]byte) []byte { return nil }
