package account

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/crypto/argon2"
)

// Params is the price of one argon2id hash: memory in KiB, passes, lanes.
type Params struct {
	Memory  uint32
	Time    uint32
	Threads uint8
}

// DefaultParams is the first choice of the OWASP password storage cheat sheet:
// 19 MiB, two passes, one lane. BenchmarkHash measures it beside its equals: it
// is the cheapest of them on two processors, some 40 ms, and what is stronger
// (RFC 9106's 64 MiB, three passes) takes seven times as long, so that a
// morning's sign-ins of a thousand schools would wait for minutes.
var DefaultParams = Params{Memory: 19456, Time: 2, Threads: 1}

// What a stored hash may ask for. A damaged or forged line in the store must
// not make one sign-in take gigabytes or minutes.
const (
	maxMemory  = 256 * 1024
	maxTime    = 16
	maxThreads = 16
)

const (
	saltLen = 16
	keyLen  = 32
)

// ErrBadHash says that a stored hash is not one of ours: the store is damaged
// or was written by a program with other limits. It is never the fault of the
// person who signs in.
var ErrBadHash = errors.New("account: not an argon2id hash")

// Hasher hashes and verifies passwords. It lets half as many run at once as the
// machine has processors, so that a flood of sign-ins leaves the other half to
// the submissions and takes 19 MiB for each and no more. The others wait as
// long as their context lives. A Hasher is safe for concurrent use.
type Hasher struct {
	params Params
	random io.Reader
	slots  chan struct{}
	done   atomic.Int64
}

// NewHasher builds a Hasher. random gives the salts: crypto/rand.Reader,
// outside tests.
func NewHasher(p Params, random io.Reader) *Hasher {
	return &Hasher{params: p, random: random, slots: make(chan struct{}, max(runtime.NumCPU()/2, 1))}
}

// HashPassword returns the password's hash in the PHC string format, which
// carries its parameters and its salt and so can be verified when the
// parameters have changed.
func (h *Hasher) HashPassword(ctx context.Context, password string) (string, error) {
	if !h.params.valid() {
		return "", fmt.Errorf("account: parameters out of range: %+v", h.params)
	}
	stored := phc{params: h.params, salt: make([]byte, saltLen)}
	if _, err := io.ReadFull(h.random, stored.salt); err != nil {
		return "", fmt.Errorf("account: make a salt: %w", err)
	}
	var err error
	if stored.key, err = h.derive(ctx, password, stored.salt, stored.params, keyLen); err != nil {
		return "", err
	}
	return stored.String(), nil
}

// VerifyPassword tells whether the password is the one behind the stored hash.
// An error means that nothing was decided: the context ended, or the hash is
// damaged (ErrBadHash).
func (h *Hasher) VerifyPassword(ctx context.Context, stored, password string) (bool, error) {
	want, err := parsePHC(stored)
	if err != nil {
		return false, err
	}
	got, err := h.derive(ctx, password, want.salt, want.params, len(want.key))
	if err != nil {
		return false, err
	}
	// In constant time, although the keys are hashes: the habit costs nothing.
	return subtle.ConstantTimeCompare(got, want.key) == 1, nil
}

// VerifyDummy does the work of a verification and decides nothing. It is called
// when no account has the code, so that the time of the answer does not tell
// which codes have one.
func (h *Hasher) VerifyDummy(ctx context.Context, password string) error {
	_, err := h.derive(ctx, password, make([]byte, saltLen), h.params, keyLen)
	return err
}

// Computed is how many hashes were computed so far: the work of a sign-in, which
// must not tell whether a code has an account.
func (h *Hasher) Computed() int64 { return h.done.Load() }

// derive waits for a slot and computes the key. argon2 itself cannot be
// interrupted, so the context is looked at before and not during.
func (h *Hasher) derive(ctx context.Context, password string, salt []byte, p Params, n int) ([]byte, error) {
	// select picks at random when both are ready, and a request that has gone
	// away should not take a slot.
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("account: hash a password: %w", err)
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
	case <-ctx.Done():
		return nil, fmt.Errorf("account: wait to hash a password: %w", ctx.Err())
	}
	h.done.Add(1)
	return argon2.IDKey([]byte(password), salt, p.Time, p.Memory, p.Threads, uint32(n)), nil
}

func (p Params) valid() bool {
	return p.Time >= 1 && p.Time <= maxTime &&
		p.Threads >= 1 && p.Threads <= maxThreads &&
		p.Memory >= 8*uint32(p.Threads) && p.Memory <= maxMemory
}

// phc is a parsed hash: $argon2id$v=19$m=19456,t=2,p=1$<salt>$<key>.
type phc struct {
	params    Params
	salt, key []byte
}

func (p phc) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version,
		p.params.Memory, p.params.Time, p.params.Threads,
		b64.EncodeToString(p.salt), b64.EncodeToString(p.key))
}

func parsePHC(s string) (phc, error) {
	fields := strings.Split(s, "$")
	if len(fields) != 6 {
		return phc{}, ErrBadHash
	}
	costs := strings.Split(fields[3], ",")
	if len(costs) != 3 {
		return phc{}, ErrBadHash
	}
	var p phc
	var numbers [3]uint64
	var errs [5]error
	for i, name := range []string{"m=", "t=", "p="} {
		bits := []int{32, 32, 8}[i]
		numbers[i], errs[i] = strconv.ParseUint(strings.TrimPrefix(costs[i], name), 10, bits)
	}
	p.params = Params{Memory: uint32(numbers[0]), Time: uint32(numbers[1]), Threads: uint8(numbers[2])}
	p.salt, errs[3] = base64.RawStdEncoding.DecodeString(fields[4])
	p.key, errs[4] = base64.RawStdEncoding.DecodeString(fields[5])

	// Writing it back settles at once the prefix, the version, the names, signs,
	// leading zeros and stray bits of the base64: there is one spelling.
	if errors.Join(errs[:]...) != nil || p.String() != s || !p.params.valid() ||
		len(p.salt) < 8 || len(p.salt) > 64 || len(p.key) < 16 || len(p.key) > 64 {
		return phc{}, ErrBadHash
	}
	return p, nil
}
