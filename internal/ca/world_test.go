package ca_test

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
)

// world is an authority in a folder, and programs that judge it.
type world struct {
	t   *testing.T
	dir string
	at  ca.Addresses
}

// founded makes an authority that is reached on free ports.
func founded(t *testing.T, change func(*ca.Config)) *world {
	t.Helper()
	c := ca.Default()
	c.Listen, c.Publish = free(t), free(t)
	if change != nil {
		change(&c)
	}
	w := &world{t: t, dir: filepath.Join(t.TempDir(), "ca")}
	require.NoError(t, ca.Create(w.dir, c))
	return w
}

// free is a port that nobody had a moment ago: certificates name one before
// anybody listens on it.
func free(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// serve serves the authority until the test ends.
func (w *world) serve() *world {
	w.t.Helper()
	authority, err := ca.Open(w.dir)
	require.NoError(w.t, err)
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan ca.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- authority.Serve(ctx, ca.Addresses{}, func(at ca.Addresses) error { ready <- at; return nil })
	}()
	w.t.Cleanup(func() {
		stop()
		assert.NoError(w.t, <-ended)
		assert.NoError(w.t, authority.Close())
	})
	select {
	case w.at = <-ready:
	case err := <-ended:
		require.NoError(w.t, err)
	}
	return w
}

// order issues a certificate for a key.
func (w *world) order(p ca.Profile, key crypto.Signer, name string, hosts ...string) []*x509.Certificate {
	w.t.Helper()
	chain, err := w.try(p, request(w.t, key, name, hosts...))
	require.NoError(w.t, err)
	return chain
}

func (w *world) try(p ca.Profile, r *x509.CertificateRequest) ([]*x509.Certificate, error) {
	door, err := ca.Dial(context.Background(), w.dir)
	if err != nil {
		return nil, err
	}
	defer func() { assert.NoError(w.t, door.Close()) }()
	return door.Issue(context.Background(), p, r)
}

func (w *world) revoke(c *x509.Certificate, reason ca.Reason) (already bool) {
	w.t.Helper()
	door, err := ca.Dial(context.Background(), w.dir)
	require.NoError(w.t, err)
	at, already, err := door.Revoke(context.Background(), c.SerialNumber, reason)
	require.NoError(w.t, err)
	require.WithinDuration(w.t, time.Now(), at, time.Minute)
	require.NoError(w.t, door.Close())
	return already
}

func newKey(t *testing.T) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func request(t *testing.T, key crypto.Signer, name string, hosts ...string) *x509.CertificateRequest {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, DNSNames: hosts}, key)
	require.NoError(t, err)
	parsed, err := ca.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	require.NoError(t, err)
	return parsed
}

// file is a file of the authority.
func (w *world) file(name string) string { return filepath.Join(w.dir, name) }

// leave writes a certificate or a list in PEM, for openssl.
func (w *world) leave(kind string, der []byte) string {
	w.t.Helper()
	file, err := os.CreateTemp(w.t.TempDir(), "")
	require.NoError(w.t, err)
	require.NoError(w.t, pem.Encode(file, &pem.Block{Type: kind, Bytes: der}))
	require.NoError(w.t, file.Close())
	return file.Name()
}

// fetch gets what is published.
func (w *world) fetch(path string) []byte {
	w.t.Helper()
	response, err := http.Get("http://" + w.at.Published + path)
	require.NoError(w.t, err)
	require.Equal(w.t, http.StatusOK, response.StatusCode)
	body, err := io.ReadAll(response.Body)
	require.NoError(w.t, err)
	require.NoError(w.t, response.Body.Close())
	return body
}

// secure is a client that trusts the root, with a certificate or none.
func (w *world) secure(identity ...tls.Certificate) *http.Client {
	w.t.Helper()
	text, err := os.ReadFile(w.file("root.crt"))
	require.NoError(w.t, err)
	roots := x509.NewCertPool()
	require.True(w.t, roots.AppendCertsFromPEM(text))
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, Certificates: identity, ServerName: "localhost", MinVersion: tls.VersionTLS12}}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// openssl is the judge. It fails by its exit code; what it says goes into the test.
func openssl(args ...string) (string, error) {
	var said bytes.Buffer
	command := exec.Command("openssl", args...)
	command.Stdout, command.Stderr = &said, &said
	err := command.Run()
	return said.String(), err
}

func judged(t *testing.T, args ...string) string {
	t.Helper()
	said, err := openssl(args...)
	require.NoError(t, err, said)
	return said
}
