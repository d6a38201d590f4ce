package simulator

import (
	"bytes"
	"crypto"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"cnie/internal/ec"
	"cnie/pki/specimen/cvca"
)

// certificates are of every kind: an authority's, a verifier's, a terminal's.
func certificates(t testing.TB, key cvca.Key) (bodies [][]byte) {
	a, err := cvca.New("fuzz", cvca.Options{Key: key})
	require.NoError(t, err)
	v, err := a.Verifier(cvca.HolderOptions{})
	require.NoError(t, err)
	is, err := v.Terminal(cvca.HolderOptions{})
	require.NoError(t, err)
	for _, certificate := range [][]byte{a.Certificate, v.Certificate, is.Certificate} {
		content, rest, ok := take(certificate, tagCertificate)
		require.True(t, ok)
		require.Empty(t, rest)
		bodies = append(bodies, content)
	}
	return bodies
}

// TestEveryByteOfACertificate: whatever byte is changed, the chip notices.
func TestEveryByteOfACertificate(t *testing.T) {
	for _, key := range []cvca.Key{{Curve: ec.BrainpoolP224r1(), Hash: crypto.SHA256}, {RSA: 2048, Hash: crypto.SHA512}} {
		bodies := certificates(t, key)
		root, ok := parseCertificate(bodies[0], nil)
		require.True(t, ok)
		issuer := root.imported(^byte(roleMask))
		accepted := func(body []byte) bool {
			c, ok := parseCertificate(body, &issuer.key)
			return ok && (&trust{date: 250407}).accept(&c, &issuer)
		}
		require.True(t, accepted(bodies[1]))
		for i := range bodies[1] {
			changed := bytes.Clone(bodies[1])
			changed[i] ^= 1
			assert.False(t, accepted(changed), "byte %d", i)
			assert.False(t, accepted(bodies[1][:i]), "%d bytes", i)
		}
	}
}

// FuzzCertificate wants a certificate that parses to have been taken apart whole:
// what was signed and the signature are all of it.
func FuzzCertificate(f *testing.F) {
	var issuer *cvKey
	for _, key := range []cvca.Key{{Curve: ec.P256(), Hash: crypto.SHA256}, {RSA: 2048, PSS: true, Hash: crypto.SHA256}} {
		bodies := certificates(f, key)
		for _, body := range bodies {
			f.Add(body)
		}
		if root, ok := parseCertificate(bodies[0], nil); ok && issuer == nil {
			issuer = &root.key
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		c, ok := parseCertificate(data, issuer)
		if !ok {
			return
		}
		if !bytes.HasPrefix(data, c.body) || !bytes.HasSuffix(data, c.signature) || (c.key.rsa == nil) == (c.key.point == nil) {
			t.Fatal("the parts are not the whole")
		}
		c.key.verify(c.body, c.signature)
	})
}
