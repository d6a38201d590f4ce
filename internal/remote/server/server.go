package server

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"cnie/internal/remote/activation"
	"cnie/internal/remote/courier"
	"cnie/internal/remote/oauth"
	"cnie/internal/remote/store"
)

// Server is one replica of the service.
type Server struct {
	config  *Config
	files   *files
	log     *slog.Logger
	now     func() time.Time
	store   *store.Store
	courier *courier.Courier
	tokens  *activation.Signer
	access  *oauth.Issuer
	chains  chains
	// stopping is closed when the server is to end: whoever waits goes home.
	stopping chan struct{}
}

// Addresses are where a server listens.
type Addresses struct{ Programs, Agents string }

// StateError says that the database cannot be had.
type StateError struct{ cause error }

// Error implements error. Addresses of databases have passwords in them: drivers
// leave those out.
func (e *StateError) Error() string { return "open the database: " + e.cause.Error() }

// Unwrap gives the cause.
func (e *StateError) Unwrap() error { return e.cause }

// Open reads the files that a configuration names, opens the state and finds the
// broker. Errors: *ConfigError for a file's content; those of the file system;
// *StateError for the database; courier.ErrUnreachable.
func Open(ctx context.Context, c *Config, log *slog.Logger) (*Server, error) {
	f, err := c.read()
	if err != nil {
		return nil, err
	}
	s := &Server{config: c, files: f, log: log, now: time.Now, stopping: make(chan struct{})}
	if s.tokens, err = activation.NewSigner(f.tokenKey); err != nil {
		return nil, &ConfigError{File: c.path(c.TokenKey), Reason: err.Error()}
	}
	if s.access, err = oauth.NewIssuer(c.URL, f.tokenKey, time.Duration(c.Limits.Access)*time.Second); err != nil {
		return nil, err
	}
	if s.store, err = store.Open(ctx, c.source()); err != nil {
		return nil, &StateError{err}
	}
	broker := courier.Options{URL: c.Broker.URL, Keep: max(c.consentLife(), c.signLife())}
	if c.Broker.Credentials != "" {
		broker.Credentials = c.path(c.Broker.Credentials)
	}
	if s.courier, err = courier.Open(ctx, broker); err != nil {
		return nil, errors.Join(err, s.store.Close())
	}
	return s, nil
}

// Close gives up the state and the broker.
func (s *Server) Close() error { return errors.Join(s.courier.Close(), s.store.Close()) }

// Serve serves until the context ends, then lets what is under way finish. Where it
// listens it tells ready. An address in use is a *net.OpError.
func (s *Server) Serve(ctx context.Context, ready func(Addresses) error) error {
	programs, err := net.Listen("tcp", s.config.Listen)
	if err != nil {
		return err
	}
	agents, err := net.Listen("tcp", s.config.Agents)
	if err != nil {
		return errors.Join(err, programs.Close())
	}
	if err := ready(Addresses{programs.Addr().String(), agents.Addr().String()}); err != nil {
		return errors.Join(err, programs.Close(), agents.Close())
	}
	sweeping, stop := context.WithCancel(context.Background())
	var swept sync.WaitGroup
	swept.Go(func() { s.sweep(sweeping) })
	defer swept.Wait()
	defer stop()
	a, b := s.httpServer(s.Programs(), s.programsTLS()), s.httpServer(s.AgentsHandler(), s.agentsTLS())
	failed := make(chan error, 2)
	go func() { failed <- a.ServeTLS(programs, "", "") }()
	go func() { failed <- b.ServeTLS(agents, "", "") }()
	select {
	case <-ctx.Done():
	case err = <-failed:
	}
	return errors.Join(err, s.stop(a, b))
}

// stop sends everybody home who waits for somebody else, and gives those who are at
// work ten seconds.
func (s *Server) stop(servers ...*http.Server) error {
	close(s.stopping)
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var all error
	for _, server := range servers {
		if err := server.Shutdown(patience); err != nil && !errors.Is(err, context.DeadlineExceeded) {
			all = errors.Join(all, err)
		}
	}
	return all
}

func (s *Server) httpServer(handler http.Handler, conf *tls.Config) *http.Server {
	return &http.Server{
		Handler: handler, TLSConfig: conf, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 2 * time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 1 << 17, ErrorLog: slog.NewLogLogger(s.log.Handler(), slog.LevelDebug),
	}
}

func (s *Server) programsTLS() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{s.files.certificate}}
}

// agentsTLS lets in who has a certificate of the agents' authority; what for, the
// handlers see.
func (s *Server) agentsTLS() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{s.files.certificate},
		ClientAuth: tls.RequireAndVerifyClientCert, ClientCAs: s.files.agents,
	}
}
