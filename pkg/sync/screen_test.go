package sync

import (
	"bytes"
	"encoding/json"
	"errors"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

func TestScreen(t *testing.T) {
	for in, want := range map[string]string{
		"perché no\n\tdue €":    "perché no\n\tdue €",
		"\x1b[2Jvia":            `\u001b[2Jvia`,
		"\x1b]0;titolo\a":       `\u001b]0;titolo\u0007`,
		"uno\rdue\bx\x7f":       `uno\u000ddue\u0008x\u007f`,
		"csi \u009b31m":         `csi \u009b31m`,
		"rtl \u202eexe.fdp":     `rtl \u202eexe.fdp`,
		"zero\u200bwidth\ufeff": `zero\u200bwidth\ufeff`,
		"tag \U000e0041":        `tag \udb40\udc41`,
		"cut \xc3 and \xff":     "cut \ufffd and \ufffd",
		"line\u2028sep":         `line\u2028sep`,
	} {
		var b bytes.Buffer
		if n, err := NewScreen(&b).Write([]byte(in)); n != len(in) || err != nil || b.String() != want {
			t.Errorf("%q gives %q (%d, %v), want %q", in, b.String(), n, err, want)
		}
	}
}

type closed struct{}

func (closed) Write([]byte) (int, error) { return 0, errors.New("closed") }

// What cannot be written is told, or a full disk would look like success.
func TestScreenTellsErrors(t *testing.T) {
	if _, err := NewScreen(closed{}).Write([]byte("x")); err == nil {
		t.Error("an error is lost")
	}
}

// However the bytes are cut into writes, nothing comes out that a terminal
// acts upon, and JSON keeps its meaning.
func TestScreenKeepsJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.String().Draw(t, "text")
		raw, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		s := NewScreen(&b)
		for rest := raw; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			if _, err := s.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		for _, r := range b.String() {
			if acted(r) || r == utf8.RuneError && !bytes.ContainsRune(raw, r) {
				t.Fatalf("%q comes out of %q", r, text)
			}
		}
		var back, want string
		if err := errors.Join(json.Unmarshal(b.Bytes(), &back), json.Unmarshal(raw, &want)); err != nil || back != want {
			t.Fatalf("%q became %q (%v)", want, back, err)
		}
	})
}

// FuzzScreen: whatever is printed, nothing that a terminal acts upon comes out.
func FuzzScreen(f *testing.F) {
	for _, s := range []string{"\x1b[2J", "\u009b31m", "\u202e", "\xc3", "\U000e0041", "perché\n\t€"} {
		f.Add([]byte(s), 1)
	}
	f.Fuzz(func(t *testing.T, raw []byte, cut int) {
		var b bytes.Buffer
		s := NewScreen(&b)
		cut = min(max(cut, 0), len(raw))
		for _, half := range [][]byte{raw[:cut], raw[cut:]} {
			if n, err := s.Write(half); n != len(half) || err != nil {
				t.Fatal(n, err)
			}
		}
		for _, r := range b.String() {
			if r != '\n' && r != '\t' && acted(r) {
				t.Fatalf("%q comes out of %q", r, raw)
			}
		}
	})
}
