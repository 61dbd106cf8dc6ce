package account

import (
	"bytes"
	"crypto/rand"
	"crypto/sha256"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestOneTimePassword(t *testing.T) {
	if got := NewOneTimePassword(bytes.NewReader([]byte{0, 1, 2, 3, 28, 29, 30, 31, 32, 33, 9, 10, 255, 254, 18, 17})); got != "0123-WXYZ-019A-ZYJH" {
		t.Errorf("got %s", got)
	}
	form := regexp.MustCompile(`^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$`)
	seen := map[string]bool{}
	for range 1000 {
		p := NewOneTimePassword(rand.Reader)
		if !form.MatchString(p) || seen[p] {
			t.Fatalf("%q: wrong form or a second time", p)
		}
		seen[p] = true
		if !SameOneTimePassword(p, strings.ToLower(strings.ReplaceAll(p, "-", ""))) {
			t.Fatalf("%q is not itself in lower case without dashes", p)
		}
	}
}

func TestNormalizeOneTimePassword(t *testing.T) {
	for typed, want := range map[string]string{
		"":                       "",
		"7K3M-9QXT-2B4N-HV5C":    "7K3M9QXT2B4NHV5C",
		" 7k3m 9qxt 2b4n hv5c\t": "7K3M9QXT2B4NHV5C",
		"7K3M–9QXT—2B4N‐HV5C":    "7K3M9QXT2B4NHV5C",
		"ilIL-oO00":              "11110000",
		"7K3M_9QXT":              "7K3M_9QXT", // not ours: stays wrong
		"àÈ":                     "àÈ",
	} {
		if got := NormalizeOneTimePassword(typed); got != want {
			t.Errorf("%q: got %q, want %q", typed, got, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		once := NormalizeOneTimePassword(rapid.String().Draw(t, "typed"))
		if again := NormalizeOneTimePassword(once); again != once {
			t.Fatalf("%q becomes %q", once, again)
		}
	})
}

func TestToken(t *testing.T) {
	token, hash := NewToken(rand.Reader)
	if got, ok := HashToken(token); !ok || got != hash || hash != sha256.Sum256([]byte(token)) {
		t.Errorf("%q: its hash is not found again", token)
	}
	if other, _ := NewToken(rand.Reader); other == token {
		t.Error("two tokens are equal")
	}
	// 32 bytes leave two bits of the last character unused: B is A with one set.
	zero := tokenPrefix + strings.Repeat("A", 43)
	if _, ok := HashToken(zero); !ok {
		t.Errorf("%q is refused", zero)
	}
	for name, bad := range map[string]string{
		"empty": "", "prefix": tokenPrefix, "no prefix": token[len(tokenPrefix):], "other prefix": "rlv2_" + token[len(tokenPrefix):],
		"short": token[:len(token)-1], "long": token + "A", "space": token + " ", "padding": zero + "=",
		"stray bits": zero[:len(zero)-1] + "B", "line break": zero[:len(zero)-1] + "\n", "other alphabet": zero[:10] + "+" + zero[11:],
	} {
		if _, ok := HashToken(bad); ok {
			t.Errorf("%s: %q is taken for a token", name, bad)
		}
	}
}
