package adsigtest

import (
	"context"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// OpenSSL runs the tool that neither makes nor judges as we do; it fails the
// test when the tool does.
func OpenSSL(t testing.TB, args ...string) []byte {
	t.Helper()
	output, err := exec.Command("openssl", args...).CombinedOutput()
	require.NoError(t, err, "openssl %v: %s", args, output)
	return output
}

// File writes content to a file of the test's own.
func File(t testing.TB, name string, content []byte) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.WriteFile(path, content, 0o600))
	return path
}

// CertFile writes certificates as PEM.
func CertFile(t testing.TB, all ...*Identity) string {
	t.Helper()
	var content []byte
	for _, id := range all {
		content = append(content, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: id.X509.Raw})...)
	}
	return File(t, "certificates.pem", content)
}

// KeyFile writes an identity's private key as PEM.
func KeyFile(t testing.TB, id *Identity) string {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(id.Key)
	require.NoError(t, err)
	return File(t, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}))
}

// OpenSSLStamp is a time-stamp authority run by openssl, at the machine's clock;
// extra lines go into its configuration.
func (l *Lab) OpenSSLStamp(extra string) func(context.Context, []byte) ([]byte, error) {
	l.t.Helper()
	dir := l.t.TempDir()
	config := fmt.Sprintf(`[tsa]
default_tsa = here
[here]
serial = %s/serial
signer_cert = %s
certs = %s
signer_key = %s
signer_digest = sha256
default_policy = 1.3.6.1.4.1.99999.2
digests = sha256, sha384, sha512
accuracy = secs:1, millisecs:500, microsecs:100
ordering = yes
tsa_name = yes
ess_cert_id_alg = sha256
%s
`, dir, CertFile(l.t, l.TSA), CertFile(l.t, l.CA), KeyFile(l.t, l.TSA), extra)
	file := File(l.t, "tsa.cnf", []byte(config))
	return func(ctx context.Context, request []byte) ([]byte, error) {
		in, out := filepath.Join(dir, "request"), filepath.Join(dir, "response")
		if err := os.WriteFile(in, request, 0o600); err != nil {
			return nil, err
		}
		if output, err := exec.CommandContext(ctx, "openssl", "ts", "-reply", "-config", file, "-queryfile", in, "-out", out).CombinedOutput(); err != nil {
			return nil, fmt.Errorf("openssl ts: %w: %s", err, output)
		}
		return os.ReadFile(out)
	}
}
