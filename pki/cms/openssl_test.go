package cms_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"os"
	"os/exec"
	"testing"

	"cnie/internal/ec"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var message = []byte("what was signed\x00\xff, and nothing else\n")

// openssl runs the tool that makes these tests' inputs; `make test` installs it.
func openssl(t testing.TB, args ...string) {
	t.Helper()
	output, err := exec.Command("openssl", args...).CombinedOutput()
	require.NoError(t, err, "openssl %v: %s", args, output)
}

func parseFile(t testing.TB, path string) *cert.Certificate {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	block, _ := pem.Decode(content)
	require.NotNil(t, block)
	c, err := cert.Parse(block.Bytes)
	require.NoError(t, err)
	return c
}

func ecKey(curve string) []string {
	return []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve}
}

func pkcs1(h crypto.Hash) cert.Algorithm { return cert.Algorithm{Kind: cert.RSAPKCS1, Hash: h} }

func ecdsa(h crypto.Hash) cert.Algorithm { return cert.Algorithm{Kind: cert.ECDSA, Hash: h} }

func pss(h, mask crypto.Hash, salt int) cert.Algorithm {
	return cert.Algorithm{Kind: cert.RSAPSS, Hash: h, MGFHash: mask, SaltLen: salt}
}

// TestAlgorithms pins what is said of messages that verify, and looks at every
// byte of each once it is altered.
func TestAlgorithms(t *testing.T) {
	w := newWorkshop(t)
	for _, c := range []struct {
		row  row
		want cert.Algorithm
	}{
		{of("rsa2048", "-md", "sha1"), pkcs1(crypto.SHA1)},
		{of("rsa2048", "-md", "sha224"), pkcs1(crypto.SHA224)},
		{of("rsa2048", "-noattr"), pkcs1(crypto.SHA256)},
		{of("rsa2048").pss("rsa_pss_saltlen:32"), pss(crypto.SHA256, crypto.SHA256, 32)},
		{of("rsa2048", "-md", "sha1").pss("rsa_pss_saltlen:20"), pss(crypto.SHA1, crypto.SHA1, 20)},
		{of("rsa2048", "-md", "sha512").pss("rsa_pss_saltlen:0", "rsa_mgf1_md:sha256"), pss(crypto.SHA512, crypto.SHA256, 0)},
		{of("pssbound", "-md", "sha384").pss("rsa_pss_saltlen:48"), pss(crypto.SHA384, crypto.SHA384, 48)},
		{of("p256", "-md", "sha1"), ecdsa(crypto.SHA1)},
		{of("p521", "-md", "sha512", "-keyid"), ecdsa(crypto.SHA512)},
		{of("bp256", "-md", "sha224", "-noattr"), ecdsa(crypto.SHA224)},
		{of("explicit5", "-md", "sha384"), ecdsa(crypto.SHA384)},
	} {
		s := w.produce(c.row, message)
		t.Run(s.name, func(t *testing.T) {
			checkSigned(t, s.message, c.want)
			checkAltered(t, s.message)
		})
	}
}

func checkSigned(t *testing.T, signed []byte, want cert.Algorithm) {
	sd, err := cms.Parse(signed)
	require.NoError(t, err)
	require.Len(t, sd.Signers, 1)
	assert.Equal(t, message, sd.Content)
	assert.Empty(t, sd.Deviations)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	result, err := sd.Verify(0, signer)
	require.NoError(t, err)
	assert.Equal(t, want, result.Algorithm)
	assert.Equal(t, want.Hash, result.DigestAlgorithm)
	attributes := sd.Signers[0].SignedAttributes != nil
	assert.Equal(t, attributes, result.SigningTime != nil)
	assert.Empty(t, result.Deviations)

	_, err = sd.Verify(0, nil)
	assert.ErrorIs(t, err, cms.ErrNoSigner)
	sd.Content = append([]byte{}, sd.Content...)
	sd.Content[0] ^= 1
	_, err = sd.Verify(0, signer)
	if attributes {
		assert.ErrorIs(t, err, cms.ErrMessageDigest)
	} else {
		assert.ErrorIs(t, err, cms.ErrSignature)
	}
}

// checkAltered flips a bit in each byte. Whatever still verifies must be the
// same content under the same key: the alteration was in a part that the
// message's signature does not cover, such as the certificate's.
func checkAltered(t *testing.T, signed []byte) {
	original, err := cms.Parse(signed)
	require.NoError(t, err)
	key := original.Certificates[0].PublicKey
	for i := range signed {
		altered := bytes.Clone(signed)
		altered[i] ^= 0x04
		sd, err := cms.Parse(altered)
		if err != nil {
			continue
		}
		for s := range sd.Signers {
			signer, _ := sd.SignerCertificate(s)
			if _, err := sd.Verify(s, signer); err == nil {
				assert.Equal(t, message, sd.Content, "byte %d", i)
				assert.True(t, key.Equal(signer.PublicKey), "byte %d", i)
			}
		}
	}
}

// TestKeyKinds pins how OpenSSL's certificates are read.
func TestKeyKinds(t *testing.T) {
	w := newWorkshop(t)
	c := w.identity("explicit", keys["explicit"])
	assert.True(t, c.PublicKey.Explicit)
	assert.Same(t, ec.BrainpoolP256r1(), c.PublicKey.EC.Curve())
	assert.NotEmpty(t, c.Deviations)

	w.authority = nil // what follows signs itself
	c = w.identity("pssbound", keys["pssbound"])
	require.NotNil(t, c.PublicKey.PSS)
	assert.Equal(t, crypto.SHA384, c.PublicKey.PSS.Hash)
	assert.NoError(t, c.CheckSignatureFrom(c))
	for _, weaker := range []cert.Algorithm{pss(crypto.SHA384, crypto.SHA384, 32), pss(crypto.SHA384, crypto.SHA1, 48), pkcs1(crypto.SHA384)} {
		assert.ErrorIs(t, c.PublicKey.Verify(weaker, weaker.Digest(c.RawTBS), c.Signature), cert.ErrSignature)
	}
}

// TestSeveralSigners verifies each signer under its own certificate only.
func TestSeveralSigners(t *testing.T) {
	sd, err := cms.Parse(newWorkshop(t).produce(of("p256").and("bp512"), message).message)
	require.NoError(t, err)
	require.Len(t, sd.Signers, 2)
	for i := range sd.Signers {
		own, found := sd.SignerCertificate(i)
		require.True(t, found)
		_, err := sd.Verify(i, own)
		assert.NoError(t, err)
		other, _ := sd.SignerCertificate(1 - i)
		_, err = sd.Verify(i, other)
		assert.ErrorIs(t, err, cms.ErrSignature)
	}
	_, err = sd.Verify(2, sd.Certificates[0])
	assert.ErrorIs(t, err, cms.ErrMalformed)
}

// TestDetached verifies content that travels outside the message.
func TestDetached(t *testing.T) {
	s := newWorkshop(t).produce(row{keys: []string{"p384"}, args: []string{"-binary", "-nocerts"}}, message)
	sd, err := cms.Parse(s.message)
	require.NoError(t, err)
	signer := s.signers[0]
	assert.True(t, sd.Detached)
	_, found := sd.SignerCertificate(0)
	assert.False(t, found)
	_, err = sd.Verify(0, signer)
	assert.ErrorIs(t, err, cms.ErrMalformed)

	hash, err := sd.DigestAlgorithm(0)
	require.NoError(t, err)
	digest := cert.Algorithm{Hash: hash}.Digest(message)
	_, err = sd.VerifyDigest(0, signer, digest)
	assert.NoError(t, err)
	digest[0] ^= 1
	_, err = sd.VerifyDigest(0, signer, digest)
	assert.ErrorIs(t, err, cms.ErrMessageDigest)
	sd.Content = message
	_, err = sd.Verify(0, signer)
	assert.NoError(t, err)
}
