package trust_test

import (
	"bytes"
	"crypto/x509"
	"slices"
	"testing"

	"cnie/internal/vectors"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/trust"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// masterList verifies the German master list of June 2025 and returns its
// country signers.
func masterList(t testing.TB) []*cert.Certificate {
	t.Helper()
	sd, err := cms.Parse(vectors.File(t, "masterlist", "DE_ML_2025-06-25-09-31-57.ml"))
	require.NoError(t, err)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	_, err = sd.Verify(0, signer)
	require.NoError(t, err)
	var all []*cert.Certificate
	for c, err := range trust.MasterListCertificates(sd.Content) {
		require.NoError(t, err)
		all = append(all, c)
	}
	return all
}

// TestMasterList parses every country signer, where crypto/x509 refuses 139 of
// them, and agrees with it on the others.
func TestMasterList(t *testing.T) {
	all := masterList(t)
	require.Len(t, all, 559)
	explicit, refused := 0, 0
	for _, c := range all {
		if c.PublicKey.Explicit {
			explicit++
		}
		assert.NotZero(t, c.SignatureAlgorithm.Kind, "%v", c.Subject)
		assert.Empty(t, c.UnknownCritical, "%v", c.Subject)
		theirs, err := x509.ParseCertificate(c.Raw)
		if err != nil {
			refused++
			assert.NotEmpty(t, c.Deviations, "crypto/x509 refuses %v: %v", c.Subject, err)
			continue
		}
		compare(t, theirs, c)
	}
	assert.Equal(t, 135, explicit)
	assert.Equal(t, 139, refused)
}

func compare(t *testing.T, theirs *x509.Certificate, c *cert.Certificate) {
	t.Helper()
	assert.Equal(t, theirs.SerialNumber, c.Serial)
	assert.True(t, theirs.NotBefore.Equal(c.NotBefore) && theirs.NotAfter.Equal(c.NotAfter))
	assert.True(t, bytes.Equal(theirs.RawSubject, c.RawSubject) && bytes.Equal(theirs.RawIssuer, c.RawIssuer))
	assert.True(t, bytes.Equal(theirs.RawTBSCertificate, c.RawTBS) && bytes.Equal(theirs.Signature, c.Signature))
	assert.True(t, bytes.Equal(theirs.SubjectKeyId, c.SubjectKeyID) && bytes.Equal(theirs.AuthorityKeyId, c.AuthorityKeyID))
	assert.Equal(t, theirs.KeyUsage, c.KeyUsage)
	assert.Equal(t, theirs.IsCA, c.IsCA, "%v", c.Subject)
	assert.True(t, slices.Equal(theirs.CRLDistributionPoints, c.CRLDistributionPoints))
	if c.IsCA && theirs.MaxPathLen > 0 {
		assert.Equal(t, theirs.MaxPathLen, c.MaxPathLen)
	}
	for _, extension := range theirs.UnhandledCriticalExtensions {
		assert.Contains(t, "2.5.29.16 2.23.136.1.1.6.1", extension.String(), "known here, not there")
	}
}

// TestMasterListPaths follows the list's links and leaves no self-signed
// certificate unverified.
func TestMasterListPaths(t *testing.T) {
	all := masterList(t)
	store := trust.NewStore(all, nil)
	anchored, moroccan := 0, 0
	for _, c := range all {
		issuers := store.Issuers(c)
		if len(issuers) > 0 {
			assert.NoError(t, c.CheckSignatureFrom(issuers[0]), "%v by %v", c.Subject, issuers[0].Subject)
			anchored++
		}
		if c.Subject.CommonName == "CSCA-MAROC" {
			moroccan++
			assert.Equal(t, "MAR", c.SubjectAltCountry)
			assert.Equal(t, "MA", c.Subject.Country)
			assert.Equal(t, 0, c.MaxPathLen)
			assert.Empty(t, c.Deviations)
			assert.Empty(t, c.DocumentProfile())
			require.NotNil(t, c.PrivateKeyUsage)
			assert.Equal(t, c.NotBefore.AddDate(3, 0, 0), c.PrivateKeyUsage.NotAfter)
		}
	}
	assert.Equal(t, 6, moroccan)
	assert.Equal(t, 547, anchored, "the other 12 are links from roots that the list no longer has")
}
