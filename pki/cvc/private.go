package cvc

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/asn1"
	"fmt"

	"cnie/internal/ec"
	"cnie/internal/secret"
)

// PrivateKey is a terminal's. It does not print.
type PrivateKey struct {
	rsa    *rsa.PrivateKey
	curve  *ec.Curve
	scalar secret.Bytes
}

// ParsePrivateKey reads a PKCS #8 key (RFC 5208) in DER: RSA, or on any curve of
// Doc 9303-11, named or spelled out. Errors wrap ErrKey and say nothing of it.
func ParsePrivateKey(der []byte) (*PrivateKey, error) {
	if len(der) > maxSize {
		return nil, fmt.Errorf("%w: longer than any", ErrKey)
	}
	if key, err := x509.ParsePKCS8PrivateKey(der); err == nil {
		if k, is := key.(*rsa.PrivateKey); is {
			return &PrivateKey{rsa: k}, nil
		}
	}
	var outer struct {
		Version   int
		Algorithm struct {
			OID        asn1.ObjectIdentifier
			Parameters asn1.RawValue `asn1:"optional"`
		}
		Key []byte
	}
	if _, err := asn1.Unmarshal(der, &outer); err != nil || !outer.Algorithm.OID.Equal(oidECPublicKey) {
		return nil, fmt.Errorf("%w: neither RSA nor on a curve, as PKCS #8", ErrKey)
	}
	curve, err := readCurve(outer.Algorithm.Parameters.FullBytes)
	if err != nil {
		return nil, err
	}
	var inner struct { // RFC 5915
		Version int
		Key     []byte
		Rest    asn1.RawValue `asn1:"optional,tag:0"`
		Public  asn1.RawValue `asn1:"optional,tag:1"`
	}
	if _, err := asn1.Unmarshal(outer.Key, &inner); err != nil || len(inner.Key) > curve.ScalarBytes() {
		return nil, fmt.Errorf("%w: no private key inside", ErrKey)
	}
	scalar := append(make([]byte, curve.ScalarBytes()-len(inner.Key)), inner.Key...)
	return &PrivateKey{curve: curve, scalar: secret.New(scalar)}, nil
}

var oidECPublicKey = asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}

func readCurve(der []byte) (*ec.Curve, error) {
	var id asn1.ObjectIdentifier
	if rest, err := asn1.Unmarshal(der, &id); err == nil && len(rest) == 0 {
		if c, known := ec.ByOID(id); known {
			return c, nil
		}
	}
	c, err := ec.MatchExplicit(der)
	if err != nil {
		return nil, fmt.Errorf("%w: its curve is not known here", ErrKey)
	}
	return c, nil
}

// belongs reports whether it is the private half of the public key.
func (p *PrivateKey) belongs(k PublicKey) bool {
	if p.rsa != nil {
		return k.RSA != nil && p.rsa.PublicKey.Equal(k.RSA)
	}
	if k.Curve != nil && k.Curve != p.curve { // nil: that of an issuer who is not at hand
		return false
	}
	public, err := p.curve.Generator().Mul(p.scalar.Reveal())
	return err == nil && bytes.Equal(public.Bytes(), k.Point)
}

// Sign signs a message by the algorithm of the public key: RSA, or ECDSA in the
// plain form of BSI TR-03111 §5.2.1. Errors wrap ErrKey.
func (p *PrivateKey) Sign(k PublicKey, message []byte) ([]byte, error) {
	if !p.belongs(k) {
		return nil, fmt.Errorf("%w: it is not that of the certificate", ErrKey)
	}
	h := k.scheme.hash.New()
	h.Write(message)
	digest := h.Sum(nil)
	if p.rsa != nil {
		return p.signRSA(k.scheme, digest)
	}
	r, s, err := ec.Sign(p.curve, p.scalar.Reveal(), digest)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	signature := make([]byte, 2*p.curve.ScalarBytes())
	r.FillBytes(signature[:p.curve.ScalarBytes()])
	s.FillBytes(signature[p.curve.ScalarBytes():])
	return signature, nil
}

func (p *PrivateKey) signRSA(s scheme, digest []byte) ([]byte, error) {
	var options crypto.SignerOpts = s.hash
	if s.pss {
		options = &rsa.PSSOptions{SaltLength: s.hash.Size(), Hash: s.hash}
	}
	signature, err := p.rsa.Sign(rand.Reader, digest, options)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrKey, err)
	}
	return signature, nil
}
