package main

import (
	"bytes"
	"context"
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/cardreader/esign"
	"cnie/internal/ca"
	"cnie/internal/secret"
	"cnie/simulator"
	"cnie/simulator/persona"
	"cnie/simulator/piv"
)

// office is an authority with its time stamps and answers, as cnie-ca serves
// them, and a card that it has issued.
type office struct {
	dir, roots, chain string // of the authority, with who is trusted, with the issuer
	tsa, ocsp, crl    string // addresses
	card              *piv.Contents
	certificate       *x509.Certificate
}

func newOffice(t testing.TB) *office {
	t.Helper()
	c := ca.Default()
	c.Listen, c.Publish = free(t), free(t)
	o := &office{dir: filepath.Join(t.TempDir(), "ca"), roots: t.TempDir()}
	require.NoError(t, ca.Create(o.dir, c))
	authority, err := ca.Open(o.dir)
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
	select {
	case at := <-ready:
		o.tsa, o.ocsp, o.crl = "http://"+at.Published+"/tsa", "http://"+at.Published+"/ocsp", "http://"+at.Published+"/crl"
	case err := <-ended:
		require.NoError(t, err)
	}
	o.chain = filepath.Join(o.dir, "issuing.crt")
	// Who is trusted is the issuing authority itself; TestValidateUnderTheRoot
	// trusts the root.
	issuing, err := os.ReadFile(o.chain)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(o.roots, "issuing.crt"), issuing, 0o600))
	o.card, err = piv.Specimen("SPECIMEN AMINA", nil)
	require.NoError(t, err)
	o.certificate = o.order(t, ca.Sign, o.card.Keys[piv.Signature].Private, "SPECIMEN AMINA")
	o.card.SetCertificate(piv.Signature, o.certificate.Raw)
	return o
}

// free is a port that nobody had a moment ago.
func free(t testing.TB) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return listener.Addr().String()
}

// order has the authority certify a key.
func (o *office) order(t testing.TB, p ca.Profile, key crypto.Signer, name string) *x509.Certificate {
	t.Helper()
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}}, key)
	require.NoError(t, err)
	request, err := ca.ParseRequest(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE REQUEST", Bytes: der}))
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), o.dir)
	require.NoError(t, err)
	chain, err := door.Issue(t.Context(), p, request)
	require.NoError(t, err)
	require.NoError(t, door.Close())
	return chain[0]
}

// chip is the office's card.
func (o *office) chip(options ...simulator.Option) *simulator.Chip {
	atr := []byte{0x3B, 0x80, 0x80, 0x01, 0x01}
	return simulator.New(&persona.Card{BAC: true, ATR: atr}, append(options, simulator.WithApplet(piv.New(o.card)))...)
}

// raised are the arguments for levels above B-B.
func (o *office) raised(level string) []string {
	return []string{"--level", level, "--tsa", o.tsa, "--trust", o.roots, "--ocsp", o.ocsp}
}

// holder is the person at the terminal.
type holder struct {
	pins    []string // one after the other, the last one again and again
	refuses bool
	asks    []esign.Ask
	agreed  []string

	questions []string // to which the answer is typed without echo

	meanwhile func() // happens before the answer; nil: nothing
}

func (h *holder) PIN(_ context.Context, ask esign.Ask) (secret.Bytes, error) {
	h.asks = append(h.asks, ask)
	return secret.New([]byte(h.pins[min(len(h.asks), len(h.pins))-1])), nil
}

func (h *holder) secret(_ context.Context, question string) (secret.Bytes, error) {
	h.questions = append(h.questions, question)
	return secret.New([]byte(h.pins[min(len(h.questions), len(h.pins))-1])), nil
}

func (h *holder) agree(_ context.Context, question string) (bool, error) {
	h.agreed = append(h.agreed, question)
	if h.meanwhile != nil {
		h.meanwhile()
	}
	return !h.refuses, nil
}

func amina() *holder { return &holder{pins: []string{"123456"}} }

// atDesk runs a command line with somebody at the terminal; nil is nobody.
func atDesk(t testing.TB, system *simulator.System, h *holder, args ...string) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	p := &program{system: system, stdin: &bytes.Buffer{}, stdout: &stdout, stderr: &stderr}
	if h != nil {
		p.person = h
	}
	code := p.run(t.Context(), args)
	return outcome{code, stdout.String(), stderr.String()}
}

// papers writes documents into a folder of the test's own.
func papers(t testing.TB, names ...string) (paths []string) {
	t.Helper()
	dir := t.TempDir()
	for _, name := range names {
		path := filepath.Join(dir, name)
		require.NoError(t, os.WriteFile(path, []byte("what "+name+" says\n"), 0o644))
		paths = append(paths, path)
	}
	return paths
}

// names lists what is in a folder.
func names(t testing.TB, dir string) (all []string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	for _, e := range entries {
		all = append(all, e.Name())
	}
	return all
}

// judgedBy runs openssl and wants it content.
func judgedBy(t testing.TB, args ...string) string {
	t.Helper()
	out, err := exec.Command("openssl", args...).CombinedOutput()
	require.NoError(t, err, "openssl %v: %s", args, out)
	return string(out)
}
