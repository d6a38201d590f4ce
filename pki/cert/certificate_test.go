package cert_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"cnie/internal/ec"
	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// template is what the tests below vary.
func template() *x509.Certificate {
	return &x509.Certificate{
		SerialNumber: big.NewInt(77), NotBefore: start, NotAfter: start.AddDate(1, 0, 0),
		Subject:               pkix.Name{Country: []string{"ma"}, Organization: []string{"SPECIMEN"}, CommonName: "DSC"},
		BasicConstraintsValid: true,
	}
}

// create lets crypto/x509 write a self-signed P-256 certificate.
func create(t testing.TB, tmpl *x509.Certificate) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	der, err := x509.CreateCertificate(rand.Reader, tmpl, tmpl, &key.PublicKey, key)
	require.NoError(t, err)
	return der
}

func parse(t testing.TB, der []byte) *cert.Certificate {
	t.Helper()
	c, err := cert.Parse(der)
	require.NoError(t, err)
	return c
}

func extension(oid asn1.ObjectIdentifier, critical bool, hex string, t *testing.T) pkix.Extension {
	return pkix.Extension{Id: oid, Critical: critical, Value: unhex(t, hex)}
}

// TestDocumentExtensions reads what Doc 9303-12 adds to certificates.
func TestDocumentExtensions(t *testing.T) {
	tmpl := template()
	tmpl.ExtraExtensions = []pkix.Extension{
		extension(asn1.ObjectIdentifier{2, 23, 136, 1, 1, 6, 2}, false, "300c02010031071301491302"+"4944", t),
		extension(asn1.ObjectIdentifier{2, 23, 136, 1, 1, 6, 1}, false, "0500", t),
		extension(asn1.ObjectIdentifier{2, 5, 29, 16}, false, "3022800f32303236303130313030303030305a810f32303236303430313030303030305a", t),
		extension(asn1.ObjectIdentifier{2, 5, 29, 17}, false, "3012a410300e310c300a060355040713034d4152", t),
		extension(asn1.ObjectIdentifier{2, 5, 29, 18}, false, "3012a410300e310c300a060355040713034d4152", t),
		extension(asn1.ObjectIdentifier{1, 2, 3}, true, "0500", t),
	}
	c := parse(t, create(t, tmpl))
	assert.Equal(t, []string{"I", "ID"}, c.DocumentTypes)
	assert.True(t, c.NameChange)
	require.NotNil(t, c.PrivateKeyUsage)
	assert.True(t, c.PrivateKeyUsage.NotBefore.Equal(start) && c.PrivateKeyUsage.NotAfter.Equal(start.AddDate(0, 3, 0)))
	assert.Equal(t, []string{"MAR", "MAR"}, []string{c.SubjectAltCountry, c.IssuerAltCountry})
	assert.Equal(t, []asn1.ObjectIdentifier{{1, 2, 3}}, c.UnknownCritical)
	assert.Equal(t, []string{"MA", "SPECIMEN", "DSC"}, []string{c.Subject.Country, c.Subject.Organisation, c.Subject.CommonName})
	assert.Empty(t, c.Deviations)
	assert.True(t, c.SelfIssued())
	assert.NoError(t, c.CheckSignatureFrom(c))

	spki, err := x509.ParsePKIXPublicKey(c.RawSPKI)
	require.NoError(t, err)
	point, err := spki.(*ecdsa.PublicKey).Bytes()
	require.NoError(t, err)
	sum := sha1.Sum(point)
	assert.Equal(t, sum[:], c.KeyIdentifier())
}

// TestTolerated lists what is let through; each row patches a certificate.
func TestTolerated(t *testing.T) {
	tmpl := template()
	tmpl.IsCA, tmpl.MaxPathLenZero, tmpl.KeyUsage = true, true, x509.KeyUsageCertSign
	der := create(t, tmpl)
	for _, c := range []struct {
		name, from, to, deviation string
		check                     func(*cert.Certificate) bool
	}{
		{"negative serial", "02014d", "0201cd", "serial number is not positive",
			func(c *cert.Certificate) bool { return c.Serial.Int64() == -51 }},
		{"true that is not DER", "30060101ff020100", "3006010101020100", "basicConstraints has a truth value that is not DER",
			func(c *cert.Certificate) bool { return c.IsCA && c.MaxPathLen == 0 }},
		{"path length of no authority", "30060101ff020100", "3006010100020100", "basicConstraints limits the path of a subject that is no authority",
			func(c *cert.Certificate) bool { return !c.IsCA && c.MaxPathLen == -1 }},
		{"malformed basicConstraints", "30060101ff020100", "30060101ff040100", "extension basicConstraints is malformed and was left out",
			func(c *cert.Certificate) bool { return !c.IsCA && !c.HasBasicConstraints && c.UnknownCritical == nil }},
		{"malformed critical key usage", "04040302" + "0204", "0404040202" + "04", "extension keyUsage is malformed and was left out",
			func(c *cert.Certificate) bool { return c.KeyUsage == 0 && len(c.UnknownCritical) == 1 }},
	} {
		from, to := unhex(t, c.from), unhex(t, c.to)
		require.Equal(t, 1, bytes.Count(der, from), "%s: %x", c.name, der)
		parsed := parse(t, bytes.Replace(der, from, to, 1))
		assert.Equal(t, []string{c.deviation}, parsed.Deviations, c.name)
		assert.True(t, c.check(parsed), c.name)
		assert.ErrorIs(t, parsed.CheckSignatureFrom(parsed), cert.ErrSignature, c.name)
	}
}

// TestRefused keeps the limits of leniency.
func TestRefused(t *testing.T) {
	tmpl := template()
	key := extension(asn1.ObjectIdentifier{1, 2, 4}, false, "0500", t)
	tmpl.ExtraExtensions = []pkix.Extension{key}
	der := create(t, tmpl)
	twice := template()
	twice.ExtraExtensions = []pkix.Extension{extension(asn1.ObjectIdentifier{1, 2, 4}, false, "0500", t), extension(asn1.ObjectIdentifier{1, 2, 5}, false, "0500", t)}
	twiceDER := bytes.Replace(create(t, twice), []byte{0x06, 2, 0x2a, 5}, []byte{0x06, 2, 0x2a, 4}, 1)
	for name, raw := range map[string][]byte{
		"empty": nil, "cut short": der[:len(der)-1], "trailing byte": append(bytes.Clone(der), 0),
		"huge": make([]byte, 1<<20), "extension twice": twiceDER,
	} {
		_, err := cert.Parse(raw)
		assert.ErrorIs(t, err, cert.ErrMalformed, name)
	}
}

// TestExplicitParameters accepts each known curve written out, and nothing that
// differs from it in any bit (CVE-2020-0601).
func TestExplicitParameters(t *testing.T) {
	for _, curve := range []*ec.Curve{ec.P256(), ec.BrainpoolP224r1(), ec.BrainpoolP256r1(), ec.BrainpoolP512r1()} {
		spki, parameters := explicitSPKI(t, curve)
		key, err := cert.ParseSPKI(spki)
		require.NoError(t, err)
		assert.True(t, key.Explicit)
		assert.Same(t, curve, key.EC.Curve())
		at := bytes.Index(spki, parameters)
		for i := at; i < at+len(parameters); i++ {
			altered := bytes.Clone(spki)
			altered[i] ^= 1
			_, err := cert.ParseSPKI(altered)
			assert.Error(t, err, "%s, byte %d", curve.Name(), i-at)
		}
	}
}

func explicitSPKI(t *testing.T, curve *ec.Curve) (spki, parameters []byte) {
	t.Helper()
	parameters = curve.ExplicitDER()
	spki, err := asn1.Marshal(struct {
		Algorithm pkix.AlgorithmIdentifier
		Key       asn1.BitString
	}{
		pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}, Parameters: asn1.RawValue{FullBytes: parameters}},
		asn1.BitString{Bytes: curve.Generator().Bytes(), BitLength: 8 * len(curve.Generator().Bytes())},
	})
	require.NoError(t, err)
	return spki, parameters
}

// TestRSAKeys bounds RSA keys and notes a missing NULL.
func TestRSAKeys(t *testing.T) {
	good := new(big.Int).SetBit(big.NewInt(1), 2047, 1)
	for _, c := range []struct {
		name string
		n    *big.Int
		e    int
		ok   bool
	}{
		{"plain", good, 65537, true}, {"exponent 3", good, 3, true}, {"exponent 1", good, 1, false}, {"even exponent", good, 4, false},
		{"even modulus", new(big.Int).Add(good, big.NewInt(1)), 3, false}, {"negative modulus", new(big.Int).Neg(good), 3, false},
		{"short", new(big.Int).SetBit(big.NewInt(1), 767, 1), 3, false}, {"long", new(big.Int).SetBit(big.NewInt(1), 9000, 1), 3, false},
	} {
		key, err := asn1.Marshal(rsa.PublicKey{N: c.n, E: c.e})
		require.NoError(t, err)
		for _, parameters := range [][]byte{nil, {5, 0}} {
			spki, err := asn1.Marshal(struct {
				Algorithm pkix.AlgorithmIdentifier
				Key       asn1.BitString
			}{pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, Parameters: asn1.RawValue{FullBytes: parameters}},
				asn1.BitString{Bytes: key, BitLength: 8 * len(key)}})
			require.NoError(t, err)
			_, err = cert.ParseSPKI(spki)
			assert.Equal(t, c.ok, err == nil, "%s: %v", c.name, err)
		}
	}
}

// TestNames compares names as RFC 5280 §7.1 does and keeps output printable.
func TestNames(t *testing.T) {
	name := func(common string) cert.Name {
		tmpl := template()
		tmpl.Subject.CommonName = common
		return parse(t, create(t, tmpl)).Subject
	}
	plain := name("CSCA  Maroc")
	assert.True(t, plain.Equal(name("csca maroc ")))
	assert.False(t, plain.Equal(name("csca-maroc")))
	assert.Equal(t, "C=ma, O=SPECIMEN, CN=CSCA  Maroc", plain.String())
	assert.Equal(t, "C=ma, O=SPECIMEN, CN=\uFFFD[2Jred", name("\x1b[2Jred").String())

	for value, want := range map[string]string{
		"1e0400c90041": "\u00c9A", // BMPString
		"1402c941":     "\u00c9A", // TeletexString, which holds Latin-1
		"0c03c38941":   "\u00c9A", // UTF8String
	} {
		tmpl, content := template(), unhex(t, "0603550403"+value)
		attribute := append([]byte{0x30, byte(len(content))}, content...)
		set := append([]byte{0x31, byte(len(attribute))}, attribute...)
		tmpl.RawSubject = append([]byte{0x30, byte(len(set))}, set...)
		assert.Equal(t, want, parse(t, create(t, tmpl)).Subject.CommonName, value)
	}
}
