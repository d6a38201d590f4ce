package client

import (
	"context"
	"crypto/subtle"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"
)

// door is where the browser comes back to: a port of this machine that is open for
// one answer (RFC 8252 §7.3).
type door struct {
	url      string
	server   *http.Server
	arrivals chan url.Values
}

const doorPath = "/authorized"

// open listens on the loopback and nowhere else.
func open(at string) (*door, error) {
	if at == "" {
		at = "127.0.0.1:0"
	}
	host, _, err := net.SplitHostPort(at)
	if ip := net.ParseIP(host); err != nil || ip == nil || !ip.IsLoopback() {
		return nil, fmt.Errorf("wait for the browser at %s: only an address of the loopback can be used", at)
	}
	listener, err := net.Listen("tcp", at)
	if err != nil {
		return nil, fmt.Errorf("wait for the browser: %w", err)
	}
	d := &door{url: "http://" + listener.Addr().String() + doorPath, arrivals: make(chan url.Values, 1)}
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+doorPath, d.arrive)
	d.server = &http.Server{Handler: mux, ReadTimeout: 10 * time.Second, WriteTimeout: 10 * time.Second, MaxHeaderBytes: 1 << 14}
	go func() { _ = d.server.Serve(listener) }() // it ends with close
	return d, nil
}

func (d *door) arrive(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	select {
	case d.arrivals <- r.URL.Query():
		_, _ = fmt.Fprintln(w, "You can close this window and go back to the program.")
	default: // the first one is being looked at
		http.Error(w, "This window is not needed any more.", http.StatusGone)
	}
}

// wait waits for the answer to this request; what belongs to another is an error,
// since somebody may have planted it.
func (d *door) wait(ctx context.Context, state string) (code string, err error) {
	select {
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
