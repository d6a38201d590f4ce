package ca

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Door is where orders are handed in: at the process that serves the authority,
// or, when nobody does, at the same handlers in this process.
type Door struct {
	dir    string
	config *Config
	client *http.Client
	base   string
	close  func() error
}

// ErrUnreachable says that the authority is served, but not where this process
// looked for it.
var ErrUnreachable = errors.New("the authority is open elsewhere and does not answer")

// patience is how long Dial waits for another command to end.
const patience = 5 * time.Second

// Dial finds the authority of a folder. If another command has it open, Dial waits
// for a while; ErrServed says that it was in vain.
func Dial(ctx context.Context, dir string) (*Door, error) {
	for until := time.Now().Add(patience); ; {
		door, err := dialOnce(dir)
		if !errors.Is(err, ErrServed) || time.Now().After(until) {
			return door, err
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func dialOnce(dir string) (*Door, error) {
	ca, err := Open(dir)
	if errors.Is(err, ErrServed) {
		return dialServed(dir)
	}
	if err != nil {
		return nil, err
	}
	handler, err := ca.orderHandler()
	if err != nil {
		return nil, errors.Join(err, ca.Close())
	}
	return &Door{dir, ca.config, &http.Client{Transport: inside{ca, handler}}, "https://inside", ca.Close}, nil
}

func dialServed(dir string) (*Door, error) {
	c, err := loadConfig(dir)
	if err != nil {
		return nil, err
	}
	root, err := readCertificate(filepath.Join(dir, rootFile))
	if err != nil {
		return nil, err
	}
	at, err := os.ReadFile(filepath.Join(dir, addressFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, ErrServed // by a command that takes no orders, or not yet
	}
	if err != nil {
		return nil, err
	}
	conf := &tls.Config{MinVersion: tls.VersionTLS12, RootCAs: pool(root), ServerName: c.Hosts[0]}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: conf}, Timeout: 30 * time.Second}
	return &Door{dir, c, client, "https://" + string(at), func() error { client.CloseIdleConnections(); return nil }}, nil
}

// Close gives up the lock, or the connection.
func (d *Door) Close() error { return d.close() }

// post hands in a body and returns the answer to it.
func (d *Door) post(ctx context.Context, path, kind string, body []byte) (status int, answer []byte, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, d.base+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	request.Header.Set("Content-Type", kind)
	response, err := d.client.Do(request)
	if err != nil {
		return 0, nil, fmt.Errorf("%w: %w", ErrUnreachable, err)
	}
	answer, err = io.ReadAll(io.LimitReader(response.Body, maxOrder))
	return response.StatusCode, answer, errors.Join(err, response.Body.Close())
}

// inside is a transport to handlers of this process.
type inside struct {
	ca      *CA
	handler http.Handler
}

// RoundTrip implements http.RoundTripper.
func (t inside) RoundTrip(r *http.Request) (*http.Response, error) {
	answer := &recorded{header: http.Header{}, status: http.StatusOK}
	t.handler.ServeHTTP(answer, r.WithContext(t.ca.context(r.Context())))
	return &http.Response{
		StatusCode: answer.status, Status: http.StatusText(answer.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: answer.header, Body: io.NopCloser(strings.NewReader(answer.body.String())), Request: r,
	}, nil
}

// recorded keeps what a handler writes.
type recorded struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (r *recorded) Header() http.Header         { return r.header }
func (r *recorded) WriteHeader(status int)      { r.status = status }
func (r *recorded) Write(b []byte) (int, error) { return r.body.Write(b) }
