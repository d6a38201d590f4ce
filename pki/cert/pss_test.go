package cert_test

import (
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"testing"

	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPSSParameters pins how RSASSA-PSS-params are read (RFC 4055 §3.1).
func TestPSSParameters(t *testing.T) {
	const (
		pss       = "06092a864886f70d01010a"
		sha256    = "300d06096086480165030402010500"
		mgfSHA256 = "301806092a864886f70d010108300b0609608648016503040201"
		mgfSHA1   = "301606092a864886f70d010108300906052b0e03021a0500"
	)
	defaults := cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA1, MGFHash: crypto.SHA1, SaltLen: 20}
	for _, c := range []struct {
		name, params string
		want         cert.Algorithm
		err          error
	}{
		{"defaults", "3000", defaults, nil},
		{"SHA-256 throughout", der("30", der("a0", sha256)+der("a1", mgfSHA256)+"a203020120"), cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256, SaltLen: 32}, nil},
		{"two hashes", der("30", der("a0", sha256)+der("a1", mgfSHA1)+"a203020120"), cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA1, SaltLen: 32}, nil},
		{"SHA-256 and the default mask", der("30", der("a0", sha256)), cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA1, SaltLen: 20}, nil},
		{"no salt", der("30", der("a0", sha256)+der("a1", mgfSHA256)+"a203020100"), cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256}, nil},
		{"trailer written out", der("30", "a303020101"), defaults, nil},
		{"another trailer", der("30", "a303020102"), cert.Algorithm{}, cert.ErrMalformed},
		{"negative salt", der("30", "a2030201ff"), cert.Algorithm{}, cert.ErrMalformed},
		{"huge salt", der("30", "a20402027fff"), cert.Algorithm{}, cert.ErrMalformed},
		{"mask by something else", der("30", der("a1", sha256)), cert.Algorithm{}, cert.ErrMalformed},
		{"hash with parameters", der("30", der("a0", "300d06096086480165030402010400")), cert.Algorithm{}, cert.ErrMalformed},
		{"unknown hash", der("30", der("a0", "300d06096086480165030402080500")), cert.Algorithm{}, cert.ErrUnsupported},
		{"more", der("30", "a203020114"+"0500"), cert.Algorithm{}, cert.ErrMalformed},
	} {
		got, err := cert.ParseAlgorithm(unhex(t, der("30", pss+c.params)), 0)
		if c.err != nil {
			assert.ErrorIs(t, err, c.err, c.name)
			continue
		}
		require.NoError(t, err, c.name)
		assert.Equal(t, c.want, got, c.name)
	}
}

// der wraps hexadecimal content of under 128 bytes.
func der(tag, content string) string {
	return tag + hex.EncodeToString([]byte{byte(len(content) / 2)}) + content
}

// TestPSSWithoutSalt takes a salt length of zero for zero: crypto/rsa would
// take it for any.
func TestPSSWithoutSalt(t *testing.T) {
	key, err := rsa.GenerateKey(rand.Reader, 1029) // a message of 1028 bits: four bits beyond whole bytes
	require.NoError(t, err)
	public := cert.PublicKey{RSA: &key.PublicKey}
	alg := cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256}
	digest := alg.Digest([]byte("message"))
	for _, salt := range []int{1, 20, 32} {
		signature, err := rsa.SignPSS(rand.Reader, key, crypto.SHA256, digest, &rsa.PSSOptions{SaltLength: salt})
		require.NoError(t, err)
		assert.ErrorIs(t, public.Verify(alg, digest, signature), cert.ErrSignature)
		with := alg
		with.SaltLen = salt
		assert.NoError(t, public.Verify(with, digest, signature))
		assert.True(t, cert.VerifyEMSA(&key.PublicKey, with, digest, signature))
		with.SaltLen++
		assert.False(t, cert.VerifyEMSA(&key.PublicKey, with, digest, signature))
		with.MGFHash = crypto.SHA1
		assert.ErrorIs(t, public.Verify(with, digest, signature), cert.ErrSignature)
	}
	alg.MGFHash = 0
	assert.ErrorIs(t, public.Verify(alg, digest, nil), cert.ErrUnsupported)
}
