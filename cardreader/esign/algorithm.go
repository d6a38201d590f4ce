package esign

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"errors"
	"fmt"
)

// ErrSignature says that a card's signature is not one of the key that its
// certificate names.
var ErrSignature = errors.New("the card's signature does not verify with its certificate")

// ErrUnsupported says that a key cannot be used, or not in this way.
var ErrUnsupported = errors.New("this kind of key or signature is not supported")

// minRSA is the shortest modulus that SP 800-78-5 table 3-1 and ETSI TS 119 312
// still let sign; maxRSA bounds what a card can make the terminal compute.
const minRSA, maxRSA = 2048, 8192

// algorithmOf names a key that can sign here.
func algorithmOf(public crypto.PublicKey) (string, error) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if bits := key.N.BitLen(); bits >= minRSA && bits <= maxRSA && bits%8 == 0 {
			return fmt.Sprintf("RSA-%d", bits), nil
		}
	case *ecdsa.PublicKey:
		switch name := key.Curve.Params().Name; name {
		case "P-256", "P-384", "P-521":
			return name, nil
		}
	}
	return "", ErrUnsupported
}

// acceptable refuses what should not be signed before a PIN is spent on it.
func acceptable(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts) error {
	if opts == nil {
		return fmt.Errorf("sign without a hash: %w", ErrUnsupported)
	}
	hash := opts.HashFunc()
	switch hash {
	case crypto.SHA256, crypto.SHA384, crypto.SHA512:
	default:
		return fmt.Errorf("sign a hash other than SHA-256, SHA-384 and SHA-512: %w", ErrUnsupported)
	}
	if len(digest) != hash.Size() {
		return fmt.Errorf("sign %d bytes as %v: %w", len(digest), hash, ErrUnsupported)
	}
	if _, is := public.(*rsa.PublicKey); !is && pss(opts) != nil {
		return fmt.Errorf("sign with PSS and a key that is not RSA: %w", ErrUnsupported)
	}
	return nil
}

// pss is nil when PSS is not asked for.
func pss(opts crypto.SignerOpts) *rsa.PSSOptions {
	o, _ := opts.(*rsa.PSSOptions)
	return o
}

// verify checks what the card made, with a key that it did not just tell.
func verify(public crypto.PublicKey, digest []byte, opts crypto.SignerOpts, signature []byte) error {
	good := false
	switch key := public.(type) {
	case *rsa.PublicKey:
		if o := pss(opts); o != nil {
			good = rsa.VerifyPSS(key, opts.HashFunc(), digest, signature, o) == nil
		} else {
			good = rsa.VerifyPKCS1v15(key, opts.HashFunc(), digest, signature) == nil
		}
	case *ecdsa.PublicKey:
		good = ecdsa.VerifyASN1(key, digest, signature)
	}
	if !good {
		return ErrSignature
	}
	return nil
}
