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

// TestTooOld: as servers and pools in between say their version.
func TestTooOld(t *testing.T) {
	for version, want := range map[string]bool{
		"9.6.24": true, "14.9 (Debian 14.9-1.pgdg120+1)": true, "15.18 (Debian 15.18-0+deb12u1)": false, "15beta1": false, "16.0": false, "": false, "devel": false,
	} {
		if got := tooOld(version); got != want {
			t.Errorf("%q: %v, want %v", version, got, want)
		}
	}
}
