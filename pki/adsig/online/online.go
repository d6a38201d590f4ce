// Package online is the one place from which document signatures talk to the
// network: to a time-stamp authority (RFC 3161 §3.4), to OCSP responders
// (RFC 6960 appendix A) and to where revocation lists lie.
//
// It carries bytes and believes none: everything that comes back is signed, and
// verified elsewhere. That is why plain HTTP is allowed, as these protocols are
// used in practice. What it does guard is this machine. Addresses found in
// certificates were written by strangers; they, and every redirection, may lead
// to public addresses only, never into the operator's own network. Addresses
// that the operator names may lead anywhere. Answers are bounded in size and
// time.
package online

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"slices"
	"syscall"
	"time"
)

var (
	// ErrAddress reports an address that is not fetched from.
	ErrAddress = errors.New("address not allowed")
	// ErrAnswer reports an answer that is not what was asked for.
	ErrAnswer = errors.New("unexpected answer")
	// ErrTooLarge reports an answer beyond the bounds.
	ErrTooLarge = errors.New("answer too large")
)

// Bounds on one exchange.
const (
	Timeout      = 20 * time.Second
	maxRedirects = 3
	maxAnswer    = 1 << 20
	maxList      = 16 << 20
)

// Client makes the exchanges. The zero value reaches public addresses only.
type Client struct {
	Operator  []string          // addresses that the operator named, in full
	Transport http.RoundTripper // nil: one that keeps to the rules above
	Timeout   time.Duration     // of one exchange; 0: Timeout
}

// Stamp sends a time-stamp request to an authority.
func (c *Client) Stamp(ctx context.Context, address string, request []byte) ([]byte, error) {
	return c.exchange(ctx, address, "application/timestamp-query", request, maxAnswer)
}

// Query sends an OCSP request.
func (c *Client) Query(ctx context.Context, address string, request []byte) ([]byte, error) {
	return c.exchange(ctx, address, "application/ocsp-request", request, maxAnswer)
}

// Fetch gets a revocation list.
func (c *Client) Fetch(ctx context.Context, address string) ([]byte, error) {
	return c.exchange(ctx, address, "", nil, maxList)
}

// exchange posts a body of a type, or gets when there is none. The type of the
// answer is not looked at: what it holds is verified.
func (c *Client) exchange(ctx context.Context, address, kind string, body []byte, limit int64) ([]byte, error) {
	target, err := parse(address)
	if err != nil {
		return nil, err
	}
	timeout := c.Timeout
	if timeout == 0 {
		timeout = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	method := http.MethodGet
	if body != nil {
		method = http.MethodPost
	}
	request, err := http.NewRequestWithContext(ctx, method, target.String(), bytes.NewReader(body))
	if err != nil {
		return nil, ErrAddress
	}
	if kind != "" {
		request.Header.Set("Content-Type", kind)
	}
	client := c.client(slices.Contains(c.Operator, address))
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("exchange with %s: %w", target.Host, err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%w from %s: %s", ErrAnswer, target.Host, response.Status)
	}
	return read(response.Body, limit)
}

func read(body io.Reader, limit int64) ([]byte, error) {
	content, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, fmt.Errorf("read answer: %w", err)
	}
	if int64(len(content)) > limit {
		return nil, ErrTooLarge
	}
	return content, nil
}

func parse(address string) (*url.URL, error) {
	target, err := url.Parse(address)
	if err != nil || target.Scheme != "http" && target.Scheme != "https" || target.Host == "" || target.User != nil {
		return nil, fmt.Errorf("%w: neither http nor https", ErrAddress)
	}
	return target, nil
}

// client refuses, unless the operator named the address, to connect to where
// only this machine or its network can be reached. A redirection was never
// named by the operator; it is followed under the strict rule alone.
func (c *Client) client(named bool) *http.Client {
	strict := c.transport(false)
	transport := strict
	if named {
		transport = c.transport(true)
	}
	return &http.Client{
		Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
			if r.Response != nil { // caused by a redirection
				return strict.RoundTrip(r)
			}
			return transport.RoundTrip(r)
		}),
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if _, err := parse(next.URL.String()); err != nil {
				return err
			}
			if len(via) > maxRedirects {
				return fmt.Errorf("%w: more than %d redirections", ErrAnswer, maxRedirects)
			}
			return nil
		},
	}
}

type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func (c *Client) transport(anywhere bool) http.RoundTripper {
	if c.Transport != nil {
		return c.Transport
	}
	dialer := &net.Dialer{Timeout: 10 * time.Second}
	t := &http.Transport{DisableCompression: true, DisableKeepAlives: true, TLSHandshakeTimeout: 10 * time.Second}
	if anywhere {
		t.Proxy = http.ProxyFromEnvironment
	} else {
		dialer.Control = publicOnly
	}
	t.DialContext = dialer.DialContext
	return t
}

// publicOnly looks at the address that a name resolved to, just before the
// connection is made, so that a name cannot mean one thing to a check and
// another to the connection.
func publicOnly(_, address string, _ syscall.RawConn) error {
	target, err := netip.ParseAddrPort(address)
	if err != nil {
		return ErrAddress
	}
	ip := target.Addr().Unmap().WithZone("")
	if !ip.IsGlobalUnicast() || ip.IsPrivate() || slices.ContainsFunc(elsewhere, func(p netip.Prefix) bool { return p.Contains(ip) }) {
		return fmt.Errorf("%w: not a public one", ErrAddress)
	}
	return nil
}

// elsewhere are global by their form and not public all the same: of this network,
// between providers and their customers, of test networks, reserved (RFC 6890); and
// IPv6 in which any address of IPv4 may stand (RFC 4291 §2.5.5.1, RFC 3056, RFC 4380,
// RFC 6052, RFC 8215), or which was once a site's own (RFC 3879).
var elsewhere = []netip.Prefix{
	netip.MustParsePrefix("0.0.0.0/8"), netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("192.0.0.0/24"),
	netip.MustParsePrefix("198.18.0.0/15"), netip.MustParsePrefix("240.0.0.0/4"), netip.MustParsePrefix("::/96"),
	netip.MustParsePrefix("2002::/16"), netip.MustParsePrefix("2001::/32"), netip.MustParsePrefix("64:ff9b::/96"),
	netip.MustParsePrefix("64:ff9b:1::/48"), netip.MustParsePrefix("fec0::/10"),
}
