//go:build unix

package host_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ledger"
	"cnie/internal/ledger/host"
	"cnie/internal/ledger/remote"
)

// authority issues certificates as cnie-ca's profile "counter" looks, for many desks
// at once; TestCertificatesOfTheAuthority has the real one.
type authority struct {
	testing.TB
	dir  string
	key  *ecdsa.PrivateKey
	root *x509.Certificate
	next int64
}

func newAuthority(t testing.TB) *authority {
	a := &authority{TB: t, dir: t.TempDir(), next: 1}
	a.key = newKey(t)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "SPECIMEN root"}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, a.key.Public(), a.key)
	require.NoError(t, err)
	a.root, err = x509.ParseCertificate(der)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(a.ca(), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return a
}

func newKey(t testing.TB) *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return key
}

func (a *authority) ca() string { return filepath.Join(a.dir, "ca.pem") }

// issue leaves NAME.pem and NAME.key.
func (a *authority) issue(name, unit string) (cert, key string) {
	a.Helper()
	a.next++
	own := newKey(a.TB)
	form := &x509.Certificate{
		SerialNumber: big.NewInt(a.next), Subject: pkix.Name{Organization: []string{"SPECIMEN"}, OrganizationalUnit: []string{unit}, CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageServerAuth}, DNSNames: []string{name}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, a.root, own.Public(), a.key)
	require.NoError(a, err)
	secret, err := x509.MarshalPKCS8PrivateKey(own)
	require.NoError(a, err)
	cert, key = filepath.Join(a.dir, name+".pem"), filepath.Join(a.dir, name+".key")
	require.NoError(a, os.WriteFile(cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	require.NoError(a, os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
	return cert, key
}

// desk is a client that is this desk.
func (a *authority) desk(url, name string) *remote.Client {
	a.Helper()
	cert, key := a.issue(name, "counter")
	c, err := remote.New(remote.Options{URL: url, CA: a.ca(), Cert: cert, Key: key})
	require.NoError(a, err)
	a.Cleanup(func() { _ = c.Close() })
	return c
}

// world is a host in this process.
type world struct {
	*authority
	dir, url string
	ledger   *ledger.Ledger
}

func newWorld(t testing.TB) *world {
	w := &world{authority: newAuthority(t), dir: t.TempDir()}
	var err error
	w.ledger, err = ledger.Open(t.Context(), ledger.Options{Dir: w.dir})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, w.ledger.Close()) })
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.url = "https://" + listener.Addr().String()
	w.serve(listener)
	return w
}

func (w *world) serve(listener net.Listener) {
	w.Helper()
	cert, key := w.issue("host.example", "counter")
	conf, err := host.Files{Certificate: cert, Key: key, Desks: w.ca()}.TLS()
	require.NoError(w, err)
	h, err := host.New(w.ledger, w.dir, slog.New(slog.DiscardHandler))
	require.NoError(w, err)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- h.Serve(ctx, listener, conf) }()
	w.Cleanup(func() {
		stop()
		assert.NoError(w, <-ended)
		assert.NoError(w, h.Close())
	})
}

func visit(desk, id string) ledger.Record {
	return ledger.Record{
		ID: id, Kind: ledger.Verification, Time: time.Now(), Desk: desk, Operator: "clerk-1", Purpose: "residence", Transaction: "t-" + id, Basis: "public-interest",
		Verdict: "accepted", Match: "match", Checks: []string{"access.pace=passed", "chip.active=passed", "issuer.path=passed", "integrity.dg1=passed"},
		Fields: []string{"surname", "given_names", "address"}, Answers: []string{"lives-in=yes"}, Keep: time.Now().AddDate(0, 1, 0), Pseudonym: "p-" + id,
	}
}
