package engine

import (
	"fmt"
	"testing"
)

// TestMemo: other bytes are another value, what is no JSON is an error each
// time, and no more is kept than was promised.
func TestMemo(t *testing.T) {
	var m memo[map[string]int]
	for _, want := range []int{1, 2, 1} {
		got, err := m.decode(fmt.Appendf(nil, `{"n":%d}`, want))
		if err != nil || got["n"] != want {
			t.Errorf("%v, %v, want %d", got, err, want)
		}
	}
	for range 2 {
		if _, err := m.decode([]byte("{")); err == nil {
			t.Error("half a value is taken")
		}
	}
	if len(m.kept) != 2 {
		t.Errorf("%d values are kept", len(m.kept))
	}
	for i := range memoLimit + 1 {
		if _, err := m.decode(fmt.Appendf(nil, `{"n":%d}`, i)); err != nil {
			t.Fatal(err)
		}
		if len(m.kept) > memoLimit {
			t.Fatalf("%d values are kept", len(m.kept))
		}
	}
}
