package account

import (
	"crypto/sha256"
	"encoding/base64"
	"io"
	"strings"
)

// tokenPrefix lets a token be recognised where it should not stand: in a log, a
// ticket, a repository.
const tokenPrefix = "rlv1_"

const tokenBytes = 32

// NewToken makes the secret that a device holds after signing in, and the hash
// by which the store knows it. 256 random bits cannot be guessed, so a plain
// SHA-256 is enough where a password needs argon2: synchronising does not pay
// 30 ms a request.
func NewToken(random io.Reader) (token string, hash [32]byte) {
	token = tokenPrefix + base64.RawURLEncoding.EncodeToString(mustRead(random, tokenBytes))
	return token, sha256.Sum256([]byte(token))
}

// HashToken gives the key under which the store finds a token, or false when
// this cannot be one of ours, in which case the store need not be asked.
//
// The store may look the hash up in an ordinary map or tree, which takes longer
// the more bytes agree: what that time tells is about the hash, and nobody can
// choose a token by its hash's first bytes without inverting SHA-256. Tokens
// themselves are never compared, nor kept.
func HashToken(token string) (hash [32]byte, ok bool) {
	secret, ok := strings.CutPrefix(token, tokenPrefix)
	if !ok || len(secret) != base64.RawURLEncoding.EncodedLen(tokenBytes) {
		return hash, false
	}
	// Strict, so that one token has one spelling: the last character carries
	// two bits that are otherwise ignored. The decoder skips line breaks.
	if strings.ContainsAny(secret, "\r\n") {
		return hash, false
	}
	if _, err := base64.RawURLEncoding.Strict().DecodeString(secret); err != nil {
		return hash, false
	}
	return sha256.Sum256([]byte(token)), true
}
