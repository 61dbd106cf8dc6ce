package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"maps"
	"math/big"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"rileva/internal/office"
)

// vouched is a certificate for these addresses, and who vouches for it.
func vouched(t *testing.T, until time.Time, addresses ...net.IP) (*tls.Certificate, *x509.CertPool) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: until, IPAddresses: addresses,
		IsCA: true, BasicConstraintsValid: true}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	must(t, err)
	cert, err := x509.ParseCertificate(raw)
	must(t, err)
	roots := x509.NewCertPool()
	roots.AddCert(cert)
	return &tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}, roots
}

// TestRemindEncrypted: with a certificate that is vouched for and the right
// password each school gets one message, both ways of encrypting.
func TestRemindEncrypted(t *testing.T) {
	pair, roots := vouched(t, time.Now().Add(time.Hour), net.IPv4(127, 0, 0, 1))
	for way, implicit := range map[string]bool{smtpStartTLS: false, smtpTLS: true} {
		d := reminding(t)
		d.env.mailRoots = roots
		post := newPostOffice(t, func(p *postOffice) { p.pair, p.implicit, p.password = pair, implicit, "di posta" })
		var r remindReply
		d.read(&r, post.flags("--smtp-tls", way, "--smtp-user", "ufficio", "--smtp-password-file", d.file("password", "di posta\n"))...)
		if want := map[string]int{addresses[0]: 1, addresses[1]: 1, addresses[2]: 1}; r.Sent != 3 || !maps.Equal(post.kept(), want) {
			t.Errorf("%s: %+v, kept %v", way, r, post.kept())
		}
	}
}

// TestRemindRefusedLine: what is wrong with the mail server is said in a
// sentence of its own, nothing leaves, and nobody is marked.
func TestRemindRefusedLine(t *testing.T) {
	here := net.IPv4(127, 0, 0, 1)
	good, roots := vouched(t, time.Now().Add(time.Hour), here)
	elsewhere, otherRoots := vouched(t, time.Now().Add(time.Hour), net.IPv4(10, 0, 0, 1))
	expired, oldRoots := vouched(t, time.Now().Add(-time.Hour), here)
	d := reminding(t)
	right, wrong := d.file("password", "di posta"), d.file("password", "sbagliata")
	for name, c := range map[string]struct {
		pair     *tls.Certificate
		roots    *x509.CertPool
		implicit bool
		way      string
		password string
		exit     int
		says     string
	}{
		"wrong password":          {good, roots, false, smtpStartTLS, wrong, exitRefused, "non accetta utente e password"},
		"wrong password, tls":     {good, roots, true, smtpTLS, wrong, exitRefused, "non accetta utente e password"},
		"unknown authority":       {good, x509.NewCertPool(), false, smtpStartTLS, right, exitUnreachable, "Il certificato del server di posta"},
		"unknown authority, tls":  {good, x509.NewCertPool(), true, smtpTLS, right, exitUnreachable, "Il certificato del server di posta"},
		"another's certificate":   {elsewhere, otherRoots, false, smtpStartTLS, right, exitUnreachable, "Il certificato del server di posta"},
		"expired":                 {expired, oldRoots, true, smtpTLS, right, exitUnreachable, "Il certificato del server di posta"},
		"tls to a plain server":   {good, roots, false, smtpTLS, right, exitUnreachable, "non cifra dall'inizio"},
		"starttls it has not got": {nil, roots, false, smtpStartTLS, right, exitUnreachable, "non risponde o non accetta"},
	} {
		post := newPostOffice(t, func(p *postOffice) { p.pair, p.implicit, p.password = c.pair, c.implicit, "di posta" })
		d.env.mailRoots = c.roots
		err := d.refused(c.exit, post.flags("--smtp-tls", c.way, "--smtp-user", "ufficio", "--smtp-password-file", c.password)...)
		if !strings.Contains(err, c.says) || !strings.Contains(err, "non è partito nulla") {
			t.Errorf("%s: %s", name, err)
		}
		var r remindReply
		d.read(&r, "remind", "--dry-run")
		marked := slices.ContainsFunc(r.Rows, func(row office.RemindRow) bool { return row.Skip != "" })
		if len(post.kept()) != 0 || len(r.Rows) != 3 || marked {
			t.Errorf("%s: kept %v, %+v", name, post.kept(), r.Rows)
		}
	}
}

// TestRemindHungUp: a server that hangs up after each message is called again;
// one that then stays silent ends the command, and the rest can go later today.
func TestRemindHungUp(t *testing.T) {
	d := reminding(t)
	post := newPostOffice(t, func(p *postOffice) { p.hangUp = true })
	var r remindReply
	if d.read(&r, post.flags()...); r.Sent != 3 || len(r.Failed)+len(r.Uncertain) != 0 {
		t.Errorf("%+v", r)
	}
	for to, n := range post.kept() {
		if n != 1 {
			t.Errorf("%s has %d messages", to, n)
		}
	}

	d = reminding(t)
	post = newPostOffice(t, func(p *postOffice) { p.hangUp, p.closed = true, true })
	if err := d.refused(exitUnreachable, post.flags()...); !strings.Contains(err, "ha chiuso il collegamento e non risponde più; solleciti partiti: 1") {
		t.Error(err)
	}
	first := post.kept()
	post = newPostOffice(t)
	if d.read(&r, post.flags()...); r.Sent != 2 || len(first) != 1 {
		t.Errorf("first %v, then %+v", first, r)
	}
	for to := range first {
		if post.kept()[to] != 0 {
			t.Errorf("%s was written to twice", to)
		}
	}
	d.read(&r, "remind", "--csv", filepath.Join(t.TempDir(), "x.csv"))
	if r.Sent != 0 {
		t.Errorf("reminded twice in a day: %+v", r)
	}
}
