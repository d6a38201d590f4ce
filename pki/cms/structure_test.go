package cms_test

import (
	"bytes"
	"strings"
	"testing"

	"cnie/internal/vectors"
	"cnie/pki/cert"
	"cnie/pki/cms"
	"cnie/pki/specimen"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wrap encodes one element in DER.
func wrap(tag byte, parts ...[]byte) []byte {
	content := bytes.Join(parts, nil)
	n := len(content)
	switch {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, content...)
	case n < 0x10000:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, content...)
	}
	return append([]byte{tag, 0x83, byte(n >> 16), byte(n >> 8), byte(n)}, content...)
}

var (
	oidSignedData = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	oidData       = []byte{0x06, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	sha256ID      = wrap(0x30, []byte{0x06, 9, 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04, 0x02, 0x01})
	ecdsaID       = wrap(0x30, []byte{0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02})
	signerInfo    = wrap(0x30, []byte{2, 1, 3}, []byte{0x80, 1, 9}, sha256ID, ecdsaID, []byte{4, 0})
)

// build makes a message around the parts that a test is about.
func build(certificates, signers []byte) []byte {
	return wrap(0x30, oidSignedData, wrap(0xa0, wrap(0x30, []byte{2, 1, 3}, wrap(0x31, sha256ID),
		wrap(0x30, oidData, wrap(0xa0, []byte{4, 1, 7})), certificates, signers)))
}

// TestBounds counts what a message may carry.
func TestBounds(t *testing.T) {
	signers := func(n int) []byte { return wrap(0x31, bytes.Repeat(signerInfo, n)) }
	certificates := func(n int) []byte { return wrap(0xa0, bytes.Repeat([]byte{0x30, 0}, n)) }
	for _, c := range []struct {
		name    string
		message []byte
		ok      bool
	}{
		{"no signer", build(nil, signers(0)), true},
		{"most signers", build(nil, signers(cms.MaxSigners)), true},
		{"too many signers", build(nil, signers(cms.MaxSigners+1)), false},
		{"most certificates", build(certificates(cms.MaxCertificates), signers(1)), true},
		{"too many certificates", build(certificates(cms.MaxCertificates+1), signers(1)), false},
		{"empty", nil, false},
		{"another type", wrap(0x30, oidData, wrap(0xa0, []byte{4, 1, 7})), false},
		{"trailing byte", append(build(nil, signers(1)), 0), false},
	} {
		sd, err := cms.Parse(c.message)
		if !c.ok {
			assert.ErrorIs(t, err, cms.ErrMalformed, c.name)
			if kind, many := strings.CutPrefix(c.name, "too many "); many { // in words that say what is wrong
				assert.Regexp(t, "more than [0-9]+ "+kind+"$", err.Error())
			}
			continue
		}
		require.NoError(t, err, c.name)
		assert.Equal(t, []byte{7}, sd.Content, c.name)
	}
}

// TestUnreadableCertificate says why the signer is missing.
func TestUnreadableCertificate(t *testing.T) {
	sd, err := cms.Parse(build(wrap(0xa0, []byte{0x30, 0}), wrap(0x31, signerInfo)))
	require.NoError(t, err)
	assert.Len(t, sd.Deviations, 1)
	_, err = sd.Verify(0, nil)
	assert.ErrorIs(t, err, cms.ErrNoSigner)
	assert.ErrorIs(t, err, cert.ErrMalformed)
}

// TestUnsortedAttributes accepts signed attributes in another order than the
// one that was signed, and lists it.
func TestUnsortedAttributes(t *testing.T) {
	message := specimenSOD(t, specimen.SODOptions{})
	sd, err := cms.Parse(message)
	require.NoError(t, err)
	attributes := sd.Signers[0].SignedAttributes
	first := 2 + int(attributes[1])
	swapped := append(bytes.Clone(attributes[first:]), attributes[:first]...)
	altered := bytes.Replace(message, attributes, swapped, 1)

	sd, err = cms.Parse(altered)
	require.NoError(t, err)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	result, err := sd.Verify(0, signer)
	require.NoError(t, err)
	assert.Equal(t, []string{"signed attributes are not in DER order"}, result.Deviations)

	messageDigest := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x04}
	contentType := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x09, 0x03}
	twice := bytes.Replace(message, messageDigest, contentType, 1)
	sd, err = cms.Parse(twice)
	require.NoError(t, err)
	_, err = sd.Verify(0, signer)
	assert.ErrorIs(t, err, cms.ErrMalformed)
}

// TestPaddedSerial lists a serial number in more octets than it takes, by which
// the certificate is found all the same.
func TestPaddedSerial(t *testing.T) {
	message, rest := takeApart(t, specimenSOD(t, specimen.SODOptions{}))
	require.Empty(t, rest)
	parts := message.members[1].members[0].members
	serial := parts[len(parts)-1].members[0].members[1].members[1]
	require.Equal(t, byte(0x02), serial.tag)
	for _, padding := range [][]byte{nil, {0}} {
		serial.content = append(padding, serial.content...)
		sd, err := cms.Parse(message.encode())
		require.NoError(t, err)
		signer, found := sd.SignerCertificate(0)
		require.True(t, found)
		result, err := sd.Verify(0, signer)
		require.NoError(t, err)
		assert.Len(t, result.Deviations, len(padding))
	}
}

// TestAlgorithmProtection notices an algorithm exchanged under the attribute
// that protects it; the German master list has one.
func TestAlgorithmProtection(t *testing.T) {
	raw := vectors.File(t, "masterlist", "DE_ML_2025-06-25-09-31-57.ml")
	at := bytes.LastIndex(raw, ecdsaID)
	require.Positive(t, at)
	raw[at+len(ecdsaID)-1] = 3 // SHA-384
	sd, err := cms.Parse(raw)
	require.NoError(t, err)
	signer, found := sd.SignerCertificate(0)
	require.True(t, found)
	_, err = sd.Verify(0, signer)
	assert.ErrorIs(t, err, cms.ErrMalformed)
	assert.ErrorContains(t, err, "protected")
}
