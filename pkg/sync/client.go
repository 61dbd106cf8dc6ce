package sync

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// What one call may take, phase by phase: a total alone would let a network
// that swallows packets hold the person for a minute before the first word.
const (
	dialTimeout   = 5 * time.Second
	tlsTimeout    = 10 * time.Second
	headerTimeout = 30 * time.Second
	totalTimeout  = 60 * time.Second
)

// maxAnswer bounds what is read of an answer; the largest is a questionnaire.
const maxAnswer = 8 << 20

// maxRetryAfter bounds the wait that an answer can ask for: a proxy that says
// a year must not keep a part on the device until the survey is over.
const maxRetryAfter = time.Hour

// Options says whom a Client speaks to and as whom.
type Options struct {
	Server  string // "https://rilevazioni.example.it"; a path before /api/v1 is kept
	Token   string // empty before signing in
	Version string // of the program, for the sync log
	Lang    string // "it" (default) or "en": the language of refusals
	// LogKey is the verifier key of the server's log. While it is empty a
	// receipt is believed by its fields alone: a device that meets its server
	// for the first time has nothing else, and refusing the receipt would
	// leave a stored part unsettled for ever. [Syncer] asks for the key first.
	LogKey string
	HTTP   http.RoundTripper // nil: the network, through the system's proxies
	Rand   io.Reader         // for incident codes; nil: crypto/rand
	Now    func() time.Time  // nil: time.Now
}

// Client makes the calls of the protocol over HTTP. It believes nothing that
// could come from another program: see [Client.Put]. Its errors are *NetError
// when no answer of a Rileva server came, *Problem when the server refused.
// It keeps no cookies and follows no redirect. It is safe for concurrent use.
type Client struct {
	base    *url.URL
	version string
	lang    string
	http    *http.Client
	rand    io.Reader
	now     func() time.Time

	mu    sync.Mutex
	token string
	keys  []string
	epoch string
	last  Contact
}

// Contact is what the last answer of a Rileva server told besides its body.
type Contact struct {
	Incident   string    // of the last call, answered or not
	ServerTime time.Time // the server's clock; zero while it never answered
	LocalTime  time.Time // this device's clock at that moment
}

// Skew is how far this device's clock is ahead of the server's.
func (c Contact) Skew() time.Duration {
	if c.ServerTime.IsZero() {
		return 0
	}
	return c.LocalTime.Sub(c.ServerTime)
}

// MaxSkew is the difference of clocks from which on the person is told.
const MaxSkew = 2 * time.Minute

// NewClient builds a client. It touches no network. An address that cannot be
// one is a *NetError of the cause address.
func NewClient(o Options) (*Client, error) {
	base, err := url.Parse(strings.TrimSpace(o.Server))
	if err == nil && (base.Scheme != "https" && base.Scheme != "http" || base.Hostname() == "" || base.User != nil) {
		err = errors.New("not an http or https address")
	}
	if err != nil {
		return nil, &NetError{Step: StepAddress, Cause: CauseAddress, Err: fmt.Errorf("server address: %w", err)}
	}
	base.RawQuery, base.Fragment = "", ""
	base.Path = strings.TrimSuffix(strings.TrimSuffix(base.Path, "/"), BasePath)
	transport := o.HTTP
	if transport == nil {
		transport = newTransport()
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	c := &Client{base: base, version: o.Version, lang: cmp.Or(o.Lang, "it"), rand: o.Rand, now: o.Now, token: o.Token,
		http: &http.Client{Transport: transport, Timeout: totalTimeout,
			// The token must not follow to another address, and an answer
			// from elsewhere is not the server's.
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	c.Trust(o.LogKey)
	return c, nil
}

// newTransport is the network as schools have it: often behind a proxy that
// the system's environment names.
func newTransport() http.RoundTripper {
	return &http.Transport{
		Proxy:                 http.ProxyFromEnvironment,
		DialContext:           (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext,
		TLSHandshakeTimeout:   tlsTimeout,
		ResponseHeaderTimeout: headerTimeout,
		IdleConnTimeout:       30 * time.Second,
		MaxIdleConnsPerHost:   2,
		ForceAttemptHTTP2:     true,
		OnProxyConnectResponse: func(_ context.Context, _ *url.URL, _ *http.Request, r *http.Response) error {
			if r.StatusCode != http.StatusOK {
				return &proxyRefusal{r.StatusCode}
			}
			return nil
		},
	}
}

// Trust adds verifier keys of the server's log. Older keys stay: after a
// restore the receipts of before are signed under the old origin.
func (c *Client) Trust(keys ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, k := range keys {
		if k != "" {
			c.keys = append(c.keys, k)
		}
	}
}

// Hold trusts these keys and no others from now on: those of one survey's log.
func (c *Client) Hold(keys ...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keys = slices.Clone(keys)
}

// Expect says which life of the server's store the next submissions are meant
// for: a server that was restored meanwhile refuses them with epoch_changed.
func (c *Client) Expect(epoch string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.epoch = epoch
}

// SetToken changes whom the client speaks as.
func (c *Client) SetToken(token string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.token = token
}

// SignedIn says whether the client holds a token; whether it is alive only
// the server knows.
func (c *Client) SignedIn() bool { token, _ := c.held(); return token != "" }

func (c *Client) held() (token string, keys []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.token, c.keys
}

// Last tells the incident of the last call and both clocks at the last answer.
func (c *Client) Last() Contact {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.last
}

type incidentKey struct{}

// WithIncident gives the calls under ctx this incident code. A call without
// one makes its own; Last and every error tell which.
func WithIncident(ctx context.Context, incident string) context.Context {
	return context.WithValue(ctx, incidentKey{}, incident)
}
