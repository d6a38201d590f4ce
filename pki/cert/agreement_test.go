package cert_test

import (
	"bytes"
	"encoding/asn1"
	"math/big"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/dh"
	"cnie/internal/ec"
	"cnie/internal/vectors"
	"cnie/pki/cert"
)

var (
	standardised = asn1.ObjectIdentifier{0, 4, 0, 127, 0, 7, 1, 2}
	dhAgreement  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 3, 1}
	dhPublic     = asn1.ObjectIdentifier{1, 2, 840, 10046, 2, 1}
	ecPublic     = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
)

// subjectKey makes a SubjectPublicKeyInfo.
func subjectKey(t testing.TB, algorithm asn1.ObjectIdentifier, parameters, key []byte) []byte {
	type identifier struct {
		OID        asn1.ObjectIdentifier
		Parameters asn1.RawValue
	}
	der, err := asn1.Marshal(struct {
		Algorithm identifier
		Key       asn1.BitString
	}{identifier{algorithm, asn1.RawValue{FullBytes: parameters}}, asn1.BitString{Bytes: key, BitLength: 8 * len(key)}})
	require.NoError(t, err)
	return der
}

func integer(t testing.TB, n *big.Int) []byte {
	der, err := asn1.Marshal(n)
	require.NoError(t, err)
	return der
}

func TestAgreementKeys(t *testing.T) {
	g, _ := dh.ByParameterID(2)
	y := g.Generator().Exp([]byte{9})
	number := integer(t, new(big.Int).SetBytes(y.Bytes()))
	p, err := ec.P256().Generator().Mul([]byte{9})
	require.NoError(t, err)
	named, err := asn1.Marshal(ec.P256().OID())
	require.NoError(t, err)
	for name, der := range map[string][]byte{
		"PKCS #3":           subjectKey(t, dhAgreement, g.PKCS3(), number),
		"X9.42":             subjectKey(t, dhPublic, g.X942(), number),
		"group by number":   subjectKey(t, standardised, integer(t, big.NewInt(2)), number),
		"curve by number":   subjectKey(t, standardised, integer(t, big.NewInt(12)), p.Bytes()),
		"curve by name":     subjectKey(t, ecPublic, named, p.Bytes()),
		"curve written out": subjectKey(t, ecPublic, ec.P256().ExplicitDER(), p.Bytes()),
	} {
		k, err := cert.ParseAgreementKey(der)
		require.NoError(t, err, name)
		secret, err := k.Agree(append(make([]byte, 31), 5))
		require.NoError(t, err, name)
		if k.DH != nil {
			assert.Equal(t, g.Generator().Exp([]byte{45}).Bytes(), secret, name)
			continue
		}
		want, err := ec.P256().Generator().Mul([]byte{45})
		require.NoError(t, err)
		assert.Equal(t, want.X(), secret, name)
	}
	one, minus := integer(t, big.NewInt(1)), integer(t, big.NewInt(-5))
	for name, der := range map[string][]byte{
		"one":                  subjectKey(t, dhPublic, g.X942(), one),
		"negative":             subjectKey(t, dhPublic, g.X942(), minus),
		"not in the subgroup":  subjectKey(t, dhPublic, g.X942(), integer(t, big.NewInt(3))),
		"another generator":    subjectKey(t, dhAgreement, bytes.Replace(g.PKCS3(), g.Generator().Bytes()[:9], make([]byte, 9), 1), number),
		"unused number":        subjectKey(t, standardised, integer(t, big.NewInt(5)), number),
		"negative number":      subjectKey(t, standardised, minus, number),
		"a point for a number": subjectKey(t, dhPublic, g.X942(), p.Bytes()),
		"RSA":                  subjectKey(t, asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, []byte{5, 0}, number),
		"garbage":              {0x30, 0},
	} {
		_, err := cert.ParseAgreementKey(der)
		assert.Error(t, err, name)
	}
	_, err = cert.AgreementKey{}.Agree([]byte{1})
	assert.Error(t, err)
}

func FuzzParseAgreementKey(f *testing.F) {
	g, _ := dh.ByParameterID(0)
	f.Add(subjectKey(f, dhPublic, g.X942(), integer(f, new(big.Int).SetBytes(g.Generator().Bytes()))))
	f.Add(subjectKey(f, standardised, integer(f, big.NewInt(13)), ec.BrainpoolP256r1().Generator().Bytes()))
	info := vectors.Load(f, "icao-9303-11-i1-pace")["chip_key_info"]
	f.Add(info[13 : len(info)-3])
	f.Fuzz(func(t *testing.T, der []byte) {
		k, err := cert.ParseAgreementKey(der)
		if err != nil {
			return
		}
		require.True(t, (k.EC == nil) != (k.DH == nil))
		_, err = k.Agree([]byte{3})
		require.NoError(t, err)
	})
}
