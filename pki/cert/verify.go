package cert

import (
	"crypto/rsa"
	"fmt"
	"math/big"

	"cnie/internal/ec"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// Verify verifies a signature over a digest made with alg.Hash. Errors are
// ErrSignature, or wrap ErrUnsupported when nothing could be decided.
func (k PublicKey) Verify(alg Algorithm, digest, signature []byte) error {
	if alg.Kind == 0 || !alg.Hash.Available() || k.RSA == nil && k.EC == nil {
		return fmt.Errorf("verify %v: %w", alg, ErrUnsupported)
	}
	if len(digest) != alg.Hash.Size() {
		return fmt.Errorf("digest of %d bytes for %v: %w", len(digest), alg.Hash, ErrSignature)
	}
	switch {
	case alg.Kind == RSAPKCS1 && k.RSA != nil && k.PSS == nil:
		return verdict(rsa.VerifyPKCS1v15(k.RSA, alg.Hash, digest, signature) == nil)
	case alg.Kind == RSAPSS && k.RSA != nil:
		return k.verifyPSS(alg, digest, signature)
	case alg.Kind == ECDSA && k.EC != nil:
		return k.verifyECDSA(alg, digest, signature)
	}
	return fmt.Errorf("%v under another kind of key: %w", alg.Kind, ErrSignature)
}

func verdict(ok bool) error {
	if !ok {
		return ErrSignature
	}
	return nil
}

// verifyPSS leaves the arithmetic to crypto/rsa, except for what it cannot be
// asked: two hashes, and no salt, which it takes for "any". RFC 4055 §3.1
// advises against the first and allows both.
func (k PublicKey) verifyPSS(alg Algorithm, digest, signature []byte) error {
	if !alg.MGFHash.Available() {
		return fmt.Errorf("RSA-PSS without a hash for its mask: %w", ErrUnsupported)
	}
	if r := k.PSS; r != nil && r.Hash != 0 { // RFC 4055 §3.3
		if r.Hash != alg.Hash || r.MGFHash != alg.MGFHash || alg.SaltLen < r.SaltLen {
			return fmt.Errorf("RSA-PSS parameters that the key forbids: %w", ErrSignature)
		}
	}
	if alg.MGFHash != alg.Hash || alg.SaltLen == 0 {
		return verdict(verifyEMSA(k.RSA, alg, digest, signature))
	}
	options := rsa.PSSOptions{SaltLength: alg.SaltLen, Hash: alg.Hash}
	return verdict(rsa.VerifyPSS(k.RSA, alg.Hash, digest, signature, &options) == nil)
}

func (k PublicKey) verifyECDSA(alg Algorithm, digest, signature []byte) error {
	r, s, ok := splitECDSA(signature)
	if alg.Plain {
		r, s, ok = splitPlain(signature, k.EC.Curve().ScalarBytes())
	}
	if !ok || r.Sign() <= 0 || s.Sign() <= 0 {
		return ErrSignature
	}
	return verdict(ec.Verify(k.EC, digest, r, s))
}

// splitECDSA reads ECDSA-Sig-Value (RFC 3279 §2.2.3), strictly DER.
func splitECDSA(signature cryptobyte.String) (r, s *big.Int, ok bool) {
	var body cryptobyte.String
	r, s = new(big.Int), new(big.Int)
	ok = signature.ReadASN1(&body, cbasn1.SEQUENCE) && signature.Empty() &&
		body.ReadASN1Integer(r) && body.ReadASN1Integer(s) && body.Empty()
	return r, s, ok
}

// splitPlain reads r || s, each as long as the group order (BSI TR-03111 §5.2.1).
func splitPlain(signature []byte, size int) (r, s *big.Int, ok bool) {
	if len(signature) != 2*size {
		return nil, nil, false
	}
	return new(big.Int).SetBytes(signature[:size]), new(big.Int).SetBytes(signature[size:]), true
}

// CheckSignatureFrom verifies that parent's key made c's signature, and nothing
// else: not that parent is a certification authority, nor names or dates.
// Errors wrap ErrSignature or ErrUnsupported.
func (c *Certificate) CheckSignatureFrom(parent *Certificate) error {
	return checkSignature(c.SignatureAlgorithm, c.RawTBS, c.Signature, parent)
}

// CheckSignatureFrom verifies that issuer's key made the list's signature, and
// nothing else.
func (l *CRL) CheckSignatureFrom(issuer *Certificate) error {
	return checkSignature(l.SignatureAlgorithm, l.RawTBS, l.Signature, issuer)
}

func checkSignature(alg Algorithm, message, signature []byte, signer *Certificate) error {
	if alg.Kind == 0 || !alg.Hash.Available() {
		return fmt.Errorf("verify signature: %w", ErrUnsupported)
	}
	return signer.PublicKey.Verify(alg, alg.Digest(message), signature)
}
