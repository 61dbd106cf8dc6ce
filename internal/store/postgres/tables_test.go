package postgres

import "testing"

// TestWithoutNUL: only the escape is replaced, and not a backslash that stands
// for itself before u0000.
func TestWithoutNUL(t *testing.T) {
	for raw, want := range map[string]string{
		`{"a":"x"}`:              `{"a":"x"}`,
		`{"a":"\u0000"}`:         `{"a":"\ufffd"}`,
		`{"a":"\\u0000"}`:        `{"a":"\\u0000"}`,
		`{"a":"\\\u0000\u0000"}`: `{"a":"\\\ufffd\ufffd"}`,
		`{"a":"\`:                `{"a":"\`,
	} {
		if got := string(withoutNUL([]byte(raw))); got != want {
			t.Errorf("%s: %s, want %s", raw, got, want)
		}
	}
}
