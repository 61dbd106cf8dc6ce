package engine

import (
	"encoding/json"
	"sync"
)

// memoLimit bounds a memo: more than the sessions of a country's schools.
const memoLimit = 20_000

// memo keeps what was decoded by the bytes that it was decoded from. The same
// bytes say the same, so it need not be told of any change; and a value that
// every submission reads anew (its token, its school, the survey) is decoded
// once. What it gives is shared: nobody may change it.
type memo[T any] struct {
	mu   sync.RWMutex
	kept map[string]T
}

func (m *memo[T]) decode(raw []byte) (T, error) {
	m.mu.RLock()
	v, known := m.kept[string(raw)]
	m.mu.RUnlock()
	if known {
		return v, nil
	}
	if err := json.Unmarshal(raw, &v); err != nil {
		return v, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.kept == nil || len(m.kept) >= memoLimit {
		m.kept = map[string]T{}
	}
	m.kept[string(raw)] = v
	return v, nil
}

// owners remembers whose a token was when it was last seen: a guess at what to
// fetch with it, never an answer.
type owners struct {
	mu   sync.RWMutex
	kept map[[32]byte][]byte
}

func (o *owners) of(token [32]byte) []byte {
	o.mu.RLock()
	defer o.mu.RUnlock()
	return o.kept[token]
}

func (o *owners) keep(token [32]byte, institutionID []byte) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.kept == nil || len(o.kept) >= memoLimit {
		o.kept = map[[32]byte][]byte{}
	}
	o.kept[token] = institutionID
}
