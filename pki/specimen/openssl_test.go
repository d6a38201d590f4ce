package specimen

import (
	"crypto"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/lds"
)

// openssl is the oracle of this package: an implementation that shares nothing
// with it.
func openssl(t *testing.T, args ...string) string {
	t.Helper()
	output, err := exec.Command("openssl", args...).CombinedOutput()
	require.NoErrorf(t, err, "openssl %v: %s", args, output)
	return string(output)
}

func pemFile(t *testing.T, dir, name, kind string, der []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
	return path
}

var duringUse = time.Date(2025, 2, 1, 0, 0, 0, 0, time.UTC)

var groups = map[lds.File][]byte{lds.DG1: []byte("one"), lds.DG2: []byte("two"), lds.DG14: []byte("fourteen"), lds.COM: []byte("not hashed")}

// TestOpenSSLAcceptsEveryAlgorithm has openssl build the path with the CRL and
// verify an EF.SOD for each algorithm.
func TestOpenSSLAcceptsEveryAlgorithm(t *testing.T) {
	for name, algorithm := range map[string]Algorithm{
		"P-224 SHA-224":            {Curve: ec.P224(), Hash: crypto.SHA224},
		"P-256 SHA-1":              {Curve: ec.P256(), Hash: crypto.SHA1},
		"P-256 SHA-256":            {Curve: ec.P256(), Hash: crypto.SHA256},
		"P-384 SHA-384":            {Curve: ec.P384(), Hash: crypto.SHA384},
		"P-521 SHA-512":            {Curve: ec.P521(), Hash: crypto.SHA512},
		"brainpoolP224r1 SHA-256":  {Curve: ec.BrainpoolP224r1(), Hash: crypto.SHA256},
		"brainpoolP256r1 SHA-256":  {Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA256},
		"brainpoolP384r1 SHA-384":  {Curve: ec.BrainpoolP384r1(), Hash: crypto.SHA384},
		"brainpoolP512r1 SHA-512":  {Curve: ec.BrainpoolP512r1(), Hash: crypto.SHA512},
		"RSA-2048 PKCS#1 SHA-256":  {RSA: 2048, Hash: crypto.SHA256},
		"RSA-2048 PSS SHA-256":     {RSA: 2048, PSS: true, Hash: crypto.SHA256},
		"RSA-3072 PSS SHA-512":     {RSA: 3072, PSS: true, Hash: crypto.SHA512},
		"RSA-2048 PKCS#1 SHA-1":    {RSA: 2048, Hash: crypto.SHA1},
		"RSA-3072 PKCS#1 SHA-384":  {RSA: 3072, Hash: crypto.SHA384},
		"P-256 key, SHA-512":       {Curve: ec.P256(), Hash: crypto.SHA512},
		"brainpoolP256r1, SHA-384": {Curve: ec.BrainpoolP256r1(), Hash: crypto.SHA384},
	} {
		t.Run(name, func(t *testing.T) {
			country, err := New("openssl test", Options{Key: algorithm})
			require.NoError(t, err)
			signer, err := country.IssueDSC(DSCOptions{Key: algorithm})
			require.NoError(t, err)
			checkChain(t, country, signer)
			checkSOD(t, country, signer, SODOptions{Hash: algorithm.Hash, SigningTime: duringUse})
			checkSOD(t, country, signer, SODOptions{Version: 1, ByKeyID: true})
		})
	}
}

func checkChain(t *testing.T, country *Country, signer *Signer) {
	dir := t.TempDir()
	list, err := country.CRL(duringUse, duringUse.Add(CRLValidity), Revocation{Serial("other"), duringUse})
	require.NoError(t, err)
	openssl(t, "verify", "-x509_strict", "-auth_level", "0", "-attime", strconv.FormatInt(duringUse.Unix(), 10),
		"-crl_check", "-CRLfile", pemFile(t, dir, "crl", "X509 CRL", list),
		"-CAfile", pemFile(t, dir, "csca", "CERTIFICATE", country.Certificate),
		pemFile(t, dir, "dsc", "CERTIFICATE", signer.Certificate))
}

func checkSOD(t *testing.T, country *Country, signer *Signer, o SODOptions, more ...string) {
	dir := t.TempDir()
	sod, err := signer.SignSOD(groups, o)
	require.NoError(t, err)
	cms, err := lds.ParseSOD(sod)
	require.NoError(t, err)
	in, out := filepath.Join(dir, "cms"), filepath.Join(dir, "content")
	require.NoError(t, os.WriteFile(in, cms, 0o600))
	openssl(t, append([]string{"cms", "-verify", "-inform", "DER", "-in", in, "-binary", "-out", out, "-purpose", "any", "-auth_level", "0",
		"-attime", strconv.FormatInt(duringUse.Unix(), 10), "-CAfile", pemFile(t, dir, "csca", "CERTIFICATE", country.Certificate)}, more...)...)
	content, err := os.ReadFile(out)
	require.NoError(t, err)
	object, err := lds.ParseSecurityObject(content)
	require.NoError(t, err)
	assert.Equal(t, []lds.File{lds.DG1, lds.DG2, lds.DG14}, object.Files())
	assert.Equal(t, o.Version, object.Version)
	assert.Equal(t, digest(object.Hash, groups[lds.DG2]), object.Hashes[lds.DG2])
}

// TestProfileReadsBack looks at the default certificates through openssl's eyes.
func TestProfileReadsBack(t *testing.T) {
	dir := t.TempDir()
	signer, err := Default().IssueDSC(DSCOptions{})
	require.NoError(t, err)
	for name, wanted := range map[string]struct {
		der   []byte
		lines []string
	}{
		"CSCA": {Default().Certificate, []string{
			"Issuer: C=MA, O=SPECIMEN - NOT A REAL ISSUER, CN=CSCA SPECIMEN 01",
			"Subject: C=MA, O=SPECIMEN - NOT A REAL ISSUER, CN=CSCA SPECIMEN 01",
			"Not Before: Jan  1 00:00:00 2024 GMT", "Not After : Jan  1 00:00:00 2044 GMT",
			"ASN1 OID: brainpoolP256r1", "Signature Algorithm: ecdsa-with-SHA256",
			"X509v3 Basic Constraints: critical", "CA:TRUE, pathlen:0",
			"X509v3 Key Usage: critical", "Certificate Sign, CRL Sign",
			"X509v3 Private Key Usage Period", "Not Before: Jan  1 00:00:00 2024 GMT, Not After: Jan  1 00:00:00 2029 GMT",
			"DirName:/L=MAR", "URI:http://csca.specimen.example/csca.crl",
		}},
		"DSC": {signer.Certificate, []string{
			"Subject: C=MA, O=SPECIMEN - NOT A REAL ISSUER, CN=DSC SPECIMEN 01",
			"Not Before: Jan  1 00:00:00 2025 GMT", "Not After : Apr  1 00:00:00 2035 GMT",
			"ASN1 OID: prime256v1", "X509v3 Key Usage: critical", "Digital Signature",
			"Not Before: Jan  1 00:00:00 2025 GMT, Not After: Apr  1 00:00:00 2025 GMT",
			"2.23.136.1.1.6.2", "X509v3 Authority Key Identifier", "X509v3 Subject Key Identifier",
		}},
	} {
		printed := openssl(t, "x509", "-noout", "-text", "-in", pemFile(t, dir, name, "CERTIFICATE", wanted.der))
		printed = strings.ReplaceAll(printed, " = ", "=") // versions differ in this
		for _, line := range wanted.lines {
			assert.Contains(t, printed, line, name)
		}
	}
}

func TestOpenSSLRefusesTheRevokedSigner(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, Default().WriteTrust(dir, duringUse.AddDate(1, 0, 0)))
	signer, err := Default().IssueDSC(DSCOptions{Label: RevokedSigner})
	require.NoError(t, err)
	list, err := os.ReadFile(filepath.Join(dir, "CSCA-SPECIMEN-01.crl"))
	require.NoError(t, err)
	output, err := exec.Command("openssl", "verify", "-crl_check", "-attime", strconv.FormatInt(duringUse.AddDate(1, 0, 1).Unix(), 10),
		"-CRLfile", pemFile(t, dir, "crl", "X509 CRL", list),
		"-CAfile", pemFile(t, dir, "csca", "CERTIFICATE", Default().Certificate),
		pemFile(t, dir, "dsc", "CERTIFICATE", signer.Certificate)).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(output), "certificate revoked")
	printed := openssl(t, "crl", "-noout", "-text", "-inform", "DER", "-in", filepath.Join(dir, "CSCA-SPECIMEN-01.crl"))
	assert.Contains(t, printed, "X509v3 CRL Number")
	assert.Contains(t, printed, "Next Update: May  2 00:00:00 2026 GMT")
}

// TestOpenSSLRefusesTheDishonest makes what a good issuer never would.
func TestOpenSSLRefusesTheDishonest(t *testing.T) {
	other, err := New("another seed", Options{})
	require.NoError(t, err)
	for name, c := range map[string]struct {
		country *Country
		options DSCOptions
	}{
		"self-signed under the CSCA's name": {Default(), DSCOptions{SelfSigned: true}},
		"same name, another key":            {other, DSCOptions{}},
		"not yet valid":                     {Default(), DSCOptions{NotBefore: duringUse.AddDate(0, 1, 0)}},
		"expired":                           {Default(), DSCOptions{NotAfter: duringUse.AddDate(0, 0, -1)}},
	} {
		dir := t.TempDir()
		signer, err := c.country.IssueDSC(c.options)
		require.NoError(t, err)
		assert.Error(t, exec.Command("openssl", "verify", "-attime", strconv.FormatInt(duringUse.Unix(), 10),
			"-CAfile", pemFile(t, dir, "csca", "CERTIFICATE", Default().Certificate),
			pemFile(t, dir, "dsc", "CERTIFICATE", signer.Certificate)).Run(), name)
	}
}

// TestExplicitParameters checks the signatures one by one, since openssl builds
// no path over a curve that is written out, though ICAO 9303-12 wants it so.
func TestExplicitParameters(t *testing.T) {
	for _, curve := range []*ec.Curve{ec.P256(), ec.BrainpoolP224r1(), ec.BrainpoolP256r1(), ec.BrainpoolP384r1()} {
		t.Run(curve.Name(), func(t *testing.T) {
			algorithm := Algorithm{Curve: curve, Explicit: true}
			country, err := New("explicit", Options{Key: algorithm})
			require.NoError(t, err)
			signer, err := country.IssueDSC(DSCOptions{Key: algorithm})
			require.NoError(t, err)
			checkSignature(t, signer.Certificate, country.Certificate)
			checkSOD(t, country, signer, SODOptions{ByKeyID: true}, "-noverify")
		})
	}
}

func checkSignature(t *testing.T, child, parent []byte) {
	var parts struct {
		TBS, Algorithm asn1.RawValue
		Signature      asn1.BitString
	}
	_, err := asn1.Unmarshal(child, &parts)
	require.NoError(t, err)
	dir := t.TempDir()
	tbs, signature, public := filepath.Join(dir, "tbs"), filepath.Join(dir, "signature"), filepath.Join(dir, "key")
	require.NoError(t, os.WriteFile(tbs, parts.TBS.FullBytes, 0o600))
	require.NoError(t, os.WriteFile(signature, parts.Signature.Bytes, 0o600))
	openssl(t, "x509", "-noout", "-pubkey", "-out", public, "-in", pemFile(t, dir, "parent", "CERTIFICATE", parent))
	assert.Contains(t, openssl(t, "pkey", "-pubin", "-noout", "-text", "-in", public), "Field Type: prime-field")
	assert.Contains(t, openssl(t, "dgst", "-sha256", "-verify", public, "-signature", signature, tbs), "Verified OK")
}
