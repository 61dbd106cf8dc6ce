package account

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"
)

// tiny is for tests: the memory of one block a lane instead of 19 MiB.
var tiny = Params{Memory: 8, Time: 1, Threads: 1}

// Made with the reference implementation's command line tool:
// printf 'correct horse battery' | argon2 rilevasalt012345 -id -t 2 -k 19456 -p 1 -l 32 -e
var vectors = []struct{ name, password, phc string }{
	{"default parameters", "correct horse battery", "$argon2id$v=19$m=19456,t=2,p=1$cmlsZXZhc2FsdDAxMjM0NQ$nklSvkxIu2HCrRk5s+Tm3XB/wwQ77J9ReMImuJQkFqU"},
	{"two lanes", "correct horse battery", "$argon2id$v=19$m=19456,t=2,p=2$cmlsZXZhc2FsdDAxMjM0NQ$xuBfcQwGaswJxSJWl/UuzB6W6gtOk6ypXq4Q1BnagGk"},
	{"accents, small", "perché no?", "$argon2id$v=19$m=64,t=3,p=1$cmlsZXZhc2FsdDAxMjM0NQ$f4brleAcAb4Mjc89scqxBGQha8ZbkwzAM0oL8RyV6mA"},
}

func TestVerifyReferenceVectors(t *testing.T) {
	h := NewHasher(tiny, rand.Reader)
	for _, v := range vectors {
		t.Run(v.name, func(t *testing.T) {
			if ok, err := h.VerifyPassword(t.Context(), v.phc, v.password); !ok || err != nil {
				t.Errorf("right password: %v, %v", ok, err)
			}
			if ok, err := h.VerifyPassword(t.Context(), v.phc, v.password+" "); ok || err != nil {
				t.Errorf("wrong password: %v, %v", ok, err)
			}
		})
	}
}

func TestHashReferenceVector(t *testing.T) {
	h := NewHasher(DefaultParams, strings.NewReader("rilevasalt012345"))
	got, err := h.HashPassword(t.Context(), vectors[0].password)
	if err != nil || got != vectors[0].phc {
		t.Errorf("got %q, %v\nwant %q", got, err, vectors[0].phc)
	}
	if _, err := h.HashPassword(t.Context(), "any"); err == nil {
		t.Error("hashed without a salt")
	}
}

func TestHashAndVerify(t *testing.T) {
	h := NewHasher(tiny, rand.Reader)
	rapid.Check(t, func(t *rapid.T) {
		password, other := rapid.String().Draw(t, "password"), rapid.String().Draw(t, "other")
		one, err := h.HashPassword(context.Background(), password)
		if err != nil {
			t.Fatal(err)
		}
		two, _ := h.HashPassword(context.Background(), password)
		if one == two {
			t.Fatal("two hashes of one password are equal: the salt is not used")
		}
		if ok, err := h.VerifyPassword(context.Background(), one, password); !ok || err != nil {
			t.Fatalf("own password: %v, %v", ok, err)
		}
		if ok, _ := h.VerifyPassword(context.Background(), one, other); ok != (password == other) {
			t.Fatalf("other password: %v", ok)
		}
	})
}

func TestParamsOutOfRange(t *testing.T) {
	for _, p := range []Params{{}, {8, 0, 1}, {8, 1, 0}, {7, 1, 1}, {15, 1, 2}, {maxMemory + 1, 1, 1}, {64, maxTime + 1, 1}, {1024, 1, maxThreads + 1}} {
		if _, err := NewHasher(p, rand.Reader).HashPassword(t.Context(), "x"); err == nil {
			t.Errorf("%+v was accepted", p)
		}
	}
}

func TestDamagedHashes(t *testing.T) {
	good := vectors[0].phc
	swap := func(old, new string) string { return strings.Replace(good, old, new, 1) }
	h := NewHasher(tiny, rand.Reader)
	for name, bad := range map[string]string{
		"empty": "", "no hash": "*", "cut": good[:len(good)-1], "longer": good + "!", "two in one": good + good,
		"other kind": swap("argon2id", "argon2i"), "other version": swap("v=19", "v=16"),
		"sign": swap("m=19456", "m=+19456"), "leading zero": swap("m=19456", "m=019456"),
		"four gigabytes": swap("m=19456", "m=4194304"), "no pass": swap("t=2", "t=0"), "hours": swap("t=2", "t=4294967295"),
		"no lane": swap("p=1", "p=0"), "many lanes": swap("p=1", "p=256"),
		"order": swap("m=19456,t=2", "t=2,m=19456"), "more costs": swap("p=1", "p=1,x=1"),
		"padding": swap("NQ$", "NQ==$"), "stray bits": swap("NQ$", "NR$"), "line break": swap("NQ$", "N\nQ$"),
		"short salt": swap("cmlsZXZhc2FsdDAxMjM0NQ", "cmls"), "short key": swap("nklSvkxIu2HCrRk5s+Tm3XB/wwQ77J9ReMImuJQkFqU", "nklSvkxI"),
	} {
		if ok, err := h.VerifyPassword(t.Context(), bad, vectors[0].password); ok || !errors.Is(err, ErrBadHash) {
			t.Errorf("%s: %v, %v", name, ok, err)
		}
	}
}

// The semaphore: whoever waits gives up with the context, and whoever holds a
// slot gives it back.
func TestWaitEndsWithContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := NewHasher(tiny, rand.Reader)
		for range cap(h.slots) {
			h.slots <- struct{}{}
		}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		start := time.Now()
		if _, err := h.HashPassword(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("hash: %v", err)
		}
		if time.Since(start) != 3*time.Second {
			t.Errorf("waited %v", time.Since(start))
		}
		if err := h.VerifyDummy(ctx, "x"); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("dummy: %v", err)
		}
		done := make(chan error)
		go func() { done <- h.VerifyDummy(t.Context(), "x") }()
		synctest.Wait()
		<-h.slots
		if err := <-done; err != nil {
			t.Errorf("after a slot was free: %v", err)
		}
		if len(h.slots) != cap(h.slots)-1 {
			t.Errorf("%d slots taken, want %d", len(h.slots), cap(h.slots)-1)
		}
	})
}

// A request that has ended takes no slot, even when one is free.
func TestEndedContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	h := NewHasher(tiny, rand.Reader)
	for range 20 {
		if ok, err := h.VerifyPassword(ctx, vectors[2].phc, vectors[2].password); ok || !errors.Is(err, context.Canceled) {
			t.Fatalf("%v, %v", ok, err)
		}
	}
}

func TestManyAtOnce(t *testing.T) {
	h := NewHasher(tiny, rand.Reader)
	stored, err := h.HashPassword(t.Context(), "correct horse")
	if err != nil {
		t.Fatal(err)
	}
	var right atomic.Int32
	done := make(chan struct{})
	for range 50 {
		go func() {
			if ok, _ := h.VerifyPassword(context.Background(), stored, "correct horse"); ok {
				right.Add(1)
			}
			done <- struct{}{}
		}()
	}
	for range 50 {
		<-done
	}
	if right.Load() != 50 || len(h.slots) != 0 {
		t.Errorf("%d right, %d slots still taken", right.Load(), len(h.slots))
	}
}

func TestNoRandomnessNoSecret(t *testing.T) {
	for name, make := range map[string]func(){
		"one-time password": func() { NewOneTimePassword(iotest.ErrReader(errors.New("dry"))) },
		"token":             func() { NewToken(bytes.NewReader([]byte("too short"))) },
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%s made without randomness", name)
				}
			}()
			make()
		}()
	}
}

// What is read is either refused or written back byte for byte, and never asks
// for more than the limits allow.
func FuzzParsePHC(f *testing.F) {
	for _, v := range vectors {
		f.Add(v.phc)
	}
	f.Add("$argon2id$v=19$m=4194304,t=1,p=1$c29tZXNhbHQ$c29tZXNhbHRzb21lc2FsdA")
	f.Fuzz(func(t *testing.T, s string) {
		if p, err := parsePHC(s); err == nil && (p.String() != s || !p.params.valid()) {
			t.Errorf("%q was read as %q", s, p)
		}
	})
}

func BenchmarkVerifyDefault(b *testing.B) {
	h := NewHasher(DefaultParams, rand.Reader)
	for b.Loop() {
		if err := h.VerifyDummy(context.Background(), "correct horse battery"); err != nil {
			b.Fatal(err)
		}
	}
}
