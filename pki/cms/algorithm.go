package cms

import (
	"crypto"
	"encoding/asn1"
	"fmt"

	"cnie/pki/cert"

	"golang.org/x/crypto/cryptobyte"
	cbasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// The hashes that are written, and the signatures with them. SHA-1 and SHA-224
// are read and never written.
var hashIdentifiers = map[crypto.Hash]asn1.ObjectIdentifier{
	crypto.SHA256: {2, 16, 840, 1, 101, 3, 4, 2, 1},
	crypto.SHA384: {2, 16, 840, 1, 101, 3, 4, 2, 2},
	crypto.SHA512: {2, 16, 840, 1, 101, 3, 4, 2, 3},
}

var signatureIdentifiers = map[cert.Kind]map[crypto.Hash]asn1.ObjectIdentifier{
	cert.RSAPKCS1: {
		crypto.SHA256: {1, 2, 840, 113549, 1, 1, 11},
		crypto.SHA384: {1, 2, 840, 113549, 1, 1, 12},
		crypto.SHA512: {1, 2, 840, 113549, 1, 1, 13},
	},
	cert.ECDSA: {
		crypto.SHA256: {1, 2, 840, 10045, 4, 3, 2},
		crypto.SHA384: {1, 2, 840, 10045, 4, 3, 3},
		crypto.SHA512: {1, 2, 840, 10045, 4, 3, 4},
	},
}

var (
	oidPSS  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 10}
	oidMGF1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}
)

// HashIdentifier is the AlgorithmIdentifier of a hash, without parameters
// (RFC 5754 §2). The error wraps cert.ErrUnsupported.
func HashIdentifier(h crypto.Hash) ([]byte, error) {
	oid, known := hashIdentifiers[h]
	if !known {
		return nil, fmt.Errorf("write %v: %w", h, cert.ErrUnsupported)
	}
	return identifier(oid, nil)
}

// SignatureIdentifier is the AlgorithmIdentifier of a signature with all its
// parameters (RFC 4055 §3.1, §5; RFC 5758 §3.2). The error wraps
// cert.ErrUnsupported.
func SignatureIdentifier(a cert.Algorithm) ([]byte, error) {
	if a.Kind == cert.RSAPSS {
		return pssIdentifier(a)
	}
	oid, known := signatureIdentifiers[a.Kind][a.Hash]
	if !known || a.Plain {
		return nil, fmt.Errorf("write %v: %w", a, cert.ErrUnsupported)
	}
	if a.Kind == cert.RSAPKCS1 {
		return identifier(oid, []byte{byte(cbasn1.NULL), 0})
	}
	return identifier(oid, nil)
}

func pssIdentifier(a cert.Algorithm) ([]byte, error) {
	hash, err := HashIdentifier(a.Hash)
	if err != nil {
		return nil, err
	}
	mask, err := HashIdentifier(a.MGFHash)
	if err != nil {
		return nil, err
	}
	mgf, err := identifier(oidMGF1, mask)
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1(cbasn1.Tag(0xa0), func(b *cryptobyte.Builder) { b.AddBytes(hash) })
		b.AddASN1(cbasn1.Tag(0xa1), func(b *cryptobyte.Builder) { b.AddBytes(mgf) })
		b.AddASN1(cbasn1.Tag(0xa2), func(b *cryptobyte.Builder) { b.AddASN1Int64(int64(a.SaltLen)) })
	})
	parameters, err := b.Bytes()
	if err != nil {
		return nil, err
	}
	return identifier(oidPSS, parameters)
}

func identifier(oid asn1.ObjectIdentifier, parameters []byte) ([]byte, error) {
	var b cryptobyte.Builder
	b.AddASN1(cbasn1.SEQUENCE, func(b *cryptobyte.Builder) {
		b.AddASN1ObjectIdentifier(oid)
		b.AddBytes(parameters)
	})
	return b.Bytes()
}
