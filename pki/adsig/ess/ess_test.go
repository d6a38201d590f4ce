package ess_test

import (
	"bytes"
	"crypto"
	"encoding/asn1"
	"testing"

	"cnie/pki/adsig/adsigtest"
	"cnie/pki/adsig/ess"
	"cnie/pki/cms"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestCheck names one certificate and tries others, among them one with the same
// key, which is what the attribute is for.
func TestCheck(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	twin := lab.Signer(signer.Key)
	for _, h := range []crypto.Hash{crypto.SHA256, crypto.SHA384, crypto.SHA512} {
		a, err := ess.Attribute(signer.Cert, h)
		require.NoError(t, err)
		found, err := ess.Check([]cms.Attribute{a}, signer.Cert)
		require.NoError(t, err)
		assert.Equal(t, h, found)
		_, err = ess.Check([]cms.Attribute{a}, twin.Cert)
		assert.ErrorIs(t, err, ess.ErrMismatch)
		_, err = ess.Check([]cms.Attribute{a, a}, signer.Cert)
		assert.ErrorIs(t, err, ess.ErrMalformed)
	}
	_, err := ess.Check(nil, signer.Cert)
	assert.ErrorIs(t, err, ess.ErrMissing)
	_, err = ess.Attribute(signer.Cert, crypto.SHA1)
	assert.Error(t, err, "a weak reference is not written")
}

// TestDamaged flips each byte of the reference: none of them is taken for the
// certificate's, but for the spelling of its issuer's name.
func TestDamaged(t *testing.T) {
	lab := adsigtest.New(t)
	signer := lab.Signer(nil)
	a, err := ess.Attribute(signer.Cert, crypto.SHA384)
	require.NoError(t, err)
	for i := range a.Values[0] {
		damaged := bytes.Clone(a.Values[0])
		damaged[i] ^= 0x01
		_, err := ess.Check([]cms.Attribute{cms.NewAttribute(ess.OIDSigningCertificateV2, damaged)}, signer.Cert)
		if err == nil { // another kind of string: names are compared by what they say
			assert.Equal(t, byte(asn1.TagPrintableString), a.Values[0][i], "byte %d", i)
		}
	}
	_, err = ess.Check([]cms.Attribute{cms.NewAttribute(ess.OIDSigningCertificateV2)}, signer.Cert)
	assert.ErrorIs(t, err, ess.ErrMalformed)
}

// FuzzCheck looks for panics.
func FuzzCheck(f *testing.F) {
	lab := adsigtest.New(f)
	signer := lab.Signer(nil)
	a, err := ess.Attribute(signer.Cert, crypto.SHA384)
	require.NoError(f, err)
	f.Add(a.Values[0], true)
	f.Add(a.Values[0], false)
	f.Fuzz(func(t *testing.T, value []byte, second bool) {
		kind := map[bool]asn1.ObjectIdentifier{true: ess.OIDSigningCertificateV2, false: ess.OIDSigningCertificate}[second]
		if h, err := ess.Check([]cms.Attribute{cms.NewAttribute(kind, value)}, signer.Cert); err == nil {
			sum := h.New()
			sum.Write(signer.Cert.Raw)
			assert.Contains(t, string(value), string(sum.Sum(nil)))
		}
	})
}
