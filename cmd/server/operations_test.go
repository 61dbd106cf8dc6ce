package main

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// The operations listener has the metrics; the public one has not.
func TestOperationsListener(t *testing.T) {
	d := newDesk(t)
	app, _, err := (&program{environment: d.env, words: &italian, log: quiet}).openApp(context.Background(), Config{DataDir: t.TempDir(), Listen: "127.0.0.1:0", OpsListen: "127.0.0.1:0"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error)
	go func() { ended <- app.Run(ctx) }()
	get := func(url string) (int, string) {
		t.Helper()
		r, err := http.Get(url)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = r.Body.Close() }()
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		return r.StatusCode, string(body)
	}
	ops := "http://" + app.watch.Addr().String()
	if status, _ := get(app.URL() + "/metrics"); status != http.StatusNotFound {
		t.Errorf("the public listener answers /metrics with %d", status)
	}
	if status, _ := get(ops + "/readyz"); status != http.StatusOK {
		t.Errorf("/readyz gives %d", status)
	}
	get(app.URL() + "/api/v1/server")
	status, text := get(ops + "/metrics")
	if status != http.StatusOK || !strings.Contains(text, `rileva_calls_total{code="",method="GET",route="/api/v1/server",status="200"} 1`) {
		t.Errorf("the metrics are %d:\n%s", status, text)
	}
	if status, _ := get(ops + "/api/v1/server"); status != http.StatusNotFound {
		t.Errorf("the operations listener answers a call of the schools with %d", status)
	}
	stop()
	if err := <-ended; err != nil {
		t.Error(err)
	}
	if err := app.Close(); err != nil {
		t.Error(err)
	}
}

// A renewed certificate is taken without a restart; a broken one is not.
func TestCertificateReload(t *testing.T) {
	dir, clock := t.TempDir(), time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := &certificateFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"),
		now: func() time.Time { return clock }, log: slog.New(slog.DiscardHandler)}
	serial := func() int64 {
		t.Helper()
		pair, err := c.get(nil)
		if err != nil || pair == nil {
			t.Fatalf("no certificate (%v)", err)
		}
		leaf, err := x509.ParseCertificate(pair.Certificate[0])
		if err != nil {
			t.Fatal(err)
		}
		return leaf.SerialNumber.Int64()
	}
	writePair(t, c, 1, clock)
	if got := serial(); got != 1 {
		t.Errorf("the first certificate is %d", got)
	}
	writePair(t, c, 2, clock.Add(time.Second))
	if got := serial(); got != 1 {
		t.Errorf("the files are read at every connection: %d", got)
	}
	clock = clock.Add(certificateCheck)
	if got := serial(); got != 2 {
		t.Errorf("the renewed certificate is not taken: %d", got)
	}
	if err := os.WriteFile(c.cert, []byte("broken"), 0o600); err != nil {
		t.Fatal(err)
	}
	clock = clock.Add(certificateCheck)
	if got := serial(); got != 2 {
		t.Errorf("a broken certificate replaces the good one: %d", got)
	}
}

// writePair writes a certificate with this serial number and its key.
func writePair(t *testing.T, c *certificateFiles, serial int64, at time.Time) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(serial), NotAfter: at.AddDate(1, 0, 0)}
	cert, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := x509.MarshalECPrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	for path, block := range map[string]*pem.Block{c.cert: {Type: "CERTIFICATE", Bytes: cert}, c.key: {Type: "EC PRIVATE KEY", Bytes: raw}} {
		if err := os.WriteFile(path, pem.EncodeToMemory(block), 0o600); err != nil {
			t.Fatal(err)
		}
		if err := os.Chtimes(path, at, at); err != nil {
			t.Fatal(err)
		}
	}
}

// TestOldTLSIsRefused: 1.2 is the least.
func TestOldTLSIsRefused(t *testing.T) {
	dir := t.TempDir()
	c := &certificateFiles{cert: filepath.Join(dir, "cert.pem"), key: filepath.Join(dir, "key.pem"), now: time.Now, log: quiet}
	writePair(t, c, 1, time.Now())
	d := newDesk(t)
	p := &program{environment: d.env, words: &italian, log: quiet}
	app, _, err := p.openApp(t.Context(), Config{DataDir: d.data, Listen: "127.0.0.1:0", Certificate: c.get})
	must(t, err)
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- app.Run(ctx) }()
	for version, want := range map[uint16]bool{tls.VersionTLS10: false, tls.VersionTLS11: false, tls.VersionTLS12: true, tls.VersionTLS13: true} {
		conn, err := tls.Dial("tcp", app.public.Addr().String(), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10, MaxVersion: version})
		if err == nil {
			must(t, conn.Close())
		}
		if got := err == nil; got != want {
			t.Errorf("%s: %v", tls.VersionName(version), err)
		}
	}
	stop()
	must(t, <-done)
	must(t, app.Close())
}
