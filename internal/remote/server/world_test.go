//go:build unix

package server

import (
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"cnie/internal/remote/oauth"
	"cnie/internal/remote/order"
)

// authority issues what cnie-ca would: cards' certificates, and those of agents
// beside them.
type authority struct {
	t    testing.TB
	key  *ecdsa.PrivateKey
	root *x509.Certificate
	next int64
}

func newAuthority(t testing.TB) *authority {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "SPECIMEN ROOT"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	require.NoError(t, err)
	root, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &authority{t: t, key: key, root: root, next: 1}
}

func (a *authority) pem() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.root.Raw})
}

func (a *authority) issue(subject pkix.Name, key crypto.PublicKey, usage x509.KeyUsage, extended ...x509.ExtKeyUsage) *x509.Certificate {
	a.t.Helper()
	a.next++
	form := &x509.Certificate{
		SerialNumber: big.NewInt(a.next), Subject: subject, NotBefore: time.Now().Add(-time.Minute), NotAfter: time.Now().Add(time.Hour),
		KeyUsage: usage, ExtKeyUsage: extended, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, a.root, key, a.key)
	require.NoError(a.t, err)
	c, err := x509.ParseCertificate(der)
	require.NoError(a.t, err)
	return c
}

// holder is somebody with a card: a key to sign with, and a certificate for the agent.
type holder struct {
	key   crypto.Signer
	leaf  *x509.Certificate
	agent tls.Certificate
	id    order.Credential
}

func (a *authority) holder(name, serial string, key crypto.Signer) *holder {
	a.t.Helper()
	leaf := a.issue(pkix.Name{Organization: []string{"SPECIMEN"}, CommonName: name}, key.Public(), x509.KeyUsageContentCommitment)
	return &holder{key, leaf, a.agentCertificate(name, serial, "agent"), order.CredentialOf(leaf)}
}

func (a *authority) agentCertificate(name, serial, unit string) tls.Certificate {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	c := a.issue(pkix.Name{Organization: []string{"SPECIMEN"}, OrganizationalUnit: []string{unit}, CommonName: name, SerialNumber: serial}, key.Public(), x509.KeyUsageDigitalSignature, x509.ExtKeyUsageClientAuth)
	return tls.Certificate{Certificate: [][]byte{c.Raw}, PrivateKey: key, Leaf: c}
}

func (a *authority) ecHolder(name, serial string) *holder {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(a.t, err)
	return a.holder(name, serial, key)
}

func (a *authority) rsaHolder(name, serial string) *holder {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	require.NoError(a.t, err)
	return a.holder(name, serial, key)
}

// world is a service of one replica, as Create has set it up, with two programs.
type world struct {
	t         testing.TB
	authority *authority
	server    *Server
	clock     *clock
	secret    string
	programs  *httptest.Server
	agents    *httptest.Server
}

// clock can be put forward.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

func (c *clock) set(ahead time.Duration) { c.ahead.Store(int64(ahead)) }

const stranger, strangerSecret = "stranger", "another secret"

// settings of a world, over those of the sample.
func settings(c *Config) {
	c.Hashes = true
	c.Clients[0].Hashes = true
	c.Limits.Sign, c.Limits.Consent = 20, 20
	c.Clients = append(c.Clients,
		oauth.Client{ID: stranger, Name: "Stranger", Secret: oauth.HashSecret(strangerSecret), Hashes: true},
		oauth.Client{ID: "public", Name: "Public", Redirects: []string{"http://127.0.0.1:1/back?x=1"}, Hashes: true})
}

func newWorld(t testing.TB, change ...func(*Config)) *world {
	t.Helper()
	w := &world{t: t, authority: newAuthority(t), clock: &clock{}}
	dir := filepath.Join(t.TempDir(), "service")
	require.NoError(t, Create(dir, w.authority.pem()))
	secret, err := os.ReadFile(filepath.Join(dir, SecretName))
	require.NoError(t, err)
	w.secret = strings.TrimSpace(string(secret))
	config, err := Load(filepath.Join(dir, ConfigName))
	require.NoError(t, err)
	for _, f := range append([]func(*Config){settings}, change...) {
		f(config)
	}
	w.server, err = Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	w.server.now = w.clock.now
	w.programs = httptest.NewUnstartedServer(w.server.Programs())
	w.programs.TLS = w.server.programsTLS()
	w.programs.StartTLS()
	w.agents = httptest.NewUnstartedServer(w.server.AgentsHandler())
	w.agents.TLS = w.server.agentsTLS()
	w.agents.StartTLS()
	sweeping, stop := context.WithCancel(context.Background())
	swept := make(chan struct{})
	go func() { w.server.sweep(sweeping); close(swept) }()
	t.Cleanup(func() {
		close(w.server.stopping)
		w.programs.Close()
		w.agents.Close()
		stop()
		<-swept
		require.NoError(t, w.server.Close())
	})
	return w
}

// client speaks to the service and believes its certificate.
func (w *world) client(own ...tls.Certificate) *http.Client {
	pool := x509.NewCertPool()
	pool.AddCert(w.server.files.certificate.Leaf)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, Certificates: own, ServerName: "localhost"}, MaxIdleConnsPerHost: 64}
	w.t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
