package cms

import (
	"errors"
	"fmt"

	"cnie/pki/cert"
)

// A reading is one way to understand how a signer meant its signature. The
// stated one comes first; the others are mistakes that signers of documents in
// circulation have made, and none of them changes what was signed or by which
// key. The reading that verifies is listed when it is not the stated one.
type reading struct {
	algorithm cert.Algorithm
	odd       string
}

// readings lists the ways to take the stated algorithm under this key.
func (r *Result) readings(key cert.PublicKey, signature []byte) []reading {
	stated := r.Algorithm
	all := []reading{{algorithm: stated}}
	if stated.Hash != r.DigestAlgorithm && stated.Kind != cert.RSAPSS {
		// RFC 5652 §5.4 hashes everything with the digest algorithm, whatever
		// hash the signature's identifier names.
		other := stated
		other.Hash = r.DigestAlgorithm
		all = append(all, reading{other, fmt.Sprintf("signature algorithm names %v, but %v was used", stated.Hash, other.Hash)})
	}
	if stated.Kind == cert.ECDSA && !stated.Plain && key.EC != nil && len(signature) == 2*key.EC.Curve().ScalarBytes() {
		for _, known := range all {
			known.algorithm.Plain = true
			if known.odd != "" {
				known.odd += "; "
			}
			known.odd += "ECDSA signature is written plain where DER is stated"
			all = append(all, known)
		}
	}
	return all
}

// verifyReadings tries the readings in turn over the digests that each allows.
func (r *Result) verifyReadings(key cert.PublicKey, signature []byte, digests func(cert.Algorithm) [][]byte) error {
	for _, way := range r.readings(key, signature) {
		for _, digest := range digests(way.algorithm) {
			err := key.Verify(way.algorithm, digest, signature)
			if errors.Is(err, cert.ErrSignature) {
				continue
			}
			if err == nil && way.odd != "" {
				r.deviate(way.odd)
			}
			if err == nil && way.algorithm.Hash != r.DigestAlgorithm {
				r.deviate(fmt.Sprintf("content hashed with %v, attributes with %v", r.DigestAlgorithm, way.algorithm.Hash))
			}
			r.Algorithm = way.algorithm
			return err
		}
	}
	return ErrSignature
}
