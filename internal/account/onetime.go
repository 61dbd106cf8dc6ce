package account

import (
	"crypto/subtle"
	"io"
	"strings"
)

// crockford is the base 32 alphabet of Douglas Crockford: no I, L, O, U, so
// that a letter on paper is read one way only.
const crockford = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

const oneTimeLen = 16 // characters of 5 bits: 80 bits

// NewOneTimePassword makes the password of a letter: XXXX-XXXX-XXXX-XXXX, 80
// random bits. It is shown once; what the store keeps is the hash of its
// normal form (NormalizeOneTimePassword).
func NewOneTimePassword(random io.Reader) string {
	var b strings.Builder
	for i, r := range mustRead(random, oneTimeLen) {
		if i > 0 && i%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(crockford[r%32]) // 32 divides 256: no character is likelier
	}
	return b.String()
}

// NormalizeOneTimePassword gives the form that is hashed and compared: upper
// case, without spaces and dashes, and with the look-alikes read as the digits
// that were meant (I and L as 1, O as 0), because people type from paper.
// It is applied to what was typed while the account is in the one-time state,
// and only then: in a password of their own people mean what they type.
func NormalizeOneTimePassword(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z':
			r -= 'a' - 'A'
		case r == ' ' || r == '\t' || r == '\u00a0' || r == '-' || (r >= '\u2010' && r <= '\u2015'):
			return -1 // also the dashes that a word processor makes
		}
		switch r {
		case 'I', 'L':
			return '1'
		case 'O':
			return '0'
		}
		return r
	}, s)
}

// SameOneTimePassword tells whether both are the same one-time password, typed
// this way or that. The caller of CheckNewPassword uses it to refuse a new
// password that is the current one-time password in lower case or without its
// dashes, which from its form alone may as well be a passphrase.
func SameOneTimePassword(a, b string) bool {
	return subtle.ConstantTimeCompare([]byte(NormalizeOneTimePassword(a)), []byte(NormalizeOneTimePassword(b))) == 1
}

// looksOneTime: exactly as letters print it. Anything looser would refuse a
// passphrase of four short words, which is what we recommend.
func looksOneTime(s string) bool {
	groups := strings.Split(s, "-")
	if len(groups) != 4 {
		return false
	}
	for _, g := range groups {
		if len(g) != 4 || strings.Trim(g, crockford) != "" {
			return false
		}
	}
	return true
}

// mustRead reads n random bytes. crypto/rand.Reader does not fail (it ends the
// program instead); if another source does, no password or token may be made
// from what is left.
func mustRead(random io.Reader, n int) []byte {
	b := make([]byte, n)
	if _, err := io.ReadFull(random, b); err != nil {
		panic("account: no randomness: " + err.Error())
	}
	return b
}
