package main

import (
	"bytes"
	"context"
	"strings"
	"testing"

	"github.com/creack/pty"
)

// TestPassphraseIsAskedFor: at a terminal, again after a mistake, and not for ever.
func TestPassphraseIsAskedFor(t *testing.T) {
	w := newWorld(t)
	const secret = "quattro lampade verdi sul tavolo"
	w.is(w.call(secret+"\n"+secret+"\n", "lock", "--passphrase-stdin"), exitDone)
	for _, c := range []struct {
		typed string
		exit  int
		wrong int
	}{{secret + "\n", exitDone, 0}, {"sbagliata davvero\n" + secret + "\n", exitDone, 1}, {strings.Repeat("sbagliata davvero\n", passphraseTries), exitRefused, passphraseTries}} {
		person, terminal, err := pty.Open()
		w.must(err)
		_, err = person.WriteString(c.typed)
		w.must(err)
		var out, errs bytes.Buffer
		code := run(context.Background(), []string{"settings"}, streams{in: terminal, out: &out, err: &errs, lockWork: 1}, func(name string) string { return w.env[name] })
		if n := strings.Count(errs.String(), "non è quella"); code != c.exit || n != c.wrong || !strings.Contains(errs.String(), "Frase segreta delle bozze:") || strings.Contains(out.String()+errs.String(), secret) {
			t.Errorf("%q: exit %d\n%s%s", c.typed, code, out.String(), errs.String())
		}
		w.must(terminal.Close())
		w.must(person.Close())
	}
}
