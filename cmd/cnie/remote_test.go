//go:build !noserve

package main

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/remote/server"
)

// remoteRoot writes the certificate of an authority that has certified nobody.
func remoteRoot(t *testing.T) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	form := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "SPECIMEN"}, NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, form, form, key.Public(), key)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "root.crt")
	require.NoError(t, os.WriteFile(file, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	return file
}

// remoteFolder makes a service on ports that the system chooses, with one line of its
// configuration changed.
func remoteFolder(t *testing.T, change ...string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "service")
	var out bytes.Buffer
	p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &out}
	require.Equal(t, exitOK, p.run(t.Context(), []string{"remote", "init", dir, "--authority", remoteRoot(t)}), "%s", &out)
	config := filepath.Join(dir, server.ConfigName)
	assert.Contains(t, out.String(), "cnie remote serve --config "+config)
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	replace := append(change, `listen: "127.0.0.1:8776"`, `listen: "127.0.0.1:0"`, `agents: "127.0.0.1:8777"`, `agents: "127.0.0.1:0"`)
	require.NoError(t, os.WriteFile(config, []byte(strings.NewReplacer(replace...).Replace(string(text))), 0o600))
	return config
}

func TestRemoteInitKeepsSecretsToItself(t *testing.T) {
	config := remoteFolder(t)
	dir := filepath.Dir(config)
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 6)
	for _, e := range entries {
		info, err := e.Info()
		require.NoError(t, err)
		assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), e.Name())
	}
	secret, err := os.ReadFile(filepath.Join(dir, server.SecretName))
	require.NoError(t, err)
	text, err := os.ReadFile(config)
	require.NoError(t, err)
	assert.NotContains(t, string(text), strings.TrimSpace(string(secret)))
}

func TestRemoteServe(t *testing.T) {
	config := remoteFolder(t)
	ctx, stop := context.WithCancel(t.Context())
	reader, writer := io.Pipe()
	p := &program{stdin: strings.NewReader(""), stdout: writer, stderr: io.Discard}
	code := make(chan int, 1)
	go func() { code <- p.run(ctx, []string{"remote", "serve", "--config", config}) }()
	line := make([]byte, 1024)
	n, err := reader.Read(line)
	require.NoError(t, err)
	at := regexp.MustCompile(`^Serving https://localhost:8776: programs at (https://127\.0\.0\.1:\d+), agents at (https://127\.0\.0\.1:\d+)\n$`).FindStringSubmatch(string(line[:n]))
	require.NotNil(t, at, "%s", line[:n])

	certificate, err := os.ReadFile(filepath.Join(filepath.Dir(config), server.CertificateName))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(certificate))
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, DisableKeepAlives: true}}
	response, err := client.Get(at[1] + "/healthz")
	require.NoError(t, err)
	require.NoError(t, response.Body.Close())
	assert.Equal(t, http.StatusOK, response.StatusCode)
	_, err = client.Get(at[2] + "/agent/v1/sessions")
	require.Error(t, err, "nobody without a certificate is let in there")

	stop()
	assert.Equal(t, exitOK, <-code)
}

func TestRemoteExitCodes(t *testing.T) {
	busy, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer busy.Close()
	root := remoteRoot(t)
	for name, c := range map[string]struct {
		args []string
		code int
		want string
	}{
		"no authority":      {[]string{"init", t.TempDir()}, exitUsage, "--authority is missing"},
		"no folder":         {[]string{"init"}, exitUsage, "takes one folder"},
		"authority absent":  {[]string{"init", filepath.Join(t.TempDir(), "x"), "--authority", "no/such"}, exitIO, "cannot open no/such"},
		"not a certificate": {[]string{"init", filepath.Join(t.TempDir(), "x"), "--authority", remoteFolder(t)}, exitConfiguration, "no certificate"},
		"not empty":         {[]string{"init", filepath.Dir(root), "--authority", root}, exitIO, "not empty"},
		"no config":         {[]string{"serve"}, exitUsage, "--config is missing"},
		"config absent":     {[]string{"serve", "--config", "no/such"}, exitIO, "cannot open no/such"},
		"a mistake":         {[]string{"serve", "--config", remoteFolder(t, `documents: 50`, `documents: 5000`)}, exitConfiguration, "remote.yaml:37:14: documents is between 1 and 100"},
		"unknown key":       {[]string{"serve", "--config", remoteFolder(t, `hash-signing: false`, `hash-sining: false`)}, exitConfiguration, `unknown field "hash-sining"`},
		"key absent":        {[]string{"serve", "--config", remoteFolder(t, `"token.key"`, `"other.key"`)}, exitIO, "other.key"},
		"not a key":         {[]string{"serve", "--config", remoteFolder(t, `"token.key"`, `"server.crt"`)}, exitConfiguration, "no private key"},
		"address in use":    {[]string{"serve", "--config", remoteFolder(t, `listen: "127.0.0.1:8776"`, `listen: "`+busy.Addr().String()+`"`)}, exitUnavailable, "choose another address"},
		"no database":       {[]string{"serve", "--config", remoteFolder(t, `sqlite:state.db`, `postgres://cnie:hidden@127.0.0.1:1/x?connect_timeout=2`)}, exitUnavailable, "look after state"},
		"no broker":         {[]string{"serve", "--config", remoteFolder(t, `url: ""`, `url: "nats://127.0.0.1:1"`)}, exitUnavailable, "look after broker"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, said bytes.Buffer
			p := &program{stdin: strings.NewReader(""), stdout: &out, stderr: &said}
			ctx, stop := context.WithTimeout(t.Context(), time.Minute)
			defer stop()
			assert.Equal(t, c.code, p.run(ctx, append([]string{"remote"}, c.args...)), "%s", &said)
			assert.Contains(t, said.String(), c.want)
			assert.NotContains(t, said.String(), "hidden")
			assert.Empty(t, out.String())
		})
	}
}
