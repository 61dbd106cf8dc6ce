package account

import (
	"crypto/rand"
	"fmt"
	"testing"
)

// BenchmarkHash is what the parameters were chosen by: those that OWASP's
// password storage cheat sheet holds for equally strong, and one step above.
func BenchmarkHash(b *testing.B) {
	for _, p := range []Params{{47104, 1, 1}, {19456, 2, 1}, {12288, 3, 1}, {9216, 4, 1}, {65536, 3, 1}, {65536, 3, 2}} {
		b.Run(fmt.Sprintf("%dMiB,t=%d,p=%d", p.Memory/1024, p.Time, p.Threads), func(b *testing.B) {
			h := NewHasher(p, rand.Reader)
			for b.Loop() {
				if _, err := h.HashPassword(b.Context(), "quattro lampade verdi sul tavolo"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
