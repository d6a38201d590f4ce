package client

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/rsa"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"slices"
)

// Names of algorithms, RFC 8017 appendix C, RFC 5758 §3.2, RFC 5754 §2.
const (
	anyRSA = "1.2.840.113549.1.1.1"
	pssRSA = "1.2.840.113549.1.1.10"
	anyEC  = "1.2.840.10045.2.1"
)

var hashes = map[crypto.Hash]struct{ name, rsa, ec string }{
	crypto.SHA256: {"2.16.840.1.101.3.4.2.1", "1.2.840.113549.1.1.11", "1.2.840.10045.4.3.2"},
	crypto.SHA384: {"2.16.840.1.101.3.4.2.2", "1.2.840.113549.1.1.12", "1.2.840.10045.4.3.3"},
	crypto.SHA512: {"2.16.840.1.101.3.4.2.3", "1.2.840.113549.1.1.13", "1.2.840.10045.4.3.4"},
}

// method is how a signature is made, and how the service calls that.
type method struct {
	hash       crypto.Hash
	hashName   string
	name       string
	parameters []byte
	pss        *rsa.PSSOptions
}

// method finds a name for what is asked for among those that the service gave. The
// one that also says the hash comes first.
func (k *Key) method(opts crypto.SignerOpts) (method, error) {
	if opts == nil {
		return method{}, ErrUnsupported
	}
	h, known := hashes[opts.HashFunc()]
	if !known {
		return method{}, ErrUnsupported
	}
	m := method{hash: opts.HashFunc(), hashName: h.name}
	var names []string
	switch k.Public().(type) {
	case *rsa.PublicKey:
		names = []string{h.rsa, anyRSA}
		if pss, is := opts.(*rsa.PSSOptions); is {
			return m.withPSS(pss, k.told.Key.Algorithms)
		}
	case *ecdsa.PublicKey:
		if _, is := opts.(*rsa.PSSOptions); !is {
			names = []string{h.ec, anyEC}
		}
	}
	for _, name := range names {
		if slices.Contains(k.told.Key.Algorithms, name) {
			m.name = name
			return m, nil
		}
	}
	return method{}, ErrUnsupported
}

// pssParameters are RSASSA-PSS-params, RFC 8017 appendix A.2.3.
type pssParameters struct {
	Hash pkix.AlgorithmIdentifier `asn1:"explicit,tag:0"`
	Mask pkix.AlgorithmIdentifier `asn1:"explicit,tag:1"`
	Salt int                      `asn1:"explicit,tag:2"`
}

func (m method) withPSS(o *rsa.PSSOptions, offered []string) (method, error) {
	if !slices.Contains(offered, pssRSA) {
		return method{}, ErrUnsupported
	}
	salt := o.SaltLength
	if salt == rsa.PSSSaltLengthAuto || salt == rsa.PSSSaltLengthEqualsHash {
		salt = m.hash.Size()
	}
	hash := pkix.AlgorithmIdentifier{Algorithm: identifier(m.hashName)}
	inner, err := asn1.Marshal(hash)
	if err != nil {
		return method{}, fmt.Errorf("encode the parameters of PSS: %w", err)
	}
	m.name, m.pss = pssRSA, &rsa.PSSOptions{SaltLength: salt, Hash: m.hash}
	m.parameters, err = asn1.Marshal(pssParameters{hash, pkix.AlgorithmIdentifier{
		Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 8}, Parameters: asn1.RawValue{FullBytes: inner}, // MGF1
	}, salt})
	return m, err
}

// identifier is the number of a hash of NIST's: all but the last are the same.
func identifier(name string) asn1.ObjectIdentifier {
	return asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, int(name[len(name)-1] - '0')}
}

// verified gives a signature in the form that crypto.Signer has, if it is one.
// The standard does not say how ECDSA's two numbers are written: services send
// the ASN.1 form, or one after the other.
func (m method) verified(public crypto.PublicKey, digest, signature []byte) ([]byte, bool) {
	switch key := public.(type) {
	case *rsa.PublicKey:
		if m.pss != nil {
			return signature, rsa.VerifyPSS(key, m.hash, digest, signature, m.pss) == nil
		}
		return signature, rsa.VerifyPKCS1v15(key, m.hash, digest, signature) == nil
	case *ecdsa.PublicKey:
		if ecdsa.VerifyASN1(key, digest, signature) {
			return signature, true
		}
		half := (key.Params().BitSize + 7) / 8
		if len(signature) != 2*half {
			return nil, false
		}
		der, err := asn1.Marshal(struct{ R, S *big.Int }{new(big.Int).SetBytes(signature[:half]), new(big.Int).SetBytes(signature[half:])})
		return der, err == nil && ecdsa.VerifyASN1(key, digest, der)
	}
	return nil, false
}
