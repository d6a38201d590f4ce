package host

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"time"
)

// Files are PEM files: the host's certificate and key, read anew for each
// connection so that they may be renewed, and whose word counts for desks.
type Files struct{ Certificate, Key, Desks string }

// TLS asks desks for a certificate; readers of the log need none.
func (f Files) TLS() (*tls.Config, error) {
	text, err := os.ReadFile(f.Desks)
	if err != nil {
		return nil, err
	}
	desks := x509.NewCertPool()
	if !desks.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("%s has no certificate in PEM", f.Desks)
	}
	load := func() (*tls.Certificate, error) {
		pair, err := tls.LoadX509KeyPair(f.Certificate, f.Key)
		return &pair, err
	}
	if _, err := load(); err != nil {
		return nil, err
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS13, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: desks,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return load() },
	}, nil
}

// Serve serves until the context ends, then lets what is under way finish. Desks keep
// their connection between citizens, for as long as a transaction may be apart.
func (h *Host) Serve(ctx context.Context, listener net.Listener, conf *tls.Config) error {
	server := &http.Server{
		Handler: h.Handler(), TLSConfig: conf, Protocols: new(http.Protocols), MaxHeaderBytes: 16 << 10,
		ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: time.Minute, IdleTimeout: 5 * time.Minute,
		ErrorLog: slog.NewLogLogger(h.log.Handler(), slog.LevelDebug),
	}
	server.Protocols.SetHTTP1(true) // a desk has one entry on its way at a time
	closed := make(chan error, 1)
	stop := context.AfterFunc(ctx, func() {
		graceful, cancel := context.WithTimeout(context.WithoutCancel(ctx), addWithin)
		defer cancel()
		closed <- server.Shutdown(graceful)
	})
	err := server.ServeTLS(listener, "", "")
	if stop() { // it ended by itself
		return err
	}
	if errors.Is(err, http.ErrServerClosed) {
		err = nil
	}
	return errors.Join(err, <-closed)
}
