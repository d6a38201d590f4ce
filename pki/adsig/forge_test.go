package adsig_test

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/x509"

	"cnie/pki/adsig"
	"cnie/pki/adsig/cades"
	"cnie/pki/adsig/tsp"
	"cnie/pki/cms"

	"github.com/stretchr/testify/require"
)

func at(d cades.Digests) adsig.Input { return adsig.Input{Digests: d} }

// altered changes a message without its signers.
func (s *scene) altered(message []byte, change func(*cms.Parts)) []byte {
	s.t.Helper()
	sd, err := cms.Parse(message)
	require.NoError(s.t, err)
	p, err := sd.Parts()
	require.NoError(s.t, err)
	change(&p)
	encoded, err := p.Encode()
	require.NoError(s.t, err)
	return encoded
}

// otherSignature is a signature by the signer over something else.
func (s *scene) otherSignature() []byte {
	signature, err := s.signer.Key.Sign(rand.Reader, make([]byte, 32), crypto.SHA256)
	require.NoError(s.t, err)
	return signature
}

// twin is a second certificate of the signer's, with the same key, name and
// number and another validity.
func (s *scene) twin() []byte {
	template := *s.signer.X509
	template.NotAfter = template.NotAfter.AddDate(1, 0, 0)
	der, err := x509.CreateCertificate(rand.Reader, &template, s.CA.X509, s.signer.Key.Public(), s.CA.Key)
	require.NoError(s.t, err)
	return der
}

// stamp is the attribute with a timestamp over content.
func (s *scene) stamp(content []byte) cms.Attribute {
	sum, err := (&memory{content}).digest(crypto.SHA256)
	require.NoError(s.t, err)
	token, err := tsp.Ask(s.t.Context(), s.Stamp, crypto.SHA256, sum)
	require.NoError(s.t, err)
	return cades.ContentStamp(token.Raw)
}

// signOver signs with one more attribute.
func (s *scene) signOver(more cms.Attribute) []byte {
	signer := cades.Signer{Key: s.signer.Key, Chain: s.Chain(s.signer), At: s.Now, Attributes: []cms.Attribute{more}}
	message, err := signer.SignReader(bytes.NewReader(content))
	require.NoError(s.t, err)
	return message
}
