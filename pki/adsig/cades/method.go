package cades

import (
	"crypto"
	"encoding/asn1"
	"fmt"

	"cnie/pki/cert"
	"cnie/pki/cms"
)

// method is how a signature is made.
type method struct {
	cert.Algorithm
	identifier, digestIdentifier []byte
}

func (s *Signer) contentType() asn1.ObjectIdentifier {
	if s.Type == nil {
		return oidData
	}
	return s.Type
}

// DigestAlgorithm is the hash with which the content is to be hashed.
func (s *Signer) DigestAlgorithm() (crypto.Hash, error) {
	m, err := s.method()
	return m.Hash, err
}

// method follows from the certificate's key, not from Key: what a card or a
// remote service shows as its public key may be of any Go type.
func (s *Signer) method() (m method, err error) {
	if len(s.Chain) == 0 {
		return m, fmt.Errorf("%w: no certificate", ErrKey)
	}
	key := s.Chain[0].PublicKey
	m.Hash = s.Hash
	if m.Hash == 0 {
		m.Hash = fittingHash(key)
	}
	switch {
	case key.EC != nil:
		m.Kind = cert.ECDSA
	case key.RSA != nil && (s.PSS || key.PSS != nil):
		m.Kind, m.MGFHash, m.SaltLen = cert.RSAPSS, m.Hash, m.Hash.Size()
	case key.RSA != nil:
		m.Kind = cert.RSAPKCS1
	default:
		return m, fmt.Errorf("%w: a key of an unknown kind", ErrKey)
	}
	if m.identifier, err = cms.SignatureIdentifier(m.Algorithm); err != nil {
		return m, fmt.Errorf("choose the algorithm: %w", err)
	}
	m.digestIdentifier, err = cms.HashIdentifier(m.Hash)
	return m, err
}

// fittingHash is about as strong as the key (FIPS 186-5 §6.1.1).
func fittingHash(key cert.PublicKey) crypto.Hash {
	if key.PSS != nil && key.PSS.Hash != 0 {
		return key.PSS.Hash
	}
	if key.EC != nil {
		switch bits := key.EC.Curve().Order().BitLen(); {
		case bits > 384:
			return crypto.SHA512
		case bits > 256:
			return crypto.SHA384
		}
	}
	return crypto.SHA256
}
