package sync

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// memoryLog is a log in memory, with the key of one epoch.
type memoryLog struct {
	leaves   [][]byte
	hashes   []tlog.Hash
	origin   string
	signer   note.Signer
	verifier string
}

// newMemoryLog gives an empty log whose key is the 32 bytes seed, seed+1…
func newMemoryLog(tb testing.TB, epoch string, seed byte) *memoryLog {
	tb.Helper()
	key := make([]byte, ed25519.SeedSize)
	for i := range key {
		key[i] = seed + byte(i)
	}
	signer, verifier, err := LogSigner(key, Origin(epoch))
	if err != nil {
		tb.Fatal(err)
	}
	return &memoryLog{origin: Origin(epoch), signer: signer, verifier: verifier}
}

func (l *memoryLog) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, x := range indexes {
		hashes[i] = l.hashes[x]
	}
	return hashes, nil
}

func (l *memoryLog) append(tb testing.TB, leaf []byte) int64 {
	tb.Helper()
	n := int64(len(l.leaves))
	hashes, err := tlog.StoredHashes(n, leaf, l)
	if err != nil {
		tb.Fatal(err)
	}
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, hashes...)
	return n
}

func (l *memoryLog) head(tb testing.TB, size int64) Checkpoint {
	tb.Helper()
	root, err := tlog.TreeHash(size, l)
	if err != nil {
		tb.Fatal(err)
	}
	return Checkpoint{Origin: l.origin, Size: size, Root: root}
}

func (l *memoryLog) sign(tb testing.TB, c Checkpoint) string {
	tb.Helper()
	signed, err := SignCheckpoint(c, l.signer)
	if err != nil {
		tb.Fatal(err)
	}
	return signed
}

func (l *memoryLog) consistency(tb testing.TB, older, newer int64) tlog.TreeProof {
	tb.Helper()
	p, err := tlog.ProveTree(newer, older, l)
	if err != nil {
		tb.Fatal(err)
	}
	return p
}

// filledLog has size small leaves.
func filledLog(tb testing.TB, epoch string, seed byte, size int) *memoryLog {
	tb.Helper()
	l := newMemoryLog(tb, epoch, seed)
	for i := range size {
		l.append(tb, fmt.Appendf(nil, "leaf %d", i))
	}
	return l
}

func TestNewLogKey(t *testing.T) {
	source := bytes.Repeat([]byte{7, 9}, 16)
	seed, err := NewLogKey(bytes.NewReader(source))
	if err != nil || !bytes.Equal(seed, source) {
		t.Errorf("got %x, %v", seed, err)
	}
	if seed, err := NewLogKey(bytes.NewReader(source[:31])); err == nil {
		t.Errorf("a short source gives %x", seed)
	}
}

func TestOneSeedSignsForSeveralOrigins(t *testing.T) {
	seed := bytes.Repeat([]byte{3}, ed25519.SeedSize)
	var keys []string
	for _, epoch := range []string{"one", "two"} {
		signer, key, err := LogSigner(seed, Origin(epoch))
		if err != nil {
			t.Fatal(err)
		}
		c := Checkpoint{Origin: Origin(epoch), Size: 1, Root: tlog.RecordHash(nil)}
		signed, err := SignCheckpoint(c, signer)
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key)
		if got, err := OpenCheckpoint(signed, keys...); err != nil || got != c {
			t.Errorf("epoch %s: %+v, %v", epoch, got, err)
		}
		if got, err := OpenCheckpoint(signed, key, key); err != nil || got != c {
			t.Errorf("the same key twice: %+v, %v", got, err)
		}
	}
	for _, origin := range []string{"", "a b", "a+b", "a\nb", "è", "<", strings.Repeat("x", 129)} {
		if _, _, err := LogSigner(seed, origin); err == nil {
			t.Errorf("%q passes for an origin", origin)
		}
	}
	if _, _, err := LogSigner(seed[:31], Origin("one")); err == nil {
		t.Error("a short seed passes")
	}
}

func TestSignCheckpointRefuses(t *testing.T) {
	l := newMemoryLog(t, "one", 0)
	for name, c := range map[string]Checkpoint{
		"another origin": {Origin: Origin("two"), Size: 1},
		"negative size":  {Origin: l.origin, Size: -1},
		"size too large": {Origin: l.origin, Size: MaxLogSize + 1},
	} {
		if signed, err := SignCheckpoint(c, l.signer); err == nil {
			t.Errorf("%s: %s", name, signed)
		}
	}
}

// signText signs any text, as a careless server could.
func signText(tb testing.TB, text string, signers ...note.Signer) string {
	tb.Helper()
	signed, err := note.Sign(&note.Note{Text: text}, signers...)
	if err != nil {
		tb.Fatal(err)
	}
	return string(signed)
}

func TestOpenCheckpointIsStrict(t *testing.T) {
	l := filledLog(t, "one", 0, 5)
	c := l.head(t, 5)
	good := l.sign(t, c)
	if got, err := OpenCheckpoint(good, l.verifier); err != nil || got != c {
		t.Fatalf("%+v, %v", got, err)
	}
	root := c.Root.String()
	loose := root[:42] + string(root[42]+1) + "=" // other unused bits, the same hash
	if b, err := base64.StdEncoding.DecodeString(loose); err != nil || !bytes.Equal(b, c.Root[:]) {
		t.Fatal("the loose root is not the same hash; choose another log")
	}
	line := good[strings.Index(good, "\n\n")+2:]
	looseLine := line[:len(line)-3] + string(line[len(line)-3]+1) + "=\n"
	for name, bad := range map[string]string{
		"empty":              "",
		"no signature":       c.Text() + "\n",
		"no text":            good[len(c.Text()):],
		"carriage return":    strings.ReplaceAll(good, "\n", "\r\n"),
		"space before":       " " + good,
		"line after":         good + "\n",
		"signature twice":    good + line,
		"loose signature":    strings.Replace(good, line, looseLine, 1),
		"too long":           good + strings.Repeat("x", maxCheckpoint),
		"leading zero":       signText(t, strings.Replace(c.Text(), "\n5\n", "\n05\n", 1), l.signer),
		"plus":               signText(t, strings.Replace(c.Text(), "\n5\n", "\n+5\n", 1), l.signer),
		"negative":           signText(t, strings.Replace(c.Text(), "\n5\n", "\n-5\n", 1), l.signer),
		"beyond tlog":        signText(t, strings.Replace(c.Text(), "\n5\n", "\n9223372036854775807\n", 1), l.signer),
		"loose root":         signText(t, strings.Replace(c.Text(), root, loose, 1), l.signer),
		"short root":         signText(t, strings.Replace(c.Text(), root, "AAAA", 1), l.signer),
		"extension line":     signText(t, c.Text()+"more\n", l.signer),
		"empty line":         signText(t, c.Text()+"\n", l.signer),
		"two lines":          signText(t, l.origin+"\n5\n", l.signer),
		"another's origin":   signText(t, strings.Replace(c.Text(), l.origin, Origin("two"), 1), l.signer),
		"no origin":          signText(t, strings.TrimPrefix(c.Text(), l.origin), l.signer),
		"signed for another": strings.Replace(good, "\n5\n", "\n6\n", 1),
	} {
		if got, err := OpenCheckpoint(bad, l.verifier); err == nil {
			t.Errorf("%s: read %q as %+v", name, bad, got)
		}
	}
}

func TestOpenCheckpointKeys(t *testing.T) {
	l, other := filledLog(t, "one", 0, 5), newMemoryLog(t, "one", 100)
	good := l.sign(t, l.head(t, 5))
	for name, keys := range map[string][]string{
		"no key":             nil,
		"another's key":      {other.verifier},
		"another epoch's":    {newMemoryLog(t, "two", 0).verifier},
		"no key at all":      {"nonsense"},
		"one of them is not": {l.verifier, "nonsense"},
	} {
		if got, err := OpenCheckpoint(good, keys...); err == nil {
			t.Errorf("%s: %+v", name, got)
		}
	}
	if _, err := OpenCheckpoint(good, other.verifier, l.verifier); err != nil {
		t.Errorf("one good key is enough: %v", err)
	}
	// While a key is exchanged both sign, and a client may know only one.
	both := signText(t, l.head(t, 5).Text(), l.signer, other.signer)
	for _, keys := range [][]string{{l.verifier}, {other.verifier}, {l.verifier, other.verifier}} {
		if _, err := OpenCheckpoint(both, keys...); err != nil {
			t.Errorf("two signatures, %d keys: %v", len(keys), err)
		}
	}
	// But a wrong signature of a known key is never passed over.
	if _, err := OpenCheckpoint(strings.Replace(both, "\n5\n", "\n6\n", 1), l.verifier, other.verifier); err == nil {
		t.Error("a changed text passes")
	}
}

func TestConsistency(t *testing.T) {
	const size = 40
	l := filledLog(t, "one", 0, size)
	for older := int64(0); older <= size; older++ {
		for newer := older; newer <= size; newer++ {
			var p tlog.TreeProof
			if older > 0 {
				p = l.consistency(t, older, newer)
			}
			o, n := l.head(t, older), l.head(t, newer)
			if err := VerifyConsistency(o, n, p); err != nil {
				t.Fatalf("%d→%d: %v", older, newer, err)
			}
			if older < newer {
				if err := VerifyConsistency(n, o, p); !errors.Is(err, ErrLogShrunk) {
					t.Fatalf("%d→%d: %v", newer, older, err)
				}
			}
			if err := VerifyConsistency(o, n, append(p, tlog.Hash{})); !errors.Is(err, ErrLogRewritten) {
				t.Fatalf("%d→%d with a hash too many: %v", older, newer, err)
			}
		}
	}
}

func TestRewrittenHistoryIsFound(t *testing.T) {
	const older, newer = 13, 29
	honest := filledLog(t, "one", 0, newer)
	for changed := range int64(older) {
		forged := newMemoryLog(t, "one", 0) // with the real key: the server itself lies
		for i, leaf := range honest.leaves {
			if int64(i) == changed {
				leaf = append([]byte("not "), leaf...)
			}
			forged.append(t, leaf)
		}
		for name, p := range map[string]tlog.TreeProof{
			"its own proof":    forged.consistency(t, older, newer),
			"the honest proof": honest.consistency(t, older, newer),
			"no proof":         nil,
		} {
			if err := VerifyConsistency(honest.head(t, older), forged.head(t, newer), p); !errors.Is(err, ErrLogRewritten) {
				t.Errorf("leaf %d rewritten, %s: %v", changed, name, err)
			}
		}
		if err := VerifyConsistency(honest.head(t, newer), forged.head(t, newer), nil); !errors.Is(err, ErrLogRewritten) {
			t.Errorf("leaf %d rewritten, same size: %v", changed, err)
		}
	}
}

func TestConsistencyRefuses(t *testing.T) {
	l := filledLog(t, "one", 0, 5)
	other := filledLog(t, "two", 0, 5)
	if err := VerifyConsistency(l.head(t, 5), other.head(t, 5), nil); !errors.Is(err, ErrOtherLog) {
		t.Errorf("another origin: %v", err)
	}
	five := l.head(t, 5)
	for name, pair := range map[string][2]Checkpoint{
		"negative":    {{Origin: l.origin, Size: -1}, five},
		"beyond tlog": {five, {Origin: l.origin, Size: 1<<63 - 1}}, // would not end in tlog
	} {
		if err := VerifyConsistency(pair[0], pair[1], tlog.TreeProof{{}}); !errors.Is(err, ErrLogRewritten) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := VerifyConsistency(Checkpoint{Origin: l.origin}, five, nil); !errors.Is(err, ErrLogRewritten) {
		t.Errorf("an empty log with a root that is none: %v", err)
	}
	if err := VerifyConsistency(l.head(t, 0), Checkpoint{Origin: l.origin}, nil); !errors.Is(err, ErrLogRewritten) {
		t.Errorf("another empty log: %v", err)
	}
}
