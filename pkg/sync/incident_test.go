package sync

import (
	"bytes"
	"crypto/rand"
	"errors"
	"strings"
	"testing"
	"testing/iotest"

	"pgregory.net/rapid"
)

func TestNewIncidentIsFortyBitsOfItsSource(t *testing.T) {
	for _, tc := range []struct {
		bits []byte
		want string
	}{
		{[]byte{0, 0, 0, 0, 0}, "0000-0000"},
		{[]byte{0xff, 0xff, 0xff, 0xff, 0xff}, "ZZZZ-ZZZZ"},
		{[]byte{0x00, 0x44, 0x32, 0x14, 0xc7}, "0123-4567"},
	} {
		if got := NewIncident(bytes.NewReader(tc.bits)); got != tc.want {
			t.Errorf("%x gives %s, want %s", tc.bits, got, tc.want)
		}
	}
}

func TestNewIncidentNeverFails(t *testing.T) {
	seen := map[string]bool{}
	for range 100 {
		for _, code := range []string{
			NewIncident(nil), NewIncident(rand.Reader),
			NewIncident(iotest.ErrReader(errors.New("no entropy"))), NewIncident(strings.NewReader("abc")),
		} {
			if got, ok := ParseIncident(code); !ok || got != code {
				t.Fatalf("%q is not canonical", code)
			}
			if seen[code] {
				t.Fatalf("%q came twice", code)
			}
			seen[code] = true
		}
	}
}

func TestParseIncident(t *testing.T) {
	for _, tc := range []struct {
		in, want string
		ok       bool
	}{
		{"7K3Q-9ZTA", "7K3Q-9ZTA", true},
		{"7k3q-9zta", "7K3Q-9ZTA", true},
		{"7k3q9zta", "7K3Q-9ZTA", true},
		{" 7K3Q-9ZTA\n", "7K3Q-9ZTA", true},
		{"IiLl-Oo01", "1111-0001", true},
		{"", "", false},
		{"7K3Q", "", false},
		{"7K3Q-9ZT", "", false},
		{"7K3Q-9ZTAA", "", false},
		{"7K3Q9-ZTA", "", false},
		{"7K3Q-9Z-A", "", false},
		{"-7K3Q9ZTA", "", false},
		{"7K3Q 9ZTA", "", false},
		{"7K3Q-9ZTU", "", false}, // U is not in the alphabet
		{"7K3Q-9ZT\x00", "", false},
		{"７K3Q-9Z", "", false}, // a wide digit has three bytes
		{"7K3Q–9ZTA", "", false},
		{"7K3Q-9ZTA-0000", "", false},
	} {
		if got, ok := ParseIncident(tc.in); got != tc.want || ok != tc.ok {
			t.Errorf("ParseIncident(%q) = %q, %v, want %q, %v", tc.in, got, ok, tc.want, tc.ok)
		}
	}
}

func TestCrockfordForms(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		groups := rapid.IntRange(1, 4).Draw(t, "groups")
		code := dashed(rapid.StringOfN(rapid.RuneFrom([]rune(crockford)), groups*4, groups*4, -1).Draw(t, "digits"))
		for _, form := range []string{
			code, strings.ToLower(code), strings.ReplaceAll(code, "-", ""),
			strings.ReplaceAll(code, "1", "l"), strings.ReplaceAll(code, "0", "o"),
		} {
			if got, ok := readCrockford(form, groups); !ok || got != code {
				t.Fatalf("%q reads as %q, %v", form, got, ok)
			}
		}
		if _, ok := readCrockford(code, groups+1); ok {
			t.Fatalf("%q passes for %d groups", code, groups+1)
		}
	})
}
