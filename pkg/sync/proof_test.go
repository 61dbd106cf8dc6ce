package sync

import (
	"reflect"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

// prove gives the proof of leaf i in the tree of the given size.
func (l *memoryLog) prove(tb testing.TB, size, i int64) Proof {
	tb.Helper()
	hashes, err := tlog.ProveRecord(size, i, l)
	if err != nil {
		tb.Fatal(err)
	}
	return Proof{Extra: l.leaves[i], Index: i, Hashes: hashes, Checkpoint: l.sign(tb, l.head(tb, size))}
}

func TestProofText(t *testing.T) {
	h := tlog.RecordHash([]byte("x"))
	p := Proof{Extra: []byte("leaf"), Index: 3, Hashes: tlog.RecordProof{h, {}}, Checkpoint: "text\n\nsignature\n"}
	want := "c2sp.org/tlog-proof@v1\nextra bGVhZg==\nindex 3\n" + h.String() +
		"\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\ntext\n\nsignature\n"
	if got := FormatProof(p); got != want {
		t.Errorf("got %q", got)
	}
	if got := FormatProof(Proof{Checkpoint: "c\n"}); got != "c2sp.org/tlog-proof@v1\nindex 0\n\nc\n" {
		t.Errorf("the smallest proof is %q", got)
	}
}

func TestProofRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := Proof{
			Index:      rapid.Int64Range(0, MaxLogSize).Draw(t, "index"),
			Checkpoint: rapid.String().Draw(t, "checkpoint") + "\n",
		}
		if b := rapid.SliceOf(rapid.Byte()).Draw(t, "extra"); len(b) > 0 {
			p.Extra = b
		}
		for range rapid.IntRange(0, maxProofHashes).Draw(t, "hashes") {
			p.Hashes = append(p.Hashes, tlog.RecordHash(rapid.SliceOfN(rapid.Byte(), 4, 4).Draw(t, "hash")))
		}
		back, err := ParseProof(FormatProof(p))
		if err != nil || !reflect.DeepEqual(p, back) {
			t.Fatalf("%q: %+v, %v", FormatProof(p), back, err)
		}
	})
}

func TestParseProofIsStrict(t *testing.T) {
	good := FormatProof(filledLog(t, "one", 0, 5).prove(t, 5, 2))
	if _, err := ParseProof(good); err != nil {
		t.Fatal(err)
	}
	hash := strings.Split(good, "\n")[3]
	for name, bad := range map[string]string{
		"empty":               "",
		"header only":         "c2sp.org/tlog-proof@v1\n",
		"other version":       strings.Replace(good, "@v1", "@v2", 1),
		"carriage return":     strings.ReplaceAll(good, "\n", "\r\n"),
		"space before":        " " + good,
		"space after header":  strings.Replace(good, "@v1", "@v1 ", 1),
		"leading zero":        strings.Replace(good, "index 2", "index 02", 1),
		"plus":                strings.Replace(good, "index 2", "index +2", 1),
		"negative":            strings.Replace(good, "index 2", "index -2", 1),
		"no number":           strings.Replace(good, "index 2", "index ", 1),
		"beyond tlog":         strings.Replace(good, "index 2", "index 9223372036854775807", 1),
		"two spaces":          strings.Replace(good, "index 2", "index  2", 1),
		"capital":             strings.Replace(good, "index 2", "Index 2", 1),
		"word missing":        strings.Replace(good, "index 2", "2", 1),
		"index missing":       strings.Replace(good, "index 2\n", "", 1),
		"index twice":         strings.Replace(good, "index 2", "index 2\nindex 2", 1),
		"extra twice":         strings.Replace(good, "extra ", "extra AAAA\nextra ", 1),
		"extra after index":   strings.Replace(good, "index 2\n", "index 2\nextra AAAA\n", 1),
		"extra empty":         "c2sp.org/tlog-proof@v1\nextra \nindex 0\n\nc\n",
		"extra only":          "c2sp.org/tlog-proof@v1\nextra AAAA\n\nc\n",
		"extra loose":         "c2sp.org/tlog-proof@v1\nextra AB==\nindex 0\n\nc\n",
		"extra not padded":    "c2sp.org/tlog-proof@v1\nextra AA\nindex 0\n\nc\n",
		"extra url base64":    "c2sp.org/tlog-proof@v1\nextra __8=\nindex 0\n\nc\n",
		"extra broken line":   strings.Replace(good, "extra ", "extra \r", 1),
		"hash short":          strings.Replace(good, hash, hash[4:], 1),
		"hash with space":     strings.Replace(good, hash, hash+" ", 1),
		"hash loose":          strings.Replace(good, hash, hash[:42]+string(hash[42]+1)+"=", 1),
		"hash without end":    strings.Replace(good, hash, strings.TrimSuffix(hash, "="), 1),
		"no checkpoint":       good[:strings.Index(good, "\n\n")+2],
		"no empty line":       "c2sp.org/tlog-proof@v1\nindex 0\nc\n",
		"checkpoint unended":  strings.TrimSuffix(good, "\n"),
		"65 hashes":           strings.Replace(good, hash, strings.Repeat(hash+"\n", maxProofHashes)+hash, 1),
		"too long":            good + strings.Repeat("x", maxProof) + "\n",
		"unknown line":        strings.Replace(good, "index", "origin x\nindex", 1),
		"empty line at begin": strings.Replace(good, "\n", "\n\n", 1),
	} {
		if bad == good {
			t.Fatalf("%s: nothing is changed", name)
		}
		if p, err := ParseProof(bad); err == nil {
			t.Errorf("%s: read %q as %+v", name, bad, p)
		}
	}
}

func FuzzParseProof(f *testing.F) {
	l := filledLog(f, "one", 0, 5)
	for _, size := range []int64{1, 2, 5} {
		f.Add(FormatProof(l.prove(f, size, size-1)))
	}
	f.Add("c2sp.org/tlog-proof@v1\nindex 0\n\nc\n")
	f.Add("c2sp.org/tlog-proof@v1\nextra AB==\nindex 00\n\n\n\n")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := ParseProof(text)
		if err != nil {
			return
		}
		if got := FormatProof(p); got != text {
			t.Fatalf("%q is read, but written as %q", text, got)
		}
		if c, err := OpenCheckpoint(p.Checkpoint, l.verifier); err == nil && c.Origin != l.origin {
			t.Fatalf("%q counts as signed", p.Checkpoint)
		}
	})
}
