package client

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// door is where the browser comes back to: a port of this machine that is open for
// one answer (RFC 8252 §7.3).
type door struct {
	url      string
	path     string
	server   *http.Server
	arrivals chan url.Values
}

const anyDoor = "http://127.0.0.1/authorized"

// ErrRedirect says that a browser cannot be waited for at an address.
var ErrRedirect = errors.New("a browser comes back to http://127.0.0.1:PORT/… and to no other machine")

// open listens on the loopback and nowhere else. Without a port it takes any.
func open(at string) (*door, error) {
	if at == "" {
		at = anyDoor
	}
	u, err := url.Parse(at)
	if err != nil || u.Scheme != "http" || u.User != nil || u.RawQuery != "" || u.Fragment != "" {
		return nil, ErrRedirect
	}
	if ip := net.ParseIP(u.Hostname()); ip == nil || !ip.IsLoopback() {
		return nil, ErrRedirect
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(u.Hostname(), u.Port()))
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	if u.Port() == "" {
		u.Host = listener.Addr().String()
	}
	d := &door{url: u.String(), path: cmp.Or(u.Path, "/"), arrivals: make(chan url.Values, 1)}
	d.server = &http.Server{Handler: http.HandlerFunc(d.arrive), ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 14}
	go func() { _ = d.server.Serve(listener) }() // it ends with close
	return d, nil
}

func (d *door) arrive(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet || r.URL.Path != d.path {
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	select {
	case d.arrivals <- r.URL.Query():
		_, _ = fmt.Fprintln(w, "You can close this window and go back to the program.")
	default: // the first one is being looked at
		http.Error(w, "This window is not needed any more.", http.StatusGone)
	}
}

// copied takes the address that a browser elsewhere was sent to, and could not open
// there. One that is none is an error: the code in it is good for once.
func (d *door) copied(ctx context.Context, ask func(context.Context) (string, error)) error {
	text, err := ask(ctx)
	if err != nil {
		return err
	}
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil || !strings.HasPrefix(strings.TrimSpace(text), d.url+"?") {
		return ErrRedirect
	}
	select {
	case d.arrivals <- u.Query():
	default: // the browser itself was faster
	}
	return nil
}

// wait waits for the answer to this request; what belongs to another is an error,
// since somebody may have planted it.
func (d *door) wait(ctx context.Context, state string, failed <-chan error) (code string, err error) {
	select {
	case err := <-failed:
		return "", err
	case <-ctx.Done():
		return "", fmt.Errorf("wait for the browser: %w", context.Cause(ctx))
	case came := <-d.arrivals:
		if subtle.ConstantTimeCompare([]byte(came.Get("state")), []byte(state)) != 1 {
			return "", ErrState
		}
		if refused := came.Get("error"); refused != "" || came.Get("code") == "" {
			return "", &Error{Method: "oauth2/authorize", Status: http.StatusFound, Code: plain(refused), Words: plain(came.Get("error_description"))}
		}
		return came.Get("code"), nil
	}
}

// close lets the browser have its last page.
func (d *door) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = d.server.Shutdown(ctx) // what is left ends with the program
}
