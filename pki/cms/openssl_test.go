package cms_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"cnie/internal/ec"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"github.com/smallstep/pkcs7"
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

// identity makes a key and a self-signed certificate and returns their files.
func identity(t testing.TB, dir, name string, keyArgs ...string) (key, certificate string) {
	t.Helper()
	key, certificate = filepath.Join(dir, name+".key"), filepath.Join(dir, name+".pem")
	openssl(t, append([]string{"genpkey", "-out", key}, keyArgs...)...)
	openssl(t, "req", "-x509", "-new", "-key", key, "-subj", "/C=MA/O=SPECIMEN/CN="+name, "-days", "30", "-out", certificate)
	return key, certificate
}

func readPEM(t testing.TB, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	block, _ := pem.Decode(content)
	require.NotNil(t, block)
	return block.Bytes
}

func parseFile(t testing.TB, path string) *cert.Certificate {
	t.Helper()
	c, err := cert.Parse(readPEM(t, path))
	require.NoError(t, err)
	return c
}

type variant struct {
	name      string
	args      []string
	algorithm cert.Algorithm
	deviates  bool
	theirs    bool // smallstep/pkcs7 can read it
}

var keyKinds = []struct {
	name     string
	genpkey  []string
	variants []variant
}{
	{"rsa", []string{"-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"}, []variant{
		{name: "sha1", args: []string{"-md", "sha1"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA1}, theirs: true},
		{name: "sha256", args: []string{"-md", "sha256"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA256}, theirs: true},
		{name: "sha384", args: []string{"-md", "sha384"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA384}, theirs: true},
		{name: "sha512", args: []string{"-md", "sha512"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA512}, theirs: true},
		{name: "sha224", args: []string{"-md", "sha224"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA224}},
		{name: "no attributes", args: []string{"-noattr"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA256}, theirs: true},
		{name: "key identifier", args: []string{"-keyid"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA256}},
		{name: "streamed", args: []string{"-stream", "-indef"}, algorithm: cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA256}, deviates: true, theirs: true},
		{name: "pss sha256", args: []string{"-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:32"},
			algorithm: cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256, SaltLen: 32}},
		{name: "pss sha512", args: []string{"-md", "sha512", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:64"},
			algorithm: cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA512, MGFHash: crypto.SHA512, SaltLen: 64}},
		{name: "pss sha1 defaults", args: []string{"-md", "sha1", "-keyopt", "rsa_padding_mode:pss", "-keyopt", "rsa_pss_saltlen:20"},
			algorithm: cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA1, MGFHash: crypto.SHA1, SaltLen: 20}},
	}},
	{"rsa-pss", []string{"-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048"}, []variant{
		{name: "open key", args: []string{"-keyopt", "rsa_pss_saltlen:32"}, algorithm: cert.Algorithm{Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256, SaltLen: 32}},
	}},
	{"p256", ecKey("P-256"), []variant{
		{name: "sha1", args: []string{"-md", "sha1"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA1}, theirs: true},
		{name: "sha256", algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}, theirs: true},
		{name: "no attributes", args: []string{"-noattr"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}, theirs: true},
		{name: "streamed key identifier", args: []string{"-stream", "-indef", "-keyid"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}, deviates: true},
	}},
	{"p521", ecKey("P-521"), []variant{
		{name: "sha512", args: []string{"-md", "sha512"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA512}, theirs: true},
	}},
	{"brainpool", ecKey("brainpoolP256r1"), []variant{
		{name: "sha224", args: []string{"-md", "sha224"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA224}},
		{name: "sha256", algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}},
		{name: "key identifier", args: []string{"-keyid"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}},
		{name: "streamed", args: []string{"-stream", "-indef"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA256}, deviates: true},
	}},
	{"explicit", append(ecKey("brainpoolP384r1"), "-pkeyopt", "ec_param_enc:explicit"), []variant{
		{name: "sha384", args: []string{"-md", "sha384"}, algorithm: cert.Algorithm{Kind: cert.ECDSA, Hash: crypto.SHA384}},
	}},
}

func ecKey(curve string) []string {
	return []string{"-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve}
}

// sign lets OpenSSL sign message and returns its CMS.
func sign(t testing.TB, dir, key, certificate string, args ...string) []byte {
	t.Helper()
	in, out := filepath.Join(dir, "message"), filepath.Join(dir, "signed")
	require.NoError(t, os.WriteFile(in, message, 0o600))
	openssl(t, append([]string{"cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-in", in, "-out", out,
		"-outform", "DER", "-inkey", key, "-signer", certificate}, args...)...)
	signed, err := os.ReadFile(out)
	require.NoError(t, err)
	return signed
}

// TestOpenSSL verifies what OpenSSL signed, and refuses it once altered.
func TestOpenSSL(t *testing.T) {
	for _, kind := range keyKinds {
		dir := t.TempDir()
		key, certificate := identity(t, dir, kind.name, kind.genpkey...)
		for _, v := range kind.variants {
			t.Run(kind.name+"/"+v.name, func(t *testing.T) {
				signed := sign(t, dir, key, certificate, v.args...)
				checkSigned(t, signed, v)
				checkAltered(t, signed)
				if v.theirs {
					theirs, err := pkcs7.Parse(signed)
					require.NoError(t, err)
					assert.Equal(t, theirs.Content, message)
					assert.NoError(t, theirs.Verify())
				}
			})
		}
	}
}

func checkSigned(t *testing.T, signed []byte, v variant) {
	sd, err := cms.Parse(signed)
	require.NoError(t, err)
	require.Len(t, sd.Signers, 1)
	assert.Equal(t, message, sd.Content)
	assert.Equal(t, v.deviates, len(sd.Deviations) > 0, "%v", sd.Deviations)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	result, err := sd.Verify(0, signer)
	require.NoError(t, err)
	assert.Equal(t, v.algorithm, result.Algorithm)
	assert.Equal(t, v.algorithm.Hash, result.DigestAlgorithm)
	assert.Equal(t, sd.Signers[0].SignedAttributes != nil, result.SigningTime != nil)
	assert.Empty(t, result.Deviations)

	_, err = sd.Verify(0, nil)
	assert.ErrorIs(t, err, cms.ErrNoSigner)
	sd.Content = append([]byte{}, sd.Content...)
	sd.Content[0] ^= 1
	_, err = sd.Verify(0, signer)
	if sd.Signers[0].SignedAttributes != nil {
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
	dir := t.TempDir()
	_, path := identity(t, dir, "explicit", append(ecKey("brainpoolP320r1"), "-pkeyopt", "ec_param_enc:explicit")...)
	c := parseFile(t, path)
	assert.True(t, c.PublicKey.Explicit)
	assert.Same(t, ec.BrainpoolP320r1(), c.PublicKey.EC.Curve())
	assert.NotEmpty(t, c.Deviations)
	assert.NoError(t, c.CheckSignatureFrom(c))

	_, path = identity(t, dir, "pss", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048",
		"-pkeyopt", "rsa_pss_keygen_md:sha384", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha384", "-pkeyopt", "rsa_pss_keygen_saltlen:48")
	c = parseFile(t, path)
	require.NotNil(t, c.PublicKey.PSS)
	assert.Equal(t, crypto.SHA384, c.PublicKey.PSS.Hash)
	assert.NoError(t, c.CheckSignatureFrom(c))
	weaker := c.SignatureAlgorithm
	weaker.SaltLen = 32
	assert.ErrorIs(t, c.PublicKey.Verify(weaker, weaker.Digest(c.RawTBS), c.Signature), cert.ErrSignature)
	plain := cert.Algorithm{Kind: cert.RSAPKCS1, Hash: crypto.SHA384}
	assert.ErrorIs(t, c.PublicKey.Verify(plain, plain.Digest(c.RawTBS), c.Signature), cert.ErrSignature)
}

// TestSeveralSigners verifies each signer under its own certificate only.
func TestSeveralSigners(t *testing.T) {
	dir := t.TempDir()
	key1, cert1 := identity(t, dir, "first", ecKey("P-256")...)
	key2, cert2 := identity(t, dir, "second", ecKey("brainpoolP512r1")...)
	signed := sign(t, dir, key1, cert1, "-signer", cert2, "-inkey", key2)
	sd, err := cms.Parse(signed)
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
	dir := t.TempDir()
	key, path := identity(t, dir, "detached", ecKey("P-384")...)
	in, out := filepath.Join(dir, "message"), filepath.Join(dir, "signed")
	require.NoError(t, os.WriteFile(in, message, 0o600))
	openssl(t, "cms", "-sign", "-binary", "-in", in, "-out", out, "-outform", "DER", "-inkey", key, "-signer", path, "-nocerts")
	signed, err := os.ReadFile(out)
	require.NoError(t, err)
	sd, err := cms.Parse(signed)
	require.NoError(t, err)
	signer := parseFile(t, path)
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
