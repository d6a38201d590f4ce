package cert_test

import (
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"math/rand/v2"
	"strings"
	"testing"

	"cnie/internal/vectors"
	"cnie/pki/cert"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPublishedAgainstX509 reads the certificates of a published master list
// like crypto/x509 does where that can, and lists a deviation where it cannot.
func TestPublishedAgainstX509(t *testing.T) {
	message, err := cms.Parse(vectors.File(t, "masterlist", "DE_ML_2025-06-25-09-31-57.ml"))
	require.NoError(t, err)
	var list struct {
		Version      int
		Certificates []asn1.RawValue `asn1:"set"`
	}
	_, err = asn1.Unmarshal(message.Content, &list)
	require.NoError(t, err)
	both := 0
	for i, raw := range list.Certificates {
		ours, err := cert.Parse(raw.FullBytes)
		require.NoError(t, err)
		theirs, err := x509.ParseCertificate(raw.FullBytes)
		if err != nil {
			assert.NotEmpty(t, ours.Deviations, "certificate %d: %v", i, err)
			continue
		}
		both++
		agree(t, ours, theirs, fmt.Sprintf("certificate %d of %s", i, ours.Subject.Country))
	}
	assert.Equal(t, []int{559, 420}, []int{len(list.Certificates), both})
}

// TestFreshAgainstX509 reads what crypto/x509 writes like crypto/x509 does.
func TestFreshAgainstX509(t *testing.T) {
	random := rand.New(rand.NewPCG(5280, 0))
	for i := range 200 {
		der := create(t, randomTemplate(random))
		theirs, err := x509.ParseCertificate(der)
		require.NoError(t, err)
		ours := parse(t, der)
		assert.Empty(t, ours.Deviations, "certificate %d", i)
		agree(t, ours, theirs, fmt.Sprintf("certificate %d", i))
	}
}

// randomTemplate varies what the judge reads: authority and path length, key
// usages, identifiers, dates on both sides of 2050.
func randomTemplate(random *rand.Rand) *x509.Certificate {
	some := func(n int) []byte {
		b := make([]byte, n)
		for i := range b {
			b[i] = byte(random.Uint32())
		}
		return b
	}
	tmpl := &x509.Certificate{
		SerialNumber: new(big.Int).Add(new(big.Int).SetBytes(some(1+random.IntN(19))), big.NewInt(1)),
		NotBefore:    start.AddDate(random.IntN(40), random.IntN(12), 0),
		NotAfter:     start.AddDate(40+random.IntN(40), 0, random.IntN(30)),
		Subject: pkix.Name{Country: []string{"MA"}, Organization: []string{"SPECIMEN"}, OrganizationalUnit: []string{"État civil"},
			CommonName: fmt.Sprintf("CSCA %x", some(4))},
		KeyUsage:              x509.KeyUsage(random.IntN(1 << 9)),
		BasicConstraintsValid: random.IntN(4) > 0,
		AuthorityKeyId:        some(random.IntN(2) * 20),
		SubjectKeyId:          some(1 + random.IntN(20)),
	}
	if tmpl.IsCA = tmpl.BasicConstraintsValid && random.IntN(2) == 0; tmpl.IsCA {
		tmpl.MaxPathLen = random.IntN(4) - 1
		tmpl.MaxPathLenZero = tmpl.MaxPathLen == 0
	}
	if random.IntN(2) == 0 {
		tmpl.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{2, 23, 136, 1, 1, 3}}
		tmpl.CRLDistributionPoints = []string{"http://csca.specimen.example/crl"}
	}
	return tmpl
}

// agree compares everything that both packages read.
func agree(t *testing.T, ours *cert.Certificate, theirs *x509.Certificate, name string) {
	t.Helper()
	for what, pair := range map[string][2]any{
		"TBS":                {theirs.RawTBSCertificate, ours.RawTBS},
		"subject":            {theirs.RawSubject, ours.RawSubject},
		"issuer":             {theirs.RawIssuer, ours.RawIssuer},
		"SPKI":               {theirs.RawSubjectPublicKeyInfo, ours.RawSPKI},
		"signature":          {theirs.Signature, ours.Signature},
		"version":            {theirs.Version, ours.Version},
		"serial number":      {theirs.SerialNumber.String(), ours.Serial.String()},
		"dates":              {[]any{theirs.NotBefore.UTC(), theirs.NotAfter.UTC()}, []any{ours.NotBefore.UTC(), ours.NotAfter.UTC()}},
		"subject key":        {string(theirs.SubjectKeyId), string(ours.SubjectKeyID)},
		"authority key":      {string(theirs.AuthorityKeyId), string(ours.AuthorityKeyID)},
		"key usage":          {theirs.KeyUsage, ours.KeyUsage},
		"basic constraints":  {theirs.BasicConstraintsValid, ours.HasBasicConstraints},
		"authority":          {theirs.IsCA, ours.IsCA},
		"path length":        {pathLength(theirs), ours.MaxPathLen},
		"ext key usages":     {len(theirs.ExtKeyUsage) + len(theirs.UnknownExtKeyUsage), len(ours.ExtKeyUsage)},
		"distribution point": {theirs.CRLDistributionPoints, ours.CRLDistributionPoints},
		"country":            {firstOf(theirs.Subject.Country), ours.Subject.Country},
	} {
		assert.EqualValues(t, pair[0], pair[1], "%s: %s", name, what)
	}
	switch key := theirs.PublicKey.(type) {
	case *rsa.PublicKey:
		assert.True(t, key.Equal(ours.PublicKey.RSA), name)
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		require.NoError(t, err)
		assert.Equal(t, point, ours.PublicKey.EC.Bytes(), name)
	}
	if theirs.CheckSignature(theirs.SignatureAlgorithm, theirs.RawTBSCertificate, theirs.Signature) == nil {
		assert.NoError(t, ours.CheckSignatureFrom(ours), name)
	}
}

// pathLength is -1 where there is no limit, as in this package.
func pathLength(c *x509.Certificate) int {
	if c.MaxPathLen == 0 && !c.MaxPathLenZero || !c.IsCA {
		return -1
	}
	return c.MaxPathLen
}

func firstOf(values []string) string {
	if len(values) == 0 {
		return ""
	}
	return strings.ToUpper(values[0])
}
