package order

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	_ "crypto/sha256" // for Hash.Size
	_ "crypto/sha512"
)

// HashAlgorithm is the hash under which documents are named and digests made.
type HashAlgorithm string

// SignatureAlgorithm is how a key signs a digest. ECDSA signatures are DER, as CMS
// has them; those of PSS have a salt as long as the hash, and MGF1 with that hash.
type SignatureAlgorithm string

// The algorithms.
const (
	SHA256 HashAlgorithm = "SHA-256"
	SHA384 HashAlgorithm = "SHA-384"
	SHA512 HashAlgorithm = "SHA-512"

	ECDSA    SignatureAlgorithm = "ecdsa"
	RSAPKCS1 SignatureAlgorithm = "rsa-pkcs1"
	RSAPSS   SignatureAlgorithm = "rsa-pss"
)

// Hash is the algorithm as package crypto has it, 0 when it is none of these.
func (h HashAlgorithm) Hash() crypto.Hash {
	switch h {
	case SHA256:
		return crypto.SHA256
	case SHA384:
		return crypto.SHA384
	case SHA512:
		return crypto.SHA512
	}
	return 0
}

// Options are what a crypto.Signer is told to make such a signature.
func (s SignatureAlgorithm) Options(h HashAlgorithm) crypto.SignerOpts {
	if s == RSAPSS {
		return &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash, Hash: h.Hash()}
	}
	return h.Hash()
}

// Fits tells whether a key can make such signatures.
func (s SignatureAlgorithm) Fits(key crypto.PublicKey) bool {
	switch key.(type) {
	case *ecdsa.PublicKey:
		return s == ECDSA
	case *rsa.PublicKey:
		return s == RSAPKCS1 || s == RSAPSS
	}
	return false
}

// Verify verifies a signature of a digest.
func (s SignatureAlgorithm) Verify(key crypto.PublicKey, h HashAlgorithm, digest, signature []byte) bool {
	switch key := key.(type) {
	case *ecdsa.PublicKey:
		return s == ECDSA && ecdsa.VerifyASN1(key, digest, signature)
	case *rsa.PublicKey:
		if s == RSAPSS {
			return rsa.VerifyPSS(key, h.Hash(), digest, signature, &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthEqualsHash}) == nil
		}
		return s == RSAPKCS1 && rsa.VerifyPKCS1v15(key, h.Hash(), digest, signature) == nil
	}
	return false
}
