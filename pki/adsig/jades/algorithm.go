package jades

import (
	"crypto"
	"crypto/elliptic"
	"encoding/asn1"
	"errors"
	"fmt"
	"math/big"

	"github.com/go-jose/go-jose/v4"

	"cnie/pki/cert"
)

var (
	// ErrKey reports a key that does not belong to the certificate, or that
	// cannot make such signatures.
	ErrKey = errors.New("key and certificate do not fit a JSON signature")
	// ErrMalformed reports what is no JSON Web Signature.
	ErrMalformed = errors.New("malformed JSON signature")
)

// algorithms are those of RFC 7518 §3.1 with a public key.
var algorithms = map[string]cert.Algorithm{
	"RS256": {Kind: cert.RSAPKCS1, Hash: crypto.SHA256},
	"RS384": {Kind: cert.RSAPKCS1, Hash: crypto.SHA384},
	"RS512": {Kind: cert.RSAPKCS1, Hash: crypto.SHA512},
	"PS256": {Kind: cert.RSAPSS, Hash: crypto.SHA256, MGFHash: crypto.SHA256, SaltLen: 32},
	"PS384": {Kind: cert.RSAPSS, Hash: crypto.SHA384, MGFHash: crypto.SHA384, SaltLen: 48},
	"PS512": {Kind: cert.RSAPSS, Hash: crypto.SHA512, MGFHash: crypto.SHA512, SaltLen: 64},
	"ES256": {Kind: cert.ECDSA, Hash: crypto.SHA256, Plain: true},
	"ES384": {Kind: cert.ECDSA, Hash: crypto.SHA384, Plain: true},
	"ES512": {Kind: cert.ECDSA, Hash: crypto.SHA512, Plain: true},
}

// curves are the only ones that the algorithms of ECDSA go with (RFC 7518 §3.4).
var curves = map[string]elliptic.Curve{"ES256": elliptic.P256(), "ES384": elliptic.P384(), "ES512": elliptic.P521()}

// fitting is the algorithm for a certificate's key.
func fitting(key cert.PublicKey, pss bool) (jose.SignatureAlgorithm, error) {
	switch {
	case key.RSA != nil && (pss || key.PSS != nil):
		return jose.PS256, nil
	case key.RSA != nil:
		return jose.RS256, nil
	}
	for name := range curves {
		if onCurve(key, name) {
			return jose.SignatureAlgorithm(name), nil
		}
	}
	return "", fmt.Errorf("%w: no algorithm for this kind of key", ErrKey)
}

// onCurve reports whether a key is on the curve that goes with an algorithm, which
// is any for those of RSA.
func onCurve(key cert.PublicKey, algorithm string) bool {
	curve, bound := curves[algorithm]
	return !bound || key.EC != nil && key.EC.Curve().Order().Cmp(curve.Params().N) == 0
}

// plain turns ECDSA's DER into the two numbers side by side, as RFC 7518 §3.4
// has it.
func plain(algorithm string, der []byte) ([]byte, error) {
	curve, bound := curves[algorithm]
	if !bound {
		return der, nil
	}
	var pair struct{ R, S *big.Int }
	rest, err := asn1.Unmarshal(der, &pair)
	size := (curve.Params().BitSize + 7) / 8
	if err != nil || len(rest) > 0 || pair.R.Sign() < 0 || pair.S.Sign() < 0 || pair.R.BitLen() > 8*size || pair.S.BitLen() > 8*size {
		return nil, fmt.Errorf("%w: the key's signature is malformed", ErrKey)
	}
	out := make([]byte, 2*size)
	pair.R.FillBytes(out[:size])
	pair.S.FillBytes(out[size:])
	return out, nil
}
