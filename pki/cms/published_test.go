package cms_test

import (
	"bytes"
	"crypto"
	"encoding/pem"
	"testing"

	"cnie/internal/ec"
	"cnie/internal/vectors"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var synthetic = []string{"rsa-2048-sha256", "rsa-3072-sha384", "rsa-4096-sha512", "ecdsa-p256-sha256", "ecdsa-p384-sha384", "ecdsa-p521-sha512"}

// TestSyntheticSODs verifies the security objects of an invented person with
// their embedded document signers, and those with the published authorities.
// Their generator left the signer's key identifier at zeros, wrote ECDSA plain
// and always named SHA-256: all of it listed. The document signers published
// beside them are a later issue with other keys, so they must fail.
func TestSyntheticSODs(t *testing.T) {
	for _, name := range synthetic {
		t.Run(name, func(t *testing.T) {
			raw := vectors.File(t, "synthetic-sod", "johnny-silverhand-"+name+".sod")
			sd := reparse(t, raw)
			assert.Equal(t, "2.23.136.1.1.1", sd.ContentType.String())
			_, found := sd.SignerCertificate(0)
			assert.False(t, found)
			signer := sd.Certificates[0]
			result, err := sd.Verify(0, signer)
			require.NoError(t, err)
			assert.Contains(t, result.Deviations, "the signer names another certificate than the one at hand")
			assert.Equal(t, result.DigestAlgorithm, result.Algorithm.Hash)
			assert.Equal(t, signer.PublicKey.EC != nil, result.Algorithm.Plain)

			authority := "rsa-2048-sha256"
			if signer.PublicKey.EC != nil {
				authority = "ecdsa-p256-sha256"
			}
			assert.NoError(t, signer.CheckSignatureFrom(publishedCertificate(t, "zkr-csca-"+authority)))
			_, err = sd.Verify(0, publishedCertificate(t, "zkr-dsc-"+name))
			assert.ErrorIs(t, err, cms.ErrSignature)

			refuseAltered(t, raw, sd.Content, signer, cms.ErrMessageDigest)
			refuseAltered(t, raw, sd.Signers[0].Signature, signer, cms.ErrSignature)
		})
	}
}

// refuseAltered flips a bit of every byte of part, which is in raw and not a
// copy.
func refuseAltered(t *testing.T, raw, part []byte, signer *cert.Certificate, want error) {
	t.Helper()
	start := bytes.Index(raw, part)
	require.Positive(t, start)
	for at := start; at < start+len(part); at++ {
		altered := bytes.Clone(raw)
		altered[at] ^= 1 << (at % 8)
		_, err := reparse(t, altered).Verify(0, signer)
		require.ErrorIs(t, err, want, "byte %d", at)
	}
}

// TestSyntheticAuthorities pins who signed whom among the published
// certificates: each document signer comes from the authority of its kind of
// key, and from no other.
func TestSyntheticAuthorities(t *testing.T) {
	authorities := map[string]*cert.Certificate{}
	for _, name := range []string{"rsa-2048-sha256", "ecdsa-p256-sha256"} {
		authorities[name] = publishedCertificate(t, "zkr-csca-"+name)
		assert.NoError(t, authorities[name].CheckSignatureFrom(authorities[name]))
		assert.True(t, authorities[name].IsCA)
	}
	for _, name := range synthetic {
		embedded := reparse(t, vectors.File(t, "synthetic-sod", "johnny-silverhand-"+name+".sod")).Certificates[0]
		for _, signer := range []*cert.Certificate{embedded, publishedCertificate(t, "zkr-dsc-"+name)} {
			for key, authority := range authorities {
				if (signer.PublicKey.EC != nil) == (authority.PublicKey.EC != nil) {
					assert.NoError(t, signer.CheckSignatureFrom(authority), "%s from %s", name, key)
				} else {
					assert.ErrorIs(t, signer.CheckSignatureFrom(authority), cert.ErrSignature, "%s from %s", name, key)
				}
			}
		}
		assert.False(t, embedded.PublicKey.Equal(publishedCertificate(t, "zkr-dsc-"+name).PublicKey), name)
	}
}

func publishedCertificate(t *testing.T, name string) *cert.Certificate {
	t.Helper()
	block, _ := pem.Decode(vectors.File(t, "synthetic-sod", name+".pem"))
	require.NotNil(t, block)
	c, err := cert.Parse(block.Bytes)
	require.NoError(t, err)
	return c
}

func reparse(t *testing.T, raw []byte) *cms.SignedData {
	t.Helper()
	sd, err := cms.Parse(raw)
	require.NoError(t, err)
	return sd
}

// TestBSI2008 verifies the specimen security object of 2008: ECDSA with SHA-1
// on brainpoolP224r1, which is written out, and a profile of its time.
func TestBSI2008(t *testing.T) {
	raw := vectors.File(t, "bsi2008", "EF_SOD.bin")[4:] // tag 77, three bytes of length
	sd := reparse(t, raw)
	assert.Empty(t, sd.Deviations)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	assert.True(t, signer.PublicKey.Explicit)
	assert.Same(t, ec.BrainpoolP224r1(), signer.PublicKey.EC.Curve())
	assert.Equal(t, "C=DE, O=BundesDruckerei GmbH, CN=DS, serialNumber=1.2.276.0.80.1.12.0.20.10.1.2", signer.Subject.String())
	assert.Equal(t, []string{"curve written out as explicit parameters, equal to brainpoolP224r1"}, signer.Deviations)
	assert.Contains(t, signer.DocumentProfile(), "no key usage")
	assert.Contains(t, signer.DocumentProfile(), "the issuer's name has no country")
	require.NotNil(t, signer.PrivateKeyUsage)
	assert.Equal(t, "2018-04-28", signer.PrivateKeyUsage.NotAfter.Format("2006-01-02"))

	result, err := sd.Verify(0, signer)
	require.NoError(t, err)
	assert.Equal(t, crypto.SHA1, result.Algorithm.Hash)
	assert.Equal(t, crypto.SHA1, result.DigestAlgorithm)
	assert.Equal(t, []string{"ECDSA signature algorithm with parameters"}, result.Deviations)
	assert.Nil(t, result.SigningTime)
}
