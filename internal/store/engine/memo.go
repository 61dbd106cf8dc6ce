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
