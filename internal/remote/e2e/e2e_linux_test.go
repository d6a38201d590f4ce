//go:build cgo

package e2e_test

import (
	"context"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/cardreader/pcsc"
	"cnie/internal/ca"
	"cnie/internal/pcscd"
	"cnie/internal/remote/agent"
	"cnie/internal/remote/client"
	"cnie/internal/remote/server"
	"cnie/internal/secret"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
	"cnie/simulator/vpcd"
)

// holder agrees, and types the PIN of specimens.
type holder struct {
	connected chan struct{}
	say       func(agent.Question) bool
	asked     []agent.Question
}

func (h *holder) Agree(_ context.Context, q agent.Question) (bool, error) {
	h.asked = append(h.asked, q)
	return h.say(q), nil
}

func (h *holder) PIN(context.Context, esign.Ask) (secret.Bytes, error) {
	return secret.New([]byte("123456")), nil
}

func (h *holder) Tell(n agent.Notice) {
	if n.Kind == agent.Connected {
		h.connected <- struct{}{}
	}
}

// authority is cnie-ca, in a folder, serving.
func authority(t *testing.T) (dir string, a *agent.Authority, root []byte) {
	t.Helper()
	c := ca.Default()
	c.Listen, c.Publish = free(t), free(t)
	dir = filepath.Join(t.TempDir(), "ca")
	require.NoError(t, ca.Create(dir, c))
	opened, err := ca.Open(dir)
	require.NoError(t, err)
	ready := make(chan ca.Addresses, 1)
	background(t, func(ctx context.Context) error {
		return opened.Serve(ctx, ca.Addresses{}, func(at ca.Addresses) error { ready <- at; return nil })
	}, opened.Close)
	at := <-ready
	root, err = os.ReadFile(filepath.Join(dir, "root.crt"))
	require.NoError(t, err)
	_, port, err := net.SplitHostPort(at.Orders)
	require.NoError(t, err)
	return dir, &agent.Authority{URL: "https://localhost:" + port, Roots: pool(t, root)}, root
}

// background runs something until the test ends.
func background(t *testing.T, run func(context.Context) error, closing func() error) {
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	t.Cleanup(func() {
		stop()
		assert.NoError(t, <-ended)
		assert.NoError(t, closing())
	})
}

func pool(t *testing.T, text []byte) *x509.CertPool {
	roots := x509.NewCertPool()
	require.True(t, roots.AppendCertsFromPEM(text))
	return roots
}

func poolOf(text []byte) *x509.CertPool {
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return roots
}

func free(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// insert puts a card with certificates of the authority into a real reader.
func insert(t *testing.T, daemon *pcscd.Daemon, dir string) *piv.Applet {
	t.Helper()
	const name = "SPECIMEN AMINA"
	contents, err := piv.Specimen(name, map[piv.Slot]piv.Algorithm{piv.Authentication: piv.P256, piv.Signature: piv.RSA2048})
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), dir)
	require.NoError(t, err)
	for slot, profile := range map[piv.Slot]ca.Profile{piv.Authentication: ca.Auth, piv.Signature: ca.Sign} {
		der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, contents.Keys[slot].Private)
		require.NoError(t, err)
		request, err := ca.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
		require.NoError(t, err)
		chain, err := door.Issue(t.Context(), profile, request)
		require.NoError(t, err)
		contents.SetCertificate(slot, chain[0].Raw)
	}
	require.NoError(t, door.Close())
	citizen, err := persona.Load("specimen")
	require.NoError(t, err)
	document, err := citizen.Card()
	require.NoError(t, err)
	app := piv.New(contents)
	chip := simulator.New(document, simulator.WithApplet(app))
	background(t, func(ctx context.Context) error {
		return vpcd.Serve(ctx, fmt.Sprintf("127.0.0.1:%d", daemon.Ports[0]), chip)
	}, func() error { return nil })
	require.Eventually(t, func() bool {
		readers, err := pcsc.New().Readers(t.Context())
		return err == nil && len(readers) > 0 && readers[0].HasCard
	}, 20*time.Second, 50*time.Millisecond)
	return app
}

// enrolled is an agent's folder, ordered by the card in the reader.
func enrolled(t *testing.T, a *agent.Authority) string {
	t.Helper()
	tokens, err := agent.Readers{System: pcsc.New()}.Open(t.Context(), esign.Options{Ask: (&holder{}).PIN})
	require.NoError(t, err)
	defer func() { require.NoError(t, tokens.Close()) }()
	keys, err := tokens.Keys(t.Context())
	require.NoError(t, err)
	bySlot := map[string]*esign.Key{}
	for _, key := range keys {
		bySlot[key.Description().Slot] = key
	}
	folder := filepath.Join(t.TempDir(), "agent")
	_, err = agent.Enrol(t.Context(), folder, a, bySlot["9A"], bySlot["9C"])
	require.NoError(t, err)
	return folder
}

// service is cnie remote serve, in a folder of its own.
func service(t *testing.T, root []byte) (at server.Addresses, roots *x509.CertPool, secretText string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "service")
	require.NoError(t, server.Create(dir, root))
	path := filepath.Join(dir, server.ConfigName)
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	programs, agents := free(t), free(t)
	_, port, err := net.SplitHostPort(programs)
	require.NoError(t, err)
	changed := strings.NewReplacer("127.0.0.1:8776", programs, "localhost:8776", "localhost:"+port, "127.0.0.1:8777", agents, "hash-signing: false", "hash-signing: true").Replace(string(text))
	require.NoError(t, os.WriteFile(path, []byte(changed), 0o600))
	config, err := server.Load(path)
	require.NoError(t, err)
	opened, err := server.Open(t.Context(), config, slog.New(slog.DiscardHandler))
	require.NoError(t, err)
	ready := make(chan server.Addresses, 1)
	background(t, func(ctx context.Context) error {
		return opened.Serve(ctx, func(at server.Addresses) error { ready <- at; return nil })
	}, opened.Close)
	certificate, err := os.ReadFile(filepath.Join(dir, server.CertificateName))
	require.NoError(t, err)
	password, err := os.ReadFile(filepath.Join(dir, server.SecretName))
	require.NoError(t, err)
	return <-ready, pool(t, certificate), strings.TrimSpace(string(password))
}

func named(address string) string {
	_, port, _ := net.SplitHostPort(address)
	return "https://localhost:" + port
}

// A document goes from a program to a card and back: shown, agreed to, signed in a
// real reader, and believed by openssl. What the holder refuses, or what only a hash
// is known of, goes its own way.
func TestRemoteSigning(t *testing.T) {
	daemon := pcscd.Start(t, pcscd.Options{})
	dir, a, root := authority(t)
	app := insert(t, daemon, dir)
	folder := enrolled(t, a)
	at, roots, password := service(t, root)
	h := &holder{connected: make(chan struct{}, 100), say: func(agent.Question) bool { return true }}
	running, err := agent.Open(agent.Options{
		Folder: folder, Service: named(at.Agents), Roots: roots, Authority: a, Cards: agent.Readers{System: pcsc.New()}, Holder: h, Hashes: true,
	})
	require.NoError(t, err)
	background(t, running.Run, running.Close)
	<-h.connected

	web := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots}}}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	program, err := client.Dial(ctx, named(at.Programs), client.Options{HTTP: web, ID: "program", Secret: secret.New([]byte(password))})
	require.NoError(t, err)
	credentials, err := program.Credentials(ctx)
	require.NoError(t, err)
	require.Len(t, credentials, 1)
	key, err := program.Key(ctx, credentials[0])
	require.NoError(t, err)

	lease := []byte("The house is let for a year.\n")
	message, err := key.For("a lease").SignDocument(ctx, client.Document{Name: "lease.txt", Content: lease, Format: client.CAdES}, crypto.SHA256)
	require.NoError(t, err)
	require.Len(t, h.asked, 1)
	assert.Equal(t, "a lease", h.asked[0].Order.Purpose)
	verified(t, message, lease)

	digest := sha256.Sum256(lease)
	_, err = key.SignContext(ctx, digest[:], crypto.SHA256) // verified in there
	require.NoError(t, err)
	assert.True(t, h.asked[1].Unseen())
	_, err = key.SignContext(ctx, digest[:], &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: crypto.SHA256})
	require.NoError(t, err)

	before := app.Contents().PIN.Left
	h.say = func(agent.Question) bool { return false }
	_, err = key.SignDocument(ctx, client.Document{Name: "lease.txt", Content: lease, Format: client.CAdES}, crypto.SHA256)
	var refused *client.Error
	require.ErrorAs(t, err, &refused)
	assert.Equal(t, "access_denied", refused.Code)
	assert.Equal(t, before, app.Contents().PIN.Left)
}

func verified(t *testing.T, message, content []byte) {
	t.Helper()
	dir := t.TempDir()
	signature, file := filepath.Join(dir, "s.p7s"), filepath.Join(dir, "content")
	require.NoError(t, os.WriteFile(signature, message, 0o600))
	require.NoError(t, os.WriteFile(file, content, 0o600))
	out, err := exec.Command("openssl", "cms", "-verify", "-binary", "-inform", "DER", "-in", signature, "-content", file, "-noverify", "-out", os.DevNull).CombinedOutput()
	assert.NoError(t, err, string(out))
}
