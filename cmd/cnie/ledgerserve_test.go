//go:build unix

package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ca"
	"cnie/internal/ledger"
	"cnie/internal/site"
)

// enrol has cnie-ca issue a machine's certificate, and leaves NAME.pem and NAME.key.
func enrol(t *testing.T, authority, dir, name string, at ...net.IP) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificateRequest(rand.Reader, &x509.CertificateRequest{Subject: pkix.Name{CommonName: name}, IPAddresses: at}, key)
	require.NoError(t, err)
	request, err := ca.ParseRequest(der)
	require.NoError(t, err)
	door, err := ca.Dial(t.Context(), authority)
	require.NoError(t, err)
	chain, err := door.Issue(t.Context(), ca.Counter, request)
	require.NoError(t, err)
	require.NoError(t, door.Close())
	var text []byte
	for _, c := range chain {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})...)
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".pem"), text, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".key"), pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600))
}

// running is a command until its context ends; what it says first is its first line.
func running(t *testing.T, args ...string) (said string, end func()) {
	ctx, stop := context.WithCancel(context.Background())
	read, write := io.Pipe()
	var log bytes.Buffer
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: write, stderr: &log}
	ended := make(chan int, 1)
	go func() {
		ended <- p.run(ctx, args)
		write.Close()
	}()
	lines := bufio.NewScanner(read)
	lines.Scan()
	said = lines.Text()
	go func() { _, _ = io.Copy(io.Discard, read) }()
	return said, func() {
		stop()
		select {
		case code := <-ended:
			assert.Equal(t, exitOK, code, log.String())
		case <-time.After(30 * time.Second):
			t.Error("the program does not stop")
		}
	}
}

// A desk with nothing of a ledger but its certificate: its entries are on the host,
// proven, and the host erases what was kept long enough.
func TestLedgerHost(t *testing.T) {
	dir := t.TempDir()
	authority, folder := filepath.Join(dir, "ca"), filepath.Join(dir, "ledger")
	require.NoError(t, ca.Create(authority, ca.Default()))
	enrol(t, authority, dir, "ledger.example", net.IPv4(127, 0, 0, 1))
	enrol(t, authority, dir, "trial", nil...)
	file := func(name string) string { return filepath.Join(dir, name) }

	old, err := ledger.Open(t.Context(), ledger.Options{Dir: folder})
	require.NoError(t, err)
	_, err = old.Add(t.Context(), ledger.Record{Kind: ledger.Verification, Transaction: "old", Keep: time.Now().AddDate(0, 0, -2)})
	require.NoError(t, err)
	require.NoError(t, old.Close())

	said, endHost := running(t, "ledger", "serve", "--dir", folder, "--listen", "127.0.0.1:0", "--cert", file("ledger.example.pem"), "--key", file("ledger.example.key"), "--desks", filepath.Join(authority, "root.crt"))
	parts := regexp.MustCompile(`^Ledger host at (https://\S+), key (\S+)$`).FindStringSubmatch(said)
	require.Len(t, parts, 3, said)
	content := strings.Replace(string(site.Starter), "# trust: trust\n", "ledger: {url: \""+parts[1]+"\", ca: ca/root.crt, cert: trial.pem, key: trial.key, ledger-key: \""+parts[2]+"\"}\n", 1)
	require.NotEqual(t, string(site.Starter), content)
	content = regexp.MustCompile(`(?m)^desk:\n  id: .*|desk: \{id: [a-z0-9-]+`).ReplaceAllStringFunc(content, func(s string) string {
		return s[:strings.LastIndex(s, ":")+1] + " trial"
	})
	require.NoError(t, os.WriteFile(file("site.yaml"), []byte(content), 0o600))

	d := &counterRun{program: &program{stderr: io.Discard}}
	place, err := site.Load(file("site.yaml"), site.Keys{})
	require.NoError(t, err)
	require.NoError(t, d.settle(place))
	require.Equal(t, "trial", place.Desk.ID)
	open, name, err := d.openBook(t.Context(), place)
	require.NoError(t, err)
	assert.Contains(t, name, "cnie/ledger/")
	require.Eventually(t, func() bool {
		place, err := open.Add(t.Context(), ledger.Record{ID: "visit", Kind: ledger.Verification, Desk: "trial", Transaction: "new", Time: time.Unix(1.8e9, 0)})
		require.NoError(t, err)
		reader, err := ledger.OpenReader(t.Context(), ledger.Options{Dir: folder})
		require.NoError(t, err)
		defer reader.Close()
		state, err := reader.Status(t.Context(), time.Now())
		return err == nil && state.Erased == 1 && state.Expired == 0 && state.Size == 3 && place.Index > 0
	}, 20*time.Second, 50*time.Millisecond, "one old entry, its erasure, and one visit")
	require.NoError(t, open.Close())

	said, endDesk := running(t, "counter", "--no-browser", "--listen", "127.0.0.1:0", "--site", file("site.yaml"), "--trust", t.TempDir())
	assert.Contains(t, said, "http://127.0.0.1:")
	endDesk()
	endHost()

	fails := func(code int, says string) {
		var out, log bytes.Buffer
		p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: &out, stderr: &log}
		assert.Equal(t, code, p.run(t.Context(), []string{"counter", "--no-browser", "--listen", "127.0.0.1:0", "--site", file("site.yaml"), "--trust", t.TempDir()}), log.String())
		assert.Contains(t, log.String(), says)
	}
	fails(exitUnavailable, "connect")
	enrol(t, authority, dir, "other")
	require.NoError(t, os.Rename(file("other.pem"), file("trial.pem")))
	require.NoError(t, os.Rename(file("other.key"), file("trial.key")))
	fails(exitConfiguration, `is of "other"`)
}

func TestLedgerServeWantsCertificates(t *testing.T) {
	var log bytes.Buffer
	p := &program{system: noReaders{}, stdin: strings.NewReader(""), stdout: io.Discard, stderr: &log}
	assert.Equal(t, exitUsage, p.run(t.Context(), []string{"ledger", "serve"}))
	assert.Equal(t, exitIO, p.run(t.Context(), []string{"ledger", "serve", "--cert", "none.pem", "--key", "none.key", "--desks", "none.pem"}))
	assert.Contains(t, log.String(), "none.pem")
}
