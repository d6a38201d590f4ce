package cvca_test

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/pki/specimen/cvca"
)

func chain(t *testing.T, seed string, key cvca.Key) (*cvca.Authority, *cvca.Verifier, *cvca.Holder) {
	t.Helper()
	a, err := cvca.New(seed, cvca.Options{Key: key})
	require.NoError(t, err)
	v, err := a.Verifier(cvca.HolderOptions{})
	require.NoError(t, err)
	is, err := v.Terminal(cvca.HolderOptions{})
	require.NoError(t, err)
	return a, v, is
}

// signed splits a certificate with lengths of two bytes into what is signed and
// the signature of so many bytes.
func signed(t *testing.T, certificate []byte, size int) (body, signature []byte) {
	head := bytes.Index(certificate, []byte{0x7F, 0x4E})
	require.Positive(t, head)
	tail := bytes.LastIndex(certificate, []byte{0x5F, 0x37})
	require.Len(t, certificate[len(certificate)-size:], size)
	require.Less(t, tail, len(certificate)-size)
	return certificate[head:tail], certificate[len(certificate)-size:]
}

// The standard library has the last word on signatures and keys.
func TestSignatures(t *testing.T) {
	a, v, is := chain(t, "one", cvca.Key{})
	der, err := v.PKCS8()
	require.NoError(t, err)
	parsed, err := x509.ParsePKCS8PrivateKey(der)
	require.NoError(t, err)
	body, signature := signed(t, is.Certificate, 64)
	digest := sha256.Sum256(body)
	r, s := new(big.Int).SetBytes(signature[:32]), new(big.Int).SetBytes(signature[32:])
	assert.True(t, ecdsa.Verify(&parsed.(*ecdsa.PrivateKey).PublicKey, digest[:], r, s))
	assert.Equal(t, v.Reference, is.Authority)
	assert.Equal(t, a.Reference, v.Authority)

	for _, pss := range []bool{false, true} {
		a, v, _ := chain(t, "one", cvca.Key{RSA: 2048, PSS: pss, Hash: crypto.SHA256})
		der, err := a.PKCS8()
		require.NoError(t, err)
		parsed, err := x509.ParsePKCS8PrivateKey(der)
		require.NoError(t, err)
		public := &parsed.(*rsa.PrivateKey).PublicKey
		body, signature := signed(t, v.Certificate, 256)
		digest := sha256.Sum256(body)
		if pss {
			assert.NoError(t, rsa.VerifyPSS(public, crypto.SHA256, digest[:], signature, &rsa.PSSOptions{SaltLength: 32}))
		} else {
			assert.NoError(t, rsa.VerifyPKCS1v15(public, crypto.SHA256, digest[:], signature))
		}
	}
}

// Domain parameters stand in the certificates of authorities only, ICAO 9303-12
// §7.2.3.2.2.
func TestDomainParameters(t *testing.T) {
	a, v, is := chain(t, "one", cvca.Key{Curve: ec.BrainpoolP256r1()})
	base := ec.BrainpoolP256r1().Generator().Bytes()
	assert.Contains(t, string(a.Certificate), string(base))
	assert.NotContains(t, string(v.Certificate), string(base))
	assert.NotContains(t, string(is.Certificate), string(base))
	next, err := cvca.New("one", cvca.Options{Generation: 2, Key: cvca.Key{Curve: ec.P384(), Hash: crypto.SHA384}})
	require.NoError(t, err)
	link, err := a.Link(next)
	require.NoError(t, err)
	assert.Contains(t, string(link), string(ec.P384().Generator().Bytes()))
	assert.Contains(t, string(link), a.Reference)
	assert.Contains(t, string(link), next.Reference)
}

func TestDeterministic(t *testing.T) {
	a, v, is := chain(t, "one", cvca.Key{})
	again, _, last := chain(t, "one", cvca.Key{})
	assert.Equal(t, a.Certificate, again.Certificate)
	assert.Equal(t, is.Certificate, last.Certificate)
	other, w, strange := chain(t, "two", cvca.Key{})
	assert.NotEqual(t, a.Certificate, other.Certificate)
	assert.NotEqual(t, v.Certificate, w.Certificate)
	assert.NotEqual(t, is.Certificate, strange.Certificate)
	assert.Equal(t, a.Reference, other.Reference, "the name does not tell")
}

func TestImpossibleKeys(t *testing.T) {
	for _, key := range []cvca.Key{
		{Curve: ec.P256(), Hash: crypto.SHA1}, {RSA: 2048, Hash: crypto.SHA384}, {RSA: 2048, Curve: ec.P256(), Hash: crypto.SHA256},
	} {
		_, err := cvca.New("one", cvca.Options{Key: key})
		assert.Error(t, err)
	}
}
