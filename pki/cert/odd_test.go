package cert_test

import (
	"bytes"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"

	"cnie/pki/cert"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Two names are one only if their attributes are, however these are spelt: a
// value that looks like the end of one attribute and the beginning of the next is
// a value.
func TestNamesThatLookAlike(t *testing.T) {
	attribute := func(id byte, value string) []byte {
		pair := append([]byte{0x06, 3, 0x55, 4, id, 0x0c, byte(len(value))}, value...)
		return append([]byte{0x31, byte(len(pair) + 2), 0x30, byte(len(pair))}, pair...)
	}
	name := func(attributes ...[]byte) []byte {
		content := bytes.Join(attributes, nil)
		return append([]byte{0x30, byte(len(content))}, content...)
	}
	two := name(attribute(6, "ma"), attribute(10, "state"))
	one := name(attribute(6, "ma\x01\x02U\x04\n\x00state"))
	parse := func(raw []byte) cert.Name {
		list, err := cert.ParseCRL(revocationsOf(t, raw))
		require.NoError(t, err)
		return list.Issuer
	}
	assert.False(t, parse(one).Equal(parse(two)))
	assert.True(t, parse(two).Equal(parse(two)))
	assert.Equal(t, "MA", parse(two).Country)
	assert.NotEqual(t, "IS", parse(name(attribute(6, "\u0131\u017f"))).Country, "letters that only look like them")
}

// revocationsOf is an empty list in a name, with extensions as they are given,
// which nobody signed.
func revocationsOf(t *testing.T, name []byte, extensions ...[]byte) []byte {
	t.Helper()
	wrap := func(tag byte, parts ...[]byte) []byte {
		der, err := asn1.Marshal(asn1.RawValue{Class: int(tag >> 6), Tag: int(tag & 0x1f), IsCompound: tag&0x20 != 0, Bytes: bytes.Join(parts, nil)})
		require.NoError(t, err)
		return der
	}
	algorithm := wrap(0x30, []byte{0x06, 8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 4, 3, 2})
	parts := [][]byte{{2, 1, 1}, algorithm, name, wrap(0x17, []byte("260101000000Z")), wrap(0x17, []byte("260401000000Z"))}
	if len(extensions) > 0 {
		parts = append(parts, wrap(0xa0, wrap(0x30, extensions...)))
	}
	return wrap(0x30, wrap(0x30, parts...), algorithm, wrap(0x03, []byte{0, 1}))
}

func crlExtension(t *testing.T, critical bool, value []byte, id ...int) []byte {
	t.Helper()
	der, err := asn1.Marshal(pkix.Extension{Id: id, Critical: critical, Value: value})
	require.NoError(t, err)
	return der
}

// What is only the difference from another list is not a list, whether or not it
// calls that critical; and no extension stands twice.
func TestPartsOfLists(t *testing.T) {
	name := []byte{0x30, 0}
	number := crlExtension(t, false, []byte{2, 1, 5}, 2, 5, 29, 20)
	list, err := cert.ParseCRL(revocationsOf(t, name, number, crlExtension(t, false, []byte{2, 1, 4}, 2, 5, 29, 27)))
	require.NoError(t, err)
	assert.Equal(t, []asn1.ObjectIdentifier{{2, 5, 29, 27}}, list.UnknownCritical)
	_, err = cert.ParseCRL(revocationsOf(t, name, number, number))
	assert.ErrorIs(t, err, cert.ErrMalformed)
}

// Times that are not written as RFC 5280 §4.1.2.5 asks are told; what is no time
// at all is refused.
func TestOddTimes(t *testing.T) {
	tmpl := template()
	tmpl.Subject.CommonName = "a name that keeps lengths above 255"
	raw := create(t, tmpl)
	old := []byte("\x17\x0d260101000000Z\x17\x0d270101000000Z")
	require.Equal(t, 1, bytes.Count(raw, old))
	const odd = "its validity is not written as RFC 5280 §4.1.2.5 asks"
	for _, c := range []struct {
		tag  byte
		text string
		want string
	}{
		{0x17, "260101000000Z", ""},
		{0x17, "491231235959Z", ""},
		{0x17, "500101000000Z", ""}, // of 1950
		{0x18, "20500101000000Z", ""},
		{0x18, "99991231235959Z", ""},
		{0x18, "20491231235959Z", odd},
		{0x18, "00000101000000Z", odd},
		{0x17, "2601010000Z", odd},
		{0x17, "260101000000+0100", odd},
		{0x18, "20260101000000+0100", odd},
		{0x17, "260230000000Z", "refused"},
		{0x17, "260101240000Z", "refused"},
		{0x17, "260101000000", "refused"},
		{0x18, "20260101000000.5Z", "refused"},
		{0x18, "2026010100Z", "refused"},
		{0x18, "+0260101000000Z", "refused"},
	} {
		validity := append([]byte("\x17\x0d260101000000Z"), c.tag, byte(len(c.text)))
		validity = append(validity, c.text...)
		more := len(validity) - len(old)
		der := bytes.Replace(raw, append([]byte{0x30, byte(len(old))}, old...), append([]byte{0x30, byte(len(validity))}, validity...), 1)
		for _, at := range []int{3, 7} { // the lengths of the whole and of what is signed
			require.Equal(t, byte(0x82), der[at-2])
			length := int(der[at-1])<<8 + int(der[at]) + more
			der[at-1], der[at] = byte(length>>8), byte(length)
		}
		got, err := cert.Parse(der)
		switch {
		case c.want == "refused":
			assert.ErrorIs(t, err, cert.ErrMalformed, c.text)
		case assert.NoError(t, err, c.text) && c.want == "":
			assert.Empty(t, got.Deviations, c.text)
		case err == nil:
			assert.Equal(t, []string{c.want}, got.Deviations, c.text)
		}
	}
}
