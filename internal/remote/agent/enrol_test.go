package agent

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/ca"
	"cnie/internal/secret"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// founded is a real authority that serves until the test ends.
func founded(t *testing.T) (dir string, a *Authority) {
	t.Helper()
	c := ca.Default()
	c.Listen, c.Publish = free(t), free(t)
	dir = filepath.Join(t.TempDir(), "ca")
	require.NoError(t, ca.Create(dir, c))
	authority, err := ca.Open(dir)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(context.Background())
	ready, ended := make(chan ca.Addresses, 1), make(chan error, 1)
	go func() {
		ended <- authority.Serve(ctx, ca.Addresses{}, func(at ca.Addresses) error { ready <- at; return nil })
	}()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
		assert.NoError(t, authority.Close())
	})
	at := <-ready
	text, err := os.ReadFile(filepath.Join(dir, "root.crt"))
	require.NoError(t, err)
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	_, port, err := net.SplitHostPort(at.Orders)
	require.NoError(t, err)
	return dir, &Authority{URL: "https://localhost:" + port, Roots: roots}
}

func free(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// issue has the authority certify a card's keys.
func issue(t *testing.T, dir, name string, algorithm piv.Algorithm) (*piv.Contents, *x509.Certificate) {
	t.Helper()
	contents, err := piv.Specimen(name, map[piv.Slot]piv.Algorithm{piv.Authentication: algorithm, piv.Signature: piv.P256})
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), dir)
	require.NoError(t, err)
	defer func() { require.NoError(t, door.Close()) }()
	var authentication *x509.Certificate
	for slot, profile := range map[piv.Slot]ca.Profile{piv.Authentication: ca.Auth, piv.Signature: ca.Sign} {
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, contents.Keys[slot].Private)
		require.NoError(t, err)
		request, err := ca.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
		require.NoError(t, err)
		chain, err := door.Issue(t.Context(), profile, request)
		require.NoError(t, err)
		contents.SetCertificate(slot, chain[0].Raw)
		if slot == piv.Authentication {
			authentication = chain[0]
		}
	}
	return contents, authentication
}

// keysOf opens a card with these contents, and gives the keys of 9A and 9C.
func keysOf(t *testing.T, contents *piv.Contents) (authentication, signing *esign.Key) {
	t.Helper()
	system := simulator.NewSystem("Simulated", simulator.New(&persona.Card{BAC: true}, simulator.WithApplet(piv.New(contents))))
	tokens, err := Readers{System: system}.Open(t.Context(), esign.Options{Ask: func(context.Context, esign.Ask) (secret.Bytes, error) {
		return secret.New([]byte("123456")), nil
	}})
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tokens.Close()) })
	keys, err := tokens.Keys(t.Context())
	require.NoError(t, err)
	for _, key := range keys {
		switch key.Description().Slot {
		case "9A":
			authentication = key
		case "9C":
			signing = key
		}
	}
	return authentication, signing
}

// A card orders its agent's certificate from a real authority, by each kind of key;
// the agent renews it with the key that it has, and a card that was revoked does
// neither.
func TestEnrol(t *testing.T) {
	dir, authority := founded(t)
	for name, algorithm := range map[string]piv.Algorithm{"P-256": piv.P256, "P-384": piv.P384, "RSA-2048": piv.RSA2048} {
		t.Run(name, func(t *testing.T) {
			contents, card := issue(t, dir, "SPECIMEN AMINA", algorithm)
			authentication, signing := keysOf(t, contents)
			folder := t.TempDir()
			made, err := Enrol(t.Context(), folder, authority, authentication, signing)
			require.NoError(t, err)
			assert.Equal(t, "urn:cnie:agent:"+card.SerialNumber.String(), made.Name())
			assert.Len(t, made.Holder, 2, "with its issuer, which the card does not have")
			info, err := os.Stat(filepath.Join(folder, keyFile))
			require.NoError(t, err)
			assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

			a, err := Open(Options{Folder: folder, Service: "https://localhost:1", Authority: authority, Holder: &holder{}})
			require.NoError(t, err)
			defer func() { require.NoError(t, a.Close()) }()
			require.NoError(t, a.renew(t.Context()))
			renewed, err := LoadIdentity(folder)
			require.NoError(t, err)
			assert.NotEqual(t, made.Agent.Leaf.SerialNumber, renewed.Agent.Leaf.SerialNumber)
			assert.Equal(t, made.Name(), renewed.Name())

			door, err := ca.Dial(t.Context(), dir)
			require.NoError(t, err)
			_, _, err = door.Revoke(t.Context(), card.SerialNumber, "keyCompromise")
			require.NoError(t, err)
			require.NoError(t, door.Close())
			require.ErrorIs(t, a.renew(t.Context()), ErrAuthority)
			_, err = Enrol(t.Context(), t.TempDir(), authority, authentication, signing)
			assert.ErrorIs(t, err, ErrAuthority)
		})
	}
}

// Somebody else's signing certificate does not get in by one's own card, nor does
// an authority that is not the one that was named.
func TestEnrolRefuses(t *testing.T) {
	dir, authority := founded(t)
	contents, _ := issue(t, dir, "SPECIMEN AMINA", piv.P256)
	other, _ := issue(t, dir, "SPECIMEN BADR", piv.P256)
	authentication, signing := keysOf(t, contents)
	_, stolen := keysOf(t, other)
	folder := t.TempDir()
	_, err := Enrol(t.Context(), folder, authority, authentication, stolen)
	require.ErrorIs(t, err, ErrNotEnrolled)
	_, err = Enrol(t.Context(), folder, authority, signing, signing)
	require.ErrorIs(t, err, ErrAuthority, "9C orders nothing")
	_, err = Enrol(t.Context(), folder, &Authority{URL: authority.URL, Roots: x509.NewCertPool()}, authentication, signing)
	require.ErrorContains(t, err, "reach the authority")
	_, err = LoadIdentity(folder)
	assert.ErrorIs(t, err, ErrNotEnrolled, "nothing was left")
}

// The certificate is renewed by itself when two thirds of its life are over.
func TestRenewsItself(t *testing.T) {
	dir, authority := founded(t)
	contents, _ := issue(t, dir, "SPECIMEN AMINA", piv.P256)
	authentication, signing := keysOf(t, contents)
	folder := t.TempDir()
	made, err := Enrol(t.Context(), folder, authority, authentication, signing)
	require.NoError(t, err)
	h := &holder{}
	leaf := made.Agent.Leaf
	later := leaf.NotBefore.Add(leaf.NotAfter.Sub(leaf.NotBefore)*2/3 + time.Minute)
	skew := time.Until(later)
	a, err := Open(Options{Folder: folder, Service: "https://localhost:1", Authority: authority, Holder: h, Now: func() time.Time { return time.Now().Add(skew) }})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- a.stayRenewed(ctx) }()
	require.Eventually(t, func() bool { return h.told(Renewed) > 0 }, 20*time.Second, 10*time.Millisecond)
	cancel()
	require.NoError(t, <-ended)
	require.NoError(t, a.Close())
	renewed, err := LoadIdentity(folder)
	require.NoError(t, err)
	assert.NotEqual(t, leaf.SerialNumber, renewed.Agent.Leaf.SerialNumber)
}
