package ca

import (
	"crypto"
	"crypto/x509"
	"math/big"
	"testing"

	"github.com/digitorus/timestamp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"
)

// What the strict parser takes, another parser takes and understands alike.
func FuzzStampRequest(f *testing.F) {
	for _, r := range []timestamp.Request{
		{HashAlgorithm: crypto.SHA256, HashedMessage: make([]byte, 32), Certificates: true, Nonce: big.NewInt(-5)},
		{HashAlgorithm: crypto.SHA512, HashedMessage: make([]byte, 64), TSAPolicyOID: stampPolicy},
		{HashAlgorithm: crypto.SHA1, HashedMessage: make([]byte, 20)},
	} {
		der, err := r.Marshal()
		require.NoError(f, err)
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		read, refused := parseStampRequest(der)
		if refused != nil {
			_, err := refused.encode()
			require.NoError(t, err)
			return
		}
		other, err := timestamp.ParseRequest(der)
		require.NoError(t, err)
		assert.Equal(t, other.HashAlgorithm, read.hash)
		assert.Equal(t, other.HashedMessage, read.digest)
		assert.Equal(t, other.Certificates, read.certificates)
		assert.Equal(t, other.Nonce, read.nonce)
		assert.Equal(t, other.TSAPolicyOID, read.policy)
	})
}

// Whatever is taken for a question can be asked again.
func FuzzOCSPQuestion(f *testing.F) {
	issuer := &x509.Certificate{RawSubjectPublicKeyInfo: []byte{0x30, 0x09, 0x30, 0x03, 0x06, 0x01, 0x2A, 0x03, 0x02, 0x00, 0x01}}
	for _, hash := range []crypto.Hash{crypto.SHA1, crypto.SHA256} {
		der, err := ocsp.CreateRequest(&x509.Certificate{SerialNumber: big.NewInt(4711)}, issuer, &ocsp.RequestOptions{Hash: hash})
		require.NoError(f, err)
		f.Add(der)
	}
	f.Fuzz(func(t *testing.T, der []byte) {
		asked, err := parseQuestion(der)
		if err != nil {
			return
		}
		again, err := asked.Marshal()
		require.NoError(t, err)
		_, err = parseQuestion(again)
		require.NoError(t, err)
	})
}
