package sync

import (
	"crypto/sha256"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

// goldenOlder is the size of the checkpoint that was kept.
const goldenOlder = 3

// TestGoldenChanges: the vectors of a log that has grown and of a key that was
// replaced.
func TestGoldenChanges(t *testing.T) {
	l := goldenLog(t)
	older, newer := l.sign(t, l.head(t, goldenOlder)), l.sign(t, l.head(t, goldenSize))
	next := newMemoryLog(t, "golden", 1).verifier
	handover := HandoverEntry(next)
	handover.At = time.Date(2023, 12, 18, 10, 0, 0, 0, time.UTC)
	last := l.append(t, mustMarshalEntry(t, handover))
	for name, want := range map[string]string{
		"checkpoint-older.txt": older,
		"consistency.txt":      Consistency{Proof: l.consistency(t, goldenOlder, goldenSize), Checkpoint: newer}.String(),
		"handover.txt":         FormatProof(l.prove(t, goldenSize+1, last)),
		"key-next.txt":         next + "\n",
	} {
		if *updateVectors {
			if err := os.WriteFile(filepath.Join("testdata", name), []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if got := string(goldenFile(t, name)); got != want {
			t.Errorf("%s is\n%s\nbut would be written as\n%s", name, got, want)
		}
	}
	key := strings.TrimSpace(string(goldenFile(t, "key.txt")))
	c, err := ParseConsistency(string(goldenFile(t, "consistency.txt")))
	if err != nil {
		t.Fatal(err)
	}
	from, err := OpenCheckpoint(string(goldenFile(t, "checkpoint-older.txt")), key)
	if err != nil {
		t.Fatal(err)
	}
	to, err := OpenCheckpoint(c.Checkpoint, key)
	if err != nil {
		t.Fatal(err)
	}
	if err := VerifyConsistency(from, to, c.Proof); err != nil {
		t.Error(err)
	}
	if got, err := OpenHandover(string(goldenFile(t, "handover.txt")), key); err != nil || got+"\n" != string(goldenFile(t, "key-next.txt")) {
		t.Errorf("the next key is %s, %v", got, err)
	}
}

// split is where RFC 6962 divides a tree: the largest power of two below its size.
func split(leaves [][]byte) int {
	k := 1
	for k*2 < len(leaves) {
		k *= 2
	}
	return k
}

// rootByHand is RFC 6962, section 2.1, without tlog.
func rootByHand(leaves [][]byte) [32]byte {
	if len(leaves) == 1 {
		return sha256.Sum256(append([]byte{0}, leaves[0]...))
	}
	k := split(leaves)
	left, right := rootByHand(leaves[:k]), rootByHand(leaves[k:])
	return sha256.Sum256(append(append([]byte{1}, left[:]...), right[:]...))
}

// TestGoldenConsistencyByHand makes the proof from the words of RFC 6962,
// section 2.1.2, without tlog.
func TestGoldenConsistencyByHand(t *testing.T) {
	var subproof func(m int, leaves [][]byte, complete bool) tlog.TreeProof
	subproof = func(m int, leaves [][]byte, complete bool) tlog.TreeProof {
		k := split(leaves)
		switch {
		case m == len(leaves) && complete:
			return nil
		case m == len(leaves):
			return tlog.TreeProof{rootByHand(leaves)}
		case m <= k:
			return append(subproof(m, leaves[:k], complete), rootByHand(leaves[k:]))
		}
		return append(subproof(m-k, leaves[k:], false), rootByHand(leaves[:k]))
	}
	want, err := json.Marshal(subproof(goldenOlder, goldenLog(t).leaves, true))
	if err != nil {
		t.Fatal(err)
	}
	c, err := ParseConsistency(string(goldenFile(t, "consistency.txt")))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := json.Marshal(c.Proof); err != nil || string(got) != string(want) {
		t.Errorf("the proof is %s and should be %s, %v", got, want, err)
	}
}
