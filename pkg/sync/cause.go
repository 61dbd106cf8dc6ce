package sync

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"syscall"
	"time"
)

// The causes of a NetError: stable words, for tables, tests and --json.
const (
	CauseAddress  = "address"  // what was given is no server address
	CauseOffline  = "offline"  // there is no way to the network
	CauseDNS      = "dns"      // the server's name is not found
	CauseRefused  = "refused"  // nothing listens there
	CauseTimeout  = "timeout"  // no answer in time
	CauseTLS      = "tls"      // no secure connection comes about
	CauseClock    = "clock"    // the certificate is not valid yet: this device's clock is behind
	CausePortal   = "portal"   // a page answers in the server's place
	CauseRedirect = "redirect" // the answer points to another address
	CauseProxy    = "proxy"    // the proxy refuses or does not reach the server
	CauseProtocol = "protocol" // what answers is no Rileva server, or not what belongs here
	CauseCut      = "cut"      // the connection broke off
	CauseStopped  = "stopped"  // the person, or the program's end, stopped it

	CauseExpired     = "cert_expired"   // the certificate's date is over
	CauseName        = "cert_name"      // the certificate is of another server
	CauseAuthority   = "cert_authority" // nobody known vouches for the certificate
	CauseProxyAuth   = "proxy_auth"     // the proxy wants somebody to sign in to it
	CauseVersion     = "version"        // it speaks another version of the protocol
	CauseOtherSurvey = "other_survey"   // the server collects another survey than the data are of
)

// Causes lists every cause of the table.
func Causes() []string { return slices.Sorted(maps.Keys(causes)) }

// Unreached tells of a cause, or of a Code, that the server was not reached at
// all, so that its answering is news: what waits for that need wait no longer.
func Unreached(cause string) bool {
	switch cause {
	case CauseOffline, CauseDNS, CauseRefused, CausePortal, CauseRedirect, CauseProxy, CauseProxyAuth,
		CauseTLS, CauseClock, CauseExpired, CauseName, CauseAuthority:
		return true
	}
	return false
}

// proxyRefusal is a proxy's answer to CONNECT.
type proxyRefusal struct{ status int }

func (e *proxyRefusal) Error() string { return fmt.Sprintf("the proxy answered %d", e.status) }

// withoutURL drops the address that net/http puts before its errors: it says
// nothing here and may be long.
func withoutURL(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// stranger recognises an answer that no Rileva server gave; nil when the
// header of the protocol stands there. Its status counts for nothing: a
// captive portal's 200 is not a receipt.
func stranger(resp *http.Response, fail func(string, error) *NetError) *NetError {
	version := resp.Header.Get(HeaderProtocol)
	redirects := resp.StatusCode >= 300 && resp.StatusCode < 400 && resp.StatusCode != http.StatusNotModified
	if version == Version && !redirects {
		return nil
	}
	err := fmt.Errorf("status %d, %s %q, content type %.60q", resp.StatusCode, HeaderProtocol, version, resp.Header.Get("Content-Type"))
	if redirects {
		e := fail(CauseRedirect, err)
		if to, err := resp.Location(); err == nil {
			e.Host = to.Scheme + "://" + to.Host // the sign-in page's query would only confuse
		}
		return e
	}
	cause := CauseProtocol
	html := strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html")
	switch status := resp.StatusCode; {
	case version != "":
		cause = CauseVersion
	case status == http.StatusProxyAuthRequired:
		cause = CauseProxyAuth
	case status == http.StatusBadGateway,
		status == http.StatusServiceUnavailable, status == http.StatusGatewayTimeout,
		status == http.StatusForbidden && (html || resp.Header.Get("Via") != ""):
		cause = CauseProxy
	case status == http.StatusNetworkAuthenticationRequired, html && status < 300:
		cause = CausePortal
	}
	e := fail(cause, err)
	e.RetryAfter = retryAfter(resp)
	return e
}

// The Windows numbers of errors that syscall names differently there; no other
// system has numbers this high, so they need no file of their own.
const (
	wsaENETDOWN     = syscall.Errno(10050)
	wsaENETUNREACH  = syscall.Errno(10051)
	wsaECONNREFUSED = syscall.Errno(10061)
	wsaEHOSTUNREACH = syscall.Errno(10065)
)

// causeOf finds the stable word for an error of the network; now is this
// device's clock.
func causeOf(err error, now time.Time) string {
	var (
		dns     *net.DNSError
		op      *net.OpError
		refused *proxyRefusal
		errno   syscall.Errno
		timeout net.Error
	)
	switch {
	case errors.Is(err, context.Canceled):
		return CauseStopped
	case errors.As(err, &refused) && refused.status == http.StatusProxyAuthRequired:
		return CauseProxyAuth
	case errors.As(err, &refused), errors.As(err, &op) && op.Op == "proxyconnect":
		return CauseProxy
	case errors.As(err, &dns):
		return CauseDNS
	case untrusted(err, now) != "":
		return untrusted(err, now)
	case errors.As(err, &timeout) && timeout.Timeout(), errors.Is(err, context.DeadlineExceeded):
		return CauseTimeout
	case errors.As(err, &errno):
		switch errno {
		case syscall.ECONNREFUSED, wsaECONNREFUSED:
			return CauseRefused
		case syscall.ENETUNREACH, syscall.EHOSTUNREACH, syscall.ENETDOWN, wsaENETUNREACH, wsaEHOSTUNREACH, wsaENETDOWN:
			return CauseOffline
		}
	}
	return CauseCut
}

// untrusted tells the doubts about a server apart, because they are different
// people's job. A certificate that is not valid yet hardly exists, a clock that
// is behind often; one that is over may be either's fault, and the sentence
// shows both dates.
func untrusted(err error, now time.Time) string {
	var (
		invalid  x509.CertificateInvalidError
		unknown  x509.UnknownAuthorityError
		hostname x509.HostnameError
		chain    *tls.CertificateVerificationError
		record   tls.RecordHeaderError
		alert    tls.AlertError
	)
	switch {
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		if invalid.Cert != nil && now.Before(invalid.Cert.NotBefore) {
			return CauseClock
		}
		return CauseExpired
	case errors.As(err, &hostname):
		return CauseName
	case errors.As(err, &unknown), errors.As(err, &invalid):
		return CauseAuthority
	case errors.As(err, &chain), errors.As(err, &record), errors.As(err, &alert):
		return CauseTLS
	case strings.Contains(err.Error(), "server gave HTTP response to HTTPS client"):
		return CauseTLS // net/http has no type for it
	}
	return ""
}
