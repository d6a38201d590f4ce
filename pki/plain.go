package pki

import (
	"crypto"
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"

	"cnie/lds"
	"cnie/pki/cert"
)

const activeVersion = 1 // ICAO 9303-11 §9.2.4

var (
	errUnannounced = errors.New("no intact EF.DG14 says which hash function goes with a key on a curve, as ICAO 9303-11 §9.2.4 demands")
	errAmbiguous   = errors.New("EF.DG14 announces more than one way to sign")
	errNotECDSA    = errors.New("EF.DG14 announces an algorithm for other keys")
)

// verifyPlain verifies an ECDSA signature over the nonce alone. It should be
// plain, r || s as BSI TR-03111 §5.2.1 has it (§6.1.2.3); identity cards exist
// that wrap it in DER.
func (e *examination) verifyPlain(key cert.PublicKey, nonce, sig []byte) (signature, error) {
	made := signature{}
	algorithm, err := e.announcedAlgorithm()
	if err != nil {
		return made, err
	}
	if !algorithm.Plain {
		made.deviate("EF.DG14 announces signatures in DER instead of plain ones")
	}
	if algorithm.Hash == crypto.SHA1 {
		made.deviate("SHA-1, which §6.1.2.3 excludes")
	}
	if 8*algorithm.Hash.Size() > keyBits(key) {
		made.deviate("a hash longer than the key")
	}
	digest := algorithm.Digest(nonce)
	algorithm.Plain = true
	if key.Verify(algorithm, digest, sig) != nil {
		algorithm.Plain = false
		if key.Verify(algorithm, digest, sig) != nil {
			return made, errOtherNonce
		}
		made.deviate("a signature in DER instead of a plain one")
	}
	made.hash = algorithm.Hash
	made.described = algorithm.String() + " on " + key.EC.Curve().Name()
	return made, nil
}

// announcedAlgorithm is what the signed EF.DG14 says of the chip's signatures.
// Guessing the hash function would mean trying until one fits.
func (e *examination) announcedAlgorithm() (cert.Algorithm, error) {
	var announced []lds.ActiveAuthenticationInfo
	if e.security != nil {
		for _, info := range e.security.ActiveAuth {
			if info.Version == activeVersion {
				announced = append(announced, info)
			}
		}
	}
	if len(announced) == 0 {
		return cert.Algorithm{}, errUnannounced
	}
	for _, other := range announced[1:] {
		if !other.SignatureAlgorithm.Equal(announced[0].SignatureAlgorithm) {
			return cert.Algorithm{}, errAmbiguous
		}
	}
	der, err := asn1.Marshal(pkix.AlgorithmIdentifier{Algorithm: announced[0].SignatureAlgorithm})
	if err != nil {
		return cert.Algorithm{}, errNotECDSA
	}
	algorithm, err := cert.ParseAlgorithm(der, 0)
	if err == nil && algorithm.Kind != cert.ECDSA {
		err = errNotECDSA
	}
	return algorithm, err
}
