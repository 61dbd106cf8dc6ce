package sync

import (
	"crypto/rand"
	"encoding/base32"
	"io"
	"strings"
)

// crockford is the alphabet of Crockford's base 32: no I, L, O or U, so that a
// code can be read out on the telephone.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

var crockfordEncoding = base32.NewEncoding(crockford).WithPadding(base32.NoPadding)

// NewIncident makes the short code of one attempt, XXXX-XXXX, from 40 bits of
// r (contract, section 1). It names an attempt and protects nothing, so when r
// is nil or fails it draws from crypto/rand, which cannot fail, rather than
// leave an attempt without a code (invariant 10).
func NewIncident(r io.Reader) string {
	var b [5]byte
	if r == nil {
		r = rand.Reader
	}
	if _, err := io.ReadFull(r, b[:]); err != nil {
		_, _ = rand.Read(b[:])
	}
	return dashed(crockfordEncoding.EncodeToString(b[:]))
}

// ParseIncident gives the canonical form of an incident code as a person may
// write it: small letters, I and L for 1, O for 0, with or without the dash.
// It says false when s is no such code; a server then makes a new one.
func ParseIncident(s string) (string, bool) { return readCrockford(s, 2) }

// readCrockford reads groups of four characters with a dash between each two
// groups, or with no dash at all.
func readCrockford(s string, groups int) (string, bool) {
	s = strings.TrimSpace(s)
	dashes := len(s) == groups*5-1
	if !dashes && len(s) != groups*4 {
		return "", false
	}
	digits := make([]byte, 0, groups*4)
	for i := range len(s) {
		if dashes && i%5 == 4 {
			if s[i] != '-' {
				return "", false
			}
			continue
		}
		c := s[i]
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		switch c {
		case 'I', 'L':
			c = '1'
		case 'O':
			c = '0'
		}
		if strings.IndexByte(crockford, c) < 0 {
			return "", false
		}
		digits = append(digits, c)
	}
	return dashed(string(digits)), true
}

// dashed puts a dash between groups of four.
func dashed(s string) string {
	var groups []string
	for ; len(s) > 4; s = s[4:] {
		groups = append(groups, s[:4])
	}
	return strings.Join(append(groups, s), "-")
}
