package ca

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/go-chi/chi/v5"
	"github.com/smallstep/certificates/acme"
	acmeapi "github.com/smallstep/certificates/acme/api"
	acmedb "github.com/smallstep/certificates/acme/db/nosql"
	"github.com/smallstep/certificates/api"
	"github.com/smallstep/certificates/db"
)

// Paths under which things are published.
const (
	crlPath    = "/crl"
	ocspPath   = "/ocsp"
	stampPath  = "/tsa"
	issuerPath = "/issuer.crt"
	// Of the root, about the authority.
	rootPath     = "/root.crt"
	rootListPath = "/root.crl"
)

// maxOrder bounds what anybody may send to the HTTPS server.
const maxOrder = 1 << 16

// Addresses are where a server listens.
type Addresses struct{ Orders, Published string }

// Serve serves the authority until the context ends, then lets requests under
// way finish. Where it listens it tells ready. Non-empty addresses replace those
// of the configuration; an address in use is a *net.OpError.
func (ca *CA) Serve(ctx context.Context, at Addresses, ready func(Addresses) error) error {
	if at.Orders == "" {
		at.Orders = ca.config.Listen
	}
	if at.Published == "" {
		at.Published = ca.config.Publish
	}
	orders, err := net.Listen("tcp", at.Orders)
	if err != nil {
		return err
	}
	published, err := net.Listen("tcp", at.Published)
	if err != nil {
		return errors.Join(err, orders.Close())
	}
	handler, err := ca.orderHandler()
	if err != nil {
		return errors.Join(err, orders.Close(), published.Close())
	}
	at = Addresses{orders.Addr().String(), published.Addr().String()}
	if err := errors.Join(ca.announce(at), ready(at)); err != nil {
		return errors.Join(err, orders.Close(), published.Close())
	}
	defer func() { _ = os.Remove(filepath.Join(ca.dir, addressFile)) }() // Dial does without
	return serveBoth(ctx,
		func(s *http.Server) error { return s.ServeTLS(orders, "", "") }, ca.httpServer(handler, ca.tls()),
		func(s *http.Server) error { return s.Serve(published) }, ca.httpServer(ca.publishedHandler(), nil))
}

// announce leaves the address where Dial finds it.
func (ca *CA) announce(at Addresses) error {
	return os.WriteFile(filepath.Join(ca.dir, addressFile), []byte(at.Orders), 0o600)
}

func (ca *CA) httpServer(handler http.Handler, conf *tls.Config) *http.Server {
	return &http.Server{
		Handler: handler, TLSConfig: conf, ReadTimeout: 15 * time.Second, WriteTimeout: 30 * time.Second, IdleTimeout: 60 * time.Second,
		MaxHeaderBytes: maxOrder, BaseContext: func(net.Listener) context.Context { return ca.context(context.Background()) },
	}
}

// serveBoth runs two servers until the context ends or one of them fails.
func serveBoth(ctx context.Context, runA func(*http.Server) error, a *http.Server, runB func(*http.Server) error, b *http.Server) error {
	failed := make(chan error, 2)
	go func() { failed <- runA(a) }()
	go func() { failed <- runB(b) }()
	var cause error
	select {
	case <-ctx.Done():
	case cause = <-failed:
	}
	patience, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	return errors.Join(cause, a.Shutdown(patience), b.Shutdown(patience))
}

// tls asks clients for a certificate of this authority, with which they may renew
// it, and goes on without.
func (ca *CA) tls() *tls.Config {
	return &tls.Config{
		MinVersion: tls.VersionTLS12, ClientAuth: tls.VerifyClientCertIfGiven, ClientCAs: pool(ca.root, ca.issuing.certificate),
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return ca.server.get() },
	}
}

// orderHandler is the part of smallstep's interface that serves X.509: nothing for
// SSH, no SCEP, no administration.
func (ca *CA) orderHandler() (http.Handler, error) {
	mux := chi.NewRouter()
	for _, prefix := range []string{"", "/1.0"} {
		mux.Get(prefix+"/health", api.Health)
		mux.Get(prefix+"/version", api.Version)
		mux.Get(prefix+"/root/{sha}", api.Root)
		mux.Get(prefix+"/roots", api.Roots)
		mux.Get(prefix+"/roots.pem", api.RootsPEM)
		mux.Get(prefix+"/intermediates.pem", api.IntermediatesPEM)
		mux.Get(prefix+"/provisioners", api.Provisioners)
		mux.Get(prefix+"/crl", api.CRL)
		mux.Post(prefix+"/sign", api.Sign)
		mux.Post(prefix+"/renew", api.Renew)
		mux.Post(prefix+"/rekey", api.Rekey)
		mux.Post(prefix+"/revoke", api.Revoke)
	}
	mux.Post(ocspPath, ca.serveOCSP)
	if len(ca.config.ACMEHosts) > 0 {
		store, err := acmedb.New(ca.records.DB)
		if err != nil {
			return nil, fmt.Errorf("open the accounts of ACME: %w", err)
		}
		linker := acme.NewLinker(ca.config.Hosts[0], "acme")
		mux.With(func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				ctx := acme.NewContext(db.NewContext(r.Context(), ca.records.DB), store, acme.NewClient(), linker, nil)
				next.ServeHTTP(w, r.WithContext(ctx))
			})
		}).Route("/acme", func(r chi.Router) { acmeapi.Route(r) })
	}
	return http.MaxBytesHandler(ca.unlessRevoked(mux), maxOrder), nil
}

// publishedHandler serves what is signed itself and has to be had without TLS.
func (ca *CA) publishedHandler() http.Handler {
	mux := chi.NewRouter()
	mux.Get("/health", api.Health)
	mux.Get(crlPath, api.CRL)
	mux.Post(ocspPath, ca.serveOCSP)
	mux.Get(ocspPath+"/*", ca.serveOCSP)
	mux.Get(issuerPath, serveCertificate(ca.issuing.certificate))
	mux.Get(rootPath, serveCertificate(ca.root))
	mux.Get(rootListPath, ca.serveRootList)
	if ca.stamp != nil {
		mux.HandleFunc(stampPath, ca.serveStamp)
	}
	return http.MaxBytesHandler(mux, maxQuestion)
}

func serveCertificate(c *x509.Certificate) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/pkix-cert") // RFC 5280 §4.2.2.1: DER
		_, _ = w.Write(c.Raw)                                   // nobody is left to tell
	}
}
