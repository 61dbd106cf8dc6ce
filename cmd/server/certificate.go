package main

import (
	"crypto/tls"
	"log/slog"
	"os"
	"sync"
	"time"
)

// certificateCheck is how often the files are looked at: renewed certificates
// overlap by weeks, so a minute is soon enough.
const certificateCheck = time.Minute

// certificateFiles is a pair of PEM files that is read anew when it changes. A
// new pair that cannot be used is reported, and the one before stays.
type certificateFiles struct {
	cert, key string
	now       func() time.Time
	log       *slog.Logger

	mu      sync.Mutex
	pair    *tls.Certificate
	changed [2]time.Time // of the files, when pair was read
	checked time.Time
}

// get is a tls.Config.GetCertificate.
func (c *certificateFiles) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now := c.now(); now.Sub(c.checked) >= certificateCheck {
		c.checked = now
		if changed := c.modified(); changed != c.changed {
			pair, err := tls.LoadX509KeyPair(c.cert, c.key)
			if err != nil {
				c.log.Error("the new certificate cannot be used; the one before stays", "cert", c.cert, "key", c.key, "error", err)
			} else {
				c.pair, c.changed = &pair, changed
			}
		}
	}
	return c.pair, nil
}

func (c *certificateFiles) modified() (out [2]time.Time) {
	for i, path := range []string{c.cert, c.key} {
		if info, err := os.Stat(path); err == nil {
			out[i] = info.ModTime()
		}
	}
	return out
}
