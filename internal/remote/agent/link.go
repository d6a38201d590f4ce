package agent

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"time"

	"cnie/internal/remote/gate"
	"cnie/internal/remote/order"
)

// wait is how long a request for orders may hang, patience how long any other.
const (
	wait     = 25 * time.Second
	patience = 30 * time.Second
)

// link is the way to the service: requests over mTLS, in the session of the moment.
type link struct {
	base   string
	client *http.Client

	mu      sync.Mutex
	session order.ID
	batch   int // the last that was received
}

// newLink uses the identity that there is when a connection is made.
func newLink(service string, roots *x509.CertPool, identity func() *Identity) *link {
	config := &tls.Config{
		RootCAs: roots, MinVersion: tls.VersionTLS12,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return &identity().Agent, nil },
	}
	return &link{base: strings.TrimSuffix(service, "/") + gate.Root, client: &http.Client{
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		Transport: &http.Transport{
			DialContext: (&net.Dialer{Timeout: 10 * time.Second}).DialContext, TLSHandshakeTimeout: 10 * time.Second,
			TLSClientConfig: config, IdleConnTimeout: 2 * time.Minute, ResponseHeaderTimeout: wait + patience,
		},
	}}
}

func (l *link) current() order.ID {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.session
}

// hello opens a session in the place of a former one.
func (l *link) hello(ctx context.Context, identity *Identity, hashes bool, former order.ID) (*gate.Welcome, error) {
	offer := gate.Offer{Hashes: hashes}
	for _, c := range identity.Holder {
		offer.Certificates = append(offer.Certificates, c.Raw)
	}
	body, err := json.Marshal(gate.Hello{Version: order.Version, Offers: []gate.Offer{offer}, Resume: former})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var text bytes.Buffer
	if err := l.do(ctx, http.MethodPost, "", body, http.StatusCreated, &text, gate.MaxHello); err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	w, err := gate.ParseWelcome(text.Bytes())
	if err != nil {
		return nil, fmt.Errorf("open a session: %w", err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.session, l.batch = w.Session, 0
	return w, nil
}

// orders waits for some, and may come back with none.
func (l *link) orders(ctx context.Context, lease time.Duration) ([]*order.Order, error) {
	hang := max(min(wait, lease/3).Truncate(time.Second), time.Second)
	ctx, cancel := context.WithTimeout(ctx, hang+patience)
	defer cancel()
	var text bytes.Buffer
	path := fmt.Sprintf("/%s/orders?wait=%d&seen=%d", l.current(), int(hang.Seconds()), l.batch)
	if err := l.do(ctx, http.MethodGet, path, nil, http.StatusOK, &text, gate.MaxBatch*order.MaxOrder); err != nil {
		return nil, fmt.Errorf("wait for orders: %w", err)
	}
	orders, batch, err := gate.ParseOrders(text.Bytes())
	l.batch = batch // one request at a time: nobody else looks
	return orders, err
}

// document copies the n-th document of an order.
func (l *link) document(ctx context.Context, id order.ID, n int, w io.Writer) error {
	path := fmt.Sprintf("/%s/orders/%s/documents/%d", l.current(), id, n)
	return l.do(ctx, http.MethodGet, path, nil, http.StatusOK, w, maxDocument)
}

// waits asks whether the service still waits for the answer to an order: ErrAnswered or
// ErrUnknown when it does not.
func (l *link) waits(ctx context.Context, id order.ID) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	return l.do(ctx, http.MethodGet, fmt.Sprintf("/%s/orders/%s", l.current(), id), nil, http.StatusNoContent, io.Discard, 0)
}

// answer hands one in. That the service has one already, or does not want it any
// more, is as good.
func (l *link) answer(ctx context.Context, a *order.Answer) error {
	body, err := a.Encode()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*patience)
	defer cancel()
	err = l.do(ctx, http.MethodPost, fmt.Sprintf("/%s/answers", l.current()), body, http.StatusNoContent, io.Discard, 0)
	if errors.Is(err, gate.ErrAnswered) || errors.Is(err, gate.ErrUnknown) {
		return nil
	}
	return err
}

// leave ends the session, if there is time for that.
func (l *link) leave() {
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if id := l.current(); id != "" {
		_ = l.do(ctx, http.MethodDelete, "/"+string(id), nil, http.StatusNoContent, io.Discard, 0) // or it runs out
	}
}

func (l *link) do(ctx context.Context, method, path string, body []byte, wanted int, to io.Writer, most int64) error {
	request, err := http.NewRequestWithContext(ctx, method, l.base+path, bytes.NewReader(body))
	if err != nil {
		return err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := l.client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != wanted {
		text, _ := io.ReadAll(io.LimitReader(response.Body, 1<<12)) // a problem cut short is one all the same
		var p gate.Problem
		if json.Unmarshal(text, &p) != nil {
			p = gate.Problem{Error: gate.Trouble}
		}
		return p.Err()
	}
	_, err = io.Copy(to, io.LimitReader(response.Body, most+1))
	return err
}
