package remote

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
)

// Options say where the host is, and who the desk is. The files are PEM; the desk's
// own are read anew for each connection, so that they may be renewed.
type Options struct {
	URL       string // https://…
	CA        string // file: who issued the host's certificate
	Cert, Key string // files: the desk's certificate, whose common name is its id
	LedgerKey string // the ledger's verifier key; with it every entry is proven before it counts as recorded
}

// Client adds entries to a ledger elsewhere. It is safe for concurrent use.
type Client struct {
	o    Options
	desk string
	http *http.Client
}

// Desk is the desk that the certificate speaks for; "" when it is no counter's.
func (c *Client) Desk() string { return c.desk }

// New makes a client; it does not connect yet.
func New(o Options) (*Client, error) {
	if !strings.HasPrefix(o.URL, "https://") {
		return nil, errors.New("a ledger host is named as https://…")
	}
	o.URL = strings.TrimSuffix(o.URL, "/")
	text, err := os.ReadFile(o.CA)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", o.CA)
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(o.Cert, o.Key)
		return &pair, err
	}
	own, err := load()
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{
		MinVersion: tls.VersionTLS13, RootCAs: roots,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() },
	}
	return &Client{o, host.DeskOf(own.Leaf), &http.Client{
		Transport:     &http.Transport{TLSClientConfig: conf, IdleConnTimeout: 4 * time.Minute, MaxIdleConnsPerHost: 2},
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}, nil
}

// Close lets go of connections.
func (c *Client) Close() error {
	c.http.CloseIdleConnections()
	return nil
}

// Status tells how the ledger stands. It is asked once.
func (c *Client) Status(ctx context.Context) (s ledger.State, err error) {
	err = c.call(ctx, http.MethodGet, host.StatusPath, nil, &s)
	if err == nil && c.o.LedgerKey != "" && s.Key != c.o.LedgerKey {
		err = errors.New("the host keeps another ledger than the one that is known by its key")
	}
	return s, err
}

func (c *Client) call(ctx context.Context, method, path string, body []byte, to any) error {
	ctx, cancel := context.WithTimeout(ctx, attempt)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, c.o.URL+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := c.http.Do(request)
	if err != nil {
		return err
	}
	text, err := io.ReadAll(io.LimitReader(response.Body, host.MaxAnswer))
	if err = errors.Join(err, response.Body.Close()); err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		var p host.Problem
		if json.Unmarshal(text, &p) != nil {
			p = host.Problem{Error: host.Trouble}
		}
		return p.Err()
	}
	if err := json.Unmarshal(text, to); err != nil {
		return fmt.Errorf("%w: its answer cannot be read", host.ErrTrouble)
	}
	return nil
}
