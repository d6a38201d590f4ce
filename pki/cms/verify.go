package cms

import (
	"crypto"
	"fmt"
	"time"

	"cnie/pki/cert"
)

// Result says what a verified signature was made with.
type Result struct {
	Algorithm       cert.Algorithm
	DigestAlgorithm crypto.Hash // of the content; SHA-1 is reported, not refused
	SigningTime     *time.Time  // the signer's own claim; nil when there is none
	Deviations      []string
}

func (r *Result) deviate(what string) { r.Deviations = append(r.Deviations, what) }

// Verify verifies the signature of signer i over Content with a certificate,
// embedded or brought from elsewhere. One that the signer does not name is
// tried and listed: the name helps to find a key and proves nothing. A nil
// certificate is ErrNoSigner. Errors wrap ErrMessageDigest, ErrSignature,
// ErrNoSigner, ErrMalformed, or what ParseAlgorithm and ParseHash of pki/cert
// return; the Result is filled as far as it was found out.
func (sd *SignedData) Verify(i int, signer *cert.Certificate) (Result, error) {
	if sd.Content == nil {
		return Result{}, malformed("the content is not in the message")
	}
	return sd.verify(i, signer, func(h crypto.Hash) ([]byte, error) {
		return cert.Algorithm{Hash: h}.Digest(sd.Content), nil
	})
}

// VerifyDigest is Verify for content that was hashed elsewhere, with the hash
// that DigestAlgorithm(i) names.
func (sd *SignedData) VerifyDigest(i int, signer *cert.Certificate, digest []byte) (Result, error) {
	return sd.verify(i, signer, func(h crypto.Hash) ([]byte, error) {
		if len(digest) != h.Size() {
			return nil, fmt.Errorf("%w: digest of %d bytes for %v", ErrMessageDigest, len(digest), h)
		}
		return digest, nil
	})
}

// DigestAlgorithm is the hash that signer i applied to the content.
func (sd *SignedData) DigestAlgorithm(i int) (crypto.Hash, error) {
	if i < 0 || i >= len(sd.Signers) {
		return 0, malformed("no such signer")
	}
	return cert.ParseHash(sd.Signers[i].rawDigest)
}

func (sd *SignedData) verify(i int, signer *cert.Certificate, digestOf func(crypto.Hash) ([]byte, error)) (Result, error) {
	var r Result
	if i < 0 || i >= len(sd.Signers) {
		return r, malformed("no such signer")
	}
	s := &sd.Signers[i]
	if signer == nil {
		return r, sd.noSigner()
	}
	if odd := s.oddly(signer); odd != "" {
		r.deviate(odd)
	}
	var err error
	if r.DigestAlgorithm, r.Algorithm, err = s.algorithms(); err != nil {
		return r, fmt.Errorf("signer's algorithms: %w", err)
	}
	if d := r.Algorithm.Deviation; d != "" {
		r.deviate(d)
	}
	digest, err := digestOf(r.DigestAlgorithm)
	if err != nil {
		return r, err
	}
	if s.SignedAttributes == nil {
		return r, sd.verifyContent(&r, s, signer, digest)
	}
	return r, sd.verifyAttributes(&r, s, signer, digest)
}

// noSigner is the error for a missing certificate, with the reason where an
// embedded one was unreadable.
func (sd *SignedData) noSigner() error {
	if sd.unreadable != nil {
		return fmt.Errorf("%w: an embedded certificate is unreadable: %w", ErrNoSigner, sd.unreadable)
	}
	return ErrNoSigner
}

// verifyAttributes verifies RFC 5652 §5.4 and §5.6: the signature covers the
// attributes, and they cover the content. The content is compared first, so
// that altered content is told from an altered signature.
func (sd *SignedData) verifyAttributes(r *Result, s *Signer, signer *cert.Certificate, digest []byte) error {
	attrs, err := parseAttributes(s.SignedAttributes)
	if err != nil {
		return err
	}
	if err := attrs.checkContentType(sd.contentType); err != nil {
		return err
	}
	if err := attrs.checkDigest(digest); err != nil {
		return err
	}
	if err := attrs.checkProtection(s); err != nil {
		return err
	}
	var wellFormed bool
	if r.SigningTime, wellFormed = attrs.signingTime(); !wellFormed {
		r.deviate("signing time is malformed")
	}
	sets := [][]byte{setOf(s.SignedAttributes)}
	if !attrs.sorted { // both orders are the same attributes; signers have signed either
		r.deviate("signed attributes are not in DER order")
		sets = append(sets, sortedSetOf(s.SignedAttributes))
	}
	return r.verifyReadings(signer.PublicKey, s.Signature, func(alg cert.Algorithm) [][]byte {
		var digests [][]byte
		for _, set := range sets {
			digests = append(digests, alg.Digest(set))
		}
		return digests
	})
}

// verifyContent verifies a signature over the content itself, allowed for plain
// data only (RFC 5652 §5.3).
func (sd *SignedData) verifyContent(r *Result, s *Signer, signer *cert.Certificate, digest []byte) error {
	if string(sd.contentType) != oidData {
		r.deviate("no signed attributes, though the content is typed")
	}
	return r.verifyReadings(signer.PublicKey, s.Signature, func(alg cert.Algorithm) [][]byte {
		if alg.Hash != r.DigestAlgorithm {
			return nil
		}
		return [][]byte{digest}
	})
}
