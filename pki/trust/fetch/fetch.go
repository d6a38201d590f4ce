// Package fetch reads one file from an HTTPS address that the operator named.
//
// It stands apart from pki/trust so that whoever judges cards links no network.
// What it brings is not believed for having come over TLS: lists are believed
// for their signatures. TLS keeps others from learning what a counter asks for
// and from holding back a newer list.
package fetch

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

var (
	// ErrInsecure reports an address, or one that it was redirected to, that is
	// not HTTPS.
	ErrInsecure = errors.New("not an https address")
	// ErrTooLarge reports an answer beyond the limit.
	ErrTooLarge = errors.New("answer too large")
	// ErrStatus reports an answer that is not the file.
	ErrStatus = errors.New("the server did not send the file")
)

// Bounds on one request.
const (
	Timeout      = 60 * time.Second
	maxRedirects = 5
)

// Options changes how a file is fetched. The zero value trusts the system's
// authorities for TLS.
type Options struct {
	Limit    int64          // bytes
	CA       *x509.CertPool // nil: the system's
	Timeout  time.Duration  // of the whole request; 0: Timeout
	Progress func(done, total int64)
}

// Get reads the file at an address. Nothing is sent but the request itself.
func Get(ctx context.Context, address string, o Options) ([]byte, error) {
	target, err := url.Parse(address)
	if err != nil || target.Scheme != "https" || target.Host == "" || target.User != nil {
		return nil, ErrInsecure
	}
	if o.Timeout == 0 {
		o.Timeout = Timeout
	}
	ctx, cancel := context.WithTimeout(ctx, o.Timeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target.String(), nil)
	if err != nil {
		return nil, ErrInsecure
	}
	client := client(o.CA)
	defer client.CloseIdleConnections()
	response, err := client.Do(request)
	if err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	defer response.Body.Close()
	switch {
	case response.StatusCode != http.StatusOK:
		return nil, fmt.Errorf("%w: %s", ErrStatus, response.Status)
	case response.ContentLength > o.Limit:
		return nil, ErrTooLarge
	}
	return read(response, o)
}

func client(ca *x509.CertPool) *http.Client {
	return &http.Client{
		Transport: &http.Transport{
			Proxy:               http.ProxyFromEnvironment,
			TLSClientConfig:     &tls.Config{RootCAs: ca, MinVersion: tls.VersionTLS12},
			TLSHandshakeTimeout: 15 * time.Second,
			DisableCompression:  true, // a small answer must not unpack to a large one
			ForceAttemptHTTP2:   true,
		},
		CheckRedirect: func(next *http.Request, via []*http.Request) error {
			if next.URL.Scheme != "https" {
				return ErrInsecure
			}
			if len(via) > maxRedirects {
				return fmt.Errorf("%w: more than %d redirects", ErrStatus, maxRedirects)
			}
			return nil
		},
	}
}

func read(response *http.Response, o Options) ([]byte, error) {
	body := &counter{Reader: io.LimitReader(response.Body, o.Limit+1), total: response.ContentLength, tell: o.Progress}
	var content bytes.Buffer
	// As much as may come, once: the system gives pages only as they are filled,
	// and an endless answer costs no more than the limit.
	content.Grow(int(o.Limit) + 1 + bytes.MinRead)
	if _, err := content.ReadFrom(body); err != nil {
		return nil, fmt.Errorf("fetch: %w", err)
	}
	if int64(content.Len()) > o.Limit {
		return nil, ErrTooLarge
	}
	return bytes.Clone(content.Bytes()), nil
}

// counter tells how far reading has come.
type counter struct {
	io.Reader
	done, total int64
	tell        func(done, total int64)
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.Reader.Read(p)
	c.done += int64(n)
	if c.tell != nil {
		c.tell(c.done, c.total)
	}
	return n, err
}
