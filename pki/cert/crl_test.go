package cert_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// revocations lets crypto/x509 write a list of version 2.
func revocations(t testing.TB, extensions ...pkix.Extension) ([]byte, *cert.Certificate) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	issuer := template()
	issuer.IsCA, issuer.KeyUsage, issuer.SubjectKeyId = true, x509.KeyUsageCRLSign, []byte{1, 2, 3}
	raw, err := x509.CreateCertificate(rand.Reader, issuer, issuer, &key.PublicKey, key)
	require.NoError(t, err)
	der, err := x509.CreateRevocationList(rand.Reader, &x509.RevocationList{
		Number: big.NewInt(12), ThisUpdate: start, NextUpdate: start.AddDate(0, 3, 0), ExtraExtensions: extensions,
		RevokedCertificateEntries: []x509.RevocationListEntry{
			{SerialNumber: big.NewInt(5), RevocationTime: start, ReasonCode: 1},
			{SerialNumber: new(big.Int).Lsh(big.NewInt(1), 150), RevocationTime: start.AddDate(0, 1, 0)},
		},
	}, issuer, key)
	require.NoError(t, err)
	return der, parse(t, raw)
}

func TestParseCRL(t *testing.T) {
	der, issuer := revocations(t)
	list, err := cert.ParseCRL(der)
	require.NoError(t, err)
	assert.True(t, list.Issuer.Equal(issuer.Subject))
	assert.Equal(t, big.NewInt(12), list.Number)
	assert.Equal(t, issuer.SubjectKeyID, list.AuthorityKeyID)
	assert.True(t, list.ThisUpdate.Equal(start) && list.NextUpdate.Equal(start.AddDate(0, 3, 0)))
	require.Len(t, list.Entries, 2)
	assert.Equal(t, 1, list.Entries[0].Reason)
	assert.Nil(t, list.Scope)
	assert.Empty(t, list.UnknownCritical)
	assert.NoError(t, list.CheckSignatureFrom(issuer))

	since, revoked := list.Revoked(new(big.Int).Lsh(big.NewInt(1), 150))
	assert.True(t, revoked && since.Equal(start.AddDate(0, 1, 0)))
	_, revoked = list.Revoked(big.NewInt(6))
	assert.False(t, revoked)

	der[len(der)-1] ^= 1
	list, err = cert.ParseCRL(der)
	require.NoError(t, err)
	assert.ErrorIs(t, list.CheckSignatureFrom(issuer), cert.ErrSignature)
	_, err = cert.ParseCRL(der[:len(der)-1])
	assert.ErrorIs(t, err, cert.ErrMalformed)
}

// TestCRLScope reads the issuing distribution point, and leaves a delta list
// marked as one that this package does not understand.
func TestCRLScope(t *testing.T) {
	der, _ := revocations(t, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: unhex(t, "30068101ff8401ff")},
		pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, 27}, Critical: true, Value: unhex(t, "020101")})
	list, err := cert.ParseCRL(der)
	require.NoError(t, err)
	assert.Equal(t, &cert.DistributionScope{OnlyUsers: true, Indirect: true}, list.Scope)
	assert.Equal(t, []asn1.ObjectIdentifier{{2, 5, 29, 27}}, list.UnknownCritical)
}

const caConfig = `[ca]
default_ca = a
[a]
database = index
default_md = sha384
default_crl_days = 30
`

// TestOpenSSLCRL reads what OpenSSL writes without extensions, which is a list
// of version 1, under a brainpool key.
func TestOpenSSLCRL(t *testing.T) {
	dir := t.TempDir()
	run := func(args ...string) {
		command := exec.Command("openssl", args...)
		command.Dir = dir
		output, err := command.CombinedOutput()
		require.NoError(t, err, "openssl %v: %s", args, output)
	}
	for name, content := range map[string]string{"ca.cnf": caConfig, "index": "R\t300101000000Z\t260101000000Z\t0A\tunknown\t/C=MA/CN=DSC\n"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600))
	}
	run("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:brainpoolP384r1", "-nodes", "-keyout", "key",
		"-subj", "/C=MA/CN=CSCA SPECIMEN", "-outform", "DER", "-out", "cert.der")
	run("x509", "-inform", "DER", "-in", "cert.der", "-out", "cert.pem")
	run("ca", "-config", "ca.cnf", "-gencrl", "-keyfile", "key", "-cert", "cert.pem", "-out", "list.pem")
	run("crl", "-in", "list.pem", "-outform", "DER", "-out", "list.der")

	read := func(name string) []byte {
		content, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		return content
	}
	issuer := parse(t, read("cert.der"))
	list, err := cert.ParseCRL(read("list.der"))
	require.NoError(t, err)
	assert.NoError(t, list.CheckSignatureFrom(issuer))
	_, revoked := list.Revoked(big.NewInt(10))
	assert.True(t, revoked)
	assert.Nil(t, list.Number)
}
